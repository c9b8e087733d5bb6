//! Random faults and how often each strikes.

use jiff::{SignedDuration, Timestamp};

use super::FaultKind;

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
