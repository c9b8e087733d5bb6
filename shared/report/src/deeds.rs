//! What was done, act by act and in all.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use snapkeep_policy::history::{Act, Kind};
use snapkeep_policy::recovery_point::Outcome;
use snapkeep_policy::verb::Verb;

/// One thing that was done, or not done on purpose.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Deed {
    /// When the run decided it.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// Whose doing it was.
    pub verb: Verb,
    /// How a verification ended.
    pub outcome: Option<Outcome>,
    /// The database; of a refusal, what was refused about.
    pub database: String,
    /// Where, if that is one region.
    pub region: Option<String>,
    /// The recovery point, if it is about one.
    pub recovery_point: Option<String>,
    /// Why.
    pub reason: String,
    /// Where it is written: `<verb>/<number of the entry>`.
    pub evidence: String,
}

/// The kinds of deeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A recovery point was taken.
    Created,
    /// One was copied.
    Copied,
    /// One was restored and asked.
    Verified,
    /// One was deleted because the policy no longer keeps it.
    Pruned,
    /// A function refused to act.
    Refused,
    /// A person approved what was held back.
    Approved,
}

impl What {
    /// All of them, in the order in which a recovery point meets them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Created, Self::Copied, Self::Verified, Self::Pruned, Self::Refused, Self::Approved];

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Copied => "copied",
            Self::Verified => "verified",
            Self::Pruned => "pruned",
            Self::Refused => "refused",
            Self::Approved => "approved",
        }
    }
}

impl Deed {
    pub(crate) fn of(act: &Act) -> Self {
        let (what, verb, outcome) = match act.kind {
            Kind::Created => (What::Created, Verb::Create, None),
            Kind::Copied => (What::Copied, Verb::Copy, None),
            Kind::Verified { outcome, .. } => (What::Verified, Verb::Verify, Some(outcome)),
            Kind::Pruned => (What::Pruned, Verb::Prune, None),
            Kind::Refused { verb } => (What::Refused, verb, None),
            Kind::Approved { verb } => (What::Approved, verb, None),
        };
        Self {
            at: act.at,
            what,
            verb,
            outcome,
            database: act.database.clone(),
            region: act.region.clone(),
            recovery_point: act.recovery_point.clone(),
            reason: act.reason.clone(),
            evidence: act.evidence.clone(),
        }
    }

    /// Everything of a period, the newest first.
    pub(crate) fn all(acts: &[Act]) -> Vec<Self> {
        let mut deeds: Vec<Self> = acts.iter().map(Self::of).collect();
        deeds.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.database.cmp(&b.database)));
        deeds
    }
}

/// How much was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Done {
    /// Recovery points taken.
    pub created: usize,
    /// Copies made.
    pub copied: usize,
    /// Restores that passed.
    pub passed: usize,
    /// Restores that failed.
    pub failed: usize,
    /// Restores from which nothing was learned.
    pub inconclusive: usize,
    /// Recovery points deleted.
    pub pruned: usize,
    /// Refusals.
    pub refused: usize,
    /// Approvals by people.
    pub approved: usize,
}

impl Done {
    pub(crate) fn of<'a>(acts: impl IntoIterator<Item = &'a Act>) -> Self {
        let mut done = Self::default();
        for act in acts {
            *match act.kind {
                Kind::Created => &mut done.created,
                Kind::Copied => &mut done.copied,
                Kind::Verified { outcome: Outcome::Pass, .. } => &mut done.passed,
                Kind::Verified { outcome: Outcome::Fail, .. } => &mut done.failed,
                Kind::Verified { outcome: Outcome::Inconclusive, .. } => &mut done.inconclusive,
                Kind::Pruned => &mut done.pruned,
                Kind::Refused { .. } => &mut done.refused,
                Kind::Approved { .. } => &mut done.approved,
            } += 1;
        }
        done
    }

    /// Restores, however they ended.
    pub(crate) fn restores(self) -> usize {
        self.passed + self.failed + self.inconclusive
    }
}
