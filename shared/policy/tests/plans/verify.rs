//! verify: every state of a scratch database and the step that follows, and which begin.

use insta::assert_snapshot;
use serde_json::{Value, json};
use snapkeep_policy::inventory::{Database, Engine, Snapshot};
use snapkeep_policy::recovery_point::Outcome;
use snapkeep_policy::request::Request;
use snapkeep_policy::tags;
use snapkeep_policy::verify::{Action, VerdictRecord, plan};

use crate::fixtures::*;

const STARTED: &str = "2026-03-06T06:00:00Z";
const SOON: &str = "2026-03-06T06:45:00Z";
const OVERDUE: &str = "2026-03-06T10:00:00Z";

fn policy() -> Value {
    crate::fixtures::policy(&[verified()])
}

/// The recovery point under verification in what follows.
fn subject() -> Snapshot {
    point(&cluster("shepherd"), "2026-03-06T02:00:00Z")
}

/// What verify does about `databases` at `now`, when they are all there is beside the recovery point.
fn says_of(databases: impl IntoIterator<Item = Database>, now: &str) -> String {
    Fleet::of(databases).snapshot(subject()).says(&policy(), now, plan)
}

fn verdicts(fleet: &Fleet, policy: &Value, now: &str) -> Vec<VerdictRecord> {
    let document = document(policy);
    let steps = plan(&fleet.view(&document, now), &Request::default()).steps;
    let concluded = steps.into_iter().filter_map(|step| match step.action {
        Action::Conclude { verdict } => Some(verdict),
        Action::Restore { .. }
        | Action::AddInstance { .. }
        | Action::DeleteInstance { .. }
        | Action::DeleteCluster { .. } => None,
    });
    concluded.collect()
}

