//! Two independent models, and laws that hold for any schedule.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;

use super::{at, schedule, zone};
use crate::schedule::{Schedule, field};

/// A cron field: everything, one value, a list, a range, or steps.
fn field(min: i16, max: i16) -> impl Strategy<Value = String> {
    let value = move || min..=max;
    prop_oneof![
        3 => Just("*".to_owned()),
        3 => value().prop_map(|v| v.to_string()),
        1 => proptest::collection::vec(value(), 2..4)
            .prop_map(|list| list.iter().map(i16::to_string).collect::<Vec<_>>().join(",")),
        1 => (value(), value()).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        1 => (value(), 1..=max - min).prop_map(|(first, step)| format!("{first}/{step}")),
    ]
}

/// Day-of-month and day-of-week, in every form that both dialects have.
fn day_fields() -> impl Strategy<Value = (String, String)> {
    let of_month = prop_oneof![
        4 => field(1, 31).boxed(),
        1 => Just("L".to_owned()).boxed(),
        1 => Just("LW".to_owned()).boxed(),
        1 => (1..=28).prop_map(|day| format!("{day}W")).boxed(),
    ];
    let of_week = prop_oneof![
        3 => field(1, 7).prop_filter("AWS has no steps here", |f| !f.contains('/')).boxed(),
        1 => (1..=7, 1..=4).prop_map(|(day, nth)| format!("{day}#{nth}")).boxed(),
        1 => (1..=7).prop_map(|day| format!("{day}L")).boxed(),
    ];
    prop_oneof![
        of_month.prop_map(|days| (days, "?".to_owned())),
        of_week.prop_map(|days| ("?".to_owned(), days)),
    ]
}

/// Minutes, hours, day-of-month, month, day-of-week; the year is always `*`.
fn cron_fields() -> impl Strategy<Value = [String; 5]> {
    (field(0, 59), field(0, 23), day_fields(), field(1, 12)).prop_map(
        |(minutes, hours, (of_month, of_week), month)| [minutes, hours, of_month, month, of_week],
    )
}

fn expression() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => cron_fields().prop_map(|fields| format!("cron({} *)", fields.join(" "))),
        1 => (2..400).prop_map(|n| format!("rate({n} minutes)")),
        1 => (2..60).prop_map(|n| format!("rate({n} days)")),
        1 => (0..366 * 24 * 60_i64).prop_map(|minute| {
            let time = jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0) + minute.minutes();
            format!("at({time})")
        }),
    ]
}

fn zone_name() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "UTC",
        "America/New_York",
        "Europe/Berlin",
        "Europe/Dublin",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "America/Santiago",
        "Asia/Kathmandu",
    ])
}

/// Any second of 2026 and 2027.
fn now() -> impl Strategy<Value = Timestamp> {
    (0..2 * 365 * 24 * 60 * 60_i64)
        .prop_map(|second| at("2026-01-01T00:00:00Z") + SignedDuration::from_secs(second))
}

