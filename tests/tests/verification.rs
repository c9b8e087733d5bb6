//! verify from the snapshot to the verdict and to nothing left, on real database servers: the
//! emulated account restores into them, and the shipped handler questions them over TLS.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::net::TcpListener;

use serde_json::{Value, json};
use snapkeep_function::{Report, evidence};
use snapkeep_policy::verb::Verb;
use snapkeep_tests::{Certificate, Deployment, Emulator, Kind, Server};

const HOME: &str = "us-west-2";

/// A database of the fleet, what runs in it, and who plays it once it is restored.
#[derive(Debug, Clone, Copy)]
struct Played {
    database: &'static str,
    engine: &'static str,
    kind: Kind,
    /// Its shape decides what restores it.
    restored_by: &'static str,
}

const SHEPHERD: Played = Played {
    database: "shepherd",
    engine: "docdb",
    kind: Kind::Mongodb,
    restored_by: "RestoreDBClusterFromSnapshot",
};
const POSTGRES: Played = Played {
    database: "apm-postgres",
    engine: "postgres",
    kind: Kind::Postgres,
    restored_by: "RestoreDBInstanceFromDBSnapshot",
};
const MYSQL: Played = Played {
    database: "apm-mysql",
    engine: "mysql",
    kind: Kind::Mariadb,
    restored_by: "RestoreDBInstanceFromDBSnapshot",
};

/// A night with a recovery point of `played`, and a policy that verifies it with `checks`.
async fn night(played: Played, server: &Server, checks: Value) -> Deployment {
    let deployment = Deployment::new(Emulator::start(), "2026-03-01T22:00:00Z");
    deployment.emulator.restores_into(played.engine, server);
    let deployment = deployment.trusting(server.ca());
    verifying(&deployment, played, checks).await;
    deployment.run(Verb::Create, "2026-03-02T02:05:00Z").await;
    deployment
}

/// Only `played` is protected from now on, and verified every morning at six.
async fn verifying(deployment: &Deployment, played: Played, checks: Value) {
    deployment
        .wants(|policy| {
            let mut critical = policy["policies"]["critical"].take();
            critical["select"] = json!({ "databases": [played.database] });
            critical["copies"] = json!([]);
            critical["retention"] = json!({ "keep_last": 2 });
            critical["verify"]["checks"] = checks;
            critical["verify"]["check_timeout"] = json!("PT5S");
            policy["policies"] = json!({ "critical": critical });
        })
        .await;
}

/// Runs verify every quarter of an hour until it has nothing left to do; what it did.
async fn morning(deployment: &Deployment, day: u32) -> Vec<(&'static str, String)> {
    let mut done = Vec::new();
    for tick in 0..12 {
        let at = format!("2026-03-{day:02}T{:02}:{:02}:00Z", 6 + tick / 4, tick % 4 * 15 + 5);
        let report = deployment.run(Verb::Verify, &at).await;
        if report.steps.is_empty() && scratch(deployment).is_empty() {
            break;
        }
        done.extend(steps(&report));
    }
    assert_eq!(scratch(deployment), Vec::<String>::new(), "nothing is left");
    done
}

fn steps(report: &Report) -> Vec<(&'static str, String)> {
    let entries = report.steps.iter();
    entries.map(|entry| (entry.line.action, format!("{:?}", entry.outcome))).collect()
}

fn scratch(deployment: &Deployment) -> Vec<String> {
    deployment.count().regions[HOME].scratch.clone()
}

/// The newest verdict of the ledger.
async fn verdict(deployment: &Deployment) -> Value {
    let newest = deployment.store().first("evidence/verify/").await.unwrap().unwrap();
    let (bytes, _) = deployment.store().get(&newest).await.unwrap().unwrap();
    let entry: Value = serde_json::from_slice(&bytes).unwrap();
    entry["record"].clone()
}

