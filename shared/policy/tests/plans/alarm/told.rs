//! What is told, when, and how often.

use serde_json::json;
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
