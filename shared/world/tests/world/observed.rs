//! Faults as snapkeep itself sees them: through `snapkeep_aws`, which guards what the SDK doesn't.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use snapkeep_aws::observe::observe;
use snapkeep_aws::store::Store;
use snapkeep_aws::{Aws, FailureClass};
use snapkeep_policy::ids::Region;
use snapkeep_policy::inventory::{Observation, RegionView};
use snapkeep_world::{Fault, FaultKind, SnapshotSpec};

use crate::support::{Fixture, at, east, struck, west};

async fn look(f: &Fixture) -> Observation {
    let aws = Aws::new(f.world.sdk_config(&west()), west());
    observe(&aws, &BTreeSet::from([west(), east()])).await
}

/// How many snapshots were seen in a region, if it was seen.
fn seen(observation: &Observation, region: &Region) -> Option<usize> {
    match &observation.regions[region] {
        RegionView::Seen(inventory) => Some(inventory.snapshots.len()),
        RegionView::Unseen { .. } => None,
    }
}

#[tokio::test]
async fn a_truncated_list_passes_for_a_shorter_one_but_not_with_snapkeep() {
    let f = Fixture::new();
    // The middle of the list is among the tags of the first snapshot: all else about it can be read.
    let tags = (0..45).map(|n| (format!("tag-{n}"), "x".repeat(99))).collect();
    let taken_at = at("2026-02-01T00:00:00Z");
    let first = SnapshotSpec { tags, ..SnapshotSpec::manual("a", taken_at) };
    for spec in [first, SnapshotSpec::manual("b", taken_at)] {
        f.world.admin().create_snapshot(&f.cluster, &spec).unwrap();
    }
    let list = Fault::new(FaultKind::TruncatedAnswer).on("rds:DescribeDBClusterSnapshots");
    let id = f.world.faults().schedule(list.in_region(&west()));
    let listed = f.rds(&west()).describe_db_cluster_snapshots().send().await.unwrap();
    assert_eq!(listed.db_cluster_snapshots().len(), 1, "the SDK misses neither the second one");
    assert!(listed.db_cluster_snapshots()[0].tag_list().len() < 45, "nor the tags of the first");
    assert_eq!(struck(&f, &id), 1);

    let observation = look(&f).await;
    assert_eq!(seen(&observation, &west()), None);
    assert_eq!(seen(&observation, &east()), Some(0));
    assert!(struck(&f, &id) > 1);
    f.world.faults().clear();
    assert_eq!(seen(&look(&f).await, &west()), Some(2));
}

#[tokio::test]
async fn a_skewed_clock_is_noticed_in_size_and_direction() {
    for minutes in [-7, 11] {
        let f = Fixture::new();
        let skew = SignedDuration::from_mins(minutes);
        let id = f.world.faults().schedule(Fault::new(FaultKind::ClockSkew(skew)));
        assert_eq!(look(&f).await.clock_skew, Some(skew));
        assert!(struck(&f, &id) >= 10, "once a call");
    }
}

#[tokio::test]
async fn s3_is_down_for_documents_and_lists_from_one_instant_to_another() {
    let f = Fixture::new();
    f.world.admin().create_bucket("evidence");
    let (from, until) = (at("2026-03-01T06:00:00Z"), at("2026-03-01T09:00:00Z"));
    let id = f.world.faults().schedule(Fault::service_down("s3").between(from, until));
    let store = Store::new(&Aws::new(f.world.sdk_config(&west()), west()), "evidence");
    store.put_new("a", b"{}".to_vec()).await.unwrap();
    f.world.advance_to(from);
    let class = |failure: snapkeep_aws::Failure| failure.class;
    let written = store.put_new("b", b"{}".to_vec()).await.map_err(class);
    assert_eq!(written, Err(FailureClass::Unavailable));
    assert_eq!(store.get("a").await.map_err(class), Err(FailureClass::Unavailable));
    assert_eq!(store.first("").await.map_err(class), Err(FailureClass::Unavailable));
    assert!(struck(&f, &id) >= 3);
    f.world.advance_to(until);
    assert_eq!(store.first("").await, Ok(Some("a".to_owned())));
}
