//! What bites users of other tools when they count hours, days, weeks and months, with literal dates.

use snapkeep_policy::retention::{Count, Point, Retention, Verified};

use super::{at, check, decide_in, lines, point, rules, span};

#[test]
fn the_newest_of_a_day_is_kept_whatever_the_zone_calls_that_day() {
    let daily = Retention { daily: Count::Exactly(3), ..rules() };
    let points = [
        point("a", "2026-03-04T22:30:00Z"),
        point("b", "2026-03-04T23:30:00Z"),
        point("c", "2026-03-05T04:30:00Z"),
        point("d", "2026-03-05T05:30:00Z"),
    ];
    check(
        "UTC",
        &daily,
        &points,
        &[
            "d keep: daily#1 2026-03-05, min-keep#1",
            "c delete: daily 2026-03-05: kept d",
            "b keep: daily#2 2026-03-04",
            "a delete: daily 2026-03-04: kept b",
        ],
    );
    check(
        "Europe/Vienna",
        &daily,
        &points,
        &[
            "d keep: daily#1 2026-03-05, min-keep#1",
            "c delete: daily 2026-03-05: kept d",
            "b delete: daily 2026-03-05: kept d",
            "a keep: daily#2 2026-03-04",
        ],
    );
    check(
        "America/New_York",
        &daily,
        &points,
        &[
            "d keep: daily#1 2026-03-05, min-keep#1",
            "c keep: daily#2 2026-03-04",
            "b delete: daily 2026-03-04: kept c",
            "a delete: daily 2026-03-04: kept c",
        ],
    );
}

#[test]
fn the_hour_that_is_repeated_when_summer_time_ends_is_two_hours() {
    let hourly = Retention { hourly: Count::Exactly(24), ..rules() };
    let points = [
        point("first", "2026-10-25T00:30:00Z"),
        point("first-later", "2026-10-25T00:45:00Z"),
        point("again", "2026-10-25T01:30:00Z"),
        point("three", "2026-10-25T02:00:00Z"),
    ];
    check(
        "Europe/Vienna",
        &hourly,
        &points,
        &[
            "three keep: hourly#1 2026-10-25T03+01:00, min-keep#1",
            "again keep: hourly#2 2026-10-25T02+01:00",
            "first-later keep: hourly#3 2026-10-25T02+02:00",
            "first delete: hourly 2026-10-25T02+02:00: kept first-later",
        ],
    );
}

#[test]
fn weeks_belong_to_their_iso_year_and_2026_has_53() {
    let rules = Retention { weekly: Count::All, yearly: Count::Exactly(2), ..rules() };
    let points = [
        point("sunday", "2025-12-28T02:00:00Z"),
        point("monday", "2025-12-29T02:00:00Z"),
        point("new-year", "2026-01-01T02:00:00Z"),
        point("last-week", "2026-12-31T02:00:00Z"),
        point("same-week", "2027-01-03T02:00:00Z"),
        point("next-week", "2027-01-04T02:00:00Z"),
    ];
    check(
        "UTC",
        &rules,
        &points,
        &[
            "next-week keep: weekly#1 2027-W01, yearly#1 2027, min-keep#1",
            "same-week keep: weekly#2 2026-W53",
            "last-week keep: yearly#2 2026",
            "new-year keep: weekly#3 2026-W01",
            "monday delete: weekly 2026-W01: kept new-year, beyond yearly#2",
            "sunday keep: weekly#4 2025-W52",
        ],
    );
}

#[test]
fn a_leap_day_is_a_day_and_windows_are_clamped_to_it() {
    let rules = Retention {
        within: Some(span("P1M")),
        daily: Count::Exactly(1),
        within_yearly: Some(span("P1Y")),
        ..rules()
    };
    let points = [
        point("anchor", "2024-03-31T02:00:00Z"),
        point("just-in", "2024-02-29T02:00:01Z"),
        point("just-out", "2024-02-29T02:00:00Z"),
        point("last-year", "2023-12-31T02:00:00Z"),
    ];
    check(
        "UTC",
        &rules,
        &points,
        &[
            "anchor keep: daily#1 2024-03-31, within P1M, within-yearly P1Y 2024, min-keep#1",
            "just-in keep: within P1M",
            "just-out delete: beyond daily#1, beyond within P1M, within-yearly 2024: kept anchor",
            "last-year keep: within-yearly P1Y 2023",
        ],
    );
}

