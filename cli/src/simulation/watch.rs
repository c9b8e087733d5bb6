//! The invariants, held against the account as it truly is.
//!
//! This code shares nothing with the planners: it reads the simulated account's own state, before and
//! after a run, and knows only what must never happen. The names are those of the list in DESIGN.md.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::{RdsArn, Region};
use snapkeep_policy::tags;
use snapkeep_policy::verb::Verb;
use snapkeep_world::{Database, Snapshot, World};

/// A teardown takes a few visits after the deadline.
const TEARDOWN_GRACE: SignedDuration = SignedDuration::from_hours(24);
/// What a scratch database's identifier starts with, written out here on purpose.
const SCRATCH_PREFIX: &str = "snapkeep-scratch-";

/// Watches a simulation.
pub struct Watch {
    deployment: String,
    regions: Vec<Region>,
    security_groups: BTreeSet<String>,
    violations: Vec<String>,
}

/// The account before a run.
pub struct Before {
    snapshots: BTreeMap<RdsArn, Snapshot>,
    databases: BTreeMap<RdsArn, Database>,
}

impl Watch {
    pub fn new(document: &PolicyDocument, regions: Vec<Region>) -> Self {
        let rules = document.policies.values().filter_map(|policy| policy.verify.as_ref());
        Self {
            deployment: document.deployment.to_string(),
            regions,
            security_groups: rules.flat_map(|rule| rule.security_groups.clone()).collect(),
            violations: Vec::new(),
        }
    }

    /// What must not have happened until now; there should be nothing.
    pub fn violations(self) -> Vec<String> {
        self.violations
    }

    /// The account before a run of `verb`: only what that verb could spoil.
    pub fn look(&self, world: &World, verb: Verb) -> Before {
        let deletes_snapshots = verb == Verb::Prune;
        let deletes_databases = matches!(verb, Verb::Verify | Verb::Prune);
        Before {
            snapshots: if deletes_snapshots { self.snapshots(world) } else { BTreeMap::new() },
            databases: if deletes_databases { self.databases(world) } else { BTreeMap::new() },
        }
    }

    /// Holds the account after a run of `verb` against what it was before.
    pub fn compare(&mut self, before: &Before, world: &World, verb: Verb) {
        let now = world.now();
        match verb {
            Verb::Prune => {
                let after = self.snapshots(world);
                self.check_deleted(before, &after, now);
                self.check_last_good(before, &after, now);
                self.check_slots(&after, now);
            }
            Verb::Verify => self.check_databases(before, &self.databases(world), now),
            Verb::Create | Verb::Copy | Verb::Alarm => {}
        }
    }

    /// Whether there are scratch databases anywhere.
    pub fn has_scratch(&self, world: &World) -> bool {
        self.databases(world).values().any(is_scratch)
    }

    fn snapshots(&self, world: &World) -> BTreeMap<RdsArn, Snapshot> {
        let all = self.regions.iter().flat_map(|region| world.snapshots(region));
        all.map(|snapshot| (snapshot.arn.clone(), snapshot)).collect()
    }

    fn databases(&self, world: &World) -> BTreeMap<RdsArn, Database> {
        let all = self.regions.iter().flat_map(|region| world.databases(region));
        all.map(|database| (database.arn.clone(), database)).collect()
    }

    fn broken(&mut self, invariant: &str, now: Timestamp, what: &str) {
        self.violations.push(format!("{invariant} at {now}: {what}"));
    }

