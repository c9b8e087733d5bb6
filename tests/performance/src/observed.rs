//! The fleet as a run of a function would have seen it.

use jiff::Timestamp;
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::{RdsArn, Region};
use snapkeep_policy::inventory::{
    Database, Engine, Observation, Quotas, RegionInventory, RegionView, Shape, Snapshot, Status,
};
use snapkeep_policy::tags::{self, Tags};

use crate::{AWAY, HOME, Slots, TAG, named_and_tagged};

const ROOM: Quotas = Quotas { cluster_snapshots_max: u32::MAX, instance_snapshots_max: u32::MAX };

/// So many databases, each with the recovery points of `slots`, in the order in which AWS lists them.
///
/// # Panics
/// Never: its names are literals with a number.
#[must_use]
pub fn fleet(document: &PolicyDocument, slots: &Slots, databases: usize) -> Observation {
    let (mut home, mut away) = (RegionInventory::default(), RegionInventory::default());
    for number in 0..databases {
        let database = database(number);
        for taken_at in &slots.originals {
            home.snapshots.push(original(document, &database, *taken_at));
        }
        for taken_at in &slots.copies {
            away.snapshots.push(copy(original(document, &database, *taken_at)));
        }
        home.databases.push(database);
    }
    let seen = [(HOME, home), (AWAY, away)].map(|(name, mut inventory)| {
        inventory.snapshots.sort_by(|a, b| a.arn.cmp(&b.arn));
        share(&mut inventory.snapshots);
        inventory.quotas = Some(ROOM);
        (region(name), RegionView::Seen(inventory))
    });
    Observation { account: None, regions: seen.into(), clock_skew: None }
}

fn region(name: &str) -> Region {
    name.parse().expect("a literal")
}

fn database(number: usize) -> Database {
    let id = format!("service-{number:05}-database");
    Database {
        arn: format!("arn:aws:rds:{HOME}:123456789012:db:{id}").parse().expect("an ARN"),
        resource_id: format!("db-{number:026}").parse().expect("a resource id"),
        shape: Shape::Instance,
        engine: Engine::Postgres,
        engine_version: "16.8".to_owned(),
        status: Status::Available,
        member_of: None,
        members: Vec::new(),
        created_at: Some(Timestamp::UNIX_EPOCH),
        latest_restorable_at: None,
        earliest_restorable_at: None,
        automated_retention_days: 7,
        backup_window: None,
        encrypted: true,
        deletion_protection: true,
        publicly_accessible: false,
        security_groups: vec!["sg-prod".to_owned()],
        endpoint: None,
        master_user: Some("root".to_owned()),
        initial_database: None,
        tags: Tags::from([(TAG.0.to_owned(), TAG.1.to_owned())]),
    }
}

fn original(document: &PolicyDocument, database: &Database, taken_at: Timestamp) -> Snapshot {
    let Database { arn, resource_id, .. } = database;
    let (id, tags) = named_and_tagged(arn, resource_id, &document.deployment, taken_at);
    Snapshot {
        arn: snapshot_arn(&id),
        shape: database.shape,
        engine: database.engine,
        engine_version: database.engine_version.clone().into(),
        status: Status::Available,
        database_id: database.id().into(),
        resource_id: Some(resource_id.clone()),
        created_at: Some(taken_at),
        data_at: Some(taken_at),
        progress_percent: Some(100),
        encrypted: true,
        kms_key: Some("arn:aws:kms:us-west-2:123456789012:key/1".into()),
        storage_gib: 100,
        source_arn: None,
        option_group: None,
        tags,
    }
}

fn snapshot_arn(id: &str) -> RdsArn {
    format!("arn:aws:rds:{HOME}:123456789012:snapshot:{id}").parse().expect("an ARN")
}

/// They share what they have in common, as those do that were listed.
fn share(snapshots: &mut [Snapshot]) {
    for place in 1..snapshots.len() {
        snapshots[place] = snapshots[place].clone().alike(&snapshots[place - 1]);
    }
}

/// The copy of an original, in the other region.
fn copy(original: Snapshot) -> Snapshot {
    let mut copy = original;
    copy.source_arn = Some(copy.arn.clone());
    copy.tags.insert(tags::COPY_OF.to_owned(), copy.arn.to_string());
    copy.arn.region = region(AWAY);
    copy
}
