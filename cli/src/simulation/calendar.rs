//! When the functions are woken: a day of their schedules, in the order in which they fire.
//!
//! The night starts with the slot at two o'clock. A deployment wakes each function every quarter of an
//! hour; here the visits in which there would be nothing to do are left out.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::verb::Verb;

const fn at(hour: i64, minute: i64) -> SignedDuration {
    SignedDuration::from_mins(hour * 60 + minute)
}

/// One day, from midnight UTC, less the further visits: see [`REVISIT`].
pub const DAY: &[(SignedDuration, Verb)] = &[
    (at(2, 0), Verb::Create),
    (at(2, 15), Verb::Copy),
    (at(6, 0), Verb::Verify),
    (at(9, 30), Verb::Alarm),
    (at(14, 0), Verb::Create),
    (at(14, 15), Verb::Copy),
    (at(15, 0), Verb::Prune),
    (at(15, 30), Verb::Alarm),
];

/// A function comes back after this long if its run failed, and verify while it has scratch databases.
pub const REVISIT: SignedDuration = SignedDuration::from_mins(15);

/// What is left of a day, in order of time.
pub struct Agenda {
    end: Timestamp,
    left: BTreeSet<(Timestamp, Verb)>,
}

impl Agenda {
    /// A whole day.
    pub fn of_day(midnight: Timestamp) -> Self {
        let left = DAY.iter().map(|(offset, verb)| (midnight + *offset, *verb)).collect();
        Self { end: midnight + SignedDuration::from_hours(24), left }
    }

    /// Who is woken next, and when.
    pub fn next(&mut self) -> Option<(Timestamp, Verb)> {
        self.left.pop_first()
    }

    /// Wakes `verb` once more at `at`, if the day lasts so long.
    pub fn again(&mut self, verb: Verb, at: Timestamp) {
        if at < self.end {
            self.left.insert((at, verb));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_runs_forward_and_wakes_everybody() {
        assert!(DAY.is_sorted_by_key(|(at, _)| *at));
        for verb in Verb::ALL {
            assert!(DAY.iter().any(|(_, woken)| *woken == verb), "{verb} is never woken");
        }
    }
}
