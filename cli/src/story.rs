//! What happened in a simulated time: enough to tell it in words and to draw it.
//!
//! A simulation writes it, the summary and the report read it. It holds what was observed from the
//! outside, in the simulated account itself, and not what the functions said of themselves.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use snapkeep_policy::document::Severity;
use snapkeep_policy::recovery_point::Outcome;
pub use snapkeep_report::look::ages::Kept;
use snapkeep_world::Message;

/// The story of one simulation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Story {
    /// The deployment that was simulated.
    pub deployment: String,
    /// The command that makes it again.
    pub command: String,
    /// Everything that is left to chance follows from it.
    pub seed: u64,
    /// Simulated days.
    pub days: u32,
    /// The first instant.
    pub started_at: Timestamp,
    /// The last instant.
    pub ended_at: Timestamp,
    /// The protected databases, by name.
    pub databases: Vec<DatabaseStory>,
    /// Every alarm that was told, in order of opening.
    pub alarms: Vec<AlarmStory>,
    /// Every message that was published, as it came over the wire. The report and the summary tell it
    /// by the alarms.
    #[serde(skip)]
    pub messages: Vec<Message>,
    /// Every incident of the script, in order.
    pub incidents: Vec<Incident>,
    /// Faults that were injected into calls, by kind.
    pub faults: BTreeMap<String, u64>,
    /// Figures of the whole.
    pub counts: Counts,
    /// Broken invariants: there should be none.
    pub violations: Vec<String>,
    /// The reports that alarm wrote at the end, by key, if any were asked for.
    #[serde(skip)]
    pub reports: Vec<(String, Vec<u8>)>,
}

/// Figures of a whole simulation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Nights in which recovery points were due.
    pub nights: u64,
    /// Runs of the functions.
    pub runs: u64,
    /// Runs that failed, whole or in part.
    pub runs_failed: u64,
    /// Recovery points that were taken and became available.
    pub created: u64,
    /// Copies that became available.
    pub copied: u64,
    /// Verifications that ended with a PASS.
    pub verified: u64,
    /// Verifications that ended with a FAIL.
    pub failed: u64,
    /// Verifications that ended without a result.
    pub inconclusive: u64,
    /// Recovery points that prune deleted.
    pub pruned: u64,
    /// Alarms that were opened.
    pub alarms_opened: u64,
    /// Alarms that were resolved.
    pub alarms_resolved: u64,
    /// Faults that were injected, all kinds.
    pub faults_injected: u64,
    /// Calls to AWS.
    pub calls: u64,
}

/// One database's part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DatabaseStory {
    /// Its identifier.
    pub id: String,
    /// What runs in it, such as `docdb`.
    pub engine: String,
    /// Its region.
    pub region: String,
    /// Its policy.
    pub policy: String,
    /// Recovery point objective, in seconds.
    pub rpo_seconds: Option<i64>,
    /// Recovery time objective, in seconds.
    pub rto_seconds: Option<i64>,
    /// Age at which the newest recovery point counts as missing, in seconds.
    pub missing_after_seconds: i64,
    /// How it stood, once a simulated day.
    pub samples: Vec<Sample>,
    /// Every rehearsed restore.
    pub restores: Vec<Restore>,
    /// What exists at the end, in all regions, newest first.
    pub kept: Vec<Kept>,
}

/// How a database stood at one instant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// Age of the newest instant to which the database could be restored from its automated backups
    /// or a recovery point, in seconds: what the RPO is held against while the database exists.
    pub restorable_age_seconds: Option<i64>,
    /// Age of the newest recovery point in the database's own region, in seconds.
    pub newest_age_seconds: Option<i64>,
    /// Age of the newest copy in another region, in seconds.
    pub newest_copy_age_seconds: Option<i64>,
    /// Age of the newest recovery point that was proven to restore, in seconds.
    pub newest_verified_age_seconds: Option<i64>,
    /// Recovery points in the database's own region.
    pub originals: usize,
    /// Copies in other regions.
    pub copies: usize,
}

/// One rehearsed restore.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Restore {
    /// When the verdict was reached.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, in one line.
    pub reason: String,
    /// From the request to a database that is ready for connections, in seconds.
    pub ready_after_seconds: Option<i64>,
}

/// One alarm's life.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlarmStory {
    /// What was wrong.
    pub condition: String,
    /// How urgent.
    pub severity: Severity,
    /// With what.
    pub subject: String,
    /// Where.
    pub region: String,
    /// In words.
    pub message: String,
    /// When it was told.
    pub opened_at: Timestamp,
    /// When its end was told, if it ended.
    pub resolved_at: Option<Timestamp>,
}

/// Something that went wrong on purpose, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Incident {
    /// When it began.
    pub at: Timestamp,
    /// When it ended by itself, if it did.
    pub until: Option<Timestamp>,
    /// What it was, such as `a missed night`.
    pub name: String,
    /// What was done to the account, in one sentence.
    pub what: String,
    /// How snapkeep answered, from what was observed: one sentence.
    pub answer: String,
    /// Whether it was answered as it should be.
    pub caught: bool,
}
