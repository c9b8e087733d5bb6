//! What a deployment sees: an observation, sorted by what the policy document says about it.
//!
//! Every verb decides on the same view, so they can't disagree on what is protected, what is a
//! recovery point of ours, what is a scratch database and what is in use.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::document::{DatabaseRef, PolicyDocument};
use crate::ids::{RdsArn, Region, ResourceId, Slot};
use crate::inventory::{Database, Observation, RegionInventory, RegionView, Snapshot, Status};
use crate::plan::{About, Plan, RefusalCode};
use crate::recovery_point::{NotOurs, Origin, RecoveryPoint};
use crate::scratch::{self, Scratch};
use crate::selection::{Protected, protection};
use crate::shard::Shard;
use crate::tags;

mod custody;

pub use custody::Custody;
use custody::{is_drifted, orphan};

/// AWS's clock and ours may differ by this much before nothing is deleted any more.
/// AWS itself refuses requests that are further off, with `RequestExpired`.
pub const CLOCK_SKEW_MAX: SignedDuration = SignedDuration::from_mins(5);

/// An observation in the light of a policy document, at one instant.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// What is wanted.
    pub document: &'a PolicyDocument,
    /// When this is.
    pub now: Timestamp,
    /// The regions that were seen to the end.
    pub seen: BTreeMap<&'a Region, &'a RegionInventory>,
    /// The regions that weren't, with what went wrong.
    pub unseen: BTreeMap<&'a Region, &'a str>,
    /// AWS's clock less ours.
    pub clock_skew: Option<SignedDuration>,
    /// Databases under a policy, less those that weren't asked for.
    pub protected: Vec<Protected<'a>>,
    /// Databases under none.
    pub unprotected: Vec<&'a Database>,
    /// Recovery points of this deployment in all seen regions, by source, newest first. Each is held
    /// if any of its source and slot is: a hold follows its copies, and a copy's its original.
    pub recovery_points: BTreeMap<ResourceId, Vec<RecoveryPoint<'a>>>,
    /// Snapshots that look like ours, and what doesn't agree.
    pub tampered: Vec<(&'a Snapshot, NotOurs)>,
    /// Scratch databases of this deployment.
    pub scratch: Vec<Scratch<'a>>,
    /// Databases that bear one mark of a scratch database without the other.
    pub half_marked: Vec<&'a Database>,
    asked_for: Option<BTreeSet<ResourceId>>,
    shard: Option<Shard>,
    in_use: BTreeSet<RdsArn>,
    custody: BTreeMap<ResourceId, Custody<'a>>,
}

impl<'a> View<'a> {
    /// Sorts `observation` by `document`. With `only`, what is protected and the sources that plans
    /// decide on are narrowed to that database; everything else never is.
    #[must_use]
    pub fn new(
        document: &'a PolicyDocument,
        observation: &'a Observation,
        only: Option<&DatabaseRef>,
        now: Timestamp,
    ) -> Self {
        let mut view = Self {
            document,
            now,
            seen: BTreeMap::new(),
            unseen: BTreeMap::new(),
            clock_skew: observation.clock_skew,
            protected: Vec::new(),
            unprotected: Vec::new(),
            recovery_points: BTreeMap::new(),
            tampered: Vec::new(),
            scratch: Vec::new(),
            half_marked: Vec::new(),
            asked_for: None,
            shard: None,
            in_use: BTreeSet::new(),
            custody: BTreeMap::new(),
        };
        for (region, seen) in &observation.regions {
            match seen {
                RegionView::Seen(inventory) => view.add_region(region, inventory),
                RegionView::Unseen { message, .. } => {
                    view.unseen.insert(region, message);
                }
            }
        }
        for (source, points) in &mut view.recovery_points {
            let needless = take_needless(points);
            view.tampered.extend(needless.map(|it| (it.snapshot, NotOurs::Needless)));
            points.sort_by(|a, b| {
                b.taken_at.cmp(&a.taken_at).then_with(|| a.snapshot.arn.cmp(&b.snapshot.arn))
            });
            spread_holds(points);
            if !view.custody.contains_key(source) {
                view.custody.insert(source.clone(), orphan(document, points));
            }
            if let (true, Some(custody)) = (is_drifted(points), view.custody.get_mut(source)) {
                custody.drift();
            }
        }
        view.protected.sort_by(|a, b| a.database.arn.cmp(&b.database.arn));
        view.unprotected.sort_by(|a, b| a.arn.cmp(&b.arn));
        view.half_marked.sort_by(|a, b| a.arn.cmp(&b.arn));
        view.tampered.sort_by(|(a, _), (b, _)| a.arn.cmp(&b.arn));
        if let Some(only) = only {
            view.narrow(only);
        }
        view
    }

