//! What exists at each age: every recovery point, by database and region.

use super::chart::{Curve, Percent, Scale, Tick};
use super::mark::Mark;
use super::text::{DAY, count, duration, instant, seconds_between};
use crate::story::{DatabaseStory, Kept, Story};

/// The picture.
pub(super) struct Ages {
    pub(super) ticks: Vec<Tick>,
    pub(super) groups: Vec<Group>,
}

/// One database.
pub(super) struct Group {
    pub(super) id: String,
    pub(super) about: String,
    pub(super) strips: Vec<Strip>,
}

/// One region of a database.
pub(super) struct Strip {
    pub(super) region: String,
    pub(super) role: &'static str,
    pub(super) count: String,
    pub(super) summary: String,
    pub(super) points: Vec<Point>,
}

/// One recovery point.
pub(super) struct Point {
    pub(super) x: Percent,
    pub(super) mark: Mark,
    pub(super) title: String,
}

pub(super) fn ages(story: &Story) -> Ages {
    let age = |kept: &Kept| seconds_between(kept.taken_at, story.ended_at);
    let kept = story.databases.iter().flat_map(|database| &database.kept);
    let scale = scale(kept.map(age).max().unwrap_or(DAY));
    let groups = story.databases.iter().map(|database| Group {
        id: database.id.clone(),
        about: format!("{}, policy {}", database.engine, database.policy),
        strips: strips(database, scale, age),
    });
    Ages { ticks: ticks(scale), groups: groups.collect() }
}

/// Ages that people speak of, in days; the minor ones are left out where there is little room.
const TICKS: [(i64, &str, bool); 11] = [
    (1, "1 d", false),
    (3, "3 d", true),
    (7, "7 d", false),
    (14, "14 d", true),
    (30, "30 d", false),
    (84, "12 w", false),
    (182, "6 mo", true),
    (365, "12 mo", false),
    (730, "2 y", true),
    (1_826, "5 y", false),
    (3_652, "10 y", false),
];

/// The scale ends with a tick, unless something is older than all of them.
fn scale(oldest_seconds: i64) -> Scale {
    let ends = TICKS.map(|(days, ..)| days * DAY);
    let end = ends.into_iter().find(|end| *end >= oldest_seconds).unwrap_or(oldest_seconds);
    Scale::new(Curve::Log { unit: DAY as f64 }, end)
}

fn ticks(scale: Scale) -> Vec<Tick> {
    let candidates = TICKS.map(|(days, label, minor)| (days * DAY, (label, minor)));
    let ticks = scale.legible(candidates, 0.0);
    ticks.into_iter().map(|(x, (label, minor))| Tick::new(x, label.to_owned(), minor)).collect()
}

/// The database's own region first, also when nothing is there; then the others by name.
fn strips(database: &DatabaseStory, scale: Scale, age: impl Fn(&Kept) -> i64) -> Vec<Strip> {
    let mut others: Vec<&str> = database.kept.iter().map(|kept| kept.region.as_str()).collect();
    others.retain(|region| *region != database.region);
    others.sort_unstable();
    others.dedup();
    let regions = [database.region.as_str()].into_iter().chain(others);
    regions
        .map(|region| {
            let here = database.kept.iter().filter(|kept| kept.region == region);
            let mut points: Vec<Point> = here.map(|kept| point(kept, scale, age(kept))).collect();
            points.sort_by_key(|point| point.mark);
            Strip {
                region: region.to_owned(),
                role: if region == database.region { "home" } else { "copy" },
                count: count(points.len()),
                summary: summary(&points),
                points,
            }
        })
        .collect()
}

fn point(kept: &Kept, scale: Scale, age_seconds: i64) -> Point {
    let mark = Mark::of(kept.verdict);
    let mut title = format!(
        "{}\n{} old, taken {} UTC, {}",
        kept.id,
        duration(age_seconds),
        instant(kept.taken_at),
        mark.words()
    );
    if !kept.reasons.is_empty() {
        title.push_str("\nkept: ");
        title.push_str(&kept.reasons.join("; "));
    }
    Point { x: Percent(scale.share(age_seconds) * 100.0), mark, title }
}

fn summary(points: &[Point]) -> String {
    let parts: Vec<String> = Mark::ALL
        .into_iter()
        .filter_map(|mark| match points.iter().filter(|point| point.mark == mark).count() {
            0 => None,
            number => Some(format!("{} {}", count(number), mark.words())),
        })
        .collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use snapkeep_policy::recovery_point::Outcome;

    use super::super::sample;
    use super::*;

    #[test]
    fn every_recovery_point_is_drawn_once_in_its_region() {
        let story = sample::good();
        let picture = ages(&story);
        for (database, group) in story.databases.iter().zip(&picture.groups) {
            let drawn: usize = group.strips.iter().map(|strip| strip.points.len()).sum();
            assert_eq!(drawn, database.kept.len());
            let roles: Vec<&str> = group.strips.iter().map(|strip| strip.role).collect();
            assert_eq!(roles, ["home", "copy"]);
        }
    }

    #[test]
    fn a_failed_recovery_point_lies_on_top_and_says_why_it_is_kept() {
        let mut story = sample::good();
        story.databases[0].kept[0].verdict = Some(Outcome::Fail);
        story.databases[0].kept[0].reasons = vec!["quarantine until tomorrow".to_owned()];
        let picture = ages(&story);
        let last = picture.groups[0].strips[0].points.last().unwrap();
        assert_eq!(last.mark, Mark::Fail);
        assert!(last.title.ends_with("failed\nkept: quarantine until tomorrow"), "{}", last.title);
    }

    #[test]
    fn a_database_without_recovery_points_still_has_its_row() {
        let mut story = sample::good();
        story.databases[0].kept.clear();
        let strips = &ages(&story).groups[0].strips;
        assert_eq!((strips.len(), strips[0].summary.as_str()), (1, "none"));
    }
}
