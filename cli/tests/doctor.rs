//! `snapkeep doctor` as others call it: its JSON, its lines, its exit codes.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Output};

use serde_json::{Value, json};
use snapkeep_policy::inventory::Engine;
use snapkeep_world::{DatabaseSpec, Options, World};

fn doctor(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_snapkeep"))
        .arg("doctor")
        .args(arguments)
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", "123456789012")
        .env("AWS_SECRET_ACCESS_KEY", "secret-of-123456789012")
        .output()
        .unwrap()
}

fn file(name: &str, content: &Value) -> String {
    let path = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&path, content.to_string()).unwrap();
    path
}

fn policy() -> Value {
    json!({
        "version": 1, "deployment": "test", "regions": ["us-west-2"],
        "policies": { "all": {
            "select": { "tags": { "team": "a" } },
            "schedules": ["cron(0 2 * * ? *)"],
            "retention": { "daily": 3 },
            "copies": [{ "region": "us-east-1" }],
        } }
    })
}

/// What `doctor` says of a simulated account with two databases, one of which nobody protects.
async fn said(policy: &Value, name: &str) -> (i32, Value) {
    let world = World::new(Options::new(1));
    let home = "us-west-2".parse().unwrap();
    let databases = [
        DatabaseSpec::cluster(Engine::Docdb, "shepherd").tag("team", "a"),
        DatabaseSpec::instance(Engine::Mysql, "stray"),
    ];
    databases.iter().for_each(|spec| drop(world.admin().create_database(&home, spec)));
    let server = world.serve(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let (path, url) = (file(name, policy), server.endpoint().to_owned());
    let output = tokio::task::spawn_blocking(move || {
        let place = ["--endpoint-url", &url, "--region", "us-west-2"];
        doctor(&[&["--policy", &path, "--output", "json"], &place[..]].concat())
    });
    let output = output.await.unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_check_has_its_area_its_verdict_and_what_to_do_next() {
    let (code, answer) = said(&policy(), "doctor.json").await;
    assert_eq!(code, 1);
    let checks = answer["checks"].as_array().unwrap();
    let mut counted = [0, 0, 0];
    for check in checks {
        let fields: Vec<&String> = check.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["area", "next", "verdict", "what"]);
        let verdicts = ["ok", "wrong", "unknown"];
        let which = verdicts.iter().position(|verdict| check["verdict"] == *verdict).unwrap();
        counted[which] += 1;
        assert_eq!(check["next"].is_null(), which == 0, "{check}");
    }
    assert_eq!(json!(counted), json!([answer["ok"], answer["wrong"], answer["unknown"]]));
    let find =
        |what: &str| checks.iter().find(|check| check["what"].as_str().unwrap().contains(what));
    for (what, area, verdict) in [
        ("deployment test", "policy-document", "ok"),
        ("shepherd (docdb) in us-west-2 is protected by all", "selection", "ok"),
        ("stray (mysql) in us-west-2 is protected by no policy", "selection", "wrong"),
        ("all has no key in us-east-1, and shepherd is encrypted", "keys", "wrong"),
        ("cluster snapshots in us-east-1", "quotas", "ok"),
        ("topic arn:aws:sns:us-west-2:123456789012:snapkeep-alarms", "subscriptions", "unknown"),
        ("role/snapkeep-prune", "permissions", "unknown"),
    ] {
        let check = find(what).unwrap_or_else(|| panic!("{what}: {answer}"));
        assert_eq!((&check["area"], &check["verdict"]), (&json!(area), &json!(verdict)), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_document_is_the_parsers_own_line_and_the_rest_is_unknown() {
    let mut policy = policy();
    policy["policies"]["all"]["retention"] = json!({ "dayly": 3 });
    let (code, answer) = said(&policy, "refused.json").await;
    assert_eq!((code, &answer["ok"], &answer["wrong"]), (1, &json!(0), &json!(1)));
    let line = answer["checks"][0]["what"].as_str().unwrap();
    assert!(line.contains("UNKNOWN_FIELD policies.all.retention.dayly"), "{line}");
}

#[test]
fn a_mistake_in_the_arguments_exits_64() {
    let role = "verify=arn:aws:iam::123456789012:role/verifier";
    for mistake in [
        &[][..],
        &["--bucket", "b", "--role", "verifier"],
        &["--bucket", "b", "--as-caller", "--role", role],
        &["--bucket", "b", "--region", "nowhere"],
        &["--bucket", "b", "--standby", "nowhere"],
        &["--bucket", "b", "--role", "stanby=arn:aws:iam::123456789012:role/standby"],
    ] {
        assert_eq!(doctor(mistake).status.code(), Some(64), "{mistake:?}");
    }
}
