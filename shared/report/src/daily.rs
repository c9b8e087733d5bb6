//! Daily status: are we restorable?

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use snapkeep_policy::alarm::OpenAlarm;
use snapkeep_policy::document::Severity;
use snapkeep_policy::status::rows;

use crate::answer::{Answer, capital, share};
use crate::deeds::{Deed, Done};
use crate::facts::{Facts, Head};
use crate::look::text::plural;
use crate::standing::{Soundness, Standing};

/// How every database stands, what was done in 24 hours, and what is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Daily {
    /// What it says of itself.
    #[serde(flatten)]
    pub head: Head,
    /// Are we restorable?
    pub answer: Answer,
    /// Every protected database; what is unsound comes first.
    pub databases: Vec<Standing>,
    /// Identifiers of databases under no policy.
    pub unprotected: Vec<String>,
    /// How much was done in the period.
    pub done: Done,
    /// All of it, newest first.
    pub deeds: Vec<Deed>,
    /// The alarms that are open, the worst first.
    pub alarms: Vec<Alarm>,
}

/// An open alarm.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Alarm {
    /// The same in every message about it.
    pub key: String,
    /// How urgent.
    pub severity: Severity,
    /// What is wrong.
    pub condition: String,
    /// With what.
    pub subject: String,
    /// Where.
    pub region: String,
    /// In words.
    pub message: String,
    /// What to do about it.
    pub next_step: String,
    /// Since when.
    pub opened_at: Timestamp,
}

impl Daily {
    pub(crate) fn of(facts: &Facts<'_>) -> Self {
        let head = Head::of(facts);
        let mut databases: Vec<Standing> = rows(facts.view).iter().map(Standing::of).collect();
        databases.sort_by(|a, b| {
            (a.soundness, &a.database, &a.region).cmp(&(b.soundness, &b.database, &b.region))
        });
        let alarms = alarms(facts);
        Self {
            answer: answer(&head, &databases, &alarms),
            head,
            databases,
            unprotected: facts.view.unprotected.iter().map(|d| d.id().to_owned()).collect(),
            done: Done::of(facts.acts),
            deeds: Deed::all(facts.acts),
            alarms,
        }
    }
}

/// Those that aren't over, the most urgent and then the oldest first.
pub(crate) fn alarms(facts: &Facts<'_>) -> Vec<Alarm> {
    let open = facts.memory.alarms.iter().filter(|(_, alarm)| alarm.resolved_at.is_none());
    let mut alarms: Vec<Alarm> = open.map(|(key, alarm)| alarm_of(key, alarm)).collect();
    alarms.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then_with(|| (a.opened_at, &a.key).cmp(&(b.opened_at, &b.key)))
    });
    alarms
}

fn alarm_of(key: &str, alarm: &OpenAlarm) -> Alarm {
    Alarm {
        key: key.to_owned(),
        severity: alarm.severity,
        condition: alarm.condition.as_str().to_owned(),
        subject: alarm.subject.clone(),
        region: alarm.region.to_string(),
        message: alarm.message.clone(),
        next_step: alarm.next_step.clone(),
        opened_at: alarm.opened_at,
    }
}

fn answer(head: &Head, databases: &[Standing], alarms: &[Alarm]) -> Answer {
    let is_proven = |standing: &&Standing| {
        standing.soundness != Soundness::Unsound && standing.newest_verified.is_some()
    };
    let (proven, all) = (databases.iter().filter(is_proven).count(), databases.len());
    let doubts = databases
        .iter()
        .flat_map(|it| it.doubts.iter().map(|doubt| format!("{}: {doubt}", it.database)));
    let critical = alarms.iter().filter(|alarm| alarm.severity == Severity::Critical);
    let critical = critical.map(|alarm| format!("{}: {}", alarm.subject, alarm.message));
    let reservations = head.reservations().chain(doubts).chain(critical).collect();
    let open = match alarms.len() {
        0 => "No alarm is open".to_owned(),
        1 => "1 alarm is open".to_owned(),
        many => format!("{} are open", plural(many, "alarm")),
    };
    let sentence = match all {
        0 => format!("No database is under a policy. {open}."),
        _ => {
            let share = capital(&share(proven, all));
            let can = if proven == 1 { "has" } else { "have" };
            format!("{share} {can} a recovery point that is proven to restore. {open}.")
        }
    };
    Answer::of(proven, all, sentence, reservations)
}
