//! What a fleet takes in memory: what AWS says of a snapshot it mostly says of the next in the list, too.

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
