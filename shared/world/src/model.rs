//! The things that exist in a simulated account, as they truly are: what the API shows of them, and
//! what only AWS would know.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::ids::{AccountId, RdsArn, Region, ResourceType};
use snapkeep_policy::inventory::{Quotas, Shape};
use snapkeep_policy::tags::Tags;

/// One account in one region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub region: Region,
}

impl Place {
    /// Where the thing is that has this address.
    #[must_use]
    pub fn of(arn: &RdsArn) -> Self {
        Self { account: arn.account.clone(), region: arn.region.clone() }
    }

    /// The ARN of a database or snapshot that is here.
    #[must_use]
    pub fn arn(&self, resource: ResourceType, id: &str) -> RdsArn {
        RdsArn {
            partition: "aws".parse().expect("a literal"),
            region: self.region.clone(),
            account: self.account.clone(),
            resource,
            id: id.to_owned(),
        }
    }
}

/// A cluster or an instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Database {
    /// Its address; the identifier is in it.
    pub arn: RdsArn,
    /// Cluster or instance.
    pub shape: Shape,
    /// AWS's name of the engine; Neptune and others may occur.
    pub engine: String,
    /// Its version.
    pub engine_version: String,
    /// AWS's status string.
    pub status: String,
    /// `DbClusterResourceId` or `DbiResourceId`.
    pub resource_id: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Size of its storage, in GiB.
    pub storage_gib: u32,
    /// ARN of its key; `None` when it isn't encrypted.
    pub kms_key: Option<String>,
    /// Whether deleting it is refused.
    pub deletion_protection: bool,
    /// Days of automated backups; 0 means off. A member has its cluster's, whatever this says.
    pub retention_days: u32,
    /// Set while its automated backups stand still, as when it is stopped.
    pub backed_up_until: Option<Timestamp>,
    /// Its subnet group.
    pub subnet_group: String,
    /// Its VPC security groups.
    pub security_groups: Vec<String>,
    /// Whether it has a public address.
    pub publicly_accessible: bool,
    /// On an instance: its class.
    pub instance_class: Option<String>,
    /// On an instance: the cluster it is a member of.
    pub member_of: Option<String>,
    /// Name of the master user.
    pub master_username: String,
    /// When the master password was last changed through the API.
    pub password_set_at: Option<Timestamp>,
    /// What it was changed to: who questions the database must know it.
    pub master_password: Option<String>,
    /// On an instance: an option group other than the default one.
    pub option_group: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// What it was restored from: a snapshot, or the database whose automated backups were.
    pub restored_from: Option<RdsArn>,
    /// The data in it, where that isn't its own.
    pub data: Option<Data>,
    /// Lists and lookups don't show it before.
    pub visible_from: Timestamp,
    /// Counts up through everything ever made: tells two things of the same name apart.
    pub serial: u64,
}

impl Database {
    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.arn.id
    }

    /// The newest instant to which its automated backups restore: about five minutes ago.
    /// Source: RDS User Guide, "Restoring to a specified time": logs are uploaded every 5 minutes.
    #[must_use]
    pub fn latest_restorable_at(&self, now: Timestamp) -> Option<Timestamp> {
        let running = self.backed_up_until.unwrap_or(now - SignedDuration::from_mins(5));
        let began = self.created_at + SignedDuration::from_mins(15);
        let on = self.retention_days > 0 && self.status != "creating" && running >= began;
        on.then_some(running)
    }

    /// The oldest such instant.
    #[must_use]
    pub fn earliest_restorable_at(&self, now: Timestamp) -> Option<Timestamp> {
        let window = SignedDuration::from_hours(24 * i64::from(self.retention_days));
        let oldest = now - window;
        self.latest_restorable_at(now)
            .map(|_| oldest.max(self.created_at + SignedDuration::from_mins(10)))
    }
}

/// Whose data a restored database holds, and of which instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// Identifier of the database that it was taken of.
    pub of: String,
    /// The instant to which it was restored.
    pub as_of: Timestamp,
}

/// The port on which an engine listens unless told otherwise.
pub(crate) fn port(engine: &str) -> u16 {
    match engine {
        "docdb" => 27017,
        "neptune" => 8182,
        "postgres" | "aurora-postgresql" => 5432,
        _ => 3306,
    }
}

/// A snapshot of a cluster or of an instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Its address; the identifier is in it.
    pub arn: RdsArn,
    /// Of a cluster or of an instance.
    pub shape: Shape,
    /// `manual`, `automated` or `awsbackup`.
    pub kind: String,
    /// AWS's name of the engine.
    pub engine: String,
    /// The database's version when it was taken.
    pub engine_version: String,
    /// AWS's status string.
    pub status: String,
    /// Identifier of the database, in the region where it was taken.
    pub database_id: String,
    /// The database's resource id.
    pub resource_id: String,
    /// When the database was created.
    pub database_created_at: Timestamp,
    /// When this snapshot or this copy was asked for.
    pub requested_at: Timestamp,
    /// When the data in it was taken: a copy has its source's.
    pub taken_at: Timestamp,
    /// When it will settle; `None` once it has, or if it never will.
    pub settles_at: Option<Timestamp>,
    /// ARN of its key; `None` when it isn't encrypted.
    pub kms_key: Option<String>,
    /// Size of the database's storage when it was taken, in GiB.
    pub storage_gib: u32,
    /// On a copy: what it was made from.
    pub source_arn: Option<RdsArn>,
    /// An option group other than the default one.
    pub option_group: Option<String>,
    /// Name of the master user.
    pub master_username: String,
    /// What a restore inherits: days of automated backups.
    pub retention_days: u32,
    /// What a restore inherits: deletion protection.
    pub deletion_protection: bool,
    /// Accounts that may see and copy it.
    pub shared_with: BTreeSet<AccountId>,
    /// Its tags.
    pub tags: Tags,
    /// Lists and lookups don't show it before.
    pub visible_from: Timestamp,
    /// Counts up through everything ever made: tells two things of the same name apart.
    pub serial: u64,
}

