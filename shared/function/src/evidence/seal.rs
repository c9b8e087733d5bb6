//! Seals: what ties the five chains together.
//!
//! Each function writes its own chain and can't write another's, so that no run waits for another and
//! whoever takes over one function can't rewrite what the others did. What a chain can't show by
//! itself, that its newest entries were cut off or all of it was written anew, a seal does: alarm
//! writes into its own chain which entry was the newest of each other chain, and its hash.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use snapkeep_aws::Failure;
use snapkeep_aws::store::Store;
use snapkeep_policy::verb::Verb;

use super::ledger::{Broken, Entry, Flaw, Tip, Walk, newest, read};
use super::record;

/// How old the last seal is when the next one is written: what is cut off sooner isn't found.
pub const SEAL_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// The name of its entries.
pub const SEAL: &str = "seal";
/// Reports of refusals lie between seals; they are rare.
const NEWER_MAX: usize = 32;
/// The functions whose chains are sealed; alarm's own holds the seals.
pub const SEALED: [Verb; 4] = [Verb::Create, Verb::Copy, Verb::Verify, Verb::Prune];

/// Of each chain, the entry that was the newest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// By function; one that has written nothing yet is left out.
    pub chains: BTreeMap<Verb, Sealed>,
}

/// An entry that was the newest of its chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Its number.
    pub sequence: u32,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

impl Seal {
    /// What an entry of alarm's chain seals, if it is a seal.
    pub fn of(entry: &Entry) -> Option<Self> {
        serde_json::from_str(entry.record.get()).ok().filter(|_| entry.name == SEAL)
    }
}

/// Writes a seal if the last one is an hour old and there is something new to seal.
///
/// # Errors
/// As the store; [`snapkeep_aws::FailureClass::Damaged`] when a chain isn't what the last seal says
/// any more. Then nothing is sealed: a new seal would vouch for what somebody changed.
pub async fn seal(store: &Store, now: Timestamp) -> Result<(), Failure> {
    let last = last(store).await?;
    if last.as_ref().is_some_and(|(at, _)| now.duration_since(*at) < SEAL_EVERY) {
        return Ok(());
    }
    let last = last.map_or_else(Seal::default, |(_, seal)| seal);
    let chains = SEALED.map(async |verb| {
        let tip = tip_behind(store, verb, last.chains.get(&verb)).await?;
        Ok::<_, Failure>(tip.map(|sealed| (verb, sealed)))
    });
    let chains = try_join_all(chains).await?.into_iter().flatten().collect();
    let next = Seal { chains };
    if next == last {
        return Ok(());
    }
    record(store, Verb::Alarm, now, SEAL, &next).await
}

/// The last seal and when it was written.
async fn last(store: &Store) -> Result<Option<(Timestamp, Seal)>, Failure> {
    let mut walk = Walk::start(store, Verb::Alarm).await?;
    for _ in 0..NEWER_MAX {
        let Some(entry) = walk.next().await? else { break };
        if let Some(seal) = Seal::of(&entry) {
            return Ok(Some((entry.at, seal)));
        }
    }
    Ok(None)
}

/// The newest entry of a chain, after the entry that was sealed last is found to be what it was.
async fn tip_behind(
    store: &Store,
    verb: Verb,
    sealed: Option<&Sealed>,
) -> Result<Option<Sealed>, Failure> {
    let entries = newest(store, verb).await?;
    let Some(sealed) = sealed else { return tip_at(store, verb, entries).await };
    if entries < sealed.sequence {
        return Err(Broken::new(verb, entries + 1, Flaw::CutOff).refuses());
    }
    match tip_at(store, verb, sealed.sequence).await? {
        Some(there) if there != *sealed => {
            Err(Broken::new(verb, sealed.sequence, Flaw::Replaced).refuses())
        }
        Some(there) if entries == sealed.sequence => Ok(Some(there)),
        Some(_) | None => tip_at(store, verb, entries).await,
    }
}

async fn tip_at(store: &Store, verb: Verb, sequence: u32) -> Result<Option<Sealed>, Failure> {
    if sequence == 0 {
        return Ok(None);
    }
    let read = read(store, verb, sequence).await?;
    let Tip { sequence, sha256 } = read.map_err(|broken| broken.refuses())?.tip();
    Ok(Some(Sealed { sequence, sha256 }))
}
