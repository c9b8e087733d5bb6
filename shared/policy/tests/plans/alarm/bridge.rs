//! What services that don't subscribe to the topic are told.

use insta::assert_snapshot;
use serde_json::{Value, json};
use snapkeep_policy::alarm::bridge::{Delivery, Service, deliveries, requests};
use snapkeep_policy::alarm::{Format, Message, News, Notice};

use super::notices::{KEY, all, by, life, notice, of_many, written};

fn delivery(message: Message) -> Delivery {
    Delivery { message_id: "m".to_owned(), subject: Some(message.subject), message: message.body }
}

fn request(service: Service, routing_key: &str, delivery: &Delivery) -> Option<Value> {
    requests(service, routing_key, delivery).pop()
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
fn a_pager_is_told_with_keys_that_open_and_close_one_a_level() {
    let told = by(&notice(News::Escalated), Format::Hybrid, "https://wiki.example.com/runbook");
    assert_snapshot!(pretty(&request(Service::Pagerduty, "secret", &delivery(told)).unwrap()));
    let events = life().map(|notice| {
        let told = delivery(written(&notice, Format::Hybrid));
        let events = requests(Service::Pagerduty, "secret", &told);
        let word = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
        let line = |event| format!("{} {}", word(event, "event_action"), word(event, "dedup_key"));
        events.iter().map(line).collect::<Vec<_>>().join(", ")
    });
    let second = format!("{KEY}/level-2");
    assert_eq!(
        events,
        [
            format!("trigger {KEY}"),
            format!("trigger {KEY}"),
            format!("trigger {second}"),
            format!("resolve {second}, resolve {KEY}"),
        ]
    );
}

#[test]
fn the_longest_keys_of_two_levels_are_told_apart() {
    let key = format!("prod/us-west-2/tampered/{}", "x".repeat(300));
    let keys: Vec<Value> = [(News::Opened, 1), (News::Escalated, 2), (News::Escalated, 3)]
        .into_iter()
        .flat_map(|(news, level)| {
            let notice = Notice { key: key.clone(), level, ..notice(news) };
            requests(Service::Pagerduty, "", &delivery(written(&notice, Format::Hybrid)))
        })
        .map(|event| event["dedup_key"].clone())
        .collect();
    assert_eq!(keys.len(), 3);
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
    assert!(keys.iter().all(|key| key.as_str().unwrap().len() <= 255));
}

#[test]
fn slack_names_ten_of_many_and_one_alone_by_its_title() {
    let of = |count| {
        let told = delivery(written(&of_many(News::Opened, count), Format::Hybrid));
        request(Service::Slack, "", &told).unwrap()["blocks"].to_string()
    };
    assert!(!of(1).contains('•'), "{}", of(1));
    assert!(of(10).contains("• orders-0009") && !of(10).contains(" more"), "{}", of(10));
    assert!(of(12).contains("• and 2 more"), "{}", of(12));
}

#[test]
fn slack_gets_of_an_alarm_of_cloudwatch_what_it_says_and_nothing_empty() {
    let sections = |reason: &str, description: Value| {
        let message = json!({ "AlarmName": "a", "AlarmDescription": description,
            "NewStateValue": "ALARM", "NewStateReason": reason, "Trigger": {} });
        let told =
            Delivery { message_id: "m".to_owned(), subject: None, message: message.to_string() };
        let blocks = request(Service::Slack, "", &told).unwrap()["blocks"].clone();
        let texts = blocks.as_array().unwrap()[1..].iter();
        texts.map(|block| block["text"]["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(sections("why", json!("what")), ["why", "what"]);
    assert_eq!(sections("why", json!("")), ["why"]);
    assert_eq!(sections("", Value::Null), [""; 0]);
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
        for event in requests(Service::Pagerduty, "secret", &told) {
            assert!(chars(&event["payload"]["summary"]) <= 1_024);
            assert!(chars(&event["dedup_key"]) <= 255);
            assert!(event.to_string().len() < 512 * 1024);
        }
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
fn the_longest_message_that_sns_delivers_is_read_and_no_longer_one() {
    let of = |bytes: usize| {
        let longest = json!({ "Records": [{ "EventSource": "aws:sns", "Sns": {
            "MessageId": "m", "Subject": null, "Message": "\"".repeat(bytes) } }] });
        deliveries(longest.to_string().as_bytes()).map(|all| all[0].message.len())
    };
    assert_eq!(of(256 * 1024).unwrap(), 256 * 1024, "twice that, escaped");
    assert!(of(512 * 1024).is_err());
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