    /// OwnOnly, Held, SourceHeld: what prune deleted was ours to delete, under no hold, and no copy
    /// of it was under way.
    fn check_deleted(
        &mut self,
        before: &Before,
        after: &BTreeMap<RdsArn, Snapshot>,
        now: Timestamp,
    ) {
        for (arn, snapshot) in &before.snapshots {
            let is_there = after.get(arn).is_some_and(|s| s.status != "deleting");
            if is_there || snapshot.status == "deleting" {
                continue;
            }
            if snapshot.tags.get(tags::OWNER) != Some(&self.deployment) {
                self.broken("OwnOnly", now, &format!("prune deleted {arn}, which isn't ours"));
            }
            if snapshot.tags.get(tags::HOLD).is_some_and(|hold| hold != tags::HOLD_RELEASED) {
                self.broken("Held", now, &format!("prune deleted {arn}, which was held"));
            }
            let of = arn.to_string();
            let is_source = |s: &&Snapshot| {
                s.status != "available"
                    && s.status != "failed"
                    && s.tags.get(tags::COPY_OF).is_some_and(|source| *source == of)
            };
            if let Some(copy) = before.snapshots.values().find(is_source) {
                let what = format!("prune deleted {arn} while {} was being made of it", copy.arn);
                self.broken("SourceHeld", now, &what);
            }
        }
    }

    /// LastGood: a database and region that had an available, verified recovery point still has one.
    fn check_last_good(
        &mut self,
        before: &Before,
        after: &BTreeMap<RdsArn, Snapshot>,
        now: Timestamp,
    ) {
        let is_good = |s: &&Snapshot| {
            s.status == "available" && s.tags.get(tags::VERDICT).is_some_and(|v| v == "pass")
        };
        let place = |s: &Snapshot| (s.resource_id.clone(), s.arn.region.clone());
        let good: BTreeSet<_> = before.snapshots.values().filter(is_good).map(place).collect();
        let still: BTreeSet<_> = after.values().filter(is_good).map(place).collect();
        for (resource, region) in good.difference(&still) {
            let what = format!("prune deleted the last verified one of {resource} in {region}");
            self.broken("LastGood", now, &what);
        }
    }

    /// OnePerSlot: no database has two live scheduled recovery points of a slot in a region.
    fn check_slots(&mut self, snapshots: &BTreeMap<RdsArn, Snapshot>, now: Timestamp) {
        let mut slots = BTreeSet::new();
        let live = snapshots.values().filter(|s| s.status == "available");
        for snapshot in live.filter(|s| !s.tags.contains_key(tags::REQUEST)) {
            let Some(slot) = snapshot.tags.get(tags::SLOT) else { continue };
            if !slots.insert((snapshot.resource_id.clone(), &snapshot.arn.region, slot)) {
                let what = format!("{} is a second one for slot {slot}", snapshot.arn);
                self.broken("OnePerSlot", now, &what);
            }
        }
    }

    /// ScratchOnly, ScratchSealed, ScratchDeadline: only scratch databases go, they are sealed, and
    /// none outlives its deadline by a day.
    fn check_databases(
        &mut self,
        before: &Before,
        after: &BTreeMap<RdsArn, Database>,
        now: Timestamp,
    ) {
        for (arn, database) in &before.databases {
            let is_there = after.get(arn).is_some_and(|d| d.status != "deleting");
            if !is_there && database.status != "deleting" && !is_scratch(database) {
                self.broken("ScratchOnly", now, &format!("verify deleted {arn}"));
            }
        }
        for (arn, scratch) in after.iter().filter(|(_, database)| is_scratch(database)) {
            let groups = &scratch.security_groups;
            let is_sealed = !scratch.publicly_accessible
                && !groups.is_empty()
                && groups.iter().all(|group| self.security_groups.contains(group));
            if !is_sealed && scratch.status != "deleting" {
                self.broken("ScratchSealed", now, &format!("{arn} can be reached from outside"));
            }
            let deadline = scratch.tags.get(tags::DEADLINE).and_then(|at| at.parse().ok());
            if deadline.is_some_and(|at: Timestamp| now.duration_since(at) > TEARDOWN_GRACE) {
                self.broken("ScratchDeadline", now, &format!("{arn} is a day past its deadline"));
            }
        }
    }
}

fn is_scratch(database: &Database) -> bool {
    database.id().starts_with(SCRATCH_PREFIX) && database.tags.contains_key(tags::SCRATCH)
}
