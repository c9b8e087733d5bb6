//! Accepting a drift: somebody looked, and the drop was meant.
//!
//! Until then nothing of the database is pruned, and every later verification fails against the same
//! baseline. Accepting takes a request to this function, as approving a blocked plan does: a tag that
//! anybody may set would be no decision.

use crate::plan::{About, Plan, RefusalCode};
use crate::recovery_point::{Cause, Outcome, RecoveryPoint};
use crate::verify::{Action, Begun, Phases, Subject, VerdictRecord};
use crate::view::View;

/// Plans the new verdict of the drifted recovery point called `id`.
pub(super) fn drift_of(view: &View<'_>, id: &str, plan: &mut Plan<Action>) {
    let mut points = view.sources().flat_map(|(_, points)| points);
    let drifted = |point: &&RecoveryPoint<'_>| point.snapshot.id() == id && point.has_drifted();
    let Some(point) = points.find(drifted) else {
        let message = format!("no recovery point {id} has failed for drift: check its name");
        return plan.refuse(RefusalCode::BadRequest, About::request(id), message);
    };
    let reason = "its drift was accepted on request: it is the baseline of the next verification";
    let begun = Begun {
        subject: Subject::RecoveryPoint(point.snapshot.arn.clone()),
        database: point.database.clone(),
        scratch_id: format!("accept-{id}"),
        phases: Phases::requested(view.now),
        rto: None,
    };
    let ended = (Outcome::Pass, Cause::Drift);
    let verdict = VerdictRecord::unasked(begun, ended, reason.to_owned(), view.now);
    plan.step(Action::Conclude { verdict: Box::new(verdict) }, reason);
}
