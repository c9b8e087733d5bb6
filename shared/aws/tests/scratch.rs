//! verify's actions become exactly these calls, and none that could make or delete anything else
//! than a scratch database.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod wire;

use snapkeep_aws::FailureClass;
use snapkeep_aws::act::{self, Applied};
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::{Engine, Shape};
use snapkeep_policy::recovery_point::Outcome;
use snapkeep_policy::tags::Tags;
use snapkeep_policy::verify::{self, Proof, VerdictRecord};
use wire::Wire;

fn arn(resource: &str) -> RdsArn {
    format!("arn:aws:rds:us-west-2:123456789012:{resource}").parse().unwrap()
}

fn tags() -> Tags {
    Tags::from([("a".to_owned(), "1".to_owned())])
}

fn restore(shape: Shape, engine: Engine) -> verify::Action {
    let cluster = shape == Shape::Cluster;
    verify::Action::Restore {
        source: arn(if cluster { "cluster-snapshot:snapkeep-1" } else { "snapshot:snapkeep-1" }),
        shape,
        engine,
        engine_version: "5.0.0".to_owned(),
        database: arn("cluster:shepherd"),
        region: "us-west-2".parse().unwrap(),
        scratch_id: "snapkeep-scratch-1".to_owned(),
        instance_class: "db.t4g.medium".to_owned(),
        subnet_group: "sealed".to_owned(),
        security_groups: vec!["sg-1".to_owned()],
        tags: tags(),
    }
}

fn delete(kind: &str, id: &str, engine: Engine, deletion_protection: bool) -> verify::Action {
    let (arn, database) = (arn(&format!("{kind}:{id}")), "shepherd".to_owned());
    if kind == "db" {
        verify::Action::DeleteInstance { instance: arn, engine, deletion_protection, database }
    } else {
        verify::Action::DeleteCluster { cluster: arn, engine, deletion_protection, database }
    }
}

#[tokio::test]
async fn a_scratch_database_is_sealed_in_the_very_call_that_makes_it() {
    let network = "Tags.Tag.1.Key=a Tags.Tag.1.Value=1 \
        VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-1";
    let cluster = "CopyTagsToSnapshot=false DBClusterIdentifier=snapkeep-scratch-1";
    let table = [
        (
            restore(Shape::Cluster, Engine::Docdb),
            format!(
                "docdb us-west-2 RestoreDBClusterFromSnapshot {cluster} DBSubnetGroupName=sealed \
                 DeletionProtection=false Engine=docdb EngineVersion=5.0.0 \
                 SnapshotIdentifier=snapkeep-1 {network}"
            ),
        ),
        (
            restore(Shape::Cluster, Engine::AuroraMysql),
            format!(
                "rds us-west-2 RestoreDBClusterFromSnapshot BackupRetentionPeriod=1 {cluster} \
                 DBSubnetGroupName=sealed DeletionProtection=false Engine=aurora-mysql \
                 EngineVersion=5.0.0 PubliclyAccessible=false SnapshotIdentifier=snapkeep-1 \
                 {network}"
            ),
        ),
        (
            restore(Shape::Cluster, Engine::Postgres),
            format!(
                "rds us-west-2 RestoreDBClusterFromSnapshot BackupRetentionPeriod=1 {cluster} \
                 DBClusterInstanceClass=db.t4g.medium DBSubnetGroupName=sealed \
                 DeletionProtection=false Engine=postgres EngineVersion=5.0.0 \
                 PubliclyAccessible=false SnapshotIdentifier=snapkeep-1 {network}"
            ),
        ),
        (
            restore(Shape::Instance, Engine::Postgres),
            format!(
                "rds us-west-2 RestoreDBInstanceFromDBSnapshot AutoMinorVersionUpgrade=false \
                 BackupRetentionPeriod=0 CopyTagsToSnapshot=false DBInstanceClass=db.t4g.medium \
                 DBInstanceIdentifier=snapkeep-scratch-1 DBSnapshotIdentifier=snapkeep-1 \
                 DBSubnetGroupName=sealed DeletionProtection=false Engine=postgres MultiAZ=false \
                 PubliclyAccessible=false {network}"
            ),
        ),
    ];
    for (action, expected) in table {
        let wire = Wire::accepting();
        assert_eq!(act::verify::apply(&wire.aws(), &action).await, Ok(Applied::Done));
        assert_eq!(wire.lines(), [expected]);
    }
}

