//! What verify does: one step of one scratch database each. The next tick takes the next.

use crate::document::VerifyRule;
use crate::ids::{RdsArn, Region, RestoreJobId};
use crate::inventory::{Engine, Shape};
use crate::plan::{Describe, Line};
use crate::tags::Tags;
use crate::verify::{Inquiry, Subject, VerdictRecord};

/// What verify does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Ask for a scratch database.
    Restore(Restore),
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
        /// What is written if AWS has no room for it.
        begun: Begun,
    },
    /// Give the scratch database a master password of its own, then tag it with when.
    SetPassword {
        /// The scratch database: a cluster, or an instance without one.
        scratch: RdsArn,
        /// What runs in it.
        engine: Engine,
        /// The database under verification, for the reader.
        database: String,
        /// The tags that say so.
        tags: Tags,
    },
    /// Connect, question, and conclude from what is answered.
    Question(Box<Inquiry>),
    /// Write a verdict: the evidence record, then the tags on what was verified.
    Conclude {
        /// What was verified.
        verdict: Box<VerdictRecord>,
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
    /// Take what AWS Backup's restore testing made as a guest: tag it.
    Adopt {
        /// What the restore job made.
        resource: RdsArn,
        /// The database that it is a copy of, for the reader.
        database: String,
        /// All that is remembered of it.
        tags: Tags,
    },
    /// Tell AWS Backup the verdict on a guest, then tag it with when. AWS takes it once, and may
    /// delete the guest from then on.
    Validate {
        /// The restore job.
        job: RestoreJobId,
        /// What it made.
        resource: RdsArn,
        /// Whether it passed.
        passed: bool,
        /// Why, in one line.
        message: String,
        /// The database that it is a copy of, for the reader.
        database: String,
        /// The tags that say so.
        tags: Tags,
    },
}

/// A restore, with everything that seals the scratch database.
#[derive(Debug, Clone, PartialEq)]
pub struct Restore {
    /// What is restored, into which scratch database: also what is written if AWS refuses for good.
    pub begun: Begun,
    /// The engine version to restore with: the recovery point's. AWS has none to choose where it
    /// restores an instance, or to a point in time.
    pub engine_version: String,
    /// A cluster or an instance.
    pub shape: Shape,
    /// What runs in it.
    pub engine: Engine,
    /// Where the scratch database will be.
    pub region: Region,
    /// Class of the instance.
    pub instance_class: String,
    /// Subnet group: private, mandatory.
    pub subnet_group: String,
    /// Security groups: mandatory, or AWS takes the default one.
    pub security_groups: Vec<String>,
    /// All its tags.
    pub tags: Tags,
}

/// What is known of a verification from its first request on: the frame of its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    /// What is under verification.
    pub subject: Subject,
    /// The database it restores.
    pub database: RdsArn,
    /// The scratch database.
    pub scratch_id: String,
    /// When what happened.
    pub phases: super::Phases,
    /// The recovery time objective, if the policy has one.
    pub rto: Option<crate::document::Objective>,
}

impl Action {
    /// In which order steps are taken: what ends something comes first, then what is quickly asked of
    /// AWS, and last what takes time.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Conclude { .. } | Self::DeleteInstance { .. } | Self::DeleteCluster { .. } => 0,
            Self::Restore(_)
            | Self::AddInstance { .. }
            | Self::SetPassword { .. }
            | Self::Adopt { .. }
            | Self::Validate { .. } => 1,
            Self::Question(_) => 2,
        }
    }
}

impl Restore {
    /// The class, groups and limits that a rule gives to its scratch databases.
    pub(super) fn sealed(
        rule: &VerifyRule,
        begun: Begun,
        what: (Shape, Engine, String),
        region: &Region,
        tags: Tags,
    ) -> Self {
        let (shape, engine, engine_version) = what;
        Self {
            begun,
            engine_version,
            shape,
            engine,
            region: region.clone(),
            instance_class: rule.instance_class.clone(),
            subnet_group: rule.subnet_group.clone(),
            security_groups: rule.security_groups.clone(),
            tags,
        }
    }
}

impl Describe for Action {
    fn line(&self, reason: &str) -> Line {
        let (action, id, database, region) = match self {
            Self::Restore(restore) => {
                let Begun { scratch_id, database, .. } = &restore.begun;
                ("restore", scratch_id, &database.id, &restore.region)
            }
            Self::AddInstance { cluster, instance_id, database, .. } => {
                ("add-instance", instance_id, database, &cluster.region)
            }
            Self::SetPassword { scratch, database, .. } => {
                ("set-password", &scratch.id, database, &scratch.region)
            }
            Self::Question(inquiry) => {
                let (scratch, database) = (&inquiry.scratch, &inquiry.begun.database);
                ("question", &scratch.id, &database.id, &scratch.region)
            }
            Self::Conclude { verdict } => {
                let arn = verdict.subject.arn();
                ("conclude", &arn.id, &verdict.database.id, &arn.region)
            }
            Self::DeleteInstance { instance, database, .. } => {
                ("delete-instance", &instance.id, database, &instance.region)
            }
            Self::DeleteCluster { cluster, database, .. } => {
                ("delete-cluster", &cluster.id, database, &cluster.region)
            }
            Self::Adopt { resource, database, .. } => {
                ("adopt", &resource.id, database, &resource.region)
            }
            Self::Validate { resource, database, .. } => {
                ("validate", &resource.id, database, &resource.region)
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
