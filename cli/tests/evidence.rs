//! `snapkeep evidence` and `snapkeep status` as others call them, on a simulated account in which the
//! functions have run.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;

use jiff::Timestamp;
use serde_json::{Value, json};
use snapkeep_aws::Aws;
use snapkeep_aws::store::Store;
use snapkeep_function::{App, Settings, Tick, evidence};
use snapkeep_policy::ids::Region;
use snapkeep_policy::inventory::Engine;
use snapkeep_policy::verb::Verb;
use snapkeep_world::{DatabaseSpec, Options, Server, World};

const BUCKET: &str = "backups";
const TWO: &str = "evidence/create/999999997.json";

/// A simulated account over TCP, with a deployment in it.
struct Account {
    world: World,
    server: Server,
    app: App,
}

impl Account {
    async fn new() -> Self {
        let world = World::new(Options::new(1));
        let home: Region = "us-west-2".parse().unwrap();
        world.admin().create_bucket(BUCKET);
        let policy = json!({
            "version": 1, "deployment": "test", "regions": ["us-west-2"],
            "policies": { "all": {
                "select": { "tags": { "team": "a" } },
                "schedules": ["cron(0 2 * * ? *)"],
                "retention": { "daily": 7 },
                "objectives": { "rpo": "PT24H", "rto": "PT1H" },
            } }
        });
        world.admin().put_object(BUCKET, "policy.json", policy.to_string());
        for spec in [
            DatabaseSpec::cluster(Engine::Docdb, "shepherd").tag("team", "a"),
            DatabaseSpec::instance(Engine::Mysql, "orders").tag("team", "a"),
            DatabaseSpec::instance(Engine::Mysql, "stray"),
        ] {
            world.admin().create_database(&home, &spec);
        }
        let settings = Settings::in_bucket(BUCKET);
        let app = App { aws: Aws::new(world.sdk_config(&home), home), settings };
        let server = world.serve(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        Self { world, server, app }
    }

    fn store(&self) -> Store {
        self.app.store()
    }

    /// One night: recovery points are taken, and the next morning alarm looks.
    async fn night(&self, day: u8) {
        let at = |time: &str| -> Timestamp { format!("2026-03-{day:02}T{time}Z").parse().unwrap() };
        self.world.advance_to(at("02:05:00"));
        let tick = Tick::at(at("02:05:00"));
        let report = snapkeep_create::handle(&self.app, b"{}", &tick).await.unwrap();
        assert_eq!((report.done(), report.errors()), (2, Vec::new()));
        self.world.advance_to(at("04:30:00"));
        let report = snapkeep_alarm::handle(&self.app, b"{}", &Tick::at(at("04:30:00"))).await;
        assert_eq!(report.unwrap().errors(), Vec::<String>::new());
    }

    /// Exit code and output of a command.
    async fn snapkeep(&self, arguments: &[&str]) -> (i32, String) {
        let place = ["--bucket", BUCKET, "--region", "us-west-2", "--endpoint-url"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_snapkeep"));
        command.args(arguments).args(place).arg(self.server.endpoint()).env_clear();
        command.env("AWS_ACCESS_KEY_ID", "123456789012");
        command.env("AWS_SECRET_ACCESS_KEY", "secret-of-123456789012");
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    async fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let (code, text) = self.snapkeep(&[arguments, &["--output", "json"]].concat()).await;
        (code, serde_json::from_str(&text).unwrap())
    }

    fn change(&self, key: &str, from: &str, to: &str) {
        let body = String::from_utf8(self.world.objects(BUCKET)[key].body.to_vec()).unwrap();
        assert!(body.contains(from), "{body}");
        self.world.admin().put_object(BUCKET, key, body.replace(from, to));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_tells_unbroken_chains_from_a_broken_one_and_names_the_first_link() {
    let account = Account::new().await;
    for day in 2..=4 {
        account.night(day).await;
    }
    let (code, whole) = account.json(&["evidence", "verify"]).await;
    assert_eq!((code, whole["chains"].as_array().unwrap().len()), (0, 5));
    assert_eq!(whole["sealed_at"], "2026-03-04T04:30:00Z");
    let create = &whole["chains"][0];
    assert_eq!((&create["entries"], &create["sealed"]), (&json!(3), &json!(3)));
    assert_eq!(create["broken"], Value::Null);

    account.change(TWO, "orders", "others");
    let (code, told) = account.snapkeep(&["evidence", "verify", "--verb", "create"]).await;
    assert_eq!(code, 3);
    let line = format!("first broken link: entry 2 ({TWO}) isn't what it was when the next");
    assert!(told.contains(&line), "{told}");
    assert!(told.contains(&format!("aws s3 cp s3://backups/{TWO} -")), "{told}");
    let (code, broken) = account.json(&["evidence", "verify", "--verb", "create"]).await;
    let expected = json!({ "sequence": 2, "key": TWO, "flaw": "altered" });
    assert_eq!((code, &broken["chains"][0]["broken"]), (3, &expected));
    assert_eq!(account.snapkeep(&["evidence", "verify", "--verb", "alarm"]).await.0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_finds_newest_entries_cut_off() {
    let account = Account::new().await;
    account.night(2).await;
    account.night(3).await;
    account.world.admin().delete_object(BUCKET, TWO);
    let (code, cut) = account.json(&["evidence", "verify"]).await;
    let expected = json!({ "sequence": 2, "key": TWO, "flaw": "cut-off", "sealed_by": 2 });
    assert_eq!((code, &cut["chains"][0]["broken"]), (3, &expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_lists_what_was_done_and_exports_what_is_stored() {
    let account = Account::new().await;
    account.night(2).await;
    account.night(3).await;
    let since = ["--since", "2026-03-01T00:00:00Z"];
    let list = [&["evidence", "list"], &since[..]].concat();
    let (code, acts) = account.json(&list).await;
    assert_eq!((code, acts.as_array().unwrap().len()), (0, 4));
    let (_, acts) = account.json(&[&list[..], &["--database", "orders"]].concat()).await;
    let expected: Vec<&Value> =
        acts.as_array().unwrap().iter().map(|act| &act["evidence"]).collect();
    assert_eq!(expected, ["create/2", "create/1"], "the newest first");
    assert_eq!(acts[0]["kind"], "created");
    let (_, pruned) = account.json(&[&list[..], &["--kind", "pruned"]].concat()).await;
    assert_eq!(pruned, json!([]));
    let (_, text) = account.snapkeep(&list).await;
    assert_eq!(text.lines().count(), 5, "{text}");

    let (code, lines) = account.snapkeep(&["evidence", "export", "--verb", "create"]).await;
    let entries: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, entries.len()), (0, 2));
    assert_eq!((&entries[0]["sequence"], &entries[1]["sequence"]), (&json!(1), &json!(2)));
    let chain = evidence::check(&account.store(), Verb::Create).await.unwrap();
    assert_eq!(chain.linked, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_answers_first_and_has_a_line_for_each_database_the_worst_first() {
    let account = Account::new().await;
    account.night(2).await;
    let now = ["--now", "2026-03-02T06:00:00Z"];
    let (code, status) = account.json(&[&["status"], &now[..]].concat()).await;
    assert_eq!(code, 3, "nothing is proven yet: {status}");
    let counts = ["proven", "protected", "unprotected"].map(|key| status[key].as_u64().unwrap());
    assert_eq!(counts, [0, 2, 1]);
    assert_eq!(status["databases"][0]["newest"], "2026-03-02T02:00:00Z");
    assert_eq!(status["databases"][0]["newest_age_seconds"], 4 * 3600);
    let wrong = "no restore has proven it: its policy doesn't verify";
    assert_eq!(status["databases"][0]["wrong"], json!([wrong]));

    let (code, text) = account.snapkeep(&[&["status"], &now[..]].concat()).await;
    assert_eq!(code, 3);
    let first = "Restorable? 0 of 2 databases are proven within their limits.";
    assert_eq!(text.lines().next(), Some(first));
    let widest = text.lines().take(6).map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{text}");
    for database in ["shepherd", "orders"] {
        assert!(text.contains(&format!("✗ {database} in us-west-2: {wrong}")), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn status_exits_0_when_all_is_well_and_a_verdict_must_be_in_the_evidence() {
    let account = Account::new().await;
    account.night(2).await;
    let home: Region = "us-west-2".parse().unwrap();
    for snapshot in account.world.snapshots(&home) {
        for (key, value) in [
            ("snapkeep:verdict", "pass"),
            ("snapkeep:verdict-at", "2026-03-02T05:00:00Z"),
            ("snapkeep:verdict-cause", "none"),
            ("snapkeep:verdict-rto", "1800"),
        ] {
            account.world.admin().alter_snapshot(&snapshot.arn, |it| {
                it.tags.insert(key.to_owned(), value.to_owned());
            });
        }
    }
    account.world.admin().put_object(BUCKET, "state/alarms.json", r#"{"alarms":{},"known":{}}"#);
    let now = ["--now", "2026-03-02T06:00:00Z"];
    let (code, forged) = account.json(&[&["status"], &now[..]].concat()).await;
    let wrong = "the verdict of 2026-03-02T05:00Z isn't in the evidence";
    assert_eq!((code, &forged["databases"][0]["wrong"]), (3, &json!([wrong])));

    for (kind, database) in [("cluster", "shepherd"), ("db", "orders")] {
        let database = format!("arn:aws:rds:us-west-2:123456789012:{kind}:{database}");
        let verdict = json!({ "subject": { "recovery-point": database.replace(":db:", ":snapshot:") },
            "database": database, "scratch_id": "snapkeep-scratch-1", "outcome": "pass" });
        let at = "2026-03-02T05:00:00Z".parse().unwrap();
        evidence::record(&account.store(), Verb::Verify, at, "snapkeep-scratch-1", &verdict)
            .await
            .unwrap();
    }
    let (code, well) = account.json(&[&["status"], &now[..]].concat()).await;
    assert_eq!((code, &well["proven"]), (0, &json!(2)), "{well}");
    assert_eq!(well["databases"][0]["recovery_seconds"], 1800);
    let (_, text) = account.snapkeep(&[&["status"], &now[..]].concat()).await;
    assert!(text.starts_with("Restorable? 2 of 2 databases are proven within their limits.\n"));

    account.world.admin().delete_object(BUCKET, "state/alarms.json");
    let (code, unknown) = account.json(&[&["status"], &now[..]].concat()).await;
    let unseen = json!(["state/alarms.json isn't there: alarm hasn't run yet"]);
    assert_eq!((code, &unknown["unseen"]), (4, &unseen), "nobody knows whether all is well");
}

#[tokio::test(flavor = "multi_thread")]
async fn status_reads_a_bucket_without_a_policy_as_an_error() {
    let account = Account::new().await;
    account.world.admin().delete_object(BUCKET, "policy.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_snapkeep"));
    command.args(["status", "--bucket", BUCKET, "--region", "us-west-2", "--endpoint-url"]);
    command.arg(account.server.endpoint()).env_clear();
    command.env("AWS_ACCESS_KEY_ID", "123456789012");
    command.env("AWS_SECRET_ACCESS_KEY", "secret-of-123456789012");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(
        line.starts_with("error: s3://backups/policy.json isn't there: name its key"),
        "{line}"
    );
}
