//! prune: deletes what the policy no longer keeps, and nothing in doubt.
//!
//! Everything is listed before anything is decided; if one region could not be listed to its end, or
//! AWS's clock and ours disagree, nothing is deleted anywhere. What remains is [`crate::retention`]'s
//! decision, group by group: one source, one region, originals and copies apart. A recovery point that
//! is being copied or restored, or whose copy is still to come, stays whatever retention says.
//!
//! Two more things go, because nothing else removes them: snapshots of ours that ended as `failed`,
//! and copies that were given up, both only once a good one stands in their place. A given-up copy
//! that keeps others out of a full queue is cancelled before: its original is the good one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::budget::keep_within;
use crate::copy::{Copies, Queues, is_given_up, retention_point};
use crate::document::{CopyRule, Policy};
use crate::ids::{RdsArn, Region, ResourceId};
use crate::inventory::{Engine, Shape, Status};
use crate::plan::{About, Describe, Line, Plan, RefusalCode};
use crate::recovery_point::{Origin, RecoveryPoint};
use crate::request::Request;
use crate::retention::{self, Decisions, Fate, Point, Retention};
use crate::verb::Verb;
use crate::view::View;

/// What prune does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Delete a recovery point, after a last look at it.
    Delete {
        /// The recovery point.
        recovery_point: RdsArn,
        /// Of a cluster or of an instance.
        shape: Shape,
        /// What ran in it.
        engine: Engine,
        /// The database it restores, for the reader.
        database: RdsArn,
        /// What the last look must find in the tags, or the delete is dropped.
        source: ResourceId,
    },
}

impl Describe for Action {
    fn line(&self, reason: &str) -> Line {
        let Self::Delete { recovery_point, database, .. } = self;
        Line {
            verb: "prune",
            action: "delete",
            id: recovery_point.id.clone(),
            database: database.id.clone(),
            region: recovery_point.region.clone(),
            reason: reason.to_owned(),
        }
    }
}

/// Decides which recovery points go now, oldest first.
///
/// A group that the guard blocks is refused with the hash of its plan; a request that approves that
/// very hash lets it pass, once.
#[must_use]
pub fn plan(view: &View<'_>, request: &Request) -> Plan<Action> {
    let mut plan = Plan::default();
    view.refuse_unseen(&mut plan);
    view.refuse_unknown(request.database.as_ref(), &mut plan);
    if let Some(skew) = view.clock_doubt() {
        let seconds = skew.as_secs();
        let message = format!("AWS's clock is {seconds} s off ours: set the clock right first");
        plan.refuse(RefusalCode::ClockDoubt, About::request("clock"), message);
    }
    if !plan.refusals.is_empty() {
        return plan;
    }
    let mut surplus: Vec<Surplus<'_>> = Vec::new();
    let queues = Queues::of(view);
    for group in Group::all(view, &mut plan) {
        surplus.extend(group.debris(&queues));
        surplus.extend(group.expired(request, &mut plan));
    }
    surplus.sort_by_key(|it| (it.point.taken_at, &it.point.snapshot.arn));
    for Surplus { point, reason } in surplus {
        let action = Action::Delete {
            recovery_point: point.snapshot.arn.clone(),
            shape: point.shape(),
            engine: point.snapshot.engine,
            database: RdsArn::clone(&point.database),
            source: point.source.clone(),
        };
        plan.step(action, reason);
    }
    keep_within(&mut plan, Verb::Prune);
    plan
}

/// Why each recovery point is kept, or what supersedes it: retention's reasons, whatever the guards
/// say. Recovery points whose policy is in doubt have none.
#[must_use]
pub fn explain(view: &View<'_>) -> BTreeMap<RdsArn, Vec<String>> {
    let mut reasons = BTreeMap::new();
    for group in Group::all(view, &mut Plan::default()) {
        let by_id = group.by_id();
        for decision in group.decide().into_iter().flat_map(|decided| decided.decisions) {
            if let Some(point) = by_id.get(decision.id.as_str()) {
                reasons.insert(point.snapshot.arn.clone(), decision.reasons);
            }
        }
    }
    reasons
}

/// A recovery point that may go.
struct Surplus<'v> {
    point: &'v RecoveryPoint<'v>,
    reason: String,
}

/// The recovery points of one source in one region, originals and copies apart: they have one
/// retention.
struct Group<'v> {
    view: &'v View<'v>,
    points: Vec<&'v RecoveryPoint<'v>>,
    /// Copies that no rule makes any more have none, and stay.
    retention: Option<&'v Retention>,
    /// How long a copy may be under way; originals have no such rule.
    rule: Option<&'v CopyRule>,
    /// Identifiers of originals whose copy is still to come.
    awaited: BTreeSet<&'v str>,
}

impl<'v> Group<'v> {
    /// All groups that a policy decides on; the others are noted and left whole.
    fn all(view: &'v View<'v>, plan: &mut Plan<Action>) -> Vec<Self> {
        let mut groups = Vec::new();
        for (source, points) in view.sources().filter(|(source, _)| view.is_mine(source.as_str())) {
            let Some(newest) = points.first() else { continue };
            let name = &newest.database.id;
            let policy = match view.custody(source).to_delete() {
                Ok(policy) => policy,
                Err(why) => {
                    plan.note(name, format!("keeps all its recovery points: {why}"));
                    continue;
                }
            };
            let mut split: BTreeMap<(&Region, bool), Vec<&RecoveryPoint<'_>>> = BTreeMap::new();
            for point in points {
                let is_copy = point.origin != Origin::Original;
                split.entry((point.region(), is_copy)).or_default().push(point);
            }
            for ((region, is_copy), points) in split {
                let rule = policy.copies.iter().find(|rule| is_copy && rule.region == *region);
                let retention = match (is_copy, rule) {
                    (false, _) => Some(&policy.retention),
                    (true, Some(rule)) => Some(&rule.retention),
                    (true, None) => {
                        let text =
                            format!("keeps its copies in {region}: no rule copies there now");
                        plan.note(name, text);
                        None
                    }
                };
                let awaited = if is_copy { BTreeSet::new() } else { awaited(view, source, policy) };
                groups.push(Self { view, points, retention, rule, awaited });
            }
        }
        groups
    }

