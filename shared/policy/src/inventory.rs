//! What can be seen of an AWS account: databases and snapshots of each region, as the API lists them.
//!
//! These are facts, not judgements. Which snapshots are ours is [`crate::recovery_point`]'s answer,
//! which databases are protected is [`crate::selection`]'s.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, RdsArn, Region, ResourceId};
use crate::tags::{self, Tags};

mod window;

pub use window::BackupWindow;

/// Everything one run saw, region by region.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The account that was looked at, as AWS states it in ARNs. `None` when nothing exists in it.
    pub account: Option<AccountId>,
    /// Each managed region, seen or not.
    pub regions: BTreeMap<Region, RegionView>,
    /// AWS's clock less ours, from the `Date` of the answers: the largest difference of the run.
    pub clock_skew: Option<SignedDuration>,
}

/// A region is seen to the end of its last page, or it is not seen. There is no half.
#[derive(Debug, Clone, PartialEq)]
pub enum RegionView {
    /// Every page of every list came back.
    Seen(RegionInventory),
    /// Some call failed: nothing about this region is known.
    Unseen {
        /// The AWS error code, or a word of ours when there was none.
        code: String,
        /// One line for people.
        message: String,
    },
}

/// What exists in one region of the account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RegionInventory {
    /// Clusters and instances of the engines in [`Engine`], scratch databases included.
    pub databases: Vec<Database>,
    /// Manual snapshots of those engines, ours and others'.
    pub snapshots: Vec<Snapshot>,
    /// The manual snapshot quotas, where `DescribeAccountAttributes` answered.
    pub quotas: Option<Quotas>,
}

/// The region's manual snapshot quotas; both default to 100.
/// Source: Amazon RDS User Guide, "Quotas and constraints".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Manual cluster snapshots, Aurora and DocumentDB together.
    pub cluster_snapshots_max: u32,
    /// Manual instance snapshots.
    pub instance_snapshots_max: u32,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { cluster_snapshots_max: 100, instance_snapshots_max: 100 }
    }
}

impl Quotas {
    /// The quota that counts for snapshots of databases of this shape.
    #[must_use]
    pub fn snapshots_max(self, shape: Shape) -> u32 {
        match shape {
            Shape::Cluster => self.cluster_snapshots_max,
            Shape::Instance => self.instance_snapshots_max,
        }
    }
}

/// Cluster or instance: they have different calls, quotas and restore paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// DocumentDB, Aurora, or a Multi-AZ RDS cluster.
    Cluster,
    /// An RDS instance on its own.
    Instance,
}

impl Shape {
    /// Snapshot copies that may be in flight into one region at a time. AWS answers a further one
    /// with `SnapshotQuotaExceeded`, the same code as for the quota of kept snapshots.
    /// Source: RDS User Guide "Copying a DB snapshot" (20), Aurora User Guide and DocumentDB
    /// Developer Guide, limits on cluster snapshot copies (5).
    #[must_use]
    pub fn copies_in_flight_max(self) -> usize {
        match self {
            Self::Cluster => 5,
            Self::Instance => 20,
        }
    }
}

