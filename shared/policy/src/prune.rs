//! prune: deletes what the policy no longer keeps, and nothing in doubt.
//!
//! Everything is listed before anything is decided; if one region could not be listed to its end, or
//! AWS's clock and ours disagree, nothing is deleted anywhere. What remains is [`crate::retention`]'s
//! decision, group by group: one source, one region, originals and copies apart. A recovery point that
//! is being copied or restored, or whose copy is still to come, stays whatever retention says.
//!
//! Two more things go, because nothing else removes them: snapshots of ours that ended as `failed`,
//! and copies that were given up, both only once a good one stands in their place.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::copy::{Copies, is_given_up, retention_point};
use crate::document::{CopyRule, Policy};
use crate::ids::{RdsArn, Region, ResourceId};
use crate::inventory::{Engine, Shape};
use crate::plan::{Describe, Line, Plan, RefusalCode};
use crate::recovery_point::{Origin, RecoveryPoint};
use crate::request::Request;
use crate::retention::{self, Decisions, Fate, Point, Retention};
use crate::view::{CLOCK_SKEW_MAX, Custody, View};

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
    if let Some(skew) = view.clock_skew.filter(|skew| skew.abs() > CLOCK_SKEW_MAX) {
        let seconds = skew.as_secs();
        let message = format!("AWS's clock is {seconds} s off ours: set the clock right first");
        plan.refuse(RefusalCode::ClockDoubt, message);
    }
    if !plan.refusals.is_empty() {
        return plan;
    }
    let mut surplus: Vec<Surplus<'_>> = Vec::new();
    for group in Group::all(view, &mut plan) {
        surplus.extend(group.debris());
        surplus.extend(group.expired(request, &mut plan));
    }
    surplus.sort_by_key(|it| (it.point.taken_at, &it.point.snapshot.arn));
    for Surplus { point, reason } in surplus {
        let action = Action::Delete {
            recovery_point: point.snapshot.arn.clone(),
            shape: point.shape(),
            engine: point.snapshot.engine,
            database: point.database.clone(),
            source: point.source.clone(),
        };
        plan.step(action, reason);
    }
    plan
}

/// Why each recovery point is kept, or what supersedes it: retention's reasons, whatever the guards
/// say. Recovery points whose policy is in doubt have none.
#[must_use]
pub fn explain(view: &View<'_>) -> BTreeMap<RdsArn, Vec<String>> {
    let mut reasons = BTreeMap::new();
    for group in Group::all(view, &mut Plan::default()) {
        let decided = group.decide();
        for decision in decided.decisions {
            if let Some(point) = group.points.iter().find(|p| p.snapshot.id() == decision.id) {
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
    retention: &'v Retention,
    /// How long a copy may be under way; originals have no such rule.
    rule: Option<&'v CopyRule>,
    /// Identifiers of originals whose copy is still to come.
    awaited: BTreeSet<&'v str>,
}

impl<'v> Group<'v> {
    /// All groups that a policy decides on; the others are noted and left whole.
    fn all(view: &'v View<'v>, plan: &mut Plan<Action>) -> Vec<Self> {
        let mut groups = Vec::new();
        for (source, points) in &view.recovery_points {
            let Some(newest) = points.first() else { continue };
            let name = &newest.database.id;
            let policy = match view.custody(newest) {
                Custody::Protected(_, policy) | Custody::Orphaned(_, policy) => policy,
                Custody::Doubtful(why) => {
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
                    (false, _) => &policy.retention,
                    (true, Some(rule)) => &rule.retention,
                    (true, None) => {
                        let text =
                            format!("keeps its copies in {region}: no rule copies there now");
                        plan.note(name, text);
                        continue;
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
        let candidates: Vec<Point<'_>> =
            self.points.iter().map(|point| self.candidate(point)).collect();
        let zone = &self.view.document.time_zone;
        let decided = retention::decide(&candidates, self.retention, zone, self.view.now);
        let surplus = decided.decisions.iter().filter(|d| d.fate == Fate::Delete).count();
        let approved = request.approve.as_deref();
        let going: BTreeSet<&str> = decided.deletes(approved).into_iter().collect();
        if let (Some(refusal), true) = (&decided.refusal, going.is_empty() && surplus > 0) {
            let Some(first) = self.points.first() else { return Vec::new() };
            let (name, region) = (&first.database.id, first.region());
            plan.refuse(refusal.code, format!("{name} in {region}: {}", refusal.message));
        }
        let by_id: BTreeMap<&str, &'v RecoveryPoint<'v>> =
            self.points.iter().map(|point| (point.snapshot.id(), *point)).collect();
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

    fn decide(&self) -> Decisions {
        let candidates: Vec<Point<'_>> =
            self.points.iter().map(|point| self.candidate(point)).collect();
        let zone = &self.view.document.time_zone;
        retention::decide(&candidates, self.retention, zone, self.view.now)
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
    fn debris(&self) -> Vec<Surplus<'v>> {
        let end = |point: &RecoveryPoint<'_>| {
            let given_up = self.rule.is_some_and(|rule| is_given_up(point, rule, self.view.now));
            if point.has_failed() { Some("failed") } else { given_up.then_some("given up") }
        };
        let ended = self.points.iter().filter(|point| !point.held);
        let ended = ended.filter_map(|point| end(point).map(|end| (*point, end)));
        ended
            .filter_map(|(point, end)| {
                let good = self.points.iter().find(|p| p.slot == point.slot && p.is_available())?;
                let reason = format!("{end}; {} stands in its place", good.snapshot.id());
                Some(Surplus { point, reason })
            })
            .collect()
    }
}

/// The originals of a source whose copies the policy still waits for, in any region.
fn awaited<'v>(view: &'v View<'v>, source: &ResourceId, policy: &'v Policy) -> BTreeSet<&'v str> {
    let copies = policy.copies.iter().map(|rule| Copies::of(view, source, rule));
    copies
        .flat_map(|copies| copies.awaited().map(|p| p.snapshot.id()).collect::<Vec<_>>())
        .collect()
}
