//! The answer first: are we restorable, why is it believed, and what speaks against it.

use snapkeep_policy::document::Severity;
use snapkeep_policy::recovery_point::Outcome;

use super::answer::{Figure, Verdict};
use super::text::{at_most, count, duration, plural, seconds_between};
use crate::story::{AlarmStory, DatabaseStory, Story};

/// The answer and everything that qualifies it.
pub(super) struct Headline {
    pub(super) verdict: Verdict,
    /// What the verdict rests on.
    pub(super) sentence: String,
    /// What speaks against it, worst first.
    pub(super) reservations: Vec<String>,
    pub(super) figures: Vec<Figure>,
}

/// Age of the newest existing recovery point, in any region, that was proven to restore.
pub(super) fn proven_age_seconds(story: &Story, database: &DatabaseStory) -> Option<i64> {
    let proven = database.kept.iter().filter(|kept| kept.verdict == Some(Outcome::Pass));
    proven.map(|kept| seconds_between(kept.taken_at, story.ended_at).max(0)).min()
}

pub(super) fn headline(story: &Story) -> Headline {
    let ages: Vec<Option<i64>> =
        story.databases.iter().map(|database| proven_age_seconds(story, database)).collect();
    let proven = ages.iter().flatten().count();
    let oldest = ages.iter().flatten().max().copied();
    let reservations = reservations(story, &ages);
    let verdict = match (proven, ages.len()) {
        (_, 0) => Verdict::Nothing,
        (0, _) => Verdict::No,
        (proven, all) if proven < all => Verdict::Partly,
        _ if reservations.is_empty() => Verdict::Yes,
        _ => Verdict::Reserved,
    };
    Headline {
        verdict,
        sentence: sentence(story, proven, oldest),
        reservations,
        figures: figures(story, proven, oldest),
    }
}

fn sentence(story: &Story, proven: usize, oldest: Option<i64>) -> String {
    let caught = story.incidents.iter().filter(|incident| incident.caught).count();
    let databases = match (story.databases.len(), oldest) {
        (0, _) => "No database was protected".to_owned(),
        (all, None) => {
            let none = if all == 1 { "The database has no" } else { "No database has a" };
            format!("{none} recovery point that is proven to restore")
        }
        (all, Some(age)) => format!(
            "{} {} a recovery point from the last {} that is proven to restore",
            share(proven, all, "database"),
            if proven == 1 { "has" } else { "have" },
            at_most(age)
        ),
    };
    let incidents = match story.incidents.len() {
        0 => "No incident was staged".to_owned(),
        all => format!("{} caught", share(caught, all, "incident")),
    };
    let broken = plural(story.violations.len(), "invariant violation");
    format!("{databases}. {incidents}, {broken}.")
}

/// How many of how many, on one line.
fn share(part: usize, all: usize, noun: &str) -> String {
    format!("{part} of {}", plural(all, noun)).replace(' ', "\u{a0}")
}

fn reservations(story: &Story, ages: &[Option<i64>]) -> Vec<String> {
    let mut found = Vec::new();
    for (database, age) in story.databases.iter().zip(ages) {
        if age.is_none() {
            found.push(format!("{} has no recovery point that is proven to restore.", database.id));
        }
        if let Some(age) = age.filter(|age| *age > database.missing_after_seconds) {
            let (id, age) = (&database.id, at_most(age));
            found.push(format!("The newest recovery point of {id} that is proven is {age} old."));
        }
    }
    found.extend(story.violations.iter().map(|text| format!("Invariant violated: {text}")));
    for incident in story.incidents.iter().filter(|incident| !incident.caught) {
        found.push(format!("The incident “{}” was missed.", incident.name));
    }
    for alarm in story.alarms.iter().filter(|alarm| is_open_and_critical(alarm)) {
        found.push(format!("Still open: {} of {}.", alarm.condition, alarm.subject));
    }
    found
}

fn is_open_and_critical(alarm: &AlarmStory) -> bool {
    alarm.resolved_at.is_none() && alarm.severity == Severity::Critical
}