/// The engines that snapkeep protects. `Describe*` also lists Neptune and others: they are left out
/// by this list, not by a filter of AWS's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Amazon DocumentDB.
    Docdb,
    /// Aurora, MySQL-compatible.
    AuroraMysql,
    /// Aurora, PostgreSQL-compatible.
    AuroraPostgresql,
    /// RDS for MySQL.
    Mysql,
    /// RDS for PostgreSQL.
    Postgres,
    /// RDS for MariaDB.
    Mariadb,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Docdb,
        Self::AuroraMysql,
        Self::AuroraPostgresql,
        Self::Mysql,
        Self::Postgres,
        Self::Mariadb,
    ];

    /// The engine that AWS calls `name`, if it is one of ours.
    #[must_use]
    pub fn from_aws(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|engine| engine.as_str() == name)
    }

    /// AWS's name for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Docdb => "docdb",
            Self::AuroraMysql => "aurora-mysql",
            Self::AuroraPostgresql => "aurora-postgresql",
            Self::Mysql => "mysql",
            Self::Postgres => "postgres",
            Self::Mariadb => "mariadb",
        }
    }

    /// Whether a cluster restored from a snapshot comes without an instance, so that one must be
    /// added before anything can connect. Multi-AZ RDS clusters bring their own.
    /// Source: `RestoreDBClusterFromSnapshot`, RDS and DocumentDB API references.
    #[must_use]
    pub fn restores_without_instance(self) -> bool {
        matches!(self, Self::Docdb | Self::AuroraMysql | Self::AuroraPostgresql)
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A cluster or an instance as AWS describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Database {
    /// Its address.
    pub arn: RdsArn,
    /// `DbClusterResourceId` or `DbiResourceId`.
    pub resource_id: ResourceId,
    /// Cluster or instance.
    pub shape: Shape,
    /// What runs in it.
    pub engine: Engine,
    /// Its version, as AWS writes it.
    pub engine_version: String,
    /// What it is doing.
    pub status: Status,
    /// On an instance: the cluster it is a member of. Members are protected with their cluster.
    pub member_of: Option<String>,
    /// On a cluster: the identifiers of its members.
    pub members: Vec<String>,
    /// When it was created, if AWS says.
    pub created_at: Option<Timestamp>,
    /// The newest instant to which it could be restored from its automated backups.
    pub latest_restorable_at: Option<Timestamp>,
    /// The oldest such instant.
    pub earliest_restorable_at: Option<Timestamp>,
    /// Days of automated backups; 0 means they are off.
    pub automated_retention_days: u32,
    /// When its automated backups are taken each day, if AWS says.
    pub backup_window: Option<BackupWindow>,
    /// Whether its storage is encrypted.
    pub encrypted: bool,
    /// Whether AWS refuses to delete it.
    pub deletion_protection: bool,
    /// Whether it has a public address. Clusters don't say; their instances do.
    pub publicly_accessible: bool,
    /// Its VPC security groups.
    pub security_groups: Vec<String>,
    /// Where it answers; absent while it is being made.
    pub endpoint: Option<Endpoint>,
    /// Its master user, if AWS says.
    pub master_user: Option<String>,
    /// The database that it was created with, if AWS says.
    pub initial_database: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// Where a database answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its host name, which its certificate bears.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl Database {
    /// Its identifier: unique in account and region for its shape.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.arn.id
    }
}

