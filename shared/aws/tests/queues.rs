//! Queues of failed runs: what is read of them, and what is deleted.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod wire;

use serde_json::{Value, json};
use snapkeep_aws::queues::{forget, receive};
use wire::{Answer, Asked, Wire};

const QUEUE: &str = "https://sqs.us-west-2.amazonaws.com/123456789012/prod-create-failed";

fn answer(body: &Value) -> Answer {
    Answer { status: 200, headers: vec![], body: body.to_string() }
}

fn operation(asked: &Asked) -> String {
    asked.headers["x-amz-target"].clone()
}

fn messages(count: usize) -> Value {
    let message = |n: usize| {
        json!({
            "MessageId": format!("m{n}"), "ReceiptHandle": format!("r{n}"), "Body": "{}",
            "Attributes": { "SentTimestamp": "1772589600000" },
            "MessageAttributes": {
                "ERROR_CODE": { "DataType": "String", "StringValue": "AccessDenied" },
                "BLOB": { "DataType": "Binary", "BinaryValue": "AAAA" },
            },
        })
    };
    json!({ "Messages": (0..count).map(message).collect::<Vec<_>>() })
}

#[tokio::test]
async fn what_is_received_is_deleted_by_its_receipt_and_not_before() {
    let wire = Wire::new(|_| answer(&messages(1)));
    let received = receive(&wire.aws(), QUEUE).await.unwrap();
    let message = &received[0].message;
    assert_eq!((message.body.as_str(), message.attributes.len()), ("{}", 1));
    assert_eq!(message.attributes["ERROR_CODE"], "AccessDenied");
    assert_eq!(message.sent_at, Some("2026-03-04T02:00:00Z".parse().unwrap()));
    assert_eq!(
        wire.asked().iter().map(operation).collect::<Vec<_>>(),
        ["AmazonSQS.ReceiveMessage"]
    );
    forget(&wire.aws(), &received).await.unwrap();
    let deleted = wire.asked().pop().unwrap();
    assert_eq!(operation(&deleted), "AmazonSQS.DeleteMessage");
    let body: Value = serde_json::from_str(&deleted.body).unwrap();
    assert_eq!(body, json!({ "QueueUrl": QUEUE, "ReceiptHandle": "r0" }));
}

#[tokio::test]
async fn a_flood_is_read_in_parts() {
    let wire = Wire::new(|_| answer(&messages(10)));
    assert_eq!(receive(&wire.aws(), QUEUE).await.unwrap().len(), 30);
    assert_eq!(wire.asked().len(), 3);
    let empty = Wire::new(|_| answer(&json!({})));
    assert_eq!(receive(&empty.aws(), QUEUE).await.unwrap(), []);
    assert_eq!(empty.asked().len(), 1);
}

#[tokio::test]
async fn a_queue_that_cannot_be_read_is_named() {
    let refused = Wire::new(|_| {
        let body = json!({ "__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no" });
        Answer { status: 400, ..answer(&body) }
    });
    let failure = receive(&refused.aws(), QUEUE).await.unwrap_err();
    assert!(failure.to_string().contains(QUEUE), "{failure}");
}
