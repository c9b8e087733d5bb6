//! What counts as a loss since the last recovery point that was proven.

use serde_json::{Value, json};
use snapkeep_policy::recovery_point::{Cause, Outcome};
use snapkeep_policy::verify::VerdictRecord;
use snapkeep_policy::verify::testimony::{HOLDINGS_MAX, Holding, Survey, Testimony};

use super::questions::{ASKED, inquiry, sound, survey};
use super::subject;
use crate::fixtures::*;

/// The verdict on a database that held `then` and holds `now`.
fn against(then: &Survey, now: Survey, rule: &Value) -> VerdictRecord {
    let testimony = Testimony { survey: Some(now), ..sound(vec![]) };
    let inquiry = inquiry(&[("drift", rule.clone())]);
    inquiry.conclude(&testimony, Some((&subject().arn, then)), at(ASKED)).unwrap()
}

#[test]
fn a_drop_beyond_the_rule_is_a_failure_of_its_own_kind() {
    let before = survey(&[("shop.orders", 5000), ("shop.users", 1000), ("shop.gone", 0)]);
    let rule = json!({ "ignore": ["shop.gone"] });
    let against = |now: &[(&str, u64)], rule: &Value| against(&before, survey(now), rule);
    let held = against(&[("shop.orders", 3500), ("shop.users", 1200)], &rule);
    assert_eq!((held.outcome, held.cause), (Outcome::Pass, None), "{}", held.reason);
    assert_eq!(held.baseline, Some(subject().arn));
    for (now, rule, reason) in [
        (
            &[("shop.orders", 3499), ("shop.users", 1000)][..],
            &rule,
            "shop.orders fell from 5000 to 3499 rows",
        ),
        (&[("shop.orders", 5000)], &rule, "shop.users is gone"),
        (&[("shop.orders", 5000), ("shop.users", 1000)], &json!({}), "shop.gone is gone"),
        (
            &[("shop.orders", 5000), ("shop.users", 999)],
            &json!({ "max_drop_percent": 0, "ignore": ["shop.gone"] }),
            "shop.users fell from 1000 to 999 rows",
        ),
    ] {
        let verdict = against(now, rule);
        assert_eq!((verdict.outcome, verdict.cause), (Outcome::Fail, Some(Cause::Drift)));
        assert!(verdict.reason.contains(reason), "{}", verdict.reason);
    }
}

#[test]
fn an_estimate_may_be_off_by_half_before_it_is_a_drop() {
    let holding = |rows, counted| Holding { rows, counted, bytes: 8192, newest: None };
    let of = |rows, counted| Survey([("shop.orders".to_owned(), holding(rows, counted))].into());
    let outcome = |then: Survey, now: Survey| against(&then, now, &json!({})).outcome;
    assert_eq!(outcome(of(1000, true), of(200, false)), Outcome::Pass);
    assert_eq!(outcome(of(1000, false), of(200, true)), Outcome::Pass);
    assert_eq!(outcome(of(1000, true), of(199, false)), Outcome::Fail);
    assert_eq!(outcome(of(1000, true), of(699, true)), Outcome::Fail);
}

/// Tables by the dozen, each with a row.
fn tables(count: usize) -> Survey {
    let table =
        |n| (format!("shop.t{n:04}"), Holding { rows: 1, counted: true, bytes: 1, newest: None });
    Survey((0..count).map(table).collect())
}

#[test]
fn three_losses_are_named_and_more_are_counted() {
    let reason = |lost: usize| {
        let mut left = tables(6);
        left.0.retain(|name, _| *name >= format!("shop.t{lost:04}"));
        against(&tables(6), left, &json!({})).reason
    };
    let gone = "shop.t0000 is gone, shop.t0001 is gone, shop.t0002 is gone";
    let expected = "expected no table lost, and at most 30 % of its rows";
    assert_eq!(reason(3), format!("it holds what it held: {gone}, {expected}"));
    assert_eq!(reason(5), format!("it holds what it held: {gone} and 2 more, {expected}"));
}

#[test]
fn a_survey_that_was_cut_short_does_not_show_what_is_gone() {
    let mut then = tables(HOLDINGS_MAX);
    then.0.extend(survey(&[("a.gone", 1)]).0);
    let outcome = |now: Survey| against(&then, now, &json!({})).outcome;
    assert_eq!(outcome(tables(HOLDINGS_MAX)), Outcome::Pass, "it may be behind the last one");
    then = tables(HOLDINGS_MAX - 1);
    then.0.extend(survey(&[("a.gone", 1)]).0);
    let outcome = |now: Survey| against(&then, now, &json!({})).outcome;
    assert_eq!(outcome(tables(HOLDINGS_MAX - 1)), Outcome::Fail);
}
