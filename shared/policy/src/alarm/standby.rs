//! The standby: alarm once more in a second region, which tells while the one at home can't.
//!
//! It judges at each look as alarm does, but tells nothing as long as home's alarm is heard of. What is
//! heard of it is its memory in home's bucket: that is there only while the region, its S3 and its key
//! work; it says when home last looked, so an alarm that doesn't run shows in it; and it says what home
//! has told nobody, so a topic that is down shows in it too. A memory that can't be read just grows old.
//!
//! While home is well the standby keeps a copy of that memory. Once home is silent for longer than the
//! limit, it goes on from the copy: under the same keys, with the same levels, and without repeating what
//! home has told. Beside that it tells `home-silent`. As soon as home looks again, home's memory counts.
//!
//! Both may tell for a while, when only the way between them is broken. That does no harm: their keys are
//! the same. And each topic is whole in itself: who was told a key from here is told its end from here,
//! once home doesn't hold it any more and the standby, which sees everything, doesn't find it either. A
//! second OK closes nothing that the first one hasn't.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::alarm::{
    Action, Condition, Figures, Finding, Memory, News, Notice, OpenAlarm, assess, due,
};
use crate::document::Severity;
use crate::ids::{RdsArn, Region};
use crate::plan::{Plan, instant, span};
use crate::view::View;

/// Home's clock may be this much ahead of ours; a look from further on in the future is none.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// What a standby stands in for, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Where the deployment is at home.
    pub region: Region,
    /// Its bucket there.
    pub bucket: String,
    /// For how long home may be silent. Longer than the pause between two of its looks.
    pub silent_after: SignedDuration,
}

/// What could be read of home's memory.
#[derive(Debug, Clone, PartialEq)]
pub enum Glimpse {
    /// It, if there was one.
    Read(Option<Box<Memory>>),
    /// Nothing, and why.
    Unread(String),
}

/// The state of a standby, stored as one JSON object in its own bucket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standby {
    /// Home's, as last seen while home was well; carried on from there while standing in.
    pub memory: Memory,
    /// When home last looked, as far as it is known here. The first look from here counts as one.
    pub home_looked_at: Option<Timestamp>,
    /// Why home's alarms are told from here, if they are.
    pub standing_in: Option<StandingIn>,
    /// What was told from here and has no end yet, by key.
    pub told: BTreeMap<String, Told>,
}

/// Since when home's alarms are told from here, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingIn {
    /// Since when.
    pub since: Timestamp,
    /// One line, as of the last look.
    pub why: String,
}

/// An alarm that was told from here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// As it was last told.
    pub alarm: OpenAlarm,
    /// How far it was escalated.
    pub level: u8,
}

impl Standby {
    /// Takes note of what can be seen of home, and decides whether to stand in for it.
    #[must_use]
    pub fn hearing(mut self, home: &Home, glimpse: Glimpse, now: Timestamp) -> Self {
        let looked_at = match &glimpse {
            Glimpse::Read(Some(memory)) => memory.looked_at,
            Glimpse::Read(None) | Glimpse::Unread(_) => None,
        };
        let looked_at = looked_at.filter(|at| at.duration_since(now) <= CLOCK_TOLERANCE);
        self.home_looked_at = self.home_looked_at.max(looked_at).or(Some(now));
        match (self.silence(home, &glimpse, now), glimpse) {
            (Some(why), _) => {
                let since = self.standing_in.map_or(now, |standing_in| standing_in.since);
                self.standing_in = Some(StandingIn { since, why });
            }
            (None, Glimpse::Read(Some(memory))) if looked_at.is_some() => {
                self.memory = *memory;
                self.standing_in = None;
            }
            // Nothing new: it stays as it was until home is heard of, or is silent for too long.
            (None, Glimpse::Read(_) | Glimpse::Unread(_)) => {}
        }
        self
    }