/// Which recovery point is restored next, by its slot, and the tags of its scratch database.
fn restored(fleet: &Fleet, policy: &Value, now: &str) -> Vec<(String, tags::Tags)> {
    let document = document(policy);
    let steps = plan(&fleet.view(&document, now), &Request::default()).steps;
    let restores = steps.into_iter().filter_map(|step| match step.action {
        Action::Restore { source, tags, .. } => Some((source, tags)),
        Action::AddInstance { .. }
        | Action::Conclude { .. }
        | Action::DeleteInstance { .. }
        | Action::DeleteCluster { .. } => None,
    });
    let slot = |arn| {
        let all = fleet.all_snapshots();
        let point = all.into_iter().find(|snapshot| snapshot.arn == arn).unwrap();
        point.tags[tags::SLOT].clone()
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
    assert_snapshot!(serde_json::to_string_pretty(step).unwrap(), @r#"
    {
      "action": {
        "restore": {
          "source": "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-shepherd-20260306t0200z-80b8d47d48",
          "shape": "cluster",
          "engine": "docdb",
          "engine_version": "5.0.0",
          "database": "arn:aws:rds:us-west-2:123456789012:cluster:shepherd",
          "region": "us-west-2",
          "scratch_id": "snapkeep-scratch-shepherd-c85f33f614",
          "instance_class": "db.t4g.medium",
          "subnet_group": "scratch",
          "security_groups": [
            "sg-1"
          ],
          "tags": {
            "snapkeep:database": "arn:aws:rds:us-west-2:123456789012:cluster:shepherd",
            "snapkeep:deadline": "2026-03-06T10:00:00Z",
            "snapkeep:policy": "critical",
            "snapkeep:scratch": "prod",
            "snapkeep:scratch-of": "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-shepherd-20260306t0200z-80b8d47d48",
            "snapkeep:source": "cluster-SHEPHERD",
            "snapkeep:started": "2026-03-06T06:00:00Z"
          }
        }
      },
      "reason": "verification was due at 2026-03-06T06:00Z: the latest"
    }
    "#);
    let before = "2026-03-06T05:59:59Z";
    let said = fleet.says(&policy(), before, plan);
    assert!(said.contains("restore"), "yesterday's is due until there is a verdict: {said}");
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
    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: restored and ready for connections within 45 min
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
    assert!(of("available").starts_with("conclude snapkeep-orders-20260306t0200z-"));
}

#[test]
fn how_a_restore_ended_decides_between_fail_and_inconclusive() {
    for (status, outcome) in [
        ("available", Outcome::Pass),
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
        assert_eq!(verdict.recovery_point, point.arn);
    }
}

#[test]
fn a_verdict_says_how_long_each_phase_took() {
    let cluster = scratch(&subject(), STARTED);
    let member = member(&cluster, "2026-03-06T06:30:00Z");
    let fleet = Fleet::of([self::cluster("shepherd"), cluster, member]).snapshot(subject());
    let [verdict] = &verdicts(&fleet, &policy(), SOON)[..] else { panic!("one verdict") };
    assert_snapshot!(serde_json::to_string_pretty(verdict).unwrap(), @r#"
    {
      "recovery_point": "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-shepherd-20260306t0200z-80b8d47d48",
      "database": "arn:aws:rds:us-west-2:123456789012:cluster:shepherd",
      "scratch_id": "snapkeep-scratch-shepherd",
      "outcome": "pass",
      "reason": "restored and ready for connections within 45 min",
      "proof": "restore",
      "requested_at": "2026-03-06T06:00:00Z",
      "cluster_available_at": "2026-03-06T06:30:00Z",
      "ready_at": "2026-03-06T06:45:00Z",
      "concluded_at": "2026-03-06T06:45:00Z"
    }
    "#);
}

#[test]
fn checks_that_nobody_made_never_become_a_pass() {
    let checks = json!([{ "sql": "select count(*) from users", "min": 1 }]);
    let mut rule = verified().1;
    rule["checks"] = checks;
    let checked = crate::fixtures::policy(&[("/verify", rule)]);
    let cluster = scratch(&subject(), STARTED);
    let member = member(&cluster, SOON);
    let fleet = Fleet::of([self::cluster("shepherd"), cluster, member]).snapshot(subject());
    let [verdict] = &verdicts(&fleet, &checked, SOON)[..] else { panic!("one verdict") };
    assert_eq!(verdict.outcome, Outcome::Inconclusive);
    assert!(verdict.reason.contains("its 1 checks were not made"), "{}", verdict.reason);
}

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
fn a_verdict_from_before_the_restore_says_nothing_of_it() {
    let judged = subject().judged("fail", "2026-03-06T05:59:59Z");
    let cluster = scratch(&subject(), STARTED);
    let fleet = Fleet::of([self::cluster("shepherd"), cluster.clone(), member(&cluster, SOON)]);
    assert_eq!(verdicts(&fleet.snapshot(judged), &policy(), SOON).len(), 1);
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

trait Untagged {
    fn untagged_by_somebody(self) -> Self;
}

impl Untagged for Database {
    fn untagged_by_somebody(self) -> Self {
        self.said(|it| it.tags.clear())
    }
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

    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: its deadline came before it had an instance
    delete-cluster snapkeep-scratch-shepherd in us-west-2: its deadline is over
    note shepherd: is under verification in snapkeep-scratch-shepherd

    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: its deadline came while the instance is creating
    delete-instance snapkeep-scratch-shepherd in us-west-2: its deadline is over
    note snapkeep-scratch-shepherd: goes once its instances are gone
    note shepherd: is under verification in snapkeep-scratch-shepherd

    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: restored and ready for connections within 4 h 0 min
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
        sealed.clone().said(|it| drop(it.tags.remove(tags::SCRATCH))),
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

    conclude snapkeep-shepherd-20260306t0200z-80b8d47d48 in us-west-2: restored and ready for connections within 45 min
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
    for (index, day) in [(5, 5), (4, 4), (3, 3), (1, 1), (0, 2)] {
        some[index] = some[index].clone().judged("pass", &format!("2026-03-0{day}T07:00:00Z"));
    }
    assert_eq!(slots(&fleet(some.clone()), &least, STARTED), ["2026-03-03"], "never verified");
    some[2] = some[2].clone().judged("inconclusive", "2026-03-05T08:00:00Z");
    assert_eq!(slots(&fleet(some), &least, STARTED), ["2026-03-02"], "the longest ago");

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
