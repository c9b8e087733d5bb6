//! DocumentDB, over MongoDB's protocol.
//!
//! The protocol is spoken here and not by MongoDB's driver. Versions of that which still know
//! DocumentDB 4.0 (wire version 7) compile only with a TLS stack of their own, rustls 0.21 or OpenSSL,
//! and versions with a current one refuse the clusters that need proof most. What is needed of the
//! protocol is little: one kind of message, a login, and seven commands that only read.

mod client;
mod read;
mod refusal;
mod scram;

use std::time::{Duration, Instant};

use snapkeep_policy::document::{Check, Holder};
use snapkeep_policy::verify::testimony::{Said, Survey, Trouble};
use tokio::time::timeout;

use crate::limits::{GRACE, Limits};
use crate::sql::left;
use crate::target::Target;
use crate::trouble;
use client::Client;
use read::Collection;

pub(crate) struct Session {
    target: Target,
    limits: Limits,
    client: Option<Client>,
    lost: Option<Trouble>,
}

impl crate::Session for Session {
    async fn open(target: &Target, limits: &Limits, limit: Duration) -> Result<Self, Trouble> {
        let mut client = Client::open(target, limit).await?;
        let pinged = timeout(limit, client.ping(limit)).await;
        pinged.unwrap_or_else(|_| Err(trouble::silent(limit)))?;
        let (target, limits) = (target.clone(), *limits);
        Ok(Self { target, limits, client: Some(client), lost: None })
    }

    async fn answer(&mut self, check: &Check, limit: Duration) -> Result<Said, Trouble> {
        let name = collection(check)?;
        let mut client = self.take().await?;
        let database = self.target.database.as_deref();
        let asked = timeout(limit + GRACE, async {
            let of = client.find_collection(name, database, limit).await?;
            ask(&mut client, check, &of, limit).await
        });
        let asked = asked.await.unwrap_or_else(|_| Err(trouble::silent(limit)));
        self.give_back(client, asked)
    }

    async fn survey(&mut self, until: Instant) -> Result<Survey, Trouble> {
        let limit = left(self.limits.question, until).ok_or(Trouble::OutOfTime)?;
        let mut client = self.take().await?;
        let listed = timeout(limit + GRACE, client.collections(limit)).await;
        let collections = listed.unwrap_or_else(|_| Err(trouble::silent(limit)))?;
        client.survey(collections, self.limits.question, until).await
    }

    fn lost(&self) -> Option<&Trouble> {
        self.lost.as_ref()
    }
}

impl Session {
    /// The connection, taken out: whoever found it sound gives it back.
    async fn take(&mut self) -> Result<Client, Trouble> {
        if let Some(client) = self.client.take() {
            return Ok(client);
        }
        let (limit, _) = self.limits.cut(self.limits.connect);
        let opened = Client::open(&self.target, limit).await;
        if let Err(trouble @ (Trouble::Unreachable(_) | Trouble::Hangs(_))) = &opened {
            self.lost = Some(trouble.clone());
        }
        opened
    }

    /// Ends a question. After silence, or an answer that was not read, the next answer would be that
    /// one's.
    fn give_back<T>(&mut self, client: Client, asked: Result<T, Trouble>) -> Result<T, Trouble> {
        let is_over = matches!(
            asked,
            Err(Trouble::TooLarge(_) | Trouble::Hangs(_) | Trouble::Unreachable(_))
        );
        self.client = (!is_over).then_some(client);
        asked
    }
}

/// The collection that a check is about, if it is a question for this engine.
fn collection(check: &Check) -> Result<&str, Trouble> {
    let unsupported = |text: &str| Err(Trouble::Unsupported(text.into()));
    match check {
        Check::Count { of, .. } | Check::Newest { of, .. } | Check::Index { of, .. } => match of {
            Holder::Collection { name } => Ok(name),
            Holder::Table { .. } => {
                unsupported("it has collections, not tables; ask for a collection")
            }
        },
        Check::Sql { .. } | Check::Freshness { .. } => {
            unsupported("it understands no SQL; ask for a collection")
        }
        Check::ValidIndexes { .. } => {
            unsupported("only PostgreSQL has indexes that are invalid; ask for an index by name")
        }
        Check::Integrity { .. } => {
            unsupported("it has no look of its own at tables; ask for counts and indexes")
        }
    }
}

async fn ask(
    client: &mut Client,
    check: &Check,
    of: &Collection,
    limit: Duration,
) -> Result<Said, Trouble> {
    match check {
        // To count further than the least acceptable would only take longer.
        Check::Count { min, .. } => {
            let count = client.count(of, Some(*min), limit).await?;
            Ok(Said::Number(count))
        }
        Check::Newest { field, .. } => client.newest(of, field, limit).await,
        Check::Index { index, .. } => {
            let indexes = client.indexes(of, limit).await?;
            if indexes.iter().any(|name| name == index) {
                return Ok(Said::Sound);
            }
            Ok(crate::sql::no_index(index, &of.name))
        }
        Check::Sql { .. }
        | Check::Freshness { .. }
        | Check::ValidIndexes { .. }
        | Check::Integrity { .. } => collection(check).map(|_| Said::Nothing),
    }
}
