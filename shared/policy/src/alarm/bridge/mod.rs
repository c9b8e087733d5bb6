//! From the topic to services that don't subscribe to SNS: Slack-compatible webhooks and PagerDuty's
//! Events API v2.
//!
//! A delivery is what SNS hands to a function. What a service is to be told of it is decided here; to
//! send it is the function's business. The topic also carries CloudWatch's own alarms, among them those
//! that say that snapkeep itself fell silent, so these are understood as well.

mod pagerduty;
mod slack;

use std::str::FromStr;

use serde::Deserialize;
use serde_json::{Value, from_str, from_value};

use crate::alarm::Told;
use crate::bad_input::{BAD_VALUE, BadInput};
use crate::json::{self, Limits};

/// SNS delivers at most 256 KiB, which as a string in JSON may take twice that, and its own fields.
const PAYLOAD_BYTES_MAX: usize = 1024 * 1024;

/// A service to which messages are passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// An incoming webhook as Slack, Mattermost and others have it.
    Slack,
    /// PagerDuty's Events API v2.
    Pagerduty,
}

impl FromStr for Service {
    type Err = &'static str;

    /// The error is what was expected.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "slack" => Ok(Self::Slack),
            "pagerduty" => Ok(Self::Pagerduty),
            _ => Err("slack or pagerduty"),
        }
    }
}

impl Service {
    /// The word in settings and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Pagerduty => "pagerduty",
        }
    }
}

/// One message as SNS delivers it. Source: AWS Lambda Developer Guide, "Using Lambda with Amazon SNS".
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Delivery {
    /// SNS's id of the message, for logs.
    pub message_id: String,
    /// One line, if it has one.
    pub subject: Option<String>,
    /// The body.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    sns: Delivery,
}

/// Reads the payload of a function that is subscribed to a topic.
///
/// # Errors
/// Anything else than an event of SNS with at least one record.
pub fn deliveries(payload: &[u8]) -> Result<Vec<Delivery>, BadInput> {
    let expected = "an event of SNS: {\"Records\": [{\"Sns\": {\"MessageId\", \"Message\", …}}]}";
    let value = json::read_bytes(payload, Limits::bytes(PAYLOAD_BYTES_MAX))?;
    let event: Result<Event, _> = from_value(value);
    match event {
        Ok(event) if !event.records.is_empty() => {
            Ok(event.records.into_iter().map(|record| record.sns).collect())
        }
        Ok(_) => Err(BadInput::new(BAD_VALUE, "Records", "nothing", expected)),
        Err(error) => Err(BadInput::new(BAD_VALUE, "$", error.to_string(), expected)),
    }
}

/// What a delivery turns out to be.
enum Heard {
    /// An alarm of ours.
    Ours(Box<Told>),
    /// An alarm of CloudWatch.
    Cloudwatch(Alarm),
    /// Something else, such as a report: words for people.
    Words,
}

/// The fields of a CloudWatch alarm that are passed on.
/// Source: Amazon CloudWatch User Guide, "Notifying users on alarm changes".
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Alarm {
    alarm_name: String,
    #[serde(default)]
    alarm_description: Option<String>,
    new_state_value: String,
    #[serde(default)]
    new_state_reason: String,
}

#[derive(Deserialize)]
struct Block {
    snapkeep: Told,
}

impl Heard {
    fn of(message: &str) -> Self {
        if let Ok(Block { snapkeep }) = from_str(message) {
            return Self::Ours(Box::new(snapkeep));
        }
        from_str(message).map_or(Self::Words, Self::Cloudwatch)
    }
}

/// What to post to `service`, as JSON, in this order; nothing, if it isn't to be told. `routing_key` is
/// PagerDuty's.
#[must_use]
pub fn requests(service: Service, routing_key: &str, delivery: &Delivery) -> Vec<Value> {
    let heard = Heard::of(&delivery.message);
    match service {
        Service::Slack => vec![slack::request(&heard, delivery)],
        Service::Pagerduty => pagerduty::requests(&heard, routing_key),
    }
}

/// The address behind a runbook's link, unless it is only a path.
fn address(runbook: &str) -> Option<&str> {
    Some(runbook).filter(|link| link.starts_with("https://") || link.starts_with("http://"))
}

/// As much as fits.
fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    text.chars().take(chars_max - 1).chain(['…']).collect()
}
