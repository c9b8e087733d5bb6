//! How databases stand: one row each.

use serde_json::{Value, json};
use snapkeep_policy::alarm::Memory;
use snapkeep_policy::history::{Act, Kind};
use snapkeep_policy::inventory::{Database, Snapshot};
use snapkeep_policy::recovery_point::Outcome;
use snapkeep_policy::status::{Known, Standing, rows, standings};
use snapkeep_policy::verb::Verb;

use crate::fixtures::*;

#[test]
fn a_database_without_anything_has_a_row_all_the_same() {
    let fleet = Fleet::of([cluster("shepherd")]);
    let document = document(&policy(&[]));
    let rows = rows(&fleet.view(&document, "2026-03-06T12:00:00Z"));
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].database.as_str(), rows[0].newest), ("shepherd", None));
    assert_eq!((rows[0].recovery_points, rows[0].verdict), (0, None));
}

const NOW: &str = "2026-03-06T12:00:00Z";

/// The standings of a fleet under a policy with objectives, by what is known beside it.
fn stand(fleet: &Fleet, changes: &[(&str, Value)], known: Known<'_>) -> Vec<Standing> {
    let objectives = json!({ "rpo": "PT12H", "rto": "PT1H" });
    let changes: Vec<_> = [&[("/objectives", objectives)], changes].concat();
    let document = document(&policy(&changes));
    standings(&fleet.view(&document, NOW), known)
}

/// Its newest recovery point, of this morning, passed.
fn passed(database: &Database) -> Snapshot {
    point(database, "2026-03-06T02:00:00Z")
        .judged("pass", "2026-03-06T07:00:00Z")
        .restored_in("1800")
}

fn wrong(standing: &Standing) -> Vec<&str> {
    standing.wrong.iter().map(String::as_str).collect()
}

#[test]
fn a_database_is_proven_if_a_restore_proved_it_and_all_its_limits_are_kept() {
    let shepherd = cluster("shepherd");
    let point_of = |time: &str| point(&shepherd, time);
    let fresh = "2026-03-06T02:00:00Z";
    let at_seven = "2026-03-06T07:00:00Z";
    for (points, changes, expected) in [
        (vec![passed(&shepherd)], vec![], vec![]),
        (
            vec![],
            vec![verified()],
            vec!["there is no recovery point", "no restore has proven it yet"],
        ),
        (
            vec![point_of(fresh)],
            vec![],
            vec!["no restore has proven it: its policy doesn't verify"],
        ),
        (
            vec![point_of("2026-03-05T02:00:00Z").judged("pass", "2026-03-05T07:00:00Z")],
            vec![],
            vec![
                "the newest recovery point is 1 d 10 h old, the limit is 1 d 1 h",
                "1 d 10 h would be lost, the RPO is 12 h 0 min",
            ],
        ),
        (
            vec![point_of(fresh).judged("fail", at_seven).because("drift")],
            vec![],
            vec!["the restore of 2026-03-06T07:00Z failed (drift)"],
        ),
        (
            vec![point_of(fresh).judged("inconclusive", at_seven).because("capacity")],
            vec![],
            vec!["the restore of 2026-03-06T07:00Z came to no result (capacity)"],
        ),
        (
            vec![passed(&shepherd).restored_in("5400")],
            vec![],
            vec!["restoring it took 1 h 30 min, the RTO is 1 h 0 min"],
        ),
        (vec![passed(&shepherd)], vec![copied()], vec!["there is no copy in us-east-1"]),
        (
            vec![passed(&shepherd).judged("pass", "2026-03-06T03:00:00Z")],
            vec![("/alarms", json!({ "unverified_after": "PT8H" }))],
            vec!["it was last restored 9 h 0 min ago, the limit is 8 h 0 min"],
        ),
    ] {
        let fleet = Fleet::of([shepherd.clone()]).snapshots(points);
        let standings = stand(&fleet, &changes, Known::default());
        assert_eq!(wrong(&standings[0]), expected);
    }
}

#[test]
fn exactly_at_its_limits_a_database_is_well() {
    let shepherd = cluster("shepherd");
    let of = |time: &str| point(&shepherd, time);
    let no_objectives = ("/objectives", json!({}));
    let never_old = ("/alarms", json!({ "missing_after": "P9D", "unverified_after": "PT5H" }));
    for (newest, changes) in [
        (of("2026-03-05T11:00:00Z").judged("pass", "2026-03-05T12:00:00Z"), vec![no_objectives]),
        (of("2026-03-06T00:00:00Z").judged("pass", "2026-03-06T07:00:00Z"), vec![]),
        (passed(&shepherd), vec![never_old]),
        (passed(&shepherd).restored_in("3600"), vec![]),
    ] {
        let fleet = Fleet::of([shepherd.clone()]).snapshot(newest);
        assert_eq!(wrong(&stand(&fleet, &changes, Known::default())[0]), [""; 0]);
    }
}

