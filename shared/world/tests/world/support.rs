//! What the tests have in common: a small world, its clients, and how they fail.

use aws_sdk_rds::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_rds::types::Tag;
use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::ids::{RdsArn, Region};
use snapkeep_policy::inventory::Engine;
use snapkeep_world::{DatabaseSpec, FaultId, Options, World};

/// A world with the cluster `shepherd` (DocumentDB) and the instance `ledger` (PostgreSQL) in
/// us-west-2.
pub struct Fixture {
    pub world: World,
    pub cluster: RdsArn,
    pub instance: RdsArn,
}

impl Fixture {
    pub fn new() -> Self {
        Self::seeded(42)
    }

    pub fn seeded(seed: u64) -> Self {
        let world = World::new(Options::new(seed));
        let admin = world.admin();
        let cluster = admin.create_database(
            &west(),
            &DatabaseSpec::cluster(Engine::Docdb, "shepherd").tag("team", "sheep"),
        );
        let instance =
            admin.create_database(&west(), &DatabaseSpec::instance(Engine::Postgres, "ledger"));
        Self { world, cluster, instance }
    }

    pub fn rds(&self, region: &Region) -> aws_sdk_rds::Client {
        aws_sdk_rds::Client::new(&self.world.sdk_config(region))
    }

    pub fn docdb(&self, region: &Region) -> aws_sdk_docdb::Client {
        aws_sdk_docdb::Client::new(&self.world.sdk_config(region))
    }

    /// Takes a snapshot of `shepherd` and waits for it.
    pub async fn cluster_snapshot(&self, id: &str) -> String {
        let rds = self.rds(&west());
        let request = rds.create_db_cluster_snapshot().db_cluster_identifier("shepherd");
        let taken = request
            .db_cluster_snapshot_identifier(id)
            .tags(tag("snapkeep:owner", "test"))
            .send()
            .await
            .unwrap();
        self.pass_minutes(10);
        taken.db_cluster_snapshot.unwrap().db_cluster_snapshot_arn.unwrap()
    }

    /// Takes a snapshot of `ledger` and waits for it.
    pub async fn instance_snapshot(&self, id: &str) -> String {
        let rds = self.rds(&west());
        let request = rds.create_db_snapshot().db_instance_identifier("ledger");
        let taken = request.db_snapshot_identifier(id).send().await.unwrap();
        self.pass_minutes(10);
        taken.db_snapshot.unwrap().db_snapshot_arn.unwrap()
    }

    pub fn pass_minutes(&self, minutes: i64) {
        self.world.advance_to(self.world.now() + SignedDuration::from_mins(minutes));
    }

    /// Status of a snapshot as it truly is, or `gone`.
    pub fn truth(&self, region: &Region, id: &str) -> String {
        let snapshots = self.world.snapshots(region);
        snapshots
            .iter()
            .find(|snapshot| snapshot.id() == id)
            .map_or("gone".to_owned(), |snapshot| snapshot.status.clone())
    }
}

/// How often a scheduled fault has struck.
pub fn struck(f: &Fixture, id: &FaultId) -> u64 {
    f.world.faults().injected().get(id).copied().unwrap_or(0)
}

pub fn west() -> Region {
    "us-west-2".parse().unwrap()
}

pub fn east() -> Region {
    "us-east-1".parse().unwrap()
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// The code with which a call was refused, or what else happened to it.
pub fn code<T, E: ProvideErrorMetadata>(result: Result<T, SdkError<E>>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(SdkError::TimeoutError(_)) => "timeout".to_owned(),
        Err(SdkError::DispatchFailure(failure)) if failure.is_timeout() => "timeout".to_owned(),
        Err(SdkError::DispatchFailure(_)) => "unreachable".to_owned(),
        Err(SdkError::ResponseError(_)) => "unreadable".to_owned(),
        Err(other) => other.code().unwrap_or("no code").to_owned(),
    }
}
