//! A scratch database on its way out, and what is never torn down.

use insta::assert_snapshot;
use serde_json::json;
use snapkeep_policy::inventory::{Database, Engine, Snapshot};
use snapkeep_policy::request::Request;
use snapkeep_policy::tags;
use snapkeep_policy::verify::plan;

use super::{OVERDUE, SOON, STARTED, Untagged, policy, says_of, subject};
use crate::fixtures::*;

#[test]
fn once_the_verdict_is_written_the_scratch_database_goes_and_there_is_no_second_one() {
    let judged = subject().judged("pass", SOON);
    let cluster = scratch(&subject(), STARTED);
    let protected = cluster.clone().said(|it| it.deletion_protection = true);
    let of = |databases: Vec<Database>| {
        let fleet = Fleet::of(databases).database(self::cluster("shepherd"));
        fleet.snapshot(judged.clone()).says(&policy(), "2026-03-06T07:00:00Z", plan)
    };
    let with_members = cluster.clone().said(|it| it.members = vec![it.arn.id.clone()]);
    let going = member(&cluster, SOON).status("deleting");
    let said = [
        of(vec![with_members.clone(), member(&cluster, SOON)]),
        of(vec![with_members, going]),
        of(vec![cluster.clone()]),
        of(vec![cluster.status("deleting")]),
        of(vec![protected]),
        of(vec![]),
    ];
    assert_snapshot!(said.join("\n\n"), @"
    delete-instance snapkeep-scratch-shepherd in us-west-2: its verdict is written: pass
    note snapkeep-scratch-shepherd: goes once its instances are gone
    note shepherd: was verified at 2026-03-06T06:45Z, due since 2026-03-06T06:00Z

    note snapkeep-scratch-shepherd: goes once its instances are gone
    note shepherd: was verified at 2026-03-06T06:45Z, due since 2026-03-06T06:00Z

    delete-cluster snapkeep-scratch-shepherd in us-west-2: its verdict is written: pass
    note shepherd: was verified at 2026-03-06T06:45Z, due since 2026-03-06T06:00Z

    note snapkeep-scratch-shepherd: is being deleted
    note shepherd: was verified at 2026-03-06T06:45Z, due since 2026-03-06T06:00Z

    delete-cluster snapkeep-scratch-shepherd in us-west-2: its verdict is written: pass
    note shepherd: was verified at 2026-03-06T06:45Z, due since 2026-03-06T06:00Z

    note shepherd: was verified at 2026-03-06T06:45Z, due since 2026-03-06T06:00Z
    ");
}

#[test]
fn what_is_exposed_is_torn_down_on_sight() {
    let sealed = scratch(&subject(), STARTED);
    let public = |it: &mut Database| it.publicly_accessible = true;
    let open = |it: &mut Database| it.security_groups.push("sg-default".to_owned());
    let of = |cluster: Database, member: Database| {
        says_of([self::cluster("shepherd"), cluster, member], SOON)
    };
    let member = || member(&sealed, SOON).status("creating");
    let said = [
        of(sealed.clone(), member().said(public)),
        of(sealed.clone().said(open), member()),
        of(sealed.clone(), member().untagged_by_somebody().said(open)),
    ];
    assert_snapshot!(said.join("\n\n"), @"
    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: torn down on sight: snapkeep-scratch-shepherd is publicly accessible
    delete-instance snapkeep-scratch-shepherd in us-west-2: torn down on sight: snapkeep-scratch-shepherd is publicly accessible
    note snapkeep-scratch-shepherd: goes once its instances are gone
    note shepherd: is under verification in snapkeep-scratch-shepherd

    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: torn down on sight: snapkeep-scratch-shepherd is in a security group that the policy doesn't name
    delete-instance snapkeep-scratch-shepherd in us-west-2: torn down on sight: snapkeep-scratch-shepherd is in a security group that the policy doesn't name
    note snapkeep-scratch-shepherd: goes once its instances are gone
    note shepherd: is under verification in snapkeep-scratch-shepherd

    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: torn down on sight: snapkeep-scratch-shepherd is in a security group that the policy doesn't name
    note snapkeep-scratch-shepherd: goes once its instances are gone
    note shepherd: is under verification in snapkeep-scratch-shepherd
    ");
}

#[test]
fn what_is_overdue_goes_in_the_same_plan_as_its_verdict() {
    let shepherd = cluster("shepherd");
    let sealed = scratch(&subject(), STARTED);
    let with_member = sealed.clone().said(|it| it.members = vec![it.arn.id.clone()]);
    let member = |status: &str| member(&sealed, SOON).status(status);
    let said = [
        says_of([shepherd.clone(), sealed.clone().status("creating")], OVERDUE),
        says_of([shepherd.clone(), sealed.clone()], OVERDUE),
        says_of([shepherd.clone(), with_member.clone(), member("creating")], OVERDUE),
        says_of([shepherd.clone(), with_member, member("available")], OVERDUE),
        says_of([shepherd, sealed.status("incompatible-restore")], OVERDUE),
    ];
    assert_snapshot!(said.join("\n\n"), @"
    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: its deadline came while the cluster is creating
    delete-cluster snapkeep-scratch-shepherd in us-west-2: its deadline is over
    note shepherd: is under verification in snapkeep-scratch-shepherd

    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: its deadline came while it had no instance
    delete-cluster snapkeep-scratch-shepherd in us-west-2: its deadline is over
    note shepherd: is under verification in snapkeep-scratch-shepherd

    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: its deadline came while the instance is creating
    delete-instance snapkeep-scratch-shepherd in us-west-2: its deadline is over
    note snapkeep-scratch-shepherd: goes once its instances are gone
    note shepherd: is under verification in snapkeep-scratch-shepherd

    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: its deadline came while it waited to be questioned
    delete-instance snapkeep-scratch-shepherd in us-west-2: its deadline is over
    note snapkeep-scratch-shepherd: goes once its instances are gone
    note shepherd: is under verification in snapkeep-scratch-shepherd

    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: the restore ended as incompatible-restore
    delete-cluster snapkeep-scratch-shepherd in us-west-2: its deadline is over
    note shepherd: is under verification in snapkeep-scratch-shepherd
    ");
}

#[test]
fn a_deadline_that_somebody_moved_ends_a_week_after_the_restore() {
    let kept = scratch(&subject(), STARTED).tagged(tags::DEADLINE, "2099-01-01T00:00:00Z");
    let of = |now: &str| says_of([cluster("shepherd"), kept.clone().status("creating")], now);
    assert!(!of("2026-03-13T05:59:59Z").contains("delete"));
    assert!(of("2026-03-13T06:00:00Z").contains("delete-cluster snapkeep-scratch-shepherd"));
}

#[test]
fn orphans_are_torn_down_at_once() {
    let sealed = scratch(&subject(), STARTED);
    let gone = |scratch: Database| {
        let fleet = Fleet::of([cluster("shepherd").tagged("tier", "none"), scratch]);
        fleet.says(&policy(), SOON, plan)
    };
    let nothing_left = "delete-cluster snapkeep-scratch-shepherd in us-west-2: \
                        what it was restored from is gone or unreadable";
    assert!(gone(sealed.clone()).starts_with(nothing_left), "{}", gone(sealed.clone()));
    for tag in [tags::SCRATCH_OF, tags::SOURCE, tags::STARTED] {
        let unreadable = sealed.clone().tagged(tag, "?");
        let said = says_of([cluster("shepherd"), unreadable], SOON);
        assert!(said.starts_with(nothing_left), "{tag}: {said}");
    }
    let no_rule = Fleet::of([cluster("shepherd"), sealed.clone()]).snapshot(subject());
    let said = no_rule.says(&crate::fixtures::policy(&[]), SOON, plan);
    assert!(said.contains("no policy verifies its database any more"), "{said}");
    let undated = sealed.status("creating").tagged(tags::DEADLINE, "?");
    let said = says_of([cluster("shepherd"), undated], SOON);
    assert!(said.contains("delete-cluster"), "without a deadline it is over: {said}");
}

#[test]
fn a_member_that_is_left_without_its_cluster_is_torn_down() {
    let left = member(&scratch(&subject(), STARTED), SOON);
    let fleet = Fleet::of([cluster("shepherd"), left]).snapshot(subject().judged("pass", SOON));
    let said = fleet.says(&policy(), "2026-03-06T07:00:00Z", plan);
    assert!(said.starts_with("delete-instance snapkeep-scratch-shepherd in us-west-2"), "{said}");
}

#[test]
fn nothing_is_deleted_without_both_the_tag_and_the_prefix() {
    let sealed = scratch(&subject(), STARTED);
    for marked in [
        sealed.clone().said(|it| it.tags.remove(tags::SCRATCH)),
        sealed.clone().tagged(tags::SCRATCH, "staging"),
        sealed.clone().renamed("scratch-shepherd"),
        sealed.renamed("my-snapkeep-scratch-shepherd"),
    ] {
        let said = says_of([marked.status("failed")], OVERDUE);
        assert!(!said.contains("delete-") && !said.contains("conclude"), "{said}");
    }
}

#[test]
fn an_instance_that_somebody_added_is_left_alone_and_keeps_its_cluster() {
    let sealed = scratch(&subject(), STARTED);
    let added = member(&sealed, SOON).untagged_by_somebody().renamed("analytics");
    let cluster = sealed.said(|it| it.members = vec!["analytics".to_owned()]);
    let fleet = Fleet::of([self::cluster("shepherd"), cluster, added]);
    let said = fleet.snapshot(subject().judged("pass", SOON)).says(&policy(), OVERDUE, plan);
    assert!(!said.contains("delete-"), "{said}");
}

#[test]
fn a_multi_az_cluster_brings_its_instances_and_takes_them_along() {
    let multi_az = cluster("shepherd").said(|it| it.engine = Engine::Postgres);
    let point = point(&multi_az, "2026-03-06T02:00:00Z");
    let sealed = scratch(&point, STARTED).said(|it| it.members = vec![format!("{}-1", it.arn.id)]);
    let brought = member(&sealed, SOON).renamed(&sealed.members[0]).untagged_by_somebody();
    let of = |sealed: &Database, point: Snapshot| {
        let fleet = Fleet::of([multi_az.clone(), sealed.clone(), brought.clone()]);
        fleet.snapshot(point).says(&policy(), SOON, plan)
    };
    let creating = sealed.clone().status("creating");
    let said = [
        of(&creating, point.clone()),
        of(&sealed, point.clone()),
        of(&sealed, point.judged("pass", SOON)),
    ];
    assert_snapshot!(said.join("\n\n"), @"
    note snapkeep-scratch-shepherd: the cluster is creating
    note shepherd: is under verification in snapkeep-scratch-shepherd

    set-password snapkeep-scratch-shepherd in us-west-2: it is up, and only production's users could log in
    note shepherd: is under verification in snapkeep-scratch-shepherd

    delete-cluster snapkeep-scratch-shepherd in us-west-2: its verdict is written: pass
    note shepherd: was verified at 2026-03-06T06:45Z, due since 2026-03-06T06:00Z
    ");
}

#[test]
fn teardown_comes_first_in_every_plan() {
    let (shepherd, orders) = (cluster("shepherd"), cluster("orders"));
    let point_of_orders = point(&orders, "2026-03-06T02:00:00Z").judged("pass", SOON);
    // By name, the cluster that needs an instance comes before the one that has to go.
    let needs = scratch(&subject(), STARTED).renamed("snapkeep-scratch-a");
    let goes = scratch(&point_of_orders, STARTED).renamed("snapkeep-scratch-b");
    let fleet = Fleet::of([shepherd, orders, needs, goes]).snapshots([subject(), point_of_orders]);
    let said = fleet.says(&policy(), SOON, plan);
    let actions: Vec<&str> = said.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(actions[..2], ["delete-cluster", "add-instance"], "{said}");
}

#[test]
fn a_contested_or_locked_database_keeps_the_verification_that_is_under_way() {
    let mut two = policy();
    two["policies"]["second"] = two["policies"]["critical"].clone();
    two["policies"]["second"]["select"] = json!({ "databases": ["shepherd"] });
    let sealed = scratch(&subject(), STARTED).status("creating");
    let locked = cluster("shepherd").status("inaccessible-encryption-credentials");
    for (database, policy) in [(cluster("shepherd"), &two), (locked, &policy())] {
        let fleet = Fleet::of([database, sealed.clone()]).snapshot(subject());
        let said = fleet.says(policy, SOON, plan);
        assert!(said.starts_with("note snapkeep-scratch-shepherd: the cluster is"), "{said}");
    }
}

#[test]
fn a_request_for_one_database_does_not_touch_what_is_under_way_for_another() {
    let orders = cluster("orders");
    let sealed = scratch(&subject(), STARTED).status("creating");
    let fleet = Fleet::of([cluster("shepherd"), orders, sealed]).snapshot(subject());
    let said = fleet.says_of(&policy(), SOON, &only("orders"), plan);
    assert!(said.contains("note snapkeep-scratch-shepherd: the cluster is creating"), "{said}");
    assert!(!said.contains("delete-"), "{said}");
}

#[test]
fn what_is_torn_down_is_listed_under_the_database_that_it_is_a_copy_of() {
    let document = document(&policy());
    let listed = |scratch: Database| {
        let member = member(&scratch, SOON);
        let fleet = Fleet::of([scratch, member]).snapshot(subject());
        let lines = plan(&fleet.view(&document, OVERDUE), &Request::default()).lines();
        let deletes = lines.into_iter().filter(|line| line.action == "delete-instance");
        deletes.map(|line| line.database).collect::<Vec<_>>()
    };
    let sound = scratch(&subject(), STARTED);
    assert_eq!(listed(sound.clone()), ["shepherd"]);
    let unsaid = sound.said(|it| it.tags.remove(tags::DATABASE));
    assert_eq!(listed(unsaid), ["snapkeep-scratch-shepherd"], "its own, if nobody says");
}
