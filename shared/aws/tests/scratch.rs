//! verify's actions become exactly these calls, and none that could make or delete anything else
//! than a scratch database.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod wire;

use snapkeep_aws::act::{self, Applied};
use snapkeep_aws::{Aws, Failure, FailureClass};
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::{Engine, Shape};
use snapkeep_policy::tags::Tags;
use snapkeep_policy::verify::{self, Begun, Phases, Refused, Restore, Subject};
use wire::Wire;

fn arn(resource: &str) -> RdsArn {
    format!("arn:aws:rds:us-west-2:123456789012:{resource}").parse().unwrap()
}

fn tags() -> Tags {
    Tags::from([("a".to_owned(), "1".to_owned())])
}

fn restore(shape: Shape, engine: Engine) -> verify::Action {
    let cluster = shape == Shape::Cluster;
    let source = if cluster { "cluster-snapshot:snapkeep-1" } else { "snapshot:snapkeep-1" };
    restore_of(Subject::RecoveryPoint(arn(source)), shape, engine)
}

/// The same to ten past two, from the database's own backups.
fn rehearsal(shape: Shape, engine: Engine) -> verify::Action {
    let database = arn(if shape == Shape::Cluster { "cluster:shepherd" } else { "db:orders" });
    let to = "2026-03-04T02:10:00.75Z".parse().unwrap();
    restore_of(Subject::PointInTime { database, to }, shape, engine)
}

fn restore_of(subject: Subject, shape: Shape, engine: Engine) -> verify::Action {
    verify::Action::Restore(Restore {
        begun: begun(subject),
        shape,
        engine,
        engine_version: "5.0.0".to_owned(),
        region: "us-west-2".parse().unwrap(),
        instance_class: "db.t4g.medium".to_owned(),
        subnet_group: "sealed".to_owned(),
        security_groups: vec!["sg-1".to_owned()],
        tags: tags(),
    })
}

fn begun(subject: Subject) -> Begun {
    Begun {
        subject,
        database: arn("cluster:shepherd"),
        scratch_id: "snapkeep-scratch-1".to_owned(),
        phases: Phases::requested(wire::NOW.parse().unwrap()),
        rto: None,
    }
}

fn add_instance(cluster: &str, engine: Engine, instance_id: &str) -> verify::Action {
    verify::Action::AddInstance {
        cluster: arn(&format!("cluster:{cluster}")),
        engine,
        instance_id: instance_id.to_owned(),
        instance_class: "db.t4g.medium".to_owned(),
        database: "shepherd".to_owned(),
        tags: tags(),
        begun: begun(Subject::RecoveryPoint(arn("cluster-snapshot:snapkeep-1"))),
    }
}

fn set_password(scratch: &str, engine: Engine) -> verify::Action {
    let (scratch, database) = (arn(scratch), "shepherd".to_owned());
    verify::Action::SetPassword { scratch, engine, database, tags: tags() }
}

/// One step, as verify takes it, with a fixed password.
async fn apply(aws: &Aws, action: &verify::Action) -> Result<Applied, Failure> {
    use act::verify::{
        Instance, add_instance, delete_cluster, delete_instance, restore, set_password,
    };
    match action {
        verify::Action::Restore(wanted) => restore(aws, wanted).await,
        verify::Action::AddInstance {
            cluster,
            engine,
            instance_id: id,
            instance_class: class,
            tags,
            ..
        } => add_instance(aws, &Instance { cluster, engine: *engine, id, class, tags }).await,
        verify::Action::SetPassword { scratch, engine, tags, .. } => {
            set_password(aws, scratch, *engine, "0123456789abcdef", tags).await
        }
        verify::Action::DeleteInstance { instance, engine, deletion_protection, .. } => {
            delete_instance(aws, instance, *engine, *deletion_protection).await
        }
        verify::Action::DeleteCluster { cluster, engine, deletion_protection, .. } => {
            delete_cluster(aws, cluster, *engine, *deletion_protection).await
        }
        verify::Action::Adopt { resource, tags, .. } => {
            act::verify::adopt(aws, resource, tags).await
        }
        verify::Action::Validate { job, resource, passed, message, tags, .. } => {
            let passed = *passed;
            let told = act::verify::Validation { job, resource, passed, message, tags };
            act::verify::validate(aws, told).await
        }
        verify::Action::Question(_) | verify::Action::Conclude { .. } => panic!("no such call"),
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
        assert_eq!(apply(&wire.aws(), &action).await, Ok(Applied::Done));
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
        let action = add_instance("snapkeep-scratch-1", engine, "snapkeep-scratch-1-i");
        assert_eq!(apply(&wire.aws(), &action).await, Ok(Applied::Done));
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
        assert_eq!(apply(&wire.aws(), &action).await, Ok(Applied::Done));
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
        assert_eq!(apply(&wire.aws(), &action).await, Ok(Applied::Done));
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
        if let verify::Action::Restore(restore) = &mut restored {
            id.clone_into(&mut restore.begun.scratch_id);
        }
        let added = add_instance(id, Engine::AuroraMysql, "snapkeep-scratch-1");
        let actions = [
            restored,
            added,
            set_password(&format!("db:{id}"), Engine::Postgres),
            set_password(&format!("cluster:{id}"), Engine::Docdb),
            delete("db", id, Engine::Postgres, true),
            delete("db", id, Engine::Docdb, false),
            delete("cluster", id, Engine::Docdb, true),
            delete("cluster", id, Engine::AuroraMysql, false),
        ];
        for action in actions {
            let wire = Wire::accepting();
            let failure = apply(&wire.aws(), &action).await.unwrap_err();
            assert_eq!(failure.class, FailureClass::Invalid, "{id}");
            assert!(wire.asked().is_empty(), "{id}: {:?}", wire.lines());
        }
    }
}

