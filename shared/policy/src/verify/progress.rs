//! The next step of one scratch database, from what AWS shows of it.

use jiff::Timestamp;

use crate::document::VerifyRule;
use crate::ids::ResourceId;
use crate::inventory::{Database, Shape, Status};
use crate::plan::{Plan, span};
use crate::recovery_point::{Outcome, RecoveryPoint};
use crate::scratch::{self, Scratch};
use crate::tags;
use crate::verify::{Action, Proof, VerdictRecord};
use crate::view::View;

/// Where a scratch database stands.
enum Stage {
    /// At work; look again.
    Working(String),
    /// A cluster that nothing can connect to yet.
    NeedsInstance,
    /// Ready for connections.
    Ready,
    /// It won't get any further.
    Ended(Outcome, String),
    /// On its way out.
    Leaving,
}

/// Plans the next step of `scratch`.
pub(super) fn next(view: &View<'_>, scratch: &Scratch<'_>, plan: &mut Plan<Action>) {
    let Some((point, started_at)) = subject(view, scratch) else {
        return tear_down(scratch, "what it was restored from is gone or unreadable", plan);
    };
    if let Some(verdict) = point.verdict.filter(|verdict| verdict.at >= started_at) {
        let reason = format!("its verdict is written: {}", verdict.outcome.as_str());
        return tear_down(scratch, &reason, plan);
    }
    let Some(rule) = rule(view, point) else {
        return tear_down(scratch, "no policy verifies its database any more", plan);
    };
    let verdict =
        |outcome, reason: String| conclusion(view, scratch, point, started_at, outcome, reason);
    if let Some(exposure) = exposure(scratch, rule) {
        let reason = format!("torn down on sight: {exposure}");
        plan.step(verdict(Outcome::Inconclusive, reason.clone()), &reason);
        return tear_down(scratch, &reason, plan);
    }
    match stage(scratch) {
        Stage::Leaving => return tear_down(scratch, "is being deleted", plan),
        Stage::Ended(outcome, reason) => plan.step(verdict(outcome, reason.clone()), reason),
        Stage::Ready => {
            let (outcome, reason) = judgement(rule, view.now.duration_since(started_at));
            plan.step(verdict(outcome, reason.clone()), reason);
        }
        Stage::Working(what) if scratch.is_overdue(view.now) => {
            let reason = format!("its deadline came while {what}");
            plan.step(verdict(Outcome::Inconclusive, reason.clone()), reason);
        }
        Stage::NeedsInstance if scratch.is_overdue(view.now) => {
            let reason = "its deadline came before it had an instance".to_owned();
            plan.step(verdict(Outcome::Inconclusive, reason.clone()), reason);
        }
        Stage::NeedsInstance => plan.step(
            Action::AddInstance {
                cluster: scratch.database.arn.clone(),
                engine: scratch.database.engine,
                // Clusters and instances have name spaces of their own: one name serves both.
                instance_id: scratch.database.id().to_owned(),
                instance_class: rule.instance_class.clone(),
                database: point.database.id.clone(),
                tags: {
                    let mut tags = scratch.database.tags.clone();
                    tags.retain(|key, _| !key.starts_with("aws:"));
                    tags.insert(tags::STARTED.to_owned(), view.now.to_string());
                    tags
                },
            },
            "the restored cluster is available and has no instance",
        ),
        Stage::Working(what) => plan.note(scratch.database.id(), what),
    }
    // Whether the verdict can be written or not: the next tick may fail at that too.
    if scratch.is_overdue(view.now) {
        tear_down(scratch, "its deadline is over", plan);
    }
}

/// The recovery point under verification, and when that began.
fn subject<'v, 'a>(
    view: &'v View<'a>,
    scratch: &Scratch<'_>,
) -> Option<(&'v RecoveryPoint<'a>, Timestamp)> {
    let of = scratch.of.as_ref()?;
    let source: ResourceId = scratch.database.tags.get(tags::SOURCE)?.parse().ok()?;
    let point = view.points_of(&source).iter().find(|point| point.snapshot.arn == *of)?;
    Some((point, scratch.started_at?))
}

fn rule<'a>(view: &View<'a>, point: &RecoveryPoint<'_>) -> Option<&'a VerifyRule> {
    view.custody(&point.source).to_verify()?.verify.as_ref()
}

/// What makes production data reachable from where it shouldn't be, if anything does.
fn exposure(scratch: &Scratch<'_>, rule: &VerifyRule) -> Option<String> {
    let all = || std::iter::once(scratch.database).chain(scratch.members.iter().copied());
    if let Some(public) = all().find(|database| database.publicly_accessible) {
        return Some(format!("{} is publicly accessible", public.id()));
    }
    let foreign = |database: &&Database| {
        database.security_groups.iter().any(|group| !rule.security_groups.contains(group))
    };
    let exposed = all().find(foreign)?;
    Some(format!("{} is in a security group that the policy doesn't name", exposed.id()))
}

