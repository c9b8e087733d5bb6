use aws_sdk_rds::operation::restore_db_cluster_from_snapshot::builders::RestoreDBClusterFromSnapshotFluentBuilder;
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::Engine;
use snapkeep_world::{Database, DatabaseSpec, Fault, FaultKind};

use crate::support::{Fixture, code, tag, west};

fn find(f: &Fixture, id: &str) -> Option<Database> {
    f.world.databases(&west()).into_iter().find(|database| database.id() == id)
}

fn status(f: &Fixture, id: &str) -> String {
    find(f, id).map_or("gone".to_owned(), |database| database.status)
}

#[tokio::test]
async fn a_cluster_is_restored_in_two_steps_and_torn_down_in_order() {
    let f = Fixture::new();
    f.cluster_snapshot("one").await;
    let docdb = f.docdb(&west());
    f.world.admin().create_subnet_group(&west(), "sealed", false);
    let restore = || {
        docdb
            .restore_db_cluster_from_snapshot()
            .db_cluster_identifier("scratch")
            .snapshot_identifier("one")
            .engine("docdb")
            .db_subnet_group_name("sealed")
            .vpc_security_group_ids("sg-scratch")
            .send()
    };
    assert_eq!(code(restore().await), "ok");
    assert_eq!(code(restore().await), "DBClusterAlreadyExistsFault");
    let add = || {
        docdb
            .create_db_instance()
            .db_instance_identifier("scratch-1")
            .db_cluster_identifier("scratch")
            .db_instance_class("db.t4g.medium")
            .engine("docdb")
            .send()
    };
    assert_eq!(code(add().await), "InvalidDBClusterStateFault");
    f.pass_minutes(12);
    let listed =
        docdb.describe_db_clusters().db_cluster_identifier("scratch").send().await.unwrap();
    assert_eq!(listed.db_clusters()[0].status(), Some("available"));
    assert!(listed.db_clusters()[0].db_cluster_members().is_empty());
    assert_eq!(code(add().await), "ok");
    f.pass_minutes(15);
    let instance = find(&f, "scratch-1").unwrap();
    assert_eq!((instance.status.as_str(), instance.publicly_accessible), ("available", false));
    assert_eq!(instance.security_groups, ["sg-scratch"]);

    let delete_cluster = |skip: bool| {
        docdb.delete_db_cluster().db_cluster_identifier("scratch").skip_final_snapshot(skip).send()
    };
    // Inherited from the source.
    assert_eq!(code(delete_cluster(true).await), "InvalidParameterCombination");
    let unprotect = docdb.modify_db_cluster().db_cluster_identifier("scratch");
    assert_eq!(code(unprotect.deletion_protection(false).send().await), "ok");
    assert_eq!(code(delete_cluster(true).await), "InvalidDBClusterStateFault");
    let delete_instance = docdb.delete_db_instance().db_instance_identifier("scratch-1");
    assert_eq!(code(delete_instance.send().await), "ok");
    assert_eq!(code(delete_cluster(false).await), "InvalidParameterCombination");
    assert_eq!(code(delete_cluster(true).await), "ok");
    assert_eq!(code(delete_cluster(true).await), "InvalidDBClusterStateFault");
    f.pass_minutes(7);
    assert_eq!(
        (status(&f, "scratch").as_str(), status(&f, "scratch-1").as_str()),
        ("gone", "gone")
    );
}

#[tokio::test]
async fn what_a_restore_leaves_out_gets_awss_dangerous_defaults() {
    let f = Fixture::new();
    f.instance_snapshot("one").await;
    let rds = f.rds(&west());
    let restore = rds.restore_db_instance_from_db_snapshot().db_snapshot_identifier("one");
    assert_eq!(code(restore.db_instance_identifier("scratch").send().await), "ok");
    let scratch = find(&f, "scratch").unwrap();
    assert_eq!(scratch.security_groups, ["sg-default"]);
    assert_eq!(scratch.subnet_group, "default");
    assert!(scratch.publicly_accessible);
    assert!(scratch.deletion_protection);
    assert_eq!(scratch.retention_days, 7);
}

