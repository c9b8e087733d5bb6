//! What retention decided: the fate of every recovery point, and what may be deleted of it now.

use jiff::Timestamp;
use serde::Serialize;

use super::rules::Guard;
use crate::plan::{Refusal, RefusalCode};

/// What becomes of a recovery point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Some rule keeps it.
    Keep,
    /// No rule keeps it.
    Delete,
    /// It is none of retention's business.
    Ignore,
}

/// What becomes of one recovery point, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The recovery point.
    pub id: String,
    /// What becomes of it.
    #[serde(rename = "decision")]
    pub fate: Fate,
    /// Every rule that keeps it, or what superseded it for every rule that doesn't.
    pub reasons: Vec<String>,
}

/// How the deletes compare with what may go at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuardStatus {
    /// Recovery points that take part: all but the ignored ones.
    pub managed: usize,
    /// How many of them no rule keeps.
    pub deletes: usize,
    /// How many may go without a person's approval.
    pub deletes_max: usize,
    /// Whether there are more.
    pub blocked: bool,
    /// Names this very set of deletes under these rules: sixteen hexadecimal digits.
    pub plan_hash: String,
}

impl GuardStatus {
    pub(super) fn new(rule: Guard, managed: usize, deletes: usize, plan_hash: String) -> Self {
        // More than a share of the points is more than its whole part: points are whole.
        let share = managed.saturating_mul(usize::from(rule.max_percent)) / 100;
        let deletes_max = share.max(usize::try_from(rule.max_deletes).unwrap_or(usize::MAX));
        Self { managed, deletes, deletes_max, blocked: deletes > deletes_max, plan_hash }
    }
}

/// The decisions on one group, in the order (taken at, newest first; id).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decisions {
    /// One for each recovery point. They say what the rules want even where it is refused.
    pub decisions: Vec<Decision>,
    /// Why nothing may be deleted, if so.
    pub refusal: Option<Refusal>,
    /// How the deletes compare with what may go at once.
    pub guard: GuardStatus,
    /// The newest eligible `taken_at`, from which windows are measured.
    pub anchor: Option<Timestamp>,
    #[serde(skip)]
    pub(super) drain: Option<u32>,
}

impl Decisions {
    /// What may really be deleted in this run, oldest first.
    ///
    /// Nothing where it is refused. A blocking guard alone gives way to `approved`, if that is the
    /// hash of this very plan; a doubt never does.
    #[must_use]
    pub fn deletes(&self, approved: Option<&str>) -> Vec<&str> {
        let is_free = self.refusal.as_ref().is_none_or(|refusal| {
            refusal.code == RefusalCode::GuardBlocked
                && approved == Some(self.guard.plan_hash.as_str())
        });
        let run_max = match self.drain {
            Some(drain) => usize::try_from(drain).unwrap_or(usize::MAX),
            None => usize::MAX,
        };
        let oldest_first = self.decisions.iter().rev().filter(|_| is_free);
        let deletes = oldest_first.filter(|decision| decision.fate == Fate::Delete);
        deletes.take(run_max).map(|decision| decision.id.as_str()).collect()
    }
}
