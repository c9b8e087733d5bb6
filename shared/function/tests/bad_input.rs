//! The kinds of bad input that come by the environment: S01 to S06 and P24 of the list in
//! `docs/errors.md`. The others are in `shared/policy/tests/bad_input`.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use snapkeep_function::Settings;
use snapkeep_function::settings::{BUCKET, DRY_RUN, TOPIC_ARN};
use snapkeep_policy::verb::Verb;

/// Looks like the id of an access key, and is the one of AWS's documentation.
fn access_key() -> String {
    ["AKIA", "IOSFODNN7EXAMPLE"].concat()
}

fn read(verb: Verb, vars: &[(&str, &[u8])]) -> Result<Settings, String> {
    let vars = vars.iter().map(|(name, value)| (name.into(), OsString::from_vec(value.to_vec())));
    Settings::from_vars(verb, vars).map_err(|bad| bad.to_string())
}

fn line(verb: Verb, vars: &[(&str, &[u8])]) -> String {
    read(verb, vars).unwrap_err()
}

fn said() -> Vec<(&'static str, String)> {
    let bucket = (BUCKET, b"b".as_slice());
    let key = access_key();
    let undecided = read(Verb::Prune, &[bucket]).unwrap();
    assert!(undecided.dry_run, "it could delete");
    vec![
        ("P24", line(Verb::Alarm, &[bucket, (TOPIC_ARN, b"arn:aws:sns:us-west-2:1:alarms")])),
        ("S01", line(Verb::Create, &[])),
        ("S02", line(Verb::Create, &[(BUCKET, b" ")])),
        ("S03", line(Verb::Prune, &[bucket, (DRY_RUN, b"yes")])),
        ("S04", line(Verb::Create, &[(BUCKET, b"\xff\xfe")])),
        ("S05", line(Verb::Prune, &[bucket, (DRY_RUN, key.as_bytes())])),
        ("S06", undecided.undecided.unwrap().to_string()),
    ]
}

#[test]
fn of_each_kind_of_bad_setting_one_line_is_said() {
    let lines: Vec<String> =
        said().iter().map(|(number, line)| format!("{number} {line}")).collect();
    let expected = [
        "P24 BAD_VALUE SNAPKEEP_TOPIC_ARN: got \"arn:aws:sns:us-west-2:1:alarms\", expected an ARN \
         such as arn:aws:sns:us-west-2:123456789012:alarms",
        "S01 MISSING_FIELD SNAPKEEP_BUCKET: got nothing, expected the name of a bucket",
        "S02 BAD_VALUE SNAPKEEP_BUCKET: got nothing, expected a value, or no such variable",
        "S03 BAD_VALUE SNAPKEEP_DRY_RUN: got \"yes\", expected true or false",
        "S04 NOT_UTF8 SNAPKEEP_BUCKET: got bytes that aren't UTF-8, expected text",
        "S05 BAD_VALUE SNAPKEEP_DRY_RUN: got \"a value that looks like an AWS access key (not \
         shown)\", expected true or false",
        "S06 MISSING_FIELD SNAPKEEP_DRY_RUN: got nothing, expected true or false: until it is set, \
         prune only reports",
    ];
    assert_eq!(lines, expected);
    assert!(lines.iter().all(|line| !line.contains(&access_key())));
}

#[test]
fn the_page_lists_them_with_their_codes() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = page.lines().filter(|row| row.starts_with("| S") || row.starts_with("| P24 "));
    let listed: BTreeSet<(String, String)> = rows
        .map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')))
        .map(|mut cells| (cells.next().unwrap().to_owned(), cells.nth(1).unwrap().to_owned()))
        .collect();
    let code = |line: &str| line.split(' ').next().unwrap().to_owned();
    let tried = said().into_iter().map(|(number, line)| (number.to_owned(), code(&line))).collect();
    assert_eq!(listed, tried);
}
