//! Retention from outside: literal dates for what bites users of other tools, properties over random
//! groups, rules and zones, and a second model, written naively, that must agree.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may")]

mod calendar;
mod edge_cases;
mod groups;
mod guards;
mod model;
mod properties;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SpanFieldwise, Timestamp};
use snapkeep_policy::retention::{
    Count, Decisions, Fate, Guard, Point, Retention, Verified, decide,
};

/// Later than every point, for rules that don't read the clock.
const LATE: &str = "2040-01-01T00:00:00Z";

/// Rules that keep the newest point and no more, with a guard that never blocks.
fn rules() -> Retention {
    Retention {
        keep_last: Count::Exactly(0),
        hourly: Count::Exactly(0),
        daily: Count::Exactly(0),
        weekly: Count::Exactly(0),
        monthly: Count::Exactly(0),
        yearly: Count::Exactly(0),
        within: None,
        within_hourly: None,
        within_daily: None,
        within_weekly: None,
        within_monthly: None,
        within_yearly: None,
        keep_oldest: false,
        min_keep: 1,
        verified_floor: 0,
        expire_after: None,
        quarantine: span("P14D"),
        guard: Guard { max_deletes: u32::MAX, max_percent: 100 },
        drain: None,
    }
}

fn span(text: &str) -> SpanFieldwise {
    text.parse::<jiff::Span>().unwrap().fieldwise()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A point that nothing is known of but its time.
fn point<'a>(id: &'a str, taken_at: &str) -> Point<'a> {
    Point {
        id,
        taken_at: at(taken_at),
        verified: Verified::Unknown,
        held: false,
        untouchable: None,
    }
}

fn decide_in(zone: &str, points: &[Point<'_>], rules: &Retention, now: &str) -> Decisions {
    decide(points, rules, &TimeZone::get(zone).unwrap(), at(now))
}

/// One line a decision: `id keep: reason, reason`.
fn lines(decisions: &Decisions) -> Vec<String> {
    let line = |d: &snapkeep_policy::retention::Decision| {
        let fate = serde_json::to_value(d.fate).unwrap();
        format!("{} {}: {}", d.id, fate.as_str().unwrap(), d.reasons.join(", "))
    };
    decisions.decisions.iter().map(line).collect()
}

fn fates(decisions: &Decisions) -> BTreeMap<&str, Fate> {
    decisions.decisions.iter().map(|d| (d.id.as_str(), d.fate)).collect()
}

#[track_caller]
fn check(zone: &str, rules: &Retention, points: &[Point<'_>], expected: &[&str]) {
    assert_eq!(lines(&decide_in(zone, points, rules, LATE)), expected, "in {zone}");
}
