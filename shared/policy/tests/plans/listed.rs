//! What a fleet takes in memory: what AWS says of a snapshot it mostly says of the next in the list, too.

use std::sync::Arc;

use snapkeep_policy::recovery_point::Origin;
use snapkeep_policy::tags;

use crate::fixtures::*;

#[test]
fn a_snapshot_that_is_made_alike_is_the_same_and_shares_what_it_has_in_common() {
    let shepherd = cluster("shepherd");
    let [first, second] = ["2026-03-04T02:00:00Z", "2026-03-05T02:00:00Z"].map(|at| {
        point(&shepherd, at).copy("2026-03-06T02:30:00Z").said(|it| it.tags.insert("team", "x"))
    });
    let alike = second.clone().alike(&first);
    assert_eq!(alike, second);
    let place = |text: &str| text.as_ptr();
    assert_eq!(place(&alike.database_id), place(&first.database_id));
    assert_eq!(place(alike.arn.account.as_str()), place(first.arn.account.as_str()));
    assert_eq!(place(&alike.tags[tags::SOURCE]), place(&first.tags[tags::SOURCE]));
    assert_ne!(alike.tags[tags::SLOT], first.tags[tags::SLOT]);
}

#[test]
fn tags_that_lie_elsewhere_in_the_list_are_left_as_they_are() {
    let first = point(&cluster("shepherd"), "2026-03-04T02:00:00Z");
    let second = first.clone().said(|it| it.tags.insert("a", "comes before all others"));
    assert_eq!(second.clone().alike(&first), second);
    assert_eq!(first.clone().alike(&second), first);
}

#[test]
fn recovery_points_of_one_database_share_what_their_tags_say_in_the_same_words() {
    let original = point(&cluster("shepherd"), "2026-03-04T02:00:00Z");
    let copy = original.copy("2026-03-04T02:30:00Z");
    let others = daily(&cluster("shepherd"), "2026-03-05", 2);
    let fleet = Fleet::of([]).snapshots(others).snapshot(copy.clone());
    let document = document(&policy(&[]));
    let view = fleet.view(&document, "2026-03-06T12:00:00Z");
    let [newest, next, copied] = view.points_of(&cluster("shepherd").resource_id) else {
        panic!("three recovery points")
    };
    let place = |text: &str| text.as_ptr();
    assert!(Arc::ptr_eq(&newest.database, &next.database));
    assert_eq!(place(newest.source.as_str()), place(next.source.as_str()));
    assert_eq!(place(newest.policy.as_str()), place(next.policy.as_str()));
    let Origin::CopyOf(source) = &copied.origin else { panic!("a copy") };
    let listed = copied.snapshot.source_arn.as_ref().unwrap();
    assert_eq!(place(source.account.as_str()), place(listed.account.as_str()));
}
