//! What functions are asked: what is understood, and the one line that is said of what isn't.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may")]

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;
use snapkeep_policy::document::DatabaseRef;
use snapkeep_policy::ids::Region;
use snapkeep_policy::request::{Request, Subject, Trigger};
use snapkeep_policy::shard::Shard;
use snapkeep_policy::verb::Verb;

const NOW: &str = "2026-03-04T12:00:00Z";

const EVENT: &str = include_str!("../../../events/rds-cluster-snapshot-created.json");

fn regions() -> BTreeSet<Region> {
    ["us-east-1", "us-west-2"].map(|region| region.parse().unwrap()).into()
}

fn parse(bytes: &[u8], verb: Verb) -> Result<Request, String> {
    let account = "123456789012".parse().unwrap();
    let now: Timestamp = NOW.parse().unwrap();
    Request::parse(bytes, verb, Some(&account), &regions(), now).map_err(|bad| bad.to_string())
}

fn understood(payload: &str, verb: Verb) -> Request {
    parse(payload.as_bytes(), verb).unwrap_or_else(|line| panic!("{payload}: {line}"))
}

fn line(payload: impl AsRef<[u8]>, verb: Verb) -> String {
    let payload = payload.as_ref();
    parse(payload, verb).err().unwrap_or_else(|| panic!("accepted: {}", payload.escape_ascii()))
}

/// The sample event with `from` put for `to`, which must be in it.
fn event(from: &str, to: &str) -> String {
    assert!(EVENT.contains(from), "{from}");
    EVENT.replacen(from, to, 1)
}

