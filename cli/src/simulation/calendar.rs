//! When the functions are woken: a day of their schedules, in the order in which they fire.
//!
//! The night starts with the slot at two o'clock; each function comes back until its work is done, as
//! `rate(15 minutes)` would do, less the visits in which there would be nothing to see.

use jiff::SignedDuration;
use snapkeep_policy::verb::Verb;

const fn at(hour: i64, minute: i64) -> SignedDuration {
    SignedDuration::from_mins(hour * 60 + minute)
}

/// One day, from midnight UTC.
pub const DAY: &[(SignedDuration, Verb)] = &[
    (at(2, 0), Verb::Create),
    (at(2, 15), Verb::Copy),
    (at(3, 0), Verb::Create),
    (at(3, 15), Verb::Copy),
    (at(4, 30), Verb::Alarm),
    (at(5, 0), Verb::Create),
    (at(5, 15), Verb::Copy),
    (at(6, 0), Verb::Verify),
    (at(6, 15), Verb::Verify),
    (at(6, 30), Verb::Verify),
    (at(6, 45), Verb::Verify),
    (at(7, 0), Verb::Verify),
    (at(7, 15), Verb::Verify),
    (at(8, 0), Verb::Verify),
    (at(9, 0), Verb::Copy),
    (at(9, 30), Verb::Alarm),
    (at(14, 0), Verb::Create),
    (at(14, 15), Verb::Copy),
    (at(14, 30), Verb::Verify),
    (at(15, 0), Verb::Prune),
    (at(15, 30), Verb::Alarm),
    (at(20, 0), Verb::Copy),
    (at(21, 30), Verb::Alarm),
];

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
