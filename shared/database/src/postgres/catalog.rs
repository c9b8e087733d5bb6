//! What PostgreSQL's catalogue says of tables and indexes.

use std::time::Duration;

use snapkeep_policy::verify::testimony::{Said, Trouble};
use tokio_postgres::{Error, Transaction};

use super::connection::Connection;
use super::refusal;
use crate::names;
use crate::sql::{self, Table};

const INDEX: &str = "
    select i.indisvalid and i.indisready
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = $1::text::regclass and c.relname = $2::text";

/// The first invalid indexes, and how many there are.
const INVALID: &str = "
    select n.nspname || '.' || c.relname, count(*) over ()
    from pg_index i join pg_class c on c.oid = i.indexrelid
        join pg_namespace n on n.oid = c.relnamespace
    where not (i.indisvalid and i.indisready)
    order by 1 limit 3";

/// Where amcheck is, if it is anywhere.
const AMCHECK: &str = "
    select n.nspname::text
    from pg_extension e join pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'amcheck'";

/// The B-tree indexes of a table that can be looked at.
const BTREES: &str = "
    select i.indexrelid
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
    where i.indrelid = $1::text::regclass and a.amname = 'btree' and c.relkind = 'i'
        and i.indisvalid and i.indisready";

/// `rdsadmin` is the service's own, and open to nobody else.
const DATABASES: &str = "
    select datname::text from pg_database
    where datallowconn and not datistemplate and datname <> 'rdsadmin'
        and has_database_privilege(datname, 'connect')
    order by 1";

/// Ordinary tables, partitions among them: what holds rows itself. Materialized views are left out,
/// because they are made from tables, and so are unlogged tables: every restore empties those.
///
/// Rows are estimated as the planner does, by the density that the last analysis found. Where there
/// was none, a row is taken to have a hundred bytes.
fn tables() -> String {
    let times = "a.attrelid = c.oid and not a.attisdropped
        and a.atttypid in ('timestamptz'::regtype, 'timestamp'::regtype)";
    let preferred = sql::TIME_COLUMNS;
    format!(
        "select n.nspname::text, c.relname::text, pg_total_relation_size(c.oid),
            (case when c.reltuples >= 0 and c.relpages > 0
                then c.reltuples / c.relpages
                    * (pg_relation_size(c.oid) / current_setting('block_size')::int8)
                else pg_relation_size(c.oid) / 100 end)::int8,
            (select a.attname::text
                from pg_attribute a join pg_index i on i.indrelid = c.oid and i.indkey[0] = a.attnum
                    join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
                where {times} and i.indisvalid and i.indpred is null and m.amname = 'btree'
                order by coalesce(array_position(array[{preferred}], a.attname::text), 9), a.attnum
                limit 1),
            (select a.attname::text from pg_attribute a where {times} and a.attnum > 0
                order by coalesce(array_position(array[{preferred}], a.attname::text), 9), a.attnum
                limit 1)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and c.relpersistence = 'p'
            and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
        order by 3 desc limit {}",
        snapkeep_policy::verify::testimony::HOLDINGS_MAX
    )
}

impl Connection {
    pub(super) async fn index(
        &mut self,
        table: &str,
        index: &str,
        limit: Duration,
    ) -> Result<Said, Trouble> {
        let meter = self.meter.clone();
        let found = async {
            let transaction = self.begin(limit).await?;
            let found = transaction.query_opt(INDEX, &[&quoted(table), &index]).await?;
            transaction.rollback().await?;
            found.map(|row| row.try_get::<_, bool>(0)).transpose()
        };
        let found = found.await.map_err(|error| refusal::trouble(&error, &meter, limit))?;
        Ok(match found {
            Some(true) => Said::Sound,
            Some(false) => Said::Unsound(format!("index {index} on {table} is invalid")),
            None => sql::no_index(index, table),
        })
    }

