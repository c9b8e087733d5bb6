//! The sample inputs in `events/`: each is read as what its name says, by the functions it is for.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use snapkeep_policy::document::DatabaseRef;
use snapkeep_policy::period::Cadence;
use snapkeep_policy::request::{Request, Subject, Trigger};
use snapkeep_policy::shard::Shard;
use snapkeep_policy::verb::Verb;

#[test]
fn each_sample_is_read_by_its_functions_and_refused_by_the_others() {
    for (name, (verbs, request)) in samples() {
        for verb in Verb::ALL {
            let read = parse(&name, verb);
            match verbs.contains(&verb) {
                true => assert_eq!(read.as_ref(), Ok(&request), "{name} to {verb}"),
                false => assert!(read.is_err(), "{verb} accepts {name}"),
            }
        }
    }
}

#[test]
fn every_sample_is_covered_here() {
    let entries = std::fs::read_dir(folder()).unwrap();
    let files: BTreeSet<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let covered: BTreeSet<String> = samples().into_keys().collect();
    assert_eq!(files, covered);
}

/// What each file asks for, and of whom.
fn samples() -> BTreeMap<String, (Vec<Verb>, Request)> {
    let look = Request::default;
    let on_schedule = |time: &str| {
        let at = format!("2026-03-04T{time}Z").parse().unwrap();
        Request { trigger: Trigger::Schedule { at }, ..look() }
    };
    let on_event = |subject, time: &str| {
        let (region, at) = ("us-west-2".parse().unwrap(), format!("2026-03-04T{time}Z"));
        let trigger = Trigger::Event { subject, region, at: at.parse().unwrap() };
        Request { trigger, ..look() }
    };
    let report = |name, time: &str, cadence| {
        let request = Request { report: Some(cadence), ..on_schedule(time) };
        (name, vec![Verb::Alarm], request)
    };
    let shepherd = || Some(DatabaseRef::Id("shepherd".to_owned()));
    let arn = "arn:aws:rds:us-west-2:123456789012:cluster:shepherd".parse().unwrap();
    let all = || Verb::ALL.to_vec();
    [
        ("create.json", vec![Verb::Create], on_schedule("02:00:00")),
        (
            "create-shard.json",
            vec![Verb::Create],
            Request { shard: Shard::new(0, 4), ..on_schedule("02:00:00") },
        ),
        ("copy.json", vec![Verb::Copy], on_schedule("02:15:00")),
        ("verify.json", vec![Verb::Verify], on_schedule("06:00:00")),
        (
            "verify-accept.json",
            vec![Verb::Verify],
            Request {
                accept: Some("snapkeep-shepherd-20260304t0200z-0bfa4b0c61".to_owned()),
                ..look()
            },
        ),
        ("prune.json", vec![Verb::Prune], on_schedule("08:00:00")),
        ("alarm.json", vec![Verb::Alarm], on_schedule("02:30:00")),
        report("alarm-report-daily.json", "06:00:00", Cadence::Daily),
        report("alarm-report-weekly.json", "06:30:00", Cadence::Weekly),
        report("alarm-report-monthly.json", "07:00:00", Cadence::Monthly),
        (
            "create-on-demand.json",
            vec![Verb::Create],
            Request {
                database: shepherd(),
                name: Some("before-migration-42".to_owned()),
                hold: true,
                dry_run: true,
                ..look()
            },
        ),
        (
            "verify-one-database.json",
            vec![Verb::Verify],
            Request { database: Some(DatabaseRef::Arn(arn)), ..look() },
        ),
        (
            "prune-approve.json",
            vec![Verb::Prune],
            Request {
                database: shepherd(),
                approve: Some("4f1c09d2a86be357".to_owned()),
                requested_by: Some("ada@example.com".to_owned()),
                ..look()
            },
        ),
        (
            "rds-cluster-snapshot-created.json",
            all(),
            on_event(Subject::ClusterSnapshot, "02:07:31"),
        ),
        (
            "rds-cluster-snapshot-automated.json",
            all(),
            on_event(Subject::ClusterSnapshot, "03:26:13"),
        ),
        ("rds-snapshot-created.json", all(), on_event(Subject::InstanceSnapshot, "02:11:02")),
        (
            "backup-restore-job-completed.json",
            vec![Verb::Verify],
            Request {
                trigger: Trigger::RestoreJob {
                    id: "22C8B7FC-1F5E-4E5B-9C0A-7B1F4C1D2E3F".parse().unwrap(),
                    region: "us-west-2".parse().unwrap(),
                    at: "2026-03-04T05:41:17Z".parse().unwrap(),
                },
                ..look()
            },
        ),
        ("scheduled-rule.json", all(), on_schedule("02:00:00")),
    ]
    .into_iter()
    .map(|(name, verbs, request)| (name.to_owned(), (verbs, request)))
    .collect()
}

fn parse(name: &str, verb: Verb) -> Result<Request, String> {
    let bytes = std::fs::read(folder().join(name)).unwrap();
    let account = "123456789012".parse().unwrap();
    let regions = BTreeSet::from(["us-west-2".parse().unwrap()]);
    let now: Timestamp = "2026-03-04T12:00:00Z".parse().unwrap();
    Request::parse(&bytes, verb, Some(&account), &regions, now).map_err(|bad| bad.to_string())
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events"))
}
