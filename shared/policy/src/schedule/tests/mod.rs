//! Tables with literal instants; [`laws`] has what holds for any schedule.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Schedule;

mod laws;

fn schedule(text: &str) -> Schedule {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The first `count` slots after `from`, as text.
fn slots(text: &str, zone_name: &str, from: &str, count: usize) -> Vec<String> {
    let (schedule, zone) = (schedule(text), zone(zone_name));
    std::iter::successors(schedule.next_after(at(from), &zone), |slot| {
        schedule.next_after(*slot, &zone)
    })
    .take(count)
    .map(|slot| slot.to_string())
    .collect()
}

#[test]
fn expressions_mean_the_instants_that_aws_says() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("cron(0 2 * * ? *)", "2026-03-04T02:00:00Z", &["2026-03-05T02:00:00Z"]),
        (
            "cron(15 10 ? * 6L 2026-2027)",
            "2026-01-01T00:00:00Z",
            &["2026-01-30T10:15:00Z", "2026-02-27T10:15:00Z"],
        ),
        // The examples of AWS's reference: Sunday is 1, so 3#2 is the second Tuesday.
        ("cron(0 9 ? * 3#2 *)", "2026-03-01T00:00:00Z", &["2026-03-10T09:00:00Z"]),
        ("cron(0 9 ? * 2#1 *)", "2026-03-02T09:00:00Z", &["2026-04-06T09:00:00Z"]),
        ("cron(0 18 ? * MON-FRI *)", "2026-03-06T18:00:00Z", &["2026-03-09T18:00:00Z"]),
        ("cron(0 8 ? * L *)", "2026-03-01T00:00:00Z", &["2026-03-07T08:00:00Z"]),
        (
            "cron(0 8 ? * SUN,WED *)",
            "2026-03-01T08:00:00Z",
            &["2026-03-04T08:00:00Z", "2026-03-08T08:00:00Z"],
        ),
        (
            "cron(0/25 8-9 1 JAN,MAR ? *)",
            "2026-01-01T08:25:00Z",
            &["2026-01-01T08:50:00Z", "2026-01-01T09:00:00Z"],
        ),
        (
            "cron(1/20 */12 1 * ? *)",
            "2026-01-01T00:01:00Z",
            &["2026-01-01T00:21:00Z", "2026-01-01T00:41:00Z", "2026-01-01T12:01:00Z"],
        ),
        (
            "cron(0 0 L * ? *)",
            "2026-01-31T00:00:00Z",
            &["2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"],
        ),
        // 28 February 2026 is a Saturday, 31 May a Sunday.
        (
            "cron(0 0 LW 2,5 ? *)",
            "2026-01-01T00:00:00Z",
            &["2026-02-27T00:00:00Z", "2026-05-29T00:00:00Z"],
        ),
        // 1 August 2026 is a Saturday: the nearest weekday stays in the month.
        ("cron(0 0 1W 8 ? *)", "2026-01-01T00:00:00Z", &["2026-08-03T00:00:00Z"]),
        (
            "cron(0 0 15W 3,8 ? *)",
            "2026-01-01T00:00:00Z",
            &["2026-03-16T00:00:00Z", "2026-08-14T00:00:00Z"],
        ),
        // 31 May 2026 is a Sunday; April has no 31st to be near to.
        ("cron(0 0 31W 4,5 ? *)", "2026-04-01T00:00:00Z", &["2026-05-29T00:00:00Z"]),
        ("cron(0 0 29 2 ? *)", "2026-01-01T00:00:00Z", &["2028-02-29T00:00:00Z"]),
        // 2100 is no leap year: eight years lie between.
        ("cron(0 0 29 FEB ? *)", "2096-02-29T00:00:00Z", &["2104-02-29T00:00:00Z"]),
        // 29 February is a fifth Sunday every 28 years.
        ("cron(0 0 ? 2 1#5 *)", "2026-01-01T00:00:00Z", &["2032-02-29T00:00:00Z"]),
        ("cron(59 23 31 12 ? 2199)", "2026-01-01T00:00:00Z", &["2199-12-31T23:59:00Z"]),
        ("rate(1 day)", "2026-03-04T02:00:00Z", &["2026-03-05T00:00:00Z"]),
        ("rate(12 hours)", "2026-03-04T12:00:00Z", &["2026-03-05T00:00:00Z"]),
        // 20,522 days after the epoch; counted in sevens from Thursday, 1 January 1970.
        ("rate(7 days)", "2026-03-10T00:00:00Z", &["2026-03-12T00:00:00Z"]),
        (
            "rate(1 minute)",
            "1969-12-31T23:58:59.5Z",
            &["1969-12-31T23:59:00Z", "1970-01-01T00:00:00Z"],
        ),
        ("at(2026-03-04T02:30:15)", "2026-03-04T02:30:14Z", &["2026-03-04T02:30:15Z"]),
    ];
    for (text, from, expected) in cases {
        assert_eq!(slots(text, "UTC", from, expected.len()), *expected, "{text}");
    }
}

