//! Snapshots that somebody else made to look like ours: with our prefix, all our tags, and a source that
//! AWS confirms. They are told, they are kept, and they push nothing of ours out.

use insta::assert_snapshot;
use serde_json::json;
use snapkeep_policy::ids::{Slot, recovery_point_id};
use snapkeep_policy::inventory::{Database, Snapshot};
use snapkeep_policy::request::Request;
use snapkeep_policy::{alarm, prune, tags, verify};

use crate::fixtures::*;

const NOW: &str = "2026-03-06T12:00:00Z";
const NEWEST: &str = "2026-03-06T02:00:00Z";

fn shepherd() -> Database {
    cluster("shepherd")
}

/// What a slot's recovery point is called by `deployment`.
fn named(deployment: &str, slot: &str, attempt: u32) -> String {
    let (deployment, slot) = (deployment.parse().unwrap(), Slot::Scheduled(at(slot)));
    let source = shepherd().resource_id;
    recovery_point_id(&deployment, "shepherd", &source, &slot, attempt)
}

/// Each of them next to the three newest of ours, which the retention keeps.
fn forged() -> Vec<(&'static str, Snapshot)> {
    let newer = "2026-03-06T11:00:00Z";
    let point = |slot: &str| point(&shepherd(), slot);
    let called = |id: &str| point(newer).said(|it| it.arn.id = id.to_owned());
    let of_a_copy = |arn: &str| point(newer).said(|it| it.source_arn = Some(arn.parse().unwrap()));
    let old = point("2026-03-01T02:00:00Z").arn.to_string();
    vec![
        ("a name by hand", called("snapkeep-shepherd-mine")),
        ("the prefix alone", called("snapkeep-")),
        ("another slot's name", called(&named("prod", "2026-03-06T10:00:00Z", 0))),
        ("another deployment's name", called(&named("test", newer, 0))),
        ("a request's tag, a slot's name", point(newer).tag(tags::REQUEST, "mine")),
        ("an attempt beyond the last", point(newer).attempt(3)),
        ("an attempt that nobody had to make", point(NEWEST).attempt(1).made(newer)),
        ("the last attempt", point(NEWEST).attempt(2).made(newer)),
        ("made before its slot", point(newer).made("2026-03-01T02:00:00Z")),
        ("data from before its slot", point(newer).said(|it| it.data_at = Some(at(NEWEST)))),
        ("a copy that says it is none", of_a_copy(&old)),
        (
            "a copy of something else",
            of_a_copy(&old).tag(tags::COPY_OF, &point(NEWEST).arn.to_string()),
        ),
    ]
}

fn ours() -> Vec<Snapshot> {
    daily(&shepherd(), "2026-03-04", 3)
}

