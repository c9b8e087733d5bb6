//! Records of what was done and why: a ledger for each verb, where nothing can be changed unseen.
//!
//! Entry n of a verb is one object in S3, `{"sequence", "previous", "at", "name", "record"}`.
//! `previous` is the SHA-256 of the bytes of entry n - 1, so whoever alters, removes or exchanges
//! an entry breaks the chain there, and [`audit`] finds it with nothing but the bucket. Everything
//! is written where nothing was, and nothing is ever written over.
//!
//! Keys count down: entry 1 is `evidence/<verb>/999999998.json`, entry 2 `…997.json`. S3 lists in
//! the order of keys and as consistently as it reads, so the first key of a listing of one is the
//! newest entry, after years as on the first day. That is why there is no object that says where
//! the head is: it could be stale, it would have to be written over, and a run could die before.
//!
//! Appending is a list, a read and a conditional write. Of two runs at once one is told that the
//! place is taken, reads what is there, and goes behind it. A run that dies before the write has
//! written nothing, and one that dies after it has written a whole entry. A lost answer shows as
//! our own bytes in the place that was meant for them.
//!
//! What a chain alone can't show is that its newest entries are cut off, or all of it is written anew.
//! So alarm seals the chains into its own every hour ([`seal()`]), and each entry's number and hash are
//! logged as it is written: the log is a witness that lies elsewhere.
//!
//! What an entry looks like is part of the contract with auditors: `schemas/evidence.schema.json`.

mod check;
mod history;
mod ledger;
mod run;
mod seal;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use snapkeep_aws::Failure;
use snapkeep_aws::store::Store;
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::plan::Plan;
use snapkeep_policy::prune::Action;
use snapkeep_policy::request::Request;
use snapkeep_policy::verb::Verb;

pub use check::{Chain, Seals, audit, check};
pub use history::{acts, acts_of, export};
pub use ledger::{Broken, Flaw};
use ledger::{Draft, Tip, Walk};
pub use run::{Asked, of_run};
pub use seal::{SEAL_EVERY, seal};

/// How far back alarm looks for who deleted a recovery point. Its memory is at most a few days old,
/// or the alarm on its own silence has long been heard.
const PRUNING_LOOKBACK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Prune writes two entries a run at most; a week of runs every ten minutes is a thousand of them.
const PRUNINGS_MAX: usize = 2_000;

/// What prune is about to delete, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pruning {
    /// When it was decided.
    pub now: Timestamp,
    /// Hash of the policy document that was decided by.
    pub policy_hash: String,
    /// Who asked.
    #[serde(default, skip_deserializing)]
    pub asked: Option<Asked>,
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
pub fn pruning(
    document: &PolicyDocument,
    request: &Request,
    now: Timestamp,
    plan: &Plan<Action>,
) -> Pruning {
    let deletes = plan.steps.iter().map(|step| {
        let Action::Delete { recovery_point, database, .. } = &step.action;
        PrunedPoint {
            recovery_point: recovery_point.clone(),
            database: database.clone(),
            reason: step.reason.clone(),
        }
    });
    let asked = Some(Asked::by(request));
    Pruning { now, policy_hash: document.hash.clone(), asked, deletes: deletes.collect() }
}

/// Which of `missing` prune wrote down before it deleted them, in the last week's records. Records
/// behind a break in the chain aren't believed: what they would explain counts as vanished.
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
    // The newest first: what is missing now was mostly deleted since the last look.
    let mut walk = Walk::start(store, Verb::Prune).await?;
    for _ in 0..PRUNINGS_MAX {
        let Some(entry) = walk.next().await? else { break };
        if entry.at < now - PRUNING_LOOKBACK {
            break;
        }
        let Ok(record) = serde_json::from_str::<Pruning>(entry.record.get()) else { continue };
        let deletes = record.deletes.into_iter().map(|delete| delete.recovery_point);
        pruned.extend(deletes.filter(|arn| missing.contains(arn)));
        if pruned.len() == missing.len() {
            break;
        }
    }
    Ok(pruned)
}

/// How a verb's ledger ends: the number of its newest entry, which is how many there are, and that
/// entry's SHA-256, if there is one.
///
/// # Errors
/// As the store; [`snapkeep_aws::FailureClass::Damaged`] when the newest entry isn't one any more.
pub async fn newest_of(store: &Store, verb: Verb) -> Result<(u32, Option<String>), Failure> {
    let Tip { sequence, sha256 } = ledger::tip(store, verb).await?;
    Ok((sequence, (sequence > 0).then_some(sha256)))
}

/// Writes a record as the newest entry of its verb's ledger.
///
/// # Errors
/// As the store; [`snapkeep_aws::FailureClass::PreconditionFailed`] when other runs were faster
/// every time; [`snapkeep_aws::FailureClass::Damaged`] when the newest entry isn't one any more,
/// because nothing may seem to follow from it. What depends on the record must not be done then.
pub async fn record(
    store: &Store,
    verb: Verb,
    now: Timestamp,
    name: &str,
    record: &impl Serialize,
) -> Result<(), Failure> {
    let record = serde_json::value::to_raw_value(record)
        .map_err(|error| ledger::unwritable(name, &error))?;
    let draft = Draft { at: now, name, record };
    let tip = ledger::tip(store, verb).await?;
    let written = ledger::write_behind(store, verb, tip, &draft).await?;
    let Tip { sequence, sha256 } = written;
    tracing::info!(%verb, sequence, sha256, "evidence written");
    Ok(())
}
