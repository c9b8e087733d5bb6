//! Runs that failed: what lies in the functions' queues, as facts.
//!
//! Of a failed run Lambda leaves a record in its on-failure destination; of one that couldn't be
//! started, EventBridge and EventBridge Scheduler leave what they would have delivered, with the reason
//! in the message's attributes. Of all that only the first line of the error is kept, cleaned of what
//! may be a secret: what a run was woken with, nobody else has to see.
//!
//! A message is deleted only once it is remembered, so it comes again if the run dies in between or its
//! delete fails, and SQS may deliver it twice by itself. Its id is remembered with it: what was counted
//! isn't counted again.
//!
//! Sources: Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations"; EventBridge
//! Scheduler User Guide, "Configuring a schedule's dead-letter queue", "Retrieve the dead-letter event":
//! the example there has `ERROR_CODE`, `ERROR_MESSAGE`, `EXECUTION_ID`, `EXHAUSTED_RETRY_CONDITION`,
//! `IS_PAYLOAD_TRUNCATED`, `RETRY_ATTEMPTS`, `SCHEDULED_TIME`, `SCHEDULE_ARN` and `TARGET_ARN`, all of type
//! String; the code and message are those of the target's API, or `AWS.Scheduler.InternalServerError`;
//! `TARGET_ARN` is `arn:aws:scheduler:::aws-sdk:SERVICE:ACTION`, and `EXHAUSTED_RETRY_CONDITION` is there only
//! if the error could have been retried. EventBridge User Guide, "Using dead-letter queues to process
//! undelivered events" (`ERROR_CODE`, `ERROR_MESSAGE`, `EXHAUSTED_RETRY_CONDITION`, `RETRY_ATTEMPTS`,
//! `RULE_ARN`, `TARGET_ARN`); SQS Developer Guide, "At-least-once delivery".

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::alarm::{Condition, Figures, Finding, Memory};
use crate::bad_input::shown;
use crate::document::Severity;
use crate::ids::Region;
use crate::plan::instant;
use crate::verb::Verb;

/// A verb has recovered when nothing of it failed for this long: one that is woken once a day has had
/// its next run by then.
pub const RECOVERED_AFTER: SignedDuration = SignedDuration::from_hours(25);
const ERROR_CHARS_MAX: usize = 240;
/// Ids of messages that were counted are kept this long after they were last received. One that can't be
/// deleted is received again by nearly every look.
const COUNTED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// No more of them: five queues hand out thirty messages a look.
const COUNTED_MAX: usize = 2_000;

/// A message in the queue of a verb's failed runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueMessage {
    /// SQS's id of it: the same however often it is received.
    pub id: Option<String>,
    /// Its text.
    pub body: String,
    /// Its attributes that are text.
    pub attributes: BTreeMap<String, String>,
    /// When it was put there, if SQS says so.
    pub sent_at: Option<Timestamp>,
}

/// A run that failed or couldn't be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRun {
    /// SQS's id of the message that says so.
    pub message: Option<String>,
    /// Of which function.
    pub verb: Verb,
    /// Where that runs.
    pub region: Region,
    /// When it failed.
    pub at: Timestamp,
    /// Why: one line, without what looks like a secret.
    pub error: String,
}

/// The failed runs of one verb that were seen of late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failures {
    /// Where they ran.
    pub region: Region,
    /// How many, since the last time that none had failed for a while.
    pub count: u32,
    /// When the newest of them failed.
    pub newest: Timestamp,
    /// Why that one did.
    pub error: String,
}

impl FailedRun {
    /// What `message` in the queue of `verb` says. What it doesn't say of its instant is `now`.
    #[must_use]
    pub fn of(verb: Verb, region: &Region, message: &QueueMessage, now: Timestamp) -> Self {
        let record: Value = serde_json::from_str(&message.body).unwrap_or_default();
        let failed_at = record["timestamp"].as_str().and_then(|text| text.parse().ok());
        let at = failed_at.or(message.sent_at).unwrap_or(now).min(now);
        let attribute = |name: &str| message.attributes.get(name).map(String::as_str);
        let error = if let Some(text) = record["responsePayload"]["errorMessage"].as_str() {
            text.to_owned()
        } else if let Some(condition) = record["requestContext"]["condition"].as_str() {
            format!("Lambda gave the run up ({condition})")
        } else if let Some(code) = attribute("ERROR_CODE") {
            let why = attribute("ERROR_MESSAGE").unwrap_or("without a message");
            format!("the run could not be started: {code}: {why}")
        } else {
            format!("a message of {} bytes that doesn't say why", message.body.len())
        };
        let (message, error) = (message.id.clone(), cleaned(&error));
        Self { message, verb, region: region.clone(), at, error }
    }
}

