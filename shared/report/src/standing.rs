//! How a database stands now, and what speaks against restoring it.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use snapkeep_policy::recovery_point::Outcome;
use snapkeep_policy::status::Row;

use crate::look::text::duration;

/// One protected database, now.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Standing {
    /// Its identifier.
    pub database: String,
    /// Where it lives.
    pub region: String,
    /// What runs in it.
    pub engine: String,
    /// The policy it is under.
    pub policy: String,
    /// Whether it could be restored.
    pub soundness: Soundness,
    /// Why not, or why that isn't certain.
    pub doubts: Vec<String>,
    /// The instant to which its newest recovery point restores.
    pub newest: Option<Timestamp>,
    /// The same, of those that a restore has proven.
    pub newest_verified: Option<Timestamp>,
    /// The latest instant to which point-in-time recovery reaches.
    pub restorable_to: Option<Timestamp>,
    /// What would be lost if it were lost now, in seconds.
    pub exposure_seconds: Option<i64>,
    /// What the policy allows to be lost, in seconds.
    pub rpo_seconds: Option<i64>,
    /// How its newest rehearsed restore ended.
    pub verdict: Option<Outcome>,
    /// When.
    pub verdict_at: Option<Timestamp>,
    /// The newest recovery time that was measured, in seconds.
    pub recovery_seconds: Option<i64>,
    /// What the policy allows a restore to take, in seconds.
    pub rto_seconds: Option<i64>,
    /// Available recovery points where it lives.
    pub recovery_points: usize,
    /// Available copies, by region that the policy copies to.
    pub copies: Vec<Copies>,
}

/// Copies in one region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Copies {
    /// The region.
    pub region: String,
    /// How many are available.
    pub count: usize,
}

/// Whether a database could be restored now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Soundness {
    /// Not, or not as the policy wants it.
    Unsound,
    /// Nothing is known to be wrong, but it isn't proven either.
    Doubtful,
    /// Proven, and within its objectives.
    Sound,
}

impl Soundness {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Unsound => "not as it should be",
            Self::Doubtful => "in doubt",
            Self::Sound => "restorable",
        }
    }

    /// The shape that stands for it.
    pub(crate) fn shape(self) -> &'static str {
        match self {
            Self::Unsound => "fail",
            Self::Doubtful => "inconclusive",
            Self::Sound => "pass",
        }
    }
}

impl Standing {
    pub(crate) fn of(row: &Row) -> Self {
        let seconds = |length: Option<SignedDuration>| length.map(|length| length.as_secs());
        let (wrong, uncertain) = (wrong(row), uncertain(row));
        Self {
            database: row.database.clone(),
            region: row.region.to_string(),
            engine: row.engine.clone(),
            policy: row.policy.clone(),
            soundness: match (wrong.is_empty(), uncertain.is_empty()) {
                (false, _) => Soundness::Unsound,
                (true, false) => Soundness::Doubtful,
                (true, true) => Soundness::Sound,
            },
            doubts: wrong.into_iter().chain(uncertain).collect(),
            newest: row.newest,
            newest_verified: row.newest_verified,
            restorable_to: row.restorable_to,
            exposure_seconds: seconds(row.exposure),
            rpo_seconds: seconds(row.rpo),
            verdict: row.verdict.map(|verdict| verdict.outcome),
            verdict_at: row.verdict.map(|verdict| verdict.at),
            recovery_seconds: seconds(row.recovery_time),
            rto_seconds: seconds(row.rto),
            recovery_points: row.recovery_points,
            copies: row
                .copies
                .iter()
                .map(|(region, count)| Copies { region: region.to_string(), count: *count })
                .collect(),
        }
    }
}

/// What is known to be wrong.
fn wrong(row: &Row) -> Vec<String> {
    let mut wrong = Vec::new();
    if row.newest.is_none() {
        wrong.push("it has no recovery point".to_owned());
    }
    if row.verdict.is_some_and(|verdict| verdict.outcome == Outcome::Fail) {
        wrong.push("its last rehearsed restore failed".to_owned());
    }
    if let Some((lost, allowed)) = row.exposure.zip(row.rpo).filter(|(lost, max)| lost > max) {
        let (lost, allowed) = (duration(lost.as_secs()), duration(allowed.as_secs()));
        wrong.push(format!("{lost} of data would be lost, and {allowed} may be"));
    }
    wrong
}

/// What isn't proven, or not as it was meant.
fn uncertain(row: &Row) -> Vec<String> {
    let mut uncertain = Vec::new();
    if row.newest.is_some() && row.newest_verified.is_none() {
        uncertain.push("no recovery point of it is proven to restore".to_owned());
    }
    if row.verdict.is_some_and(|verdict| verdict.outcome == Outcome::Inconclusive) {
        uncertain.push("its last rehearsed restore was inconclusive".to_owned());
    }
    if let Some((took, allowed)) = row.recovery_time.zip(row.rto).filter(|(took, max)| took > max) {
        let (took, allowed) = (duration(took.as_secs()), duration(allowed.as_secs()));
        uncertain.push(format!("its last restore took {took}, and {allowed} are allowed"));
    }
    for (region, _) in row.copies.iter().filter(|(_, count)| *count == 0) {
        uncertain.push(format!("it has no copy in {region}"));
    }
    uncertain
}
