//! What is found by comparing: with a database's own past, with a week ago, with what is to come.

use insta::assert_snapshot;
use serde_json::json;
use snapkeep_policy::alarm::Condition;
use snapkeep_policy::inventory::{BackupWindow, Database, Snapshot};

use super::found::{conditions, found};
use super::{NOTHING, NOW, Watch};
use crate::fixtures::*;

/// A look each quarter of an hour while a snapshot is made, each day from `from` on, for so many
/// minutes. What was told in the end is the answer.
fn watched(watch: &mut Watch, minutes: &[i64]) -> Vec<String> {
    let shepherd = cluster("shepherd").created("2026-03-01T00:00:00Z");
    let mut points: Vec<Snapshot> = Vec::new();
    let mut told = Vec::new();
    for (day, minutes) in minutes.iter().enumerate() {
        let slot = at("2026-03-01T02:00:00Z") + jiff::SignedDuration::from_hours(24 * day as i64);
        let it = point(&shepherd, &slot.to_string());
        for minute in (5..=*minutes + 15).step_by(15) {
            let status = if minute < *minutes { "creating" } else { "available" };
            let fleet = Fleet::of([shepherd.clone()]).snapshots(points.clone());
            let fleet = fleet.snapshot(it.clone().status(status));
            let now = slot + jiff::SignedDuration::from_mins(minute);
            told.extend(watch.look(&fleet, &now.to_string()));
        }
        points.push(it);
    }
    told
}

#[test]
fn a_snapshot_that_takes_much_longer_than_the_last_ones_is_told_while_it_lasts() {
    let key = "prod/us-west-2/snapshot-slow/shepherd";
    let policy = policy(&[
        ("/retention", json!({ "keep_last": 30 })),
        ("/alarms", json!({ "slot_after": "PT24H", "missing_after": "P3D" })),
    ]);
    let mut watch = Watch::new(policy.clone());
    assert_eq!(watched(&mut watch, &[20, 25, 20, 50]), NOTHING, "not so much longer");
    let mut watch = Watch::new(policy.clone());
    assert_eq!(watched(&mut watch, &[20, 25, 180]), NOTHING, "too little is known");
    let mut watch = Watch::new(policy.clone());
    let told = watched(&mut watch, &[20, 25, 20, 20, 180]);
    assert_eq!(told, [format!("opened {key}")]);
    assert_snapshot!(watch.memory.alarms[key].message, @"a snapshot of shepherd took 3 h 5 min; the median is 20 min");
    let mut watch = Watch::new(policy.clone());
    let told = watched(&mut watch, &[20, 25, 20, 20, 180, 20]);
    assert_eq!(told, [format!("opened {key}"), format!("resolved {key}")]);
    let mut watch = Watch::new(policy);
    watched(&mut watch, &[20; 14]);
    let pace = watch.memory.paces.values().next().unwrap();
    assert_eq!((pace.took_seconds.len(), pace.under_way.len()), (10, 0), "bounded");
}

#[test]
fn a_copy_is_held_against_the_copies_into_its_region() {
    let (shepherd, policy) = (cluster("shepherd"), policy(&[copied()]));
    let mut watch = Watch::new(policy);
    let mut snapshots = Vec::new();
    for (day, minutes) in [(3, 10), (4, 10), (5, 10), (6, 50)] {
        let it = point(&shepherd, &format!("2026-03-0{day}T02:00:00Z"));
        let copy = it.copy(&format!("2026-03-0{day}T03:00:00Z"));
        let fleet = Fleet::of([shepherd.clone()]).snapshots(snapshots.clone());
        let copying = fleet.clone().snapshots([it.clone(), copy.clone().status("copying")]);
        let told = watch.look(&copying, &format!("2026-03-0{day}T03:{:02}:00Z", minutes - 5));
        let slow = told.iter().any(|it| it == "opened prod/us-east-1/copy-slow/shepherd");
        assert_eq!(slow, day == 6, "{told:?}");
        snapshots.extend([it, copy]);
        let done = Fleet::of([shepherd.clone()]).snapshots(snapshots.clone());
        watch.look(&done, &format!("2026-03-0{day}T03:{minutes}:00Z"));
    }
}

