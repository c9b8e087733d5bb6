//! A scratch database on its way up, and the verdict.

use insta::assert_snapshot;
use serde_json::Value;
use snapkeep_policy::recovery_point::Outcome;
use snapkeep_policy::request::Request;
use snapkeep_policy::tags;
use snapkeep_policy::verify::{Action, Subject, VerdictRecord, plan};

use super::{SOON, STARTED, policy, says_of, subject};
use crate::fixtures::*;

/// What is concluded without asking.
fn verdicts(fleet: &Fleet, policy: &Value, now: &str) -> Vec<VerdictRecord> {
    let document = document(policy);
    let steps = plan(&fleet.view(&document, now), &Request::default()).steps;
    let concluded = steps.into_iter().filter_map(|step| match step.action {
        Action::Conclude { verdict } => Some(*verdict),
        Action::Restore(_)
        | Action::AddInstance { .. }
        | Action::SetPassword { .. }
        | Action::Question(_)
        | Action::DeleteInstance { .. }
        | Action::DeleteCluster { .. }
        | Action::Adopt { .. }
        | Action::Validate { .. } => None,
    });
    concluded.collect()
}

#[test]
fn a_cluster_goes_through_its_states_step_by_step() {
    let shepherd = cluster("shepherd");
    let cluster = |status| scratch(&subject(), STARTED).status(status);
    let with = |status: &str| {
        let cluster = cluster("available").said(|it| it.members = vec![it.arn.id.clone()]);
        let member = member(&cluster, SOON).status(status);
        [shepherd.clone(), cluster, member]
    };
    let mut said = Vec::new();
    for status in ["creating", "resetting-master-credentials", "available"] {
        let text = says_of([shepherd.clone(), cluster(status)], SOON);
        said.push(format!("cluster {status}\n{text}"));
    }
    for status in ["creating", "configuring-enhanced-monitoring", "available"] {
        said.push(format!("instance {status}\n{}", says_of(with(status), SOON)));
    }
    let [shepherd, cluster, member] = with("available");
    let cluster = cluster.tagged(tags::PASSWORD_SET, SOON);
    said.push(format!("password set\n{}", says_of([shepherd, cluster, member], SOON)));
    assert_snapshot!(said.join("\n\n"), @"
    cluster creating
    note snapkeep-scratch-shepherd: the cluster is creating
    note shepherd: is under verification in snapkeep-scratch-shepherd

    cluster resetting-master-credentials
    note snapkeep-scratch-shepherd: the cluster is resetting-master-credentials
    note shepherd: is under verification in snapkeep-scratch-shepherd

    cluster available
    add-instance snapkeep-scratch-shepherd in us-west-2: the restored cluster is available and has no instance
    note shepherd: is under verification in snapkeep-scratch-shepherd

    instance creating
    note snapkeep-scratch-shepherd: the instance is creating
    note shepherd: is under verification in snapkeep-scratch-shepherd

    instance configuring-enhanced-monitoring
    note snapkeep-scratch-shepherd: the instance is configuring-enhanced-monitoring
    note shepherd: is under verification in snapkeep-scratch-shepherd

    instance available
    set-password snapkeep-scratch-shepherd in us-west-2: it is up, and only production's users could log in
    note shepherd: is under verification in snapkeep-scratch-shepherd

    password set
    question snapkeep-scratch-shepherd in us-west-2: it is up and can be logged in to
    note shepherd: is under verification in snapkeep-scratch-shepherd
    ");
}

#[test]
fn an_instance_is_restored_whole() {
    let orders = instance("orders");
    let point = point(&orders, "2026-03-06T02:00:00Z");
    let of = |status: &str| {
        let scratch = scratch(&point, STARTED).status(status);
        let fleet = Fleet::of([orders.clone(), scratch]).snapshot(point.clone());
        fleet.says(&policy(), SOON, plan)
    };
    assert!(of("creating").starts_with("note snapkeep-scratch-orders: the instance is creating"));
    assert!(of("available").starts_with("set-password snapkeep-scratch-orders"));
}

#[test]
fn how_a_restore_ended_decides_between_fail_and_inconclusive() {
    for (status, outcome) in [
        ("failed", Outcome::Fail),
        ("incompatible-restore", Outcome::Fail),
        ("restore-error", Outcome::Fail),
        ("storage-full", Outcome::Fail),
        ("incompatible-credentials", Outcome::Fail),
        ("inaccessible-encryption-credentials", Outcome::Fail),
        ("incompatible-network", Outcome::Inconclusive),
        ("incompatible-parameters", Outcome::Inconclusive),
        ("insufficient-capacity", Outcome::Inconclusive),
    ] {
        let orders = instance("orders");
        let point = point(&orders, "2026-03-06T02:00:00Z");
        let scratch = scratch(&point, STARTED).status(status);
        let fleet = Fleet::of([orders, scratch]).snapshot(point.clone());
        let [verdict] = &verdicts(&fleet, &policy(), SOON)[..] else { panic!("{status}") };
        assert_eq!(verdict.outcome, outcome, "{status}");
        assert_eq!(verdict.subject, Subject::RecoveryPoint(point.arn));
    }
}

#[test]
fn a_verdict_from_before_the_restore_says_nothing_of_it() {
    let judged = subject().judged("fail", "2026-03-06T05:59:59Z");
    let cluster = scratch(&subject(), STARTED);
    let fleet = Fleet::of([self::cluster("shepherd"), cluster.clone(), member(&cluster, SOON)]);
    let said = fleet.snapshot(judged).says(&policy(), SOON, plan);
    assert!(said.starts_with("set-password"), "{said}");
}
