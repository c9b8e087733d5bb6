//! create: which slots are due, and what stands in the way of filling them.

use insta::assert_snapshot;
use serde_json::json;
use snapkeep_policy::create::{self, Action, plan};
use snapkeep_policy::ids::Slot;
use snapkeep_policy::plan::RefusalCode;
use snapkeep_policy::request::Request;
use snapkeep_policy::tags::{self, Tags};

use crate::fixtures::*;

/// What create says of `fleet` at `now`, by the plain policy.
fn says(fleet: &Fleet, now: &str) -> String {
    fleet.says(&policy(&[]), now, plan)
}

fn steps(fleet: &Fleet, now: &str) -> Vec<(String, Tags)> {
    let document = document(&policy(&[]));
    let steps = plan(&fleet.view(&document, now), &Request::default()).steps;
    let made = steps.into_iter().map(|step| {
        let Action::TakeSnapshot { snapshot_id, tags, .. } = step.action;
        (snapshot_id, tags)
    });
    made.collect()
}

#[test]
fn a_due_slot_gets_one_recovery_point_with_all_it_needs_to_be_known_by() {
    let fleet = Fleet::of([cluster("shepherd")]);
    assert_snapshot!(says(&fleet, "2026-03-04T02:00:00Z"), @"snapshot snapkeep-shepherd-20260304t0200z-cb81880812 in us-west-2: slot 2026-03-04T02:00Z is due and has no recovery point");
    let [(id, tags)] = &steps(&fleet, "2026-03-04T02:00:00Z")[..] else { panic!("one step") };
    assert_eq!(*id, point(&cluster("shepherd"), "2026-03-04T02:00:00Z").arn.id);
    assert_eq!(*tags, point(&cluster("shepherd"), "2026-03-04T02:00:00Z").tags);
}

#[test]
fn a_slot_is_not_due_before_its_instant() {
    let shepherd = cluster("shepherd");
    let fleet = Fleet::of([shepherd.clone()]).snapshot(point(&shepherd, "2026-03-03T02:00:00Z"));
    assert_snapshot!(says(&fleet, "2026-03-04T01:59:59Z"), @"note shepherd: slot 2026-03-03T02:00Z is available as snapkeep-shepherd-20260303t0200z-0be4fc44e6");
}

#[test]
fn a_slot_is_filled_by_its_recovery_point_in_whatever_state_but_failed() {
    let shepherd = cluster("shepherd");
    for status in ["available", "creating", "deleting", "something-new"] {
        let filled = point(&shepherd, "2026-03-04T02:00:00Z").status(status);
        let fleet = Fleet::of([shepherd.clone()]).snapshot(filled.clone());
        let id = &filled.arn.id;
        let expected = format!("note shepherd: slot 2026-03-04T02:00Z is {status} as {id}");
        assert_eq!(says(&fleet, "2026-03-04T09:00:00Z"), expected);
    }
}

#[test]
fn after_an_outage_only_the_newest_missed_slot_is_filled() {
    let shepherd = cluster("shepherd");
    let fleet = Fleet::of([shepherd.clone()]).snapshot(point(&shepherd, "2026-02-20T02:00:00Z"));
    assert_snapshot!(says(&fleet, "2026-03-04T13:20:00Z"), @"snapshot snapkeep-shepherd-20260304t0200z-cb81880812 in us-west-2: slot 2026-03-04T02:00Z is due and has no recovery point");
}

#[test]
fn of_several_schedules_the_newest_slot_counts() {
    let hourly = policy(&[("/schedules", json!(["cron(0 2 * * ? *)", "rate(6 hours)"]))]);
    let fleet = Fleet::of([cluster("shepherd")]);
    let says = |now: &str| fleet.says(&hourly, now, plan);
    assert!(says("2026-03-04T02:30:00Z").contains("slot 2026-03-04T02:00Z is due"));
    assert!(says("2026-03-04T06:30:00Z").contains("slot 2026-03-04T06:00Z is due"));
}

#[test]
fn a_database_that_was_created_after_the_slot_waits_for_its_next_one() {
    let fleet = Fleet::of([cluster("shepherd").created("2026-03-04T02:00:01Z")]);
    assert_snapshot!(says(&fleet, "2026-03-04T08:00:00Z"), @"note shepherd: created at 2026-03-04T02:00Z, after slot 2026-03-04T02:00Z: the next slot is its first");
    let fleet = Fleet::of([cluster("shepherd").created("2026-03-04T02:00:00Z")]);
    assert_eq!(steps(&fleet, "2026-03-04T08:00:00Z").len(), 1);
}

#[test]
fn a_database_that_cannot_be_snapshotted_keeps_its_slot_open() {
    for status in ["stopped", "backing-up", "modifying", "creating", "failed", "something-new"] {
        let fleet = Fleet::of([cluster("shepherd").status(status)]);
        let expected =
            format!("note shepherd: slot 2026-03-04T02:00Z stays open: the database is {status}");
        assert_eq!(says(&fleet, "2026-03-04T02:15:00Z"), expected);
    }
    for status in ["available", "storage-optimization"] {
        let fleet = Fleet::of([instance("orders").status(status)]);
        assert_eq!(steps(&fleet, "2026-03-04T02:15:00Z").len(), 1, "{status}");
    }
}

