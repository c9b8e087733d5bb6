//! Names of things, each with a type of its own, so that a region can't stand where an account is
//! meant; and the one function that derives a snapshot's identifier from what it is a snapshot of.
//!
//! Every recovery point bears half a dozen of them, and a fleet has tens of thousands: a name's clones
//! share its text, and an identifier is put together without the standard formatting.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::Offset;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

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
        && !text.contains("--")
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
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
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
        if arn != "arn"
            || !matches!(partition, "aws" | "aws-cn" | "aws-us-gov")
            || service != "rds"
            || !id_is_sane
        {
            return Err(invalid());
        }
        Ok(Self {
            partition: partition.to_owned(),
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

/// What every identifier that snapkeep gives starts with.
pub const ID_PREFIX: &str = "snapkeep-";

/// What every scratch database's identifier starts with; nothing else may be deleted as one.
pub const SCRATCH_PREFIX: &str = "snapkeep-scratch-";

/// What the identifier of everything starts with that AWS Backup's restore testing makes. None of it
/// is ours to delete. Source: AWS Backup Developer Guide, "Restore testing".
pub const GUEST_PREFIX: &str = "awsbackup-restore-test";

/// AWS's limit for the identifier of a cluster, an instance and a cluster snapshot. Instance
/// snapshots may be longer; one limit serves both.
/// Source: `CreateDBClusterSnapshot`, `DBClusterSnapshotIdentifier`, RDS API reference.
const ID_CHARS_MAX: usize = 63;

/// The identifier of the recovery point of `resource` for `slot`.
///
/// The same for every delivery, retry and concurrent run, so that AWS itself refuses the second.
/// `attempt` counts from 0 and moves on only when an earlier attempt ended as `failed`, because a
/// failed snapshot keeps its name.
#[must_use]
pub fn recovery_point_id(
    deployment: &Deployment,
    database: &str,
    resource: &ResourceId,
    slot: &Slot,
    attempt: u32,
) -> String {
    let (stamp, slot_key) = match slot {
        Slot::Scheduled(at) => instant_texts(*at),
        Slot::Requested(name) => (name.clone(), format!("request {name}")),
    };
    let attempt = attempt.to_string();
    let key = [deployment.as_str(), resource.as_str(), &slot_key, &attempt].join(" ");
    identifier(ID_PREFIX, &[database, &stamp], &key)
}

/// An instant as identifiers bear it, to the minute, and as their hash is made of it.
fn instant_texts(at: Timestamp) -> (String, String) {
    let local = Offset::UTC.to_datetime(at);
    let Ok(year @ 0..=9999) = u32::try_from(local.year()) else {
        return (at.strftime("%Y%m%dt%H%Mz").to_string(), at.to_string());
    };
    let [month, day, hour, minute, second] =
        [local.month(), local.day(), local.hour(), local.minute(), local.second()]
            .map(|field| u32::from(field.unsigned_abs()));
    let mut stamp = String::with_capacity("20260304t0200z".len());
    push_digits(&mut stamp, year, 4);
    for (number, sign) in [(month, ""), (day, "t"), (hour, ""), (minute, "z")] {
        push_digits(&mut stamp, number, 2);
        stamp.push_str(sign);
    }
    if at.subsec_nanosecond() != 0 {
        return (stamp, at.to_string());
    }
    let mut whole = String::with_capacity("2026-03-04T02:00:00Z".len());
    push_digits(&mut whole, year, 4);
    let fields = [(month, '-'), (day, '-'), (hour, 'T'), (minute, ':'), (second, ':')];
    for (number, sign) in fields {
        whole.push(sign);
        push_digits(&mut whole, number, 2);
    }
    whole.push('Z');
    (stamp, whole)
}

/// Writes a number with at least so many digits. Every line of a plan has several, and the standard
/// formatting of them took half the time of a decision.
pub(crate) fn push_digits(text: &mut String, number: u32, digits_min: u32) {
    if number >= 10 || digits_min > 1 {
        push_digits(text, number / 10, digits_min.saturating_sub(1));
    }
    text.extend(char::from_digit(number % 10, 10));
}

/// The identifier of the scratch database into which the recovery point `arn` is restored for the
/// verification that was due at `due`.
#[must_use]
pub fn scratch_id(deployment: &Deployment, database: &str, arn: &RdsArn, due: Timestamp) -> String {
    identifier(SCRATCH_PREFIX, &[database], &format!("{deployment} {arn} {due}"))
}

/// The identifier of the instance that the guest `cluster` is given: it is a scratch database's, so
/// that it may be deleted again.
#[must_use]
pub fn guest_instance_id(deployment: &Deployment, cluster: &RdsArn) -> String {
    identifier(SCRATCH_PREFIX, &[&cluster.id], &format!("{deployment} {cluster}"))
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

/// Puts readable `parts` and a hash of `key` behind `prefix`: letters, digits and single hyphens,
/// lower-case, at most [`ID_CHARS_MAX`] characters. The first part gives way when room is short.
fn identifier(prefix: &str, parts: &[&str], key: &str) -> String {
    const HASH_CHARS: usize = 10;
    let mut rest = String::with_capacity(ID_CHARS_MAX);
    for part in &parts[1..] {
        rest.push('-');
        push_clean(&mut rest, part, 24);
    }
    let room = ID_CHARS_MAX - prefix.len() - rest.len() - HASH_CHARS - 1;
    let mut id = String::with_capacity(ID_CHARS_MAX);
    id.push_str(prefix);
    push_clean(&mut id, parts[0], room);
    id.push_str(&rest);
    id.push('-');
    let hash = fnv1a(key.as_bytes()) >> 24;
    let digit = |place: usize| char::from_digit((hash >> (4 * place) & 15) as u32, 16);
    id.extend((0..HASH_CHARS).rev().filter_map(digit));
    id
}

/// Adds `part` with single hyphens for everything that isn't a letter or a digit, none at its ends.
fn push_clean(text: &mut String, part: &str, chars_max: usize) {
    let from = text.len();
    for c in part.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }) {
        let is_spare = c == '-' && (text.len() == from || text.ends_with('-'));
        if text.len() - from < chars_max && !is_spare {
            text.push(c.to_ascii_lowercase());
        }
    }
    text.truncate(from + text[from..].trim_end_matches('-').len());
}

/// FNV-1a, 64 bit: not for secrets, only to tell two names apart that look alike when shortened.
/// Chosen because it is eight lines and will give the same identifiers in every later version.
#[must_use]
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
