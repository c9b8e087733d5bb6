//! What alarm reads out of prune's ledger.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use snapkeep_aws::store::Store;
use snapkeep_policy::ids::RdsArn;
use snapkeep_world::World;

use super::super::ledger::{key, newest};
use super::super::{PrunedPoint, Pruning, pruned, record};
use super::{BUCKET, PRUNE, alter, bucket, calls, now};

fn point(n: usize) -> RdsArn {
    format!("arn:aws:rds:us-west-2:123456789012:snapshot:point-{n}").parse().unwrap()
}

/// A record of prune's that deletes one recovery point.
fn pruning(n: usize) -> Pruning {
    let database = "arn:aws:rds:us-west-2:123456789012:db:orders".parse().unwrap();
    let delete = PrunedPoint { recovery_point: point(n), database, reason: "old".to_owned() };
    Pruning { now: now(), policy_hash: String::new(), asked: None, deletes: vec![delete] }
}

/// A ledger of prune's with an entry each day, point `n` on day `n`; the last is today.
async fn days_of_pruning(days: usize) -> (World, Store) {
    let (world, store) = bucket();
    for n in 1..=days {
        let ago = SignedDuration::from_hours(24 * i64::try_from(days - n).unwrap());
        record(&store, PRUNE, now() - ago, "intent", &pruning(n)).await.unwrap();
    }
    (world, store)
}

#[tokio::test]
async fn what_was_pruned_last_is_found_by_reading_what_is_newer_and_a_week_at_most() {
    let (world, store) = days_of_pruning(30).await;
    for (missing, found, reads) in
        [(30, true, 1), (29, true, 2), (23, true, 8), (22, false, 9), (99, false, 9)]
    {
        let before = [calls(&world, "ListObjectsV2"), calls(&world, "GetObject")];
        let missing = BTreeSet::from([point(missing)]);
        let expected = if found { missing.clone() } else { BTreeSet::new() };
        assert_eq!(pruned(&store, now(), &missing).await, Ok(expected), "{missing:?}");
        assert_eq!(calls(&world, "ListObjectsV2") - before[0], 1);
        assert_eq!(calls(&world, "GetObject") - before[1], reads, "{missing:?}");
    }
    let before = world.calls();
    assert_eq!(pruned(&store, now(), &BTreeSet::new()).await, Ok(BTreeSet::new()));
    assert_eq!(world.calls(), before, "nothing is missing");
}

#[tokio::test]
async fn records_behind_a_break_explain_nothing() {
    let (world, store) = days_of_pruning(5).await;
    alter(&world, 3, |body| body.replace("old", "new"));
    let missing: BTreeSet<RdsArn> = (1..=5).map(point).collect();
    let believed = BTreeSet::from([point(4), point(5)]);
    assert_eq!(pruned(&store, now(), &missing).await, Ok(believed));
    world.admin().delete_object(BUCKET, &key(PRUNE, 5));
    assert_eq!(newest(&store, PRUNE).await, Ok(4));
    assert_eq!(pruned(&store, now(), &missing).await, Ok(BTreeSet::from([point(4)])));
}
