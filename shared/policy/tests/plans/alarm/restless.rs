//! Alarms that come and go.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;
use snapkeep_policy::alarm::{Action, Life, Memory, News, plan};

use super::{NOTHING, Watch, sound};
use crate::fixtures::*;

const KEY: &str = "prod/us-west-2/unprotected/orders";

fn lost() -> Fleet {
    sound().database(cluster("orders").tagged("tier", "none"))
}

#[test]
fn what_came_back_three_times_in_a_day_stays_open_until_it_has_settled() {
    let mut watch = Watch::new(policy(&[]));
    let (opened, over) = ([format!("opened {KEY}")], [format!("resolved {KEY}")]);
    for (time, is_lost, told) in [
        ("02:00", true, &opened[..]),
        ("02:15", false, &over),
        ("02:30", true, &opened),
        ("02:45", false, &over),
        ("03:00", true, &opened),
        ("03:15", false, &over),
        // For the third time it is back: now it flaps.
        ("03:30", true, &opened),
        ("03:45", false, &[]),
        ("04:00", true, &[]),
        ("04:15", false, &[]),
        ("05:00", false, &[]),
        ("05:15", false, &over),
        ("05:30", false, &[]),
    ] {
        let fleet = if is_lost { lost() } else { sound() };
        assert_eq!(watch.look(&fleet, &format!("2026-03-06T{time}:00Z")), told, "{time}");
        if time == "04:00" {
            let message = &watch.memory.alarms[KEY].message;
            assert!(message.ends_with("; it flaps: it came back 4 times in a day"), "{message}");
        }
    }
}

#[test]
fn what_came_back_is_forgotten_after_a_day() {
    let mut watch = Watch::new(policy(&[]));
    for hour in [3, 5, 7, 9] {
        watch.look(&lost(), &format!("2026-03-06T0{hour}:00:00Z"));
        watch.look(&sound(), &format!("2026-03-06T0{hour}:15:00Z"));
    }
    watch.look(&sound(), "2026-03-06T11:00:00Z");
    assert_eq!(watch.memory.lives.len(), 1);
    let later = sound().snapshot(point(&cluster("shepherd"), "2026-03-07T02:00:00Z"));
    assert_eq!(watch.look(&later, "2026-03-07T12:00:00Z"), NOTHING);
    assert!(watch.memory.lives.is_empty(), "{:?}", watch.memory.lives);
}

#[test]
fn returns_of_another_day_make_nothing_restless() {
    let mut watch =
        Watch::new(policy(&[("/alarms", json!({ "missing_after": "P9D", "slot_after": "P8D" }))]));
    let mut come_and_go = |day: u32, hours: &[u32]| {
        let (mut told, mut flaps) = (0, 0);
        for hour in hours {
            told += watch.look(&lost(), &format!("2026-03-{day:02}T{hour:02}:00:00Z")).len();
            flaps += usize::from(watch.memory.alarms[KEY].message.contains("it flaps"));
            told += watch.look(&sound(), &format!("2026-03-{day:02}T{hour:02}:15:00Z")).len();
            told += watch.look(&sound(), &format!("2026-03-{day:02}T{hour:02}:30:00Z")).len();
        }
        (told, flaps, watch.memory.lives.len())
    };
    assert_eq!(come_and_go(6, &[8, 9, 10]), (6, 0, 1), "two returns, and it is remembered");
    assert_eq!(come_and_go(7, &[9, 10]), (4, 0, 1), "the third is a day after the first");
    assert_eq!(come_and_go(7, &[11]), (1, 1, 1), "three within a day: its end is waited for");
}

#[test]
fn a_day_of_returns_ends_to_the_second() {
    // It came back at three and at four, and then once more.
    for (third, flaps) in [("2026-03-07T02:59:59Z", true), ("2026-03-07T03:00:00Z", false)] {
        let mut watch = Watch::new(policy(&[]));
        for hour in ["02", "03", "04"] {
            watch.look(&lost(), &format!("2026-03-06T{hour}:00:00Z"));
            watch.look(&sound(), &format!("2026-03-06T{hour}:15:00Z"));
        }
        watch.look(&lost(), third);
        let message = &watch.memory.alarms[KEY].message;
        assert_eq!(message.contains("it flaps"), flaps, "{third}: {message}");
    }
}

