//! Recovery points that were there and aren't any more.

use serde_json::json;
use snapkeep_policy::alarm::Memory;
use snapkeep_policy::inventory::Snapshot;
use snapkeep_policy::tags;

use super::{NOTHING, NOW, Watch, sound};
use crate::fixtures::*;

#[test]
fn a_recovery_point_that_vanishes_is_told_for_a_week_and_one_that_was_pruned_is_not() {
    let shepherd = cluster("shepherd");
    let points = daily(&shepherd, "2026-03-04", 3);
    let mut watch = Watch::new(policy(&[]));
    let all = Fleet::of([shepherd.clone()]).snapshots(points.clone());
    assert_eq!(watch.look(&all, NOW), NOTHING);
    let left = Fleet::of([shepherd.clone()]).snapshots(points[2..].to_vec());
    let pruned = [points[0].arn.clone()];
    let told = watch.look_and(&left, "2026-03-06T12:15:00Z", true, &pruned);
    let key = format!("prod/us-west-2/recovery-point-vanished/{}", points[1].arn.id);
    assert_eq!(told, [format!("opened {key}")]);
    assert_eq!(watch.look(&left, "2026-03-06T12:30:00Z"), NOTHING);
    let later = left.clone().snapshot(point(&shepherd, "2026-03-13T02:00:00Z"));
    assert_eq!(watch.look(&later, "2026-03-13T12:15:00Z"), [format!("resolved {key}")]);
}

#[test]
fn one_that_is_being_deleted_by_somebody_is_told_at_once_and_one_that_is_back_resolves() {
    let mut watch = Watch::new(policy(&[]));
    watch.look(&sound(), NOW);
    let mut deleting = sound();
    let it = &mut deleting.region_mut(HOME).snapshots[0];
    *it = it.clone().status("deleting");
    let told = watch.look(&deleting, "2026-03-06T12:15:00Z");
    assert!(told.iter().any(|it| it.starts_with("opened prod/us-west-2/recovery-point-vanished/")));
    let told = watch.look(&sound(), "2026-03-06T12:30:00Z");
    assert!(
        told.iter().any(|it| it.starts_with("resolved prod/us-west-2/recovery-point-vanished/"))
    );
}

#[test]
fn one_that_was_deleted_and_made_again_under_its_name_is_told() {
    let shepherd = cluster("shepherd");
    let first = point(&shepherd, "2026-03-06T02:00:00Z");
    let fleet = |it: Snapshot| Fleet::of([shepherd.clone()]).snapshot(it);
    let mut watch = Watch::new(policy(&[]));
    watch.look(&fleet(first.clone().made("2026-03-06T02:01:00Z")), NOW);
    let again = fleet(first.clone().made("2026-03-06T12:10:00Z"));
    let key = format!("prod/us-west-2/recovery-point-vanished/{}", first.arn.id);
    assert_eq!(watch.look(&again, "2026-03-06T12:15:00Z"), [format!("opened {key}")]);
    assert_eq!(watch.look(&again, "2026-03-06T12:30:00Z"), NOTHING);

    let mut watch = Watch::new(policy(&[]));
    watch.look(&fleet(first.clone().made("2026-03-06T02:01:00Z")), NOW);
    let silent = fleet(first.clone().said(|it| it.created_at = None));
    assert_eq!(watch.look(&silent, "2026-03-06T12:15:00Z"), NOTHING, "AWS didn't say");
    let pruned = [first.arn.clone()];
    assert_eq!(watch.look_and(&again, "2026-03-06T12:30:00Z", true, &pruned), NOTHING, "by prune");
}

#[test]
fn one_whose_tags_were_changed_is_tampered_with_and_not_vanished() {
    let mut watch = Watch::new(policy(&[]));
    let shepherd = cluster("shepherd");
    let points = daily(&shepherd, "2026-03-05", 2);
    let fleet = Fleet::of([shepherd]).snapshots(points.clone());
    watch.look(&fleet, NOW);
    let mut stripped = fleet;
    let it = &mut stripped.region_mut(HOME).snapshots[0];
    *it = it.clone().untagged(tags::SOURCE);
    let told = watch.look(&stripped, "2026-03-06T12:15:00Z");
    assert_eq!(told, [format!("opened prod/us-west-2/tampered/{}", points[0].arn.id)]);
}