#[test]
fn a_local_time_that_the_clock_skips_is_skipped() {
    // In 2026 New York springs forward on 8 March, 02:00 to 03:00.
    assert_eq!(
        slots("cron(30 2 * * ? *)", "America/New_York", "2026-03-07T00:00:00Z", 2),
        ["2026-03-07T07:30:00Z", "2026-03-09T06:30:00Z"]
    );
    // Samoa had no 30 December 2011.
    assert_eq!(
        slots("cron(0 12 * * ? *)", "Pacific/Apia", "2011-12-29T00:00:00Z", 2),
        ["2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"]
    );
    assert_eq!(
        slots("at(2026-03-08T02:30:00)", "America/New_York", "2026-01-01T00:00:00Z", 1),
        [""; 0]
    );
}

#[test]
fn a_local_time_that_the_clock_shows_twice_fires_the_first_time_only() {
    // In 2026 Berlin falls back on 25 October, 03:00 to 02:00.
    let berlin = "Europe/Berlin";
    assert_eq!(
        slots("cron(30 2 * * ? *)", berlin, "2026-10-24T12:00:00Z", 2),
        ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
    );
    assert_eq!(
        slots("at(2026-10-25T02:30:00)", berlin, "2026-01-01T00:00:00Z", 2),
        ["2026-10-25T00:30:00Z"]
    );
    // 02:10 for the second time: 02:45 has already been, 35 minutes before this instant's hour.
    let (schedule, zone) = (schedule("cron(45 2 * * ? *)"), zone(berlin));
    assert_eq!(
        schedule.latest_at_or_before(at("2026-10-25T01:10:00Z"), &zone),
        Some(at("2026-10-25T00:45:00Z"))
    );
    assert_eq!(
        schedule.next_after(at("2026-10-25T01:10:00Z"), &zone),
        Some(at("2026-10-26T01:45:00Z"))
    );
}

#[test]
fn rates_count_elapsed_time_whatever_the_clock_does() {
    let expected = ["2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z"];
    for zone in ["UTC", "America/New_York"] {
        assert_eq!(slots("rate(1 day)", zone, "2026-03-07T12:00:00Z", 2), expected, "{zone}");
    }
}

#[test]
fn before_the_first_and_after_the_last_slot_there_is_none() {
    let once = schedule("cron(0 2 4 3 ? 2026)");
    let (early, slot) = (at("2026-03-04T01:59:59.999999999Z"), at("2026-03-04T02:00:00Z"));
    let utc = TimeZone::UTC;
    assert_eq!(once.latest_at_or_before(early, &utc), None);
    assert_eq!(once.next_after(early, &utc), Some(slot));
    assert_eq!(once.latest_at_or_before(slot, &utc), Some(slot));
    assert_eq!(once.next_after(slot, &utc), None);
    for text in ["cron(0 2 * * ? *)", "rate(4294967295 days)", "at(9999-12-31T23:59:59)"] {
        for now in [Timestamp::MIN, Timestamp::MAX] {
            let (latest, next) = (
                schedule(text).latest_at_or_before(now, &utc),
                schedule(text).next_after(now, &utc),
            );
            assert!(latest.is_none_or(|slot| slot <= now), "{text} {now}");
            assert!(next.is_none_or(|slot| slot > now), "{text} {now}");
        }
    }
}

