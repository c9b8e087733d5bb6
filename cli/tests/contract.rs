//! The command line as others call it: arguments, output, exit codes.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use snapkeep_policy::inventory::Engine;
use snapkeep_world::{DatabaseSpec, Options, World};

const NIGHT: &str = "2026-03-02T02:30:00Z";

fn snapkeep(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_snapkeep"))
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", "123456789012")
        .env("AWS_SECRET_ACCESS_KEY", "secret-of-123456789012")
        .env_remove("AWS_REGION")
        .env_remove("AWS_DEFAULT_REGION")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn file(name: &str, content: &str) -> String {
    let path = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&path, content).unwrap();
    path
}

fn policy(retention: &Value) -> String {
    json!({
        "version": 1, "deployment": "test", "regions": ["us-west-2"],
        "policies": { "all": {
            "select": { "tags": { "team": "a" } },
            "schedules": ["cron(0 2 * * ? *)"],
            "retention": retention,
        } }
    })
    .to_string()
}

#[test]
fn a_mistake_in_the_arguments_exits_64_and_help_exits_0() {
    for mistake in [&["plan"][..], &["demo", "--days", "0"], &["prune"], &["demo", "--seed", "x"]] {
        let output = snapkeep(mistake, "");
        assert_eq!((code(&output), stdout(&output)), (64, ""), "{mistake:?}");
        assert!(stderr(&output).starts_with("error: "), "{mistake:?}");
    }
    assert_eq!(code(&snapkeep(&["--help"], "")), 0);
    assert_eq!(code(&snapkeep(&["completions", "bash"], "")), 0);
}

