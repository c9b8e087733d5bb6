//! P01 to P27: the policy document. What only the account shows is a refusal of that one step, or an
//! alarm; nothing is deleted for any of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use snapkeep_policy::alarm::{self, Memory};
use snapkeep_policy::copy;
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::inventory::Engine;
use snapkeep_policy::request::Request;
use snapkeep_policy::{create, prune, verify};

use super::Said;
use crate::fixtures::{cluster, copied, daily, document, policy, verified};
use crate::fleet::{Fleet, text};

const NOW: &str = "2026-03-06T12:00:00Z";

fn line(text: &str) -> String {
    let read = PolicyDocument::from_json(text);
    read.err().map_or_else(|| "no error".to_owned(), |bad| bad.to_string())
}

/// The document with something put within its one policy.
fn with(pointer: &str, value: Value) -> String {
    line(&policy(&[copied(), verified(), (pointer, value)]).to_string())
}

fn keep(count: Value) -> String {
    with("/retention", json!({ "daily": count }))
}

fn scheduled(schedule: &str) -> String {
    with("/schedules", json!([schedule]))
}

fn copied_with(kms_key: &str) -> String {
    with("/copies", json!([{ "region": "us-east-1", "kms_key": kms_key }]))
}

fn verified_with(key: &str, value: Value) -> String {
    let (pointer, mut rule) = verified();
    rule[key] = value;
    with(pointer, rule)
}

fn asked(sql: &str) -> String {
    verified_with("checks", json!([{ "sql": sql, "min": 1 }]))
}

fn selecting(databases: Value) -> String {
    with("/select", json!({ "databases": databases }))
}

fn tagged(key: &str, value: &str) -> String {
    with("/select", json!({ "tags": { key: value } }))
}

/// Two policies with these selectors.
fn claimed_by(first: &Value, second: &Value) -> String {
    let mut both = policy(&[("/select", first.clone())]);
    let mut other = both["policies"]["critical"].clone();
    other["select"] = second.clone();
    both["policies"]["other"] = other;
    line(&both.to_string())
}

/// What alarm finds about `condition`, in a fleet where nobody can be told to delete anything.
fn alarmed(fleet: &Fleet, rules: &Value, condition: &str) -> String {
    let document = document(rules);
    let view = fleet.view(&document, NOW);
    let look = Request::default();
    assert!(prune::plan(&view, &look).steps.is_empty(), "it deletes");
    let _ = (create::plan(&view, &look), verify::plan(&view, &look));
    let (plan, _) = alarm::plan(&view, &Memory::default(), Some(&BTreeSet::new()));
    let found = plan.lines().into_iter().find(|line| line.id.contains(condition));
    found
        .map_or_else(|| "no alarm".to_owned(), |line| format!("alarm {condition}: {}", line.reason))
}

fn only_the_account_shows() -> Vec<Said> {
    let shepherd = cluster("shepherd");
    let fleet = Fleet::of([shepherd.clone()]).snapshots(daily(&shepherd, "2026-03-03", 4));
    let greedy = policy(&[("/retention", json!({ "daily": 1_000_000_000 }))]);
    let keyless = policy(&[("/copies", json!([{ "region": "us-east-1" }]))]);
    let elsewhere = policy(&[("/select", json!({ "databases": ["nobody"] }))]);
    let mut kept = fleet.says(&keyless, NOW, copy::plan);
    kept.truncate(kept.find('\n').unwrap_or(kept.len()));
    vec![
        ("P06", alarmed(&fleet.clone().quota("us-west-2", 100), &greedy, "quota-nearly-full")),
        ("P14", alarmed(&fleet, &elsewhere, "nothing-selected")),
        ("P17", kept),
    ]
}