#[test]
fn what_aws_refuses_is_refused_with_the_part_at_fault() {
    let cases = [
        ("", r#"got "", expected cron(…), rate(…) or at(…)"#),
        ("0 2 * * ? *", r#"got "0 2 * * ? *", expected cron(…), rate(…) or at(…)"#),
        ("cron(0 2 * * ? *", r#"got "cron(0 2 * * ? *", expected cron(…), rate(…) or at(…)"#),
        (
            "cron(0 2 * * *)",
            "got \"0 2 * * *\", expected six fields \
             (minutes hours day-of-month month day-of-week year), not 5",
        ),
        ("cron(60 2 * * ? *)", r#"got "60", expected minutes 0-59"#),
        ("cron(0 24 * * ? *)", r#"got "24", expected hours 0-23"#),
        ("cron(+1 2 * * ? *)", r#"got "+1", expected minutes 0-59"#),
        ("cron(5-1 2 * * ? *)", r#"got "5-1", expected minutes 0-59"#),
        ("cron(1, 2 * * ? *)", r#"got "", expected minutes 0-59"#),
        ("cron(0/0 2 * * ? *)", r#"got "0/0", expected minutes 0-59, a step from 1 to 59"#),
        ("cron(0/60 2 * * ? *)", r#"got "0/60", expected minutes 0-59, a step from 1 to 59"#),
        (
            "cron(0 2 1/31 * ? *)",
            r#"got "1/31", expected day-of-month 1-31, L or 15W, a step from 1 to 30"#,
        ),
        ("cron(0 2 0 * ? *)", r#"got "0", expected day-of-month 1-31, L or 15W"#),
        ("cron(0 2 W * ? *)", r#"got "", expected day-of-month 1-31, L or 15W"#),
        ("cron(0 2 1,15W * ? *)", r#"got "1,15", expected day-of-month 1-31, L or 15W"#),
        ("cron(0 2 * jan ? *)", r#"got "jan", expected month 1-12 or JAN-DEC"#),
        ("cron(0 2 ? * 0 *)", r#"got "0", expected day-of-week 1-7 or SUN-SAT, 6L or 3#2"#),
        ("cron(0 2 ? * 3#1,6#3 *)", r#"got "1,6#3", expected which of the month, 1-5"#),
        ("cron(0 2 ? * 2#6 *)", r#"got "6", expected which of the month, 1-5"#),
        (
            "cron(0 2 ? * 1/2 *)",
            r#"got "1/2", expected no step in day-of-week: AWS has none there"#,
        ),
        ("cron(0 2 * * ? 1969)", r#"got "1969", expected year 1970-2199"#),
        (
            "cron(0 2 * * * *)",
            "got \"day-of-month * with day-of-week *\", expected ? in exactly one of the two",
        ),
        (
            "cron(0 2 ? * ? *)",
            "got \"day-of-month ? with day-of-week ?\", expected ? in exactly one of the two",
        ),
        (
            "cron(0 2 30 2 ? *)",
            r#"got "0 2 30 2 ? *", expected a date that exists: this one never comes"#,
        ),
        (
            "cron(0 2 29 2 ? 2026)",
            r#"got "0 2 29 2 ? 2026", expected a date that exists: this one never comes"#,
        ),
        (
            "rate(0 hours)",
            "got \"0 hours\", expected a number from 1 and a unit, such as 1 day or 12 hours",
        ),
        (
            "rate(1 hours)",
            "got \"1 hours\", expected a number from 1 and a unit, such as 1 day or 12 hours",
        ),
        (
            "rate(5 hour)",
            "got \"5 hour\", expected a number from 1 and a unit, such as 1 day or 12 hours",
        ),
        (
            "rate(-1 days)",
            "got \"-1 days\", expected a number from 1 and a unit, such as 1 day or 12 hours",
        ),
        (
            "at(2026-02-30T02:00:00)",
            "got \"2026-02-30T02:00:00\", expected a time such as 2026-03-04T02:00:00",
        ),
        (
            "at(2026-03-04 02:00:00)",
            "got \"2026-03-04 02:00:00\", expected a time such as 2026-03-04T02:00:00",
        ),
        (
            "at(2026-03-04T02:00:00Z)",
            "got \"2026-03-04T02:00:00Z\", expected a time such as 2026-03-04T02:00:00",
        ),
    ];
    for (text, line) in cases {
        assert_eq!(text.parse::<Schedule>().unwrap_err().to_string(), line, "{text}");
    }
}

#[test]
fn more_often_than_hourly_is_told_apart() {
    for text in ["cron(* * * * ? *)", "cron(0,30 2 * * ? *)", "cron(0/15 * * * ? *)"] {
        assert!(schedule(text).is_more_often_than_hourly(), "{text}");
    }
    for text in ["rate(1 minute)", "rate(59 minutes)"] {
        assert!(schedule(text).is_more_often_than_hourly(), "{text}");
    }
    for text in ["cron(0 * * * ? *)", "rate(60 minutes)", "rate(1 hour)", "at(2026-03-04T02:00:00)"]
    {
        assert!(!schedule(text).is_more_often_than_hourly(), "{text}");
    }
}
