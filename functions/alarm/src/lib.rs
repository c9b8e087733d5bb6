//! alarm: judges the account against the policy's objectives and tells what changed. The judgement is
//! [`snapkeep_policy::alarm`]'s.
//!
//! What was told is remembered only once it was delivered: if the topic is down, or this run dies
//! before it can write its memory, the next one tells it again under the same key. Runs that failed are
//! taken out of the functions' queues in the same spirit: only once they are remembered.
//!
//! A run that has no time left starts nothing more but to remember what it told, and to write that down:
//! what is untold stays due, what lies in a queue stays there, and the next run seals.

mod bridge;
mod memory;
pub mod reports;
pub mod standby;

use std::collections::BTreeSet;

use futures_util::future::join_all;
use snapkeep_aws::Failure;
use snapkeep_aws::act::Applied;
use snapkeep_aws::publish::publish;
use snapkeep_aws::queues::{self, Received};
use snapkeep_aws::store::Store;
use snapkeep_function::app::Observed;
use snapkeep_function::{App, Error, Outcome, Report, Tick, carry_out, evidence};
use snapkeep_policy::alarm::{self, Action, FailedRun, Memory, Notice, Sender};
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::Observation;
use snapkeep_policy::metrics;
use snapkeep_policy::plan::Plan;
use snapkeep_policy::verb::Verb;
use snapkeep_policy::view::View;

pub use bridge::{BRIDGE, BRIDGE_ROUTING_KEY, BRIDGE_URL, Bridge};
use memory::{Remembered, keep, remember};

/// Key of alarm's memory in the bucket.
pub const MEMORY_KEY: &str = "state/alarms.json";

/// One run of alarm.
///
/// # Errors
/// When nothing could be judged. What fails afterwards is in the report.
pub async fn handle(app: &App, payload: &[u8], tick: &Tick) -> Result<Report, Error> {
    let seen = app.observe(Verb::Alarm, payload, tick).await?;
    if let Some(home) = &app.settings.standby_for {
        return standby::run(app, &seen, home, tick).await;
    }
    if let Some(cadence) = seen.request.report {
        return reports::run(app, &seen, cadence, tick).await;
    }
    let view = View::new(&seen.document, &seen.observation, None, tick.now);
    let store = app.store();
    let before: Remembered<Memory> =
        Box::pin(remember(&store, MEMORY_KEY, Some(Verb::Alarm))).await?;
    let Queued { received, runs, unread } = failed_runs(app, tick).await;
    let noted = before.memory.clone().noting(&runs, tick.now);
    let (pruned, doubt) = pruned(&store, &before.memory, &view, tick).await;
    let (plan, mut next) = alarm::plan(&view, &noted, pruned.as_ref());
    let dry_run = app.is_dry_run(&seen.request);
    let mut report = Report::of(Verb::Alarm, &seen.document, tick.now, dry_run, &plan);
    report.failures.extend(before.damage.iter().cloned().chain(doubt));
    // A dry run has looked, too.
    report.metrics = metrics::of_fleet(&view, &next);
    unread.iter().for_each(|failure| report.fail(failure));
    if dry_run {
        return Ok(report);
    }
    carry_out(&plan, &mut report, tick, async |action| tell(app, &seen, tick, action).await).await;
    delivered(&plan, &report).for_each(|notice| next.told(notice, tick.now));
    // What isn't remembered stays in its queue.
    let kept = match keep(&store, MEMORY_KEY, before, &next).await {
        Ok(()) => forget(app, &received, tick).await,
        Err(failure) => Err(failure),
    };
    if let Err(failure) = kept {
        report.fail(&failure);
    }
    let ledger = app.ledger(tick.now);
    if let Err(failure) = seal(&ledger, tick).await {
        report.fail(&failure);
    }
    evidence::of_run(&ledger, &seen.request, plan.refused(), &mut report).await;
    Ok(report)
}

/// Takes out of the queues what was remembered. Without time the next run does: it counts nothing twice.
async fn forget(app: &App, received: &[Received], tick: &Tick) -> Result<(), Failure> {
    if received.is_empty() || !tick.has_time() {
        return Ok(());
    }
    tick.acting("empty queues of failed runs", Box::pin(queues::forget(&app.aws, received))).await
}

/// Seals the evidence if that is due. Without time it stays due.
async fn seal(ledger: &Store, tick: &Tick) -> Result<(), Failure> {
    if !tick.has_time() {
        return Ok(());
    }
    tick.acting("seal the evidence", Box::pin(evidence::seal(ledger, tick.now))).await
}

/// What the queues of failed runs hold.
#[derive(Default)]
struct Queued {
    received: Vec<Received>,
    runs: Vec<FailedRun>,
    /// Why a queue couldn't be read.
    unread: Vec<Failure>,
}

/// Reads all queues at once: each answers only after a while if it is empty. What isn't read in time waits
/// there.
async fn failed_runs(app: &App, tick: &Tick) -> Queued {
    let urls = &app.settings.failed_queues;
    let reads = urls.iter().map(async |(verb, url)| {
        let subject = format!("read queue {url}");
        (*verb, tick.reading(&subject, Box::pin(queues::receive(&app.aws, url))).await)
    });
    let mut queued = Queued::default();
    for (verb, answer) in join_all(reads).await {
        match answer {
            Ok(received) => {
                let run =
                    |it: &Received| FailedRun::of(verb, app.aws.home(), &it.message, tick.now);
                queued.runs.extend(received.iter().map(run));
                queued.received.extend(received);
            }
            Err(failure) => queued.unread.push(failure),
        }
    }
    queued
}

/// What prune wrote down of what is missing; or why that isn't known in time.
async fn pruned(
    store: &Store,
    memory: &Memory,
    view: &View<'_>,
    tick: &Tick,
) -> (Option<BTreeSet<RdsArn>>, Option<String>) {
    let missing = memory.missing(view);
    if missing.is_empty() {
        return (Some(missing), None);
    }
    let reading = Box::pin(evidence::pruned(store, tick.now, &missing));
    match tick.reading("read what prune wrote down", reading).await {
        Ok(pruned) => (Some(pruned), None),
        Err(failure) => {
            (None, Some(format!("{failure}; what is missing isn't judged until it can be read")))
        }
    }
}

/// The notices that were delivered.
fn delivered<'p>(plan: &'p Plan<Action>, report: &Report) -> impl Iterator<Item = &'p Notice> {
    let steps = plan.steps.iter().zip(&report.steps);
    steps.filter(|(_, entry)| entry.outcome == Outcome::Done).map(|(step, _)| {
        let Action::Tell(notice) = &step.action;
        notice
    })
}

async fn tell(
    app: &App,
    seen: &Observed,
    tick: &Tick,
    action: &Action,
) -> Result<Applied, Failure> {
    let Action::Tell(notice) = action;
    let Some(topic) = &app.settings.topic else {
        return Ok(Applied::Dropped("no topic is set".to_owned()));
    };
    let Observation { account, .. } = &seen.observation;
    let sender = Sender {
        deployment: &seen.document.deployment,
        account: account.as_ref(),
        runbook: &app.settings.runbook_url,
        format: app.settings.alert_format,
    };
    let message = alarm::message(notice, &sender, tick.now);
    publish(&app.aws, topic, &message).await?;
    Ok(Applied::Done)
}