#[tokio::test]
async fn an_instance_is_added_to_the_scratch_cluster_without_a_public_address() {
    let table = [
        (
            Engine::Docdb,
            "docdb us-west-2 CreateDBInstance AutoMinorVersionUpgrade=false \
            CopyTagsToSnapshot=false DBClusterIdentifier=snapkeep-scratch-1 \
            DBInstanceClass=db.t4g.medium DBInstanceIdentifier=snapkeep-scratch-1-i Engine=docdb \
            Tags.Tag.1.Key=a Tags.Tag.1.Value=1",
        ),
        (
            Engine::AuroraMysql,
            "rds us-west-2 CreateDBInstance AutoMinorVersionUpgrade=false \
            DBClusterIdentifier=snapkeep-scratch-1 DBInstanceClass=db.t4g.medium \
            DBInstanceIdentifier=snapkeep-scratch-1-i Engine=aurora-mysql \
            PubliclyAccessible=false Tags.Tag.1.Key=a Tags.Tag.1.Value=1",
        ),
    ];
    for (engine, expected) in table {
        let wire = Wire::accepting();
        let action = verify::Action::AddInstance {
            cluster: arn("cluster:snapkeep-scratch-1"),
            engine,
            instance_id: "snapkeep-scratch-1-i".to_owned(),
            instance_class: "db.t4g.medium".to_owned(),
            database: "shepherd".to_owned(),
            tags: tags(),
        };
        assert_eq!(act::verify::apply(&wire.aws(), &action).await, Ok(Applied::Done));
        assert_eq!(wire.lines(), [expected]);
    }
}

#[tokio::test]
async fn a_teardown_leaves_no_final_snapshot_and_no_backups() {
    let id = "snapkeep-scratch-1";
    let instance = format!("DBInstanceIdentifier={id}");
    let cluster = format!("DBClusterIdentifier={id}");
    let table = [
        ("db", Engine::Docdb, vec![format!("docdb us-west-2 DeleteDBInstance {instance}")]),
        (
            "db",
            Engine::AuroraMysql,
            vec![format!("rds us-west-2 DeleteDBInstance {instance} SkipFinalSnapshot=true")],
        ),
        (
            "db",
            Engine::Postgres,
            vec![format!(
                "rds us-west-2 DeleteDBInstance {instance} DeleteAutomatedBackups=true \
                 SkipFinalSnapshot=true"
            )],
        ),
        (
            "cluster",
            Engine::Docdb,
            vec![format!("docdb us-west-2 DeleteDBCluster {cluster} SkipFinalSnapshot=true")],
        ),
        (
            "cluster",
            Engine::AuroraMysql,
            vec![format!(
                "rds us-west-2 DeleteDBCluster {cluster} DeleteAutomatedBackups=true \
                 SkipFinalSnapshot=true"
            )],
        ),
    ];
    for (kind, engine, expected) in table {
        let wire = Wire::accepting();
        let action = delete(kind, id, engine, false);
        assert_eq!(act::verify::apply(&wire.aws(), &action).await, Ok(Applied::Done));
        assert_eq!(wire.lines(), expected);
    }
}

