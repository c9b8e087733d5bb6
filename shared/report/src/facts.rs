//! What a report is made of, and what every report says of itself.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use snapkeep_policy::alarm::Memory;
use snapkeep_policy::history::Act;
use snapkeep_policy::period::{Cadence, Period};
use snapkeep_policy::verb::Verb;
use snapkeep_policy::view::View;

/// Raised when a field changes its meaning or goes. New fields may come at any time.
pub const SCHEMA: u32 = 1;

/// Everything that is known when a report is made.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'f> {
    /// What there is now, in the light of the policy document.
    pub view: &'f View<'f>,
    /// What is reported about.
    pub period: &'f Period,
    /// What was done in it.
    pub acts: &'f [Act],
    /// The alarms that are open, and the recovery points that vanished.
    pub memory: &'f Memory,
    /// How the evidence ends.
    pub tips: &'f [Tip],
    /// What should have been looked at beside the regions and couldn't be.
    pub unread: &'f [Unseen],
}

/// The newest entry of a function's evidence. Whoever keeps the report can tell later whether the chain
/// still leads there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tip {
    /// Whose evidence it is.
    pub verb: Verb,
    /// The entry's number, which is how many there are.
    pub entries: u32,
    /// SHA-256 of the entry, 64 hexadecimal digits; `null` without any.
    pub sha256: Option<String>,
}

/// Something that this report isn't about because it couldn't be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Unseen {
    /// A region, or an object in the bucket.
    pub what: String,
    /// What went wrong.
    pub why: String,
}

/// What every report says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Head {
    /// Version of this shape: 1. Fields may be added without a new version.
    pub schema: u32,
    /// Which report it is.
    pub report: Cadence,
    /// The deployment, from the policy document.
    pub deployment: String,
    /// Name of the period: `2026-11-26`, `2026-W47` or `2026-10`.
    pub period: String,
    /// The period's first instant.
    pub since: Timestamp,
    /// The first instant after the period.
    pub until: Timestamp,
    /// IANA zone of its days.
    pub time_zone: String,
    /// When it was made. How things stand is as of then.
    pub made_at: Timestamp,
    /// By which version of snapkeep.
    pub made_by: String,
    /// Hash of the policy document that things were held against.
    pub policy_hash: String,
    /// What it isn't about because it couldn't be looked at.
    pub unseen: Vec<Unseen>,
}

impl Head {
    pub(crate) fn of(facts: &Facts<'_>) -> Self {
        let Facts { view, period, unread, .. } = facts;
        let regions = view
            .unseen
            .iter()
            .map(|(region, why)| Unseen { what: region.to_string(), why: (*why).to_owned() });
        Self {
            schema: SCHEMA,
            report: period.cadence,
            deployment: view.document.deployment.to_string(),
            period: period.name.clone(),
            since: period.since,
            until: period.until,
            time_zone: view.document.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            made_at: view.now,
            made_by: format!("snapkeep {}", env!("CARGO_PKG_VERSION")),
            policy_hash: view.document.hash.clone(),
            unseen: regions.chain(unread.iter().cloned()).collect(),
        }
    }

    /// What wasn't seen, as it speaks against an answer.
    pub(crate) fn reservations(&self) -> impl Iterator<Item = String> {
        self.unseen
            .iter()
            .map(|Unseen { what, why }| format!("{what} is not in this report: {why}"))
    }
}
