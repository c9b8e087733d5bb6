//! What MySQL's information schema says of tables and indexes, and what `CHECK TABLE` does.

use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use snapkeep_policy::verify::testimony::{HOLDINGS_MAX, Said, Trouble};

use super::connection::SYSTEM;
use super::refusal;
use crate::names;
use crate::sql::{self, Table};
use crate::trouble::one_line;

/// Database and table of a name; the database may be one that is meant anyway.
pub(super) fn split(name: &str, database: Option<&str>) -> Result<(String, String), Trouble> {
    match (name.split_once('.'), database) {
        (Some((database, table)), _) => Ok((database.to_owned(), table.to_owned())),
        (None, Some(database)) => Ok((database.to_owned(), name.to_owned())),
        (None, None) => Err(Trouble::Refused(format!(
            "{name} may be in any of several databases; name it as database.{name}"
        ))),
    }
}

/// Whether there is such a table.
pub(super) async fn exists(
    connection: &mut Conn,
    (schema, table): (&str, &str),
    limit: Duration,
) -> Result<(), Trouble> {
    const SQL: &str = "select 1 from information_schema.tables
        where table_schema = ? and table_name = ?";
    let found: Option<u8> = connection
        .exec_first(SQL, (schema, table))
        .await
        .map_err(|error| refusal::trouble(&error, limit))?;
    match found {
        Some(_) => Ok(()),
        None => Err(Trouble::Refused(one_line(&format!("there is no table {schema}.{table}")))),
    }
}

pub(super) async fn index(
    connection: &mut Conn,
    (schema, table): (&str, &str),
    index: &str,
    limit: Duration,
) -> Result<Said, Trouble> {
    const SQL: &str = "select max(comment) from information_schema.statistics
        where table_schema = ? and table_name = ? and index_name = ?";
    let found: Option<Option<String>> = connection
        .exec_first(SQL, (schema, table, index))
        .await
        .map_err(|error| refusal::trouble(&error, limit))?;
    Ok(match found.flatten() {
        None => sql::no_index(index, table),
        // As `ALTER TABLE ... DISABLE KEYS` leaves it.
        Some(comment) if comment == "disabled" => {
            Said::Unsound(format!("index {index} on {table} is disabled"))
        }
        Some(_) => Said::Sound,
    })
}

/// The server's own look at tables. Whatever it has to say of one but that it is well, is told.
pub(super) async fn check_tables(
    connection: &mut Conn,
    tables: &[(String, String)],
    limit: Duration,
) -> Result<Said, Trouble> {
    let quote = names::back_quoted;
    let named = tables.iter().map(|(schema, name)| format!("{}.{}", quote(schema), quote(name)));
    let sql = format!("check table {}", named.collect::<Vec<_>>().join(", "));
    let rows: Vec<(String, String, String, String)> =
        connection.query(sql).await.map_err(|error| refusal::trouble(&error, limit))?;
    let ill: Vec<String> = rows
        .into_iter()
        .filter(|(_, _, kind, text)| !is_well(kind, text))
        .map(|(table, _, kind, text)| format!("{table}: {kind}: {text}"))
        .collect();
    if ill.is_empty() {
        return Ok(Said::Sound);
    }
    Ok(Said::Unsound(one_line(&names::few(&ill, ill.len()))))
}

fn is_well(kind: &str, text: &str) -> bool {
    let is_fine = matches!(text, "OK" | "Table is already up to date");
    match kind {
        "status" => is_fine,
        "note" | "Note" | "info" => true,
        _ => false,
    }
}

/// Every base table that isn't the server's own.
pub(super) async fn tables(connection: &mut Conn, limit: Duration) -> Result<Vec<Table>, Trouble> {
    type Listed = (String, String, Option<u64>, Option<u64>, Option<String>, Option<String>);
    let listed: Result<Vec<Listed>, _> = connection.query(list()).await;
    let listed = listed.map_err(|error| refusal::trouble(&error, limit))?;
    let quote = names::back_quoted;
    let table = |(schema, name, rows, bytes, indexed, column): Listed| Table {
        name: format!("{schema}.{name}"),
        database: None,
        quoted: format!("{}.{}", quote(&schema), quote(&name)),
        bytes: bytes.unwrap_or_default(),
        estimate: rows.unwrap_or_default(),
        indexed,
        column,
    };
    Ok(listed.into_iter().map(table).collect())
}

fn list() -> String {
    let preferred = sql::TIME_COLUMNS;
    let best = |source: &str| {
        format!(
            "(select c.column_name from information_schema.columns c {source}
            where c.table_schema = t.table_schema and c.table_name = t.table_name
                and c.data_type in ('timestamp', 'datetime')
            order by coalesce(nullif(field(c.column_name, {preferred}), 0), 9), c.ordinal_position
            limit 1)"
        )
    };
    let indexed = best(
        "join information_schema.statistics s on s.table_schema = c.table_schema
            and s.table_name = c.table_name and s.column_name = c.column_name
            and s.seq_in_index = 1 and s.index_type = 'BTREE'",
    );
    let column = best("");
    format!(
        "select t.table_schema, t.table_name, t.table_rows,
            cast(coalesce(t.data_length, 0) + coalesce(t.index_length, 0) as unsigned),
            {indexed}, {column}
        from information_schema.tables t
        where t.table_type = 'BASE TABLE' and t.table_schema not in ({SYSTEM})
        order by 4 desc limit {HOLDINGS_MAX}"
    )
}