#[test]
fn failed_attempts_move_the_identifier_on_and_stop_at_three() {
    let shepherd = cluster("shepherd");
    let attempt = |n| point(&shepherd, "2026-03-04T02:00:00Z").attempt(n).status("failed");
    let now = "2026-03-04T03:00:00Z";
    for failed in 0..create::ATTEMPTS_MAX {
        let fleet = Fleet::of([shepherd.clone()]).snapshots((0..failed).map(attempt));
        assert_eq!(steps(&fleet, now)[0].0, attempt(failed).arn.id);
    }
    let fleet = Fleet::of([shepherd.clone()]).snapshots((0..3).map(attempt));
    assert_snapshot!(says(&fleet, now), @"refused attempts-exhausted: shepherd: 3 snapshots for slot 2026-03-04T02:00Z failed: look at the database's events in RDS");
}

#[test]
fn an_attempt_that_somebody_deleted_leaves_its_identifier_to_the_next() {
    let shepherd = cluster("shepherd");
    let attempt = |n| point(&shepherd, "2026-03-04T02:00:00Z").attempt(n).status("failed");
    let fleet = Fleet::of([shepherd.clone()]).snapshot(attempt(1));
    assert_eq!(steps(&fleet, "2026-03-04T03:00:00Z")[0].0, attempt(0).arn.id);
}

#[test]
fn an_identifier_that_is_taken_by_a_stranger_is_refused() {
    let shepherd = cluster("shepherd");
    let ours = point(&shepherd, "2026-03-04T02:00:00Z");
    for stranger in [
        ours.clone().untagged(tags::OWNER),
        ours.clone().tag(tags::OWNER, "staging"),
        ours.clone().tag(tags::SOURCE, "cluster-OTHER"),
        ours.clone().tag(tags::SLOT, "2026-03-03T02:00:00Z"),
    ] {
        let fleet = Fleet::of([shepherd.clone()]).snapshot(stranger);
        let said = says(&fleet, "2026-03-04T02:05:00Z");
        assert!(said.starts_with("refused id-taken: shepherd: "), "{said}");
    }
}

