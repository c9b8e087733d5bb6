//! Which recovery points are kept, which may go, and why: grandfather-father-son and its relatives.
//!
//! A pure function of (recovery points, rules, zone, now) over one group: the recovery points of one
//! source in one region, originals and copies apart. A point is kept if *any* rule keeps it, and one
//! point may serve several rules. No count and no window reads the clock: they are measured from the
//! newest eligible point, the anchor, so time alone never deletes anything. Taking the decision every
//! day or once a year leaves the same set, whatever came in between, as long as verdicts and rules
//! stay the same; only `expire_after`, which is there to delete by the clock, is outside that.
//!
//! Three things follow from "what is proven is never given up" and "a run never deletes what a later
//! one would keep", and go beyond the rules as they are usually written:
//! - The newest verified point is kept even with a `verified_floor` of 0.
//! - A window whose start would move back as the anchor moves on (at the end of a month, at a change
//!   of offset) begins at the earlier start already.
//! - A failed point's quarantine is counted from its verdict up to the anchor.

use jiff::Timestamp;

mod decide;
mod decision;
mod guard;
mod judge;
mod period;
mod reason;
mod rules;
mod tier;
mod window;

pub use decide::{decide, fates};
pub use decision::{Decision, Decisions, Fate, GuardStatus};
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
    Fail {
        /// When that was found: its quarantine counts from here.
        at: Timestamp,
    },
}
