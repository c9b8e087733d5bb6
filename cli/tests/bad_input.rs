//! Bad input through the whole of a function, and through the command line: one line, nothing done.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

use serde_json::json;
use snapkeep_aws::Aws;
use snapkeep_function::{App, Error, Report, Settings, Tick};
use snapkeep_policy::inventory::Engine;
use snapkeep_policy::verb::Verb;
use snapkeep_world::{DatabaseSpec, Options, World};

const NIGHT: &str = "2026-03-02T02:30:00Z";
const BUCKET: &str = "backups";

/// An account with a database, and a deployment in it with that policy document.
fn account(document: &[u8]) -> World {
    let world = World::new(Options::new(1));
    let region = "us-west-2".parse().unwrap();
    let spec = DatabaseSpec::cluster(Engine::Docdb, "shepherd").tag("team", "a");
    world.admin().create_database(&region, &spec);
    world.admin().create_bucket(BUCKET);
    world.admin().put_object(BUCKET, "policy.json", document.to_vec());
    world.advance_to(NIGHT.parse().unwrap());
    world
}

fn sound() -> String {
    json!({
        "version": 1, "deployment": "test", "regions": ["us-west-2"],
        "policies": { "all": {
            "select": { "tags": { "team": "a" } },
            "schedules": ["cron(0 2 * * ? *)"],
            "retention": { "daily": 2 },
        } }
    })
    .to_string()
}

fn app(world: &World, settings: Settings) -> App {
    let home: snapkeep_policy::ids::Region = "us-west-2".parse().unwrap();
    App { aws: Aws::new(world.sdk_config(&home), home), settings }
}

async fn run(verb: Verb, world: &World, payload: &[u8]) -> Result<Report, Error> {
    let (app, tick) = (app(world, Settings::in_bucket(BUCKET)), Tick::at(world.now()));
    match verb {
        Verb::Create => snapkeep_create::handle(&app, payload, &tick).await,
        Verb::Prune => snapkeep_prune::handle(&app, payload, &tick).await,
        Verb::Copy | Verb::Verify | Verb::Alarm => panic!("not tried here"),
    }
}

#[tokio::test]
async fn a_function_that_refuses_its_input_says_one_line_and_does_nothing() {
    let payloads: [(&[u8], &str); 5] = [
        (b"", "EMPTY $: "),
        (b"{\"a\":\"\xff\"}", "NOT_UTF8 $: "),
        (br#"{"delete_all":true}"#, "UNKNOWN_FIELD delete_all: "),
        (br#"{"database":"\u202edrehpehs"}"#, "BAD_VALUE database: "),
        (br#"{"source":"aws.ec2","detail-type":"x"}"#, "BAD_VALUE source: "),
    ];
    for verb in [Verb::Create, Verb::Prune] {
        for (payload, said) in payloads {
            let world = account(sound().as_bytes());
            let refused = run(verb, &world, payload).await.unwrap_err();
            assert!(!refused.is_retryable());
            let line = refused.to_string();
            assert!(line.starts_with(said) && line.lines().count() == 1, "{line}");
            let calls: Vec<String> = world.calls().into_keys().collect();
            assert!(calls.iter().all(|call| call.contains("GetObject")), "{calls:?}");
        }
    }
}

#[tokio::test]
async fn a_policy_document_that_is_refused_stops_a_function_before_it_looks_at_anything() {
    let mut broken = sound().into_bytes();
    let place = broken.windows(4).position(|it| it == b"team").unwrap();
    broken[place] = 0xff;
    let misspelt = sound().replace("retention", "retension");
    let documents: [(&[u8], &str); 3] = [
        (b"", "EMPTY $: "),
        (misspelt.as_bytes(), "UNKNOWN_FIELD policies.all.retension: "),
        (&broken, "NOT_UTF8 $: got byte 0xff at offset "),
    ];
    for (document, said) in documents {
        let world = account(document);
        let refused = run(Verb::Prune, &world, b"{}").await.unwrap_err();
        let line = refused.to_string();
        assert!(line.starts_with(said) && line.lines().count() == 1, "{line}");
        let calls: Vec<String> = world.calls().into_keys().collect();
        assert!(calls.iter().all(|call| call.contains("GetObject")), "{calls:?}");
    }
}

#[tokio::test]
async fn prune_that_was_never_told_whether_it_may_delete_fails_and_says_so() {
    let world = account(sound().as_bytes());
    let vars = [("SNAPKEEP_BUCKET".into(), BUCKET.into())];
    let undecided = app(&world, Settings::from_vars(Verb::Prune, vars).unwrap());
    let tick = Tick::at(world.now());
    let report = snapkeep_prune::handle(&undecided, b"{}", &tick).await.unwrap();
    assert!(report.dry_run);
    let said = "MISSING_FIELD SNAPKEEP_DRY_RUN: got nothing, expected true or false: until it is \
                set, prune only reports";
    assert_eq!(report.errors(), [said]);
    // Whoever asks for a dry run gets one.
    let asked = br#"{"dry_run":true}"#;
    let report = snapkeep_prune::handle(&undecided, asked, &tick).await.unwrap();
    assert_eq!(report.errors(), [""; 0]);
}

#[test]
fn the_command_line_refuses_a_file_in_one_line_that_names_it() {
    let files: [(&str, &[u8], &str); 5] = [
        ("empty.json", b"", "EMPTY $: "),
        ("list.json", b"[]", "WRONG_TYPE $: "),
        ("latin1.json", b"{\"daily\": \"\xe4\"}", "NOT_UTF8 $: "),
        ("huge.json", &vec![b' '; 10 * 1024 * 1024], "TOO_LARGE $: "),
        ("broken.toml", b"daily = = 3\n", "NOT_TOML $: "),
    ];
    for (name, content, said) in files {
        let path = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(&path, content).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_snapkeep"))
            .args(["retention", "--policy", &path, "--recovery-points", "-"])
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}");
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(line.contains(&format!("{name}: {said}")), "{line}");
    }
}
