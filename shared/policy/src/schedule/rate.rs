//! `rate(12 hours)`: a slot every so much elapsed time, counted from the Unix epoch.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use super::InvalidSchedule;

/// The time between two slots, at least a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    period_seconds: i64,
}

impl FromStr for Rate {
    type Err = InvalidSchedule;

    /// AWS wants the singular for 1 and the plural for the rest.
    /// Source: EventBridge User Guide, "Setting a schedule pattern", rate expressions.
    fn from_str(text: &str) -> Result<Self, InvalidSchedule> {
        let invalid =
            || InvalidSchedule::new(text, "a number from 1 and a unit, such as 1 day or 12 hours");
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let [value, unit] = words[..] else {
            return Err(invalid());
        };
        if !value.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        let value: u32 = value.parse().map_err(|_| invalid())?;
        let unit_seconds = match (value, unit) {
            (1, "minute") | (2.., "minutes") => 60,
            (1, "hour") | (2.., "hours") => 60 * 60,
            (1, "day") | (2.., "days") => 24 * 60 * 60,
            _ => return Err(invalid()),
        };
        Ok(Self { period_seconds: i64::from(value) * unit_seconds })
    }
}

impl Rate {
    pub(super) fn period(self) -> SignedDuration {
        SignedDuration::from_secs(self.period_seconds)
    }

    pub(super) fn latest_at_or_before(self, now: Timestamp) -> Option<Timestamp> {
        self.slot(self.slots_until(now))
    }

    pub(super) fn next_after(self, now: Timestamp) -> Option<Timestamp> {
        self.slot(self.slots_until(now) + 1)
    }

    /// How many slots after the epoch's is the newest one that is not after `now`.
    fn slots_until(self, now: Timestamp) -> i64 {
        // A timestamp's seconds are cut towards zero: before the epoch that is upwards.
        let floor = now.as_second() - i64::from(now.subsec_nanosecond() < 0);
        floor.div_euclid(self.period_seconds)
    }

    fn slot(self, slots_from_epoch: i64) -> Option<Timestamp> {
        Timestamp::from_second(slots_from_epoch.checked_mul(self.period_seconds)?).ok()
    }
}
