//! The invariants about the account, held after every call by ground truth.
//!
//! Nothing here asks the planners, nor reads what the functions say of themselves: the simulated account
//! shows every call and what it changed. Which snapshots are the deployment's own is known by who made
//! them, not by their tags; what retention keeps is [`super::gfs`]'s. [`deletions`] judges what goes and
//! [`states`] what there is.

mod deletions;
mod states;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use snapkeep_policy::ids::{RdsArn, Region};
use snapkeep_policy::tags;
use snapkeep_policy::verb::Verb;
use snapkeep_world::{Database, Seen, Snapshot, Truth, Witness};

use self::deletions::{Doomed, Group, doom_database};
use super::outcome::Violation;
use super::small::{HOME, Small};

/// A run makes fewer calls than this: two regions of small lists, and a few deeds.
const CALLS_A_RUN_MAX: u64 = 400;
const SCRATCH_PREFIX: &str = "snapkeep-scratch-";

/// What was seen so far; shared between the world, which shows it, and the run, which asks.
#[derive(Clone)]
pub struct Checks(Arc<Mutex<Inner>>);

struct Inner {
    small: Small,
    verb: Verb,
    /// What the functions made themselves.
    made: BTreeSet<u64>,
    /// Recovery points of which a restored database was reached and answered.
    answered: BTreeSet<RdsArn>,
    run: Run,
    /// Calls so far, and the numbers of those that were to change something.
    calls: u64,
    changes: Vec<u64>,
    /// Every password that was set.
    passwords: BTreeSet<String>,
    doomed: Option<Doomed>,
    violations: Vec<Violation>,
}

/// What a run has done so far.
#[derive(Default)]
struct Run {
    calls: u64,
    struck_before: usize,
    /// Whether the last answer to each list, in each region, was whole.
    lists: BTreeMap<(String, Region), bool>,
    /// What was there when the run began to delete, and what went, by group.
    deleted: BTreeMap<Group, (usize, usize)>,
    shows_the_past: bool,
    clock_is_off: bool,
    /// Two runs at once: whose list was not answered is not told apart.
    is_double: bool,
}

