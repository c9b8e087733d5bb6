//! What is told, when, and how often.

use serde_json::{Value, json};
use snapkeep_policy::alarm::Condition;
use snapkeep_policy::inventory::Database;
use snapkeep_policy::tags;

use super::{NOTHING, NOW, Watch, sound};
use crate::fixtures::*;

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

/// The path of a runbook: the engineer on call, after an hour the administrator, after two the lead,
/// after four the management.
fn escalated() -> (&'static str, Value) {
    let levels = json!([
        { "after": "PT1H", "call_in": "database administrator" },
        { "after": "PT2H", "call_in": "infrastructure lead" },
        { "after": "PT4H", "call_in": "management" },
    ]);
    ("/alarms", json!({ "remind_every": "PT12H", "escalation": levels }))
}

const LOCKED: &str = "prod/us-west-2/key-unusable/shepherd";

/// Nothing is wrong but the key.
fn locked() -> Fleet {
    let mut fleet = sound();
    let it = &mut fleet.region_mut(HOME).databases[0];
    *it = it.clone().status("inaccessible-encryption-credentials");
    fleet
}

#[test]
fn an_alarm_lives_from_its_opening_through_every_level_to_its_end() {
    let mut watch = Watch::new(policy(&[escalated()]));
    let opened = [format!("opened {LOCKED}")];
    let reminded = [format!("reminded {LOCKED}")];
    let level = |text: &str| [format!("escalated {LOCKED} to level {text}")];
    for (time, told) in [
        ("12:00:00", &opened[..]),
        ("12:15:00", &[]),
        ("12:59:59", &[]),
        ("13:00:00", &level("2: database administrator")),
        ("13:15:00", &[]),
        ("14:05:00", &level("3: infrastructure lead")),
        ("15:59:00", &[]),
        ("16:00:00", &level("4: management")),
        ("16:15:00", &[]),
    ] {
        assert_eq!(watch.look(&locked(), &format!("2026-03-06T{time}Z")), told, "{time}");
    }
    let today = point(&cluster("shepherd"), "2026-03-07T02:00:00Z");
    let next_day = locked().snapshot(today.clone());
    assert_eq!(watch.look(&next_day, "2026-03-07T03:59:00Z"), NOTHING);
    assert_eq!(watch.look(&next_day, "2026-03-07T04:00:00Z"), reminded, "twelve hours later");
    let over = sound().snapshot(today);
    assert_eq!(watch.look(&over, "2026-03-07T04:15:00Z"), [format!("resolved {LOCKED}")]);
    assert_eq!(watch.look(&over, "2026-03-07T04:30:00Z"), NOTHING);
}

#[test]
fn after_a_day_without_the_topic_everything_is_told_once_and_in_order() {
    let mut watch = Watch::new(policy(&[escalated()]));
    for hour in 12..24 {
        let told = watch.look_and(&locked(), &format!("2026-03-06T{hour}:00:00Z"), false, &[]);
        assert_eq!(told[0], format!("opened {LOCKED}"), "{hour}");
    }
    let all = [
        format!("opened {LOCKED}"),
        format!("escalated {LOCKED} to level 2: database administrator"),
        format!("escalated {LOCKED} to level 3: infrastructure lead"),
        format!("escalated {LOCKED} to level 4: management"),
    ];
    assert_eq!(watch.look(&locked(), "2026-03-07T00:00:00Z"), all);
    assert_eq!(watch.look(&locked(), "2026-03-07T00:15:00Z"), NOTHING);
    let over = [format!("resolved {LOCKED}")];
    assert_eq!(watch.look_and(&sound(), "2026-03-07T00:30:00Z", false, &[]), over);
    assert_eq!(watch.look(&sound(), "2026-03-07T00:45:00Z"), over);
    assert_eq!(watch.look(&sound(), "2026-03-07T01:00:00Z"), NOTHING);
}

#[test]
fn a_level_whose_message_was_lost_is_told_again() {
    let mut watch = Watch::new(policy(&[escalated()]));
    watch.look(&locked(), NOW);
    let level_2 = [format!("escalated {LOCKED} to level 2: database administrator")];
    assert_eq!(watch.look_and(&locked(), "2026-03-06T13:00:00Z", false, &[]), level_2);
    assert_eq!(watch.look(&locked(), "2026-03-06T13:15:00Z"), level_2);
    assert_eq!(watch.look(&locked(), "2026-03-06T13:30:00Z"), NOTHING);
}

#[test]
fn alarms_of_the_version_before_are_read_and_go_on() {
    let alarm = json!({
        "condition": "key-unusable", "severity": "critical", "subject": "shepherd",
        "region": "us-west-2", "message": "m", "next_step": "n",
        "opened_at": "2026-03-06T11:30:00Z", "told_at": "2026-03-06T11:30:00Z", "resolved_at": null,
    });
    let old = json!({ "alarms": { (LOCKED): alarm }, "known": {} });
    let mut watch = Watch::new(policy(&[escalated()]));
    watch.memory = serde_json::from_value(old).unwrap();
    assert_eq!(watch.look(&locked(), NOW), NOTHING, "it was told before");
    assert_eq!(watch.look(&locked(), "2026-03-06T12:30:00Z").len(), 1, "the second level");
    assert_eq!(watch.look(&sound(), "2026-03-06T12:45:00Z"), [format!("resolved {LOCKED}")]);
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
        assert_eq!(watch.look(&healthy, "2026-03-06T13:00:00Z"), NOTHING, "{condition:?}");
    }
}

#[test]
fn what_reached_nobody_is_still_told_as_of_when_it_was_found() {
    let mut watch = Watch::new(policy(&[]));
    let orders = sound().database(cluster("orders").tagged("tier", "none"));
    let key = "prod/us-west-2/unprotected/orders";
    for time in [NOW, "2026-03-06T12:15:00Z"] {
        assert_eq!(watch.look_and(&orders, time, false, &[]), [format!("opened {key}")]);
        assert_eq!(watch.memory.alarms[key].opened_at, at(NOW));
    }
}

#[test]
fn what_becomes_more_urgent_is_told_at_once_and_what_becomes_less_is_not() {
    let limits = json!({ "remind_every": "P30D", "missing_after": "P9D", "slot_after": "P8D" });
    let kept = ("/retention", json!({ "keep_last": 30 }));
    let mut watch = Watch::new(policy(&[verified(), ("/alarms", limits), kept]));
    let shepherd = cluster("shepherd");
    let mut fleet = Fleet::of([shepherd.clone()]);
    let key = "prod/us-west-2/verification-inconclusive/shepherd";
    let mut told = Vec::new();
    for day in 1..=4 {
        let taken = point(&shepherd, &format!("2026-03-0{day}T02:00:00Z"));
        fleet = fleet.snapshot(taken.judged("inconclusive", &format!("2026-03-0{day}T07:00:00Z")));
        told.push(watch.look(&fleet, &format!("2026-03-0{day}T08:00:00Z")));
    }
    let reminded = vec![format!("reminded {key}")];
    assert_eq!(told, [vec![format!("opened {key}")], vec![], reminded, vec![]]);
    // The oldest are gone, as if they had been pruned: two are left, which is a warning again.
    fleet.region_mut(HOME).snapshots.drain(..2);
    let gone: Vec<_> = watch.memory.known.vanished().collect();
    assert_eq!(gone.len(), 0);
    let pruned = ["01", "02"].map(|day| point(&shepherd, &format!("2026-03-{day}T02:00:00Z")).arn);
    assert_eq!(watch.look_and(&fleet, "2026-03-04T08:15:00Z", true, &pruned), NOTHING);
}