#[test]
fn of_too_many_that_ended_those_that_ended_first_are_forgotten() {
    let mut watch = Watch::new(policy(&[]));
    let ended = |second: i64| Life {
        gone_since: Some(at("2026-03-06T00:00:00Z") + jiff::SignedDuration::from_secs(second)),
        ..Life::default()
    };
    watch.memory.lives = (0..5_010).map(|n| (format!("prod/{n:04}"), ended(n))).collect();
    watch.look(&lost(), "2026-03-06T12:00:00Z");
    let kept: Vec<&String> = watch.memory.lives.keys().collect();
    // And the one that is open.
    assert_eq!((kept.len(), kept[0].as_str()), (5_000 + 1, "prod/0010"));
}

/// One look: which databases are unprotected, whether all was seen, and what was delivered.
#[derive(Debug, Clone)]
struct Look {
    lost: BTreeSet<usize>,
    is_seen: bool,
    /// One bit for each notice.
    delivered: u32,
    minutes: i64,
}

fn look() -> impl Strategy<Value = Look> {
    let few = prop::collection::btree_set(0..30_usize, 0..4);
    let many = prop::collection::btree_set(0..30_usize, 8..30);
    let lost = prop_oneof![few, many];
    let minutes = prop_oneof![Just(15_i64), Just(90), Just(26 * 60)];
    let delivered = prop_oneof![Just(u32::MAX), Just(0), any::<u32>()];
    (lost, prop::bool::weighted(0.9), delivered, minutes)
        .prop_map(|(lost, is_seen, delivered, minutes)| Look { lost, is_seen, delivered, minutes })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// What each consumer gets under a key is ALARM … OK, ALARM … OK: never an OK without an ALARM
    /// before it, and an OK at the end.
    #[test]
    fn under_every_key_each_alarm_is_followed_by_one_ok(
        looks in prop::collection::vec(look(), 1..25),
    ) {
        let escalation = json!([{ "after": "PT1H", "call_in": "somebody" }]);
        let document = document(&policy(&[
            ("/alarms", json!({ "escalation": escalation })),
            ("/retention", json!({ "keep_last": 100 })),
        ]));
        let mut points = Vec::new();
        let mut memory = Memory::default();
        let mut is_open: BTreeMap<String, bool> = BTreeMap::new();
        let calm = [15, 90, 90].map(|minutes| Look {
            lost: BTreeSet::new(), is_seen: true, delivered: u32::MAX, minutes,
        });
        let mut now = at("2026-03-06T12:00:00Z");
        for look in looks.iter().chain(&calm) {
            now += jiff::SignedDuration::from_mins(look.minutes);
            let lost = look.lost.iter().map(|n| cluster(&format!("db{n}")).tagged("tier", "none"));
            points.push(point(&cluster("shepherd"), &now.to_string()));
            let fleet = Fleet::of([cluster("shepherd")]).snapshots(points.clone());
            let mut fleet = lost.fold(fleet, Fleet::database);
            if !look.is_seen {
                fleet = fleet.unseen(AWAY);
            }
            let (plan, mut next) =
                plan(&fleet.view(&document, &now.to_string()), &memory, Some(&BTreeSet::new()));
            prop_assert!(plan.steps.len() <= 40, "{} messages at once", plan.steps.len());
            for (n, step) in plan.steps.iter().enumerate() {
                let Action::Tell(notice) = &step.action;
                if look.delivered >> (n % 32) & 1 == 0 {
                    continue;
                }
                let was_open = is_open.insert(notice.key.clone(), notice.news != News::Resolved);
                let was_open = was_open.unwrap_or(false);
                prop_assert!(notice.news != News::Resolved || was_open, "an OK too many: {}", notice.key);
                next.told(notice, now);
            }
            memory = next;
        }
        let left: Vec<_> = is_open.iter().filter(|(_, is_open)| **is_open).collect();
        prop_assert!(left.is_empty(), "no OK for {left:?}");
        prop_assert!(memory.alarms.is_empty() && memory.groups.is_empty());
    }
}
