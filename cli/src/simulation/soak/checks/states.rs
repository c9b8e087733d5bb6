//! What was made, said and left open: the recovery points, the verdicts, the alarms and the restored
//! databases, as they are after each call.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use snapkeep_policy::ids::{RdsArn, Region};
use snapkeep_policy::tags;
use snapkeep_world::{Database, Seen, Snapshot, Truth};

use super::{Inner, is_scratch, tag};
use crate::simulation::soak::small::SEALED_GROUP;

impl Inner {
    pub(super) fn note_made(&mut self, call: &Seen<'_>, truth: Truth<'_>) {
        let names = [
            "DBSnapshotIdentifier",
            "DBClusterSnapshotIdentifier",
            "TargetDBSnapshotIdentifier",
            "TargetDBClusterSnapshotIdentifier",
        ];
        let Some(id) = names.iter().find_map(|name| call.param(name)) else { return };
        let now = truth.now();
        let here = |it: &&Snapshot| {
            it.arn.id == id && it.arn.region == call.place.region && it.requested_at == now
        };
        // A stranger's of the same name bears no tags of ours, whenever it was made.
        let made = truth.snapshots().filter(here).find(|it| tag(it, tags::OWNER).is_some());
        let Some(made) = made else { return };
        self.made.insert(made.serial);
        self.check_proven(made, now);
    }

    /// VerifiedTrue: who is called proven, as it is tagged or from birth, was restored, was reached and has
    /// answered.
    pub(super) fn check_verdict(&mut self, call: &Seen<'_>, truth: Truth<'_>) {
        let Some(arn) = call.param("ResourceName").and_then(|arn| arn.parse::<RdsArn>().ok())
        else {
            return;
        };
        if let Some(it) = truth.snapshots().find(|it| it.arn == arn) {
            self.check_proven(it, truth.now());
        }
    }

    fn check_proven(&mut self, it: &Snapshot, now: Timestamp) {
        if tag(it, tags::VERDICT) == Some("pass") && !self.answered.contains(&it.arn) {
            let what = format!("{} is called proven and isn't", it.arn);
            self.broken("VerifiedTrue", now, &what);
        }
    }

    /// AlarmHonest: nothing is found to be over on half a picture of its region. What was found so
    /// earlier may still be told.
    pub(super) fn check_told(&mut self, call: &Seen<'_>, truth: Truth<'_>) {
        let told =
            call.param("Message").and_then(|body| serde_json::from_str::<Published>(body).ok());
        let Some(Published { snapkeep: told }) = told else { return };
        let is_unseen = |((_, region), whole): &(&(String, Region), &bool)| {
            !**whole && region.as_str() == told.region
        };
        let unseen = self.run.lists.iter().find(is_unseen).map(|((list, _), _)| list.clone());
        let is_new = told.resolved_at == Some(truth.now()) && !self.run.is_double;
        if let (true, Some(list)) = (is_new, unseen) {
            let (condition, region) = (&told.condition, &told.region);
            let what =
                format!("{condition} was called over though {list} of {region} had no answer");
            self.broken("AlarmHonest", truth.now(), &what);
        }
    }

    /// OnePerSlot: of what the functions made, one is live for each source, slot, region and class.
    pub(super) fn check_slots(&mut self, truth: Truth<'_>) {
        let mut seen = BTreeSet::new();
        let mut second = None;
        for it in truth.snapshots().filter(|it| it.status == "available" || it.status == "creating")
        {
            let Some(slot) = tag(it, tags::SLOT).filter(|_| self.made.contains(&it.serial)) else {
                continue;
            };
            if !seen.insert((&it.resource_id, &it.arn.region, slot)) {
                second = Some(format!("{} is a second one for slot {slot}", it.arn));
            }
        }
        if let Some(what) = second {
            self.broken("OnePerSlot", truth.now(), &what);
        }
    }

    /// ScratchSealed: nothing that was restored can be reached from outside, or passes for production.
    pub(super) fn check_scratch(&mut self, truth: Truth<'_>) {
        let mut open = None;
        let is_restored = |it: &&Database| is_scratch(it) || it.restored_from.is_some();
        for it in truth.databases().filter(is_restored).filter(|it| it.status != "deleting") {
            let groups = &it.security_groups;
            if it.publicly_accessible || groups.iter().any(|group| group != SEALED_GROUP) {
                open = Some(format!("{} can be reached from outside", it.arn));
            }
            if !it.tags.contains_key(tags::SCRATCH) {
                open = Some(format!("{} passes for production", it.arn));
            }
        }
        if let Some(what) = open {
            self.broken("ScratchSealed", truth.now(), &what);
        }
    }
}

/// What is read of a published message.
#[derive(Deserialize)]
struct Published {
    snapkeep: Told,
}

#[derive(Deserialize)]
struct Told {
    condition: String,
    region: String,
    resolved_at: Option<Timestamp>,
}
