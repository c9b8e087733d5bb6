//! The life of an alarm: when it is told, how far it is escalated, and when it is over.
//!
//! An alarm is told when it opens (level 1), once at each level of its policy's escalation, again
//! after each `remind_every`, and once when it is over, if it was ever told. What was not delivered
//! stays due, in this order.
//!
//! One that came back three times within a day flaps: it stays open until what it is about has been
//! gone for an hour, so that a fault that comes and goes is one alarm and not twenty.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::alarm::{News, OpenAlarm};
use crate::document::{AlarmRule, PolicyDocument, Severity};
use crate::ids::PolicyName;

/// Returns are counted over this long, and what has ended is remembered for it.
pub(super) const FLAPS_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// So many returns make an alarm one that flaps.
const RETURNS_MIN: usize = 3;
/// An alarm that flaps is over once its finding has been gone for this long.
pub const SETTLE: SignedDuration = SignedDuration::from_hours(1);
/// More are not counted: a look every quarter of an hour sees no more than 48 a day.
const RETURNS_MAX: usize = 48;

/// How far the story of one key was told, and how restless it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Life {
    /// The policy whose rules it follows; none if it is about no database of a policy.
    pub policy: Option<PolicyName>,
    /// The key of the many among which it is told, instead of under its own.
    pub group: Option<String>,
    /// The highest level up to which every level was told; 0 before it was.
    pub level: u8,
    /// How urgent it was when it was last told.
    pub told_severity: Option<Severity>,
    /// Since when what it is about wasn't found any more.
    pub gone_since: Option<Timestamp>,
    /// When it came back of late.
    pub returns: Vec<Timestamp>,
}

impl Life {
    /// Of an alarm that a version without levels has told.
    pub(super) fn of(alarm: &OpenAlarm) -> Self {
        Self { level: u8::from(alarm.told_at.is_some()), ..Self::default() }
    }

    /// What it is about was found.
    pub(super) fn found(&mut self, alarm: &mut OpenAlarm, now: Timestamp) {
        self.forget_returns(now);
        if self.gone_since.take().is_some() {
            self.returns.push(now);
            let surplus = self.returns.len().saturating_sub(RETURNS_MAX);
            self.returns.drain(..surplus);
        }
        // It is back before its end was told: then it never ended.
        alarm.resolved_at = None;
        if self.flaps() {
            let count = self.returns.len();
            alarm.message.push_str(&format!("; it flaps: it came back {count} times in a day"));
        }
    }

    /// What it is about wasn't found, though everything was seen.
    pub(super) fn gone(&mut self, alarm: &mut OpenAlarm, now: Timestamp) {
        self.forget_returns(now);
        let since = *self.gone_since.get_or_insert(now);
        if !self.flaps() || now.duration_since(since) >= SETTLE {
            alarm.resolved_at.get_or_insert(now);
        }
    }

    /// It begins anew, but for how restless it is.
    pub(super) fn end(&mut self) {
        let (gone_since, returns) = (self.gone_since, std::mem::take(&mut self.returns));
        *self = Self { gone_since, returns, ..Self::default() };
    }

    /// Whether nobody will ask for it any more.
    pub(super) fn is_past(&self, now: Timestamp) -> bool {
        self.gone_since.is_none_or(|at| now.duration_since(at) >= FLAPS_WITHIN)
    }

    /// What is due to be told, in order, each with its level. `has_newcomers`: among the many that it
    /// stands for are some that nobody has heard of.
    pub(super) fn due(
        &self,
        alarm: &OpenAlarm,
        rule: &AlarmRule,
        has_newcomers: bool,
        now: Timestamp,
    ) -> Vec<(News, u8)> {
        if alarm.resolved_at.is_some() {
            return vec![(News::Resolved, self.level.max(1))];
        }
        if self.gone_since.is_some() {
            return Vec::new();
        }
        let mut due = Vec::new();
        if self.level == 0 || has_newcomers {
            due.push((News::Opened, self.level.max(1)));
        }
        let lasted = now.duration_since(alarm.opened_at);
        let levels = rule.escalation.iter().zip(2_u8..);
        let reached = levels.filter(|(level, _)| lasted >= level.after).map(|(_, number)| number);
        due.extend(reached.filter(|n| *n > self.level).map(|number| (News::Escalated, number)));
        let is_louder = self.told_severity.is_some_and(|told| alarm.severity > told);
        let told_ago = alarm.told_at.map(|at| now.duration_since(at));
        if due.is_empty() && (is_louder || told_ago.is_some_and(|ago| ago >= rule.remind_every)) {
            due.push((News::Reminded, self.level));
        }
        due
    }

    /// It was delivered at this level. A level above one that wasn't is told again after that one.
    pub(super) fn told(&mut self, alarm: &mut OpenAlarm, level: u8, now: Timestamp) {
        alarm.told_at = Some(now);
        self.told_severity = Some(alarm.severity);
        if level == self.level + 1 {
            self.level = level;
        }
    }

    fn flaps(&self) -> bool {
        self.returns.len() >= RETURNS_MIN
    }

    fn forget_returns(&mut self, now: Timestamp) {
        self.returns.retain(|at| now.duration_since(*at) < FLAPS_WITHIN);
    }
}

/// The rule that `policy` has for its alarms. What is about no policy's database, or of a policy that
/// is gone, follows the most severe policy, the first by name among equals.
pub(super) fn rule<'d>(
    document: &'d PolicyDocument,
    policy: Option<&PolicyName>,
) -> Option<&'d AlarmRule> {
    let severest = || {
        let all = document.policies.values().map(|policy| &policy.alarms);
        all.min_by_key(|rule| std::cmp::Reverse(rule.severity))
    };
    let named = policy.and_then(|name| document.policies.get(name));
    named.map(|policy| &policy.alarms).or_else(severest)
}