impl Checks {
    pub fn new(small: &Small) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            small: small.clone(),
            verb: Verb::Create,
            made: BTreeSet::new(),
            answered: BTreeSet::new(),
            run: Run::default(),
            calls: 0,
            changes: Vec::new(),
            passwords: BTreeSet::new(),
            doomed: None,
            violations: Vec::new(),
        })))
    }

    /// For [`snapkeep_world::World::watch`].
    pub fn witness(&self) -> Box<dyn Witness> {
        Box::new(self.clone())
    }

    /// A run of `verb` begins, when so many faults have struck.
    pub fn begin(&self, verb: Verb, struck_before: usize) {
        let mut inner = self.inner();
        inner.verb = verb;
        inner.run = Run { struck_before, ..Run::default() };
    }

    /// Two runs of `verb` begin at once.
    pub fn begin_double(&self, verb: Verb, struck_before: usize) {
        self.begin(verb, struck_before);
        self.inner().run.is_double = true;
    }

    /// A restored database was reached, with the right password, and told all it holds.
    pub fn answered(&self, of: RdsArn) {
        self.inner().answered.insert(of);
    }

    /// Which of the calls that were watched were to change something; the first of all is 1.
    pub fn changes(&self) -> Vec<u64> {
        self.inner().changes.clone()
    }

    /// Every password that was set, as it went over the wire.
    pub fn passwords(&self) -> BTreeSet<String> {
        self.inner().passwords.clone()
    }

    pub fn violations(&self) -> Vec<Violation> {
        self.inner().violations.clone()
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Witness for Checks {
    fn before(&mut self, call: &Seen<'_>, truth: Truth<'_>) {
        self.inner().before(call, truth);
    }

    fn after(&mut self, call: &Seen<'_>, answered: bool, truth: Truth<'_>) {
        self.inner().after(call, answered, truth);
    }
}

impl Inner {
    fn broken(&mut self, invariant: &str, now: Timestamp, what: &str) {
        let violation =
            Violation { invariant: invariant.to_owned(), at: now, what: what.to_owned() };
        if !self.violations.iter().any(|known| known.is_like(&violation)) {
            self.violations.push(violation);
        }
    }

    fn before(&mut self, call: &Seen<'_>, truth: Truth<'_>) {
        self.run.calls += 1;
        self.calls += 1;
        if is_change(call.operation) {
            self.changes.push(self.calls);
        }
        self.passwords.extend(call.param("MasterUserPassword").map(str::to_owned));
        self.doomed = match call.operation {
            "rds:DeleteDBSnapshot" => self.doom_snapshot(call, "DBSnapshotIdentifier", truth),
            "rds:DeleteDBClusterSnapshot" => {
                self.doom_snapshot(call, "DBClusterSnapshotIdentifier", truth)
            }
            "rds:DeleteDBInstance" => doom_database(call, "DBInstanceIdentifier", truth),
            "rds:DeleteDBCluster" => doom_database(call, "DBClusterIdentifier", truth),
            _ => None,
        };
    }

    fn after(&mut self, call: &Seen<'_>, answered: bool, truth: Truth<'_>) {
        let now = truth.now();
        if let Some(doomed) = self.doomed.take() {
            self.judge_deletion(doomed, truth);
        }
        match call.operation {
            "rds:CreateDBSnapshot"
            | "rds:CreateDBClusterSnapshot"
            | "rds:CopyDBSnapshot"
            | "rds:CopyDBClusterSnapshot" => self.note_made(call, truth),
            "rds:AddTagsToResource" => self.check_verdict(call, truth),
            "sns:Publish" => self.check_told(call, truth),
            list if list.starts_with("rds:Describe") && !is_single(call) => {
                self.run.lists.insert((list.to_owned(), call.place.region.clone()), answered);
            }
            _ => {}
        }
        for struck in truth.occurrences().iter().skip(self.run.struck_before) {
            self.run.shows_the_past |= struck.kind == "stale";
            // Those of a seed are twenty minutes, and five are the most that prune may take.
            self.run.clock_is_off |= struck.kind == "clock-skew";
        }
        self.check_slots(truth);
        self.check_scratch(truth);
        if self.run.calls == CALLS_A_RUN_MAX {
            self.broken("Bounded", now, &format!("a run of {} makes no end of calls", self.verb));
        }
    }
}

/// Whether a call is no mere look.
fn is_change(operation: &str) -> bool {
    let (_, name) = operation.split_once(':').unwrap_or(("", operation));
    !["Describe", "Get", "Head", "List"].iter().any(|look| name.starts_with(look))
}

/// A look at one thing, such as the last one before a delete, is no list.
fn is_single(call: &Seen<'_>) -> bool {
    call.operation == "rds:DescribeAccountAttributes"
        || call.operation == "rds:DescribeDBEngineVersions"
        || ["DBSnapshotIdentifier", "DBClusterSnapshotIdentifier", "DBInstanceIdentifier"]
            .iter()
            .any(|name| call.param(name).is_some())
}

fn tag<'s>(it: &'s Snapshot, key: &str) -> Option<&'s str> {
    it.tags.get(key)
}

fn is_held(it: &Snapshot) -> bool {
    tag(it, tags::HOLD).is_some_and(|hold| hold != tags::HOLD_RELEASED)
}

/// By prefix and tag, both written by verify and by nobody else.
pub fn is_scratch(it: &Database) -> bool {
    it.arn.id.starts_with(SCRATCH_PREFIX) && it.tags.contains_key(tags::SCRATCH)
}

/// The databases that are to be backed up.
pub fn is_source(it: &Database) -> bool {
    it.arn.region.as_str() == HOME
        && it.arn.account.as_str() == "123456789012"
        && it.tags.get(tags::POLICY).is_some_and(|tag| tag == "kept")
        && !it.arn.id.starts_with(SCRATCH_PREFIX)
}
