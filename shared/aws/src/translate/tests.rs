//! What each field turns into, and what its absence means.

use aws_sdk_rds::types::DbClusterMember;
use aws_sdk_rds::types::builders::{
    DbClusterBuilder, DbClusterSnapshotBuilder, DbInstanceBuilder, DbSnapshotBuilder,
};

use super::*;

const ACCOUNT: &str = "arn:aws:rds:us-west-2:123456789012";

fn least_cluster() -> DbClusterBuilder {
    DbCluster::builder()
        .db_cluster_identifier("Shepherd")
        .db_cluster_arn(format!("{ACCOUNT}:cluster:shepherd"))
        .db_cluster_resource_id("cluster-A")
        .engine("docdb")
        .status("available")
}

fn least_instance() -> DbInstanceBuilder {
    DbInstance::builder()
        .db_instance_identifier("pg-1")
        .db_instance_arn(format!("{ACCOUNT}:db:pg-1"))
        .dbi_resource_id("db-A")
        .engine("postgres")
        .db_instance_status("creating")
}

fn least_cluster_snapshot() -> DbClusterSnapshotBuilder {
    DbClusterSnapshot::builder()
        .db_cluster_snapshot_identifier("s-1")
        .db_cluster_snapshot_arn(format!("{ACCOUNT}:cluster-snapshot:s-1"))
        .db_cluster_identifier("Shepherd")
        .engine("aurora-mysql")
        .status("creating")
}

fn least_snapshot() -> DbSnapshotBuilder {
    DbSnapshot::builder()
        .db_snapshot_identifier("s-1")
        .db_snapshot_arn(format!("{ACCOUNT}:snapshot:s-1"))
        .db_instance_identifier("pg-1")
        .engine("postgres")
        .status("available")
}

#[test]
fn what_only_informs_may_be_missing() {
    let cluster = cluster(least_cluster().build()).unwrap().unwrap();
    assert_eq!((cluster.id(), cluster.automated_retention_days), ("shepherd", 0));
    assert_eq!((cluster.created_at, cluster.latest_restorable_at), (None, None));
    assert!(!cluster.encrypted && !cluster.deletion_protection && cluster.tags.is_empty());
    let instance = instance(least_instance().build()).unwrap().unwrap();
    assert_eq!((instance.status, instance.member_of), (Status::Creating, None));
    let snapshot = cluster_snapshot(least_cluster_snapshot().build()).unwrap().unwrap();
    assert_eq!((&*snapshot.database_id, snapshot.resource_id), ("shepherd", None));
    assert_eq!((snapshot.created_at, snapshot.progress_percent), (None, None));
    let snapshot = instance_snapshot(least_snapshot().build()).unwrap().unwrap();
    assert_eq!((snapshot.kms_key, snapshot.source_arn, snapshot.storage_gib), (None, None, 0));
}

#[test]
fn without_arn_status_engine_or_resource_id_there_is_doubt() {
    let c = least_cluster;
    let i = least_instance;
    let cs = least_cluster_snapshot;
    let s = least_snapshot;
    let table = [
        cluster(c().set_db_cluster_arn(None).build()).map(drop),
        cluster(c().db_cluster_arn("arn:aws:rds:us-west-2:1:cluster:x").build()).map(drop),
        cluster(c().set_db_cluster_resource_id(None).build()).map(drop),
        cluster(c().set_engine(None).build()).map(drop),
        cluster(c().set_status(None).build()).map(drop),
        instance(i().set_db_instance_arn(None).build()).map(drop),
        instance(i().dbi_resource_id("").build()).map(drop),
        instance(i().set_engine(None).build()).map(drop),
        instance(i().set_db_instance_status(None).build()).map(drop),
        cluster_snapshot(cs().set_db_cluster_snapshot_arn(None).build()).map(drop),
        cluster_snapshot(cs().set_db_cluster_identifier(None).build()).map(drop),
        cluster_snapshot(cs().db_cluster_resource_id("?").build()).map(drop),
        cluster_snapshot(cs().set_engine(None).build()).map(drop),
        cluster_snapshot(cs().set_status(None).build()).map(drop),
        instance_snapshot(s().set_db_snapshot_arn(None).build()).map(drop),
        instance_snapshot(s().set_db_instance_identifier(None).build()).map(drop),
        instance_snapshot(s().set_engine(None).build()).map(drop),
        instance_snapshot(s().set_status(None).build()).map(drop),
    ];
    for (row, result) in table.into_iter().enumerate() {
        assert!(result.is_err(), "row {row}");
    }
    let doubt = cluster(c().set_status(None).build()).unwrap_err();
    assert_eq!(doubt, "cluster Shepherd: Status is missing");
}

