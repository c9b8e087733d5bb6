//! The rules once more, naively: every question is asked of every pair of points, periods are texts,
//! and a window's start is searched for minute by quarter hour. Slow, and easy to compare with the
//! specification line by line.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanFieldwise, Timestamp, ToSpan};
use snapkeep_policy::retention::{Count, Fate, Point, Retention, Verified};

/// The fate of each of `points`, in their order.
pub fn fates(
    points: &[Point<'_>],
    rules: &Retention,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<Fate> {
    let model = Model { points, rules, zone, now };
    points.iter().map(|point| model.fate(point)).collect()
}

struct Model<'m> {
    points: &'m [Point<'m>],
    rules: &'m Retention,
    zone: &'m TimeZone,
    now: Timestamp,
}

const HOUR: &str = "%Y-%m-%dT%H%:z";
const DAY: &str = "%Y-%m-%d";
const WEEK: &str = "%G-W%V";
const MONTH: &str = "%Y-%m";
const YEAR: &str = "%Y";

impl<'m> Model<'m> {
    fn fate(&self, point: &Point<'_>) -> Fate {
        if self.is_ignored(point) {
            Fate::Ignore
        } else if point.held || self.is_in_quarantine(point) {
            Fate::Keep
        } else if !self.is_eligible(point) {
            Fate::Delete
        } else if self.floors_keep(point) || (!self.is_expired(point) && self.tiers_keep(point)) {
            Fate::Keep
        } else {
            Fate::Delete
        }
    }

    fn is_ignored(&self, point: &Point<'_>) -> bool {
        let is_ahead = point.taken_at.duration_since(self.now) > SignedDuration::from_mins(5);
        point.untouchable.is_some() || is_ahead
    }

    fn is_eligible(&self, point: &Point<'_>) -> bool {
        !self.is_ignored(point) && !matches!(point.verified, Verified::Fail { .. })
    }

    fn eligible(&self) -> impl Iterator<Item = &'m Point<'m>> {
        self.points.iter().filter(|point| self.is_eligible(point))
    }

    fn anchor(&self) -> Option<Timestamp> {
        self.eligible().map(|point| point.taken_at).max()
    }

    fn is_in_quarantine(&self, point: &Point<'_>) -> bool {
        let Verified::Fail { at } = point.verified else { return false };
        let until = at.to_zoned(self.zone.clone()).checked_add(self.rules.quarantine.0).unwrap();
        self.anchor().is_none_or(|anchor| anchor < until.timestamp())
    }

    fn is_expired(&self, point: &Point<'_>) -> bool {
        let now = self.now.to_zoned(self.zone.clone());
        let age = self.rules.expire_after;
        age.is_some_and(|age| point.taken_at <= now.checked_sub(age.0).unwrap().timestamp())
    }

    fn floors_keep(&self, point: &Point<'_>) -> bool {
        let is_verified = |p: &Point<'_>| p.verified == Verified::Pass;
        let newer = self.newer(point).count();
        let newer_verified = self.newer(point).filter(|p| is_verified(p)).count();
        newer < self.rules.min_keep.max(1) as usize
            || (is_verified(point) && newer_verified < self.rules.verified_floor.max(1) as usize)
    }

    fn tiers_keep(&self, point: &Point<'_>) -> bool {
        let r = self.rules;
        let counted = [
            (HOUR, r.hourly),
            (DAY, r.daily),
            (WEEK, r.weekly),
            (MONTH, r.monthly),
            (YEAR, r.yearly),
        ];
        let within = [
            (HOUR, r.within_hourly),
            (DAY, r.within_daily),
            (WEEK, r.within_weekly),
            (MONTH, r.within_monthly),
            (YEAR, r.within_yearly),
        ];
        is_below(self.newer(point).count(), r.keep_last)
            || counted.into_iter().any(|(period, count)| self.period_keeps(point, period, count))
            || r.within.is_some_and(|length| self.is_within(point, length))
            || within.into_iter().any(|(period, length)| {
                self.is_newest_of(point, period)
                    && length.is_some_and(|length| self.is_within(point, length))
            })
    }

    /// Whether `point` is kept by the tier of so many periods.
    fn period_keeps(&self, point: &Point<'_>, period: &str, count: Count) -> bool {
        let newest: Vec<_> = self.eligible().filter(|p| self.is_newest_of(p, period)).collect();
        let newest_here =
            newest.iter().find(|p| self.text(p, period) == self.text(point, period)).unwrap();
        let periods_after = newest.iter().filter(|p| is_newer(p, newest_here)).count();
        let is_verified_one = point.verified == Verified::Pass
            && newest_here.verified != Verified::Pass
            && self
                .newer(point)
                .filter(|p| self.text(p, period) == self.text(point, period))
                .all(|p| p.verified != Verified::Pass);
        let is_oldest = self.eligible().all(|p| p.id == point.id || is_newer(p, point));
        let is_full = !is_below(newest.len(), count);
        let is_kept_as_oldest =
            self.rules.keep_oldest && is_oldest && !is_full && count != Count::Exactly(0);
        (is_below(periods_after, count) && (newest_here.id == point.id || is_verified_one))
            || is_kept_as_oldest
    }

    fn is_newest_of(&self, point: &Point<'_>, period: &str) -> bool {
        self.newer(point).all(|p| self.text(p, period) != self.text(point, period))
    }

    fn newer(&self, point: &Point<'_>) -> impl Iterator<Item = &'m Point<'m>> {
        self.eligible().filter(move |p| is_newer(p, point))
    }

    fn text(&self, point: &Point<'_>, period: &str) -> String {
        point.taken_at.to_zoned(self.zone.clone()).strftime(period).to_string()
    }

    /// Whether some later anchor, or this one, has `point` within `length` of it.
    fn is_within(&self, point: &Point<'_>, length: SpanFieldwise) -> bool {
        let anchor = self.anchor().unwrap();
        let quarter = anchor.as_second().div_euclid(900) * 900;
        // Longer than three clamped days and a repeated hour.
        (1..=80 * 4)
            .map(|n| Timestamp::from_second(quarter + n * 900).unwrap())
            .chain([anchor])
            .any(|later| point.taken_at > self.back(later, length.0))
    }

    fn back(&self, from: Timestamp, length: Span) -> Timestamp {
        from.to_zoned(self.zone.clone()).checked_sub(length).unwrap().timestamp()
    }
}

fn is_newer(a: &Point<'_>, b: &Point<'_>) -> bool {
    (b.taken_at, a.id) < (a.taken_at, b.id)
}

fn is_below(number: usize, count: Count) -> bool {
    match count {
        Count::Exactly(count) => number < count as usize,
        Count::All => true,
    }
}

#[test]
fn the_model_is_right_about_a_day_that_can_be_counted_by_hand() {
    let ids: Vec<String> = (0..24).map(|hour| format!("h{hour:02}")).collect();
    let points: Vec<Point<'_>> = (0..24_i64)
        .map(|hour| Point {
            taken_at: super::at("2026-03-04T00:00:00Z") + hour.hours(),
            ..super::point(&ids[hour as usize], "2026-03-04T00:00:00Z")
        })
        .collect();
    let rules =
        Retention { keep_last: Count::Exactly(3), daily: Count::Exactly(1), ..super::rules() };
    let fates = fates(&points, &rules, &TimeZone::UTC, super::at("2026-03-05T00:00:00Z"));
    let kept = |fate: &Fate| *fate == Fate::Keep;
    assert_eq!(
        fates.iter().map(kept).collect::<Vec<_>>(),
        [vec![false; 21], vec![true; 3]].concat()
    );
}
