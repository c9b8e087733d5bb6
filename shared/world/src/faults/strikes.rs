//! Which faults strike which calls, and what has struck.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use snapkeep_policy::ids::Region;

use super::{Fault, FaultKind, Moment, Rates};
use crate::dice::{Dice, fnv1a};

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
    /// The number of this call among all.
    pub call: u64,
    /// Its number among the calls of this operation in this region at this instant. Together they tell
    /// it from all others, and stay what they are when something elsewhere goes another way.
    pub nth: u64,
}

/// A fault that struck. As text it names the place where it did, in this run and in every other of the
/// same seed that comes by there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// [`FaultKind::name`].
    pub kind: &'static str,
    /// The operation that it struck, as [`crate::World::calls`] names it.
    pub operation: String,
    /// Where.
    pub region: Region,
    /// When.
    pub at: Timestamp,
    /// At which of the calls of this operation, there and then.
    pub nth: u64,
}

impl Occurrence {
    fn new(kind: &FaultKind, site: &Site<'_>) -> Self {
        Self {
            kind: kind.name(),
            operation: site.operation.to_owned(),
            region: site.region.clone(),
            at: site.now,
            nth: site.nth,
        }
    }
}

impl fmt::Display for Occurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, operation, region, at, nth } = self;
        write!(f, "{kind} {operation} {region} {at} {nth}")
    }
}

/// All faults of a world, and how often each has struck.
#[derive(Debug, Default)]
pub(crate) struct FaultState {
    scheduled: Vec<(FaultId, Fault)>,
    scheduled_total: usize,
    pub rates: Rates,
    pub injected: BTreeMap<FaultId, u64>,
    pub occurrences: Vec<Occurrence>,
    /// The number of the call that was struck last.
    pub struck_at: u64,
    /// If set, what isn't named in it doesn't strike.
    pub only: Option<BTreeSet<String>>,
    /// The calls by operation and region at the instant of the last one.
    instant: Timestamp,
    calls: BTreeMap<(Region, String), u64>,
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

    /// The number of a call that comes in now: see [`Site::nth`].
    pub(crate) fn count(&mut self, region: &Region, operation: &str, now: Timestamp) -> u64 {
        if self.instant != now {
            self.instant = now;
            self.calls.clear();
        }
        let nth = self.calls.entry((region.clone(), operation.to_owned())).or_default();
        *nth += 1;
        *nth
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
        let occurrence = Occurrence::new(&kind, site);
        if self.only.as_ref().is_some_and(|only| !only.contains(&occurrence.to_string())) {
            return None;
        }
        self.occurrences.push(occurrence);
        self.struck_at = site.call;
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
        let mut rates = self
            .rates
            .per_ten_thousand
            .iter()
            .filter(|(kind, _)| kind.moment() == moment)
            .peekable();
        rates.peek()?;
        let Site { region, operation, now, nth, .. } = site;
        let place = fnv1a(&format!("{operation} {region} {now} {nth}"));
        rates
            .find(|(kind, rate)| dice.chance_at(place, kind.name(), *rate))
            .map(|(kind, _)| (FaultId(kind.name().to_owned()), kind.clone()))
    }
}
