//! Stories to test with: a plausible year of five databases, and nothing at all.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::recovery_point::Outcome;

use super::text::DAY;
use crate::story::{AlarmStory, Counts, DatabaseStory, Kept, Restore, Sample, Story};

mod script;

const DAYS: i64 = 400;
const HOME: &str = "us-west-2";
const AWAY: &str = "us-east-1";
const DATABASES: [(&str, &str, i64); 5] = [
    ("shepherd", "docdb", 41),
    ("apm-postgres", "aurora-postgresql", 34),
    ("apm-mysql", "aurora-mysql", 36),
    ("lab06-users", "postgres", 22),
    ("lab06-orders", "mysql", 25),
];

/// A day and an hour of the story.
fn at(day: i64, hour: i64) -> Timestamp {
    let start: Timestamp = "2025-01-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(day * 24 + hour)
}

/// The same number for the same arguments: enough disorder for a picture.
fn noise(database: usize, day: i64, below: i64) -> i64 {
    let mut bits = (database as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (day as u64) << 17;
    bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((bits >> 33) % below as u64) as i64
}

/// Nothing was protected and nothing happened.
pub(super) fn empty() -> Story {
    Story {
        deployment: "demo".to_owned(),
        command: "snapkeep demo --days 0 --seed 1".to_owned(),
        seed: 1,
        days: 0,
        started_at: at(0, 0),
        ended_at: at(0, 0),
        databases: Vec::new(),
        alarms: Vec::new(),
        messages: Vec::new(),
        incidents: Vec::new(),
        faults: Default::default(),
        counts: Counts::default(),
        violations: Vec::new(),
        reports: Vec::new(),
    }
}

/// Five databases, five incidents, all of them caught.
pub(super) fn good() -> Story {
    let databases: Vec<DatabaseStory> = (0..DATABASES.len()).map(database).collect();
    let ended = |outcome: Outcome| {
        let restores = databases.iter().flat_map(|database| &database.restores);
        restores.filter(|restore| restore.outcome == outcome).count() as u64
    };
    let kept: usize = databases.iter().map(|database| database.kept.len()).sum();
    let alarms = script::alarms();
    let resolved = alarms.iter().filter(|alarm| alarm.resolved_at.is_some()).count() as u64;
    let counts = Counts {
        nights: DAYS as u64,
        runs: 5_600,
        runs_failed: 14,
        created: 1_998,
        copied: 1_996,
        verified: ended(Outcome::Pass),
        failed: ended(Outcome::Fail),
        inconclusive: ended(Outcome::Inconclusive),
        pruned: 3_994 - kept as u64,
        alarms_opened: alarms.len() as u64,
        alarms_resolved: resolved,
        faults_injected: 4_711,
        calls: 412_306,
    };
    let faults = [
        ("error after effect", 212),
        ("error before effect", 655),
        ("late visibility", 1_404),
        ("slow transition", 98),
        ("throttled", 2_290),
        ("truncated page", 52),
    ];
    Story {
        command: format!("snapkeep demo --days {DAYS} --seed 42"),
        seed: 42,
        days: DAYS as u32,
        ended_at: at(DAYS, 0),
        databases,
        alarms,
        incidents: script::incidents(),
        faults: faults.map(|(kind, number)| (kind.to_owned(), number)).into(),
        counts,
        ..empty()
    }
}

fn database(index: usize) -> DatabaseStory {
    let (id, engine, _) = DATABASES[index];
    let mut kept = kept(index, HOME);
    kept.extend(self::kept(index, AWAY));
    kept.sort_by(|a, b| b.taken_at.cmp(&a.taken_at).then(a.id.cmp(&b.id)));
    DatabaseStory {
        id: id.to_owned(),
        engine: engine.to_owned(),
        region: HOME.to_owned(),
        policy: if index < 3 { "critical" } else { "standard" }.to_owned(),
        rpo_seconds: Some(if index < 3 { 900 } else { 3_600 }),
        rto_seconds: Some(3_600),
        missing_after_seconds: 26 * 3_600,
        samples: (1..=DAYS).map(|day| sample(index, day)).collect(),
        restores: (1..=DAYS).map(|day| restore(index, day)).collect(),
        kept,
    }
}

/// Taken at 02:00 every night, looked at at midnight.
fn sample(index: usize, day: i64) -> Sample {
    let age = 22 * 3_600 - noise(index, day, 900);
    let missed = index == 1 && day == 38;
    let stuck_days = if (113..=116).contains(&day) { day - 112 } else { 0 };
    let unproven = i64::from(noise(index, day, 50) == 0 || index == 4 && (191..193).contains(&day));
    let newest = age + i64::from(missed) * DAY;
    Sample {
        at: at(day, 0),
        restorable_age_seconds: Some(300),
        newest_age_seconds: Some(newest),
        newest_copy_age_seconds: (day > 1).then_some(newest + stuck_days * DAY),
        newest_verified_age_seconds: (day > 1).then_some(newest + unproven * DAY),
        originals: usize::try_from(day.min(45)).unwrap(),
        copies: usize::try_from((day - 1).min(45)).unwrap(),
    }
}

fn restore(index: usize, day: i64) -> Restore {
    let usual = DATABASES[index].2 * 60 + noise(index, day, 420) + day * 2;
    let (outcome, reason, ready_after_seconds) = match noise(index, day, 97) {
        _ if index == 4 && day == 190 => {
            (Outcome::Fail, "count of orders is 0, min 1", Some(usual))
        }
        0 => (Outcome::Inconclusive, "no capacity for db.t4g.medium", None),
        1 => (Outcome::Inconclusive, "deadline PT4H passed in phase checks", Some(usual * 2)),
        2 => (Outcome::Pass, "3 checks held", Some(usual * 2)),
        _ => (Outcome::Pass, "3 checks held", Some(usual)),
    };
    Restore { at: at(day, 6), outcome, reason: reason.to_owned(), ready_after_seconds }
}

/// 30 daily, 12 weekly, 12 monthly.
fn kept(index: usize, region: &str) -> Vec<Kept> {
    let mut reasons = vec![Vec::new(); DAYS as usize];
    let mut keep = |tier: &str, every_days: i64, number: i64| {
        let days: BTreeSet<i64> =
            (0..number).map(|rank| (DAYS - 1 - rank * every_days).max(0)).collect();
        for (rank, day) in days.into_iter().rev().enumerate() {
            reasons[day as usize].push(format!("{tier}#{}", rank + 1));
        }
    };
    keep("daily", 1, 30);
    keep("weekly", 7, 12);
    keep("monthly", 31, 12);
    let days = reasons.into_iter().enumerate().filter(|(_, reasons)| !reasons.is_empty());
    days.map(|(day, reasons)| {
        let day = day as i64;
        let proven = if region == HOME { noise(index, day, 12) > 0 } else { day % 31 == 27 };
        let newest = region == HOME && day == DAYS - 1;
        let failed = index == 4 && region == HOME && day == DAYS - 16;
        Kept {
            id: format!("snapkeep-{}-{}", DATABASES[index].0, at(day, 2).strftime("%Y%m%d-%H%M")),
            region: region.to_owned(),
            is_copy: region != HOME,
            taken_at: at(day, 2),
            verdict: match (failed, proven || newest) {
                (true, _) => Some(Outcome::Fail),
                (false, true) => Some(Outcome::Pass),
                (false, false) => (noise(index, day, 5) == 0).then_some(Outcome::Inconclusive),
            },
            reasons,
        }
    })
    .collect()
}

/// Nothing that can be proven, an incident that was missed, and more alarms than a picture holds.
pub(super) fn bad() -> Story {
    let mut story = good();
    story.violations =
        vec!["the last verified recovery point of apm-mysql was deleted, day 272".to_owned()];
    story.incidents[3].caught = false;
    story.incidents[3].answer = "Nothing was told within a day.".to_owned();
    for database in &mut story.databases[2..] {
        database.kept.retain(|kept| kept.verdict != Some(Outcome::Pass));
        for sample in &mut database.samples[265..] {
            sample.newest_age_seconds = None;
        }
    }
    story.databases[4].restores.clear();
    story.databases[4].kept.clear();
    let alarm = story.alarms[0].clone();
    story.alarms.extend((0..120).map(|number| AlarmStory {
        subject: format!("arn:aws:rds:us-west-2:123456789012:cluster:tenant-{:02}", number % 60),
        opened_at: at(10 + number * 3, 5),
        resolved_at: (number % 7 != 0).then(|| at(11 + number * 3, 5 + number)),
        ..alarm.clone()
    }));
    story.alarms[9].resolved_at = None;
    story
}