#[test]
fn nothing_but_braces_means_look_now() {
    for verb in Verb::ALL {
        for payload in ["{}", " {\n} ", &format!(r#"{{"verb":"{verb}"}}"#)] {
            assert_eq!(understood(payload, verb), Request::default());
        }
    }
}

#[test]
fn a_request_is_understood_field_by_field() {
    let look = Request::default;
    let id = |id: &str| Some(DatabaseRef::Id(id.to_owned()));
    let cases = [
        (r#"{"dry_run":true}"#, Verb::Alarm, Request { dry_run: true, ..look() }),
        (r#"{"database":"Foo"}"#, Verb::Copy, Request { database: id("foo"), ..look() }),
        (r#"{"database":"foo"}"#, Verb::Copy, Request { database: id("foo"), ..look() }),
        (
            r#"{"database":"arn:aws:rds:us-east-1:123456789012:db:Legacy"}"#,
            Verb::Verify,
            Request {
                database: Some(DatabaseRef::Arn(
                    "arn:aws:rds:us-east-1:123456789012:db:legacy".parse().unwrap(),
                )),
                ..look()
            },
        ),
        (
            r#"{"shard":{"index":3,"of":4}}"#,
            Verb::Prune,
            Request { shard: Shard::new(3, 4), ..look() },
        ),
        (
            r#"{"name":"abcdefghij-1234567890-42","hold":false}"#,
            Verb::Create,
            Request { name: Some("abcdefghij-1234567890-42".to_owned()), ..look() },
        ),
        (
            r#"{"verb":"create","scheduled_at":"2026-03-04T03:00:00+01:00","database":"a"}"#,
            Verb::Create,
            Request {
                trigger: Trigger::Schedule { at: "2026-03-04T02:00:00Z".parse().unwrap() },
                database: id("a"),
                ..look()
            },
        ),
    ];
    for (payload, verb, request) in cases {
        assert_eq!(understood(payload, verb), request, "{payload}");
    }
}

#[test]
fn an_event_wakes_every_function_and_says_nothing_more() {
    let of = |subject| {
        let at = "2026-03-04T02:07:31Z".parse().unwrap();
        let trigger = Trigger::Event { subject, region: "us-west-2".parse().unwrap(), at };
        Request { trigger, ..Request::default() }
    };
    for subject in Subject::ALL {
        let payload = event("RDS DB Cluster Snapshot Event", subject.detail_type());
        for verb in Verb::ALL {
            assert_eq!(understood(&payload, verb), of(subject));
        }
    }
    // Nothing else in it is read, whatever it says. An id that was seen before is no matter.
    for (from, to) in [
        ("RDS-EVENT-0075", "RDS-EVENT-9999"),
        ("\"version\"", "\"new-in-2027\": {\"delete_all\": true}, \"version\""),
        ("cluster-snapshot:snapkeep-shepherd", "cluster-snapshot:\\u0000../\u{202e}"),
        ("\"Date\"", "\"delete_all\": true, \"Date\""),
        ("\"844e2571-85d4-695f-b930-0153b71dcb42\"", "null"),
    ] {
        assert_eq!(understood(&event(from, to), Verb::Prune), of(Subject::ClusterSnapshot));
    }
}

#[test]
fn an_old_input_and_one_of_a_clock_that_is_a_little_fast_still_mean_look() {
    let at = |at: &str| format!(r#"{{"scheduled_at":"{at}"}}"#);
    for old in ["1970-01-01T00:00:00Z", "2026-02-28T02:00:00Z", "2026-03-04T12:05:00Z"] {
        let trigger = Trigger::Schedule { at: old.parse().unwrap() };
        assert_eq!(understood(&at(old), Verb::Create), Request { trigger, ..Request::default() });
    }
}

#[test]
fn without_a_known_account_any_is_accepted() {
    let now = NOW.parse().unwrap();
    let other = event("123456789012", "210987654321");
    assert!(Request::parse(other.as_bytes(), Verb::Copy, None, &regions(), now).is_ok());
}

#[test]
fn what_is_not_an_object_is_refused() {
    let cases: [(&[u8], &str); 14] = [
        (b"", "EMPTY $: got nothing, expected JSON"),
        (b" \n\t", "EMPTY $: got nothing, expected JSON"),
        (b"create", "NOT_JSON $: got expected value at 1:1, expected JSON"),
        (b"{\"verb\":\n create}", "NOT_JSON verb: got expected value at 2:2, expected JSON"),
        (
            b"{\"verb\":\"create\"",
            "NOT_JSON $: got EOF while parsing an object at 1:16, expected JSON",
        ),
        (b"{} {}", "NOT_JSON $: got trailing characters at 1:4, expected JSON"),
        (b"\xef\xbb\xbf{}", "NOT_JSON $: got expected value at 1:1, expected JSON"),
        (b"null", "WRONG_TYPE $: got null, expected an object"),
        (b"[]", "WRONG_TYPE $: got an array, expected an object"),
        (b"[{}]", "WRONG_TYPE $: got an array, expected an object"),
        (b"\"7\"", "WRONG_TYPE $: got \"7\", expected an object"),
        (b"7", "WRONG_TYPE $: got 7, expected an object"),
        (b"1e999", "NOT_JSON $: got number out of range at 1:5, expected JSON"),
        (b"{\"a\":\"\xff\"}", "NOT_UTF8 $: got byte 0xff at offset 6, expected UTF-8"),
    ];
    for (payload, said) in cases {
        assert_eq!(line(payload, Verb::Create), said);
    }
}

#[test]
fn what_is_too_large_or_too_deep_is_refused_before_it_costs_anything() {
    let padded = |bytes: usize| format!("{}{{}}", " ".repeat(bytes - 2));
    assert_eq!(understood(&padded(256 * 1024), Verb::Copy), Request::default());
    assert_eq!(
        line(padded(256 * 1024 + 1), Verb::Copy),
        "TOO_LARGE $: got 262145 bytes, expected at most 262144 bytes"
    );
    // The size is looked at first: this is neither UTF-8 nor JSON.
    assert_eq!(
        line(vec![0xff; 1024 * 1024], Verb::Copy),
        "TOO_LARGE $: got 1048576 bytes, expected at most 262144 bytes"
    );
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let said = line(deep, Verb::Copy);
    assert!(said.starts_with("TOO_DEEP a[0]"), "{said}");
    assert!(said.chars().count() < 440, "{said}");
}

/// Each refusal in a block: a function and its payload, or changes to the sample event at JSON
/// pointers, and the one line that is said.
const REFUSED: &str = include_str!("data/refused-requests.txt");

#[test]
fn what_is_not_understood_is_refused_with_one_line() {
    let sample: Value = serde_json::from_str(EVENT).unwrap();
    let (mut verb, mut payload, mut event, mut refused) = (Verb::Copy, None, sample.clone(), 0);
    for text in REFUSED.lines().filter(|text| !text.is_empty() && !text.starts_with('#')) {
        if let Some(said) = text.strip_prefix("> ") {
            assert_eq!(line(payload.take().unwrap_or_else(|| event.to_string()), verb), said);
            (verb, event, refused) = (Verb::Copy, sample.clone(), refused + 1);
        } else if let Some(key) = text.strip_prefix("- /") {
            event.as_object_mut().unwrap().remove(key).unwrap();
        } else if let Some(change) = text.strip_prefix('/') {
            let (key, value) = change.split_once(" = ").unwrap();
            event[key] = serde_json::from_str(value).unwrap();
        } else {
            let (function, rest) = text.split_once(' ').unwrap();
            (verb, payload) = (function.parse().unwrap(), Some(rest.to_owned()));
        }
    }
    assert!(refused > 75, "only {refused} were read");
}

fn verb() -> impl Strategy<Value = Verb> {
    select(Verb::ALL.to_vec())
}

/// Whatever is said is one line, in the form that is promised.
fn is_sound(result: &Result<Request, String>) -> bool {
    let Err(line) = result else { return true };
    let code = line.split(' ').next().unwrap_or_default();
    !line.contains(|c: char| c.is_control())
        && line.chars().count() < 440
        && !code.is_empty()
        && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && line.contains(": got ")
        && line.contains(", expected ")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200), verb in verb()) {
        prop_assert!(is_sound(&parse(&bytes, verb)));
    }

    #[test]
    fn any_text_anywhere_is_answered(
        field in select(vec![
            "verb", "scheduled_at", "database", "name", "approve", "source", "detail-type", "account",
            "region", "time", "hold",
        ]),
        text in any::<String>(), verb in verb(),
    ) {
        let mut value: Value = serde_json::from_str(EVENT).unwrap();
        value[field] = text.clone().into();
        prop_assert!(is_sound(&parse(value.to_string().as_bytes(), verb)));
        let alone = serde_json::json!({ field: text });
        prop_assert!(is_sound(&parse(alone.to_string().as_bytes(), verb)));
    }

    #[test]
    fn a_damaged_input_is_answered(
        sample in select(vec![
            EVENT,
            include_str!("../../../events/create.json"),
            include_str!("../../../events/create-on-demand.json"),
            include_str!("../../../events/create-shard.json"),
            include_str!("../../../events/prune-approve.json"),
            include_str!("../../../events/scheduled-rule.json"),
            include_str!("../../../events/verify-one-database.json"),
        ]),
        damage in prop::collection::vec((any::<Index>(), any::<Option<u8>>(), any::<bool>()), 1..5),
        verb in verb(),
    ) {
        let mut bytes = sample.as_bytes().to_vec();
        for (at, byte, inserted) in damage {
            let at = at.index(bytes.len());
            match (byte, inserted) {
                (Some(byte), true) => bytes.insert(at, byte),
                (Some(byte), false) => bytes[at] = byte,
                (None, true) => bytes.truncate(at + 1),
                (None, false) => { bytes.remove(at); }
            }
            if bytes.is_empty() {
                break;
            }
        }
        prop_assert!(is_sound(&parse(&bytes, verb)));
    }
}

const BACKUP: &str = include_str!("../../../events/backup-restore-job-completed.json");

#[test]
fn of_a_restore_job_nothing_but_its_id_is_read_and_only_by_verify() {
    const ID: &str = "22C8B7FC-1F5E-4E5B-9C0A-7B1F4C1D2E3F";
    let same = understood(BACKUP, Verb::Verify);
    for (from, to) in [
        ("\"COMPLETED\"", "\"FAILED\""),
        ("cluster:awsbackup-restore-test-22c8b7fc", "cluster:production"),
        ("cluster:shepherd", "cluster:another"),
        ("\"restoreTestingPlanArn\"", "\"other\""),
    ] {
        assert!(BACKUP.contains(from), "{from}");
        assert_eq!(understood(&BACKUP.replacen(from, to, 1), Verb::Verify), same, "{from}");
    }
    for id in ["", "..", "a/b", "a b", "a?b", "é", &"a".repeat(65)] {
        let said = line(BACKUP.replacen(ID, id, 1), Verb::Verify);
        assert!(said.starts_with("BAD_VALUE detail.restoreJobId: got"), "{said}");
    }
    let longest = "a".repeat(64);
    understood(&BACKUP.replacen(ID, &longest, 1), Verb::Verify);
    let said = line(BACKUP.replacen("restoreJobId", "jobId", 1), Verb::Verify);
    assert!(said.starts_with("MISSING_FIELD detail.restoreJobId: got nothing"), "{said}");
    let said = line(BACKUP.replacen("Restore Job State", "Backup Job State", 1), Verb::Verify);
    assert!(said.starts_with("BAD_VALUE detail-type"), "{said}");
    for verb in Verb::ALL.into_iter().filter(|verb| *verb != Verb::Verify) {
        assert!(line(BACKUP, verb).starts_with("BAD_VALUE source"), "{verb}");
    }
}
