//! What may really be deleted: doubt, the cap, the approval of one plan, and the drain.

use jiff::SignedDuration;
use snapkeep_policy::plan::RefusalCode;
use snapkeep_policy::retention::{Count, Decisions, Guard, Point, Retention, Verified};

use super::{at, decide_in, point, rules};

const NOW: &str = "2026-06-01T00:00:00Z";
const CAP: Guard = Guard { max_deletes: 3, max_percent: 25 };

/// `count` points, one a day back from 31 May, of which the newest `keep` are kept.
fn decide(count: usize, keep: u32, rules: &Retention) -> Decisions {
    let ids: Vec<String> = (0..count).map(|day| format!("d{day:03}")).collect();
    let points: Vec<Point<'_>> = (0_i64..)
        .zip(&ids)
        .map(|(day, id)| Point {
            taken_at: at("2026-05-31T02:00:00Z") - SignedDuration::from_hours(24 * day),
            ..point(id, NOW)
        })
        .collect();
    decide_in("UTC", &points, &Retention { keep_last: Count::Exactly(keep), ..rules.clone() }, NOW)
}

#[test]
fn the_cap_is_the_larger_of_a_number_and_a_share_and_is_all_or_nothing() {
    // (points, kept, deletes that may go at once, whether it blocks)
    let cases = [
        (5, 2, 3, false),
        (5, 1, 3, true),
        (15, 12, 3, false),
        (15, 11, 3, true),
        (16, 12, 4, false),
        (400, 300, 100, false),
        (400, 299, 100, true),
    ];
    for (count, keep, deletes_max, blocked) in cases {
        let decided = decide(count, keep, &Retention { guard: CAP, ..rules() });
        let deletes = count - keep as usize;
        let guard = &decided.guard;
        assert_eq!((guard.managed, guard.deletes), (count, deletes));
        assert_eq!((guard.deletes_max, guard.blocked), (deletes_max, blocked), "{count} {keep}");
        assert_eq!(decided.deletes(None).len(), if blocked { 0 } else { deletes });
        let code = decided.refusal.map(|refusal| refusal.code);
        assert_eq!(code, blocked.then_some(RefusalCode::GuardBlocked));
    }
}

#[test]
fn points_that_take_no_part_do_not_raise_the_cap() {
    let mut points: Vec<Point<'_>> =
        ["a", "b", "c", "d", "e"].into_iter().map(|id| point(id, "2026-05-31T02:00:00Z")).collect();
    let ids: Vec<String> = (0..100).map(|n| format!("busy{n}")).collect();
    points.extend(
        ids.iter()
            .map(|id| Point { untouchable: Some("in use"), ..point(id, "2026-05-30T02:00:00Z") }),
    );
    let decided = decide_in("UTC", &points, &Retention { guard: CAP, ..rules() }, NOW);
    assert_eq!((decided.guard.managed, decided.guard.deletes_max), (5, 3));
    assert!(decided.guard.blocked);
}

#[test]
fn an_approval_lifts_the_cap_for_that_plan_and_for_no_other() {
    let policy = Retention { guard: CAP, ..rules() };
    let decided = decide(10, 2, &policy);
    let hash = decided.guard.plan_hash.as_str();
    assert_eq!((hash.len(), hash.trim_matches(|c: char| c.is_ascii_hexdigit())), (16, ""));
    assert_eq!(
        decided.deletes(Some(hash)),
        ["d009", "d008", "d007", "d006", "d005", "d004", "d003", "d002"]
    );
    assert_eq!(decide(10, 2, &policy).guard.plan_hash, hash, "it is stable");
    let others = [
        decide(11, 2, &policy),
        decide(10, 3, &policy),
        decide(10, 2, &Retention { drain: Some(5), ..policy.clone() }),
        decide(10, 2, &Retention { min_keep: 2, ..policy.clone() }),
    ];
    for other in &others {
        assert_ne!(other.guard.plan_hash, hash);
        assert_eq!(other.deletes(Some(hash)), Vec::<&str>::new());
    }
    assert_eq!(decided.deletes(Some("")), Vec::<&str>::new());
}

