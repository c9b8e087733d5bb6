//! The five shipped handlers on Moto, over TCP: what they leave behind, as boto3 counts it.
//!
//! The fleet is that of `emulator/fleet.py`: six databases under two policies, one of them copied to
//! another region and verified there where it stands, and two that are none of snapkeep's business.

use snapkeep_function::Outcome;
use snapkeep_policy::metrics::Measure;
use snapkeep_policy::verb::Verb;
use snapkeep_tests::{Deployment, Emulator, Kind, Server, Snapshot};

const HOME: &str = "us-west-2";
const AWAY: &str = "us-east-1";
const STANDARD: [&str; 5] =
    ["apm-mysql", "apm-postgres", "lab06-catalog", "lab06-ledger", "orders"];

/// A deployment on the evening before its first night. Snapshots take ten minutes, copies and
/// restores twenty.
fn deployed() -> Deployment {
    deployed_on(Emulator::start())
}

fn deployed_on(emulator: Emulator) -> Deployment {
    let deployment = Deployment::new(emulator, "2026-03-01T22:00:00Z");
    for (operation, minutes) in [
        ("CreateDBClusterSnapshot", 10),
        ("CreateDBSnapshot", 10),
        ("CopyDBClusterSnapshot", 20),
        ("RestoreDBClusterFromSnapshot", 20),
        ("CreateDBInstance", 20),
    ] {
        deployment.emulator.set_lifecycle(operation, minutes, "available");
    }
    deployment
}

/// The same, with a server into which Shepherd is restored.
fn deployed_with(server: &Server) -> Deployment {
    let deployment = deployed().trusting(server.ca());
    deployment.emulator.restores_into("docdb", server);
    deployment
}

/// A night of March 2026: everything that runs between two and nine.
async fn night(deployment: &Deployment, day: u32) {
    let at = |time: &str| format!("2026-03-{day:02}T{time}:00Z");
    deployment.run(Verb::Create, &at("02:05")).await;
    deployment.run(Verb::Copy, &at("02:30")).await;
    // Restore, add an instance, set its password, question it, take it down, then the cluster.
    for time in ["06:05", "06:30", "07:00", "07:05", "07:10", "07:15"] {
        deployment.run(Verb::Verify, &at(time)).await;
    }
    deployment.run(Verb::Prune, &at("08:00")).await;
    deployment.run(Verb::Alarm, &at("09:00")).await;
}

fn slots(days: impl IntoIterator<Item = u32>) -> Vec<String> {
    days.into_iter().map(|day| format!("2026-03-{day:02}T02:00:00Z")).collect()
}

#[tokio::test]
async fn a_week_of_nights_leaves_what_the_policies_keep_and_nothing_else() {
    let server = Server::start(Kind::Mongodb);
    let deployment = deployed_with(&server);
    let before = deployment.count();
    for day in 2..=8 {
        night(&deployment, day).await;
    }
    let after = deployment.count();

    assert_eq!(after.slots(HOME, "shepherd"), slots(5..=8), "daily 4");
    assert_eq!(after.slots(AWAY, "shepherd"), slots(7..=8), "daily 2 of the copies");
    for database in STANDARD {
        assert_eq!(after.slots(HOME, database), slots(6..=8), "daily 3 of {database}");
    }
    assert_eq!(after.recovery_points(HOME).len(), 6, "and none of the two strangers");
    assert_eq!(after.recovery_points(AWAY).len(), 1, "only shepherd is copied");
    for region in [HOME, AWAY] {
        let (before, after) = (&before.regions[region], &after.regions[region]);
        assert_eq!(before.databases, after.databases, "every database of {region} is untouched");
        assert_eq!(before.automated_snapshots, after.automated_snapshots);
        assert_eq!(after.scratch, Vec::<String>::new(), "no scratch database is left in {region}");
        assert!(after.snapshots.iter().all(|snapshot| snapshot.status == "available"));
    }
}

#[tokio::test]
async fn a_copy_is_encrypted_with_its_regions_key_and_carries_the_tags_of_its_source() {
    let deployment = deployed();
    deployment.run(Verb::Create, "2026-03-02T02:05:00Z").await;
    deployment.run(Verb::Copy, "2026-03-02T02:30:00Z").await;
    deployment.emulator.set_clock("2026-03-02T03:00:00Z".parse().unwrap());

    let count = deployment.count();
    let only = |region| -> Snapshot { count.recovery_points(region)["shepherd"][0].clone() };
    let (original, copy) = (only(HOME), only(AWAY));
    assert!(original.encrypted && copy.encrypted);
    assert_eq!(copy.kms_key.as_ref(), Some(&deployment.fleet.kms_keys[AWAY]));
    assert_eq!(copy.copied_from, Some(original.arn.clone()), "as AWS states it");
    assert_eq!(copy.copy_of, Some(original.arn), "as the tag states it");
    for (key, value) in &original.tags {
        assert_eq!(copy.tags.get(key), Some(value), "tag {key}");
    }
}

