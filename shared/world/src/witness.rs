//! Watching a world from outside: who sees every call, and the account as it truly is.

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;

use crate::bucket::Bucket;
use crate::faults::Occurrence;
use crate::model::{Database, Place, Snapshot};
use crate::query::Params;
use crate::sns::Message;
use crate::state::State;

/// Sees every call, before and after its effect. It may not change anything, nor call the world.
pub trait Witness: Send {
    /// A call has come in. Whether a fault strikes it isn't decided yet.
    fn before(&mut self, call: &Seen<'_>, truth: Truth<'_>);
    /// The call has had its effect, if it has any. Whether it was answered, whole and well.
    fn after(&mut self, call: &Seen<'_>, answered: bool, truth: Truth<'_>);
}

/// A call, as it came in.
#[derive(Debug)]
pub struct Seen<'a> {
    /// As [`crate::World::calls`] names it.
    pub operation: &'a str,
    /// Whose call, and in which region.
    pub place: &'a Place,
    params: Params,
}

impl<'a> Seen<'a> {
    pub(crate) fn of(operation: &'a str, place: &'a Place, params: &Params) -> Self {
        Self { operation, place, params: params.clone() }
    }

    /// A parameter of an RDS or SNS call.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name)
    }
}

/// Everything there is, in all accounts and regions.
#[derive(Clone, Copy)]
pub struct Truth<'a>(&'a State);

impl fmt::Debug for Truth<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Truth").field(&self.now()).finish()
    }
}

impl<'a> Truth<'a> {
    pub(crate) fn new(state: &'a State) -> Self {
        Self(state)
    }

    /// The virtual time.
    #[must_use]
    pub fn now(self) -> Timestamp {
        self.0.now()
    }

    /// What has struck so far, in order.
    #[must_use]
    pub fn occurrences(self) -> &'a [Occurrence] {
        &self.0.faults.occurrences
    }

    /// All snapshots.
    pub fn snapshots(self) -> impl Iterator<Item = &'a Snapshot> {
        self.0.places.values().flat_map(|locality| locality.snapshots.values())
    }

    /// All databases, instances of clusters included.
    pub fn databases(self) -> impl Iterator<Item = &'a Database> {
        self.0.places.values().flat_map(|locality| locality.databases.values())
    }

    /// Whether a key can be used.
    #[must_use]
    pub fn is_enabled(self, key: &str) -> bool {
        let keys = self.0.places.values().flat_map(|locality| &locality.keys);
        keys.into_iter().any(|known| known.arn == key && known.enabled)
    }

    /// All messages that were published, oldest first.
    #[must_use]
    pub fn messages(self) -> &'a [Message] {
        &self.0.messages
    }

    /// All objects of a bucket: key and content.
    pub fn objects(self, bucket: &str) -> impl Iterator<Item = (&'a str, &'a Bytes)> {
        let objects = self.0.buckets.get(bucket).into_iter().flat_map(Bucket::objects);
        objects.map(|(key, object)| (key.as_str(), &object.body))
    }

    /// An object's content.
    #[must_use]
    pub fn object(self, bucket: &str, key: &str) -> Option<&'a Bytes> {
        Some(&self.0.buckets.get(bucket)?.objects().get(key)?.body)
    }
}

/// Whoever watches, in a place of the state that can be printed.
pub(crate) struct Watcher(pub Box<dyn Witness>);

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher")
    }
}
