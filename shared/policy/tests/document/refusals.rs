//! Each mistake, and the one line that is said about it.

use serde_json::{Value, json};
use snapkeep_policy::document::PolicyDocument;

use crate::fixtures::{SMALL, parse, put, remove};
use crate::schema;

/// Changes to the small document, one mistake in each block:
///
/// ```text
/// /policies/a/retention/daily = -1     a value is put at a JSON pointer, `-` appends to an array
/// - /deployment                        or one is taken away
/// > BAD_VALUE policies.a.…             and this is what is said
/// ```
///
/// `>>` in place of `>` marks a mistake of shape, which the schema refuses too.
const MISTAKES: &str = include_str!("../data/mistakes.txt");

#[test]
fn each_mistake_is_refused_with_one_line() {
    let small: Value = serde_json::from_str(SMALL).unwrap();
    let (mut document, mut mistakes) = (small.clone(), 0);
    for line in MISTAKES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(expected) = line.strip_prefix('>') {
            let (expected, of_shape) = match expected.strip_prefix('>') {
                Some(expected) => (expected, true),
                None => (expected, false),
            };
            let said = parse(&document).err().unwrap_or_else(|| panic!("accepted: {document}"));
            assert_eq!(said, expected.trim_start());
            assert_eq!(schema::accepts(&document), !of_shape, "the schema, on: {said}");
            document.clone_from(&small);
            mistakes += 1;
        } else if let Some(pointer) = line.strip_prefix("- ") {
            remove(&mut document, pointer);
        } else {
            let (pointer, value) = line.split_once(" = ").unwrap();
            put(&mut document, pointer, serde_json::from_str(value).unwrap());
        }
    }
    assert!(mistakes > 100, "only {mistakes} were read");
}

#[test]
fn all_mistakes_are_said_at_once_in_the_order_of_the_document() {
    let mut document: Value = serde_json::from_str(SMALL).unwrap();
    put(&mut document, "/time_zone", "Mars/Base".into());
    put(&mut document, "/policies/a/schedules/0", "hourly".into());
    put(&mut document, "/policies/a/verify/deadline", "PT1M".into());
    put(&mut document, "/policies/a/copies/0/region", "us-east-9".into());
    let said = parse(&document).unwrap_err();
    let paths: Vec<&str> = said.lines().map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert_eq!(
        paths,
        [
            "time_zone:",
            "policies.a.schedules[0]:",
            "policies.a.copies[0].region:",
            "policies.a.verify.deadline:"
        ]
    );
}

#[test]
fn a_flood_of_mistakes_is_not_said_in_full() {
    let mut document: Value = serde_json::from_str(SMALL).unwrap();
    put(&mut document, "/regions", Value::Array(vec!["us-east-9".into(); 1000]));
    let said = parse(&document).unwrap_err();
    assert_eq!(said.lines().count(), 21);
    assert!(said.ends_with("\n… and 980 more"), "{said}");
}

#[test]
fn text_that_is_no_document_is_refused_with_its_place() {
    let flood = "[".repeat(100_000);
    let huge = " ".repeat(10 * 1024 * 1024);
    let cases = [
        ("", "EMPTY $: got nothing, expected JSON"),
        ("null", "WRONG_TYPE $: got null, expected an object"),
        ("[]", "WRONG_TYPE $: got an array, expected an object"),
        ("\"version\"", "WRONG_TYPE $: got \"version\", expected an object"),
        ("{\"version\": 1,\n}", "NOT_JSON $: got trailing comma at 2:1, expected JSON"),
        ("version = 1", "NOT_JSON $: got expected value at 1:1, expected JSON"),
        ("{\"version\": \0}", "NOT_JSON version: got expected value at 1:13, expected JSON"),
        ("\u{feff}{}", "NOT_JSON $: got a byte order mark, expected JSON without one"),
        (
            r#"{"version": 1, "version": 1}"#,
            "DUPLICATE_KEY version: got it a second time, expected each key once",
        ),
        (
            r#"{"version": 1e999}"#,
            "NOT_JSON version: got number out of range at 1:17, expected JSON",
        ),
        (
            "{}",
            "MISSING_FIELD version: got nothing, expected 1, the version of the document's format",
        ),
        (&huge, "TOO_LARGE $: got 10485760 bytes, expected at most 1048576 bytes"),
    ];
    for (text, line) in cases {
        assert_eq!(PolicyDocument::from_json(text).unwrap_err().to_string(), line);
    }
    let line = PolicyDocument::from_json(&flood).unwrap_err().to_string();
    assert!(line.starts_with("TOO_DEEP $[0][0]"), "{line}");
}

#[test]
fn a_limit_is_the_last_that_is_accepted() {
    let check = json!({ "sql": "select 1", "min": 1 });
    let checks = |count| Value::Array(vec![check.clone(); count]);
    let names = |count| Value::Array((0..count).map(|n| format!("t{n}").into()).collect());
    let sql =
        |bytes: usize| json!([{ "sql": format!("select {}", "1".repeat(bytes - 7)), "min": 1 }]);
    let level = |n: usize| json!({ "after": format!("PT{n}H"), "call_in": "a" });
    let levels = |count: usize| json!({ "escalation": (1..=count).map(level).collect::<Value>() });
    let with = |key: &str, value: Value| {
        let pointer = format!("/policies/a/{key}");
        parse(&crate::fixtures::small_with(&[(&pointer, value)])).err()
    };
    for (key, most, more, what) in [
        ("verify/checks", checks(50), checks(51), "at most 50"),
        (
            "verify/drift",
            json!({ "ignore": names(100) }),
            json!({ "ignore": names(101) }),
            "at most 100",
        ),
        ("verify/checks", sql(4096), sql(4097), "at most 4096 bytes"),
        ("alarms", levels(4), levels(5), "at most 4 levels"),
    ] {
        assert_eq!(with(key, most), None, "{what}");
        let said = with(key, more).unwrap();
        assert!(said.contains(what), "{said}");
    }
}
