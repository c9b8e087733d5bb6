//! The snapshot quota: how full it is, when it will be used up, and what the policy will need of it.
//!
//! AWS refuses a further manual snapshot when the region's quota is used up, and backups then stop
//! without anybody having done anything. The default of 100 is little: 30 daily, 12 weekly, 12 monthly
//! and 7 yearly recovery points are up to 61 a database. So it is said as soon as the policy asks for
//! more than there is, which may be months before the quota is full.
//!
//! Both answers are estimates. Growth goes on as it went in the last days, and what a policy needs is
//! what its rules keep once they are filled.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::ids::{Region, ResourceId};
use crate::inventory::{Shape, Snapshot};
use crate::retention::{Count, Retention};
use crate::selection::Protected;
use crate::view::View;

/// Growth is measured over this long: a weekly schedule is in it, and a busy day is evened out.
const GROWTH_DAYS: i64 = 7;

/// The most recovery points that a group comes to hold under `rules`, once every tier is filled.
///
/// The tiers of periods each count in full, although one point may serve several of them. The newest
/// so many (`keep_last`, `min_keep`, `verified_floor`) are in each other, and the first of them is
/// every period's newest too. `None` if there is no such number: with `"all"`, and within a length of
/// time, where it depends on how many are taken.
///
/// Beyond it are recovery points that are held or in quarantine, and the verified one that a period
/// keeps beside a newer one of which nothing is known yet.
#[must_use]
pub fn steady_state(rules: &Retention) -> Option<u64> {
    let windows = [
        rules.within,
        rules.within_hourly,
        rules.within_daily,
        rules.within_weekly,
        rules.within_monthly,
        rules.within_yearly,
    ];
    if windows.iter().any(Option::is_some) {
        return None;
    }
    let tiers = [rules.hourly, rules.daily, rules.weekly, rules.monthly, rules.yearly];
    let periods = tiers.into_iter().map(limit).sum::<Option<u64>>()?;
    let floor = rules.min_keep.max(rules.verified_floor).max(1);
    let newest = limit(rules.keep_last)?.max(u64::from(floor));
    Some(if periods == 0 { newest } else { periods + newest - 1 })
}

fn limit(count: Count) -> Option<u64> {
    match count {
        Count::Exactly(count) => Some(u64::from(count)),
        Count::All => None,
    }
}

/// How full a quota is, and when it will be used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// Snapshots that count towards it.
    pub used: u32,
    /// The quota.
    pub max: u32,
    /// How much of it is used, in whole percent, rounded down; 100 and more when nothing is left.
    pub percent: u32,
    /// When nothing will be left, if growth goes on as it does. `None` if there is no growth, or if
    /// that is beyond the calendar.
    pub exhausted_at: Option<Timestamp>,
}

/// Looks ahead from `now`, with so many snapshots more each day.
#[must_use]
pub fn forecast(used: u32, max: u32, growth_per_day: f64, now: Timestamp) -> Forecast {
    let percent = u64::from(used) * 100 / u64::from(max.max(1));
    let percent = if max == 0 { 100 } else { u32::try_from(percent).unwrap_or(u32::MAX) };
    let exhausted_at = match max.saturating_sub(used) {
        0 => Some(now),
        room if growth_per_day > 0.0 => after_days(now, f64::from(room) / growth_per_day),
        _ => None,
    };
    Forecast { used, max, percent, exhausted_at }
}

/// `None` beyond the calendar.
fn after_days(now: Timestamp, days: f64) -> Option<Timestamp> {
    now.checked_add(SignedDuration::try_from_secs_f64(days * 86_400.0).ok()?).ok()
}

/// What a region's quota is asked to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// The snapshots that exist now, and when there will be no room for another.
    pub forecast: Forecast,
    /// The snapshots that there will be once the policies' rules are filled: what they keep of each
    /// protected database and of its copies, and all others as they are now. Where rules have no
    /// [`steady_state`], or aren't carried out, what there is now.
    pub needed: u64,
}

/// `70 of 100 are used, the policies come to 152, no room is left by 2026-03-19 if growth goes on`
impl fmt::Display for Outlook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { forecast: Forecast { used, max, exhausted_at, .. }, needed } = self;
        write!(f, "{used} of {max} are used")?;
        if *needed > u64::from(*max) {
            write!(f, ", the policies come to {needed}")?;
        }
        match exhausted_at {
            Some(_) if used >= max => f.write_str(", no room is left"),
            // To the day: an estimate to the minute would be another at every look.
            Some(at) => {
                write!(f, ", no room is left by {} if growth goes on", at.strftime("%Y-%m-%d"))
            }
            None => Ok(()),
        }
    }
}

/// How the `max` manual snapshots of `shape` in `region` will be used, by whomever.
///
/// Growth is what was added in the last seven days and is still there. What is added under rules that
/// are filled takes the place of another, and rules that will be filled within the quota stop growing:
/// neither uses it up.
#[must_use]
pub fn outlook(view: &View<'_>, region: &Region, shape: Shape, max: u32) -> Outlook {
    let snapshots = view.seen.get(region).map_or(&[][..], |inventory| &inventory.snapshots);
    let all = || snapshots.iter().filter(|snapshot| snapshot.shape == shape);
    let used = all().count();
    let fresh = |snapshot: &&Snapshot| is_fresh(snapshot, view.now);
    let (mut others, mut endless) = (used, all().filter(fresh).count());
    let (mut kept, mut filling) = (0_u64, 0);
    for (source, rules) in groups(view, region, shape) {
        let points = || {
            let points = view.points_of(source).iter();
            let points = points.filter(|p| p.region() == region && p.shape() == shape);
            points.map(|point| point.snapshot)
        };
        let (held, added) = (points().count(), points().filter(fresh).count());
        others = others.saturating_sub(held);
        // By a week's growth too many: nothing is being deleted, perhaps because prune runs dry.
        let most = steady_state(rules).filter(|most| held as u64 <= most + added as u64);
        kept += most.unwrap_or(held as u64);
        if let Some(most) = most {
            endless = endless.saturating_sub(added);
            filling += if (held as u64) < most { added } else { 0 };
        }
    }
    let needed = kept + others as u64;
    let added = if needed > u64::from(max) { endless + filling } else { endless };
    let growth_per_day = added as f64 / GROWTH_DAYS as f64;
    let used = u32::try_from(used).unwrap_or(u32::MAX);
    Outlook { forecast: forecast(used, max, growth_per_day, view.now), needed }
}

/// What policies keep in `region`: of each source its originals at home, its copies elsewhere.
fn groups<'v>(
    view: &'v View<'_>,
    region: &'v Region,
    shape: Shape,
) -> impl Iterator<Item = (&'v ResourceId, &'v Retention)> {
    let protected = view.protected.iter().filter(move |p| p.database.shape == shape);
    protected.filter_map(move |protected| {
        let Protected { database, policy, .. } = protected;
        let source = &database.resource_id;
        if database.arn.region == *region {
            return Some((source, &policy.retention));
        }
        let rule = policy.copies.iter().find(|rule| rule.region == *region)?;
        Some((source, &rule.retention))
    })
}

/// Whether a snapshot came in the last days. What is still being made has no time yet.
fn is_fresh(snapshot: &Snapshot, now: Timestamp) -> bool {
    let length = SignedDuration::from_hours(24 * GROWTH_DAYS);
    snapshot.created_at.is_none_or(|at| now.duration_since(at) < length)
}
