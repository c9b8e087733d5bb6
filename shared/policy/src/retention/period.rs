//! Civil periods: the hour, day, ISO week, month and year in which an instant falls in a zone.
//!
//! A period is known by a number, equal for instants of the same period. Walking back in time, the
//! numbers of a kind come in runs, so a rule need only remember the last ones. The zone is asked once
//! for each stretch between two changes of its offset and the calendar once a month: the rest is
//! division.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::ids::push_number;

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;

/// A kind of civil period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Period {
    /// The name of the rule that keeps one of each.
    pub(super) fn tier(self) -> &'static str {
        match self {
            Self::Hour => "hourly",
            Self::Day => "daily",
            Self::Week => "weekly",
            Self::Month => "monthly",
            Self::Year => "yearly",
        }
    }

    /// Writes the period in which `at` falls: `2026-10-25T02+02:00`, `2026-10-25`, `2026-W43`,
    /// `2026-10`, `2026`. The year of a week is its ISO year: 29 December 2025 is in `2026-W01`.
    pub(super) fn push_text(self, text: &mut String, at: Timestamp, offset: Offset) {
        let local = offset.to_datetime(at);
        let date = local.date();
        match self {
            Self::Year => push_year(text, date.year()),
            Self::Month => {
                push_year(text, date.year());
                push_field(text, '-', date.month());
            }
            Self::Week => {
                let week = date.iso_week_date();
                push_year(text, week.year());
                text.push('-');
                push_field(text, 'W', week.week());
            }
            Self::Day => {
                Self::Month.push_text(text, at, offset);
                push_field(text, '-', date.day());
            }
            Self::Hour => {
                Self::Day.push_text(text, at, offset);
                push_field(text, 'T', local.hour());
                push_offset(text, offset);
            }
        }
    }
}

fn push_year(text: &mut String, year: i16) {
    text.push_str(if year < 0 { "-" } else { "" });
    push_number(text, u32::from(year.unsigned_abs()), 4);
}

fn push_field(text: &mut String, sign: char, field: i8) {
    text.push(sign);
    push_number(text, u32::from(field.unsigned_abs()), 2);
}

fn push_offset(text: &mut String, offset: Offset) {
    let seconds = offset.seconds().unsigned_abs();
    text.push(if offset.is_negative() { '-' } else { '+' });
    push_number(text, seconds / 3600, 2);
    text.push(':');
    push_number(text, seconds / 60 % 60, 2);
    if !seconds.is_multiple_of(60) {
        text.push(':');
        push_number(text, seconds % 60, 2);
    }
}

/// Where an instant falls: the number of each of its periods, and the offset then in force.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) offset: Offset,
    hour: i64,
    day: i64,
    week: i64,
    month: i64,
    year: i64,
}

impl Place {
    pub(super) fn number(&self, period: Period) -> i64 {
        match period {
            Period::Hour => self.hour,
            Period::Day => self.day,
            Period::Week => self.week,
            Period::Month => self.month,
            Period::Year => self.year,
        }
    }
}

/// A zone's calendar, with the stretch and the month that were looked up last.
#[derive(Debug)]
pub(super) struct Calendar<'z> {
    zone: &'z TimeZone,
    stretch: Stretch,
    month: Month,
}

/// Instants with one offset, in seconds since the epoch: `from` is in it, `until` isn't.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: i64,
    until: i64,
    offset: Offset,
}

/// The days of one month, counted from the epoch: `from` is in it, `until` isn't.
#[derive(Debug, Clone, Copy)]
struct Month {
    from: i64,
    until: i64,
    number: i64,
}

impl<'z> Calendar<'z> {
    pub(super) fn new(zone: &'z TimeZone) -> Self {
        Self {
            zone,
            stretch: Stretch { from: 0, until: 0, offset: Offset::UTC },
            month: Month { from: 0, until: 0, number: 0 },
        }
    }

    /// Where `at` falls. Quick when the instants come in order.
    pub(super) fn place(&mut self, at: Timestamp) -> Place {
        let second = floor_second(at);
        if second < self.stretch.from || second >= self.stretch.until {
            self.stretch = stretch(self.zone, at, second);
        }
        let offset = self.stretch.offset;
        let offset_s = i64::from(offset.seconds());
        let local = second + offset_s;
        let day = local.div_euclid(DAY_S);
        if day < self.month.from || day >= self.month.until {
            self.month = month(at, offset, day);
        }
        let month = self.month.number;
        Place {
            offset,
            // An hour that a change of offset repeats is two hours. Offsets are less than 2^17 s.
            hour: (local.div_euclid(HOUR_S) << 18) + offset_s,
            day,
            // The epoch was a Thursday, three days into its week.
            week: (day + 3).div_euclid(7),
            month,
            year: month.div_euclid(12),
        }
    }
}

