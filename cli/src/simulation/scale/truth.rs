//! What the account itself says at the end: what is there, what is missing, what should have gone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use snapkeep_policy::ids::{RdsArn, Region, ResourceId};
use snapkeep_policy::shard::Shard;
use snapkeep_policy::tags;
use snapkeep_policy::verb::Verb;
use snapkeep_world::{Snapshot, World};

use super::fleet;

/// The account at one instant.
pub struct Truth {
    /// Source resource id and name of every database that is to be protected, with its region.
    databases: Vec<(String, String, Region)>,
    snapshots: Vec<Snapshot>,
}

impl Truth {
    pub fn of(world: &World, regions: &[Region]) -> Self {
        let databases = regions.iter().flat_map(|region| world.databases(region));
        let databases = databases.filter(|database| database.member_of.is_none());
        let named = |it: snapkeep_world::Database| {
            (it.resource_id.clone(), it.id().to_owned(), it.arn.region)
        };
        Self {
            databases: databases.map(named).collect(),
            snapshots: regions.iter().flat_map(|region| world.snapshots(region)).collect(),
        }
    }

    pub fn addresses(&self) -> BTreeSet<RdsArn> {
        self.snapshots.iter().map(|snapshot| snapshot.arn.clone()).collect()
    }

    /// Available originals (of create) or copies (of copy) of `slot` that aren't there, of all shards or
    /// one.
    pub fn missing(&self, verb: Verb, slot: Timestamp, shard: Option<Shard>) -> Vec<String> {
        let (copies, slot) = (verb == Verb::Copy, slot.to_string());
        let of_slot = self.snapshots.iter().filter(|it| {
            it.status == "available"
                && it.tags.get(tags::SLOT) == Some(&slot)
                && it.tags.contains_key(tags::COPY_OF) == copies
        });
        let there: BTreeSet<&str> = of_slot.map(|it| it.resource_id.as_str()).collect();
        let is_asked_for = |source: &str| {
            let source: Option<ResourceId> = source.parse().ok();
            shard.is_none_or(|shard| source.is_none_or(|source| shard.has(&source)))
        };
        let missing = self.databases.iter().filter(|(source, ..)| !there.contains(source.as_str()));
        let missing = missing.filter(|(source, ..)| is_asked_for(source));
        let what = if copies { "the copy" } else { "the recovery point" };
        missing.map(|(_, id, region)| format!("{what} of {id} in {region}")).collect()
    }

    /// Recovery points beyond what the policy keeps of each database in each region.
    pub fn surplus(&self, recovery_points: u32) -> usize {
        let (originals, copies) = fleet::divided(recovery_points);
        let mut groups: BTreeMap<(&str, bool), usize> = BTreeMap::new();
        for it in &self.snapshots {
            let is_copy = it.tags.contains_key(tags::COPY_OF);
            *groups.entry((it.resource_id.as_str(), is_copy)).or_default() += 1;
        }
        let kept = |is_copy| if is_copy { copies.max(1) } else { originals } as usize;
        groups.into_iter().map(|((_, is_copy), count)| count.saturating_sub(kept(is_copy))).sum()
    }
}
