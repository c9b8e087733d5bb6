//! What leaves the account's inside: alarms, by SNS.
//!
//! They are cut to what AWS accepts before they are sent, because an alarm that is refused for its
//! form is an alarm that nobody hears.

use aws_sdk_sns::types::MessageAttributeValue;
use snapkeep_policy::alarm::Message;
use snapkeep_policy::ids::Region;

use crate::{Aws, Failure};

/// Body and attributes together. Source: SNS API reference, `Publish`, Message.
pub const MESSAGE_BYTES_MAX: usize = 256 * 1024;
/// Source: SNS API reference, `Publish`, Subject: fewer than 100 ASCII characters, no line breaks
/// or control characters, starting with a letter, a digit or a punctuation mark.
const SUBJECT_CHARS_MAX: usize = 99;

/// Publishes to `topic`, in the topic's region, and returns SNS's id of the message. What SNS would
/// refuse in the subject is replaced, a body above [`MESSAGE_BYTES_MAX`] is cut and says so, and empty
/// attributes are left out.
///
/// # Errors
/// [`crate::FailureClass::Invalid`] when `topic` is no SNS ARN; otherwise as the call. The message
/// counts as undelivered: publish it again.
pub async fn publish(aws: &Aws, topic: &str, message: &Message) -> Result<String, Failure> {
    let subject = format!("publish to {topic}");
    let region = topic_region(topic).ok_or_else(|| {
        Failure::invalid(&subject, "expected arn:aws:sns:<region>:<account>:<name>")
    })?;
    let attributes = message.attributes.iter().filter(|(_, value)| !value.is_empty());
    let overhead =
        attributes.clone().map(|(key, value)| key.len() + value.len() + 6).sum::<usize>();
    let body = fitted(&message.body, MESSAGE_BYTES_MAX.saturating_sub(overhead));
    let mut call = aws.sns(&region).publish().topic_arn(topic).message(body);
    call = call.set_subject(Some(sanitised(&message.subject)).filter(|text| !text.is_empty()));
    for (key, value) in attributes {
        let value = MessageAttributeValue::builder().data_type("String").string_value(value);
        let value = value.build().map_err(|error| Failure::invalid(&subject, error.to_string()))?;
        call = call.message_attributes(key, value);
    }
    let answer = call.send().await.map_err(|error| Failure::of(&subject, &error))?;
    answer.message_id.ok_or_else(|| Failure::doubtful(subject, "the answer bears no message id"))
}

pub(crate) fn topic_region(topic: &str) -> Option<Region> {
    let parts: Vec<&str> = topic.split(':').collect();
    let ["arn", _, "sns", region, _, _] = parts[..] else { return None };
    region.parse().ok()
}

fn sanitised(subject: &str) -> String {
    let printable = |c: char| {
        if c.is_ascii_graphic() {
            c
        } else if c == '–' {
            '-'
        } else {
            ' '
        }
    };
    let text: String = subject.chars().map(printable).collect();
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(SUBJECT_CHARS_MAX).collect::<String>().trim_end().to_owned()
}

/// The body, or as much of it as fits, with a last line that says how much there was.
fn fitted(body: &str, bytes_max: usize) -> String {
    if body.len() <= bytes_max {
        return body.to_owned();
    }
    let note = format!("\n[cut: {} bytes in all]", body.len());
    let mut end = bytes_max.saturating_sub(note.len());
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{note}", &body[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_what_sns_accepts() {
        let table = [
            ("ALARM: shepherd", "ALARM: shepherd"),
            ("  two\r\nlines\t ", "two lines"),
            ("café \u{202e}🔥 down", "caf down"),
            ("\u{7}", ""),
        ];
        for (given, expected) in table {
            assert_eq!(sanitised(given), expected, "{given:?}");
        }
        let long = sanitised(&"word ".repeat(100));
        assert!(long.len() < 100 && !long.ends_with(' '), "{} characters", long.len());
    }

    #[test]
    fn a_body_that_is_too_long_is_cut_between_characters_and_says_so() {
        assert_eq!(fitted("short", 5), "short");
        let long = "é".repeat(200);
        for bytes_max in 40..60 {
            let cut = fitted(&long, bytes_max);
            assert!(cut.len() <= bytes_max, "{} of {bytes_max}", cut.len());
            assert!(cut.starts_with('é') && cut.ends_with("\n[cut: 400 bytes in all]"), "{cut}");
        }
    }

    #[test]
    fn a_topic_knows_its_region() {
        let arn = "arn:aws:sns:eu-west-1:123456789012:alarms";
        assert_eq!(topic_region(arn), Some("eu-west-1".parse().unwrap()));
        let wrong = [
            "alarms",
            "arn:aws:sqs:eu-west-1:123456789012:alarms",
            "arn:aws:sns:nowhere:123456789012:alarms",
            "arn:aws:sns:eu-west-1:123456789012:alarms:subscription",
        ];
        for wrong in wrong {
            assert_eq!(topic_region(wrong), None, "{wrong}");
        }
    }
}