#[test]
fn engines_that_are_not_ours_are_left_out_unread() {
    for engine in ["neptune", "oracle-ee", "sqlserver-se", "custom-oracle-ee", "db2-se"] {
        let aws = DbCluster::builder().engine(engine).build();
        assert_eq!(cluster(aws), Ok(None), "{engine}");
    }
}

#[test]
fn a_copy_says_where_it_came_from_when_aws_says_it_by_arn() {
    let arn = "arn:aws:rds:us-east-1:123456789012:snapshot:s-1";
    for (said, expected) in [(arn, Some(arn.parse().unwrap())), ("s-1", None), ("", None)] {
        let aws = least_snapshot().source_db_snapshot_identifier(said).build();
        assert_eq!(instance_snapshot(aws).unwrap().unwrap().source_arn, expected);
    }
}

#[test]
fn only_an_option_group_of_ones_own_counts() {
    let table = [("default:postgres-16", None), ("audit", Some("audit".to_owned()))];
    for (name, expected) in table {
        let aws = least_snapshot().option_group_name(name).build();
        assert_eq!(instance_snapshot(aws).unwrap().unwrap().option_group, expected);
    }
}

#[test]
fn encryption_is_what_aws_says_and_a_key_where_it_says_nothing() {
    let table = [
        (Some(true), Some("k"), true, Some("k")),
        (Some(false), Some("k"), false, None),
        (None, Some("k"), true, Some("k")),
        (None, None, false, None),
    ];
    for (said, key, encrypted, kept) in table {
        let key = key.map(str::to_owned);
        let aws = least_snapshot().set_encrypted(said).set_kms_key_id(key).build();
        let snapshot = instance_snapshot(aws).unwrap().unwrap();
        assert_eq!((snapshot.encrypted, snapshot.kms_key.as_deref()), (encrypted, kept));
    }
}

#[test]
fn numbers_times_members_and_tags_are_carried_over() {
    let aws = least_cluster()
        .backup_retention_period(-1)
        .latest_restorable_time(DateTime::from_secs(1_772_589_600))
        .db_cluster_members(DbClusterMember::builder().db_instance_identifier("A-1").build())
        .vpc_security_groups(
            VpcSecurityGroupMembership::builder().vpc_security_group_id("sg-1").build(),
        )
        .tag_list(Tag::builder().key("team").value("x").build())
        .tag_list(Tag::builder().key("empty").build())
        .build();
    let cluster = cluster(aws).unwrap().unwrap();
    assert_eq!(cluster.automated_retention_days, 0, "no number below nothing");
    let restorable = cluster.latest_restorable_at.unwrap().to_string();
    assert_eq!(restorable, "2026-03-04T02:00:00Z");
    assert_eq!(
        (cluster.members, cluster.security_groups),
        (vec!["a-1".into()], vec!["sg-1".into()])
    );
    assert_eq!((&cluster.tags["team"], &cluster.tags["empty"]), ("x", ""));
    let aws = least_snapshot().percent_progress(250).allocated_storage(20).build();
    let snapshot = instance_snapshot(aws).unwrap().unwrap();
    assert_eq!((snapshot.progress_percent, snapshot.storage_gib), (Some(100), 20));
}
