//! What alarm does without its memory, and without time, on the simulated account's wire.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use snapkeep_alarm::{MEMORY_KEY, handle};
use snapkeep_aws::Aws;
use snapkeep_function::{App, Report, Settings, Tick};
use snapkeep_policy::ids::Region;
use snapkeep_policy::inventory::Engine;
use snapkeep_world::{DatabaseSpec, Fault, FaultKind, Options, World};

const BUCKET: &str = "backups";
const DENIED: FaultKind = FaultKind::Refuse { status: 403, code: "AccessDenied" };
const BUSY: FaultKind = FaultKind::Refuse { status: 503, code: "SlowDown" };
const NOTHING: [&str; 0] = [];

/// A deployment with three databases that no policy protects.
struct Account {
    world: World,
    app: App,
}

fn home() -> Region {
    "us-west-2".parse().unwrap()
}

fn at(time: &str) -> Timestamp {
    format!("2026-03-04T{time}:00Z").parse().unwrap()
}

impl Account {
    fn new() -> Self {
        let world = World::new(Options::new(1));
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
        for name in ["one", "two", "three"] {
            let stray = DatabaseSpec::instance(Engine::Mysql, name);
            world.admin().create_database(&home(), &stray);
        }
        let topic = Some(world.admin().create_topic(&home(), "alarms"));
        let settings = Settings { topic, ..Settings::in_bucket(BUCKET) };
        let app = App { aws: Aws::new(world.sdk_config(&home()), home()), settings };
        Self { world, app }
    }

    /// One run: what it told, and its errors.
    async fn run(&self, time: &str) -> (Vec<String>, Vec<String>) {
        self.world.advance_to(at(time));
        let (told, report) = self.within(&Tick::at(at(time))).await;
        (told, report.errors())
    }

    async fn within(&self, tick: &Tick) -> (Vec<String>, Report) {
        let before = self.world.messages().len();
        let report = handle(&self.app, b"{}", tick).await.unwrap();
        let told = self.world.messages().into_iter().skip(before).map(|message| {
            let body: Value = serde_json::from_str(&message.body).unwrap();
            let told = &body["snapkeep"];
            format!("{} {}", told["status"], told["subject"]).replace('"', "")
        });
        (told.collect(), report)
    }

    fn delete_database(&self, name: &str) {
        let databases = self.world.databases(&home()).into_iter();
        let found = databases.map(|database| database.arn).find(|arn| arn.id == name).unwrap();
        self.world.admin().delete_database(&found);
    }
}

#[tokio::test]
async fn a_first_run_has_lost_nothing_and_says_so_only_if_it_may_not_look() {
    let account = Account::new();
    let (told, errors) = account.run("06:00").await;
    assert_eq!((told.len(), errors), (4, vec![]), "{told:?}");

    let account = Account::new();
    account.world.faults().schedule(Fault::new(DENIED).on("s3:ListObjectVersions"));
    let (told, errors) = account.run("06:00").await;
    assert_eq!(told.len(), 4, "it works all the same");
    let line = "read state/alarms.json: it isn't there, which is right at a first run only; list \
                versions of s3://backups/state/alarms.json: AccessDenied";
    assert!(errors.len() == 1 && errors[0].starts_with(line), "{errors:?}");
    assert_eq!(account.run("06:15").await, (vec![], vec![]), "once");
}

#[tokio::test]
async fn it_goes_back_past_what_cannot_be_read_and_tells_what_changed_since() {
    let account = Account::new();
    account.run("06:00").await;
    for body in ["{", "", "[]"] {
        account.world.admin().put_object(BUCKET, MEMORY_KEY, body);
    }
    account.world.admin().delete_object(BUCKET, MEMORY_KEY);
    account.delete_database("two");
    let four = DatabaseSpec::instance(Engine::Mysql, "four");
    account.world.admin().create_database(&home(), &four);
    let (mut told, errors) = account.run("06:30").await;
    told.sort();
    assert_eq!(told, ["opened four", "resolved two"]);
    let line = "read state/alarms.json: it was deleted at 2026-03-04T06:00Z; its version of \
                2026-03-04T06:00:00Z is gone back to, and alarms that opened since are told again; \
                find out in CloudTrail who wrote or deleted it";
    assert_eq!(errors, [line]);
    assert_eq!(account.run("06:45").await, (vec![], vec![]), "it is there again");
}

