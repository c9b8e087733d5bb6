//! copy: each finished recovery point into each region where the policy wants it.
//!
//! A recovery point is wanted in a region if the region's retention would keep it there, judged over
//! the copies that exist and the originals that could be copied. A rule that is new therefore brings
//! over what it would keep and no more, and a copy that retention let go is not made again: whatever
//! is kept among more recovery points is kept among fewer. (One that failed its verification is, once
//! its quarantine is over: its original may be sound.)
//!
//! AWS limits the copies in flight into a region; the oldest go first and the rest wait their turn.
//! A copy that is under way for too long is given up and made anew under another identifier; prune
//! cancels the old one once its successor is there, or when it takes up the place of all others.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::budget::keep_within;
use crate::create::{Room, next_attempt};
use crate::document::CopyRule;
use crate::ids::{RdsArn, Region, ResourceId, Slot, recovery_point_id};
use crate::inventory::{Engine, Shape, Status};
use crate::plan::{About, Describe, Line, Plan, RefusalCode, instant};
use crate::recovery_point::{Origin, Outcome, RecoveryPoint};
use crate::request::Request;
use crate::retention::{self, Fate, Point, Verified};
use crate::tags::{self, Tags};
use crate::verb::Verb;
use crate::view::View;

/// What copy does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Copy a snapshot into another region. AWS wants the call made in the destination.
    CopySnapshot {
        /// The snapshot, in its own region.
        source: RdsArn,
        /// Of a cluster or of an instance.
        shape: Shape,
        /// What ran in it.
        engine: Engine,
        /// The database, for the reader.
        database: RdsArn,
        /// Where to.
        destination: Region,
        /// Under this identifier there.
        snapshot_id: String,
        /// Whether the source is encrypted: then a key is needed and the request is presigned.
        encrypted: bool,
        /// Key in the destination; always there when `encrypted`.
        kms_key: Option<String>,
        /// Option group in the destination, if the instance needs one.
        option_group: Option<String>,
        /// All tags of the copy: supplied tags make AWS ignore `CopyTags`.
        tags: Tags,
    },
}

impl Describe for Action {
    fn line(&self, reason: &str) -> Line {
        let Self::CopySnapshot { database, destination, snapshot_id, .. } = self;
        Line {
            verb: "copy",
            action: "copy",
            id: snapshot_id.clone(),
            database: database.id.clone(),
            region: destination.clone(),
            reason: reason.to_owned(),
        }
    }
}

/// Decides which copies to start now. In a shard, places in the queues are dealt out to the whole fleet.
#[must_use]
pub fn plan(view: &View<'_>, request: &Request) -> Plan<Action> {
    let mut plan = Plan::default();
    view.refuse_unseen(&mut plan);
    view.refuse_unknown(request.database.as_ref(), &mut plan);
    let mut missing = Vec::new();
    let mut of_other_shards = Plan::default();
    for (source, points) in view.sources() {
        let Some(newest) = points.first() else { continue };
        let plan = if view.is_mine(source.as_str()) { &mut plan } else { &mut of_other_shards };
        let policy = match view.custody(source).to_copy() {
            Ok(policy) => policy,
            Err(why) => {
                plan.note(&newest.database.id, format!("is not copied: {why}"));
                continue;
            }
        };
        for rule in policy.copies.iter().filter(|rule| view.seen.contains_key(&rule.region)) {
            let copies = Copies::of(view, source, rule);
            missing.extend(copies.missing().map(|point| (point, rule, copies.lost(point))));
        }
    }
    missing.sort_by_key(|(point, rule, _)| (point.taken_at, &point.snapshot.arn, &rule.region));
    let mut queues = Queues::of(view);
    let mut room = Room::of(view);
    for (point, rule, lost) in missing {
        let is_mine = view.is_mine(point.source.as_str());
        let plan = if is_mine { &mut plan } else { &mut of_other_shards };
        start(view, point, rule, &lost, &mut queues, &mut room, plan);
    }
    keep_within(&mut plan, Verb::Copy);
    plan
}

