//! What goes wrong: at given times, or at random rates. Every fault that strikes is counted, so that
//! a test can tell that it tested something.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::ids::Region;

use crate::dice::Dice;

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
    /// No capacity for a restore or a new instance.
    NoCapacity,
    /// Keys can't be used: copies and restores of encrypted snapshots are refused.
    KeyDisabled,
    /// The region is down: some calls get 503, some don't connect.
    RegionOutage,
    /// The `Date` of the answers is off by this much; later if positive.
    ClockSkew(SignedDuration),
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
        }
    }

    /// At which moment of a call it strikes.
    fn moment(&self) -> Moment {
        match self {
            Self::Throttle | Self::Refuse { .. } | Self::Unreachable | Self::RegionOutage => {
                Moment::Before
            }
            Self::LostAnswer
            | Self::ErrorAfterEffect
            | Self::BrokenAnswer
            | Self::TruncatedAnswer => Moment::After,
            Self::BrokenPage => Moment::NextPage,
            Self::LateVisibility(_) => Moment::Made,
            Self::StuckCopy | Self::FailedCopy => Moment::Copy,
            Self::FailedSnapshot => Moment::Snapshot,
            Self::FailedRestore => Moment::Restore,
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
}

impl Fault {
    /// A fault without limits.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        let (from, until) = (Timestamp::MIN, Timestamp::MAX);
        Self { kind, region: None, operation: None, from, until, times: None }
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

    fn covers(&self, site: &Site<'_>) -> bool {
        let operation = self.operation.as_deref().is_none_or(|wanted| {
            wanted
                .strip_suffix('*')
                .map_or(wanted == site.operation, |service| site.operation.starts_with(service))
        });
        let region = self.region.as_ref().is_none_or(|region| region == site.region);
        operation && region && (self.from..self.until).contains(&site.now)
    }
}

/// Random faults, each with its likelihood at every call where it could strike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    /// The faults, with their likelihood in 1/10,000.
    pub per_ten_thousand: Vec<(FaultKind, u32)>,
    /// They end at this instant.
    pub until: Option<Timestamp>,
}

impl Rates {
    /// No random faults.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A bad year: something is always wrong somewhere, and mostly passes.
    #[must_use]
    pub fn stormy() -> Self {
        Self::none()
            .with(FaultKind::Throttle, 200)
            .with(FaultKind::Refuse { status: 500, code: "InternalFailure" }, 50)
            .with(FaultKind::Unreachable, 20)
            .with(FaultKind::LostAnswer, 50)
            .with(FaultKind::ErrorAfterEffect, 50)
            .with(FaultKind::BrokenAnswer, 10)
            .with(FaultKind::TruncatedAnswer, 10)
            .with(FaultKind::BrokenPage, 100)
            .with(FaultKind::LateVisibility(SignedDuration::from_mins(2)), 300)
            .with(FaultKind::StuckCopy, 100)
            .with(FaultKind::FailedCopy, 200)
            .with(FaultKind::FailedSnapshot, 100)
            .with(FaultKind::FailedRestore, 200)
            .with(FaultKind::NoCapacity, 300)
            .with(FaultKind::KeyDisabled, 20)
    }

    /// Adds a fault with its likelihood in 1/10,000.
    #[must_use]
    pub fn with(mut self, kind: FaultKind, per_ten_thousand: u32) -> Self {
        self.per_ten_thousand.push((kind, per_ten_thousand));
        self
    }

    /// Ends them at `until`.
    #[must_use]
    pub fn until(mut self, until: Timestamp) -> Self {
        self.until = Some(until);
        self
    }
}

/// Names a fault in [`crate::Faults::injected`]: `throttle` for the random ones, `throttle#1` for
/// the scheduled one that was the first of all scheduled ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultId(String);

impl FaultId {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Where and when a call is, as far as faults are concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site<'a> {
    pub region: &'a Region,
    pub operation: &'a str,
    pub now: Timestamp,
    /// Tells this call from all others.
    pub call: u64,
}

/// All faults of a world, and how often each has struck.
#[derive(Debug, Default)]
pub(crate) struct FaultState {
    scheduled: Vec<(FaultId, Fault)>,
    scheduled_total: usize,
    pub rates: Rates,
    pub injected: BTreeMap<FaultId, u64>,
}

impl FaultState {
    pub(crate) fn schedule(&mut self, fault: Fault) -> FaultId {
        self.scheduled_total += 1;
        let id = FaultId(format!("{}#{}", fault.kind.name(), self.scheduled_total));
        self.scheduled.push((id.clone(), fault));
        id
    }

    pub(crate) fn clear(&mut self) {
        self.scheduled.clear();
        self.rates = Rates::none();
    }

    /// The fault that strikes at this moment of this call, if any; counted.
    pub(crate) fn strike(
        &mut self,
        moment: Moment,
        site: &Site<'_>,
        dice: Dice,
    ) -> Option<FaultKind> {
        let (id, kind) =
            self.scheduled_fault(moment, site).or_else(|| self.random_fault(moment, site, dice))?;
        *self.injected.entry(id).or_default() += 1;
        Some(kind)
    }

    fn scheduled_fault(&self, moment: Moment, site: &Site<'_>) -> Option<(FaultId, FaultKind)> {
        let struck = |id: &FaultId| self.injected.get(id).copied().unwrap_or(0);
        self.scheduled
            .iter()
            .filter(|(_, fault)| fault.kind.moment() == moment && fault.covers(site))
            .find(|(id, fault)| fault.times.is_none_or(|times| struck(id) < times))
            .map(|(id, fault)| (id.clone(), fault.kind.clone()))
    }

    fn random_fault(
        &self,
        moment: Moment,
        site: &Site<'_>,
        dice: Dice,
    ) -> Option<(FaultId, FaultKind)> {
        if self.rates.until.is_some_and(|until| site.now >= until) {
            return None;
        }
        let strikes = |kind: &FaultKind, rate: u32| {
            dice.chance(&format!("{} at call {}", kind.name(), site.call), rate)
        };
        self.rates
            .per_ten_thousand
            .iter()
            .find(|(kind, rate)| kind.moment() == moment && strikes(kind, *rate))
            .map(|(kind, _)| (FaultId(kind.name().to_owned()), kind.clone()))
    }
}
