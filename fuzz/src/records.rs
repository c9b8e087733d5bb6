//! Evidence and alarm's memory: JSON objects in a bucket that others may write to. A ledger's records
//! are a line each, the verb's number, a name and the JSON, with spaces between; memory is the rest,
//! behind a NUL. History is total, and alarm decides on any memory that it can read.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::alarm::{Memory, plan};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::history::{Recorded, acts};
use snapkeep_policy::verb::Verb;

use crate::fixtures::{at, cluster, daily, document, policy};
use crate::fleet::Fleet;

const NOW: &str = "2026-03-06T12:00:00Z";

/// Tries it.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (ledger, memory) = text.split_once('\0').unwrap_or((&text, ""));
    history(ledger);
    if let Ok(memory) = serde_json::from_str::<Memory>(memory) {
        remembered(&memory);
    }
}

fn history(ledger: &str) {
    let recorded: Vec<Recorded> = ledger.lines().enumerate().filter_map(recorded).collect();
    for verb in Verb::ALL {
        let of_verb: Vec<Recorded> =
            recorded.iter().filter(|entry| entry.verb == verb).cloned().collect();
        let acts = acts(&of_verb);
        assert_eq!(acts, snapkeep_policy::history::acts(&of_verb), "the same twice");
    }
}

fn recorded((index, line): (usize, &str)) -> Option<Recorded> {
    let mut parts = line.splitn(3, ' ');
    let verb = Verb::ALL.get(parts.next()?.parse::<usize>().ok()?)?;
    let age = SignedDuration::from_hours(i64::try_from(index).ok()?);
    Some(Recorded {
        verb: *verb,
        sequence: u32::MAX - u32::try_from(index).ok()?,
        at: at(NOW).checked_sub(age).ok()?,
        name: parts.next()?.to_owned(),
        record: parts.next()?.to_owned(),
    })
}

/// Two looks, since what the first one concludes from a strange memory is the second one's memory.
fn remembered(memory: &Memory) {
    let written = serde_json::to_string(memory).expect("memory is JSON");
    let read: Memory = serde_json::from_str(&written).expect("what was written is read");
    assert_eq!(read, *memory, "read, written and read again");
    let document: PolicyDocument = document(&policy(&[]));
    let shepherd = cluster("shepherd");
    let fleet = Fleet::of([shepherd.clone()]).snapshots(daily(&shepherd, "2026-03-04", 2));
    let first = look(&fleet, &document, memory, at(NOW));
    look(&fleet, &document, &first, at(NOW) + SignedDuration::from_hours(1));
}

fn look(fleet: &Fleet, document: &PolicyDocument, memory: &Memory, now: Timestamp) -> Memory {
    let view = fleet.view(document, &now.to_string());
    let (_, mut next) = plan(&view, memory, Some(&BTreeSet::new()));
    let (steps, _) = plan(&view, &next, Some(&BTreeSet::new()));
    for step in steps.steps {
        let snapkeep_policy::alarm::Action::Tell(notice) = step.action;
        next.told(&notice, now);
    }
    serde_json::from_str(&serde_json::to_string(&next).expect("JSON")).expect("memory")
}
