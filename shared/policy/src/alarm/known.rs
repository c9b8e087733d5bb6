//! The recovery points that were there at the last look, and those that vanished of late.
//!
//! A fleet has tens of thousands, and every run of alarm reads, compares and writes them all. So they are
//! kept by database and region, and what they have in common is said once: as one object for each, 61,000
//! came to 17 MB.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::{RdsArn, ResourceType};
use crate::inventory::{Shape, Status};
use crate::recovery_point::RecoveryPoint;
use crate::view::View;

/// Recovery points by the database that they are of, as its address would be in the region where they
/// are; and there by identifier.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Known(BTreeMap<RdsArn, BTreeMap<String, KnownPoint>>);

/// A recovery point that was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct KnownPoint {
    /// The instant to which it restored.
    pub taken_at: Timestamp,
    /// When AWS made it, if AWS said so: another one under the same name was made later.
    pub created_at: Option<Timestamp>,
    /// When it was found to be gone though prune hadn't deleted it.
    pub vanished_at: Option<Timestamp>,
}

/// `taken_at`, `created_at` and `vanished_at`.
type Written = (Timestamp, Option<Timestamp>, Option<Timestamp>);

impl Known {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Those that vanished, each with the identifier of its database.
    pub fn vanished(&self) -> impl Iterator<Item = (RdsArn, &str, &KnownPoint)> {
        let gone = self.points().filter(|(_, _, point)| point.vanished_at.is_some());
        gone.map(|(place, id, point)| (address(place, id), place.id.as_str(), point))
    }

    /// Whether this recovery point was there.
    pub(super) fn has(&self, point: &RecoveryPoint<'_>) -> bool {
        let place = self.0.get(&place(point));
        place.is_some_and(|points| points.contains_key(point.snapshot.id()))
    }

    /// Those that aren't there any more, in the regions that were seen: gone, or replaced by another of
    /// the same name. What vanished before isn't asked for again, and what was merely tampered with is
    /// still there.
    pub(super) fn missing(&self, view: &View<'_>) -> BTreeSet<RdsArn> {
        let mut present: BTreeMap<RdsArn, BTreeMap<&str, KnownPoint>> = BTreeMap::new();
        for (place, points) in by_place(view) {
            let settled = points.into_iter().filter(|point| is_settled(&point.snapshot.status));
            let settled = settled.map(|point| (point.snapshot.id(), KnownPoint::of(point)));
            present.insert(place, settled.collect());
        }
        let tampered: BTreeSet<&RdsArn> =
            view.tampered.iter().map(|(snapshot, _)| &snapshot.arn).collect();
        let mut missing = BTreeSet::new();
        for (place, points) in
            self.0.iter().filter(|(place, _)| view.seen.contains_key(&place.region))
        {
            let here = present.get(place);
            let is_here = |id: &String, point: &KnownPoint| {
                here.and_then(|here| here.get(id.as_str())).is_some_and(|now| point.is(now))
            };
            let gone =
                points.iter().filter(|(id, it)| it.vanished_at.is_none() && !is_here(id, it));
            missing.extend(gone.map(|(id, _)| address(place, id)));
        }
        missing.retain(|arn| !tampered.contains(arn));
        missing
    }

    /// Notes what is there. Where its namesake vanished, that is to be heard of first.
    pub(super) fn look(&mut self, view: &View<'_>) {
        for (place, points) in by_place(view) {
            let known = self.0.entry(place).or_default();
            for point in points.into_iter().filter(|point| point.is_available()) {
                let now = KnownPoint::of(point);
                match known.get_mut(point.snapshot.id()) {
                    Some(known) if known.is(&now) => *known = now,
                    Some(_) => {}
                    None => drop(known.insert(point.snapshot.id().to_owned(), now)),
                }
            }
        }
        self.0.retain(|_, points| !points.is_empty());
    }

    /// Keeps those for which this holds of their addresses.
    pub(super) fn retain(&mut self, mut holds: impl FnMut(&RdsArn, &mut KnownPoint) -> bool) {
        for (place, points) in &mut self.0 {
            points.retain(|id, point| holds(&address(place, id), point));
        }
        self.0.retain(|_, points| !points.is_empty());
    }

    /// Takes these over what is there.
    pub(super) fn extend(&mut self, others: Self) {
        for (place, points) in others.0 {
            self.0.entry(place).or_default().extend(points);
        }
    }

