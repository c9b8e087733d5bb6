//! Notices to write messages of: an alarm's whole life, alone and with others.

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::alarm::{
    Condition, Figures, Format, Message, News, Notice, OpenAlarm, RUNBOOK, Sender, message,
};
use snapkeep_policy::document::Severity;

use crate::fixtures::*;

pub(super) const KEY: &str = "prod/us-west-2/slot-missed/shepherd";
const STATUSES: [News; 4] = [News::Opened, News::Reminded, News::Escalated, News::Resolved];

pub(super) fn alarm(condition: Condition, subject: &str, text: &str) -> OpenAlarm {
    OpenAlarm {
        condition,
        severity: Severity::Critical,
        subject: subject.to_owned(),
        region: region(HOME),
        message: text.to_owned(),
        next_step: "Look at the last report of create.".to_owned(),
        opened_at: at("2026-03-06T04:15:00Z"),
        told_at: None,
        resolved_at: None,
        figures: Figures {
            rpo: Some(SignedDuration::from_mins(15)),
            age: Some(SignedDuration::from_hours(26)),
            recovery_point: Some("snapkeep-shepherd-20260305t0200z-80b8d47d48".to_owned()),
        },
    }
}

/// A database without a recovery point.
pub(super) fn notice(news: News) -> Notice {
    let alarm = alarm(Condition::SlotMissed, "shepherd", "shepherd has no recovery point");
    let resolved_at = (news == News::Resolved).then(|| at("2026-03-06T10:15:00Z"));
    let (level, called_in) = match news {
        News::Opened | News::Reminded => (1, None),
        News::Escalated | News::Resolved => (2, Some("the head of operations".to_owned())),
    };
    let alarm = OpenAlarm { resolved_at, ..alarm };
    Notice { news, key: KEY.to_owned(), level, called_in, alarm, others: Vec::new() }
}

/// The same of so many databases; its end is told without them.
pub(super) fn of_many(news: News, count: usize) -> Notice {
    let others = (1..count).map(|number| {
        let id = format!("orders-{number:04}");
        alarm(Condition::SlotMissed, &id, &format!("{id} has no recovery point"))
    });
    let others = if news == News::Resolved { Vec::new() } else { others.collect() };
    Notice { key: "prod/many/slot-missed/critical".to_owned(), others, ..notice(news) }
}

/// An alarm's whole life.
pub(super) fn life() -> [Notice; 4] {
    STATUSES.map(notice)
}

/// Everything that tests write messages of: lives, many, each condition, and the longest texts there are.
pub(super) fn all() -> Vec<Notice> {
    let mut all: Vec<Notice> = life().into();
    for news in STATUSES {
        all.extend([2, 11, 1_000].map(|count| of_many(news, count)));
        all.extend(["\u{0}", "🐑", "&", "\\", "x"].map(|text| hostile(news, text)));
    }
    let of = |condition| Notice { alarm: alarm(condition, "a", "b"), ..notice(News::Opened) };
    all.extend(super::conditions().into_iter().map(of));
    all
}

/// Twelve alarms with texts far longer than any limit, of one character that takes much room.
fn hostile(news: News, character: &str) -> Notice {
    let text = character.repeat(2_000);
    let mut notice = of_many(news, 12);
    notice.key = format!("prod/{text}");
    notice.called_in = Some(text.clone());
    for alarm in std::iter::once(&mut notice.alarm).chain(&mut notice.others) {
        alarm.subject.clone_from(&text);
        alarm.message.clone_from(&text);
        alarm.next_step.clone_from(&text);
        alarm.figures.recovery_point = Some(text.clone());
    }
    notice
}

pub(super) fn written(notice: &Notice, format: Format) -> Message {
    by(notice, format, RUNBOOK)
}

pub(super) fn by(notice: &Notice, format: Format, runbook: &str) -> Message {
    let account = "123456789012".parse().unwrap();
    let deployment = deployment();
    let sender = Sender { deployment: &deployment, account: Some(&account), runbook, format };
    let now: Timestamp = at("2026-03-06T10:30:00Z");
    message(notice, &sender, now)
}
