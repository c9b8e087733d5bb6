//! The end of a guest: AWS Backup is told the verdict once the instance is gone that verify added.
//!
//! That order matters: AWS Backup may start to delete a cluster as soon as it was told, and AWS refuses
//! to delete one that has an instance.

use crate::plan::{Plan, instant};
use crate::recovery_point::{Outcome, Verdict, rehearsed};
use crate::scratch::{Keeper, Scratch};
use crate::tags::{self, Tags};
use crate::verify::Action;
use crate::verify::teardown::name;
use crate::view::View;

/// The verdict that is written on a guest: one from before it was adopted says nothing of it.
fn verdict(scratch: &Scratch<'_>) -> Option<Verdict> {
    let started_at = scratch.started_at?;
    rehearsed(scratch.database).filter(|verdict| verdict.at >= started_at)
}

/// How the verification of a guest ended, if it did.
pub(super) fn outcome(scratch: &Scratch<'_>) -> Option<Outcome> {
    verdict(scratch).map(|verdict| verdict.outcome)
}

/// Plans what AWS Backup is told of a guest about which nothing else is left to do, and `why` that is.
pub(super) fn settle(view: &View<'_>, scratch: &Scratch<'_>, why: &str, plan: &mut Plan<Action>) {
    let Keeper::AwsBackup { job } = &scratch.keeper else { return };
    let guest = scratch.database;
    if guest.tags.contains_key(tags::VALIDATED) {
        return plan.note(guest.id(), "AWS Backup was told its verdict, and deletes it");
    }
    if scratch.added().next().is_some() {
        return plan.note(guest.id(), "AWS Backup is told once the added instance is gone");
    }
    let conclusive = verdict(scratch).filter(|verdict| verdict.outcome != Outcome::Inconclusive);
    let Some(verdict) = conclusive else {
        let text = format!("{why}: AWS Backup is told nothing, and its window ends as TIMED_OUT");
        return plan.note(guest.id(), text);
    };
    let (outcome, at) = (verdict.outcome.as_str(), instant(verdict.at));
    let deployment = &view.document.deployment;
    let action = Action::Validate {
        job: job.clone(),
        resource: guest.arn.clone(),
        passed: verdict.outcome == Outcome::Pass,
        message: format!("snapkeep {deployment}: {outcome} at {at}; its evidence says why"),
        database: name(scratch),
        tags: Tags::from([(tags::VALIDATED.to_owned(), view.now.to_string())]),
    };
    plan.step(action, format!("{why}, and nothing of ours is left in it"));
}
