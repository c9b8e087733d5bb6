//! Slack's incoming webhooks: text for notifications, blocks for the channel.
//!
//! Sources: Slack developer documentation, "Sending messages using incoming webhooks"; "Formatting
//! message text", escaping; Block Kit reference, "Header block" (150 characters), "Section block" (3,000),
//! "Context block".

use serde_json::{Value, json};

use super::{Alarm, Delivery, Heard, address, cut};
use crate::alarm::Told;

const HEADER_CHARS_MAX: usize = 150;
/// Escaping makes at most five characters of one: what is cut here fits a section of 3,000 with it.
const SECTION_CHARS_MAX: usize = 590;
/// Beside a link of at most 350.
const STEP_CHARS_MAX: usize = 230;
/// Ten of them, with everything escaped, would be too long for one section.
const ITEM_CHARS_MAX: usize = 55;

pub(super) fn request(heard: &Heard, delivery: &Delivery) -> Value {
    match heard {
        Heard::Ours(told) => ours(told),
        Heard::Cloudwatch(alarm) => cloudwatch(alarm),
        Heard::Words => words(delivery),
    }
}

fn ours(told: &Told) -> Value {
    let link = match address(&told.runbook) {
        Some(link) => format!("<{}|Runbook>", escaped(link)),
        None => format!("Runbook: {}", escaped(&told.runbook)),
    };
    let mut blocks = vec![header(&told.title), section(&told.reason())];
    if told.count > 1 {
        blocks.push(mrkdwn(&affected(told)));
    }
    let step = escaped(&cut(&told.next_step, STEP_CHARS_MAX));
    blocks.push(mrkdwn(&format!("*Next step:* {step}\n{link}")));
    let Told { severity, status, deployment, .. } = told;
    let state = format!("{severity}, {status}, {}, {deployment}", told.escalation());
    blocks.push(context(&state));
    message(&told.title, blocks)
}

fn affected(told: &Told) -> String {
    let item = |name: &str| format!("• {}", escaped(&cut(name, ITEM_CHARS_MAX)));
    let mut lines: Vec<String> = told.affected.iter().map(|it| item(&it.subject)).collect();
    if told.unnamed() > 0 {
        lines.push(format!("• and {} more", told.unnamed()));
    }
    lines.join("\n")
}

fn cloudwatch(alarm: &Alarm) -> Value {
    let title = format!("{}: {}", alarm.new_state_value, alarm.alarm_name);
    let description = alarm.alarm_description.as_deref().filter(|text| !text.is_empty());
    let texts = [Some(alarm.new_state_reason.as_str()), description];
    let sections = texts.into_iter().flatten().filter(|text| !text.is_empty()).map(section);
    message(&title, std::iter::once(header(&title)).chain(sections).collect())
}

fn words(delivery: &Delivery) -> Value {
    let title = delivery.subject.as_deref().unwrap_or("A message of snapkeep's topic");
    message(title, vec![header(title), section(&delivery.message)])
}

fn message(text: &str, blocks: Vec<Value>) -> Value {
    json!({ "text": escaped(&cut(text, SECTION_CHARS_MAX)), "blocks": blocks })
}

fn header(text: &str) -> Value {
    let text = cut(text, HEADER_CHARS_MAX);
    json!({ "type": "header", "text": { "type": "plain_text", "text": text, "emoji": false } })
}

fn section(text: &str) -> Value {
    mrkdwn(&escaped(&cut(if text.is_empty() { "-" } else { text }, SECTION_CHARS_MAX)))
}

fn mrkdwn(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
}

fn context(text: &str) -> Value {
    let element = json!({ "type": "mrkdwn", "text": escaped(text) });
    json!({ "type": "context", "elements": [element] })
}

/// So that no text of somebody else mentions a channel or hides a link.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
