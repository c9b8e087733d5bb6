//! The fleet: who is in it, what is wanted for it, and what there already is.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::{RdsArn, Region, ResourceId, Slot, recovery_point_id};
use snapkeep_policy::inventory::{Engine, Quotas};
use snapkeep_policy::tags;
use snapkeep_world::{Database, DatabaseSpec, SnapshotSpec, World};

use crate::simulation::Member;

/// The two regions; each holds the copies of the other.
pub const REGIONS: [&str; 2] = ["us-east-1", "us-west-2"];

/// A fleet of this size has had its quotas raised long ago.
pub const NO_QUOTA: Quotas =
    Quotas { cluster_snapshots_max: 1_000_000, instance_snapshots_max: 1_000_000 };

/// One database in so many is a cluster: AWS copies five of those at a time, and twenty instances.
const CLUSTER_EVERY: u32 = 10;

/// The slot is at two in the morning.
pub const SLOT: SignedDuration = SignedDuration::from_hours(2);

/// A policy for each region: `originals` of each database there, and copies in the other region.
pub fn policy(recovery_points: u32) -> String {
    let (originals, copies) = divided(recovery_points);
    let of = |home: &str, away: &str| {
        let key = format!("arn:aws:kms:{away}:123456789012:alias/snapkeep-{away}");
        let retention = json!({ "daily": copies.max(1) });
        json!({
            "select": { "tags": { "snapkeep:policy": home } },
            "schedules": ["cron(0 2 * * ? *)"],
            "retention": { "daily": originals },
            // Twenty slots for hundreds of copies: the last ones begin in the afternoon.
            "copies": [{ "region": away, "kms_key": key, "retention": retention,
                         "late_after": "PT20H" }],
        })
    };
    let [east, west] = REGIONS;
    let policies: Value = json!({ east: of(east, west), west: of(west, east) });
    let document = json!({ "version": 1, "deployment": "scale", "time_zone": "UTC",
                           "regions": REGIONS, "policies": policies });
    document.to_string()
}

/// Originals and copies of `recovery_points`; there is always an original.
pub fn divided(recovery_points: u32) -> (u32, u32) {
    let copies = recovery_points / 2;
    (recovery_points - copies, copies)
}

/// `databases` databases, half of them in each region.
pub fn members(databases: u32) -> Vec<Member> {
    let member = |n: u32| {
        let name = REGIONS[n as usize % 2];
        let id = format!("fleet-{n:04}");
        let spec = match n / 2 % CLUSTER_EVERY {
            0 => DatabaseSpec::cluster(Engine::Docdb, &id),
            _ => DatabaseSpec::instance(Engine::Postgres, &id),
        };
        let region: Region = region(name);
        Member { region, spec: spec.tag("snapkeep:policy", name) }
    };
    (0..databases).map(member).collect()
}

fn region(name: &str) -> Region {
    // The names above are regions; a test would see it if they weren't.
    name.parse().unwrap_or_else(|_| unreachable!("{name} is a region"))
}

/// The recovery points of the days before `start`, originals and copies.
pub fn add_history(
    world: &World,
    document: &PolicyDocument,
    start: Timestamp,
    recovery_points: u32,
) {
    let (originals, copies) = divided(recovery_points);
    for (home, away) in [(0, 1), (1, 0)] {
        let (home, away) = (region(REGIONS[home]), region(REGIONS[away]));
        let databases = world.databases(&home);
        for database in databases.iter().filter(|database| database.member_of.is_none()) {
            for day in 1..=originals {
                let slot = start + SLOT - SignedDuration::from_hours(24 * i64::from(day));
                let copy_to = (day <= copies).then_some(&away);
                add_point(world, document, database, slot, copy_to);
            }
        }
    }
}

fn add_point(
    world: &World,
    document: &PolicyDocument,
    database: &Database,
    slot: Timestamp,
    copy_to: Option<&Region>,
) {
    let Ok(source) = database.resource_id.parse::<ResourceId>() else { return };
    let scheduled = Slot::Scheduled(slot);
    let id = recovery_point_id(&document.deployment, database.id(), &source, &scheduled, 0);
    let spec = SnapshotSpec::manual(&id, slot)
        .tag(tags::OWNER, document.deployment.as_str())
        .tag(tags::POLICY, database.arn.region.as_str())
        .tag(tags::DATABASE, &database.arn.to_string())
        .tag(tags::SOURCE, &database.resource_id)
        .tag(tags::SLOT, &slot.to_string());
    let original: Option<RdsArn> = world.admin().create_snapshot(&database.arn, &spec);
    if let (Some(original), Some(region)) = (original, copy_to) {
        let of = (tags::COPY_OF, original.to_string());
        let at = (tags::STARTED, (slot + SignedDuration::from_hours(1)).to_string());
        world.admin().create_copy(&original, region, [of, at]);
    }
}
