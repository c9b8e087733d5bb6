//! What a run did: one JSON object, the same shape for all five functions.

use jiff::Timestamp;
use serde::Serialize;
use snapkeep_aws::Failure;
use snapkeep_policy::metrics::Metric;
use snapkeep_policy::plan::{Describe, Line, Note, Plan, Refusal, RefusalCode};
use snapkeep_policy::verb::Verb;

/// A run's report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The function.
    pub verb: Verb,
    /// The deployment, from the policy document.
    pub deployment: String,
    /// Hash of the policy document that was decided by.
    pub policy_hash: String,
    /// The instant at which it was decided.
    pub now: Timestamp,
    /// Whether nothing was meant to be done.
    pub dry_run: bool,
    /// Every planned step and how it ended, in the plan's order.
    pub steps: Vec<Entry>,
    /// What was looked at and left alone, with reasons.
    pub notes: Vec<Note>,
    /// What wasn't decided, with reasons.
    pub refusals: Vec<Refusal>,
    /// What failed beside the steps, such as writing evidence: one line each.
    pub failures: Vec<String>,
    /// What was measured on the way. It goes into the log in a format of its own.
    #[serde(skip)]
    pub metrics: Vec<Metric>,
}

/// A planned step and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The step.
    #[serde(flatten)]
    pub line: Line,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// A dry run: it would have been done.
    Planned,
    /// AWS accepted it.
    Done,
    /// It had been done before.
    AlreadyDone,
    /// A last look disagreed with the plan.
    Dropped {
        /// What was found.
        why: String,
    },
    /// It failed.
    Failed {
        /// One line: what failed, on which id, what to do next.
        error: String,
        /// Whether the next run may succeed by itself.
        retryable: bool,
    },
    /// There was no time left for it; the next run takes it.
    OutOfTime,
}

impl Report {
    /// The report of a plan before anything is done about it.
    #[must_use]
    pub fn of<A: Describe>(
        verb: Verb,
        document: &snapkeep_policy::document::PolicyDocument,
        now: Timestamp,
        dry_run: bool,
        plan: &Plan<A>,
    ) -> Self {
        let planned = |line| Entry { line, outcome: Outcome::Planned };
        Self {
            verb,
            deployment: document.deployment.to_string(),
            policy_hash: document.hash.clone(),
            now,
            dry_run,
            steps: plan.lines().into_iter().map(planned).collect(),
            notes: plan.notes.clone(),
            refusals: plan.refusals.clone(),
            failures: Vec::new(),
            metrics: Vec::new(),
        }
    }

    /// Adds something that failed beside the steps.
    pub fn fail(&mut self, failure: &Failure) {
        self.failures.push(failure.to_string());
    }

    /// How many steps were carried out.
    #[must_use]
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|entry| entry.outcome == Outcome::Done).count()
    }

    /// Whether the next run may do better without anybody's help, in any of what went wrong.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let may_pass =
            |entry: &Entry| matches!(entry.outcome, Outcome::Failed { retryable, .. } if retryable);
        let unseen = |refusal: &Refusal| refusal.code == RefusalCode::PartialObservation;
        !self.failures.is_empty()
            || self.steps.iter().any(may_pass)
            || self.refusals.iter().any(unseen)
    }

    /// Everything that went wrong, one line each. A run with any of them is a failed run.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        let steps = self.steps.iter().filter_map(|entry| match &entry.outcome {
            Outcome::Failed { error, .. } => Some(error.clone()),
            Outcome::Planned
            | Outcome::Done
            | Outcome::AlreadyDone
            | Outcome::Dropped { .. }
            | Outcome::OutOfTime => None,
        });
        let refusals = self.refusals.iter().filter(|refusal| is_error(refusal.code));
        let refusals = refusals.map(|refusal| refusal.message.clone());
        steps.chain(refusals).chain(self.failures.iter().cloned()).collect()
    }
}

/// Whether a refusal means that the run couldn't do its work. The others wait for a person, and are
/// alarm's to tell.
fn is_error(code: RefusalCode) -> bool {
    match code {
        RefusalCode::PartialObservation
        | RefusalCode::ClockDoubt
        | RefusalCode::IdTaken
        | RefusalCode::AttemptsExhausted
        | RefusalCode::QuotaExhausted
        | RefusalCode::KeyUnusable
        | RefusalCode::BadRequest => true,
        RefusalCode::GuardBlocked | RefusalCode::NoVerified | RefusalCode::NoEligible => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_worth_retrying_if_anything_in_it_may_pass_by_itself() {
        let report = |refusals: &[RefusalCode], failures: &[&str]| Report {
            verb: Verb::Create,
            deployment: "test".to_owned(),
            policy_hash: String::new(),
            now: Timestamp::UNIX_EPOCH,
            dry_run: false,
            steps: Vec::new(),
            notes: Vec::new(),
            refusals: refusals
                .iter()
                .map(|code| Refusal { code: *code, message: String::new() })
                .collect(),
            failures: failures.iter().map(|line| (*line).to_owned()).collect(),
            metrics: Vec::new(),
        };
        for (refusals, failures, expected) in [
            (&[][..], &[][..], false),
            (&[RefusalCode::IdTaken, RefusalCode::KeyUnusable], &[], false),
            (&[RefusalCode::IdTaken, RefusalCode::PartialObservation], &[], true),
            (&[], &["write s3://b/k: SlowDown"], true),
        ] {
            assert_eq!(report(refusals, failures).is_retryable(), expected, "{refusals:?}");
        }
    }
}
