//! The record of a run: what it did, what it refused, and who asked for it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;
use snapkeep_aws::Failure;
use snapkeep_aws::store::Store;
use snapkeep_policy::plan::{RefusalCode, Refused};
use snapkeep_policy::request::{Request, Trigger};
use snapkeep_policy::verb::Verb;

use super::ledger::Walk;
use super::record;
use crate::Report;
use crate::report::{Entry, Outcome};

/// A refusal that stands is written once a day, so that every month's evidence shows it.
const STANDING_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// How many newer entries are looked through for the last report. Verdicts and intents lie between;
/// if there are more, a refusal that stands is merely written again.
const NEWER_MAX: usize = 32;
/// A line is what a person reads; what AWS answers may be longer than that.
const LINE_CHARS_MAX: usize = 1_000;

/// The record.
#[derive(Debug, Serialize)]
struct Run {
    verb: Verb,
    deployment: String,
    policy_hash: String,
    now: Timestamp,
    asked: Asked,
    steps: Vec<Entry>,
    refusals: Vec<Refused>,
    failures: Vec<String>,
}

/// Who asked for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    trigger: &'static str,
    database: Option<String>,
    name: Option<String>,
    approve: Option<String>,
    accept: Option<String>,
    requested_by: Option<String>,
}

impl Asked {
    /// As the request says.
    #[must_use]
    pub fn by(request: &Request) -> Self {
        Self {
            trigger: match request.trigger {
                Trigger::Schedule { .. } => "schedule",
                Trigger::Event { .. } | Trigger::RestoreJob { .. } => "event",
                Trigger::OnDemand => "request",
            },
            database: request.database.as_ref().map(ToString::to_string),
            name: request.name.clone(),
            approve: request.approve.clone(),
            accept: request.accept.clone(),
            requested_by: request.requested_by.clone(),
        }
    }
}

/// Writes down a run that changed the account, that was asked to approve something, or that refused
/// what the last report didn't. That it couldn't be written is in the report.
pub async fn of_run(store: &Store, request: &Request, refused: Vec<Refused>, report: &mut Report) {
    if let Err(failure) = write(store, request, refused, report).await {
        report.fail(&failure);
    }
}

async fn write(
    store: &Store,
    request: &Request,
    refused: Vec<Refused>,
    report: &Report,
) -> Result<(), Failure> {
    let (verb, now) = (report.verb, report.now);
    let is_due = changes_recovery_points(report)
        || request.approve.is_some()
        || (!refused.is_empty() && is_news(store, verb, now, &refused).await?);
    if !is_due {
        return Ok(());
    }
    let run = Run {
        verb,
        deployment: report.deployment.clone(),
        policy_hash: report.policy_hash.clone(),
        now,
        asked: Asked::by(request),
        steps: report.steps.iter().map(bounded_step).collect(),
        refusals: refused.into_iter().map(bounded_refusal).collect(),
        failures: report.failures.iter().map(|line| bounded(line)).collect(),
    };
    record(store, verb, now, "report", &run).await
}

/// Whether it took, copied or deleted one, or finds that somebody else just did. Verify writes its
/// verdicts one by one, and alarm's news are no acts.
fn changes_recovery_points(report: &Report) -> bool {
    let is_done = |e: &Entry| matches!(e.outcome, Outcome::Done | Outcome::AlreadyDone);
    match report.verb {
        Verb::Create | Verb::Copy | Verb::Prune => report.steps.iter().any(is_done),
        Verb::Verify | Verb::Alarm => false,
    }
}

/// Whether the last report of the verb refused something else, or is a day old.
async fn is_news(
    store: &Store,
    verb: Verb,
    now: Timestamp,
    refused: &[Refused],
) -> Result<bool, Failure> {
    let mut walk = Walk::start(store, verb).await?;
    for _ in 0..NEWER_MAX {
        let Some(entry) = walk.next().await? else { return Ok(true) };
        if now.duration_since(entry.at) >= STANDING_AFTER {
            return Ok(true);
        }
        if entry.name == "report" {
            let told: BTreeSet<String> = told(entry.record.get());
            return Ok(told != refused.iter().map(about).collect());
        }
    }
    Ok(true)
}

/// Without its words: figures and snapshots in them change from run to run.
fn about(refused: &Refused) -> String {
    let region = refused.region.as_ref().map_or("", |region| region.as_str());
    format!("{} {region} {}", code(refused.code), refused.subject)
}

/// The same, of a report that was written.
fn told(report: &str) -> BTreeSet<String> {
    let report: Value = serde_json::from_str(report).unwrap_or_default();
    let text = |refusal: &Value, key| refusal[key].as_str().unwrap_or_default().to_owned();
    let refusals = report["refusals"].as_array().into_iter().flatten();
    let about = |refusal| ["code", "region", "subject"].map(|key| text(refusal, key)).join(" ");
    refusals.map(about).collect()
}

fn code(code: RefusalCode) -> String {
    serde_json::to_value(code)
        .ok()
        .and_then(|word| Some(word.as_str()?.to_owned()))
        .unwrap_or_default()
}

fn bounded_step(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    entry.line.reason = bounded(&entry.line.reason);
    match &mut entry.outcome {
        Outcome::Failed { error: line, .. } | Outcome::Dropped { why: line } => {
            *line = bounded(line)
        }
        Outcome::Planned | Outcome::Done | Outcome::AlreadyDone | Outcome::OutOfTime => {}
    }
    entry
}

fn bounded_refusal(refused: Refused) -> Refused {
    Refused { message: bounded(&refused.message), ..refused }
}

fn bounded(line: &str) -> String {
    match line.char_indices().nth(LINE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
