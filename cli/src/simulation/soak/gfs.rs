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

#[cfg(test)]
mod tests {
    use snapkeep_policy::retention::{self, Fate, Retention, Verified, fates};

    use super::*;
    use crate::simulation::soak::draw::Draw;

    fn group(draw: Draw) -> Vec<Point> {
        let start: Timestamp = "2026-03-20T00:30:00Z".parse().unwrap();
        (0..draw.within("count", 1, 40))
            .map(|n| {
                let of = |what: &str, from, to| draw.within(&format!("{what} {n}"), from, to);
                let taken_at =
                    start + SignedDuration::from_mins(i64::from(of("at", 0, 60_000)) * 15);
                let failed = of("failed", 0, 9) == 0;
                let failed_at =
                    taken_at + SignedDuration::from_hours(i64::from(of("after", 1, 500)));
                Point {
                    taken_at,
                    id: format!("s-{n:02}"),
                    verified: !failed && of("verified", 0, 2) == 0,
                    failed_at: failed.then_some(failed_at),
                    held: of("held", 0, 15) == 0,
                    counts: of("counts", 0, 11) > 0,
                }
            })
            .collect()
    }

    fn keep(draw: Draw) -> Keep {
        let of = |what: &str, to| draw.within(what, 0, to);
        Keep {
            last: of("last", 3),
            hourly: of("hourly", 3),
            daily: of("daily", 8),
            weekly: of("weekly", 5),
            monthly: of("monthly", 5),
            yearly: of("yearly", 2),
            oldest: of("oldest", 1) == 1,
            min: 1 + of("min", 2),
            verified_floor: of("floor", 2),
            quarantine_days: 1 + of("quarantine", 19),
        }
    }

    /// Two thousand groups, in zones that change their clocks: whatever the product would delete the
    /// reference lets go, and the other way round.
    #[test]
    fn the_reference_and_the_product_keep_the_same() {
        let far: Timestamp = "2040-01-01T00:00:00Z".parse().unwrap();
        let mut gone_in_all = 0;
        for seed in 0..2_000 {
            let (draw, points) = (Draw(seed), group(Draw(seed)));
            let keep = Keep { last: keep(draw).last.max(1), ..keep(draw) };
            let zone =
                TimeZone::get(draw.one("zone", &["UTC", "Europe/Berlin", "America/New_York"]));
            let zone = zone.unwrap();
            let rules = Retention::from_json(&keep.document().to_string()).unwrap();
            let shown: Vec<retention::Point<'_>> = points.iter().map(shown).collect();
            let decided = retention::decide(&shown, &rules, &zone, far);
            let blocked = decided.refusal.as_ref().is_some_and(|refusal| {
                !matches!(refusal.code, snapkeep_policy::plan::RefusalCode::GuardBlocked)
            });
            let going = fates(&shown, &rules, &zone, far);
            let product: BTreeSet<String> = points
                .iter()
                .zip(going)
                .filter(|(_, fate)| blocked || *fate != Fate::Delete)
                .map(|(point, _)| point.id.clone())
                .collect();
            assert_eq!(keep.kept(&points, &zone), product, "seed {seed}: {keep:?}");
            gone_in_all += points.len() - product.len();
        }
        assert!(gone_in_all > 5_000, "{gone_in_all}");
    }

    fn shown(point: &Point) -> retention::Point<'_> {
        let verified = match (point.verified, point.failed_at) {
            (true, _) => Verified::Pass,
            (false, Some(at)) => Verified::Fail { at },
            (false, None) => Verified::Unknown,
        };
        retention::Point {
            id: &point.id,
            taken_at: point.taken_at,
            verified,
            held: point.held,
            untouchable: (!point.counts).then_some("in use"),
        }
    }
}