/// An instant within a day of a change of the clock in one of the zones.
fn near_a_change() -> impl Strategy<Value = (&'static str, Timestamp)> {
    let changes = vec![
        ("America/New_York", "2026-03-08T07:00:00Z"),
        ("America/New_York", "2026-11-01T06:00:00Z"),
        ("Europe/Berlin", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25T01:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ];
    (proptest::sample::select(changes), -86_400..86_400_i64)
        .prop_map(|((zone, change), offset)| (zone, at(change) + SignedDuration::from_secs(offset)))
}

proptest! {
    #[test]
    fn latest_and_next_agree(
        text in expression(),
        (zone_name, now) in prop_oneof![(zone_name(), now()), near_a_change()],
    ) {
        let Ok(schedule) = text.parse::<Schedule>() else {
            return Err(TestCaseError::reject("a date that never comes"));
        };
        let zone = zone(zone_name);
        let (latest, next) =
            (schedule.latest_at_or_before(now, &zone), schedule.next_after(now, &zone));
        prop_assert_eq!(schedule.to_string(), text);
        if let Some(next) = next {
            let just_before = next - SignedDuration::from_nanos(1);
            prop_assert!(next > now);
            prop_assert_eq!(schedule.latest_at_or_before(next, &zone), Some(next));
            prop_assert_eq!(schedule.latest_at_or_before(just_before, &zone), latest);
        }
        if let Some(latest) = latest {
            let just_before = latest - SignedDuration::from_nanos(1);
            prop_assert!(latest <= now);
            prop_assert_eq!(schedule.next_after(latest, &zone), next);
            prop_assert_eq!(schedule.next_after(just_before, &zone), Some(latest));
        }
    }

    /// The model looks at every minute of four days and at what the clock shows then.
    #[test]
    fn a_walk_by_minutes_finds_the_same_slots_across_a_change_of_the_clock(
        minutes in field(0, 59),
        hours in field(0, 23),
        (zone_name, now) in near_a_change(),
    ) {
        let schedule = schedule(&format!("cron({minutes} {hours} * * ? *)"));
        let (minutes, hours) =
            (field::MINUTES.parse(&minutes).unwrap(), field::HOURS.parse(&hours).unwrap());
        let zone = zone(zone_name);
        let first = Timestamp::from_second(now.as_second().div_euclid(60) * 60).unwrap();
        let mut latest_shown = DateTime::MIN;
        let mut due = Vec::new();
        for minute in -2 * 24 * 60..2 * 24 * 60 {
            let instant = first + SignedDuration::from_mins(minute);
            let shown = zone.to_datetime(instant);
            if shown > latest_shown
                && minutes.contains(&i16::from(shown.minute()))
                && hours.contains(&i16::from(shown.hour()))
            {
                due.push(instant);
            }
            latest_shown = latest_shown.max(shown);
        }
        let latest = due.iter().copied().rfind(|slot| *slot <= now);
        let next = due.iter().copied().find(|slot| *slot > now);
        prop_assert_eq!(schedule.latest_at_or_before(now, &zone), latest);
        if next.is_some() {
            prop_assert_eq!(schedule.next_after(now, &zone), next);
        }
    }

    /// The oracle is another cron library, on what the two dialects have in common.
    #[test]
    fn an_independent_library_finds_the_same_slots_in_utc(
        fields in cron_fields(),
        now in now(),
    ) {
        let Ok(schedule) = format!("cron({} *)", fields.join(" ")).parse::<Schedule>() else {
            return Err(TestCaseError::reject("a date that never comes"));
        };
        let oracle = croner::parser::CronParser::builder()
            .seconds(croner::parser::Seconds::Disallowed)
            .alternative_weekdays(true)
            .sloppy_ranges(true)
            .build()
            .parse(&fields.join(" ").replace('?', "*"))
            .unwrap();
        let now = now.to_zoned(TimeZone::UTC);
        let next = oracle.find_next_occurrence(&now, false).unwrap();
        let latest = oracle.find_previous_occurrence(&now, true).unwrap();
        let utc = TimeZone::UTC;
        prop_assert_eq!(schedule.next_after(now.timestamp(), &utc), Some(next.timestamp()));
        prop_assert_eq!(
            schedule.latest_at_or_before(now.timestamp(), &utc),
            Some(latest.timestamp())
        );
    }

    #[test]
    fn no_text_makes_the_parser_panic(
        text in prop_oneof![
            "(cron|rate|at)?\\(?[ -~]{0,30}\\)?",
            "cron\\([0-9*?/#LW,-]{1,5}( [0-9A-Z*?/#LW,-]{1,5}){5}\\)",
            any::<String>(),
        ],
    ) {
        if let Ok(schedule) = text.parse::<Schedule>() {
            prop_assert_eq!(schedule.to_string(), text);
        }
    }
}
