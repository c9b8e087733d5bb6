//! What alarm remembers between runs: the alarms that are open, and the recovery points it saw.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::alarm::known::{Known, KnownPoint};
use crate::alarm::life::Life;
use crate::alarm::pace::Pace;
use crate::alarm::{Condition, Failures, Figures, Finding, News, Notice};
use crate::document::Severity;
use crate::ids::{RdsArn, Region};
use crate::verb::Verb;
use crate::view::View;

/// A recovery point that vanished is reported for this long; it won't come back.
const VANISHED_REPORTED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Keys that have ended are remembered for a day, to see whether they flap, but no more of them.
const ENDED_MAX: usize = 5_000;

/// The state of alarm, stored as one JSON object that two runs can't write over each other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Open alarms, and resolved ones whose end wasn't told yet, by key.
    pub alarms: BTreeMap<String, OpenAlarm>,
    /// Recovery points that were available at the last look, and those that vanished of late.
    pub known: Known,
    /// How far each alarm and group was told, by key. Those that ended stay for a day.
    #[serde(default)]
    pub lives: BTreeMap<String, Life>,
    /// Groups of many alike, by key, each as the worst of its members; and those whose end wasn't told
    /// yet.
    #[serde(default)]
    pub groups: BTreeMap<String, OpenAlarm>,
    /// How long snapshots and copies took, by source, and by source and region.
    #[serde(default)]
    pub paces: BTreeMap<String, Pace>,
    /// When alarm last looked.
    #[serde(default)]
    pub looked_at: Option<Timestamp>,
    /// Runs that failed of late, by verb.
    #[serde(default)]
    pub failed: BTreeMap<Verb, Failures>,
    /// Messages of failed runs that were counted, by SQS's id, and when they were last received.
    #[serde(default)]
    pub counted: BTreeMap<String, Timestamp>,
}

/// An alarm and how far its story was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAlarm {
    /// What is wrong.
    pub condition: Condition,
    /// How urgent.
    pub severity: Severity,
    /// With what.
    pub subject: String,
    /// Where.
    pub region: Region,
    /// As of the last look.
    pub message: String,
    /// What to do about it.
    pub next_step: String,
    /// When it was first found.
    pub opened_at: Timestamp,
    /// When it was last delivered, if it ever was.
    pub told_at: Option<Timestamp>,
    /// When it was found to be over.
    pub resolved_at: Option<Timestamp>,
    /// As of the look that last found it.
    #[serde(default, skip_serializing_if = "Figures::is_empty")]
    pub figures: Figures,
}

impl Memory {
    /// Notes that `notice` was delivered. What is resolved and told is forgotten.
    pub fn told(&mut self, notice: &Notice, now: Timestamp) {
        let key = &notice.key;
        let is_group = self.groups.contains_key(key);
        let alarms = if is_group { &mut self.groups } else { &mut self.alarms };
        let (Some(alarm), Some(life)) = (alarms.get_mut(key), self.lives.get_mut(key)) else {
            return;
        };
        if notice.news == News::Resolved {
            alarms.remove(key);
            life.end();
            return;
        }
        life.told(alarm, notice.level, now);
        if is_group {
            let lives = &self.lives;
            let is_member =
                |own: &String| lives.get(own).is_some_and(|life| life.group.as_ref() == Some(key));
            let members = self.alarms.iter_mut().filter(|(own, _)| is_member(own));
            members.for_each(|(_, member)| member.told_at = Some(now));
        }
    }

    /// Recovery points that were there at the last look and aren't now, in the regions that were seen:
    /// gone, or replaced by another of the same name. What vanished before isn't asked for again, and
    /// what was merely tampered with is still there.
    #[must_use]
    pub fn missing(&self, view: &View<'_>) -> BTreeSet<RdsArn> {
        self.known.missing(view)
    }

    /// Takes note of the recovery points that are there, and of those that are gone without having
    /// been `pruned`. Where nobody knows what was, those that are gone stay as they were.
    pub(super) fn look(&mut self, view: &View<'_>, pruned: Option<&BTreeSet<RdsArn>>) {
        if let Some(pruned) = pruned {
            self.note(view, pruned);
            return;
        }
        let missing = self.missing(view);
        let mut doubtful = self.known.clone();
        doubtful.retain(|arn, _| missing.contains(arn));
        self.note(view, &missing);
        self.known.extend(doubtful);
    }

    fn note(&mut self, view: &View<'_>, pruned: &BTreeSet<RdsArn>) {
        self.recover(view.now);
        self.time(view);
        let missing = self.missing(view);
        let is_over = |point: &KnownPoint| {
            point.vanished_at.is_some_and(|at| view.now.duration_since(at) >= VANISHED_REPORTED)
        };
        if !missing.is_empty() || self.known.vanished().next().is_some() {
            self.known.retain(|arn, point| {
                let is_missing = missing.contains(arn);
                if is_missing {
                    point.vanished_at = Some(view.now);
                }
                !(is_over(point) || is_missing && pruned.contains(arn))
            });
        }
        self.known.look(view);
    }

    /// Opens, keeps and resolves alarms by what was found.
    pub(super) fn judge(&mut self, findings: Vec<Finding>, view: &View<'_>) {
        let deployment = &view.document.deployment;
        for (key, alarm) in &self.alarms {
            self.lives.entry(key.clone()).or_insert_with(|| Life::of(alarm));
        }
        let mut lasting = BTreeSet::new();
        for finding in findings {
            let Finding { condition, severity, subject, region, message, next_step, .. } = finding;
            let key = format!("{deployment}/{region}/{}/{subject}", condition.as_str());
            let alarm = self.alarms.entry(key.clone()).or_insert_with(|| OpenAlarm {
                condition,
                severity,
                subject,
                region,
                message: String::new(),
                next_step: String::new(),
                opened_at: view.now,
                told_at: None,
                resolved_at: None,
                figures: Figures::default(),
            });
            alarm.severity = severity;
            alarm.message = message;
            alarm.next_step = next_step.to_owned();
            alarm.figures = finding.figures;
            let life = self.lives.entry(key.clone()).or_default();
            life.policy = finding.policy;
            life.found(alarm, view.now);
            lasting.insert(key);
        }
        if view.unseen.is_empty() && !view.seen.is_empty() {
            for (key, alarm) in self.alarms.iter_mut().filter(|(key, _)| !lasting.contains(*key)) {
                self.lives.entry(key.clone()).or_default().gone(alarm, view.now);
            }
        }
        self.forget(view.now);
        self.regroup(view);
    }

    /// What was found and gone before anybody heard of it, and lives that ended long ago.
    fn forget(&mut self, now: Timestamp) {
        let Self { alarms, lives, groups, .. } = self;
        let is_gone = |key: &String| lives.get(key).is_some_and(|life| life.gone_since.is_some());
        alarms.retain(|key, alarm| alarm.told_at.is_some() || !is_gone(key));
        let is_open = |key: &String| alarms.contains_key(key) || groups.contains_key(key);
        lives.retain(|key, life| is_open(key) || !life.is_past(now));
        let mut ended: Vec<_> = lives.iter().filter(|(key, _)| !is_open(key)).collect();
        ended.sort_by_key(|(_, life)| life.gone_since);
        let surplus = ended.len().saturating_sub(ENDED_MAX);
        let oldest: Vec<String> =
            ended.iter().take(surplus).map(|(key, _)| (*key).clone()).collect();
        for key in oldest {
            lives.remove(&key);
        }
    }
}