    /// The same, for a run that carries out what is of `shard` alone. Nothing that is seen is narrowed,
    /// because a plan deals out what the fleet shares: see [`crate::shard`].
    #[must_use]
    pub fn in_shard(self, shard: Option<Shard>) -> Self {
        Self { shard, ..self }
    }

    /// Whether this run carries out what is decided of the database of this resource id.
    pub(crate) fn is_mine(&self, source: &str) -> bool {
        self.shard.is_none_or(|shard| shard.has_text(source))
    }

    fn add_region(&mut self, region: &'a Region, inventory: &'a RegionInventory) {
        self.seen.insert(region, inventory);
        for scratch in Scratch::all(inventory, &self.document.deployment) {
            self.in_use.extend(scratch.of.clone());
            self.scratch.push(scratch);
        }
        for database in inventory.databases.iter().filter(|d| d.member_of.is_none()) {
            self.add_database(database);
        }
        // AWS lists by identifier, so those of a source mostly follow each other.
        let mut of_last: Vec<RecoveryPoint<'a>> = Vec::new();
        for snapshot in &inventory.snapshots {
            if snapshot.is_being_copied() {
                // Of a copy of ours our tag says it too, where AWS doesn't.
                let tag = snapshot.tags.get(tags::COPY_OF).and_then(|arn| arn.parse().ok());
                self.in_use.extend(snapshot.source_arn.clone().into_iter().chain(tag));
            }
            let point = RecoveryPoint::after(of_last.last(), snapshot, &self.document.deployment);
            match point.and_then(|point| self.check(point)) {
                Ok(point) => {
                    if of_last.last().is_some_and(|last| last.source != point.source) {
                        self.add_points(&mut of_last);
                    }
                    of_last.push(point);
                }
                Err(NotOurs::Foreign) => {}
                Err(why) => self.tampered.push((snapshot, why)),
            }
        }
        self.add_points(&mut of_last);
    }

    /// Moves recovery points of one source to the others of it.
    fn add_points(&mut self, points: &mut Vec<RecoveryPoint<'a>>) {
        let Some(first) = points.first() else { return };
        match self.recovery_points.get_mut(&first.source) {
            Some(others) => others.append(points),
            None => {
                // The next source has as many, mostly.
                let next = Vec::with_capacity(points.len());
                let source = first.source.clone();
                self.recovery_points.insert(source, std::mem::replace(points, next));
            }
        }
    }

    fn add_database(&mut self, database: &'a Database) {
        if scratch::is_half_marked(database) {
            self.half_marked.push(database);
        }
        // The tag alone takes nothing out of protection: anybody who may tag could set it.
        let is_scratch = scratch::is_named_like_one(database) || scratch::is_restore_test(database);
        if is_scratch || database.status == Status::Deleting {
            return;
        }
        let is_locked = matches!(database.status, Status::KeyInaccessible(_));
        let custody = match protection(self.document, database) {
            Some(protected) => {
                self.protected.push(protected);
                match protected.contested_by {
                    _ if is_locked => Custody::Locked(protected.policy),
                    Some(_) => Custody::Contested(protected.policy),
                    None => Custody::Protected(protected.policy),
                }
            }
            None => {
                self.unprotected.push(database);
                Custody::Doubtful("no policy selects its database any more")
            }
        };
        self.custody.insert(database.resource_id.clone(), custody);
    }

