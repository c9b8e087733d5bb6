//! copy: what is wanted where, and how many at a time.

use insta::assert_snapshot;
use serde_json::{Value, json};
use snapkeep_policy::copy::{Action, plan};
use snapkeep_policy::inventory::{Database, Snapshot};
use snapkeep_policy::plan::{RefusalCode, Refused};
use snapkeep_policy::request::Request;
use snapkeep_policy::tags;

use crate::fixtures::*;

const NOW: &str = "2026-03-06T03:00:00Z";

fn actions(fleet: &Fleet, policy: &Value, now: &str) -> Vec<Action> {
    let document = document(policy);
    let steps = plan(&fleet.view(&document, now), &Request::default()).steps;
    steps.into_iter().map(|step| step.action).collect()
}

/// Identifiers of the copies that begin now, by the plain policy with one rule.
fn begun(fleet: &Fleet) -> Vec<String> {
    let ids = actions(fleet, &policy(&[copied()]), NOW).into_iter().map(|action| {
        let Action::CopySnapshot { snapshot_id, .. } = action;
        snapshot_id
    });
    ids.collect()
}

fn ids(points: &[Snapshot]) -> Vec<String> {
    points.iter().map(|point| point.arn.id.clone()).collect()
}

/// A database and its recovery points of three days.
fn three_days() -> (Database, Vec<Snapshot>) {
    let shepherd = cluster("shepherd");
    let points = daily(&shepherd, "2026-03-04", 3);
    (shepherd, points)
}

