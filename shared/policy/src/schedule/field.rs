//! One field of a cron expression: numbers or names, lists, ranges and steps.

use std::collections::BTreeSet;

use super::InvalidSchedule;

/// What a field may hold.
pub(super) struct Field {
    /// Its name and its values, for the refusal.
    pub what: &'static str,
    pub min: i16,
    pub max: i16,
    /// Names of the values from `min` on. AWS writes them in capitals.
    pub names: &'static [&'static str],
}

pub(super) const MINUTES: Field = Field { what: "minutes 0-59", min: 0, max: 59, names: &[] };
pub(super) const HOURS: Field = Field { what: "hours 0-23", min: 0, max: 23, names: &[] };
pub(super) const DAYS_OF_MONTH: Field =
    Field { what: "day-of-month 1-31, L or 15W", min: 1, max: 31, names: &[] };
pub(super) const MONTHS: Field = Field {
    what: "month 1-12 or JAN-DEC",
    min: 1,
    max: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
pub(super) const DAYS_OF_WEEK: Field = Field {
    what: "day-of-week 1-7 or SUN-SAT, 6L or 3#2",
    min: 1,
    max: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};
pub(super) const YEARS: Field = Field { what: "year 1970-2199", min: 1970, max: 2199, names: &[] };

impl Field {
    /// The values of a list such as `1,5-7,10/2`.
    pub(super) fn parse(&self, text: &str) -> Result<BTreeSet<i16>, InvalidSchedule> {
        let mut values = BTreeSet::new();
        for item in text.split(',') {
            let (range, step) = match item.split_once('/') {
                Some((range, step)) => (range, Some(self.step(step, item)?)),
                None => (item, None),
            };
            let (first, last) = match (range, range.split_once('-')) {
                ("*", _) => (self.min, self.max),
                (_, Some((first, last))) => (self.value(first)?, self.value(last)?),
                // `5/15` steps from 5 on to the end; `5` is only itself.
                (_, None) => {
                    let first = self.value(range)?;
                    (first, if step.is_some() { self.max } else { first })
                }
            };
            if first > last {
                return Err(self.invalid(item));
            }
            values.extend((first..=last).step_by(step.unwrap_or(1)));
        }
        Ok(values)
    }

    /// One number or name.
    pub(super) fn value(&self, text: &str) -> Result<i16, InvalidSchedule> {
        if let Some(index) = self.names.iter().position(|name| *name == text) {
            return Ok(self.min + index as i16);
        }
        number(text)
            .filter(|value| (self.min..=self.max).contains(value))
            .ok_or_else(|| self.invalid(text))
    }

    /// A step that is longer than the field would never be taken: somebody meant another field.
    fn step(&self, text: &str, item: &str) -> Result<usize, InvalidSchedule> {
        number(text)
            .filter(|step| (1..=self.max - self.min).contains(step))
            .and_then(|step| usize::try_from(step).ok())
            .ok_or_else(|| {
                let expected = format!("{}, a step from 1 to {}", self.what, self.max - self.min);
                InvalidSchedule::new(item, expected)
            })
    }

    fn invalid(&self, got: &str) -> InvalidSchedule {
        InvalidSchedule::new(got, self.what)
    }
}

/// Digits only: `str::parse` alone would take a sign.
fn number(text: &str) -> Option<i16> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}
