//! PostgreSQL and Aurora PostgreSQL.
//!
//! A PostgreSQL connection sees one database, so there is one for each database that is asked, made
//! when it is first needed.

mod catalog;
mod connection;
mod refusal;
mod value;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use snapkeep_policy::document::Check;
use snapkeep_policy::verify::testimony::{Said, Survey, Trouble};

use crate::cell::Wanted;
use crate::limits::{GRACE, Limits};
use crate::sql::{self, Sql, Table, left};
use crate::target::Target;
use crate::{names, trouble};
use connection::Connection;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

/// The database that every server has.
const DEFAULT_DATABASE: &str = "postgres";

pub(crate) struct Session {
    target: Target,
    limits: Limits,
    connections: BTreeMap<String, Connection>,
    lost: Option<Trouble>,
}

impl crate::Session for Session {
    async fn open(target: &Target, limits: &Limits, limit: Duration) -> Result<Self, Trouble> {
        let (target, limits) = (target.clone(), *limits);
        let mut session = Self { target, limits, connections: BTreeMap::new(), lost: None };
        let name = session.name(None);
        let connection = Connection::open(&session.target, &name, limit).await?;
        session.connections.insert(name, connection);
        session.one(None, "select 1", Wanted::Number, limit).await?;
        Ok(session)
    }

    async fn answer(&mut self, check: &Check, limit: Duration) -> Result<Said, Trouble> {
        sql::answer(self, check, limit).await
    }

    async fn survey(&mut self, until: Instant) -> Result<Survey, Trouble> {
        let tables = self.tables(until).await?;
        Ok(sql::survey(self, tables, self.limits.question, until).await)
    }

    fn lost(&self) -> Option<&Trouble> {
        self.lost.as_ref()
    }
}

impl Session {
    fn name(&self, database: Option<&str>) -> String {
        database.or(self.target.database.as_deref()).unwrap_or(DEFAULT_DATABASE).to_owned()
    }

    /// The connection to a database. It is taken out: whoever is done with it and found it sound gives
    /// it back, and any other ends with its question.
    async fn take(&mut self, database: &str) -> Result<Connection, Trouble> {
        if let Some(connection) = self.connections.remove(database) {
            return Ok(connection);
        }
        let (limit, _) = self.limits.cut(self.limits.connect);
        let opened = Connection::open(&self.target, database, limit).await;
        if let Err(trouble @ (Trouble::Unreachable(_) | Trouble::Hangs(_))) = &opened {
            self.lost = Some(trouble.clone());
        }
        opened
    }

    /// Ends a question: silence and an answer that is too large end the connection too.
    fn give_back<T>(
        &mut self,
        database: String,
        connection: Connection,
        asked: Result<Result<T, Trouble>, Elapsed>,
        limit: Duration,
    ) -> Result<T, Trouble> {
        let asked = asked.unwrap_or_else(|_| Err(trouble::silent(limit)));
        let is_done = !matches!(asked, Err(Trouble::TooLarge(_) | Trouble::Hangs(_)));
        if is_done && connection.is_open() {
            self.connections.insert(database, connection);
        }
        asked
    }

    /// The user tables of every database that this user may look into.
    async fn tables(&mut self, until: Instant) -> Result<Vec<Table>, Trouble> {
        let limit = left(self.limits.question, until).ok_or(Trouble::OutOfTime)?;
        let name = self.name(None);
        let mut connection = self.take(&name).await?;
        let asked = timeout(limit + GRACE, connection.databases(limit)).await;
        let databases = self.give_back(name, connection, asked, limit)?;
        let mut tables = Vec::new();
        for database in databases {
            let limit = left(self.limits.question, until).ok_or(Trouble::OutOfTime)?;
            let mut connection = self.take(&database).await?;
            let asked = timeout(limit + GRACE, connection.tables(&database, limit)).await;
            tables.extend(self.give_back(database, connection, asked, limit)?);
        }
        Ok(tables)
    }
}

impl Sql for Session {
    const QUOTE: fn(&str) -> String = names::double_quoted;

    async fn one(
        &mut self,
        database: Option<&str>,
        sql: &str,
        wanted: Wanted,
        limit: Duration,
    ) -> Result<Said, Trouble> {
        let name = self.name(database);
        let mut connection = self.take(&name).await?;
        let asked = timeout(limit + GRACE, connection.one(sql, wanted, limit)).await;
        self.give_back(name, connection, asked, limit)
    }

    async fn index(
        &mut self,
        database: Option<&str>,
        table: &str,
        index: &str,
        limit: Duration,
    ) -> Result<Said, Trouble> {
        let name = self.name(database);
        let mut connection = self.take(&name).await?;
        let asked = timeout(limit + GRACE, connection.index(table, index, limit)).await;
        self.give_back(name, connection, asked, limit)
    }

    async fn valid_indexes(
        &mut self,
        database: Option<&str>,
        limit: Duration,
    ) -> Result<Said, Trouble> {
        let name = self.name(database);
        let mut connection = self.take(&name).await?;
        let asked = timeout(limit + GRACE, connection.valid_indexes(limit)).await;
        self.give_back(name, connection, asked, limit)
    }

    async fn integrity(
        &mut self,
        database: Option<&str>,
        tables: &[String],
        limit: Duration,
    ) -> Result<Said, Trouble> {
        let name = self.name(database);
        let mut connection = self.take(&name).await?;
        let asked = timeout(limit + GRACE, connection.integrity(tables, limit)).await;
        self.give_back(name, connection, asked, limit)
    }
}