#[test]
fn a_database_that_is_renamed_loses_no_recovery_point_by_it() {
    let shepherd = cluster("shepherd");
    let renamed = shepherd.clone().said(|it| it.arn.id = "collie".to_owned());
    let old = point(&shepherd, "2026-03-05T02:00:00Z");
    let new = point(&renamed, "2026-03-06T02:00:00Z");
    let mut watch = Watch::new(policy(&[]));
    watch.look(&Fleet::of([shepherd]).snapshot(old.clone()), "2026-03-05T12:00:00Z");
    let fleet = Fleet::of([renamed.clone()]).snapshots([old.clone(), new.clone()]);
    let told = watch.look(&fleet, "2026-03-06T12:00:00Z");
    assert!(told.iter().all(|it| !it.contains("vanished")), "{told:?}");
    let gone = Fleet::of([renamed]).snapshot(new);
    let told = watch.look(&gone, "2026-03-06T12:15:00Z");
    let key = format!("opened prod/us-west-2/recovery-point-vanished/{}", old.arn.id);
    assert!(told.contains(&key), "{told:?}");
}

#[test]
fn in_a_region_that_is_unseen_nothing_vanishes() {
    let (shepherd, policy) = (cluster("shepherd"), policy(&[copied()]));
    let original = point(&shepherd, "2026-03-06T02:00:00Z");
    let copy = original.copy("2026-03-06T02:30:00Z");
    let both = Fleet::of([shepherd]).snapshots([original, copy]);
    let mut watch = Watch::new(policy);
    watch.look(&both, NOW);
    let told = watch.look(&both.clone().unseen(AWAY), "2026-03-06T12:15:00Z");
    assert_eq!(told, ["opened prod/us-east-1/region-unseen/us-east-1"]);
}

#[test]
fn a_memory_that_has_an_address_for_each_recovery_point_is_read_and_written_by_database() {
    let old = json!({ "alarms": {}, "known": {
        "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-a": {
            "database": "a", "taken_at": "2026-03-06T02:00:00Z", "vanished_at": null } } });
    let memory: Memory = serde_json::from_value(old).unwrap();
    let written = serde_json::to_value(&memory).unwrap();
    let by_database = json!({ "arn:aws:rds:us-west-2:123456789012:cluster:a": {
        "snapkeep-a": ["2026-03-06T02:00:00Z", null, null] } });
    assert_eq!(written["known"], by_database);
    assert_eq!(serde_json::from_value::<Memory>(written).unwrap(), memory);
}

#[test]
fn one_that_is_busy_with_something_else_is_still_there() {
    let mut watch = Watch::new(policy(&[]));
    watch.look(&sound(), NOW);
    for status in ["modifying", "incompatible-network", "stopped"] {
        let mut busy = sound();
        let it = &mut busy.region_mut(HOME).snapshots[0];
        *it = it.clone().status(status);
        let told = watch.look(&busy, "2026-03-06T12:15:00Z");
        assert!(told.iter().all(|it| !it.contains("vanished")), "{status}: {told:?}");
    }
}

#[test]
fn a_memory_of_another_form_says_what_was_expected() {
    let list = json!({ "alarms": {}, "known": [] });
    let refused = serde_json::from_value::<Memory>(list).unwrap_err().to_string();
    assert!(refused.ends_with("expected recovery points by database"), "{refused}");
}

#[test]
fn a_memory_that_could_not_be_read_again_is_not_read() {
    let old = json!({ "alarms": {}, "known": {
        "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-a": {
            "database": "a&b", "taken_at": "2026-03-06T02:00:00Z" } } });
    let refused = serde_json::from_value::<Memory>(old).unwrap_err().to_string();
    assert!(refused.contains("cluster:a&b"), "{refused}");
}
