//! What is told, whoever reads it: the block of our own in a message.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RUNBOOK_CHARS_MAX, Sender, states, text};
use crate::alarm::{News, Notice, OpenAlarm};
use crate::plan::span;

/// Name of the block's schema. It changes with the version, and the version only if a reader of the
/// old one would be led astray.
pub const SCHEMA: &str = "urn:snapkeep:schema:alarm:1";
/// Version of the block's schema.
pub const SCHEMA_VERSION: u32 = 1;
/// Of many alarms, this many are named.
pub const AFFECTED_MAX: usize = 10;

/// A reason is read on a telephone; CloudWatch cuts one at 1,023 characters.
/// Source: CloudWatch API reference, `SetAlarmState`, StateReason.
const MESSAGE_CHARS_MAX: usize = 900;
/// The same of each of many.
const AFFECTED_CHARS_MAX: usize = 300;
/// Longer than any identifier of RDS.
const NAME_CHARS_MAX: usize = 255;
const STEP_CHARS_MAX: usize = 300;
const TITLE_CHARS_MAX: usize = 350;

/// snapkeep's own block. Within one version fields are only added, and lists of words may grow: ignore
/// what you don't know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Told {
    /// Name of this block's schema: `urn:snapkeep:schema:alarm:1`.
    pub schema: String,
    /// Version of this block's schema.
    pub schema_version: u32,
    /// The deployment that tells.
    #[schemars(length(min = 1))]
    pub deployment: String,
    /// The account it runs in, if it knows.
    #[schemars(regex(pattern = r"^[0-9]{12}$"))]
    pub account: Option<String>,
    /// The same in every message of one alarm, from the first to its end.
    #[schemars(length(min = 1, max = 255))]
    pub key: String,
    /// What happened to the alarm.
    #[schemars(extend("enum" = ["opened", "reminded", "escalated", "resolved"]))]
    pub status: String,
    /// Whether it is over.
    #[schemars(extend("enum" = ["ALARM", "OK"]))]
    pub state: String,
    /// How urgent it is.
    #[schemars(extend("enum" = ["info", "warning", "critical"]))]
    pub severity: String,
    /// What is wrong: a section of the runbook. New conditions come with new versions of snapkeep.
    #[schemars(regex(pattern = r"^[a-z]+(-[a-z]+)*$"))]
    pub condition: String,
    /// What kind of thing the subject is, such as `database`, `snapshot`, `policy` or `region`.
    #[schemars(regex(pattern = r"^[a-z]+(-[a-z]+)*$"))]
    pub resource_type: String,
    /// With which database, snapshot, policy or region; of many, with the worst.
    #[schemars(length(min = 1, max = 255))]
    pub subject: String,
    /// Where.
    #[schemars(length(min = 1))]
    pub region: String,
    /// One line for a list or a subject: state, condition, and with what.
    #[schemars(length(min = 1, max = 350))]
    pub title: String,
    /// One line with figures: what is wrong, or was.
    #[schemars(length(max = 900))]
    pub message: String,
    /// One line: what to do.
    #[schemars(length(min = 1, max = 300))]
    pub next_step: String,
    /// Section of the runbook: an address, or a path in snapkeep's repository if none was set.
    #[schemars(length(min = 1, max = 350))]
    pub runbook: String,
    /// How far it is escalated: 1 when it opens.
    #[schemars(range(min = 1))]
    pub level: u8,
    /// Who is called in at this level, if the policy says so.
    #[schemars(length(max = 300))]
    pub called_in: Option<String>,
    /// How many alarms this message is about.
    #[schemars(range(min = 1))]
    pub count: u64,
    /// The worst of them, ten at most.
    #[schemars(length(min = 1, max = 10))]
    pub affected: Vec<Affected>,
    /// When it was first found.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub opened_at: Timestamp,
    /// When this was written.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub told_at: Timestamp,
    /// When it was found to be over.
    #[schemars(with = "Option<String>")]
    pub resolved_at: Option<Timestamp>,
    /// The most that may be lost, by the policy's objective: an ISO 8601 duration such as `PT15M`. As the two
    /// below, of many that of the worst, and not there where it isn't known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "duration"))]
    pub rpo: Option<SignedDuration>,
    /// How old the recovery point's data was when this was last found: an ISO 8601 duration. Of an exceeded
    /// RPO, that of the newest data which could be restored by whatever means.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "duration"))]
    pub age: Option<SignedDuration>,
    /// Identifier of the recovery point that it is about, or else of the database's newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1, max = 255))]
    pub recovery_point: Option<String>,
}

/// One of the alarms that a message is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Affected {
    /// With which database, snapshot, policy or region.
    #[schemars(length(min = 1, max = 255))]
    pub subject: String,
    /// Where.
    #[schemars(length(min = 1))]
    pub region: String,
    /// How urgent it is.
    #[schemars(extend("enum" = ["info", "warning", "critical"]))]
    pub severity: String,
    /// One line with figures.
    #[schemars(length(max = 300))]
    pub message: String,
}

