//! What snapkeep writes on the things it owns. State lives where the thing lives: these tags are
//! the only memory that create, copy, verify and prune have.
//!
//! Only plain values are stored. AWS allows letters, digits, space and `_ . : / = + -` in DocumentDB
//! tags (RDS also `@`), 128 characters a key and 256 a value, 50 tags a resource.
//! Source: RDS and DocumentDB API references, `Tag` and `AddTagsToResource`.
//!
//! Tags are untrusted input: whoever may tag a snapshot may write these. So a tag alone never makes
//! anything deletable: see [`crate::recovery_point`] for what must agree.

use std::fmt;
use std::iter::Map;
use std::ops::Index;
use std::slice;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// Tags of a resource: a map by key. A fleet has hundreds of thousands, and nearly all of them say what
/// their neighbours say, so they lie side by side and can share their texts: see [`Tags::alike`].
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tags(Vec<(Arc<str>, Arc<str>)>);

impl Tags {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the tag of this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.place(key).ok().map(|place| &*self.0[place].1)
    }

    /// Whether there is a tag of this key.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.place(key).is_ok()
    }

    /// Sets a tag. AWS has one of each key.
    pub fn insert(&mut self, key: impl Into<Arc<str>>, value: impl Into<Arc<str>>) {
        let (key, value) = (key.into(), value.into());
        match self.place(&key) {
            Ok(place) => self.0[place].1 = value,
            Err(place) => self.0.insert(place, (key, value)),
        }
    }

    /// Takes a tag away.
    pub fn remove(&mut self, key: &str) {
        if let Ok(place) = self.place(key) {
            self.0.remove(place);
        }
    }

    /// Keeps the tags for which this holds of key and value.
    pub fn retain(&mut self, mut holds: impl FnMut(&str, &str) -> bool) {
        self.0.retain(|(key, value)| holds(key, value));
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> Iter<'_> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same tags, which share the texts that these `others` have in the same place.
    #[must_use]
    pub fn alike(mut self, others: &Self) -> Self {
        for ((key, value), (other_key, other_value)) in self.0.iter_mut().zip(&others.0) {
            if key == other_key {
                *key = other_key.clone();
            }
            if value == other_value {
                *value = other_value.clone();
            }
        }
        self
    }

    fn place(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| (**own).cmp(key))
    }
}

/// Keys and values.
pub type Iter<'a> =
    Map<slice::Iter<'a, (Arc<str>, Arc<str>)>, fn(&'a (Arc<str>, Arc<str>)) -> (&'a str, &'a str)>;

impl<'a> IntoIterator for &'a Tags {
    type Item = (&'a str, &'a str);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl IntoIterator for Tags {
    type Item = (Arc<str>, Arc<str>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<K: Into<Arc<str>>, V: Into<Arc<str>>> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(tags: I) -> Self {
        let mut all = Self::new();
        all.extend(tags);
        all.0.shrink_to_fit();
        all
    }
}

impl<K: Into<Arc<str>>, V: Into<Arc<str>>, const N: usize> From<[(K, V); N]> for Tags {
    fn from(tags: [(K, V); N]) -> Self {
        tags.into_iter().collect()
    }
}

impl<K: Into<Arc<str>>, V: Into<Arc<str>>> Extend<(K, V)> for Tags {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, tags: I) {
        tags.into_iter().for_each(|(key, value)| self.insert(key, value));
    }
}

impl Index<&str> for Tags {
    type Output = str;