#[tokio::test]
async fn deletion_protection_is_cleared_in_a_call_of_its_own_before_the_delete() {
    let table = [
        ("db", Engine::Postgres, ["rds ModifyDBInstance", "rds DeleteDBInstance"]),
        ("cluster", Engine::Docdb, ["docdb ModifyDBCluster", "docdb DeleteDBCluster"]),
        ("cluster", Engine::AuroraMysql, ["rds ModifyDBCluster", "rds DeleteDBCluster"]),
    ];
    for (kind, engine, expected) in table {
        let wire = Wire::accepting();
        let action = delete(kind, "snapkeep-scratch-1", engine, true);
        assert_eq!(act::verify::apply(&wire.aws(), &action).await, Ok(Applied::Done));
        let asked = wire.asked();
        let calls: Vec<_> = asked.iter().map(|a| format!("{} {}", a.sdk, a.action())).collect();
        assert_eq!(calls, expected);
        assert_eq!(asked[0].form["DeletionProtection"], "false");
    }
}

#[tokio::test]
async fn nothing_without_the_scratch_prefix_can_be_made_or_deleted() {
    for id in ["shepherd", "snapkeep-1", "snapkeep-scratch-", "my-snapkeep-scratch-1"] {
        let mut restored = restore(Shape::Cluster, Engine::AuroraMysql);
        if let verify::Action::Restore { scratch_id, .. } = &mut restored {
            *scratch_id = id.to_owned();
        }
        let added = verify::Action::AddInstance {
            cluster: arn(&format!("cluster:{id}")),
            engine: Engine::AuroraMysql,
            instance_id: "snapkeep-scratch-1".to_owned(),
            instance_class: "db.t4g.medium".to_owned(),
            database: "shepherd".to_owned(),
            tags: tags(),
        };
        let actions = [
            restored,
            added,
            delete("db", id, Engine::Postgres, true),
            delete("db", id, Engine::Docdb, false),
            delete("cluster", id, Engine::Docdb, true),
            delete("cluster", id, Engine::AuroraMysql, false),
        ];
        for action in actions {
            let wire = Wire::accepting();
            let failure = act::verify::apply(&wire.aws(), &action).await.unwrap_err();
            assert_eq!(failure.class, FailureClass::Invalid, "{id}");
            assert!(wire.asked().is_empty(), "{id}: {:?}", wire.lines());
        }
    }
}

#[tokio::test]
async fn a_restore_that_would_get_default_networking_is_not_asked_for() {
    for (subnets, groups) in [("", vec!["sg-1".to_owned()]), ("sealed", vec![])] {
        let mut action = restore(Shape::Instance, Engine::Postgres);
        if let verify::Action::Restore { subnet_group, security_groups, .. } = &mut action {
            *subnet_group = subnets.to_owned();
            *security_groups = groups;
        }
        let wire = Wire::accepting();
        let failure = act::verify::apply(&wire.aws(), &action).await.unwrap_err();
        assert_eq!(failure.class, FailureClass::Invalid);
        assert!(wire.asked().is_empty());
    }
}

#[tokio::test]
async fn the_verdict_is_written_on_the_very_recovery_point() {
    let at = wire::NOW.parse().unwrap();
    let verdict = VerdictRecord {
        recovery_point: arn("cluster-snapshot:snapkeep-1"),
        database: arn("cluster:shepherd"),
        scratch_id: "snapkeep-scratch-1".to_owned(),
        outcome: Outcome::Inconclusive,
        reason: "no capacity".to_owned(),
        proof: Proof::Restore,
        requested_at: at,
        cluster_available_at: None,
        ready_at: None,
        concluded_at: at,
    };
    let wire = Wire::accepting();
    let action = verify::Action::Conclude { verdict };
    assert_eq!(act::verify::apply(&wire.aws(), &action).await, Ok(Applied::Done));
    let expected = "rds us-west-2 AddTagsToResource \
        ResourceName=arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-1 \
        Tags.Tag.1.Key=snapkeep:verdict Tags.Tag.1.Value=inconclusive \
        Tags.Tag.2.Key=snapkeep:verdict-at Tags.Tag.2.Value=2026-03-04T02:00:00Z \
        Tags.Tag.3.Key=snapkeep:verdict-proof Tags.Tag.3.Value=restore";
    assert_eq!(wire.lines(), [expected]);
}
