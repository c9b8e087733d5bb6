//! What a world starts with: seed, calendar, accounts, regions, limits and durations.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::ids::{AccountId, Region};
use snapkeep_policy::inventory::Quotas;

/// How a world is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Decides every duration, resource id and random fault.
    pub seed: u64,
    /// Where the virtual clock starts.
    pub start: Timestamp,
    /// The accounts that exist; the first one is the default. An account's access key id is its
    /// number, as in the common emulators.
    pub accounts: Vec<AccountId>,
    /// The regions that are enabled. A call to any other is refused as AWS refuses it for a region
    /// that isn't enabled: `InvalidClientTokenId`.
    pub regions: Vec<Region>,
    /// Manual snapshot quotas of each region, until [`crate::Admin::set_quotas`] changes them.
    pub quotas: Quotas,
    /// How long things take.
    pub delays: Delays,
    /// How long each call takes by the virtual clock, one that is throttled a second longer, as the SDK
    /// would wait before the next. Zero: time stands still while somebody calls.
    pub latency: SignedDuration,
    /// How many changes back [`crate::FaultKind::Stale`] can see; each is a copy of everything.
    pub changes_remembered: usize,
}

impl Options {
    /// The usual world: account 123456789012, four regions, AWS's quotas, and 1 March 2026.
    ///
    /// # Panics
    /// Never: the literals below are checked by a test.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        const LITERAL: &str = "a literal that a test has seen";
        let region = |name: &str| name.parse().expect(LITERAL);
        Self {
            seed,
            start: "2026-03-01T00:00:00Z".parse().expect(LITERAL),
            accounts: vec!["123456789012".parse().expect(LITERAL)],
            regions: ["us-west-2", "us-east-1", "eu-central-1", "eu-west-1"].map(region).to_vec(),
            quotas: Quotas::default(),
            delays: Delays::default(),
            latency: SignedDuration::ZERO,
            changes_remembered: 0,
        }
    }
}

/// How long the asynchronous things take, from the shortest to the longest; the seed decides.
///
/// The defaults are what small databases show. A volume of terabytes takes hours: see
/// [`Delays::copy`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delays {
    /// A snapshot, from `creating` to `available`.
    pub snapshot: RangeInclusive<SignedDuration>,
    /// A copy, from `copying` to `available`.
    pub copy: RangeInclusive<SignedDuration>,
    /// A restored or new cluster, from `creating` to `available`, without instances.
    pub cluster: RangeInclusive<SignedDuration>,
    /// A new or restored instance, from `creating` to `available`.
    pub instance: RangeInclusive<SignedDuration>,
    /// A modification, such as a new master password.
    pub modify: RangeInclusive<SignedDuration>,
    /// A cluster or an instance, from `deleting` to gone.
    pub delete: RangeInclusive<SignedDuration>,
}

impl Default for Delays {
    fn default() -> Self {
        let minutes = |from, to| SignedDuration::from_mins(from)..=SignedDuration::from_mins(to);
        Self {
            snapshot: minutes(2, 6),
            copy: minutes(20, 40),
            cluster: minutes(8, 12),
            instance: minutes(9, 15),
            modify: minutes(1, 2),
            delete: minutes(4, 7),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_world_has_an_account_and_four_regions() {
        let options = Options::new(1);
        assert_eq!(options.accounts.len(), 1);
        assert_eq!(options.regions.len(), 4);
    }
}