#[tokio::test]
async fn an_instance_is_restored_sealed_when_the_request_says_so() {
    let f = Fixture::new();
    f.instance_snapshot("one").await;
    f.world.admin().create_subnet_group(&west(), "sealed", false);
    let rds = f.rds(&west());
    let restore = rds
        .restore_db_instance_from_db_snapshot()
        .db_snapshot_identifier("one")
        .db_instance_identifier("scratch")
        .db_subnet_group_name("sealed")
        .vpc_security_group_ids("sg-scratch")
        .publicly_accessible(false)
        .deletion_protection(false)
        .tags(tag("snapkeep:scratch", "test"));
    assert_eq!(code(restore.send().await), "ok");
    let delete = || {
        let request = rds.delete_db_instance().db_instance_identifier("scratch");
        request.skip_final_snapshot(true).send()
    };
    assert_eq!(code(delete().await), "InvalidDBInstanceState");
    f.pass_minutes(15);
    let password = |text: &str| {
        let request = rds.modify_db_instance().db_instance_identifier("scratch");
        request.master_user_password(text).send()
    };
    assert_eq!(code(password("short").await), "InvalidParameterValue");
    assert_eq!(code(password("with/a/slash").await), "InvalidParameterValue");
    let answer = password("long-enough").await.unwrap().db_instance.unwrap();
    assert_eq!(
        answer.db_instance_status(),
        Some("available"),
        "AWS's answer comes before the change"
    );
    assert_eq!(status(&f, "scratch"), "resetting-master-credentials");
    assert_eq!(code(password("long-enough").await), "InvalidDBInstanceState");
    f.pass_minutes(2);
    assert_eq!(status(&f, "scratch"), "available");
    let scratch = find(&f, "scratch").unwrap();
    assert!(!scratch.publicly_accessible && !scratch.deletion_protection);
    assert_eq!(scratch.tags.get("snapkeep:scratch"), Some("test"));
    assert!(scratch.password_set_at.is_some());
    assert_eq!(code(delete().await), "ok");
    f.pass_minutes(7);
    assert_eq!(status(&f, "scratch"), "gone");
}

#[tokio::test]
async fn a_restore_that_cannot_work_is_refused_with_its_reason() {
    let f = Fixture::new();
    f.cluster_snapshot("one").await;
    let rds = f.rds(&west());
    let restore = |id: &str, snapshot: &str| {
        rds.restore_db_cluster_from_snapshot()
            .db_cluster_identifier(id)
            .snapshot_identifier(snapshot)
            .engine("docdb")
    };
    let refused =
        async |request: RestoreDBClusterFromSnapshotFluentBuilder| code(request.send().await);
    assert_eq!(refused(restore("a", "nothing")).await, "DBClusterSnapshotNotFoundFault");
    assert_eq!(refused(restore("a_b", "one")).await, "InvalidParameterValue");
    assert_eq!(refused(restore("a", "one").engine("neptune")).await, "InvalidParameterCombination");
    let group = restore("a", "one").db_subnet_group_name("nowhere");
    assert_eq!(refused(group).await, "DBSubnetGroupNotFoundFault");
    let elsewhere = "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:one";
    assert_eq!(refused(restore("a", elsewhere)).await, "DBClusterSnapshotNotFoundFault");
    let faults = f.world.faults();
    faults.schedule(Fault::new(FaultKind::NoCapacity).times(1));
    assert_eq!(refused(restore("a", "one")).await, "InsufficientDBClusterCapacityFault");
    faults.schedule(Fault::new(FaultKind::KeyDisabled).times(1));
    assert_eq!(refused(restore("a", "one")).await, "KMSKeyNotAccessibleFault");
    let struck: Vec<_> = faults.injected().into_iter().map(|(id, n)| (id.to_string(), n)).collect();
    assert_eq!(struck, [("key-disabled#2".to_owned(), 1), ("no-capacity#1".to_owned(), 1)]);
    f.world.admin().withdraw_version("docdb", "5.0.0");
    assert_eq!(refused(restore("a", "one")).await, "InvalidParameterCombination");
    assert_eq!(refused(restore("a", "one").engine_version("4.0.0")).await, "ok");
}

