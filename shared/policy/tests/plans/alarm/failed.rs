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
        ("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
        ("SCHEDULE_ARN", "arn:aws:scheduler:us-west-2:123456789012:schedule/default/prod-create"),
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
    watch.memory = watch.memory.noting(&runs);
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