fn start(
    view: &View<'_>,
    point: &RecoveryPoint<'_>,
    rule: &CopyRule,
    lost: &[&str],
    queues: &mut Queues,
    room: &mut Room<'_, '_>,
    plan: &mut Plan<Action>,
) {
    let (id, region, shape) = (point.snapshot.id(), &rule.region, point.shape());
    let database = &point.database.id;
    let about = || About::database(database, region);
    let deployment = &view.document.deployment;
    let id_of =
        |attempt| recovery_point_id(deployment, database, &point.source, &point.slot, attempt);
    let Some(snapshot_id) = next_attempt(lost, id_of) else {
        let (attempts, advice) =
            (lost.len(), "look at its events in RDS, then delete the failed ones by hand");
        let message = format!("{id}: {attempts} copies into {region} came to nothing: {advice}");
        return plan.refuse(RefusalCode::AttemptsExhausted, about(), message);
    };
    if point.snapshot.encrypted && rule.kms_key.is_none() {
        let message = format!("{id} is encrypted: name a kms_key of {region} in the policy");
        return plan.refuse(RefusalCode::KeyUnusable, about(), message);
    }
    if room.is_taken(region, shape, &snapshot_id) {
        let message =
            format!("{snapshot_id} in {region} isn't the copy it should be: look at its tags");
        return plan.refuse(RefusalCode::IdTaken, about(), message);
    }
    if let Err(queued) = queues.take(region, shape) {
        return plan.note(id, queued);
    }
    if let Err(full) = room.take(region, shape) {
        return plan.refuse(RefusalCode::QuotaExhausted, about(), format!("{id}: {full}"));
    }
    // A key on the copy of an unencrypted cluster snapshot is an error; on an instance's it encrypts.
    // Source: CopyDBClusterSnapshot and CopyDBSnapshot, KmsKeyId, RDS API reference.
    let takes_key = point.snapshot.encrypted || shape == Shape::Instance;
    let action = Action::CopySnapshot {
        source: point.snapshot.arn.clone(),
        shape,
        engine: point.snapshot.engine,
        database: RdsArn::clone(&point.database),
        destination: region.clone(),
        snapshot_id,
        encrypted: point.snapshot.encrypted,
        kms_key: rule.kms_key.clone().filter(|_| takes_key),
        option_group: rule.option_group.clone(),
        tags: tags_of_copy(point, view.now),
    };
    plan.step(action, format!("slot {} has no copy in {region}", instant(point.taken_at)));
}

/// The original's tags, less what was said about that very snapshot.
fn tags_of_copy(point: &RecoveryPoint<'_>, now: Timestamp) -> Tags {
    let mut copied = point.snapshot.tags.clone();
    copied.retain(|key, _| !key.starts_with("aws:") && !tags::OF_VERDICT.contains(&key));
    copied.insert(tags::COPY_OF.to_owned(), point.snapshot.arn.to_string());
    copied.insert(tags::STARTED.to_owned(), now.to_string());
    copied
}

/// The copies of one source that one rule wants, as they stand.
pub(crate) struct Copies<'v, 'a> {
    /// Copies in the rule's region that exist or may yet come to exist, by slot.
    live: BTreeMap<&'v Slot, &'v RecoveryPoint<'a>>,
    /// Copies in the rule's region that came to nothing.
    lost: Vec<&'v RecoveryPoint<'a>>,
    /// Originals that the region's retention would keep.
    wanted: Vec<&'v RecoveryPoint<'a>>,
}

impl<'v, 'a> Copies<'v, 'a> {
    pub(crate) fn of(view: &'v View<'a>, source: &ResourceId, rule: &'v CopyRule) -> Self {
        let points = view.points_of(source);
        let is_here =
            |p: &&RecoveryPoint<'_>| *p.region() == rule.region && p.origin != Origin::Original;
        let is_lost = |p: &&RecoveryPoint<'_>| p.has_failed() || is_given_up(p, rule, view.now);
        let (lost, made): (Vec<_>, Vec<_>) = points.iter().filter(is_here).partition(is_lost);
        let mut live: BTreeMap<&Slot, &RecoveryPoint<'_>> = BTreeMap::new();
        for copy in &made {
            let best = live.entry(&copy.slot).or_insert(copy);
            if !best.is_available() {
                *best = copy;
            }
        }
        let originals = points.iter().filter(|p| {
            let is_sound = p.held || !p.has_failed_verification();
            p.origin == Origin::Original
                && p.is_available()
                && is_sound
                && *p.region() != rule.region
        });
        let (covered, open): (Vec<_>, Vec<_>) = originals.partition(|p| live.contains_key(&p.slot));
        let wanted = if open.is_empty() {
            covered
        } else {
            let existing = made.iter().map(|copy| as_point(copy));
            let candidates: Vec<Point<'_>> =
                existing.chain(open.iter().map(|p| as_copied(p))).collect();
            let zone = &view.document.time_zone;
            let fates = retention::fates(&candidates, &rule.retention, zone, view.now);
            let kept = fates.into_iter().skip(made.len()).map(|fate| fate == Fate::Keep);
            let kept = open.into_iter().zip(kept).filter_map(|(point, kept)| kept.then_some(point));
            kept.chain(covered).collect()
        };
        Self { live, lost, wanted }
    }

