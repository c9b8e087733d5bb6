//! What follows when a recovery point lost what an earlier one held.

use serde_json::json;
use snapkeep_policy::inventory::Snapshot;
use snapkeep_policy::request::Request;
use snapkeep_policy::tags;
use snapkeep_policy::verify::{Action, plan};
use snapkeep_policy::{copy, prune};

use super::STARTED;
use crate::fixtures::*;

/// Six nights, of which the policy keeps two; the second to last was proven, the last had drifted.
fn drifted() -> (Fleet, Vec<Snapshot>) {
    let shepherd = cluster("shepherd");
    let mut points = daily(&shepherd, "2026-03-01", 6);
    points[4] = points[4].clone().judged("pass", "2026-03-05T07:00:00Z");
    points[5] = points[5].clone().judged("fail", "2026-03-06T07:00:00Z").because("drift");
    (Fleet::of([shepherd]).snapshots(points.clone()), points)
}

fn keeps_two() -> serde_json::Value {
    let retention = json!({ "keep_last": 2, "guard": { "max_percent": 100 } });
    policy(&[verified(), ("/retention", retention)])
}

#[test]
fn nothing_is_pruned_while_a_drift_is_not_looked_into() {
    let (fleet, points) = drifted();
    let now = "2026-03-06T08:00:00Z";
    let said = fleet.says(&keeps_two(), now, prune::plan);
    let expected = "note shepherd: keeps all its recovery points: its content dropped: \
                    look into that, then accept it or take it back";
    assert_eq!(said, expected);
    let failed_otherwise = points[5].clone().because("check");
    let others = points[..5].iter().cloned();
    let fleet = Fleet::of([cluster("shepherd")]).snapshots(others).snapshot(failed_otherwise);
    assert!(fleet.says(&keeps_two(), now, prune::plan).contains("delete "));
}

#[test]
fn a_later_failure_of_another_kind_does_not_hide_a_drift_and_a_later_pass_ends_it() {
    let (fleet, _) = drifted();
    let next = point(&cluster("shepherd"), "2026-03-07T02:00:00Z");
    let now = "2026-03-07T08:00:00Z";
    let failed = next.clone().judged("fail", "2026-03-07T07:00:00Z").because("restore");
    let said = fleet.clone().snapshot(failed).says(&keeps_two(), now, prune::plan);
    assert!(said.contains("keeps all its recovery points"), "{said}");
    let passed = next.judged("pass", "2026-03-07T07:00:00Z").because("none");
    let said = fleet.snapshot(passed).says(&keeps_two(), now, prune::plan);
    assert!(said.contains("delete "), "{said}");
}

#[test]
fn a_drift_does_not_keep_copies_from_being_made() {
    let (fleet, _) = drifted();
    let mut both = keeps_two();
    both["policies"]["critical"]["copies"] = copied().1;
    let said = fleet.says(&both, "2026-03-06T08:00:00Z", copy::plan);
    assert!(said.contains("copy "), "{said}");
}

#[test]
fn accepting_a_drift_makes_it_the_baseline_and_takes_a_request_for_that_very_point() {
    let (fleet, points) = drifted();
    let accept = |id: &str| Request { accept: Some(id.to_owned()), ..Request::default() };
    let document = document(&keeps_two());
    let now = "2026-03-06T08:00:00Z";
    let plan_of = |id: &str| plan(&fleet.view(&document, now), &accept(id));
    let accepted = plan_of(points[5].id());
    let [step] = &accepted.steps[..] else { panic!("one step") };
    let Action::Conclude { verdict } = &step.action else { panic!("a verdict") };
    let tags = verdict.tags();
    assert_eq!((&tags[tags::VERDICT], &tags[tags::VERDICT_CAUSE]), ("pass", "drift"));
    assert_eq!(*verdict.subject.arn(), points[5].arn);
    for other in [points[4].id(), "snapkeep-nothing"] {
        let refused = plan_of(other);
        assert_eq!(refused.steps, []);
        assert!(refused.refusals[0].message.contains("has failed for drift"), "{other}");
    }
    let with_last = |last: Snapshot| {
        let before = points[..5].iter().cloned();
        Fleet::of([cluster("shepherd")]).snapshots(before).snapshot(last)
    };
    let failed_otherwise = points[5].clone().because("check");
    let after = points[5].clone().judged("pass", now).because("drift");
    for last in [failed_otherwise, after.clone()] {
        let fleet = with_last(last.clone());
        assert_eq!(plan(&fleet.view(&document, now), &accept(last.id())).steps, [], "{last:?}");
    }
    let fleet = with_last(after);
    assert!(fleet.says(&keeps_two(), now, prune::plan).contains("delete "));
}

#[test]
fn the_baseline_is_the_newest_older_point_that_was_proven() {
    let mut points = drifted().1;
    points[5].tags.remove(tags::VERDICT);
    points[3] = points[3].clone().judged("pass", "2026-03-04T07:00:00Z");
    // A copy of what is verified holds the same: it can't be what that is held against.
    let proven_copy = points[5].copy("2026-03-06T02:30:00Z").judged("pass", "2026-03-06T05:00:00Z");
    let fleet = Fleet::of([cluster("shepherd")]).snapshots(points.clone()).snapshot(proven_copy);
    let document = document(&keeps_two());
    let of = |subject: &Snapshot| {
        let cluster = scratch(subject, STARTED).tagged(tags::PASSWORD_SET, STARTED);
        let member = member(&cluster, STARTED);
        let fleet = fleet.clone().database(cluster).database(member);
        let steps = plan(&fleet.view(&document, STARTED), &Request::default()).steps;
        let inquiry = steps.into_iter().find_map(|step| match step.action {
            Action::Question(inquiry) => Some(inquiry),
            Action::Restore(_)
            | Action::AddInstance { .. }
            | Action::SetPassword { .. }
            | Action::Conclude { .. }
            | Action::DeleteInstance { .. }
            | Action::DeleteCluster { .. }
            | Action::Adopt { .. }
            | Action::Validate { .. } => None,
        });
        let baselines = inquiry.unwrap().surveys.baselines;
        baselines.into_iter().map(|(arn, _)| arn).collect::<Vec<_>>()
    };
    assert_eq!(of(&points[5]), [points[4].arn.clone(), points[3].arn.clone()]);
    assert_eq!(of(&points[2]), [], "nothing older was proven");
}
