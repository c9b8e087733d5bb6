//! alarm: judges the account against the policy's objectives and tells what changed. The judgement is
//! [`snapkeep_policy::alarm`]'s.
//!
//! What was told is remembered only once it was delivered: if the topic is down, or this run dies
//! before it can write its memory, the next one tells it again under the same key. Runs that failed are
//! taken out of the functions' queues in the same spirit: only once they are remembered.

mod bridge;
pub mod reports;
pub mod standby;

use futures_util::future::join_all;
use serde::Serialize;
use serde::de::DeserializeOwned;
use snapkeep_aws::Failure;
use snapkeep_aws::act::Applied;
use snapkeep_aws::publish::publish;
use snapkeep_aws::queues::{self, Received};
use snapkeep_aws::store::{ETag, Put, Store};
use snapkeep_function::app::Observed;
use snapkeep_function::{App, Error, Outcome, Report, Tick, carry_out, evidence};
use snapkeep_policy::alarm::{self, Action, FailedRun, Memory, Sender};
use snapkeep_policy::inventory::Observation;
use snapkeep_policy::metrics;
use snapkeep_policy::verb::Verb;
use snapkeep_policy::view::View;

pub use bridge::{BRIDGE, BRIDGE_ROUTING_KEY, BRIDGE_URL, Bridge};

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
    let Remembered::<Memory> { memory, version, damage } = remember(&store, MEMORY_KEY).await?;
    let damage = match &version {
        Some(_) => damage,
        None => why_gone(&store).await,
    };
    let Queued { received, runs, unread } = failed_runs(app, tick).await;
    let noted = memory.clone().noting(&runs, tick.now);
    let pruned = evidence::pruned(&store, tick.now, &memory.missing(&view)).await?;
    let (plan, mut next) = alarm::plan(&view, &noted, &pruned);
    let dry_run = app.is_dry_run(&seen.request);
    let mut report = Report::of(Verb::Alarm, &seen.document, tick.now, dry_run, &plan);
    report.failures.extend(damage);
    // A dry run has looked, too.
    report.metrics = metrics::of_fleet(&view, &next);
    unread.iter().for_each(|failure| report.fail(failure));
    if dry_run {
        return Ok(report);
    }
    carry_out(&plan, &mut report, tick, async |action| tell(app, &seen, tick, action).await).await;
    for (step, entry) in plan.steps.iter().zip(&report.steps) {
        let Action::Tell(notice) = &step.action;
        if entry.outcome == Outcome::Done {
            next.told(notice, tick.now);
        }
    }
    // Nothing to remember is remembered, too: a memory that isn't there would have been lost.
    let kept = match next == memory && version.is_some() {
        true => Ok(()),
        false => write(&store, MEMORY_KEY, &next, version).await,
    };
    // What isn't remembered stays in its queue.
    let kept = match kept {
        Ok(()) => queues::forget(&app.aws, &received).await,
        Err(failure) => Err(failure),
    };
    if let Err(failure) = kept {
        report.fail(&failure);
    }
    let ledger = app.ledger(tick.now);
    if let Err(failure) = evidence::seal(&ledger, tick.now).await {
        report.fail(&failure);
    }
    evidence::of_run(&ledger, &seen.request, plan.refused(), &mut report).await;
    Ok(report)
}

/// What the queues of failed runs hold.
#[derive(Default)]
struct Queued {
    received: Vec<Received>,
    runs: Vec<FailedRun>,
    /// Why a queue couldn't be read.
    unread: Vec<Failure>,
}

/// Reads all queues at once: each answers only after a while if it is empty.
async fn failed_runs(app: &App, tick: &Tick) -> Queued {
    let urls = &app.settings.failed_queues;
    let reads = urls.iter().map(async |(verb, url)| (*verb, queues::receive(&app.aws, url).await));
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

/// What the last run knew.
struct Remembered<M> {
    memory: M,
    /// Of the object that was read; none if there was none.
    version: Option<ETag>,
    /// Why it had to be begun anew, if so.
    damage: Option<String>,
}

/// Reads what the last run knew. What can't be read any more is reported and begun anew: its alarms are
/// told again under their keys, which is better than silence.
async fn remember<M: Default + DeserializeOwned>(
    store: &Store,
    key: &str,
) -> Result<Remembered<M>, Failure> {
    let Some((bytes, etag)) = store.get(key).await? else {
        return Ok(Remembered { memory: M::default(), version: None, damage: None });
    };
    let (memory, damage) = match serde_json::from_slice(&bytes) {
        Ok(memory) => (memory, None),
        Err(error) => (M::default(), Some(lost(key, &error.to_string()))),
    };
    Ok(Remembered { memory, version: Some(etag), damage })
}

fn lost(key: &str, why: &str) -> String {
    format!(
        "read {key}: {why}; it is begun anew, and open alarms are told again; to close those that ended \
         meanwhile, put its earlier version back"
    )
}

/// Why there is no memory, unless this is the first run: one that ran has left evidence.
async fn why_gone(store: &Store) -> Option<String> {
    let why = match evidence::newest_of(store, Verb::Alarm).await {
        Ok((0, _)) => return None,
        Ok(_) => "it is gone, though alarm has run before".to_owned(),
        Err(failure) => format!("it isn't there, and nobody can say why: {failure}"),
    };
    Some(lost(MEMORY_KEY, &why))
}

/// Writes over what was read and nothing else: of two runs at once, one fails and looks again.
async fn write(
    store: &Store,
    key: &str,
    memory: &impl Serialize,
    read: Option<ETag>,
) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(memory)
        .map_err(|error| Failure::invalid(format!("write {key}"), error.to_string()))?;
    match read {
        Some(etag) => store.replace(key, bytes, &etag).await.map(drop),
        None => match store.put_new(key, bytes).await? {
            Put::Written(_) => Ok(()),
            Put::AlreadyThere => Err(Failure::overtaken(format!("write {key}"))),
        },
    }
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