pub(crate) fn said() -> Vec<Said> {
    let small = policy(&[]);
    let version = |value: Option<u32>| {
        let mut document = small.clone();
        match value {
            Some(value) => document["version"] = value.into(),
            None => drop(document.as_object_mut().unwrap().remove("version")),
        }
        line(&document.to_string())
    };
    let zone = {
        let mut document = small.clone();
        document["time_zone"] = "Mars/Base".into();
        line(&document.to_string())
    };
    let named = json!({ "databases": ["a"] });
    let by_arn = json!({ "databases": ["arn:aws:rds:us-west-2:123456789012:cluster:a"] });
    let gold = json!({ "tags": { "tier": "gold" } });
    let key = "arn:aws:kms:us-west-2:123456789012:key/1234abcd";
    let mut all = vec![
        ("P01", version(None)),
        ("P02", version(Some(99))),
        ("P03", with("/retension", json!({}))),
        ("P04", keep(json!(-1))),
        ("P05", keep(json!(0))),
        ("P07", keep(json!(7.5))),
        ("P08", scheduled("cron(0 2 * * *)")),
        ("P08", scheduled("cron(60 2 * * ? *)")),
        ("P08", scheduled("cron(0 2 30 2 ? *)")),
        ("P09", scheduled("rate(0 hours)")),
        ("P10", zone),
        ("P11", scheduled("rate(1 minute)")),
        ("P12", claimed_by(&named, &by_arn)),
        ("P13", claimed_by(&gold, &gold)),
        ("P15", with("/copies", json!([{ "region": "us-east-9" }]))),
        ("P16", with("/copies", json!([{ "region": "us-west-2" }]))),
        ("P18", copied_with(key)),
        ("P19", copied_with("arn:aws:kms:us-east-1:123456789012:alias/aws/rds")),
        ("P20", verified_with("deadline", json!("PT0S"))),
        ("P20", verified_with("deadline", json!("PT1M"))),
        ("P21", verified_with("security_groups", json!([]))),
        ("P21", verified_with("subnet_group", json!("default"))),
        ("P22", selecting(json!(["snapkeep-scratch-shepherd"]))),
        ("P23", asked("delete from users")),
        ("P23", asked("select 1; drop table users")),
        ("P25", with("/select", json!({ "engine": "neptune" }))),
        ("P26", tagged("aws:backup", "x")),
        ("P26", tagged("tier", &"x".repeat(257))),
        ("P26", tagged("tier", r#"{"a":1}"#)),
        ("P27", line(&" ".repeat(10 * 1024 * 1024))),
    ];
    all.extend(only_the_account_shows());
    all
}

#[test]
fn of_each_kind_of_bad_policy_one_line_is_said() {
    insta::assert_snapshot!(super::lines(&said()), @r#"
    P01 MISSING_FIELD version: got nothing, expected 1, the version of the document's format
    P02 BAD_VALUE version: got 99, expected 1, the version of the document's format
    P03 UNKNOWN_FIELD policies.critical.retension: got "retension", expected a field that exists: did you mean "retention"?
    P04 BAD_VALUE policies.critical.retention.daily: got -1, expected a whole number from 0 to 4294967295, or "all"
    P05 BAD_VALUE policies.critical.retention: got no rule that keeps anything, expected keep_last, hourly, daily, weekly, monthly, yearly or a within above zero
    P06 alarm quota-nearly-full: manual cluster snapshots in us-west-2: 4 of 100 are used, the policies come to 1000000000, no room is left by 2026-08-21 if growth goes on
    P07 WRONG_TYPE policies.critical.retention.daily: got 7.5, expected a whole number from 0 to 4294967295, or "all"
    P08 BAD_VALUE policies.critical.schedules[0]: got "0 2 * * *", expected six fields (minutes hours day-of-month month day-of-week year), not 5
    P08 BAD_VALUE policies.critical.schedules[0]: got "60", expected minutes 0-59
    P08 BAD_VALUE policies.critical.schedules[0]: got "0 2 30 2 ? *", expected a date that exists: this one never comes
    P09 BAD_VALUE policies.critical.schedules[0]: got "0 hours", expected a number from 1 and a unit, such as 1 day or 12 hours
    P10 BAD_VALUE time_zone: got "Mars/Base", expected an IANA time zone such as UTC or Europe/Berlin
    P11 BAD_VALUE policies.critical.schedules[0]: got "rate(1 minute)", expected at most one slot an hour: each is a snapshot or a restore
    P12 DUPLICATE policies.other.select.databases[0]: got "arn:aws:rds:us-west-2:123456789012:cluster:a", expected each database once: policies.critical.select.databases[0] names it too
    P13 DUPLICATE policies.other.select.tags: got "tier=gold", expected tags that policies.critical doesn't select by already
    P14 alarm nothing-selected: the policy critical selects no database
    P15 BAD_VALUE policies.critical.copies[0].region: got "us-east-9", expected an AWS region: did you mean "us-east-1"?
    P16 CONFLICT policies.critical.copies[0].region: got "us-west-2", expected a region other than that of the policy's databases
    P17 refused key-unusable: snapkeep-shepherd-20260304t0200z-cb81880812 is encrypted: name a kms_key of us-east-1 in the policy
    P18 CONFLICT policies.critical.copies[0].kms_key: got "us-west-2", expected a key in the copy's region us-east-1
    P19 BAD_VALUE policies.critical.copies[0].kms_key: got "arn:aws:kms:us-east-1:123456789012:alias/aws/rds", expected a customer-managed key: AWS-managed ones stay in their account
    P20 BAD_VALUE policies.critical.verify.deadline: got "PT0S", expected a duration above zero and of at most 100 years
    P20 BAD_VALUE policies.critical.verify.deadline: got "PT1M", expected PT30M to P7D: time to restore and to be questioned, and an end
    P21 BAD_VALUE policies.critical.verify.security_groups: got an empty array, expected at least one security group: AWS would take the default
    P21 BAD_VALUE policies.critical.verify.subnet_group: got "default", expected a private subnet group, not a default one
    P22 BAD_VALUE policies.critical.select.databases[0]: got "snapkeep-scratch-shepherd", expected a database of yours: snapkeep- marks what snapkeep may delete
    P23 BAD_VALUE policies.critical.verify.checks[0].sql: got "delete", expected a statement that begins with select, with, show, table or values
    P23 BAD_VALUE policies.critical.verify.checks[0].sql: got "; drop table users", expected one statement only
    P25 UNKNOWN_FIELD policies.critical.select.engine: got "engine", expected one of tags, databases
    P26 BAD_VALUE policies.critical.select.tags."aws:backup": got "aws:backup", expected a tag key of your own: aws: and rds: are reserved
    P26 BAD_VALUE policies.critical.select.tags.tier: got "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…", expected a tag value of up to 256 letters, digits, spaces or _ . : / = + - @
    P26 BAD_VALUE policies.critical.select.tags.tier: got "{"a":1}", expected a tag value of up to 256 letters, digits, spaces or _ . : / = + - @
    P27 TOO_LARGE $: got 10485760 bytes, expected at most 1048576 bytes
    "#);
}

#[test]
fn neptune_is_no_engine_of_ours_so_nothing_of_it_is_ever_listed() {
    assert_eq!(Engine::from_aws("neptune"), None);
}

#[test]
fn nothing_is_copied_without_a_key_and_nothing_is_deleted_for_it() {
    let shepherd = cluster("shepherd");
    let fleet = Fleet::of([shepherd.clone()]).snapshots(daily(&shepherd, "2026-03-04", 3));
    let document = document(&policy(&[("/copies", json!([{ "region": "us-east-1" }]))]));
    let view = fleet.view(&document, NOW);
    let plan = copy::plan(&view, &Request::default());
    assert!(plan.steps.is_empty(), "{}", text(&plan));
    assert!(prune::plan(&view, &Request::default()).steps.is_empty());
}