#[tokio::test]
async fn a_failed_restore_can_only_be_deleted_without_a_final_snapshot() {
    let f = Fixture::new();
    f.instance_snapshot("one").await;
    let fault = f.world.faults().schedule(Fault::new(FaultKind::FailedRestore));
    let rds = f.rds(&west());
    let restore = rds.restore_db_instance_from_db_snapshot().db_snapshot_identifier("one");
    let restore = restore.db_instance_identifier("scratch").deletion_protection(false);
    assert_eq!(code(restore.send().await), "ok");
    f.pass_minutes(15);
    assert_eq!(status(&f, "scratch"), "incompatible-restore");
    let modify = rds.modify_db_instance().db_instance_identifier("scratch");
    assert_eq!(code(modify.master_user_password("long-enough").send().await), "ok");
    f.pass_minutes(15);
    assert_eq!(status(&f, "scratch"), "incompatible-restore", "no password mends it");
    assert_eq!(f.world.faults().injected(), [(fault, 1)].into());
    let delete = || rds.delete_db_instance().db_instance_identifier("scratch");
    let with_snapshot = delete().final_db_snapshot_identifier("last").send().await;
    assert_eq!(code(with_snapshot), "InvalidDBInstanceState");
    assert_eq!(code(delete().skip_final_snapshot(true).send().await), "ok");
}

#[tokio::test]
async fn a_final_snapshot_is_a_manual_one_and_needs_room() {
    let f = Fixture::new();
    f.world.admin().alter_database(&f.instance, |it| it.deletion_protection = false);
    let rds = f.rds(&west());
    let delete = rds.delete_db_instance().db_instance_identifier("ledger");
    assert_eq!(code(delete.final_db_snapshot_identifier("last").send().await), "ok");
    f.pass_minutes(10);
    assert_eq!(f.truth(&west(), "last"), "available");
    assert_eq!(status(&f, "ledger"), "gone");
}

#[tokio::test]
async fn a_restore_without_tags_inherits_those_of_the_snapshot() {
    let f = Fixture::new();
    f.cluster_snapshot("one").await;
    let rds = f.rds(&west());
    let restore = rds.restore_db_cluster_from_snapshot().db_cluster_identifier("scratch");
    assert_eq!(code(restore.snapshot_identifier("one").engine("docdb").send().await), "ok");
    assert!(find(&f, "scratch").unwrap().tags.contains_key("snapkeep:owner"));
}

#[tokio::test]
async fn a_multi_az_cluster_brings_its_own_instances() {
    let f = Fixture::new();
    let spec = DatabaseSpec::cluster(Engine::Postgres, "multi");
    let multi: RdsArn = f.world.admin().create_database(&west(), &spec);
    let taken = snapkeep_world::SnapshotSpec::manual("m1", f.world.now());
    f.world.admin().create_snapshot(&multi, &taken).unwrap();
    let rds = f.rds(&west());
    let restore = rds.restore_db_cluster_from_snapshot().db_cluster_identifier("scratch");
    assert_eq!(code(restore.snapshot_identifier("m1").engine("postgres").send().await), "ok");
    f.pass_minutes(15);
    let listed = rds.describe_db_clusters().db_cluster_identifier("scratch").send().await.unwrap();
    assert_eq!(listed.db_clusters()[0].db_cluster_members().len(), 3);
}

#[tokio::test]
async fn a_point_in_time_within_the_window_is_restored_from_the_database_itself() {
    let f = Fixture::new();
    f.instance_snapshot("one").await;
    f.pass_minutes(60);
    let now = f.world.now();
    let rds = f.rds(&west());
    let restore = |id: &str, minutes_ago: i64| {
        let to = now.as_second() - minutes_ago * 60;
        rds.restore_db_instance_to_point_in_time()
            .source_db_instance_identifier("ledger")
            .target_db_instance_identifier(id)
            .restore_time(aws_sdk_rds::primitives::DateTime::from_secs(to))
            .send()
    };
    assert_eq!(code(restore("scratch", 30).await), "ok");
    assert_eq!(code(restore("scratch", 30).await), "DBInstanceAlreadyExists");
    assert_eq!(code(restore("later", 1).await), "InvalidRestoreFault");
    assert_eq!(code(restore("earlier", 60 * 24 * 400).await), "InvalidRestoreFault");
    let data = find(&f, "scratch").unwrap().data.unwrap();
    assert_eq!(data.of, "ledger");
    assert_eq!(now.duration_since(data.as_of).as_mins(), 30);
}