#[tokio::test]
async fn a_restore_that_would_get_default_networking_is_not_asked_for() {
    for (subnets, groups) in [("", vec!["sg-1".to_owned()]), ("sealed", vec![])] {
        let mut action = restore(Shape::Instance, Engine::Postgres);
        if let verify::Action::Restore(restore) = &mut action {
            subnets.clone_into(&mut restore.subnet_group);
            restore.security_groups = groups;
        }
        let wire = Wire::accepting();
        let failure = apply(&wire.aws(), &action).await.unwrap_err();
        assert_eq!(failure.class, FailureClass::Invalid);
        assert!(wire.asked().is_empty());
    }
}

#[tokio::test]
async fn a_point_in_time_is_restored_from_the_whole_storage_and_never_as_a_clone() {
    let network = "Tags.Tag.1.Key=a Tags.Tag.1.Value=1 \
        VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-1";
    let cluster = "DBClusterIdentifier=snapkeep-scratch-1 DBSubnetGroupName=sealed \
        DeletionProtection=false";
    let from = "RestoreToTime=2026-03-04T02:10:00Z RestoreType=full-copy \
        SourceDBClusterIdentifier=shepherd";
    let table = [
        (
            rehearsal(Shape::Cluster, Engine::Docdb),
            format!("docdb us-west-2 RestoreDBClusterToPointInTime {cluster} {from} {network}"),
        ),
        (
            rehearsal(Shape::Cluster, Engine::AuroraPostgresql),
            format!(
                "rds us-west-2 RestoreDBClusterToPointInTime BackupRetentionPeriod=1 \
                CopyTagsToSnapshot=false {cluster} PubliclyAccessible=false {from} {network}"
            ),
        ),
        (
            rehearsal(Shape::Instance, Engine::Postgres),
            format!(
                "rds us-west-2 RestoreDBInstanceToPointInTime AutoMinorVersionUpgrade=false \
                BackupRetentionPeriod=0 CopyTagsToSnapshot=false DBInstanceClass=db.t4g.medium \
                DBSubnetGroupName=sealed DeletionProtection=false MultiAZ=false \
                PubliclyAccessible=false RestoreTime=2026-03-04T02:10:00Z \
                SourceDBInstanceIdentifier=orders {} TargetDBInstanceIdentifier=snapkeep-scratch-1 \
                VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-1",
                "Tags.Tag.1.Key=a Tags.Tag.1.Value=1",
            ),
        ),
    ];
    for (action, expected) in table {
        let wire = Wire::accepting();
        assert_eq!(apply(&wire.aws(), &action).await, Ok(Applied::Done));
        assert_eq!(wire.lines(), [expected]);
    }
}

#[tokio::test]
async fn a_password_is_set_where_the_engine_keeps_it_and_then_the_tag_says_so() {
    let set = "ApplyImmediately=true";
    let password = "MasterUserPassword=0123456789abcdef";
    let id = "snapkeep-scratch-1";
    let table = [
        (
            set_password("cluster:snapkeep-scratch-1", Engine::Docdb),
            format!("docdb us-west-2 ModifyDBCluster {set} DBClusterIdentifier={id} {password}"),
            "cluster",
        ),
        (
            set_password("cluster:snapkeep-scratch-1", Engine::AuroraMysql),
            format!("rds us-west-2 ModifyDBCluster {set} DBClusterIdentifier={id} {password}"),
            "cluster",
        ),
        (
            set_password("db:snapkeep-scratch-1", Engine::Mariadb),
            format!("rds us-west-2 ModifyDBInstance {set} DBInstanceIdentifier={id} {password}"),
            "db",
        ),
    ];
    for (action, expected, kind) in table {
        let wire = Wire::accepting();
        assert_eq!(apply(&wire.aws(), &action).await, Ok(Applied::Done));
        let tagged = format!(
            "rds us-west-2 AddTagsToResource ResourceName={} Tags.Tag.1.Key=a Tags.Tag.1.Value=1",
            arn(&format!("{kind}:{id}")),
        );
        assert_eq!(wire.lines(), [expected, tagged]);
    }
}

