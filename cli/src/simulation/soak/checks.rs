//! The invariants about the account, held after every call by ground truth.
//!
//! Nothing here asks the planners, nor reads what the functions say of themselves: the simulated account
//! shows every call and what it changed. Which snapshots are the deployment's own is known by who made
//! them, not by their tags; what retention keeps is [`super::gfs`]'s.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use snapkeep_policy::ids::{RdsArn, Region};
use snapkeep_policy::tags;
use snapkeep_policy::verb::Verb;
use snapkeep_world::{Database, Seen, Snapshot, Truth, Witness};

use super::gfs::{Keep, Point};
use super::outcome::Violation;
use super::small::{DEPLOYMENT, HOME, SEALED_GROUP, Small};

/// A run makes fewer calls than this: two regions of small lists, and a few deeds.
const CALLS_A_RUN_MAX: u64 = 400;
/// A copy is given up after this: see the policy of [`Small`].
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(3);
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

/// The recovery points that have one retention: of a source, in a region, originals or copies.
type Group = (String, Region, bool);

/// What a call that has come in would delete, and what that would break.
struct Doomed {
    arn: RdsArn,
    broken: Vec<(&'static str, String)>,
    group: Option<(Group, usize)>,
    good: BTreeSet<(String, Region)>,
}

impl Checks {
    pub fn new(small: &Small) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            small: small.clone(),
            verb: Verb::Create,
            made: BTreeSet::new(),
            answered: BTreeSet::new(),
            run: Run::default(),
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

    /// What the deletion of a snapshot would break.
    fn doom_snapshot(&self, call: &Seen<'_>, name: &str, truth: Truth<'_>) -> Option<Doomed> {
        let id = call.param(name)?;
        let mut here = truth.snapshots().filter(|it| it.arn.region == call.place.region);
        let it = here.find(|it| it.arn.id == id && it.arn.account == call.place.account)?;
        let mut broken = Vec::new();
        if self.verb != Verb::Prune {
            broken.push(("OwnOnly", format!("{} deletes a snapshot", self.verb)));
        }
        if !self.made.contains(&it.serial) || tag(it, tags::OWNER) != Some(DEPLOYMENT) {
            broken.push(("OwnOnly", "it isn't the deployment's own".to_owned()));
        }
        if tag(it, tags::HOLD).is_some_and(|hold| hold != tags::HOLD_RELEASED) {
            broken.push(("Held", "it is under hold".to_owned()));
        }
        let is_copy_of = |other: &&Snapshot| {
            other.status == "copying" && other.source_arn.as_ref() == Some(&it.arn)
        };
        if let Some(copy) = truth.snapshots().find(is_copy_of) {
            broken.push(("SourceHeld", format!("{} is being made of it", copy.arn)));
        }
        let unseen = self.run.lists.iter().find(|(_, whole)| !**whole && !self.run.is_double);
        if let Some(((list, region), _)) = unseen {
            broken.push(("Doubt", format!("{list} of {region} was not answered to its end")));
        }
        if self.run.clock_is_off {
            broken.push(("Doubt", "clocks are apart".to_owned()));
        }
        let group = self.group_of(it);
        let points = self.points(&group, truth);
        let managed = points.len();
        if let Some(why) = self.why_kept(it, &group, &points, truth) {
            broken.push(("Justified", why));
        }
        let retained = (it.status == "available").then_some((group, managed));
        Some(Doomed { arn: it.arn.clone(), broken, group: retained, good: good(truth) })
    }

    fn group_of(&self, it: &Snapshot) -> Group {
        let is_copy = it.tags.contains_key(tags::COPY_OF);
        (it.resource_id.clone(), it.arn.region.clone(), is_copy)
    }