impl Affected {
    fn of(alarm: &OpenAlarm) -> Self {
        Self {
            subject: text::line(&alarm.subject, NAME_CHARS_MAX),
            region: alarm.region.to_string(),
            severity: alarm.severity.as_str().to_owned(),
            message: text::line(&alarm.message, AFFECTED_CHARS_MAX),
        }
    }
}

impl Told {
    pub(super) fn of(notice: &Notice, sender: &Sender<'_>, now: Timestamp) -> Self {
        let Notice { news, key, level, called_in, alarm, others } = notice;
        let all = std::iter::once(alarm).chain(others);
        let condition = alarm.condition.as_str();
        let point = alarm.figures.recovery_point.as_deref();
        let step = match news {
            News::Resolved => "Nothing to do: it is over.",
            News::Opened | News::Reminded | News::Escalated => &alarm.next_step,
        };
        Self {
            schema: SCHEMA.to_owned(),
            schema_version: SCHEMA_VERSION,
            deployment: sender.deployment.to_string(),
            account: sender.account.map(ToString::to_string),
            key: text::key(key),
            status: news.as_str().to_owned(),
            state: states(*news).1.to_owned(),
            severity: alarm.severity.as_str().to_owned(),
            condition: condition.to_owned(),
            resource_type: alarm.condition.resource_type().to_owned(),
            subject: text::line(&alarm.subject, NAME_CHARS_MAX),
            region: alarm.region.to_string(),
            title: text::line(&title(notice), TITLE_CHARS_MAX),
            message: text::line(&alarm.message, MESSAGE_CHARS_MAX),
            next_step: text::line(step, STEP_CHARS_MAX),
            runbook: format!("{}#{condition}", text::line(sender.runbook, RUNBOOK_CHARS_MAX)),
            level: *level,
            called_in: called_in.as_deref().map(|who| text::line(who, STEP_CHARS_MAX)),
            count: others.len() as u64 + 1,
            affected: all.take(AFFECTED_MAX).map(Affected::of).collect(),
            opened_at: alarm.opened_at,
            told_at: now,
            resolved_at: alarm.resolved_at,
            rpo: alarm.figures.rpo,
            age: alarm.figures.age,
            recovery_point: point.map(|id| text::line(id, NAME_CHARS_MAX)),
        }
    }

    /// The figures in words, if it has any.
    pub(in crate::alarm) fn figures(&self) -> Option<String> {
        let Self { rpo, age, recovery_point, .. } = self;
        let age = age.map(|age| format!("{} old", span(age)));
        let rpo = rpo.map(|rpo| format!("the RPO is {}", span(rpo)));
        let words: Vec<String> = recovery_point.clone().into_iter().chain(age).chain(rpo).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// The state it comes from.
    pub(super) fn old_state(&self) -> &'static str {
        if self.status == News::Opened.as_str() { "OK" } else { "ALARM" }
    }

    /// When it came into its state.
    pub(in crate::alarm) fn changed_at(&self) -> Timestamp {
        self.resolved_at.unwrap_or(self.opened_at)
    }

    /// What is wrong, or that it is over and what it was.
    pub(in crate::alarm) fn reason(&self) -> String {
        let Self { message, opened_at, count, .. } = self;
        match self.resolved_at {
            Some(at) => {
                let lasted = span(at.duration_since(*opened_at));
                format!("It is over, after {lasted}. It was: {message}")
            }
            None if *count > 1 => format!("{count} times; first: {message}"),
            None => message.clone(),
        }
    }

    /// How many alarms aren't named in `affected`.
    pub(in crate::alarm) fn unnamed(&self) -> u64 {
        self.count - self.affected.len() as u64
    }

    /// How far it is escalated, in words; once it is over nobody is called in any more.
    pub(in crate::alarm) fn escalation(&self) -> String {
        let Self { level, .. } = self;
        match self.called_in.as_ref().filter(|_| self.resolved_at.is_none()) {
            Some(who) => format!("level {level}, {who} is called in"),
            None => format!("level {level}"),
        }
    }
}

/// State, condition, and with what: of one alarm always the same but for its state. A key ends in what
/// the alarm is about; that of many alarms ends in something else.
fn title(notice: &Notice) -> String {
    let Notice { news, key, alarm, others, .. } = notice;
    let (state, condition) = (states(*news).1, alarm.condition.as_str());
    let OpenAlarm { subject, region, .. } = alarm;
    let is_of_many = !others.is_empty() || !key.ends_with(subject.as_str());
    match (is_of_many, news) {
        (false, _) => format!("{state}: {condition} {subject} ({region})"),
        (true, News::Resolved) => format!("{state}: {condition} everywhere"),
        (true, News::Opened | News::Reminded | News::Escalated) => {
            format!("{state}: {condition} {} times, first {subject} ({region})", others.len() + 1)
        }
    }
}
