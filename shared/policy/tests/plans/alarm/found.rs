//! What is found wrong with a fleet.

use insta::assert_snapshot;
use serde_json::{Value, json};
use snapkeep_policy::alarm::{Condition, Finding, Memory, assess};
use snapkeep_policy::tags;

use super::{NOW, sound};
use crate::fixtures::*;

pub(super) fn findings(fleet: &Fleet, policy: &Value, now: &str) -> Vec<Finding> {
    let document = document(policy);
    assess(&fleet.view(&document, now), &Memory::default())
}

/// What is found, a line each.
pub(super) fn found(fleet: &Fleet, policy: &Value, now: &str) -> String {
    let line = |it: Finding| {
        let (condition, severity) = (it.condition.as_str(), it.severity);
        format!("{severity:?} {condition} {} in {}: {}", it.subject, it.region, it.message)
    };
    let lines: Vec<String> = findings(fleet, policy, now).into_iter().map(line).collect();
    lines.join("\n")
}

pub(super) fn conditions(fleet: &Fleet, policy: &Value, now: &str) -> Vec<Condition> {
    findings(fleet, policy, now).into_iter().map(|finding| finding.condition).collect()
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    assert_eq!(found(&sound(), &policy(&[]), NOW), "");
}

#[test]
fn a_slot_that_stays_open_is_missed_after_its_time() {
    let fleet = Fleet::of([cluster("shepherd").status("stopped")])
        .snapshot(point(&cluster("shepherd"), "2026-03-05T02:00:00Z"));
    assert_eq!(found(&fleet, &policy(&[]), "2026-03-06T03:00:00Z"), "");
    assert_snapshot!(found(&fleet, &policy(&[]), "2026-03-06T04:00:01Z"), @"
    Warning slot-missed shepherd in us-west-2: shepherd has no recovery point for slot 2026-03-06T02:00Z, 2 h 0 min ago; the database is stopped
    Warning recovery-point-missing shepherd in us-west-2: shepherd: the newest recovery point is 1 d 2 h old, the limit is 1 d 1 h
    ");
}

#[test]
fn a_database_without_a_recovery_point_for_too_long_is_found_whatever_the_schedule_says() {
    let shepherd = cluster("shepherd");
    let monthly = policy(&[("/schedules", json!(["cron(0 2 1 * ? *)"]))]);
    let fleet = Fleet::of([shepherd.clone()]).snapshot(point(&shepherd, "2026-03-01T02:00:00Z"));
    assert_snapshot!(found(&fleet, &monthly, NOW), @"Warning recovery-point-missing shepherd in us-west-2: shepherd: the newest recovery point is 5 d 10 h old, the limit is 1 d 1 h");
    let never = Fleet::of([shepherd.clone().created("2026-03-05T09:00:00Z")]);
    assert!(found(&never, &monthly, NOW).contains("shepherd has no recovery point at all"));
    let young = Fleet::of([shepherd.created("2026-03-06T09:00:00Z")]);
    assert_eq!(found(&young, &monthly, NOW), "");
}

#[test]
fn what_is_still_being_taken_and_what_is_only_a_copy_is_no_recovery_point_yet() {
    let (shepherd, policy) = (cluster("shepherd"), policy(&[copied()]));
    let yesterday = point(&shepherd, "2026-03-05T02:00:00Z");
    let today = point(&shepherd, "2026-03-06T02:00:00Z");
    for newest in [today.clone().status("creating"), today.copy("2026-03-06T02:30:00Z")] {
        let fleet = Fleet::of([shepherd.clone()]).snapshots([yesterday.clone(), newest]);
        let found = findings(&fleet, &policy, NOW);
        let missing = found.iter().find(|it| it.condition == Condition::RecoveryPointMissing);
        let named = missing.unwrap().figures.recovery_point.clone();
        assert_eq!(named.as_deref(), Some(&*yesterday.arn.id));
    }
}

#[test]
fn what_could_be_lost_is_measured_from_the_nearest_way_back() {
    let policy = policy(&[("/objectives", json!({ "rpo": "PT15M" }))]);
    let restorable = |time: &str| {
        let mut fleet = sound();
        fleet.region_mut(HOME).databases[0].latest_restorable_at = Some(at(time));
        fleet
    };
    assert_eq!(found(&restorable("2026-03-06T11:45:00Z"), &policy, NOW), "");
    assert_snapshot!(found(&restorable("2026-03-06T11:44:00Z"), &policy, NOW), @"Warning rpo-exceeded shepherd in us-west-2: shepherd could only be restored to 2026-03-06T11:44Z, 16 min ago; the RPO is 15 min");
    assert!(found(&sound(), &policy, NOW).contains("restored to 2026-03-06T02:00Z, 10 h 0 min"));
}

#[test]
fn copies_are_late_by_region() {
    let (shepherd, policy) = (cluster("shepherd"), policy(&[copied()]));
    let points = daily(&shepherd, "2026-03-04", 3);
    let fleet = Fleet::of([shepherd]).snapshots(points.clone());
    let copying = points[0].copy("2026-03-06T02:30:00Z").status("copying");
    let fleet = fleet.snapshots([copying, points[1].copy("2026-03-06T02:30:00Z")]);
    assert_snapshot!(found(&fleet, &policy, NOW), @"Warning copy-late shepherd in us-east-1: shepherd: 2 copies into us-east-1 are late, the oldest by slot 2026-03-04T02:00Z");
    assert_eq!(conditions(&fleet.clone().unseen(AWAY), &policy, NOW), [Condition::RegionUnseen]);
}

#[test]
fn the_newest_verdict_counts_and_its_absence_too() {
    let limited = ("/alarms", json!({ "unverified_after": "P3D" }));
    let policy = policy(&[verified(), limited]);
    let shepherd = cluster("shepherd");
    let of = |verdicts: [&str; 2]| {
        let points = daily(&shepherd, "2026-03-05", 2).into_iter().zip(verdicts);
        let points = points.map(|(point, verdict)| {
            let time = format!("{}T07:00:00Z", &point.tags[tags::SLOT][..10]);
            if verdict.is_empty() { point } else { point.judged(verdict, &time) }
        });
        found(&Fleet::of([shepherd.clone()]).snapshots(points), &policy, "2026-03-06T12:00:01Z")
    };
    assert_eq!(of(["fail", "pass"]), "");
    assert_snapshot!([of(["pass", "fail"]), of(["pass", "inconclusive"]), of(["pass", ""])].join("\n"), @"
    Warning verification-failed shepherd in us-west-2: shepherd: snapkeep-shepherd-20260306t0200z-80b8d47d48 failed its verification at 2026-03-06T07:00Z
    Warning verification-inconclusive shepherd in us-west-2: shepherd: the verification of snapkeep-shepherd-20260306t0200z-80b8d47d48 ended at 2026-03-06T07:00Z without a result
    Warning verification-overdue shepherd in us-west-2: shepherd: the verification due at 2026-03-06T06:00Z has no verdict
    ");
    let long_ago = point(&shepherd, "2026-03-02T02:00:00Z").judged("pass", "2026-03-02T07:00:00Z");
    let today = point(&shepherd, "2026-03-06T02:00:00Z").judged("inconclusive", NOW);
    let fleet = Fleet::of([shepherd]).snapshots([long_ago, today]);
    assert_snapshot!(found(&fleet, &policy, NOW), @"
    Warning verification-inconclusive shepherd in us-west-2: shepherd: the verification of snapkeep-shepherd-20260306t0200z-80b8d47d48 ended at 2026-03-06T12:00Z without a result
    Warning verification-overdue shepherd in us-west-2: shepherd wasn't proven to restore for 4 d 5 h, the limit is 3 d 0 h
    ");
}

#[test]
fn the_fleet_as_a_whole_is_judged() {
    let stranger = cluster("wordpress").tagged("tier", "none");
    let weak = cluster("weak").said(|it| {
        (it.automated_retention_days, it.encrypted, it.deletion_protection) = (0, false, false);
    });
    let locked = cluster("locked").status("inaccessible-encryption-credentials");
    let databases = [weak.clone(), locked.clone()];
    let points = databases.each_ref().map(|it| point(it, "2026-03-06T02:00:00Z"));
    let mut two = policy(&[]);
    two["policies"]["idle"] = two["policies"]["critical"].clone();
    two["policies"]["idle"]["select"] = json!({ "databases": ["nowhere"] });
    two["policies"]["second"] = two["policies"]["critical"].clone();
    two["policies"]["second"]["select"] = json!({ "databases": ["weak"] });
    let late = scratch(&points[0], "2026-03-06T05:59:00Z");
    let fleet = Fleet::of(databases).database(stranger).database(late).snapshots(points);
    assert_snapshot!(found(&fleet, &two, NOW), @"
    Warning unprotected wordpress in us-west-2: wordpress (docdb) is under no policy
    Warning contested weak in us-west-2: weak is claimed by the policies critical and second
    Warning nothing-selected idle in us-east-1: the policy idle selects no database
    Info posture weak in us-west-2: weak has no automated backups, isn't encrypted, has no deletion protection
    Critical key-unusable locked in us-west-2: locked is inaccessible-encryption-credentials: its key can't be used
    Critical scratch-lingering snapkeep-scratch-weak in us-west-2: snapkeep-scratch-weak is still there 2 h 1 min after its deadline
    ");
}

#[test]
fn tampering_is_found() {
    let shepherd = cluster("shepherd");
    let snapshot = point(&shepherd, "2026-03-05T02:00:00Z").untagged(tags::OWNER);
    let half_marked = cluster("orders").tagged(tags::SCRATCH, "prod");
    let of_today = point(&half_marked, "2026-03-06T02:00:00Z");
    let unmarked = scratch(&snapshot, NOW).said(|it| it.tags.remove(tags::SCRATCH));
    let fleet = sound().snapshots([snapshot, of_today]).database(half_marked).database(unmarked);
    assert_snapshot!(found(&fleet, &policy(&[]), NOW), @"
    Warning tampered orders in us-west-2: orders is tagged as a scratch database but not named like one
    Warning tampered snapkeep-scratch-shepherd in us-west-2: snapkeep-scratch-shepherd is named like a scratch database but not tagged as one
    Warning tampered snapkeep-shepherd-20260305t0200z-736891fbbd in us-west-2: snapkeep-shepherd-20260305t0200z-736891fbbd lacks the tag snapkeep:owner: put it back, or delete the snapshot by hand
    ");
}

#[test]
fn what_the_other_verbs_refuse_is_told_by_verb_database_and_region() {
    let (shepherd, orders) = (cluster("shepherd"), cluster("orders"));
    let keyless = json!([{ "region": AWAY }]);
    let points = daily(&shepherd, "2026-02-25", 10);
    let attempts =
        (0..3).map(|n| point(&orders, "2026-03-06T02:00:00Z").attempt(n).status("failed"));
    let fleet = Fleet::of([shepherd, orders.clone()]).snapshots(points).snapshots(attempts);
    let fleet = fleet.snapshot(point(&orders, "2026-03-05T12:00:00Z"));
    assert_snapshot!(found(&fleet, &policy(&[("/copies", keyless)]), "2026-03-06T03:00:00Z"), @"
    Warning copy-late orders in us-east-1: orders: 1 copies into us-east-1 are late, the oldest by slot 2026-03-05T12:00Z
    Warning copy-late shepherd in us-east-1: shepherd: 2 copies into us-east-1 are late, the oldest by slot 2026-03-04T02:00Z
    Warning refused copy orders in us-east-1: copy refuses: snapkeep-orders-20260305t1200z-4e00404dbe is encrypted: name a kms_key of us-east-1 in the policy
    Warning refused copy shepherd in us-east-1: copy refuses: snapkeep-shepherd-20260304t0200z-cb81880812 is encrypted: name a kms_key of us-east-1 in the policy (and 2 more)
    Warning refused create orders in us-west-2: create refuses: orders: 3 snapshots for slot 2026-03-06T02:00Z failed: look at the database's events in RDS
    Warning refused prune shepherd in us-west-2: prune refuses: shepherd in us-west-2: 7 of 10 recovery points would go at once, and 3 may: look at the plan, then approve its hash 74b1e394f9e6fbaf
    ");
}

#[test]
fn lost_content_and_a_slow_restore_are_found_by_their_own_names() {
    let policy = policy(&[verified(), ("/objectives", json!({ "rto": "PT1H" }))]);
    let shepherd = cluster("shepherd");
    let judged = |outcome: &str| {
        let point = point(&shepherd, "2026-03-06T02:00:00Z");
        point.judged(outcome, "2026-03-06T07:00:00Z")
    };
    let of = |point| found(&Fleet::of([shepherd.clone()]).snapshot(point), &policy, NOW);
    assert_eq!(of(judged("pass").restored_in("3600")), "");
    assert_snapshot!([
        of(judged("fail").because("drift").restored_in("1800")),
        of(judged("fail").because("check")),
        of(judged("inconclusive").because("capacity")),
        of(judged("pass").because("none").restored_in("3660")),
    ].join("\n"), @"
    Warning data-dropped shepherd in us-west-2: shepherd: snapkeep-shepherd-20260306t0200z-80b8d47d48, verified at 2026-03-06T07:00Z, lost what an earlier one still held
    Warning verification-failed shepherd in us-west-2: shepherd: snapkeep-shepherd-20260306t0200z-80b8d47d48 failed its verification at 2026-03-06T07:00Z: check
    Warning verification-inconclusive shepherd in us-west-2: shepherd: the verification of snapkeep-shepherd-20260306t0200z-80b8d47d48 ended at 2026-03-06T07:00Z without a result: capacity
    Warning rto-missed shepherd in us-west-2: shepherd: restoring snapkeep-shepherd-20260306t0200z-80b8d47d48 took 1 h 1 min, the RTO is 1 h 0 min
    ");
}
