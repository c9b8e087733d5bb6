//! What a bucket holds and held: like those of a deployment it keeps versions, so what is written over or
//! deleted can be read by its version's id. Of each key the newest of them are kept.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use jiff::Timestamp;

use crate::dice::fnv1a;

/// Earlier versions of one key that are kept: a run of years writes the same key again and again.
const EARLIER_MAX: usize = 20;

/// The objects of a bucket, by key, and what was there before them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bucket {
    objects: BTreeMap<String, Object>,
    /// The newest first.
    earlier: BTreeMap<String, VecDeque<Version>>,
}

/// An object in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its content.
    pub body: Bytes,
    /// When it was last written.
    pub written_at: Timestamp,
    /// Changes with the content; in quotation marks, as on the wire.
    pub etag: String,
}

/// What was done to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Version {
    Written(Object),
    /// A delete marker.
    Deleted(Timestamp),
}

impl Object {
    pub(crate) fn new(body: Bytes, written_at: Timestamp) -> Self {
        let text = String::from_utf8_lossy(&body);
        // AWS doesn't say what an ETag is made of; clients must compare it and no more.
        let (first, second) = (fnv1a(&text), fnv1a(&format!("{text}.")));
        Self { body, written_at, etag: format!("\"{first:016x}{second:016x}\"") }
    }
}

impl Version {
    /// Two of one key have the same only if they hold the same and were written at the same instant.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Written(object) => {
                let etag = object.etag.trim_matches('"');
                format!("{}.{etag}", object.written_at.as_millisecond())
            }
            Self::Deleted(at) => format!("{}.deleted", at.as_millisecond()),
        }
    }
}

impl Bucket {
    pub(crate) fn objects(&self) -> &BTreeMap<String, Object> {
        &self.objects
    }

    /// Writes an object, over whatever has its key.
    pub(crate) fn put(&mut self, key: String, object: Object) {
        if let Some(before) = self.objects.insert(key.clone(), object) {
            self.keep(key, Version::Written(before));
        }
    }

    /// Leaves a delete marker behind.
    pub(crate) fn delete(&mut self, key: &str, now: Timestamp) {
        if let Some(before) = self.objects.remove(key) {
            self.keep(key.to_owned(), Version::Written(before));
            self.keep(key.to_owned(), Version::Deleted(now));
        }
    }

    /// Takes away every trace of what a key held before.
    pub(crate) fn forget(&mut self, key: &str) {
        self.earlier.remove(key);
    }

    /// All versions of the keys that begin with `prefix`: by key, and of each the newest first.
    pub(crate) fn versions(&self, prefix: &str) -> Vec<(&str, Version)> {
        let keys = self.objects.keys().chain(self.earlier.keys());
        let mut keys: Vec<&str> = keys.map(String::as_str).collect();
        keys.retain(|key| key.starts_with(prefix));
        keys.sort_unstable();
        keys.dedup();
        let of = |key| {
            let current = self.objects.get(key).cloned().map(Version::Written);
            let earlier = self.earlier.get(key).into_iter().flatten().cloned();
            current.into_iter().chain(earlier).map(move |version| (key, version))
        };
        keys.into_iter().flat_map(of).collect()
    }

    fn keep(&mut self, key: String, version: Version) {
        let earlier = self.earlier.entry(key).or_default();
        earlier.push_front(version);
        earlier.truncate(EARLIER_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(body: &str, second: i64) -> Object {
        Object::new(Bytes::from(body.to_owned()), Timestamp::from_second(second).unwrap())
    }

    #[test]
    fn what_was_written_over_or_deleted_is_kept_the_newest_first_and_not_for_ever() {
        let mut bucket = Bucket::default();
        bucket.put("a".to_owned(), written("1", 1));
        bucket.put("a".to_owned(), written("2", 2));
        bucket.put("b".to_owned(), written("x", 2));
        let gone = Timestamp::from_second(3).unwrap();
        bucket.delete("a", gone);
        bucket.delete("nothing", gone);
        let versions = bucket.versions("");
        let expected = [
            ("a", Version::Deleted(gone)),
            ("a", Version::Written(written("2", 2))),
            ("a", Version::Written(written("1", 1))),
            ("b", Version::Written(written("x", 2))),
        ];
        assert_eq!(versions, expected);
        assert_eq!(bucket.versions("b").len(), 1);
        (4..100).for_each(|second| bucket.put("a".to_owned(), written("again", second)));
        assert_eq!(bucket.versions("a").len(), 1 + EARLIER_MAX);
        bucket.forget("a");
        assert_eq!(bucket.versions("a").len(), 1);
    }
}
