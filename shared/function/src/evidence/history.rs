//! What was done, read back from all five ledgers.

use futures_util::future::try_join_all;
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use snapkeep_aws::Failure;
use snapkeep_aws::store::Store;
use snapkeep_policy::history::{self, Act, Recorded};
use snapkeep_policy::verb::Verb;

use super::ledger::{key, newest, present, read};

/// A ledger's entries are read so many at a time; all five are read at once.
const READS_AT_ONCE: usize = 16;
/// An entry names the instant of its run, and a run may write this long after it, behind a later one.
const OUT_OF_ORDER: SignedDuration = SignedDuration::from_hours(1);

/// Everything that was done from `since` on and before `until`, newest first.
///
/// It stops in each ledger where the chain breaks: what lies behind a break proves nothing. Whether
/// there is one, [`super::audit`] says.
///
/// # Errors
/// As the store, and when something else hides the newest entry of a ledger.
pub async fn acts(store: &Store, since: Timestamp, until: Timestamp) -> Result<Vec<Act>, Failure> {
    let ledgers = Verb::ALL.map(|verb| acts_of(store, verb, since, until));
    let mut acts = try_join_all(ledgers).await?.concat();
    // Stable: what one run did stays in its order.
    acts.sort_by_key(|act| std::cmp::Reverse(act.at));
    Ok(acts)
}

/// The same, of one function.
///
/// # Errors
/// As [`acts`].
pub async fn acts_of(
    store: &Store,
    verb: Verb,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<Act>, Failure> {
    let entries = stream::iter((1..=newest(store, verb).await?).rev());
    let mut reads =
        entries.map(|sequence| read(store, verb, sequence)).buffered(READS_AT_ONCE).boxed();
    let (mut recorded, mut named) = (Vec::new(), None);
    while let Some(read) = reads.next().await {
        let Ok(link) = read?.and_then(|link| link.named(verb, named.as_deref())) else { break };
        let entry = link.entry;
        if entry.at.duration_until(since) > OUT_OF_ORDER {
            break;
        }
        recorded.push(Recorded {
            verb,
            sequence: entry.sequence,
            at: entry.at,
            name: entry.name,
            record: entry.record.get().to_owned(),
        });
        named = Some(entry.previous);
    }
    let mut acts = history::acts(&recorded);
    acts.retain(|act| since <= act.at && act.at < until);
    Ok(acts)
}

/// Hands over every entry of a ledger as it is stored, the oldest first, under its key; `None` where
/// what is there is no text. Where entries are missing, the oldest of them is handed over as `None` in
/// the place of them all.
///
/// # Errors
/// As [`acts`].
pub async fn export(
    store: &Store,
    verb: Verb,
    mut take: impl FnMut(&str, Option<&str>),
) -> Result<(), Failure> {
    let mut present = present(store, verb).await?;
    present.reverse();
    let reads = stream::iter(present.iter().copied());
    let mut reads = reads
        .map(async |sequence| (sequence, store.get(&key(verb, sequence)).await))
        .buffered(READS_AT_ONCE)
        .boxed_local();
    let mut expected = 1;
    while let Some((sequence, read)) = reads.next().await {
        if sequence > expected {
            take(&key(verb, expected), None);
        }
        expected = sequence + 1;
        let text = read?.and_then(|(bytes, _)| String::from_utf8(bytes).ok());
        take(&key(verb, sequence), text.as_deref());
    }
    Ok(())
}
