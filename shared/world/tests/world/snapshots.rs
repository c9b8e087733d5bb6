use aws_sdk_rds::types::Filter;
use snapkeep_policy::inventory::Quotas;
use snapkeep_world::SnapshotSpec;

use crate::support::{Fixture, at, code, tag, west};

#[tokio::test]
async fn a_cluster_snapshot_is_created_seen_tagged_and_deleted() {
    let f = Fixture::new();
    let rds = f.rds(&west());
    let create = |id: &str| {
        let request = rds.create_db_cluster_snapshot().db_cluster_identifier("shepherd");
        request.db_cluster_snapshot_identifier(id).tags(tag("snapkeep:owner", "test")).send()
    };
    let made = create("Nightly-1").await.unwrap().db_cluster_snapshot.unwrap();
    assert_eq!(made.db_cluster_snapshot_identifier(), Some("nightly-1"));
    assert_eq!(made.status(), Some("creating"));
    assert_eq!(made.snapshot_create_time(), None);
    assert_eq!(made.percent_progress(), Some(0));
    assert_eq!(made.tag_list()[0].value(), Some("test"));

    assert_eq!(code(create("nightly-1").await), "DBClusterSnapshotAlreadyExistsFault");
    let delete = || rds.delete_db_cluster_snapshot().db_cluster_snapshot_identifier("nightly-1");
    assert_eq!(code(delete().send().await), "InvalidDBClusterSnapshotStateFault");

    f.pass_minutes(6);
    let describe =
        || rds.describe_db_cluster_snapshots().db_cluster_snapshot_identifier("nightly-1").send();
    let seen = describe().await.unwrap().db_cluster_snapshots.unwrap().remove(0);
    assert_eq!(seen.status(), Some("available"));
    assert_eq!(seen.percent_progress(), Some(100));
    assert_eq!(seen.snapshot_create_time().unwrap().secs(), f.world.now().as_second() - 360);
    assert!(seen.storage_encrypted().unwrap());

    let gone = delete().send().await.unwrap().db_cluster_snapshot.unwrap();
    assert_eq!(gone, seen, "the answer shows it as it was");
    assert_eq!(code(describe().await), "DBClusterSnapshotNotFoundFault");
    assert_eq!(code(delete().send().await), "DBClusterSnapshotNotFoundFault");
}

#[tokio::test]
async fn the_docdb_client_sees_and_makes_the_same_snapshots() {
    let f = Fixture::new();
    let docdb = f.docdb(&west());
    let request = docdb.create_db_cluster_snapshot().db_cluster_identifier("shepherd");
    request.db_cluster_snapshot_identifier("by-docdb").send().await.unwrap();
    f.pass_minutes(6);
    let seen = f.rds(&west()).describe_db_cluster_snapshots().send().await.unwrap();
    assert_eq!(seen.db_cluster_snapshots()[0].db_cluster_snapshot_identifier(), Some("by-docdb"));
    let seen = docdb.describe_db_clusters().send().await.unwrap();
    assert_eq!(seen.db_clusters()[0].engine(), Some("docdb"));
}

#[tokio::test]
async fn an_instance_takes_one_snapshot_at_a_time_and_a_member_none() {
    let f = Fixture::new();
    let rds = f.rds(&west());
    let create = |database: &str, id: &str| {
        let request = rds.create_db_snapshot().db_instance_identifier(database);
        request.db_snapshot_identifier(id).send()
    };
    assert_eq!(code(create("shepherd-1", "x").await), "InvalidParameterValue");
    assert_eq!(code(create("nobody", "x").await), "DBInstanceNotFound");
    assert_eq!(code(create("ledger", "a--b").await), "InvalidParameterValue");
    assert_eq!(code(create("ledger", "one").await), "ok");
    assert_eq!(code(create("ledger", "two").await), "InvalidDBInstanceState");
    f.pass_minutes(6);
    assert_eq!(code(create("ledger", "one").await), "DBSnapshotAlreadyExists");
    assert_eq!(code(create("ledger", "two").await), "ok");
    f.world.admin().stop_database(&f.instance);
    assert_eq!(code(create("ledger", "three").await), "InvalidDBInstanceState");
}

