//! Which recovery points are kept, which may go, and why: grandfather-father-son and its relatives.
//!
//! A pure function of (recovery points, rules, zone, now) over one group: the recovery points of one
//! source in one region, originals and copies apart. A point is kept if *any* rule keeps it, and one
//! point may serve several rules. No count and no window reads the clock: they are measured from the
//! newest eligible point, the anchor, so time alone never deletes anything. Taking the decision every
//! day or once a year leaves the same set.

use jiff::Timestamp;

mod rules;

pub use rules::{Count, Guard, Retention};

/// A recovery point as retention sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point<'a> {
    /// Unique within the group.
    pub id: &'a str,
    /// The instant to which it restores.
    pub taken_at: Timestamp,
    /// The last verdict on it.
    pub verified: Verified,
    /// Ordered to be kept.
    pub held: bool,
    /// Why it must not even be counted, if so: in use, not available, not ours, …
    pub untouchable: Option<&'a str>,
}

/// What verification said of a recovery point. An inconclusive verification says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// Nothing yet.
    Unknown,
    /// It restores.
    Pass,
    /// It doesn't.
    Fail,
}

/// Placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Fate {
    Keep,
    Delete,
    Ignore,
}
/// Placeholder.
#[allow(missing_docs)]
pub struct Decision {
    pub id: String,
    pub fate: Fate,
    pub reasons: Vec<String>,
}
/// Placeholder.
#[allow(missing_docs)]
pub struct Decisions {
    pub decisions: Vec<Decision>,
    pub refusal: Option<crate::plan::Refusal>,
}
impl Decisions {
    /// Placeholder.
    pub fn deletes(&self, _: Option<&str>) -> Vec<&str> {
        Vec::new()
    }
}
/// Placeholder.
pub fn decide(_: &[Point<'_>], _: &Retention, _: &jiff::tz::TimeZone, _: Timestamp) -> Decisions {
    Decisions { decisions: Vec::new(), refusal: None }
}
