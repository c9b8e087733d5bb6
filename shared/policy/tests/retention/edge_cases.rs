//! What bites users of other tools: verdicts, holds, floors and age, with literal dates.

use snapkeep_policy::retention::{Count, Point, Retention, Verified};

use super::{LATE, at, check, decide_in, lines, point, rules, span};

fn pass<'a>(id: &'a str, taken_at: &str) -> Point<'a> {
    Point { verified: Verified::Pass, ..point(id, taken_at) }
}

fn fail<'a>(id: &'a str, taken_at: &str, found_at: &str) -> Point<'a> {
    Point { verified: Verified::Fail { at: at(found_at) }, ..point(id, taken_at) }
}

#[test]
fn a_failed_verification_displaces_no_good_point_and_leaves_after_its_quarantine() {
    let rules = Retention { daily: Count::Exactly(1), quarantine: span("P14D"), ..rules() };
    let good = point("good", "2026-03-04T02:00:00Z");
    let bad = fail("bad", "2026-03-04T14:00:00Z", "2026-03-05T00:00:00Z");
    check(
        "UTC",
        &rules,
        &[good.clone(), bad.clone()],
        &[
            "bad keep: quarantine until 2026-03-19T00:00:00Z",
            "good keep: daily#1 2026-03-04, min-keep#1",
        ],
    );
    // An old one that is found bad today stays too, until backups have gone on for two weeks.
    let old = fail("old", "2025-01-01T02:00:00Z", "2026-03-04T12:00:00Z");
    let just_before = point("newest", "2026-03-18T11:59:59Z");
    check(
        "UTC",
        &rules,
        &[just_before, old.clone()],
        &[
            "newest keep: daily#1 2026-03-18, min-keep#1",
            "old keep: quarantine until 2026-03-18T12:00:00Z",
        ],
    );
    check(
        "UTC",
        &rules,
        &[point("newest", "2026-03-18T12:00:00Z"), old],
        &[
            "newest keep: daily#1 2026-03-18, min-keep#1",
            "old delete: verification failed, quarantine over since 2026-03-18T12:00:00Z",
        ],
    );
}

#[test]
fn the_newest_verified_of_a_period_stands_beside_an_unverified_newest() {
    let rules = Retention { monthly: Count::Exactly(2), ..rules() };
    let points = [
        point("april", "2026-04-01T02:00:00Z"),
        point("march-31", "2026-03-31T02:00:00Z"),
        pass("march-20", "2026-03-20T02:00:00Z"),
        pass("march-10", "2026-03-10T02:00:00Z"),
        pass("february", "2026-02-10T02:00:00Z"),
    ];
    check(
        "UTC",
        &rules,
        &points,
        &[
            "april keep: monthly#1 2026-04, min-keep#1",
            "march-31 keep: monthly#2 2026-03",
            "march-20 keep: monthly#2 2026-03 verified, last-verified",
            "march-10 delete: monthly 2026-03: kept march-31",
            "february delete: beyond monthly#2",
        ],
    );
}

#[test]
fn the_last_verified_is_kept_beyond_every_tier_and_age() {
    let rules = Retention {
        keep_last: Count::Exactly(1),
        expire_after: Some(span("P1Y")),
        verified_floor: 1,
        ..rules()
    };
    let points = [
        point("new", "2026-03-04T02:00:00Z"),
        pass("proven", "2020-03-04T02:00:00Z"),
        pass("proven-before", "2020-03-03T02:00:00Z"),
    ];
    assert_eq!(
        lines(&decide_in("UTC", &points, &rules, "2026-03-05T00:00:00Z")),
        [
            "new keep: keep-last#1, min-keep#1",
            "proven keep: verified-floor#1",
            "proven-before delete: expired after P1Y",
        ]
    );
    // With a floor of none the last proof is still never given up.
    let none = Retention { verified_floor: 0, ..rules };
    let decided = decide_in("UTC", &points, &none, "2026-03-05T00:00:00Z");
    assert_eq!(lines(&decided)[1], "proven keep: last-verified");
}

#[test]
fn the_oldest_stays_while_a_tier_has_room() {
    let rules = Retention { daily: Count::Exactly(3), keep_oldest: true, ..rules() };
    let mut points = vec![
        point("first", "2026-03-01T02:00:00Z"),
        point("same-day", "2026-03-01T14:00:00Z"),
        point("second", "2026-03-02T02:00:00Z"),
    ];
    check(
        "UTC",
        &rules,
        &points,
        &[
            "second keep: daily#1 2026-03-02, min-keep#1",
            "same-day keep: daily#2 2026-03-01",
            "first keep: oldest daily 2026-03-01",
        ],
    );
    points.push(point("third", "2026-03-03T02:00:00Z"));
    check(
        "UTC",
        &rules,
        &points,
        &[
            "third keep: daily#1 2026-03-03, min-keep#1",
            "second keep: daily#2 2026-03-02",
            "same-day keep: daily#3 2026-03-01",
            "first delete: daily 2026-03-01: kept same-day",
        ],
    );
}

#[test]
fn expiry_goes_by_the_clock_and_spares_holds_and_floors() {
    let rules =
        Retention { yearly: Count::All, expire_after: Some(span("P7Y")), min_keep: 2, ..rules() };
    let points = [
        point("2026", "2026-03-04T02:00:00Z"),
        point("2018", "2018-03-04T02:00:00Z"),
        point("2017", "2017-03-04T02:00:00Z"),
        Point { held: true, ..point("2016", "2016-03-04T02:00:00Z") },
    ];
    let fates = |now| lines(&decide_in("UTC", &points, &rules, now));
    assert_eq!(fates("2024-03-04T01:59:59Z")[2], "2017 keep: yearly#2 2017, min-keep#2");
    assert_eq!(
        fates("2026-03-05T00:00:00Z"),
        [
            "2026 keep: yearly#1 2026, min-keep#1",
            "2018 keep: min-keep#2",
            "2017 delete: expired after P7Y",
            "2016 keep: hold",
        ]
    );
}

#[test]
fn what_is_held_still_counts_and_what_is_in_use_does_not() {
    let rules = Retention { keep_last: Count::Exactly(2), ..rules() };
    let points = [
        Point { untouchable: Some("in use by a copy"), ..point("copying", "2026-03-05T02:00:00Z") },
        Point { held: true, ..point("held", "2026-03-04T02:00:00Z") },
        point("second", "2026-03-03T02:00:00Z"),
        point("third", "2026-03-02T02:00:00Z"),
    ];
    let decided = decide_in("UTC", &points, &rules, LATE);
    assert_eq!(decided.anchor, Some(at("2026-03-04T02:00:00Z")));
    assert_eq!(
        lines(&decided),
        [
            "copying ignore: in use by a copy",
            "held keep: hold, keep-last#1, min-keep#1",
            "second keep: keep-last#2",
            "third delete: beyond keep-last#2",
        ]
    );
}

#[test]
fn without_any_rule_the_floors_remain() {
    let points = [
        point("new", "2026-03-04T02:00:00Z"),
        point("old", "2026-03-03T02:00:00Z"),
        pass("proven", "2026-03-02T02:00:00Z"),
    ];
    check(
        "UTC",
        &Retention { min_keep: 0, ..rules() },
        &points,
        &["new keep: min-keep#1", "old delete: beyond min-keep#1", "proven keep: last-verified"],
    );
    assert_eq!(decide_in("UTC", &[], &rules(), LATE).decisions, []);
}
