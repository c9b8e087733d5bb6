//! alarm: what is found, and what is told of it and when.

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use jiff::Timestamp;
use serde_json::{Value, json};
use snapkeep_policy::alarm::{
    Action, Condition, Finding, Memory, Message, News, OpenAlarm, assess, message, metrics, plan,
};
use snapkeep_policy::document::Severity;
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::{Database, Engine, Snapshot};
use snapkeep_policy::tags;

use crate::fixtures::*;

const NOW: &str = "2026-03-06T12:00:00Z";

/// A database that nothing is wrong with, and its recovery point of today.
fn sound() -> Fleet {
    let shepherd = cluster("shepherd");
    Fleet::of([shepherd.clone()]).snapshot(point(&shepherd, "2026-03-06T02:00:00Z"))
}

fn findings(fleet: &Fleet, policy: &Value, now: &str) -> Vec<Finding> {
    let document = document(policy);
    assess(&fleet.view(&document, now), &Memory::default())
}

/// What is found, a line each.
fn found(fleet: &Fleet, policy: &Value, now: &str) -> String {
    let line = |it: Finding| {
        let (condition, severity) = (it.condition.as_str(), it.severity);
        format!("{severity:?} {condition} {} in {}: {}", it.subject, it.region, it.message)
    };
    let lines: Vec<String> = findings(fleet, policy, now).into_iter().map(line).collect();
    lines.join("\n")
}

fn conditions(fleet: &Fleet, policy: &Value, now: &str) -> Vec<Condition> {
    findings(fleet, policy, now).into_iter().map(|finding| finding.condition).collect()
}

/// Alarm's memory over several looks, with everything delivered unless said otherwise.
struct Watch {
    policy: Value,
    memory: Memory,
}

impl Watch {
    fn new(policy: Value) -> Self {
        Self { policy, memory: Memory::default() }
    }

    /// What one look has to tell: `open …`, `remind …`, `resolve …`.
    fn look(&mut self, fleet: &Fleet, now: &str) -> Vec<String> {
        self.look_and(fleet, now, true, &[])
    }

    fn look_and(
        &mut self,
        fleet: &Fleet,
        now: &str,
        delivered: bool,
        pruned: &[RdsArn],
    ) -> Vec<String> {
        let document = document(&self.policy);
        let view = fleet.view(&document, now);
        let pruned: BTreeSet<RdsArn> = pruned.iter().cloned().collect();
        let (plan, mut next) = plan(&view, &self.memory, &pruned);
        let mut told = Vec::new();
        for step in &plan.steps {
            let Action::Tell { news, key, .. } = &step.action;
            let news = serde_json::to_value(news).unwrap();
            told.push(format!("{} {key}", news.as_str().unwrap()));
            if delivered {
                next.told(key, at(now));
            }
        }
        // It is stored as JSON between two runs.
        let stored = serde_json::to_string(&next).unwrap();
        self.memory = serde_json::from_str(&stored).unwrap();
        told
    }
}

const NOTHING: [&str; 0] = [];

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    assert_eq!(found(&sound(), &policy(&[]), NOW), "");
}

