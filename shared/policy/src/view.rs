//! What a deployment sees: an observation, sorted by what the policy document says about it.
//!
//! Every verb decides on the same view, so they can't disagree on what is protected, what is a
//! recovery point of ours, what is a scratch database and what is in use.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::document::{DatabaseRef, Policy, PolicyDocument};
use crate::ids::{PolicyName, RdsArn, Region, ResourceId};
use crate::inventory::{
    Database, Observation, RegionInventory, RegionView, Shape, Snapshot, Status,
};
use crate::plan::{Plan, RefusalCode};
use crate::recovery_point::{NotOurs, RecoveryPoint};
use crate::scratch::{self, Scratch};
use crate::selection::{Protected, protection};

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
    /// Databases under a policy.
    pub protected: Vec<Protected<'a>>,
    /// Databases under none.
    pub unprotected: Vec<&'a Database>,
    /// Recovery points of this deployment in all seen regions, by source, newest first.
    pub recovery_points: BTreeMap<ResourceId, Vec<RecoveryPoint<'a>>>,
    /// Snapshots that look like ours, and what doesn't agree.
    pub tampered: Vec<(&'a Snapshot, NotOurs)>,
    /// Scratch databases of this deployment.
    pub scratch: Vec<Scratch<'a>>,
    in_use: BTreeSet<RdsArn>,
    custody: BTreeMap<&'a ResourceId, Custody<'a>>,
    ids: BTreeSet<(&'a Region, Shape, &'a str)>,
}

/// Under which policy a recovery point is kept.
#[derive(Debug, Clone, Copy)]
pub enum Custody<'a> {
    /// The database exists and this policy protects it.
    Protected(&'a PolicyName, &'a Policy),
    /// The database is gone; the policy of the recovery point's tag goes on.
    Orphaned(&'a PolicyName, &'a Policy),
    /// Nobody can say: the reason why nothing of it is deleted.
    Doubtful(&'static str),
}

impl<'a> View<'a> {
    /// Sorts `observation` by `document`. With `only`, what is protected and the recovery points are
    /// narrowed to that database; scratch databases and what is in use never are.
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
            in_use: BTreeSet::new(),
            custody: BTreeMap::new(),
            ids: BTreeSet::new(),
        };
        for (region, seen) in &observation.regions {
            match seen {
                RegionView::Seen(inventory) => view.add_region(region, inventory),
                RegionView::Unseen { message, .. } => {
                    view.unseen.insert(region, message);
                }
            }
        }
        if let Some(only) = only {
            view.protected.retain(|protected| only.names(protected.database));
            view.recovery_points
                .retain(|_, points| points.iter().any(|p| only.matches(&p.database)));
        }
        view.protected.sort_by(|a, b| a.database.arn.cmp(&b.database.arn));
        for points in view.recovery_points.values_mut() {
            points.sort_by(|a, b| {
                b.taken_at.cmp(&a.taken_at).then_with(|| a.snapshot.arn.cmp(&b.snapshot.arn))
            });
        }
        view
    }

    fn add_region(&mut self, region: &'a Region, inventory: &'a RegionInventory) {
        self.seen.insert(region, inventory);
        for scratch in Scratch::all(inventory, &self.document.deployment) {
            self.in_use.extend(scratch.of.clone());
            self.scratch.push(scratch);
        }
        for database in &inventory.databases {
            let is_member = database.member_of.is_some();
            if scratch::is_marked(database) || is_member || database.status == Status::Deleting {
                continue;
            }
            let custody = match protection(self.document, database) {
                Some(protected) => {
                    self.protected.push(protected);
                    match protected.contested_by {
                        None => Custody::Protected(protected.policy_name, protected.policy),
                        Some(_) => Custody::Doubtful("two policies claim its database"),
                    }
                }
                None => {
                    self.unprotected.push(database);
                    Custody::Doubtful("no policy selects its database any more")
                }
            };
            let key_is_lost = matches!(database.status, Status::KeyInaccessible(_));
            let custody =
                if key_is_lost { Custody::Doubtful("its key can't be used") } else { custody };
            self.custody.insert(&database.resource_id, custody);
        }
        for snapshot in &inventory.snapshots {
            self.ids.insert((region, snapshot.shape, snapshot.id()));
            if snapshot.is_being_copied() {
                self.in_use.extend(snapshot.source_arn.clone());
            }
            match RecoveryPoint::of(snapshot, &self.document.deployment) {
                Ok(point) => {
                    self.recovery_points.entry(point.source.clone()).or_default().push(point);
                }
                Err(NotOurs::Foreign) => {}
                Err(why) => self.tampered.push((snapshot, why)),
            }
        }
    }

    /// The recovery points of one database, by resource id, newest first.
    #[must_use]
    pub fn points_of(&self, source: &ResourceId) -> &[RecoveryPoint<'a>] {
        self.recovery_points.get(source).map_or(&[], Vec::as_slice)
    }

    /// Whether a copy or a restore of this snapshot is under way.
    #[must_use]
    pub fn is_in_use(&self, snapshot: &RdsArn) -> bool {
        self.in_use.contains(snapshot)
    }

    /// Whether a snapshot of this shape bears the identifier in the region, whoever made it.
    #[must_use]
    pub fn is_taken(&self, region: &Region, shape: Shape, id: &str) -> bool {
        self.ids.contains(&(region, shape, id))
    }

    /// The policy that decides how long a recovery point is kept.
    #[must_use]
    pub fn custody(&self, point: &RecoveryPoint<'_>) -> Custody<'a> {
        if let Some(custody) = self.custody.get(&point.source) {
            return *custody;
        }
        match self.document.policies.get_key_value(&point.policy) {
            Some((name, policy)) => Custody::Orphaned(name, policy),
            None => Custody::Doubtful("its database is gone and its policy isn't in the document"),
        }
    }

    /// Refuses what can't be decided while regions are unseen, one refusal for each.
    pub(crate) fn refuse_unseen<A>(&self, plan: &mut Plan<A>) {
        for (region, message) in &self.unseen {
            plan.refuse(
                RefusalCode::PartialObservation,
                format!("{region} could not be listed: {message}; nothing is decided there"),
            );
        }
    }

    /// Refuses a request for one database that no policy protects.
    pub(crate) fn refuse_unknown<A>(&self, only: Option<&DatabaseRef>, plan: &mut Plan<A>) {
        if let (Some(only), true) = (only, self.protected.is_empty()) {
            plan.refuse(
                RefusalCode::BadRequest,
                format!("no protected database is called {only}: check its name and its policy"),
            );
        }
    }
}
