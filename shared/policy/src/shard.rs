//! Shards: one function's work, divided among several runs.
//!
//! A fleet can be larger than what one run gets through in its time. Then the function has several
//! schedules, each with a shard in its input, and each run carries out its part:
//!
//! ```json
//! { "verb": "create", "scheduled_at": "2026-03-04T02:00:00Z", "shard": { "index": 0, "of": 4 } }
//! ```
//!
//! A database belongs to a shard by its source resource id, which a rename doesn't change and which
//! the recovery points of a deleted database still bear: FNV-1a with 64 bits, its upper half folded
//! into the lower one (its low bits alone are a sum of low bits), modulo `of`. Nothing in it depends on
//! platform or version.
//!
//! Every shard sees the whole account and *decides for the whole fleet*; only what it hands back is
//! narrowed. So runs that look at the same time share what is scarce (slots for copies, room under a
//! quota, verifications at a time) without speaking to each other: all of them deal out the same places
//! in the same order, and each takes its own. Runs one after the other see what the former has begun.

use std::fmt;

use crate::ids::{ResourceId, fnv1a};

/// More schedules for one function than that would ask AWS for more lists than they save time.
pub const SHARDS_MAX: u32 = 16;

/// A part of the fleet: number `index`, counted from 0, of `of` parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    of: u32,
}

impl Shard {
    /// Part `index` of `of` parts, if there is such a part: `of` from 1 to [`SHARDS_MAX`], `index`
    /// below it.
    #[must_use]
    pub fn new(index: u64, of: u64) -> Option<Self> {
        let (index, of) = (u32::try_from(index).ok()?, u32::try_from(of).ok()?);
        ((1..=SHARDS_MAX).contains(&of) && index < of).then_some(Self { index, of })
    }

    /// Whether what belongs to the database of this resource id is this shard's.
    #[must_use]
    pub fn has(self, source: &ResourceId) -> bool {
        self.has_text(source.as_str())
    }

    /// The same for a resource id as a tag states it, legible or not: everything is somebody's.
    pub(crate) fn has_text(self, source: &str) -> bool {
        let hash = fnv1a(source);
        (hash ^ (hash >> 32)) % u64::from(self.of) == u64::from(self.index)
    }
}

/// As reports write it, counted from 1.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shard {} of {}", self.index + 1, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str, of: u32) -> u32 {
        let source: ResourceId = source.parse().unwrap();
        let mine: Vec<u32> =
            (0..of).filter(|index| Shard { index: *index, of }.has(&source)).collect();
        assert_eq!(mine.len(), 1, "{source} is in one shard of {of}, and in no other");
        mine[0]
    }

    #[test]
    fn a_database_stays_in_its_shard_in_every_version_and_on_every_platform() {
        // Reckoned by another program, from the definition above.
        for (source, of_2, of_4, of_7, of_16) in [
            ("cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0, 2, 1, 10),
            ("db-ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0, 2, 5, 10),
            ("db-2ZYXWVUTSRQPONMLKJIHGFEDCBA", 0, 0, 3, 8),
            ("db-A", 0, 2, 0, 6),
        ] {
            let got = (of(source, 2), of(source, 4), of(source, 7), of(source, 16));
            assert_eq!(got, (of_2, of_4, of_7, of_16), "{source}");
        }
    }

    #[test]
    fn shards_are_of_about_the_same_size() {
        for shards in [2, 3, 4, 8, 16] {
            let mut sizes = vec![0_u32; shards as usize];
            for n in 0..1_000_u32 {
                sizes[of(&format!("db-{:026}", n * 7), shards) as usize] += 1;
            }
            let fair = 1_000 / shards;
            let is_fair = |size: &u32| (fair / 2..fair * 2).contains(size);
            assert!(sizes.iter().all(is_fair), "{shards} shards: {sizes:?}");
        }
    }

    #[test]
    fn people_count_shards_from_one() {
        assert_eq!(Shard::new(0, 4).unwrap().to_string(), "shard 1 of 4");
        assert_eq!(Shard::new(3, 4).unwrap().to_string(), "shard 4 of 4");
    }

    #[test]
    fn there_is_no_shard_beyond_the_last_one() {
        for (index, of, is_there) in [
            (0, 1, true),
            (15, 16, true),
            (1, 1, false),
            (4, 4, false),
            (0, 0, false),
            (0, 17, false),
            (0, u64::MAX, false),
        ] {
            assert_eq!(Shard::new(index, of).is_some(), is_there, "{index} of {of}");
        }
    }
}
