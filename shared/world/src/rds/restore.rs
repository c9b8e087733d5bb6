//! Restoring a snapshot into a new database: a cluster comes without instances.
//!
//! Source: RDS and DocumentDB API references, `RestoreDBClusterFromSnapshot` and
//! `RestoreDBInstanceFromDBSnapshot`.

use snapkeep_policy::inventory::{Engine, Shape};

use super::databases::{Placement, settle, store};
use super::{Reply, checks, database_parameter};
use crate::faults::Moment;
use crate::furnish;
use crate::model::{Database, Snapshot};
use crate::refusal::Refusal;
use crate::wire::Call;

/// Instances of a Multi-AZ RDS cluster: one to write and two to read.
const MULTI_AZ_INSTANCES: u32 = 3;

fn snapshot_parameter(shape: Shape) -> &'static str {
    match shape {
        Shape::Cluster => "SnapshotIdentifier",
        Shape::Instance => "DBSnapshotIdentifier",
    }
}

pub(super) fn restore(call: &mut Call<'_>, shape: Shape) -> Reply {
    let parameter = database_parameter(shape);
    let id = checks::database_id(call.params.required(parameter)?, parameter)?;
    let tags = call.params.tags("Tags");
    checks::tags(&tags)?;
    let snapshot = call.snapshot(shape, call.params.required(snapshot_parameter(shape))?)?.clone();
    let version = version(call, &snapshot)?;
    if call.here()?.databases.contains_key(&(shape, id.clone())) {
        return Err(Refusal::database_exists(shape, &id));
    }
    if snapshot.status != "available" {
        let message = format!("{} is {}, not available.", snapshot.id(), snapshot.status);
        return Err(Refusal::snapshot_state(shape, message));
    }
    let placement = Placement::read(call, None)?;
    let kms_key = match call.params.owned("KmsKeyId") {
        Some(named) => Some(call.key_arn(Some(&named))?),
        None => snapshot.kms_key.clone(),
    };
    call.check_key(snapshot.kms_key.as_deref())?;
    call.check_key(kms_key.as_deref())?;
    if call.strike(Moment::Capacity).is_some() {
        return Err(Refusal::no_capacity(shape));
    }
    let broken = call.strike(Moment::Restore).is_some();
    let mut database = blank(call, &snapshot, &id);
    database.engine_version = version;
    database.kms_key = kms_key;
    // Without tags in the request, those of the snapshot come along.
    // Source: RDS User Guide, "Copying tags to DB snapshots".
    database.tags = if tags.is_empty() { snapshot.tags.clone() } else { tags };
    placement.apply(&mut database);
    let ready = settle(call, &database, if broken { "incompatible-restore" } else { "available" });
    let brings_instances = Engine::from_aws(&snapshot.engine)
        .is_some_and(|engine| !engine.restores_without_instance());
    if shape == Shape::Cluster && brings_instances {
        for n in 1..=MULTI_AZ_INSTANCES {
            let member = furnish::member(call.state, &database, n);
            call.state.later_database(ready, &member, super::databases::AVAILABLE);
            store(call, member)?;
        }
    }
    store(call, database)
}

/// What a restored database has from its snapshot, unless the request says otherwise.
fn blank(call: &mut Call<'_>, snapshot: &Snapshot, id: &str) -> Database {
    let protect = call.params.flag("DeletionProtection");
    let class = call.params.owned("DBInstanceClass");
    let mut database =
        furnish::blank(call.state, &call.place, snapshot.shape, id, &snapshot.engine);
    database.visible_from = call.visible_from();
    database.storage_gib = snapshot.storage_gib;
    database.retention_days = snapshot.retention_days;
    database.deletion_protection = protect.unwrap_or(snapshot.deletion_protection);
    database.master_username.clone_from(&snapshot.master_username);
    database.option_group.clone_from(&snapshot.option_group);
    database.instance_class = class.or(database.instance_class);
    database.restored_from = Some(snapshot.arn.clone());
    database
}

/// The version to restore with: the snapshot's unless the request names one; it must be on offer.
fn version(call: &Call<'_>, snapshot: &Snapshot) -> Result<String, Refusal> {
    if snapshot.shape == Shape::Cluster {
        let engine = call.params.required("Engine")?;
        if engine != snapshot.engine {
            return Err(Refusal::invalid_combination(format!(
                "The engine {engine} can't be restored from a snapshot of {}.",
                snapshot.engine
            )));
        }
    }
    let version = call.params.get("EngineVersion").unwrap_or(&snapshot.engine_version);
    super::databases::check_version(call, &snapshot.engine, version)?;
    Ok(version.to_owned())
}