/// The verdict's tags on the newest recovery point.
fn verdict_tags(deployment: &Deployment, played: Played) -> (String, String) {
    let count = deployment.count();
    let points = &count.recovery_points(HOME)[played.database];
    let newest = points.iter().max_by_key(|point| point.slot.clone()).unwrap();
    let tag = |key: &str| newest.tags.get(key).cloned().unwrap_or_default();
    (tag("snapkeep:verdict"), tag("snapkeep:verdict-cause"))
}

fn sound_checks(kind: Kind) -> Value {
    match kind {
        Kind::Mongodb => json!([
            { "collection": "shop.users", "min": 1000 },
            { "collection": "shop.orders", "newest": "updated_at", "max_age": "PT25H" },
            { "collection": "shop.orders", "index": "orders_customer" },
        ]),
        Kind::Postgres => json!([
            { "sql": "select count(*) from users", "min": 1000, "database": "shop" },
            { "freshness": "select max(updated_at) from orders", "max_age": "PT25H",
              "database": "shop" },
            { "table": "orders", "index": "orders_customer", "database": "shop" },
            { "indexes": "valid", "database": "shop" },
            { "integrity": ["orders", "users"], "database": "shop" },
        ]),
        Kind::Mariadb => json!([
            { "sql": "select count(*) from shop.users", "min": 1000 },
            { "freshness": "select max(updated_at) from shop.orders", "max_age": "PT25H" },
            { "table": "shop.orders", "index": "orders_customer" },
            { "integrity": ["shop.orders", "shop.users"] },
        ]),
    }
}

