//! create: one recovery point for each protected database and due slot.
//!
//! The slot is the newest instant at which any of the policy's schedules was due. If it has a
//! recovery point, nothing is done; if not, one is taken now, however late: after an outage that is
//! the newest missed slot and no other, because taking the older ones today would date today's data
//! back. The identifier follows from database and slot, so whoever comes second finds it taken.
//!
//! A database that can't be snapshotted at the moment keeps its slot open; the next tick looks again,
//! and alarm speaks when it stays open. A full quota is refused, never made room for.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::budget::keep_within;
use crate::ids::{RdsArn, Region, Slot, recovery_point_id};
use crate::inventory::{Database, Engine, Shape, Status};
use crate::plan::{About, Describe, Line, Plan, RefusalCode, instant};
use crate::recovery_point::{Origin, RecoveryPoint};
use crate::request::Request;
use crate::selection::Protected;
use crate::tags::{self, Tags};
use crate::verb::Verb;
use crate::view::View;

/// A slot whose recovery points ended as `failed` this often waits for a person.
pub const ATTEMPTS_MAX: u32 = 3;

/// What create does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Take a snapshot of a database.
    TakeSnapshot {
        /// Of this database.
        database: RdsArn,
        /// Cluster or instance: they are different calls.
        shape: Shape,
        /// What runs in it: DocumentDB has a client of its own.
        engine: Engine,
        /// Under this identifier.
        snapshot_id: String,
        /// With these tags.
        tags: Tags,
    },
}

impl Describe for Action {
    fn line(&self, reason: &str) -> Line {
        let Self::TakeSnapshot { database, snapshot_id, .. } = self;
        Line {
            verb: "create",
            action: "snapshot",
            id: snapshot_id.clone(),
            database: database.id.clone(),
            region: database.region.clone(),
            reason: reason.to_owned(),
        }
    }
}

/// Decides which recovery points to take now.
///
/// With a name in `request`, one of that name for each database it asks for, whatever the schedules
/// say; else one for each open slot. In a shard, room under the quota is dealt out to the whole fleet.
#[must_use]
pub fn plan(view: &View<'_>, request: &Request) -> Plan<Action> {
    let mut plan = Plan::default();
    view.refuse_unseen(&mut plan);
    view.refuse_unknown(request.database.as_ref(), &mut plan);
    let mut room = Room::of(view);
    let mut of_other_shards = Plan::default();
    for protected in &view.protected {
        let is_mine = view.is_mine(protected.database.resource_id.as_str());
        let plan = if is_mine { &mut plan } else { &mut of_other_shards };
        let wanted = match &request.name {
            Some(name) => Wanted {
                slot: Slot::Requested(name.clone()),
                taken_at: second(view.now),
                held: request.hold,
                reason: format!("asked for as {name}"),
            },
            None => match due(protected, view) {
                Ok(wanted) => wanted,
                Err(why) => {
                    plan.note(protected.database.id(), why);
                    continue;
                }
            },
        };
        take(view, protected, wanted, &mut room, plan);
    }
    keep_within(&mut plan, Verb::Create);
    plan
}

/// A recovery point that ought to be there.
struct Wanted {
    slot: Slot,
    taken_at: Timestamp,
    held: bool,
    reason: String,
}

/// The newest slot of the policy, or why there is none yet.
fn due(protected: &Protected<'_>, view: &View<'_>) -> Result<Wanted, String> {
    let slot = newest_slot(protected, view).ok_or("no slot was due yet")?;
    if let Some(created_at) = protected.database.created_at.filter(|at| *at > slot) {
        let (born, slot) = (instant(created_at), instant(slot));
        return Err(format!("created at {born}, after slot {slot}: the next slot is its first"));
    }
    Ok(Wanted {
        slot: Slot::Scheduled(slot),
        taken_at: slot,
        held: false,
        reason: format!("slot {} is due and has no recovery point", instant(slot)),
    })
}

/// The newest instant not after now at which any of the policy's schedules was due.
pub(crate) fn newest_slot(protected: &Protected<'_>, view: &View<'_>) -> Option<Timestamp> {
    let schedules = &protected.policy.schedules;
    schedules.iter().filter_map(|s| s.latest_at_or_before(view.now, &view.document.time_zone)).max()
}

