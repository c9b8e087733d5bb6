//! Carrying a plan out, step by step.

use snapkeep_aws::Failure;
use snapkeep_aws::act::Applied;
use snapkeep_policy::plan::Plan;

use crate::{Outcome, Report, Tick};

/// Takes every step of `plan` with `act` and notes in `report` how it ended. A step that fails
/// doesn't keep the next from being taken; when time runs out, the rest is left to the next run, and a
/// call that hangs is given up: see [`Tick::acting`].
pub async fn carry_out<A>(
    plan: &Plan<A>,
    report: &mut Report,
    tick: &Tick,
    act: impl AsyncFn(&A) -> Result<Applied, Failure>,
) {
    for (step, entry) in plan.steps.iter().zip(&mut report.steps) {
        entry.outcome = if tick.has_time() {
            let subject = format!("{} {}", entry.line.action, entry.line.id);
            // Boxed, here and where others call it: a call of the SDK is large, and would lie on the
            // stack once for each of the waits around it.
            outcome(tick.acting(&subject, Box::pin(act(&step.action))).await)
        } else {
            Outcome::OutOfTime
        };
    }
}

fn outcome(result: Result<Applied, Failure>) -> Outcome {
    match result {
        Ok(Applied::Done) => Outcome::Done,
        Ok(Applied::AlreadyThere | Applied::AlreadyGone) => Outcome::AlreadyDone,
        Ok(Applied::Dropped(why)) => Outcome::Dropped { why },
        Err(failure) => {
            Outcome::Failed { error: failure.to_string(), retryable: failure.retryable() }
        }
    }
}
