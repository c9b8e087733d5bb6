//! Runs that failed, as alarm finds them in the functions' queues.

use serde_json::{Value, json};
use snapkeep_policy::alarm::{FailedRun, QueueMessage};
use snapkeep_policy::verb::Verb;

use super::{NOTHING, NOW, Watch, sound};
use crate::fixtures::*;

const KEY: &str = "prod/us-west-2/function-failed/create";

fn run(message: &QueueMessage) -> FailedRun {
    FailedRun::of(Verb::Create, &region(HOME), message, at(NOW))
}

fn message(body: &Value, attributes: &[(&str, &str)]) -> QueueMessage {
    let attributes = attributes.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    QueueMessage {
        id: None,
        body: body.to_string(),
        attributes: attributes.collect(),
        sent_at: Some(at("2026-03-06T11:30:00Z")),
    }
}

/// What Lambda leaves of a run that failed.
fn record(time: &str, error: &str) -> QueueMessage {
    let body = json!({
        "version": "1.0", "timestamp": time,
        "requestContext": {
            "requestId": "r", "condition": "RetriesExhausted", "approximateInvokeCount": 1,
            "functionArn": "arn:aws:lambda:us-west-2:123456789012:function:prod-create:$LATEST",
        },
        "requestPayload": { "verb": "create", "note": "hunter2" },
        "responseContext": { "statusCode": 200, "functionError": "Unhandled" },
        "responsePayload": { "errorType": "NonRetryable", "errorMessage": error },
    });
    message(&body, &[])
}

#[test]
fn each_kind_of_message_says_when_and_why() {
    let expired = json!({
        "timestamp": "2026-03-06T10:00:00.5Z", "requestContext": { "condition": "EventAgeExceeded" },
    });
    let undelivered = [
        ("ERROR_CODE", "AccessDenied"),
        ("ERROR_MESSAGE", "not authorized to perform: lambda:InvokeFunction"),
        ("EXECUTION_ID", "ab36ff2a-4d04-4f8e-9c3b-0123456789ab"),
        ("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
        ("IS_PAYLOAD_TRUNCATED", "false"),
        ("RETRY_ATTEMPTS", "3"),
        ("SCHEDULED_TIME", "2026-03-06T11:00:00Z"),
        ("SCHEDULE_ARN", "arn:aws:scheduler:us-west-2:123456789012:schedule/default/prod-create"),
        ("TARGET_ARN", "arn:aws:lambda:us-west-2:123456789012:function:prod-create"),
    ];
    for (message, time, error) in [
        (record("2026-03-06T11:00:00Z", "first\nsecond"), "2026-03-06T11:00:00Z", "first"),
        (
            message(&expired, &[]),
            "2026-03-06T10:00:00.5Z",
            "Lambda gave the run up (EventAgeExceeded)",
        ),
        (
            message(&json!({ "verb": "create", "note": "hunter2" }), &undelivered),
            "2026-03-06T11:30:00Z",
            "the run could not be started: AccessDenied: not authorized to perform: \
             lambda:InvokeFunction",
        ),
        (
            message(&json!("hunter2"), &[]),
            "2026-03-06T11:30:00Z",
            "a message of 9 bytes that doesn't say why",
        ),
        (record("2030-01-01T00:00:00Z", "ahead"), NOW, "ahead"),
    ] {
        let run = run(&message);
        assert_eq!((run.at, run.error.as_str()), (at(time), error));
    }
    assert_eq!(run(&QueueMessage::default()).at, at(NOW));
}

#[test]
fn failed_runs_are_one_alarm_a_verb_until_none_has_failed_for_a_day_and_an_hour() {
    let mut watch = Watch::new(policy(&[]));
    let runs = [
        run(&record("2026-03-06T11:45:00Z", "policy.json is not there")),
        run(&record("2026-03-06T11:15:00Z", "older")),
    ];
    watch.memory = watch.memory.noting(&runs, at(NOW));
    assert_eq!(watch.look(&sound(), NOW), [format!("opened {KEY}")]);
    assert_eq!(
        watch.memory.alarms[KEY].message,
        "2 runs of create failed, the newest at 2026-03-06T11:45Z: policy.json is not there"
    );
    let today = sound().snapshot(point(&cluster("shepherd"), "2026-03-07T02:00:00Z"));
    assert_eq!(watch.look(&today, "2026-03-07T11:45:00Z"), NOTHING);
    assert_eq!(watch.look(&today, "2026-03-07T12:44:00Z"), [format!("reminded {KEY}")]);
    assert_eq!(watch.look(&today, "2026-03-07T12:45:00Z"), [format!("resolved {KEY}")]);
    assert!(watch.memory.failed.is_empty());
}

#[test]
fn one_failed_run_is_told_as_one() {
    let mut watch = Watch::new(policy(&[]));
    let failed = run(&record("2026-03-06T11:45:00Z", "policy.json is not there"));
    watch.memory = watch.memory.noting(&[failed], at(NOW));
    watch.look(&sound(), NOW);
    let message = &watch.memory.alarms[KEY].message;
    assert_eq!(message, "a run of create failed at 2026-03-06T11:45Z: policy.json is not there");
}

#[test]
fn the_id_of_a_message_is_known_for_less_than_a_day_after_it_came_last() {
    for (later, is_known) in [("2026-03-07T11:59:59Z", true), ("2026-03-07T12:00:00Z", false)] {
        let mut watch = Watch::new(policy(&[]));
        watch.memory = watch.memory.noting(&[numbered(1)], at(NOW));
        watch.look(&sound(), later);
        assert_eq!(watch.memory.counted.contains_key("m-00001"), is_known, "{later}");
    }
}

fn numbered(id: usize) -> FailedRun {
    run(&QueueMessage {
        id: Some(format!("m-{id:05}")),
        ..record("2026-03-06T11:45:00Z", "policy.json is not there")
    })
}

#[test]
fn a_message_that_is_received_again_is_not_counted_again() {
    let mut watch = Watch::new(policy(&[]));
    watch.memory = watch.memory.noting(&[numbered(1), numbered(1), numbered(2)], at(NOW));
    assert_eq!(watch.memory.failed[&Verb::Create].count, 2, "SQS may deliver one twice");
    watch.look(&sound(), NOW);
    // Every look receives it again, for longer than ids are kept: each time is the last.
    for time in ["2026-03-06T20:00:00Z", "2026-03-07T08:00:00Z", "2026-03-07T12:15:00Z"] {
        watch.memory = watch.memory.noting(&[numbered(1)], at(time));
        watch.look(&sound(), time);
    }
    assert_eq!(watch.memory.failed[&Verb::Create].count, 2);
    let kept: Vec<&String> = watch.memory.counted.keys().collect();
    assert_eq!(kept, ["m-00001"], "the other was deleted a day ago");
}

#[test]
fn a_flood_of_messages_is_counted_and_its_newest_ids_are_kept() {
    let mut watch = Watch::new(policy(&[]));
    let runs = |ids: std::ops::Range<usize>| ids.map(numbered).collect::<Vec<FailedRun>>();
    watch.memory = watch.memory.noting(&runs(0..1_500), at(NOW));
    watch.look(&sound(), NOW);
    let later = "2026-03-06T12:15:00Z";
    watch.memory = watch.memory.noting(&runs(1_000..3_000), at(later));
    watch.look(&sound(), later);
    assert_eq!(watch.memory.failed[&Verb::Create].count, 3_000);
    assert_eq!(watch.memory.counted.len(), 2_000);
    assert_eq!(watch.memory.counted.keys().next().unwrap(), "m-01000", "those that came last");
}
