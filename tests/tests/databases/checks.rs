//! What each kind of question is answered with.

use jiff::Timestamp;
use snapkeep_policy::document::Check;
use snapkeep_policy::verify::testimony::{Said, Trouble};
use snapkeep_tests::{Kind, Server};

use crate::{LIMITS, answer, answers, count, freshness, index, newest, sql, target, testimony};

fn newest_order() -> Timestamp {
    "2026-03-02T01:59:00Z".parse().expect("a time")
}

fn refused(said: &Result<Said, Trouble>) -> bool {
    matches!(said, Err(Trouble::Refused(_)))
}

#[tokio::test]
async fn tables_and_collections_answer_with_counts_times_and_indexes() {
    for kind in Kind::ALL {
        let server = Server::start(kind);
        let said = answers(
            &server,
            &[
                count(kind, "orders"),
                newest(kind, "orders", "updated_at"),
                index(kind, "orders", "orders_updated"),
                index(kind, "orders", "orders_nowhere"),
                count(kind, "gone"),
                index(kind, "gone", "orders_updated"),
                newest(kind, "orders", "total"),
            ],
        )
        .await;
        // To count documents ends at what is asked for.
        let orders = if kind == Kind::Mongodb { 1_000 } else { 5_000 };
        assert_eq!(said[0], Ok(Said::Number(orders)), "{kind}");
        assert_eq!(said[1], Ok(Said::Time(newest_order())), "{kind}");
        assert_eq!(said[2], Ok(Said::Sound), "{kind}");
        assert!(matches!(&said[3], Ok(Said::Unsound(why)) if why.contains("nowhere")), "{kind}");
        assert!(refused(&said[4]), "{kind}: {:?}", said[4]);
        assert!(refused(&said[5]), "{kind}: {:?}", said[5]);
        assert!(refused(&said[6]), "{kind}: {:?}", said[6]);

        empty_it(&server);
        let said = answers(
            &server,
            &[
                count(kind, "notifications"),
                newest(kind, "notifications", "sent_at"),
                index(kind, "orders", "orders_updated"),
            ],
        )
        .await;
        assert_eq!(said[0], Ok(Said::Number(0)), "{kind}");
        assert_eq!(said[1], Ok(Said::Nothing), "{kind}");
        assert!(matches!(said[2], Ok(Said::Unsound(_))), "{kind}: {:?}", said[2]);
    }
}

/// Empties a table and drops an index.
fn empty_it(server: &Server) {
    server.execute(match server.kind() {
        Kind::Postgres => "TRUNCATE notifications; DROP INDEX orders_updated",
        Kind::Mariadb => "TRUNCATE notifications; DROP INDEX orders_updated ON orders",
        Kind::Mongodb => {
            r#"[{"delete": "notifications", "deletes": [{"q": {}, "limit": 0}]},
                {"dropIndexes": "orders", "index": "orders_updated"}]"#
        }
    });
}

#[tokio::test]
async fn a_statement_answers_with_one_number_or_one_time() {
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let server = Server::start(kind);
        let said = answers(
            &server,
            &[
                sql("select count(*) from orders where total > 0"),
                sql("select sum(id) from users"),
                sql("select id from users where id < 0"),
                sql("select max(id) from users where id < 0"),
                freshness("select max(updated_at) from orders"),
                freshness("select '2026-03-02 01:59:00'"),
                freshness("select date '2026-03-02'"),
            ],
        )
        .await;
        assert!(matches!(said[0], Ok(Said::Number(4_900..=5_000))), "{kind}: {:?}", said[0]);
        assert_eq!(said[1], Ok(Said::Number(500_500)), "{kind}");
        assert_eq!(said[2], Ok(Said::Nothing), "{kind}");
        assert_eq!(said[3], Ok(Said::Nothing), "{kind}");
        assert_eq!(said[4], Ok(Said::Time(newest_order())), "{kind}");
        assert_eq!(said[5], Ok(Said::Time(newest_order())), "{kind}");
        let midnight = "2026-03-02T00:00:00Z".parse().expect("a time");
        assert_eq!(said[6], Ok(Said::Time(midnight)), "{kind}");
    }
}

#[tokio::test]
async fn what_is_no_number_or_time_is_refused_and_never_repeated() {
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let server = Server::start(kind);
        let all = [
            sql("select email from users where id = 1"),
            sql("select id, email from users where id = 1"),
            sql("select total from orders where id = 1"),
            sql("select 1 where"),
            sql("select 1; select 2"),
            sql("select count(*) from gone"),
            sql("select nothing from users"),
            freshness("select email from users where id = 1"),
            freshness("select count(*) from users"),
        ];
        for (said, check) in answers(&server, &all).await.iter().zip(&all) {
            assert!(refused(said), "{kind}: {check}: {said:?}");
        }
    }
    let server = Server::start(Kind::Postgres);
    let said = answer(&server, sql("select max(email::int) from users")).await;
    let words = "a value that doesn't fit (SQLSTATE 22P02)";
    assert_eq!(said, Err(Trouble::Refused(words.into())));
}

