//! What PostgreSQL and MySQL are asked alike.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::{Duration, Instant};

use snapkeep_policy::document::{Check, Holder};
use snapkeep_policy::verify::testimony::{HOLDINGS_MAX, Holding, Said, Survey, Trouble};

use crate::cell::Wanted;
use crate::names;

/// What is larger isn't counted: reading it all would take the survey's time, and the machine's.
const COUNTED_BYTES_MAX: u64 = 1 << 30;

/// The name of the columns in which the time of the last change is usually kept, best first. Without
/// one of these, the first column that holds a time is taken.
pub(crate) const TIME_COLUMNS: &str = "'updated_at', 'modified_at', 'created_at'";

/// A server that understands SQL.
pub(crate) trait Sql: Send {
    /// A name as this server quotes it.
    const QUOTE: fn(&str) -> String;

    /// One statement, one value. `database` only means something to PostgreSQL.
    fn one(
        &mut self,
        database: Option<&str>,
        sql: &str,
        wanted: Wanted,
        limit: Duration,
    ) -> impl Future<Output = Result<Said, Trouble>> + Send;

    /// Whether an index is there and usable.
    fn index(
        &mut self,
        database: Option<&str>,
        table: &str,
        index: &str,
        limit: Duration,
    ) -> impl Future<Output = Result<Said, Trouble>> + Send;

    /// Whether every index is usable.
    fn valid_indexes(
        &mut self,
        database: Option<&str>,
        limit: Duration,
    ) -> impl Future<Output = Result<Said, Trouble>> + Send;

    /// Whether the server finds no damage in these tables.
    fn integrity(
        &mut self,
        database: Option<&str>,
        tables: &[String],
        limit: Duration,
    ) -> impl Future<Output = Result<Said, Trouble>> + Send;
}

/// Asks one check.
pub(crate) async fn answer<S: Sql>(
    session: &mut S,
    check: &Check,
    limit: Duration,
) -> Result<Said, Trouble> {
    match check {
        Check::Sql { sql, database, .. } => {
            session.one(database.as_deref(), sql, Wanted::Number, limit).await
        }
        Check::Freshness { sql, database, .. } => {
            session.one(database.as_deref(), sql, Wanted::Time, limit).await
        }
        Check::Count { of, .. } => {
            let (name, database) = table(of)?;
            let sql = count(&names::path(name, S::QUOTE));
            session.one(database, &sql, Wanted::Number, limit).await
        }
        Check::Newest { of, field, .. } => {
            let (name, database) = table(of)?;
            let sql = newest(&S::QUOTE(field), &names::path(name, S::QUOTE));
            session.one(database, &sql, Wanted::Time, limit).await
        }
        Check::Index { of, index } => {
            let (name, database) = table(of)?;
            session.index(database, name, index, limit).await
        }
        Check::ValidIndexes { database } => session.valid_indexes(database.as_deref(), limit).await,
        Check::Integrity { tables, database } => {
            session.integrity(database.as_deref(), tables, limit).await
        }
    }
}

fn table(of: &Holder) -> Result<(&str, Option<&str>), Trouble> {
    match of {
        Holder::Table { name, database } => Ok((name, database.as_deref())),
        Holder::Collection { .. } => {
            Err(Trouble::Unsupported("it has tables, not collections; ask for a table".into()))
        }
    }
}

fn count(table: &str) -> String {
    format!("select count(*) from {table}")
}

fn newest(column: &str, table: &str) -> String {
    format!("select max({column}) from {table}")
}

/// There is no such index: nobody can use it.
pub(crate) fn no_index(index: &str, table: &str) -> Said {
    Said::Unsound(format!("there is no index {index} on {table}"))
}

/// A table before it is looked into.
pub(crate) struct Table {
    /// As the survey names it.
    pub(crate) name: String,
    /// In which PostgreSQL database.
    pub(crate) database: Option<String>,
    /// As a statement names it.
    pub(crate) quoted: String,
    pub(crate) bytes: u64,
    /// Rows by the server's own statistics.
    pub(crate) estimate: u64,
    /// A column of times whose newest an index knows.
    pub(crate) indexed: Option<String>,
    /// A column of times whose newest takes a look at every row.
    pub(crate) column: Option<String>,
}

/// Looks into the tables, the smallest first, so that most are counted when time ends.
pub(crate) async fn survey<S: Sql>(
    session: &mut S,
    mut tables: Vec<Table>,
    question: Duration,
    until: Instant,
) -> Survey {
    tables.sort_by(|a, b| (b.bytes, &a.name).cmp(&(a.bytes, &b.name)));
    tables.truncate(HOLDINGS_MAX);
    let mut holdings = BTreeMap::new();
    for table in tables.into_iter().rev() {
        let holding = look_into(session, &table, question, until).await;
        holdings.insert(table.name, holding);
    }
    Survey(holdings)
}

async fn look_into<S: Sql>(
    session: &mut S,
    table: &Table,
    question: Duration,
    until: Instant,
) -> Holding {
    let Table { database, quoted, bytes, estimate, .. } = table;
    let mut holding = Holding { rows: *estimate, counted: false, bytes: *bytes, newest: None };
    let database = database.as_deref();
    if let Some(limit) = left(question, until).filter(|_| *bytes < COUNTED_BYTES_MAX) {
        let said = session.one(database, &count(quoted), Wanted::Number, limit).await;
        if let Some(rows) = number(said) {
            (holding.rows, holding.counted) = (rows, true);
        }
    }
    let column = table.indexed.as_ref().or(table.column.as_ref().filter(|_| holding.counted));
    if let Some((column, limit)) = column.zip(left(question, until)) {
        let sql = newest(&S::QUOTE(column), quoted);
        if let Ok(Said::Time(time)) = session.one(database, &sql, Wanted::Time, limit).await {
            holding.newest = Some(time);
        }
    }
    holding
}

fn number(said: Result<Said, Trouble>) -> Option<u64> {
    match said {
        Ok(Said::Number(number)) => u64::try_from(number).ok(),
        Ok(Said::Time(_) | Said::Nothing | Said::Sound | Said::Unsound(_)) | Err(_) => None,
    }
}

/// What a statement may take of what is left; `None` when that isn't worth a statement.
pub(crate) fn left(question: Duration, until: Instant) -> Option<Duration> {
    let left = until.saturating_duration_since(Instant::now()).min(question);
    (left >= Duration::from_millis(1)).then_some(left)
}
