//! What holds for every group, every set of rules and every zone.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use snapkeep_policy::retention::{self, Count, Fate, Guard, Retention, Verified, decide};

use super::groups::{Made, group, points, rules, rules_with_expiry, zone};
use super::{fates, model, span};

/// After every point but a few.
fn now(group: &[Made], back_s: i64) -> Timestamp {
    let newest = group.iter().map(|made| made.taken_at).max().unwrap_or(Timestamp::UNIX_EPOCH);
    Timestamp::from_second(newest.as_second() + 3_600 - back_s).unwrap()
}

fn late() -> Timestamp {
    "2040-01-01T00:00:00Z".parse().unwrap()
}

/// The group less what the rules don't keep.
fn survivors(group: &[Made], rules: &Retention, zone: &TimeZone, now: Timestamp) -> Vec<Made> {
    let points = points(group);
    let decided = decide(&points, rules, zone, now);
    let fates = fates(&decided);
    group.iter().filter(|made| fates[made.id.as_str()] != Fate::Delete).cloned().collect()
}

fn ids(group: &[Made]) -> BTreeSet<&str> {
    group.iter().map(|made| made.id.as_str()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_naive_model_agrees_on_every_fate(
        group in group(), rules in rules_with_expiry(), zone in zone(),
        back_s in select(vec![0_i64, 3_300, 3_301, 90_000]),
    ) {
        let (points, now) = (points(&group), now(&group, back_s));
        let decided = decide(&points, &rules, &zone, now);
        let by_id = fates(&decided);
        let ours: Vec<Fate> = points.iter().map(|point| by_id[point.id]).collect();
        prop_assert_eq!(&ours, &retention::fates(&points, &rules, &zone, now));
        prop_assert_eq!(ours, model::fates(&points, &rules, &zone, now));
    }

    #[test]
    fn every_decision_has_a_reason_and_they_come_in_total_order(
        group in group(), rules in rules_with_expiry(), zone in zone(),
    ) {
        let mut points = points(&group);
        let decided = decide(&points, &rules, &zone, now(&group, 0));
        points.sort_by(|a, b| b.taken_at.cmp(&a.taken_at).then(a.id.cmp(b.id)));
        let in_order: Vec<&str> = points.iter().map(|point| point.id).collect();
        let ids: Vec<&str> = decided.decisions.iter().map(|d| d.id.as_str()).collect();
        prop_assert_eq!(ids, in_order);
        prop_assert!(decided.decisions.iter().all(|d| !d.reasons.is_empty()));
    }

    #[test]
    fn deciding_again_deletes_nothing_more(
        group in group(), rules in rules_with_expiry(), zone in zone(),
    ) {
        let now = now(&group, 0);
        let once = survivors(&group, &rules, &zone, now);
        let twice = survivors(&once, &rules, &zone, now);
        prop_assert_eq!(ids(&once), ids(&twice));
    }

    #[test]
    fn the_order_in_which_points_are_listed_does_not_matter(
        (group, shuffled) in group().prop_flat_map(|g| (Just(g.clone()), Just(g).prop_shuffle())),
        rules in rules_with_expiry(), zone in zone(),
    ) {
        let now = now(&group, 0);
        let decided = decide(&points(&group), &rules, &zone, now);
        prop_assert_eq!(decided, decide(&points(&shuffled), &rules, &zone, now));
    }

    /// In whatever order points come, and whichever were in use while an earlier run looked.
    #[test]
    fn rolling_runs_leave_what_one_run_at_the_end_leaves(
        group in group(), rules in rules(), zone in zone(),
        chronological in any::<bool>(),
        runs in prop::collection::vec((1..6_usize, any::<Index>()), 30),
    ) {
        let mut arriving = group.clone();
        if chronological {
            arriving.sort_by_key(|made| made.taken_at);
        }
        let mut rolling: Vec<Made> = Vec::new();
        for (batch, busy) in runs {
            let arrived: Vec<Made> = arriving.drain(..batch.min(arriving.len())).collect();
            rolling.extend(arrived);
            let mut seen = rolling.clone();
            if !seen.is_empty() {
                busy.get_mut(&mut seen).in_use = true;
            }
            let left = survivors(&seen, &rules, &zone, late());
            rolling.retain(|made| ids(&left).contains(made.id.as_str()));
        }
        prop_assert!(arriving.is_empty());
        let rolling = survivors(&rolling, &rules, &zone, late());
        let at_once = survivors(&group, &rules, &zone, late());
        prop_assert_eq!(ids(&rolling), ids(&at_once));
    }

    /// A drain only slows the way down.
    #[test]
    fn drained_runs_end_where_one_run_ends(
        group in group(), rules in rules(), zone in zone(), drain in 1..4_u32,
    ) {
        // Without a verified point a floor refuses every run, and there is no way down.
        let rules = Retention { verified_floor: 0, drain: Some(drain), ..rules };
        let at_once = survivors(&group, &rules, &zone, late());
        let mut left = group.clone();
        loop {
            let decided = decide(&points(&left), &rules, &zone, late());
            let going: BTreeSet<&str> = decided.deletes(None).into_iter().collect();
            prop_assert!(going.len() <= drain as usize);
            if going.is_empty() {
                break;
            }
            left.retain(|made| !going.contains(made.id.as_str()));
        }
        prop_assert_eq!(ids(&left), ids(&at_once));
    }

    #[test]
    fn time_alone_deletes_nothing(
        group in group(), rules in rules(), zone in zone(), days in 1..10_000_i64,
    ) {
        let (points, now) = (points(&group), now(&group, 0));
        let later = now + SignedDuration::from_hours(24 * days);
        prop_assert_eq!(
            decide(&points, &rules, &zone, now),
            decide(&points, &rules, &zone, later)
        );
    }

    #[test]
    fn a_hold_changes_the_fate_of_what_it_holds_and_no_other(
        group in group(), which in any::<Index>(), rules in rules_with_expiry(), zone in zone(),
    ) {
        prop_assume!(!group.is_empty());
        let now = now(&group, 0);
        let which = which.index(group.len());
        let (mut held, mut free) = (group.clone(), group);
        held[which].held = true;
        free[which].held = false;
        let (held_points, free_points) = (points(&held), points(&free));
        let with = decide(&held_points, &rules, &zone, now);
        let without = decide(&free_points, &rules, &zone, now);
        prop_assert_eq!(with.anchor, without.anchor);
        for (with, without) in with.decisions.iter().zip(&without.decisions) {
            if with.id == held[which].id {
                prop_assert_ne!(with.fate, Fate::Delete);
                prop_assert!(with.fate == without.fate || without.fate == Fate::Delete);
            } else {
                prop_assert_eq!(with, without);
            }
        }
    }

    #[test]
    fn raising_any_rule_never_deletes_more(
        group in group(), rules in rules_with_expiry(), zone in zone(), which in 0..16_usize,
    ) {
        let now = now(&group, 0);
        let raised = raise(&rules, which);
        let (less, more) =
            (survivors(&group, &rules, &zone, now), survivors(&group, &raised, &zone, now));
        prop_assert!(ids(&more).is_superset(&ids(&less)));
    }

    #[test]
    fn floors_hold(group in group(), rules in rules_with_expiry(), zone in zone()) {
        let now = now(&group, 0);
        let left = survivors(&group, &rules, &zone, now);
        let eligible = |made: &&Made| {
            !made.in_use && made.taken_at <= now && !matches!(made.verified, Verified::Fail { .. })
        };
        let verified = |made: &&Made| eligible(made) && made.verified == Verified::Pass;
        let floor = |min: u32, had: usize| had.min(min.max(1) as usize);
        let had = group.iter().filter(eligible).count();
        prop_assert!(left.iter().filter(eligible).count() >= floor(rules.min_keep, had));
        let had = group.iter().filter(verified).count();
        prop_assert!(left.iter().filter(verified).count() >= floor(rules.verified_floor, had));
    }

    /// The copy planner relies on it: what is to be kept among all is kept among those that are
    /// there already.
    #[test]
    fn what_is_kept_among_more_is_kept_among_fewer(
        group in group(), rules in rules_with_expiry(), zone in zone(),
        present in prop::collection::vec(any::<bool>(), 30),
    ) {
        let now = now(&group, 0);
        let kept = survivors(&group, &rules, &zone, now);
        let fewer: Vec<Made> =
            group.iter().zip(present).filter(|(_, is)| *is).map(|(made, _)| made.clone()).collect();
        let kept_of_fewer = survivors(&fewer, &rules, &zone, now);
        for made in &fewer {
            let id = made.id.as_str();
            prop_assert!(!ids(&kept).contains(id) || ids(&kept_of_fewer).contains(id), "{id}");
        }
    }
}

/// One rule of sixteen, a bit more generous.
fn raise(rules: &Retention, which: usize) -> Retention {
    let mut raised = rules.clone();
    let counts = [
        &mut raised.keep_last,
        &mut raised.hourly,
        &mut raised.daily,
        &mut raised.weekly,
        &mut raised.monthly,
        &mut raised.yearly,
    ];
    let lengths = [
        &mut raised.within,
        &mut raised.within_hourly,
        &mut raised.within_daily,
        &mut raised.within_weekly,
        &mut raised.within_monthly,
        &mut raised.within_yearly,
        &mut raised.expire_after,
    ];
    match which {
        0..=5 => {
            let count = counts.into_iter().nth(which).unwrap();
            *count = match *count {
                Count::Exactly(count) if count < 5 => Count::Exactly(count + 1),
                Count::Exactly(_) | Count::All => Count::All,
            };
        }
        6..=12 => {
            let length = lengths.into_iter().nth(which - 6).unwrap();
            // No age limit is the most generous one, no window the least.
            *length = match (which, length.is_some()) {
                (12, _) => None,
                (_, true) => Some(span("P2Y")),
                (_, false) => Some(span("P3D")),
            };
        }
        13 => raised.min_keep += 1,
        14 => raised.verified_floor += 1,
        _ => raised.keep_oldest = true,
    }
    raised
}

#[test]
fn raising_is_raising() {
    let before = Retention { guard: Guard { max_deletes: 0, max_percent: 0 }, ..super::rules() };
    for which in (0..16).filter(|which| *which != 12) {
        assert_ne!(raise(&before, which), before, "{which}");
    }
}
