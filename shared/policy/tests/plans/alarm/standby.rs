//! The standby: what it tells while the alarm at home is silent, and how it hands back.

use jiff::SignedDuration;
use snapkeep_policy::alarm::standby::{Glimpse, Home, Standby, plan};

use super::*;

const ORDERS: &str = "prod/us-west-2/unprotected/orders";
const SILENT: &str = "prod/us-west-2/home-silent/us-west-2";
const UNSEEN: &str = "prod/us-west-2/region-unseen/us-west-2";

/// A standby over several looks, with everything delivered unless said otherwise.
struct Elsewhere {
    policy: Value,
    standby: Standby,
}

impl Elsewhere {
    fn new() -> Self {
        Self { policy: policy(&[]), standby: Standby::default() }
    }

    /// What one look has to tell, with `home` for what can be read of home's memory.
    fn look(&mut self, fleet: &Fleet, home: Glimpse, now: &str) -> Vec<String> {
        self.look_and(fleet, home, now, true)
    }

    fn look_and(
        &mut self,
        fleet: &Fleet,
        glimpse: Glimpse,
        now: &str,
        delivered: bool,
    ) -> Vec<String> {
        let document = document(&self.policy);
        let home = Home {
            region: region(HOME),
            bucket: "bucket".to_owned(),
            silent_after: SignedDuration::from_hours(1),
        };
        let view = fleet.view(&document, now);
        let standby = self.standby.clone().hearing(&home, glimpse, at(now));
        let (plan, mut next) = plan(&view, &standby, &home, Some(&BTreeSet::new()));
        let mut told = Vec::new();
        for step in &plan.steps {
            let Action::Tell(notice) = &step.action;
            told.push(line(notice));
            if delivered {
                next.told(notice, at(now));
            }
        }
        // It is stored as JSON between two runs.
        let stored = serde_json::to_string(&next).unwrap();
        self.standby = serde_json::from_str(&stored).unwrap();
        told
    }
}

fn heard(watch: &Watch) -> Glimpse {
    Glimpse::Read(Some(Box::new(watch.memory.clone())))
}

fn unread() -> Glimpse {
    Glimpse::Unread("read s3://bucket/state/alarms.json: ServiceUnavailable".to_owned())
}

/// The sound fleet with a database that no policy protects.
fn with_orders() -> Fleet {
    let mut orders = instance("orders");
    orders.tags = Default::default();
    sound().database(orders)
}

#[test]
fn while_home_looks_the_standby_tells_nothing_whatever_is_wrong() {
    let (mut home, mut standby) = (Watch::new(policy(&[])), Elsewhere::new());
    for hour in 12..20 {
        let now = format!("2026-03-06T{hour}:00:00Z");
        home.look(&with_orders(), &now);
        assert_eq!(standby.look(&with_orders(), heard(&home), &now), NOTHING, "{hour}");
    }
    assert_eq!(standby.standby.memory, home.memory);
}

#[test]
fn when_the_region_is_out_it_goes_on_under_homes_keys_and_repeats_nothing() {
    let (mut home, mut standby) = (Watch::new(policy(&[])), Elsewhere::new());
    assert_eq!(home.look(&with_orders(), "2026-03-06T12:00:00Z"), [format!("opened {ORDERS}")]);
    assert_eq!(standby.look(&with_orders(), heard(&home), "2026-03-06T12:05:00Z"), NOTHING);
    let out = with_orders().unseen(HOME);
    assert_eq!(standby.look(&out, unread(), "2026-03-06T12:20:00Z"), NOTHING, "it may be a moment");
    assert_eq!(standby.look(&out, unread(), "2026-03-06T12:59:00Z"), NOTHING);
    let told = standby.look(&out, unread(), "2026-03-06T13:00:00Z");
    assert_eq!(told, [format!("opened {SILENT}"), format!("opened {UNSEEN}")]);
    assert_eq!(standby.look(&out, unread(), "2026-03-06T13:15:00Z"), NOTHING);
    let finding = &standby.standby.memory.alarms[SILENT].message;
    let expected = "alarm in us-west-2 last looked at 2026-03-06T12:00Z, 1 h 15 min ago, and its \
                    memory can't be read: read s3://bucket/state/alarms.json: ServiceUnavailable; \
                    since 2026-03-06T13:00Z the standby tells in its place (2 other alarms are open)";
    assert_eq!(finding, expected);
    // It reminds of what home has told, when home would have.
    let told = standby.look(&out, unread(), "2026-03-07T12:00:00Z");
    assert!(told.contains(&format!("reminded {ORDERS}")), "{told:?}");
}

