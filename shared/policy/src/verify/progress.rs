//! The next step of one scratch database, from what AWS shows of it.

use jiff::Timestamp;

use crate::document::VerifyRule;
use crate::ids::{RdsArn, ResourceId, RestoreJobId, guest_instance_id};
use crate::inventory::{Database, Shape, Status};
use crate::plan::Plan;
use crate::recovery_point::{Cause, Outcome, RecoveryPoint, rehearsed};
use crate::scratch::{Keeper, Scratch};
use crate::tags::{self, Tags};
use crate::verify::guest;
use crate::verify::teardown::{is_multi_az, name, tear_down};
use crate::verify::{Action, Begun, Inquiry, Phases, Subject, Surveys, VerdictRecord};
use crate::view::View;

/// Older proven recovery points among which one with a survey is looked for.
const BASELINES_MAX: usize = 5;

const UNREADABLE: &str = "what it was restored from is gone or unreadable";

/// Where a scratch database stands.
enum Stage {
    /// At work; look again.
    Working(String),
    /// A cluster that nothing can connect to yet.
    NeedsInstance,
    /// Ready for connections.
    Ready,
    /// It won't get any further.
    Ended(Outcome, Cause, String),
    /// On its way out.
    Leaving,
}

/// A verification under way, as far as it can be told from tags and snapshots.
struct Verification<'v, 'a> {
    scratch: &'v Scratch<'a>,
    /// The recovery point, unless it is a point in time.
    point: Option<&'v RecoveryPoint<'a>>,
    source: ResourceId,
    /// The instant to which it restores.
    restores_to: Timestamp,
    begun: Begun,
    rule: &'a VerifyRule,
}

/// Plans the next step of `scratch`.
pub(super) fn next(view: &View<'_>, scratch: &Scratch<'_>, plan: &mut Plan<Action>) {
    let verification = match Verification::of(view, scratch) {
        Ok(verification) => verification,
        Err(why) => {
            tear_down(scratch, &why, plan);
            return guest::settle(view, scratch, &why, plan);
        }
    };
    let conclude = |outcome, cause, reason: &str, plan: &mut Plan<Action>| {
        plan.step(verification.conclude((outcome, cause), reason, view.now), reason);
    };
    let exposure = exposure(scratch, verification.rule);
    if let (true, Some(exposure)) = (scratch.is_guest(), &exposure) {
        let text = format!("{exposure}: its network is AWS Backup's, as its test plan says");
        plan.note(scratch.database.id(), text);
    } else if let Some(exposure) = exposure {
        let reason = format!("torn down on sight: {exposure}");
        conclude(Outcome::Inconclusive, Cause::Exposure, &reason, plan);
        return tear_down(scratch, &reason, plan);
    }
    let stage = stage(scratch);
    match stage {
        Stage::Leaving => return tear_down(scratch, "is being deleted", plan),
        Stage::Ended(outcome, cause, reason) => conclude(outcome, cause, &reason, plan),
        Stage::Working(_) | Stage::NeedsInstance | Stage::Ready if scratch.is_overdue(view.now) => {
            let reason = format!("its deadline came while {}", doing(&stage));
            conclude(Outcome::Inconclusive, Cause::Time, &reason, plan);
        }
        Stage::Working(what) => plan.note(scratch.database.id(), what),
        Stage::NeedsInstance => plan.step(
            verification.add_instance(view),
            "the restored cluster is available and has no instance",
        ),
        Stage::Ready => match verification.ask(view) {
            Ok((action, reason)) => plan.step(action, reason),
            Err(why) => plan.note(scratch.database.id(), why),
        },
    }
    // Whether the verdict can be written or not: the next tick may fail at that too.
    if scratch.is_overdue(view.now) {
        tear_down(scratch, "its deadline is over", plan);
    }
}

fn doing(stage: &Stage) -> &str {
    match stage {
        Stage::Working(what) => what,
        Stage::NeedsInstance => "it had no instance",
        Stage::Ready | Stage::Ended(..) | Stage::Leaving => "it waited to be questioned",
    }
}

