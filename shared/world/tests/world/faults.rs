use std::collections::BTreeSet;

use jiff::SignedDuration;
use snapkeep_policy::ids::Region;
use snapkeep_world::{Fault, FaultKind, Rates, SnapshotSpec};

use crate::support::{Fixture, at, code, east, struck, west};

/// One call that a fault can strike, without the SDK trying again.
async fn list(f: &Fixture, region: &Region) -> String {
    code(once(f, region).describe_db_clusters().send().await)
}

fn once(f: &Fixture, region: &Region) -> aws_sdk_rds::Client {
    let retry = aws_sdk_rds::config::retry::RetryConfig::disabled();
    let config = f.world.sdk_config(region).to_builder().retry_config(retry).build();
    aws_sdk_rds::Client::new(&config)
}

fn count(f: &Fixture, name: &str) -> u64 {
    let injected = f.world.faults().injected();
    injected.iter().filter(|(id, _)| id.as_str().starts_with(name)).map(|(_, count)| count).sum()
}

#[tokio::test]
async fn calls_are_refused_or_cut_off() {
    for (kind, expected) in [
        (FaultKind::Throttle, "Throttling"),
        (FaultKind::Refuse { status: 403, code: "AccessDenied" }, "AccessDenied"),
        (FaultKind::Unreachable, "unreachable"),
        (FaultKind::BrokenAnswer, "unreadable"),
    ] {
        let f = Fixture::new();
        f.world.faults().schedule(Fault::new(kind.clone()).times(1));
        assert_eq!(list(&f, &west()).await, expected);
        assert_eq!(list(&f, &west()).await, "ok");
        assert_eq!(count(&f, kind.name()), 1);
    }
}

/// One of each kind.
fn kinds() -> [FaultKind; 17] {
    [
        FaultKind::Throttle,
        FaultKind::Refuse { status: 403, code: "AccessDenied" },
        FaultKind::Unreachable,
        FaultKind::LostAnswer,
        FaultKind::ErrorAfterEffect,
        FaultKind::BrokenAnswer,
        FaultKind::TruncatedAnswer,
        FaultKind::BrokenPage,
        FaultKind::LateVisibility(SignedDuration::from_mins(1)),
        FaultKind::StuckCopy,
        FaultKind::FailedCopy,
        FaultKind::FailedSnapshot,
        FaultKind::FailedRestore,
        FaultKind::NoCapacity,
        FaultKind::KeyDisabled,
        FaultKind::RegionOutage,
        FaultKind::ClockSkew(SignedDuration::from_mins(10)),
    ]
}

/// What every kind finds something to strike in: a snapshot, a copy, a restore, a list in two pages.
async fn busy_day(f: &Fixture) {
    for n in 0..30 {
        let spec = SnapshotSpec::manual(&format!("s-{n}"), at("2026-02-01T00:00:00Z"));
        f.world.admin().create_snapshot(&f.cluster, &spec).unwrap();
    }
    let rds = f.rds(&west());
    let take = rds.create_db_cluster_snapshot().db_cluster_identifier("shepherd");
    let _taken = take.db_cluster_snapshot_identifier("one").send().await;
    f.pass_minutes(10);
    let copy = rds.copy_db_cluster_snapshot().source_db_cluster_snapshot_identifier("s-1");
    let _copied = copy.target_db_cluster_snapshot_identifier("two").send().await;
    let restore = rds.restore_db_cluster_from_snapshot().snapshot_identifier("s-1");
    let _restored = restore.db_cluster_identifier("scratch").engine("docdb").send().await;
    let pages = rds.describe_db_cluster_snapshots().max_records(20).into_paginator().send();
    let _listed = pages.try_collect().await;
}

#[tokio::test]
async fn every_kind_of_fault_strikes_as_often_as_it_is_told_and_is_counted() {
    let mut names = BTreeSet::new();
    for kind in kinds() {
        let f = Fixture::new();
        let id = f.world.faults().schedule(Fault::new(kind.clone()).times(1));
        busy_day(&f).await;
        assert_eq!(f.world.faults().injected(), [(id, 1)].into());
        names.insert(kind.name());
    }
    assert_eq!(names.len(), kinds().len());
}

