//! Accepting a drift: somebody looked, and the drop was meant.
//!
//! Until then nothing of the database is pruned, and every later verification fails against the same
//! baseline. Accepting takes a request to this function, as approving a blocked plan does: a tag that
//! anybody may set would be no decision.

use crate::ids::RdsArn;
use crate::plan::{About, Plan, RefusalCode};
use crate::recovery_point::{Cause, Outcome, RecoveryPoint};
use crate::verify::{Action, Begun, Phases, Subject, VerdictRecord};
use crate::view::View;

/// What stands as the scratch database of a verdict that was accepted on request, before the recovery
/// point's identifier: nothing was restored for it.
pub const ACCEPTED: &str = "accept-";

/// Plans the new verdict of the drifted recovery point called `id`.
pub(super) fn drift_of(
    view: &View<'_>,
    id: &str,
    requested_by: Option<&str>,
    plan: &mut Plan<Action>,
) {
    let mut points = view.sources().flat_map(|(_, points)| points);
    let drifted = |point: &&RecoveryPoint<'_>| point.snapshot.id() == id && point.has_drifted();
    let Some(point) = points.find(drifted) else {
        let message = format!("no recovery point {id} has failed for drift: check its name");
        return plan.refuse(RefusalCode::BadRequest, About::request(id), message);
    };
    let who = requested_by.map_or("on request".to_owned(), |who| format!("by {who}"));
    let reason =
        format!("its drift was accepted {who}: it is the baseline of the next verification");
    let begun = Begun {
        subject: Subject::RecoveryPoint(point.snapshot.arn.clone()),
        database: RdsArn::clone(&point.database),
        scratch_id: format!("{ACCEPTED}{id}"),
        phases: Phases::requested(view.now),
        rto: None,
    };
    let ended = (Outcome::Pass, Cause::Drift);
    let verdict = VerdictRecord::unasked(begun, ended, reason.clone(), view.now);
    plan.step(Action::Conclude { verdict: Box::new(verdict) }, reason);
}
