//! The page as a whole: it says what the story says, needs nothing and believes nobody.

use snapkeep_policy::recovery_point::Outcome;

use super::{render, sample};
use crate::story::{Incident, Restore, Story};

fn page(story: &Story) -> String {
    render(story).unwrap()
}

#[test]
fn the_same_story_gives_the_same_bytes() {
    assert_eq!(page(&sample::good()), page(&sample::good()));
}

#[test]
fn the_page_asks_for_nothing_outside_of_itself_and_runs_nothing() {
    let page = page(&sample::good());
    for outside in ["http:", "https:", "//", "<script", "<link rel=\"stylesheet", "@import", "src="]
    {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn every_address_within_the_page_is_there_exactly_once() {
    let page = page(&sample::good());
    let after = |text: &'static str, end: char| {
        page.split(text).skip(1).map(move |rest| rest.split(end).next().unwrap_or_default())
    };
    let ids: Vec<&str> = after(" id=\"", '"').collect();
    let links = after("href=\"#", '"').chain(after("url(#", ')'));
    for link in links {
        assert_eq!(ids.iter().filter(|id| **id == link).count(), 1, "{link}");
    }
}

#[test]
fn elements_are_closed_in_the_order_in_which_they_were_opened() {
    let page = page(&hostile("plain"));
    let mut open = Vec::new();
    for tag in page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        let name = tag.split([' ', '\n', '/']).next().unwrap_or_default();
        let void = tag.ends_with('/') || ["!doctype", "meta", "link", "br", "wbr"].contains(&name);
        match tag.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "{tag}"),
            None if !void => open.push(name),
            None => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

/// A story in which every text that can be chosen by somebody is `text`.
fn hostile(text: &str) -> Story {
    let mut story = sample::good();
    let name = || text.to_owned();
    story.deployment = name();
    story.violations = vec![name()];
    story.faults = [(name(), 3)].into();
    let when = story.started_at;
    let (what, answer) = (name(), name());
    story.incidents =
        vec![Incident { at: when, until: None, name: name(), what, answer, caught: false }];
    for database in &mut story.databases {
        (database.id, database.engine, database.policy) = (name(), name(), name());
        database.region = name();
        for kept in &mut database.kept {
            (kept.id, kept.region, kept.reasons) = (name(), name(), vec![name()]);
        }
        database.restores[0] =
            Restore { at: when, outcome: Outcome::Fail, reason: name(), ready_after_seconds: None };
    }
    for alarm in &mut story.alarms {
        (alarm.condition, alarm.subject) = (name(), name());
        (alarm.region, alarm.message) = (name(), name());
    }
    story
}

#[test]
fn whatever_a_name_contains_is_text() {
    let page = page(&hostile("\"'><script>alert(1)</script><b x='"));
    for markup in ["<script", "<b x", "\"'>", "alert(1)</"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62;"));
}

#[test]
fn stories_without_parts_are_told_without_them() {
    let empty = page(&sample::empty());
    for said in ["There is nothing to restore.", "No alarm was told.", "No incident was staged"] {
        assert!(empty.contains(said), "{said}");
    }
    let thinner: [fn(&mut Story); 4] = [
        |story| story.databases.truncate(1),
        |story| story.databases.iter_mut().for_each(|database| database.samples.clear()),
        |story| story.databases.iter_mut().for_each(|database| database.restores.clear()),
        |story| story.databases.iter_mut().for_each(|database| database.kept.clear()),
    ];
    for thin in thinner {
        let mut story = sample::good();
        thin(&mut story);
        let page = page(&story);
        assert!(!page.contains("NaN") && !page.contains("inf%"));
    }
}

#[test]
fn the_page_says_how_it_can_be_made_again() {
    let page = page(&sample::good());
    assert!(page.contains("snapkeep demo --days 400 --seed 42"));
    assert!(page.contains("simulated AWS account"));
}

/// `SNAPKEEP_REPORT_SAMPLES=target cargo test -p snapkeep report_samples -- --ignored`
#[test]
#[ignore = "writes files to look at"]
fn report_samples() {
    let folder = std::env::var("SNAPKEEP_REPORT_SAMPLES").expect("names a folder");
    let samples = [("good", sample::good()), ("bad", sample::bad()), ("empty", sample::empty())];
    for (name, story) in samples {
        std::fs::write(format!("{folder}/report-{name}.html"), page(&story)).unwrap();
    }
}
