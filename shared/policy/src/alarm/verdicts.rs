//! Is it proven? What the last verifications of a database say, and whether there were any.

use jiff::SignedDuration;

use crate::alarm::{Condition, Finding};
use crate::document::VerifyRule;
use crate::plan::{instant, span};
use crate::recovery_point::{Outcome, RecoveryPoint, Verdict};
use crate::selection::Protected;
use crate::view::View;

/// A verdict may come this much after the scratch database's deadline: one tick and some.
const GRACE: SignedDuration = SignedDuration::from_hours(2);

/// What is wrong with the verification of one database.
pub(super) fn of(view: &View<'_>, protected: &Protected<'_>) -> Vec<Finding> {
    let Some(rule) = &protected.policy.verify else { return Vec::new() };
    let region = rule.region.as_ref().unwrap_or(&protected.database.arn.region);
    if !view.seen.contains_key(region) {
        return Vec::new();
    }
    let points = view.points_of(&protected.database.resource_id);
    let here: Vec<_> = points.iter().filter(|point| point.region() == region).collect();
    let finding = |(condition, message, next_step)| Finding {
        condition,
        severity: protected.policy.alarms.severity,
        subject: protected.database.id().to_owned(),
        region: region.clone(),
        message,
        next_step,
    };
    let found = [last(protected, &here), overdue(view, protected, rule, &here)];
    found.into_iter().flatten().map(finding).collect()
}

type Found = (Condition, String, &'static str);

/// The newest verdict, unless it is a PASS.
fn last(protected: &Protected<'_>, points: &[&RecoveryPoint<'_>]) -> Option<Found> {
    let judged = points.iter().filter_map(|point| point.verdict.map(|verdict| (point, verdict)));
    let (point, Verdict { outcome, at, .. }) = judged.max_by_key(|(_, verdict)| verdict.at)?;
    let (name, id, at) = (protected.database.id(), point.snapshot.id(), instant(at));
    match outcome {
        Outcome::Pass => None,
        Outcome::Fail => Some((
            Condition::VerificationFailed,
            format!("{name}: recovery point {id} failed its verification at {at}"),
            "Read its evidence record; the older verified recovery points are kept meanwhile.",
        )),
        Outcome::Inconclusive => Some((
            Condition::VerificationInconclusive,
            format!("{name}: the verification of {id} ended at {at} without a result"),
            "Read its evidence record: capacity, network or time stood in the way.",
        )),
    }
}

/// No verdict since the last one was due, or no PASS for as long as the policy allows.
fn overdue(
    view: &View<'_>,
    protected: &Protected<'_>,
    rule: &VerifyRule,
    points: &[&RecoveryPoint<'_>],
) -> Option<Found> {
    let name = protected.database.id();
    let next_step = "Look at the last report of verify and at the scratch databases.";
    let passes = points.iter().filter(|p| p.is_verified()).filter_map(|p| p.verdict);
    let proven_at = passes.map(|verdict| verdict.at).max();
    let since = proven_at.or(protected.database.created_at);
    let limit = protected.policy.alarms.unverified_after;
    let unproven = since.zip(limit).filter(|(at, limit)| view.now.duration_since(*at) > *limit);
    if let Some((at, limit)) = unproven {
        let age = span(view.now.duration_since(at));
        let message =
            format!("{name} wasn't proven to restore for {age}, the limit is {}", span(limit));
        return Some((Condition::VerificationOverdue, message, next_step));
    }
    let due = rule.schedule.latest_at_or_before(view.now, &view.document.time_zone)?;
    let is_judged = points.iter().filter_map(|p| p.verdict).any(|verdict| verdict.at >= due);
    let was_possible = points.iter().any(|point| point.taken_at <= due);
    let late = view.now.duration_since(due) > rule.deadline + GRACE;
    let message = format!("{name}: the verification due at {} has no verdict", instant(due));
    (late && was_possible && !is_judged).then_some((
        Condition::VerificationOverdue,
        message,
        next_step,
    ))
}