#[tokio::test]
async fn each_engine_goes_from_its_snapshot_to_a_pass_and_to_nothing_left() {
    for played in [SHEPHERD, POSTGRES, MYSQL] {
        let server = Server::start(played.kind);
        let checks = sound_checks(played.kind);
        let asked = checks.as_array().unwrap().len();
        let deployment = night(played, &server, checks).await;
        let done = morning(&deployment, 2).await;
        let done: Vec<&str> = done.iter().map(|(step, _)| *step).collect();
        let restored: &[&str] = match played.kind {
            Kind::Mongodb => &["restore", "add-instance"],
            Kind::Postgres | Kind::Mariadb => &["restore"],
        };
        let gone: &[&str] = match played.kind {
            Kind::Mongodb => &["delete-instance", "delete-cluster"],
            Kind::Postgres | Kind::Mariadb => &["delete-instance"],
        };
        assert_eq!(done, [restored, &["set-password", "question"], gone].concat());

        let verdict = verdict(&deployment).await;
        assert_eq!(verdict["outcome"], "pass", "{verdict:#}");
        let checks = verdict["checks"].as_array().unwrap();
        assert_eq!(checks.len(), asked);
        let survey = verdict["survey"].as_object().unwrap();
        let rows: u64 = survey.values().map(|table| table["rows"].as_u64().unwrap()).sum();
        assert_eq!(rows, 6250, "users, orders and notifications of {}", played.engine);
        assert_eq!(verdict_tags(&deployment, played), ("pass".into(), "none".into()));
        let chain = evidence::check(&deployment.store(), Verb::Verify).await.unwrap();
        assert_eq!(chain.entries, 1);
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_data_fails_the_recovery_point() {
    let sql = |sql: &str| json!([{ "sql": sql, "min": 1, "database": "shop" }]);
    let count = "select count(*) from users";
    for (damage, checks, observed) in [
        ("truncate users cascade", sql(count), "0"),
        ("drop table users cascade", sql(count), "refuses the question"),
        (
            "drop index orders_customer",
            json!([{ "table": "orders", "index": "orders_customer", "database": "shop" }]),
            "orders_customer",
        ),
        (
            "update orders set updated_at = updated_at - interval '2 days'",
            json!([{ "table": "orders", "newest": "updated_at", "max_age": "PT25H",
                     "database": "shop" }]),
            "2 d 0 h old",
        ),
        ("select 1", sql("select generate_series(1, 1000000000)"), "answer"),
        ("select 1", sql("select repeat('x', 1000000000)"), "a whole number counts"),
    ] {
        let server = Server::start(Kind::Postgres);
        server.execute(damage);
        let deployment = night(POSTGRES, &server, checks).await;
        morning(&deployment, 2).await;
        let verdict = verdict(&deployment).await;
        assert_eq!(
            verdict_tags(&deployment, POSTGRES),
            ("fail".into(), "check".into()),
            "{damage}"
        );
        let told = verdict["reason"].as_str().unwrap();
        assert!(told.contains(observed), "{damage}: {told}");
    }
}

#[tokio::test]
async fn a_database_that_does_not_answer_as_it_should_fails() {
    // A certificate that ended, and a password that isn't the one that was set.
    let expired = Server::with_certificate(Kind::Postgres, Certificate::Expired);
    let deployment = night(POSTGRES, &expired, json!([])).await;
    morning(&deployment, 2).await;
    assert_eq!(verdict_tags(&deployment, POSTGRES), ("fail".into(), "answer".into()));
    let reason = verdict(&deployment).await["reason"].to_string();
    assert!(reason.contains("certificate"), "{reason}");

    let server = Server::start(Kind::Postgres);
    let deployment = night(POSTGRES, &server, json!([])).await;
    for at in ["2026-03-02T06:05:00Z", "2026-03-02T06:20:00Z"] {
        deployment.run(Verb::Verify, at).await;
    }
    // Once AWS shows that the reset is over, the server has it.
    assert_eq!(scratch(&deployment).len(), 1);
    server.set_password("somebody-elses");
    // It might be AWS that hasn't applied it yet: not before a quarter of an hour is that a verdict.
    let early = deployment.run(Verb::Verify, "2026-03-02T06:30:00Z").await;
    assert!(steps(&early)[0].1.contains("that may pass"), "{:?}", steps(&early));
    deployment.run(Verb::Verify, "2026-03-02T06:45:00Z").await;
    assert_eq!(verdict_tags(&deployment, POSTGRES), ("fail".into(), "answer".into()));

    // Somebody who accepts connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let deployment = night(POSTGRES, &server, json!([])).await;
    deployment.emulator.restores_to("postgres", silent.local_addr().unwrap().port());
    morning(&deployment, 2).await;
    assert_eq!(verdict_tags(&deployment, POSTGRES), ("fail".into(), "answer".into()));
    let reason = verdict(&deployment).await["reason"].to_string();
    assert!(reason.contains("it hangs"), "{reason}");
}

#[tokio::test]
async fn what_says_nothing_of_the_snapshot_is_inconclusive() {
    let server = Server::start(Kind::Postgres);
    let deployment = night(POSTGRES, &server, json!([])).await;
    deployment.emulator.refuse(POSTGRES.restored_by, None, 1, "InsufficientDBInstanceCapacity");
    let done = morning(&deployment, 2).await;
    assert_eq!(done.len(), 1, "one attempt a slot: {done:?}");
    assert_eq!(verdict_tags(&deployment, POSTGRES), ("inconclusive".into(), "capacity".into()));

    let other = Server::with_certificate(Kind::Postgres, Certificate::OtherAuthority);
    let deployment = night(POSTGRES, &other, json!([])).await;
    morning(&deployment, 2).await;
    assert_eq!(verdict_tags(&deployment, POSTGRES), ("inconclusive".into(), "parameters".into()));

    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let deployment = night(POSTGRES, &server, json!([])).await;
    deployment.emulator.restores_to("postgres", nobody);
    morning(&deployment, 2).await;
    assert_eq!(verdict_tags(&deployment, POSTGRES), ("inconclusive".into(), "network".into()));
}

#[tokio::test]
async fn lost_rows_fail_alarm_and_keep_what_is_older_until_they_are_accepted() {
    let server = Server::start(Kind::Mariadb);
    let deployment = night(MYSQL, &server, json!([])).await;
    morning(&deployment, 2).await;
    assert_eq!(verdict_tags(&deployment, MYSQL), ("pass".into(), "none".into()));

    server.execute("delete from shop.orders where id > 100");
    for day in 3..=5 {
        deployment.run(Verb::Create, &format!("2026-03-{day:02}T02:05:00Z")).await;
        morning(&deployment, day).await;
        assert_eq!(verdict_tags(&deployment, MYSQL), ("fail".into(), "drift".into()), "{day}");
        deployment.run(Verb::Prune, &format!("2026-03-{day:02}T12:00:00Z")).await;
    }
    let reason = verdict(&deployment).await["reason"].to_string();
    assert!(reason.contains("shop.orders fell from 5000 to 100 rows"), "{reason}");
    assert_eq!(deployment.count().slots(HOME, "apm-mysql").len(), 4, "all are kept, not two");
    deployment.run(Verb::Alarm, "2026-03-05T12:00:00Z").await;
    let told = deployment.count().messages;
    let dropped = told.iter().filter(|message| message.subject.contains("data-dropped apm-mysql"));
    assert_eq!(dropped.count(), 1);

    let count = deployment.count();
    let points = &count.recovery_points(HOME)["apm-mysql"];
    let newest = points.iter().max_by_key(|point| point.slot.clone()).unwrap();
    let accept = json!({ "verb": "verify", "accept": newest.id }).to_string();
    let report = deployment.ask(Verb::Verify, "2026-03-05T12:10:00Z", &accept).await.unwrap();
    assert_eq!(report.errors(), Vec::<String>::new());
    assert_eq!(verdict_tags(&deployment, MYSQL), ("pass".into(), "drift".into()));
    deployment.run(Verb::Create, "2026-03-06T02:05:00Z").await;
    morning(&deployment, 6).await;
    assert_eq!(verdict_tags(&deployment, MYSQL), ("pass".into(), "none".into()), "its baseline");
    deployment.run(Verb::Prune, "2026-03-06T12:00:00Z").await;
    assert!(deployment.count().slots(HOME, "apm-mysql").len() < 5, "pruning goes on");
}

#[tokio::test]
async fn a_run_that_is_killed_at_any_call_is_carried_on_by_the_next() {
    for call in [
        "RestoreDBClusterFromSnapshot",
        "CreateDBInstance",
        "ModifyDBCluster",
        "AddTagsToResource",
        "DeleteDBInstance",
        "DeleteDBCluster",
    ] {
        let server = Server::start(Kind::Mongodb);
        let deployment = night(SHEPHERD, &server, json!([])).await;
        // As often as it is tried: whoever asked never hears that it was done.
        deployment.emulator.lose_answers(call, 4);
        for tick in 0..16 {
            let at = format!("2026-03-02T{:02}:{:02}:00Z", 6 + tick / 4, tick % 4 * 15 + 5);
            drop(deployment.try_run(Verb::Verify, &at).await);
        }
        assert_eq!(verdict_tags(&deployment, SHEPHERD), ("pass".into(), "none".into()), "{call}");
        assert_eq!(scratch(&deployment), Vec::<String>::new(), "{call}");
        let chain = evidence::check(&deployment.store(), Verb::Verify).await.unwrap();
        assert!(chain.broken.is_none(), "{call}");
    }
}

#[tokio::test]
async fn a_password_that_was_lost_is_set_anew() {
    let server = Server::start(Kind::Postgres);
    let deployment = night(POSTGRES, &server, json!([])).await;
    for at in ["2026-03-02T06:05:00Z", "2026-03-02T06:20:00Z"] {
        deployment.run(Verb::Verify, at).await;
    }
    deployment.lose("scratch/");
    let report = deployment.run(Verb::Verify, "2026-03-02T06:35:00Z").await;
    assert!(steps(&report)[0].1.contains("another one is set"), "{:?}", steps(&report));
    deployment.run(Verb::Verify, "2026-03-02T06:50:00Z").await;
    assert_eq!(verdict_tags(&deployment, POSTGRES), ("pass".into(), "none".into()));
}

#[tokio::test]
async fn a_scratch_database_that_was_left_behind_goes_at_its_deadline_with_a_verdict() {
    let server = Server::start(Kind::Postgres);
    let deployment = night(POSTGRES, &server, json!([])).await;
    deployment.run(Verb::Verify, "2026-03-02T06:05:00Z").await;
    assert_eq!(scratch(&deployment).len(), 1);
    // Nobody wakes verify until four hours and a minute later.
    deployment.run(Verb::Verify, "2026-03-02T10:06:00Z").await;
    assert_eq!(scratch(&deployment), Vec::<String>::new());
    assert_eq!(verdict_tags(&deployment, POSTGRES), ("inconclusive".into(), "time".into()));
}

#[tokio::test]
async fn a_point_in_time_is_rehearsed_and_told_on_the_database() {
    let server = Server::start(Kind::Postgres);
    let deployment = night(POSTGRES, &server, json!([])).await;
    deployment
        .wants(|policy| {
            let mut critical = policy["policies"]["critical"].take();
            critical["select"] = json!({ "databases": ["apm-postgres"] });
            critical["copies"] = json!([]);
            critical["verify"]["pick"] = json!({ "point-in-time": { "back": "PT1H" } });
            policy["policies"] = json!({ "critical": critical });
        })
        .await;
    let done = morning(&deployment, 2).await;
    let done: Vec<&str> = done.iter().map(|(step, _)| *step).collect();
    assert_eq!(done, ["restore", "set-password", "question", "delete-instance"]);
    let verdict = verdict(&deployment).await;
    assert_eq!(verdict["outcome"], "pass", "{verdict:#}");
    assert_eq!(verdict["subject"]["point-in-time"]["to"], "2026-03-02T05:05:00Z");
}

#[tokio::test]
async fn an_engine_version_that_is_gone_is_restored_as_the_next_one() {
    let server = Server::start(Kind::Mongodb);
    let deployment = night(SHEPHERD, &server, json!([])).await;
    deployment.emulator.offers("docdb", &["5.0.1", "8.0.0"]);
    morning(&deployment, 2).await;
    assert_eq!(verdict_tags(&deployment, SHEPHERD), ("pass".into(), "none".into()));

    let deployment = night(SHEPHERD, &server, json!([])).await;
    deployment.emulator.offers("docdb", &["8.0.0"]);
    morning(&deployment, 2).await;
    assert_eq!(verdict_tags(&deployment, SHEPHERD), ("fail".into(), "restore".into()));
}

#[tokio::test]
async fn the_password_is_nowhere_but_where_it_is_kept() {
    let server = Server::start(Kind::Postgres);
    let checks = json!([
        { "sql": "select count(*) from users", "min": 1, "database": "shop" },
        { "sql": "select name::int from users limit 1", "min": 1, "database": "shop" },
    ]);
    let deployment = night(POSTGRES, &server, checks).await;
    let mut told = String::new();
    for tick in 0..8 {
        let at = format!("2026-03-02T{:02}:{:02}:00Z", 6 + tick / 4, tick % 4 * 15 + 5);
        let report = deployment.try_run(Verb::Verify, &at).await.unwrap();
        told.push_str(&serde_json::to_string(&report).unwrap());
        told.push_str(&format!("{report:?}"));
    }
    deployment.run(Verb::Alarm, "2026-03-02T12:00:00Z").await;
    let store = deployment.store();
    let mut password = String::new();
    for key in deployment.count().objects {
        let (bytes, _) = store.get(&key).await.unwrap().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        match key.strip_prefix("scratch/") {
            Some(_) => {
                let kept: Value = serde_json::from_str(&text).unwrap();
                kept["password"].as_str().unwrap().clone_into(&mut password);
            }
            None => told.push_str(&text),
        }
    }
    told.push_str(&format!("{:?}", deployment.count()));
    assert_eq!(password.len(), 40);
    assert!(!told.contains(&password));
    // A name of the sample data, which the database quotes when it can't be read as a number.
    assert!(told.contains("22P02") && !told.contains("User 1"), "no row in any output");
}
