//! Single values: durations, regions, schedules, zones and numbers.

use jiff::fmt::temporal::SpanParser;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanFieldwise, Timestamp};

use super::place::Place;
use crate::bad_input::did_you_mean;
use crate::document::{Objective, regions, wire};
use crate::ids::Region;
use crate::schedule::Schedule;

/// Nothing is kept or waited for longer; it also keeps date arithmetic within its range.
const YEARS_MAX: i64 = 100;

/// The first second of the year in which snapkeep was first released. A schedule whose last slot
/// was before it can't have been meant.
const FIRST_RELEASE: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// A name with a type of its own.
pub(super) fn name<T: std::str::FromStr<Err = crate::ids::InvalidName>>(
    at: &Place<'_>,
    text: &str,
) -> Option<T> {
    text.parse().or_else(|invalid| at.refuse_name(&invalid).ok_or(())).ok()
}

pub(super) fn region(at: &Place<'_>, text: &str) -> Option<Region> {
    let region: Region = name(at, text)?;
    if regions::partition_of(text).is_some() {
        return Some(region);
    }
    match did_you_mean(text, regions::known()) {
        Some(meant) => at.refuse(text, format!("an AWS region: did you mean {meant:?}?")),
        None => at.refuse(text, "an AWS region"),
    }
}

pub(super) fn time_zone(at: &Place<'_>, text: &str) -> Option<TimeZone> {
    let zone = TimeZone::get(text).ok().filter(|zone| !zone.is_unknown());
    zone.or_else(|| at.refuse(text, "an IANA time zone such as UTC or Europe/Berlin"))
}

/// A schedule of at most one slot an hour that fires at least once in `zone`. Without a zone,
/// because that was refused already, the latter goes unasked.
pub(super) fn schedule(
    at: &Place<'_>,
    wire: &wire::Schedule,
    zone: Option<&TimeZone>,
) -> Option<Schedule> {
    let schedule: Schedule = match wire.0.parse() {
        Ok(schedule) => schedule,
        Err(invalid) => return at.refuse(&invalid.got, invalid.expected),
    };
    if schedule.is_more_often_than_hourly() {
        return at.refuse(&wire.0, "at most one slot an hour: each is a snapshot or a restore");
    }
    if zone.is_some_and(|zone| schedule.next_after(FIRST_RELEASE, zone).is_none()) {
        return at.refuse(&wire.0, "a schedule with slots to come in the document's time zone");
    }
    Some(schedule)
}

/// A positive length of elapsed time: weeks and days have a fixed length, months have not.
pub(super) fn duration(at: &Place<'_>, wire: &wire::Duration) -> Option<Objective> {
    let text = &wire.0;
    let span = iso_span(at, text, "an ISO 8601 duration such as PT6H or P14D")?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return at.refuse(text, "a duration without years and months, such as P30D");
    }
    Some(elapsed(&span))
}

/// The same of a key that has a default.
pub(super) fn duration_or(
    at: &Place<'_>,
    key: &str,
    wire: Option<wire::Duration>,
    default: &str,
) -> Option<Objective> {
    duration(&at.key(key), &wire.unwrap_or_else(|| wire::Duration(default.to_owned())))
}

/// A positive length of time by the calendar.
pub(super) fn calendar_duration(
    at: &Place<'_>,
    wire: &wire::CalendarDuration,
) -> Option<SpanFieldwise> {
    let span = iso_span(at, &wire.0, "an ISO 8601 duration such as P14D, P6M or P7Y")?;
    Some(span.fieldwise())
}

/// jiff also reads fractions, signs and small letters. One form is enough, and it is the schema's.
fn iso_span(at: &Place<'_>, text: &str, form: &str) -> Option<Span> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b"PYMWDTHS".contains(&b));
    let Some(span) = SpanParser::new().parse_span(text).ok().filter(|_| is_plain) else {
        return at.refuse(text, form);
    };
    let days_at_least = i64::from(span.get_years()) * 365 + i64::from(span.get_months()) * 28;
    let length = elapsed(&span).saturating_add(SignedDuration::from_hours(days_at_least * 24));
    if length.is_positive() && length <= SignedDuration::from_hours(YEARS_MAX * 366 * 24) {
        return Some(span);
    }
    at.refuse(text, format!("a duration above zero and of at most {YEARS_MAX} years"))
}

/// Weeks to seconds. jiff bounds each unit of a span so that no sum of them overflows.
fn elapsed(span: &Span) -> SignedDuration {
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    let minutes = (days * 24 + i64::from(span.get_hours())) * 60 + span.get_minutes();
    SignedDuration::from_secs(minutes * 60 + span.get_seconds())
}

/// A share of a whole, from `min` to 100.
pub(super) fn percent(at: &Place<'_>, value: u32, min: u32) -> Option<u8> {
    within(at, value, min..=100).and_then(|value| u8::try_from(value).ok())
}

/// A whole number within bounds.
pub(super) fn within<T: PartialOrd + ToString>(
    at: &Place<'_>,
    value: T,
    bounds: std::ops::RangeInclusive<T>,
) -> Option<T> {
    if bounds.contains(&value) {
        return Some(value);
    }
    let (min, max) = (bounds.start().to_string(), bounds.end().to_string());
    at.refuse_value(value.to_string(), format!("a whole number from {min} to {max}"))
}
