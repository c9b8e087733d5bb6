//! PagerDuty's Events API v2.
//!
//! Source: PagerDuty developer documentation, "Events API v2", "Send an alert event": summaries of at most
//! 1,024 characters, dedup keys of at most 255, events of at most 512 KB.

use serde_json::{Map, Value, json};

use super::{Alarm, Heard, address, cut};
use crate::alarm::Told;

const SUMMARY_CHARS_MAX: usize = 1024;
const KEY_CHARS_MAX: usize = 255;

/// An event that opens or closes what has the alarm's key; nothing for what is no alarm, or neither
/// open nor over.
pub(super) fn request(heard: &Heard, routing_key: &str) -> Option<Value> {
    let event = match heard {
        Heard::Ours(told) => ours(told, action(&told.state)?),
        Heard::Cloudwatch(alarm) => cloudwatch(alarm, action(&alarm.new_state_value)?),
        Heard::Words => return None,
    };
    let mut event: Map<String, Value> = event.as_object().cloned().unwrap_or_default();
    event.insert("routing_key".to_owned(), json!(routing_key));
    event.insert("client".to_owned(), json!("snapkeep"));
    Some(Value::Object(event))
}

fn action(state: &str) -> Option<&'static str> {
    match state {
        "ALARM" => Some("trigger"),
        "OK" => Some("resolve"),
        _ => None,
    }
}

fn ours(told: &Told, action: &str) -> Value {
    let Told { key, severity, condition, deployment, subject, region, next_step, runbook, .. } =
        told;
    let Told { status, level, called_in, count, affected, opened_at, message, .. } = told;
    let links = address(runbook).map(|href| json!({ "href": href, "text": "Runbook" }));
    json!({
        "event_action": action,
        "dedup_key": cut(key, KEY_CHARS_MAX),
        "payload": {
            "summary": cut(&format!("{}: {}", told.title, told.reason()), SUMMARY_CHARS_MAX),
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
