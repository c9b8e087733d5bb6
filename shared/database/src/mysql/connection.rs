//! One connection: TLS that the driver agrees on by our authorities alone, and transactions that can
//! only read.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Params, SslOpts};
use snapkeep_policy::verify::testimony::{Said, Trouble};
use tokio::time::timeout;

use super::{refusal, value};
use crate::cell::{self, Wanted};
use crate::limits::{ANSWER_BYTES_MAX, Limits};
use crate::target::{Target, Trust};
use crate::{names, trouble, wire};

/// So long is waited for a goodbye, or to find out why there was no welcome.
const COURTESY: Duration = Duration::from_secs(1);

/// Schemas that are the server's own.
pub(super) const SYSTEM: &str =
    "'mysql', 'information_schema', 'performance_schema', 'sys', 'innodb', 'tmp'";

pub(super) async fn open(
    target: &Target,
    limits: &Limits,
    limit: Duration,
) -> Result<Conn, Trouble> {
    let opened = timeout(limit, async {
        let mut connection = Conn::new(options(target)).await?;
        let seconds = limits.question.as_secs().max(1);
        connection
            .query_drop(format!(
                "set session time_zone = '+00:00', lock_wait_timeout = {seconds}, \
                innodb_lock_wait_timeout = {seconds}"
            ))
            .await?;
        connection.query_drop("set session transaction read only").await?;
        Ok(connection)
    });
    match opened.await {
        Ok(opened) => opened.map_err(|error| refusal::trouble(&error, limit)),
        // The driver doesn't say how far it came: is anybody there at all?
        Err(_) => Err(wire::dial(target, COURTESY).await.err().unwrap_or(trouble::silent(limit))),
    }
}

fn options(target: &Target) -> Opts {
    let tls = match &target.trust {
        Trust::Plain => None,
        Trust::Bundle(bundle) => {
            let roots = bundle.certificates.iter().map(|root| root.to_vec().into());
            let tls = SslOpts::default().with_root_certs(roots.collect());
            Some(tls.with_disable_built_in_roots(true))
        }
    };
    OptsBuilder::default()
        .ip_or_hostname(&target.host)
        .tcp_port(target.port)
        .user(Some(&target.user))
        .pass(Some(target.password.reveal()))
        .db_name(target.database.as_ref())
        .ssl_opts(tls)
        .prefer_socket(false)
        .stmt_cache_size(0)
        // What is larger ends the connection instead of being read. To name these two also saves asking
        // the server for them.
        .max_allowed_packet(Some(ANSWER_BYTES_MAX))
        .wait_timeout(Some(600))
        .into()
}

/// The first question: who it is, and which database is meant where none is named, which is the only
/// one of the user's if it has just one.
pub(super) async fn greet(
    connection: &mut Conn,
    database: Option<&str>,
) -> Result<(bool, Option<String>), Trouble> {
    let trouble = |error| refusal::trouble(&error, COURTESY);
    let version: Option<String> =
        connection.query_first("select version()").await.map_err(trouble)?;
    let is_mariadb = version.is_some_and(|version| version.contains("MariaDB"));
    if let Some(database) = database {
        return Ok((is_mariadb, Some(database.to_owned())));
    }
    let sql = format!(
        "select schema_name from information_schema.schemata
        where schema_name not in ({SYSTEM}) limit 2"
    );
    let mut databases: Vec<String> = connection.query(sql).await.map_err(trouble)?;
    let only = if databases.len() == 1 { databases.pop() } else { None };
    Ok((is_mariadb, only))
}

/// Says how long a statement may take: to MySQL in milliseconds, to MariaDB in seconds.
pub(super) async fn limit(
    connection: &mut Conn,
    is_mariadb: bool,
    limit: Duration,
) -> Result<(), Trouble> {
    let sql = if is_mariadb {
        format!("set session max_statement_time = {:.3}", limit.as_secs_f64())
    } else {
        format!("set session max_execution_time = {}", limit.as_millis().max(1))
    };
    connection.query_drop(sql).await.map_err(|error| refusal::trouble(&error, limit))
}

/// Begins a transaction in which nothing can be written and nothing takes longer than that.
pub(super) async fn begin(
    connection: &mut Conn,
    is_mariadb: bool,
    database: Option<&str>,
    time: Duration,
) -> Result<(), Trouble> {
    limit(connection, is_mariadb, time).await?;
    let begun = async {
        if let Some(database) = database {
            connection.query_drop(format!("use {}", names::back_quoted(database))).await?;
        }
        connection.query_drop("start transaction read only").await
    };
    begun.await.map_err(|error| refusal::trouble(&error, time))
}

/// One statement, one value. It is prepared, so it can't be two; a second row is seen and the rest not
/// read.
pub(super) async fn one(
    connection: &mut Conn,
    sql: &str,
    wanted: Wanted,
    limit: Duration,
) -> Result<Said, Trouble> {
    let trouble = |error| refusal::trouble(&error, limit);
    let statement = connection.prep(sql).await.map_err(trouble)?;
    let columns = statement.columns();
    if let Some(trouble) = wanted.columns(columns.len()) {
        return Err(trouble);
    }
    let unfit = columns.first().and_then(|column| value::unfit(column, wanted));
    if let Some(kind) = unfit {
        return Err(wanted.refuse(kind));
    }
    if statement.num_params() > 0 {
        let text = "it has parameters, and there is nothing to put there";
        return Err(Trouble::Refused(text.into()));
    }
    let asked = connection.exec_iter(&statement, Params::Empty).await;
    let mut rows = asked.map_err(trouble)?;
    let Some(row) = rows.next().await.map_err(trouble)? else {
        return Ok(Said::Nothing);
    };
    if rows.next().await.map_err(trouble)?.is_some() {
        return Err(cell::second_row());
    }
    drop(rows);
    connection.close(statement).await.map_err(trouble)?;
    value::cell(row).said(wanted)
}

/// Ends a transaction, if there is one; whether the connection is good for another.
pub(super) async fn settle(connection: &mut Conn) -> bool {
    matches!(timeout(COURTESY, connection.query_drop("rollback")).await, Ok(Ok(())))
}

/// Hangs up. A connection that is merely dropped reads everything that is still to come, in the
/// background.
pub(super) async fn end(connection: Conn) {
    drop(timeout(COURTESY, connection.disconnect()).await);
}
