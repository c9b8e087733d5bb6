//! Whether a ledger is as it was written.

use std::pin::pin;

use futures_util::{StreamExt, stream};
use serde::Serialize;
use snapkeep_aws::Failure;
use snapkeep_aws::store::Store;
use snapkeep_policy::verb::Verb;

use super::ledger::{Broken, newest, read};

/// Years of entries are read in minutes, not in hours.
const READS_AT_ONCE: usize = 16;

/// What a ledger looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// Whose ledger it is.
    pub verb: Verb,
    /// How many entries there should be: the number of the newest.
    pub entries: u32,
    /// How many of them hold together, from the newest back.
    pub linked: u32,
    /// SHA-256 of the newest entry, if it can be read. Every function logs it when it writes: a log
    /// that knows a newer one tells of entries that were cut off at this end.
    pub newest: Option<String>,
    /// The first break, from the newest back. Nothing vouches for what is older.
    pub broken: Option<Broken>,
}

/// Reads a whole ledger, from the newest entry back, and holds each one against what the next one
/// says of it.
///
/// # Errors
/// As the store, and when something else lies where the newest entry should be.
pub async fn check(store: &Store, verb: Verb) -> Result<Chain, Failure> {
    let entries = newest(store, verb).await?;
    let mut chain = Chain { verb, entries, linked: 0, newest: None, broken: None };
    let sequences = stream::iter((1..=entries).rev());
    let reads = sequences.map(|sequence| read(store, verb, sequence)).buffered(READS_AT_ONCE);
    let mut reads = pin!(reads);
    let mut named: Option<String> = None;
    while let Some(read) = reads.next().await {
        match read?.and_then(|link| link.named(verb, named.as_deref())) {
            Ok(link) => {
                chain.linked += 1;
                chain.newest.get_or_insert(link.sha256);
                named = Some(link.entry.previous);
            }
            Err(broken) => {
                chain.broken = Some(broken);
                break;
            }
        }
    }
    Ok(chain)
}
