//! Whether the ledgers are as they were written.
//!
//! What is there is listed first, and only that is read. Between two keys that are there any number of
//! entries may be missing, so a gap is counted and its first entry named, but nobody looks for each of
//! them: whoever forges the newest key decides how many there should be, and could make that a thousand
//! million.

use std::collections::BTreeMap;
use std::pin::pin;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use snapkeep_aws::Failure;
use snapkeep_aws::store::Store;
use snapkeep_policy::verb::Verb;

use super::ledger::{Broken, Entry, Flaw, Link, present, read};
use super::seal::{Seal, Sealed};

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
    /// The newest entry that a seal vouches for; 0 if none does. What is newer could be cut off unseen.
    pub sealed: u32,
    /// How many entries don't hold.
    pub breaks: u32,
    /// The first of them: the one with the lowest number. Nothing vouches for what is between two seals
    /// below a break.
    pub broken: Option<Broken>,
}

/// The seals in alarm's ledger: of each chain, which entries were sealed, with their hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seals {
    /// By chain and number of the entry: where the seal is, and the hash.
    of: BTreeMap<(Verb, u32), (u32, String)>,
    /// The newest, and when it was written.
    pub newest: Option<(u32, Timestamp)>,
}

impl Seals {
    fn add(&mut self, entry: &Entry) {
        let Some(Seal { chains }) = Seal::of(entry) else { return };
        for (verb, Sealed { sequence, sha256 }) in chains {
            // From the newest back: where two disagree, the older one was there first.
            self.of.insert((verb, sequence), (entry.sequence, sha256));
        }
        self.newest = self.newest.max(Some((entry.sequence, entry.at)));
    }

    fn newest_of(&self, verb: Verb) -> u32 {
        let sealed = self.of.range((verb, 0)..=(verb, u32::MAX)).next_back();
        sealed.map_or(0, |((_, sequence), _)| *sequence)
    }
}

/// Reads all ledgers, from the newest entry back, and holds each entry against what the next one and
/// the seals say of it.
///
/// # Errors
/// As the store, and when something else lies where a newest entry should be.
pub async fn audit(store: &Store) -> Result<(Vec<Chain>, Seals), Failure> {
    let mut seals = Seals::default();
    let alarm = walk(store, Verb::Alarm, &Seals::default(), |link| seals.add(&link.entry)).await?;
    let mut chains = Vec::new();
    for verb in super::seal::SEALED {
        chains.push(walk(store, verb, &seals, |_| {}).await?);
    }
    chains.push(alarm);
    Ok((chains, seals))
}

/// The same, of one ledger and without seals.
///
/// # Errors
/// As [`audit`].
pub async fn check(store: &Store, verb: Verb) -> Result<Chain, Failure> {
    walk(store, verb, &Seals::default(), |_| {}).await
}

async fn walk(
    store: &Store,
    verb: Verb,
    seals: &Seals,
    mut each: impl FnMut(&Link),
) -> Result<Chain, Failure> {
    let present = present(store, verb).await?;
    let entries = present.first().copied().unwrap_or_default();
    let sealed = seals.newest_of(verb);
    let (linked, newest, breaks, broken) = (0, None, 0, None);
    let mut chain = Chain { verb, entries, linked, newest, sealed, breaks, broken };
    if entries < sealed {
        let by = seals.of.get(&(verb, sealed)).map(|(seal, _)| *seal);
        chain.found(Broken::new(verb, entries + 1, Flaw::CutOff).sealed_by(by));
    }
    let reads = stream::iter(present);
    let reads = reads.map(async |sequence| (sequence, read(store, verb, sequence).await));
    let mut reads = pin!(reads.buffered(READS_AT_ONCE));
    let mut expected = entries;
    // What the next entry says; a broken one has no say. Below a break nobody vouches for an entry, until
    // a seal does: where such a one doesn't fit, it isn't the one before it that is to blame.
    let (mut named, mut vouched): (Option<String>, bool) = (None, true);
    while let Some((sequence, read)) = reads.next().await {
        if chain.lacks(sequence + 1, expected) {
            (named, vouched) = (None, false);
        }
        expected = sequence - 1;
        let fits = |link: &Link| named.as_ref().is_none_or(|sha256| *sha256 == link.sha256);
        let link = match read? {
            Ok(link) if !vouched && !fits(&link) => {
                chain.found(Broken::new(verb, link.entry.sequence + 1, Flaw::Unlinked));
                Ok(link)
            }
            read => read.and_then(|link| link.named(verb, named.as_deref())),
        };
        match link.and_then(|link| as_sealed(link, verb, seals)) {
            Ok(link) => {
                vouched |= seals.of.contains_key(&(verb, link.entry.sequence));
                if chain.breaks == 0 {
                    chain.linked += 1;
                }
                each(&link);
                chain.newest.get_or_insert(link.sha256);
                named = Some(link.entry.previous);
            }
            Err(broken) => {
                (named, vouched) = (None, false);
                chain.found(broken);
            }
        }
    }
    chain.lacks(1, expected);
    Ok(chain)
}

/// The same, if no seal knows another entry of this number.
fn as_sealed(link: Link, verb: Verb, seals: &Seals) -> Result<Link, Broken> {
    match seals.of.get(&(verb, link.entry.sequence)) {
        Some((seal, sha256)) if *sha256 != link.sha256 => {
            let broken = Broken::new(verb, link.entry.sequence, Flaw::Replaced);
            Err(broken.sealed_by(Some(*seal)))
        }
        Some(_) | None => Ok(link),
    }
}

impl Chain {
    /// The walk goes back, so the last one found has the lowest number; but what is cut off is at the
    /// other end.
    fn found(&mut self, broken: Broken) {
        self.breaks += 1;
        self.broken = Some(broken);
    }

    /// Whether entries are missing, `from` the first `to` the last of them; they count as so many breaks.
    fn lacks(&mut self, from: u32, to: u32) -> bool {
        let is_gap = from <= to;
        if is_gap {
            self.breaks += to - from;
            self.found(Broken::new(self.verb, from, Flaw::Missing));
        }
        is_gap
    }
}
