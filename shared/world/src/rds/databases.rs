//! Creating and modifying clusters and instances.

use jiff::Timestamp;
use snapkeep_policy::inventory::Shape;

use super::{Reply, checks, database_parameter, render};
use crate::faults::Moment;
use crate::furnish;
use crate::model::Database;
use crate::refusal::Refusal;
use crate::state::Then;
use crate::wire::Call;
use crate::xml::Xml;

/// What happens to a database that was created well.
pub(super) const AVAILABLE: Then = Then::Turn { from: "creating", to: "available" };

pub(super) fn create(call: &mut Call<'_>, shape: Shape) -> Reply {
    let parameter = database_parameter(shape);
    let id = checks::database_id(call.params.required(parameter)?, parameter)?;
    let engine = call.params.required("Engine")?.to_owned();
    let tags = call.params.tags("Tags");
    checks::tags(&tags)?;
    if call.here()?.databases.contains_key(&(shape, id.clone())) {
        return Err(Refusal::database_exists(shape, &id));
    }
    let cluster = cluster(call, shape, &engine)?;
    let version = version(call, &engine, cluster.as_ref())?;
    let placement = Placement::read(call, cluster.as_ref())?;
    let kms_key = key(call, cluster.as_ref())?;
    call.check_key(kms_key.as_deref())?;
    if call.strike(Moment::Capacity).is_some() {
        return Err(Refusal::no_capacity(Shape::Instance));
    }
    let mut database = furnish::blank(call.state, &call.place, shape, &id, &engine);
    database.engine_version = version;
    database.kms_key = kms_key;
    database.tags = tags;
    database.visible_from = call.visible_from();
    placement.apply(&mut database);
    apply_settings(call, &mut database)?;
    if let Some(cluster) = cluster {
        database.member_of = Some(cluster.id().to_owned());
        database.deletion_protection = false;
    }
    settle(call, &database, "available");
    store(call, database)
}

/// The cluster that a new instance is to be a member of: it must be available and of its engine.
fn cluster(call: &Call<'_>, shape: Shape, engine: &str) -> Result<Option<Database>, Refusal> {
    let named = call.params.get("DBClusterIdentifier").filter(|_| shape == Shape::Instance);
    let Some(id) = named else { return Ok(None) };
    let cluster = call.database(Shape::Cluster, id)?;
    if cluster.status != "available" {
        let message = format!("The cluster {id} is {}, not available.", cluster.status);
        return Err(Refusal::database_state(Shape::Cluster, message));
    }
    if cluster.engine != engine {
        let message = format!("The engine {engine} is not that of the cluster {id}.");
        return Err(Refusal::invalid_combination(message));
    }
    Ok(Some(cluster.clone()))
}

fn version(call: &Call<'_>, engine: &str, cluster: Option<&Database>) -> Result<String, Refusal> {
    if let Some(cluster) = cluster {
        return Ok(cluster.engine_version.clone());
    }
    let newest = call.state.offered.get(engine).and_then(|offered| offered.last());
    let version = call.params.get("EngineVersion").or(newest.map(String::as_str));
    let version = version.unwrap_or_default();
    check_version(call, engine, version)?;
    Ok(version.to_owned())
}

/// Refuses a version that isn't on offer, for creating or restoring.
pub(super) fn check_version(call: &Call<'_>, engine: &str, version: &str) -> Result<(), Refusal> {
    let offered = call
        .state
        .offered
        .get(engine)
        .ok_or_else(|| Refusal::invalid_value(format!("Invalid DB engine: {engine}")))?;
    if offered.iter().any(|offer| offer == version) {
        return Ok(());
    }
    Err(Refusal::invalid_combination(format!("Cannot find version {version} for {engine}")))
}

fn key(call: &Call<'_>, cluster: Option<&Database>) -> Result<Option<String>, Refusal> {
    if let Some(cluster) = cluster {
        return Ok(cluster.kms_key.clone());
    }
    let named = call.params.get("KmsKeyId");
    let encrypted = call.params.flag("StorageEncrypted") == Some(true) || named.is_some();
    encrypted.then(|| call.key_arn(named)).transpose()
}

fn apply_settings(call: &Call<'_>, database: &mut Database) -> Result<(), Refusal> {
    let params = &call.params;
    database.deletion_protection = params.flag("DeletionProtection").unwrap_or(false);
    if let Some(days) = params.number("BackupRetentionPeriod")? {
        database.retention_days = days;
    }
    if let Some(gib) = params.number("AllocatedStorage")? {
        database.storage_gib = gib;
    }
    if let Some(name) = params.owned("MasterUsername") {
        database.master_username = name;
    }
    if let Some(class) = params.owned("DBInstanceClass") {
        database.instance_class = Some(class);
    }
    database.option_group = params.owned("OptionGroupName");
    Ok(())
}

/// Where in the network a new database is put.
pub(super) struct Placement {
    subnet_group: String,
    security_groups: Vec<String>,
    publicly_accessible: bool,
}

impl Placement {
    /// What the request says; for a member, what its cluster has; and AWS's defaults: the default
    /// groups, and public wherever the subnets have a way to the internet. DocumentDB is never
    /// public.
    pub(super) fn read(call: &Call<'_>, cluster: Option<&Database>) -> Result<Self, Refusal> {
        let params = &call.params;
        let named = params.owned("DBSubnetGroupName").map(|name| name.to_ascii_lowercase());
        let subnet_group = match (cluster, named) {
            (Some(cluster), _) => cluster.subnet_group.clone(),
            (None, named) => named.unwrap_or_else(|| "default".to_owned()),
        };
        let group = call.here()?.subnet_groups.get(&subnet_group).ok_or_else(|| {
            let message = format!("DB subnet group '{subnet_group}' does not exist.");
            Refusal::new(404, "DBSubnetGroupNotFoundFault", message)
        })?;
        let asked = params.list("VpcSecurityGroupIds.VpcSecurityGroupId");
        let security_groups = match (asked.is_empty(), cluster) {
            (false, _) => asked,
            (true, Some(cluster)) => cluster.security_groups.clone(),
            (true, None) => vec!["sg-default".to_owned()],
        };
        let docdb = cluster.is_some_and(|cluster| cluster.engine == "docdb");
        let public = params.flag("PubliclyAccessible").unwrap_or(group.internet_facing);
        Ok(Self { subnet_group, security_groups, publicly_accessible: public && !docdb })
    }