#[test]
fn retention_answers_each_recovery_point_with_its_reasons() {
    let rules = file("retention.json", r#"{"daily": 2, "guard": {"max_deletes": 100}}"#);
    let points = json!([
        { "id": "a", "taken_at": "2026-03-01T02:00:00Z" },
        { "id": "b", "taken_at": "2026-03-02T02:00:00Z", "hold": true },
        { "id": "c", "taken_at": "2026-03-03T02:00:00Z", "verified": "pass" },
        { "id": "d", "taken_at": "2026-03-04T02:00:00Z", "verified": null, "hold": false },
        { "id": "e", "taken_at": "2026-03-05T02:00:00Z", "status": "creating" },
    ]);
    let arguments = ["retention", "--policy", &rules, "--recovery-points", "-", "--output", "json"];
    let output = snapkeep(&arguments, &points.to_string());
    assert_eq!((code(&output), stderr(&output)), (0, ""));
    let answer: Value = serde_json::from_str(stdout(&output)).unwrap();
    let decisions = answer["decisions"].as_array().unwrap();
    let decisions: Vec<(&str, &str)> = decisions
        .iter()
        .map(|d| (d["id"].as_str().unwrap(), d["decision"].as_str().unwrap()))
        .collect();
    let expected = [("e", "ignore"), ("d", "keep"), ("c", "keep"), ("b", "keep"), ("a", "delete")];
    assert_eq!(decisions, expected);
    assert_eq!(answer["refusal"], Value::Null);
    assert_eq!(answer["guard"]["deletes"], 1);
}

#[test]
fn retention_lists_what_a_guard_would_block() {
    let rules = file("guarded.json", r#"{"keep_last": 1}"#);
    let points: Vec<Value> = (1..=9)
        .map(|day| json!({ "id": format!("p{day}"), "taken_at": format!("2026-03-0{day}T02:00:00Z") }))
        .collect();
    let arguments = ["retention", "--policy", &rules, "--recovery-points", "-", "--output", "json"];
    let output = snapkeep(&arguments, &Value::from(points).to_string());
    let answer: Value = serde_json::from_str(stdout(&output)).unwrap();
    assert_eq!(answer["refusal"]["code"], "guard-blocked");
    let deletes = answer["decisions"].as_array().unwrap().iter();
    assert_eq!(deletes.filter(|d| d["decision"] == "delete").count(), 8);
}

#[test]
fn a_policy_that_is_refused_is_one_line_and_exits_1() {
    let bad = file("bad.json", &policy(&json!({ "dayly": 3 })));
    let output = snapkeep(&["plan", "--policy", &bad], "");
    assert_eq!((code(&output), stdout(&output)), (1, ""));
    let line = stderr(&output);
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.contains("UNKNOWN_FIELD policies.all.retention.dayly"), "{line}");
    assert!(line.contains("did you mean \"daily\""), "{line}");
}

#[test]
fn a_policy_may_be_toml() {
    let rules = file("retention.toml", "daily = 2\n[guard]\nmax_deletes = 5\n");
    let arguments = ["retention", "--policy", &rules, "--recovery-points", "-"];
    assert_eq!(code(&snapkeep(&arguments, "[]")), 0);
    let broken = file("broken.toml", "daily = 2\nweekly = = 3\n");
    let arguments = ["retention", "--policy", &broken, "--recovery-points", "-"];
    let output = snapkeep(&arguments, "[]");
    assert_eq!(code(&output), 1);
    let said = stderr(&output);
    assert!(said.contains("broken.toml: NOT_TOML $: got ") && said.contains("in line 2"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_says_what_would_be_done_the_same_way_twice_and_exits_2() {
    let world = World::new(Options::new(1));
    let region = "us-west-2".parse().unwrap();
    let spec = DatabaseSpec::cluster(Engine::Docdb, "shepherd").tag("team", "a");
    world.admin().create_database(&region, &spec);
    world.advance_to(NIGHT.parse().unwrap());
    let server = world.serve(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let endpoint = server.endpoint();
    let policy = file("plan.json", &policy(&json!({ "daily": 7 })));
    let arguments = [
        "plan",
        "--policy",
        &policy,
        "--endpoint-url",
        &endpoint,
        "--now",
        NIGHT,
        "--output",
        "json",
    ];
    let [first, second] = [(); 2].map(|()| snapkeep(&arguments, ""));
    assert_eq!((code(&first), stderr(&first)), (2, ""));
    assert_eq!(stdout(&first), stdout(&second));
    let plan: Value = serde_json::from_str(stdout(&first)).unwrap();
    let actions = plan["actions"].as_array().unwrap();
    let create = actions.iter().find(|action| action["verb"] == "create").unwrap();
    assert_eq!(create["action"], "snapshot");
    assert_eq!((&create["database"], &create["region"]), (&json!("shepherd"), &json!("us-west-2")));
    assert_eq!(create["reason"], "slot 2026-03-02T02:00Z is due and has no recovery point");
    assert_eq!(plan["refusals"], json!([]));
    assert!(world.snapshots(&region).is_empty(), "a plan changes nothing");
}

#[test]
fn plan_fails_when_the_account_cannot_be_seen() {
    let policy = file("unseen.json", &policy(&json!({ "daily": 7 })));
    // Port 9 is `discard`: nobody listens there.
    let arguments =
        ["plan", "--policy", &policy, "--endpoint-url", "http://127.0.0.1:9", "--output", "json"];
    let output = snapkeep(&arguments, "");
    assert_eq!(code(&output), 1);
    let plan: Value = serde_json::from_str(stdout(&output)).unwrap();
    assert_eq!(plan["refusals"][0]["code"], "partial-observation");
    let creates = plan["actions"].as_array().unwrap().iter().filter(|a| a["verb"] != "alarm");
    assert_eq!(creates.count(), 0);
}

#[test]
fn demo_prints_one_object_last_and_the_same_for_the_same_seed() {
    let report = format!("{}/report.html", env!("CARGO_TARGET_TMPDIR"));
    let arguments = ["demo", "--days", "4", "--seed", "7", "--output", "json", "--report", &report];
    let [first, second] = [(); 2].map(|()| {
        let output = snapkeep(&arguments, "");
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let mut summary: Value =
            serde_json::from_str(stdout(&output).lines().last().unwrap()).unwrap();
        assert!(summary["wall_seconds"].take().as_f64().unwrap() > 0.0);
        summary
    });
    assert_eq!(first, second);
    assert_eq!(first["nights"], 4);
    assert_eq!(first["invariant_violations"], 0);
    assert_eq!(first["snapshots"]["created"], 20);
    assert!(std::fs::read_to_string(report).unwrap().starts_with("<!doctype html>"));
}

/// What `demo --messages` writes in a format, a line each.
fn published(format: &str) -> Vec<Value> {
    let [messages, report] = ["jsonl", "html"]
        .map(|end| format!("{}/published-{format}.{end}", env!("CARGO_TARGET_TMPDIR")));
    let output = snapkeep(
        &[
            "demo",
            "--days",
            "3",
            "--faults",
            "stormy",
            "--format",
            format,
            "--messages",
            &messages,
            "--report",
            &report,
        ],
        "",
    );
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let lines = std::fs::read_to_string(messages).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The published schema of hybrid messages, or of the part of them that these fields are.
fn schema(of: impl Fn(&str) -> bool) -> jsonschema::Validator {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/alarm.schema.json");
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    schema["required"].as_array_mut().unwrap().retain(|name| of(name.as_str().unwrap()));
    schema["properties"].as_object_mut().unwrap().retain(|name, _| of(name));
    schema["additionalProperties"] = false.into();
    jsonschema::draft202012::new(&schema).unwrap()
}

#[test]
fn demo_writes_every_published_message_in_the_format_that_was_asked_for_and_as_the_schema_says() {
    let chat = ["version", "source", "content", "metadata"];
    let [hybrid, chats, pagers] = [
        schema(|_| true),
        schema(|name| chat.contains(&name)),
        schema(|name| !chat.contains(&name) && name != "snapkeep"),
    ];
    let mut subjects = Vec::new();
    for (format, schema) in [
        ("hybrid", Some(hybrid)),
        ("chat", Some(chats)),
        ("cloudwatch", Some(pagers)),
        ("plain", None),
    ] {
        let messages = published(format);
        assert!(messages.len() > 1, "{format}");
        for message in &messages {
            let names: Vec<&String> = message.as_object().unwrap().keys().collect();
            assert_eq!(names, ["attributes", "message", "subject", "topic"]);
            assert_eq!(message["attributes"].as_object().unwrap().len(), 5);
            let text = message["message"].as_str().unwrap();
            match (&schema, serde_json::from_str::<Value>(text)) {
                (Some(schema), Ok(body)) => {
                    let wrong: Vec<String> =
                        schema.iter_errors(&body).map(|error| error.to_string()).collect();
                    assert_eq!(wrong, [""; 0], "{format}: {text}");
                }
                (None, Err(_)) => assert!(text.starts_with(message["subject"].as_str().unwrap())),
                (Some(_), Err(_)) | (None, Ok(_)) => panic!("{format}: {text}"),
            }
        }
        subjects.push(messages.iter().map(|it| it["subject"].clone()).collect::<Vec<_>>());
    }
    assert!(subjects.windows(2).all(|pair| pair[0] == pair[1]), "the same, whoever reads it");
    let refused = snapkeep(&["demo", "--days", "1", "--format", "morse"], "");
    assert_eq!(code(&refused), 64);
    assert!(stderr(&refused).contains("morse"), "{}", stderr(&refused));
}

#[test]
fn simulate_compares_two_policies_on_one_fleet() {
    let short = file("short.json", &policy(&json!({ "daily": 2 })));
    let long = file("long.json", &policy(&json!({ "daily": 7 })));
    let arguments =
        ["simulate", "--policy", &short, "--compare", &long, "--days", "5", "--output", "json"];
    let output = snapkeep(&arguments, "");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let stories: Value = serde_json::from_str(stdout(&output)).unwrap();
    let kept = |story: usize| stories[story]["databases"][0]["kept"].as_array().unwrap().len();
    assert!(kept(0) < kept(1), "{} and {}", kept(0), kept(1));
}

#[test]
fn world_says_where_it_listens() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_snapkeep"))
        .args(["world", "--port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
}

/// `snapkeep verify` with a password in its environment.
fn verify(arguments: &[&str], password: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_snapkeep"))
        .arg("verify")
        .args(arguments)
        .env("SNAPKEEP_PASSWORD", password)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn verify_refuses_its_input_in_one_line_before_it_connects_and_never_repeats_a_password() {
    let writes = file("writes.json", r#"[{ "sql": "delete from users", "min": 1 }]"#);
    let object = file("object.json", r#"{ "sql": "select 1", "min": 1 }"#);
    let url = "postgres://keeper:hunter2@127.0.0.1:1/shop";
    for (arguments, expected) in [
        (&["--url", url, "--checks", &writes][..], "[0].sql: got \"delete\""),
        (&["--url", url, "--checks", &object], "expected an array"),
        (&["--url", url, "--checks", "nowhere.json"], "nowhere.json"),
        (&["--url", url, "--ca", &object], "holds no certificate"),
        (&["--url", "oracle://keeper:hunter2@h/x"], "none of postgres"),
        (&["--url", "hunter2"], "can't be read"),
    ] {
        let output = verify(arguments, "hunter2");
        assert_eq!((code(&output), stdout(&output)), (1, ""), "{arguments:?}");
        let line = stderr(&output);
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(line.contains(expected) && !line.contains("hunter2"), "{line}");
    }
}

#[test]
fn verify_says_inconclusive_where_nobody_answers_and_fail_where_somebody_is_silent() {
    let checks = file("count.json", r#"[{ "sql": "select count(*) from users", "min": 1 }]"#);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap().port();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for scheme in ["postgres", "mysql", "mongodb"] {
        for (port, exit, verdict) in [(gone, 4, "inconclusive"), (silent, 3, "fail")] {
            let url = format!("{scheme}://keeper@127.0.0.1:{port}/shop");
            let arguments = ["--url", &url, "--checks", &checks, "--output", "json"];
            let output = verify(&arguments, "hunter2");
            assert_eq!(code(&output), exit, "{scheme} {verdict}: {}", stderr(&output));
            let told: Value = serde_json::from_str(stdout(&output)).unwrap();
            assert_eq!(told["verdict"], verdict, "{told}");
            assert_eq!(told["checks"][0]["verdict"], "inconclusive", "it was not asked");
            assert_eq!(told["checks"][1]["verdict"], verdict, "{told}");
            let keys: Vec<&String> = told["checks"][0].as_object().unwrap().keys().collect();
            assert_eq!(keys, ["check", "expected", "observed", "seconds", "verdict"]);
            assert!(!format!("{}{}", stdout(&output), stderr(&output)).contains("hunter2"));
        }
    }
}
