//! Restoring into a new database, from a snapshot or to a point in time: a cluster comes without
//! instances.
//!
//! Source: RDS and DocumentDB API references, `RestoreDBClusterFromSnapshot` and
//! `RestoreDBInstanceFromDBSnapshot`.

use jiff::Timestamp;
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::{Engine, Shape};

use super::databases::{Placement, settle, store};
use super::{Reply, checks, database_parameter};
use crate::faults::{FaultKind, Moment};
use crate::furnish;
use crate::model::{Data, Database, Snapshot};
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

/// What a restore begins from: a snapshot, or a database at an instant as if one had been taken then.
struct Origin {
    image: Snapshot,
    arn: RdsArn,
    data: Data,
}

pub(super) fn restore(call: &mut Call<'_>, shape: Shape) -> Reply {
    let snapshot = call.snapshot(shape, call.params.required(snapshot_parameter(shape))?)?.clone();
    let version = version(call, &snapshot)?;
    if snapshot.status != "available" {
        let message = format!("{} is {}, not available.", snapshot.id(), snapshot.status);
        return Err(Refusal::snapshot_state(shape, message));
    }
    let data = Data { of: snapshot.database_id.clone(), as_of: snapshot.taken_at };
    let origin = Origin { arn: snapshot.arn.clone(), image: snapshot, data };
    let parameter = database_parameter(shape);
    make(call, shape, parameter, &origin, version)
}

/// From the automated backups of a database that is there, within their window.
/// Source: RDS and DocumentDB API references, `RestoreDBClusterToPointInTime` and
/// `RestoreDBInstanceToPointInTime`.
pub(super) fn restore_to_point_in_time(call: &mut Call<'_>, shape: Shape) -> Reply {
    let (source, target, time) = match shape {
        Shape::Cluster => ("SourceDBClusterIdentifier", "DBClusterIdentifier", "RestoreToTime"),
        Shape::Instance => {
            ("SourceDBInstanceIdentifier", "TargetDBInstanceIdentifier", "RestoreTime")
        }
    };
    let source = call.database(shape, call.params.required(source)?)?.clone();
    let now = call.now();
    let asked = call.params.owned(time);
    let asked = asked.map(|text| text.parse::<Timestamp>().map_err(|_| invalid_restore(&text)));
    let window = source.earliest_restorable_at(now).zip(source.latest_restorable_at(now));
    let (earliest, latest) = window.ok_or_else(|| invalid_restore("no automated backups"))?;
    let to = match asked.transpose()? {
        Some(to) if (earliest..=latest).contains(&to) => to,
        Some(to) => return Err(invalid_restore(&to.to_string())),
        None if call.params.flag("UseLatestRestorableTime") == Some(true) => latest,
        None => return Err(Refusal::missing(time)),
    };
    let (arn, version) = (source.arn.clone(), source.engine_version.clone());
    let serial = call.state.next_serial();
    let image =
        Snapshot { tags: source.tags.clone(), ..Snapshot::of(&source, arn.clone(), to, serial) };
    let data = Data { of: source.id().to_owned(), as_of: to };
    make(call, shape, target, &Origin { image, arn, data }, version)
}

fn invalid_restore(what: &str) -> Refusal {
    let message = format!("{what}: it is not within the window of the automated backups.");
    Refusal::new(400, "InvalidRestoreFault", message)
}

fn make(
    call: &mut Call<'_>,
    shape: Shape,
    parameter: &str,
    origin: &Origin,
    version: String,
) -> Reply {
    let id = checks::database_id(call.params.required(parameter)?, parameter)?;
    let tags = call.params.tags("Tags");
    checks::tags(&tags)?;
    let image = &origin.image;
    if call.here()?.databases.contains_key(&(shape, id.clone())) {
        return Err(Refusal::database_exists(shape, &id));
    }
    let placement = Placement::read(call, None)?;
    let kms_key = match call.params.owned("KmsKeyId") {
        Some(named) => Some(call.key_arn(Some(&named))?),
        None => image.kms_key.clone(),
    };
    call.check_key(image.kms_key.as_deref())?;
    call.check_key(kms_key.as_deref())?;
    if call.strike(Moment::Capacity).is_some() {
        return Err(Refusal::no_capacity(shape));
    }
    let end = match call.strike(Moment::Restore) {
        Some(FaultKind::RestoreEnds(status)) => status,
        Some(_) => "incompatible-restore",
        None => "available",
    };
    let mut database = blank(call, origin, &id);
    database.engine_version = version;
    database.kms_key = kms_key;
    // Without tags in the request, those of the snapshot come along.
    // Source: RDS User Guide, "Copying tags to DB snapshots".
    database.tags = if tags.is_empty() { image.tags.clone() } else { tags };
    placement.apply(&mut database);
    let ready = settle(call, &database, end);
    let brings_instances =
        Engine::from_aws(&image.engine).is_some_and(|engine| !engine.restores_without_instance());
    if shape == Shape::Cluster && brings_instances {
        for n in 1..=MULTI_AZ_INSTANCES {
            let member = furnish::member(call.state, &database, n);
            call.state.later_database(ready, &member, super::databases::AVAILABLE);
            store(call, member)?;
        }
    }
    store(call, database)
}

/// What a restored database has from its origin, unless the request says otherwise.
fn blank(call: &mut Call<'_>, origin: &Origin, id: &str) -> Database {
    let protect = call.params.flag("DeletionProtection");
    let class = call.params.owned("DBInstanceClass");
    let image = &origin.image;
    let mut database = furnish::blank(call.state, &call.place, image.shape, id, &image.engine);
    database.visible_from = call.visible_from();
    database.storage_gib = image.storage_gib;
    database.retention_days = image.retention_days;
    database.deletion_protection = protect.unwrap_or(image.deletion_protection);
    database.master_username.clone_from(&image.master_username);
    database.option_group.clone_from(&image.option_group);
    database.instance_class = class.or(database.instance_class);
    database.restored_from = Some(origin.arn.clone());
    database.data = Some(origin.data.clone());
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
