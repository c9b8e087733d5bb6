//! Which runs are written down, and what is read back of them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use snapkeep_aws::store::Store;
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::history::Act;
use snapkeep_policy::ids::Region;
use snapkeep_policy::plan::{Describe, Line, Plan, RefusalCode, Refused};
use snapkeep_policy::request::Request;
use snapkeep_policy::verb::Verb;

use super::super::{acts, of_run, record};
use super::{alter, bucket, entry, names, now};
use crate::{Outcome, Report};

struct Step;

impl Describe for Step {
    fn line(&self, reason: &str) -> Line {
        Line {
            verb: "prune",
            action: "delete",
            id: "snapkeep-orders-1".to_owned(),
            database: "orders".to_owned(),
            region: home(),
            reason: reason.to_owned(),
        }
    }
}

fn home() -> Region {
    "us-west-2".parse().unwrap()
}

fn report(verb: Verb, at: Timestamp, outcomes: &[Outcome]) -> Report {
    let document = json!({ "version": 1, "deployment": "test", "regions": ["us-west-2"],
        "policies": { "all": { "select": { "tags": { "a": "b" } },
            "schedules": ["cron(0 2 * * ? *)"], "retention": { "daily": 1 } } } });
    let document = PolicyDocument::from_json(&document.to_string()).unwrap();
    let mut plan = Plan::default();
    outcomes.iter().for_each(|_| plan.step(Step, "superseded"));
    let mut report = Report::of(verb, &document, at, false, &plan);
    for (entry, outcome) in report.steps.iter_mut().zip(outcomes) {
        entry.outcome = outcome.clone();
    }
    report
}

fn refused(subject: &str, message: &str) -> Refused {
    Refused {
        code: RefusalCode::GuardBlocked,
        subject: subject.to_owned(),
        region: Some(home()),
        message: message.to_owned(),
    }
}

fn hours(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours)
}

async fn run(store: &Store, at: Timestamp, outcomes: &[Outcome], refused: Vec<Refused>) {
    let mut report = report(Verb::Prune, at, outcomes);
    of_run(store, &Request::default(), refused, &mut report).await;
    assert_eq!(report.failures, [""; 0]);
}

async fn all(store: &Store) -> Vec<Act> {
    acts(store, hours(-1), hours(100)).await.unwrap()
}

fn told(acts: &[Act]) -> Vec<String> {
    let line = |act: &Act| format!("{} {} {}", act.kind.as_str(), act.database, act.evidence);
    acts.iter().map(line).collect()
}

#[tokio::test]
async fn a_refusal_is_written_when_it_is_new_or_changed_and_once_a_day_while_it_stands() {
    let (world, store) = bucket();
    for (hour, refusals, entries) in [
        (0, vec![], 0),
        (1, vec![refused("orders", "3 of 9 would go")], 1),
        (2, vec![refused("orders", "4 of 9 would go")], 1),
        (3, vec![refused("orders", "4 of 9"), refused("users", "all would go")], 2),
        (4, vec![refused("users", "all would go")], 3),
        (20, vec![refused("users", "all would go")], 3),
        (28, vec![refused("users", "all would go")], 4),
    ] {
        run(&store, hours(hour), &[], refusals).await;
        assert_eq!(names(&world).len(), entries, "at hour {hour}");
    }
    let expected = ["refused users prune/2", "refused orders prune/1"];
    assert_eq!(told(&all(&store).await), expected, "each once, where it began");
}

#[tokio::test]
async fn newer_verdicts_do_not_hide_the_report_that_told_a_refusal() {
    let (world, store) = bucket();
    let refusals = || vec![refused("orders", "no")];
    for at in [now(), hours(1)] {
        let mut report = report(Verb::Verify, at, &[]);
        of_run(&store, &Request::default(), refusals(), &mut report).await;
        record(&store, Verb::Verify, at, "snapkeep-scratch-1", &json!({})).await.unwrap();
    }
    assert_eq!(world.objects(super::BUCKET).len(), 3, "one report and two verdicts");
}

#[tokio::test]
async fn only_what_was_carried_out_is_an_act_and_a_lost_answer_is_no_lost_act() {
    let failed = Outcome::Failed { error: "AccessDenied".to_owned(), retryable: false };
    for (outcome, expected) in [
        (Outcome::Done, &["pruned orders prune/1"][..]),
        (Outcome::AlreadyDone, &["pruned orders prune/1"]),
        (failed, &[]),
        (Outcome::OutOfTime, &[]),
        (Outcome::Dropped { why: "held".to_owned() }, &[]),
    ] {
        let (_, store) = bucket();
        run(&store, now(), std::slice::from_ref(&outcome), Vec::new()).await;
        assert_eq!(told(&all(&store).await), expected, "{outcome:?}");
    }
}

#[tokio::test]
async fn an_approval_is_written_with_who_says_to_have_given_it() {
    let (world, store) = bucket();
    let request = Request {
        approve: Some("4f1c09d2a86be357".to_owned()),
        requested_by: Some("ada@example.com".to_owned()),
        ..Request::default()
    };
    let mut report = report(Verb::Prune, now(), &[Outcome::Done]);
    of_run(&store, &request, Vec::new(), &mut report).await;
    assert_eq!(entry(&world, 1)["record"]["asked"]["requested_by"], "ada@example.com");
    let acts = all(&store).await;
    assert_eq!(told(&acts), ["approved orders prune/1", "pruned orders prune/1"]);
    let expected = "ada@example.com approved the plan with the hash 4f1c09d2a86be357";
    assert_eq!(acts[0].reason, expected);
}

#[tokio::test]
async fn records_are_bounded_and_hold_no_notes() {
    let (world, store) = bucket();
    let long = "é".repeat(5_000);
    let failed = Outcome::Failed { error: long.clone(), retryable: false };
    run(&store, now(), &[Outcome::Done, failed], vec![refused("orders", &long)]).await;
    let record = &entry(&world, 1)["record"];
    for line in [&record["refusals"][0]["message"], &record["steps"][1]["error"]] {
        assert_eq!(line.as_str().unwrap().chars().count(), 1_001);
    }
    assert_eq!(record["notes"], Value::Null);
}

#[tokio::test]
async fn acts_are_read_from_all_ledgers_newest_first_between_two_instants_and_up_to_a_break() {
    let (world, store) = bucket();
    for hour in 0..5 {
        let mut report = report(Verb::Prune, hours(hour), &[Outcome::Done]);
        report.steps[0].line.id = format!("snapkeep-orders-{hour}");
        of_run(&store, &Request::default(), Vec::new(), &mut report).await;
    }
    let mut report = report(Verb::Create, hours(2), &[Outcome::Done]);
    report.steps[0].line.action = "snapshot";
    of_run(&store, &Request::default(), Vec::new(), &mut report).await;
    let within = acts(&store, hours(1), hours(4)).await.unwrap();
    let expected = [
        "pruned orders prune/4",
        "created orders create/1",
        "pruned orders prune/3",
        "pruned orders prune/2",
    ];
    assert_eq!(told(&within), expected);
    alter(&world, 3, |body| body.replace("superseded", "because"));
    assert_eq!(told(&acts(&store, hours(1), hours(4)).await.unwrap()), expected[..2]);
}
