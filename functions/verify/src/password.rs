//! The master password of a scratch database: drawn at random, once, and kept in the bucket until the
//! scratch database is gone.
//!
//! It has to outlive the run, because AWS takes a while to apply it, and it fits in no tag. Whoever
//! comes second finds it drawn, so that two runs at once set the same one. It opens nothing but a
//! sealed copy that lives for hours; the bucket encrypts it, and only verify may read below `scratch/`.

use serde::{Deserialize, Serialize};
use snapkeep_aws::Failure;
use snapkeep_aws::store::{Put, Store};
use snapkeep_database::Secret;

/// Bytes of randomness: 160 bits. In hexadecimal digits, every engine accepts them as a password: 8 to
/// 41 characters for MySQL, and none of those that AWS forbids.
/// Source: `ModifyDBInstance`, MasterUserPassword, RDS API reference.
const RANDOM_BYTES: usize = 20;

#[derive(Serialize, Deserialize)]
struct Drawn {
    password: String,
}

/// The password of a scratch database: the one that was drawn for it before, or a new one.
///
/// # Errors
/// As the store; [`snapkeep_aws::FailureClass::Invalid`] also when there is no randomness, or what was
/// stored can't be read.
pub(crate) async fn of(store: &Store, scratch_id: &str) -> Result<Secret, Failure> {
    if let Some(known) = known(store, scratch_id).await? {
        return Ok(known);
    }
    let key = key(scratch_id);
    let subject = || format!("draw the password of {scratch_id}");
    let drawn = draw().ok_or_else(|| Failure::invalid(subject(), "there is no randomness"))?;
    let bytes = serde_json::to_vec(&drawn).unwrap_or_default();
    match store.put_new(&key, bytes).await? {
        Put::Written(_) => Ok(Secret::new(drawn.password)),
        Put::AlreadyThere => {
            let gone = || Failure::overtaken(subject());
            known(store, scratch_id).await?.ok_or_else(gone)
        }
    }
}

/// The password that was drawn for a scratch database, if that is still known.
///
/// # Errors
/// As the store; [`snapkeep_aws::FailureClass::Invalid`] when what is stored can't be read.
pub(crate) async fn known(store: &Store, scratch_id: &str) -> Result<Option<Secret>, Failure> {
    let key = key(scratch_id);
    let Some((bytes, _)) = store.get(&key).await? else { return Ok(None) };
    let unreadable = "it isn't a password: delete that object, and another one is drawn";
    let known = parse(&bytes).ok_or_else(|| Failure::invalid(format!("read {key}"), unreadable));
    known.map(Some)
}

fn key(scratch_id: &str) -> String {
    format!("scratch/{scratch_id}.json")
}

fn parse(bytes: &[u8]) -> Option<Secret> {
    let drawn: Drawn = serde_json::from_slice(bytes).ok()?;
    (drawn.password.len() == RANDOM_BYTES * 2).then(|| Secret::new(drawn.password))
}

fn draw() -> Option<Drawn> {
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random).ok()?;
    Some(Drawn { password: random.iter().map(|byte| format!("{byte:02x}")).collect() })
}