#[test]
fn once_home_is_back_what_was_told_from_here_ends_from_here_when_it_is_over() {
    let (mut home, mut standby) = (Watch::new(policy(&[])), Elsewhere::new());
    home.look(&sound(), "2026-03-06T12:00:00Z");
    standby.look(&sound(), heard(&home), "2026-03-06T12:05:00Z");
    let told = standby.look(&with_orders(), heard(&home), "2026-03-06T13:05:00Z");
    assert_eq!(told, [format!("opened {SILENT}"), format!("opened {ORDERS}")]);
    // Home looks again and finds it, too: both hold the key, and nobody says OK.
    assert_eq!(home.look(&with_orders(), "2026-03-06T14:00:00Z"), [format!("opened {ORDERS}")]);
    let told = standby.look(&with_orders(), heard(&home), "2026-03-06T14:05:00Z");
    assert_eq!(told, [format!("resolved {SILENT}")]);
    assert_eq!(
        standby.look(&sound(), heard(&home), "2026-03-06T14:10:00Z"),
        NOTHING,
        "home's first"
    );
    assert_eq!(home.look(&sound(), "2026-03-06T14:15:00Z"), [format!("resolved {ORDERS}")]);
    let resolved = [format!("resolved {ORDERS}")];
    let look = |standby: &mut Elsewhere, fleet: &Fleet, now, delivered| {
        standby.look_and(fleet, heard(&home), now, delivered)
    };
    let still = with_orders();
    assert_eq!(look(&mut standby, &still, "2026-03-06T14:16:00Z", true), NOTHING, "still found");
    let unseen = sound().unseen(AWAY);
    assert_eq!(look(&mut standby, &unseen, "2026-03-06T14:17:00Z", true), NOTHING, "in doubt");
    assert_eq!(look(&mut standby, &sound(), "2026-03-06T14:20:00Z", false), resolved);
    assert_eq!(look(&mut standby, &sound(), "2026-03-06T14:35:00Z", true), resolved, "it was lost");
    assert_eq!(look(&mut standby, &sound(), "2026-03-06T14:50:00Z", true), NOTHING);
}

#[test]
fn what_ends_while_only_homes_alarm_is_dead_is_resolved_at_once() {
    let (mut home, mut standby) = (Watch::new(policy(&[])), Elsewhere::new());
    home.look(&with_orders(), "2026-03-06T12:00:00Z");
    standby.look(&with_orders(), heard(&home), "2026-03-06T12:05:00Z");
    let told = standby.look(&sound(), heard(&home), "2026-03-06T13:05:00Z");
    assert_eq!(told, [format!("opened {SILENT}"), format!("resolved {ORDERS}")]);
}

#[test]
fn a_home_that_looks_but_reaches_nobody_is_silent_too() {
    let (mut home, mut standby) = (Watch::new(policy(&[])), Elsewhere::new());
    for minute in ["00", "15", "30", "45", "59"] {
        let now = format!("2026-03-06T12:{minute}:00Z");
        home.look_and(&with_orders(), &now, false, &[]);
        assert_eq!(standby.look(&with_orders(), heard(&home), &now), NOTHING);
    }
    let told = standby.look(&with_orders(), heard(&home), "2026-03-06T13:00:00Z");
    assert_eq!(told, [format!("opened {SILENT}"), format!("opened {ORDERS}")]);
    let why = standby.standby.standing_in.as_ref().unwrap().why.clone();
    assert_eq!(why, "alarm in us-west-2 looks, but has reached nobody for 1 h 0 min (1 untold)");
    home.look(&with_orders(), "2026-03-06T13:15:00Z");
    let told = standby.look(&with_orders(), heard(&home), "2026-03-06T13:20:00Z");
    assert_eq!(told, [format!("resolved {SILENT}")]);
}

#[test]
fn a_home_that_never_looked_or_looked_in_the_future_is_silent_after_the_limit() {
    let mut from_the_future = Watch::new(policy(&[]));
    from_the_future.look(&sound(), "2027-01-01T00:00:00Z");
    for glimpse in [Glimpse::Read(None), unread(), heard(&from_the_future)] {
        let mut standby = Elsewhere::new();
        let first = standby.look(&sound(), glimpse.clone(), "2026-03-06T12:00:00Z");
        assert_eq!(first, NOTHING, "{glimpse:?}");
        let told = standby.look(&sound(), glimpse.clone(), "2026-03-06T13:00:00Z");
        assert_eq!(told, [format!("opened {SILENT}")], "{glimpse:?}");
    }
}

#[test]
fn what_is_missing_while_nobody_can_read_what_was_pruned_is_not_called_vanished() {
    let gone = cluster("shepherd");
    let whole = sound().snapshot(point(&gone, "2026-03-05T02:00:00Z"));
    let mut home = Watch::new(policy(&[]));
    home.look(&whole, "2026-03-06T12:00:00Z");
    let standby = Standby { memory: home.memory.clone(), ..Standby::default() };
    let document = document(&policy(&[]));
    let place = Home {
        region: region(HOME),
        bucket: "bucket".to_owned(),
        silent_after: SignedDuration::from_hours(1),
    };
    let standby = Standby { home_looked_at: Some(at("2026-03-06T12:00:00Z")), ..standby };
    let standby = standby.hearing(&place, unread(), at("2026-03-06T13:00:00Z"));
    let fleet = sound();
    let view = fleet.view(&document, "2026-03-06T13:00:00Z");
    let vanished = |pruned| {
        let (plan, next) = plan(&view, &standby, &place, pruned);
        let keys: Vec<String> = plan.lines().into_iter().map(|line| line.id).collect();
        (keys.iter().any(|key| key.contains("vanished")), next.memory.known.count())
    };
    assert_eq!(vanished(None), (false, 2), "it is asked for again");
    assert_eq!(vanished(Some(&BTreeSet::new())), (true, 2));
}