    /// The recovery points that still have to be copied.
    pub(crate) fn missing(&self) -> impl Iterator<Item = &'v RecoveryPoint<'a>> {
        self.wanted.iter().copied().filter(|point| !self.live.contains_key(&point.slot))
    }

    /// The recovery points whose copy isn't available yet: their originals must stay. So must those whose
    /// copy failed its verification: once that one is gone, it is made anew.
    pub(crate) fn awaited(&self) -> impl Iterator<Item = &'v RecoveryPoint<'a>> {
        let is_there = |point: &RecoveryPoint<'_>| {
            let copy = self.live.get(&point.slot);
            copy.is_some_and(|copy| copy.is_available() && !copy.has_failed_verification())
        };
        self.wanted.iter().copied().filter(move |point| !is_there(point))
    }

    /// The identifiers under which a copy of this recovery point came to nothing.
    fn lost(&self, point: &RecoveryPoint<'_>) -> Vec<&'v str> {
        let lost = self.lost.iter().filter(|copy| copy.slot == point.slot);
        lost.map(|copy| copy.snapshot.id()).collect()
    }
}

/// Whether a copy has been under way for longer than the rule waits.
pub(crate) fn is_given_up(copy: &RecoveryPoint<'_>, rule: &CopyRule, now: Timestamp) -> bool {
    let started_at = || copy.snapshot.tags.get(tags::STARTED)?.parse().ok();
    copy.snapshot.is_being_copied()
        && started_at().is_some_and(|at: Timestamp| now.duration_since(at) >= rule.give_up_after)
}

/// A copy as its region's retention sees it; one under way is counted as if it were there.
fn as_point<'p>(copy: &'p RecoveryPoint<'_>) -> Point<'p> {
    let going = matches!(copy.snapshot.status, Status::Deleting);
    Point { untouchable: going.then_some("being deleted"), ..retention_point(copy) }
}

/// An original as it would look once copied: nothing is known of the copy yet.
fn as_copied<'p>(original: &'p RecoveryPoint<'_>) -> Point<'p> {
    Point { verified: Verified::Unknown, ..retention_point(original) }
}

/// A recovery point as retention sees it.
pub(crate) fn retention_point<'p>(point: &'p RecoveryPoint<'_>) -> Point<'p> {
    Point {
        id: point.snapshot.id(),
        taken_at: point.taken_at,
        verified: match point.verdict.map(|verdict| (verdict.outcome, verdict.at)) {
            Some((Outcome::Pass, _)) => Verified::Pass,
            Some((Outcome::Fail, at)) => Verified::Fail { at },
            Some((Outcome::Inconclusive, _)) | None => Verified::Unknown,
        },
        held: point.held,
        untouchable: None,
    }
}

/// Copies in flight into each region, counted up as a plan fills the queue.
pub(crate) struct Queues(BTreeMap<(Region, Shape), usize>);

impl Queues {
    /// What is in flight now, whoever started it.
    pub(crate) fn of(view: &View<'_>) -> Self {
        let mut queues = BTreeMap::new();
        for (region, inventory) in &view.seen {
            for snapshot in inventory.snapshots.iter().filter(|s| s.is_being_copied()) {
                *queues.entry(((*region).clone(), snapshot.shape)).or_default() += 1;
            }
        }
        Self(queues)
    }

    /// Whether AWS would refuse another copy into the region.
    pub(crate) fn is_full(&self, region: &Region, shape: Shape) -> bool {
        let in_flight = self.0.get(&(region.clone(), shape)).copied().unwrap_or_default();
        in_flight >= shape.copies_in_flight_max()
    }

    fn take(&mut self, region: &Region, shape: Shape) -> Result<(), String> {
        if self.is_full(region, shape) {
            let max = shape.copies_in_flight_max();
            return Err(format!("waits its turn: {max} copies into {region} are in flight"));
        }
        *self.0.entry((region.clone(), shape)).or_default() += 1;
        Ok(())
    }
}
