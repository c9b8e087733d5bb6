//! Many alarms that are alike, told as one.
//!
//! Of a condition and a severity, at most ten alarms are told under their own keys. Once that would be
//! more, those that nobody has heard of join the group of their kind, and so do all that come while it
//! is open. A group has a key and a life of its own, by the same rules as an alarm: it opens, is
//! reminded of and escalated as one, and is told again as soon as others have joined, at most once a
//! look. Its members are never told under their own keys, so that whoever heard of the group has one
//! key to close: a member that ends just leaves, and when the last has left the group ends, with one
//! OK. A member whose severity changes leaves as well, and is news in its new kind. An alarm that was
//! told under its own key never joins: somebody waits for that key's OK.
//!
//! A group that flaps is damped like an alarm. Nothing here depends on what was delivered but what
//! [`Memory::told`] noted, so a group that couldn't be told is told at the next look, by then with
//! whatever it has for members.

use std::collections::BTreeMap;

use crate::alarm::{Condition, Memory, OpenAlarm};
use crate::document::Severity;
use crate::ids::Deployment;
use crate::view::View;

/// Alarms of one condition and severity that are told under their own keys.
pub const ALONE_MAX: usize = 10;

/// Those of one condition and severity.
#[derive(Default)]
struct Kind {
    /// Were told under their own keys.
    alone: usize,
    /// Nobody has heard of them, and they are in no group.
    fresh: Vec<String>,
}

fn key(deployment: &Deployment, condition: Condition, severity: &Severity) -> String {
    format!("{deployment}/many/{}/{}", condition.as_str(), severity.as_str())
}

impl Memory {
    /// Lets alarms leave and join groups, and opens, keeps and ends these.
    pub(super) fn regroup(&mut self, view: &View<'_>) {
        self.leave(&view.document.deployment);
        self.join(&view.document.deployment);
        let members = self.members();
        for (key, members) in &members {
            let Some(worst) = members.first() else { continue };
            let policy = self.lives.get(worst).and_then(|life| life.policy.clone());
            let Some(worst) = self.alarms.get(worst) else { continue };
            let group = self.groups.entry(key.clone()).or_insert_with(|| worst.clone());
            *group =
                OpenAlarm { opened_at: group.opened_at, told_at: group.told_at, ..worst.clone() };
            let life = self.lives.entry(key.clone()).or_default();
            life.policy = policy;
            life.found(group, view.now);
        }
        for (key, group) in self.groups.iter_mut().filter(|(key, _)| !members.contains_key(*key)) {
            self.lives.entry(key.clone()).or_default().gone(group, view.now);
        }
        self.groups.retain(|key, group| group.told_at.is_some() || members.contains_key(key));
    }

    /// The keys of the members of each group that has any, the worst first: those that last longest.
    pub(super) fn members(&self) -> BTreeMap<String, Vec<String>> {
        let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for key in self.alarms.keys() {
            if let Some(group) = self.lives.get(key).and_then(|life| life.group.clone()) {
                members.entry(group).or_default().push(key.clone());
            }
        }
        for keys in members.values_mut() {
            keys.sort_by_cached_key(|key| {
                (self.alarms.get(key).map(|alarm| alarm.opened_at), key.clone())
            });
        }
        members
    }

    /// Members that ended, and those that are of another kind by now.
    fn leave(&mut self, deployment: &Deployment) {
        let lives = &mut self.lives;
        self.alarms.retain(|own, alarm| {
            let life = lives.entry(own.clone()).or_default();
            let Some(group) = &life.group else { return true };
            if alarm.resolved_at.is_some() {
                life.end();
                return false;
            }
            if *group != key(deployment, alarm.condition, &alarm.severity) {
                alarm.told_at = None;
                life.end();
            }
            true
        });
    }

    fn join(&mut self, deployment: &Deployment) {
        let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
        for (own, alarm) in &self.alarms {
            if self.lives.get(own).is_some_and(|life| life.group.is_some()) {
                continue;
            }
            let kind = kinds.entry(key(deployment, alarm.condition, &alarm.severity)).or_default();
            match alarm.told_at {
                Some(_) => kind.alone += 1,
                None => kind.fresh.push(own.clone()),
            }
        }
        for (group, Kind { alone, fresh }) in kinds {
            if !self.groups.contains_key(&group) && alone + fresh.len() <= ALONE_MAX {
                continue;
            }
            for own in fresh {
                self.lives.entry(own).or_default().group = Some(group.clone());
            }
        }
    }
}
