//! Names of things, each with a type of its own, so that a region can't stand where an account is
//! meant. Every recovery point bears half a dozen of them, and a fleet has tens of thousands: a name's
//! clones share its text.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use derived::{
    GUEST_PREFIX, ID_PREFIX, SCRATCH_PREFIX, guest_instance_id, recovery_point_id, scratch_id,
};
pub(crate) use derived::{attempt_of, fnv1a, push_number};

mod derived;

/// AWS's limit for the identifier of a cluster, an instance and a cluster snapshot. Instance
/// snapshots may be longer; one limit serves both.
/// Source: `CreateDBClusterSnapshot`, `DBClusterSnapshotIdentifier`, RDS API reference.
const ID_CHARS_MAX: usize = 63;

/// A name that isn't what it should be: what was expected, and what was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("got {got:?}, expected {expected}")]
pub struct InvalidName {
    /// What was given, cut to 80 characters.
    pub got: String,
    /// What would have been accepted.
    pub expected: &'static str,
}

impl InvalidName {
    fn new(got: &str, expected: &'static str) -> Self {
        Self { got: got.chars().take(80).collect(), expected }
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $accepts:expr) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                let accepts: fn(&str) -> bool = $accepts;
                if accepts(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidName::new(text, $expected))
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name!(
    /// A part of AWS that knows nothing of the others: `aws`, `aws-cn` or `aws-us-gov`.
    Partition,
    "a partition: aws, aws-cn or aws-us-gov",
    |text| matches!(text, "aws" | "aws-cn" | "aws-us-gov")
);
name!(
    /// An AWS region, such as `us-west-2`.
    ///
    /// Only the shape is checked here; whether AWS has such a region is the document's question.
    Region,
    "a region such as us-west-2",
    |text| {
        let (words, number) = text.rsplit_once('-').unwrap_or_default();
        let lower = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase());
        matches!(number.as_bytes(), [b'0'..=b'9'])
            && (2..=4).contains(&words.split('-').count())
            && words.split('-').all(lower)
    }
);
name!(
    /// An AWS account: twelve digits.
    AccountId,
    "an account of twelve digits",
    |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
);
name!(
    /// The name of one installation of snapkeep, written on everything it owns.
    ///
    /// Two deployments in an account never touch each other's recovery points.
    Deployment,
    "a deployment name of 1 to 32 lower-case letters, digits or hyphens",
    |text| is_label(text, 32)
);
name!(
    /// A restore job of AWS Backup's. It becomes part of a request's path, so nothing else may.
    RestoreJobId,
    "a restore job's id of 1 to 64 letters, digits or hyphens",
    |text| {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
    }
);
name!(
    /// The name of a policy within the document.
    PolicyName,
    "a policy name of 1 to 64 lower-case letters, digits or hyphens",
    |text| is_label(text, 64)
);
name!(
    /// What AWS calls `DbClusterResourceId` or `DbiResourceId`: it survives a rename, and a
    /// database that is created again under an old name has another one.
    ResourceId,
    "a resource id of 1 to 255 letters, digits or hyphens",
    |text| {
        (1..=255).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    }
);

/// Whether `text` is 1 to `longest` lower-case letters, digits and single hyphens within.
pub(crate) fn is_label(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.as_bytes().windows(2).any(|pair| pair == b"--")
}

/// Whether `id` may be the identifier of a cluster or an instance.
/// Source: `CreateDBCluster` and `CreateDBInstance`, RDS API reference, constraints on identifiers.
pub(crate) fn is_database_id(id: &str) -> bool {
    (1..=ID_CHARS_MAX).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && id.starts_with(|c: char| c.is_ascii_alphabetic())
        && !id.ends_with('-')
        && !id.contains("--")
}

/// The address of an RDS or DocumentDB resource (both use the service name `rds`), taken apart.
///
/// `arn:aws:rds:us-west-2:123456789012:cluster-snapshot:shepherd-2026-03-04`
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct RdsArn {
    /// In which part of AWS.
    pub partition: Partition,
    /// Where the resource is.
    pub region: Region,
    /// Whose it is.
    pub account: AccountId,
    /// What it is.
    pub resource: ResourceType,
    /// Its identifier within account and region, in lower case as AWS stores it.
    pub id: String,
}

/// The kinds of RDS resources that snapkeep handles, with AWS's names for them in ARNs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceType {
    /// A DocumentDB, Aurora or Multi-AZ cluster.
    Cluster,
    /// A database instance.
    Instance,
    /// A snapshot of a cluster.
    ClusterSnapshot,
    /// A snapshot of an instance.
    InstanceSnapshot,
}

impl ResourceType {
    /// The word that stands in the ARN.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Instance => "db",
            Self::ClusterSnapshot => "cluster-snapshot",
            Self::InstanceSnapshot => "snapshot",
        }
    }
}

impl RdsArn {
    /// Whether this is how it is written.
    #[must_use]
    pub(crate) fn reads(&self, text: &str) -> bool {
        let resource = self.resource.as_str();
        let parts = [
            "arn",
            self.partition.as_str(),
            "rds",
            self.region.as_str(),
            self.account.as_str(),
            resource,
        ];
        let rest = parts
            .into_iter()
            .try_fold(text, |text, part| text.strip_prefix(part)?.strip_prefix(':'));
        rest == Some(self.id.as_str())
    }

    /// The same, which shares the names that it has in common with `other`.
    #[must_use]
    pub(crate) fn alike(mut self, other: &Self) -> Self {
        if (&self.partition, &self.region, &self.account)
            == (&other.partition, &other.region, &other.account)
        {
            self.partition = other.partition.clone();
            self.region = other.region.clone();
            self.account = other.account.clone();
        }
        self
    }
}

impl FromStr for RdsArn {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        const EXPECTED: &str = "an ARN such as arn:aws:rds:us-west-2:123456789012:cluster:name";
        let invalid = || InvalidName::new(text, EXPECTED);
        let mut parts = text.splitn(7, ':');
        let [arn, partition, service, region, account, resource, id] =
            std::array::from_fn(|_| parts.next().unwrap_or_default());
        let resource = match resource {
            "cluster" => ResourceType::Cluster,
            "db" => ResourceType::Instance,
            "cluster-snapshot" => ResourceType::ClusterSnapshot,
            "snapshot" => ResourceType::InstanceSnapshot,
            _ => return Err(invalid()),
        };
        // Automated snapshots are named `rds:…` and AWS Backup's `awsbackup:…`: a colon may occur.
        let id_is_sane = (1..=255).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':' | b'.'));
        if arn != "arn" || service != "rds" || !id_is_sane {
            return Err(invalid());
        }
        Ok(Self {
            partition: partition.parse().map_err(|_| invalid())?,
            region: region.parse().map_err(|_| invalid())?,
            account: account.parse().map_err(|_| invalid())?,
            resource,
            id: id.to_ascii_lowercase(),
        })
    }
}

impl TryFrom<String> for RdsArn {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<RdsArn> for String {
    fn from(arn: RdsArn) -> String {
        arn.to_string()
    }
}

impl fmt::Display for RdsArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, region, account, resource, id } = self;
        write!(f, "arn:{partition}:rds:{region}:{account}:{}:{id}", resource.as_str())
    }
}

/// Which of a database's recovery points: the one of a scheduled instant, or one that was asked for
/// by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The instant at which a schedule of the policy was due.
    Scheduled(Timestamp),
    /// The name that an on-demand request gave, such as `before-migration-42`.
    Requested(String),
}