#[tokio::test]
async fn a_version_that_is_gone_is_replaced_by_the_next_on_offer_or_ends_the_verification() {
    let of = |offered: &'static [&'static str]| {
        Wire::new(move |asked| match asked.action() {
            "DescribeDBEngineVersions" => {
                let version = |v: &&str| {
                    format!("<DBEngineVersion><EngineVersion>{v}</EngineVersion></DBEngineVersion>")
                };
                let offers: String = offered.iter().map(version).collect();
                wire::success(asked, &format!("<DBEngineVersions>{offers}</DBEngineVersions>"))
            }
            _ if asked.form["EngineVersion"] == "5.0.0" => wire::error_saying(
                400,
                "InvalidParameterCombination",
                "Cannot find version 5.0.0 for docdb",
            ),
            _ => wire::success(asked, ""),
        })
    };
    let action = restore(Shape::Cluster, Engine::Docdb);
    let wire = of(&["4.0.0", "5.0.2", "5.0.1", "8.0.0"]);
    assert_eq!(apply(&wire.aws(), &action).await, Ok(Applied::Done));
    let versions: Vec<_> =
        wire.asked().iter().filter_map(|asked| asked.form.get("EngineVersion").cloned()).collect();
    assert_eq!(versions, ["5.0.0", "5.0.1"]);

    let failure = apply(&of(&["8.0.0"]).aws(), &action).await.unwrap_err();
    assert_eq!(act::verify::refusal(&failure), Some(Refused::Version));
}

#[test]
fn only_what_no_later_tick_would_change_ends_a_verification() {
    let failure = |class| Failure {
        class,
        code: String::new(),
        message: String::new(),
        subject: String::new(),
    };
    let refusal = |class| act::verify::refusal(&failure(class));
    assert_eq!(refusal(FailureClass::Capacity), Some(Refused::Capacity));
    assert_eq!(refusal(FailureClass::QuotaOrInFlight), Some(Refused::Capacity));
    assert_eq!(refusal(FailureClass::NetworkParameters), Some(Refused::Parameters));
    assert_eq!(refusal(FailureClass::KeyUnusable), Some(Refused::Key));
    for class in [
        FailureClass::Throttled,
        FailureClass::Denied,
        FailureClass::Unavailable,
        FailureClass::WrongState,
        FailureClass::Invalid,
    ] {
        assert_eq!(refusal(class), None, "{class:?}");
    }
}

#[tokio::test]
async fn the_verdict_is_written_on_the_very_recovery_point() {
    let subject = Subject::RecoveryPoint(arn("cluster-snapshot:snapkeep-1"));
    let action = restore_of(subject, Shape::Cluster, Engine::Docdb);
    let now = wire::NOW.parse().unwrap();
    let verdict = verify::refused(&action, Refused::Capacity, "no capacity", now).unwrap();
    let wire = Wire::accepting();
    assert_eq!(act::verify::tag_verdict(&wire.aws(), &verdict).await, Ok(Applied::Done));
    let expected = "rds us-west-2 AddTagsToResource \
        ResourceName=arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-1 \
        Tags.Tag.1.Key=snapkeep:verdict Tags.Tag.1.Value=inconclusive \
        Tags.Tag.2.Key=snapkeep:verdict-at Tags.Tag.2.Value=2026-03-04T02:00:00Z \
        Tags.Tag.3.Key=snapkeep:verdict-cause Tags.Tag.3.Value=capacity \
        Tags.Tag.4.Key=snapkeep:verdict-rto Tags.Tag.4.Value=none";
    assert_eq!(wire.lines(), [expected]);
}

#[tokio::test]
async fn a_rehearsal_is_told_on_the_database_in_words_that_no_snapshot_inherits() {
    let action = rehearsal(Shape::Instance, Engine::Postgres);
    let now = wire::NOW.parse().unwrap();
    let verdict = verify::refused(&action, Refused::Key, "no key", now).unwrap();
    let wire = Wire::accepting();
    assert_eq!(act::verify::tag_verdict(&wire.aws(), &verdict).await, Ok(Applied::Done));
    let expected = "rds us-west-2 AddTagsToResource \
        ResourceName=arn:aws:rds:us-west-2:123456789012:db:orders \
        Tags.Tag.1.Key=snapkeep:rehearsal Tags.Tag.1.Value=fail \
        Tags.Tag.2.Key=snapkeep:rehearsal-at Tags.Tag.2.Value=2026-03-04T02:00:00Z";
    assert_eq!(wire.lines(), [expected]);
}