fn figures(story: &Story, proven: usize, oldest: Option<i64>) -> Vec<Figure> {
    let caught = story.incidents.iter().filter(|incident| incident.caught).count();
    let open = story.alarms.iter().filter(|alarm| alarm.resolved_at.is_none()).count();
    let all = story.databases.len();
    let counts = &story.counts;
    vec![
        Figure {
            label: "Databases proven",
            value: format!("{proven} of {all}"),
            note: oldest.map_or_else(
                || "no proof exists".to_owned(),
                |age| format!("newest proof at most {} old", at_most(age)),
            ),
            bad: proven < all,
        },
        Figure {
            label: "Incidents caught",
            value: format!("{caught} of {}", story.incidents.len()),
            note: format!("staged in {}", plural(story.days as usize, "day")),
            bad: caught < story.incidents.len(),
        },
        Figure {
            label: "Invariant violations",
            value: count(story.violations.len()),
            note: format!(
                "under {} faults in {} calls",
                count(counts.faults_injected),
                count(counts.calls)
            ),
            bad: !story.violations.is_empty(),
        },
        rehearsed(story),
        ready(story),
        kept(story),
        Figure::plain(
            "Recovery points taken",
            count(counts.created),
            format!("{} copied, {} pruned", count(counts.copied), count(counts.pruned)),
        ),
        Figure::plain(
            "Alarms told",
            count(story.alarms.len()),
            format!("{} resolved, {} open", count(story.alarms.len() - open), count(open)),
        ),
    ]
}

fn rehearsed(story: &Story) -> Figure {
    let restores = || story.databases.iter().flat_map(|database| &database.restores);
    let ended = |outcome| count(restores().filter(|restore| restore.outcome == outcome).count());
    let [pass, fail, inconclusive] =
        [Outcome::Pass, Outcome::Fail, Outcome::Inconclusive].map(ended);
    let note = format!("{pass} pass, {fail} fail, {inconclusive} inconclusive");
    Figure::plain("Restores rehearsed", count(restores().count()), note)
}

fn kept(story: &Story) -> Figure {
    let kept = || story.databases.iter().flat_map(|database| &database.kept);
    let copies = kept().filter(|kept| kept.is_copy).count();
    let note = format!("{} at home, {} copies", count(kept().count() - copies), count(copies));
    Figure::plain("Recovery points kept", count(kept().count()), note)
}

/// How long a restore took, over all databases.
fn ready(story: &Story) -> Figure {
    let mut seconds: Vec<i64> = story
        .databases
        .iter()
        .flat_map(|database| &database.restores)
        .filter_map(|restore| restore.ready_after_seconds)
        .collect();
    seconds.sort_unstable();
    let (value, note) = match seconds.last() {
        None => ("–".to_owned(), "no restore became ready".to_owned()),
        Some(slowest) => (
            duration(seconds[seconds.len() / 2]),
            format!("median; the slowest took {}", duration(*slowest)),
        ),
    };
    Figure::plain("From request to ready", value, note)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_good_year_is_answered_with_yes_and_its_figures() {
        let answer = headline(&sample::good());
        assert_eq!((answer.verdict, answer.reservations.as_slice()), (Verdict::Yes, [].as_slice()));
        assert_eq!(
            answer.sentence.replace('\u{a0}', " "),
            "5 of 5 databases have a recovery point from the last 22 h that is proven to restore. \
             5 of 5 incidents caught, 0 invariant violations."
        );
        assert!(answer.figures.iter().all(|figure| !figure.bad));
    }

    #[test]
    fn the_verdict_is_no_better_than_the_worst_database() {
        let mut story = sample::good();
        story.databases[1].kept.clear();
        assert_eq!(headline(&story).verdict, Verdict::Partly);
        story.databases.truncate(2);
        story.databases[0].kept.iter_mut().for_each(|kept| kept.verdict = Some(Outcome::Fail));
        assert_eq!(headline(&story).verdict, Verdict::No);
        assert_eq!(headline(&sample::empty()).verdict, Verdict::Nothing);
    }

    #[test]
    fn a_violation_a_missed_incident_and_an_open_critical_alarm_are_reservations() {
        let spoil: [fn(&mut Story); 4] = [
            |story| story.databases[0].missing_after_seconds = 3_600,
            |story| story.violations.push("a verified floor was crossed".to_owned()),
            |story| story.incidents[0].caught = false,
            |story| {
                story.alarms[0].severity = Severity::Critical;
                story.alarms[0].resolved_at = None;
            },
        ];
        for change in spoil {
            let mut story = sample::good();
            change(&mut story);
            let answer = headline(&story);
            assert_eq!((answer.verdict, answer.reservations.len()), (Verdict::Reserved, 1));
        }
    }

    #[test]
    fn one_database_is_spoken_of_in_the_singular() {
        let mut story = sample::good();
        story.databases.truncate(1);
        let sentence = headline(&story).sentence.replace('\u{a0}', " ");
        assert!(sentence.starts_with("1 of 1 database has a recovery point"), "{sentence}");
    }
}
