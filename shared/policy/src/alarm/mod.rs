//! alarm: judges the observed world against the objectives, and says so once.
//!
//! The judgement never asks whether a job ran; it looks at what exists ([`assess()`]). What it finds is
//! held against the alarms that are open ([`Memory`], the one thing that has no AWS resource to live
//! on): a new finding opens an alarm, a lasting one is reminded of, one that is gone resolves its
//! alarm. An alarm counts as told only once it was delivered, so a failed publish is tried again.
//!
//! Two rules of honesty: an alarm resolves only from an observation in which every region was seen,
//! and a key is the same in every run, so that a consumer can tell a repetition from news.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::ids::{PolicyName, RdsArn, Region};
use crate::plan::{Describe, Line, Plan};
use crate::view::View;

mod assess;
pub mod bridge;
mod failed;
mod figures;
mod fleet;
mod groups;
mod known;
mod life;
pub mod lost;
mod memory;
mod message;
mod pace;
mod posture;
pub mod standby;
mod verdicts;

pub use assess::assess;
pub use failed::{FailedRun, Failures, QueueMessage, RECOVERED_AFTER};
pub use figures::Figures;
pub use groups::ALONE_MAX;
pub use known::{Known, KnownPoint};
pub use life::{Life, SETTLE};
pub use memory::{Memory, OpenAlarm};
pub use message::{
    Affected, Format, Message, RUNBOOK, RUNBOOK_CHARS_MAX, Sender, Told, json_schema, message,
};
pub use pace::Pace;

use crate::document::Severity;

/// What can be wrong. The text form is part of the messages' contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// A slot is still without a recovery point.
    SlotMissed,
    /// A database has had no new recovery point for too long.
    RecoveryPointMissing,
    /// More data would be lost than the objective allows.
    RpoExceeded,
    /// A copy isn't where it should be.
    CopyLate,
    /// The last verification found that the recovery point doesn't restore.
    VerificationFailed,
    /// The last verification found that a table is gone, or most of its rows.
    DataDropped,
    /// The last restore took longer than the objective allows.
    RtoMissed,
    /// The last verification learned nothing.
    VerificationInconclusive,
    /// A verification that was due has no verdict.
    VerificationOverdue,
    /// The manual snapshot quota is nearly used up.
    QuotaNearlyFull,
    /// A recovery point is gone, and prune didn't delete it.
    RecoveryPointVanished,
    /// Something of ours was tampered with.
    Tampered,
    /// A database is under no policy.
    Unprotected,
    /// A database is under two policies.
    Contested,
    /// A policy selects nothing.
    NothingSelected,
    /// A database isn't set up as it should be.
    Posture,
    /// A database's key can't be used.
    KeyUnusable,
    /// A scratch database is still there after its deadline.
    ScratchLingering,
    /// A region can't be seen.
    RegionUnseen,
    /// AWS's clock and ours disagree.
    ClockDoubt,
    /// A verb refuses to go on without a person.
    Refused,
    /// Runs of a function failed, or couldn't be started.
    FunctionFailed,
    /// A snapshot takes much longer than those of this database took.
    SnapshotSlow,
    /// A copy takes much longer than those into this region took.
    CopySlow,
    /// A database's storage grew much within a week.
    StorageGrew,
    /// The alarm at home is silent, and the standby tells in its place.
    HomeSilent,
}

impl Condition {
    /// The word in keys, messages and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SlotMissed => "slot-missed",
            Self::RecoveryPointMissing => "recovery-point-missing",
            Self::RpoExceeded => "rpo-exceeded",
            Self::CopyLate => "copy-late",
            Self::VerificationFailed => "verification-failed",
            Self::DataDropped => "data-dropped",
            Self::RtoMissed => "rto-missed",
            Self::VerificationInconclusive => "verification-inconclusive",
            Self::VerificationOverdue => "verification-overdue",
            Self::QuotaNearlyFull => "quota-nearly-full",
            Self::RecoveryPointVanished => "recovery-point-vanished",
            Self::Tampered => "tampered",
            Self::Unprotected => "unprotected",
            Self::Contested => "contested",
            Self::NothingSelected => "nothing-selected",
            Self::Posture => "posture",
            Self::KeyUnusable => "key-unusable",
            Self::ScratchLingering => "scratch-lingering",
            Self::RegionUnseen => "region-unseen",
            Self::ClockDoubt => "clock-doubt",
            Self::Refused => "refused",
            Self::FunctionFailed => "function-failed",
            Self::SnapshotSlow => "snapshot-slow",
            Self::CopySlow => "copy-slow",
            Self::StorageGrew => "storage-grew",
            Self::HomeSilent => "home-silent",
        }
    }
}