#[test]
fn the_hash_depends_on_the_zone_the_anchor_and_what_goes() {
    let policy = Retention { guard: CAP, keep_last: Count::Exactly(1), ..rules() };
    let hash = |zone, newest, old| {
        let points = [point("new", newest), point(old, "2026-05-30T02:00:00Z")];
        decide_in(zone, &points, &policy, NOW).guard.plan_hash
    };
    let first = hash("UTC", "2026-05-31T02:00:00Z", "old");
    assert_ne!(first, hash("Europe/Vienna", "2026-05-31T02:00:00Z", "old"));
    assert_ne!(first, hash("UTC", "2026-05-31T02:00:01Z", "old"));
    assert_ne!(first, hash("UTC", "2026-05-31T02:00:00Z", "other"));
    assert_eq!(first, hash("UTC", "2026-05-31T02:00:00Z", "old"));
}

#[test]
fn no_approval_lifts_a_doubt() {
    let asked = Retention { guard: CAP, verified_floor: 1, ..rules() };
    let decided = decide(10, 1, &asked);
    let refusal = decided.refusal.as_ref().unwrap();
    assert_eq!(refusal.code, RefusalCode::NoVerified);
    assert_eq!((decided.guard.deletes, decided.guard.blocked), (9, true));
    assert_eq!(decided.deletes(Some(&decided.guard.plan_hash)), Vec::<&str>::new());
}

#[test]
fn when_every_verification_failed_nothing_is_deleted() {
    let bad = Verified::Fail { at: at("2020-01-01T00:00:00Z") };
    let points = [
        Point { verified: bad, ..point("a", "2019-12-31T02:00:00Z") },
        Point { verified: bad, ..point("b", "2019-12-30T02:00:00Z") },
    ];
    let decided = decide_in("UTC", &points, &rules(), NOW);
    assert_eq!(decided.refusal.as_ref().unwrap().code, RefusalCode::NoEligible);
    assert_eq!((decided.anchor, decided.guard.deletes), (None, 0));
    assert_eq!(decided.deletes(None), Vec::<&str>::new());
    // One that is good, and the others' quarantine is over.
    let good = point("c", "2026-05-31T02:00:00Z");
    let decided = decide_in("UTC", &[points.as_slice(), &[good]].concat(), &rules(), NOW);
    assert_eq!((decided.refusal.as_ref(), decided.deletes(None)), (None, vec!["b", "a"]));
}

#[test]
fn a_group_that_holds_nothing_of_ours_refuses_nothing() {
    let busy = Point { untouchable: Some("not available"), ..point("a", "2026-05-31T02:00:00Z") };
    for points in [vec![], vec![busy]] {
        let decided = decide_in("UTC", &points, &Retention { verified_floor: 1, ..rules() }, NOW);
        assert_eq!(decided.refusal, None);
    }
}

#[test]
fn a_drain_takes_the_oldest_first() {
    let decided = decide(10, 4, &Retention { drain: Some(2), ..rules() });
    assert_eq!(decided.deletes(None), ["d009", "d008"]);
    assert_eq!(decided.guard.deletes, 6, "the guard looks at all of them");
}

#[test]
fn decisions_are_written_as_the_command_line_promises() {
    let points = [point("new", "2026-05-31T02:00:00Z"), point("old", "2026-05-30T02:00:00Z")];
    let policy = Retention { guard: Guard { max_deletes: 0, max_percent: 0 }, ..rules() };
    let decided = decide_in("UTC", &points, &policy, NOW);
    let hash = &decided.guard.plan_hash;
    let expected = serde_json::json!({
        "decisions": [
            { "id": "new", "decision": "keep", "reasons": ["min-keep#1"] },
            { "id": "old", "decision": "delete", "reasons": ["beyond min-keep#1"] },
        ],
        "refusal": {
            "code": "guard-blocked",
            "message": format!(
                "1 of 2 recovery points would go at once, and 0 may: \
                 look at the plan, then approve its hash {hash}"
            ),
        },
        "guard": {
            "managed": 2, "deletes": 1, "deletes_max": 0, "blocked": true, "plan_hash": hash,
        },
        "anchor": "2026-05-31T02:00:00Z",
    });
    assert_eq!(serde_json::to_value(&decided).unwrap(), expected);
}
