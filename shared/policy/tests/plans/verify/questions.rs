//! From what a database says to the verdict on its recovery point.

use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::{Value, json};
use snapkeep_policy::recovery_point::{Cause, Outcome};
use snapkeep_policy::request::Request;
use snapkeep_policy::tags;
use snapkeep_policy::verify::testimony::{Answer, Holding, Said, Survey, Testimony, Trouble};
use snapkeep_policy::verify::{Action, Inquiry, plan};

use super::{STARTED, subject};
use crate::fixtures::*;

pub(super) const ASKED: &str = "2026-03-06T07:00:00Z";
const SET: &str = "2026-03-06T06:40:00Z";

/// The inquiry of a verification whose instance was asked for at half past six.
pub(super) fn inquiry(changes: &[(&str, Value)]) -> Inquiry {
    let mut rule = verified().1;
    for (key, value) in changes {
        rule[*key] = value.clone();
    }
    let policy = policy(&[("/verify", rule), ("/objectives", json!({ "rto": "PT90M" }))]);
    let document = document(&policy);
    let cluster = scratch(&subject(), STARTED).tagged(tags::PASSWORD_SET, SET);
    let member = member(&cluster, "2026-03-06T06:30:00Z");
    let fleet = Fleet::of([self::cluster("shepherd"), cluster, member]).snapshot(subject());
    let steps = plan(&fleet.view(&document, ASKED), &Request::default()).steps;
    let inquiry = steps.into_iter().find_map(|step| match step.action {
        Action::Question(inquiry) => Some(*inquiry),
        Action::Restore(_)
        | Action::AddInstance { .. }
        | Action::SetPassword { .. }
        | Action::Conclude { .. }
        | Action::DeleteInstance { .. }
        | Action::DeleteCluster { .. }
        | Action::Adopt { .. }
        | Action::Validate { .. } => None,
    });
    inquiry.unwrap()
}

pub(super) fn survey(tables: &[(&str, u64)]) -> Survey {
    let holding = |rows| Holding { rows, counted: true, bytes: 8192, newest: None };
    Survey(tables.iter().map(|(name, rows)| ((*name).to_owned(), holding(*rows))).collect())
}

pub(super) fn sound(answers: Vec<Answer>) -> Testimony {
    Testimony {
        answered_after: Some(SignedDuration::from_secs(2)),
        trouble: None,
        answers,
        survey: Some(survey(&[("shop.orders", 5000), ("shop.users", 1000)])),
        took: SignedDuration::from_secs(30),
    }
}

fn said(said: Said) -> Answer {
    Answer { said: Ok(said), took: SignedDuration::from_millis(1500) }
}

fn no_answer(trouble: Trouble) -> Answer {
    Answer { said: Err(trouble), took: SignedDuration::from_millis(10) }
}

#[test]
fn each_check_holds_at_its_bound_and_fails_beyond_it() {
    let count = json!({ "collection": "shop.users", "min": 1000 });
    let newest = json!({ "collection": "shop.orders", "newest": "at", "max_age": "PT25H" });
    let index = json!({ "collection": "shop.orders", "index": "orders_customer" });
    let (number, time) = (Said::Number, |text: &str| Said::Time(at(text)));
    for (check, answer, outcome, observed) in [
        (&count, number(1000), Outcome::Pass, json!(1000)),
        (&count, number(999), Outcome::Fail, json!(999)),
        (&count, Said::Nothing, Outcome::Fail, json!("nothing")),
        (&count, Said::Sound, Outcome::Fail, json!("sound")),
        // The recovery point is of two in the morning.
        (
            &newest,
            time("2026-03-05T01:00:00Z"),
            Outcome::Pass,
            json!("2026-03-05T01:00:00Z, 1 d 1 h old"),
        ),
        (
            &newest,
            time("2026-03-05T00:59:59Z"),
            Outcome::Fail,
            json!("2026-03-05T00:59:59Z, 1 d 1 h old"),
        ),
        (&newest, Said::Nothing, Outcome::Fail, json!("nothing")),
        (&index, Said::Sound, Outcome::Pass, json!("sound")),
        (&index, Said::Unsound("there is none".into()), Outcome::Fail, json!("there is none")),
    ] {
        let inquiry = inquiry(&[("checks", json!([check]))]);
        let testimony = sound(vec![said(answer.clone())]);
        let verdict = inquiry.conclude(&testimony, None, at(ASKED)).unwrap();
        assert_eq!(verdict.outcome, outcome, "{check} {answer:?}");
        let result = serde_json::to_value(&verdict.checks[0]).unwrap();
        assert_eq!(result["observed"], observed, "{check}");
        assert_eq!(result["seconds"], json!(1.5));
    }
}

