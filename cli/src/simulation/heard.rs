//! The alarms as a subscriber of the topic would tell them, whatever the format: attributes say what
//! happened, and each format has a place for the alarm's key and its words.

use std::collections::BTreeMap;

use serde_json::{Value, from_str, from_value, json};
use snapkeep_policy::alarm::Format;
use snapkeep_world::Message;

use crate::story::AlarmStory;

/// Every alarm, in order of opening.
pub fn alarms(messages: &[Message], format: Format) -> Vec<AlarmStory> {
    let mut alarms: Vec<AlarmStory> = Vec::new();
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for message in messages {
        let Some((key, words)) = key_and_words(&message.body, format) else { continue };
        if message.attributes.get("status").is_some_and(|status| status == "resolved") {
            let index = open.remove(&key);
            if let Some(alarm) = index.and_then(|index| alarms.get_mut(index)) {
                alarm.resolved_at = Some(message.at);
            }
        } else if !open.contains_key(&key)
            && let Some(alarm) = opened(message, &key, words)
        {
            open.insert(key, alarms.len());
            alarms.push(alarm);
        }
    }
    alarms
}

fn opened(message: &Message, key: &str, words: String) -> Option<AlarmStory> {
    let mut parts = key.splitn(4, '/').skip(1);
    let (region, condition, subject) = (parts.next()?, parts.next()?, parts.next()?);
    Some(AlarmStory {
        condition: condition.to_owned(),
        severity: from_value(json!(message.attributes.get("severity")?)).ok()?,
        subject: subject.to_owned(),
        region: region.to_owned(),
        message: words,
        opened_at: message.at,
        resolved_at: None,
    })
}

fn key_and_words(body: &str, format: Format) -> Option<(String, String)> {
    let of = |key: &str, words: &str| {
        let body: Value = from_str(body).ok()?;
        let text = |pointer: &str| body.pointer(pointer)?.as_str().map(str::to_owned);
        Some((text(key)?, text(words)?))
    };
    match format {
        Format::Hybrid => of("/snapkeep/key", "/snapkeep/message"),
        Format::Chat => of("/metadata/threadId", "/metadata/summary"),
        Format::Cloudwatch => of("/AlarmName", "/NewStateReason"),
        Format::Plain => {
            let key = body.lines().find_map(|line| line.strip_prefix("Key "))?.trim();
            let words = body.lines().skip_while(|line| !line.is_empty()).skip(1);
            let words: Vec<&str> = words.take_while(|line| !line.is_empty()).collect();
            Some((key.to_owned(), words.join(" ")))
        }
    }
}
