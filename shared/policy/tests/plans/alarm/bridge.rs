//! What services that don't subscribe to the topic are told.

use insta::assert_snapshot;
use serde_json::{Value, json};
use snapkeep_policy::alarm::bridge::{Delivery, Service, deliveries, request};
use snapkeep_policy::alarm::{Format, Message, News};

use super::notices::{KEY, all, by, life, notice, of_many, written};

fn delivery(message: Message) -> Delivery {
    Delivery { message_id: "m".to_owned(), subject: Some(message.subject), message: message.body }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[test]
fn slack_is_told_in_text_and_blocks() {
    let many = by(&of_many(News::Opened, 12), Format::Hybrid, "https://wiki.example.com/runbook");
    assert_snapshot!(pretty(&request(Service::Slack, "", &delivery(many)).unwrap()));
}

#[test]
fn a_pager_is_told_with_a_key_that_opens_and_closes() {
    let told = by(&notice(News::Escalated), Format::Hybrid, "https://wiki.example.com/runbook");
    assert_snapshot!(pretty(&request(Service::Pagerduty, "secret", &delivery(told)).unwrap()));
    let events = life().map(|notice| {
        let told = delivery(written(&notice, Format::Hybrid));
        let event = request(Service::Pagerduty, "secret", &told).unwrap();
        assert_eq!(event["dedup_key"], KEY);
        event["event_action"].as_str().unwrap().to_owned()
    });
    assert_eq!(events, ["trigger", "trigger", "trigger", "resolve"]);
}

/// Limits by the services' documentation, whatever the texts.
#[test]
fn every_request_is_within_the_limits_of_its_service() {
    let chars = |value: &Value| value.as_str().unwrap().chars().count();
    for notice in all() {
        let told = delivery(written(&notice, Format::Hybrid));
        let slack = request(Service::Slack, "", &told).unwrap();
        for block in slack["blocks"].as_array().unwrap() {
            match block["type"].as_str().unwrap() {
                "header" => assert!(chars(&block["text"]["text"]) <= 150),
                "section" => assert!(chars(&block["text"]["text"]) <= 3_000),
                _ => assert!(chars(&block["elements"][0]["text"]) <= 3_000),
            }
        }
        let event = request(Service::Pagerduty, "secret", &told).unwrap();
        assert!(chars(&event["payload"]["summary"]) <= 1_024);
        assert!(chars(&event["dedup_key"]) <= 255);
        assert!(event.to_string().len() < 512 * 1024);
    }
}

#[test]
fn alarms_of_cloudwatch_are_passed_on_and_other_words_to_chats_alone() {
    let alarm = |state: &str| Delivery {
        message_id: "m".to_owned(),
        subject: Some(format!("{state}: \"prod-alarm-silent\" in US West (Oregon)")),
        message: json!({
            "AlarmName": "prod-alarm-silent", "AlarmDescription": null, "NewStateValue": state,
            "NewStateReason": "no datapoints were received", "Trigger": {},
        })
        .to_string(),
    };
    let action = |state| {
        let event = request(Service::Pagerduty, "secret", &alarm(state))?;
        Some(event["event_action"].as_str()?.to_owned())
    };
    assert_eq!(action("ALARM").as_deref(), Some("trigger"));
    assert_eq!(action("OK").as_deref(), Some("resolve"));
    assert_eq!(action("INSUFFICIENT_DATA"), None);
    let told = request(Service::Slack, "", &alarm("ALARM")).unwrap();
    assert_eq!(told["text"], "ALARM: prod-alarm-silent");
    let words = Delivery { message: "the week's report".to_owned(), ..alarm("OK") };
    assert_eq!(request(Service::Pagerduty, "secret", &words), None);
    assert!(request(Service::Slack, "", &words).unwrap().to_string().contains("the week's report"));
}

#[test]
fn only_what_sns_delivers_is_read() {
    let good = json!({ "Records": [{ "EventSource": "aws:sns", "Sns": {
        "MessageId": "m", "Subject": null, "Message": "{}", "Type": "Notification" } }] });
    assert_eq!(deliveries(good.to_string().as_bytes()).unwrap()[0].message, "{}");
    for bad in [r#"{"verb":"alarm"}"#, r#"{"Records":[]}"#, r#"{"Records":[{"s3":{}}]}"#, "["] {
        assert!(deliveries(bad.as_bytes()).is_err(), "{bad}");
    }
}