#[tokio::test]
async fn versions_that_cannot_be_seen_just_now_are_waited_for() {
    let account = Account::new();
    account.run("06:00").await;
    account.world.admin().delete_object(BUCKET, MEMORY_KEY);
    account.world.advance_to(at("06:15"));
    account.world.faults().schedule(Fault::new(BUSY).on("s3:ListObjectVersions"));
    assert!(handle(&account.app, b"{}", &Tick::at(at("06:15"))).await.is_err());
    account.world.faults().clear();
    assert!(!account.world.objects(BUCKET).contains_key(MEMORY_KEY), "nothing is written");
    let (told, errors) = account.run("06:30").await;
    assert_eq!((told.len(), errors.len()), (0, 1), "{told:?} {errors:?}");
}

#[tokio::test]
async fn a_dry_run_goes_back_and_writes_nothing() {
    let mut account = Account::new();
    account.run("06:00").await;
    account.world.admin().delete_object(BUCKET, MEMORY_KEY);
    account.app.settings.dry_run = true;
    let (told, errors) = account.run("06:15").await;
    assert_eq!((told.len(), errors.len()), (0, 1));
    assert!(!account.world.objects(BUCKET).contains_key(MEMORY_KEY));
}

/// A run that may take 300 s, of which `reading` are over once it has read its memory, and each of whose
/// messages takes `seconds`.
fn tick(account: &Account, time: &str, reading: u64, seconds: u64) -> Tick {
    let world = account.world.clone();
    let counts = move || {
        let gets = world.calls().get("s3:GetObject").copied().unwrap_or_default();
        (gets, world.messages().len() as u64)
    };
    let (gets_before, told_before) = counts();
    let elapsed = move || {
        let (gets, told) = counts();
        // The policy document is read before it.
        let read = if gets - gets_before < 2 { 0 } else { reading };
        Duration::from_secs(read + (told - told_before) * seconds)
    };
    Tick::measured(at(time), Duration::from_secs(300), elapsed)
}

#[tokio::test]
async fn what_there_is_no_time_to_tell_is_told_by_the_next_run_under_its_key() {
    let account = Account::new();
    account.world.advance_to(at("06:00"));
    let (first, report) = account.within(&tick(&account, "06:00", 0, 150)).await;
    assert_eq!((first.len(), report.errors()), (2, vec![]), "the third would end 20 s too late");
    assert_eq!(report.steps.len(), 4);
    assert!(account.world.objects(BUCKET).contains_key(MEMORY_KEY), "what was told is remembered");
    let (rest, errors) = account.run("06:15").await;
    assert_eq!((rest.len(), errors), (2, vec![]), "{first:?} {rest:?}");
    assert!(rest.iter().all(|line| !first.contains(line)), "{first:?} {rest:?}");
    assert_eq!(account.run("06:30").await.0, NOTHING);
}

#[tokio::test]
async fn a_run_whose_time_is_nearly_used_up_reads_no_queue_and_still_tells() {
    let mut account = Account::new();
    account.run("06:00").await;
    account.delete_database("two");
    let queue = "https://sqs.us-west-2.amazonaws.com/123456789012/create-failed".to_owned();
    account.app.settings.failed_queues = [(snapkeep_policy::verb::Verb::Create, queue)].into();
    account.world.advance_to(at("06:15"));
    let (told, report) = account.within(&tick(&account, "06:15", 250, 1)).await;
    assert_eq!(told, ["resolved two"]);
    let errors = report.errors();
    assert!(errors.len() == 1 && errors[0].starts_with("read queue https"), "{errors:?}");
    assert!(errors[0].contains("OutOfTime: this run has no time left for it"), "{errors:?}");
    // Without any time nothing is told, and nothing of it is lost.
    account.delete_database("one");
    account.world.advance_to(at("06:30"));
    let (told, _) = account.within(&tick(&account, "06:30", 280, 1)).await;
    assert_eq!(told, NOTHING);
    account.app.settings.failed_queues.clear();
    assert_eq!(account.run("06:45").await, (vec!["resolved one".to_owned()], vec![]));
}
