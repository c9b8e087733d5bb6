//! SNS: topics, subscriptions, and publishing with the limits that bite.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::refusal::Refusal;
use crate::wire::Call;
use crate::xml::Xml;

/// A message may have 256 KiB. Source: SNS API reference, `Publish`.
const MESSAGE_BYTES_MAX: usize = 262_144;
/// A subject must be shorter than this. Source: SNS API reference, `Publish`.
const SUBJECT_CHARS_END: usize = 100;

/// A topic and who gets its messages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Topic {
    pub subscriptions: Vec<Subscription>,
}

#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub protocol: String,
    pub endpoint: String,
}

/// A message that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When.
    pub at: Timestamp,
    /// ARN of the topic.
    pub topic: String,
    /// Its subject, if it has one.
    pub subject: Option<String>,
    /// Its body.
    pub body: String,
    /// Its string attributes.
    pub attributes: BTreeMap<String, String>,
}

pub(crate) fn serve(call: &mut Call<'_>) -> Result<Xml, Refusal> {
    match call.operation.as_str() {
        "CreateTopic" => create_topic(call),
        "Subscribe" => subscribe(call),
        "ListSubscriptionsByTopic" => list_subscriptions(call),
        "Publish" => publish(call),
        other => Err(Refusal::unknown_operation(other)),
    }
}

fn create_topic(call: &mut Call<'_>) -> Result<Xml, Refusal> {
    let name = call.params.required("Name")?;
    let arn = format!("arn:aws:sns:{}:{}:{name}", call.place.region, call.place.account);
    if let Some(locality) = call.state.places.get_mut(&call.place) {
        locality.topics.entry(arn.clone()).or_default();
    }
    let mut xml = Xml::new();
    xml.leaf("TopicArn", arn);
    Ok(xml)
}

fn subscribe(call: &mut Call<'_>) -> Result<Xml, Refusal> {
    let subscription = Subscription {
        protocol: call.params.required("Protocol")?.to_owned(),
        endpoint: call.params.required("Endpoint")?.to_owned(),
    };
    let pending = is_pending(&subscription);
    let arn = call.params.required("TopicArn")?.to_owned();
    let topic = topic(call, &arn)?;
    topic.subscriptions.push(subscription);
    let number = topic.subscriptions.len();
    let mut xml = Xml::new();
    let confirmed = format!("{arn}:{number}");
    xml.leaf("SubscriptionArn", if pending { "pending confirmation" } else { &confirmed });
    Ok(xml)
}

/// Nobody reads the mail of a simulated account: a subscription by email is never confirmed.
fn is_pending(subscription: &Subscription) -> bool {
    subscription.protocol.starts_with("email")
}

fn list_subscriptions(call: &mut Call<'_>) -> Result<Xml, Refusal> {
    let arn = call.params.required("TopicArn")?.to_owned();
    let account = call.place.account.clone();
    let topic = topic(call, &arn)?;
    let mut xml = Xml::new();
    xml.element("Subscriptions", |xml| {
        for (index, subscription) in topic.subscriptions.iter().enumerate() {
            let confirmed = format!("{arn}:{}", index + 1);
            let pending = is_pending(subscription);
            xml.element("member", |xml| {
                xml.leaf("TopicArn", &arn);
                xml.leaf("Owner", &account);
                xml.leaf("Protocol", &subscription.protocol);
                xml.leaf("Endpoint", &subscription.endpoint);
                let arn = if pending { "PendingConfirmation" } else { &confirmed };
                xml.leaf("SubscriptionArn", arn);
            });
        }
    });
    Ok(xml)
}

fn publish(call: &mut Call<'_>) -> Result<Xml, Refusal> {
    let body = call.params.required("Message")?.to_owned();
    let subject = call.params.owned("Subject");
    let arn = call.params.required("TopicArn")?.to_owned();
    check(&body, subject.as_deref())?;
    topic(call, &arn)?;
    let attributes = attributes(call);
    let message = Message { at: call.now(), topic: arn, subject, body, attributes };
    call.state.messages.push(message);
    let mut xml = Xml::new();
    let number = call.state.messages.len();
    xml.leaf("MessageId", format_args!("00000000-0000-4000-8000-{number:012x}"));
    Ok(xml)
}

/// Source: SNS API reference, `Publish`: subjects are ASCII without control characters.
fn check(body: &str, subject: Option<&str>) -> Result<(), Refusal> {
    let invalid = |what: &str| Refusal::new(400, "InvalidParameter", what);
    if body.len() > MESSAGE_BYTES_MAX {
        return Err(invalid("Invalid parameter: Message too long"));
    }
    let fits = |subject: &str| {
        (1..SUBJECT_CHARS_END).contains(&subject.chars().count())
            && subject.bytes().all(|byte| (b' '..=b'~').contains(&byte))
    };
    if !subject.is_none_or(fits) {
        return Err(invalid("Invalid parameter: Subject"));
    }
    Ok(())
}

fn attributes(call: &Call<'_>) -> BTreeMap<String, String> {
    (1..)
        .map_while(|n| {
            let entry = format!("MessageAttributes.entry.{n}");
            let name = call.params.owned(&format!("{entry}.Name"))?;
            Some((name, call.params.owned(&format!("{entry}.Value.StringValue"))?))
        })
        .collect()
}

fn topic<'a>(call: &'a mut Call<'_>, arn: &str) -> Result<&'a mut Topic, Refusal> {
    let not_found = || Refusal::new(404, "NotFound", "Topic does not exist");
    let locality = call.state.places.get_mut(&call.place).ok_or_else(not_found)?;
    locality.topics.get_mut(arn).ok_or_else(not_found)
}
