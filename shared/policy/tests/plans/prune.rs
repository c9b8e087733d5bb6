//! prune: what goes, and everything that keeps it from going.

use insta::assert_snapshot;
use serde_json::{Value, json};
use snapkeep_policy::inventory::{Database, Snapshot};
use snapkeep_policy::plan::RefusalCode;
use snapkeep_policy::prune::{explain, plan};
use snapkeep_policy::request::Request;
use snapkeep_policy::tags;

use crate::fixtures::*;

const NOW: &str = "2026-03-06T12:00:00Z";

/// A database, and its recovery points of six days: three too many for the plain policy.
fn six_days() -> (Database, Vec<Snapshot>) {
    let shepherd = cluster("shepherd");
    let points = daily(&shepherd, "2026-03-01", 6);
    (shepherd, points)
}

fn fleet() -> Fleet {
    let (shepherd, points) = six_days();
    Fleet::of([shepherd]).snapshots(points)
}

/// Days of March whose recovery points go, as they are to go, with their regions.
fn going(fleet: &Fleet, policy: &Value, request: &Request) -> Vec<String> {
    let document = document(policy);
    let plan = plan(&fleet.view(&document, NOW), request);
    let gone = plan.steps.iter().map(|step| {
        let snapkeep_policy::prune::Action::Delete { recovery_point, .. } = &step.action;
        let (_, rest) = recovery_point.id.split_once("-202603").unwrap();
        format!("{} {}", &rest[..2], recovery_point.region)
    });
    gone.collect()
}

fn plainly(fleet: &Fleet) -> Vec<String> {
    going(fleet, &policy(&[]), &Request::default())
}

const THREE: [&str; 3] = ["01 us-west-2", "02 us-west-2", "03 us-west-2"];

