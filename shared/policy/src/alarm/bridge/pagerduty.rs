//! PagerDuty's Events API v2.
//!
//! An incident that somebody has acknowledged pages nobody again, whatever comes under its key. So each
//! level of escalation opens an incident of its own beside the first: that is how the one who is called in
//! at that level is paged, though the one before is at work already. A reminder comes under the key of the
//! level that was reached: in an open incident it is one line of its log, and it opens the incident anew if
//! a person closed it while the alarm lasts. An OK closes the incidents of all levels, the first one last,
//! which stands for the alarm; PagerDuty drops what closes nothing.
//!
//! Source: PagerDuty developer documentation, "Events API v2": "Send an Alert Event" (parameters: summaries
//! of at most 1,024 characters, dedup keys of at most 255, four severities; alert de-duplication; event
//! action behavior), "Overview" (events of at most 512 KB).

use serde_json::{Map, Value, json};

use super::{Alarm, Heard, address, cut};
use crate::alarm::{Told, message};

const SUMMARY_CHARS_MAX: usize = 1024;
const KEY_CHARS_MAX: usize = 255;

/// The events that open or close what has the alarm's key; none for what is no alarm, or neither open nor
/// over.
pub(super) fn requests(heard: &Heard, routing_key: &str) -> Vec<Value> {
    let events: Vec<Value> = match heard {
        Heard::Ours(told) => {
            let of =
                |action| keys(told, action).iter().map(|key| ours(told, key, action)).collect();
            action(&told.state).map_or_else(Vec::new, of)
        }
        Heard::Cloudwatch(alarm) => {
            let event = action(&alarm.new_state_value).map(|action| cloudwatch(alarm, action));
            event.into_iter().collect()
        }
        Heard::Words => Vec::new(),
    };
    let signed = |event: Value| {
        let mut event: Map<String, Value> = event.as_object().cloned().unwrap_or_default();
        event.insert("routing_key".to_owned(), json!(routing_key));
        event.insert("client".to_owned(), json!("snapkeep"));
        Value::Object(event)
    };
    events.into_iter().map(signed).collect()
}

fn action(state: &str) -> Option<&'static str> {
    match state {
        "ALARM" => Some("trigger"),
        "OK" => Some("resolve"),
        _ => None,
    }
}

/// The key of the level that was reached; at the end those of all levels, the highest first.
fn keys(told: &Told, action: &str) -> Vec<String> {
    let key = |level| match level {
        0 | 1 => told.key.clone(),
        _ => message::key(&format!("{}/level-{level}", told.key)),
    };
    match action {
        "resolve" => (1..=told.level).rev().map(key).collect(),
        _ => vec![key(told.level)],
    }
}

fn ours(told: &Told, key: &str, action: &str) -> Value {
    let Told { severity, condition, deployment, subject, region, next_step, runbook, .. } = told;
    let Told { status, level, called_in, count, affected, opened_at, message, .. } = told;
    let Told { rpo, age, recovery_point, .. } = told;
    let summary = match (&called_in, told.resolved_at) {
        (Some(_), None) => format!("{}: {}; {}", told.title, told.reason(), told.escalation()),
        _ => format!("{}: {}", told.title, told.reason()),
    };
    let links = address(runbook).map(|href| json!({ "href": href, "text": "Runbook" }));
    json!({
        "event_action": action,
        "dedup_key": key,
        "payload": {
            "summary": cut(&summary, SUMMARY_CHARS_MAX),
            "source": region,
            "severity": severity,
            "timestamp": told.changed_at().to_string(),
            "component": subject,
            "group": deployment,
            "class": condition,
            "custom_details": {
                "message": message,
                "next_step": next_step,
                "runbook": runbook,
                "status": status,
                "level": level,
                "called_in": called_in,
                "count": count,
                "affected": affected,
                "opened_at": opened_at.to_string(),
                "rpo": rpo,
                "age": age,
                "recovery_point": recovery_point,
            },
        },
        "links": links.into_iter().collect::<Vec<_>>(),
    })
}

/// An alarm of CloudWatch has no severity; that it was made says that somebody is to look.
fn cloudwatch(alarm: &Alarm, action: &str) -> Value {
    let Alarm { alarm_name, alarm_description, new_state_reason, .. } = alarm;
    json!({
        "event_action": action,
        "dedup_key": cut(alarm_name, KEY_CHARS_MAX),
        "payload": {
            "summary": cut(&format!("{alarm_name}: {new_state_reason}"), SUMMARY_CHARS_MAX),
            "source": "cloudwatch",
            "severity": "error",
            "custom_details": { "description": alarm_description },
        },
    })
}