    fn points(&self) -> impl Iterator<Item = (&RdsArn, &str, &KnownPoint)> {
        self.0.iter().flat_map(|(place, points)| {
            points.iter().map(move |(id, point)| (place, id.as_str(), point))
        })
    }
}

impl KnownPoint {
    fn of(point: &RecoveryPoint<'_>) -> Self {
        Self { taken_at: point.taken_at, created_at: point.snapshot.created_at, vanished_at: None }
    }

    /// Whether it is the very same recovery point, if both have the same name.
    fn is(&self, other: &Self) -> bool {
        let differ = |(a, b): (Timestamp, Timestamp)| a != b;
        self.taken_at == other.taken_at
            && !self.created_at.zip(other.created_at).is_some_and(differ)
    }
}

impl From<Written> for KnownPoint {
    fn from((taken_at, created_at, vanished_at): Written) -> Self {
        Self { taken_at, created_at, vanished_at }
    }
}

impl From<KnownPoint> for Written {
    fn from(point: KnownPoint) -> Self {
        (point.taken_at, point.created_at, point.vanished_at)
    }
}

/// Where a recovery point is kept.
fn place(point: &RecoveryPoint<'_>) -> RdsArn {
    let resource = match point.shape() {
        Shape::Cluster => ResourceType::Cluster,
        Shape::Instance => ResourceType::Instance,
    };
    RdsArn { resource, id: point.database.id.clone(), ..point.snapshot.arn.clone() }
}

/// The address of a snapshot in its place.
fn address(place: &RdsArn, id: &str) -> RdsArn {
    RdsArn { resource: snapshot_type(place), id: id.to_owned(), ..place.clone() }
}

fn snapshot_type(place: &RdsArn) -> ResourceType {
    match place.resource {
        ResourceType::Cluster | ResourceType::ClusterSnapshot => ResourceType::ClusterSnapshot,
        ResourceType::Instance | ResourceType::InstanceSnapshot => ResourceType::InstanceSnapshot,
    }
}

/// The recovery points that are there, by place. One source may have several in a region: a database that
/// is renamed keeps its resource id, and its recovery points keep the name that it had.
fn by_place<'v>(view: &'v View<'_>) -> BTreeMap<RdsArn, Vec<&'v RecoveryPoint<'v>>> {
    let mut places: BTreeMap<RdsArn, Vec<&RecoveryPoint<'_>>> = BTreeMap::new();
    for points in view.recovery_points.values() {
        for region in view.seen.keys() {
            let here: Vec<_> = points.iter().filter(|point| point.region() == *region).collect();
            for named in here.chunk_by(|a, b| a.database.id == b.database.id) {
                places.entry(place(named[0])).or_default().extend(named);
            }
        }
    }
    places
}

/// Whether one that was available can be in this state: it is never made again, only replaced.
fn is_settled(status: &Status) -> bool {
    match status {
        Status::Available
        | Status::Stopped
        | Status::Misplaced(_)
        | Status::KeyInaccessible(_)
        | Status::Busy(_) => true,
        Status::Creating | Status::Copying | Status::Deleting | Status::Failed(_) => false,
    }
}

/// As it was written before recovery points were kept by database: each with its own address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Single {
    database: String,
    taken_at: Timestamp,
    #[serde(default)]
    created_at: Option<Timestamp>,
    #[serde(default)]
    vanished_at: Option<Timestamp>,
}

impl<'de> Deserialize<'de> for Known {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Known;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("recovery points by database")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Known, A::Error> {
        let mut known = Known::default();
        while let Some(arn) = map.next_key::<RdsArn>()? {
            let resource = match arn.resource {
                ResourceType::Cluster | ResourceType::Instance => {
                    known.0.insert(arn, map.next_value()?);
                    continue;
                }
                ResourceType::ClusterSnapshot => ResourceType::Cluster,
                ResourceType::InstanceSnapshot => ResourceType::Instance,
            };
            let Single { database, taken_at, created_at, vanished_at } = map.next_value()?;
            let id = arn.id.clone();
            let place = RdsArn { resource, id: database, ..arn };
            // It is written as an address, and the next run must be able to read it.
            let place = place.to_string().parse().map_err(A::Error::custom)?;
            let point = KnownPoint { taken_at, created_at, vanished_at };
            known.0.entry(place).or_default().insert(id, point);
        }
        Ok(known)
    }
}