#[tokio::test]
async fn a_night_that_is_run_twice_leaves_the_same_account() {
    let deployment = deployed();
    deployment.run(Verb::Create, "2026-03-02T02:05:00Z").await;
    let again = deployment.run(Verb::Create, "2026-03-02T02:05:00Z").await;
    assert_eq!(again.steps, [], "its recovery points are there");
    deployment.run(Verb::Copy, "2026-03-02T02:30:00Z").await;
    let again = deployment.run(Verb::Copy, "2026-03-02T02:30:00Z").await;
    assert_eq!(again.steps, [], "its copy is under way");
    let count = deployment.count();
    assert_eq!(count.regions[HOME].snapshots.len(), 6);
    assert_eq!(count.regions[AWAY].snapshots.len(), 1);
}

#[tokio::test]
async fn recovery_points_beyond_the_first_page_are_seen() {
    let deployment = deployed_on(Emulator::with_quota(200));
    for day in 2..=27 {
        deployment.run(Verb::Create, &format!("2026-03-{day:02}T02:05:00Z")).await;
    }
    let instances = ["apm-mysql", "apm-postgres", "lab06-catalog", "lab06-ledger"];
    let count = deployment.count();
    let snapshots: usize = instances.iter().map(|id| count.slots(HOME, id).len()).sum();
    assert_eq!(snapshots, 104, "a page has a hundred");
    // What isn't seen would be taken again.
    let again = deployment.run(Verb::Create, "2026-03-27T02:20:00Z").await;
    assert_eq!(again.steps, []);
}

#[tokio::test]
async fn a_throttled_call_is_tried_again_until_it_is_let_through() {
    let deployment = deployed();
    deployment.emulator.refuse("CreateDBClusterSnapshot", None, 2, "Throttling");
    let report = deployment.run(Verb::Create, "2026-03-02T02:05:00Z").await;
    assert!(report.steps.iter().all(|entry| entry.outcome == Outcome::Done));
    assert_eq!(deployment.count().slots(HOME, "shepherd").len(), 1);
}

#[tokio::test]
async fn an_answer_that_gets_lost_leaves_one_snapshot_and_no_second() {
    let deployment = deployed();
    deployment.emulator.lose_an_answer("CreateDBClusterSnapshot");
    deployment.run(Verb::Create, "2026-03-02T02:05:00Z").await;
    let count = deployment.count();
    assert_eq!(count.slots(HOME, "shepherd").len(), 1);
    assert_eq!(count.regions[HOME].snapshots.len(), 6);
}

#[tokio::test]
async fn a_copy_that_failed_is_made_anew_and_its_remains_are_pruned() {
    let deployment = deployed();
    deployment.run(Verb::Create, "2026-03-02T02:05:00Z").await;
    deployment.emulator.set_lifecycle("CopyDBClusterSnapshot", 20, "failed");
    deployment.run(Verb::Copy, "2026-03-02T02:30:00Z").await;
    deployment.emulator.set_lifecycle("CopyDBClusterSnapshot", 20, "available");
    deployment.run(Verb::Copy, "2026-03-02T03:00:00Z").await;
    deployment.emulator.set_clock("2026-03-02T04:00:00Z".parse().unwrap());
    let count = deployment.count();
    let mut statuses: Vec<_> =
        count.recovery_points(AWAY)["shepherd"].iter().map(|copy| copy.status.as_str()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, ["available", "failed"]);

    deployment.run(Verb::Prune, "2026-03-02T08:00:00Z").await;
    let count = deployment.count();
    let copies = &count.recovery_points(AWAY)["shepherd"];
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].status, "available");
}

#[tokio::test]
async fn a_verification_restores_proves_and_leaves_nothing_behind() {
    let server = Server::start(Kind::Mongodb);
    let deployment = deployed_with(&server);
    deployment.run(Verb::Create, "2026-03-02T02:05:00Z").await;
    let mut steps = Vec::new();
    let mut scratch_at_most = 0;
    for time in ["06:05", "06:10", "06:30", "06:35", "07:00", "07:05", "07:10", "07:15", "07:20"] {
        let report = deployment.run(Verb::Verify, &format!("2026-03-02T{time}:00Z")).await;
        steps.extend(report.steps.iter().map(|entry| (time, entry.line.action)));
        scratch_at_most = scratch_at_most.max(deployment.count().regions[HOME].scratch.len());
    }
    assert_eq!(
        steps,
        [
            ("06:05", "restore"),
            ("06:30", "add-instance"),
            ("07:00", "set-password"),
            ("07:05", "question"),
            ("07:10", "delete-instance"),
            ("07:15", "delete-cluster"),
        ]
    );
    assert_eq!(scratch_at_most, 2, "a cluster and its instance");

    let count = deployment.count();
    assert_eq!(count.regions[HOME].scratch, Vec::<String>::new());
    let verified = &count.recovery_points(HOME)["shepherd"][0].tags;
    assert_eq!(verified["snapkeep:verdict"], "pass");
    let evidence: Vec<_> = count.objects.iter().filter(|key| key.contains("/verify/")).collect();
    assert_eq!(evidence, ["evidence/verify/999999998.json"], "the first of its ledger");
}

