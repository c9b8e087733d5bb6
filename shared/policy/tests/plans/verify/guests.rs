//! Guests: what AWS Backup's restore testing made, from its adoption to its validation.

use snapkeep_policy::inventory::Database;
use snapkeep_policy::plan::Plan;
use snapkeep_policy::request::Request;
use snapkeep_policy::tags;
use snapkeep_policy::verify::{Action, RestoreJob, adopt, plan};

use super::{OVERDUE, SOON, STARTED, policy};
use crate::fixtures::*;

fn unadopted() -> Database {
    let guest = cluster("awsbackup-restore-test-1").said(|it| it.tags = Default::default());
    guest.tagged(tags::RESTORE_TEST, "x").created(STARTED)
}

fn job() -> RestoreJob {
    RestoreJob {
        id: "JOB-1".parse().unwrap(),
        region: region(HOME),
        status: "COMPLETED".to_owned(),
        created: Some(unadopted().arn),
        source: Some(cluster("shepherd").arn),
        taken_at: Some(at("2026-03-05T02:00:00Z")),
        is_test: true,
        validated: false,
    }
}

fn adoption(guest: Database, job: &RestoreJob) -> Plan<Action> {
    let document = document(&policy());
    let fleet = Fleet::of([cluster("shepherd"), guest]);
    let mut plan = Plan::default();
    adopt(&fleet.view(&document, STARTED), job, &mut plan);
    plan
}

fn adopted() -> Database {
    let steps = adoption(unadopted(), &job()).steps;
    let [step] = &steps[..] else { panic!("one step") };
    let Action::Adopt { tags, .. } = &step.action else { panic!("an adoption") };
    unadopted().said(|it| it.tags.extend(tags.clone()))
}

fn says(guest: Database, members: &[Database], now: &str) -> String {
    let all = [cluster("shepherd"), guest].into_iter().chain(members.iter().cloned());
    let said = Fleet::of(all).says(&policy(), now, plan);
    said.lines().filter(|line| line.contains("awsbackup") || line.contains("scratch")).collect()
}

#[test]
fn only_what_agrees_in_everything_is_adopted() {
    type Change = fn(&mut RestoreJob);
    let changes: [(Change, &str); 6] = [
        (|job| job.status = "RUNNING".to_owned(), "it is RUNNING"),
        (|job| job.is_test = false, "no restore testing plan"),
        (|job| job.validated = true, "validated already"),
        (|job| job.created = None, "it made no database"),
        (|job| job.created = job.source.clone(), "isn't named and tagged"),
        (|job| job.source = Some(cluster("stranger").arn), "no policy protects"),
    ];
    for (change, expected) in changes {
        let mut job = job();
        change(&mut job);
        let plan = adoption(unadopted(), &job);
        assert!(plan.steps.is_empty(), "{expected}");
        assert!(format!("{:?}", plan.notes).contains(expected), "{:?}", plan.notes);
    }
    assert!(adoption(unadopted().said(|it| it.tags = Default::default()), &job()).steps.is_empty());
    assert!(adoption(adopted(), &job()).steps.is_empty());
}

#[test]
fn a_guest_goes_through_the_states_and_ends_with_its_validation() {
    let ready = adopted().tagged(tags::PASSWORD_SET, SOON);
    assert!(says(adopted(), &[], SOON).contains("add-instance snapkeep-scratch-awsbackup"));
    let added = member(&adopted(), SOON).renamed("snapkeep-scratch-awsbackup-1");
    let with = |guest: &Database| says(guest.clone(), std::slice::from_ref(&added), SOON);
    assert!(with(&adopted()).contains("set-password awsbackup-restore-test-1"));
    assert!(with(&ready).contains("question awsbackup-restore-test-1"));
    let judged = |outcome: &str| {
        ready.clone().tagged(tags::REHEARSAL, outcome).tagged(tags::REHEARSAL_AT, SOON)
    };
    let concluded = with(&judged("pass"));
    assert!(concluded.contains("delete-instance snapkeep-scratch-awsbackup-1"), "{concluded}");
    assert!(!concluded.contains("validate"), "{concluded}");
    assert!(says(judged("fail"), &[], SOON).contains("validate awsbackup-restore-test-1"));
    assert!(says(judged("inconclusive"), &[], SOON).contains("TIMED_OUT"));
    let told = judged("pass").tagged(tags::VALIDATED, SOON);
    assert!(says(told, &[], SOON).contains("was told its verdict"));
}