#[test]
fn storage_that_grows_by_half_in_a_week_is_found_unless_it_is_little() {
    let shepherd = cluster("shepherd");
    let severe = policy(&[("/alarms", json!({ "severity": "critical" }))]);
    let of = |before_gib: u32, now_gib: u32, days: i64| {
        let sized = |time: String, gib| point(&shepherd, &time).said(|it| it.storage_gib = gib);
        let before = at("2026-03-06T02:00:00Z") - jiff::SignedDuration::from_hours(24 * days);
        let now = "2026-03-06T02:00:00Z".to_owned();
        let points = [sized(before.to_string(), before_gib), sized(now, now_gib)];
        found(&Fleet::of([shepherd.clone()]).snapshots(points), &severe, NOW)
    };
    assert_eq!(of(100, 149, 7), "");
    // It is no more than a warning under any policy.
    assert_snapshot!(of(100, 150, 7), @"Warning storage-grew shepherd in us-west-2: shepherd: its storage grew from 100 GiB at 2026-02-27T02:00Z to 150 GiB, by 50 %; the limit is 50 % within a week");
    assert_eq!(of(1, 20, 7), "", "tiny");
    assert_eq!(of(100, 300, 6), "", "no week ago");
    assert_eq!(of(100, 300, 14), "", "longer ago than a week");
    assert_eq!(of(300, 100, 7), "", "it shrank");
}

#[test]
fn a_quota_that_will_be_used_up_within_two_weeks_is_found_with_the_date() {
    let stranger = cluster("stranger");
    let foreign = (0..30).map(|n| {
        let made = point(&stranger, &format!("2026-03-05T{:02}:{:02}:00Z", n / 2, n % 2 * 30));
        made.said(|it| {
            it.tags = Default::default();
            it.arn.id = format!("manual-{n}");
        })
    });
    let fleet = super::sound().snapshots(foreign);
    assert_snapshot!(found(&fleet.clone().quota(HOME, 80), &policy(&[]), NOW), @"Warning quota-nearly-full cluster snapshots in us-west-2: manual cluster snapshots in us-west-2: 31 of 80 are used, no room is left by 2026-03-17 if growth goes on");
    assert_eq!(found(&fleet.quota(HOME, 100), &policy(&[]), NOW), "", "sixteen days");
}

#[test]
fn verifications_without_a_result_become_louder() {
    let policy = policy(&[verified(), ("/retention", json!({ "keep_last": 30 }))]);
    let shepherd = cluster("shepherd");
    let of = |first: &str, verdicts: &[&str]| {
        let points = daily(&shepherd, first, verdicts.len() as i64).into_iter().zip(verdicts);
        let points = points.map(|(point, verdict)| {
            let time = format!("{}T07:00:00Z", &point.tags[snapkeep_policy::tags::SLOT][..10]);
            if verdict.is_empty() { point } else { point.judged(verdict, &time) }
        });
        found(&Fleet::of([shepherd.clone()]).snapshots(points), &policy, NOW)
    };
    let none = "inconclusive";
    assert!(
        of("2026-03-04", &["pass", none, none]).starts_with("Warning verification-inconclusive")
    );
    assert_snapshot!(of("2026-03-03", &["pass", none, none, none]), @"Critical verification-inconclusive shepherd in us-west-2: shepherd: the verification of snapkeep-shepherd-20260306t0200z-80b8d47d48 ended at 2026-03-06T07:00Z without a result, as did all of the last 3");
    assert!(of("2026-03-02", &[none, "", "", "", none]).starts_with("Critical"), "over four days");
    assert_eq!(of("2026-03-03", &[none, none, none, "pass"]), "");
}

#[test]
fn a_slot_within_the_backup_window_is_a_matter_of_posture() {
    let with = |window: &str, change: fn(&mut Database)| {
        let window = BackupWindow::from_aws(window);
        assert!(window.is_some());
        let mut fleet = super::sound();
        let it = &mut fleet.region_mut(HOME).databases[0];
        it.backup_window = window;
        change(it);
        fleet
    };
    let keep = |_: &mut Database| {};
    assert_snapshot!(found(&with("01:45-02:15", keep), &policy(&[]), NOW), @"Info posture shepherd in us-west-2: shepherd has a slot within its backup window (01:45-02:15 UTC), for whose end a snapshot waits");
    for (window, is_found) in [
        ("02:00-02:30", true),
        ("01:30-02:00", false),
        ("23:30-02:01", true),
        ("23:30-01:30", false),
    ] {
        let found = conditions(&with(window, keep), &policy(&[]), NOW);
        assert_eq!(found.contains(&Condition::Posture), is_found, "{window}");
    }
    let off = with("01:45-02:15", |it| it.automated_retention_days = 0);
    assert_snapshot!(found(&off, &policy(&[]), NOW), @"Info posture shepherd in us-west-2: shepherd has no automated backups");
    let hourly = policy(&[("/schedules", json!(["cron(0 * * * ? *)", "cron(30 12 * * ? *)"]))]);
    let found = conditions(&with("02:00-02:30", keep), &hourly, NOW);
    assert!(!found.contains(&Condition::Posture), "a schedule that can't avoid it");
    for nonsense in ["", "2-3", "24:00-25:00", "01:60-02:00", "a:b-c:d"] {
        assert_eq!(BackupWindow::from_aws(nonsense), None, "{nonsense}");
    }
}