#[test]
fn each_recovery_point_is_copied_to_each_destination_oldest_first() {
    let (shepherd, points) = three_days();
    let rules = json!([
        { "region": AWAY, "kms_key": KEY },
        { "region": "eu-west-1", "kms_key": KEY.replace(AWAY, "eu-west-1") },
    ]);
    let mut fleet = Fleet::of([shepherd]).snapshots(points[..2].to_vec());
    fleet.0.regions.insert(region("eu-west-1"), fleet.0.regions[&region(AWAY)].clone());
    assert_snapshot!(fleet.says(&policy(&[("/copies", rules)]), NOW, plan), @"
    copy snapkeep-shepherd-20260304t0200z-cb81880812 in eu-west-1: slot 2026-03-04T02:00Z has no copy in eu-west-1
    copy snapkeep-shepherd-20260304t0200z-cb81880812 in us-east-1: slot 2026-03-04T02:00Z has no copy in us-east-1
    copy snapkeep-shepherd-20260305t0200z-736891fbbd in eu-west-1: slot 2026-03-05T02:00Z has no copy in eu-west-1
    copy snapkeep-shepherd-20260305t0200z-736891fbbd in us-east-1: slot 2026-03-05T02:00Z has no copy in us-east-1
    ");
}

#[test]
fn a_recovery_point_is_not_copied_into_its_own_region() {
    let (shepherd, points) = three_days();
    let home = json!([{ "region": AWAY, "kms_key": KEY }]);
    let mut there = shepherd;
    there.arn.region = region(AWAY);
    let points = points.iter().map(|p| point(&there, &p.tags[tags::SLOT]));
    let fleet = Fleet::of([there.clone()]).snapshots(points);
    assert_eq!(fleet.says(&policy(&[("/copies", home)]), NOW, plan), "");
}

#[test]
fn a_copy_takes_all_tags_along_but_the_verdict_on_the_original() {
    let shepherd = cluster("shepherd");
    let original = point(&shepherd, "2026-03-06T02:00:00Z")
        .judged("pass", "2026-03-06T02:30:00Z")
        .tag(tags::VERDICT_CAUSE, "none")
        .tag("aws:cloudformation:stack-name", "data")
        .tag("team", "payments")
        .held();
    let fleet = Fleet::of([shepherd]).snapshot(original.clone());
    let [Action::CopySnapshot { tags, source, kms_key, .. }] =
        &actions(&fleet, &policy(&[copied()]), NOW)[..]
    else {
        panic!("one copy")
    };
    assert_eq!((source, kms_key.as_deref()), (&original.arn, Some(KEY)));
    let lines: Vec<String> = tags.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    assert_snapshot!(lines.join("\n"), @"
    snapkeep:copy-of = arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-shepherd-20260306t0200z-80b8d47d48
    snapkeep:database = arn:aws:rds:us-west-2:123456789012:cluster:shepherd
    snapkeep:hold = case 7
    snapkeep:owner = prod
    snapkeep:policy = critical
    snapkeep:slot = 2026-03-06T02:00:00Z
    snapkeep:source = cluster-SHEPHERD
    snapkeep:started = 2026-03-06T03:00:00Z
    team = payments
    ");
}

#[test]
fn keys_are_named_where_aws_takes_them_and_refused_where_they_are_missing() {
    let keyless = json!([{ "region": AWAY }]);
    let of = |database: &Database, encrypted: bool, rules: &Value| {
        let original = point(database, "2026-03-06T02:00:00Z").said(|it| it.encrypted = encrypted);
        let fleet = Fleet::of([database.clone()]).snapshot(original);
        let policy = policy(&[("/copies", rules.clone())]);
        let keys = actions(&fleet, &policy, NOW).into_iter().map(|action| {
            let Action::CopySnapshot { kms_key, .. } = action;
            kms_key
        });
        (keys.collect::<Vec<_>>(), fleet.says(&policy, NOW, plan))
    };
    let keyed = copied().1;
    let key = Some(KEY.to_owned());
    let (a_cluster, an_instance) = (cluster("shepherd"), instance("orders"));
    assert_eq!(of(&a_cluster, true, &keyed).0, vec![key.clone()]);
    assert_eq!(of(&a_cluster, false, &keyed).0, [None], "an error in AWS");
    assert_eq!(of(&an_instance, false, &keyed).0, [key], "it encrypts");
    assert_eq!(of(&a_cluster, false, &keyless).0, [None]);
    let (none, said) = of(&an_instance, true, &keyless);
    assert_eq!(none, []);
    assert_snapshot!(said, @"refused key-unusable: snapkeep-orders-20260306t0200z-385df2a7f8 is encrypted: name a kms_key of us-east-1 in the policy");
}

#[test]
fn no_more_copies_are_in_flight_than_aws_takes_for_the_shape() {
    for (database, max) in [(cluster("shepherd"), 5), (instance("orders"), 20)] {
        let points = daily(&database, "2026-02-05", 30);
        let policy = policy(&[copied(), ("/retention", json!({ "daily": 30 }))]);
        let fleet = Fleet::of([database.clone()]).snapshots(points.clone());
        let begun: Vec<String> = actions(&fleet, &policy, NOW)
            .into_iter()
            .map(|Action::CopySnapshot { snapshot_id, .. }| snapshot_id)
            .collect();
        assert_eq!(begun, ids(&points[..max]), "the oldest first");
        let said = fleet.says(&policy, NOW, plan);
        let waits = format!("waits its turn: {max} copies into us-east-1 are in flight");
        assert_eq!(said.matches(&waits).count(), 30 - max);
    }
}

#[test]
fn copies_of_strangers_are_in_flight_too_and_shapes_do_not_share_a_queue() {
    let (shepherd, points) = three_days();
    let foreign = |n: u32, database: &Database| {
        let copy = point(database, "2026-03-01T02:00:00Z").copy("2026-03-06T02:30:00Z");
        copy.status("copying").untagged(tags::OWNER).said(|it| it.arn.id = format!("theirs-{n}"))
    };
    let fleet = Fleet::of([shepherd.clone()]).snapshots(points.clone());
    let clusters = fleet.clone().snapshots((0..4).map(|n| foreign(n, &shepherd)));
    assert_eq!(begun(&clusters), ids(&points[..1]));
    let instances = fleet.snapshots((0..20).map(|n| foreign(n, &instance("orders"))));
    assert_eq!(begun(&instances), ids(&points));
}

#[test]
fn what_is_there_or_under_way_is_not_copied_again() {
    let (shepherd, points) = three_days();
    for status in ["available", "copying", "creating", "deleting", "something-new"] {
        let copy = points[1].copy("2026-03-06T02:30:00Z").status(status);
        let fleet = Fleet::of([shepherd.clone()]).snapshots(points.clone()).snapshot(copy);
        assert_eq!(begun(&fleet), ids(&[points[0].clone(), points[2].clone()]), "{status}");
    }
}

#[test]
fn only_what_could_be_restored_is_copied() {
    let (shepherd, points) = three_days();
    let of = |change: fn(Snapshot) -> Snapshot| {
        let fleet = Fleet::of([shepherd.clone()]).snapshot(change(points[0].clone()));
        begun(&fleet).len()
    };
    assert_eq!(of(|it| it), 1);
    assert_eq!(of(|it| it.status("creating")), 0);
    assert_eq!(of(|it| it.status("failed")), 0);
    assert_eq!(of(|it| it.judged("fail", "2026-03-06T02:10:00Z")), 0);
    assert_eq!(of(|it| it.judged("fail", "2026-03-06T02:10:00Z").held()), 1, "evidence");
    assert_eq!(of(|it| it.judged("inconclusive", "2026-03-06T02:10:00Z")), 1);
    assert_eq!(of(|it| it.untagged(tags::OWNER)), 0);
}

#[test]
fn a_copy_in_one_destination_is_none_in_another() {
    let (shepherd, points) = three_days();
    let rules = json!([
        { "region": AWAY, "kms_key": KEY },
        { "region": "eu-west-1", "kms_key": KEY.replace(AWAY, "eu-west-1") },
    ]);
    let mut fleet = Fleet::of([shepherd]).snapshot(points[0].clone());
    fleet.0.regions.insert(region("eu-west-1"), fleet.0.regions[&region(AWAY)].clone());
    let fleet = fleet.snapshot(points[0].copy("2026-03-06T02:30:00Z"));
    assert_snapshot!(fleet.says(&policy(&[("/copies", rules)]), NOW, plan), @"copy snapkeep-shepherd-20260304t0200z-cb81880812 in eu-west-1: slot 2026-03-04T02:00Z has no copy in eu-west-1");
}

#[test]
fn a_snapshot_that_is_being_made_of_another_is_known_by_either_mark() {
    let copy = three_days().1[0].copy("2026-03-06T02:30:00Z").status("creating");
    let without_source = copy.clone().said(|it| it.source_arn = None);
    for (what, snapshot, is_copied) in [
        ("AWS and our tag say so", copy.clone(), true),
        ("AWS says so", copy.clone().untagged(tags::COPY_OF), true),
        ("our tag says so", without_source.clone(), true),
        ("nobody says so", without_source.untagged(tags::COPY_OF), false),
        ("it is finished", copy.status("available"), false),
    ] {
        assert_eq!(snapshot.is_being_copied(), is_copied, "{what}");
    }
}

#[test]
fn a_copy_that_came_to_nothing_is_made_anew_under_another_identifier_three_times() {
    let shepherd = cluster("shepherd");
    let original = point(&shepherd, "2026-03-04T02:00:00Z");
    let failed = |n| original.copy("2026-03-04T02:30:00Z").attempt(n).status("failed");
    let stuck = |n| original.copy("2026-03-04T02:30:00Z").attempt(n).status("copying");
    let fleet = |lost: Vec<Snapshot>| {
        Fleet::of([shepherd.clone()]).snapshot(original.clone()).snapshots(lost)
    };
    assert_eq!(begun(&fleet(vec![failed(0)])), [failed(1).arn.id]);
    assert_eq!(begun(&fleet(vec![stuck(0), failed(1)])), [failed(2).arn.id]);
    assert_eq!(begun(&fleet(vec![failed(1)])), [failed(0).arn.id], "the first was deleted");
    let exhausted = fleet(vec![failed(0), stuck(1), failed(2)]);
    assert_snapshot!(exhausted.says(&policy(&[copied()]), NOW, plan), @"refused attempts-exhausted: snapkeep-shepherd-20260304t0200z-cb81880812: 3 copies into us-east-1 came to nothing: look at its events in RDS, then delete the failed ones by hand");
}

#[test]
fn a_copy_is_given_up_after_its_time_and_not_before() {
    let shepherd = cluster("shepherd");
    let original = point(&shepherd, "2026-03-05T02:00:00Z");
    let copying = |started: &str| original.copy(started).status("copying");
    let begun = |started: &str| {
        begun(&Fleet::of([shepherd.clone()]).snapshots([original.clone(), copying(started)]))
    };
    assert_eq!(begun("2026-03-05T03:00:01Z"), [""; 0]);
    assert_eq!(begun("2026-03-05T03:00:00Z"), [original.clone().attempt(1).arn.id]);
}

#[test]
fn the_destinations_retention_decides_what_a_new_rule_brings_over() {
    let shepherd = cluster("shepherd");
    let points = daily(&shepherd, "2026-02-25", 10);
    let rule = json!([{ "region": AWAY, "kms_key": KEY, "retention": { "keep_last": 2 } }]);
    let policy = policy(&[("/retention", json!({ "daily": 30 })), ("/copies", rule)]);
    let fleet = Fleet::of([shepherd]).snapshots(points.clone());
    let begun: Vec<String> = actions(&fleet, &policy, NOW)
        .into_iter()
        .map(|Action::CopySnapshot { snapshot_id, .. }| snapshot_id)
        .collect();
    assert_eq!(begun, ids(&points[8..]));
}

#[test]
fn a_copy_that_is_being_deleted_takes_no_place_in_the_destinations_retention() {
    let (shepherd, points) = three_days();
    let rule = json!([{ "region": AWAY, "kms_key": KEY, "retention": { "keep_last": 2 } }]);
    let policy = policy(&[("/copies", rule)]);
    for (status, count) in [("available", 0), ("copying", 0), ("deleting", 1)] {
        let copies = [
            points[1].copy("2026-03-06T02:30:00Z").status(status),
            points[2].copy("2026-03-06T02:30:00Z"),
        ];
        let fleet = Fleet::of([shepherd.clone()]).snapshots(points.clone()).snapshots(copies);
        let begun = actions(&fleet, &policy, NOW).into_iter();
        let begun: Vec<String> =
            begun.map(|Action::CopySnapshot { snapshot_id, .. }| snapshot_id).collect();
        assert_eq!(begun, ids(&points[..count]), "{status}");
    }
}

#[test]
fn a_refusal_is_recorded_with_what_it_is_about() {
    let (shepherd, points) = three_days();
    let fleet = Fleet::of([shepherd]).snapshot(points[0].clone());
    let document = document(&policy(&[("/copies", json!([{ "region": AWAY }]))]));
    let refused = plan(&fleet.view(&document, NOW), &Request::default()).refused();
    let [Refused { code, subject, region, message }] = &refused[..] else { panic!("one refusal") };
    assert_eq!((*code, &**subject), (RefusalCode::KeyUnusable, "shepherd"));
    assert_eq!(*region, Some(crate::fixtures::region(AWAY)));
    assert!(message.starts_with(points[0].id()), "{message}");
}

#[test]
fn a_destination_that_is_full_is_refused() {
    let (shepherd, points) = three_days();
    let fleet = Fleet::of([shepherd]).snapshots(points).quota(AWAY, 1);
    assert_snapshot!(fleet.says(&policy(&[copied()]), NOW, plan), @"
    copy snapkeep-shepherd-20260304t0200z-cb81880812 in us-east-1: slot 2026-03-04T02:00Z has no copy in us-east-1
    refused quota-exhausted: snapkeep-shepherd-20260305t0200z-736891fbbd: 1 of 1 manual snapshots in us-east-1 are used: ask AWS for more, nothing is deleted early to make room
    refused quota-exhausted: snapkeep-shepherd-20260306t0200z-80b8d47d48: 1 of 1 manual snapshots in us-east-1 are used: ask AWS for more, nothing is deleted early to make room
    ");
}

#[test]
fn a_destination_that_is_not_seen_gets_nothing() {
    let (shepherd, points) = three_days();
    let fleet = Fleet::of([shepherd]).snapshots(points).unseen(AWAY);
    assert_snapshot!(fleet.says(&policy(&[copied()]), NOW, plan), @"refused partial-observation: us-east-1 could not be listed: not allowed; nothing is decided there");
}

#[test]
fn an_identifier_that_is_taken_by_a_stranger_is_refused() {
    let (shepherd, points) = three_days();
    let stranger = points[0].copy("2026-03-04T02:30:00Z").untagged(tags::POLICY);
    let fleet = Fleet::of([shepherd]).snapshots(points.clone()).snapshot(stranger);
    assert_eq!(begun(&fleet), ids(&points[1..]));
    let said = fleet.says(&policy(&[copied()]), NOW, plan);
    assert!(said.contains("refused id-taken: snapkeep-shepherd-20260304t0200z-"), "{said}");
}

#[test]
fn copies_go_on_for_databases_that_are_gone_or_contested_and_stop_in_doubt() {
    let (shepherd, points) = three_days();
    let of =
        |fleet: Fleet, policy: &Value| actions(&fleet.snapshots(points.clone()), policy, NOW).len();
    let plain = policy(&[copied()]);
    assert_eq!(of(Fleet::empty(), &plain), 3, "gone");
    let mut two = plain.clone();
    two["policies"]["second"] = two["policies"]["critical"].clone();
    two["policies"]["second"]["select"] = json!({ "databases": ["shepherd"] });
    assert_eq!(of(Fleet::of([shepherd.clone()]), &two), 3, "contested");
    let unselected = shepherd.clone().tagged("tier", "none");
    assert_eq!(of(Fleet::of([unselected]), &plain), 0);
    let locked = shepherd.status("inaccessible-encryption-credentials");
    assert_eq!(of(Fleet::of([locked]), &plain), 0);
}

#[test]
fn a_request_for_one_database_copies_its_recovery_points_alone() {
    let (shepherd, points) = three_days();
    let orders = cluster("orders");
    let fleet = Fleet::of([shepherd, orders.clone()]).snapshots(points).snapshots(daily(
        &orders,
        "2026-03-06",
        1,
    ));
    let said = fleet.says_of(&policy(&[copied()]), NOW, &only("orders"), plan);
    assert_eq!(said.lines().count(), 1);
    assert!(said.starts_with("copy snapkeep-orders-"), "{said}");
}
