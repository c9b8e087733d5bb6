//! What programs read of an alarm: how much may be lost, how much would be, and what could be restored.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::found::findings;
use super::{NOW, Watch, sound};
use crate::fixtures::*;

/// The figures of what is found, a line each.
fn figures(fleet: &Fleet, policy: &Value, now: &str) -> String {
    let found = findings(fleet, policy, now).into_iter();
    let line = |it: snapkeep_policy::alarm::Finding| {
        format!("{} {}", it.condition.as_str(), serde_json::to_string(&it.figures).unwrap())
    };
    found.map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_alarm_of_a_database_names_its_newest_recovery_point_with_its_age_and_the_rpo() {
    let shepherd = cluster("shepherd");
    let policy = policy(&[("/objectives", json!({ "rpo": "PT15M" }))]);
    let fleet = Fleet::of([shepherd.clone(), cluster("strange").tagged("tier", "none")])
        .snapshot(point(&shepherd, "2026-03-05T02:00:00Z"));
    assert_snapshot!(figures(&fleet, &policy, NOW), @r#"
    slot-missed {"rpo":"PT15M","age":"PT34H","recovery_point":"snapkeep-shepherd-20260305t0200z-736891fbbd"}
    recovery-point-missing {"rpo":"PT15M","age":"PT34H","recovery_point":"snapkeep-shepherd-20260305t0200z-736891fbbd"}
    rpo-exceeded {"rpo":"PT15M","age":"PT34H","recovery_point":"snapkeep-shepherd-20260305t0200z-736891fbbd"}
    unprotected {}
    "#);
    let none = figures(&Fleet::of([shepherd]), &policy, NOW);
    assert!(none.contains(r#"recovery-point-missing {"rpo":"PT15M"}"#), "{none}");
}

/// Automated backups carry the RPO between two slots: what they would restore is no recovery point of ours.
#[test]
fn an_exceeded_rpo_tells_the_age_of_the_newest_data_whatever_it_would_be_restored_from() {
    let shepherd = cluster("shepherd").said(|it| {
        it.latest_restorable_at = Some(at("2026-03-06T11:00:00Z"));
    });
    let policy = policy(&[("/objectives", json!({ "rpo": "PT15M" }))]);
    let fleet = Fleet::of([shepherd.clone()]).snapshot(point(&shepherd, "2026-03-06T02:00:00Z"));
    assert_snapshot!(figures(&fleet, &policy, NOW), @r#"rpo-exceeded {"rpo":"PT15M","age":"PT1H"}"#);
}

#[test]
fn an_alarm_of_one_recovery_point_names_that_one() {
    let shepherd = cluster("shepherd");
    let failed = point(&shepherd, "2026-03-05T02:00:00Z").judged("fail", "2026-03-06T07:00:00Z");
    let fleet = sound().snapshot(failed);
    assert_snapshot!(figures(&fleet, &policy(&[verified()]), NOW), @r#"verification-failed {"age":"PT34H","recovery_point":"snapkeep-shepherd-20260305t0200z-736891fbbd"}"#);
}

#[test]
fn a_late_copy_is_told_with_the_oldest_original_that_lacks_one() {
    let shepherd = cluster("shepherd");
    let policy = policy(&[copied(), ("/objectives", json!({ "rpo": "P9D" }))]);
    let fleet = Fleet::of([shepherd.clone()]).snapshots(daily(&shepherd, "2026-03-04", 3));
    assert_snapshot!(figures(&fleet, &policy, "2026-03-06T03:00:00Z"), @r#"copy-late {"rpo":"PT216H","age":"PT49H","recovery_point":"snapkeep-shepherd-20260304t0200z-cb81880812"}"#);
}

#[test]
fn an_ok_still_says_how_bad_it_was() {
    let mut watch = Watch::new(policy(&[("/objectives", json!({ "rpo": "PT1H" }))]));
    let key = "prod/us-west-2/rpo-exceeded/shepherd";
    watch.look(&sound(), NOW);
    let open = watch.memory.alarms[key].figures.clone();
    assert_eq!(open.age, Some(jiff::SignedDuration::from_hours(10)));
    let saved = sound().snapshot(point(&cluster("shepherd"), "2026-03-06T12:10:00Z"));
    let document = document(&watch.policy);
    let view = saved.view(&document, "2026-03-06T12:15:00Z");
    let (_, over) = snapkeep_policy::alarm::plan(&view, &watch.memory, Some(&Default::default()));
    assert!(over.alarms[key].resolved_at.is_some());
    assert_eq!(over.alarms[key].figures, open);
}