#[tokio::test]
async fn what_an_engine_cant_be_asked_is_unsupported() {
    let unsupported = |said: &Result<Said, Trouble>| matches!(said, Err(Trouble::Unsupported(_)));
    let server = Server::start(Kind::Mongodb);
    let integrity = Check::Integrity { tables: vec!["orders".into()], database: None };
    let valid = Check::ValidIndexes { database: None };
    let all = [sql("select 1"), valid.clone(), integrity, count(Kind::Postgres, "orders")];
    assert!(answers(&server, &all).await.iter().all(unsupported));

    let server = Server::start(Kind::Mariadb);
    let all = [valid, count(Kind::Mongodb, "orders")];
    assert!(answers(&server, &all).await.iter().all(unsupported));
}

#[tokio::test]
async fn postgres_names_the_indexes_that_are_invalid() {
    let server = Server::start(Kind::Postgres);
    let valid = || Check::ValidIndexes { database: None };
    let orders = || index(Kind::Postgres, "public.orders", "orders_customer");
    assert_eq!(answers(&server, &[valid(), orders()]).await, [Ok(Said::Sound), Ok(Said::Sound)]);
    server.execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_customer'::regclass",
    );
    let said = answers(&server, &[valid(), orders()]).await;
    assert_eq!(said[0], Ok(Said::Unsound("invalid: public.orders_customer".into())));
    assert!(matches!(said[1], Ok(Said::Unsound(_))));
}

#[tokio::test]
async fn tables_are_looked_at_for_damage() {
    let integrity = |table: &str| Check::Integrity {
        tables: vec!["orders".into(), table.into()],
        database: None,
    };
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let server = Server::start(kind);
        let said = answers(&server, &[integrity("users"), integrity("gone")]).await;
        assert_eq!(said[0], Ok(Said::Sound), "{kind}");
        assert!(refused(&said[1]), "{kind}: {:?}", said[1]);
    }
    let server = Server::start(Kind::Postgres);
    // An index whose order is another one now: what a restore to another collation does.
    server.execute(
        "CREATE FUNCTION sense() RETURNS int LANGUAGE sql IMMUTABLE AS 'select 1';
        CREATE FUNCTION cmp(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS
            'select sense() * btint4cmp($1, $2)';
        CREATE OPERATOR CLASS odd FOR TYPE int USING btree AS
            OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
            FUNCTION 1 cmp(int, int);
        CREATE TABLE odds AS SELECT g::int AS id FROM generate_series(1, 2000) g;
        CREATE INDEX odds_id ON odds (id odd);
        CREATE OR REPLACE FUNCTION sense() RETURNS int LANGUAGE sql IMMUTABLE AS 'select -1'",
    );
    let said = answer(&server, integrity("odds")).await;
    assert!(matches!(&said, Ok(Said::Unsound(why)) if why.contains("odds_id")), "{said:?}");
    server.execute("DROP EXTENSION amcheck");
    let said = answer(&server, integrity("users")).await;
    assert!(matches!(said, Err(Trouble::Unsupported(_))), "{said:?}");
}

#[tokio::test]
async fn a_survey_names_everything_with_rows_size_and_newest_time() {
    for kind in Kind::ALL {
        let server = Server::start(kind);
        let testimony = testimony(&target(&server), &[], &LIMITS).await;
        let survey = testimony.survey.expect("a survey").0;
        let schema = if kind == Kind::Postgres { "shop.public" } else { "shop" };
        let names: Vec<_> = survey.keys().cloned().collect();
        let all = ["notifications", "orders", "users"].map(|name| format!("{schema}.{name}"));
        assert_eq!(names, all, "{kind}");
        let [notifications, orders, users] = all.map(|name| survey[&name].clone());
        assert_eq!((notifications.rows, orders.rows, users.rows), (250, 5_000, 1_000), "{kind}");
        assert!(survey.values().all(|holding| holding.counted && holding.bytes > 0), "{kind}");
        let time = (kind != Kind::Mongodb).then(newest_order);
        assert_eq!((notifications.newest, orders.newest), (time, time), "{kind}");
        assert_eq!(users.newest, None, "{kind}");
        assert!(testimony.answered_after.is_some_and(|after| after <= testimony.took), "{kind}");
    }
}
