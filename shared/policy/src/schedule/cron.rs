//! `cron(minutes hours day-of-month month day-of-week year)`: which local times it names.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Weekday};

use super::InvalidSchedule;
use super::field::{DAYS_OF_MONTH, DAYS_OF_WEEK, Field, HOURS, MINUTES, MONTHS, YEARS};

/// The local times of a cron expression. There is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cron {
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    days: Days,
    months: BTreeSet<i16>,
    years: BTreeSet<i16>,
}

/// Which days of a month. AWS has one of the two day fields be `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Days {
    /// `1,15`, `*`
    OfMonth(BTreeSet<i16>),
    /// `L`: the month's last.
    LastOfMonth,
    /// `LW`: the last of the month that is no Saturday or Sunday.
    LastWorkdayOfMonth,
    /// `15W`: the day from Monday to Friday that is nearest to it, within the month.
    NearestWorkday(i16),
    /// `MON-FRI`; Sunday is 1. `L` by itself is the week's last day, 7.
    OfWeek(BTreeSet<i16>),
    /// `6L`: the month's last Friday.
    LastOfWeekday(i16),
    /// `3#2`: the month's second Tuesday.
    NthOfWeekday(i16, i8),
}

impl FromStr for Cron {
    type Err = InvalidSchedule;

    fn from_str(text: &str) -> Result<Self, InvalidSchedule> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minutes, hours, day_of_month, month, day_of_week, year] = fields[..] else {
            let expected = format!(
                "six fields (minutes hours day-of-month month day-of-week year), not {}",
                fields.len()
            );
            return Err(InvalidSchedule::new(text, expected));
        };
        let cron = Self {
            minutes: MINUTES.parse(minutes)?,
            hours: HOURS.parse(hours)?,
            days: days(day_of_month, day_of_week)?,
            months: MONTHS.parse(month)?,
            years: YEARS.parse(year)?,
        };
        let never_comes = cron.times(DateTime::MIN..=DateTime::MAX).next().is_none();
        if never_comes {
            return Err(InvalidSchedule::new(text, "a date that exists: this one never comes"));
        }
        Ok(cron)
    }
}

fn days(of_month: &str, of_week: &str) -> Result<Days, InvalidSchedule> {
    match (of_month, of_week) {
        ("?", "?") => {}
        ("?", _) => return days_of_week(of_week),
        (_, "?") => return days_of_month(of_month),
        (_, _) => {}
    }
    let got = format!("day-of-month {of_month} with day-of-week {of_week}");
    Err(InvalidSchedule::new(&got, "? in exactly one of the two"))
}

fn days_of_month(text: &str) -> Result<Days, InvalidSchedule> {
    match (text, text.strip_suffix('W')) {
        ("L", _) => Ok(Days::LastOfMonth),
        ("LW", _) => Ok(Days::LastWorkdayOfMonth),
        (_, Some(day)) => Ok(Days::NearestWorkday(DAYS_OF_MONTH.value(day)?)),
        (_, None) => Ok(Days::OfMonth(DAYS_OF_MONTH.parse(text)?)),
    }
}

fn days_of_week(text: &str) -> Result<Days, InvalidSchedule> {
    const NTH: Field = Field { what: "which of the month, 1-5", min: 1, max: 5, names: &[] };
    if text == "L" {
        return Ok(Days::OfWeek(BTreeSet::from([DAYS_OF_WEEK.max])));
    }
    if let Some((day, nth)) = text.split_once('#') {
        let nth = NTH.value(nth)? as i8;
        return Ok(Days::NthOfWeekday(DAYS_OF_WEEK.value(day)?, nth));
    }
    if let Some(day) = text.strip_suffix('L') {
        return Ok(Days::LastOfWeekday(DAYS_OF_WEEK.value(day)?));
    }
    if text.contains('/') {
        return Err(InvalidSchedule::new(text, "no step in day-of-week: AWS has none there"));
    }
    Ok(Days::OfWeek(DAYS_OF_WEEK.parse(text)?))
}

impl Cron {
    /// The local times within `span`, in order from either end.
    ///
    /// Nothing is computed before it is asked for. The walk is over the days of the months and
    /// years that the expression names, and AWS's years end in 2199.
    pub(super) fn times(
        &self,
        span: RangeInclusive<DateTime>,
    ) -> impl DoubleEndedIterator<Item = DateTime> + '_ {
        let dates = span.start().date()..=span.end().date();
        self.dates(dates)
            .flat_map(|date| self.times_of_day(date))
            .filter(move |time| span.contains(time))
    }

    /// Minutes of each of its hours.
    pub(super) fn minutes_per_hour(&self) -> usize {
        self.minutes.len()
    }

    fn dates(
        &self,
        span: RangeInclusive<Date>,
    ) -> impl DoubleEndedIterator<Item = Date> + '_ + use<'_> {
        let months = month_of(*span.start())..=month_of(*span.end());
        self.years
            .range(span.start().year()..=span.end().year())
            .flat_map(|year| self.months.iter().map(|month| (*year, *month as i8)))
            .filter(move |month| months.contains(month))
            .flat_map(|(year, month)| days_of(year, month))
            .filter(move |date| span.contains(date) && self.days.contains(*date))
    }

    fn times_of_day(&self, date: Date) -> impl DoubleEndedIterator<Item = DateTime> + '_ {
        self.hours.iter().flat_map(move |hour| {
            self.minutes.iter().map(move |minute| date.at(*hour as i8, *minute as i8, 0, 0))
        })
    }
}

fn month_of(date: Date) -> (i16, i8) {
    (date.year(), date.month())
}

fn days_of(year: i16, month: i8) -> impl DoubleEndedIterator<Item = Date> {
    let first = jiff::civil::date(year, month, 1);
    (1..=first.days_in_month()).map(move |day| jiff::civil::date(year, month, day))
}

impl Days {
    fn contains(&self, date: Date) -> bool {
        let day = i16::from(date.day());
        let last = i16::from(date.days_in_month());
        let weekday = aws_weekday(date);
        match self {
            Self::OfMonth(days) => days.contains(&day),
            Self::LastOfMonth => day == last,
            Self::LastWorkdayOfMonth => nearest_workday(date.last_of_month()) == date,
            // A month without that day has no nearest one either, like `31` without the W.
            Self::NearestWorkday(of) if *of > last => false,
            Self::NearestWorkday(of) => {
                let of = jiff::civil::date(date.year(), date.month(), *of as i8);
                nearest_workday(of) == date
            }
            Self::OfWeek(days) => days.contains(&weekday),
            Self::LastOfWeekday(of) => weekday == *of && day > last - 7,
            Self::NthOfWeekday(of, nth) => weekday == *of && (date.day() - 1) / 7 + 1 == *nth,
        }
    }
}

fn aws_weekday(date: Date) -> i16 {
    i16::from(date.weekday().to_sunday_one_offset())
}

/// The day from Monday to Friday that is nearest to `date` and in the same month.
fn nearest_workday(date: Date) -> Date {
    let shift_days: i8 = match date.weekday() {
        Weekday::Saturday if date.day() == 1 => 2,
        Weekday::Saturday => -1,
        Weekday::Sunday if date.day() == date.days_in_month() => -2,
        Weekday::Sunday => 1,
        Weekday::Monday
        | Weekday::Tuesday
        | Weekday::Wednesday
        | Weekday::Thursday
        | Weekday::Friday => 0,
    };
    jiff::civil::date(date.year(), date.month(), date.day() + shift_days)
}
