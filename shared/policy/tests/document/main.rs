//! The policy document from outside: what is accepted and how it is read.

mod fixtures;
mod mutations;
mod refusals;
mod schema;

use fixtures::{FULL, parse, put, small, verify_with, with, with_copy};
use serde_json::{Value, json};
use snapkeep_policy::document::{DatabaseRef, Pick, PolicyDocument, Severity};
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
    assert_eq!(verify.checks.len(), 3);
    assert_eq!(critical.alarms.severity, Severity::Critical);
    assert_eq!(critical.alarms.slot_after.as_mins(), 90);
}

#[test]
fn what_is_left_out_has_its_default() {
    let mut document = with_copy("region", json!("us-east-1"));
    put(&mut document, "/policies/a/verify", verify_with("region", json!(null)));
    let document = parse(&document).unwrap();
    let policy = &document.policies[&"a".parse().unwrap()];
    assert_eq!(document.time_zone.iana_name(), Some("UTC"));
    insta::assert_debug_snapshot!("defaults", (
        &policy.retention,
        &policy.copies[0],
        &policy.verify,
        &policy.alarms,
        &policy.objectives,
    ));
}

#[test]
fn null_means_the_same_as_left_out() {
    let mut document: Value = serde_json::from_str(FULL).unwrap();
    let policy = &mut document["policies"]["standard"];
    for key in ["objectives", "copies", "alarms"] {
        policy[key] = Value::Null;
    }
    for key in ["keep_last", "daily", "within_daily", "keep_oldest", "guard", "drain", "quarantine"] {
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
    let pretty = serde_json::to_string_pretty(&small()).unwrap();
    let first = hash(&pretty);
    assert_eq!(first.len(), 16);
    assert_eq!(first, hash(&small().to_string()));
    let rest = small().to_string().replacen("\"version\":1", "\"x\":1", 1);
    let reordered = format!("{{\"version\":1,{}", rest[1..].replace(",\"x\":1", ""));
    assert_eq!(first, hash(&reordered));
    assert_ne!(first, parse(&with("/policies/a/retention/daily", json!(8))).unwrap().hash);
    // Recorded with decisions: the same document must have the same hash in every version.
    assert_eq!(first, "a96351af3411e1ba");
}

#[test]
fn regions_come_from_the_document_and_else_from_where_the_functions_run() {
    let region = |name: &str| -> Region { name.parse().unwrap() };
    let names = |regions: std::collections::BTreeSet<Region>| -> Vec<String> {
        regions.into_iter().map(String::from).collect()
    };
    let here = region("eu-west-3");
    let full = PolicyDocument::from_json(FULL).unwrap();
    assert_eq!(names(full.home_regions(Some(&here))), ["eu-central-1", "us-west-2"]);
    assert_eq!(
        names(full.all_regions(Some(&here))),
        ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"]
    );
    let small = parse(&with_copy("region", json!("us-east-1"))).unwrap();
    assert_eq!(names(small.home_regions(Some(&here))), ["eu-west-3"]);
    assert_eq!(names(small.home_regions(None)), [""; 0]);
    assert_eq!(names(small.all_regions(Some(&here))), ["eu-west-3", "us-east-1"]);
}

#[test]
fn a_billion_is_a_legal_count_and_allocates_nothing() {
    let document = parse(&with("/policies/a/retention/daily", json!(1_000_000_000))).unwrap();
    assert_eq!(
        document.policies[&"a".parse().unwrap()].retention.daily,
        Count::Exactly(1_000_000_000)
    );
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
            "UNKNOWN_FIELD dayly: got \"dayly\", expected a field that exists: did you mean \"daily\"?",
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
