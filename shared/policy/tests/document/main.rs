//! The policy document from outside: what is accepted and how it is read.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may")]

mod fixtures;
mod mutations;
mod refusals;
mod schema;

use std::collections::BTreeSet;

use fixtures::{FULL, SMALL, parse, remove, small_with};
use serde_json::{Value, json};
use snapkeep_policy::document::{Check, DatabaseRef, Pick, PolicyDocument, Severity};
use snapkeep_policy::ids::Region;
use snapkeep_policy::retention::{Count, Retention};

#[test]
fn a_full_document_is_read_as_it_is_meant() {
    let document = PolicyDocument::from_json(FULL).unwrap();
    let critical = &document.policies[&"critical".parse().unwrap()];
    let verify = critical.verify.as_ref().unwrap();
    assert_eq!(document.deployment.as_str(), "prod");
    assert_eq!(document.time_zone.iana_name(), Some("Europe/Berlin"));
    assert_eq!(critical.select.databases[1], DatabaseRef::Id("ledger".to_owned()));
    assert_eq!(critical.schedules[1].to_string(), "cron(30 14 ? * MON-FRI *)");
    assert_eq!(critical.objectives.rto.unwrap().as_secs(), 3600);
    assert_eq!(critical.retention.yearly, Count::All);
    assert_eq!(critical.retention.within_monthly.unwrap().0.to_string(), "P1Y6M");
    assert_eq!(critical.copies[0].retention.daily, Count::Exactly(7));
    assert_eq!(critical.copies[0].give_up_after.as_hours(), 24);
    assert!(matches!(verify.pick, Pick::Random { window } if window.as_hours() == 30 * 24));
    assert_eq!(verify.checks.len(), 10);
    assert_eq!(critical.alarms.severity, Severity::Critical);
    assert_eq!(critical.alarms.slot_after.as_mins(), 90);
    assert_eq!(critical.alarms.remind_every.as_hours(), 12);
    assert_eq!(critical.alarms.escalation[2].call_in, "management");
}

#[test]
fn what_is_left_out_has_its_default() {
    let mut document = small_with(&[]);
    remove(&mut document, "/regions");
    remove(&mut document, "/policies/a/verify/checks");
    let document = parse(&document).unwrap();
    let policy = &document.policies[&"a".parse().unwrap()];
    assert_eq!(document.time_zone.iana_name(), Some("UTC"));
    assert_eq!(document.regions, []);
    insta::assert_debug_snapshot!("defaults", policy);
}

/// What is near to a mistake without being one.
#[test]
fn good_documents_are_not_refused() {
    let arn = |rest: &str| json!(format!("arn:aws:rds:{rest}"));
    let cases: &[&[(&str, Value)]] = &[
        &[("/$schema", json!("https://example.com/policy.schema.json"))],
        // One identifier, but two databases: in two regions, or a cluster and an instance.
        &[(
            "/policies/a/select/databases",
            json!([
                arn("us-west-2:123456789012:cluster:a"),
                arn("us-west-1:123456789012:cluster:a"),
                arn("us-west-1:123456789012:db:a")
            ]),
        )],
        // Databases are in both regions: those of the one are copied to the other.
        &[("/regions", json!(["us-west-2", "us-east-1"]))],
        // Where the functions run, and so whether this copies into itself, isn't known here.
        &[("/regions", json!([]))],
        &[("/regions", json!([])), ("/policies/a/verify/region", json!("eu-west-1"))],
        &[("/policies/a/copies/0/region", json!("ap-southeast-7"))],
        &[("/policies/a/verify/region", json!("us-east-1"))],
        &[("/policies/a/verify/deadline", json!("PT30M"))],
        &[("/policies/a/verify/deadline", json!("P7D"))],
        &[("/policies/a/verify/pick", json!({ "point-in-time": { "back": "PT10M" } }))],
        &[("/policies/a/verify/pick", json!({ "point-in-time": { "back": "P35D" } }))],
        &[("/policies/a/objectives", json!({ "rpo": "PT1S", "rto": "P1W2DT3H4M5S" }))],
        &[("/policies/a/retention", json!({ "within_yearly": "P100Y" }))],
        &[("/policies/a/retention", json!({ "keep_last": "all", "daily": 0 }))],
        &[("/policies/a/retention/guard", json!({ "max_deletes": 0, "max_percent": 0 }))],
        &[("/policies/a/schedules/0", json!("rate(1 hour)"))],
        &[("/policies/a/schedules/0", json!("cron(0 * * * ? *)"))],
        &[("/policies/a/schedules/0", json!("cron(0 2 29 2 ? *)"))],
        &[("/policies/a/select/tags", json!({ "team@work": "a".repeat(256) }))],
        &[("/policies/a/verify/checks/0", json!({ "sql": "select -1", "min": -1 }))],
        &[("/policies/a/verify/checks/0", json!({ "collection": "shop.orders.2026", "min": 1 }))],
    ];
    for changes in cases {
        let document = small_with(changes);
        if let Err(said) = parse(&document) {
            panic!("{changes:?}: {said}");
        }
        schema::assert_accepted(&document);
    }
}