fn stage(scratch: &Scratch<'_>) -> Stage {
    let database = scratch.database;
    let own = stage_of(database);
    let needs_instance = database.shape == Shape::Cluster && !is_multi_az(database);
    if needs_instance && matches!(own, Stage::Ready) {
        return scratch.members.first().map_or(Stage::NeedsInstance, |member| stage_of(member));
    }
    own
}

fn stage_of(database: &Database) -> Stage {
    let status = &database.status;
    match status {
        Status::Available => Stage::Ready,
        Status::Deleting => Stage::Leaving,
        Status::Failed(_) | Status::KeyInaccessible(_) => {
            Stage::Ended(Outcome::Fail, format!("the restore ended as {status}"))
        }
        Status::Misplaced(_) => {
            let reason = format!("the restore ended as {status}: look at network and parameters");
            Stage::Ended(Outcome::Inconclusive, reason)
        }
        Status::Creating | Status::Copying | Status::Stopped | Status::Busy(_) => {
            Stage::Working(format!("the {} is {status}", shape_word(database.shape)))
        }
    }
}

fn shape_word(shape: Shape) -> &'static str {
    match shape {
        Shape::Cluster => "cluster",
        Shape::Instance => "instance",
    }
}

/// What a database that came up proves.
///
/// The policy's checks ask the database itself, which no function does yet: with checks to make, a
/// restore alone is no PASS.
fn judgement(rule: &VerifyRule, took: jiff::SignedDuration) -> (Outcome, String) {
    let took = span(took);
    if rule.checks.is_empty() {
        return (Outcome::Pass, format!("restored and ready for connections within {took}"));
    }
    let checks = rule.checks.len();
    let reason = format!("restored within {took}, but its {checks} checks were not made");
    (Outcome::Inconclusive, reason)
}

fn conclusion(
    view: &View<'_>,
    scratch: &Scratch<'_>,
    point: &RecoveryPoint<'_>,
    requested_at: Timestamp,
    outcome: Outcome,
    reason: String,
) -> Action {
    let is_ready = matches!(stage(scratch), Stage::Ready);
    let instance_asked_at =
        scratch.members.first().and_then(|m| m.tags.get(tags::STARTED)?.parse().ok());
    Action::Conclude {
        verdict: VerdictRecord {
            recovery_point: point.snapshot.arn.clone(),
            database: point.database.clone(),
            scratch_id: scratch.database.id().to_owned(),
            outcome,
            reason,
            proof: Proof::Restore,
            requested_at,
            cluster_available_at: instance_asked_at,
            ready_at: is_ready.then_some(view.now),
            concluded_at: view.now,
        },
    }
}

/// Plans the teardown: the instances first, then the cluster, whose deletion AWS refuses while it has
/// members (`InvalidDBClusterStateFault`). A Multi-AZ RDS cluster goes as a whole, and its instances
/// can't be deleted by themselves; instances that somebody else added are left alone.
/// Source: `DeleteDBCluster`, RDS API reference; RDS User Guide, "Deleting a Multi-AZ DB cluster".
fn tear_down(scratch: &Scratch<'_>, reason: &str, plan: &mut Plan<Action>) {
    let name = name(scratch);
    let goes_whole = is_multi_az(scratch.database);
    let is_ours = |database: &&Database| {
        scratch::is_named_like_one(database)
            && database.tags.get(tags::SCRATCH) == scratch.database.tags.get(tags::SCRATCH)
    };
    let members = scratch.members.iter().copied().filter(|_| !goes_whole).filter(is_ours);
    let own = Some(scratch.database).filter(|d| d.shape == Shape::Instance);
    for instance in members.chain(own).filter(|d| d.status != Status::Deleting) {
        let action = Action::DeleteInstance {
            instance: instance.arn.clone(),
            engine: instance.engine,
            deletion_protection: instance.deletion_protection,
            database: name.clone(),
        };
        plan.step(action, reason);
    }
    let cluster = scratch.database;
    if cluster.status == Status::Deleting {
        return plan.note(cluster.id(), "is being deleted");
    }
    let is_empty = scratch.members.is_empty() && cluster.members.is_empty();
    if cluster.shape == Shape::Cluster && !is_empty && !goes_whole {
        return plan.note(cluster.id(), "goes once its instances are gone");
    }
    if cluster.shape == Shape::Cluster {
        let action = Action::DeleteCluster {
            cluster: cluster.arn.clone(),
            engine: cluster.engine,
            deletion_protection: cluster.deletion_protection,
            database: name,
        };
        plan.step(action, reason);
    }
}

/// Whether it is a Multi-AZ RDS cluster, which brings its instances and takes them along.
fn is_multi_az(database: &Database) -> bool {
    database.shape == Shape::Cluster && !database.engine.restores_without_instance()
}

/// The database under verification, or the scratch database itself where its tag can't be read.
fn name(scratch: &Scratch<'_>) -> String {
    let own = || scratch.database.id().to_owned();
    let tag = scratch.database.tags.get(tags::DATABASE);
    tag.and_then(|arn| arn.rsplit(':').next()).map_or_else(own, ToOwned::to_owned)
}
