//! What is published: a notice in the words of whoever listens.
//!
//! A topic has subscribers of many kinds, and each reads what it knows: a chat its cards, a pager the
//! fields of a CloudWatch alarm, a person plain text, a program our own block. [`Format::Hybrid`] serves
//! all but the person in one JSON object; the other formats carry one of its parts alone.
//!
//! Whatever a notice holds, its message is one that SNS accepts: each text is cut to a length of its
//! own, and of many alarms the ten worst are named. `every_message_is_accepted_by_sns` holds the sum.

mod hybrid;
mod plain;
mod resource;
mod text;
mod told;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::alarm::{News, Notice};
use crate::ids::{AccountId, Deployment};

pub use hybrid::json_schema;
pub(super) use text::key;
pub use told::{Affected, Told};

/// Where the runbook is if no setting says so: this path in snapkeep's repository.
pub const RUNBOOK: &str = "docs/runbook.md";
/// A longer address of the runbook is cut.
pub const RUNBOOK_CHARS_MAX: usize = 300;

/// SNS wants fewer than 100 ASCII characters. Source: SNS API reference, `Publish`, Subject.
const SUBJECT_CHARS_MAX: usize = 99;

/// Who a message is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Format {
    /// For chats, pagers and programs at once: everything below, and a block of our own.
    #[default]
    Hybrid,
    /// A custom notification of Amazon Q Developer in chat applications.
    Chat,
    /// The fields of a CloudWatch alarm, as pagers read them.
    Cloudwatch,
    /// Text for people, as it comes by email.
    Plain,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Hybrid, Self::Chat, Self::Cloudwatch, Self::Plain];

    /// The word in settings and arguments.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hybrid => "hybrid",
            Self::Chat => "chat",
            Self::Cloudwatch => "cloudwatch",
            Self::Plain => "plain",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = &'static str;

    /// The error is what was expected.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == word);
        found.ok_or("hybrid, chat, cloudwatch or plain")
    }
}

/// Who tells, and how: the same for every message of a run.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The deployment, which is the messages' environment.
    pub deployment: &'a Deployment,
    /// The account, if it is known.
    pub account: Option<&'a AccountId>,
    /// Where the runbook is: an address, or [`RUNBOOK`].
    pub runbook: &'a str,
    /// Who it is written for.
    pub format: Format,
}

/// A message for everybody who subscribed to the topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// One line: `ALARM: …` or `OK: …`.
    pub subject: String,
    /// JSON, or text in [`Format::Plain`].
    pub body: String,
    /// For subscribers' filter policies; five are the most that a filter policy may use.
    pub attributes: BTreeMap<String, String>,
}

/// Writes the message of `notice`.
#[must_use]
pub fn message(notice: &Notice, sender: &Sender<'_>, now: Timestamp) -> Message {
    let told = Told::of(notice, sender, now);
    Message {
        subject: text::ascii(&told.title, SUBJECT_CHARS_MAX),
        attributes: attributes(&told),
        body: match sender.format {
            Format::Hybrid => hybrid::hybrid(told),
            Format::Chat => hybrid::chat(&told),
            Format::Cloudwatch => hybrid::cloudwatch(&told),
            Format::Plain => plain::text(&told),
        },
    }
}

fn attributes(told: &Told) -> BTreeMap<String, String> {
    [
        ("severity", &told.severity),
        ("event_type", &told.condition),
        ("status", &told.status),
        ("resource_type", &told.resource_type),
        ("environment", &told.deployment),
    ]
    .map(|(name, value)| (name.to_owned(), value.clone()))
    .into()
}

/// The states before and after, as CloudWatch calls them.
fn states(news: News) -> (&'static str, &'static str) {
    match news {
        News::Opened => ("OK", "ALARM"),
        News::Reminded | News::Escalated => ("ALARM", "ALARM"),
        News::Resolved => ("ALARM", "OK"),
    }
}