#[test]
fn null_means_the_same_as_left_out() {
    let mut document: Value = serde_json::from_str(FULL).unwrap();
    let policy = &mut document["policies"]["standard"];
    for key in ["objectives", "copies", "alarms"] {
        policy[key] = Value::Null;
    }
    for key in ["keep_last", "daily", "within_daily", "keep_oldest", "guard", "drain", "quarantine"]
    {
        policy["retention"][key] = Value::Null;
    }
    policy["verify"]["region"] = Value::Null;
    policy["verify"]["checks"] = json!([
        { "sql": "select 1", "min": 1, "freshness": null, "collection": null, "max_age": null }
    ]);
    let null = parse(&document).unwrap();
    let left_out = PolicyDocument::from_json(FULL).unwrap();
    let name = "standard".parse().unwrap();
    assert_eq!(null.policies[&name].retention, left_out.policies[&name].retention);
    assert_eq!(null.policies[&name].alarms, left_out.policies[&name].alarms);
    schema::assert_accepted(&document);
}

#[test]
fn the_hash_is_of_the_content_and_not_of_its_writing() {
    let hash = |text: &str| PolicyDocument::from_json(text).unwrap().hash;
    let first = hash(SMALL);
    assert_eq!(first, hash(&small_with(&[]).to_string()));
    let document = small_with(&[]);
    let entries = document.as_object().unwrap().iter().rev();
    let entries: Vec<String> = entries.map(|(key, value)| format!("{key:?}:{value}")).collect();
    assert_eq!(first, hash(&format!("{{{}}}", entries.join(","))));
    let other = small_with(&[("/policies/a/retention/daily", json!(8))]);
    assert_ne!(first, parse(&other).unwrap().hash);
    // Recorded with decisions: the same document must have the same hash in every version.
    assert_eq!(first, "42efc8f75e93915c");
}

#[test]
fn regions_come_from_the_document_and_else_from_where_the_functions_run() {
    let names = |regions: BTreeSet<Region>| -> Vec<String> {
        regions.into_iter().map(String::from).collect()
    };
    let here: Region = "eu-west-3".parse().unwrap();
    let full = PolicyDocument::from_json(FULL).unwrap();
    assert_eq!(names(full.home_regions(Some(&here))), ["eu-central-1", "us-west-2"]);
    assert_eq!(
        names(full.all_regions(Some(&here))),
        ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"]
    );
    let nowhere = parse(&small_with(&[("/regions", json!([]))])).unwrap();
    assert_eq!(names(nowhere.home_regions(Some(&here))), ["eu-west-3"]);
    assert_eq!(names(nowhere.home_regions(None)), [""; 0]);
    assert_eq!(names(nowhere.all_regions(Some(&here))), ["eu-west-3", "us-east-1"]);
    let arn = json!("arn:aws:rds:us-west-1:123456789012:cluster:a");
    let changes = [("/regions", json!([])), ("/policies/a/select/databases/-", arn)];
    let of_arn = parse(&small_with(&changes)).unwrap();
    assert_eq!(names(of_arn.home_regions(Some(&here))), ["us-west-1"]);
}

#[test]
fn a_billion_is_a_legal_count_and_allocates_nothing() {
    let document = small_with(&[("/policies/a/retention/daily", json!(1_000_000_000))]);
    let document = parse(&document).unwrap();
    let policy = &document.policies[&"a".parse().unwrap()];
    assert_eq!(policy.retention.daily, Count::Exactly(1_000_000_000));
}

#[test]
fn a_retention_object_is_read_by_itself() {
    let retention = Retention::from_json(r#"{"daily": 7, "within": "P1M"}"#).unwrap();
    assert_eq!(retention.daily, Count::Exactly(7));
    assert_eq!(retention.within.unwrap().0.to_string(), "P1M");
    assert_eq!((retention.guard.max_deletes, retention.guard.max_percent), (3, 25));
    for (text, line) in [
        (
            r#"{"dayly": 7}"#,
            "UNKNOWN_FIELD dayly: got \"dayly\", \
             expected a field that exists: did you mean \"daily\"?",
        ),
        (
            r#"{"daily": "7"}"#,
            "BAD_VALUE daily: got \"7\", expected a whole number from 0 to 4294967295, or \"all\"",
        ),
        ("[]", "WRONG_TYPE $: got an array, expected an object"),
    ] {
        assert_eq!(Retention::from_json(text).unwrap_err().to_string(), line);
    }
}

#[test]
fn checks_are_read_by_themselves() {
    let two = r#"[{"sql": "select 1", "min": 1}, {"collection": "a", "min": 1}]"#;
    let [Check::Sql { sql, min: 1, .. }, Check::Count { .. }] =
        &Check::list_from_json(two).unwrap()[..]
    else {
        panic!("two checks")
    };
    assert_eq!(sql, "select 1");
    for (text, line) in [
        ("{}", "WRONG_TYPE $: got an object, expected an array"),
        (
            r#"[{"sql": "drop table users", "min": 1}]"#,
            "BAD_VALUE $[0].sql: got \"drop\", \
             expected a statement that begins with select, with, show, table or values",
        ),
    ] {
        assert_eq!(Check::list_from_json(text).unwrap_err().to_string(), line);
    }
}

#[test]
fn a_week_has_seven_days_and_a_day_24_hours() {
    let objective = |text: &str| {
        let document = parse(&small_with(&[("/policies/a/objectives", json!({ "rpo": text }))]));
        document.unwrap().policies[&"a".parse().unwrap()].objectives.rpo.unwrap().as_secs()
    };
    assert_eq!(objective("P2W"), 14 * 24 * 3600);
    assert_eq!(objective("P1W2DT3H4M5S"), ((9 * 24 + 3) * 60 + 4) * 60 + 5);
}
