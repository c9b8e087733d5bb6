//! What no question may do: write, take for ever, or return a table.

use std::fs;
use std::time::{Duration, Instant};

use snapkeep_database::Limits;
use snapkeep_policy::document::Check;
use snapkeep_policy::verify::testimony::{Said, Trouble};
use snapkeep_tests::{Kind, Server};

use crate::{LIMITS, answer, freshness, newest, sql, target, testimony};

/// So much more memory a huge answer may cost, with whatever other tests take meanwhile.
const MEMORY_KB_MAX: u64 = 64 * 1024;

/// The most memory that this process ever had.
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

#[tokio::test]
async fn an_endless_answer_is_not_read_and_the_next_question_is_answered() {
    let all = [
        (Kind::Postgres, sql("select g from generate_series(1, 1000000000) g")),
        (Kind::Postgres, sql("select generate_series(1, 1000000000)")),
        (Kind::Postgres, freshness("select repeat('x', 1000000000)")),
        (Kind::Postgres, sql("select repeat('x', 1000000000)")),
        (Kind::Mariadb, sql("select seq from seq_1_to_1000000000")),
        (Kind::Mariadb, freshness("select repeat('x', 10000000)")),
        (Kind::Mariadb, sql("select repeat('x', 1000000000)")),
    ];
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let server = Server::start(kind);
        let limits = Limits { question: Duration::from_secs(3), ..LIMITS };
        for (_, endless) in all.iter().filter(|(of, _)| *of == kind) {
            let (begun, before) = (Instant::now(), peak_kb());
            let checks = [endless.clone(), sql("select count(*) from users")];
            let testimony = testimony(&target(&server), &checks, &limits).await;
            let (said, grown) = (&testimony.answers[0].said, peak_kb().saturating_sub(before));
            let is_bounded = matches!(
                said,
                Err(Trouble::TooLarge(_) | Trouble::Refused(_) | Trouble::TooSlow(_))
            );
            assert!(is_bounded, "{kind}: {endless}: {said:?}");
            assert_eq!(testimony.answers[1].said, Ok(Said::Number(1_000)), "{kind}: {endless}");
            assert!(begun.elapsed() < Duration::from_secs(12), "{kind}: {endless}");
            assert!(grown < MEMORY_KB_MAX, "{kind}: {endless} took {grown} KB");
        }
    }
}

#[tokio::test]
async fn a_value_that_a_server_would_send_is_cut_off() {
    for (kind, huge) in [
        (Kind::Postgres, "select repeat('x', 100000000)"),
        (Kind::Mariadb, "select repeat('x', 10000000)"),
    ] {
        let server = Server::start(kind);
        let before = peak_kb();
        let said = answer(&server, freshness(huge)).await;
        assert!(matches!(said, Err(Trouble::TooLarge(_))), "{kind}: {said:?}");
        assert!(peak_kb().saturating_sub(before) < MEMORY_KB_MAX, "{kind}");
    }
}

#[tokio::test]
async fn a_huge_field_of_a_document_is_not_read() {
    let server = Server::start(Kind::Mongodb);
    let huge = "x".repeat(2_000_000);
    server.execute(&format!(r#"{{"insert": "huge", "documents": [{{"at": "{huge}"}}]}}"#));
    let said = answer(&server, newest(Kind::Mongodb, "huge", "at")).await;
    assert!(matches!(said, Err(Trouble::TooLarge(_))), "{said:?}");
}

#[tokio::test]
async fn a_slow_statement_is_ended_by_the_server() {
    for (kind, slow) in [
        (Kind::Postgres, "select count(*) from pg_sleep(60)"),
        (Kind::Mariadb, "select sum(a.id * b.id % 7) from orders a, orders b, orders c"),
    ] {
        let server = Server::start(kind);
        let limits = Limits { question: Duration::from_secs(1), ..LIMITS };
        let checks = [sql(slow), sql("select 1")];
        let asked = testimony(&target(&server), &checks, &limits).await;
        let said = &asked.answers[0].said;
        assert!(matches!(said, Err(Trouble::TooSlow(_))), "{kind}: {said:?}");
        assert_eq!(asked.answers[1].said, Ok(Said::Number(1)), "{kind}");

        // Cut short by the end of the run, it says nothing about the database.
        let until = Some(Instant::now() + Duration::from_secs(2));
        let asked = testimony(&target(&server), &checks, &Limits { until, ..LIMITS }).await;
        let said: Vec<_> = asked.answers.iter().map(|answer| answer.said.clone()).collect();
        assert_eq!(said, [Err(Trouble::OutOfTime), Err(Trouble::OutOfTime)], "{kind}");
        assert_eq!(asked.survey, None, "{kind}");
    }
}

#[tokio::test]
async fn a_statement_that_writes_changes_nothing() {
    let postgres = "CREATE FUNCTION sneak() RETURNS bigint LANGUAGE sql VOLATILE AS
        'insert into users values (-1, ''x'', ''y'') returning id';";
    let mariadb = "CREATE FUNCTION sneak() RETURNS bigint MODIFIES SQL DATA
        BEGIN INSERT INTO users VALUES (-1, 'x', 'y'); RETURN 1; END";
    for (kind, function) in [(Kind::Postgres, postgres), (Kind::Mariadb, mariadb)] {
        let server = Server::start(kind);
        server.execute(&match kind {
            Kind::Postgres => function.to_owned(),
            Kind::Mariadb | Kind::Mongodb => format!("DELIMITER //\n{function} //\n"),
        });
        let all = [
            "select sneak()",
            "delete from orders",
            "insert into users values (-2, 'x', 'y')",
            "create table mine (id int)",
            "drop table notifications",
            "commit",
        ];
        for statement in all {
            let said = answer(&server, sql(statement)).await;
            assert!(matches!(said, Err(Trouble::Refused(_))), "{kind}: {statement}: {said:?}");
        }
        let counted = server.execute(
            "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM orders)
                + (SELECT count(*) FROM notifications)",
        );
        assert_eq!(counted.trim(), "6250", "{kind}");
    }
}

#[tokio::test]
async fn postgres_cant_be_talked_out_of_reading_only() {
    let server = Server::start(Kind::Postgres);
    for statement in [
        "with w as (insert into users values (-1, 'x', 'y') returning id) select id from w",
        "select set_config('transaction_read_only', 'off', false)::int",
    ] {
        let checks = [sql(statement), sql("select count(*) from users")];
        let testimony = testimony(&target(&server), &checks, &LIMITS).await;
        let said = &testimony.answers[0].said;
        assert!(matches!(said, Err(Trouble::Refused(_))), "{statement}: {said:?}");
        assert_eq!(testimony.answers[1].said, Ok(Said::Number(1_000)));
    }
}

#[tokio::test]
async fn a_question_may_name_another_database() {
    let server = Server::start(Kind::Postgres);
    let named = |database: &str| Check::Sql {
        sql: "select count(*) from pg_class where relname = 'orders'".into(),
        min: 1,
        database: Some(database.into()),
    };
    let checks = [named("postgres"), named("shop"), named("gone")];
    let said = testimony(&target(&server), &checks, &LIMITS).await;
    assert_eq!(said.trouble, None);
    let said: Vec<_> = said.answers.into_iter().map(|answer| answer.said).collect();
    assert_eq!(said[..2], [Ok(Said::Number(0)), Ok(Said::Number(1))]);
    assert!(matches!(said[2], Err(Trouble::Refused(_))), "{:?}", said[2]);
}
