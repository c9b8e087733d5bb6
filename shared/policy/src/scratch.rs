//! Scratch databases: what verify restores into, questions and tears down.
//!
//! Only they may ever be deleted, so being one takes two marks that are set by different hands: the
//! tag [`tags::SCRATCH`] with the deployment's name, and the identifier's prefix
//! [`SCRATCH_PREFIX`]. One mark without the other is reported and left alone.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::ids::{Deployment, RdsArn, SCRATCH_PREFIX};
use crate::inventory::{Database, RegionInventory, Shape};
use crate::tags;

/// A scratch database: a cluster with its members, or an instance on its own.
#[derive(Debug, Clone)]
pub struct Scratch<'a> {
    /// The cluster, or the instance if there is no cluster (any more).
    pub database: &'a Database,
    /// Instances of the cluster.
    pub members: Vec<&'a Database>,
    /// The recovery point that it was restored from, if the tag can be read.
    pub of: Option<RdsArn>,
    /// When the restore was requested, if the tag can be read.
    pub started_at: Option<Timestamp>,
    /// When it has to be gone. A tag that can't be read means now.
    pub deadline: Option<Timestamp>,
}

/// Whether the database bears either mark: then it is not one to be protected.
#[must_use]
pub fn is_marked(database: &Database) -> bool {
    database.id().starts_with(SCRATCH_PREFIX) || database.tags.contains_key(tags::SCRATCH)
}

/// Whether the database bears both marks, and so may be deleted by this deployment.
#[must_use]
pub fn is_ours(database: &Database, deployment: &Deployment) -> bool {
    let tag = database.tags.get(tags::SCRATCH);
    database.id().starts_with(SCRATCH_PREFIX) && tag.is_some_and(|t| t == deployment.as_str())
}

impl<'a> Scratch<'a> {
    /// All scratch databases of `deployment` in a region, by identifier.
    #[must_use]
    pub fn all(inventory: &'a RegionInventory, deployment: &Deployment) -> Vec<Self> {
        let ours = || inventory.databases.iter().filter(|d| is_ours(d, deployment));
        let mut found: BTreeMap<&str, Self> =
            ours().filter(|d| d.shape == Shape::Cluster).map(|d| (d.id(), Self::new(d))).collect();
        for instance in ours().filter(|d| d.shape == Shape::Instance) {
            match instance.member_of.as_deref().and_then(|cluster| found.get_mut(cluster)) {
                Some(cluster) => cluster.members.push(instance),
                // Its own, or what is left of a cluster that is already gone.
                None => {
                    found.insert(instance.id(), Self::new(instance));
                }
            }
        }
        found.into_values().collect()
    }

    fn new(database: &'a Database) -> Self {
        let tag = |key| database.tags.get(key);
        Self {
            database,
            members: Vec::new(),
            of: tag(tags::SCRATCH_OF).and_then(|arn| arn.parse().ok()),
            started_at: tag(tags::STARTED).and_then(|at| at.parse().ok()),
            deadline: tag(tags::DEADLINE).and_then(|at| at.parse().ok()),
        }
    }

    /// Whether its time is over. Without a readable deadline it always is.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.deadline.is_none_or(|deadline| deadline <= now)
    }
}
