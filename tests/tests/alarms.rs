//! alarm as a whole on Moto, over TCP: the queue of failed runs, the topic and its memory, and what
//! becomes of an alarm when any of them fails at the worst moment.
//!
//! The order that is held here: told, remembered, deleted. Whatever stops a run in between, the next one
//! tells under the same key what may not have been heard, and counts nothing twice.

use std::collections::BTreeMap;

use serde_json::{Value, from_str, json};
use snapkeep_alarm::MEMORY_KEY;
use snapkeep_policy::verb::Verb;
use snapkeep_tests::{Deployment, Emulator};

const KEY: &str = "prod/us-west-2/function-failed/create";
const MEMORY_WRITE: &str = "PUT /snapkeep-prod-state/state/alarms.json";
const ERROR: &str = "create shepherd: AccessDenied: not allowed";

/// A deployment whose alarm has looked once: what else is wrong in its account is told.
async fn deployed() -> Deployment {
    let deployment =
        Deployment::new(Emulator::start(), "2026-03-02T00:00:00Z").hearing_of_failures();
    deployment.run(Verb::Alarm, "2026-03-02T01:00:00Z").await;
    assert!(!told(&deployment).is_empty(), "a database is unprotected");
    deployment
}

/// Our block of each message that arrived since the last look.
fn told(deployment: &Deployment) -> Vec<Value> {
    let messages = deployment.count().messages.into_iter();
    let block = |body: String| from_str::<Value>(&body).expect("it is JSON")["snapkeep"].clone();
    messages.map(|message| block(message.body)).collect()
}

/// Status and key of each.
fn lines(told: &[Value]) -> Vec<String> {
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    told.iter().map(|it| format!("{} {}", text(&it["status"]), text(&it["key"]))).collect()
}

async fn memory(deployment: &Deployment) -> Value {
    let stored = deployment.store().get(MEMORY_KEY).await.expect("the store answers");
    serde_json::from_slice(&stored.expect("it is there").0).expect("it is JSON")
}

/// Somebody writes over it.
async fn overwrite(deployment: &Deployment, body: &str) {
    let store = deployment.store();
    let (_, etag) = store.get(MEMORY_KEY).await.expect("the store answers").expect("it is there");
    store.replace(MEMORY_KEY, body.as_bytes().to_vec(), &etag).await.expect("nobody else writes");
}

/// A run of alarm in which something fails.
async fn broken(deployment: &Deployment, at: &str) -> String {
    let report = deployment.try_run(Verb::Alarm, at).await.expect("it judges");
    let errors = report.errors();
    assert!(!errors.is_empty(), "something fails at {at}");
    errors.join("\n")
}

async fn run(deployment: &Deployment, at: &str) -> Vec<String> {
    deployment.run(Verb::Alarm, at).await;
    lines(&told(deployment))
}

const NOTHING: [&str; 0] = [];

#[tokio::test]
async fn a_failed_run_is_told_once_with_its_error_then_remembered_then_deleted() {
    let deployment = deployed().await;
    deployment.fail("2026-03-02T02:05:00Z", &format!("{ERROR}\nat line two"));
    deployment.run(Verb::Alarm, "2026-03-02T02:15:00Z").await;
    let messages = told(&deployment);
    assert_eq!(lines(&messages), [format!("opened {KEY}")]);
    let line = format!("a run of create failed at 2026-03-02T02:05Z: {ERROR}");
    assert_eq!(messages[0]["message"], line);
    assert_eq!(memory(&deployment).await["failed"]["create"]["count"], 1);
    assert_eq!(deployment.failed_count(), 0);

    assert_eq!(run(&deployment, "2026-03-02T02:30:00Z").await, NOTHING, "once");
    deployment.cannot_start("2026-03-02T03:00:00Z");
    assert_eq!(run(&deployment, "2026-03-02T03:15:00Z").await, NOTHING, "the alarm is open");
    let line = "2 runs of create failed, the newest at 2026-03-02T02:30Z: the run could not be \
                started: AccessDeniedException: not authorized to perform: lambda:InvokeFunction";
    let open = &memory(&deployment).await["alarms"][KEY]["message"];
    assert_eq!(open, line, "SQS says when it was sent");
    assert!(!memory(&deployment).await.to_string().contains("hunter2"));
    assert_eq!(deployment.failed_count(), 0);
    let over = run(&deployment, "2026-03-03T04:20:00Z").await;
    assert!(over.contains(&format!("resolved {KEY}")), "{over:?}");
}

