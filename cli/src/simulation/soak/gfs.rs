//! What retention keeps, said once more and in another way: as sets.
//!
//! `shared/policy/src/retention` walks from the newest recovery point to the oldest with a number for
//! each period. This is the definition itself: group by the period's written name, take the newest names,
//! and of each the newest member. It is slow, and shares neither types nor calendar with the product.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// How much is kept; 0 is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    pub last: u32,
    pub hourly: u32,
    pub daily: u32,
    pub weekly: u32,
    pub monthly: u32,
    pub yearly: u32,
    pub oldest: bool,
    pub min: u32,
    pub verified_floor: u32,
    pub quarantine_days: u32,
}

/// A recovery point, as far as retention goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    pub taken_at: Timestamp,
    pub id: String,
    /// Proven by a restore.
    pub verified: bool,
    /// When a restore of it was found to fail.
    pub failed_at: Option<Timestamp>,
    pub held: bool,
    /// Available, and neither of the future nor in anybody's use.
    pub counts: bool,
}

impl Keep {
    /// As the policy document writes it.
    pub fn document(&self) -> Value {
        json!({
            "keep_last": self.last, "hourly": self.hourly, "daily": self.daily, "weekly": self.weekly,
            "monthly": self.monthly, "yearly": self.yearly, "keep_oldest": self.oldest,
            "min_keep": self.min, "verified_floor": self.verified_floor,
            "quarantine": format!("P{}D", self.quarantine_days),
        })
    }

    /// What must not go, of one database's recovery points in one region and class.
    pub fn kept(&self, points: &[Point], zone: &TimeZone) -> BTreeSet<String> {
        let all = || points.iter().map(|point| point.id.clone()).collect();
        let sound: Vec<&Point> =
            points.iter().filter(|p| p.counts && p.failed_at.is_none()).collect();
        let newest_first = newest_first(&sound);
        let verified: Vec<&Point> = newest_first.iter().filter(|p| p.verified).copied().collect();
        let Some(newest) = newest_first.first() else { return all() };
        if self.verified_floor > 0 && verified.is_empty() {
            return all();
        }
        let names = |points: &[&Point], count: u32| -> BTreeSet<String> {
            points.iter().take(count as usize).map(|point| point.id.clone()).collect()
        };
        let mut kept: BTreeSet<String> =
            points.iter().filter(|p| !p.counts || p.held).map(|p| p.id.clone()).collect();
        kept.extend(names(&newest_first, self.last));
        kept.extend(names(&newest_first, self.min.max(1)));
        kept.extend(names(&verified, self.verified_floor.max(1)));
        for (count, form) in self.tiers() {
            kept.extend(self.of_periods(&newest_first, zone, count, form));
        }
        let quarantine = SignedDuration::from_hours(24 * i64::from(self.quarantine_days));
        let in_quarantine = |point: &&Point| {
            point.failed_at.is_some_and(|at| newest.taken_at < day_after(at, quarantine, zone))
        };
        kept.extend(points.iter().filter(in_quarantine).map(|point| point.id.clone()));
        kept
    }

    /// Each tier with the form that names its periods: an hour by its offset too, a week by its ISO year.
    fn tiers(&self) -> [(u32, &'static str); 5] {
        [
            (self.hourly, "%Y-%m-%d %H %z"),
            (self.daily, "%Y-%m-%d"),
            (self.weekly, "%G-W%V"),
            (self.monthly, "%Y-%m"),
            (self.yearly, "%Y"),
        ]
    }

    fn of_periods(
        &self,
        newest_first: &[&Point],
        zone: &TimeZone,
        count: u32,
        form: &str,
    ) -> BTreeSet<String> {
        if count == 0 {
            return BTreeSet::new();
        }
        let mut periods: BTreeMap<String, Vec<&Point>> = BTreeMap::new();
        for point in newest_first {
            let name = point.taken_at.to_zoned(zone.clone()).strftime(form).to_string();
            periods.entry(name).or_default().push(point);
        }
        // By their newest member, as names of hours need not sort by time where the clock goes back.
        let mut order: Vec<&Vec<&Point>> = periods.values().collect();
        order.sort_by_key(|members| std::cmp::Reverse(members[0].taken_at));
        let mut kept = BTreeSet::new();
        for members in order.iter().take(count as usize) {
            kept.insert(members[0].id.clone());
            kept.extend(members.iter().find(|point| point.verified).map(|p| p.id.clone()));
        }
        let is_full = order.len() >= count as usize;
        if let (true, false, Some(oldest)) = (self.oldest, is_full, newest_first.last()) {
            kept.insert(oldest.id.clone());
        }
        kept
    }
}

fn newest_first<'p>(points: &[&'p Point]) -> Vec<&'p Point> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| b.taken_at.cmp(&a.taken_at).then_with(|| a.id.cmp(&b.id)));
    sorted
}

/// So many civil days later: where the clock changes, a day isn't 24 hours.
fn day_after(at: Timestamp, days: SignedDuration, zone: &TimeZone) -> Timestamp {
    let days = jiff::Span::new().days(days.as_hours() / 24);
    at.to_zoned(zone.clone()).checked_add(days).map_or(Timestamp::MAX, |at| at.timestamp())
}
