//! The periods that reports are about: a day, a week, a month, in the policy document's zone.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, Zoned};
use serde::Serialize;

/// How often a report is made, and so what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cadence {
    /// Status: are we restorable?
    Daily,
    /// Capability: how well do we restore?
    Weekly,
    /// Compliance: was the policy kept?
    Monthly,
}

impl Cadence {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Daily, Self::Weekly, Self::Monthly];

    /// The word for it, in requests, keys and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is none of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected daily, weekly or monthly")]
pub struct UnknownCadence;

impl FromStr for Cadence {
    type Err = UnknownCadence;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|cadence| cadence.as_str() == text).ok_or(UnknownCadence)
    }
}

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Which kind.
    pub cadence: Cadence,
    /// Names it: `2026-11-26`, `2026-W47` or `2026-10`. Another report of it has the same name.
    pub name: String,
    /// Its first instant.
    pub since: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
}

impl Period {
    /// The period that a report made at `now` is about.
    ///
    /// Daily is the 24 hours up to `now`, under the date of `now`, because it is read in the morning
    /// and asks about the night. Weekly is the last whole ISO week, monthly the last whole month: they
    /// are compared with each other, so they must not depend on the hour at which they were made.
    #[must_use]
    pub fn before(now: Timestamp, cadence: Cadence, zone: &TimeZone) -> Self {
        let today = now.to_zoned(zone.clone()).date();
        let (first, after) = match cadence {
            Cadence::Daily => {
                let since = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(now);
                return Self { cadence, name: today.to_string(), since, until: now };
            }
            Cadence::Weekly => {
                let monday = today.saturating_sub(days(today.weekday().to_monday_zero_offset()));
                (monday.saturating_sub(days(7)), monday)
            }
            Cadence::Monthly => {
                let month = today.first_of_month();
                (month.saturating_sub(days(1)).first_of_month(), month)
            }
        };
        let name = match cadence {
            Cadence::Weekly => {
                let week = first.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Cadence::Daily | Cadence::Monthly => first.strftime("%Y-%m").to_string(),
        };
        let (since, until) = (start_of(first, zone, now), start_of(after, zone, now));
        Self { cadence, name, since, until }
    }

    /// Every civil day in it, as its date and its first instant, oldest first; the first and the last may
    /// be days of which only a part is in it.
    #[must_use]
    pub fn days(&self, zone: &TimeZone) -> Vec<(Date, Timestamp)> {
        let date = |at: Timestamp| at.to_zoned(zone.clone()).date();
        let first = date(self.since);
        let mut days_in = Vec::new();
        for offset in 0..=DAYS_MAX {
            let day = first.saturating_add(days(offset));
            let starts_at = start_of(day, zone, self.until);
            if starts_at >= self.until {
                break;
            }
            days_in.push((day, starts_at));
        }
        days_in
    }
}

/// No period has more.
const DAYS_MAX: i8 = 31;

fn days(count: i8) -> Span {
    Span::new().days(count)
}

/// The first instant of a day, which isn't midnight everywhere and always.
fn start_of(day: Date, zone: &TimeZone, otherwise: Timestamp) -> Timestamp {
    let midnight = day.to_zoned(zone.clone()).and_then(|at| at.start_of_day());
    midnight.as_ref().map_or(otherwise, Zoned::timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cadence_reads_back_as_it_is_written() {
        let words = Cadence::ALL.map(|cadence| cadence.to_string());
        assert_eq!(words, ["daily", "weekly", "monthly"]);
        assert_eq!(words.map(|word| word.parse()), Cadence::ALL.map(Ok));
    }

    #[test]
    fn a_report_is_about_the_day_before_now_or_the_last_whole_week_or_month() {
        let table = [
            (
                "2026-11-26T06:00:00Z",
                Cadence::Daily,
                "UTC",
                "2026-11-26 2026-11-25T06:00:00Z..2026-11-26T06:00:00Z",
            ),
            // In New York it is still the 25th.
            (
                "2026-11-26T03:00:00Z",
                Cadence::Daily,
                "America/New_York",
                "2026-11-25 2026-11-25T03:00:00Z..2026-11-26T03:00:00Z",
            ),
            (
                "2026-11-26T06:00:00Z",
                Cadence::Weekly,
                "UTC",
                "2026-W47 2026-11-16T00:00:00Z..2026-11-23T00:00:00Z",
            ),
            (
                "2026-11-30T00:00:00Z",
                Cadence::Weekly,
                "UTC",
                "2026-W48 2026-11-23T00:00:00Z..2026-11-30T00:00:00Z",
            ),
            (
                "2027-01-05T06:00:00Z",
                Cadence::Weekly,
                "UTC",
                "2026-W53 2026-12-28T00:00:00Z..2027-01-04T00:00:00Z",
            ),
            (
                "2027-01-01T00:00:00Z",
                Cadence::Monthly,
                "UTC",
                "2026-12 2026-12-01T00:00:00Z..2027-01-01T00:00:00Z",
            ),
            // Summer time ends in it: a month has an hour more.
            (
                "2026-11-01T05:00:00Z",
                Cadence::Monthly,
                "Europe/Vienna",
                "2026-10 2026-09-30T22:00:00Z..2026-10-31T23:00:00Z",
            ),
        ];
        for (now, cadence, zone, expected) in table {
            let zone = TimeZone::get(zone).unwrap();
            let period = Period::before(now.parse().unwrap(), cadence, &zone);
            let Period { name, since, until, .. } = period;
            assert_eq!(format!("{name} {since}..{until}"), expected, "{cadence} at {now}");
        }
    }

    #[test]
    fn a_period_has_the_days_that_begin_before_its_end() {
        let now = "2026-11-26T06:00:00Z".parse().unwrap();
        let count =
            |cadence| Period::before(now, cadence, &TimeZone::UTC).days(&TimeZone::UTC).len();
        assert_eq!(Cadence::ALL.map(count), [2, 7, 31]);
    }
}
