//! Where a window of a given length before the anchor begins.

use jiff::tz::TimeZone;
use jiff::{SpanFieldwise, Timestamp, ToSpan, Zoned};

/// The instant after which a point is within `length` of `anchor`.
///
/// It is `anchor − length` on the zone's calendar, clamped to the month: a month before 31 March is
/// 28 or 29 February. Taken literally that start sometimes moves back while the anchor moves on: a
/// month before 28 March at noon is 28 February at noon, and a month before 29 March at midnight is
/// 28 February at midnight; the hours repeated or skipped by a change of offset do the same. Then a
/// run on the 28th would delete what a run on the 29th keeps. So this is the earliest start that this
/// or any later anchor has, and a point that has left a window stays outside it.
pub(super) fn start(anchor: Timestamp, length: SpanFieldwise, zone: &TimeZone) -> Timestamp {
    let first = back(&anchor.to_zoned(zone.clone()), length);
    let months = length.0.get_years() != 0 || length.0.get_months() != 0;
    let days_max = if months { 3 } else { 0 };
    let today = anchor.to_zoned(zone.clone()).start_of_day();
    // Clamping starts a day's hours anew up to three times, for the 29th, the 30th and the 31st.
    let midnights =
        (1..=days_max).filter_map(|days: i64| today.as_ref().ok()?.checked_add(days.days()).ok());
    // The clock goes back where the offset changes next.
    let change = zone.following(anchor).next().map(|t| t.timestamp().to_zoned(zone.clone()));
    midnights.chain(change).map(|later| back(&later, length)).fold(first, Timestamp::min)
}

/// `from − length`; a civil time that a change of offset skips stands for the instant of the change.
fn back(from: &Zoned, length: SpanFieldwise) -> Timestamp {
    let calendar = length.0.hours(0).minutes(0).seconds(0);
    let calendar = calendar.milliseconds(0).microseconds(0).nanoseconds(0);
    let clock = length.0.years(0).months(0).weeks(0).days(0);
    let day = from.checked_sub(calendar).and_then(|day| {
        let is_skipped = from.datetime().checked_sub(calendar)? != day.datetime();
        let change = day.time_zone().preceding(day.timestamp()).next();
        Ok(change.filter(|_| is_skipped).map_or(day.timestamp(), |change| change.timestamp()))
    });
    day.and_then(|day| day.checked_sub(clock)).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use jiff::Span;
    use proptest::prelude::*;

    use super::*;

    fn start_text(anchor: &str, zone: &str, length: &str) -> String {
        let length: Span = length.parse().unwrap();
        let zone = TimeZone::get(zone).unwrap();
        start(anchor.parse().unwrap(), length.fieldwise(), &zone).to_string()
    }

    #[test]
    fn months_are_clamped_and_lengths_of_time_are_exact() {
        let cases = [
            ("2026-03-31T02:00:00Z", "UTC", "P1M", "2026-02-28T02:00:00Z"),
            ("2024-03-31T02:00:00Z", "UTC", "P1M", "2024-02-29T02:00:00Z"),
            ("2026-03-31T02:00:00Z", "UTC", "PT1M", "2026-03-31T01:59:00Z"),
            ("2026-03-15T02:00:00Z", "UTC", "P7D", "2026-03-08T02:00:00Z"),
            ("2026-03-15T02:00:00Z", "UTC", "P1Y2M", "2025-01-15T02:00:00Z"),
            ("2028-02-29T02:00:00Z", "UTC", "P1Y", "2027-02-28T02:00:00Z"),
            // Seven civil days are an hour short where summer time began: 02:00 to 02:00.
            ("2026-04-01T00:00:00Z", "Europe/Vienna", "P7D", "2026-03-25T01:00:00Z"),
            ("2026-04-01T00:00:00Z", "Europe/Vienna", "PT168H", "2026-03-25T00:00:00Z"),
            // Later anchors, of 29 to 31 March, have this start or a later one.
            ("2026-03-28T12:00:00Z", "UTC", "P1M", "2026-02-28T00:00:00Z"),
            // So has the one of 29 February, for a year.
            ("2028-02-28T12:00:00Z", "UTC", "P1Y", "2027-02-28T00:00:00Z"),
            // 02:30 was skipped a week before: the window begins when the clock changed.
            ("2026-04-05T00:30:00Z", "Europe/Vienna", "P7D", "2026-03-29T01:00:00Z"),
            // 02:59 for the first time; a minute later it is 02:00 again.
            ("2026-10-25T00:59:00Z", "Europe/Vienna", "P7D", "2026-10-18T00:00:00Z"),
            // Samoa had no 30 December 2011.
            ("2012-01-06T12:00:00Z", "Pacific/Apia", "P8D", "2011-12-30T10:00:00Z"),
            ("-009999-06-01T00:00:00Z", "UTC", "P100Y", "-009999-01-02T01:59:59Z"),
        ];
        for (anchor, zone, length, expected) in cases {
            assert_eq!(
                start_text(anchor, zone, length),
                expected,
                "{length} before {anchor} in {zone}"
            );
        }
    }

    proptest! {
        #[test]
        fn the_start_never_moves_back_and_is_never_later_than_the_literal_one(
            zone in prop::sample::select(vec![
                "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "UTC", "Pacific/Apia",
            ]),
            length in prop::sample::select(vec![
                "PT36H", "P1D", "P7D", "P1M", "P1M2DT5H", "P1Y", "P2Y1M",
            ]),
            day in 0_i64..1500,
            second in 0_i64..86_400,
            steps in prop::collection::vec(prop_oneof![1_i64..4000, 1_i64..90_000], 1..20),
        ) {
            let length = length.parse::<Span>().unwrap().fieldwise();
            let zone = TimeZone::get(zone).unwrap();
            // From 2023-06-01 on: a leap day and eight changes of offset.
            let mut at = 1_685_577_600 + day * 86_400 + second;
            let mut last = Timestamp::MIN;
            for step in steps {
                let anchor = Timestamp::from_second(at).unwrap();
                let begins = start(anchor, length, &zone);
                prop_assert!(begins >= last, "{begins} is before {last} for {anchor}");
                let literal = anchor.to_zoned(zone.clone()).checked_sub(length.0).unwrap();
                prop_assert!(begins <= literal.timestamp());
                last = begins;
                at += step;
            }
        }
    }
}