/// The last whole second at or before `at`; jiff's own rounds towards the epoch.
fn floor_second(at: Timestamp) -> i64 {
    at.as_second() - i64::from(at.subsec_nanosecond() < 0)
}

fn stretch(zone: &TimeZone, at: Timestamp, second: i64) -> Stretch {
    // Both searches leave out the instant they start from, so the one back starts a bit later.
    let from = match Timestamp::new(second, 1) {
        Ok(later) => zone.preceding(later).next().map_or(i64::MIN, |t| floor_second(t.timestamp())),
        Err(_) => second,
    };
    let until = zone.following(at).next().map_or(i64::MAX, |t| floor_second(t.timestamp()));
    Stretch { from, until, offset: zone.to_offset(at) }
}

fn month(at: Timestamp, offset: Offset, day: i64) -> Month {
    let date = offset.to_datetime(at).date();
    let from = day - i64::from(date.day()) + 1;
    Month {
        from,
        until: from + i64::from(date.days_in_month()),
        number: i64::from(date.year()) * 12 + i64::from(date.month()) - 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PERIODS: [Period; 5] =
        [Period::Hour, Period::Day, Period::Week, Period::Month, Period::Year];

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn text(period: Period, at: Timestamp, offset: Offset) -> String {
        let mut text = String::new();
        period.push_text(&mut text, at, offset);
        text
    }

    fn texts(at: &str, name: &str) -> [String; 5] {
        let (at, zone): (Timestamp, _) = (at.parse().unwrap(), zone(name));
        let offset = Calendar::new(&zone).place(at).offset;
        PERIODS.map(|period| text(period, at, offset))
    }

    #[test]
    fn periods_are_written_in_the_zone_of_the_policy() {
        let cases = [
            // 29 December 2025 is in the first week of 2026, and 2026 has 53 weeks.
            ("2025-12-28T23:30:00Z", "UTC", "2025-12-28T23+00:00 2025-12-28 2025-W52 2025-12 2025"),
            ("2025-12-29T00:00:00Z", "UTC", "2025-12-29T00+00:00 2025-12-29 2026-W01 2025-12 2025"),
            ("2026-12-31T12:00:00Z", "UTC", "2026-12-31T12+00:00 2026-12-31 2026-W53 2026-12 2026"),
            ("2027-01-03T12:00:00Z", "UTC", "2027-01-03T12+00:00 2027-01-03 2026-W53 2027-01 2027"),
            // The same instant on two sides of midnight, of the month and of the year.
            (
                "2025-12-31T23:30:00Z",
                "Europe/Vienna",
                "2026-01-01T00+01:00 2026-01-01 2026-W01 2026-01 2026",
            ),
            (
                "2026-01-01T04:30:00Z",
                "America/New_York",
                "2025-12-31T23-05:00 2025-12-31 2026-W01 2025-12 2025",
            ),
            // The hour that is repeated when summer time ends.
            (
                "2026-10-25T00:30:00Z",
                "Europe/Vienna",
                "2026-10-25T02+02:00 2026-10-25 2026-W43 2026-10 2026",
            ),
            (
                "2026-10-25T01:30:00Z",
                "Europe/Vienna",
                "2026-10-25T02+01:00 2026-10-25 2026-W43 2026-10 2026",
            ),
            // Offsets that aren't whole hours, a change of half an hour, a leap day.
            (
                "2024-02-28T18:20:00Z",
                "Asia/Kathmandu",
                "2024-02-29T00+05:45 2024-02-29 2024-W09 2024-02 2024",
            ),
            (
                "2026-04-04T14:45:00Z",
                "Australia/Lord_Howe",
                "2026-04-05T01+11:00 2026-04-05 2026-W14 2026-04 2026",
            ),
            (
                "2026-04-04T15:15:00Z",
                "Australia/Lord_Howe",
                "2026-04-05T01+10:30 2026-04-05 2026-W14 2026-04 2026",
            ),
            // Samoa had no 30 December 2011.
            (
                "2011-12-30T09:59:59Z",
                "Pacific/Apia",
                "2011-12-29T23-10:00 2011-12-29 2011-W52 2011-12 2011",
            ),
            (
                "2011-12-30T10:00:00Z",
                "Pacific/Apia",
                "2011-12-31T00+14:00 2011-12-31 2011-W52 2011-12 2011",
            ),
            // Vienna's own time, before there was one for all of the country.
            (
                "1890-06-01T12:00:00Z",
                "Europe/Vienna",
                "1890-06-01T13+01:05:21 1890-06-01 1890-W22 1890-06 1890",
            ),
            // The year 0, and the one before it.
            ("0000-06-01T12:00:00Z", "UTC", "0000-06-01T12+00:00 0000-06-01 0000-W22 0000-06 0000"),
            (
                "-000001-06-01T12:00:00Z",
                "UTC",
                "-0001-06-01T12+00:00 -0001-06-01 -0001-W22 -0001-06 -0001",
            ),
            // Before the epoch, with a fraction of a second.
            (
                "1969-12-31T23:59:59.5Z",
                "UTC",
                "1969-12-31T23+00:00 1969-12-31 1970-W01 1969-12 1969",
            ),
        ];
        for (at, zone, expected) in cases {
            assert_eq!(texts(at, zone).join(" "), expected, "{at} in {zone}");
        }
    }

    #[test]
    fn the_ends_of_time_have_periods_too() {
        for name in ["UTC", "America/New_York", "Pacific/Apia"] {
            let zone = zone(name);
            let mut calendar = Calendar::new(&zone);
            for at in [Timestamp::MAX, Timestamp::MIN, Timestamp::UNIX_EPOCH] {
                assert_eq!(calendar.place(at).offset, zone.to_offset(at), "{at} in {name}");
            }
        }
    }

    #[test]
    fn the_last_moment_before_the_epoch_is_in_the_periods_that_end_there() {
        let zone = zone("UTC");
        let number =
            |at: &str, period| Calendar::new(&zone).place(at.parse().unwrap()).number(period);
        for period in PERIODS {
            let last = number("1969-12-31T23:59:59.5Z", period);
            assert_eq!(last, number("1969-12-31T23:30:00Z", period), "{period:?}");
            // The epoch was a Thursday.
            let is_next = period != Period::Week;
            assert_eq!(last != number("1970-01-01T00:00:00Z", period), is_next, "{period:?}");
        }
    }

    #[test]
    fn a_calendar_that_was_asked_for_another_day_says_the_same() {
        let zone = zone("Europe/Vienna");
        let noon =
            |day: i64| Timestamp::from_second(1_767_225_600 + day * DAY_S + DAY_S / 2).unwrap();
        for (first, then) in (0..365).flat_map(|day| (-35..=35).map(move |days| (day, day + days)))
        {
            let mut calendar = Calendar::new(&zone);
            calendar.place(noon(first));
            let (asked, afresh) =
                (calendar.place(noon(then)), Calendar::new(&zone).place(noon(then)));
            assert_eq!(asked.offset, afresh.offset, "day {first}, then {then}");
            for period in PERIODS {
                assert_eq!(asked.number(period), afresh.number(period), "day {first}, then {then}");
            }
        }
    }

    proptest! {
        /// Numbers are equal exactly when the texts are, whatever was looked up before.
        #[test]
        fn numbers_tell_periods_apart_as_their_texts_do(
            name in prop::sample::select(vec![
                "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC",
                "Pacific/Apia",
            ]),
            start in prop_oneof![
                -3_000_000_000_i64..5_000_000_000,
                // Around the changes of Vienna, New York, Lord Howe and Apia's missing day.
                Just(1_792_889_940), Just(1_793_512_740), Just(1_775_314_740), Just(1_325_239_140),
            ],
            steps in prop::collection::vec((-90_000_i64..90_000, 0_i32..1_000_000_000), 2..30),
        ) {
            let zone = zone(name);
            let mut calendar = Calendar::new(&zone);
            let mut second = start;
            let mut seen: Vec<(Place, [String; 5])> = Vec::new();
            for (step, nanosecond) in steps {
                second += step;
                let at = Timestamp::new(second, nanosecond).unwrap();
                let place = calendar.place(at);
                prop_assert_eq!(place.offset, zone.to_offset(at));
                let texts = PERIODS.map(|period| text(period, at, zone.to_offset(at)));
                for (other, other_texts) in &seen {
                    for (i, period) in PERIODS.into_iter().enumerate() {
                        prop_assert_eq!(
                            place.number(period) == other.number(period),
                            texts[i] == other_texts[i],
                            "{} {}", &texts[i], &other_texts[i]
                        );
                    }
                }
                seen.push((place, texts));
            }
        }
    }
}
