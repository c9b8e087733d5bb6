//! RDS, and DocumentDB, which is the same API on the same endpoint.
//!
//! One file for each thing that the API does: [`describe`] looks, [`snapshots`] takes and deletes
//! snapshots, [`copy`] copies them, [`restore`] restores them, [`databases`] creates and modifies,
//! [`teardown`] deletes, [`tags`] tags; [`catalogue`] holds the small lists.

mod catalogue;
mod checks;
mod copy;
mod databases;
mod describe;
mod presigned;
mod render;
mod restore;
mod snapshots;
mod tags;
mod teardown;

use jiff::Timestamp;
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::Shape;

use crate::faults::{FaultKind, Moment};
use crate::model::{Database, Locality, Place, Snapshot};
use crate::refusal::Refusal;
use crate::wire::Call;
use crate::xml::Xml;

type Reply = Result<Xml, Refusal>;

pub(crate) fn serve(call: &mut Call<'_>) -> Reply {
    if !call.operation.starts_with("Describe") {
        call.state.remember();
        return act(call);
    }
    match call.strike(Moment::Look) {
        Some(FaultKind::Stale(changes)) => {
            let Call { state, place, operation, params, nth } = call;
            let (place, params, nth) = (place.clone(), params.clone(), *nth);
            let operation = operation.clone();
            state
                .as_it_was(changes, |state| act(&mut Call { state, place, operation, params, nth }))
        }
        _ => act(call),
    }
}

fn act(call: &mut Call<'_>) -> Reply {
    use Shape::{Cluster, Instance};
    match call.operation.as_str() {
        "DescribeDBClusters" => describe::databases(call, Cluster),
        "DescribeDBInstances" => describe::databases(call, Instance),
        "DescribeDBClusterSnapshots" => describe::snapshots(call, Cluster),
        "DescribeDBSnapshots" => describe::snapshots(call, Instance),
        "CreateDBClusterSnapshot" => snapshots::create(call, Cluster),
        "CreateDBSnapshot" => snapshots::create(call, Instance),
        "DeleteDBClusterSnapshot" => snapshots::delete(call, Cluster),
        "DeleteDBSnapshot" => snapshots::delete(call, Instance),
        "CopyDBClusterSnapshot" => copy::copy(call, Cluster),
        "CopyDBSnapshot" => copy::copy(call, Instance),
        "RestoreDBClusterFromSnapshot" => restore::restore(call, Cluster),
        "RestoreDBInstanceFromDBSnapshot" => restore::restore(call, Instance),
        "RestoreDBClusterToPointInTime" => restore::restore_to_point_in_time(call, Cluster),
        "RestoreDBInstanceToPointInTime" => restore::restore_to_point_in_time(call, Instance),
        "CreateDBCluster" => databases::create(call, Cluster),
        "CreateDBInstance" => databases::create(call, Instance),
        "ModifyDBCluster" => databases::modify(call, Cluster),
        "ModifyDBInstance" => databases::modify(call, Instance),
        "DeleteDBCluster" => teardown::delete(call, Cluster),
        "DeleteDBInstance" => teardown::delete(call, Instance),
        "AddTagsToResource" => tags::add(call),
        "RemoveTagsFromResource" => tags::remove(call),
        "ListTagsForResource" => tags::list(call),
        "DescribeAccountAttributes" => catalogue::account_attributes(call),
        "DescribeDBEngineVersions" => catalogue::engine_versions(call),
        "CreateDBSubnetGroup" => catalogue::create_subnet_group(call),
        "DescribeDBSubnetGroups" => catalogue::subnet_groups(call),
        other => Err(Refusal::unknown_operation(other)),
    }
}

/// The parameter, and the element, that identifies a database of this shape.
fn database_parameter(shape: Shape) -> &'static str {
    match shape {
        Shape::Cluster => "DBClusterIdentifier",
        Shape::Instance => "DBInstanceIdentifier",
    }
}

/// The same for a snapshot.
fn snapshot_parameter(shape: Shape) -> &'static str {
    match shape {
        Shape::Cluster => "DBClusterSnapshotIdentifier",
        Shape::Instance => "DBSnapshotIdentifier",
    }
}

impl Call<'_> {
    fn here(&self) -> Result<&Locality, Refusal> {
        self.state.places.get(&self.place).ok_or_else(nowhere)
    }

    fn here_mut(&mut self) -> Result<&mut Locality, Refusal> {
        self.state.places.get_mut(&self.place).ok_or_else(nowhere)
    }

    /// The identifier that a request means; none that exists, if it is an ARN of elsewhere.
    fn id_here(&self, text: &str) -> String {
        let elsewhere = arn(text).is_some_and(|arn| Place::of(&arn) != self.place);
        if elsewhere { String::new() } else { checks::local_id(text) }
    }

    /// The database that a request means, by identifier or ARN, if it can be seen yet.
    fn database(&self, shape: Shape, text: &str) -> Result<&Database, Refusal> {
        let key = (shape, self.id_here(text));
        let found = self.here()?.databases.get(&key).filter(|it| it.visible_from <= self.now());
        found.ok_or_else(|| Refusal::database_not_found(shape, text))
    }

    fn database_mut(&mut self, shape: Shape, text: &str) -> Result<&mut Database, Refusal> {
        let now = self.now();
        let key = (shape, self.id_here(text));
        let found = self.here_mut()?.databases.get_mut(&key).filter(|it| it.visible_from <= now);
        found.ok_or_else(|| Refusal::database_not_found(shape, text))
    }

    /// The snapshot of this place that a request means, if it can be seen yet.
    fn snapshot(&self, shape: Shape, text: &str) -> Result<&Snapshot, Refusal> {
        let key = (shape, self.id_here(text));
        let found = self.here()?.snapshots.get(&key).filter(|it| it.visible_from <= self.now());
        found.ok_or_else(|| Refusal::snapshot_not_found(shape, text))
    }

    /// From when on what is made now can be seen.
    fn visible_from(&mut self) -> Timestamp {
        match self.strike(Moment::Made) {
            Some(FaultKind::LateVisibility(delay)) => self.now() + delay,
            _ => self.now(),
        }
    }

    /// Refuses when the key can't be used: to copy from, to copy with, to restore with.
    fn check_key(&mut self, key: Option<&str>) -> Result<(), Refusal> {
        let Some(key) = key else { return Ok(()) };
        let struck = self.strike(Moment::Key).is_some();
        let keys = self.state.places.values().flat_map(|locality| &locality.keys);
        let usable = keys.into_iter().any(|known| known.arn == key && known.enabled);
        if usable && !struck { Ok(()) } else { Err(Refusal::key_not_accessible(key)) }
    }

    /// The key of this place that a request names, or the default one.
    fn key_arn(&self, named: Option<&str>) -> Result<String, Refusal> {
        let name = named.unwrap_or("alias/aws/rds");
        let found = self.here()?.key(name).map(|key| key.arn.clone());
        found.ok_or_else(|| Refusal::key_not_accessible(name))
    }
}

/// A place was checked when the call came in; it doesn't disappear.
fn nowhere() -> Refusal {
    Refusal::new(403, "InvalidClientTokenId", "The region isn't enabled.")
}

/// The ARN that a request names, if it names one.
fn arn(text: &str) -> Option<RdsArn> {
    text.parse().ok()
}
