//! How every protected database stands now: a row each, from what was observed.
//!
//! Alarm says what is wrong; this says what is, sound or not. `snapkeep status` prints it and the
//! reports begin with it.

mod standing;

use jiff::{SignedDuration, Timestamp};

use crate::ids::Region;
use crate::recovery_point::{Origin, RecoveryPoint, Verdict, rehearsed};
use crate::selection::Protected;
use crate::view::View;
pub use standing::{Known, Standing, standings};

/// One protected database.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its identifier.
    pub database: String,
    /// Where it lives.
    pub region: Region,
    /// Such as `docdb` or `aurora-postgresql`.
    pub engine: String,
    /// The policy it is under.
    pub policy: String,
    /// The instant to which its newest recovery point restores, copies included.
    pub newest: Option<Timestamp>,
    /// The same, of those that a restore has proven.
    pub newest_verified: Option<Timestamp>,
    /// The latest instant to which point-in-time recovery reaches.
    pub restorable_to: Option<Timestamp>,
    /// What would be lost if the database were lost now: since the later of the newest recovery point
    /// and [`Row::restorable_to`].
    pub exposure: Option<SignedDuration>,
    /// Recovery point objective, if the policy has one.
    pub rpo: Option<SignedDuration>,
    /// Recovery time objective, if the policy has one.
    pub rto: Option<SignedDuration>,
    /// The newest verdict on any of its recovery points.
    pub verdict: Option<Verdict>,
    /// The newest recovery time that was measured.
    pub recovery_time: Option<SignedDuration>,
    /// Available recovery points where it lives.
    pub recovery_points: usize,
    /// Available copies, by region that the policy copies to.
    pub copies: Vec<(Region, usize)>,
}

/// A row for each protected database, in the view's order.
#[must_use]
pub fn rows(view: &View<'_>) -> Vec<Row> {
    view.protected.iter().map(|protected| row(view, protected)).collect()
}

fn row(view: &View<'_>, protected: &Protected<'_>) -> Row {
    let database = protected.database;
    let points: Vec<_> = view.points_of(&database.resource_id).iter().collect();
    let available = || points.iter().filter(|point| point.is_available());
    let newest = available().map(|point| point.taken_at).max();
    let restorable_to = database.latest_restorable_at;
    let verdicts = || points.iter().filter_map(|point| point.verdict).chain(rehearsed(database));
    let measured = verdicts().filter(|verdict| verdict.rto.is_some()).max_by_key(|v| v.at);
    let count = |is: &dyn Fn(&RecoveryPoint<'_>) -> bool| available().filter(|p| is(p)).count();
    let copies = protected.policy.copies.iter().map(|rule| {
        let is_there = |point: &RecoveryPoint<'_>| {
            point.origin != Origin::Original && *point.region() == rule.region
        };
        (rule.region.clone(), count(&is_there))
    });
    Row {
        database: database.id().to_owned(),
        region: database.arn.region.clone(),
        engine: database.engine.to_string(),
        policy: protected.policy_name.to_string(),
        newest,
        newest_verified: available().filter(|p| p.is_verified()).map(|p| p.taken_at).max(),
        restorable_to,
        exposure: newest
            .into_iter()
            .chain(restorable_to)
            .max()
            .map(|at| view.now.duration_since(at)),
        rpo: protected.policy.objectives.rpo,
        rto: protected.policy.objectives.rto,
        verdict: verdicts().max_by_key(|verdict| verdict.at),
        recovery_time: measured.and_then(|verdict| verdict.rto),
        recovery_points: count(&|point| point.origin == Origin::Original),
        copies: copies.collect(),
    }
}
