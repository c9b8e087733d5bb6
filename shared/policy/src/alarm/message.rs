//! What is published: one JSON envelope that people and machines can both read.
//!
//! Beside a block of our own it carries the fields of a CloudWatch alarm (`AlarmName`,
//! `NewStateValue`, …) and those of a custom notification for chat (`version`, `source`, `content`).
//! Sources: Amazon CloudWatch User Guide, "Notifying users on alarm changes"; Amazon Q Developer in
//! chat applications, "Custom notifications".

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use crate::alarm::{News, Notice};
use crate::document::Severity;
use crate::ids::{AccountId, Deployment};

/// A message for everybody who subscribed to the topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// One line: `ALARM: …` or `OK: …`.
    pub subject: String,
    /// The JSON envelope.
    pub body: String,
    /// For subscribers' filter policies; five are the most that a filter policy may use.
    pub attributes: BTreeMap<String, String>,
}

/// Writes the message of `notice`.
#[must_use]
pub fn message(
    notice: &Notice,
    deployment: &Deployment,
    account: Option<&AccountId>,
    now: Timestamp,
) -> Message {
    let Notice { news, key, alarm, .. } = notice;
    let status = news.as_str();
    let (state, old) = match news {
        News::Opened => ("ALARM", "OK"),
        News::Reminded | News::Escalated => ("ALARM", "ALARM"),
        News::Resolved => ("OK", "ALARM"),
    };
    let severity = severity(alarm.severity);
    let condition = alarm.condition.as_str();
    let title = format!("{state}: {condition} {} ({})", alarm.subject, alarm.region);
    let at = alarm.resolved_at.unwrap_or(alarm.opened_at);
    let body = json!({
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": title,
            "description": alarm.message,
            "nextSteps": [alarm.next_step],
            "keywords": [severity, condition, alarm.subject],
        },
        "metadata": {
            "threadId": key,
            "summary": alarm.message,
            "eventType": condition,
            "relatedResources": [alarm.subject],
        },
        "AlarmName": key,
        "AlarmDescription": alarm.next_step,
        "AWSAccountId": account,
        "Region": alarm.region,
        "NewStateValue": state,
        "OldStateValue": old,
        "NewStateReason": alarm.message,
        "StateChangeTime": at.to_string(),
        "snapkeep": {
            "schema": 1,
            "deployment": deployment,
            "key": key,
            "status": status,
            "severity": severity,
            "condition": condition,
            "subject": alarm.subject,
            "region": alarm.region,
            "message": alarm.message,
            "next_step": alarm.next_step,
            "opened_at": alarm.opened_at.to_string(),
            "told_at": now.to_string(),
            "resolved_at": alarm.resolved_at.map(|at| at.to_string()),
        },
    });
    Message {
        subject: title.chars().filter(|c| matches!(c, ' '..='~')).take(99).collect(),
        body: body.to_string(),
        attributes: [
            ("severity", severity),
            ("event_type", condition),
            ("status", status),
            ("resource_type", "database"),
            ("environment", deployment.as_str()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}
