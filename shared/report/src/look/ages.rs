//! What exists at each age: every recovery point, by database and region.

use jiff::Timestamp;
use serde::Serialize;
use snapkeep_policy::recovery_point::Outcome;

use super::chart::{Curve, Percent, Scale, Tick};
use super::mark::Mark;
use super::text::{DAY, count, duration, instant, seconds_between};

/// A recovery point that exists.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Kept {
    /// Its identifier.
    pub id: String,
    /// Where it is.
    pub region: String,
    /// Whether it is a copy.
    pub is_copy: bool,
    /// The instant to which it restores.
    pub taken_at: Timestamp,
    /// What its last verification said, if there was one.
    pub verdict: Option<Outcome>,
    /// Why it is kept.
    pub reasons: Vec<String>,
}

/// A database and what exists of it.
#[derive(Debug, Clone)]
pub struct Database<'d> {
    /// Its identifier.
    pub id: &'d str,
    /// Its region.
    pub region: &'d str,
    /// What it is, in a few words.
    pub about: String,
    /// Its recovery points, in all regions.
    pub kept: &'d [Kept],
}

/// The picture: all databases, on the same scale.
pub struct Ages {
    /// The ages that are written at the axis.
    pub ticks: Vec<Tick>,
    /// One for each database.
    pub groups: Vec<Group>,
}

/// One database.
pub struct Group {
    /// Its identifier.
    pub id: String,
    /// What it is, in a few words.
    pub about: String,
    /// Its own region first.
    pub strips: Vec<Strip>,
}

/// One region of a database.
pub struct Strip {
    /// Which.
    pub region: String,
    /// `home` or `copy`.
    pub role: &'static str,
    /// How many recovery points are there.
    pub count: String,
    /// The same by what is known of them.
    pub summary: String,
    /// Each of them; what is wrong lies on top.
    pub points: Vec<Point>,
}

/// One recovery point.
pub struct Point {
    /// Where on the axis.
    pub x: Percent,
    /// What is known of it.
    pub mark: Mark,
    /// All about it.
    pub title: String,
}

/// The picture of `databases` as they are at `now`.
#[must_use]
pub fn ages(databases: &[Database<'_>], now: Timestamp) -> Ages {
    let age = |kept: &Kept| seconds_between(kept.taken_at, now);
    let kept = databases.iter().flat_map(|database| database.kept);
    let scale = scale(kept.map(age).max().unwrap_or(DAY));
    let groups = databases.iter().map(|database| Group {
        id: database.id.to_owned(),
        about: database.about.clone(),
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
fn strips(database: &Database<'_>, scale: Scale, age: impl Fn(&Kept) -> i64) -> Vec<Strip> {
    let mut others: Vec<&str> = database.kept.iter().map(|kept| kept.region.as_str()).collect();
    others.retain(|region| *region != database.region);
    others.sort_unstable();
    others.dedup();
    let regions = [database.region].into_iter().chain(others);
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
    use super::*;

    fn kept(region: &str, verdict: Option<Outcome>) -> Kept {
        let taken_at = "2026-03-01T02:00:00Z".parse().unwrap();
        let reasons = vec!["quarantine until tomorrow".to_owned()];
        let (id, region) = ("snapkeep-a".to_owned(), region.to_owned());
        Kept { id, region, is_copy: false, taken_at, verdict, reasons }
    }

    fn group(kept: &[Kept]) -> Group {
        let database = Database { id: "a", region: "us-west-2", about: "docdb".to_owned(), kept };
        ages(&[database], "2026-03-04T12:00:00Z".parse().unwrap()).groups.remove(0)
    }

    #[test]
    fn every_recovery_point_is_drawn_once_in_its_region() {
        let group =
            group(&[kept("us-east-1", None), kept("us-west-2", None), kept("us-west-2", None)]);
        let strips = group.strips.iter().map(|s| (s.region.as_str(), s.role, s.points.len()));
        assert_eq!(
            strips.collect::<Vec<_>>(),
            [("us-west-2", "home", 2), ("us-east-1", "copy", 1)]
        );
    }

    #[test]
    fn a_failed_recovery_point_lies_on_top_and_says_why_it_is_kept() {
        let points =
            [kept("us-west-2", Some(Outcome::Fail)), kept("us-west-2", Some(Outcome::Pass))];
        let group = group(&points);
        let last = group.strips[0].points.last().unwrap();
        assert_eq!(last.mark, Mark::Fail);
        assert!(last.title.ends_with("failed\nkept: quarantine until tomorrow"), "{}", last.title);
    }

    #[test]
    fn a_database_without_recovery_points_still_has_its_row() {
        let strips = group(&[]).strips;
        assert_eq!((strips.len(), strips[0].summary.as_str()), (1, "none"));
    }
}
