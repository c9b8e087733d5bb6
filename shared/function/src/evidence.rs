//! Records of what was done and why, written once and never changed.
//!
//! `evidence/<verb>/<yyyy-mm-dd>/<instant>-<name>.json`: in order of time under each verb.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use snapkeep_aws::Failure;
use snapkeep_aws::store::{Put, Store};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::plan::Plan;
use snapkeep_policy::prune::Action;
use snapkeep_policy::verb::Verb;

use crate::Report;

/// How far back alarm looks for who deleted a recovery point. Its memory is at most a few days old,
/// or the alarm on its own silence has long been heard.
const PRUNING_LOOKBACK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What prune is about to delete, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pruning {
    /// When it was decided.
    pub now: Timestamp,
    /// Hash of the policy document that was decided by.
    pub policy_hash: String,
    /// The recovery points, oldest first.
    pub deletes: Vec<PrunedPoint>,
}

/// A recovery point that is about to be deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrunedPoint {
    /// Its address.
    pub recovery_point: RdsArn,
    /// The database that it restored.
    pub database: RdsArn,
    /// What superseded it.
    pub reason: String,
}

/// The record of a plan of prune's, to be written before the plan is carried out.
#[must_use]
pub fn pruning(document: &PolicyDocument, now: Timestamp, plan: &Plan<Action>) -> Pruning {
    let deletes = plan.steps.iter().map(|step| {
        let Action::Delete { recovery_point, database, .. } = &step.action;
        PrunedPoint {
            recovery_point: recovery_point.clone(),
            database: database.clone(),
            reason: step.reason.clone(),
        }
    });
    Pruning { now, policy_hash: document.hash.clone(), deletes: deletes.collect() }
}

/// Which of `missing` prune wrote down before it deleted them, in the last week's records.
///
/// # Errors
/// As the store: then nobody can say who deleted them.
pub async fn pruned(
    store: &Store,
    now: Timestamp,
    missing: &BTreeSet<RdsArn>,
) -> Result<BTreeSet<RdsArn>, Failure> {
    let mut pruned = BTreeSet::new();
    if missing.is_empty() {
        return Ok(pruned);
    }
    let since = day(Verb::Prune, now - PRUNING_LOOKBACK);
    let keys = store.list(&prefix(Verb::Prune), Some(&since)).await?;
    // The newest first: what is missing now was mostly deleted since the last look.
    for key in keys.iter().rev() {
        let Some((bytes, _)) = store.get(key).await? else { continue };
        let Ok(record) = serde_json::from_slice::<Pruning>(&bytes) else { continue };
        let deletes = record.deletes.into_iter().map(|delete| delete.recovery_point);
        pruned.extend(deletes.filter(|arn| missing.contains(arn)));
        if pruned.len() == missing.len() {
            break;
        }
    }
    Ok(pruned)
}

/// Writes the report of a run that did something. That it couldn't be written is in the report.
pub async fn of_run(store: &Store, report: &mut Report) {
    if report.done() > 0
        && let Err(failure) = record(store, report.verb, report.now, "report", report).await
    {
        report.fail(&failure);
    }
}

fn day(verb: Verb, at: Timestamp) -> String {
    format!("{}{}/", prefix(verb), at.strftime("%Y-%m-%d"))
}

fn prefix(verb: Verb) -> String {
    format!("evidence/{verb}/")
}

/// Writes a record. The same one may be there already, from before a retry.
///
/// # Errors
/// As the store, and [`snapkeep_aws::FailureClass::PreconditionFailed`] when another record has its
/// place: another run is at work. What depends on the record must not be done then.
pub async fn record(
    store: &Store,
    verb: Verb,
    now: Timestamp,
    name: &str,
    record: &impl Serialize,
) -> Result<(), Failure> {
    let key = format!("{}{}-{name}.json", day(verb, now), now.strftime("%H%M%SZ"));
    let bytes = serde_json::to_vec(record)
        .map_err(|error| Failure::invalid(format!("write {key}"), error.to_string()))?;
    match store.put_new(&key, bytes.clone()).await? {
        Put::Written(_) => Ok(()),
        Put::AlreadyThere => match store.get(&key).await? {
            Some((there, _)) if there == bytes => Ok(()),
            Some(_) | None => Err(Failure::overtaken(format!("write {key}"))),
        },
    }
}