/// A manual snapshot as AWS describes it, whoever made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Its address; region and account are in it.
    pub arn: RdsArn,
    /// Snapshot of a cluster or of an instance.
    pub shape: Shape,
    /// What ran in the database.
    pub engine: Engine,
    /// The database's version when it was taken.
    pub engine_version: Arc<str>,
    /// What it is doing.
    pub status: Status,
    /// The identifier of the database it was taken of, in the region where it was taken.
    pub database_id: Arc<str>,
    /// The database's resource id, where AWS says it.
    pub resource_id: Option<ResourceId>,
    /// When AWS made this snapshot or this copy. Absent while creating; never used as its age.
    pub created_at: Option<Timestamp>,
    /// When its data was read from the database, where AWS says it: of an instance's snapshots. A copy
    /// keeps its original's.
    /// Source: `DBSnapshot`, `OriginalSnapshotCreateTime`: "Doesn't change when the snapshot is copied."
    pub data_at: Option<Timestamp>,
    /// How much of it is done, in percent, where AWS says it.
    pub progress_percent: Option<u8>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The key, if it is encrypted.
    pub kms_key: Option<Arc<str>>,
    /// Size of the database's storage when it was taken, in GiB.
    pub storage_gib: u32,
    /// On a copy: the snapshot it was made from, where AWS says it.
    pub source_arn: Option<RdsArn>,
    /// Its option group, for RDS instances that have one of their own.
    pub option_group: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Snapshot {
    /// Its identifier: unique in account and region for its shape.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.arn.id
    }

    /// The same, which shares the texts that it has in common with `other`. AWS lists a database's
    /// snapshots one after the other, and most of what it says of them is the same: of 61,000, half
    /// of the memory.
    #[must_use]
    pub fn alike(mut self, other: &Self) -> Self {
        self.arn = self.arn.alike(&other.arn);
        share(&mut self.engine_version, &other.engine_version);
        share(&mut self.database_id, &other.database_id);
        share(&mut self.resource_id, &other.resource_id);
        share(&mut self.kms_key, &other.kms_key);
        self.source_arn = match (self.source_arn, &other.source_arn) {
            (Some(own), Some(others)) => Some(own.alike(others)),
            (own, _) => own,
        };
        self.tags = self.tags.alike(&other.tags);
        self
    }

    /// Whether it is being made from another snapshot. AWS says `copying`, or `creating` and
    /// `pending` before it starts; the source says which of the two `creating` it is.
    #[must_use]
    pub fn is_being_copied(&self) -> bool {
        match self.status {
            Status::Copying => true,
            Status::Creating => self.source_arn.is_some() || self.tags.contains_key(tags::COPY_OF),
            Status::Available
            | Status::Deleting
            | Status::Stopped
            | Status::Failed(_)
            | Status::Misplaced(_)
            | Status::KeyInaccessible(_)
            | Status::Busy(_) => false,
        }
    }
}

/// Puts the clone of an equal in its place.
fn share<T: Clone + PartialEq>(own: &mut T, other: &T) {
    if own == other {
        own.clone_from(other);
    }
}

/// A status string of AWS's, sorted by what can be done with the thing.
///
/// AWS adds strings without notice, so an unknown one is [`Status::Busy`]: it is waited for, up to a
/// deadline, and never taken for an end.
/// Source: RDS User Guide, "Viewing DB instance status", "DB cluster status".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Ready for use.
    Available,
    /// A snapshot that is being made, or a database that is being created.
    Creating,
    /// A snapshot that is being copied from another.
    Copying,
    /// On its way out.
    Deleting,
    /// Stopped by its owner; a stopped database can't be snapshotted.
    Stopped,
    /// Broken for good: `failed`, `incompatible-restore`, `storage-full`, …
    Failed(String),
    /// Its environment doesn't fit: `incompatible-network`, `incompatible-parameters`.
    Misplaced(String),
    /// Its key can't be used: `inaccessible-encryption-credentials`.
    KeyInaccessible(String),
    /// Anything else: it's at work, look again.
    Busy(String),
}

impl Status {
    /// Reads AWS's string.
    #[must_use]
    pub fn from_aws(text: &str) -> Self {
        match text {
            "available" => Self::Available,
            "creating" | "pending" => Self::Creating,
            "copying" => Self::Copying,
            "deleting" => Self::Deleting,
            "stopped" | "stopping" => Self::Stopped,
            "failed"
            | "restore-error"
            | "storage-full"
            | "incompatible-restore"
            | "incompatible-credentials"
            | "migration-failed" => Self::Failed(text.to_owned()),
            "incompatible-network"
            | "incompatible-parameters"
            | "incompatible-option-group"
            | "incompatible-create"
            | "insufficient-capacity" => Self::Misplaced(text.to_owned()),
            "inaccessible-encryption-credentials"
            | "inaccessible-encryption-credentials-recoverable" => {
                Self::KeyInaccessible(text.to_owned())
            }
            other => Self::Busy(other.to_owned()),
        }
    }

    /// AWS's string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Available => "available",
            Self::Creating => "creating",
            Self::Copying => "copying",
            Self::Deleting => "deleting",
            Self::Stopped => "stopped",
            Self::Failed(text)
            | Self::Misplaced(text)
            | Self::KeyInaccessible(text)
            | Self::Busy(text) => text,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