    pub(super) async fn valid_indexes(&mut self, limit: Duration) -> Result<Said, Trouble> {
        let meter = self.meter.clone();
        let found = async {
            let transaction = self.begin(limit).await?;
            let mut invalid = Vec::new();
            let mut total = 0_i64;
            for row in transaction.query(INVALID, &[]).await? {
                invalid.push(row.try_get::<_, String>(0)?);
                total = row.try_get(1)?;
            }
            transaction.rollback().await?;
            Ok((invalid, usize::try_from(total).unwrap_or_default()))
        };
        let (invalid, total) =
            found.await.map_err(|error| refusal::trouble(&error, &meter, limit))?;
        if invalid.is_empty() {
            return Ok(Said::Sound);
        }
        Ok(Said::Unsound(format!("invalid: {}", names::few(&invalid, total))))
    }

    /// Every B-tree index of the tables, level by level, by amcheck.
    pub(super) async fn integrity(
        &mut self,
        tables: &[String],
        limit: Duration,
    ) -> Result<Said, Trouble> {
        let meter = self.meter.clone();
        let trouble = |error: Error| refusal::trouble(&error, &meter, limit);
        let transaction = self.begin(limit).await.map_err(trouble)?;
        let schema = transaction.query_opt(AMCHECK, &[]).await.map_err(trouble)?;
        let Some(schema) = schema else {
            return Err(Trouble::Unsupported(
                "amcheck isn't installed: create extension amcheck in the source database".into(),
            ));
        };
        let schema: String = schema.try_get(0).map_err(trouble)?;
        let mut indexes = Vec::new();
        for table in tables {
            let found = transaction.query(BTREES, &[&quoted(table)]).await.map_err(trouble)?;
            for row in found {
                indexes.push(row.try_get::<_, u32>(0).map_err(trouble)?);
            }
        }
        let looked = look_at(&transaction, &schema, &indexes).await;
        let said = looked.or_else(|error| damage(&error).ok_or_else(|| trouble(error)));
        drop(transaction.rollback().await);
        said
    }

    /// The databases that a survey looks into.
    pub(super) async fn databases(&mut self, limit: Duration) -> Result<Vec<String>, Trouble> {
        let meter = self.meter.clone();
        let found = async {
            let transaction = self.begin(limit).await?;
            let rows = transaction.query(DATABASES, &[]).await?;
            transaction.rollback().await?;
            rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, Error>>()
        };
        found.await.map_err(|error| refusal::trouble(&error, &meter, limit))
    }

    /// The tables of this database, before they are looked into.
    pub(super) async fn tables(
        &mut self,
        database: &str,
        limit: Duration,
    ) -> Result<Vec<Table>, Trouble> {
        let meter = self.meter.clone();
        let found = async {
            let transaction = self.begin(limit).await?;
            meter.renew_for_list();
            let rows = transaction.query(&tables(), &[]).await?;
            transaction.rollback().await?;
            let mut tables = Vec::new();
            for row in rows {
                let (schema, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
                let (bytes, rows): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
                let quote = names::double_quoted;
                tables.push(Table {
                    name: format!("{database}.{schema}.{name}"),
                    database: Some(database.to_owned()),
                    quoted: format!("{}.{}", quote(&schema), quote(&name)),
                    bytes: bytes.try_into().unwrap_or_default(),
                    estimate: rows.try_into().unwrap_or_default(),
                    indexed: row.try_get(4)?,
                    column: row.try_get(5)?,
                });
            }
            Ok(tables)
        };
        found.await.map_err(|error| refusal::trouble(&error, &meter, limit))
    }
}

fn quoted(table: &str) -> String {
    names::path(table, names::double_quoted)
}

async fn look_at(
    transaction: &Transaction<'_>,
    schema: &str,
    indexes: &[u32],
) -> Result<Said, Error> {
    let check = format!(
        "select 1 from (select {}.bt_index_check(i::regclass) from unnest($1::oid[]) i) checked",
        names::double_quoted(schema)
    );
    transaction.query(&check, &[&indexes]).await?;
    Ok(Said::Sound)
}

/// An error that says that an index or its table is damaged, or that this user may not look.
fn damage(error: &Error) -> Option<Said> {
    let error = error.as_db_error()?;
    let code = error.code().code();
    let is_damage = matches!(code, "XX001" | "XX002");
    is_damage.then(|| Said::Unsound(refusal::words(code, error.message())))
}
