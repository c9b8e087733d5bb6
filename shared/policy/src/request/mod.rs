//! What a function was asked to do: a schedule's wake-up, an event of AWS's, or a request.
//!
//! ```json
//! { "verb": "create", "scheduled_at": "2026-03-04T02:00:00Z" }
//! { "verb": "create", "scheduled_at": "2026-03-04T02:00:00Z", "shard": { "index": 0, "of": 4 } }
//! { "source": "aws.rds", "detail-type": "RDS DB Snapshot Event", "time": "2026-03-04T02:07:31Z", … }
//! { "verb": "create", "database": "shepherd", "name": "before-migration-42", "hold": true }
//! { "verb": "alarm", "report": "daily" }
//! { "verb": "prune", "approve": "4f1c09d2a86be357", "requested_by": "ada@example.com" }
//! ```
//!
//! All of them mean *look*, and `{}` means nothing else. Only a request can ask for more than that:
//! for one database, for a recovery point of a given name, to let one blocked plan pass, to accept
//! what a verification failed for, for a report, or to decide and do nothing. An event of AWS's never says what to do, let alone what to delete, because whoever
//! may put events on a bus could then decide it: beyond its place and time, nothing in it is read but
//! the id of a restore job, about which AWS Backup is asked.
//!
//! That is also why an input may be old. One that waited in a queue through an outage, or that is
//! delivered twice, is decided on what there is now, and finds nothing left to do. One from the future
//! is refused: a clock is wrong, ours or the sender's.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::bad_input::BadInput;
use crate::document::DatabaseRef;
use crate::ids::{AccountId, Region, RestoreJobId};
use crate::json::{self, Limits};
use crate::period::Cadence;
use crate::shard::Shard;
use crate::verb::Verb;

mod command;
mod envelope;
mod fields;

use fields::Fields;

/// Events and requests are a page at most. What is larger is refused unread.
const BYTES_MAX: usize = 256 * 1024;

/// What a function was asked to do. The default is to look, now, at everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub trigger: Trigger,
    /// Only this database.
    pub database: Option<DatabaseRef>,
    /// Only this part of the fleet; all of it if there is none.
    pub shard: Option<Shard>,
    /// The name of an on-demand recovery point: 1 to 24 lower-case letters, digits, single hyphens.
    pub name: Option<String>,
    /// Whether the on-demand recovery point is held.
    pub hold: bool,
    /// Decide and report, and do nothing.
    pub dry_run: bool,
    /// Hash of the blocked plan that may pass: sixteen hexadecimal digits.
    pub approve: Option<String>,
    /// Identifier of the recovery point whose drift was looked into and is accepted.
    pub accept: Option<String>,
    /// The report to write, in place of a judgement.
    pub report: Option<Cadence>,
    /// Who says to be asking: a claim, for the record. Who was allowed to, CloudTrail knows.
    pub requested_by: Option<String>,
}

/// Who asks a function to look. It is for the record: nothing is decided by it, but which restore job
/// AWS Backup is asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Trigger {
    /// A schedule.
    Schedule {
        /// The instant for which it was set, the same for every attempt to deliver it.
        at: Timestamp,
    },
    /// Something happened to a database or a snapshot.
    Event {
        /// To which kind of thing.
        subject: Subject,
        /// In which region.
        region: Region,
        /// When.
        at: Timestamp,
    },
    /// AWS Backup restored something. What, AWS Backup is asked: see [`crate::verify::adopt`].
    RestoreJob {
        /// The job, of which nothing else in the event is read.
        id: RestoreJobId,
        /// In which region.
        region: Region,
        /// When.
        at: Timestamp,
    },
    /// A person, or a program on behalf of one.
    #[default]
    OnDemand,
}

/// The kinds of things of whose events AWS tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A DocumentDB, Aurora or Multi-AZ cluster.
    Cluster,
    /// A database instance.
    Instance,
    /// A snapshot of a cluster.
    ClusterSnapshot,
    /// A snapshot of an instance.
    InstanceSnapshot,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Cluster, Self::Instance, Self::ClusterSnapshot, Self::InstanceSnapshot];

    /// What stands as `detail-type` in its events.
    /// Source: EventBridge events reference, "Amazon Relational Database Service events".
    #[must_use]
    pub fn detail_type(self) -> &'static str {
        match self {
            Self::Cluster => "RDS DB Cluster Event",
            Self::Instance => "RDS DB Instance Event",
            Self::ClusterSnapshot => "RDS DB Cluster Snapshot Event",
            Self::InstanceSnapshot => "RDS DB Snapshot Event",
        }
    }
}

impl Request {
    /// Reads the payload of a function. `account` is checked against where it is known, and `regions`
    /// are those that the policy document manages.
    ///
    /// # Errors
    /// The first thing that is wrong. Nothing is done then: an input that is half understood could
    /// have meant a dry run.
    pub fn parse(
        bytes: &[u8],
        verb: Verb,
        account: Option<&AccountId>,
        regions: &BTreeSet<Region>,
        now: Timestamp,
    ) -> Result<Self, BadInput> {
        let value = json::read_bytes(bytes, Limits::bytes(BYTES_MAX))?;
        let fields = Fields::of(&value)?;
        let here = Here { verb, account, regions, now };
        if envelope::is_one(&fields) {
            let trigger = envelope::trigger(&fields, &here)?;
            return Ok(Self { trigger, ..Self::default() });
        }
        command::request(&fields, &here)
    }
}

/// What an input has to agree with.
struct Here<'h> {
    verb: Verb,
    account: Option<&'h AccountId>,
    regions: &'h BTreeSet<Region>,
    now: Timestamp,
}

impl Here<'_> {
    fn check_account(&self, path: &str, account: &str) -> Result<(), BadInput> {
        match self.account {
            Some(ours) if ours.as_str() != account => {
                Err(BadInput::text(path, account, format!("{ours}, the account of this function")))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_region(&self, path: &str, region: &str) -> Result<Region, BadInput> {
        let managed = self.regions.iter().find(|managed| managed.as_str() == region);
        managed.cloned().ok_or_else(|| {
            let managed: Vec<&str> = self.regions.iter().map(Region::as_str).collect();
            let expected = format!("a region of the policy document: {}", managed.join(", "));
            BadInput::text(path, region, expected)
        })
    }
}
