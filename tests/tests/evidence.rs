//! Evidence on Moto's S3, forged by boto3: `snapkeep evidence verify` finds it. And what the handlers
//! write there is what the published schema says.

use std::env;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use snapkeep_function::evidence::{record, seal};
use snapkeep_policy::verb::Verb;
use snapkeep_tests::{Deployment, Emulator, Kind, Server};

const EVENING: &str = "2026-03-01T22:00:00Z";

/// Exit code and answer of the built command.
async fn verified(deployment: &Deployment) -> (i32, Value) {
    let command = env::var("SNAPKEEP_TEST_COMMAND").expect("./test names the built command");
    let mut command = Command::new(command);
    command.args(["evidence", "verify", "--output", "json", "--region", "us-west-2", "--bucket"]);
    command.arg(&deployment.fleet.bucket).arg("--endpoint-url").arg(deployment.emulator.endpoint());
    command.env("AWS_ACCESS_KEY_ID", "123456789012");
    command.env("AWS_SECRET_ACCESS_KEY", "secret-of-123456789012");
    let output = tokio::task::spawn_blocking(move || command.output().expect("it runs")).await;
    let output = output.expect("it ends");
    let answer = serde_json::from_slice(&output.stdout);
    let answer = answer.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().expect("no signal"), answer)
}

/// Writes `count` entries of a verb's, each by `writer`.
async fn entries(deployment: &Deployment, verb: Verb, writer: &str, count: u32) {
    let now = EVENING.parse().expect("an instant");
    for n in 0..count {
        let what = json!({ "n": n, "writer": writer, "outcome": "done" });
        record(&deployment.store(), verb, now, "report", &what).await.expect("it writes");
    }
}

#[tokio::test]
async fn whatever_is_forged_the_first_broken_link_is_named() {
    type Forged = (Verb, &'static str, u32, Option<(u64, &'static str)>);
    // Of five sealed entries each and one more.
    let accounts: [[Forged; 4]; 2] = [
        [
            (Verb::Create, "alter", 3, Some((3, "altered"))),
            (Verb::Copy, "remove", 3, Some((3, "missing"))),
            // Each of the two is another than its neighbours know.
            (Verb::Verify, "swap", 2, Some((2, "unlinked"))),
            (Verb::Prune, "truncate", 4, Some((4, "cut-off"))),
        ],
        [
            (Verb::Create, "truncate", 1, Some((1, "cut-off"))),
            (Verb::Copy, "rewrite", 1, Some((5, "replaced"))),
            // What no seal knows yet.
            (Verb::Verify, "rewrite", 6, None),
            (Verb::Prune, "truncate", 6, None),
        ],
    ];
    for account in accounts {
        let deployment = Deployment::new(Emulator::start(), EVENING);
        for (verb, ..) in account {
            entries(&deployment, verb, "it", 5).await;
        }
        let now = EVENING.parse().expect("an instant");
        seal(&deployment.store(), now).await.expect("it seals");
        for (verb, way, at, _) in account {
            entries(&deployment, verb, "it", 1).await;
            deployment.forge(verb, way, at);
        }
        let (code, answer) = verified(&deployment).await;
        assert_eq!(code, 3, "{answer}");
        for ((verb, way, at, expected), chain) in account.into_iter().zip(chains(&answer)) {
            let broken = &chain["broken"];
            let told = broken["sequence"].as_u64().zip(broken["flaw"].as_str());
            assert_eq!(told, expected, "{way} {at} of {verb}: {chain}");
        }
    }
}

fn chains(answer: &Value) -> &[Value] {
    answer["chains"].as_array().expect("there are chains")
}

#[tokio::test]
async fn two_writers_at_once_leave_one_chain() {
    let deployment = Deployment::new(Emulator::start(), EVENING);
    let writer = |name| entries(&deployment, Verb::Prune, name, 8);
    tokio::join!(writer("one"), writer("another"));
    let (code, answer) = verified(&deployment).await;
    let prune = &chains(&answer)[3];
    assert_eq!((code, &prune["entries"], &prune["linked"]), (0, &json!(16), &json!(16)));
}

/// The published schema, and the same without anything that it doesn't name.
fn schemas() -> [jsonschema::Validator; 2] {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/evidence.schema.json");
    let text = std::fs::read_to_string(path).expect("the schema is there");
    let schema: Value = serde_json::from_str(&text).expect("it is JSON");
    let mut strict = schema.clone();
    close(&mut strict);
    [schema, strict].map(|schema| jsonschema::draft202012::new(&schema).expect("it is a schema"))
}

/// Allows no property that isn't named, where any are named.
fn close(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        if object.contains_key("properties") && object.contains_key("type") {
            object.insert("additionalProperties".to_owned(), json!(false));
        }
        object.values_mut().for_each(close);
    } else if let Some(items) = schema.as_array_mut() {
        items.iter_mut().for_each(close);
    }
}

#[tokio::test]
async fn what_the_functions_write_is_what_the_schema_says_and_nothing_else() {
    let server = Server::start(Kind::Mongodb);
    let deployment = Deployment::new(Emulator::start(), EVENING).trusting(server.ca());
    deployment.emulator.restores_into("docdb", &server);
    for day in 2..=9 {
        let at = |time: &str| format!("2026-03-{day:02}T{time}:00Z");
        deployment.run(Verb::Create, &at("02:05")).await;
        deployment.run(Verb::Copy, &at("02:30")).await;
        for time in ["06:05", "06:30", "07:00", "07:05", "07:10", "07:15"] {
            deployment.run(Verb::Verify, &at(time)).await;
        }
        deployment.run(Verb::Prune, &at("08:00")).await;
        deployment.run(Verb::Alarm, &at("09:00")).await;
    }
    let [schema, strict] = schemas();
    let mut forms = std::collections::BTreeSet::new();
    for key in deployment.count().objects.iter().filter(|key| key.starts_with("evidence/")) {
        let (bytes, _) = deployment.store().get(key).await.expect("it reads").expect("it is there");
        let entry: Value = serde_json::from_slice(&bytes).expect("it is JSON");
        for schema in [&schema, &strict] {
            let errors: Vec<String> = schema
                .iter_errors(&entry)
                .map(|it| format!("{}: {it}", it.instance_path()))
                .collect();
            assert_eq!(errors, [""; 0], "{key}: {entry}");
        }
        let mut without = entry.clone();
        without["record"] = json!({});
        assert!(!schema.is_valid(&without), "{key}: a record has a form");
        let verb = key.split('/').nth(1).expect("a verb").to_owned();
        let name = entry["name"].as_str().expect("a name");
        let is_verdict = verb == "verify" && name != "report";
        forms.insert((verb, if is_verdict { "verdict".to_owned() } else { name.to_owned() }));
    }
    let expected = [
        ("alarm", "seal"),
        ("copy", "report"),
        ("create", "report"),
        ("prune", "intent"),
        ("prune", "report"),
        ("verify", "verdict"),
    ];
    let forms: Vec<(&str, &str)> = forms.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(forms, expected);
    assert_eq!(verified(&deployment).await.0, 0);
}