    /// The value of a tag that is known to be there.
    fn index(&self, key: &str) -> &str {
        self.get(key).expect("the tag is there")
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// The deployment that made it: [`crate::ids::Deployment`].
pub const OWNER: &str = "snapkeep:owner";
/// The policy under which it was made: [`crate::ids::PolicyName`].
pub const POLICY: &str = "snapkeep:policy";
/// The slot's instant, RFC 3339 in UTC. It is the recovery point's age, in every region:
/// `SnapshotCreateTime` changes when a snapshot is copied.
pub const SLOT: &str = "snapkeep:slot";
/// The name given by an on-demand request; absent on scheduled recovery points.
pub const REQUEST: &str = "snapkeep:request";
/// ARN of the database that was snapshotted.
pub const DATABASE: &str = "snapkeep:database";
/// Resource id of the database that was snapshotted: [`crate::ids::ResourceId`].
pub const SOURCE: &str = "snapkeep:source";
/// On a copy: ARN of the snapshot it was made from.
pub const COPY_OF: &str = "snapkeep:copy-of";
/// Legal hold: any value but `released` keeps the recovery point and its copies.
pub const HOLD: &str = "snapkeep:hold";
/// The value of [`HOLD`] that ends a hold. (prune holds no permission to remove a tag.)
pub const HOLD_RELEASED: &str = "released";
/// Verdict of the last verification of this very ARN: `pass`, `fail` or `inconclusive`.
/// Only verify may write it.
pub const VERDICT: &str = "snapkeep:verdict";
/// When that verdict was reached, RFC 3339 in UTC.
pub const VERDICT_AT: &str = "snapkeep:verdict-at";
/// What a verdict other than `pass` is about: see [`crate::recovery_point::Cause`]. `none` for a pass,
/// because verify holds no permission to remove a tag.
pub const VERDICT_CAUSE: &str = "snapkeep:verdict-cause";
/// Seconds from the request of the restore to the database's first answer; `none` if it never did.
pub const VERDICT_RTO: &str = "snapkeep:verdict-rto";
/// On a database: the outcome of the last rehearsed restore of its automated backups to a point in
/// time. Not [`VERDICT`]: AWS may copy a database's tags to its snapshots.
pub const REHEARSAL: &str = "snapkeep:rehearsal";
/// When that was, RFC 3339 in UTC.
pub const REHEARSAL_AT: &str = "snapkeep:rehearsal-at";
/// The tags of a verdict: they speak of one ARN, so no copy carries them along.
pub const OF_VERDICT: [&str; 4] = [VERDICT, VERDICT_AT, VERDICT_CAUSE, VERDICT_RTO];
/// On a scratch database: the deployment that made it. Together with the identifier's prefix it is
/// what allows a teardown.
pub const SCRATCH: &str = "snapkeep:scratch";
/// On a scratch database: ARN of the recovery point that is being verified.
pub const SCRATCH_OF: &str = "snapkeep:scratch-of";
/// On a scratch database: when the restore was requested, RFC 3339 in UTC.
pub const STARTED: &str = "snapkeep:started";
/// On a scratch database: the instant to which it was restored, RFC 3339 in UTC. Where there is one,
/// [`SCRATCH_OF`] names the database whose automated backups were restored.
pub const RESTORED_TO: &str = "snapkeep:restored-to";
/// On a scratch database: when its master password was set, RFC 3339 in UTC. Until then nobody can
/// log in to it but who could in production.
pub const PASSWORD_SET: &str = "snapkeep:password-set";
/// On a scratch database: after this instant it is torn down whatever else fails.
pub const DEADLINE: &str = "snapkeep:deadline";

/// On a guest: the AWS Backup restore job that made it, [`crate::ids::RestoreJobId`].
pub const RESTORE_JOB: &str = "snapkeep:restore-job";
/// On a guest: when AWS Backup was told the verdict, RFC 3339 in UTC. It can be told only once.
pub const VALIDATED: &str = "snapkeep:validated";
/// What AWS Backup puts on everything that its restore testing makes.
/// Source: AWS Backup Developer Guide, "Restore testing".
pub const RESTORE_TEST: &str = "awsbackup-restore-test";

/// Whether AWS accepts `text` in a tag of every engine: DocumentDB's pattern is the narrower one.
#[must_use]
pub fn is_allowed(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '.' | ':' | '/' | '=' | '+' | '-'))
}