    /// The recovery points of a group, as retention would see them.
    fn points(&self, group: &Group, truth: Truth<'_>) -> Vec<Point> {
        let now = truth.now();
        let is_ours = |it: &&Snapshot| {
            self.made.contains(&it.serial)
                && tag(it, tags::OWNER) == Some(DEPLOYMENT)
                && self.group_of(it) == *group
                && it.visible_from <= now
        };
        let restored: BTreeSet<&str> = truth
            .databases()
            .filter_map(|it| it.tags.get(tags::SCRATCH_OF))
            .map(String::as_str)
            .collect();
        let sources: BTreeSet<&RdsArn> = truth
            .snapshots()
            .filter(|it| it.status == "copying")
            .filter_map(|it| it.source_arn.as_ref())
            .collect();
        let point = |it: &Snapshot| {
            let taken_at: Timestamp = tag(it, tags::SLOT)?.parse().ok()?;
            let verdict = tag(it, tags::VERDICT);
            let at = tag(it, tags::VERDICT_AT).and_then(|at| at.parse().ok());
            let in_use =
                restored.contains(it.arn.to_string().as_str()) || sources.contains(&it.arn);
            Some(Point {
                taken_at,
                id: it.arn.id.clone(),
                verified: verdict == Some("pass") && at.is_some(),
                failed_at: at.filter(|_| verdict == Some("fail")),
                held: tag(it, tags::HOLD).is_some_and(|hold| hold != tags::HOLD_RELEASED),
                counts: it.status == "available"
                    && taken_at <= now + SignedDuration::from_mins(5)
                    && !in_use,
            })
        };
        truth.snapshots().filter(is_ours).filter_map(point).collect()
    }

    fn keep(&self, group: &Group) -> Option<&Keep> {
        if group.2 { self.small.keep_away.as_ref() } else { Some(&self.small.keep) }
    }

    /// Why it may not go, by the reference; what never became a recovery point may go once a good one
    /// stands in its place, and a copy too that is given up.
    fn why_kept(
        &self,
        it: &Snapshot,
        group: &Group,
        points: &[Point],
        truth: Truth<'_>,
    ) -> Option<String> {
        match it.status.as_str() {
            "available" => {}
            "failed" => return None,
            "copying" if truth.now().duration_since(it.requested_at) >= GIVEN_UP => return None,
            other => return Some(format!("it is {other}")),
        }
        // A list that shows the past isn't what there is: only what it can't excuse is held against it.
        if self.run.shows_the_past {
            return None;
        }
        let keep = self.keep(group)?;
        let kept = keep.kept(points, &self.small.zone);
        kept.contains(&it.arn.id).then(|| "retention keeps it".to_owned())
    }

    fn judge_deletion(&mut self, doomed: Doomed, truth: Truth<'_>) {
        let now = truth.now();
        let Doomed { arn, broken, group, good } = doomed;
        let is_there = truth.snapshots().any(|it| it.arn == arn && it.status != "deleting")
            || truth.databases().any(|it| it.arn == arn && it.status != "deleting");
        if is_there {
            return;
        }
        for (invariant, what) in broken {
            self.broken(invariant, now, &format!("{arn} was deleted: {what}"));
        }
        let after = self::good(truth);
        let shows_the_past = self.run.shows_the_past;
        for (source, region) in good.difference(&after).filter(|_| !shows_the_past) {
            let what = format!("{arn} was the last proven one of {source} in {region}");
            self.broken("LastGood", now, &what);
        }
        if let Some((group, managed)) = group {
            let (first, gone) = self.run.deleted.entry(group).or_insert((managed, 0));
            *gone += 1;
            let (first, gone) = (*first, *gone);
            if gone > 3.max(first.div_ceil(4)) {
                self.broken("Cap", now, &format!("{gone} of {first} went at once, {arn} last"));
            }
        }
    }

    fn note_made(&mut self, call: &Seen<'_>, truth: Truth<'_>) {
        let names = [
            "DBSnapshotIdentifier",
            "DBClusterSnapshotIdentifier",
            "TargetDBSnapshotIdentifier",
            "TargetDBClusterSnapshotIdentifier",
        ];
        let Some(id) = names.iter().find_map(|name| call.param(name)) else { return };
        let now = truth.now();
        let here = |it: &&Snapshot| {
            it.arn.id == id && it.arn.region == call.place.region && it.requested_at == now
        };
        // A stranger's of the same name bears no tags of ours, whenever it was made.
        let made = truth.snapshots().filter(here).find(|it| tag(it, tags::OWNER).is_some());
        self.made.extend(made.map(|it| it.serial));
    }

    /// VerifiedTrue: who is called proven was restored, was reached and has answered.
    fn check_verdict(&mut self, call: &Seen<'_>, truth: Truth<'_>) {
        let Some(arn) = call.param("ResourceName").and_then(|arn| arn.parse::<RdsArn>().ok())
        else {
            return;
        };
        let says_pass =
            truth.snapshots().any(|it| it.arn == arn && tag(it, tags::VERDICT) == Some("pass"));
        let is_proven = self.answered.contains(&arn);
        if says_pass && !is_proven {
            self.broken("VerifiedTrue", truth.now(), &format!("{arn} is called proven and isn't"));
        }
    }

