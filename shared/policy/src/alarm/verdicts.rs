//! Is it proven? What the last verifications of a database say, and whether there were any.

use jiff::{SignedDuration, Timestamp};

use crate::alarm::{Condition, Figures, Finding};
use crate::document::{Objective, Pick, VerifyRule};
use crate::plan::{instant, span};
use crate::recovery_point::{Cause, Outcome, RecoveryPoint, Verdict, rehearsed};
use crate::selection::Protected;
use crate::view::View;

/// A verdict may come this much after the scratch database's deadline: one tick and some.
const GRACE: SignedDuration = SignedDuration::from_hours(2);

/// So many verifications in a row without a result are a severity louder,
const INCONCLUSIVE_MAX: usize = 3;
/// and so are fewer over more than this.
const INCONCLUSIVE_FOR: SignedDuration = SignedDuration::from_hours(3 * 24);

/// What is wrong with the verification of one database.
pub(super) fn of(view: &View<'_>, protected: &Protected<'_>) -> Vec<Finding> {
    let Some(rule) = &protected.policy.verify else { return Vec::new() };
    let own = &protected.database.arn.region;
    let is_rehearsal = matches!(rule.pick, Pick::PointInTime { .. });
    let region = rule.region.as_ref().filter(|_| !is_rehearsal).unwrap_or(own);
    if !view.seen.contains_key(region) {
        return Vec::new();
    }
    let points = view.points_of(&protected.database.resource_id);
    let here: Vec<_> = points.iter().filter(|point| point.region() == region).collect();
    let verdicts = Verdicts::of(protected, &here, is_rehearsal);
    let severity = protected.policy.alarms.severity;
    let judged = |id: &str| here.iter().find(|point| point.snapshot.id() == id);
    let finding = |(condition, id, message, next_step): Found<'_>| Finding {
        condition,
        severity: if condition == Condition::VerificationInconclusive && verdicts.is_unlearned() {
            severity.louder()
        } else {
            severity
        },
        subject: protected.database.id().to_owned(),
        region: region.clone(),
        message,
        next_step,
        policy: Some(protected.policy_name.clone()),
        figures: id
            .and_then(judged)
            .map_or_else(Figures::default, |point| Figures::of_point(view, protected, point)),
    };
    let found = [
        verdicts.last(),
        verdicts.slow(protected.policy.objectives.rto),
        verdicts.overdue(view, protected, rule, &here),
    ];
    found.into_iter().flatten().map(finding).collect()
}

/// A condition, the recovery point that it is about, what is wrong and what to do.
type Found<'v> = (Condition, Option<&'v str>, String, &'static str);

/// The verdicts on a database, of recovery points or of rehearsals.
struct Verdicts<'v> {
    /// The database.
    name: &'v str,
    /// Each with what it is on.
    all: Vec<(&'v str, Verdict)>,
}

impl<'v> Verdicts<'v> {
    fn of(protected: &Protected<'v>, points: &[&'v RecoveryPoint<'_>], is_rehearsal: bool) -> Self {
        let name = protected.database.id();
        let rehearsal = rehearsed(protected.database).filter(|_| is_rehearsal);
        let rehearsal = rehearsal.map(|verdict| ("its automated backups", verdict));
        let points = points.iter().filter(|_| !is_rehearsal);
        let points = points.filter_map(|point| Some((point.snapshot.id(), point.verdict?)));
        Self { name, all: points.chain(rehearsal).collect() }
    }

    fn newest(&self) -> Option<&(&'v str, Verdict)> {
        self.all.iter().max_by_key(|(_, verdict)| verdict.at)
    }

    /// The newest verdicts that are all INCONCLUSIVE, the newest first.
    fn without_result(&self) -> Vec<Timestamp> {
        let mut all: Vec<&Verdict> = self.all.iter().map(|(_, verdict)| verdict).collect();
        all.sort_by_key(|verdict| std::cmp::Reverse(verdict.at));
        let is_inconclusive = |verdict: &&&Verdict| verdict.outcome == Outcome::Inconclusive;
        all.iter().take_while(is_inconclusive).map(|verdict| verdict.at).collect()
    }

    /// Whether it goes on like this: nothing is learned any more, which is no better than no
    /// verification.
    fn is_unlearned(&self) -> bool {
        let without = self.without_result();
        let lasted = without.first().zip(without.last()).map(|(new, old)| new.duration_since(*old));
        without.len() >= INCONCLUSIVE_MAX || lasted.is_some_and(|it| it > INCONCLUSIVE_FOR)
    }

