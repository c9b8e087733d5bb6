//! What was done, as the evidence tells it: the material of reports and audits.
//!
//! The ledgers hold the runs' records in full. An [`Act`] is one thing in them that an auditor asks
//! about, whichever record it came from, with the entry that proves it.

mod read;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::recovery_point::Outcome;
use crate::verb::Verb;
use crate::verify::PhaseTimes;
pub use read::{Recorded, acts};

/// One thing that was done, or that was not done on purpose.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Act {
    /// When the run decided it.
    pub at: Timestamp,
    /// What.
    pub kind: Kind,
    /// The database's identifier; for a refusal, what was refused about.
    pub database: String,
    /// Where, if that is one region.
    pub region: Option<String>,
    /// The recovery point's identifier, if it is about one.
    pub recovery_point: Option<String>,
    /// Why, in one line.
    pub reason: String,
    /// Where it is written: `<verb>/<number of the entry>`.
    pub evidence: String,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A recovery point was taken.
    Created,
    /// A recovery point was copied to where the act says.
    Copied,
    /// A recovery point was restored and asked.
    Verified {
        /// How that ended.
        outcome: Outcome,
        /// From the request to the first answer, if the database answered.
        #[serde(skip)]
        rto: Option<SignedDuration>,
        /// What the policy allowed then, if it said so.
        #[serde(skip)]
        objective: Option<SignedDuration>,
        /// How long its phases took.
        #[serde(skip)]
        phases: PhaseTimes,
    },
    /// A recovery point was deleted because the policy no longer keeps it.
    Pruned,
    /// A verb refused to act.
    Refused {
        /// Which.
        verb: Verb,
    },
    /// A person approved what a guard had held back.
    Approved {
        /// Of which verb.
        verb: Verb,
    },
}

impl Kind {
    /// The words for all of them, in the order in which a recovery point meets them.
    pub const WORDS: [&'static str; 6] =
        ["created", "copied", "verified", "pruned", "refused", "approved"];

    /// The word for it in output.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Copied => "copied",
            Self::Verified { .. } => "verified",
            Self::Pruned => "pruned",
            Self::Refused { .. } => "refused",
            Self::Approved { .. } => "approved",
        }
    }
}
