//! create's and copy's actions become exactly these calls, in these regions, through these
//! SDKs. What is written out here is what AWS sees.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod wire;

use snapkeep_aws::FailureClass;
use snapkeep_aws::act::{self, Applied};
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::{Engine, Shape};
use snapkeep_policy::tags::Tags;
use snapkeep_policy::{copy, create};
use wire::{Wire, error, pairs};

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/k";

fn arn(resource: &str) -> RdsArn {
    format!("arn:aws:rds:us-west-2:123456789012:{resource}").parse().unwrap()
}

fn tags() -> Tags {
    Tags::from([("a".to_owned(), "1".to_owned())])
}

fn take(shape: Shape, engine: Engine) -> create::Action {
    create::Action::TakeSnapshot {
        database: arn(if shape == Shape::Cluster { "cluster:shepherd" } else { "db:shepherd" }),
        shape,
        engine,
        snapshot_id: "snapkeep-1".to_owned(),
        tags: tags(),
    }
}

fn copy(shape: Shape, engine: Engine, encrypted: bool) -> copy::Action {
    let cluster = shape == Shape::Cluster;
    copy::Action::CopySnapshot {
        source: arn(if cluster { "cluster-snapshot:snapkeep-1" } else { "snapshot:snapkeep-1" }),
        shape,
        engine,
        database: arn("cluster:shepherd"),
        destination: "us-east-1".parse().unwrap(),
        snapshot_id: "snapkeep-1".to_owned(),
        encrypted,
        kms_key: encrypted.then(|| KEY.to_owned()),
        option_group: (!cluster).then(|| "tde".to_owned()),
        tags: tags(),
    }
}

#[tokio::test]
async fn a_snapshot_is_asked_for_once_through_the_engines_own_sdk() {
    let of_cluster = "us-west-2 CreateDBClusterSnapshot DBClusterIdentifier=shepherd \
        DBClusterSnapshotIdentifier=snapkeep-1 Tags.Tag.1.Key=a Tags.Tag.1.Value=1";
    let of_instance = "us-west-2 CreateDBSnapshot DBInstanceIdentifier=shepherd \
        DBSnapshotIdentifier=snapkeep-1 Tags.Tag.1.Key=a Tags.Tag.1.Value=1";
    let table = [
        (Shape::Cluster, Engine::Docdb, format!("docdb {of_cluster}")),
        (Shape::Cluster, Engine::AuroraMysql, format!("rds {of_cluster}")),
        (Shape::Cluster, Engine::Postgres, format!("rds {of_cluster}")),
        (Shape::Instance, Engine::Postgres, format!("rds {of_instance}")),
    ];
    for (shape, engine, expected) in table {
        let wire = Wire::accepting();
        let applied = act::create::take_snapshot(&wire.aws(), &take(shape, engine)).await;
        assert_eq!(applied, Ok(Applied::Done));
        assert_eq!(wire.lines(), [expected]);
    }
}

#[tokio::test]
async fn what_exists_already_is_a_success_and_what_is_refused_is_not() {
    let table = [
        ("DBClusterSnapshotAlreadyExistsFault", Ok(Applied::AlreadyThere)),
        ("SnapshotQuotaExceeded", Err(FailureClass::QuotaOrInFlight)),
        ("InvalidDBClusterStateFault", Err(FailureClass::WrongState)),
        ("DBClusterNotFoundFault", Err(FailureClass::Gone)),
    ];
    for (code, expected) in table {
        let wire = Wire::new(move |_| error(400, code));
        let action = take(Shape::Cluster, Engine::Docdb);
        let applied = act::create::take_snapshot(&wire.aws(), &action).await;
        assert_eq!(applied.map_err(|failure| failure.class), expected, "{code}");
    }
}

#[tokio::test]
async fn a_copy_is_asked_for_in_the_destination_and_presigned_when_encrypted() {
    let source = "arn:aws:rds:us-west-2:123456789012";
    let cluster = |sdk: &str| {
        format!(
            "{sdk} us-east-1 CopyDBClusterSnapshot \
             SourceDBClusterSnapshotIdentifier={source}:cluster-snapshot:snapkeep-1 \
             Tags.Tag.1.Key=a Tags.Tag.1.Value=1 TargetDBClusterSnapshotIdentifier=snapkeep-1"
        )
    };
    let instance = format!(
        "rds us-east-1 CopyDBSnapshot OptionGroupName=tde \
         SourceDBSnapshotIdentifier={source}:snapshot:snapkeep-1 \
         Tags.Tag.1.Key=a Tags.Tag.1.Value=1 TargetDBSnapshotIdentifier=snapkeep-1"
    );
    let table = [
        (Shape::Cluster, Engine::Docdb, cluster("docdb")),
        (Shape::Cluster, Engine::AuroraPostgresql, cluster("rds")),
        (Shape::Instance, Engine::Mariadb, instance),
    ];
    for (shape, engine, expected) in table {
        for encrypted in [false, true] {
            let wire = Wire::accepting();
            let action = copy(shape, engine, encrypted);
            let applied = act::copy::copy_snapshot(&wire.aws(), &action).await;
            assert_eq!(applied, Ok(Applied::Done));
            let mut asked = wire.asked();
            let url = asked[0].form.remove("PreSignedUrl");
            let key = asked[0].form.remove("KmsKeyId");
            assert_eq!(asked.iter().map(wire::Asked::line).collect::<Vec<_>>(), [&*expected]);
            assert_eq!(key.as_deref(), encrypted.then_some(KEY));
            let query = url.map(|url| {
                let (address, query) = url.split_once("/?").unwrap();
                assert_eq!(address, "https://rds.us-west-2.amazonaws.com");
                pairs(query)
            });
            assert_eq!(query.is_some(), encrypted || engine == Engine::Docdb);
            for (name, value) in query.unwrap_or_default() {
                match name.as_str() {
                    "DestinationRegion" => assert_eq!(value, "us-east-1"),
                    "KmsKeyId" => assert_eq!(value, KEY),
                    name if name.starts_with("X-Amz-") || name == "Version" => {}
                    name => assert_eq!(value, asked[0].form[name], "{name}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn an_encrypted_copy_without_a_key_is_not_even_asked_for() {
    let wire = Wire::accepting();
    let mut action = copy(Shape::Cluster, Engine::Docdb, true);
    let copy::Action::CopySnapshot { kms_key, .. } = &mut action;
    *kms_key = None;
    let failure = act::copy::copy_snapshot(&wire.aws(), &action).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Invalid);
    assert!(wire.asked().is_empty());
}