#[test]
fn aws_backup_is_told_whether_the_guest_passed() {
    let document = document(&policy());
    for (outcome, expected) in [("pass", true), ("fail", false)] {
        let judged = adopted().tagged(tags::REHEARSAL, outcome).tagged(tags::REHEARSAL_AT, SOON);
        let fleet = Fleet::of([cluster("shepherd"), judged]);
        let steps = plan(&fleet.view(&document, SOON), &Request::default()).steps;
        let [step] = &steps[..] else { panic!("one step: {steps:?}") };
        let Action::Validate { passed, job, .. } = &step.action else { panic!("a validation") };
        assert_eq!((*passed, job.to_string()), (expected, "JOB-1".to_owned()), "{outcome}");
    }
}

#[test]
fn the_instance_of_a_guest_bears_none_of_aws_own_tags() {
    let guest = adopted().tagged("aws:backup:source-resource", "x");
    let document = document(&policy());
    let fleet = Fleet::of([cluster("shepherd"), guest]);
    let steps = plan(&fleet.view(&document, SOON), &Request::default()).steps;
    let [step] = &steps[..] else { panic!("one step: {steps:?}") };
    let Action::AddInstance { tags, .. } = &step.action else { panic!("an instance") };
    let keys: Vec<&str> = tags.iter().map(|(key, _)| key).collect();
    assert!(keys.iter().all(|key| key.starts_with("snapkeep:")), "{keys:?}");
    assert!(keys.contains(&tags::SCRATCH), "{keys:?}");
}

#[test]
fn only_what_this_deployment_adopted_of_restore_testing_is_its_guest() {
    let document = document(&policy());
    let is_guest = |guest: Database| {
        let fleet = Fleet::of([guest]);
        fleet.view(&document, SOON).scratch.iter().any(|scratch| scratch.is_guest())
    };
    let without = |key: &str| adopted().said(|it| it.tags.remove(key));
    assert!(is_guest(adopted()));
    assert!(!is_guest(adopted().tagged(tags::SCRATCH, "test")), "another deployment's");
    assert!(!is_guest(adopted().renamed("shepherd-2")), "of another name");
    for key in [tags::SCRATCH, tags::RESTORE_JOB, tags::RESTORE_TEST] {
        assert!(!is_guest(without(key)), "without {key}");
    }
}

#[test]
fn a_guest_is_never_deleted_whatever_its_state_or_tags() {
    let bare = |key: &str| adopted().said(|it| it.tags.remove(key));
    let public = adopted().said(|it| it.publicly_accessible = true);
    let tagged = [tags::SOURCE, tags::STARTED, tags::DEADLINE, tags::RESTORE_JOB, tags::SCRATCH];
    for guest in tagged.map(bare).into_iter().chain([adopted(), public, unadopted()]) {
        for status in ["available", "failed", "creating", "deleting", "incompatible-network"] {
            for now in [SOON, OVERDUE] {
                let said = says(guest.clone().status(status), &[], now);
                assert!(!said.contains("delete-"), "{status}: {said}");
            }
        }
    }
}

#[test]
fn a_guest_is_neither_protected_nor_unprotected_nor_half_marked() {
    let document = document(&policy());
    for guest in [unadopted(), adopted(), adopted().tagged("tier", "critical")] {
        let fleet = Fleet::of([guest]);
        let view = fleet.view(&document, SOON);
        assert!(view.protected.is_empty() && view.unprotected.is_empty());
        assert!(view.half_marked.is_empty());
    }
}
