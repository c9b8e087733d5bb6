//! What is measured of a fleet, of a run and of a verdict; and how it is written into a log.

mod written;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};
use snapkeep_policy::alarm::Memory;
use snapkeep_policy::metrics::{self, Measure, Metric, Run, Scope};
use snapkeep_policy::recovery_point::Outcome;
use snapkeep_policy::verb::Verb;
use snapkeep_policy::verify::{Phases, Subject, VerdictRecord};

use crate::fixtures::*;

const NOW: &str = "2026-03-06T12:00:00Z";

fn said(metrics: &[Metric]) -> String {
    let line = |it: &Metric| {
        format!("{} {:?} {} {}", it.measure.name(), it.measure.unit(), it.value, it.of)
    };
    metrics.iter().map(line).map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn of_fleet(fleet: &Fleet, policy: &Value) -> Vec<Metric> {
    metrics::of_fleet(&fleet.view(&document(policy), NOW), &Memory::default())
}

/// The value of a metric of the fleet.
fn answer(metrics: &[Metric], measure: Measure) -> Option<f64> {
    metrics.iter().find(|metric| metric.measure == measure).map(|metric| metric.value)
}

#[test]
fn gauges_say_how_each_database_stands_and_then_how_the_fleet_does() {
    let shepherd =
        cluster("shepherd").said(|it| it.latest_restorable_at = Some(at("2026-03-06T11:55:00Z")));
    let proven = point(&shepherd, "2026-03-05T02:00:00Z")
        .judged("pass", "2026-03-05T07:00:00Z")
        .restored_in("1500");
    let points = [
        proven.copy("2026-03-05T02:30:00Z"),
        proven,
        point(&shepherd, "2026-03-06T02:00:00Z"),
        point(&shepherd, "2026-03-06T11:00:00Z").status("creating"),
    ];
    let policy = policy(&[
        copied(),
        verified(),
        ("/objectives", json!({ "rpo": "PT20M" })),
        ("/alarms", json!({ "unverified_after": "P2D" })),
    ]);
    let fleet = Fleet::of([shepherd, cluster("orders")]).snapshots(points);
    assert_snapshot!(said(&of_fleet(&fleet, &policy)), @"
    BeyondRpo Seconds 37107600 orders
    CopyLag Seconds 0 orders
    RecoveryPointStorage Bytes 0 orders
    RecoveryPointAge Seconds 36000 shepherd
    VerifiedRecoveryPointAge Seconds 122400 shepherd
    RestorableLag Seconds 300 shepherd
    Exposure Seconds 300 shepherd
    RpoUsed Percent 25 shepherd
    BeyondRpo Seconds 0 shepherd
    RecoveryTime Seconds 1500 shepherd
    CopyLag Seconds 36000 shepherd
    RecoveryPointSize Bytes 10737418240 shepherd
    RecoveryPointStorage Bytes 42949672960 shepherd
    RestorableShare Percent 50
    ProvenShare Percent 50
    WorstRecoveryPointAge Seconds 36000
    WorstVerifiedRecoveryPointAge Seconds 122400
    WorstProofLimitUsed Percent 21475
    WorstRpoUsed Percent 25
    WorstBeyondRpo Seconds 37107600
    WorstCopyLag Seconds 36000
    ProtectedDatabases Count 2
    UnprotectedDatabases Count 0
    RecoveryPoints Count 4
    ScratchDatabases Count 0
    OpenAlarms Count 0
    RegionsUnseen Count 0
    StorageOfRecoveryPoints Bytes 42949672960
    RegionRecoveryPoints Count 1 us-east-1
    RegionStorage Bytes 10737418240 us-east-1
    RegionRecoveryPoints Count 3 us-west-2
    RegionStorage Bytes 32212254720 us-west-2
    ");
}

#[test]
fn a_database_is_as_large_as_its_newest_recovery_point_that_is_done() {
    let (shepherd, policy) = (cluster("shepherd"), policy(&[copied()]));
    let sized = |time: &str, gib| point(&shepherd, time).said(|it| it.storage_gib = gib);
    let done = sized("2026-03-05T02:00:00Z", 10);
    let (newer, begun) = (sized("2026-03-06T02:00:00Z", 20), sized("2026-03-06T03:00:00Z", 30));
    let points = [done, newer.copy("2026-03-06T02:30:00Z"), begun.status("creating")];
    let metrics = of_fleet(&Fleet::of([shepherd]).snapshots(points), &policy);
    let gib = f64::from(1 << 30);
    assert_eq!(answer(&metrics, Measure::RecoveryPointSize), Some(10.0 * gib));
}

#[test]
fn a_region_that_is_unseen_leaves_the_answers_for_the_fleet_out() {
    let fleet = Fleet::of([cluster("shepherd")]).unseen(AWAY);
    let metrics = of_fleet(&fleet, &policy(&[copied()]));
    assert_snapshot!(said(&metrics), @"
    RecoveryPointStorage Bytes 0 shepherd
    ProtectedDatabases Count 1
    UnprotectedDatabases Count 0
    RecoveryPoints Count 0
    ScratchDatabases Count 0
    OpenAlarms Count 0
    RegionsUnseen Count 1
    StorageOfRecoveryPoints Bytes 0
    RegionRecoveryPoints Count 0 us-west-2
    RegionStorage Bytes 0 us-west-2
    ");
}

#[test]
fn a_database_has_been_beyond_its_rpo_since_more_than_that_would_be_lost() {
    let objectives = ("/objectives", json!({ "rpo": "PT10H" }));
    for (taken_at, restorable_to, exposure, beyond) in [
        (Some("2026-03-06T02:00:00Z"), None, Some(36_000.0), 0.0),
        (Some("2026-03-06T01:59:00Z"), None, Some(36_060.0), 60.0),
        (Some("2026-03-05T02:00:00Z"), Some("2026-03-06T11:59:00Z"), Some(60.0), 0.0),
        (None, Some("2026-03-06T01:00:00Z"), Some(39_600.0), 3_600.0),
        (None, None, None, 7_200.0),
    ] {
        let born = cluster("shepherd").created("2026-03-06T00:00:00Z");
        let database = born.said(|it| it.latest_restorable_at = restorable_to.map(at));
        let points = taken_at.map(|taken_at| point(&database, taken_at));
        let fleet = Fleet::of([database]).snapshots(points);
        let said = of_fleet(&fleet, &policy(std::slice::from_ref(&objectives)));
        assert_eq!(answer(&said, Measure::Exposure), exposure, "{taken_at:?} {restorable_to:?}");
        for measure in [Measure::BeyondRpo, Measure::WorstBeyondRpo] {
            assert_eq!(answer(&said, measure), Some(beyond), "{taken_at:?} {restorable_to:?}");
        }
    }
    let without = of_fleet(&Fleet::of([cluster("shepherd")]), &policy(&[]));
    assert_eq!(answer(&without, Measure::BeyondRpo), None, "there is no RPO");
}

#[test]
fn nothing_but_functions_databases_and_regions_is_ever_a_dimension() {
    let shepherd = cluster("shepherd");
    let points = daily(&shepherd, "2026-02-01", 30);
    let copies: Vec<_> = points.iter().map(|it| it.copy("2026-03-06T02:30:00Z")).collect();
    let fleet = Fleet::of([shepherd]).snapshots(points).snapshots(copies);
    let of: BTreeSet<String> =
        of_fleet(&fleet, &policy(&[copied()])).into_iter().map(|metric| metric.of).collect();
    assert_eq!(of, ["", "shepherd", AWAY, HOME].map(str::to_owned).into());
}

#[test]
fn a_fleet_without_databases_is_neither_restorable_nor_proven() {
    let metrics = of_fleet(&Fleet::of([]), &policy(&[verified()]));
    assert_eq!(answer(&metrics, Measure::ProtectedDatabases), Some(0.0));
    assert_eq!(answer(&metrics, Measure::RestorableShare), None);
    assert_eq!(answer(&metrics, Measure::ProvenShare), None);
}

#[test]
fn what_counts_as_restorable_is_recent_and_within_the_rpo() {
    let objectives = |rpo: &str| ("/objectives", json!({ "rpo": rpo }));
    let missing_after = ("/alarms", json!({ "missing_after": "PT25H" }));
    for (taken_at, restorable_to, rpo, expected) in [
        (Some("2026-03-06T02:00:00Z"), None, "PT10H", 100.0),
        (Some("2026-03-06T01:59:59Z"), None, "PT10H", 0.0),
        (Some("2026-03-06T01:59:59Z"), Some("2026-03-06T02:00:00Z"), "PT10H", 100.0),
        (Some("2026-03-05T11:00:00Z"), None, "P9D", 100.0),
        (Some("2026-03-05T10:59:59Z"), None, "P9D", 0.0),
        (None, Some(NOW), "P9D", 0.0),
    ] {
        let database =
            cluster("shepherd").said(|it| it.latest_restorable_at = restorable_to.map(at));
        let points = taken_at.map(|taken_at| point(&database, taken_at));
        let fleet = Fleet::of([database]).snapshots(points);
        let metrics = of_fleet(&fleet, &policy(&[objectives(rpo), missing_after.clone()]));
        let share = answer(&metrics, Measure::RestorableShare);
        assert_eq!(share, Some(expected), "{taken_at:?} {restorable_to:?} {rpo}");
    }
}

#[test]
fn a_proof_holds_for_as_long_as_the_policy_says_and_only_while_it_can_be_restored() {
    let limited = ("/alarms", json!({ "unverified_after": "P2D" }));
    let unlimited = ("/alarms", json!({}));
    for (verdict, judged_at, status, alarms, expected) in [
        ("pass", "2026-03-04T12:00:00Z", "available", &limited, 100.0),
        ("pass", "2026-03-04T11:59:59Z", "available", &limited, 0.0),
        ("pass", "2026-03-04T11:59:59Z", "available", &unlimited, 100.0),
        ("pass", "2026-03-06T11:00:00Z", "deleting", &unlimited, 0.0),
        ("fail", "2026-03-06T11:00:00Z", "available", &limited, 0.0),
        ("inconclusive", "2026-03-06T11:00:00Z", "available", &limited, 0.0),
    ] {
        let shepherd = cluster("shepherd");
        let proven = point(&shepherd, "2026-03-01T02:00:00Z").judged(verdict, judged_at);
        let fleet = Fleet::of([shepherd]).snapshots([proven.status(status)]);
        let metrics = of_fleet(&fleet, &policy(&[verified(), alarms.clone()]));
        let share = answer(&metrics, Measure::ProvenShare);
        assert_eq!(share, Some(expected), "{verdict} at {judged_at}, {status}");
    }
}

fn verdict(outcome: Outcome, cluster_at: Option<&str>, checked: Option<&str>) -> VerdictRecord {
    let shepherd = cluster("shepherd");
    VerdictRecord {
        subject: Subject::RecoveryPoint(shepherd.arn.clone()),
        database: shepherd.arn,
        scratch_id: "snapkeep-scratch-1".to_owned(),
        outcome,
        cause: None,
        reason: "as it should be".to_owned(),
        checks: Vec::new(),
        survey: None,
        baseline: None,
        phases: Phases {
            cluster_available_at: cluster_at.map(at),
            instance_available_at: Some(at("2026-03-06T06:25:00Z")),
            answered_at: checked.map(|_| at("2026-03-06T06:30:00Z")),
            checked_at: checked.map(at),
            ..Phases::requested(at("2026-03-06T06:00:00Z"))
        },
        recovery_time: None,
        concluded_at: at(NOW),
    }
}

#[test]
fn a_verdict_says_how_long_each_phase_took_that_it_came_to() {
    let whole = verdict(Outcome::Pass, Some("2026-03-06T06:15:00Z"), Some("2026-03-06T06:30:20Z"));
    assert_snapshot!(said(&metrics::of_verdict(&whole)), @"
    VerificationsPassed Count 1
    VerificationsFailed Count 0
    VerificationsInconclusive Count 0
    ClusterRestoreTime Seconds 900 shepherd
    InstanceRestoreTime Seconds 600 shepherd
    FirstAnswerTime Seconds 300 shepherd
    CheckTime Seconds 20 shepherd
    ");
    let instance_alone = verdict(Outcome::Inconclusive, None, None);
    assert_snapshot!(said(&metrics::of_verdict(&instance_alone)), @"
    VerificationsPassed Count 0
    VerificationsFailed Count 0
    VerificationsInconclusive Count 1
    InstanceRestoreTime Seconds 1500 shepherd
    ");
}

fn run(failed: bool) -> Run {
    let took = Duration::from_millis(1500);
    Run { verb: Verb::Copy, took, failed, steps_done: 2, steps_failed: usize::from(failed) }
}

#[test]
fn a_run_is_a_heartbeat_whether_it_failed_or_not() {
    assert_snapshot!(said(&metrics::of_run(&run(false))), @"
    Runs Count 1 copy
    FailedRuns Count 0 copy
    RunDuration Seconds 1.5 copy
    StepsDone Count 2 copy
    StepsFailed Count 0 copy
    ");
    assert_snapshot!(said(&metrics::of_run(&run(true))), @"
    Runs Count 1 copy
    FailedRuns Count 1 copy
    RunDuration Seconds 1.5 copy
    StepsDone Count 2 copy
    StepsFailed Count 1 copy
    ");
}

#[test]
fn every_metric_has_a_name_of_its_own_and_its_row_in_the_documentation() {
    let names: BTreeSet<&str> = Measure::ALL.iter().map(|measure| measure.name()).collect();
    assert_eq!(names.len(), Measure::ALL.len());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics.md");
    let written = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- BEGIN_METRICS -->\n", "<!-- END_METRICS -->");
    let (before, rest) = written.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let made = format!("{before}{begin}{}{end}{after}", table());
    #[expect(clippy::disallowed_methods, reason = "a test of the repository, not of the decisions")]
    let update = std::env::var_os("UPDATE_SCHEMAS").is_some();
    if update {
        std::fs::write(&path, &made).unwrap();
    }
    assert!(
        update || written == made,
        "docs/metrics.md is out of date: run UPDATE_SCHEMAS=1 cargo test -p snapkeep-policy --test plans"
    );
}

fn table() -> String {
    let mut table = String::new();
    for scope in [Scope::Fleet, Scope::Function, Scope::Database, Scope::Region] {
        let all: Vec<_> = Measure::ALL.iter().filter(|it| it.scope() == scope).collect();
        let dimensions = scope.dimensions().join(", ");
        table += &format!("\n### {dimensions}: {} metrics\n\n", all.len());
        table += "| Metric | Unit | What it says |\n|---|---|---|\n";
        for it in all {
            table += &format!("| `{}` | {:?} | {} |\n", it.name(), it.unit(), it.says().trim());
        }
    }
    table + "\n"
}
