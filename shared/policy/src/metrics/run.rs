//! What a run and a verdict say of themselves.

use std::time::Duration;

use crate::metrics::{Measure, Metric, count};
use crate::recovery_point::Outcome;
use crate::verb::Verb;
use crate::verify::{PhaseTimes, VerdictRecord};

/// A run that came to its end.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Of which function.
    pub verb: Verb,
    /// How long it took.
    pub took: Duration,
    /// Whether it failed, or was refused before it could do anything.
    pub failed: bool,
    /// How many steps were carried out.
    pub steps_done: usize,
    /// How much went wrong.
    pub steps_failed: usize,
}

/// The heartbeat, and how the run went.
#[must_use]
pub fn of_run(run: &Run) -> Vec<Metric> {
    let metric = |measure, value| Metric::of(measure, run.verb.as_str(), value);
    vec![
        metric(Measure::Runs, 1.0),
        metric(Measure::FailedRuns, count(usize::from(run.failed))),
        metric(Measure::RunDuration, run.took.as_secs_f64()),
        metric(Measure::StepsDone, count(run.steps_done)),
        metric(Measure::StepsFailed, count(run.steps_failed)),
    ]
}

/// How a verification ended, and how long each phase that it came to took.
#[must_use]
pub fn of_verdict(verdict: &VerdictRecord) -> Vec<Metric> {
    let ended =
        |measure, as_this| Metric::fleet(measure, count(usize::from(verdict.outcome == as_this)));
    let mut metrics = vec![
        ended(Measure::VerificationsPassed, Outcome::Pass),
        ended(Measure::VerificationsFailed, Outcome::Fail),
        ended(Measure::VerificationsInconclusive, Outcome::Inconclusive),
    ];
    let PhaseTimes { cluster, instance, first_query, checks } = verdict.phases.times();
    for (measure, took) in [
        (Measure::ClusterRestoreTime, cluster),
        (Measure::InstanceRestoreTime, instance),
        (Measure::FirstAnswerTime, first_query),
        (Measure::CheckTime, checks),
    ] {
        let took = took.map(|took| took.as_secs_f64());
        metrics.extend(took.map(|took| Metric::of(measure, &verdict.database.id, took)));
    }
    metrics
}
