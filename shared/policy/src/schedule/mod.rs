//! When a recovery point is due: AWS's `cron(…)`, `rate(…)` and `at(…)` expressions, in an IANA
//! zone.
//!
//! A slot is an instant. Which instants an expression means is decided as EventBridge Scheduler
//! decides it, so that a policy and a schedule that read alike also fire alike:
//!
//! - `cron` and `at` are read in local time. A local time that the clock jumps over in spring is
//!   skipped. One that occurs twice in autumn fires once, and it is the first: AWS says that the
//!   schedule "runs only once and doesn't repeat its invocation".
//! - `rate` counts elapsed time, a day being 24 hours whatever the clock does.
//!
//! In AWS a rate starts when its schedule is created, which no document knows. Here it is counted
//! from the Unix epoch in UTC, so that every run, in every region and year, finds the same slots.
//!
//! Sources: EventBridge Scheduler User Guide, "Schedule types", section "Daylight savings time";
//! EventBridge User Guide, "Cron expressions reference"; AWS re:Post knowledge center, "How can I
//! adjust my Amazon EventBridge schedule for daylight saving?".

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

mod cron;
mod field;
mod rate;
#[cfg(test)]
mod tests;

use cron::Cron;
use rate::Rate;

/// A schedule expression, parsed. [`fmt::Display`] gives it back as it was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Schedule {
    text: String,
    expression: Expression,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Expression {
    Cron(Box<Cron>),
    Rate(Rate),
    At(DateTime),
}

/// An expression that AWS would refuse too, or that can never fire: the part at fault, and what
/// could stand there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("got {got:?}, expected {expected}")]
pub struct InvalidSchedule {
    /// The part at fault, cut to 80 characters.
    pub got: String,
    /// What would have been accepted.
    pub expected: String,
}

impl InvalidSchedule {
    fn new(got: &str, expected: impl Into<String>) -> Self {
        Self { got: got.chars().take(80).collect(), expected: expected.into() }
    }
}

impl FromStr for Schedule {
    type Err = InvalidSchedule;

    fn from_str(text: &str) -> Result<Self, InvalidSchedule> {
        let inside = |word: &str| text.strip_prefix(word)?.strip_prefix('(')?.strip_suffix(')');
        let expression = if let Some(fields) = inside("cron") {
            Expression::Cron(Box::new(fields.parse()?))
        } else if let Some(rate) = inside("rate") {
            Expression::Rate(rate.parse()?)
        } else if let Some(at) = inside("at") {
            Expression::At(local_time(at)?)
        } else {
            return Err(InvalidSchedule::new(text, "cron(…), rate(…) or at(…)"));
        };
        Ok(Self { text: text.to_owned(), expression })
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// The expression alone: what was made of it is long, and follows from it.
impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schedule").field(&self.text).finish()
    }
}

/// `yyyy-mm-ddThh:mm:ss` and nothing else: jiff alone would also take fractions and other marks.
fn local_time(text: &str) -> Result<DateTime, InvalidSchedule> {
    text.parse::<DateTime>()
        .ok()
        .filter(|time| time.to_string() == text)
        .ok_or_else(|| InvalidSchedule::new(text, "a time such as 2026-03-04T02:00:00"))
}

impl Schedule {
    /// The newest slot that is not after `now`.
    #[must_use]
    pub fn latest_at_or_before(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let is_due = |slot: &Timestamp| *slot <= now;
        match &self.expression {
            Expression::Cron(cron) => cron
                .times(DateTime::MIN..=latest_local(now, zone))
                .rev()
                .find_map(|local| instant(local, zone).filter(is_due)),
            Expression::Rate(rate) => rate.latest_at_or_before(now),
            Expression::At(local) => instant(*local, zone).filter(is_due),
        }
    }

    /// The first slot that is after `now`.
    #[must_use]
    pub fn next_after(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let is_ahead = |slot: &Timestamp| *slot > now;
        match &self.expression {
            Expression::Cron(cron) => cron
                .times(zone.to_datetime(now)..=DateTime::MAX)
                .find_map(|local| instant(local, zone).filter(is_ahead)),
            Expression::Rate(rate) => rate.next_after(now),
            Expression::At(local) => instant(*local, zone).filter(is_ahead),
        }
    }

    /// Whether it has two slots less than an hour apart, by its own clock.
    ///
    /// That is a rate below an hour, or a cron expression with more than one minute: all its hours
    /// have the same minutes.
    #[must_use]
    pub fn is_more_often_than_hourly(&self) -> bool {
        match &self.expression {
            Expression::Cron(cron) => cron.minutes_per_hour() > 1,
            Expression::Rate(rate) => rate.period() < SignedDuration::from_hours(1),
            Expression::At(_) => false,
        }
    }
}

/// The instant that `local` means, if the clock shows it at all; the first one if it does so twice.
fn instant(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(local).ok()
        }
        AmbiguousOffset::Gap { .. } => None,
    }
}

/// A local time that is not before any that the clock has shown up to `now`. It is what it shows now,
/// except in an hour that is shown twice: the second time, the end of that hour has been seen before.
fn latest_local(now: Timestamp, zone: &TimeZone) -> DateTime {
    let local = zone.to_datetime(now);
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Fold { before, after } => {
            local.saturating_add(before.duration_since(after))
        }
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => local,
    }
}
