//! What the records of every version come to.

use super::*;

fn entry(verb: Verb, sequence: u32, hour: u8, name: &str, record: &str) -> Recorded {
    let at = format!("2026-03-04T{hour:02}:00:00Z").parse().unwrap();
    let (name, record) = (name.to_owned(), record.to_owned());
    Recorded { verb, sequence, at, name, record }
}

fn lines(newest_first: &[Recorded]) -> Vec<String> {
    let line = |act: Act| {
        let Act { database, region, recovery_point, evidence, .. } = &act;
        let region = region.as_deref().unwrap_or("-");
        let point = recovery_point.as_deref().unwrap_or("-");
        format!("{} {database} {region} {point} {evidence}", act.kind.as_str())
    };
    acts(newest_first).into_iter().map(line).collect()
}

const ORDERS: &str = "arn:aws:rds:us-west-2:123456789012:db:orders";
const POINT: &str = "arn:aws:rds:us-west-2:123456789012:snapshot:snapkeep-orders-1";

#[test]
fn a_delete_that_was_announced_counts_once_and_also_if_nobody_told_its_end() {
    let intent = format!(
        r#"{{"deletes": [{{"recovery_point": "{POINT}", "database": "{ORDERS}", "reason": "old"}}]}}"#
    );
    let intent = |sequence, hour| entry(Verb::Prune, sequence, hour, "intent", &intent);
    let report = |sequence, hour, outcome: &str| {
        let step = format!(
            r#"{{"steps": [{{"action": "delete", "id": "snapkeep-orders-1", "database": "orders",
                "region": "us-west-2", "reason": "old", "outcome": "{outcome}"}}]}}"#
        );
        entry(Verb::Prune, sequence, hour, "report", &step)
    };
    let pruned = |n: u32| vec![format!("pruned orders us-west-2 snapkeep-orders-1 prune/{n}")];
    assert_eq!(lines(&[intent(1, 8)]), pruned(1), "before outcomes were written");
    assert_eq!(lines(&[report(2, 8, "done"), intent(1, 8)]), pruned(2));
    assert_eq!(lines(&[report(2, 8, "failed"), intent(1, 8)]), Vec::<String>::new());
    assert_eq!(lines(&[report(3, 9, "already-done"), intent(2, 9), intent(1, 8)]), pruned(1));
}

#[test]
fn a_verdict_is_a_restore_or_somebodys_approval() {
    let verdict = |scratch: &str| {
        let record = format!(
            r#"{{"subject": {{"recovery-point": "{POINT}"}}, "database": "{ORDERS}",
                "scratch_id": "{scratch}", "outcome": "pass", "reason": "r",
                "recovery_time": {{"measured_seconds": 90, "objective_seconds": null}}}}"#
        );
        acts(&[entry(Verb::Verify, 4, 7, scratch, &record)]).remove(0)
    };
    let rto = Some(SignedDuration::from_secs(90));
    let phases = PhaseTimes::default();
    let expected = Kind::Verified { outcome: Outcome::Pass, rto, objective: None, phases };
    assert_eq!(verdict("snapkeep-scratch-orders").kind, expected);
    assert_eq!(verdict("accept-snapkeep-orders-1").kind, Kind::Approved { verb: Verb::Verify });
    assert_eq!(verdict("s").recovery_point.as_deref(), Some("snapkeep-orders-1"));
}

#[test]
fn a_verdict_says_how_long_each_phase_took_that_it_came_to() {
    let told = |phases: &str| {
        let record = format!(
            r#"{{"subject": {{"recovery-point": "{POINT}"}}, "database": "{ORDERS}",
                "scratch_id": "s", "outcome": "pass", "reason": "r", "phases": {phases}}}"#
        );
        let kind = acts(&[entry(Verb::Verify, 4, 7, "s", &record)]).remove(0).kind;
        let Kind::Verified { phases, .. } = kind else { panic!("no verdict: {kind:?}") };
        let PhaseTimes { cluster, instance, first_query, checks } = phases;
        [cluster, instance, first_query, checks].map(|it| it.map(|it| it.as_secs()))
    };
    let at = |time: &str| format!("\"2026-03-04T{time}Z\"");
    let (asked, cluster) = (at("06:00:00"), at("06:15:00"));
    let (instance, answered, checked) = (at("06:25:00"), at("06:30:00"), at("06:30:20"));
    let whole = format!(
        r#"{{"requested_at": {asked}, "cluster_available_at": {cluster},
            "instance_available_at": {instance}, "answered_at": {answered}, "checked_at": {checked}}}"#
    );
    assert_eq!(told(&whole), [Some(900), Some(600), Some(300), Some(20)]);
    let alone = format!(
        r#"{{"requested_at": {asked}, "cluster_available_at": null,
            "instance_available_at": {instance}}}"#
    );
    assert_eq!(told(&alone), [None, Some(1500), None, None]);
    let back = format!(r#"{{"requested_at": {instance}, "cluster_available_at": {asked}}}"#);
    for nothing in ["null", "7", r#"{"checked_at": 1}"#, &back] {
        assert_eq!(told(nothing), [None; 4], "{nothing}");
    }
}