impl<'v, 'a> Verification<'v, 'a> {
    /// What `scratch` is there for, or why it is there for nothing (any more).
    fn of(view: &'v View<'a>, scratch: &'v Scratch<'a>) -> Result<Self, String> {
        let tag = |key| scratch.database.tags.get(key);
        let started_at = scratch.started_at.ok_or(UNREADABLE)?;
        let source: Option<ResourceId> = tag(tags::SOURCE).and_then(|id| id.parse().ok());
        let source = source.ok_or(UNREADABLE)?;
        if let Keeper::AwsBackup { job } = &scratch.keeper {
            return Self::of_guest(view, scratch, job, source);
        }
        let of = scratch.of.as_ref().ok_or(UNREADABLE)?;
        let restored_to = tag(tags::RESTORED_TO).map(|at| at.parse().map_err(|_| UNREADABLE));
        let (point, verdict, subject, database, restores_to) = match restored_to.transpose()? {
            Some(to) => {
                let database = view.database(of).ok_or(UNREADABLE)?;
                let subject = Subject::PointInTime { database: of.clone(), to };
                let verdict = rehearsed(database).map(|verdict| (verdict.outcome, verdict.at));
                (None, verdict, subject, of, to)
            }
            None => {
                let points = view.points_of(&source).iter();
                let mut points = points.filter(|point| point.snapshot.arn == *of);
                let point = points.next().ok_or(UNREADABLE)?;
                let verdict = point.verdict.map(|verdict| (verdict.outcome, verdict.at));
                let subject = Subject::RecoveryPoint(of.clone());
                (Some(point), verdict, subject, &*point.database, point.taken_at)
            }
        };
        if let Some((outcome, _)) = verdict.filter(|(_, at)| *at >= started_at) {
            return Err(format!("its verdict is written: {}", outcome.as_str()));
        }
        let what = (subject, database.clone());
        Self::under_rule(view, scratch, (point, source, restores_to), what)
    }

    /// A guest: what AWS Backup restored isn't among the recovery points.
    fn of_guest(
        view: &'v View<'a>,
        scratch: &'v Scratch<'a>,
        job: &RestoreJobId,
        source: ResourceId,
    ) -> Result<Self, String> {
        let started_at = scratch.started_at.ok_or(UNREADABLE)?;
        let guest = scratch.database;
        if let Some(outcome) = guest::outcome(scratch) {
            return Err(format!("its verdict is written: {}", outcome.as_str()));
        }
        let tag = |key| guest.tags.get(key);
        let database = tag(tags::DATABASE).and_then(|arn| arn.parse().ok()).ok_or(UNREADABLE)?;
        let restores_to = tag(tags::RESTORED_TO).and_then(|at| at.parse().ok());
        let subject = Subject::RestoreTest { job: job.clone(), resource: guest.arn.clone() };
        let restored = (None, source, restores_to.unwrap_or(started_at));
        Self::under_rule(view, scratch, restored, (subject, database))
    }

    /// The same under the rule of its database's policy.
    fn under_rule(
        view: &'v View<'a>,
        scratch: &'v Scratch<'a>,
        restored: (Option<&'v RecoveryPoint<'a>>, ResourceId, Timestamp),
        (subject, database): (Subject, RdsArn),
    ) -> Result<Self, String> {
        let (point, source, restores_to) = restored;
        let policy = view.custody(&source).to_verify();
        let verifies = policy.and_then(|policy| Some((policy, policy.verify.as_ref()?)));
        let (policy, rule) = verifies.ok_or("no policy verifies its database any more")?;
        let requested_at = scratch.started_at.ok_or(UNREADABLE)?;
        let begun = Begun {
            subject,
            database,
            scratch_id: scratch.database.id().to_owned(),
            phases: phases(scratch, requested_at),
            rto: policy.objectives.rto,
        };
        Ok(Self { scratch, point, source, restores_to, begun, rule })
    }

    fn conclude(&self, ended: (Outcome, Cause), reason: &str, now: Timestamp) -> Action {
        let verdict = VerdictRecord::unasked(self.begun.clone(), ended, reason.to_owned(), now);
        Action::Conclude { verdict: Box::new(verdict) }
    }