#[tokio::test]
async fn the_quota_counts_manual_snapshots_of_its_kind() {
    let f = Fixture::new();
    let quotas = Quotas { cluster_snapshots_max: 2, instance_snapshots_max: 1 };
    f.world.admin().set_quotas(&west(), quotas);
    let automated = SnapshotSpec::automated("rds:shepherd-1", at("2026-02-28T00:00:00Z"));
    f.world.admin().create_snapshot(&f.cluster, &automated).unwrap();
    f.cluster_snapshot("one").await;
    f.cluster_snapshot("two").await;
    f.instance_snapshot("one").await;
    let rds = f.rds(&west());
    let request = rds.create_db_cluster_snapshot().db_cluster_identifier("shepherd");
    let third = request.db_cluster_snapshot_identifier("three").send().await;
    assert_eq!(code(third), "SnapshotQuotaExceeded");
    let request = rds.create_db_snapshot().db_instance_identifier("ledger");
    let second = request.db_snapshot_identifier("two").send().await;
    assert_eq!(code(second), "SnapshotQuotaExceeded");

    let attributes = rds.describe_account_attributes().send().await.unwrap();
    let quota = |name: &str| {
        let quotas = attributes.account_quotas();
        let found = quotas.iter().find(|quota| quota.account_quota_name() == Some(name)).unwrap();
        (found.used().unwrap(), found.max().unwrap())
    };
    assert_eq!(quota("ManualClusterSnapshots"), (2, 2));
    assert_eq!(quota("ManualSnapshots"), (1, 1));
}

#[tokio::test]
async fn automated_and_aws_backup_snapshots_are_listed_by_type_and_never_deleted() {
    let f = Fixture::new();
    let taken_at = at("2026-02-28T00:00:00Z");
    for spec in [
        SnapshotSpec::automated("rds:shepherd-1", taken_at),
        SnapshotSpec::aws_backup("awsbackup:job-1", taken_at),
        SnapshotSpec::manual("by-hand", taken_at),
    ] {
        f.world.admin().create_snapshot(&f.cluster, &spec).unwrap();
    }
    let rds = f.rds(&west());
    let list = async |kind: Option<&str>| {
        let request = rds.describe_db_cluster_snapshots().set_snapshot_type(kind.map(Into::into));
        let listed = request.send().await.unwrap();
        let ids = listed.db_cluster_snapshots().iter();
        ids.map(|s| s.db_cluster_snapshot_identifier().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list(None).await, ["by-hand", "rds:shepherd-1"]);
    assert_eq!(list(Some("manual")).await, ["by-hand"]);
    assert_eq!(list(Some("automated")).await, ["rds:shepherd-1"]);
    assert_eq!(list(Some("awsbackup")).await, ["awsbackup:job-1"]);
    let delete = rds.delete_db_cluster_snapshot().db_cluster_snapshot_identifier("rds:shepherd-1");
    assert_eq!(code(delete.send().await), "InvalidDBClusterSnapshotStateFault");

    // They go with their database; what was made by hand stays.
    f.world.admin().delete_database(&f.cluster);
    assert_eq!(list(None).await, ["by-hand"]);
    assert_eq!(list(Some("automated")).await, [""; 0]);
}

#[tokio::test]
async fn filters_and_identifiers_narrow_the_lists() {
    let f = Fixture::new();
    f.cluster_snapshot("one").await;
    f.cluster_snapshot("two").await;
    let rds = f.rds(&west());
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let matching = async |filter: Filter| {
        let request = rds.describe_db_cluster_snapshots().filters(filter);
        request.send().await.unwrap().db_cluster_snapshots().len()
    };
    assert_eq!(matching(filter("engine", "docdb")).await, 2);
    assert_eq!(matching(filter("engine", "neptune")).await, 0);
    assert_eq!(matching(filter("db-cluster-snapshot-id", "two")).await, 1);
    assert_eq!(matching(filter("db-cluster-id", "shepherd")).await, 2);
    assert_eq!(matching(filter("snapshot-type", "automated")).await, 0);
}

#[tokio::test]
async fn a_filter_that_aws_does_not_know_of_this_list_is_refused() {
    let f = Fixture::new();
    let rds = f.rds(&west());
    for (known, unknown) in [("engine", "colour"), ("domain", "snapshot-type")] {
        let filter = |name: &str| Filter::builder().name(name).values("x").build();
        let clusters = |name: &str| rds.describe_db_clusters().filters(filter(name)).send();
        assert_eq!(code(clusters(known).await), "ok");
        assert_eq!(code(clusters(unknown).await), "InvalidParameterValue");
    }
    let filter = Filter::builder().name("db-cluster-snapshot-id").values("x").build();
    let instances = rds.describe_db_snapshots().filters(filter.clone()).send().await;
    assert_eq!(code(instances), "InvalidParameterValue");
    let clusters = rds.describe_db_cluster_snapshots().filters(filter).send().await;
    assert_eq!(code(clusters), "ok");
}
