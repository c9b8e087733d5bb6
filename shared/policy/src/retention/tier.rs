//! The keep rules, each walking once from the newest eligible recovery point to the oldest.

use jiff::tz::TimeZone;
use jiff::{SpanFieldwise, Timestamp};

use super::period::{Period, Place};
use super::reason::Reason;
use super::rules::{Count, Retention};
use super::{Point, Verified, window};

/// What a rule says of a point: why it keeps it, or why it doesn't.
pub(super) type Ruling<'p> = Result<Reason<'p>, Reason<'p>>;

/// A rule of the union that isn't a floor: its reasons end with `expire_after`.
#[derive(Debug)]
pub(super) enum Tier<'p> {
    Last(Newest),
    Periods(Periods<'p>),
    Within(Window<'p>),
}

impl<'p> Tier<'p> {
    /// The tiers that `rules` ask for, in the order in which their reasons are given.
    pub(super) fn all(rules: &'p Retention, zone: &TimeZone, anchor: Timestamp) -> Vec<Self> {
        let counts = [
            (Period::Hour, rules.hourly),
            (Period::Day, rules.daily),
            (Period::Week, rules.weekly),
            (Period::Month, rules.monthly),
            (Period::Year, rules.yearly),
        ];
        let windows = [
            (Period::Hour, &rules.within_hourly),
            (Period::Day, &rules.within_daily),
            (Period::Week, &rules.within_weekly),
            (Period::Month, &rules.within_monthly),
            (Period::Year, &rules.within_yearly),
        ];
        let window = |length: &'p SpanFieldwise| Window {
            length,
            after: window::start(anchor, *length, zone),
        };
        let mut tiers = Vec::new();
        if rules.keep_last != Count::Exactly(0) {
            tiers.push(Self::Last(Newest::new("keep-last", rules.keep_last)));
        }
        for (period, count) in counts.into_iter().filter(|(_, count)| *count != Count::Exactly(0)) {
            tiers.push(Self::Periods(Periods::new(period, Limit::Newest(count))));
        }
        tiers.extend(rules.within.as_ref().map(|length| Self::Within(window(length))));
        for (period, length) in windows {
            let limit = length.as_ref().map(|length| Limit::Within(window(length)));
            tiers.extend(limit.map(|limit| Self::Periods(Periods::new(period, limit))));
        }
        tiers
    }

    /// What this tier says of the next point on the way back.
    pub(super) fn rule(&mut self, point: &Point<'p>, place: &Place) -> Ruling<'p> {
        match self {
            Self::Last(newest) => newest.rule(),
            Self::Periods(periods) => periods.rule(point, place),
            Self::Within(window) => window.rule(point.taken_at, None),
        }
    }

    /// Why this tier, if it still has room, keeps the oldest point although another supersedes it.
    pub(super) fn oldest(&self) -> Option<Reason<'p>> {
        match self {
            Self::Periods(Periods { period, limit: Limit::Newest(count), rank, .. }) => {
                has_room(*rank, *count).then_some(Reason::Oldest(*period))
            }
            Self::Periods(_) | Self::Last(_) | Self::Within(_) => None,
        }
    }
}

/// Whether a rule that has kept `taken` may keep one more.
fn has_room(taken: u32, count: Count) -> bool {
    match count {
        Count::Exactly(max) => taken < max,
        Count::All => true,
    }
}

/// The newest so many, of whatever it is shown.
#[derive(Debug)]
pub(super) struct Newest {
    rule: &'static str,
    count: Count,
    taken: u32,
}

impl Newest {
    pub(super) fn new(rule: &'static str, count: Count) -> Self {
        Self { rule, count, taken: 0 }
    }

    pub(super) fn rule<'p>(&mut self) -> Ruling<'p> {
        match self.count {
            Count::Exactly(max) if self.taken >= max => {
                Err(Reason::BeyondNewest { rule: self.rule, max })
            }
            Count::Exactly(_) | Count::All => {
                self.taken = self.taken.saturating_add(1);
                Ok(Reason::Newest { rule: self.rule, rank: self.taken })
            }
        }
    }
}

/// Everything after an instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window<'p> {
    length: &'p SpanFieldwise,
    after: Timestamp,
}

impl<'p> Window<'p> {
    fn rule(self, taken_at: Timestamp, period: Option<Period>) -> Ruling<'p> {
        let length = self.length;
        if taken_at > self.after {
            Ok(Reason::Within { period, length })
        } else {
            Err(Reason::BeyondWithin { period, length })
        }
    }
}

/// One of each period, of so many periods or of those within a window.
#[derive(Debug)]
pub(super) struct Periods<'p> {
    period: Period,
    limit: Limit<'p>,
    /// Periods with a point so far.
    rank: u32,
    /// The last two of them. Where a clock went back over midnight, the day before comes twice.
    open: [Option<Open<'p>>; 2],
}

/// A period of which a point is kept.
#[derive(Debug, Clone, Copy)]
struct Open<'p> {
    number: i64,
    rank: u32,
    /// Its newest point.
    kept: &'p str,
    /// Whether that one isn't verified and no verified one of the period has been met.
    wants_verified: bool,
}

#[derive(Debug, Clone, Copy)]
enum Limit<'p> {
    Newest(Count),
    Within(Window<'p>),
}

impl<'p> Periods<'p> {
    fn new(period: Period, limit: Limit<'p>) -> Self {
        Self { period, limit, rank: 0, open: [None; 2] }
    }

    fn rule(&mut self, point: &Point<'p>, place: &Place) -> Ruling<'p> {
        let (period, number) = (self.period, place.number(self.period));
        match self.limit {
            Limit::Newest(count) => self.rule_newest(count, point, number),
            Limit::Within(window) => {
                let reason = window.rule(point.taken_at, Some(period))?;
                if let Some(&mut Open { kept, .. }) = self.find(number) {
                    return Err(Reason::Superseded { period, within: true, kept });
                }
                self.begin(point, number);
                Ok(reason)
            }
        }
    }

    fn rule_newest(&mut self, count: Count, point: &Point<'p>, number: i64) -> Ruling<'p> {
        let (period, rank) = (self.period, self.rank);
        if let Some(open) = self.find(number) {
            let &mut Open { rank, kept, wants_verified, .. } = open;
            if wants_verified && point.verified == Verified::Pass {
                open.wants_verified = false;
                return Ok(Reason::Period { period, rank, verified: true });
            }
            return Err(Reason::Superseded { period, within: false, kept });
        }
        if !has_room(rank, count) {
            return Err(Reason::BeyondPeriods { period, max: rank });
        }
        self.begin(point, number);
        Ok(Reason::Period { period, rank: self.rank, verified: false })
    }

    fn find(&mut self, number: i64) -> Option<&mut Open<'p>> {
        self.open.iter_mut().flatten().find(|open| open.number == number)
    }

    fn begin(&mut self, point: &Point<'p>, number: i64) {
        self.rank = self.rank.saturating_add(1);
        let wants_verified = point.verified != Verified::Pass;
        let open = Open { number, rank: self.rank, kept: point.id, wants_verified };
        self.open = [Some(open), self.open[0]];
    }
}
