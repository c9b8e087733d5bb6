//! Which verifications begin now, and with which recovery point.

use jiff::Timestamp;

use crate::document::{Pick, VerifyRule};
use crate::ids::{Region, fnv1a, scratch_id};
use crate::inventory::Status;
use crate::plan::{Plan, instant};
use crate::recovery_point::RecoveryPoint;
use crate::selection::Protected;
use crate::tags::{self, Tags};
use crate::verify::Action;
use crate::view::View;

/// Plans a restore for each protected database whose verification is due.
///
/// A verification is due from its schedule's instant until there is a verdict, whichever; the next
/// one is due at the next instant. So an inconclusive one costs a restore a slot and no more.
pub(super) fn all_due(view: &View<'_>, plan: &mut Plan<Action>) {
    for (name, policy) in &view.document.policies {
        let Some(rule) = &policy.verify else { continue };
        let tag = |s: &&crate::scratch::Scratch<'_>| s.database.tags.get(tags::POLICY).cloned();
        let mut running =
            view.scratch.iter().filter(|s| tag(s).is_some_and(|t| t == name.as_str())).count();
        for protected in view.protected.iter().filter(|p| p.policy_name == name) {
            match start(view, protected, rule) {
                Ok(_) if running >= rule.concurrent_max as usize => {
                    let text = format!("waits: {running} of {name}'s verifications are running");
                    plan.note(protected.database.id(), text);
                }
                Ok((action, reason)) => {
                    running += 1;
                    plan.step(action, reason);
                }
                Err(why) => plan.note(protected.database.id(), why),
            }
        }
    }
}

/// The restore to ask for, or why there is none.
fn start(
    view: &View<'_>,
    protected: &Protected<'_>,
    rule: &VerifyRule,
) -> Result<(Action, String), String> {
    let database = protected.database;
    let zone = &view.document.time_zone;
    let due = rule.schedule.latest_at_or_before(view.now, zone);
    let due = due.ok_or("no verification was due yet")?;
    let region = rule.region.as_ref().unwrap_or(&database.arn.region);
    if !view.seen.contains_key(region) {
        return Err(format!("{region} wasn't seen: verification waits"));
    }
    if *region == database.arn.region && matches!(database.status, Status::KeyInaccessible(_)) {
        return Err(format!("is {}: there is nothing to restore with", database.status));
    }
    let points = view.points_of(&database.resource_id);
    let here: Vec<_> = points.iter().filter(|point| point.region() == region).collect();
    if let Some(at) =
        here.iter().filter_map(|p| p.verdict).map(|v| v.at).max().filter(|at| *at >= due)
    {
        return Err(format!("was verified at {}, due since {}", instant(at), instant(due)));
    }
    let source = database.resource_id.as_str();
    let is_of = |s: &&crate::scratch::Scratch<'_>| {
        s.database.tags.get(tags::SOURCE).is_some_and(|tag| tag == source)
    };
    if let Some(scratch) = view.scratch.iter().find(is_of) {
        return Err(format!("is under verification in {}", scratch.database.id()));
    }
    let point = pick(&here, rule.pick, &format!("{source} {due}"))
        .ok_or_else(|| format!("has no recovery point in {region} to verify"))?;
    let reason = format!("verification was due at {}: {}", instant(due), word(rule.pick));
    Ok((restore(view, protected, rule, region, point, due), reason))
}

/// Chooses among the available recovery points, given newest first, that haven't failed yet.
fn pick<'p, 'a>(
    points: &[&'p RecoveryPoint<'a>],
    pick: Pick,
    seed: &str,
) -> Option<&'p RecoveryPoint<'a>> {
    let sound = |p: &&&RecoveryPoint<'_>| p.is_available() && !p.has_failed_verification();
    let candidates: Vec<_> = points.iter().filter(sound).copied().collect();
    let newest = candidates.first()?;
    match pick {
        Pick::Latest => Some(newest),
        Pick::Random { window } => {
            let in_window =
                |p: &&RecoveryPoint<'_>| newest.taken_at.duration_since(p.taken_at) <= window;
            let count = candidates.iter().copied().filter(|p| in_window(p)).count() as u64;
            // A hash of database and slot: as good as chance, and the same when asked again.
            let index = usize::try_from(fnv1a(seed.as_bytes()) % count.max(1)).ok()?;
            candidates.get(index).copied()
        }
        Pick::LeastRecentlyVerified => {
            let last = |p: &&RecoveryPoint<'_>| p.verdict.map_or(Timestamp::MIN, |v| v.at);
            candidates.iter().copied().min_by_key(last)
        }
        Pick::PointInTime { .. } => None,
    }
}

fn word(pick: Pick) -> &'static str {
    match pick {
        Pick::Latest => "the latest",
        Pick::Random { .. } => "a random one",
        Pick::LeastRecentlyVerified => "the least recently verified",
        Pick::PointInTime { .. } => "a point in time",
    }
}

fn restore(
    view: &View<'_>,
    protected: &Protected<'_>,
    rule: &VerifyRule,
    region: &Region,
    point: &RecoveryPoint<'_>,
    due: Timestamp,
) -> Action {
    let deployment = &view.document.deployment;
    let arn = &point.snapshot.arn;
    let deadline = view.now + rule.deadline;
    // Its own tags and nothing of production's: it must never be taken for what it is a copy of.
    let tags = Tags::from([
        (tags::SCRATCH.to_owned(), deployment.to_string()),
        (tags::SCRATCH_OF.to_owned(), arn.to_string()),
        (tags::DATABASE.to_owned(), point.database.to_string()),
        (tags::SOURCE.to_owned(), point.source.to_string()),
        (tags::POLICY.to_owned(), protected.policy_name.to_string()),
        (tags::STARTED.to_owned(), view.now.to_string()),
        (tags::DEADLINE.to_owned(), deadline.to_string()),
    ]);
    Action::Restore {
        source: arn.clone(),
        shape: point.shape(),
        engine: point.snapshot.engine,
        engine_version: point.snapshot.engine_version.clone(),
        database: point.database.clone(),
        region: region.clone(),
        scratch_id: scratch_id(deployment, &point.database.id, arn, due),
        instance_class: rule.instance_class.clone(),
        subnet_group: rule.subnet_group.clone(),
        security_groups: rule.security_groups.clone(),
        tags,
    }
}
