//! MySQL, MariaDB and Aurora MySQL.

mod catalog;
mod connection;
mod refusal;
mod value;

use std::time::{Duration, Instant};

use mysql_async::Conn;
use snapkeep_policy::document::Check;
use snapkeep_policy::verify::testimony::{Said, Survey, Trouble};
use tokio::time::timeout;

use crate::cell::Wanted;
use crate::limits::{GRACE, Limits};
use crate::sql::{self, Sql, left};
use crate::target::Target;
use crate::{names, trouble};

pub(crate) struct Session {
    target: Target,
    limits: Limits,
    connection: Option<Conn>,
    is_mariadb: bool,
    lost: Option<Trouble>,
}

impl crate::Session for Session {
    async fn open(target: &Target, limits: &Limits, limit: Duration) -> Result<Self, Trouble> {
        let mut target = target.clone();
        let mut connection = connection::open(&target, limits, limit).await?;
        let greeting = connection::greet(&mut connection, target.database.as_deref());
        let greeted = timeout(limit, greeting).await;
        let greeted = greeted.unwrap_or_else(|_| Err(trouble::silent(limit)));
        let (is_mariadb, database) = match greeted {
            Ok(greeted) => greeted,
            Err(trouble) => {
                connection::end(connection).await;
                return Err(trouble);
            }
        };
        target.database = database;
        let connection = Some(connection);
        Ok(Self { target, limits: *limits, connection, is_mariadb, lost: None })
    }

    async fn answer(&mut self, check: &Check, limit: Duration) -> Result<Said, Trouble> {
        sql::answer(self, check, limit).await
    }

    async fn survey(&mut self, until: Instant) -> Result<Survey, Trouble> {
        let limit = left(self.limits.question, until).ok_or(Trouble::OutOfTime)?;
        let mut connection = self.take().await?;
        let listed = timeout(limit + GRACE, catalog::tables(&mut connection, limit)).await;
        let listed = listed.unwrap_or_else(|_| Err(trouble::silent(limit)));
        let tables = self.give_back(connection, listed).await?;
        Ok(sql::survey(self, tables, self.limits.question, until).await)
    }

    fn lost(&self) -> Option<&Trouble> {
        self.lost.as_ref()
    }
}

impl Session {
    /// The connection, taken out: whoever found it sound gives it back.
    async fn take(&mut self) -> Result<Conn, Trouble> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        let (limit, _) = self.limits.cut(self.limits.connect);
        let opened = connection::open(&self.target, &self.limits, limit).await;
        if let Err(trouble @ (Trouble::Unreachable(_) | Trouble::Hangs(_))) = &opened {
            self.lost = Some(trouble.clone());
        }
        opened
    }

    /// Ends a question. What may still be talking is not listened to any more.
    async fn give_back<T>(
        &mut self,
        mut connection: Conn,
        asked: Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let is_over = matches!(
            asked,
            Err(Trouble::TooLarge(_) | Trouble::Hangs(_) | Trouble::Unreachable(_))
        );
        if !is_over && connection::settle(&mut connection).await {
            self.connection = Some(connection);
        } else {
            connection::end(connection).await;
        }
        asked
    }

    fn database<'a>(&'a self, database: Option<&'a str>) -> Option<&'a str> {
        database.or(self.target.database.as_deref())
    }
}

impl Sql for Session {
    const QUOTE: fn(&str) -> String = names::back_quoted;

    async fn one(
        &mut self,
        database: Option<&str>,
        sql: &str,
        wanted: Wanted,
        limit: Duration,
    ) -> Result<Said, Trouble> {
        let mut connection = self.take().await?;
        let asked = async {
            let database = self.database(database);
            connection::begin(&mut connection, self.is_mariadb, database, limit).await?;
            connection::one(&mut connection, sql, wanted, limit).await
        };
        let asked = timeout(limit + GRACE, asked).await;
        let asked = asked.unwrap_or_else(|_| Err(trouble::silent(limit)));
        self.give_back(connection, asked).await
    }

    async fn index(
        &mut self,
        database: Option<&str>,
        table: &str,
        index: &str,
        limit: Duration,
    ) -> Result<Said, Trouble> {
        let (schema, name) = catalog::split(table, self.database(database))?;
        let mut connection = self.take().await?;
        let asked = timeout(limit + GRACE, async {
            connection::begin(&mut connection, self.is_mariadb, None, limit).await?;
            catalog::exists(&mut connection, (&schema, &name), limit).await?;
            catalog::index(&mut connection, (&schema, &name), index, limit).await
        });
        let asked = asked.await.unwrap_or_else(|_| Err(trouble::silent(limit)));
        self.give_back(connection, asked).await
    }

    async fn valid_indexes(&mut self, _: Option<&str>, _: Duration) -> Result<Said, Trouble> {
        let text = "only PostgreSQL has indexes that are invalid; use integrity";
        Err(Trouble::Unsupported(text.into()))
    }

    async fn integrity(
        &mut self,
        database: Option<&str>,
        tables: &[String],
        limit: Duration,
    ) -> Result<Said, Trouble> {
        let database = self.database(database);
        let named: Result<Vec<_>, _> =
            tables.iter().map(|table| catalog::split(table, database)).collect();
        let named = named?;
        let mut connection = self.take().await?;
        let asked = timeout(limit + GRACE, async {
            connection::limit(&mut connection, self.is_mariadb, limit).await?;
            for (schema, name) in &named {
                catalog::exists(&mut connection, (schema, name), limit).await?;
            }
            catalog::check_tables(&mut connection, &named, limit).await
        });
        // MySQL has no limit of its own for this statement: ours is the only one, and to reach it says
        // that the tables are large.
        match asked.await {
            Ok(asked) => self.give_back(connection, asked).await,
            Err(_) => {
                connection::end(connection).await;
                Err(trouble::too_slow(limit))
            }
        }
    }
}