#[test]
fn a_refusal_of_old_is_told_once_while_its_words_stand() {
    let record = r#"{"steps": [], "refusals": [{"code": "key-unusable", "message": "m"}]}"#;
    let report = |n, hour| entry(Verb::Copy, n, hour, "report", record);
    assert_eq!(lines(&[report(2, 9), report(1, 8)]), ["refused  - - copy/1"]);
}

#[test]
fn what_cannot_be_understood_is_no_act() {
    for record in [
        "",
        "null",
        "7",
        "[]",
        "{}",
        r#"{"steps": 7, "refusals": {}, "deletes": [1]}"#,
        r#"{"steps": [{"outcome": "done"}]}"#,
        r#"{"subject": 1, "outcome": "pass"}"#,
    ] {
        for verb in Verb::ALL {
            for name in ["report", "intent", "seal", "x"] {
                assert_eq!(acts(&[entry(verb, 1, 1, name, record)]), [], "{verb} {name} {record}");
            }
        }
    }
}

#[test]
fn of_refusals_that_stand_only_the_new_ones_are_told() {
    let refusal = |subject: &str, message: &str| {
        format!(
            r#"{{"code": "key-unusable", "region": "us-east-1", "subject": "{subject}",
                "message": "{message}"}}"#
        )
    };
    let report = |n, hour, refusals: &[String]| {
        let record = format!(r#"{{"steps": [], "refusals": [{}]}}"#, refusals.join(", "));
        entry(Verb::Copy, n, hour, "report", &record)
    };
    let first = report(1, 8, &[refusal("orders", "3 wait"), refusal("users", "1 waits")]);
    let second = report(2, 9, &[refusal("events", "1 waits"), refusal("orders", "4 wait")]);
    assert_eq!(
        lines(&[second, first.clone()]),
        [
            "refused events us-east-1 - copy/2",
            "refused orders us-east-1 - copy/1",
            "refused users us-east-1 - copy/1",
        ]
    );
    let reasons: Vec<String> = acts(&[first]).into_iter().map(|act| act.reason).collect();
    assert_eq!(reasons, ["key-unusable: 3 wait", "key-unusable: 1 waits"]);
}

#[test]
fn an_approval_says_who_gave_it_and_for_what() {
    let approved = |asked: &str| {
        let record = format!(
            r#"{{"asked": {asked}, "steps": [
                {{"action": "delete", "id": "a", "database": "users", "outcome": "failed"}},
                {{"action": "delete", "id": "b", "database": "orders", "outcome": "failed"}}]}}"#
        );
        acts(&[entry(Verb::Prune, 5, 8, "report", &record)])
    };
    for (asked, database, reason) in [
        (
            r#"{"approve": "4c", "requested_by": "Ann", "database": "shepherd"}"#,
            "shepherd",
            "Ann approved the plan with the hash 4c",
        ),
        (r#"{"approve": "4c"}"#, "orders, users", "a request approved the plan with the hash 4c"),
    ] {
        let [act] = &approved(asked)[..] else { panic!("one act") };
        assert_eq!(act.kind, Kind::Approved { verb: Verb::Prune });
        assert_eq!((&*act.database, &*act.reason), (database, reason));
    }
    assert_eq!(approved(r#"{"database": "orders"}"#), [], "it asked for no approval");
}

#[test]
fn a_verdict_is_one_of_three_and_any_other_word_is_none() {
    for (word, expected) in [
        ("pass", Some(Outcome::Pass)),
        ("fail", Some(Outcome::Fail)),
        ("inconclusive", Some(Outcome::Inconclusive)),
        ("passed", None),
    ] {
        let record = format!(
            r#"{{"subject": {{"recovery-point": "{POINT}"}}, "database": "{ORDERS}",
                "scratch_id": "s", "outcome": "{word}"}}"#
        );
        let told = acts(&[entry(Verb::Verify, 4, 7, "s", &record)]).pop().map(|act| act.kind);
        let unmeasured = (None, None, PhaseTimes::default());
        let expected = expected.map(|outcome| {
            let (rto, objective, phases) = unmeasured;
            Kind::Verified { outcome, rto, objective, phases }
        });
        assert_eq!(told, expected, "{word}");
    }
}