/// Something that is wrong now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What.
    pub condition: Condition,
    /// How urgent.
    pub severity: Severity,
    /// With which database, snapshot, policy or region.
    pub subject: String,
    /// Where.
    pub region: Region,
    /// One line: what is wrong, with figures.
    pub message: String,
    /// One line: what to do about it.
    pub next_step: &'static str,
    /// The policy that says when it is told, if it is about a database of one.
    pub policy: Option<PolicyName>,
    /// How much may be lost, how much would be, and what could be restored.
    #[serde(skip_serializing_if = "Figures::is_empty")]
    pub figures: Figures,
}

/// What alarm does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Tell the topic.
    Tell(Notice),
}

/// One piece of news, and what it is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Notice {
    /// What happened.
    pub news: News,
    /// The same in every run: consumers recognise a repetition by it.
    pub key: String,
    /// How far it is escalated: 1 when it opens.
    pub level: u8,
    /// Who is called in at this level, if the policy says so.
    pub called_in: Option<String>,
    /// What it is about; of many, the worst.
    pub alarm: OpenAlarm,
    /// The others, where many that are alike are told at once: the worse ones first.
    pub others: Vec<OpenAlarm>,
}

/// What happened to an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// It is new, or was never told.
    Opened,
    /// It lasts.
    Reminded,
    /// It lasts so long that others are called in.
    Escalated,
    /// It is over.
    Resolved,
}

impl News {
    /// The word in messages and attributes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reminded => "reminded",
            Self::Escalated => "escalated",
            Self::Resolved => "resolved",
        }
    }
}

impl Describe for Action {
    fn line(&self, reason: &str) -> Line {
        let Self::Tell(Notice { news, key, alarm, .. }) = self;
        Line {
            verb: "alarm",
            action: match news {
                News::Opened => "open",
                News::Reminded => "remind",
                News::Escalated => "escalate",
                News::Resolved => "resolve",
            },
            id: key.clone(),
            database: alarm.subject.clone(),
            region: alarm.region.clone(),
            reason: reason.to_owned(),
        }
    }
}

/// Decides what to tell. The second value is the memory to store: it holds everything as untold
/// until [`Memory::told`] is called for what was delivered.
///
/// `pruned` is what prune wrote down of the recovery points that are missing; `None` if nobody could
/// read that: then it isn't judged whether they vanished.
#[must_use]
pub fn plan(
    view: &View<'_>,
    memory: &Memory,
    pruned: Option<&BTreeSet<RdsArn>>,
) -> (Plan<Action>, Memory) {
    let mut next = memory.clone();
    next.look(view, pruned);
    next.judge(assess(view, &next), view);
    let mut plan = Plan::default();
    view.refuse_unseen(&mut plan);
    for notice in due(&next, view) {
        let reason = notice.alarm.message.clone();
        plan.step(Action::Tell(notice), reason);
    }
    (plan, next)
}

/// Everything that is due to be told: the most urgent first, and of each key in its order.
fn due(memory: &Memory, view: &View<'_>) -> Vec<Notice> {
    let members = memory.members();
    let is_alone = |key: &String| memory.lives.get(key).is_none_or(|life| life.group.is_none());
    let alone = memory.alarms.iter().filter(|(key, _)| is_alone(key));
    let mut notices = Vec::new();
    for (key, alarm) in alone.chain(&memory.groups) {
        let many = members.get(key).map_or(&[][..], Vec::as_slice);
        let many: Vec<&OpenAlarm> = many.iter().filter_map(|own| memory.alarms.get(own)).collect();
        let Some(life) = memory.lives.get(key) else { continue };
        let Some(rule) = life::rule(view.document, life.policy.as_ref()) else { continue };
        let has_newcomers = many.iter().any(|member| member.told_at.is_none());
        for (news, level) in life.due(alarm, rule, has_newcomers, view.now) {
            let called_in = usize::from(level).checked_sub(2).and_then(|n| rule.escalation.get(n));
            notices.push(Notice {
                news,
                key: key.clone(),
                level,
                called_in: called_in.map(|level| level.call_in.clone()),
                alarm: alarm.clone(),
                others: many.iter().skip(1).map(|member| (*member).clone()).collect(),
            });
        }
    }
    notices.sort_by_key(|notice| std::cmp::Reverse(notice.alarm.severity));
    notices
}