    /// Why home's alarms don't reach anybody, if so.
    fn silence(&self, home: &Home, glimpse: &Glimpse, now: Timestamp) -> Option<String> {
        let Home { region, silent_after, .. } = home;
        let looked_at = self.home_looked_at?;
        let ago = now.duration_since(looked_at);
        if ago >= *silent_after {
            let unread = match glimpse {
                Glimpse::Unread(why) => format!(", and its memory can't be read: {why}"),
                Glimpse::Read(_) => String::new(),
            };
            let (since, ago) = (instant(looked_at), span(ago));
            return Some(format!("alarm in {region} last looked at {since}, {ago} ago{unread}"));
        }
        let Glimpse::Read(Some(memory)) = glimpse else { return None };
        let is_untold = |(key, alarm): &(&String, &OpenAlarm)| {
            alarm.told_at.is_none()
                && memory.lives.get(*key).is_none_or(|life| life.gone_since.is_none())
                && now.duration_since(alarm.opened_at) >= *silent_after
        };
        let untold = memory.alarms.iter().filter(is_untold).count();
        let limit = span(*silent_after);
        let why = || {
            format!("alarm in {region} looks, but has reached nobody for {limit} ({untold} untold)")
        };
        (untold > 0).then(why)
    }

    /// Notes that `notice` was delivered.
    pub fn told(&mut self, notice: &Notice, now: Timestamp) {
        if self.standing_in.is_some() {
            self.memory.told(notice, now);
        }
        if notice.news == News::Resolved {
            self.told.remove(&notice.key);
        } else {
            let told = Told { alarm: notice.alarm.clone(), level: notice.level };
            self.told.insert(notice.key.clone(), told);
        }
    }
}

/// Decides what the standby tells. The second value is the state to store: it holds everything as
/// untold until [`Standby::told`] is called for what was delivered.
///
/// `pruned` is what prune wrote down of the recovery points that are missing; `None` if nobody could
/// read that: then it isn't judged whether they vanished.
#[must_use]
pub fn plan(
    view: &View<'_>,
    standby: &Standby,
    home: &Home,
    pruned: Option<&BTreeSet<RdsArn>>,
) -> (Plan<Action>, Standby) {
    let mut judged = standby.memory.clone();
    judged.look(view, pruned);
    let mut findings = assess(view, &judged);
    findings.extend(standby.standing_in.as_ref().map(|it| silent(home, it, &standby.memory)));
    judged.judge(findings, view);
    let mut plan = Plan::default();
    view.refuse_unseen(&mut plan);
    let mut next = standby.clone();
    let notices = if standby.standing_in.is_some() {
        let notices = due(&judged, view);
        next.memory = judged;
        notices
    } else {
        ended(view, standby, &judged)
    };
    for notice in notices {
        let reason = notice.alarm.message.clone();
        plan.step(Action::Tell(notice), reason);
    }
    (plan, next)
}

fn silent(home: &Home, standing_in: &StandingIn, memory: &Memory) -> Finding {
    let StandingIn { since, why } = standing_in;
    let is_told =
        |alarm: &&OpenAlarm| alarm.told_at.is_some() && alarm.condition != Condition::HomeSilent;
    let open = memory.alarms.values().filter(is_told).count();
    Finding {
        condition: Condition::HomeSilent,
        severity: Severity::Critical,
        subject: home.region.to_string(),
        region: home.region.clone(),
        message: format!(
            "{why}; since {} the standby tells in its place ({open} other alarms are open)",
            instant(*since)
        ),
        next_step: "Look at the region's health, then into the log of alarm there.",
        policy: None,
        figures: Figures::default(),
    }
}

/// The ends of what was told from here, now that home is back.
fn ended(view: &View<'_>, standby: &Standby, judged: &Memory) -> Vec<Notice> {
    let is_whole = view.unseen.is_empty() && !view.seen.is_empty();
    let is_over = |(key, told): &(&String, &Told)| {
        told.alarm.condition == Condition::HomeSilent
            || is_whole && !holds(&standby.memory, key) && !is_open(judged, key)
    };
    let over = standby.told.iter().filter(is_over);
    let notice = |(key, told): (&String, &Told)| Notice {
        news: News::Resolved,
        key: key.clone(),
        level: told.level,
        called_in: None,
        alarm: OpenAlarm { resolved_at: Some(view.now), ..told.alarm.clone() },
        others: Vec::new(),
    };
    over.map(notice).collect()
}

fn holds(memory: &Memory, key: &str) -> bool {
    memory.alarms.contains_key(key) || memory.groups.contains_key(key)
}

fn is_open(memory: &Memory, key: &str) -> bool {
    let alarm = memory.alarms.get(key).or_else(|| memory.groups.get(key));
    alarm.is_some_and(|alarm| alarm.resolved_at.is_none())
}
