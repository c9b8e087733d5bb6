//! Which verifications begin, and with which recovery point.

use insta::assert_snapshot;
use serde_json::{Value, json};
use snapkeep_policy::inventory::{Database, Shape, Snapshot};
use snapkeep_policy::recovery_point::{Cause, Outcome};
use snapkeep_policy::request::Request;
use snapkeep_policy::tags;
use snapkeep_policy::verify::{Action, Refused, Subject, plan, refused};

use super::{SOON, STARTED, policy, subject};
use crate::fixtures::*;

/// Which recovery point is restored next, by its slot, and the tags of its scratch database.
fn restored(fleet: &Fleet, policy: &Value, now: &str) -> Vec<(String, tags::Tags)> {
    let document = document(policy);
    let steps = plan(&fleet.view(&document, now), &Request::default()).steps;
    let restores = steps.into_iter().filter_map(|step| match step.action {
        Action::Restore(restore) => Some((restore.begun.subject.arn().clone(), restore.tags)),
        Action::AddInstance { .. }
        | Action::SetPassword { .. }
        | Action::Question(_)
        | Action::Conclude { .. }
        | Action::DeleteInstance { .. }
        | Action::DeleteCluster { .. }
        | Action::Adopt { .. }
        | Action::Validate { .. } => None,
    });
    let slot = |arn| {
        let all = fleet.all_snapshots();
        let point = all.into_iter().find(|snapshot| snapshot.arn == arn).unwrap();
        point.tags[tags::SLOT].to_owned()
    };
    restores.map(|(source, tags)| (slot(source), tags)).collect()
}

