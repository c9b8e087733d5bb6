//! Reads acts out of a ledger's records.
//!
//! It reads what every version of snapkeep has written, and it is total: what can't be understood is
//! no act, because a report that fails on one old record would be no report at all. Whether the
//! ledger is as it was written is not judged here.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Act, Kind};
use crate::ids::RdsArn;
use crate::recovery_point::Outcome;
use crate::verb::Verb;
use crate::verify::{ACCEPTED, PhaseTimes, Phases};

/// One entry of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Whose ledger it is in.
    pub verb: Verb,
    /// Its number there.
    pub sequence: u32,
    /// When the run decided that wrote it.
    pub at: Timestamp,
    /// What is recorded: `report`, `intent`, `seal`, or a scratch database's name with a verdict.
    pub name: String,
    /// The record, JSON.
    pub record: String,
}

/// What the entries of one ledger say was done, newest first, as they are given.
///
/// What is recorded twice counts once: a delete is written before and after it, a refusal as long as
/// it stands, and of two runs at once each writes what the other did.
#[must_use]
pub fn acts(newest_first: &[Recorded]) -> Vec<Act> {
    let parsed = |entry: &Recorded| serde_json::from_str(&entry.record).unwrap_or(Value::Null);
    let records: Vec<(&Recorded, Value)> =
        newest_first.iter().map(|entry| (entry, parsed(entry))).collect();
    let reported: BTreeSet<Timestamp> = reports(&records).map(|(entry, _)| entry.at).collect();
    let (mut acts, mut done, mut standing) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for (entry, record) in records.iter().rev() {
        let mut of_entry = match (entry.verb, entry.name.as_str()) {
            (_, "report") => {
                let refused: BTreeSet<String> = list(record, "refusals").map(about).collect();
                let new = |refusal: &&Value| !standing.contains(&about(refusal));
                let mut acts: Vec<Act> =
                    list(record, "refusals").filter(new).map(|it| refusal(entry, it)).collect();
                acts.extend(approval(entry, record));
                acts.extend(list(record, "steps").filter_map(|step| carried_out(entry, step)));
                standing = refused;
                acts
            }
            (Verb::Prune, "intent") if !reported.contains(&entry.at) => {
                list(record, "deletes").filter_map(|point| announced(entry, point)).collect()
            }
            (Verb::Prune, _) | (_, "seal" | "intent") => Vec::new(),
            (Verb::Verify, _) => verdict(entry, record).into_iter().collect(),
            (Verb::Create | Verb::Copy | Verb::Alarm, _) => Vec::new(),
        };
        of_entry.retain(|act| is_first(act, &mut done));
        acts.extend(of_entry.into_iter().rev());
    }
    acts.reverse();
    acts
}

fn reports<'r, 'e>(
    records: &'r [(&'e Recorded, Value)],
) -> impl Iterator<Item = &'r (&'e Recorded, Value)> {
    records.iter().filter(|(entry, _)| entry.name == "report")
}

