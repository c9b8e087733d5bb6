//! `snapkeep verify` as a person calls it, on real database servers over TLS.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::env;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use snapkeep_tests::{Certificate, Kind, Server};

/// The last order of the sample data is a minute older.
const AS_OF: &str = "2026-03-02T02:00:00Z";

/// Runs it with the password in the environment.
fn verify(server: &Server, arguments: &[&str], password: &str) -> Output {
    let scheme = match server.kind() {
        Kind::Postgres => "postgres",
        Kind::Mariadb => "mysql",
        Kind::Mongodb => "mongodb",
    };
    let url = format!("{scheme}://{}@localhost:{}/shop", server.user(), server.port());
    let command = env::var("SNAPKEEP_TEST_COMMAND").expect("./test names the built command");
    Command::new(command)
        .args(["verify", "--url", &url, "--as-of", AS_OF, "--output", "json"])
        .args(arguments)
        .env("SNAPKEEP_PASSWORD", password)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The exit code, and the object that is printed.
fn told(output: &Output) -> (i32, Value) {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let told = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{errors}"));
    (output.status.code().unwrap(), told)
}

fn file(name: &str, content: &Value) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content.to_string()).unwrap();
    path.display().to_string()
}

fn checks(kind: Kind) -> Value {
    match kind {
        Kind::Mongodb => json!([
            { "collection": "orders", "min": 5000 },
            { "collection": "shop.orders", "newest": "updated_at", "max_age": "PT1M" },
        ]),
        Kind::Postgres | Kind::Mariadb => json!([
            { "sql": "select count(*) from orders", "min": 5000 },
            { "freshness": "select max(updated_at) from orders", "max_age": "PT1M" },
        ]),
    }
}

#[test]
fn a_sound_database_passes_and_an_unsound_one_fails_with_each_check_told() {
    for kind in Kind::ALL {
        let server = Server::start(kind);
        let ca = server.ca().display().to_string();
        let asked = file(&format!("{kind}.json"), &checks(kind));
        let arguments = ["--checks", &asked, "--ca", &ca];
        let (code, sound) = told(&verify(&server, &arguments, server.password()));
        assert_eq!((code, &sound["verdict"]), (0, &json!("pass")), "{kind}: {sound}");
        assert_eq!(sound["checks"].as_array().unwrap().len(), 2);
        assert_eq!(sound["checks"][0]["observed"], 5000);
        assert_eq!(sound["checks"][0]["expected"], "at least 5000");

        server.execute(match kind {
            Kind::Mongodb => {
                r#"{"delete": "orders", "deletes": [{"q": {"_id": 5000}, "limit": 1}]}"#
            }
            Kind::Postgres => "delete from orders where id = 5000",
            Kind::Mariadb => "delete from shop.orders where id = 5000",
        });
        let (code, short) = told(&verify(&server, &arguments, server.password()));
        assert_eq!((code, &short["verdict"]), (3, &json!("fail")), "{kind}: {short}");
        assert_eq!(short["checks"][0]["observed"], 4999);
        assert_eq!(short["checks"][0]["verdict"], "fail");
        assert_eq!(short["checks"][1]["verdict"], "fail", "the newest is a minute older now");
    }
}

#[test]
fn a_wrong_password_fails_and_an_unknown_authority_is_inconclusive() {
    for kind in Kind::ALL {
        let server = Server::start(kind);
        let ca = server.ca().display().to_string();
        let output = verify(&server, &["--ca", &ca], "not-hunter2");
        assert!(!format!("{output:?}").contains("not-hunter2"), "{kind}");
        let (code, denied) = told(&output);
        assert_eq!((code, &denied["verdict"]), (3, &json!("fail")), "{kind}: {denied}");
        // Without a bundle of one's own, those of Amazon RDS serve; this server isn't Amazon's.
        let other = Server::with_certificate(kind, Certificate::OtherAuthority);
        let (code, unknown) = told(&verify(&other, &["--ca", &ca], other.password()));
        assert_eq!((code, &unknown["verdict"]), (4, &json!("inconclusive")), "{kind}: {unknown}");
    }
}

#[test]
fn what_was_lost_since_an_earlier_run_fails_by_its_survey() {
    let server = Server::start(Kind::Postgres);
    let ca = server.ca().display().to_string();
    let survey = file("survey.json", &json!({}));
    let first = verify(&server, &["--ca", &ca, "--survey", &survey], server.password());
    assert_eq!(told(&first).0, 0);
    server.execute("delete from orders where id > 3499");
    let again = ["--ca", &ca, "--baseline", &survey];
    let (code, dropped) = told(&verify(&server, &again, server.password()));
    assert_eq!(code, 3);
    let drift = dropped["checks"].as_array().unwrap().last().unwrap();
    assert_eq!(drift["observed"], "shop.public.orders fell from 5000 to 3499 rows");
}
