//! How long snapshots take, where no look saw them under way.

use serde_json::json;
use snapkeep_policy::inventory::Snapshot;

use super::Watch;
use crate::fixtures::*;

/// The seconds that the last snapshots took.
fn took(watch: &Watch) -> Vec<i64> {
    watch.memory.paces.values().flat_map(|pace| pace.took_seconds.clone()).collect()
}

/// A watch that looked once, when there was nothing but yesterday's recovery point.
fn watch(looked_at: &str) -> (Watch, Fleet) {
    let shepherd = cluster("shepherd");
    let fleet = Fleet::of([shepherd.clone()]).snapshot(point(&shepherd, "2026-03-05T02:00:00Z"));
    let mut watch = Watch::new(policy(&[]));
    watch.look(&fleet, looked_at);
    assert_eq!(took(&watch), [0_i64; 0], "nobody knows how long it took");
    (watch, fleet)
}

fn of_today() -> Snapshot {
    point(&cluster("shepherd"), "2026-03-06T02:00:00Z")
}

#[test]
fn one_that_was_begun_and_done_between_two_looks_took_the_time_since_it_was_begun() {
    let (mut watch, fleet) = watch("2026-03-06T01:45:00Z");
    let fleet = fleet.snapshot(of_today().made("2026-03-06T02:01:00Z"));
    watch.look(&fleet, "2026-03-06T02:15:00Z");
    assert_eq!(took(&watch), [14 * 60]);
    watch.look(&fleet, "2026-03-06T02:30:00Z");
    assert_eq!(took(&watch), [14 * 60], "once");
}

#[test]
fn one_that_was_begun_before_the_last_look_and_not_seen_then_is_not_timed() {
    for (made, expected) in [
        ("2026-03-06T02:00:29Z", &[][..]),
        // AWS's clock and ours may be a moment apart.
        ("2026-03-06T02:00:30Z", &[14 * 60 + 30]),
    ] {
        let (mut watch, fleet) = watch("2026-03-06T02:00:30Z");
        watch.look(&fleet.snapshot(of_today().made(made)), "2026-03-06T02:15:00Z");
        assert_eq!(took(&watch), expected, "{made}");
    }
    let (mut watch, fleet) = watch("2026-03-06T02:00:30Z");
    let silent = of_today().said(|it| it.created_at = None);
    watch.look(&fleet.snapshot(silent), "2026-03-06T02:15:00Z");
    assert_eq!(took(&watch), [0_i64; 0], "AWS doesn't say when it was begun");
}

#[test]
fn one_that_was_there_at_the_last_look_is_not_timed_again_whatever_aws_dates_it() {
    let (mut watch, fleet) = watch("2026-03-06T01:45:00Z");
    // Seen ten seconds before it was begun: AWS's clock is ahead of ours.
    let fleet = fleet.snapshot(of_today().made("2026-03-06T02:00:10Z"));
    watch.look(&fleet, "2026-03-06T02:00:00Z");
    assert_eq!(took(&watch), [0], "not less than nothing");
    watch.look(&fleet, "2026-03-06T02:15:00Z");
    assert_eq!(took(&watch), [0]);
}

/// Whether the newest of these is told as slow, a day each, and for how long.
fn is_slow(seconds: &[i64], hours_later: i64) -> bool {
    let shepherd = cluster("shepherd");
    let limits = json!({ "slot_after": "PT24H", "missing_after": "P9D" });
    let kept = ("/retention", json!({ "keep_last": 30 }));
    let mut watch = Watch::new(policy(&[("/alarms", limits), kept]));
    let mut fleet = Fleet::of([shepherd.clone()]);
    let mut done = at("2026-03-01T01:00:00Z");
    watch.look(&fleet, &done.to_string());
    for (day, seconds) in seconds.iter().enumerate() {
        let slot = at("2026-03-01T02:00:00Z") + jiff::SignedDuration::from_hours(24 * day as i64);
        fleet = fleet.snapshot(point(&shepherd, &slot.to_string()));
        done = slot + jiff::SignedDuration::from_secs(*seconds);
        watch.look(&fleet, &done.to_string());
    }
    let later = done + jiff::SignedDuration::from_hours(hours_later);
    watch.look(&fleet, &later.to_string());
    watch.memory.alarms.contains_key("prod/us-west-2/snapshot-slow/shepherd")
}

#[test]
fn too_long_is_more_than_three_times_the_median_and_half_an_hour_more_for_a_day() {
    let minutes = |all: &[i64]| all.iter().map(|it| it * 60).collect::<Vec<i64>>();
    let usual = minutes(&[20, 20, 20]);
    let after = |last: i64| [&usual[..], &[last]].concat();
    assert!(!is_slow(&after(60 * 60), 0), "three times");
    assert!(is_slow(&after(60 * 60 + 1), 0));
    // Of what takes ten minutes usually, forty are half an hour more.
    let quick = minutes(&[10, 10, 10]);
    let after_quick = |last: i64| [&quick[..], &[last]].concat();
    assert!(!is_slow(&after_quick(40 * 60 - 1), 0));
    assert!(is_slow(&after_quick(40 * 60), 0));
    assert!(is_slow(&after(2 * 3600), 23));
    assert!(!is_slow(&after(2 * 3600), 24), "yesterday's news");
    // The median is what stands in the middle, whatever came last.
    assert!(is_slow(&minutes(&[50, 10, 10, 10, 10, 45]), 0));
    assert!(!is_slow(&minutes(&[10, 50, 50, 50, 10, 45]), 0));
}
