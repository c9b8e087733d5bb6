//! The message that a report is there.
//!
//! Unless the topic is for people, it has the fields of a custom notification for chat, and none of a CloudWatch alarm: a consumer that
//! opens an incident for every alarm must not open one for a report. The links need a login, on purpose:
//! a report names databases, and who may read it is the bucket's to say. A presigned one would also
//! end with the function's credentials, hours later.

use snapkeep_policy::alarm::{Format, Message};
use snapkeep_policy::ids::Region;

use crate::Report;

/// What the block `snapkeep` of the message is; fields are only added within a version.
const SCHEMA: &str = "urn:snapkeep:schema:announcement:1";
/// Chat shows no more of a text.
const NAMED_MAX: usize = 5;

/// Where reports are put.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'s> {
    /// The bucket.
    pub bucket: &'s str,
    /// Its region.
    pub region: &'s Region,
}

impl Shelf<'_> {
    /// `s3://bucket/key`.
    #[must_use]
    pub fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// Where the console shows it.
    #[must_use]
    pub fn console(&self, key: &str) -> String {
        let region = self.region.as_str();
        let host = match region {
            china if china.starts_with("cn-") => "console.amazonaws.cn",
            government if government.starts_with("us-gov-") => "console.amazonaws-us-gov.com",
            _ => "console.aws.amazon.com",
        };
        let bucket = self.bucket;
        format!("https://{region}.{host}/s3/object/{bucket}?region={region}&prefix={key}")
    }
}

/// The message that `report` is there, for the readers of a topic that alarms are written for.
#[must_use]
pub fn announcement(report: &Report, shelf: Shelf<'_>, format: Format) -> Message {
    let (head, answer) = (report.head(), report.answer());
    let (kind, deployment) = (head.report, &head.deployment);
    let [page, data] = ["html", "json"].map(|ending| format!("{}.{ending}", report.key()));
    let title = format!("REPORT: {kind} {} of {deployment}", head.period);
    let verdict = answer.verdict.words();
    let summary = format!("{} {verdict} {}", report.question(), answer.sentence);
    let mut description = summary.clone();
    for reservation in answer.reservations.iter().take(NAMED_MAX) {
        description.push_str("\n- ");
        description.push_str(reservation);
    }
    let next_step = format!("Open {} or {}", shelf.console(&page), shelf.uri(&page));
    let text = format!("{title}\n\n{description}\n\n{next_step}\n");
    let json = serde_json::json!({
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": title,
            "description": description,
            "nextSteps": [next_step],
            "keywords": ["info", "report", kind.as_str()],
        },
        "metadata": {
            "threadId": format!("{deployment}/report/{kind}"),
            "summary": summary,
            "eventType": "report",
            "relatedResources": [shelf.uri(&page)],
        },
        "snapkeep": {
            "schema": SCHEMA,
            "deployment": deployment,
            "key": format!("{deployment}/report/{kind}/{}", head.period),
            "status": "published",
            "severity": "info",
            "event_type": "report",
            "report": kind.as_str(),
            "period": head.period,
            "verdict": answer.verdict,
            "message": answer.sentence,
            "next_step": next_step,
            "html": { "uri": shelf.uri(&page), "console": shelf.console(&page) },
            "json": { "uri": shelf.uri(&data), "console": shelf.console(&data) },
            "made_at": head.made_at.to_string(),
        },
    });
    Message {
        subject: title.chars().filter(|c| matches!(c, ' '..='~')).take(99).collect(),
        body: match format {
            Format::Plain => text,
            Format::Hybrid | Format::Chat | Format::Cloudwatch => json.to_string(),
        },
        attributes: [
            ("severity", "info"),
            ("event_type", "report"),
            ("status", "published"),
            ("resource_type", "report"),
            ("environment", deployment.as_str()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
    }
}
