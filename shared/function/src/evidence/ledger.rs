//! One verb's ledger: numbered entries, each naming the hash of the one before it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use snapkeep_aws::store::{Put, Store};
use snapkeep_aws::{Failure, FailureClass};
use snapkeep_policy::verb::Verb;

/// Version of what an entry looks like: `schemas/evidence.schema.json`. Fields are only ever added.
const FORMAT_VERSION: u32 = 1;
/// Keys count down from here.
const SEQUENCE_MAX: u32 = 999_999_999;
/// A writer that is overtaken so often isn't racing with runs of ours.
pub const TRIES_MAX: u32 = 16;

/// An entry as it is written.
#[derive(Debug, Serialize, Deserialize)]
pub struct Entry<R = Box<RawValue>> {
    /// Of the format. Entries from before it was written have none, and the same form.
    #[serde(default = "format_version")]
    pub version: u32,
    /// 1 is the first.
    pub sequence: u32,
    /// SHA-256 of the bytes of the entry before it, 64 hexadecimal digits; zeros in the first one.
    pub previous: String,
    /// The instant at which the run decided that wrote it.
    pub at: Timestamp,
    /// What is recorded.
    pub name: String,
    /// The record.
    pub record: R,
}

fn format_version() -> u32 {
    FORMAT_VERSION
}

/// Where a chain doesn't hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("entry {sequence} ({key}) {flaw}")]
pub struct Broken {
    /// The entry's number.
    pub sequence: u32,
    /// The object that is, or should be, the entry.
    pub key: String,
    /// What is wrong with it.
    pub flaw: Flaw,
    /// The seal that tells it, as the number of an entry of alarm's, if it takes one to see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed_by: Option<u32>,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// There is none.
    Missing,
    /// What is there isn't an entry of this number.
    Unreadable,
    /// It isn't the one behind which the next entry was written: altered, or one of two branches.
    Altered,
    /// It doesn't name the one before it, and nothing vouches for either: one of the two was altered.
    Unlinked,
    /// It isn't the one that was sealed: the chain was written anew.
    Replaced,
    /// A seal knows it, or a later one, and it is gone with all that came after it.
    CutOff,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::Unreadable => "is no entry of this number",
            Self::Altered => "isn't what it was when the next entry was written",
            Self::Unlinked => "doesn't fit the entry before it",
            Self::Replaced => "isn't what it was when it was sealed",
            Self::CutOff => "was sealed and is cut off, with all that came after it",
        })
    }
}

impl Broken {
    pub(super) fn new(verb: Verb, sequence: u32, flaw: Flaw) -> Self {
        Self { sequence, key: key(verb, sequence), flaw, sealed_by: None }
    }

    pub(super) fn sealed_by(self, sealed_by: Option<u32>) -> Self {
        Self { sealed_by, ..self }
    }

    pub(super) fn refuses(&self) -> Failure {
        Failure::damaged(&self.key, self.to_string())
    }
}

/// An entry that was read.
#[derive(Debug)]
pub struct Link {
    /// What it says.
    pub entry: Entry,
    /// By which the next one names it.
    pub sha256: String,
}

impl Link {
    fn parse(verb: Verb, sequence: u32, bytes: &[u8]) -> Result<Self, Broken> {
        let entry: Option<Entry> = serde_json::from_slice(bytes).ok();
        let at_home = |entry: &Entry| {
            entry.sequence == sequence && (sequence > 1 || entry.previous == Tip::start().sha256)
        };
        match entry.filter(at_home) {
            Some(entry) => Ok(Self { entry, sha256: sha256(bytes) }),
            None => Err(Broken::new(verb, sequence, Flaw::Unreadable)),
        }
    }

    /// The same, if it is the one that the next entry names; the newest one nobody names.
    pub fn named(self, verb: Verb, by_the_next: Option<&str>) -> Result<Self, Broken> {
        if by_the_next.is_some_and(|sha256| sha256 != self.sha256) {
            return Err(Broken::new(verb, self.entry.sequence, Flaw::Altered));
        }
        Ok(self)
    }

    pub fn tip(self) -> Tip {
        Tip { sequence: self.entry.sequence, sha256: self.sha256 }
    }
}

/// What a new entry goes behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    pub sequence: u32,
    pub sha256: String,
}

impl Tip {
    /// Before the first entry.
    pub fn start() -> Self {
        Self { sequence: 0, sha256: "0".repeat(64) }
    }
}

/// What is to be written, wherever it will stand.
#[derive(Debug)]
pub struct Draft<'a> {
    pub at: Timestamp,
    pub name: &'a str,
    pub record: Box<RawValue>,
}

impl Draft<'_> {
    fn behind(&self, tip: &Tip) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Entry {
            version: FORMAT_VERSION,
            sequence: tip.sequence + 1,
            previous: tip.sha256.clone(),
            at: self.at,
            name: self.name.to_owned(),
            record: &self.record,
        })
    }
}

/// Entry by entry into the past, as far as the chain holds.
#[derive(Debug)]
pub struct Walk<'s> {
    store: &'s Store,
    verb: Verb,
    /// How many entries are left.
    left: u32,
    named: Option<String>,
}

