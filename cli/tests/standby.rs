//! Alarm and its standby in a second region, on a simulated account whose home region goes out.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use snapkeep_aws::Aws;
use snapkeep_function::{App, Settings, Tick};
use snapkeep_policy::alarm::standby::Home;
use snapkeep_policy::ids::Region;
use snapkeep_policy::inventory::Engine;
use snapkeep_world::{DatabaseSpec, Fault, FaultKind, Options, World};

const AT_HOME: &str = "backups-west";
const ELSEWHERE: &str = "backups-east";
const STATE: &str = "state/standby.json";
/// What is wrong in this account.
const WRONG: [&str; 2] = ["nothing-selected/all", "unprotected/stray"];

/// A deployment at home and its standby.
struct Account {
    world: World,
    home: App,
    standby: App,
}

fn west() -> Region {
    "us-west-2".parse().unwrap()
}

fn east() -> Region {
    "us-east-1".parse().unwrap()
}

fn at(time: &str) -> Timestamp {
    format!("2026-03-02T{time}Z").parse().unwrap()
}

impl Account {
    /// With a database that no policy protects, and a policy that selects nothing.
    fn new() -> Self {
        let world = World::new(Options::new(1));
        // Without regions: the databases are at home, wherever the document is read.
        let policy = json!({
            "version": 1, "deployment": "test",
            "policies": { "all": {
                "select": { "tags": { "team": "a" } },
                "schedules": ["cron(0 2 * * ? *)"],
                "retention": { "daily": 7 },
            } }
        });
        let app = |bucket: &str, region: Region| {
            world.admin().create_bucket(bucket);
            world.admin().put_object(bucket, "policy.json", policy.to_string());
            let mut settings = Settings::in_bucket(bucket);
            settings.topic = Some(world.admin().create_topic(&region, "test-alarms"));
            App { aws: Aws::new(world.sdk_config(&region), region), settings }
        };
        let (home, mut standby) = (app(AT_HOME, west()), app(ELSEWHERE, east()));
        let silent_after = SignedDuration::from_hours(1);
        let bucket = AT_HOME.to_owned();
        standby.settings.standby_for = Some(Home { region: west(), bucket, silent_after });
        world.admin().create_database(&west(), &DatabaseSpec::instance(Engine::Mysql, "stray"));
        Self { world, home, standby }
    }

    /// One look, and what it told: `ALARM …` or `OK …` by key, and where.
    async fn looks(&self, app: &App, time: &str) -> Vec<String> {
        self.world.advance_to(at(time));
        let before = self.world.messages().len();
        let report = snapkeep_alarm::handle(app, b"{}", &Tick::at(at(time))).await;
        report.unwrap();
        let told = self.world.messages().into_iter().skip(before).map(|message| {
            let body: Value = serde_json::from_str(&message.body).unwrap();
            let region = message.topic.split(':').nth(3).unwrap().to_owned();
            let key = &body["AlarmName"];
            format!("{} {} {region}", body["NewStateValue"], key).replace('"', "")
        });
        told.collect()
    }
}

#[tokio::test]
async fn while_home_is_out_the_standby_tells_and_hands_back_when_it_is_over() {
    let account = Account::new();
    let Account { world, home, standby } = &account;
    let none: [&str; 0] = [];
    let found = WRONG.map(|key| format!("ALARM test/us-west-2/{key} us-west-2"));
    assert_eq!(account.looks(home, "10:00:00").await, found);
    assert_eq!(account.looks(standby, "10:05:00").await, none);

    let outage = Fault::new(FaultKind::RegionOutage).in_region(&west());
    world.faults().schedule(outage.between(at("10:10:00"), at("12:00:00")));
    world.advance_to(at("10:15:00"));
    assert!(snapkeep_alarm::handle(home, b"{}", &Tick::at(at("10:15:00"))).await.is_err());
    assert_eq!(account.looks(standby, "10:20:00").await, none, "it may be a moment");
    let told = account.looks(standby, "11:05:00").await;
    let expected = ["home-silent/us-west-2 us-east-1", "region-unseen/us-west-2 us-east-1"];
    assert_eq!(told, expected.map(|end| format!("ALARM test/us-west-2/{end}")));
    assert_eq!(account.looks(standby, "11:20:00").await, none);

    // Home is back and still finds what it found; the standby ends what only it told.
    assert_eq!(account.looks(home, "12:15:00").await, none);
    let told = account.looks(standby, "12:20:00").await;
    assert_eq!(told, expected.map(|end| format!("OK test/us-west-2/{end}")));
    assert_eq!(account.looks(standby, "12:35:00").await, none);
}

#[tokio::test]
async fn a_dead_alarm_in_a_healthy_region_is_stood_in_for_under_the_same_keys() {
    let account = Account::new();
    let Account { world, home, standby } = &account;
    assert_eq!(account.looks(standby, "10:00:00").await, Vec::<String>::new());
    // Home has never run.
    let told = account.looks(standby, "11:00:00").await;
    let keys = ["home-silent/us-west-2", WRONG[0], WRONG[1]];
    assert_eq!(told, keys.map(|key| format!("ALARM test/us-west-2/{key} us-east-1")));
    let told = account.looks(home, "11:10:00").await;
    assert_eq!(told, WRONG.map(|key| format!("ALARM test/us-west-2/{key} us-west-2")));
    let told = account.looks(standby, "11:15:00").await;
    assert_eq!(told, ["OK test/us-west-2/home-silent/us-west-2 us-east-1"]);
    // It is over for good: each topic hears its own OK.
    let stray = world.databases(&west()).remove(0).arn;
    world.admin().delete_database(&stray);
    let told = account.looks(home, "11:30:00").await;
    assert_eq!(told, ["OK test/us-west-2/unprotected/stray us-west-2"]);
    let told = account.looks(standby, "11:35:00").await;
    assert_eq!(told, ["OK test/us-west-2/unprotected/stray us-east-1"]);
}

#[tokio::test]
async fn a_standby_whose_own_topic_is_down_tells_later_and_writes_no_reports() {
    let account = Account::new();
    let Account { world, standby, .. } = &account;
    account.looks(standby, "10:00:00").await;
    world.faults().schedule(Fault::service_down("sns").between(at("10:30:00"), at("11:10:00")));
    world.advance_to(at("11:00:00"));
    let tick = Tick::at(at("11:00:00"));
    let report = snapkeep_alarm::handle(standby, b"{}", &tick).await.unwrap();
    assert_eq!((report.done(), report.errors().len()), (0, 3));
    assert_eq!(account.looks(standby, "11:15:00").await.len(), 3);
    assert!(world.objects(ELSEWHERE).keys().eq(["policy.json", STATE]));

    let asked = snapkeep_alarm::handle(standby, br#"{"report": "daily"}"#, &tick).await;
    let line = "BAD_VALUE report: got daily, expected a report to be asked for in us-west-2: a \
                standby has none";
    assert_eq!(asked.unwrap_err().to_string(), line);
}
