//! E01 to E24: what a function is woken with.

use std::collections::BTreeSet;

use serde_json::Value;
use snapkeep_policy::ids::Region;
use snapkeep_policy::request::Request;
use snapkeep_policy::verb::Verb;

use super::Said;
use crate::fixtures::at;

const NOW: &str = "2026-03-04T12:00:00Z";
const EVENT: &str = include_str!("../../../../events/rds-cluster-snapshot-created.json");

fn parse(bytes: &[u8]) -> Result<Request, String> {
    let regions: BTreeSet<Region> = ["us-east-1", "us-west-2"].map(|it| it.parse().unwrap()).into();
    let account = "123456789012".parse().unwrap();
    let parsed = Request::parse(bytes, Verb::Create, Some(&account), &regions, at(NOW));
    parsed.map_err(|bad| bad.to_string())
}

fn line(bytes: impl AsRef<[u8]>) -> String {
    parse(bytes.as_ref()).err().unwrap_or_else(|| "no error".to_owned())
}

/// AWS's sample with `key` put, or taken away.
fn event(key: &str, value: Option<&str>) -> String {
    let mut event: Value = serde_json::from_str(EVENT).unwrap();
    match value {
        Some(value) => event[key] = value.into(),
        None => drop(event.as_object_mut().unwrap().remove(key).unwrap()),
    }
    event.to_string()
}

fn of_database(id: &str) -> String {
    line(serde_json::json!({ "database": id }).to_string())
}

/// Whether both mean the same, and what is said of the second.
fn same(first: &str, second: &str) -> String {
    assert_eq!(parse(first.as_bytes()), parse(second.as_bytes()), "{second}");
    format!("{}, the same request", line(second))
}

pub(crate) fn said() -> Vec<Said> {
    let deep = format!(r#"{{"a":{}"#, "[".repeat(100_000));
    let arn = |service: &str| format!("arn:{service}:us-west-2:123456789012:cluster:a");
    vec![
        ("E01", line("")),
        ("E02", line("{\"verb\":\n create}")),
        ("E03", line("[]")),
        ("E03", line("null")),
        ("E04", line(b"{\"a\":\"\xff\"}")),
        ("E05", line(vec![0xff; 256 * 1024 + 1])),
        ("E06", line(deep)),
        ("E07", line(r#"{"hold":true,"hold":false}"#)),
        ("E08", line(event("detail-type", None))),
        ("E09", line(event("source", Some("aws.ec2")))),
        ("E10", line(event("detail-type", Some("AWS API Call via CloudTrail")))),
        ("E11", line(event("account", Some("210987654321")))),
        ("E12", line(event("region", Some("eu-west-1")))),
        ("E13", line(event("time", Some("2026-03-04T02:07:31")))),
        ("E14", line(event("time", Some("2026-03-04T12:05:01Z")))),
        ("E15", same(EVENT, EVENT)),
        ("E16", same(EVENT, &event("new-in-2027", Some("x")))),
        ("E17", line(r#"{"dryrun":true}"#)),
        ("E18", line(r#"{"delete_all":true}"#)),
        ("E19", of_database("arn:aws:rds:us-west-2")),
        ("E19", of_database(&arn("aws-cn:rds"))),
        ("E19", of_database(&arn("aws:s3"))),
        ("E20", of_database("a\0b")),
        ("E20", of_database("a\nb")),
        ("E20", of_database("\u{202e}drehpehs")),
        ("E20", of_database("🐑")),
        ("E21", of_database(&"a".repeat(64))),
        ("E22", of_database("shep--herd")),
        ("E23", same(r#"{"database":"foo"}"#, r#"{"database":"Foo"}"#)),
        ("E24", line(r#"{"dry_run":1e999}"#)),
    ]
}

#[test]
fn of_each_kind_of_bad_event_one_line_is_said() {
    insta::assert_snapshot!(super::lines(&said()), @r#"
    E01 EMPTY $: got nothing, expected JSON
    E02 NOT_JSON verb: got expected value at 2:2, expected JSON
    E03 WRONG_TYPE $: got an array, expected an object
    E03 WRONG_TYPE $: got null, expected an object
    E04 NOT_UTF8 $: got byte 0xff at offset 6, expected UTF-8
    E05 TOO_LARGE $: got 262145 bytes, expected at most 262144 bytes
    E06 TOO_DEEP a[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]…: got another, expected fewer arrays and objects within each other
    E07 DUPLICATE_KEY hold: got it a second time, expected each key once
    E08 MISSING_FIELD detail-type: got nothing, expected what kind of event it is
    E09 BAD_VALUE source: got "aws.ec2", expected one of aws.rds, aws.events
    E10 BAD_VALUE detail-type: got "AWS API Call via CloudTrail", expected one of RDS DB Cluster Event, RDS DB Instance Event, RDS DB Cluster Snapshot Event, RDS DB Snapshot Event
    E11 BAD_VALUE account: got "210987654321", expected 123456789012, the account of this function
    E12 BAD_VALUE region: got "eu-west-1", expected a region of the policy document: us-east-1, us-west-2
    E13 BAD_VALUE time: got "2026-03-04T02:07:31", expected an instant with its offset from UTC, such as 2026-03-04T02:00:00Z
    E14 BAD_VALUE time: got "2026-03-04T12:05:01Z", expected an instant at most 5 min after now, 2026-03-04T12:00Z
    E15 no error, the same request
    E16 no error, the same request
    E17 UNKNOWN_FIELD dryrun: got "dryrun", expected a field that exists: did you mean "dry_run"?
    E18 UNKNOWN_FIELD delete_all: got "delete_all", expected one of verb, scheduled_at, database, shard, dry_run, name, hold, requested_by
    E19 BAD_VALUE database: got "arn:aws:rds:us-west-2", expected an ARN such as arn:aws:rds:us-west-2:123456789012:cluster:name
    E19 BAD_VALUE database: got "arn:aws-cn:rds:us-west-2:123456789012:cluster:a", expected an ARN of the partition that has us-west-2
    E19 BAD_VALUE database: got "arn:aws:s3:us-west-2:123456789012:cluster:a", expected an ARN such as arn:aws:rds:us-west-2:123456789012:cluster:name
    E20 BAD_VALUE database: got "a\0b", expected an ARN, or an identifier of 1 to 63 letters, digits or single hyphens
    E20 BAD_VALUE database: got "a\nb", expected an ARN, or an identifier of 1 to 63 letters, digits or single hyphens
    E20 BAD_VALUE database: got "\u{202e}drehpehs", expected an ARN, or an identifier of 1 to 63 letters, digits or single hyphens
    E20 BAD_VALUE database: got "🐑", expected an ARN, or an identifier of 1 to 63 letters, digits or single hyphens
    E21 BAD_VALUE database: got "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", expected an ARN, or an identifier of 1 to 63 letters, digits or single hyphens
    E22 BAD_VALUE database: got "shep--herd", expected an ARN, or an identifier of 1 to 63 letters, digits or single hyphens
    E23 no error, the same request
    E24 NOT_JSON dry_run: got number out of range at 1:16, expected JSON
    "#);
}

#[test]
fn an_event_may_be_old_and_a_number_in_quotes_is_no_number() {
    assert_eq!(line(event("time", Some("1970-01-01T00:00:00Z"))), "no error");
    let said = line(r#"{"dry_run":"7"}"#);
    assert_eq!(said, "WRONG_TYPE dry_run: got \"7\", expected true or false");
}