#[tokio::test]
async fn a_restored_database_is_the_server_that_the_account_restores_into() {
    let server = Server::start(Kind::Mongodb);
    let deployment = deployed_with(&server);
    deployment.run(Verb::Create, "2026-03-02T02:05:00Z").await;
    deployment.run(Verb::Verify, "2026-03-02T06:05:00Z").await;
    deployment.run(Verb::Verify, "2026-03-02T06:30:00Z").await;
    let scratch = |deployment: &Deployment| {
        let endpoints = deployment.count().regions[HOME].endpoints.clone();
        endpoints.into_iter().find(|(id, _)| id.starts_with("snapkeep-scratch-")).unwrap().1
    };
    assert_eq!(scratch(&deployment), "", "it is being made");
    deployment.emulator.set_clock("2026-03-02T07:00:00Z".parse().unwrap());
    assert_eq!(scratch(&deployment), format!("localhost:{}", server.port()));
}

#[tokio::test]
async fn a_region_that_cannot_be_listed_stops_every_delete() {
    let deployment = deployed();
    for day in 2..=6 {
        let at = |time: &str| format!("2026-03-{day:02}T{time}:00Z");
        deployment.run(Verb::Create, &at("02:05")).await;
        deployment.run(Verb::Copy, &at("02:30")).await;
    }
    deployment.emulator.refuse("DescribeDBClusterSnapshots", Some(AWAY), 1, "AccessDenied");
    let blind = deployment.try_run(Verb::Prune, "2026-03-06T08:00:00Z").await.unwrap();
    assert_eq!(blind.steps, []);
    assert_ne!(blind.errors(), Vec::<String>::new());
    assert_eq!(deployment.count().slots(HOME, "shepherd"), slots(2..=6));

    deployment.run(Verb::Prune, "2026-03-06T08:05:00Z").await;
    assert_eq!(deployment.count().slots(HOME, "shepherd"), slots(3..=6));
}

#[tokio::test]
async fn a_missed_night_is_told_once_and_resolved_when_it_is_made_up_for() {
    const MISSING: &str = "recovery-point-missing shepherd";
    let deployment = deployed();
    deployment.run(Verb::Create, "2026-03-02T02:05:00Z").await;
    deployment.run(Verb::Alarm, "2026-03-02T09:00:00Z").await;
    assert_eq!(told(&deployment, MISSING), Vec::<String>::new());
    // The night of the third is missed.
    deployment.run(Verb::Alarm, "2026-03-03T09:00:00Z").await;
    assert_eq!(told(&deployment, MISSING), [format!("ALARM: {MISSING}")]);
    deployment.run(Verb::Alarm, "2026-03-03T09:15:00Z").await;
    assert_eq!(told(&deployment, MISSING), Vec::<String>::new(), "once");

    deployment.run(Verb::Create, "2026-03-03T10:00:00Z").await;
    deployment.run(Verb::Alarm, "2026-03-03T10:30:00Z").await;
    assert_eq!(told(&deployment, MISSING), [format!("OK: {MISSING}")]);
}

#[tokio::test]
async fn what_nobody_protects_is_told_and_measured() {
    let deployment = deployed();
    deployment.run(Verb::Create, "2026-03-02T02:05:00Z").await;
    let report = deployment.run(Verb::Alarm, "2026-03-02T09:00:00Z").await;
    let count = deployment.count();
    let about = |text: &str| count.messages.iter().filter(|m| m.subject.contains(text)).count();
    assert_eq!(about("unprotected somebody-elses"), 1);
    assert_eq!(about("fraud-graph"), 0, "Neptune is none of snapkeep's business");
    let value = |measure| report.metrics.iter().find(|it| it.measure == measure).map(|it| it.value);
    assert_eq!(value(Measure::UnprotectedDatabases), Some(1.0));
    assert_eq!(value(Measure::WorstRecoveryPointAge), Some(7.0 * 3600.0));
}

/// What arrived about `subject` since the last look, without the region behind it.
fn told(deployment: &Deployment, subject: &str) -> Vec<String> {
    let messages = deployment.count().messages.into_iter();
    let about = messages.map(|message| message.subject).filter(|told| told.contains(subject));
    about.map(|told| told.split(" (").next().unwrap_or_default().to_owned()).collect()
}