#[test]
fn trouble_is_weighed_by_whether_the_database_was_reached() {
    use Trouble::*;
    let text = || "why".to_owned();
    for (trouble, outcome, cause) in [
        (Hangs(text()), Outcome::Fail, Cause::Answer),
        (Denied(text()), Outcome::Fail, Cause::Answer),
        (Untrusted(text()), Outcome::Fail, Cause::Answer),
        (Refused(text()), Outcome::Fail, Cause::Check),
        (TooLarge(text()), Outcome::Fail, Cause::Check),
        (Unreachable(text()), Outcome::Inconclusive, Cause::Network),
        (UnknownIssuer(text()), Outcome::Inconclusive, Cause::Parameters),
        (Unsupported(text()), Outcome::Inconclusive, Cause::Parameters),
        (TooSlow(text()), Outcome::Inconclusive, Cause::Time),
    ] {
        let whole = Testimony { trouble: Some(trouble.clone()), ..Testimony::default() };
        let one = sound(vec![no_answer(trouble.clone())]);
        let checks = json!([{ "collection": "shop.users", "min": 1 }]);
        for (testimony, checks) in [(&whole, json!([])), (&whole, checks.clone()), (&one, checks)] {
            let verdict = inquiry(&[("checks", checks)]).conclude(testimony, None, at(ASKED));
            let verdict = verdict.unwrap();
            assert_eq!((verdict.outcome, verdict.cause), (outcome, Some(cause)), "{trouble:?}");
            assert!(verdict.reason.contains("why"), "{}", verdict.reason);
        }
    }
}

#[test]
fn a_check_that_was_not_asked_never_becomes_a_pass() {
    let checks = json!([{ "collection": "a", "min": 1 }, { "collection": "b", "min": 1 }]);
    let testimony = sound(vec![said(Said::Number(1))]);
    let verdict = inquiry(&[("checks", checks)]).conclude(&testimony, None, at(ASKED)).unwrap();
    assert_eq!(verdict.outcome, Outcome::Inconclusive);
    assert!(verdict.reason.contains("count of b: it was not asked"), "{}", verdict.reason);
}

#[test]
fn of_several_failures_the_first_is_told_and_drift_before_all() {
    let checks = json!([
        { "collection": "a", "min": 1 }, { "collection": "b", "min": 1 }, { "collection": "c", "min": 1 },
    ]);
    let answers = [1, 0, 0].map(|rows| said(Said::Number(rows))).to_vec();
    let inquiry = inquiry(&[("checks", checks)]);
    let testimony = sound(answers);
    let verdict = inquiry.conclude(&testimony, None, at(ASKED)).unwrap();
    assert_eq!(verdict.reason, "count of b: 0, expected at least 1 (and 1 more)");
    let (arn, before) = (subject().arn, survey(&[("shop.gone", 1)]));
    let verdict = inquiry.conclude(&testimony, Some((&arn, &before)), at(ASKED)).unwrap();
    assert_eq!(verdict.cause, Some(Cause::Drift));
    assert!(verdict.reason.starts_with("it holds what it held: shop.gone is gone"));
}

