//! Tags are untrusted: whoever may write them can stop a delete, and can't cause one.

use proptest::prelude::*;
use serde_json::{Value, json};
use snapkeep_policy::inventory::Snapshot;
use snapkeep_policy::prune::plan;
use snapkeep_policy::request::Request;
use snapkeep_policy::tags;

use crate::fixtures::*;

const NOW: &str = "2026-03-06T12:00:00Z";

/// Two policies: `critical` keeps thirty days, `standard` one.
fn policies() -> Value {
    let mut document = policy(&[("/retention", json!({ "daily": 30 })), copied()]);
    document["policies"]["critical"]["copies"][0]["retention"] = json!({ "daily": 90 });
    document["policies"]["standard"] = json!({
        "select": { "tags": { "tier": "standard" } },
        "schedules": ["cron(0 2 * * ? *)"],
        "retention": { "keep_last": 1 },
    });
    document
}

/// Ten days of recovery points and their copies: nothing of them is to go.
fn points() -> Vec<Snapshot> {
    let points = daily(&cluster("shepherd"), "2026-02-25", 10);
    let copies: Vec<Snapshot> = points.iter().map(|it| it.copy("2026-03-06T02:30:00Z")).collect();
    points.into_iter().chain(copies).collect()
}

fn going(fleet: &Fleet) -> Vec<String> {
    let document = document(&policies());
    let plan = plan(&fleet.view(&document, NOW), &Request::default());
    plan.steps.iter().map(|step| format!("{:?}", step.action)).collect()
}

#[test]
fn nothing_goes_from_an_untouched_fleet_or_an_orphan() {
    assert_eq!(going(&Fleet::of([cluster("shepherd")]).snapshots(points())), [""; 0]);
    assert_eq!(going(&Fleet::empty().snapshots(points())), [""; 0]);
}

#[test]
fn a_policy_tag_that_was_changed_moves_no_recovery_point_of_a_database_that_is_there() {
    let moved = points().into_iter().map(|it| it.tag(tags::POLICY, "standard"));
    assert_eq!(going(&Fleet::of([cluster("shepherd")]).snapshots(moved)), [""; 0]);
}

#[test]
fn a_policy_tag_that_was_changed_on_some_recovery_points_of_an_orphan_keeps_them_all() {
    for index in 0..points().len() {
        let mut points = points();
        points[index] = points[index].clone().tag(tags::POLICY, "standard");
        let fleet = Fleet::empty().snapshots(points);
        assert_eq!(going(&fleet), [""; 0], "{index}");
        let said = fleet.says(&policies(), NOW, plan);
        assert!(said.contains("its database is gone and they name several policies"), "{said}");
    }
}

#[test]
fn a_copy_that_lost_its_origin_does_not_fall_under_the_originals_retention() {
    let nine = policy(&[("/retention", json!({ "keep_last": 9 }))]);
    let lost = points().into_iter().map(|it| it.untagged(tags::COPY_OF));
    let fleet = Fleet::of([cluster("shepherd")]).snapshots(lost);
    let said = fleet.says(&nine, NOW, plan);
    assert_eq!(said.matches("delete").count(), 1, "{said}");
    assert!(said.contains("in us-west-2: beyond keep-last#9"), "{said}");
}

#[test]
fn a_slot_of_tomorrow_hides_nothing_and_anchors_nothing() {
    let shepherd = cluster("shepherd");
    let ahead = requested(&shepherd, "ahead", "2099-01-01T00:00:00Z");
    let fleet = Fleet::of([shepherd]).snapshot(ahead.clone());
    let document = document(&policies());
    let view = fleet.view(&document, NOW);
    assert!(view.recovery_points.is_empty());
    assert_eq!(view.tampered.len(), 1);
    // Where the clock itself is in doubt, nobody is accused.
    let fleet = fleet.skewed(-3600);
    assert_eq!(fleet.view(&document, NOW).tampered.len(), 0);
}

#[test]
fn the_scratch_tag_takes_no_database_out_of_protection() {
    let marked = cluster("shepherd").tagged(tags::SCRATCH, "prod");
    let fleet = Fleet::of([marked]);
    let document = document(&policies());
    let view = fleet.view(&document, NOW);
    assert_eq!((view.protected.len(), view.half_marked.len(), view.scratch.len()), (1, 1, 0));
}

#[test]
fn a_verdict_from_before_its_recovery_point_ends_no_quarantine() {
    for index in 0..points().len() {
        let mut points = points();
        points[index] = points[index].clone().judged("fail", "1970-01-01T00:00:00Z");
        let fleet = Fleet::of([cluster("shepherd")]).snapshots(points);
        assert_eq!(going(&fleet), [""; 0], "{index}");
    }
}

/// What somebody might do to the tags of one snapshot.
fn change() -> impl Strategy<Value = (&'static str, Option<String>)> {
    let keys = prop::sample::select(vec![
        tags::OWNER,
        tags::POLICY,
        tags::SLOT,
        tags::REQUEST,
        tags::DATABASE,
        tags::SOURCE,
        tags::COPY_OF,
        tags::STARTED,
    ]);
    let values = prop::sample::select(vec![
        "prod".to_owned(),
        "standard".to_owned(),
        "2026-02-25T02:00:00Z".to_owned(),
        "2026-03-06T02:00:00Z".to_owned(),
        "2099-01-01T00:00:00Z".to_owned(),
        cluster("shepherd").arn.to_string(),
        cluster("shepherd").arn.to_string().replace(HOME, AWAY),
        cluster("shepherd").resource_id.to_string(),
        point(&cluster("shepherd"), "2026-03-06T02:00:00Z").arn.to_string(),
        String::new(),
    ]);
    (keys, prop::option::of(values))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_tags_never_cause_a_delete(
        changes in prop::collection::vec((0_usize..20, change()), 0..12),
        exists in any::<bool>(),
    ) {
        let mut points = points();
        for (index, (key, value)) in changes {
            points[index] = match value {
                Some(value) => points[index].clone().tag(key, &value),
                None => points[index].clone().untagged(key),
            };
        }
        let fleet = if exists { Fleet::of([cluster("shepherd")]) } else { Fleet::empty() };
        prop_assert_eq!(going(&fleet.snapshots(points)), Vec::<String>::new());
    }
}