    /// What retention lets go, unless its guard or a doubt of its own stands in the way.
    fn expired(&self, request: &Request, plan: &mut Plan<Action>) -> Vec<Surplus<'v>> {
        let (true, Some(decided), Some(first)) =
            (self.has_surplus(), self.decide(), self.points.first())
        else {
            return Vec::new();
        };
        let going: BTreeSet<&str> =
            decided.deletes(request.approve.as_deref()).into_iter().collect();
        if let (Some(refusal), true) = (&decided.refusal, going.is_empty()) {
            let (name, region) = (&first.database.id, first.region());
            let what = if first.origin == Origin::Original { "" } else { ", copies" };
            let message = format!("{name} in {region}{what}: {}", refusal.message);
            let about = About::database(&format!("{name}{what}"), region);
            plan.refuse(refusal.code, about, message);
        }
        let by_id = self.by_id();
        let mut expired = Vec::new();
        for decision in decided.decisions.iter().filter(|d| going.contains(d.id.as_str())) {
            let Some(point) = by_id.get(decision.id.as_str()) else { continue };
            if self.awaited.contains(decision.id.as_str()) {
                plan.note(&decision.id, "stays until its copy is available");
            } else {
                expired.push(Surplus { point, reason: decision.reasons.join(", ") });
            }
        }
        expired
    }

    fn by_id(&self) -> BTreeMap<&'v str, &'v RecoveryPoint<'v>> {
        self.points.iter().map(|point| (point.snapshot.id(), *point)).collect()
    }

    /// Whether retention would let anything go. Most groups keep all on most days, and reasons take
    /// longer to write than to find.
    fn has_surplus(&self) -> bool {
        let (zone, now) = (&self.view.document.time_zone, self.view.now);
        self.retention.is_some_and(|rules| {
            retention::fates(&self.candidates(), rules, zone, now).contains(&Fate::Delete)
        })
    }

    fn decide(&self) -> Option<Decisions> {
        let (zone, now) = (&self.view.document.time_zone, self.view.now);
        self.retention.map(|rules| retention::decide(&self.candidates(), rules, zone, now))
    }

    fn candidates(&self) -> Vec<Point<'v>> {
        self.points.iter().map(|point| self.candidate(point)).collect()
    }

    fn candidate(&self, point: &'v RecoveryPoint<'v>) -> Point<'v> {
        let untouchable = if !point.is_available() {
            Some("not available")
        } else if self.view.is_in_use(&point.snapshot.arn) {
            Some("in use by a copy or a restore")
        } else {
            None
        };
        Point { untouchable, ..retention_point(point) }
    }

    /// Failed snapshots and copies that were given up, where a good one stands in their place.
    fn debris(&self, queues: &Queues) -> Vec<Surplus<'v>> {
        let ended = self.points.iter().filter(|point| !point.held);
        let surplus = ended.filter_map(|point| {
            let reason = if point.has_failed() {
                format!("failed; {} stands in its place", self.good(point)?.snapshot.id())
            } else if self.is_cancellable(point) {
                match self.good(point) {
                    Some(good) => format!("given up; {} stands in its place", good.snapshot.id()),
                    None => self.blocks(point, queues)?,
                }
            } else {
                return None;
            };
            Some(Surplus { point, reason })
        });
        surplus.collect()
    }

    /// The recovery point of the same slot in this group that could be restored.
    fn good(&self, point: &RecoveryPoint<'_>) -> Option<&'v RecoveryPoint<'v>> {
        self.points.iter().find(|p| p.slot == point.slot && p.is_available()).copied()
    }

    /// Whether it is a copy that was given up and that AWS cancels: not while it is still queued.
    /// Source: RDS User Guide, "Copying a DB snapshot".
    fn is_cancellable(&self, point: &RecoveryPoint<'_>) -> bool {
        let given_up = self.rule.is_some_and(|rule| is_given_up(point, rule, self.view.now));
        given_up && point.snapshot.status == Status::Copying
    }

    /// Why a copy that was given up must go before its successor can begin, if so.
    fn blocks(&self, point: &RecoveryPoint<'_>, queues: &Queues) -> Option<String> {
        if !queues.is_full(point.region(), point.shape()) {
            return None;
        }
        let is_original = |p: &&RecoveryPoint<'_>| {
            p.origin == Origin::Original && p.slot == point.slot && p.is_available()
        };
        let original = self.view.points_of(&point.source).iter().find(is_original)?;
        let (id, region) = (original.snapshot.id(), point.region());
        Some(format!("given up; no other copy into {region} can begin, and {id} is still there"))
    }
}

/// The originals of a source whose copies the policy still waits for, in any region.
fn awaited<'v>(view: &'v View<'v>, source: &ResourceId, policy: &'v Policy) -> BTreeSet<&'v str> {
    let copies = policy.copies.iter().map(|rule| Copies::of(view, source, rule));
    copies
        .flat_map(|copies| copies.awaited().map(|p| p.snapshot.id()).collect::<Vec<_>>())
        .collect()
}
