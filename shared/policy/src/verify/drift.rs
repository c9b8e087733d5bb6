//! Drift: what a database lost since the last recovery point of it that was proven.
//!
//! A backup of a table that somebody emptied restores perfectly. So the content is held against what
//! the newest older proven recovery point held: a table or collection that is gone, or that lost more
//! than its share of rows, fails the verification, and nothing of that database is pruned until
//! somebody has looked. Growth is never drift.

use jiff::SignedDuration;

use super::judge::{CheckResult, Observed};
use super::testimony::{HOLDINGS_MAX, Holding, Survey};
use crate::document::DriftRule;
use crate::recovery_point::{Cause, Outcome};

/// Where one of two figures is only the engine's estimate, it may be off by this much more, in
/// percentage points. Source: MySQL Reference Manual, "The INFORMATION_SCHEMA TABLES Table",
/// TABLE_ROWS: it "may vary from the actual value by as much as 40% to 50%".
const ESTIMATE_PERCENT: u64 = 50;
/// Losses that are named in one line.
const SHOWN_MAX: usize = 3;

/// Holds what is there now against what was there then.
pub(super) fn check(
    baseline: &Survey,
    now: Option<&Survey>,
    rule: &DriftRule,
) -> (CheckResult, Option<Cause>) {
    let result = |verdict, observed: String| CheckResult {
        check: "it holds what it held".to_owned(),
        verdict,
        observed: Observed::Text(observed),
        expected: format!("no table lost, and at most {} % of its rows", rule.max_drop_percent),
        took: SignedDuration::ZERO,
    };
    let Some(now) = now else {
        let observed = "what it holds couldn't be seen".to_owned();
        return (result(Outcome::Inconclusive, observed), Some(Cause::Check));
    };
    let losses = losses(baseline, now, rule);
    if losses.is_empty() {
        let observed = format!("{} of {} are there", now.0.len(), baseline.0.len());
        return (result(Outcome::Pass, observed), None);
    }
    let more = losses.len().saturating_sub(SHOWN_MAX);
    let shown = losses.into_iter().take(SHOWN_MAX).collect::<Vec<_>>().join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (result(Outcome::Fail, format!("{shown}{more}")), Some(Cause::Drift))
}

/// Every loss beyond the rule, in words, by name.
fn losses(baseline: &Survey, now: &Survey, rule: &DriftRule) -> Vec<String> {
    // A survey that was cut short doesn't show what is missing.
    let is_whole = now.0.len() < HOLDINGS_MAX;
    let held = baseline.0.iter().filter(|(name, _)| !rule.ignore.contains(name));
    let loss = |(name, then): (&String, &Holding)| match now.0.get(name) {
        None if is_whole => Some(format!("{name} is gone")),
        None => None,
        Some(now) => {
            let (then_rows, now_rows) = (then.rows, now.rows);
            is_dropped(then, now, rule.max_drop_percent)
                .then(|| format!("{name} fell from {then_rows} to {now_rows} rows"))
        }
    };
    held.filter_map(loss).collect()
}

fn is_dropped(then: &Holding, now: &Holding, max_drop_percent: u8) -> bool {
    let slack = if then.counted && now.counted { 0 } else { ESTIMATE_PERCENT };
    let kept_percent = 100_u64.saturating_sub(u64::from(max_drop_percent) + slack);
    u128::from(now.rows) * 100 < u128::from(then.rows) * u128::from(kept_percent)
}
