//! A run that writes a report, on the simulated account's wire, with everything that may refuse it: the
//! run fails in one line for each thing, and nobody loses the report that is there already.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use jiff::Timestamp;
use serde_json::{Value, json};
use snapkeep_alarm::{MEMORY_KEY, handle};
use snapkeep_aws::Aws;
use snapkeep_function::{App, Outcome, Report, Settings, Tick};
use snapkeep_policy::ids::Region;
use snapkeep_policy::inventory::Engine;
use snapkeep_world::{DatabaseSpec, Fault, FaultKind, Options, World};

const BUCKET: &str = "backups";
const HTML: &str = "reports/daily/2026-03-04.html";
const JSON: &str = "reports/daily/2026-03-04.json";
const DENIED: FaultKind = FaultKind::Refuse { status: 403, code: "AccessDenied" };

/// A deployment with one database.
struct Account {
    world: World,
    app: App,
}

impl Account {
    fn new() -> Self {
        let world = World::new(Options::new(1));
        let home: Region = "us-west-2".parse().unwrap();
        let policy = json!({
            "version": 1, "deployment": "test", "regions": ["us-west-2"],
            "policies": { "all": {
                "select": { "tags": { "team": "a" } },
                "schedules": ["cron(0 2 * * ? *)"],
                "retention": { "daily": 7 },
            } }
        });
        world.admin().create_bucket(BUCKET);
        world.admin().put_object(BUCKET, "policy.json", policy.to_string());
        world.admin().put_object(BUCKET, MEMORY_KEY, r#"{"alarms":{},"known":{}}"#);
        let orders = DatabaseSpec::instance(Engine::Mysql, "orders").tag("team", "a");
        world.admin().create_database(&home, &orders);
        let topic = Some(world.admin().create_topic(&home, "alarms"));
        let settings = Settings { topic, ..Settings::in_bucket(BUCKET) };
        let app = App { aws: Aws::new(world.sdk_config(&home), home), settings };
        world.advance_to(now());
        Self { world, app }
    }

    async fn report(&self) -> Report {
        handle(&self.app, br#"{"report": "daily"}"#, &Tick::at(now())).await.unwrap()
    }

    /// The daily report while these calls go wrong.
    async fn report_while(&self, wrong: &[(&str, FaultKind)]) -> Report {
        for (operation, kind) in wrong {
            self.world.faults().schedule(Fault::new(kind.clone()).on(operation));
        }
        let report = self.report().await;
        self.world.faults().clear();
        report
    }

    /// What the report says that it couldn't see; none if it isn't there.
    fn unseen(&self) -> Option<Vec<String>> {
        let objects = self.world.objects(BUCKET);
        let json: Value = serde_json::from_slice(&objects.get(JSON)?.body).unwrap();
        let unseen = json["unseen"].as_array().unwrap().iter();
        Some(unseen.map(|it| it["what"].as_str().unwrap().to_owned()).collect())
    }

    /// Everything in the bucket but reports.
    fn rest(&self) -> Vec<(String, Vec<u8>)> {
        let objects = self.world.objects(BUCKET).into_iter();
        let rest = objects.filter(|(key, _)| !key.starts_with("reports/"));
        rest.map(|(key, object)| (key, object.body.to_vec())).collect()
    }
}

fn now() -> Timestamp {
    "2026-03-04T06:00:00Z".parse().unwrap()
}

/// How each step ended: the two forms, and the message.
fn ends(report: &Report) -> Vec<&'static str> {
    let end = |outcome: &Outcome| match outcome {
        Outcome::Planned => "planned",
        Outcome::Done => "done",
        Outcome::AlreadyDone => "already done",
        Outcome::Dropped { .. } => "dropped",
        Outcome::Failed { .. } => "failed",
        Outcome::OutOfTime => "out of time",
    };
    report.steps.iter().map(|entry| end(&entry.outcome)).collect()
}

fn assert_one_line_each(report: &Report, expected: &[&str]) {
    let errors = report.errors();
    assert_eq!(errors.len(), expected.len(), "{errors:?}");
    for (error, expected) in errors.iter().zip(expected) {
        assert!(error.contains(expected) && !error.contains('\n'), "{error}");
    }
}

#[tokio::test]
async fn a_report_is_written_in_both_forms_and_told_of() {
    let account = Account::new();
    let before = account.rest();
    let report = account.report().await;
    assert_eq!((ends(&report), report.errors()), (vec!["done"; 3], vec![]));
    assert_eq!(account.unseen(), Some(vec![]));
    assert_eq!(account.world.messages().len(), 1);
    assert_eq!(account.rest(), before, "neither memory nor evidence is touched");
}

#[tokio::test]
async fn a_write_that_s3_refuses_fails_the_run_and_nobody_is_sent_there() {
    let account = Account::new();
    let before = account.rest();
    let report = account.report_while(&[("s3:PutObject", DENIED)]).await;
    assert_eq!(ends(&report), ["failed", "failed", "dropped"]);
    assert_one_line_each(&report, &[HTML, JSON]);
    assert_eq!((account.unseen(), account.world.messages().len()), (None, 0));
    assert_eq!(account.rest(), before);
    assert_eq!(ends(&account.report().await), ["done"; 3], "the next run makes up for it");
}

#[tokio::test]
async fn a_message_that_sns_refuses_fails_the_run_and_the_report_is_there() {
    let account = Account::new();
    let before = account.rest();
    let report = account.report_while(&[("sns:Publish", DENIED)]).await;
    assert_eq!(ends(&report), ["done", "done", "failed"]);
    assert_one_line_each(&report, &["arn:aws:sns:us-west-2:"]);
    assert_eq!((account.unseen(), account.world.messages().len()), (Some(vec![]), 0));
    assert_eq!(account.rest(), before);
}

#[tokio::test]
async fn evidence_that_cannot_be_read_is_named_in_the_report_and_fails_the_run() {
    let account = Account::new();
    let before = account.rest();
    let report = account.report_while(&[("s3:ListObjectsV2", DENIED)]).await;
    assert_eq!(ends(&report), ["done"; 3], "half a report is better than none");
    let what = ["create", "copy", "verify", "prune", "alarm"].map(|it| format!("evidence of {it}"));
    let what: Vec<&str> =
        ["what was done"].into_iter().chain(what.iter().map(|it| &**it)).collect();
    assert_one_line_each(&report, &what);
    assert_eq!(account.unseen(), Some(what.iter().map(|it| (*it).to_owned()).collect()));
    assert_eq!(account.rest(), before);

    let report = account.report().await;
    assert_eq!((ends(&report), account.unseen()), (vec!["done"; 3], Some(vec![])), "a whole one");
}

#[tokio::test]
async fn a_report_that_lacks_something_takes_nobodys_place() {
    let region_down = FaultKind::Refuse { status: 503, code: "ServiceUnavailable" };
    for wrong in [("s3:ListObjectsV2", DENIED), ("rds:DescribeDBSnapshots", region_down)] {
        let account = Account::new();
        account.report().await;
        let whole = account.world.objects(BUCKET)[HTML].body.clone();
        let report = account.report_while(std::slice::from_ref(&wrong)).await;
        assert_eq!(ends(&report), ["dropped"; 3], "{wrong:?}");
        assert!(!report.errors().is_empty(), "the run fails all the same");
        assert_eq!(account.unseen(), Some(vec![]));
        assert_eq!(account.world.objects(BUCKET)[HTML].body, whole);
        assert_eq!(account.world.messages().len(), 1, "of the whole one");
    }
}

#[tokio::test]
async fn a_report_that_lacks_something_is_no_half_of_another() {
    let account = Account::new();
    account.report().await;
    account.world.admin().delete_object(BUCKET, JSON);
    let report = account.report_while(&[("s3:ListObjectsV2", DENIED)]).await;
    assert_eq!((ends(&report), account.unseen()), (vec!["dropped"; 3], None));
}

#[tokio::test]
async fn two_writes_at_once_leave_one_report() {
    let account = Account::new();
    let clash = FaultKind::Refuse { status: 409, code: "ConditionalRequestConflict" };
    let wrong = [("s3:ListObjectsV2", DENIED), ("s3:PutObject", clash)];
    let report = account.report_while(&wrong).await;
    assert_eq!(ends(&report), ["failed", "dropped", "dropped"]);
    assert!(report.errors()[0].contains(HTML), "{:?}", report.errors());
}