#[test]
fn a_point_from_the_future_is_neither_kept_nor_the_anchor() {
    let rules = Retention { keep_last: Count::Exactly(1), within: Some(span("P1D")), ..rules() };
    let points = [
        point("ahead", "2030-01-01T00:00:00Z"),
        point("just-ahead", "2026-03-04T02:05:00Z"),
        point("just-too-far", "2026-03-04T02:05:01Z"),
        point("yesterday", "2026-03-03T03:00:00Z"),
    ];
    let decided = decide_in("UTC", &points, &rules, "2026-03-04T02:00:00Z");
    assert_eq!(decided.anchor, Some(at("2026-03-04T02:05:00Z")));
    assert_eq!(
        lines(&decided),
        [
            "ahead ignore: later than now + 5 min",
            "just-too-far ignore: later than now + 5 min",
            "just-ahead keep: keep-last#1, within P1D, min-keep#1",
            "yesterday keep: within P1D",
        ]
    );
}

#[test]
fn points_of_one_instant_are_ordered_by_id() {
    let rules = Retention { keep_last: Count::Exactly(2), ..rules() };
    let points = [
        point("c", "2026-03-04T02:00:00Z"),
        point("a", "2026-03-04T02:00:00Z"),
        point("b", "2026-03-04T02:00:00Z"),
    ];
    check(
        "UTC",
        &rules,
        &points,
        &["a keep: keep-last#1, min-keep#1", "b keep: keep-last#2", "c delete: beyond keep-last#2"],
    );
}

#[test]
fn an_outage_counts_for_nothing_because_empty_periods_are_not_counted() {
    let daily = Retention { daily: Count::Exactly(3), ..rules() };
    let points = [
        point("before-2", "2026-01-01T02:00:00Z"),
        point("before-1", "2026-01-02T02:00:00Z"),
        point("after-1", "2026-03-04T02:00:00Z"),
        point("after-2", "2026-03-05T02:00:00Z"),
    ];
    check(
        "UTC",
        &daily,
        &points,
        &[
            "after-2 keep: daily#1 2026-03-05, min-keep#1",
            "after-1 keep: daily#2 2026-03-04",
            "before-1 keep: daily#3 2026-01-02",
            "before-2 delete: beyond daily#3",
        ],
    );
}

#[test]
fn backups_that_stopped_years_ago_are_all_still_there() {
    let rules = Retention { daily: Count::Exactly(2), within: Some(span("P3D")), ..rules() };
    let points = [point("a", "2026-01-01T02:00:00Z"), point("b", "2026-01-02T02:00:00Z")];
    for now in ["2026-01-02T03:00:00Z", "2027-01-01T00:00:00Z", "2100-01-01T00:00:00Z"] {
        assert_eq!(
            lines(&decide_in("UTC", &points, &rules, now)),
            [
                "b keep: daily#1 2026-01-02, within P3D, min-keep#1",
                "a keep: daily#2 2026-01-01, within P3D",
            ]
        );
    }
}

/// St. John's used to put its clocks back a minute after midnight: 7 November 2010 began, was broken
/// off by an hour of the 6th, and went on.
#[test]
fn a_day_that_is_broken_off_and_goes_on_is_one_day() {
    let daily = Retention { daily: Count::Exactly(3), ..rules() };
    let points = [
        point("sixth", "2010-11-07T02:00:00Z"),
        Point { verified: Verified::Pass, ..point("seventh-begun", "2010-11-07T02:30:30Z") },
        point("sixth-again", "2010-11-07T03:00:00Z"),
        point("seventh", "2010-11-07T04:00:00Z"),
    ];
    check(
        "America/St_Johns",
        &daily,
        &points,
        &[
            "seventh keep: daily#1 2010-11-07, min-keep#1",
            "sixth-again keep: daily#2 2010-11-06",
            "seventh-begun keep: daily#1 2010-11-07 verified, last-verified",
            "sixth delete: daily 2010-11-06: kept sixth-again",
        ],
    );
    let unverified = points.map(|point| Point { verified: Verified::Unknown, ..point });
    let decided = decide_in("America/St_Johns", &unverified, &daily, "2026-01-01T00:00:00Z");
    assert_eq!(lines(&decided)[2], "seventh-begun delete: daily 2010-11-07: kept seventh");
}