#[tokio::test]
async fn a_storm_has_every_kind_that_passes_and_counts_them_by_name() {
    let calm = ["region-outage", "clock-skew"];
    let random: BTreeSet<&str> =
        Rates::stormy().per_ten_thousand.iter().map(|(kind, _)| kind.name()).collect();
    for kind in kinds().iter().map(FaultKind::name) {
        assert_ne!(random.contains(kind), calm.contains(&kind), "{kind}");
    }
    let certain = Rates::none().with(FaultKind::StuckCopy, 10_000);
    let f = Fixture::new();
    f.world.faults().set_rates(certain);
    busy_day(&f).await;
    assert_eq!(count(&f, "stuck-copy"), 1);
}

#[tokio::test]
async fn what_is_throttled_once_or_twice_gets_through_by_the_sdks_retries_without_waiting() {
    let f = Fixture::new();
    f.world.faults().schedule(Fault::new(FaultKind::Throttle).times(2));
    let before = f.world.now();
    assert_eq!(code(f.rds(&west()).describe_db_clusters().send().await), "ok");
    assert_eq!(f.world.calls()["rds:DescribeDBClusters"], 3);
    assert_eq!(f.world.now(), before);
}

#[tokio::test]
async fn an_answer_can_be_lost_or_wrong_after_the_effect() {
    for (kind, expected) in
        [(FaultKind::LostAnswer, "timeout"), (FaultKind::ErrorAfterEffect, "InternalFailure")]
    {
        let f = Fixture::new();
        f.world
            .faults()
            .schedule(Fault::new(kind.clone()).on("rds:CreateDBClusterSnapshot").times(1));
        let rds = once(&f, &west());
        let create = || {
            let request = rds.create_db_cluster_snapshot().db_cluster_identifier("shepherd");
            request.db_cluster_snapshot_identifier("one").send()
        };
        assert_eq!(code(create().await), expected);
        assert_eq!(f.truth(&west(), "one"), "creating");
        assert_eq!(code(create().await), "DBClusterSnapshotAlreadyExistsFault");
        assert_eq!(count(&f, kind.name()), 1);
    }
}

#[tokio::test]
async fn what_was_made_may_be_seen_late() {
    let f = Fixture::new();
    let delay = SignedDuration::from_mins(15);
    f.world.faults().schedule(Fault::new(FaultKind::LateVisibility(delay)).times(1));
    f.cluster_snapshot("one").await;
    let rds = f.rds(&west());
    let seen = async || {
        rds.describe_db_cluster_snapshots().send().await.unwrap().db_cluster_snapshots().len()
    };
    assert_eq!(seen().await, 0);
    let request = rds.describe_db_cluster_snapshots().db_cluster_snapshot_identifier("one");
    assert_eq!(code(request.send().await), "DBClusterSnapshotNotFoundFault");
    let request = rds.create_db_cluster_snapshot().db_cluster_identifier("shepherd");
    let again = request.db_cluster_snapshot_identifier("one").send().await;
    assert_eq!(code(again), "DBClusterSnapshotAlreadyExistsFault");
    f.pass_minutes(5);
    assert_eq!(seen().await, 1);
    assert_eq!(count(&f, "late-visibility"), 1);
}

#[tokio::test]
async fn a_list_can_break_in_the_middle() {
    let f = Fixture::new();
    for n in 0..30 {
        let spec = SnapshotSpec::manual(&format!("s-{n}"), at("2026-02-01T00:00:00Z"));
        f.world.admin().create_snapshot(&f.cluster, &spec).unwrap();
    }
    f.world.faults().schedule(Fault::new(FaultKind::BrokenPage));
    let rds = once(&f, &west());
    let page = rds.describe_db_cluster_snapshots().max_records(20).send().await.unwrap();
    let next = rds.describe_db_cluster_snapshots().max_records(20).set_marker(page.marker);
    assert_eq!(code(next.send().await), "InternalFailure");
    assert_eq!(count(&f, "broken-page"), 1);
}