impl Snapshot {
    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.arn.id
    }

    /// Whether it counts against the quota of manual snapshots.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        self.kind == "manual"
    }

    /// How much of it is done, in percent. A stuck one stays at 17.
    #[must_use]
    pub fn progress_percent(&self, now: Timestamp) -> u8 {
        match (self.status.as_str(), self.settles_at) {
            ("available", _) => 100,
            ("creating" | "copying", None) => 17,
            (_, None) => 0,
            (_, Some(end)) => {
                let whole = end.duration_since(self.requested_at).as_secs().max(1);
                let done = now.duration_since(self.requested_at).as_secs();
                u8::try_from((done * 100 / whole).clamp(0, 99)).unwrap_or(99)
            }
        }
    }
}

/// A KMS key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its address.
    pub arn: String,
    /// Its alias, such as `alias/aws/rds`.
    pub alias: String,
    /// Whether it can be used.
    pub enabled: bool,
}

/// A DB subnet group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubnetGroup {
    /// Its name, in lower case.
    pub name: String,
    /// What its maker says of it.
    pub description: String,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Whether its subnets have a way to the internet. An instance in such a group is public unless
    /// the request says otherwise.
    /// Source: `PubliclyAccessible` of `RestoreDBInstanceFromDBSnapshot`, RDS API reference.
    pub internet_facing: bool,
}

/// What exists in one account in one region.
#[derive(Debug, Clone, Default)]
pub(crate) struct Locality {
    pub databases: BTreeMap<(Shape, String), Database>,
    pub snapshots: BTreeMap<(Shape, String), Snapshot>,
    pub subnet_groups: BTreeMap<String, SubnetGroup>,
    pub keys: Vec<Key>,
    pub quotas: Quotas,
    pub topics: BTreeMap<String, crate::sns::Topic>,
}

impl Locality {
    pub(crate) fn new(place: &Place, quotas: Quotas) -> Self {
        let mut locality = Self { quotas, ..Self::default() };
        locality.add_key(place, "alias/aws/rds");
        locality.add_subnet_group("default", &["subnet-1", "subnet-2"], true);
        locality
    }

    pub(crate) fn add_key(&mut self, place: &Place, alias: &str) -> String {
        let Place { account, region } = place;
        let number = self.keys.len() + 1;
        let id = format!("{number:08x}-0000-4000-8000-{account}");
        let arn = format!("arn:aws:kms:{region}:{account}:key/{id}");
        self.keys.push(Key { arn: arn.clone(), alias: alias.to_owned(), enabled: true });
        arn
    }

    pub(crate) fn add_subnet_group(&mut self, name: &str, subnets: &[&str], internet_facing: bool) {
        let group = SubnetGroup {
            name: name.to_owned(),
            description: name.to_owned(),
            subnets: subnets.iter().map(|&subnet| subnet.to_owned()).collect(),
            internet_facing,
        };
        self.subnet_groups.insert(group.name.clone(), group);
    }

    /// The key that a request means: by ARN, id or alias.
    pub(crate) fn key(&self, text: &str) -> Option<&Key> {
        self.keys.iter().find(|key| {
            key.arn == text
                || key.alias == text
                || key.arn.rsplit_once('/').is_some_and(|(_, id)| id == text)
                || text.rsplit_once(":alias/").is_some_and(|(_, a)| key.alias[6..] == *a)
        })
    }

    /// A cluster.
    pub(crate) fn cluster(&self, id: &str) -> Option<&Database> {
        self.databases.get(&(Shape::Cluster, id.to_owned()))
    }

    /// The instances of a cluster.
    pub(crate) fn members<'a>(&'a self, cluster: &'a str) -> impl Iterator<Item = &'a Database> {
        let instances = (Shape::Instance, String::new())..;
        self.databases
            .range(instances)
            .map(|(_, database)| database)
            .filter(move |database| database.member_of.as_deref() == Some(cluster))
    }
}

pub(crate) fn database_type(shape: Shape) -> ResourceType {
    match shape {
        Shape::Cluster => ResourceType::Cluster,
        Shape::Instance => ResourceType::Instance,
    }
}

pub(crate) fn snapshot_type(shape: Shape) -> ResourceType {
    match shape {
        Shape::Cluster => ResourceType::ClusterSnapshot,
        Shape::Instance => ResourceType::InstanceSnapshot,
    }
}

pub(crate) fn shape_of(resource: ResourceType) -> Shape {
    match resource {
        ResourceType::Cluster | ResourceType::ClusterSnapshot => Shape::Cluster,
        ResourceType::Instance | ResourceType::InstanceSnapshot => Shape::Instance,
    }
}
