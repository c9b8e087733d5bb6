//! What alarm and its standby know from one run to the next: one JSON object, written only over what was
//! read, so that of two runs at once one fails and looks again.
//!
//! One that is deleted or damaged is no reason for silence. The run goes back to the newest earlier version
//! that can be read, and tells so; without one it begins anew. What follows from that, and the words, are
//! [`snapkeep_policy::alarm::lost`]'s. What may pass by itself is waited for, because whatever is written
//! meanwhile would be the newest version: a run that can't see earlier ones just now judges nothing.

use serde::Serialize;
use serde::de::DeserializeOwned;
use snapkeep_aws::Failure;
use snapkeep_aws::store::{ETag, Past, Put, Store};
use snapkeep_function::evidence;
use snapkeep_policy::alarm::lost::{self, Earlier, Loss, Traces};
use snapkeep_policy::verb::Verb;

/// What lies under a memory's key.
pub(crate) enum Stored<M> {
    /// A memory.
    Whole(M, ETag),
    /// Something else, and why it can't be read.
    Damaged(ETag, String),
    /// Nothing.
    Absent,
}

/// What the last run knew.
pub(crate) struct Remembered<M> {
    pub memory: M,
    /// Of the object that lies there; none if there is none.
    version: Option<ETag>,
    /// What was lost and what is done about it, if so.
    pub damage: Option<String>,
}

impl<M: PartialEq> Remembered<M> {
    /// Whether `next` is what lies there already.
    fn is_stored(&self, next: &M) -> bool {
        self.version.is_some() && self.damage.is_none() && self.memory == *next
    }
}

/// Reads what lies there, and no further.
pub(crate) async fn read<M: DeserializeOwned>(
    store: &Store,
    key: &str,
) -> Result<Stored<M>, Failure> {
    let Some((bytes, etag)) = store.get(key).await? else { return Ok(Stored::Absent) };
    Ok(match serde_json::from_slice(&bytes) {
        Ok(memory) => Stored::Whole(memory, etag),
        Err(error) => Stored::Damaged(etag, error.to_string()),
    })
}

/// Reads what the last run knew, or what can still be found of it. `ledger` is whose evidence shows that
/// there was an earlier run, if anybody's does.
pub(crate) async fn remember<M: Default + DeserializeOwned>(
    store: &Store,
    key: &str,
    ledger: Option<Verb>,
) -> Result<Remembered<M>, Failure> {
    let (version, loss) = match read(store, key).await? {
        Stored::Whole(memory, etag) => {
            return Ok(Remembered { memory, version: Some(etag), damage: None });
        }
        Stored::Damaged(etag, why) => (Some(etag), Loss::Unreadable(why)),
        Stored::Absent => (None, Loss::Absent),
    };
    let (deleted_at, earlier, memory) = match go_back(store, key).await {
        Ok((past, earlier, memory)) => (past.deleted_at, earlier, memory),
        Err(failure) if failure.retryable() => return Err(failure),
        Err(failure) => (None, Earlier::Unknown(failure.to_string()), None),
    };
    let ran_before = ran_before(store, ledger).await;
    let damage = lost::line(key, &loss, &Traces { deleted_at, earlier, ran_before });
    Ok(Remembered { memory: memory.unwrap_or_default(), version, damage })
}

/// The newest version that can be read. One that is refused isn't; where none is left to read, that is why.
async fn go_back<M: DeserializeOwned>(
    store: &Store,
    key: &str,
) -> Result<(Past, Earlier, Option<M>), Failure> {
    let past = store.past(key).await?;
    let mut refused = None;
    for version in &past.versions {
        let bytes = match store.get_version(key, version).await {
            Ok(bytes) => bytes,
            Err(failure) if failure.retryable() => return Err(failure),
            Err(failure) => {
                refused = Some(failure.to_string());
                continue;
            }
        };
        if let Some(memory) = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            let earlier = Earlier::From(version.written_at);
            return Ok((past, earlier, Some(memory)));
        }
    }
    let earlier = match (refused, past.versions.len()) {
        (Some(failure), _) => Earlier::Unknown(failure),
        (None, 0) => Earlier::Nothing,
        (None, count) => Earlier::Unreadable(count),
    };
    Ok((past, earlier, None))
}

async fn ran_before(store: &Store, ledger: Option<Verb>) -> Result<bool, String> {
    let Some(verb) = ledger else { return Ok(false) };
    let newest = evidence::newest_of(store, verb).await;
    newest.map(|(entries, _)| entries > 0).map_err(|failure| failure.to_string())
}

/// Writes over what was read and nothing else, unless it is there already. Nothing to remember is
/// remembered, too: a memory that isn't there would have been lost.
pub(crate) async fn keep<M: PartialEq + Serialize>(
    store: &Store,
    key: &str,
    before: Remembered<M>,
    next: &M,
) -> Result<(), Failure> {
    if before.is_stored(next) {
        return Ok(());
    }
    let bytes = serde_json::to_vec(next)
        .map_err(|error| Failure::invalid(format!("write {key}"), error.to_string()))?;
    match before.version {
        Some(etag) => store.replace(key, bytes, &etag).await.map(drop),
        None => match store.put_new(key, bytes).await? {
            Put::Written(_) => Ok(()),
            Put::AlreadyThere => Err(Failure::overtaken(format!("write {key}"))),
        },
    }
}