    fn add_instance(&self, view: &View<'_>) -> Action {
        let cluster = self.scratch.database;
        let mut tags = cluster.tags.clone();
        // AWS Backup's own mark stays where AWS Backup put it.
        tags.retain(|key, _| !key.starts_with("aws:") && key != tags::RESTORE_TEST);
        tags.insert(tags::STARTED.to_owned(), view.now.to_string());
        Action::AddInstance {
            cluster: cluster.arn.clone(),
            engine: cluster.engine,
            instance_id: match self.scratch.keeper {
                // Clusters and instances have name spaces of their own: one name serves both.
                Keeper::Ours => cluster.id().to_owned(),
                Keeper::AwsBackup { .. } => {
                    guest_instance_id(&view.document.deployment, &cluster.arn)
                }
            },
            instance_class: self.rule.instance_class.clone(),
            database: self.begun.database.id.clone(),
            tags,
            begun: self.begun.clone(),
        }
    }

    /// What a database that is ready is asked for: a password of our own first.
    fn ask(&self, view: &View<'_>) -> Result<(Action, &'static str), String> {
        let scratch = self.scratch.database;
        let set_at = scratch.tags.get(tags::PASSWORD_SET).and_then(|at| at.parse().ok());
        let Some(password_set_at) = set_at else {
            let tags = Tags::from([(tags::PASSWORD_SET.to_owned(), view.now.to_string())]);
            let action = Action::SetPassword {
                scratch: scratch.arn.clone(),
                engine: scratch.engine,
                database: name(self.scratch),
                tags,
            };
            return Ok((action, "it is up, and only production's users could log in"));
        };
        let endpoint = scratch
            .endpoint
            .clone()
            .or_else(|| self.scratch.members.first().and_then(|member| member.endpoint.clone()));
        let inquiry = Inquiry {
            begun: self.begun.clone(),
            scratch: scratch.arn.clone(),
            engine: scratch.engine,
            endpoint: endpoint.ok_or("is available, but AWS names no endpoint yet")?,
            user: scratch.master_user.clone().ok_or("AWS doesn't say who its master user is")?,
            initial_database: scratch.initial_database.clone(),
            checks: self.rule.checks.clone(),
            check_timeout: self.rule.check_timeout,
            drift: self.rule.drift.clone(),
            surveys: self.surveys(view),
            as_of: self.restores_to,
            password_set_at,
        };
        Ok((Action::Question(Box::new(inquiry)), "it is up and can be logged in to"))
    }

    fn surveys(&self, view: &View<'_>) -> Surveys {
        let points = view.points_of(&self.source).iter();
        let older = points.filter(|p| p.is_verified() && p.taken_at < self.restores_to);
        let mut baselines: Vec<(RdsArn, Timestamp)> =
            older.map(|point| (point.snapshot.arn.clone(), point.taken_at)).collect();
        // A copy that was proven too left the same survey.
        baselines.dedup_by_key(|(_, taken_at)| *taken_at);
        baselines.truncate(BASELINES_MAX);
        let own = self.point.map(|point| point.taken_at);
        Surveys { source: self.source.clone(), own, baselines }
    }
}

fn phases(scratch: &Scratch<'_>, requested_at: Timestamp) -> Phases {
    let tag = |database: &Database, key| database.tags.get(key).and_then(|at| at.parse().ok());
    Phases {
        // The instance was asked for when the cluster was first seen available.
        cluster_available_at: scratch.members.first().and_then(|m| tag(m, tags::STARTED)),
        // And the password was set when the instance was.
        instance_available_at: tag(scratch.database, tags::PASSWORD_SET),
        ..Phases::requested(requested_at)
    }
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
            Stage::Ended(Outcome::Fail, Cause::Restore, format!("the restore ended as {status}"))
        }
        Status::Misplaced(_) => {
            let reason = format!("the restore ended as {status}: look at network and parameters");
            Stage::Ended(Outcome::Inconclusive, Cause::Parameters, reason)
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