    /// What the tags alone can't say: whoever may tag could move a recovery point to another slot,
    /// source or group, and have it superseded there.
    fn check(&self, point: RecoveryPoint<'a>) -> Result<RecoveryPoint<'a>, NotOurs> {
        if point.origin == Origin::Original && *point.region() != point.database.region {
            return Err(NotOurs::Disagrees(tags::COPY_OF));
        }
        // Nothing is taken before its slot: not in advance, and not by copying what is older.
        let data_at = point.snapshot.data_at.or(point.snapshot.created_at);
        let is_before = |at: Timestamp| point.taken_at.duration_since(at) > CLOCK_SKEW_MAX;
        let is_ahead = is_before(self.now) || data_at.is_some_and(is_before);
        if is_ahead && self.clock_doubt().is_none() {
            return Err(NotOurs::Disagrees(tags::SLOT));
        }
        Ok(point)
    }

    fn narrow(&mut self, only: &DatabaseRef) {
        self.protected.retain(|protected| only.names(protected.database));
        // A database that was renamed is asked for by its new name; its recovery points have the old.
        let named = self.protected.iter().map(|protected| protected.database.resource_id.clone());
        let is_of = |points: &[RecoveryPoint<'_>]| points.iter().any(|p| only.matches(&p.database));
        let sources = self.recovery_points.iter().filter(|(_, points)| is_of(points));
        self.asked_for = Some(named.chain(sources.map(|(source, _)| source.clone())).collect());
    }

    /// The recovery points to decide on, by source, each source's newest first.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&ResourceId, &[RecoveryPoint<'a>])> {
        let is_asked_for = |source: &ResourceId| {
            self.asked_for.as_ref().is_none_or(|asked_for| asked_for.contains(source))
        };
        let all = self.recovery_points.iter().map(|(source, points)| (source, points.as_slice()));
        all.filter(move |(source, _)| is_asked_for(source))
    }

    /// AWS's clock less ours, if that is too much to delete anything by.
    pub(crate) fn clock_doubt(&self) -> Option<SignedDuration> {
        self.clock_skew.filter(|skew| skew.abs() > CLOCK_SKEW_MAX)
    }

    /// The recovery points of one database, by resource id, newest first.
    #[must_use]
    pub fn points_of(&self, source: &ResourceId) -> &[RecoveryPoint<'a>] {
        self.recovery_points.get(source).map_or(&[], Vec::as_slice)
    }

    /// A database in any seen region.
    #[must_use]
    pub fn database(&self, arn: &RdsArn) -> Option<&'a Database> {
        let inventory: &'a RegionInventory = self.seen.get(&arn.region)?;
        inventory.databases.iter().find(|database| database.arn == *arn)
    }

    /// Whether a copy or a restore of this snapshot is under way.
    #[must_use]
    pub fn is_in_use(&self, snapshot: &RdsArn) -> bool {
        self.in_use.contains(snapshot)
    }

    /// Under which policy the recovery points of a source are kept.
    #[must_use]
    pub fn custody(&self, source: &ResourceId) -> Custody<'a> {
        let unknown = Custody::Doubtful("nothing is known of its database");
        self.custody.get(source).copied().unwrap_or(unknown)
    }

    /// Refuses what can't be decided while regions are unseen, one refusal for each.
    pub(crate) fn refuse_unseen<A>(&self, plan: &mut Plan<A>) {
        for (region, message) in &self.unseen {
            plan.refuse(
                RefusalCode::PartialObservation,
                About::region(region),
                format!("{region} could not be listed: {message}; nothing is decided there"),
            );
        }
    }

    /// Refuses a request for one database that no policy protects.
    pub(crate) fn refuse_unknown<A>(&self, only: Option<&DatabaseRef>, plan: &mut Plan<A>) {
        if let (Some(only), true) = (only, self.protected.is_empty()) {
            plan.refuse(
                RefusalCode::BadRequest,
                About::request(only),
                format!("no protected database is called {only}: check its name and its policy"),
            );
        }
    }
}

/// Takes out attempts at a slot that nobody had to make, because an earlier one didn't fail: somebody
/// else's, and next to ours they would supersede it. Of copies there may be several: one that is stuck
/// is given up without having failed.
fn take_needless<'a>(
    points: &mut Vec<RecoveryPoint<'a>>,
) -> impl Iterator<Item = RecoveryPoint<'a>> + use<'a> {
    if points.iter().all(|point| point.attempt == 0) {
        return Vec::new().into_iter();
    }
    let counts = |it: &RecoveryPoint<'_>| it.origin == Origin::Original && !it.has_failed();
    let mut enough: BTreeMap<Slot, u32> = BTreeMap::new();
    for point in points.iter().filter(|point| counts(point)) {
        let least = enough.entry(point.slot.clone()).or_insert(point.attempt);
        *least = point.attempt.min(*least);
    }
    let is_needless = |it: &RecoveryPoint<'a>| {
        counts(it) && enough.get(&it.slot).is_some_and(|least| it.attempt > *least)
    };
    let (needless, kept): (Vec<_>, Vec<_>) =
        std::mem::take(points).into_iter().partition(is_needless);
    *points = kept;
    needless.into_iter()
}

/// Holds every recovery point of a slot if one of them is held, wherever the hold was put.
fn spread_holds(points: &mut [RecoveryPoint<'_>]) {
    let held: BTreeSet<Slot> =
        points.iter().filter(|point| point.held).map(|point| point.slot.clone()).collect();
    if !held.is_empty() {
        points.iter_mut().for_each(|point| point.held |= held.contains(&point.slot));
    }
}
