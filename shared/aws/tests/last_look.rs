//! prune's action looks again right before it deletes, and drops what isn't as the plan saw it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod wire;

use snapkeep_aws::act::Applied;
use snapkeep_aws::act::prune::delete_recovery_point;
use snapkeep_aws::{Failure, FailureClass};
use snapkeep_policy::inventory::{Engine, Shape};
use snapkeep_policy::prune::Action;
use wire::{Answer, Wire, error, success};

const ARN: &str = "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-shepherd-20260301t0200z-c07743855b";

fn delete(engine: Engine) -> Action {
    Action::Delete {
        recovery_point: ARN.parse().unwrap(),
        shape: Shape::Cluster,
        engine,
        database: "arn:aws:rds:us-west-2:123456789012:cluster:shepherd".parse().unwrap(),
        source: "cluster-A".parse().unwrap(),
    }
}

/// The recovery point of the plan, as AWS shows it.
const SNAPSHOT: &str = "<DBClusterSnapshot>\
    <DBClusterSnapshotIdentifier>snapkeep-shepherd-20260301t0200z-c07743855b</DBClusterSnapshotIdentifier>\
    <DBClusterSnapshotArn>arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-shepherd-20260301t0200z-c07743855b\
    </DBClusterSnapshotArn>\
    <DBClusterIdentifier>shepherd</DBClusterIdentifier>\
    <DbClusterResourceId>cluster-A</DbClusterResourceId>\
    <Engine>docdb</Engine><Status>available</Status><SnapshotType>manual</SnapshotType>\
    <TagList>\
    <Tag><Key>snapkeep:owner</Key><Value>prod</Value></Tag>\
    <Tag><Key>snapkeep:policy</Key><Value>critical</Value></Tag>\
    <Tag><Key>snapkeep:slot</Key><Value>2026-03-01T02:00:00Z</Value></Tag>\
    <Tag><Key>snapkeep:source</Key><Value>cluster-A</Value></Tag>\
    <Tag><Key>snapkeep:database</Key>\
    <Value>arn:aws:rds:us-west-2:123456789012:cluster:shepherd</Value></Tag>\
    </TagList></DBClusterSnapshot>";

fn page(snapshots: &str) -> String {
    format!("<DBClusterSnapshots>{snapshots}</DBClusterSnapshots>")
}

async fn prune(engine: Engine, look: Answer) -> (Result<Applied, Failure>, Vec<String>) {
    let wire = Wire::new(move |asked| match asked.action() {
        "DescribeDBClusterSnapshots" => look.clone(),
        _ => success(asked, ""),
    });
    let deployment = "prod".parse().unwrap();
    let applied = delete_recovery_point(&wire.aws(), &deployment, &delete(engine)).await;
    (applied, wire.lines())
}

fn answer(snapshots: &str) -> Answer {
    let body = format!(
        "<DescribeDBClusterSnapshotsResponse><DescribeDBClusterSnapshotsResult>{}\
         </DescribeDBClusterSnapshotsResult></DescribeDBClusterSnapshotsResponse>",
        page(snapshots)
    );
    Answer { status: 200, headers: vec![], body }
}

#[tokio::test]
async fn it_is_deleted_with_one_look_and_one_call_when_it_is_as_planned() {
    for (engine, sdk) in [(Engine::Docdb, "docdb"), (Engine::AuroraMysql, "rds")] {
        let (applied, lines) = prune(engine, answer(SNAPSHOT)).await;
        assert_eq!(applied, Ok(Applied::Done));
        let id = "DBClusterSnapshotIdentifier=snapkeep-shepherd-20260301t0200z-c07743855b";
        let look = format!("rds us-west-2 DescribeDBClusterSnapshots {id}");
        let delete = format!("{sdk} us-west-2 DeleteDBClusterSnapshot {id}");
        assert_eq!(lines, [look, delete]);
    }
}

#[tokio::test]
async fn failed_and_given_up_ones_are_deleted_too() {
    for status in ["failed", "copying"] {
        let snapshot = SNAPSHOT.replace("available", status);
        let (applied, lines) = prune(Engine::Docdb, answer(&snapshot)).await;
        assert_eq!((applied, lines.len()), (Ok(Applied::Done), 2), "{status}");
    }
}

#[tokio::test]
async fn it_is_left_alone_when_anything_about_it_has_changed() {
    let hold = "<TagList><Tag><Key>snapkeep:hold</Key><Value>case 7</Value></Tag>";
    let table = [
        ("another deployment", SNAPSHOT.replace("prod", "test")),
        ("tags stripped", SNAPSHOT.replace("snapkeep:owner", "team")),
        ("no slot", SNAPSHOT.replace("snapkeep:slot", "slot")),
        ("another source", SNAPSHOT.replace("cluster-A", "cluster-B")),
        ("source tag forged", SNAPSHOT.replace("<Value>cluster-A", "<Value>cluster-B")),
        ("under legal hold", SNAPSHOT.replace("<TagList>", hold)),
        ("creating", SNAPSHOT.replace("available", "creating")),
        ("a status AWS invented", SNAPSHOT.replace("available", "rehydrating")),
        (
            "another ARN",
            SNAPSHOT.replace(
                "snapshot:snapkeep-shepherd-20260301t0200z-c07743855b",
                "snapshot:snapkeep-2",
            ),
        ),
        ("another slot than its name says", SNAPSHOT.replace("2026-03-01T02", "2026-03-01T03")),
        ("another account", SNAPSHOT.replace("123456789012:cluster-s", "210987654321:cluster-s")),
    ];
    for (what, snapshot) in table {
        assert_ne!(snapshot, SNAPSHOT, "{what}");
        let (applied, lines) = prune(Engine::Docdb, answer(&snapshot)).await;
        assert!(matches!(applied, Ok(Applied::Dropped(_))), "{what}: {applied:?}");
        assert_eq!(lines.len(), 1, "{what}");
    }
}

#[tokio::test]
async fn gone_or_going_is_as_good_as_deleted() {
    let looks = [
        error(404, "DBClusterSnapshotNotFoundFault"),
        answer(&SNAPSHOT.replace("available", "deleting")),
    ];
    for look in looks {
        let (applied, lines) = prune(Engine::Docdb, look).await;
        assert_eq!((applied, lines.len()), (Ok(Applied::AlreadyGone), 1));
    }
}

#[tokio::test]
async fn a_last_look_that_tells_nothing_is_a_failure_and_nothing_is_deleted() {
    let mut cut = answer(SNAPSHOT);
    cut.body.truncate(cut.body.find("</TagList>").unwrap());
    let table = [
        (error(400, "Throttling"), FailureClass::Throttled),
        (error(403, "AccessDenied"), FailureClass::Denied),
        (error(503, "ServiceUnavailable"), FailureClass::Unavailable),
        (cut, FailureClass::Unavailable),
        (answer(""), FailureClass::Unavailable),
        (answer(&format!("{SNAPSHOT}{SNAPSHOT}")), FailureClass::Unavailable),
        (answer(&SNAPSHOT.replace("docdb", "neptune")), FailureClass::Unavailable),
        (answer(&SNAPSHOT.replace("<Status>available</Status>", "")), FailureClass::Unavailable),
    ];
    for (look, expected) in table {
        let (applied, lines) = prune(Engine::Docdb, look).await;
        assert_eq!(applied.unwrap_err().class, expected);
        assert_eq!(lines.len(), 1);
    }
}
