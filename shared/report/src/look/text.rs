//! Figures in words: durations, counts, instants. All the same for the same input.

use jiff::Timestamp;
use snapkeep_policy::recovery_point::Outcome;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// Seconds in a day.
pub const DAY: i64 = 24 * HOUR;

/// A duration with as much precision as somebody would say aloud: `38 min`, `25 h 10 min`, `12 d`.
///
/// Its spaces don't break: a number at the end of a line belongs to its unit.
#[must_use]
pub fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let rounded = |unit: i64| (seconds + unit / 2) / unit;
    if seconds < MINUTE {
        return format!("{seconds}\u{a0}s");
    }
    match rounded(MINUTE) {
        minutes @ ..60 => format!("{minutes}\u{a0}min"),
        minutes if seconds < 3 * DAY => match (minutes / 60, minutes % 60) {
            (hours, 0) => format!("{hours}\u{a0}h"),
            (hours, minutes) => format!("{hours}\u{a0}h\u{a0}{minutes}\u{a0}min"),
        },
        _ => format!("{}\u{a0}d", rounded(DAY)),
    }
}

/// A duration rounded up, for promises such as "at most": `25 h`, `4 d`.
#[must_use]
pub fn at_most(seconds: i64) -> String {
    let up = |unit: i64| (seconds.max(1) + unit - 1) / unit;
    match up(HOUR) {
        hours @ ..72 => format!("{hours}\u{a0}h"),
        _ => format!("{}\u{a0}d", up(DAY)),
    }
}

/// A duration for a label at an axis: `30 min`, `26 h`, `2 d`.
#[must_use]
pub fn short(seconds: i64) -> String {
    let whole = |unit: i64| (seconds % unit == 0).then_some(seconds / unit);
    match (whole(DAY), whole(HOUR)) {
        (Some(0), _) => "0".to_owned(),
        (Some(days), _) => format!("{days}\u{a0}d"),
        (None, Some(hours)) => format!("{hours}\u{a0}h"),
        (None, None) if seconds < 3 * HOUR => format!("{}\u{a0}min", (seconds + 30) / MINUTE),
        (None, None) => format!("{:.1}\u{a0}h", seconds as f64 / HOUR as f64),
    }
}

/// A duration, or a dash when there is nothing to measure.
#[must_use]
pub fn duration_or_dash(seconds: Option<i64>) -> String {
    seconds.map_or_else(|| "–".to_owned(), duration)
}

/// A whole number with separators: `12,345`.
#[must_use]
pub fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun, which takes an `s` when there are none or several.
#[must_use]
pub fn plural(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// An instant to the minute, in UTC: `2026-02-07 03:00`.
#[must_use]
pub fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Seconds from `from` to `to`.
#[must_use]
pub fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second() - from.as_second()
}

/// How a restore ended, with the time it took if it answered: `pass in 38 min`.
#[must_use]
pub fn restore(took: Option<i64>, outcome: Outcome) -> String {
    match took {
        Some(took) => format!("{} in {}", outcome.as_str(), duration(took)),
        None => outcome.as_str().to_owned(),
    }
}

/// How many of how many, in percent, rounded down: only all of them are 100. `None` of none.
#[must_use]
pub fn percent(done: usize, due: usize) -> Option<usize> {
    done.saturating_mul(100).checked_div(due)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_one_would_say_them() {
        let cases = [
            (-5, "0 s"),
            (0, "0 s"),
            (59, "59 s"),
            (90, "2 min"),
            (38 * MINUTE, "38 min"),
            (HOUR - 1, "1 h"),
            (25 * HOUR + 10 * MINUTE, "25 h 10 min"),
            (3 * DAY - 1, "72 h"),
            (3 * DAY, "3 d"),
            (12 * DAY + 13 * HOUR, "13 d"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(duration(seconds).replace('\u{a0}', " "), expected, "{seconds}");
        }
    }

    #[test]
    fn a_promise_is_never_rounded_down() {
        let cases = [
            (0, "1 h"),
            (24 * HOUR, "24 h"),
            (24 * HOUR + 1, "25 h"),
            (71 * HOUR, "71 h"),
            (71 * HOUR + 1, "3 d"),
            (3 * DAY + 1, "4 d"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(at_most(seconds).replace('\u{a0}', " "), expected, "{seconds}");
        }
    }

    #[test]
    fn labels_at_an_axis_have_one_unit() {
        let cases = [
            (0, "0"),
            (15 * MINUTE, "15 min"),
            (90 * MINUTE, "90 min"),
            (HOUR, "1 h"),
            (26 * HOUR, "26 h"),
            (25 * HOUR + 30 * MINUTE, "25.5 h"),
            (2 * DAY, "2 d"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(short(seconds).replace('\u{a0}', " "), expected, "{seconds}");
        }
    }

    #[test]
    fn counts_have_separators_and_nouns_agree() {
        assert_eq!([0_u64, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 1, 2].map(|n| plural(n, "alarm")), ["0 alarms", "1 alarm", "2 alarms"]);
    }

    #[test]
    fn instants_are_in_utc_to_the_minute() {
        let at = "2026-02-07T03:00:59Z".parse().unwrap();
        assert_eq!(instant(at), "2026-02-07 03:00");
    }
}
