//! Real databases, questioned as a restored one is: what they answer, and what goes wrong.

mod bounds;
mod checks;
mod doors;

use std::fs;
use std::time::Duration;

use jiff::SignedDuration;
use snapkeep_database::{Limits, Secret, Target, Trust, ask};
use snapkeep_policy::document::{Check, Holder};
use snapkeep_policy::verify::testimony::{Protocol, Said, Testimony, Trouble};
use snapkeep_tests::{Kind, Server};

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(10),
    question: Duration::from_secs(10),
    survey: Duration::from_secs(30),
    until: None,
};

/// The server as the verifier would reach it, with nothing but the authority to trust.
fn target(server: &Server) -> Target {
    let (protocol, database) = match server.kind() {
        Kind::Postgres => (Protocol::Postgres, Some("shop".to_owned())),
        Kind::Mariadb => (Protocol::Mysql, None),
        Kind::Mongodb => (Protocol::Mongodb, None),
    };
    let bundle = fs::read(server.ca()).expect("the authority is a file");
    Target {
        protocol,
        host: "localhost".into(),
        port: server.port(),
        user: server.user().into(),
        password: Secret::new(server.password()),
        database,
        trust: Trust::pem(&bundle).expect("the authority is one"),
    }
}

/// Everything that a target says, with every password and every row kept to itself.
async fn testimony(target: &Target, checks: &[Check], limits: &Limits) -> Testimony {
    let mut told = Vec::new();
    let testimony = ask(target, checks, limits, |index, answer| {
        assert_eq!(index, told.len());
        told.push(answer.clone());
    });
    let testimony = testimony.await;
    assert_eq!(told, testimony.answers);
    let shown = format!("{target:?} {testimony:?}");
    assert!(!shown.contains("example.com"), "a value of a row: {shown}");
    testimony
}

/// The answers of a server that lets us in.
async fn answers(server: &Server, checks: &[Check]) -> Vec<Result<Said, Trouble>> {
    let testimony = testimony(&target(server), checks, &LIMITS).await;
    assert_eq!(testimony.trouble, None, "{}", server.kind());
    testimony.answers.into_iter().map(|answer| answer.said).collect()
}

async fn answer(server: &Server, check: Check) -> Result<Said, Trouble> {
    answers(server, &[check]).await.remove(0)
}

fn sql(sql: &str) -> Check {
    Check::Sql { sql: sql.into(), min: 1, database: None }
}

fn freshness(sql: &str) -> Check {
    Check::Freshness { sql: sql.into(), max_age: SignedDuration::from_hours(1), database: None }
}

fn holder(kind: Kind, name: &str) -> Holder {
    match kind {
        Kind::Postgres | Kind::Mariadb => Holder::Table { name: name.into(), database: None },
        Kind::Mongodb => Holder::Collection { name: name.into() },
    }
}

fn count(kind: Kind, name: &str) -> Check {
    Check::Count { of: holder(kind, name), min: 1_000 }
}

fn newest(kind: Kind, name: &str, field: &str) -> Check {
    let max_age = SignedDuration::from_hours(1);
    Check::Newest { of: holder(kind, name), field: field.into(), max_age }
}

fn index(kind: Kind, name: &str, index: &str) -> Check {
    Check::Index { of: holder(kind, name), index: index.into() }
}
