//! One connection to one database: TLS first, then everything in transactions that can only read.

use std::time::Duration;

use futures_util::TryStreamExt;
use snapkeep_policy::verify::testimony::{Said, Trouble};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Error, NoTls, Transaction};

use super::refusal;
use super::value::{Value, unfit};
use crate::cell::{self, Wanted};
use crate::target::{Target, Trust};
use crate::trouble;
use crate::wire::{self, Meter, Metered, Stream};

/// What asks for TLS instead of logging in: a length of 8 and a code that is no protocol's version.
///
/// Source: PostgreSQL documentation, "Message Formats", SSLRequest.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) meter: Meter,
    driver: JoinHandle<Result<(), Error>>,
}

impl Connection {
    pub(super) async fn open(
        target: &Target,
        database: &str,
        limit: Duration,
    ) -> Result<Self, Trouble> {
        let stream = wire::dial(target, limit).await?;
        let opened = timeout(limit, Self::greet(stream, target, database, limit)).await;
        opened.unwrap_or_else(|_| Err(trouble::silent(limit)))
    }

    /// From a mere stream to a session that was let in.
    async fn greet(
        stream: TcpStream,
        target: &Target,
        database: &str,
        limit: Duration,
    ) -> Result<Self, Trouble> {
        let meter = Meter::default();
        let stream = Metered { stream: protect(stream, target).await?, meter: meter.clone() };
        let mut config = Config::new();
        config
            .user(&target.user)
            .password(target.password.reveal())
            .dbname(database)
            .application_name("snapkeep")
            .options("-c default_transaction_read_only=on -c timezone=UTC")
            // By now it is agreed on already.
            .ssl_mode(SslMode::Disable);
        let connected = config.connect_raw(stream, NoTls).await;
        let (client, driver) =
            connected.map_err(|error| refusal::trouble(&error, &meter, limit))?;
        Ok(Self { client, meter, driver: tokio::spawn(driver) })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    /// A transaction in which nothing can be written and no statement takes longer than `limit`.
    pub(super) async fn begin(&mut self, limit: Duration) -> Result<Transaction<'_>, Error> {
        self.meter.renew();
        let transaction = self.client.build_transaction().read_only(true).start().await?;
        let ms = limit.as_millis().clamp(1, i32::MAX.unsigned_abs().into());
        let limits = format!("set local statement_timeout = {ms}; set local lock_timeout = {ms}");
        transaction.batch_execute(&limits).await?;
        Ok(transaction)
    }

    /// One statement, one value. It is prepared, so it can't be two; of what it returns, two rows are
    /// asked for and no more.
    pub(super) async fn one(
        &mut self,
        sql: &str,
        wanted: Wanted,
        limit: Duration,
    ) -> Result<Said, Trouble> {
        let meter = self.meter.clone();
        let asked = self.ask(sql, wanted, limit).await;
        asked.map_err(|error| refusal::trouble(&error, &meter, limit))?
    }

    async fn ask(
        &mut self,
        sql: &str,
        wanted: Wanted,
        limit: Duration,
    ) -> Result<Result<Said, Trouble>, Error> {
        let transaction = self.begin(limit).await?;
        let statement = transaction.prepare(sql).await?;
        if let Some(trouble) = wanted.columns(statement.columns().len()) {
            return Ok(Err(trouble));
        }
        let unfit = statement.columns().first().and_then(|column| unfit(column.type_(), wanted));
        if let Some(kind) = unfit {
            return Ok(Err(wanted.refuse(kind)));
        }
        if !statement.params().is_empty() {
            let text = "it has parameters, and there is nothing to put there";
            return Ok(Err(Trouble::Refused(text.into())));
        }
        let portal = transaction.bind(&statement, &[]).await?;
        let rows = transaction.query_portal_raw(&portal, 2).await?;
        let mut rows = std::pin::pin!(rows);
        let Some(row) = rows.try_next().await? else {
            transaction.rollback().await?;
            return Ok(Ok(Said::Nothing));
        };
        if rows.try_next().await?.is_some() {
            return Ok(Err(cell::second_row()));
        }
        let Value(cell) = row.try_get(0)?;
        transaction.rollback().await?;
        Ok(cell.said(wanted))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// A stream to the database over which it may be spoken to.
async fn protect(mut stream: TcpStream, target: &Target) -> Result<Box<dyn Stream>, Trouble> {
    let Trust::Bundle(bundle) = &target.trust else {
        return Ok(Box::new(stream));
    };
    let mut answer = [0];
    stream.write_all(&SSL_REQUEST).await.map_err(|error| trouble::unreachable(&error))?;
    stream.read_exact(&mut answer).await.map_err(|error| trouble::unreachable(&error))?;
    if answer != *b"S" {
        return Err(trouble::no_tls());
    }
    Ok(Box::new(wire::secure(stream, target, bundle).await?))
}