    /// AlarmHonest: nothing is found to be over on half a picture of its region. What was found so
    /// earlier may still be told.
    fn check_told(&mut self, call: &Seen<'_>, truth: Truth<'_>) {
        let told =
            call.param("Message").and_then(|body| serde_json::from_str::<Published>(body).ok());
        let Some(Published { snapkeep: told }) = told else { return };
        let is_unseen = |((_, region), whole): &(&(String, Region), &bool)| {
            !**whole && region.as_str() == told.region
        };
        let unseen = self.run.lists.iter().find(is_unseen).map(|((list, _), _)| list.clone());
        let is_new = told.resolved_at == Some(truth.now()) && !self.run.is_double;
        if let (true, Some(list)) = (is_new, unseen) {
            let (condition, region) = (&told.condition, &told.region);
            let what =
                format!("{condition} was called over though {list} of {region} had no answer");
            self.broken("AlarmHonest", truth.now(), &what);
        }
    }

    /// OnePerSlot: of what the functions made, one is live for each source, slot, region and class.
    fn check_slots(&mut self, truth: Truth<'_>) {
        let mut seen = BTreeSet::new();
        let mut second = None;
        for it in truth.snapshots().filter(|it| it.status == "available" || it.status == "creating")
        {
            let Some(slot) = tag(it, tags::SLOT).filter(|_| self.made.contains(&it.serial)) else {
                continue;
            };
            if !seen.insert((&it.resource_id, &it.arn.region, slot)) {
                second = Some(format!("{} is a second one for slot {slot}", it.arn));
            }
        }
        if let Some(what) = second {
            self.broken("OnePerSlot", truth.now(), &what);
        }
    }

    /// ScratchSealed: nothing that was restored can be reached from outside, or passes for production.
    fn check_scratch(&mut self, truth: Truth<'_>) {
        let mut open = None;
        for it in truth.databases().filter(|it| is_scratch(it) && it.status != "deleting") {
            let groups = &it.security_groups;
            if it.publicly_accessible || groups.iter().any(|group| group != SEALED_GROUP) {
                open = Some(format!("{} can be reached from outside", it.arn));
            }
            if it.tags.contains_key(tags::POLICY) && !it.tags.contains_key(tags::SCRATCH) {
                open = Some(format!("{} passes for production", it.arn));
            }
        }
        if let Some(what) = open {
            self.broken("ScratchSealed", truth.now(), &what);
        }
    }
}

/// What is read of a published message.
#[derive(Deserialize)]
struct Published {
    snapkeep: Told,
}

#[derive(Deserialize)]
struct Told {
    condition: String,
    region: String,
    resolved_at: Option<Timestamp>,
}

/// ScratchOnly: what the deletion of a database would break.
fn doom_database(call: &Seen<'_>, name: &str, truth: Truth<'_>) -> Option<Doomed> {
    let id = call.param(name)?;
    let here = |it: &&Database| it.arn.id == id && it.arn.region == call.place.region;
    let it = truth.databases().filter(here).find(|it| it.arn.account == call.place.account)?;
    let member = it.member_of.as_deref().is_some_and(|of| of.starts_with(SCRATCH_PREFIX));
    let mut broken = Vec::new();
    if !(is_scratch(it) || member && id.starts_with(SCRATCH_PREFIX)) {
        broken.push(("ScratchOnly", "it is no scratch database".to_owned()));
    }
    Some(Doomed { arn: it.arn.clone(), broken, group: None, good: BTreeSet::new() })
}

/// Where there is an available, proven recovery point whose key works.
fn good(truth: Truth<'_>) -> BTreeSet<(String, Region)> {
    let is_good = |it: &&Snapshot| {
        it.status == "available"
            && tag(it, tags::VERDICT) == Some("pass")
            && it.kms_key.as_deref().is_none_or(|key| truth.is_enabled(key))
    };
    let place = |it: &Snapshot| (it.resource_id.clone(), it.arn.region.clone());
    truth.snapshots().filter(is_good).map(place).collect()
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
    it.tags.get(key).map(String::as_str)
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