#[test]
fn a_restore_without_a_result_takes_no_proof_away() {
    let shepherd = cluster("shepherd");
    let before = point(&shepherd, "2026-03-05T02:00:00Z").judged("pass", "2026-03-05T07:00:00Z");
    let newest = passed(&shepherd).judged("inconclusive", "2026-03-06T07:00:00Z");
    let fleet = Fleet::of([shepherd]).snapshots([before, newest]);
    assert_eq!(wrong(&stand(&fleet, &[], Known::default())[0]), [""; 0]);
}

#[test]
fn copies_are_counted_by_region_and_those_of_an_unseen_one_arent_missed() {
    let shepherd = cluster("shepherd");
    let original = passed(&shepherd);
    let copy = original.copy("2026-03-06T02:30:00Z");
    let both = Fleet::of([shepherd.clone()]).snapshots([original.clone(), copy]);
    let standing = &stand(&both, &[copied()], Known::default())[0];
    assert_eq!(wrong(standing), [""; 0]);
    assert_eq!(
        (standing.row.recovery_points, &standing.row.copies[..]),
        (1, &[(region(AWAY), 1)][..])
    );
    let alone = Fleet::of([shepherd]).snapshot(original);
    let standing = &stand(&alone, &[copied()], Known::default())[0];
    assert_eq!(
        (standing.row.recovery_points, &standing.row.copies[..]),
        (1, &[(region(AWAY), 0)][..])
    );
    let (pointer, mut rules) = copied();
    rules
        .as_array_mut()
        .unwrap()
        .push(json!({ "region": "eu-west-1", "kms_key": KEY.replace(AWAY, "eu-west-1") }));
    let standing = &stand(&both, &[(pointer, rules)], Known::default())[0];
    assert_eq!(standing.row.copies, [(region(AWAY), 1), (region("eu-west-1"), 0)]);
    let unseen = stand(&alone.unseen(AWAY), &[copied()], Known::default());
    assert_eq!(wrong(&unseen[0]), [""; 0]);
}

#[test]
fn the_worst_comes_first() {
    let databases = ["a", "b", "c", "d"].map(cluster);
    let [proven, unproven, alarmed, _without] = &databases;
    let fleet = Fleet::of(databases.clone()).snapshots([
        passed(proven),
        point(unproven, "2026-03-06T02:00:00Z"),
        passed(alarmed),
    ]);
    let alarm = json!({ "condition": "copy-late", "severity": "critical", "subject": "c",
        "region": HOME, "message": "m", "next_step": "Look at c.",
        "opened_at": NOW, "told_at": null, "resolved_at": null });
    let mut over = alarm.clone();
    over["subject"] = json!("a");
    over["resolved_at"] = json!(NOW);
    let memory = json!({ "alarms": { "1": alarm, "2": over }, "known": {} });
    let memory: Memory = serde_json::from_value(memory).unwrap();
    let known = Known { alarms: Some(&memory.alarms), acts: None };
    let standings = stand(&fleet, &[], known);
    let order: Vec<&str> = standings.iter().map(|it| it.row.database.as_str()).collect();
    assert_eq!(order, ["d", "b", "c", "a"]);
    assert_eq!((standings[2].open_alarms, standings[2].is_proven()), (1, true));
    assert_eq!(standings[2].next_step.as_deref(), Some("Look at c."));
    assert!(standings[3].is_well() && !standings[2].is_well());
}

#[test]
fn a_verdict_that_only_a_tag_knows_is_no_proof() {
    let shepherd = cluster("shepherd");
    let fleet = Fleet::of([shepherd.clone()]).snapshot(passed(&shepherd));
    let verified = |outcome, time: &str, database: &str| Act {
        at: at(time),
        kind: Kind::Verified { outcome, rto: None, objective: None, phases: Default::default() },
        database: database.to_owned(),
        region: None,
        recovery_point: None,
        reason: String::new(),
        evidence: "verify/7".to_owned(),
    };
    let (seven, long_ago) = ("2026-03-06T07:00:00Z", "2026-03-01T00:00:00Z");
    let accepted = Act {
        kind: Kind::Approved { verb: Verb::Verify },
        ..verified(Outcome::Pass, seven, "shepherd")
    };
    let missing = "the verdict of 2026-03-06T07:00Z isn't in the evidence";
    for (since, act, expected) in [
        (long_ago, verified(Outcome::Pass, seven, "shepherd"), None),
        (long_ago, verified(Outcome::Fail, seven, "shepherd"), Some(missing)),
        (long_ago, verified(Outcome::Pass, seven, "another"), Some(missing)),
        (long_ago, verified(Outcome::Pass, "2026-03-06T06:00:00Z", "shepherd"), Some(missing)),
        // What a person accepted passes, and nothing else does by it.
        (long_ago, accepted, None),
        // The evidence wasn't read back so far.
        (NOW, verified(Outcome::Pass, seven, "another"), None),
    ] {
        let acts = [act];
        let known = Known { alarms: None, acts: Some((at(since), &acts)) };
        let standings = stand(&fleet, &[], known);
        assert_eq!(wrong(&standings[0]), expected.into_iter().collect::<Vec<_>>(), "{acts:?}");
        let found = expected.is_none() && since == long_ago;
        assert_eq!(standings[0].evidence.as_deref(), found.then_some("verify/7"));
    }
}