/// Whether nobody older has made or deleted that recovery point there.
fn is_first(act: &Act, done: &mut BTreeSet<(&'static str, Option<String>, String)>) -> bool {
    match (&act.kind, &act.recovery_point) {
        (Kind::Created | Kind::Copied | Kind::Pruned, Some(id)) => {
            done.insert((act.kind.as_str(), act.region.clone(), id.clone()))
        }
        (Kind::Created | Kind::Copied | Kind::Pruned, None)
        | (Kind::Verified { .. } | Kind::Refused { .. } | Kind::Approved { .. }, _) => true,
    }
}

/// A refusal's rule, and what it is about: the same however its figures change.
fn about(refusal: &Value) -> String {
    match refusal.get("subject") {
        Some(_) => ["code", "region", "subject"].map(|key| text(refusal, key)).join(" "),
        // Those of old say it only in words.
        None => ["code", "message"].map(|key| text(refusal, key)).join(" "),
    }
}

fn refusal(entry: &Recorded, refusal: &Value) -> Act {
    let code = text(refusal, "code");
    Act {
        region: maybe(refusal, "region"),
        reason: format!("{code}: {}", text(refusal, "message")),
        ..act(entry, Kind::Refused { verb: entry.verb }, text(refusal, "subject"))
    }
}

/// A request that approved what a guard had held back, and who made it, if it says so.
fn approval(entry: &Recorded, record: &Value) -> Option<Act> {
    let asked = record.get("asked")?;
    let hash = maybe(asked, "approve")?;
    let who = maybe(asked, "requested_by").unwrap_or_else(|| "a request".to_owned());
    let databases: BTreeSet<String> =
        list(record, "steps").map(|step| text(step, "database")).collect();
    let databases = databases.into_iter().collect::<Vec<_>>().join(", ");
    let database = maybe(asked, "database").unwrap_or(databases);
    let reason = format!("{who} approved the plan with the hash {hash}");
    Some(Act { reason, ..act(entry, Kind::Approved { verb: entry.verb }, database) })
}

/// A step that AWS accepted. One that had been done before counts if nobody else says to have done
/// it: then the answer to it was lost.
fn carried_out(entry: &Recorded, step: &Value) -> Option<Act> {
    let kind = match (entry.verb, text(step, "action").as_str()) {
        (Verb::Create, "snapshot") => Kind::Created,
        (Verb::Copy, "copy") => Kind::Copied,
        (Verb::Prune, "delete") => Kind::Pruned,
        (_, _) => return None,
    };
    matches!(text(step, "outcome").as_str(), "done" | "already-done").then(|| Act {
        region: maybe(step, "region"),
        recovery_point: maybe(step, "id"),
        reason: text(step, "reason"),
        ..act(entry, kind, text(step, "database"))
    })
}

/// A delete that was written down, of which nobody wrote how it ended: the run died, or it was written
/// before prune recorded outcomes.
fn announced(entry: &Recorded, delete: &Value) -> Option<Act> {
    let point = arn(delete, "recovery_point")?;
    let database = arn(delete, "database").map_or_else(String::new, |arn| arn.id);
    Some(Act {
        region: Some(point.region.to_string()),
        recovery_point: Some(point.id),
        reason: text(delete, "reason"),
        ..act(entry, Kind::Pruned, database)
    })
}

fn verdict(entry: &Recorded, record: &Value) -> Option<Act> {
    let outcome = match text(record, "outcome").as_str() {
        "pass" => Outcome::Pass,
        "fail" => Outcome::Fail,
        "inconclusive" => Outcome::Inconclusive,
        _ => return None,
    };
    let subject = record.get("subject")?;
    let point = arn(subject, "recovery-point");
    let where_else = ["point-in-time", "restore-test"].iter().find_map(|key| {
        let subject = subject.get(key)?;
        arn(subject, "database").or_else(|| arn(subject, "resource"))
    });
    let database = arn(record, "database")?.id;
    let kind = if text(record, "scratch_id").starts_with(ACCEPTED) {
        Kind::Approved { verb: Verb::Verify }
    } else {
        let took = record.get("recovery_time");
        let (rto, objective) =
            (seconds(took, "measured_seconds"), seconds(took, "objective_seconds"));
        Kind::Verified { outcome, rto, objective, phases: phases(record) }
    };
    Some(Act {
        region: point.as_ref().or(where_else.as_ref()).map(|arn| arn.region.to_string()),
        recovery_point: point.map(|arn| arn.id),
        reason: text(record, "reason"),
        ..act(entry, kind, database)
    })
}

/// How long the phases took of which the verdict says when they were over.
fn phases(record: &Value) -> PhaseTimes {
    let at = |key: &str| record.get("phases")?.get(key)?.as_str()?.parse().ok();
    let Some(requested_at) = at("requested_at") else { return PhaseTimes::default() };
    let phases = Phases {
        requested_at,
        cluster_available_at: at("cluster_available_at"),
        instance_available_at: at("instance_available_at"),
        answered_at: at("answered_at"),
        checked_at: at("checked_at"),
    };
    phases.times()
}

fn act(entry: &Recorded, kind: Kind, database: String) -> Act {
    Act {
        at: entry.at,
        kind,
        database,
        region: None,
        recovery_point: None,
        reason: String::new(),
        evidence: format!("{}/{}", entry.verb, entry.sequence),
    }
}

fn list<'v>(record: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    record.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn maybe(record: &Value, key: &str) -> Option<String> {
    record.get(key)?.as_str().map(str::to_owned)
}

fn text(record: &Value, key: &str) -> String {
    maybe(record, key).unwrap_or_default()
}

fn arn(record: &Value, key: &str) -> Option<RdsArn> {
    record.get(key)?.as_str()?.parse().ok()
}

fn seconds(record: Option<&Value>, key: &str) -> Option<SignedDuration> {
    record?.get(key)?.as_i64().map(SignedDuration::from_secs)
}

#[cfg(test)]
mod tests;