#[tokio::test]
async fn a_run_that_is_remembered_but_not_deleted_is_not_counted_again() {
    for is_killed_before in [true, false] {
        let deployment = deployed().await;
        deployment.fail("2026-03-02T02:05:00Z", ERROR);
        if is_killed_before {
            deployment.emulator.refuse("DeleteMessage", None, 1, "AccessDenied");
        } else {
            deployment.emulator.lose_answers("DeleteMessage", 20);
        }
        let error = broken(&deployment, "2026-03-02T02:15:00Z").await;
        deployment.emulator.lose_answers("DeleteMessage", 0);
        assert!(error.contains("empty queue"), "{error}");
        assert_eq!(lines(&told(&deployment)), [format!("opened {KEY}")]);
        assert_eq!(deployment.failed_count(), usize::from(is_killed_before));

        assert_eq!(run(&deployment, "2026-03-02T02:30:00Z").await, NOTHING);
        assert_eq!(memory(&deployment).await["failed"]["create"]["count"], 1);
        assert_eq!(deployment.failed_count(), 0);
    }
}

#[tokio::test]
async fn what_could_not_be_remembered_stays_in_the_queue_and_is_told_again() {
    let deployment = deployed().await;
    deployment.fail("2026-03-02T02:05:00Z", ERROR);
    deployment.emulator.refuse(MEMORY_WRITE, None, 1, "AccessDenied");
    let error = broken(&deployment, "2026-03-02T02:15:00Z").await;
    assert!(error.contains(MEMORY_KEY), "{error}");
    assert_eq!(lines(&told(&deployment)), [format!("opened {KEY}")], "SNS took it");
    assert_eq!(deployment.failed_count(), 1);

    assert_eq!(run(&deployment, "2026-03-02T02:30:00Z").await, [format!("opened {KEY}")]);
    assert_eq!(memory(&deployment).await["failed"]["create"]["count"], 1);
    assert_eq!(deployment.failed_count(), 0);
}

#[tokio::test]
async fn of_two_runs_at_once_the_slower_one_writes_over_nothing_and_deletes_nothing() {
    let deployment = deployed().await;
    deployment.fail("2026-03-02T02:05:00Z", ERROR);
    let mut others = memory(&deployment).await;
    others["failed"]["verify"] = json!({
        "region": "us-west-2", "count": 1, "newest": "2026-03-02T02:10:00Z", "error": "timed out",
    });
    let others = others.to_string();
    let bucket = &deployment.fleet.bucket;
    deployment.emulator.write_before("Publish", bucket, MEMORY_KEY, &others);
    let error = broken(&deployment, "2026-03-02T02:15:00Z").await;
    assert!(error.contains("PreconditionFailed"), "{error}");
    assert_eq!(lines(&told(&deployment)), [format!("opened {KEY}")]);
    assert_eq!(memory(&deployment).await.to_string(), others);
    assert_eq!(deployment.failed_count(), 1);

    let both = [KEY, "prod/us-west-2/function-failed/verify"].map(|key| format!("opened {key}"));
    assert_eq!(run(&deployment, "2026-03-02T02:30:00Z").await, both);
    assert_eq!(deployment.failed_count(), 0);
}

#[tokio::test]
async fn while_the_topic_is_down_nothing_is_lost_and_afterwards_everything_is_told_once() {
    let deployment = deployed().await;
    deployment.fail("2026-03-02T02:05:00Z", ERROR);
    deployment.emulator.refuse("Publish", None, 1_000, "AuthorizationError");
    // A day, and longer than a verb takes to count as recovered: but something new fails meanwhile.
    for time in ["02T02:15:00Z", "02T14:00:00Z", "03T02:00:00Z"] {
        broken(&deployment, &format!("2026-03-{time}")).await;
    }
    assert_eq!(deployment.failed_count(), 0, "it is remembered, so it needn't lie there");
    assert_eq!(told(&deployment), Vec::<Value>::new());
    deployment.emulator.refuse("Publish", None, 0, "AuthorizationError");
    let told = run(&deployment, "2026-03-03T02:15:00Z").await;
    let ours = told.iter().filter(|line| line.ends_with(KEY)).count();
    assert_eq!(ours, 1, "{told:?}");
    assert_eq!(run(&deployment, "2026-03-03T02:30:00Z").await, NOTHING);
}

