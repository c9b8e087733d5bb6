//! The `retention` object: at least one rule keeps something, and no number that can't be meant.

use super::place::{Place, optional};
use super::values::{calendar_duration, percent, within};
use crate::document::wire::{self, default};
use crate::retention::{Count, Guard, Retention};

pub(super) fn retention(at: &Place<'_>, wire: wire::Retention) -> Option<Retention> {
    let count = |wire: Option<wire::Count>| wire.map_or(Count::Exactly(0), |count| count.0);
    let span = |key: &str, wire: Option<wire::CalendarDuration>| {
        optional(wire, |wire| calendar_duration(&at.key(key), &wire))
    };
    let quarantine =
        wire.quarantine.unwrap_or_else(|| wire::CalendarDuration(default::QUARANTINE.to_owned()));
    let min_keep = wire.min_keep.unwrap_or(default::MIN_KEEP);

    let spans = [
        span("within", wire.within),
        span("within_hourly", wire.within_hourly),
        span("within_daily", wire.within_daily),
        span("within_weekly", wire.within_weekly),
        span("within_monthly", wire.within_monthly),
        span("within_yearly", wire.within_yearly),
        span("expire_after", wire.expire_after),
    ];
    let quarantine = calendar_duration(&at.key("quarantine"), &quarantine);
    let min_keep = within(&at.key("min_keep"), min_keep, 1..=u32::MAX);
    let drain = optional(wire.drain, |drain| within(&at.key("drain"), drain, 1..=u32::MAX));
    let guard = guard(&at.key("guard"), wire.guard);

    let [within, hourly, daily, weekly, monthly, yearly, expire_after] = spans;
    let retention = Retention {
        keep_last: count(wire.keep_last),
        hourly: count(wire.hourly),
        daily: count(wire.daily),
        weekly: count(wire.weekly),
        monthly: count(wire.monthly),
        yearly: count(wire.yearly),
        within: within?,
        within_hourly: hourly?,
        within_daily: daily?,
        within_weekly: weekly?,
        within_monthly: monthly?,
        within_yearly: yearly?,
        keep_oldest: wire.keep_oldest.unwrap_or(default::KEEP_OLDEST),
        min_keep: min_keep?,
        verified_floor: wire.verified_floor.unwrap_or(0),
        expire_after: expire_after?,
        quarantine: quarantine?,
        guard: guard?,
        drain: drain?,
    };
    if keeps_something(&retention) {
        return Some(retention);
    }
    at.refuse_value(
        "no rule that keeps anything",
        "keep_last, hourly, daily, weekly, monthly, yearly or a within above zero",
    )
}

/// `min_keep` and `verified_floor` are floors under the rules: by themselves they are no policy.
fn keeps_something(retention: &Retention) -> bool {
    let Retention { keep_last, hourly, daily, weekly, monthly, yearly, .. } = retention;
    let counts = [keep_last, hourly, daily, weekly, monthly, yearly];
    let windows = [
        retention.within,
        retention.within_hourly,
        retention.within_daily,
        retention.within_weekly,
        retention.within_monthly,
        retention.within_yearly,
    ];
    counts.into_iter().any(|count| *count != Count::Exactly(0))
        || windows.iter().any(Option::is_some)
}

fn guard(at: &Place<'_>, wire: Option<wire::Guard>) -> Option<Guard> {
    let (max_deletes, max_percent) =
        wire.map_or((None, None), |guard| (guard.max_deletes, guard.max_percent));
    let max_percent = max_percent.unwrap_or(default::MAX_PERCENT);
    Some(Guard {
        max_deletes: max_deletes.unwrap_or(default::MAX_DELETES),
        max_percent: percent(&at.key("max_percent"), max_percent, 0)?,
    })
}
