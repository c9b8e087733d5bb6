//! Which verifications begin now, and with which recovery point.

use jiff::Timestamp;

use crate::document::{Objective, Pick, VerifyRule};
use crate::ids::{RdsArn, Region, ResourceId, fnv1a, scratch_id};
use crate::inventory::{Engine, Shape, Status};
use crate::plan::{Plan, instant};
use crate::recovery_point::{RecoveryPoint, rehearsed};
use crate::scratch::Scratch;
use crate::selection::Protected;
use crate::tags::{self, Tags};
use crate::verify::{Action, Begun, Phases, Restore, Subject};
use crate::view::View;

/// Plans a restore for each protected database whose verification is due.
///
/// A verification is due from its schedule's instant until there is a verdict, whichever; the next
/// one is due at the next instant. So an inconclusive one costs a restore a slot and no more. In a
/// shard, how many may run at a time is dealt out to the whole fleet.
pub(super) fn all_due(view: &View<'_>, plan: &mut Plan<Action>) {
    let mut of_other_shards = Plan::default();
    for (name, policy) in &view.document.policies {
        let Some(rule) = &policy.verify else { continue };
        let is_of_it = |s: &&Scratch<'_>| s.database.tags.get(tags::POLICY) == Some(name.as_str());
        let mut running = restored(view).filter(is_of_it).count();
        for protected in view.protected.iter().filter(|p| p.policy_name == name) {
            let is_mine = view.is_mine(protected.database.resource_id.as_str());
            let plan = if is_mine { &mut *plan } else { &mut of_other_shards };
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

/// The scratch databases that verify restored: AWS Backup's tests hold up none of its own.
fn restored<'v, 'a>(view: &'v View<'a>) -> impl Iterator<Item = &'v Scratch<'a>> {
    view.scratch.iter().filter(|scratch| !scratch.is_guest())
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
    // Automated backups restore where the database is.
    let own = &database.arn.region;
    let is_rehearsal = matches!(rule.pick, Pick::PointInTime { .. });
    let region = rule.region.as_ref().filter(|_| !is_rehearsal).unwrap_or(own);
    if !view.seen.contains_key(region) {
        return Err(format!("{region} wasn't seen: verification waits"));
    }
    if region == own && matches!(database.status, Status::KeyInaccessible(_)) {
        return Err(format!("is {}: there is nothing to restore with", database.status));
    }
    let points = view.points_of(&database.resource_id);
    let here: Vec<_> = points.iter().filter(|point| point.region() == region).collect();
    let verdicts = here.iter().filter_map(|p| p.verdict).map(|v| v.at).max();
    let rehearsal = rehearsed(database).map(|verdict| verdict.at);
    let last = if is_rehearsal { rehearsal } else { verdicts };
    if let Some(at) = last.filter(|at| *at >= due) {
        return Err(format!("was verified at {}, due since {}", instant(at), instant(due)));
    }
    let source = database.resource_id.as_str();
    let is_of =
        |s: &&Scratch<'_>| s.database.tags.get(tags::SOURCE).is_some_and(|tag| tag == source);
    if let Some(scratch) = restored(view).find(is_of) {
        return Err(format!("is under verification in {}", scratch.database.id()));
    }
    let wanted = Wanted { view, protected, rule, region, due };
    let restore = match rule.pick {
        Pick::PointInTime { back } => wanted.point_in_time(back)?,
        Pick::Latest | Pick::LeastRecentlyVerified | Pick::Random { .. } => {
            let point = pick(&here, rule.pick, &format!("{source} {due}"));
            let none = || format!("has no recovery point in {region} to verify");
            wanted.recovery_point(point.ok_or_else(none)?)
        }
    };
    let reason = format!("verification was due at {}: {}", instant(due), word(rule.pick));
    Ok((Action::Restore(restore), reason))
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
            let index = usize::try_from(fnv1a(seed) % count.max(1)).ok()?;
            candidates.get(index).copied()
        }
        Pick::LeastRecentlyVerified => {
            let last = |p: &&RecoveryPoint<'_>| p.verdict.map_or(Timestamp::MIN, |v| v.at);
            candidates.iter().copied().min_by_key(last)
        }
        // It picks none of them.
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

/// A verification that begins.
struct Wanted<'w, 'a> {
    view: &'w View<'a>,
    protected: &'w Protected<'a>,
    rule: &'w VerifyRule,
    region: &'w Region,
    due: Timestamp,
}

impl Wanted<'_, '_> {
    fn recovery_point(&self, point: &RecoveryPoint<'_>) -> Restore {
        let arn = &point.snapshot.arn;
        let subject = Subject::RecoveryPoint(arn.clone());
        let version = point.snapshot.engine_version.to_string();
        let what = (point.shape(), point.snapshot.engine, version);
        self.restore(subject, &point.database, &point.source, what)
    }

    /// The instant that lies `back`, if the automated backups reach it: AWS refuses another with
    /// `InvalidRestoreFault`. Source: `RestoreDBClusterToPointInTime`, RestoreToTime, RDS API
    /// reference.
    fn point_in_time(&self, back: Objective) -> Result<Restore, String> {
        let database = self.protected.database;
        let to = self.view.now - back;
        let latest = database.latest_restorable_at.ok_or("has no automated backups to restore")?;
        if to > latest || database.earliest_restorable_at.is_some_and(|earliest| to < earliest) {
            let (to, latest) = (instant(to), instant(latest));
            return Err(format!("its automated backups end at {latest} and don't reach {to}"));
        }
        let subject = Subject::PointInTime { database: database.arn.clone(), to };
        let what = (database.shape, database.engine, database.engine_version.clone());
        Ok(self.restore(subject, &database.arn, &database.resource_id, what))
    }

    fn restore(
        &self,
        subject: Subject,
        database: &RdsArn,
        source: &ResourceId,
        what: (Shape, Engine, String),
    ) -> Restore {
        let Self { view, protected, rule, region, due } = self;
        let (deployment, of) = (&view.document.deployment, subject.arn());
        // Its own tags and nothing of production's: it must never be taken for what it is a copy of.
        let mut tags = Tags::from([
            (tags::SCRATCH.to_owned(), deployment.to_string()),
            (tags::SCRATCH_OF.to_owned(), of.to_string()),
            (tags::DATABASE.to_owned(), database.to_string()),
            (tags::SOURCE.to_owned(), source.to_string()),
            (tags::POLICY.to_owned(), protected.policy_name.to_string()),
            (tags::STARTED.to_owned(), view.now.to_string()),
            (tags::DEADLINE.to_owned(), (view.now + rule.deadline).to_string()),
        ]);
        if let Subject::PointInTime { to, .. } = &subject {
            tags.insert(tags::RESTORED_TO.to_owned(), to.to_string());
        }
        let begun = Begun {
            scratch_id: scratch_id(deployment, &database.id, of, *due),
            subject,
            database: database.clone(),
            phases: Phases::requested(view.now),
            rto: protected.policy.objectives.rto,
        };
        Restore::sealed(rule, begun, what, region, tags)
    }
}