/// What may happen to a memory: it is deleted, or this is written over it.
const DAMAGES: [Option<&str>; 4] =
    [None, Some(""), Some("{"), Some(r#"{"alarms":{},"known":{},"unheard_of":1}"#)];

async fn damage(deployment: &Deployment, how: Option<&str>) {
    match how {
        None => deployment.lose(MEMORY_KEY),
        Some(body) => overwrite(deployment, body).await,
    }
}

/// A deployment that has told of a failed run, and the keys that are open with it.
async fn with_a_failed_run() -> (Deployment, BTreeMap<String, Value>) {
    let deployment = deployed().await;
    deployment.fail("2026-03-02T02:05:00Z", ERROR);
    // There is evidence to seal, so alarm has some of its own: by that it knows that it ran before.
    deployment.run(Verb::Create, "2026-03-02T02:10:00Z").await;
    deployment.run(Verb::Alarm, "2026-03-02T02:15:00Z").await;
    told(&deployment);
    let open = keys(&memory(&deployment).await);
    (deployment, open)
}

#[tokio::test]
async fn a_memory_that_is_deleted_or_damaged_is_gone_back_to_and_what_ended_gets_its_ok() {
    const STRAY: &str = "prod/us-west-2/unprotected/somebody-elses";
    let (deployment, open) = with_a_failed_run().await;
    assert!(open.contains_key(KEY) && open.contains_key(STRAY), "{open:?}");
    for (how, hour) in DAMAGES.into_iter().zip(3..) {
        damage(&deployment, how).await;
        let error = broken(&deployment, &format!("2026-03-02T{hour:02}:00:00Z")).await;
        assert!(error.starts_with("read state/alarms.json: ") && error.lines().count() == 1);
        assert!(error.contains(" is gone back to, and alarms that opened since"), "{error}");
        assert_eq!(told(&deployment), Vec::<Value>::new(), "{how:?}: all of it was told before");
        assert_eq!(opened(&keys(&memory(&deployment).await)), opened(&open), "{how:?}");
        let later = format!("2026-03-02T{hour:02}:15:00Z");
        assert_eq!(run(&deployment, &later).await, NOTHING, "{how:?}");
    }
    // While nobody remembers, one thing heals and another breaks; the failed run is a day ago.
    damage(&deployment, None).await;
    deployment.protect("somebody-elses");
    let error = broken(&deployment, "2026-03-03T04:00:00Z").await;
    assert!(error.contains("it was deleted at "), "{error}");
    let told = lines(&told(&deployment));
    for key in [STRAY, KEY] {
        assert!(told.contains(&format!("resolved {key}")), "{told:?}");
    }
    let is_news = |line: &String| line.starts_with("opened ");
    assert!(told.iter().any(is_news), "slots were missed meanwhile: {told:?}");
}

#[tokio::test]
async fn a_memory_of_which_no_version_can_be_read_is_begun_anew_under_the_same_keys() {
    let (deployment, mut open) = with_a_failed_run().await;
    assert!(open.remove(KEY).is_some(), "its message is deleted: nobody knows of it any more");
    let open: Vec<String> = open.into_keys().map(|key| format!("opened {key}")).collect();
    for how in DAMAGES {
        deployment.lose_for_good(MEMORY_KEY);
        if let Some(body) = how {
            deployment.store().put_new(MEMORY_KEY, body.into()).await.expect("nothing is there");
        }
        let error = broken(&deployment, "2026-03-02T02:45:00Z").await;
        assert!(error.starts_with("read state/alarms.json: ") && error.lines().count() == 1);
        assert!(error.contains("it is begun anew, and open alarms are told again"), "{error}");
        let mut again = lines(&told(&deployment));
        again.sort();
        assert_eq!(again, open, "{how:?}");
        assert_eq!(run(&deployment, "2026-03-02T03:00:00Z").await, NOTHING);
    }
}

/// The alarms that were told under keys of their own.
fn keys(memory: &Value) -> BTreeMap<String, Value> {
    let alarms = memory["alarms"].as_object().expect("it has alarms");
    alarms.iter().map(|(key, alarm)| (key.clone(), alarm.clone())).collect()
}

/// Of each key when it was opened and told: the rest is as of the last look.
fn opened(alarms: &BTreeMap<String, Value>) -> Vec<(&String, &Value, &Value)> {
    alarms.iter().map(|(key, alarm)| (key, &alarm["opened_at"], &alarm["told_at"])).collect()
}

/// Nobody could read a thousand messages, and nobody has to.
#[tokio::test]
async fn a_thousand_databases_that_fail_together_are_one_message() {
    const MANY: &str = "prod/many/recovery-point-missing/warning";
    let deployment = Deployment::new(Emulator::with_quota(2_000), "2026-03-01T00:00:00Z");
    deployment.grow(1_000);
    deployment.run(Verb::Alarm, "2026-03-02T02:00:00Z").await;
    let messages = told(&deployment);
    assert_eq!(messages.iter().filter(|it| it["condition"] == "recovery-point-missing").count(), 2);
    let many = messages.iter().find(|it| it["key"] == MANY).expect("the others are one");
    assert_eq!((&many["status"], &many["count"]), (&json!("opened"), &json!(1_005)));
    assert_eq!(many["affected"].as_array().map(Vec::len), Some(10));
    assert_eq!(run(&deployment, "2026-03-02T02:15:00Z").await, NOTHING);
}
