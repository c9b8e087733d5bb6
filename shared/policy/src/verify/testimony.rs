//! What a restored database said when it was questioned: facts, before anybody judges them.
//!
//! These types are all that passes between the judgement and the protocols. They have no room for
//! data: an answer is a count, a time, a yes or a name of the schema.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::inventory::Engine;

/// How a database is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// PostgreSQL and Aurora PostgreSQL.
    Postgres,
    /// MySQL, MariaDB and Aurora MySQL.
    Mysql,
    /// DocumentDB.
    Mongodb,
}

impl Protocol {
    /// What an engine speaks.
    #[must_use]
    pub fn of(engine: Engine) -> Self {
        match engine {
            Engine::Docdb => Self::Mongodb,
            Engine::AuroraPostgresql | Engine::Postgres => Self::Postgres,
            Engine::AuroraMysql | Engine::Mysql | Engine::Mariadb => Self::Mysql,
        }
    }
}

/// Everything a database said, or why it said nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Testimony {
    /// From the first attempt to connect until it answered its first statement; `None` if it never
    /// did.
    pub answered_after: Option<SignedDuration>,
    /// Why it could not be questioned at all, or no further.
    pub trouble: Option<Trouble>,
    /// One for each check that was asked, in their order; fewer where trouble came between.
    pub answers: Vec<Answer>,
    /// What is in it; `None` if that couldn't be seen.
    pub survey: Option<Survey>,
    /// From the first attempt to connect until it was let go.
    pub took: SignedDuration,
}

/// The answer to one check.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What it was, or why there is none.
    pub said: Result<Said, Trouble>,
    /// How long that took.
    pub took: SignedDuration,
}

/// The kinds of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A number, or a count.
    Number(i64),
    /// A time. What bears no zone is taken for UTC.
    Time(Timestamp),
    /// There is nothing to answer with: no row, or `NULL`.
    Nothing,
    /// What was looked for is there, and sound.
    Sound,
    /// What is wrong, in the schema's own names.
    Unsound(String),
}

/// Why a question, or a whole database, has no answer. The text says more, on one line, without
/// secrets and without anything out of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody could be reached there: no route, no name, no port.
    Unreachable(String),
    /// Somebody was reached who doesn't answer, not even to refuse.
    Hangs(String),
    /// Who answers can't show that it is the database: its certificate doesn't hold.
    Untrusted(String),
    /// The certificate can't be judged, because its issuer isn't in the bundle that was given.
    UnknownIssuer(String),
    /// The user or the password is refused.
    Denied(String),
    /// The database refuses the question, as it does where a table is missing.
    Refused(String),
    /// The answer is larger than any answer may be.
    TooLarge(String),
    /// The database took longer than it may, and said so.
    TooSlow(String),
    /// This can't be asked of this database.
    Unsupported(String),
    /// There is no time left in this run.
    OutOfTime,
}

/// What a database holds, by name: `database.schema.table`, `database.table` or
/// `database.collection`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Survey(pub BTreeMap<String, Holding>);

/// A table or collection. It never says what is in it, only how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Rows or documents.
    pub rows: u64,
    /// Whether they were counted; otherwise the database's own statistics say so.
    pub counted: bool,
    /// Space taken, indexes included, in bytes.
    pub bytes: u64,
    /// The newest time in it, where a column or the documents' ids say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<Timestamp>,
}

/// A survey has so many tables and collections at most: enough for a document that can be read.
pub const HOLDINGS_MAX: usize = 5_000;
