//! What goes wrong: at given times, or at random rates. Every fault that strikes is counted, so that
//! a test can tell that it tested something.

mod rates;
mod strikes;

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::ids::Region;

pub use rates::Rates;
pub use strikes::{FaultId, Occurrence};
pub(crate) use strikes::{FaultState, Site};

/// What can go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The call is refused with `Throttling`, before any effect.
    Throttle,
    /// The call is refused with this status and code, before any effect.
    Refuse {
        /// HTTP status.
        status: u16,
        /// The code on the wire, such as `AccessDenied` or `InternalFailure`.
        code: &'static str,
    },
    /// The connection fails, before any effect.
    Unreachable,
    /// The call has its effect, but its answer never arrives.
    LostAnswer,
    /// The call has its effect, and answers `InternalFailure`.
    ErrorAfterEffect,
    /// The connection breaks in the middle of the answer.
    BrokenAnswer,
    /// The answer ends in the middle and is framed as if it were whole, as behind a careless proxy.
    /// The SDK's XML parsers take half a list for all of it.
    TruncatedAnswer,
    /// A list fails at its second or a later page.
    BrokenPage,
    /// What the call makes is missing from lists and lookups for this long.
    LateVisibility(SignedDuration),
    /// The copy that is being asked for never finishes.
    StuckCopy,
    /// The copy that is being asked for ends as `failed`.
    FailedCopy,
    /// The snapshot that is being asked for ends as `failed`.
    FailedSnapshot,
    /// The restore that is being asked for ends as `incompatible-restore`.
    FailedRestore,
    /// The restore that is being asked for ends with this status, whatever it is.
    RestoreEnds(&'static str),
    /// No capacity for a restore or a new instance.
    NoCapacity,
    /// Keys can't be used: copies and restores of encrypted snapshots are refused.
    KeyDisabled,
    /// The region is down: some calls get 503, some don't connect.
    RegionOutage,
    /// The `Date` of the answers is off by this much; later if positive.
    ClockSkew(SignedDuration),
    /// A list or lookup of databases or snapshots shows them as they were so many changes ago, as far
    /// as [`crate::Options::changes_remembered`] goes.
    Stale(usize),
    /// The caller is killed before the call has its effect: no answer ever comes.
    KilledBefore,
    /// The caller is killed once the call has had its effect.
    KilledAfter,
}

impl FaultKind {
    /// Its name in counts and output.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Refuse { .. } => "refuse",
            Self::Unreachable => "unreachable",
            Self::LostAnswer => "lost-answer",
            Self::ErrorAfterEffect => "error-after-effect",
            Self::BrokenAnswer => "broken-answer",
            Self::TruncatedAnswer => "truncated-answer",
            Self::BrokenPage => "broken-page",
            Self::LateVisibility(_) => "late-visibility",
            Self::StuckCopy => "stuck-copy",
            Self::FailedCopy => "failed-copy",
            Self::FailedSnapshot => "failed-snapshot",
            Self::FailedRestore => "failed-restore",
            Self::NoCapacity => "no-capacity",
            Self::KeyDisabled => "key-disabled",
            Self::RegionOutage => "region-outage",
            Self::ClockSkew(_) => "clock-skew",
            Self::RestoreEnds(_) => "restore-ends",
            Self::Stale(_) => "stale",
            Self::KilledBefore => "killed-before",
            Self::KilledAfter => "killed-after",
        }
    }

    /// At which moment of a call it strikes.
    fn moment(&self) -> Moment {
        match self {
            Self::Throttle
            | Self::Refuse { .. }
            | Self::Unreachable
            | Self::RegionOutage
            | Self::KilledBefore => Moment::Before,
            Self::LostAnswer
            | Self::ErrorAfterEffect
            | Self::KilledAfter
            | Self::BrokenAnswer
            | Self::TruncatedAnswer => Moment::After,
            Self::BrokenPage => Moment::NextPage,
            Self::LateVisibility(_) => Moment::Made,
            Self::StuckCopy | Self::FailedCopy => Moment::Copy,
            Self::FailedSnapshot => Moment::Snapshot,
            Self::FailedRestore | Self::RestoreEnds(_) => Moment::Restore,
            Self::Stale(_) => Moment::Look,
            Self::NoCapacity => Moment::Capacity,
            Self::KeyDisabled => Moment::Key,
            Self::ClockSkew(_) => Moment::Date,
        }
    }
}

/// The moments of a call at which something can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    NextPage,
    Key,
    Capacity,
    Made,
    Snapshot,
    Copy,
    Restore,
    Look,
    After,
    Date,
}

/// A fault at a given time. Without limits it strikes every call, for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Only in this region.
    pub region: Option<Region>,
    /// Only on this operation, as [`crate::World::calls`] names it (`rds:CopyDBSnapshot`), or on
    /// a whole service (`sns:*`).
    pub operation: Option<String>,
    /// Not before this instant.
    pub from: Timestamp,
    /// Not at or after this instant.
    pub until: Timestamp,
    /// At most so many times.
    pub times: Option<u64>,
    /// Only on the call of this number, counted from the world's first.
    pub call: Option<u64>,
}

impl Fault {
    /// A fault without limits.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        let (from, until) = (Timestamp::MIN, Timestamp::MAX);
        Self { kind, region: None, operation: None, from, until, times: None, call: None }
    }

    /// Everything in S3 or SNS refused with 503: `service` as in [`crate::World::calls`].
    #[must_use]
    pub fn service_down(service: &str) -> Self {
        let kind = FaultKind::Refuse { status: 503, code: "ServiceUnavailable" };
        Self::new(kind).on(&format!("{service}:*"))
    }

    /// Only in `region`.
    #[must_use]
    pub fn in_region(mut self, region: &Region) -> Self {
        self.region = Some(region.clone());
        self
    }

    /// Only on `operation`: see [`Fault::operation`].
    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// From `from` until just before `until`.
    #[must_use]
    pub fn between(mut self, from: Timestamp, until: Timestamp) -> Self {
        (self.from, self.until) = (from, until);
        self
    }

    /// At most `times` times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Only on call number `call`.
    #[must_use]
    pub fn at_call(mut self, call: u64) -> Self {
        self.call = Some(call);
        self
    }

    fn covers(&self, site: &Site<'_>) -> bool {
        let operation = self.operation.as_deref().is_none_or(|wanted| {
            wanted
                .strip_suffix('*')
                .map_or(wanted == site.operation, |service| site.operation.starts_with(service))
        });
        let region = self.region.as_ref().is_none_or(|region| region == site.region);
        let call = self.call.is_none_or(|call| call == site.call);
        operation && region && call && (self.from..self.until).contains(&site.now)
    }
}
