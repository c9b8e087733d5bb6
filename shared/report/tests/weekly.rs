//! Where the recovery time of a database goes, as the weekly report tells and draws it.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may")]

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use snapkeep_policy::alarm::Memory;
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::history::{Act, Recorded, acts};
use snapkeep_policy::inventory::{
    Database, Engine, Observation, RegionInventory, RegionView, Shape, Status,
};
use snapkeep_policy::period::{Cadence, Period};
use snapkeep_policy::verb::Verb;
use snapkeep_policy::view::View;
use snapkeep_report::{Facts, Form, Report};

const POLICY: &str = r#"{ "version": 1, "deployment": "test", "time_zone": "UTC", "policies": {
    "critical": { "select": { "databases": ["shepherd"] }, "schedules": ["cron(0 2 * * ? *)"],
                  "objectives": { "rto": "PT1H" }, "retention": { "daily": 7 } } } }"#;

const SHEPHERD: &str = "arn:aws:rds:us-west-2:123456789012:cluster:shepherd";

fn now() -> Timestamp {
    "2026-11-26T06:00:00Z".parse().unwrap()
}

fn shepherd() -> Observation {
    let database = Database {
        arn: SHEPHERD.parse().unwrap(),
        resource_id: "cluster-A".parse().unwrap(),
        shape: Shape::Cluster,
        engine: Engine::Docdb,
        engine_version: "5.0.0".to_owned(),
        status: Status::Available,
        member_of: None,
        members: Vec::new(),
        created_at: None,
        latest_restorable_at: None,
        earliest_restorable_at: None,
        automated_retention_days: 1,
        backup_window: None,
        encrypted: true,
        deletion_protection: true,
        publicly_accessible: false,
        security_groups: Vec::new(),
        endpoint: None,
        master_user: None,
        initial_database: None,
        tags: Default::default(),
    };
    let inventory = RegionInventory { databases: vec![database], ..Default::default() };
    let regions = [("us-west-2".parse().unwrap(), RegionView::Seen(inventory))].into();
    Observation { account: None, regions, clock_skew: None }
}

/// A restore of the week, as its evidence has it, whose phases took so many minutes one after the other.
fn restore(day: u8, minutes: &[i64]) -> Recorded {
    let at: Timestamp = format!("2026-11-{day}T06:00:00Z").parse().unwrap();
    let mut phases = json!({ "requested_at": at });
    let keys = ["cluster_available_at", "instance_available_at", "answered_at", "checked_at"];
    let mut end = at;
    for (key, minutes) in keys.into_iter().zip(minutes) {
        end += SignedDuration::from_mins(*minutes);
        phases[key] = json!(end);
    }
    let measured = minutes.get(..3).map(|it| it.iter().sum::<i64>() * 60);
    let record = json!({
        "subject": { "recovery-point": SHEPHERD.replace(":cluster:", ":cluster-snapshot:") },
        "database": SHEPHERD, "scratch_id": "s", "outcome": "pass", "reason": "as it should be",
        "phases": phases, "recovery_time": { "measured_seconds": measured, "objective_seconds": 3600 },
    });
    let (verb, name) = (Verb::Verify, "snapkeep-scratch-shepherd".to_owned());
    Recorded { verb, sequence: u32::from(day), at, name, record: record.to_string() }
}

fn weekly(restores: &[Recorded]) -> Report {
    let document = PolicyDocument::from_json(POLICY).unwrap();
    let observation = shepherd();
    let view = View::new(&document, &observation, None, now());
    let period = Period::before(now(), Cadence::Weekly, &document.time_zone);
    let acts: Vec<Act> = acts(restores);
    let memory = Memory::default();
    let (acts, tips, unread) = (&acts[..], &[][..], &[][..]);
    Report::of(&Facts { view: &view, period: &period, acts, memory: &memory, tips, unread })
}

fn json(report: &Report) -> Value {
    serde_json::from_slice(&report.bytes(Form::Json).unwrap()).unwrap()
}

fn page(report: &Report) -> String {
    String::from_utf8(report.bytes(Form::Html).unwrap()).unwrap()
}

#[test]
fn each_phase_is_told_for_each_restore_and_its_median_for_the_week() {
    let newest_first = [
        restore(19, &[12]),
        restore(18, &[20, 10, 6, 1]),
        restore(17, &[10, 11, 5, 3]),
        restore(16, &[15, 30, 4, 2]),
    ];
    let report = weekly(&newest_first);
    let database = &json(&report)["databases"][0];
    assert_eq!(
        database["restores"][0]["phases"],
        json!({ "cluster": 900, "instance": 1800, "first_query": 240, "checks": 120 })
    );
    assert_eq!(
        database["restores"][3]["phases"],
        json!({ "cluster": 720, "instance": null, "first_query": null, "checks": null })
    );
    assert_eq!(
        database["median_phases"],
        json!({ "cluster": 900, "instance": 660, "first_query": 300, "checks": 120 })
    );
    for restore in database["restores"].as_array().unwrap().iter().take(3) {
        let phases = ["cluster", "instance", "first_query"].map(|phase| &restore["phases"][phase]);
        let sum: i64 = phases.iter().map(|seconds| seconds.as_i64().unwrap()).sum();
        assert_eq!(restore["seconds"], sum, "the recovery time ends with the first query");
    }
}

#[test]
fn the_picture_has_a_bar_for_each_phase_one_behind_the_other() {
    let page = page(&weekly(&[restore(17, &[30, 15, 10, 5])]));
    let (_, section) = page.split_once(r#"<section id="phases">"#).unwrap();
    let (section, _) = section.split_once("</section>").unwrap();
    for (class, x, width) in [
        ("cluster", "0.00", "50.00"),
        ("instance", "50.00", "25.00"),
        ("first-query", "75.00", "16.67"),
        ("checks", "91.67", "8.33"),
    ] {
        let bar = format!(r#"<rect class="phase {class}" x="{x}%" width="{width}%""#);
        assert!(section.contains(&bar), "{bar} in {section}");
    }
    let words = "cluster 30 min, instance 15 min, first query 10 min, checks 5 min";
    assert!(section.contains(&words.replace(" min", "\u{a0}min")), "{section}");
    assert!(section.contains(r#"<line class="objective""#), "{section}");
}

#[test]
fn without_any_phase_there_is_no_picture_but_a_sentence() {
    let page = page(&weekly(&[]));
    assert!(page.contains("No restore of the week came to the end of a phase."));
    assert!(!page.contains(r#"class="phase"#));
}