#[test]
fn what_retention_lets_go_goes_oldest_first_and_says_why() {
    assert_snapshot!(fleet().says(&policy(&[]), NOW, plan), @"
    delete snapkeep-shepherd-20260301t0200z-cfbe367d9f in us-west-2: beyond keep-last#3
    delete snapkeep-shepherd-20260302t0200z-869f38dcb9 in us-west-2: beyond keep-last#3
    delete snapkeep-shepherd-20260303t0200z-0be4fc44e6 in us-west-2: beyond keep-last#3
    ");
}

#[test]
fn the_reasons_for_all_can_be_had() {
    let (fleet, document) = (fleet(), document(&policy(&[])));
    let reasons = explain(&fleet.view(&document, NOW));
    let lines: Vec<String> = reasons
        .iter()
        .map(|(arn, reasons)| format!("{}: {}", arn.id, reasons.join(", ")))
        .collect();
    assert_snapshot!(lines.join("\n"), @"
    snapkeep-shepherd-20260301t0200z-cfbe367d9f: beyond keep-last#3
    snapkeep-shepherd-20260302t0200z-869f38dcb9: beyond keep-last#3
    snapkeep-shepherd-20260303t0200z-0be4fc44e6: beyond keep-last#3
    snapkeep-shepherd-20260304t0200z-cb81880812: keep-last#3
    snapkeep-shepherd-20260305t0200z-736891fbbd: keep-last#2
    snapkeep-shepherd-20260306t0200z-80b8d47d48: keep-last#1, min-keep#1
    ");
}

#[test]
fn nothing_goes_anywhere_while_a_region_is_unseen() {
    let fleet = fleet().unseen(AWAY);
    assert_snapshot!(fleet.says(&policy(&[]), NOW, plan), @"refused partial-observation: us-east-1 could not be listed: not allowed; nothing is decided there");
}

#[test]
fn nothing_goes_when_clocks_differ_by_more_than_five_minutes() {
    assert_eq!(plainly(&fleet().skewed(300)), THREE);
    assert_eq!(plainly(&fleet().skewed(-300)), THREE);
    assert_eq!(plainly(&fleet().skewed(301)), [""; 0]);
    assert_snapshot!(fleet().skewed(-301).says(&policy(&[]), NOW, plan), @"refused clock-doubt: AWS's clock is -301 s off ours: set the clock right first");
}

#[test]
fn a_hold_keeps_its_recovery_point_and_no_other() {
    let mut fleet = fleet();
    let held = &mut fleet.region_mut(HOME).snapshots[1];
    *held = held.clone().held();
    assert_eq!(plainly(&fleet), ["01 us-west-2", "03 us-west-2"]);
    let released = &mut fleet.region_mut(HOME).snapshots[1];
    *released = released.clone().tag(tags::HOLD, tags::HOLD_RELEASED);
    assert_eq!(plainly(&fleet), THREE);
}

#[test]
fn a_hold_follows_its_copies_wherever_and_whenever_it_was_put() {
    let (shepherd, points) = six_days();
    let copies: Vec<Snapshot> = points.iter().map(|it| it.copy("2026-03-06T02:30:00Z")).collect();
    let of = |held_in: Option<&str>| {
        let all = points.iter().chain(&copies).cloned().map(|it| {
            let is_it = &it.tags[tags::SLOT] == "2026-03-02T02:00:00Z"
                && Some(it.arn.region.as_str()) == held_in;
            if is_it { it.held() } else { it }
        });
        let fleet = Fleet::of([shepherd.clone()]).snapshots(all);
        going(&fleet, &policy(&[copied()]), &Request::default())
    };
    let kept = ["01 us-east-1", "01 us-west-2", "03 us-east-1", "03 us-west-2"];
    assert_eq!(of(None).len(), 6);
    assert_eq!(of(Some(HOME)), kept);
    assert_eq!(of(Some(AWAY)), kept);
}

#[test]
fn what_is_being_restored_or_copied_by_anybody_stays() {
    let (_, points) = six_days();
    let restoring = scratch(&points[0], "2026-03-06T11:00:00Z").status("creating");
    let theirs = |status: &str| {
        let copy = points[1].copy("2026-03-06T11:00:00Z").status(status).untagged(tags::OWNER);
        copy.said(|it| it.arn.id = "theirs".to_owned())
    };
    let busy = fleet().database(restoring).snapshot(theirs("copying"));
    assert_eq!(plainly(&busy), ["03 us-west-2"]);
    assert_eq!(plainly(&fleet().snapshot(theirs("available"))), THREE);
    let unsaid = points[1].copy("2026-03-06T11:00:00Z").status("copying");
    let unsaid = unsaid.said(|it| it.source_arn = None);
    assert!(!plainly(&fleet().snapshot(unsaid)).contains(&"02 us-west-2".to_owned()));
}

#[test]
fn an_original_stays_until_its_copy_is_available() {
    let (shepherd, points) = six_days();
    let rule = json!([{ "region": AWAY, "kms_key": KEY, "retention": { "daily": 30 } }]);
    let policy = policy(&[("/copies", rule)]);
    let copy = |n: usize, status: &str| points[n].copy("2026-03-06T02:30:00Z").status(status);
    let fleet = Fleet::of([shepherd]).snapshots(points.clone());
    let all_awaited = fleet.says(&policy, NOW, plan);
    assert_eq!(all_awaited.matches("stays until its copy is available").count(), 3);
    let some = fleet.snapshots([copy(0, "available"), copy(1, "failed"), copy(2, "deleting")]);
    assert_eq!(going(&some, &policy, &Request::default()), ["01 us-west-2"]);
}

#[test]
fn a_copy_that_is_there_counts_whatever_becomes_of_another_attempt_at_it() {
    let (shepherd, points) = six_days();
    let rule = json!([{ "region": AWAY, "kms_key": KEY, "retention": { "daily": 30 } }]);
    let policy = policy(&[("/copies", rule)]);
    for statuses in [["available", "deleting"], ["deleting", "available"]] {
        let attempt = |n: u32| points[0].copy("2026-03-06T02:30:00Z").attempt(n);
        let copies = [0, 1].map(|n| attempt(n).status(statuses[n as usize]));
        let fleet = Fleet::of([shepherd.clone()]).snapshots(points.clone()).snapshots(copies);
        assert_eq!(going(&fleet, &policy, &Request::default()), ["01 us-west-2"], "{statuses:?}");
    }
}

#[test]
fn each_destination_has_its_own_retention() {
    let (shepherd, points) = six_days();
    let keep = |region: &str, count: u32| json!({ "region": region, "kms_key": KEY.replace(AWAY, region), "retention": { "keep_last": count } });
    let policy = policy(&[("/copies", json!([keep("eu-west-1", 6), keep(AWAY, 4)]))]);
    let away = points.iter().map(|it| it.copy("2026-03-06T02:30:00Z"));
    let mut fleet = Fleet::of([shepherd]).snapshots(points.clone());
    fleet.0.regions.insert(region("eu-west-1"), fleet.0.regions[&region(AWAY)].clone());
    let elsewhere = away.clone().map(|it| it.said(|it| it.arn.region = region("eu-west-1")));
    let fleet = fleet.snapshots(away).snapshots(elsewhere);
    assert_eq!(
        going(&fleet, &policy, &Request::default()),
        ["01 us-east-1", "01 us-west-2", "02 us-east-1", "02 us-west-2", "03 us-west-2"]
    );
}

/// Else both could go in one run, and there would be nothing to make it anew from.
#[test]
fn an_original_whose_copy_failed_its_verification_stays_for_the_next_copy() {
    let (shepherd, points) = six_days();
    let rule = json!([{ "region": AWAY, "kms_key": KEY, "retention": { "daily": 30 } }]);
    let policy = policy(&[("/copies", rule)]);
    let copy = |n: usize| points[n].copy("2026-03-06T02:30:00Z");
    let failed = copy(0).judged("fail", "2026-03-05T06:00:00Z");
    let fleet = Fleet::of([shepherd]).snapshots(points.clone()).snapshots([failed, copy(1)]);
    assert_eq!(going(&fleet, &policy, &Request::default()), ["02 us-west-2"]);
}

#[test]
fn a_database_that_is_gone_keeps_its_policy() {
    let (_, points) = six_days();
    let gone = Fleet::empty().snapshots(points.clone());
    assert_eq!(plainly(&gone), THREE);
    let again = gone.clone().database(cluster("shepherd").created_again());
    assert_eq!(plainly(&again), THREE, "its namesake is another database");
    let going = gone.database(cluster("shepherd").status("deleting"));
    assert_eq!(plainly(&going), THREE);
}

#[test]
fn where_no_policy_can_be_named_all_is_kept() {
    let (shepherd, points) = six_days();
    let unselected = Fleet::of([shepherd.clone().tagged("tier", "none")]);
    let renamed = Fleet::empty();
    let mut by_another_name = policy(&[]);
    by_another_name["policies"] = json!({ "gold": by_another_name["policies"]["critical"] });
    let mut two = policy(&[]);
    two["policies"]["second"] = two["policies"]["critical"].clone();
    two["policies"]["second"]["select"] = json!({ "databases": ["shepherd"] });
    let contested = Fleet::of([shepherd.clone()]);
    let locked = Fleet::of([shepherd.status("inaccessible-encryption-credentials")]);
    let said: Vec<String> = [
        (unselected, policy(&[])),
        (renamed, by_another_name),
        (contested, two),
        (locked, policy(&[])),
    ]
    .into_iter()
    .map(|(fleet, policy)| fleet.snapshots(points.clone()).says(&policy, NOW, plan))
    .collect();
    assert_snapshot!(said.join("\n"), @"
    note shepherd: keeps all its recovery points: no policy selects its database any more
    note shepherd: keeps all its recovery points: its database is gone and its policy isn't in the document
    note shepherd: keeps all its recovery points: two policies claim its database
    note shepherd: keeps all its recovery points: its database's key can't be used
    ");
}

#[test]
fn a_policy_that_was_renamed_goes_on_for_databases_that_are_there() {
    let mut renamed = policy(&[]);
    renamed["policies"] = json!({ "gold": renamed["policies"]["critical"] });
    assert_eq!(going(&fleet(), &renamed, &Request::default()), THREE);
}

#[test]
fn too_many_at_once_need_the_plans_hash() {
    let shepherd = cluster("shepherd");
    let points = daily(&shepherd, "2026-02-25", 10);
    let fleet = Fleet::of([shepherd]).snapshots(points);
    let document = document(&policy(&[]));
    let blocked = plan(&fleet.view(&document, NOW), &Request::default());
    assert!(blocked.steps.is_empty());
    let [refusal] = &blocked.refusals[..] else { panic!("one refusal") };
    assert_eq!(refusal.code, RefusalCode::GuardBlocked);
    let hash = refusal.message.rsplit(' ').next().unwrap().to_owned();
    let approving = |hash: &str| Request { approve: Some(hash.to_owned()), ..Request::default() };
    let approved = plan(&fleet.view(&document, NOW), &approving(&hash));
    assert_eq!((approved.steps.len(), approved.refusals.len()), (7, 0));
    let wrong = plan(&fleet.view(&document, NOW), &approving("0123456789abcdef"));
    assert_eq!((wrong.steps.len(), wrong.refusals.len()), (0, 1));
    assert_snapshot!(refusal.message, @"shepherd in us-west-2: 7 of 10 recovery points would go at once, and 3 may: look at the plan, then approve its hash 74b1e394f9e6fbaf");
}

#[test]
fn a_floor_of_verified_ones_holds_everything_until_one_is() {
    let policy = policy(&[("/retention", json!({ "keep_last": 3, "verified_floor": 1 }))]);
    let unproven = fleet();
    assert_eq!(going(&unproven, &policy, &Request::default()), [""; 0]);
    let said = unproven.says(&policy, NOW, plan);
    assert!(said.starts_with("refused no-verified: shepherd in us-west-2: "), "{said}");
    let mut proven = unproven;
    let oldest = &mut proven.region_mut(HOME).snapshots[0];
    *oldest = oldest.clone().judged("pass", "2026-03-01T07:00:00Z");
    assert_eq!(going(&proven, &policy, &Request::default()), THREE[1..]);
}

#[test]
fn groups_have_a_guard_and_a_retention_each() {
    let (shepherd, points) = six_days();
    let rule = json!([{ "region": AWAY, "kms_key": KEY, "retention": { "keep_last": 5 } }]);
    let copies: Vec<Snapshot> = points.iter().map(|it| it.copy("2026-03-06T02:30:00Z")).collect();
    let fleet = Fleet::of([shepherd]).snapshots(points).snapshots(copies);
    let gone = going(&fleet, &policy(&[("/copies", rule)]), &Request::default());
    assert_eq!(gone, ["01 us-east-1", "01 us-west-2", "02 us-west-2", "03 us-west-2"]);
}

#[test]
fn copies_that_no_rule_makes_any_more_stay() {
    let (shepherd, points) = six_days();
    let copies: Vec<Snapshot> = points.iter().map(|it| it.copy("2026-03-06T02:30:00Z")).collect();
    let broken = copies[5].clone().attempt(1).status("failed");
    let fleet = Fleet::of([shepherd]).snapshots(points).snapshots(copies).snapshot(broken);
    let gone = plainly(&fleet);
    assert_eq!(gone, [THREE.as_slice(), &["06 us-east-1"]].concat(), "what failed is no copy");
    let said = fleet.says(&policy(&[]), NOW, plan);
    assert!(said.contains("note shepherd: keeps its copies in us-east-1"), "{said}");
}

#[test]
fn a_failed_snapshot_leaves_when_a_good_one_stands_in_its_place() {
    let shepherd = cluster("shepherd");
    let attempt =
        |n, status: &str| point(&shepherd, "2026-03-06T02:00:00Z").attempt(n).status(status);
    let of = |attempts: Vec<Snapshot>| plainly(&Fleet::of([shepherd.clone()]).snapshots(attempts));
    assert_eq!(of(vec![attempt(0, "failed")]), [""; 0]);
    assert_eq!(of(vec![attempt(0, "failed"), attempt(1, "creating")]), [""; 0]);
    assert_eq!(of(vec![attempt(0, "failed"), attempt(1, "available")]), ["06 us-west-2"]);
    let held = attempt(0, "failed").held();
    assert_eq!(of(vec![held, attempt(1, "available")]), [""; 0]);
    let other = point(&shepherd, "2026-03-05T02:00:00Z");
    assert_eq!(of(vec![attempt(0, "failed"), other]), [""; 0]);
}

#[test]
fn a_copy_that_was_given_up_is_cancelled_when_its_successor_is_there() {
    let shepherd = cluster("shepherd");
    let original = point(&shepherd, "2026-03-04T02:00:00Z");
    let stuck = original.copy("2026-03-04T02:30:00Z").status("copying");
    let next = original.copy("2026-03-06T02:30:00Z").attempt(1);
    let of = |copies: Vec<Snapshot>| {
        let fleet = Fleet::of([shepherd.clone()]).snapshot(original.clone()).snapshots(copies);
        going(&fleet, &policy(&[copied()]), &Request::default())
    };
    assert_eq!(of(vec![stuck.clone()]), [""; 0]);
    assert_eq!(of(vec![stuck.clone(), next.clone().status("copying")]), [""; 0]);
    assert_eq!(of(vec![stuck.clone(), next.clone()]), ["04 us-east-1"]);
    assert_eq!(of(vec![stuck.status("creating"), next]), [""; 0], "AWS would refuse");
}

#[test]
fn copies_that_were_given_up_are_cancelled_when_they_fill_the_queue() {
    let shepherd = cluster("shepherd");
    let points = daily(&shepherd, "2026-03-01", 5);
    let stuck = points.iter().map(|it| it.copy("2026-03-05T02:30:00Z").status("copying"));
    let stuck: Vec<Snapshot> = stuck.collect();
    let policy = policy(&[copied(), ("/retention", json!({ "daily": 30 }))]);
    let of = |copies: &[Snapshot], originals: &[Snapshot]| {
        let fleet = Fleet::of([shepherd.clone()]);
        let fleet = fleet.snapshots(originals.to_vec()).snapshots(copies.to_vec());
        going(&fleet, &policy, &Request::default()).len()
    };
    assert_eq!(of(&stuck, &points), 5);
    assert_eq!(of(&stuck[1..], &points), 0, "there is room for another attempt");
    assert_eq!(of(&stuck, &points[..2]), 2, "without its original it is all there is");
}

#[test]
fn a_request_for_one_database_prunes_that_one() {
    let orders = cluster("orders");
    let fleet = fleet().database(orders.clone()).snapshots(daily(&orders, "2026-03-01", 6));
    let said = fleet.says_of(&policy(&[]), NOW, &only("orders"), plan);
    assert_eq!(said.matches("delete snapkeep-orders-").count(), 3);
    assert!(!said.contains("shepherd"), "{said}");
}

#[test]
fn a_renamed_database_is_pruned_by_its_new_name() {
    let (shepherd, points) = six_days();
    let fleet = Fleet::of([shepherd.renamed("sheepdog")]).snapshots(points);
    let said = fleet.says_of(&policy(&[]), NOW, &only("sheepdog"), plan);
    assert_eq!(said.matches("delete snapkeep-shepherd-").count(), 3, "{said}");
}
