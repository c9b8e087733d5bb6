//! What a policy asks of a restored database. Every question has a count, a time or a yes for an
//! answer, never data: what is asked ends up in evidence that many people may read.

use super::Objective;

/// A table that loses this share of its rows between two nights is a question worth asking.
pub(super) const MAX_DROP_PERCENT: u8 = 30;

/// A question to a restored database, with the least that is acceptable as its answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// A statement that returns one number.
    Sql {
        /// One read-only statement.
        sql: String,
        /// The least acceptable answer.
        min: i64,
        /// The PostgreSQL database to ask it in; without it, the one AWS says it was created with.
        database: Option<String>,
    },
    /// A statement that returns one time.
    Freshness {
        /// One read-only statement.
        sql: String,
        /// Its greatest acceptable age when the recovery point was taken.
        max_age: Objective,
        /// As in [`Check::Sql`].
        database: Option<String>,
    },
    /// How many rows or documents there are.
    Count {
        /// In which table or collection.
        of: Holder,
        /// The least acceptable count.
        min: i64,
    },
    /// The newest time in a column or field.
    Newest {
        /// Of which table or collection.
        of: Holder,
        /// The column or field; fields within a document are written with dots.
        field: String,
        /// Its greatest acceptable age when the recovery point was taken.
        max_age: Objective,
    },
    /// An index is there, and usable.
    Index {
        /// On which table or collection.
        of: Holder,
        /// Its name.
        index: String,
    },
    /// No index of a PostgreSQL database is invalid: as `pg_restore` and
    /// `create index concurrently` leave one behind when they fail.
    ValidIndexes {
        /// As in [`Check::Sql`].
        database: Option<String>,
    },
    /// The engine's own look at tables and their indexes: `CHECK TABLE` of MySQL and MariaDB,
    /// `amcheck` of PostgreSQL where that is installed.
    Integrity {
        /// The tables, at least one.
        tables: Vec<String>,
        /// As in [`Check::Sql`].
        database: Option<String>,
    },
}

/// What holds rows or documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A table of an SQL database: `table`, or `schema.table` (in MySQL, where a schema is a
    /// database, `database.table`).
    Table {
        /// Its name, with or without its schema.
        name: String,
        /// As in [`Check::Sql`].
        database: Option<String>,
    },
    /// A collection of DocumentDB: `database.collection`, or a collection of the only database.
    Collection {
        /// Its name, with or without its database.
        name: String,
    },
}

/// How far the content of a database may drop from one proven recovery point to the next before that
/// is a failure: mass deletion looks exactly like a good backup of an empty table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftRule {
    /// A table or collection may lose this share of its rows or documents, in percent.
    pub max_drop_percent: u8,
    /// Tables and collections that come and go, as the survey names them: `database.schema.table`,
    /// `database.table` or `database.collection`. They may also vanish.
    pub ignore: Vec<String>,
}

/// The rule where a policy has none of its own.
impl Default for DriftRule {
    fn default() -> Self {
        Self { max_drop_percent: MAX_DROP_PERCENT, ignore: Vec::new() }
    }
}