impl Memory {
    /// Takes note of runs that failed since the last look, at `now`. Each message counts once, however
    /// often it is received.
    #[must_use]
    pub fn noting(mut self, runs: &[FailedRun], now: Timestamp) -> Self {
        for FailedRun { message, verb, region, at, error } in runs {
            let earlier = message.as_ref().and_then(|id| self.counted.insert(id.clone(), now));
            if earlier.is_some() {
                continue;
            }
            let failures = self.failed.entry(*verb).or_insert_with(|| Failures {
                region: region.clone(),
                count: 0,
                newest: *at,
                error: error.clone(),
            });
            failures.count = failures.count.saturating_add(1);
            if *at >= failures.newest {
                failures.newest = *at;
                failures.error.clone_from(error);
            }
        }
        self
    }

    /// Forgets the failures of verbs that have recovered, and messages that don't come any more: of too
    /// many those that haven't come for longest.
    pub(super) fn recover(&mut self, now: Timestamp) {
        self.failed.retain(|_, failures| now.duration_since(failures.newest) < RECOVERED_AFTER);
        self.counted.retain(|_, at| now.duration_since(*at) < COUNTED_FOR);
        let surplus = self.counted.len().saturating_sub(COUNTED_MAX);
        let mut oldest: Vec<(Timestamp, String)> =
            self.counted.iter().map(|(id, at)| (*at, id.clone())).collect();
        oldest.sort_unstable();
        for (_, id) in oldest.iter().take(surplus) {
            self.counted.remove(id);
        }
    }
}

/// One finding for each verb of which runs failed.
pub(super) fn findings(memory: &Memory) -> impl Iterator<Item = Finding> {
    memory.failed.iter().map(|(verb, Failures { region, count, newest, error })| {
        let newest = instant(*newest);
        let runs = match count {
            1 => format!("a run of {verb} failed at {newest}"),
            _ => format!("{count} runs of {verb} failed, the newest at {newest}"),
        };
        Finding {
            condition: Condition::FunctionFailed,
            severity: Severity::Warning,
            subject: verb.to_string(),
            region: region.clone(),
            message: format!("{runs}: {error}"),
            next_step: "Do what the message says; the function's log has the whole run.",
            policy: None,
            figures: Figures::default(),
        }
    })
}

/// The first line, short, and without words that may be a secret.
fn cleaned(text: &str) -> String {
    let line =
        text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason given");
    let words: Vec<&str> = line.split_whitespace().map(word).collect();
    shown(&words.join(" "), ERROR_CHARS_MAX)
}

fn word(word: &str) -> &str {
    const SECRET: [&str; 6] = ["password", "passwd", "secret", "token", "signature", "credential"];
    const HIDDEN: &str = "(not shown)";
    let small = word.to_ascii_lowercase();
    let is_named = SECRET.iter().any(|name| small.contains(name)) && small.contains(['=', ':']);
    let has_login = word.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    // Forty letters and digits in a row, as in AWS's secret keys. Identifiers have hyphens in between.
    let is_long = |part: &str| part.len() >= 40;
    let is_key =
        word.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/')).any(is_long);
    if is_named || has_login || is_key { HIDDEN } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_repeated() {
        let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        for secret in [
            "password=hunter2",
            "postgres://root:hunter2@db.example.com/shop",
            "MasterUserPassword:hunter2",
            "https://example.com/?X-Amz-Signature=0123hunter2",
            key,
            &["AKIA", "IOSFODNN7EXAMPLE"].concat(),
        ] {
            let said = cleaned(&format!("call failed with {secret} today"));
            assert!(said.contains("not shown"), "{said}");
            assert!(!said.contains("hunter2") && !said.contains(key), "{said}");
        }
        let harmless =
            "delete snapkeep-shepherd-20260306t0200z-80b8d47d48: AccessDenied: not allowed";
        assert_eq!(cleaned(harmless), harmless);
        assert_eq!(cleaned("\n one\u{1b}[31m \ntwo"), "one\\u{1b}[31m");
        assert_eq!(cleaned(""), "no reason given");
        assert!(cleaned(&"long ".repeat(1000)).chars().count() <= ERROR_CHARS_MAX);
    }
}
