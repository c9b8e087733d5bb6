//! What there was: every recovery point's life, read from the account itself once a day and around
//! every run of prune.

use std::collections::BTreeMap;

use jiff::Timestamp;
use snapkeep_policy::ids::{RdsArn, Region};
use snapkeep_policy::tags;
use snapkeep_world::{Snapshot, World};

/// The recovery points that ever were.
#[derive(Debug, Default)]
pub struct Log {
    pub points: BTreeMap<RdsArn, Life>,
}

/// One recovery point's life.
#[derive(Debug, Clone)]
pub struct Life {
    /// The database's identifier.
    pub database: String,
    /// The instant to which it restores.
    pub taken_at: Timestamp,
    /// The snapshot it was copied from, as its tag says.
    pub copy_of: Option<String>,
    /// Whether it was ever seen available.
    pub became_available: bool,
    /// When it was first missed, and whether a run of prune made the difference.
    pub gone: Option<Gone>,
}

/// How a recovery point ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    pub at: Timestamp,
    pub pruned: bool,
}

impl Log {
    /// Takes note of what is there now; what was there before is gone, by prune's hand or not.
    pub fn look(&mut self, world: &World, regions: &[Region], now: Timestamp, pruned: bool) {
        let snapshots: Vec<Snapshot> = regions.iter().flat_map(|r| world.snapshots(r)).collect();
        let present: BTreeMap<&RdsArn, &Snapshot> = snapshots.iter().map(|s| (&s.arn, s)).collect();
        for (arn, life) in &mut self.points {
            if life.gone.is_none() && !present.contains_key(arn) {
                life.gone = Some(Gone { at: now, pruned });
            }
        }
        for (arn, snapshot) in present {
            match self.points.get_mut(arn) {
                Some(life) => life.became_available |= snapshot.status == "available",
                None => {
                    self.points.extend(Life::of(snapshot).map(|life| (arn.clone(), life)));
                }
            }
        }
    }

    /// The copies among the recovery points of a slot, or the originals.
    pub fn of_slot(&self, slot: Timestamp, copies: bool) -> impl Iterator<Item = &Life> {
        let is_it = move |life: &&Life| life.taken_at == slot && life.copy_of.is_some() == copies;
        self.points.values().filter(is_it)
    }
}

impl Life {
    /// Of a snapshot that snapkeep tagged.
    fn of(snapshot: &Snapshot) -> Option<Self> {
        let taken_at = snapshot.tags.get(tags::SLOT)?.parse().ok()?;
        Some(Self {
            database: snapshot.database_id.clone(),
            taken_at,
            copy_of: snapshot.tags.get(tags::COPY_OF).map(str::to_owned),
            became_available: snapshot.status == "available",
            gone: None,
        })
    }
}
