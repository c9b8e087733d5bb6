//! Scratch databases: what verify restores into, questions and tears down.
//!
//! Only they may ever be deleted, so being one takes two marks that are set by different hands: the
//! tag [`tags::SCRATCH`] with the deployment's name, and the identifier's prefix
//! [`SCRATCH_PREFIX`]. One mark without the other is reported and left alone: alarm calls it tampered
//! with, and the tag by itself takes no database out of protection.
//!
//! A guest is what AWS Backup's restore testing made and verify adopted. It is questioned as any other
//! and never deleted: AWS Backup does that. Only the instance that a guest was given is ours.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::ids::{Deployment, GUEST_PREFIX, RdsArn, RestoreJobId, SCRATCH_PREFIX};
use crate::inventory::{Database, RegionInventory, Shape};
use crate::tags;

/// The longest deadline that a policy document can ask for.
const DEADLINE_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A scratch database: a cluster with its members, or an instance on its own.
#[derive(Debug, Clone)]
pub struct Scratch<'a> {
    /// Who deletes it.
    pub keeper: Keeper,
    /// The cluster, or the instance if there is no cluster (any more).
    pub database: &'a Database,
    /// Instances of the cluster, by identifier, whoever added them.
    pub members: Vec<&'a Database>,
    /// The recovery point that it was restored from, if the tag can be read.
    pub of: Option<RdsArn>,
    /// When the restore was requested, if the tag can be read.
    pub started_at: Option<Timestamp>,
    /// When it has to be gone: what its tag says, but at the most a week after it was created. None if
    /// the tag can't be read: that means now.
    pub deadline: Option<Timestamp>,
}

/// Who made a scratch database, and so deletes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeper {
    /// verify.
    Ours,
    /// AWS Backup: it is a guest.
    AwsBackup {
        /// The restore job that made it.
        job: RestoreJobId,
    },
}

/// Whether AWS Backup's restore testing made the database, adopted or not: its name and its tag agree.
#[must_use]
pub fn is_restore_test(database: &Database) -> bool {
    database.id().starts_with(GUEST_PREFIX) && database.tags.contains_key(tags::RESTORE_TEST)
}

/// Who keeps the database, if it is a scratch database of this deployment.
fn keeper(database: &Database, deployment: &Deployment) -> Option<Keeper> {
    if is_ours(database, deployment) {
        return Some(Keeper::Ours);
    }
    let tag = |key| database.tags.get(key);
    let is_adopted = tag(tags::SCRATCH).is_some_and(|tag| tag == deployment.as_str());
    let job = tag(tags::RESTORE_JOB).and_then(|id| id.parse().ok());
    let job = job.filter(|_| is_adopted && is_restore_test(database))?;
    Some(Keeper::AwsBackup { job })
}

/// Whether the database is named as a scratch database is: then it is not one to be protected.
#[must_use]
pub fn is_named_like_one(database: &Database) -> bool {
    database.id().starts_with(SCRATCH_PREFIX)
}

/// Whether the database bears one mark without the other: somebody changed its name or its tags.
#[must_use]
pub fn is_half_marked(database: &Database) -> bool {
    let is_tagged = database.tags.contains_key(tags::SCRATCH);
    is_named_like_one(database) != is_tagged && !is_restore_test(database)
}

/// Whether the database bears both marks, and so may be deleted by this deployment.
#[must_use]
pub fn is_ours(database: &Database, deployment: &Deployment) -> bool {
    let tag = database.tags.get(tags::SCRATCH);
    is_named_like_one(database) && tag.is_some_and(|tag| tag == deployment.as_str())
}

impl<'a> Scratch<'a> {
    /// All scratch databases of `deployment` in a region, clusters first, each by identifier.
    #[must_use]
    pub fn all(inventory: &'a RegionInventory, deployment: &Deployment) -> Vec<Self> {
        let of = |shape| inventory.databases.iter().filter(move |d| d.shape == shape);
        let new = |database| Some(Self::new(database, keeper(database, deployment)?));
        let clusters = of(Shape::Cluster).filter_map(new);
        let mut clusters: BTreeMap<&str, Self> =
            clusters.map(|cluster| (cluster.database.id(), cluster)).collect();
        let mut instances: BTreeMap<&str, Self> = BTreeMap::new();
        for instance in of(Shape::Instance) {
            match instance.member_of.as_deref().and_then(|cluster| clusters.get_mut(cluster)) {
                Some(cluster) => cluster.members.push(instance),
                // Its own, or what is left of a cluster that is already gone.
                None => {
                    instances.extend(new(instance).map(|scratch| (instance.id(), scratch)));
                }
            }
        }
        for cluster in clusters.values_mut() {
            cluster.members.sort_by_key(|member| member.id());
        }
        clusters.into_values().chain(instances.into_values()).collect()
    }

    fn new(database: &'a Database, keeper: Keeper) -> Self {
        let tag = |key| database.tags.get(key);
        let deadline = tag(tags::DEADLINE).and_then(|at| at.parse().ok());
        // Whoever may tag could move it; its age can't be moved.
        let latest = database.created_at.and_then(|at| at.checked_add(DEADLINE_MAX).ok());
        Self {
            keeper,
            database,
            members: Vec::new(),
            of: tag(tags::SCRATCH_OF).and_then(|arn| arn.parse().ok()),
            started_at: tag(tags::STARTED).and_then(|at| at.parse().ok()),
            deadline: deadline.map(|at: Timestamp| latest.map_or(at, |latest| at.min(latest))),
        }
    }

    /// Whether it is AWS Backup's.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.keeper != Keeper::Ours
    }

    /// The instances that verify added to it.
    pub fn added(&self) -> impl Iterator<Item = &'a Database> {
        let deployment = self.database.tags.get(tags::SCRATCH);
        let is_added = move |member: &&Database| {
            is_named_like_one(member) && member.tags.get(tags::SCRATCH) == deployment
        };
        self.members.iter().copied().filter(is_added)
    }

    /// Whether its time is over. Without a readable deadline it always is.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.deadline.is_none_or(|deadline| deadline <= now)
    }
}