#[test]
fn a_full_quota_is_refused_and_counts_everybodys_snapshots() {
    let (shepherd, orders) = (cluster("shepherd"), cluster("orders"));
    let foreign = point(&shepherd, "2026-03-01T02:00:00Z").untagged(tags::OWNER);
    let fleet = Fleet::of([shepherd, orders]).snapshot(foreign).quota(HOME, 2);
    assert_snapshot!(says(&fleet, "2026-03-04T02:05:00Z"), @"
    snapshot snapkeep-orders-20260304t0200z-47fd0c51fb in us-west-2: slot 2026-03-04T02:00Z is due and has no recovery point
    refused quota-exhausted: shepherd: 2 of 2 manual snapshots in us-west-2 are used: ask AWS for more, nothing is deleted early to make room
    ");
}

#[test]
fn quotas_of_clusters_and_instances_are_apart() {
    let shepherd = cluster("shepherd");
    let fleet = Fleet::of([shepherd.clone(), instance("ledger")])
        .snapshot(point(&shepherd, "2026-03-03T02:00:00Z"))
        .quota(HOME, 1);
    let said = says(&fleet, "2026-03-04T02:05:00Z");
    assert!(said.contains("snapshot snapkeep-ledger-"), "{said}");
    assert!(said.contains("refused quota-exhausted: shepherd: 1 of 1"), "{said}");
}

#[test]
fn a_request_with_a_name_takes_one_now_and_may_hold_it() {
    let request =
        Request { name: Some("before-launch".to_owned()), hold: true, ..only("shepherd") };
    let fleet = Fleet::of([cluster("shepherd"), cluster("orders")]).snapshots(daily(
        &cluster("shepherd"),
        "2026-03-04",
        1,
    ));
    let now = "2026-03-04T11:22:33.456Z";
    assert_snapshot!(fleet.says_of(&policy(&[]), now, &request, plan), @"snapshot snapkeep-shepherd-before-launch-93bf6bd630 in us-west-2: asked for as before-launch");
    let document = document(&policy(&[]));
    let steps = plan(&fleet.view(&document, now), &request).steps;
    let Action::TakeSnapshot { tags, .. } = &steps[0].action;
    let tag = |key: &str| tags.get(key);
    assert_eq!(tag(tags::REQUEST), Some("before-launch"));
    assert_eq!(tag(tags::SLOT), Some("2026-03-04T11:22:33Z"));
    assert_eq!(tag(tags::HOLD), Some("requested"));
}

#[test]
fn a_name_that_was_asked_for_before_is_not_taken_again() {
    let shepherd = cluster("shepherd");
    let fleet = Fleet::of([shepherd.clone()]).snapshot(requested(
        &shepherd,
        "before-launch",
        "2026-03-03T11:00:00Z",
    ));
    let request = Request { name: Some("before-launch".to_owned()), ..Request::default() };
    let said = fleet.says_of(&policy(&[]), "2026-03-04T11:22:33Z", &request, plan);
    assert!(said.starts_with("note shepherd: request before-launch is available as"), "{said}");
}

#[test]
fn a_request_for_one_database_leaves_the_others_alone() {
    let fleet = Fleet::of([cluster("shepherd"), cluster("orders")]);
    let now = "2026-03-04T02:05:00Z";
    let said = fleet.says_of(&policy(&[]), now, &only("orders"), plan);
    assert!(said.contains("snapkeep-orders-") && !said.contains("shepherd"), "{said}");
    assert_snapshot!(fleet.says_of(&policy(&[]), now, &only("order"), plan), @"refused bad-request: no protected database is called order: check its name and its policy");
}

#[test]
fn a_renamed_database_that_is_asked_for_by_its_new_name_keeps_its_filled_slot() {
    let old = cluster("shepherd");
    let fleet =
        Fleet::of([old.clone().renamed("sheepdog")]).snapshot(point(&old, "2026-03-04T02:00:00Z"));
    let said = fleet.says_of(&policy(&[]), "2026-03-04T03:00:00Z", &only("sheepdog"), plan);
    assert!(said.starts_with("note sheepdog: slot 2026-03-04T02:00Z is available"), "{said}");
}

#[test]
fn a_database_of_two_policies_is_backed_up_once_by_the_first() {
    let mut two = policy(&[]);
    let mut second = two["policies"]["critical"].clone();
    second["select"] = json!({ "databases": ["shepherd"] });
    two["policies"]["second"] = second;
    let fleet = Fleet::of([cluster("shepherd")]);
    let document = document(&two);
    let plan = plan(&fleet.view(&document, "2026-03-04T02:00:00Z"), &Request::default());
    let [step] = &plan.steps[..] else { panic!("one step") };
    let Action::TakeSnapshot { tags, .. } = &step.action;
    assert_eq!(&tags[tags::POLICY], "critical");
}

#[test]
fn what_is_not_to_be_backed_up_is_not() {
    let scratch =
        scratch(&point(&cluster("shepherd"), "2026-03-04T02:00:00Z"), "2026-03-04T06:00:00Z");
    for database in [
        cluster("shepherd").tagged("tier", "standard"),
        cluster("shepherd").status("deleting"),
        instance("shepherd-1").said(|it| it.member_of = Some("shepherd".to_owned())),
        scratch.tagged("tier", "critical"),
    ] {
        assert_eq!(steps(&Fleet::of([database]), "2026-03-04T02:00:00Z"), []);
    }
}

#[test]
fn a_region_that_is_not_seen_is_refused_and_the_others_go_on() {
    let fleet = Fleet::of([cluster("shepherd")]).unseen(AWAY);
    let document = document(&policy(&[]));
    let plan = plan(&fleet.view(&document, "2026-03-04T02:00:00Z"), &Request::default());
    assert_eq!(plan.steps.len(), 1);
    assert_eq!(plan.refusals[0].code, RefusalCode::PartialObservation);
}

#[test]
fn an_hour_that_the_clock_shows_twice_has_one_slot() {
    let mut berlin = policy(&[("/schedules", json!(["cron(30 2 * * ? *)"]))]);
    berlin["time_zone"] = json!("Europe/Berlin");
    let shepherd = cluster("shepherd");
    // On 25 October 2026, 02:30 is 00:30Z and again 01:30Z.
    let fleet = Fleet::of([shepherd.clone()]);
    for now in ["2026-10-25T00:30:00Z", "2026-10-25T01:45:00Z"] {
        let said = fleet.says(&berlin, now, plan);
        assert!(said.contains("slot 2026-10-25T00:30Z is due"), "{said}");
    }
    let fleet = fleet.snapshot(point(&shepherd, "2026-10-25T00:30:00Z"));
    let said = fleet.says(&berlin, "2026-10-25T01:45:00Z", plan);
    assert!(said.starts_with("note shepherd: slot 2026-10-25T00:30Z is available"), "{said}");
}

#[test]
fn a_database_that_was_created_again_under_its_name_starts_anew() {
    let old = cluster("shepherd");
    let new = cluster("shepherd").created_again().created("2026-03-04T01:00:00Z");
    let fleet = Fleet::of([new.clone()]).snapshot(point(&old, "2026-03-04T02:00:00Z"));
    let slot = Slot::Scheduled(at("2026-03-04T02:00:00Z"));
    let id = snapkeep_policy::ids::recovery_point_id(
        &deployment(),
        "shepherd",
        &new.resource_id,
        &slot,
        0,
    );
    assert_eq!(steps(&fleet, "2026-03-04T02:00:00Z")[0].0, id);
}
