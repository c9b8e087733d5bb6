//! SDK shapes → inventory. Pure; every field of every shape may be missing.
//!
//! A missing ARN, status, engine or resource id is doubt: the thing can't be judged, and to leave
//! it out would be to judge that it doesn't exist. So it is an error, and the region counts as
//! unseen. What only informs (times, sizes, versions) may be missing.

use std::sync::Arc;

use aws_sdk_rds::primitives::DateTime;
use aws_sdk_rds::types::{
    DbCluster, DbClusterSnapshot, DbInstance, DbSnapshot, Tag, VpcSecurityGroupMembership,
};
use jiff::Timestamp;
use snapkeep_policy::ids::{InvalidName, RdsArn};
use snapkeep_policy::inventory::{
    BackupWindow, Database, Endpoint, Engine, Shape, Snapshot, Status,
};
use snapkeep_policy::tags::Tags;

/// Why an item of a list can't be told: what, and which field.
pub(crate) type Doubt = String;

/// The cluster, or `None` when its engine is none of ours.
pub(crate) fn cluster(aws: DbCluster) -> Result<Option<Database>, Doubt> {
    let what = Item::new("cluster", aws.db_cluster_identifier.as_deref());
    let Some(engine) = what.engine(aws.engine.as_deref())? else { return Ok(None) };
    Ok(Some(Database {
        arn: what.parsed("DBClusterArn", aws.db_cluster_arn)?,
        resource_id: what.parsed("DbClusterResourceId", aws.db_cluster_resource_id)?,
        shape: Shape::Cluster,
        engine,
        engine_version: aws.engine_version.unwrap_or_default(),
        status: what.status(aws.status.as_deref())?,
        member_of: None,
        members: aws
            .db_cluster_members
            .unwrap_or_default()
            .into_iter()
            .filter_map(|member| member.db_instance_identifier)
            .map(|id| id.to_ascii_lowercase())
            .collect(),
        created_at: timestamp(aws.cluster_create_time),
        latest_restorable_at: timestamp(aws.latest_restorable_time),
        earliest_restorable_at: timestamp(aws.earliest_restorable_time),
        automated_retention_days: unsigned(aws.backup_retention_period),
        backup_window: window(aws.preferred_backup_window.as_deref()),
        encrypted: encrypted(aws.storage_encrypted, &aws.kms_key_id),
        deletion_protection: aws.deletion_protection.unwrap_or(false),
        publicly_accessible: aws.publicly_accessible.unwrap_or(false),
        security_groups: security_groups(aws.vpc_security_groups),
        endpoint: endpoint(aws.endpoint, aws.port),
        master_user: aws.master_username,
        initial_database: aws.database_name,
        tags: tags(aws.tag_list),
    }))
}

/// The instance, or `None` when its engine is none of ours.
pub(crate) fn instance(aws: DbInstance) -> Result<Option<Database>, Doubt> {
    let what = Item::new("instance", aws.db_instance_identifier.as_deref());
    let Some(engine) = what.engine(aws.engine.as_deref())? else { return Ok(None) };
    Ok(Some(Database {
        arn: what.parsed("DBInstanceArn", aws.db_instance_arn)?,
        resource_id: what.parsed("DbiResourceId", aws.dbi_resource_id)?,
        shape: Shape::Instance,
        engine,
        engine_version: aws.engine_version.unwrap_or_default(),
        status: what.status(aws.db_instance_status.as_deref())?,
        member_of: aws.db_cluster_identifier.map(|id| id.to_ascii_lowercase()),
        members: Vec::new(),
        created_at: timestamp(aws.instance_create_time),
        latest_restorable_at: timestamp(aws.latest_restorable_time),
        // The list of instances doesn't say; AWS itself refuses what is too long ago.
        earliest_restorable_at: None,
        automated_retention_days: unsigned(aws.backup_retention_period),
        backup_window: window(aws.preferred_backup_window.as_deref()),
        encrypted: encrypted(aws.storage_encrypted, &aws.kms_key_id),
        deletion_protection: aws.deletion_protection.unwrap_or(false),
        publicly_accessible: aws.publicly_accessible.unwrap_or(false),
        security_groups: security_groups(aws.vpc_security_groups),
        endpoint: aws.endpoint.and_then(|it| endpoint(it.address, it.port)),
        master_user: aws.master_username,
        initial_database: aws.db_name,
        tags: tags(aws.tag_list),
    }))
}

/// The cluster snapshot, or `None` when its engine is none of ours.
pub(crate) fn cluster_snapshot(aws: DbClusterSnapshot) -> Result<Option<Snapshot>, Doubt> {
    let what = Item::new("cluster snapshot", aws.db_cluster_snapshot_identifier.as_deref());
    let Some(engine) = what.engine(aws.engine.as_deref())? else { return Ok(None) };
    Ok(Some(Snapshot {
        arn: what.parsed("DBClusterSnapshotArn", aws.db_cluster_snapshot_arn)?,
        shape: Shape::Cluster,
        engine,
        engine_version: aws.engine_version.unwrap_or_default().into(),
        status: what.status(aws.status.as_deref())?,
        database_id: what.present("DBClusterIdentifier", aws.db_cluster_identifier)?.into(),
        resource_id: what.parsed_if_there("DbClusterResourceId", aws.db_cluster_resource_id)?,
        created_at: timestamp(aws.snapshot_create_time),
        data_at: None,
        progress_percent: percent(aws.percent_progress),
        encrypted: encrypted(aws.storage_encrypted, &aws.kms_key_id),
        kms_key: key(aws.kms_key_id, aws.storage_encrypted),
        storage_gib: unsigned(aws.allocated_storage),
        source_arn: source(aws.source_db_cluster_snapshot_arn),
        option_group: None,
        tags: tags(aws.tag_list),
    }))
}