    /// The newest verdict, unless it is a PASS.
    fn last(&self) -> Option<Found<'v>> {
        let (id, Verdict { outcome, cause, at, .. }) = self.newest()?;
        let (name, at) = (self.name, instant(*at));
        match (outcome, cause) {
            (Outcome::Pass, _) => None,
            (Outcome::Fail, Some(Cause::Drift)) => Some((
                Condition::DataDropped,
                Some(id),
                format!("{name}: {id}, verified at {at}, lost what an earlier one still held"),
                "Read its evidence record. Nothing of it is pruned until a later one passes, or \
                 verify is asked to accept it: {\"accept\": \"<recovery point>\"}.",
            )),
            (Outcome::Fail, cause) => {
                let cause = in_words(cause);
                Some((
                    Condition::VerificationFailed,
                    Some(id),
                    format!("{name}: {id} failed its verification at {at}{cause}"),
                    "Read its evidence record; the older verified recovery points are kept meanwhile.",
                ))
            }
            (Outcome::Inconclusive, cause) => {
                let cause = in_words(cause);
                let more = match self.without_result().len() {
                    0 | 1 => String::new(),
                    count => format!(", as did all of the last {count}"),
                };
                Some((
                    Condition::VerificationInconclusive,
                    Some(id),
                    format!(
                        "{name}: the verification of {id} ended at {at} without a result{cause}{more}"
                    ),
                    "Read its evidence record: it says what stood in the way.",
                ))
            }
        }
    }

    /// The newest restore that answered took longer than the objective allows.
    fn slow(&self, objective: Option<Objective>) -> Option<Found<'v>> {
        let measured = self.all.iter().filter(|(_, verdict)| verdict.rto.is_some());
        let (id, verdict) = measured.max_by_key(|(_, verdict)| verdict.at)?;
        let (took, objective) = (verdict.rto?, objective?);
        let (name, took_words, limit) = (self.name, span(took), span(objective));
        let message = format!("{name}: restoring {id} took {took_words}, the RTO is {limit}");
        let next_step = "Read the phases in its evidence record: which of them took so long?";
        (took > objective).then_some((Condition::RtoMissed, Some(id), message, next_step))
    }

    /// No verdict since the last one was due, or no PASS for as long as the policy allows.
    fn overdue(
        &self,
        view: &View<'_>,
        protected: &Protected<'_>,
        rule: &VerifyRule,
        points: &[&RecoveryPoint<'_>],
    ) -> Option<Found<'v>> {
        let name = self.name;
        let next_step = "Look at the last report of verify and at the scratch databases.";
        let passes = self.all.iter().filter(|(_, verdict)| verdict.outcome == Outcome::Pass);
        let proven_at = passes.map(|(_, verdict)| verdict.at).max();
        let since = proven_at.or(protected.database.created_at);
        let limit = protected.policy.alarms.unverified_after;
        let unproven = since.zip(limit).filter(|(at, limit)| view.now.duration_since(*at) > *limit);
        if let Some((at, limit)) = unproven {
            let age = span(view.now.duration_since(at));
            let message =
                format!("{name} wasn't proven to restore for {age}, the limit is {}", span(limit));
            return Some((Condition::VerificationOverdue, None, message, next_step));
        }
        let due = rule.schedule.latest_at_or_before(view.now, &view.document.time_zone)?;
        let is_judged = self.all.iter().any(|(_, verdict)| verdict.at >= due);
        let is_rehearsal = matches!(rule.pick, Pick::PointInTime { .. });
        let existed = protected.database.created_at.is_none_or(|at| at <= due);
        let was_possible = match is_rehearsal {
            true => existed,
            false => points.iter().any(|point| point.taken_at <= due),
        };
        let late = view.now.duration_since(due) > rule.deadline + GRACE;
        let message = format!("{name}: the verification due at {} has no verdict", instant(due));
        (late && was_possible && !is_judged).then_some((
            Condition::VerificationOverdue,
            None,
            message,
            next_step,
        ))
    }
}

fn in_words(cause: &Option<Cause>) -> String {
    cause.map_or_else(String::new, |cause| format!(": {}", cause.as_str()))
}