#[test]
fn a_verification_that_is_due_restores_into_a_sealed_scratch_database() {
    let fleet = Fleet::of([cluster("shepherd")]).snapshot(subject());
    let document = document(&policy());
    let [step] = &plan(&fleet.view(&document, STARTED), &Request::default()).steps[..] else {
        panic!("one step")
    };
    assert_eq!(step.reason, "verification was due at 2026-03-06T06:00Z: the latest");
    let Action::Restore(restore) = &step.action else { panic!("a restore") };
    assert_eq!(restore.begun.subject, Subject::RecoveryPoint(subject().arn));
    assert_eq!(restore.begun.scratch_id, "snapkeep-scratch-shepherd-c85f33f614");
    assert_eq!((&*restore.engine_version, restore.shape), ("5.0.0", Shape::Cluster));
    assert_eq!((&*restore.instance_class, &*restore.subnet_group), ("db.t4g.medium", "scratch"));
    assert_eq!(restore.security_groups, ["sg-1"]);
    let tags = restore.tags.iter().map(|(key, value)| format!("{key} = {value}"));
    assert_snapshot!(tags.collect::<Vec<_>>().join("\n"), @"
    snapkeep:database = arn:aws:rds:us-west-2:123456789012:cluster:shepherd
    snapkeep:deadline = 2026-03-06T10:00:00Z
    snapkeep:policy = critical
    snapkeep:scratch = prod
    snapkeep:scratch-of = arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-shepherd-20260306t0200z-80b8d47d48
    snapkeep:source = cluster-SHEPHERD
    snapkeep:started = 2026-03-06T06:00:00Z
    ");
    let before = "2026-03-06T05:59:59Z";
    let said = fleet.says(&policy(), before, plan);
    assert!(said.contains("restore"), "yesterday's is due until there is a verdict: {said}");
}

#[test]
fn picks_choose_among_what_could_be_restored() {
    let shepherd = cluster("shepherd");
    let fleet = |points: Vec<Snapshot>| Fleet::of([shepherd.clone()]).snapshots(points);
    let by = |pick: Value| {
        let mut rule = verified().1;
        rule["pick"] = pick;
        crate::fixtures::policy(&[("/verify", rule)])
    };
    let slots = |fleet: &Fleet, policy: &Value, now: &str| -> Vec<String> {
        restored(fleet, policy, now).into_iter().map(|(slot, _)| slot[..10].to_owned()).collect()
    };
    let points = daily(&shepherd, "2026-03-01", 6);
    let latest = by(json!("latest"));
    assert_eq!(slots(&fleet(points.clone()), &latest, STARTED), ["2026-03-06"]);
    let mut worse = points.clone();
    worse[5] = worse[5].clone().status("creating");
    worse[4] = worse[4].clone().judged("fail", "2026-03-05T07:00:00Z");
    assert_eq!(slots(&fleet(worse), &latest, STARTED), ["2026-03-04"]);
    let none = points.iter().map(|it| it.clone().status("creating")).collect();
    let said = fleet(none).says(&latest, STARTED, plan);
    assert_eq!(said, "note shepherd: has no recovery point in us-west-2 to verify");

    let least = by(json!("least-recently-verified"));
    let mut some = points.clone();
    for (index, day) in [(5, 6), (4, 5), (3, 4), (1, 2), (0, 3)] {
        some[index] = some[index].clone().judged("pass", &format!("2026-03-0{day}T05:00:00Z"));
    }
    assert_eq!(slots(&fleet(some.clone()), &least, STARTED), ["2026-03-03"], "never verified");
    some[2] = some[2].clone().judged("inconclusive", "2026-03-05T08:00:00Z");
    assert_eq!(slots(&fleet(some), &least, STARTED), ["2026-03-02"], "the longest ago");

    let points = daily(&shepherd, "2026-02-25", 10);
    let random = by(json!({ "random": { "window": "P2D" } }));
    let mut drawn = std::collections::BTreeSet::new();
    for day in 6..26 {
        let now = format!("2026-03-{day:02}T06:00:00Z");
        let first = slots(&fleet(points.clone()), &random, &now);
        assert_eq!(
            first,
            slots(&fleet(points.clone()), &random, &now),
            "the same when asked again"
        );
        drawn.extend(first);
    }
    let window = ["2026-03-04", "2026-03-05", "2026-03-06"];
    assert_eq!(drawn.iter().map(String::as_str).collect::<Vec<_>>(), window);
}

#[test]
fn in_a_region_of_copies_the_newest_finished_copy_is_verified() {
    let mut rule = verified().1;
    rule["region"] = json!(AWAY);
    let policy = crate::fixtures::policy(&[copied(), ("/verify", rule)]);
    let shepherd = cluster("shepherd");
    let points = daily(&shepherd, "2026-03-04", 3);
    let copies = [
        points[0].copy("2026-03-04T02:30:00Z"),
        points[1].copy("2026-03-05T02:30:00Z"),
        points[2].copy("2026-03-06T02:30:00Z").status("copying"),
    ];
    let fleet = Fleet::of([shepherd]).snapshots(points).snapshots(copies);
    let [(slot, tags)] = &restored(&fleet, &policy, STARTED)[..] else { panic!("one restore") };
    assert_eq!(slot, "2026-03-05T02:00:00Z");
    assert!(tags[tags::SCRATCH_OF].contains(AWAY));
    let said = fleet.unseen(AWAY).says(&policy, STARTED, plan);
    assert!(said.contains("note shepherd: us-east-1 wasn't seen: verification waits"), "{said}");
}

#[test]
fn no_more_than_the_rule_allows_are_verified_at_a_time() {
    let mut rule = verified().1;
    rule["concurrent_max"] = json!(2);
    let policy = crate::fixtures::policy(&[("/verify", rule)]);
    let databases: Vec<Database> = ["a", "b", "c", "d"].map(cluster).into();
    let points: Vec<Snapshot> =
        databases.iter().map(|it| point(it, "2026-03-06T02:00:00Z")).collect();
    let fleet = Fleet::of(databases).snapshots(points.clone());
    assert_eq!(restored(&fleet, &policy, STARTED).len(), 2);
    let fleet = fleet.database(scratch(&points[3], STARTED).status("creating"));
    assert_snapshot!(fleet.says(&policy, SOON, plan), @"
    restore snapkeep-scratch-a-2c29bc4d75 in us-west-2: verification was due at 2026-03-06T06:00Z: the latest
    note snapkeep-scratch-d: the cluster is creating
    note b: waits: 2 of critical's verifications are running
    note c: waits: 2 of critical's verifications are running
    note d: is under verification in snapkeep-scratch-d
    ");
}

#[test]
fn a_verdict_of_any_kind_ends_what_was_due() {
    for outcome in ["pass", "fail", "inconclusive"] {
        let judged = subject().judged(outcome, "2026-03-06T07:00:00Z");
        let fleet = Fleet::of([cluster("shepherd")]).snapshot(judged);
        assert_eq!(
            fleet.says(&policy(), "2026-03-06T23:00:00Z", plan),
            "note shepherd: was verified at 2026-03-06T07:00Z, due since 2026-03-06T06:00Z"
        );
        let next_day = restored(&fleet, &policy(), "2026-03-07T06:00:00Z").len();
        assert_eq!(next_day, usize::from(outcome != "fail"), "{outcome}");
    }
}

#[test]
fn where_the_key_is_lost_no_restore_is_begun() {
    let locked = cluster("shepherd").status("inaccessible-encryption-credentials");
    let fleet = Fleet::of([locked]).snapshot(subject());
    assert_snapshot!(fleet.says(&policy(), STARTED, plan), @"note shepherd: is inaccessible-encryption-credentials: there is nothing to restore with");
}

#[test]
fn a_point_in_time_is_rehearsed_from_the_databases_own_backups() {
    let mut rule = verified().1;
    rule["pick"] = json!({ "point-in-time": { "back": "PT1H" } });
    rule["region"] = json!(AWAY);
    let policy = crate::fixtures::policy(&[copied(), ("/verify", rule)]);
    let restorable = cluster("shepherd").said(|it| {
        it.earliest_restorable_at = Some(at("2026-02-27T06:00:00Z"));
        it.latest_restorable_at = Some(at("2026-03-06T05:55:00Z"));
    });
    let fleet = Fleet::of([restorable.clone()]);
    let document = document(&policy);
    let [step] = &plan(&fleet.view(&document, STARTED), &Request::default()).steps[..] else {
        panic!("one step")
    };
    let Action::Restore(restore) = &step.action else { panic!("a restore") };
    let to = at("2026-03-06T05:00:00Z");
    let expected = Subject::PointInTime { database: restorable.arn.clone(), to };
    assert_eq!(restore.begun.subject, expected);
    assert_eq!(restore.region, region(HOME), "backups restore where they are");
    assert_eq!(&restore.tags[tags::RESTORED_TO], "2026-03-06T05:00:00Z");
    assert_eq!(&restore.tags[tags::SCRATCH_OF], restorable.arn.to_string());

    let none = Fleet::of([cluster("shepherd")]).says(&policy, STARTED, plan);
    assert_eq!(none, "note shepherd: has no automated backups to restore");
    let behind =
        restorable.clone().said(|it| it.latest_restorable_at = Some(at("2026-03-06T04:00:00Z")));
    let said = Fleet::of([behind]).says(&policy, STARTED, plan);
    assert!(said.contains("end at 2026-03-06T04:00Z and don't reach 2026-03-06T05:00Z"), "{said}");
    // Both ends of what the automated backups reach can be restored to.
    let reaching = |earliest: &str, latest: &str| {
        let (earliest, latest) = (Some(at(earliest)), Some(at(latest)));
        restorable.clone().said(|it| {
            (it.earliest_restorable_at, it.latest_restorable_at) = (earliest, latest);
        })
    };
    for (earliest, latest, is_reached) in [
        ("2026-03-06T05:00:00Z", "2026-03-06T05:55:00Z", true),
        ("2026-03-06T05:00:01Z", "2026-03-06T05:55:00Z", false),
        ("2026-02-27T06:00:00Z", "2026-03-06T05:00:00Z", true),
        ("2026-02-27T06:00:00Z", "2026-03-06T04:59:59Z", false),
    ] {
        let said = Fleet::of([reaching(earliest, latest)]).says(&policy, STARTED, plan);
        assert_eq!(said.starts_with("restore "), is_reached, "{earliest} to {latest}: {said}");
    }
    let done = restorable
        .tagged(tags::REHEARSAL, "pass")
        .tagged(tags::REHEARSAL_AT, "2026-03-06T07:00:00Z");
    let said = Fleet::of([done]).says(&policy, "2026-03-06T08:00:00Z", plan);
    assert!(said.starts_with("note shepherd: was verified at 2026-03-06T07:00Z"), "{said}");
}

#[test]
fn a_restore_that_aws_refuses_for_good_ends_with_a_verdict_that_says_why() {
    let document = document(&policy());
    let next = |fleet: &Fleet| {
        plan(&fleet.view(&document, SOON), &Request::default()).steps.remove(0).action
    };
    let restore = next(&Fleet::of([cluster("shepherd")]).snapshot(subject()));
    let bare = scratch(&subject(), STARTED);
    let without_instance = Fleet::of([cluster("shepherd"), bare.clone()]).snapshot(subject());
    let add_instance = next(&without_instance);
    for (why, outcome, cause) in [
        (Refused::Capacity, Outcome::Inconclusive, Cause::Capacity),
        (Refused::Parameters, Outcome::Inconclusive, Cause::Parameters),
        (Refused::Key, Outcome::Fail, Cause::Restore),
        (Refused::Version, Outcome::Fail, Cause::Restore),
    ] {
        for action in [&restore, &add_instance] {
            let verdict = refused(action, why, "AWS said so", at(SOON)).unwrap();
            assert_eq!((verdict.outcome, verdict.cause), (outcome, Some(cause)), "{why:?}");
            assert_eq!(verdict.subject, Subject::RecoveryPoint(subject().arn));
            assert_eq!((&*verdict.reason, verdict.concluded_at), ("AWS said so", at(SOON)));
        }
    }
    let failed = without_instance.snapshot(subject().copy(STARTED)).database(member(&bare, SOON));
    let set_password = next(&failed);
    assert!(matches!(set_password, Action::SetPassword { .. }), "{set_password:?}");
    assert_eq!(refused(&set_password, Refused::Parameters, "later", at(SOON)), None);
}
