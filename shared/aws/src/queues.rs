//! The queues of failed runs: what lies there is read, and deleted once it was remembered.

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use snapkeep_policy::alarm::QueueMessage;

use crate::{Aws, Failure};

/// Source: SQS API reference, `ReceiveMessage`: ten at a time at most.
const MESSAGES_A_CALL_MAX: i32 = 10;
/// The rest waits for the next run.
const CALLS_MAX: usize = 3;
/// Long polling: without it SQS asks a part of its servers only, and may miss what is there.
const WAIT_SECONDS: i32 = 1;
/// Nobody else sees what a run has received until that run would have ended.
const HIDDEN_SECONDS: i32 = 300;

/// A message and what it is deleted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What it says.
    pub message: QueueMessage,
    /// The queue, by URL.
    queue: String,
    receipt: String,
}

/// Up to thirty messages of the queue at `url`, in the home region. They stay there until they are
/// deleted with [`forget`].
///
/// # Errors
/// As the first call that fails.
pub async fn receive(aws: &Aws, url: &str) -> Result<Vec<Received>, Failure> {
    let mut received = Vec::new();
    for _ in 0..CALLS_MAX {
        let call = aws.sqs(aws.home()).receive_message().queue_url(url);
        let call = call
            .max_number_of_messages(MESSAGES_A_CALL_MAX)
            .wait_time_seconds(WAIT_SECONDS)
            .visibility_timeout(HIDDEN_SECONDS)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
        let answer = call.send().await;
        let answer = answer.map_err(|error| Failure::of(format!("read queue {url}"), &error))?;
        let messages = answer.messages.unwrap_or_default();
        let is_all = messages.len() < MESSAGES_A_CALL_MAX as usize;
        received.extend(messages.into_iter().filter_map(|message| translate(url, message)));
        if is_all {
            break;
        }
    }
    Ok(received)
}

/// Deletes what was received. What can't be deleted is received again.
///
/// # Errors
/// As the first call that fails.
pub async fn forget(aws: &Aws, received: &[Received]) -> Result<(), Failure> {
    let delete = |it: &Received| {
        let call = aws.sqs(aws.home()).delete_message().queue_url(&it.queue);
        let (call, subject) =
            (call.receipt_handle(&it.receipt), format!("empty queue {}", it.queue));
        async move { call.send().await.map_err(|error| Failure::of(subject, &error)) }
    };
    try_join_all(received.iter().map(delete)).await.map(drop)
}

fn translate(url: &str, message: Message) -> Option<Received> {
    let sent_at = message.attributes.as_ref().and_then(|attributes| {
        let millis = attributes.get(&MessageSystemAttributeName::SentTimestamp)?.parse().ok()?;
        Timestamp::from_millisecond(millis).ok()
    });
    let attributes = message.message_attributes.unwrap_or_default().into_iter();
    let attributes = attributes.filter_map(|(name, value)| Some((name, value.string_value?)));
    Some(Received {
        message: QueueMessage {
            id: message.message_id,
            body: message.body.unwrap_or_default(),
            attributes: attributes.collect(),
            sent_at,
        },
        queue: url.to_owned(),
        receipt: message.receipt_handle?,
    })
}