#[tokio::test]
async fn a_snapshot_can_fail() {
    let f = Fixture::new();
    f.world.faults().schedule(Fault::new(FaultKind::FailedSnapshot).times(1));
    f.cluster_snapshot("one").await;
    f.cluster_snapshot("two").await;
    assert_eq!(
        (f.truth(&west(), "one").as_str(), f.truth(&west(), "two").as_str()),
        ("failed", "available")
    );
    assert_eq!(count(&f, "failed-snapshot"), 1);
}

#[tokio::test]
async fn a_region_is_down_from_one_instant_to_another_and_the_others_are_not() {
    let f = Fixture::new();
    let (from, until) = (at("2026-03-01T06:00:00Z"), at("2026-03-01T09:00:00Z"));
    let outage = Fault::new(FaultKind::RegionOutage).in_region(&west()).between(from, until);
    f.world.faults().schedule(outage);
    assert_eq!(list(&f, &west()).await, "ok");
    f.world.advance_to(from);
    let down = [list(&f, &west()).await, list(&f, &west()).await];
    assert!(down.contains(&"ServiceUnavailable".to_owned()), "{down:?}");
    assert!(down.contains(&"unreachable".to_owned()), "{down:?}");
    assert_eq!(list(&f, &east()).await, "ok");
    f.world.advance_to(until);
    assert_eq!(list(&f, &west()).await, "ok");
    assert_eq!(count(&f, "region-outage"), 2);
}

#[tokio::test]
async fn a_region_that_is_not_enabled_knows_nobody() {
    let f = Fixture::new();
    assert_eq!(list(&f, &"ap-south-1".parse().unwrap()).await, "InvalidClientTokenId");
}

#[tokio::test]
async fn a_whole_service_can_be_down() {
    let f = Fixture::new();
    let topic = f.world.admin().create_topic(&west(), "alarms");
    f.world.admin().create_bucket("evidence");
    let sns_down = f.world.faults().schedule(Fault::service_down("sns"));
    let s3_down = f.world.faults().schedule(Fault::service_down("s3"));
    let config = f.world.sdk_config(&west());
    let publish = aws_sdk_sns::Client::new(&config).publish().topic_arn(topic).message("x");
    assert_eq!(code(publish.clone().send().await), "ServiceUnavailable");
    let get = aws_sdk_s3::Client::new(&config).get_object().bucket("evidence").key("x");
    assert_eq!(code(get.send().await), "ServiceUnavailable");
    assert_eq!(list(&f, &west()).await, "ok");
    // The SDK tries three times.
    assert_eq!((struck(&f, &sns_down), struck(&f, &s3_down)), (3, 3));
    assert_eq!(f.world.messages(), []);
    f.world.faults().clear();
    assert_eq!(code(publish.send().await), "ok");
    assert_eq!(f.world.messages().len(), 1);
}

#[tokio::test]
async fn random_faults_strike_at_about_their_rate_alike_for_the_same_seed_until_they_end() {
    let storm = async |seed: u64| {
        let f = Fixture::seeded(seed);
        let until = at("2026-03-01T01:00:00Z");
        f.world.faults().set_rates(Rates::none().with(FaultKind::Throttle, 1_000).until(until));
        let mut outcomes = Vec::new();
        for _ in 0..300 {
            outcomes.push(list(&f, &west()).await);
        }
        let struck = count(&f, "throttle");
        f.world.advance_to(until);
        for _ in 0..50 {
            assert_eq!(list(&f, &west()).await, "ok");
        }
        (outcomes, struck)
    };
    let (outcomes, struck) = storm(1).await;
    assert!((10..60).contains(&struck), "{struck}");
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "Throttling").count() as u64, struck);
    assert_eq!(storm(1).await.0, outcomes);
    assert_ne!(storm(2).await.0, outcomes);
}
