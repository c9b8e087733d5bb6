//! The decision on one group, with and without words.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::decision::{Decision, Decisions, Fate, GuardStatus};
use super::judge::walk;
use super::rules::Retention;
use super::{Point, guard};

/// What becomes of each recovery point of one group, newest first, with every reason.
///
/// `now` is only for points from the future and for `expire_after`. Ids are unique in `points`, and
/// their order doesn't matter. Costs one sort and one walk.
#[must_use]
pub fn decide(
    points: &[Point<'_>],
    rules: &Retention,
    zone: &TimeZone,
    now: Timestamp,
) -> Decisions {
    let mut decisions = Vec::with_capacity(points.len());
    let mut census = guard::Census::default();
    let anchor = walk(points, rules, zone, now, |judged| {
        census.count(&judged);
        let id = judged.point.id.to_owned();
        decisions.push(Decision { id, fate: judged.fate, reasons: judged.texts() });
    });
    let plan_hash = guard::plan_hash(rules, zone, anchor, &census);
    let guard = GuardStatus::new(rules.guard, census.managed, census.delete_ids.len(), plan_hash);
    let refusal = guard::refusal(&census, rules, &guard);
    Decisions { decisions, refusal, guard, anchor, drain: rules.drain }
}

/// The fate of each of `points`, in their order: [`decide`] without a word, for those who look at
/// many years or many policies. No guard and no refusal is in it.
#[must_use]
pub fn fates(
    points: &[Point<'_>],
    rules: &Retention,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<Fate> {
    let mut fates = vec![Fate::Ignore; points.len()];
    walk(points, rules, zone, now, |judged| fates[judged.index] = judged.fate);
    fates
}