#[test]
fn what_is_forged_is_no_recovery_point_and_is_told() {
    let document = document(&policy(&[]));
    let mut told = Vec::new();
    for (what, forged) in forged() {
        let fleet = Fleet::of([shepherd()]).snapshots(ours()).snapshot(forged.clone());
        let view = fleet.view(&document, NOW);
        assert_eq!(view.points_of(&shepherd().resource_id).len(), 3, "{what}");
        let [(snapshot, why)] = &view.tampered[..] else { panic!("{what}: {:?}", view.tampered) };
        assert_eq!(snapshot.arn, forged.arn, "{what}");
        told.push(format!("{what}: {why}"));
        let said = fleet.says(&policy(&[]), NOW, |view, _| {
            alarm::plan(view, &alarm::Memory::default(), Some(&Default::default())).0
        });
        assert!(said.contains(forged.id()), "{what}: {said}");
    }
    assert_snapshot!(told.join("\n"), @"
    a name by hand: identifier disagrees with what AWS says of the snapshot: held, look into who changed it
    the prefix alone: identifier disagrees with what AWS says of the snapshot: held, look into who changed it
    another slot's name: identifier disagrees with what AWS says of the snapshot: held, look into who changed it
    another deployment's name: identifier disagrees with what AWS says of the snapshot: held, look into who changed it
    a request's tag, a slot's name: identifier disagrees with what AWS says of the snapshot: held, look into who changed it
    an attempt beyond the last: identifier disagrees with what AWS says of the snapshot: held, look into who changed it
    an attempt that nobody had to make: an earlier attempt at its slot didn't fail: held, look into who made it
    the last attempt: an earlier attempt at its slot didn't fail: held, look into who made it
    made before its slot: snapkeep:slot disagrees with what AWS says of the snapshot: held, look into who changed it
    data from before its slot: snapkeep:slot disagrees with what AWS says of the snapshot: held, look into who changed it
    a copy that says it is none: snapkeep:copy-of disagrees with what AWS says of the snapshot: held, look into who changed it
    a copy of something else: snapkeep:copy-of disagrees with what AWS says of the snapshot: held, look into who changed it
    ");
}

#[test]
fn what_is_forged_is_never_deleted_and_pushes_nothing_of_ours_out() {
    let document = document(&policy(&[]));
    for (what, forged) in forged() {
        let fleet = Fleet::of([shepherd()]).snapshots(ours()).snapshot(forged);
        let plan = prune::plan(&fleet.view(&document, NOW), &Request::default());
        assert_eq!(plan.steps, [], "{what}");
    }
    let all =
        Fleet::of([shepherd()]).snapshots(ours()).snapshots(forged().into_iter().map(|it| it.1));
    assert_eq!(
        prune::plan(&all.view(&document, NOW), &Request::default()).steps,
        [],
        "all at once"
    );
}

#[test]
fn what_is_forged_is_not_what_is_verified() {
    let document = document(&policy(&[verified()]));
    for (what, forged) in forged() {
        let id = forged.id().to_owned();
        let fleet = Fleet::of([shepherd()]).snapshots(ours()).snapshot(forged);
        let plan = verify::plan(&fleet.view(&document, NOW), &Request::default());
        assert_eq!(plan.steps.len(), 1, "{what}");
        assert!(
            !format!("{:?}", plan.steps).contains(&format!("id: {id:?}")),
            "{what}: {:?}",
            plan.steps
        );
    }
}

#[test]
fn whatever_create_and_copy_name_is_ours() {
    let long = cluster(&format!("shepherd{}", "-of-a-long-name".repeat(3)));
    let failed = |slot| point(&shepherd(), slot).status("failed");
    let copy = |it: &Snapshot| it.copy("2026-03-06T03:00:00Z");
    for (what, points) in [
        ("scheduled", vec![point(&shepherd(), NEWEST)]),
        ("of a name that is cut short", vec![point(&long, NEWEST)]),
        ("asked for", vec![requested(&shepherd(), "before-migration-42", NEWEST)]),
        ("a second attempt", vec![failed(NEWEST), point(&shepherd(), NEWEST).attempt(1)]),
        ("the first name again", vec![point(&shepherd(), NEWEST), failed(NEWEST).attempt(1)]),
        ("the second alone", vec![point(&shepherd(), NEWEST).attempt(1)]),
        ("caught up late", vec![point(&shepherd(), NEWEST).made(NOW)]),
        ("still being made", vec![point(&shepherd(), NEWEST).said(|it| it.created_at = None)]),
        ("with a copy", vec![point(&shepherd(), NEWEST), copy(&point(&shepherd(), NEWEST))]),
        (
            "a copy after a stuck one",
            vec![
                copy(&point(&shepherd(), NEWEST)).status("copying"),
                copy(&point(&shepherd(), NEWEST)).attempt(1),
            ],
        ),
        (
            "a copy of which AWS doesn't say whose",
            vec![copy(&point(&shepherd(), NEWEST)).said(|it| it.source_arn = None)],
        ),
    ] {
        let count = points.len();
        let document = document(&policy(&[copied(), ("/retention", json!({ "daily": 30 }))]));
        let fleet = Fleet::of([shepherd(), long.clone()]).snapshots(points);
        let view = fleet.view(&document, NOW);
        assert_eq!(view.tampered, [], "{what}");
        assert_eq!(view.recovery_points.values().flatten().count(), count, "{what}");
    }
}

#[test]
fn clocks_may_differ_by_five_minutes_before_a_slot_is_doubted() {
    let made = |at: &str| point(&shepherd(), NEWEST).made(at);
    let filled = |time: &str| made(NEWEST).said(|it| it.data_at = Some(at(time)));
    let asked = |time: &str| requested(&shepherd(), "soon", time);
    let document = document(&policy(&[]));
    for (what, point, is_doubted) in [
        ("made five minutes before its slot", made("2026-03-06T01:55:00Z"), false),
        ("made a second earlier", made("2026-03-06T01:54:59Z"), true),
        ("of data five minutes older than its slot", filled("2026-03-06T01:55:00Z"), false),
        ("of data a second older", filled("2026-03-06T01:54:59Z"), true),
        ("of a slot in five minutes", asked("2026-03-06T12:05:00Z"), false),
        ("of a slot a second later", asked("2026-03-06T12:05:01Z"), true),
    ] {
        let fleet = Fleet::of([shepherd()]).snapshot(point);
        assert_eq!(fleet.view(&document, NOW).tampered.len(), usize::from(is_doubted), "{what}");
    }
}
