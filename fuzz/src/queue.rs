//! Messages in the queues of failed runs: the body up to the first NUL, then attributes, a line each as
//! `NAME=value`. Whatever lies there, alarm has one line to say about it, and remembers that.

use std::collections::BTreeMap;

use jiff::Timestamp;
use snapkeep_policy::alarm::{FailedRun, Memory, QueueMessage};
use snapkeep_policy::verb::Verb;

use crate::line;

/// The error of a failed run, as alarm keeps it.
const ERROR_CHARS_MAX: usize = 240;

/// Tries it.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (body, rest) = text.split_once('\0').unwrap_or((&text, ""));
    let attributes: BTreeMap<String, String> = rest
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let now: Timestamp = "2026-03-04T12:00:00Z".parse().expect("an instant");
    let sent_at = attributes.get("SENT").and_then(|text| text.parse().ok());
    let id = attributes.get("ID").cloned();
    let message = QueueMessage { id: id.clone(), body: body.to_owned(), attributes, sent_at };
    let region = "us-west-2".parse().expect("a region");
    let run = FailedRun::of(Verb::Prune, &region, &message, now);
    assert!(run.at <= now, "it failed tomorrow");
    line::check(&run.error, ERROR_CHARS_MAX);
    let memory = Memory::default().noting(&[run.clone(), run], now);
    let counted = if id.is_some() { 1 } else { 2 };
    assert_eq!(memory.failed[&Verb::Prune].count, counted, "a message counts once");
    let written = serde_json::to_string(&memory).expect("memory is JSON");
    let read: Memory = serde_json::from_str(&written).expect("what was written is read");
    assert_eq!(read, memory, "written and read again");
}
