//! What is published is what SNS accepts, in the topic's own region.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod wire;

use snapkeep_aws::FailureClass;
use snapkeep_aws::publish::{MESSAGE_BYTES_MAX, publish};
use snapkeep_policy::alarm::Message;
use wire::{Wire, error, success};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:alarms";

fn alarm(body: &str) -> Message {
    let attributes = [("severity", "critical"), ("environment", "")];
    Message {
        subject: "ALARM:\nshepherd".to_owned(),
        body: body.to_owned(),
        attributes: attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
    }
}

#[tokio::test]
async fn a_message_goes_to_the_topics_region_without_what_sns_refuses() {
    let wire = Wire::new(|asked| success(asked, "<MessageId>m-1</MessageId>"));
    let id = publish(&wire.aws(), TOPIC, &alarm("{}")).await.unwrap();
    assert_eq!(id, "m-1");
    let expected = "sns eu-west-1 Publish Message={} MessageAttributes.entry.1.Name=severity \
        MessageAttributes.entry.1.Value.DataType=String \
        MessageAttributes.entry.1.Value.StringValue=critical Subject=ALARM: shepherd \
        TopicArn=arn:aws:sns:eu-west-1:123456789012:alarms";
    assert_eq!(wire.lines(), [expected]);
}

#[tokio::test]
async fn a_message_is_never_longer_than_sns_takes_attributes_included() {
    let wire = Wire::new(|asked| success(asked, "<MessageId>m-1</MessageId>"));
    publish(&wire.aws(), TOPIC, &alarm(&"x".repeat(MESSAGE_BYTES_MAX))).await.unwrap();
    let sent = &wire.asked()[0].form["Message"];
    let attribute = "severity".len() + "String".len() + "critical".len();
    assert_eq!(sent.len() + attribute, MESSAGE_BYTES_MAX);
}

#[tokio::test]
async fn a_message_that_was_not_accepted_counts_as_undelivered() {
    let empty = Wire::accepting();
    let failure = publish(&empty.aws(), TOPIC, &alarm("{}")).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Unavailable, "no message id");
    let refused = Wire::new(|_| error(400, "KMSAccessDenied"));
    let failure = publish(&refused.aws(), TOPIC, &alarm("{}")).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::KeyUnusable);
    let failure = publish(&refused.aws(), "alarms", &alarm("{}")).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Invalid);
    assert_eq!(refused.asked().len(), 1, "no call for what is no topic");
}
