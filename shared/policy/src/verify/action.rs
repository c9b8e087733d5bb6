//! What verify does, and what it writes down.

use jiff::Timestamp;
use serde::Serialize;

use crate::ids::{RdsArn, Region};
use crate::inventory::{Engine, Shape};
use crate::plan::{Describe, Line};
use crate::recovery_point::Outcome;
use crate::tags::Tags;

/// What verify does. Each is one step of one scratch database; the next tick takes the next.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Ask for a scratch database made from a recovery point.
    Restore {
        /// The recovery point.
        source: RdsArn,
        /// Of a cluster or of an instance.
        shape: Shape,
        /// What runs in it.
        engine: Engine,
        /// The recovery point's engine version.
        engine_version: String,
        /// The database it is a recovery point of, for the reader.
        database: RdsArn,
        /// Where it is, and where the scratch database will be.
        region: Region,
        /// Under this identifier.
        scratch_id: String,
        /// Class of the instance.
        instance_class: String,
        /// Subnet group: private, mandatory.
        subnet_group: String,
        /// Security groups: mandatory, or AWS takes the default one.
        security_groups: Vec<String>,
        /// All its tags.
        tags: Tags,
    },
    /// A restored cluster has no instance until one is asked for.
    AddInstance {
        /// The scratch cluster.
        cluster: RdsArn,
        /// What runs in it.
        engine: Engine,
        /// The instance's identifier.
        instance_id: String,
        /// Its class.
        instance_class: String,
        /// The database under verification, for the reader.
        database: String,
        /// All its tags.
        tags: Tags,
    },
    /// Write the verdict: the evidence record, then the tags on that very recovery point.
    Conclude {
        /// What was verified.
        verdict: VerdictRecord,
    },
    /// Delete the instance of a scratch database.
    DeleteInstance {
        /// The scratch instance.
        instance: RdsArn,
        /// What runs in it.
        engine: Engine,
        /// Whether AWS would refuse to delete it.
        deletion_protection: bool,
        /// The database under verification, for the reader.
        database: String,
    },
    /// Delete a scratch cluster whose instances are gone or going.
    DeleteCluster {
        /// The scratch cluster.
        cluster: RdsArn,
        /// What runs in it.
        engine: Engine,
        /// Whether AWS would refuse to delete it.
        deletion_protection: bool,
        /// The database under verification, for the reader.
        database: String,
    },
}

impl Action {
    /// Whether it makes something; the others end what there is, and come first.
    pub(super) fn builds_up(&self) -> bool {
        match self {
            Self::Restore { .. } | Self::AddInstance { .. } => true,
            Self::Conclude { .. } | Self::DeleteInstance { .. } | Self::DeleteCluster { .. } => {
                false
            }
        }
    }
}

impl Describe for Action {
    fn line(&self, reason: &str) -> Line {
        let (action, id, database, region) = match self {
            Self::Restore { scratch_id, database, region, .. } => {
                ("restore", scratch_id, &database.id, region)
            }
            Self::AddInstance { cluster, instance_id, database, .. } => {
                ("add-instance", instance_id, database, &cluster.region)
            }
            Self::Conclude { verdict } => {
                let point = &verdict.recovery_point;
                ("conclude", &point.id, &verdict.database.id, &point.region)
            }
            Self::DeleteInstance { instance, database, .. } => {
                ("delete-instance", &instance.id, database, &instance.region)
            }
            Self::DeleteCluster { cluster, database, .. } => {
                ("delete-cluster", &cluster.id, database, &cluster.region)
            }
        };
        Line {
            verb: "verify",
            action,
            id: id.clone(),
            database: database.clone(),
            region: region.clone(),
            reason: reason.to_owned(),
        }
    }
}

/// A verdict and how it was reached: the evidence record, as it is written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerdictRecord {
    /// The recovery point.
    pub recovery_point: RdsArn,
    /// The database it restores.
    pub database: RdsArn,
    /// The scratch database it was restored into.
    pub scratch_id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, in one line.
    pub reason: String,
    /// What was proven.
    pub proof: Proof,
    /// When the restore was requested.
    pub requested_at: Timestamp,
    /// When the restored cluster was first seen available; instances have no such phase.
    pub cluster_available_at: Option<Timestamp>,
    /// When the restored database was first seen ready for connections.
    pub ready_at: Option<Timestamp>,
    /// When this was decided.
    pub concluded_at: Timestamp,
}

/// How much a PASS says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// The database was restored and became ready for connections.
    Restore,
}

impl Proof {
    /// The word in tags, records and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restore => "restore",
        }
    }
}