    pub(super) fn apply(self, database: &mut Database) {
        database.subnet_group = self.subnet_group;
        database.security_groups = self.security_groups;
        // A cluster has no address of its own; its instances do.
        database.publicly_accessible =
            self.publicly_accessible && database.shape == Shape::Instance;
    }
}

/// Lets a database that is being created become `to` in its time; returns when.
pub(super) fn settle(call: &mut Call<'_>, database: &Database, to: &'static str) -> Timestamp {
    let (dice, delays) = (call.state.dice, &call.state.options.delays);
    let range = match database.shape {
        Shape::Cluster => &delays.cluster,
        Shape::Instance => &delays.instance,
    };
    let now = call.now();
    let ready = now + dice.within(&format!("create {} {now}", database.arn), range);
    call.state.later_database(ready, database, Then::Turn { from: "creating", to });
    ready
}

/// Puts a database in its place, and shows it.
pub(super) fn store(call: &mut Call<'_>, database: Database) -> Reply {
    let key = (database.shape, database.arn.id.clone());
    call.here_mut()?.databases.insert(key.clone(), database);
    show(call, key.0, &key.1)
}

/// A database as it is now.
pub(super) fn show(call: &Call<'_>, shape: Shape, id: &str) -> Reply {
    let mut xml = Xml::new();
    let locality = call.here()?;
    if let Some(database) = locality.databases.get(&(shape, id.to_owned())) {
        render::database(&mut xml, database, locality, call.now());
    }
    Ok(xml)
}

pub(super) fn modify(call: &mut Call<'_>, shape: Shape) -> Reply {
    let text = call.params.required(database_parameter(shape))?.to_owned();
    let database = call.database(shape, &text)?;
    check_modifiable(database)?;
    if let Some(password) = call.params.get("MasterUserPassword") {
        check_password(database, password)?;
    }
    let params = call.params.clone();
    let retention_days = params.number("BackupRetentionPeriod")?;
    let groups = params.list("VpcSecurityGroupIds.VpcSecurityGroupId");
    let database = call.database_mut(shape, &text)?;
    database.deletion_protection =
        params.flag("DeletionProtection").unwrap_or(database.deletion_protection);
    database.publicly_accessible =
        params.flag("PubliclyAccessible").unwrap_or(database.publicly_accessible);
    database.retention_days = retention_days.unwrap_or(database.retention_days);
    if !groups.is_empty() {
        database.security_groups = groups;
    }
    // The status follows the answer. Source: AWS CLI reference, `modify-db-cluster`, Output.
    let answer = show(call, shape, &checks::local_id(&text));
    if let Some(password) = params.owned("MasterUserPassword") {
        reset_password(call, shape, &text, password)?;
    }
    answer
}

const RESETTING: &str = "resetting-master-credentials";

/// Sets the master password, which keeps a database busy for a while; one that has failed stays so.
fn reset_password(
    call: &mut Call<'_>,
    shape: Shape,
    text: &str,
    password: String,
) -> Result<(), Refusal> {
    let now = call.now();
    let database = call.database_mut(shape, text)?;
    database.password_set_at = Some(now);
    database.master_password = Some(password);
    if database.status == "available" {
        RESETTING.clone_into(&mut database.status);
        let database = database.clone();
        let (dice, delays) = (call.state.dice, &call.state.options.delays);
        let delay = dice.within(&format!("modify {} {now}", database.arn), &delays.modify);
        let then = Then::Turn { from: RESETTING, to: "available" };
        call.state.later_database(now + delay, &database, then);
    }
    Ok(())
}

/// Failed databases can be modified, as to lift their deletion protection; busy ones can't.
fn check_modifiable(database: &Database) -> Result<(), Refusal> {
    match database.status.as_str() {
        "creating" | "deleting" | "stopped" | "stopping" | "modifying" | RESETTING => {
            let message = format!("{} is {}.", database.id(), database.status);
            Err(Refusal::database_state(database.shape, message))
        }
        _ => Ok(()),
    }
}

/// Source: RDS and DocumentDB API references, `MasterUserPassword` of `ModifyDBInstance` and
/// `ModifyDBCluster`.
fn check_password(database: &Database, password: &str) -> Result<(), Refusal> {
    if let Some(cluster) = &database.member_of {
        let message = format!("Modify the master user password of the cluster {cluster}.");
        return Err(Refusal::database_state(Shape::Cluster, message));
    }
    let chars_max = match database.engine.as_str() {
        "docdb" => 100,
        "postgres" | "aurora-postgresql" => 128,
        _ => 41,
    };
    let printable = password.bytes().all(|b| b.is_ascii_graphic() && !b"/\"@".contains(&b));
    if printable && (8..=chars_max).contains(&password.len()) {
        return Ok(());
    }
    // The password itself is never repeated.
    Err(Refusal::invalid_value(format!(
        "The parameter MasterUserPassword is not a valid password: 8 to {chars_max} printable ASCII \
         characters besides '/', '@', '\"', ' ' may be used."
    )))
}