/// The instance snapshot, or `None` when its engine is none of ours.
pub(crate) fn instance_snapshot(aws: DbSnapshot) -> Result<Option<Snapshot>, Doubt> {
    let what = Item::new("snapshot", aws.db_snapshot_identifier.as_deref());
    let Some(engine) = what.engine(aws.engine.as_deref())? else { return Ok(None) };
    Ok(Some(Snapshot {
        arn: what.parsed("DBSnapshotArn", aws.db_snapshot_arn)?,
        shape: Shape::Instance,
        engine,
        engine_version: aws.engine_version.unwrap_or_default().into(),
        status: what.status(aws.status.as_deref())?,
        database_id: what.present("DBInstanceIdentifier", aws.db_instance_identifier)?.into(),
        resource_id: what.parsed_if_there("DbiResourceId", aws.dbi_resource_id)?,
        created_at: timestamp(aws.snapshot_create_time),
        data_at: timestamp(aws.original_snapshot_create_time),
        progress_percent: percent(aws.percent_progress),
        encrypted: encrypted(aws.encrypted, &aws.kms_key_id),
        kms_key: key(aws.kms_key_id, aws.encrypted),
        storage_gib: unsigned(aws.allocated_storage),
        source_arn: source(aws.source_db_snapshot_identifier),
        // Every instance has an option group; AWS's own are named `default:…` and exist everywhere.
        option_group: aws.option_group_name.filter(|name| !name.starts_with("default:")),
        tags: tags(aws.tag_list),
    }))
}

/// While a database is being made it has no endpoint, or one without a port.
fn endpoint(host: Option<String>, port: Option<i32>) -> Option<Endpoint> {
    let host = host.filter(|host| !host.is_empty())?;
    Some(Endpoint { host, port: u16::try_from(port?).ok().filter(|port| *port != 0)? })
}

/// What an error message calls the item.
struct Item {
    kind: &'static str,
    id: String,
}

impl Item {
    fn new(kind: &'static str, id: Option<&str>) -> Self {
        Self { kind, id: id.unwrap_or("without an identifier").to_owned() }
    }

    fn doubt(&self, field: &str, problem: impl std::fmt::Display) -> Doubt {
        format!("{} {}: {field} {problem}", self.kind, self.id)
    }

    fn engine(&self, text: Option<&str>) -> Result<Option<Engine>, Doubt> {
        text.map(Engine::from_aws).ok_or_else(|| self.doubt("Engine", "is missing"))
    }

    fn status(&self, text: Option<&str>) -> Result<Status, Doubt> {
        text.map(Status::from_aws).ok_or_else(|| self.doubt("Status", "is missing"))
    }

    /// An identifier, in lower case as AWS stores it.
    fn present(&self, field: &str, text: Option<String>) -> Result<String, Doubt> {
        let text = text.filter(|text| !text.is_empty());
        text.map(|id| id.to_ascii_lowercase()).ok_or_else(|| self.doubt(field, "is missing"))
    }

    fn parsed<T>(&self, field: &str, text: Option<String>) -> Result<T, Doubt>
    where
        T: std::str::FromStr<Err = InvalidName>,
    {
        self.parsed_if_there(field, text)?.ok_or_else(|| self.doubt(field, "is missing"))
    }

    fn parsed_if_there<T>(&self, field: &str, text: Option<String>) -> Result<Option<T>, Doubt>
    where
        T: std::str::FromStr<Err = InvalidName>,
    {
        text.filter(|text| !text.is_empty())
            .map(|text| text.parse().map_err(|error| self.doubt(field, error)))
            .transpose()
    }
}

/// A copy's source as AWS states it; `None` also for the bare identifiers of local copies.
fn source(text: Option<String>) -> Option<RdsArn> {
    text?.parse().ok()
}

fn timestamp(time: Option<DateTime>) -> Option<Timestamp> {
    let time = time?;
    Timestamp::new(time.secs(), time.subsec_nanos().try_into().ok()?).ok()
}

/// Where AWS doesn't say, a key says it.
fn encrypted(said: Option<bool>, kms_key: &Option<String>) -> bool {
    said.unwrap_or(kms_key.is_some())
}

/// The key, unless it encrypts nothing.
fn key(kms_key: Option<String>, encrypted: Option<bool>) -> Option<Arc<str>> {
    kms_key.filter(|_| encrypted != Some(false)).map(Arc::from)
}

fn window(text: Option<&str>) -> Option<BackupWindow> {
    text.and_then(BackupWindow::from_aws)
}

fn unsigned(number: Option<i32>) -> u32 {
    number.and_then(|number| number.try_into().ok()).unwrap_or_default()
}

fn percent(number: Option<i32>) -> Option<u8> {
    number?.clamp(0, 100).try_into().ok()
}

fn security_groups(groups: Option<Vec<VpcSecurityGroupMembership>>) -> Vec<String> {
    groups.unwrap_or_default().into_iter().filter_map(|g| g.vpc_security_group_id).collect()
}

fn tags(list: Option<Vec<Tag>>) -> Tags {
    list.unwrap_or_default()
        .into_iter()
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect()
}

#[cfg(test)]
mod tests;