#[test]
fn without_checks_it_has_to_answer_and_to_hold_something() {
    let conclude =
        |testimony: &Testimony| inquiry(&[]).conclude(testimony, None, at(ASKED)).unwrap();
    assert_eq!(conclude(&sound(vec![])).outcome, Outcome::Pass);
    let empty = Testimony { survey: Some(survey(&[("shop.orders", 0)])), ..sound(vec![]) };
    assert_eq!(
        (conclude(&empty).outcome, conclude(&empty).cause),
        (Outcome::Fail, Some(Cause::Check))
    );
    let unseen = Testimony { survey: None, ..sound(vec![]) };
    assert_eq!(conclude(&unseen).outcome, Outcome::Inconclusive);
}

#[test]
fn soon_after_a_new_password_a_refused_login_is_no_verdict_yet() {
    for trouble in [Trouble::Denied("password".into()), Trouble::Unreachable("no route".into())] {
        let testimony = Testimony { trouble: Some(trouble), ..Testimony::default() };
        let conclude = |now: &str| inquiry(&[]).conclude(&testimony, None, at(now));
        let early = conclude("2026-03-06T06:54:59Z").unwrap_err();
        assert!(early.contains("that may pass within 15 min"), "{early}");
        assert!(conclude("2026-03-06T06:55:00Z").is_ok());
    }
    let hangs = Testimony { trouble: Some(Trouble::Hangs("?".into())), ..Testimony::default() };
    assert!(inquiry(&[]).conclude(&hangs, None, at(SET)).is_ok());
}

#[test]
fn a_run_that_is_out_of_time_leaves_the_question_to_the_next() {
    let checks = json!([{ "collection": "shop.users", "min": 1 }]);
    let one = sound(vec![no_answer(Trouble::OutOfTime)]);
    let whole = Testimony { trouble: Some(Trouble::OutOfTime), ..Testimony::default() };
    for testimony in [one, whole] {
        let inquiry = inquiry(&[("checks", checks.clone())]);
        let why = inquiry.conclude(&testimony, None, at(ASKED)).unwrap_err();
        assert_eq!(why, "no time was left in this run: the next one asks again");
    }
}

#[test]
fn the_evidence_says_what_was_asked_what_is_there_and_how_long_each_phase_took() {
    let checks = json!([{ "collection": "shop.users", "min": 1001 }]);
    let testimony = sound(vec![said(Said::Number(1000))]);
    let verdict = inquiry(&[("checks", checks)]).conclude(&testimony, None, at(ASKED)).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&verdict).unwrap(), @r#"
    {
      "subject": {
        "recovery-point": "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:snapkeep-shepherd-20260306t0200z-80b8d47d48"
      },
      "database": "arn:aws:rds:us-west-2:123456789012:cluster:shepherd",
      "scratch_id": "snapkeep-scratch-shepherd",
      "outcome": "fail",
      "cause": "check",
      "reason": "count of shop.users: 1000, expected at least 1001",
      "checks": [
        {
          "check": "count of shop.users",
          "verdict": "fail",
          "observed": 1000,
          "expected": "at least 1001",
          "seconds": 1.5
        }
      ],
      "survey": {
        "shop.orders": {
          "rows": 5000,
          "counted": true,
          "bytes": 8192
        },
        "shop.users": {
          "rows": 1000,
          "counted": true,
          "bytes": 8192
        }
      },
      "baseline": null,
      "phases": {
        "requested_at": "2026-03-06T06:00:00Z",
        "cluster_available_at": "2026-03-06T06:30:00Z",
        "instance_available_at": "2026-03-06T06:40:00Z",
        "answered_at": "2026-03-06T07:00:02Z",
        "checked_at": "2026-03-06T07:00:30Z"
      },
      "recovery_time": {
        "measured_seconds": 3602,
        "objective_seconds": 5400,
        "met": true
      },
      "concluded_at": "2026-03-06T07:00:30Z"
    }
    "#);
    let tags = verdict.tags();
    assert_eq!(&tags[tags::VERDICT_RTO], "3602");
    assert_eq!(&tags[tags::VERDICT_CAUSE], "check");
}