impl<'s> Walk<'s> {
    /// From the newest entry on.
    pub async fn start(store: &'s Store, verb: Verb) -> Result<Self, Failure> {
        Ok(Self { store, verb, left: newest(store, verb).await?, named: None })
    }

    /// The next older entry; `None` at the end, and where the chain is broken: what lies behind a
    /// break proves nothing.
    pub async fn next(&mut self) -> Result<Option<Entry>, Failure> {
        if self.left == 0 {
            return Ok(None);
        }
        let read = read(self.store, self.verb, self.left).await?;
        let Ok(link) = read.and_then(|link| link.named(self.verb, self.named.as_deref())) else {
            self.left = 0;
            return Ok(None);
        };
        self.left -= 1;
        self.named = Some(link.entry.previous.clone());
        Ok(Some(link.entry))
    }
}

/// Number of the newest entry; 0 when there is none.
///
/// # Errors
/// As the store, and when something else lies where the newest entry should be.
pub async fn newest(store: &Store, verb: Verb) -> Result<u32, Failure> {
    match store.first(&prefix(verb)).await? {
        Some(first) => newest_at(verb, &first),
        None => Ok(0),
    }
}

/// The numbers of the entries that are there, the newest first. A number is only what a key says: one
/// that is forged may promise a thousand million entries before it, but it can't put them there.
///
/// # Errors
/// As [`newest`].
pub async fn present(store: &Store, verb: Verb) -> Result<Vec<u32>, Failure> {
    let keys = store.keys(&prefix(verb)).await?;
    if let Some(first) = keys.first() {
        newest_at(verb, first)?;
    }
    // What is none of ours further down hides nothing.
    Ok(keys.iter().filter_map(|key| sequence(verb, key)).collect())
}

fn newest_at(verb: Verb, first: &str) -> Result<u32, Failure> {
    let hides = || Failure::damaged(first, "it is none of ours and hides the ledger");
    sequence(verb, first).ok_or_else(hides)
}

/// The number of the entry that has this key, if it can be an entry's.
fn sequence(verb: Verb, name: &str) -> Option<u32> {
    let countdown = name.strip_prefix(&prefix(verb))?.strip_suffix(".json")?.parse().ok()?;
    let sequence = SEQUENCE_MAX.checked_sub(countdown).filter(|_| countdown > 0)?;
    (sequence > 0 && key(verb, sequence) == name).then_some(sequence)
}

/// An entry, or how the chain is broken there.
pub async fn read(
    store: &Store,
    verb: Verb,
    sequence: u32,
) -> Result<Result<Link, Broken>, Failure> {
    Ok(match store.get(&key(verb, sequence)).await? {
        Some((bytes, _)) => Link::parse(verb, sequence, &bytes),
        None => Err(Broken::new(verb, sequence, Flaw::Missing)),
    })
}

/// Where the next entry goes.
pub async fn tip(store: &Store, verb: Verb) -> Result<Tip, Failure> {
    match newest(store, verb).await? {
        0 => Ok(Tip::start()),
        sequence => {
            let read = read(store, verb, sequence).await?;
            Ok(read.map_err(|broken| broken.refuses())?.tip())
        }
    }
}

/// Writes an entry behind `tip`, or behind whatever others have written there meanwhile.
///
/// # Errors
/// As the store; [`FailureClass::PreconditionFailed`] when others were faster every time.
pub async fn write_behind(
    store: &Store,
    verb: Verb,
    mut tip: Tip,
    draft: &Draft<'_>,
) -> Result<Tip, Failure> {
    for _ in 0..TRIES_MAX {
        let sequence = tip.sequence + 1;
        let key = key(verb, sequence);
        let bytes = draft.behind(&tip).map_err(|error| unwritable(&key, &error))?;
        match settle(store, &key, &bytes).await? {
            Some(there) if there == bytes => return Ok(Tip { sequence, sha256: sha256(&bytes) }),
            Some(there) => {
                let faster = Link::parse(verb, sequence, &there);
                tip = faster.map_err(|broken| broken.refuses())?.tip();
            }
            None => {}
        }
    }
    Err(Failure::overtaken(format!("write {}", key(verb, tip.sequence + 1))))
}

/// Writes where nothing is, and says what is there then. Our own bytes mean success, also when an
/// earlier attempt wrote them and its answer was lost; nothing means that somebody else's write was
/// under way and came to nothing.
async fn settle(store: &Store, key: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
    match store.put_new(key, bytes.to_vec()).await {
        Ok(Put::Written(_)) => return Ok(Some(bytes.to_vec())),
        Ok(Put::AlreadyThere) => {}
        Err(failure) if failure.class == FailureClass::PreconditionFailed => {}
        Err(failure) => return Err(failure),
    }
    Ok(store.get(key).await?.map(|(there, _)| there))
}

/// The record can't be turned into JSON.
pub fn unwritable(subject: &str, error: &serde_json::Error) -> Failure {
    Failure::invalid(format!("write {subject}"), error.to_string())
}

/// Key of an entry: counts down, so that a listing begins with the newest.
pub fn key(verb: Verb, sequence: u32) -> String {
    format!("{}{:09}.json", prefix(verb), SEQUENCE_MAX - sequence)
}

fn prefix(verb: Verb) -> String {
    format!("evidence/{verb}/")
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