fn take(
    view: &View<'_>,
    protected: &Protected<'_>,
    wanted: Wanted,
    room: &mut Room<'_, '_>,
    plan: &mut Plan<Action>,
) {
    let database = protected.database;
    let of_slot: Vec<&RecoveryPoint<'_>> = view
        .points_of(&database.resource_id)
        .iter()
        .filter(|point| point.origin == Origin::Original && point.slot == wanted.slot)
        .collect();
    if let Some(point) = of_slot.iter().find(|point| !point.has_failed()) {
        let (id, status) = (point.snapshot.id(), &point.snapshot.status);
        return plan.note(database.id(), format!("{} is {status} as {id}", name(&wanted.slot)));
    }
    let about = || About::database(database.id(), &database.arn.region);
    let failed: Vec<&str> = of_slot.iter().map(|point| point.snapshot.id()).collect();
    let (deployment, source) = (&view.document.deployment, &database.resource_id);
    let id = |attempt| recovery_point_id(deployment, database.id(), source, &wanted.slot, attempt);
    let Some(snapshot_id) = next_attempt(&failed, id) else {
        let (name, attempts) = (name(&wanted.slot), failed.len());
        let advice = "look at the database's events in RDS";
        let message =
            format!("{}: {attempts} snapshots for {name} failed: {advice}", database.id());
        return plan.refuse(RefusalCode::AttemptsExhausted, about(), message);
    };
    if room.is_taken(&database.arn.region, database.shape, &snapshot_id) {
        let message = format!(
            "{}: {snapshot_id} exists but isn't the recovery point it should be: look at its tags",
            database.id()
        );
        return plan.refuse(RefusalCode::IdTaken, about(), message);
    }
    if !can_be_snapshotted(&database.status) {
        let (slot, status) = (name(&wanted.slot), &database.status);
        return plan.note(database.id(), format!("{slot} stays open: the database is {status}"));
    }
    if let Err(full) = room.take(&database.arn.region, database.shape) {
        let message = format!("{}: {full}", database.id());
        return plan.refuse(RefusalCode::QuotaExhausted, about(), message);
    }
    let tags = tags_of(view, protected, &wanted);
    let action = Action::TakeSnapshot {
        database: database.arn.clone(),
        shape: database.shape,
        engine: database.engine,
        snapshot_id,
        tags,
    };
    plan.step(action, wanted.reason);
}

/// The identifier of the next attempt after those that `failed`, unless all were used. It is not
/// always their number's: somebody may have deleted the first and left the second.
pub(crate) fn next_attempt(failed: &[&str], id: impl Fn(u32) -> String) -> Option<String> {
    (0..ATTEMPTS_MAX).map(id).find(|id| !failed.contains(&id.as_str()))
}

fn tags_of(view: &View<'_>, protected: &Protected<'_>, wanted: &Wanted) -> Tags {
    let Database { arn, resource_id, .. } = protected.database;
    let mut tags = Tags::from([
        (tags::OWNER.to_owned(), view.document.deployment.to_string()),
        (tags::POLICY.to_owned(), protected.policy_name.to_string()),
        (tags::DATABASE.to_owned(), arn.to_string()),
        (tags::SOURCE.to_owned(), resource_id.to_string()),
        (tags::SLOT.to_owned(), wanted.taken_at.to_string()),
    ]);
    if let Slot::Requested(name) = &wanted.slot {
        tags.insert(tags::REQUEST.to_owned(), name.clone());
    }
    if wanted.held {
        tags.insert(tags::HOLD.to_owned(), "requested".to_owned());
    }
    tags
}

/// An instance has to be `available` or in `storage-optimization`, a cluster `available`.
/// Source: RDS User Guide, "Creating a DB snapshot"; `InvalidDBInstanceState`.
fn can_be_snapshotted(status: &Status) -> bool {
    *status == Status::Available || status.as_str() == "storage-optimization"
}

fn name(slot: &Slot) -> String {
    match slot {
        Slot::Scheduled(at) => format!("slot {}", instant(*at)),
        Slot::Requested(name) => format!("request {name}"),
    }
}

/// Tags hold whole seconds, so that what is read back equals what was meant.
fn second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The room that the manual snapshot quotas leave, counted down as a plan fills it, and the identifiers
/// that are taken.
pub(crate) struct Room<'v, 'a> {
    view: &'v View<'a>,
    /// How many are used of how many.
    quotas: BTreeMap<(Region, Shape), (usize, usize)>,
    /// Once somebody asks: mostly nobody does.
    taken: OnceCell<BTreeSet<(&'v Region, Shape, &'v str)>>,
}

impl<'v, 'a> Room<'v, 'a> {
    /// What is used now, by anybody: the quota doesn't ask whose a snapshot is.
    pub(crate) fn of(view: &'v View<'a>) -> Self {
        let mut quotas = BTreeMap::new();
        for (region, inventory) in &view.seen {
            for shape in [Shape::Cluster, Shape::Instance] {
                let used = inventory.snapshots.iter().filter(|s| s.shape == shape).count();
                // Where AWS didn't say, it may refuse by itself; we don't guess.
                let max = inventory.quotas.map_or(usize::MAX, |q| q.snapshots_max(shape) as usize);
                quotas.insert(((*region).clone(), shape), (used, max));
            }
        }
        Self { view, quotas, taken: OnceCell::new() }
    }

    /// Whether a snapshot of this shape bears the identifier in the region, whoever made it.
    pub(crate) fn is_taken(&self, region: &Region, shape: Shape, id: &str) -> bool {
        let taken = self.taken.get_or_init(|| {
            let seen = self.view.seen.iter().flat_map(|(region, seen)| {
                seen.snapshots.iter().map(|snapshot| (*region, snapshot.shape, snapshot.id()))
            });
            seen.collect()
        });
        taken.contains(&(region, shape, id))
    }

    /// Uses one place, or says that there is none.
    pub(crate) fn take(&mut self, region: &Region, shape: Shape) -> Result<(), String> {
        match self.quotas.get_mut(&(region.clone(), shape)) {
            Some((used, max)) if *used >= *max => Err(format!(
                "{used} of {max} manual snapshots in {region} are used: ask AWS for more, \
                 nothing is deleted early to make room"
            )),
            Some((used, _)) => {
                *used += 1;
                Ok(())
            }
            None => Err(format!("{region} wasn't seen")),
        }
    }
}
