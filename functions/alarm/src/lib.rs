//! alarm: judges the account against the policy's objectives and tells what changed. The judgement is
//! [`snapkeep_policy::alarm`]'s.
//!
//! What was told is remembered only once it was delivered: if the topic is down, or this run dies
//! before it can write its memory, the next one tells it again under the same key.

mod bridge;

use snapkeep_aws::Failure;
use snapkeep_aws::act::Applied;
use snapkeep_aws::publish::{publish, put_metrics};
use snapkeep_aws::store::{ETag, Put, Store};
use snapkeep_function::app::Observed;
use snapkeep_function::{App, Error, Outcome, Report, Tick, carry_out, evidence};
use snapkeep_policy::alarm::{self, Action, Memory, Sender};
use snapkeep_policy::inventory::Observation;
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
    let view = View::new(&seen.document, &seen.observation, None, tick.now);
    let store = app.store();
    let Remembered { memory, version, damage } = remember(&store).await?;
    let pruned = evidence::pruned(&store, tick.now, &memory.missing(&view)).await?;
    let (plan, mut next) = alarm::plan(&view, &memory, &pruned);
    let dry_run = app.is_dry_run(&seen.request);
    let mut report = Report::of(Verb::Alarm, &seen.document, tick.now, dry_run, &plan);
    report.failures.extend(damage);
    if dry_run {
        return Ok(report);
    }
    carry_out(&plan, &mut report, tick, async |action| tell(app, &seen, tick, action).await).await;
    for (step, entry) in plan.steps.iter().zip(&report.steps) {
        let Action::Tell(notice) = &step.action;
        if entry.outcome == Outcome::Done {
            next.told(&notice.key, tick.now);
        }
    }
    if next != memory
        && let Err(failure) = write(&store, &next, version).await
    {
        report.fail(&failure);
    }
    let metrics = alarm::metrics(&view, &next);
    if let Err(failure) = put_metrics(&app.aws, &metrics).await {
        report.fail(&failure);
    }
    Ok(report)
}

/// What the last run knew.
struct Remembered {
    memory: Memory,
    /// Of the object that was read; none if there was none.
    version: Option<ETag>,
    /// Why it had to be begun anew, if so.
    damage: Option<String>,
}

/// Reads what the last run knew. What can't be read any more is reported and begun anew: its alarms
/// are told again under their keys, which is better than silence.
async fn remember(store: &Store) -> Result<Remembered, Failure> {
    let Some((bytes, etag)) = store.get(MEMORY_KEY).await? else {
        return Ok(Remembered { memory: Memory::default(), version: None, damage: None });
    };
    let (memory, damage) = match serde_json::from_slice(&bytes) {
        Ok(memory) => (memory, None),
        Err(error) => {
            let what = "it is begun anew, and open alarms are told again";
            (Memory::default(), Some(format!("read {MEMORY_KEY}: {error}; {what}")))
        }
    };
    Ok(Remembered { memory, version: Some(etag), damage })
}

/// Writes over what was read and nothing else: of two runs at once, one fails and looks again.
async fn write(store: &Store, memory: &Memory, read: Option<ETag>) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(memory)
        .map_err(|error| Failure::invalid(format!("write {MEMORY_KEY}"), error.to_string()))?;
    match read {
        Some(etag) => store.replace(MEMORY_KEY, bytes, &etag).await.map(drop),
        None => match store.put_new(MEMORY_KEY, bytes).await? {
            Put::Written(_) => Ok(()),
            Put::AlreadyThere => Err(Failure::overtaken(format!("write {MEMORY_KEY}"))),
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
