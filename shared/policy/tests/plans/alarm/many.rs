//! Many alarms of a kind are told as one.

use serde_json::json;
use snapkeep_policy::alarm::{Action, Memory, plan};

use super::{NOTHING, NOW, Watch, sound};
use crate::fixtures::*;

const MANY: &str = "prod/many/unprotected/warning";

/// A sound database, and those of the numbers that no policy protects.
fn lost(numbers: std::ops::Range<usize>) -> Fleet {
    let names = numbers.map(|n| cluster(&format!("db{n:03}")).tagged("tier", "none"));
    names.fold(sound(), Fleet::database)
}

fn later(minutes: i64) -> String {
    (at(NOW) + jiff::SignedDuration::from_mins(minutes)).to_string()
}

#[test]
fn ten_are_told_one_by_one_and_eleven_as_one() {
    assert_eq!(Watch::new(policy(&[])).look(&lost(0..10), NOW).len(), 10);
    let mut watch = Watch::new(policy(&[]));
    assert_eq!(watch.look(&lost(0..11), NOW), [format!("opened {MANY} (11)")]);
    assert_eq!(watch.look(&sound(), &later(15)), [format!("resolved {MANY}")]);
    assert_eq!(watch.look(&sound(), &later(30)), NOTHING);
}

#[test]
fn a_thousand_failing_together_are_one_alarm_and_one_ok() {
    let levels = json!([{ "after": "PT1H", "call_in": "database administrator" }]);
    let mut watch = Watch::new(policy(&[("/alarms", json!({ "escalation": levels }))]));
    let all = lost(0..1000);
    let opened = [format!("opened {MANY} (1000)")];
    assert_eq!(watch.look_and(&all, NOW, false, &[]), opened, "stays due");
    assert_eq!(watch.look(&all, &later(15)), opened);
    assert_eq!(watch.look(&all, &later(30)), NOTHING);
    let size = serde_json::to_string(&watch.memory).unwrap().len();
    assert!(size < 700_000, "{size} bytes");
    let level_2 = format!("escalated {MANY} (1000) to level 2: database administrator");
    assert_eq!(watch.look(&all, &later(60)), [level_2]);
    for (n, left) in [900, 500, 3, 1].into_iter().enumerate() {
        let told = watch.look(&lost(0..left), &later(75 + 15 * n as i64));
        assert_eq!(told, NOTHING, "who is back just leaves");
    }
    assert_eq!(watch.look(&sound(), &later(150)), [format!("resolved {MANY}")]);
    assert_eq!(watch.look(&sound(), &later(165)), NOTHING);
    assert!(watch.memory.alarms.is_empty() && watch.memory.groups.is_empty());
}

#[test]
fn who_comes_later_is_heard_of_once_a_look_and_under_the_same_key() {
    let mut watch = Watch::new(policy(&[]));
    watch.look(&lost(0..20), NOW);
    assert_eq!(watch.look(&lost(0..21), &later(15)), [format!("opened {MANY} (21)")]);
    assert_eq!(watch.look(&lost(0..21), &later(30)), NOTHING);
    assert_eq!(watch.look(&lost(5..26), &later(45)), [format!("opened {MANY} (21)")]);
    assert_eq!(watch.look(&lost(5..26), &later(60)), NOTHING);
    assert_eq!(watch.look(&sound(), &later(75)), [format!("resolved {MANY}")]);
}

#[test]
fn an_outage_that_spreads_slowly_is_not_told_two_hundred_times() {
    let mut watch = Watch::new(policy(&[]));
    let mut messages = 0;
    for n in 1..=40 {
        messages += watch.look(&lost(0..n * 5), &later(15 * n as i64)).len();
    }
    // Ten by themselves, then one a look.
    assert_eq!(messages, 10 + 38);
    let told = watch.look(&sound(), &later(615));
    assert_eq!(told.len(), 11, "an OK for each of ten, and one for the others: {told:?}");
}

#[test]
fn the_worst_comes_first_and_that_is_what_lasts_longest() {
    let mut watch = Watch::new(policy(&[]));
    watch.look_and(&lost(7..9), NOW, false, &[]);
    let document = document(&policy(&[]));
    let fleet = lost(0..12);
    let (plan, _) =
        plan(&fleet.view(&document, &later(15)), &watch.memory, Some(&Default::default()));
    let Action::Tell(notice) = &plan.steps[0].action;
    let others: Vec<&str> = notice.others.iter().map(|it| it.subject.as_str()).collect();
    assert_eq!((notice.alarm.subject.as_str(), &others[..2]), ("db007", &["db008", "db000"][..]));
    assert_eq!(notice.alarm.opened_at, at(NOW));
}

#[test]
fn a_group_lasts_since_its_first_member_though_that_one_is_back() {
    let mut watch = Watch::new(policy(&[]));
    watch.look(&lost(0..11), NOW);
    watch.look(&lost(0..22), &later(15));
    watch.look(&lost(11..22), &later(30));
    assert_eq!(watch.memory.groups[MANY].opened_at, at(NOW));
}

#[test]
fn without_its_memory_a_group_is_told_again_under_its_key() {
    let mut watch = Watch::new(policy(&[]));
    watch.look(&lost(0..50), NOW);
    watch.memory = Memory::default();
    assert_eq!(watch.look(&lost(0..50), &later(15)), [format!("opened {MANY} (50)")]);
    assert_eq!(watch.look(&sound(), &later(30)), [format!("resolved {MANY}")]);
}