#[test]
fn a_slot_that_stays_open_is_missed_after_its_time() {
    let fleet = Fleet::of([cluster("shepherd").status("stopped")])
        .snapshot(point(&cluster("shepherd"), "2026-03-05T02:00:00Z"));
    assert_eq!(found(&fleet, &policy(&[]), "2026-03-06T03:00:00Z"), "");
    assert_snapshot!(found(&fleet, &policy(&[]), "2026-03-06T04:00:01Z"), @"
    Warning slot-missed shepherd in us-west-2: shepherd has no recovery point for slot 2026-03-06T02:00Z, 2 h 0 min ago; the database is stopped
    Warning recovery-point-missing shepherd in us-west-2: shepherd: the newest recovery point is 1 d 2 h old, the limit is 1 d 1 h
    ");
}

#[test]
fn a_database_without_a_recovery_point_for_too_long_is_found_whatever_the_schedule_says() {
    let shepherd = cluster("shepherd");
    let monthly = policy(&[("/schedules", json!(["cron(0 2 1 * ? *)"]))]);
    let fleet = Fleet::of([shepherd.clone()]).snapshot(point(&shepherd, "2026-03-01T02:00:00Z"));
    assert_snapshot!(found(&fleet, &monthly, NOW), @"Warning recovery-point-missing shepherd in us-west-2: shepherd: the newest recovery point is 5 d 10 h old, the limit is 1 d 1 h");
    let never = Fleet::of([shepherd.clone().created("2026-03-05T09:00:00Z")]);
    assert!(found(&never, &monthly, NOW).contains("shepherd has no recovery point at all"));
    let young = Fleet::of([shepherd.created("2026-03-06T09:00:00Z")]);
    assert_eq!(found(&young, &monthly, NOW), "");
}

#[test]
fn what_could_be_lost_is_measured_from_the_nearest_way_back() {
    let policy = policy(&[("/objectives", json!({ "rpo": "PT15M" }))]);
    let restorable = |time: &str| {
        let mut fleet = sound();
        fleet.region_mut(HOME).databases[0].latest_restorable_at = Some(at(time));
        fleet
    };
    assert_eq!(found(&restorable("2026-03-06T11:45:00Z"), &policy, NOW), "");
    assert_snapshot!(found(&restorable("2026-03-06T11:44:00Z"), &policy, NOW), @"Warning rpo-exceeded shepherd in us-west-2: shepherd could only be restored to 2026-03-06T11:44Z, 16 min ago; the RPO is 15 min");
    assert!(found(&sound(), &policy, NOW).contains("restored to 2026-03-06T02:00Z, 10 h 0 min"));
}

#[test]
fn copies_are_late_by_region() {
    let (shepherd, policy) = (cluster("shepherd"), policy(&[copied()]));
    let points = daily(&shepherd, "2026-03-04", 3);
    let fleet = Fleet::of([shepherd]).snapshots(points.clone());
    let copying = points[0].copy("2026-03-06T02:30:00Z").status("copying");
    let fleet = fleet.snapshots([copying, points[1].copy("2026-03-06T02:30:00Z")]);
    assert_snapshot!(found(&fleet, &policy, NOW), @"Warning copy-late shepherd in us-east-1: shepherd: 2 copies into us-east-1 are late, the oldest by slot 2026-03-04T02:00Z");
    assert_eq!(conditions(&fleet.clone().unseen(AWAY), &policy, NOW), [Condition::RegionUnseen]);
}

#[test]
fn the_newest_verdict_counts_and_its_absence_too() {
    let limited = ("/alarms", json!({ "unverified_after": "P3D" }));
    let policy = policy(&[verified(), limited]);
    let shepherd = cluster("shepherd");
    let of = |verdicts: [&str; 2]| {
        let points = daily(&shepherd, "2026-03-05", 2).into_iter().zip(verdicts);
        let points = points.map(|(point, verdict)| {
            let time = format!("{}T07:00:00Z", &point.tags[tags::SLOT][..10]);
            if verdict.is_empty() { point } else { point.judged(verdict, &time) }
        });
        found(&Fleet::of([shepherd.clone()]).snapshots(points), &policy, "2026-03-06T12:00:01Z")
    };
    assert_eq!(of(["fail", "pass"]), "");
    assert_snapshot!([of(["pass", "fail"]), of(["pass", "inconclusive"]), of(["pass", ""])].join("\n"), @"
    Warning verification-failed shepherd in us-west-2: shepherd: recovery point snapkeep-shepherd-20260306t0200z-80b8d47d48 failed its verification at 2026-03-06T07:00Z
    Warning verification-inconclusive shepherd in us-west-2: shepherd: the verification of snapkeep-shepherd-20260306t0200z-80b8d47d48 ended at 2026-03-06T07:00Z without a result
    Warning verification-overdue shepherd in us-west-2: shepherd: the verification due at 2026-03-06T06:00Z has no verdict
    ");
    let long_ago = point(&shepherd, "2026-03-02T02:00:00Z").judged("pass", "2026-03-02T07:00:00Z");
    let today = point(&shepherd, "2026-03-06T02:00:00Z").judged("inconclusive", NOW);
    let fleet = Fleet::of([shepherd]).snapshots([long_ago, today]);
    assert_snapshot!(found(&fleet, &policy, NOW), @"
    Warning verification-inconclusive shepherd in us-west-2: shepherd: the verification of snapkeep-shepherd-20260306t0200z-80b8d47d48 ended at 2026-03-06T12:00Z without a result
    Warning verification-overdue shepherd in us-west-2: shepherd wasn't proven to restore for 4 d 5 h, the limit is 3 d 0 h
    ");
}

#[test]
fn the_fleet_as_a_whole_is_judged() {
    let stranger = cluster("wordpress").tagged("tier", "none");
    let weak = cluster("weak").said(|it| {
        (it.automated_retention_days, it.encrypted, it.deletion_protection) = (0, false, false);
    });
    let locked = cluster("locked").status("inaccessible-encryption-credentials");
    let databases = [weak.clone(), locked.clone()];
    let points = databases.each_ref().map(|it| point(it, "2026-03-06T02:00:00Z"));
    let mut two = policy(&[]);
    two["policies"]["idle"] = two["policies"]["critical"].clone();
    two["policies"]["idle"]["select"] = json!({ "databases": ["nowhere"] });
    two["policies"]["second"] = two["policies"]["critical"].clone();
    two["policies"]["second"]["select"] = json!({ "databases": ["weak"] });
    let late = scratch(&points[0], "2026-03-06T05:59:00Z");
    let fleet = Fleet::of(databases).database(stranger).database(late).snapshots(points);
    assert_snapshot!(found(&fleet, &two, NOW), @"
    Warning unprotected wordpress in us-west-2: wordpress (docdb) is under no policy
    Warning contested weak in us-west-2: weak is claimed by the policies critical and second
    Warning nothing-selected idle in us-east-1: the policy idle selects no database
    Info posture weak in us-west-2: weak has no automated backups, isn't encrypted, has no deletion protection
    Critical key-unusable locked in us-west-2: locked is inaccessible-encryption-credentials: its key can't be used
    Critical scratch-lingering snapkeep-scratch-weak in us-west-2: snapkeep-scratch-weak is still there 2 h 1 min after its deadline
    ");
}

#[test]
fn tampering_is_found() {
    let shepherd = cluster("shepherd");
    let snapshot = point(&shepherd, "2026-03-05T02:00:00Z").untagged(tags::OWNER);
    let half_marked = cluster("orders").tagged(tags::SCRATCH, "prod");
    let of_today = point(&half_marked, "2026-03-06T02:00:00Z");
    let unmarked = scratch(&snapshot, NOW).said(|it| drop(it.tags.remove(tags::SCRATCH)));
    let fleet = sound().snapshots([snapshot, of_today]).database(half_marked).database(unmarked);
    assert_snapshot!(found(&fleet, &policy(&[]), NOW), @"
    Warning tampered orders in us-west-2: orders is tagged as a scratch database but not named like one
    Warning tampered snapkeep-scratch-shepherd in us-west-2: snapkeep-scratch-shepherd is named like a scratch database but not tagged as one
    Warning tampered snapkeep-shepherd-20260305t0200z-736891fbbd in us-west-2: snapkeep-shepherd-20260305t0200z-736891fbbd lacks the tag snapkeep:owner: put it back, or delete the snapshot by hand
    ");
}

#[test]
fn what_the_other_verbs_refuse_is_told_by_verb_database_and_region() {
    let (shepherd, orders) = (cluster("shepherd"), cluster("orders"));
    let keyless = json!([{ "region": AWAY }]);
    let points = daily(&shepherd, "2026-02-25", 10);
    let attempts =
        (0..3).map(|n| point(&orders, "2026-03-06T02:00:00Z").attempt(n).status("failed"));
    let fleet = Fleet::of([shepherd, orders.clone()]).snapshots(points).snapshots(attempts);
    let fleet = fleet.snapshot(point(&orders, "2026-03-05T12:00:00Z"));
    assert_snapshot!(found(&fleet, &policy(&[("/copies", keyless)]), "2026-03-06T03:00:00Z"), @"
    Warning copy-late orders in us-east-1: orders: 1 copies into us-east-1 are late, the oldest by slot 2026-03-05T12:00Z
    Warning copy-late shepherd in us-east-1: shepherd: 2 copies into us-east-1 are late, the oldest by slot 2026-03-04T02:00Z
    Warning refused copy orders in us-east-1: copy refuses: snapkeep-orders-20260305t1200z-4e00404dbe is encrypted: name a kms_key of us-east-1 in the policy
    Warning refused copy shepherd in us-east-1: copy refuses: snapkeep-shepherd-20260304t0200z-cb81880812 is encrypted: name a kms_key of us-east-1 in the policy (and 2 more)
    Warning refused create orders in us-west-2: create refuses: orders: 3 snapshots for slot 2026-03-06T02:00Z failed: look at the database's events in RDS
    Warning refused prune shepherd in us-west-2: prune refuses: shepherd in us-west-2: 7 of 10 recovery points would go at once, and 3 may: look at the plan, then approve its hash 74b1e394f9e6fbaf
    ");
}

#[test]
fn a_doubt_about_the_clock_has_one_key_whatever_the_seconds() {
    let mut watch = Watch::new(policy(&[]));
    let key = "prod/us-east-1/clock-doubt/us-east-1";
    assert_eq!(watch.look(&sound().skewed(400), NOW), [format!("opened {key}")]);
    assert_eq!(watch.look(&sound().skewed(431), "2026-03-06T12:15:00Z"), NOTHING);
    assert_eq!(watch.look(&sound(), "2026-03-06T12:30:00Z"), [format!("resolved {key}")]);
}

#[test]
fn an_alarm_opens_once_is_reminded_of_once_a_day_and_resolves_once() {
    let mut watch = Watch::new(policy(&[]));
    let missed = Fleet::of([cluster("shepherd").status("stopped")])
        .snapshot(point(&cluster("shepherd"), "2026-03-05T02:00:00Z"));
    let slot = "prod/us-west-2/slot-missed/shepherd";
    assert_eq!(watch.look(&missed, "2026-03-06T02:15:00Z"), NOTHING);
    assert_eq!(
        watch.look(&missed, "2026-03-06T04:15:00Z"),
        ["opened prod/us-west-2/recovery-point-missing/shepherd", &format!("opened {slot}"),]
    );
    assert_eq!(watch.look(&missed, "2026-03-06T04:30:00Z"), NOTHING);
    assert_eq!(watch.look(&missed, "2026-03-07T04:15:00Z").len(), 2);
    assert_eq!(watch.look(&missed, "2026-03-07T04:30:00Z"), NOTHING);
    let filled = missed.snapshot(point(&cluster("shepherd"), "2026-03-07T02:00:00Z"));
    assert_eq!(
        watch.look(&filled, "2026-03-07T04:45:00Z"),
        ["resolved prod/us-west-2/recovery-point-missing/shepherd", &format!("resolved {slot}"),]
    );
    assert_eq!(watch.look(&filled, "2026-03-07T05:00:00Z"), NOTHING);
    assert!(watch.memory.alarms.is_empty());
}

#[test]
fn what_could_not_be_delivered_stays_due() {
    let mut watch = Watch::new(policy(&[]));
    let lost = sound().database(cluster("orders").tagged("tier", "none"));
    let key = "prod/us-west-2/unprotected/orders";
    let opened = [format!("opened {key}")];
    assert_eq!(watch.look_and(&lost, NOW, false, &[]), opened);
    assert_eq!(watch.look_and(&lost, "2026-03-06T12:15:00Z", false, &[]), opened);
    assert_eq!(watch.look(&lost, "2026-03-06T12:30:00Z"), opened);
    let resolved = [format!("resolved {key}")];
    assert_eq!(watch.look_and(&sound(), "2026-03-06T12:45:00Z", false, &[]), resolved);
    assert_eq!(watch.look_and(&lost, "2026-03-06T13:00:00Z", true, &[]), NOTHING, "never ended");
    assert_eq!(watch.look(&sound(), "2026-03-06T13:15:00Z"), resolved);
    assert_eq!(watch.look(&sound(), "2026-03-06T13:30:00Z"), NOTHING);
}

#[test]
fn while_a_region_is_unseen_nothing_resolves() {
    let mut watch = Watch::new(policy(&[]));
    let lost = sound().database(cluster("orders").tagged("tier", "none"));
    watch.look(&lost, NOW);
    let unseen = "prod/us-east-1/region-unseen/us-east-1";
    let told = watch.look(&sound().unseen(AWAY), "2026-03-06T12:15:00Z");
    assert_eq!(told, [format!("opened {unseen}")]);
    let told = watch.look(&sound(), "2026-03-06T12:30:00Z");
    assert_eq!(
        told,
        [&format!("resolved {unseen}"), "resolved prod/us-west-2/unprotected/orders",]
    );
}

#[test]
fn a_recovery_point_that_vanishes_is_told_for_a_week_and_one_that_was_pruned_is_not() {
    let shepherd = cluster("shepherd");
    let points = daily(&shepherd, "2026-03-04", 3);
    let mut watch = Watch::new(policy(&[]));
    let all = Fleet::of([shepherd.clone()]).snapshots(points.clone());
    assert_eq!(watch.look(&all, NOW), NOTHING);
    let left = Fleet::of([shepherd.clone()]).snapshots(points[2..].to_vec());
    let pruned = [points[0].arn.clone()];
    let told = watch.look_and(&left, "2026-03-06T12:15:00Z", true, &pruned);
    let key = format!("prod/us-west-2/recovery-point-vanished/{}", points[1].arn.id);
    assert_eq!(told, [format!("opened {key}")]);
    assert_eq!(watch.look(&left, "2026-03-06T12:30:00Z"), NOTHING);
    let later = left.clone().snapshot(point(&shepherd, "2026-03-13T02:00:00Z"));
    assert_eq!(watch.look(&later, "2026-03-13T12:15:00Z"), [format!("resolved {key}")]);
}

#[test]
fn one_that_is_being_deleted_by_somebody_is_told_at_once_and_one_that_is_back_resolves() {
    let mut watch = Watch::new(policy(&[]));
    watch.look(&sound(), NOW);
    let mut deleting = sound();
    let it = &mut deleting.region_mut(HOME).snapshots[0];
    *it = it.clone().status("deleting");
    let told = watch.look(&deleting, "2026-03-06T12:15:00Z");
    assert!(told.iter().any(|it| it.starts_with("opened prod/us-west-2/recovery-point-vanished/")));
    let told = watch.look(&sound(), "2026-03-06T12:30:00Z");
    assert!(
        told.iter().any(|it| it.starts_with("resolved prod/us-west-2/recovery-point-vanished/"))
    );
}

#[test]
fn one_that_was_deleted_and_made_again_under_its_name_is_told() {
    let shepherd = cluster("shepherd");
    let first = point(&shepherd, "2026-03-06T02:00:00Z");
    let fleet = |it: Snapshot| Fleet::of([shepherd.clone()]).snapshot(it);
    let mut watch = Watch::new(policy(&[]));
    watch.look(&fleet(first.clone().made("2026-03-06T02:01:00Z")), NOW);
    let again = fleet(first.clone().made("2026-03-06T12:10:00Z"));
    let key = format!("prod/us-west-2/recovery-point-vanished/{}", first.arn.id);
    assert_eq!(watch.look(&again, "2026-03-06T12:15:00Z"), [format!("opened {key}")]);
    assert_eq!(watch.look(&again, "2026-03-06T12:30:00Z"), NOTHING);

    let mut watch = Watch::new(policy(&[]));
    watch.look(&fleet(first.clone().made("2026-03-06T02:01:00Z")), NOW);
    let silent = fleet(first.clone().said(|it| it.created_at = None));
    assert_eq!(watch.look(&silent, "2026-03-06T12:15:00Z"), NOTHING, "AWS didn't say");
    let pruned = [first.arn.clone()];
    assert_eq!(watch.look_and(&again, "2026-03-06T12:30:00Z", true, &pruned), NOTHING, "by prune");
}

#[test]
fn one_whose_tags_were_changed_is_tampered_with_and_not_vanished() {
    let mut watch = Watch::new(policy(&[]));
    let shepherd = cluster("shepherd");
    let points = daily(&shepherd, "2026-03-05", 2);
    let fleet = Fleet::of([shepherd]).snapshots(points.clone());
    watch.look(&fleet, NOW);
    let mut stripped = fleet;
    let it = &mut stripped.region_mut(HOME).snapshots[0];
    *it = it.clone().untagged(tags::SOURCE);
    let told = watch.look(&stripped, "2026-03-06T12:15:00Z");
    assert_eq!(told, [format!("opened prod/us-west-2/tampered/{}", points[0].arn.id)]);
}

#[test]
fn in_a_region_that_is_unseen_nothing_vanishes() {
    let (shepherd, policy) = (cluster("shepherd"), policy(&[copied()]));
    let original = point(&shepherd, "2026-03-06T02:00:00Z");
    let copy = original.copy("2026-03-06T02:30:00Z");
    let both = Fleet::of([shepherd]).snapshots([original, copy]);
    let mut watch = Watch::new(policy);
    watch.look(&both, NOW);
    let told = watch.look(&both.clone().unseen(AWAY), "2026-03-06T12:15:00Z");
    assert_eq!(told, ["opened prod/us-east-1/region-unseen/us-east-1"]);
}

#[test]
fn a_memory_of_before_created_at_was_known_is_read() {
    let old = json!({ "alarms": {}, "known": {
        "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-a": {
            "database": "a", "taken_at": "2026-03-06T02:00:00Z", "vanished_at": null } } });
    let memory: Memory = serde_json::from_value(old).unwrap();
    assert_eq!(memory.known.values().next().unwrap().created_at, None);
}

fn alarm(subject: &str, text: &str) -> OpenAlarm {
    OpenAlarm {
        condition: Condition::SlotMissed,
        severity: Severity::Critical,
        subject: subject.to_owned(),
        region: region(HOME),
        message: text.to_owned(),
        next_step: "Look at the last report of create.".to_owned(),
        opened_at: at("2026-03-06T04:15:00Z"),
        told_at: None,
        resolved_at: None,
    }
}

fn written(news: News, alarm: &OpenAlarm) -> Message {
    let account = "123456789012".parse().unwrap();
    message(news, "prod/k", alarm, &deployment(), Some(&account), at("2026-03-06T04:30:00Z"))
}

#[test]
fn a_message_serves_people_chats_pagers_and_machines() {
    let told = written(News::Opened, &alarm("shepherd", "shepherd has no recovery point"));
    assert_eq!(told.subject, "ALARM: slot-missed shepherd (us-west-2)");
    let body: Value = serde_json::from_str(&told.body).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&body).unwrap(), @r#"
    {
      "AWSAccountId": "123456789012",
      "AlarmDescription": "Look at the last report of create.",
      "AlarmName": "prod/k",
      "NewStateReason": "shepherd has no recovery point",
      "NewStateValue": "ALARM",
      "OldStateValue": "OK",
      "Region": "us-west-2",
      "StateChangeTime": "2026-03-06T04:15:00Z",
      "content": {
        "description": "shepherd has no recovery point",
        "keywords": [
          "critical",
          "slot-missed",
          "shepherd"
        ],
        "nextSteps": [
          "Look at the last report of create."
        ],
        "textType": "client-markdown",
        "title": "ALARM: slot-missed shepherd (us-west-2)"
      },
      "metadata": {
        "eventType": "slot-missed",
        "relatedResources": [
          "shepherd"
        ],
        "summary": "shepherd has no recovery point",
        "threadId": "prod/k"
      },
      "snapkeep": {
        "condition": "slot-missed",
        "deployment": "prod",
        "key": "prod/k",
        "message": "shepherd has no recovery point",
        "next_step": "Look at the last report of create.",
        "opened_at": "2026-03-06T04:15:00Z",
        "region": "us-west-2",
        "resolved_at": null,
        "schema": 1,
        "severity": "critical",
        "status": "opened",
        "subject": "shepherd",
        "told_at": "2026-03-06T04:30:00Z"
      },
      "source": "custom",
      "version": "1.0"
    }
    "#);
    let attributes: Vec<String> =
        told.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        attributes,
        [
            "environment=prod",
            "event_type=slot-missed",
            "resource_type=database",
            "severity=critical",
            "status=opened",
        ]
    );
}

#[test]
fn the_state_of_a_message_follows_its_news() {
    let open = alarm("shepherd", "…");
    let over = OpenAlarm { resolved_at: Some(at("2026-03-06T04:20:00Z")), ..open.clone() };
    let of = |news, alarm: &OpenAlarm| {
        let told = written(news, alarm);
        let body: Value = serde_json::from_str(&told.body).unwrap();
        let field = |name: &str| body[name].as_str().unwrap().to_owned();
        let states = [field("OldStateValue"), field("NewStateValue"), field("StateChangeTime")];
        (told.subject[..2].to_owned(), states.join(" "))
    };
    let opened = ("AL".to_owned(), "OK ALARM 2026-03-06T04:15:00Z".to_owned());
    assert_eq!(of(News::Opened, &open), opened);
    let reminded = ("AL".to_owned(), "ALARM ALARM 2026-03-06T04:15:00Z".to_owned());
    assert_eq!(of(News::Reminded, &open), reminded);
    let resolved = ("OK".to_owned(), "ALARM OK 2026-03-06T04:20:00Z".to_owned());
    assert_eq!(of(News::Resolved, &over), resolved);
}

#[test]
fn a_subject_is_printable_ascii_of_less_than_a_hundred_characters() {
    for subject in ["schäfer\n\u{202e}🐑\u{0}", &"x".repeat(300)] {
        let told = written(News::Opened, &alarm(subject, "…"));
        assert!(told.subject.chars().all(|c| matches!(c, ' '..='~')), "{:?}", told.subject);
        assert!((1..100).contains(&told.subject.len()));
    }
}

#[test]
fn gauges_count_what_was_seen() {
    let shepherd = cluster("shepherd").said(|it| {
        it.latest_restorable_at = Some(at("2026-03-06T11:55:00Z"));
        it.engine = Engine::AuroraMysql;
    });
    let points = [
        point(&shepherd, "2026-03-05T02:00:00Z").judged("pass", "2026-03-05T07:00:00Z"),
        point(&shepherd, "2026-03-06T02:00:00Z"),
        point(&shepherd, "2026-03-06T11:00:00Z").status("creating"),
    ];
    let fleet = Fleet::of([shepherd, cluster("orders")]).snapshots(points).unseen(AWAY);
    let document = document(&policy(&[]));
    let lines: Vec<String> = metrics(&fleet.view(&document, NOW), &Memory::default())
        .into_iter()
        .map(|it| {
            let of: Vec<String> = it.dimensions.into_values().collect();
            format!("{} {:?} {} {}", it.name, it.unit, it.value, of.join(" "))
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @"
    RecoveryPointAge Seconds 36000 shepherd prod
    VerifiedRecoveryPointAge Seconds 122400 shepherd prod
    RestorableLag Seconds 300 shepherd prod
    ProtectedDatabases Count 2 prod
    UnprotectedDatabases Count 0 prod
    RecoveryPoints Count 3 prod
    ScratchDatabases Count 0 prod
    OpenAlarms Count 0 prod
    RegionsUnseen Count 1 prod
    ");
}

#[test]
fn every_condition_has_a_word_of_its_own_that_json_and_messages_share() {
    let all = [
        Condition::SlotMissed,
        Condition::RecoveryPointMissing,
        Condition::RpoExceeded,
        Condition::CopyLate,
        Condition::VerificationFailed,
        Condition::VerificationInconclusive,
        Condition::VerificationOverdue,
        Condition::QuotaNearlyFull,
        Condition::RecoveryPointVanished,
        Condition::Tampered,
        Condition::Unprotected,
        Condition::Contested,
        Condition::NothingSelected,
        Condition::Posture,
        Condition::KeyUnusable,
        Condition::ScratchLingering,
        Condition::RegionUnseen,
        Condition::ClockDoubt,
        Condition::Refused,
    ];
    let words: BTreeMap<&str, Condition> = all.iter().map(|it| (it.as_str(), *it)).collect();
    assert_eq!(words.len(), all.len());
    for (word, condition) in words {
        assert_eq!(serde_json::to_value(condition).unwrap(), word);
    }
}

/// One world after the other, each with one more thing wrong: every condition opens and resolves.
#[test]
fn every_condition_is_told_when_it_comes_and_when_it_goes() {
    let rule = ("/objectives", json!({ "rpo": "PT24H" }));
    let policy = policy(&[copied(), verified(), rule]);
    let shepherd = cluster("shepherd");
    let good = point(&shepherd, "2026-03-06T02:00:00Z").judged("pass", "2026-03-06T07:00:00Z");
    let copy = good.copy("2026-03-06T02:30:00Z");
    let healthy = Fleet::of([shepherd.clone()]).snapshots([good.clone(), copy.clone()]);
    let old = point(&shepherd, "2026-03-04T02:00:00Z");
    let with = |it: Database| Fleet::of([it]).snapshots([good.clone(), copy.clone()]);
    let mut two = policy.clone();
    two["policies"]["second"] = two["policies"]["critical"].clone();
    two["policies"]["second"]["select"] = json!({ "databases": ["shepherd"] });
    let mut idle = two.clone();
    idle["policies"]["second"]["select"] = json!({ "databases": ["nowhere"] });
    let keyless = self::policy(&[("/copies", json!([{ "region": AWAY }]))]);
    let judged = |verdict: &str| good.clone().judged(verdict, "2026-03-06T07:00:00Z");
    let alone = Fleet::of([shepherd.clone()]);
    let lingering = scratch(&good, "2026-03-06T05:00:00Z");
    for (condition, policy, fleet) in [
        (Condition::SlotMissed, &policy, alone.clone().snapshots([old.clone()])),
        (Condition::RecoveryPointMissing, &policy, alone.clone()),
        (Condition::RpoExceeded, &policy, alone.clone().snapshots([old.clone()])),
        (Condition::CopyLate, &policy, alone.clone().snapshot(good.clone())),
        (Condition::VerificationFailed, &policy, alone.clone().snapshot(judged("fail"))),
        (
            Condition::VerificationInconclusive,
            &policy,
            alone.clone().snapshot(judged("inconclusive")),
        ),
        (
            Condition::VerificationOverdue,
            &policy,
            alone.clone().snapshots([old.clone(), good.clone().untagged(tags::VERDICT)]),
        ),
        (Condition::QuotaNearlyFull, &policy, healthy.clone().quota(HOME, 1)),
        (Condition::Tampered, &policy, healthy.clone().snapshot(old.untagged(tags::POLICY))),
        (
            Condition::Unprotected,
            &policy,
            healthy.clone().database(cluster("orders").tagged("tier", "none")),
        ),
        (Condition::Contested, &two, healthy.clone()),
        (Condition::NothingSelected, &idle, healthy.clone()),
        (
            Condition::Posture,
            &policy,
            with(shepherd.clone().said(|it| it.deletion_protection = false)),
        ),
        (
            Condition::KeyUnusable,
            &policy,
            with(shepherd.clone().status("inaccessible-encryption-credentials")),
        ),
        (Condition::ScratchLingering, &policy, healthy.clone().database(lingering)),
        (Condition::RegionUnseen, &policy, healthy.clone().unseen(AWAY)),
        (Condition::ClockDoubt, &policy, healthy.clone().skewed(600)),
        (Condition::Refused, &keyless, alone.clone().snapshot(good.clone())),
        (Condition::RecoveryPointVanished, &policy, alone.clone().snapshot(good.clone())),
    ] {
        let now = "2026-03-06T12:30:00Z";
        let mut watch = Watch::new(policy.clone());
        if condition == Condition::RecoveryPointVanished {
            watch.look(&healthy, NOW);
        }
        let is_it = |told: &String| told.contains(&format!("/{}/", condition.as_str()));
        let told: Vec<String> = watch.look(&fleet, now).into_iter().filter(is_it).collect();
        assert_eq!(told.len(), 1, "{condition:?}: {told:?}");
        assert!(told[0].starts_with("opened "));
        watch.policy = self::policy(&[copied(), verified()]);
        let told = watch.look(&healthy, "2026-03-06T12:45:00Z");
        assert_eq!(told.into_iter().filter(is_it).count(), 1, "{condition:?} resolves");
        let later: Timestamp = at("2026-03-06T13:00:00Z");
        assert_eq!(watch.look(&healthy, &later.to_string()), NOTHING, "{condition:?}");
    }
}
