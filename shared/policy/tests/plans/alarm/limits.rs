//! A limit is what may still be: exactly at it nothing is found.

use serde_json::{Value, json};
use snapkeep_policy::alarm::Condition;
use snapkeep_policy::inventory::Database;

use super::found::conditions;
use super::{NOW, sound};
use crate::fixtures::*;

/// Whether it is found at a second past `limit` and not at it.
fn is_found_after(fleet: &Fleet, policy: &Value, limit: &str, condition: Condition) {
    let limit = at(limit);
    let later = limit + jiff::SignedDuration::from_secs(1);
    for (now, expected) in [(limit, false), (later, true)] {
        let found = conditions(fleet, policy, &now.to_string());
        assert_eq!(found.contains(&condition), expected, "{condition:?} at {now}: {found:?}");
    }
}

#[test]
fn a_copy_is_late_after_its_rules_time() {
    let rule = json!([{ "region": AWAY, "kms_key": KEY, "late_after": "PT6H" }]);
    let policy = policy(&[("/copies", rule)]);
    is_found_after(&sound(), &policy, "2026-03-06T08:00:00Z", Condition::CopyLate);
}

#[test]
fn a_scratch_database_may_be_torn_down_for_two_hours_after_its_deadline() {
    let late =
        scratch(&point(&cluster("shepherd"), "2026-03-06T02:00:00Z"), "2026-03-06T06:00:00Z");
    let fleet = sound().database(late);
    is_found_after(&fleet, &policy(&[]), "2026-03-06T12:00:00Z", Condition::ScratchLingering);
}

#[test]
fn a_verification_has_its_deadline_and_two_hours_from_when_it_was_due() {
    let policy = policy(&[verified()]);
    let due = "2026-03-06T12:00:00Z";
    is_found_after(&sound(), &policy, due, Condition::VerificationOverdue);
    let overdue = |fleet: &Fleet| {
        conditions(fleet, &policy, "2026-03-06T12:00:01Z").contains(&Condition::VerificationOverdue)
    };
    // Its recovery point is of the very slot at which it was due, or came later.
    let taken = |time: &str| {
        let shepherd = cluster("shepherd");
        Fleet::of([shepherd.clone()]).snapshot(requested(&shepherd, "now", time))
    };
    assert!(overdue(&taken("2026-03-06T06:00:00Z")));
    assert!(!overdue(&taken("2026-03-06T06:00:01Z")), "there was nothing to restore");
}

#[test]
fn a_rehearsal_is_asked_of_a_database_that_was_there_when_it_was_due() {
    let (pointer, mut rule) = verified();
    rule["pick"] = json!({ "point-in-time": { "back": "PT1H" } });
    let policy = policy(&[(pointer, rule)]);
    let overdue = |created: Option<&str>| {
        let change = |it: &mut Database| it.created_at = created.map(at);
        let mut fleet = sound();
        change(&mut fleet.region_mut(HOME).databases[0]);
        conditions(&fleet, &policy, "2026-03-06T12:00:01Z")
            .contains(&Condition::VerificationOverdue)
    };
    assert!(overdue(Some("2026-03-06T06:00:00Z")));
    assert!(!overdue(Some("2026-03-06T06:00:01Z")));
    assert!(overdue(None), "AWS doesn't say");
}

#[test]
fn a_rehearsal_is_where_the_database_is_whatever_the_rule_says_of_recovery_points() {
    let (pointer, mut rule) = verified();
    rule["pick"] = json!({ "point-in-time": { "back": "PT1H" } });
    rule["region"] = json!(AWAY);
    let policy = policy(&[copied(), (pointer, rule)]);
    let found = super::found::findings(&sound(), &policy, "2026-03-06T12:00:01Z");
    let overdue = found.iter().find(|it| it.condition == Condition::VerificationOverdue);
    assert_eq!(overdue.unwrap().region, region(HOME));
}

#[test]
fn a_proof_holds_for_as_long_as_the_policy_allows() {
    let limited = ("/alarms", json!({ "unverified_after": "PT5H" }));
    let shepherd = cluster("shepherd");
    let passed = point(&shepherd, "2026-03-06T02:00:00Z").judged("pass", "2026-03-06T07:00:00Z");
    let fleet = Fleet::of([shepherd]).snapshot(passed);
    let policy = policy(&[verified(), limited]);
    is_found_after(&fleet, &policy, "2026-03-06T12:00:00Z", Condition::VerificationOverdue);
}

#[test]
fn verifications_without_a_result_are_louder_after_more_than_three_days() {
    let policy = policy(&[verified(), ("/retention", json!({ "keep_last": 30 }))]);
    let shepherd = cluster("shepherd");
    let of = |second: &str| {
        let first = point(&shepherd, "2026-03-03T02:00:00Z");
        let points = [
            first.judged("inconclusive", "2026-03-03T07:00:00Z"),
            point(&shepherd, "2026-03-06T02:00:00Z").judged("inconclusive", second),
        ];
        super::found::found(&Fleet::of([shepherd.clone()]).snapshots(points), &policy, NOW)
    };
    let word = "verification-inconclusive";
    assert!(of("2026-03-06T07:00:00Z").contains(&format!("Warning {word}")));
    assert!(of("2026-03-06T07:00:01Z").contains(&format!("Critical {word}")));
}

#[test]
fn a_quota_is_short_if_the_policies_come_to_more_than_it_and_near_within_two_weeks() {
    let is_found = |fleet: &Fleet, kept: u32| {
        let policy = policy(&[("/retention", json!({ "keep_last": kept }))]);
        conditions(fleet, &policy, NOW).contains(&Condition::QuotaNearlyFull)
    };
    let fleet = sound().quota(HOME, 10);
    assert!(!is_found(&fleet, 10));
    assert!(is_found(&fleet, 11));
    // One a day and fourteen more to come: the day is in exactly two weeks.
    let stranger = cluster("stranger");
    let foreign = (0..7).map(|n| {
        let made = point(&stranger, &format!("2026-03-0{}T11:00:00Z", n % 6 + 1));
        made.said(|it| {
            it.tags = Default::default();
            it.arn.id = format!("manual-{n}");
        })
    });
    let fleet = sound().snapshots(foreign);
    assert!(!is_found(&fleet.clone().quota(HOME, 22), 3), "in two weeks");
    assert!(is_found(&fleet.quota(HOME, 21), 3));
}

#[test]
fn a_schedule_of_twelve_slots_a_day_is_held_against_the_backup_window() {
    let posture = |schedule: &str, window: &str| {
        let mut fleet = sound();
        let it = &mut fleet.region_mut(HOME).databases[0];
        it.backup_window = snapkeep_policy::inventory::BackupWindow::from_aws(window);
        let policy = policy(&[("/schedules", json!([schedule]))]);
        conditions(&fleet, &policy, NOW).contains(&Condition::Posture)
    };
    assert!(posture("cron(0 0/2 * * ? *)", "04:00-04:30"));
    assert!(!posture("cron(0 0/2 * * ? *)", "03:00-03:30"));
    assert!(!posture("cron(0 * * * ? *)", "04:00-04:30"));
    // Eight days ahead are looked at, and not the moment that ends them.
    assert!(!posture("cron(0 12 14 3 ? 2026)", "11:45-12:15"));
    assert!(posture("cron(59 11 14 3 ? 2026)", "11:45-12:15"));
}
