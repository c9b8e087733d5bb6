//! Chance, without chance: every draw is a function of the seed and of what is drawn for.
//!
//! Draws don't come from one stream, so that a further call somewhere doesn't shift every later
//! draw, and a failing simulation can be made smaller without becoming another simulation.

use std::ops::RangeInclusive;

use jiff::SignedDuration;

/// The source of all that varies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dice {
    seed: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// A number for `purpose`: always the same one.
    pub(crate) fn draw(self, purpose: &str) -> u64 {
        splitmix(self.seed ^ fnv1a(purpose))
    }

    /// Whether `what`, with a likelihood of `per_ten_thousand`, happens at a place that is known by a
    /// number.
    pub(crate) fn chance_at(self, place: u64, what: &str, per_ten_thousand: u32) -> bool {
        let drawn = splitmix(self.seed ^ splitmix(place ^ fnv1a(what)));
        drawn % 10_000 < u64::from(per_ten_thousand)
    }

    /// A duration of whole seconds within `range`, ends included.
    pub(crate) fn within(
        self,
        purpose: &str,
        range: &RangeInclusive<SignedDuration>,
    ) -> SignedDuration {
        let span = (range.end().as_secs() - range.start().as_secs()).max(0).unsigned_abs() + 1;
        let offset = self.draw(purpose) % span;
        *range.start() + SignedDuration::from_secs(i64::try_from(offset).unwrap_or(0))
    }

    /// `length` capital letters and digits, as AWS's resource ids have them.
    pub(crate) fn letters(self, purpose: &str, length: usize) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut state = self.draw(purpose);
        let mut letter = || {
            state = splitmix(state);
            char::from(ALPHABET[(state >> 59) as usize])
        };
        (0..length).map(|_| letter()).collect()
    }
}

/// One step of `SplitMix64`: mixes well, fits here, and won't change with a dependency.
fn splitmix(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// FNV-1a, 64 bit.
pub(crate) fn fnv1a(text: &str) -> u64 {
    fnv1a_on(FNV1A_EMPTY, text.as_bytes())
}

/// FNV-1a of nothing.
pub(crate) const FNV1A_EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// Goes on with FNV-1a where it stands at `hash`.
pub(crate) fn fnv1a_on(hash: u64, bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_purpose_draw_the_same_number() {
        assert_eq!(Dice::new(7).draw("copy a"), Dice::new(7).draw("copy a"));
        assert_ne!(Dice::new(7).draw("copy a"), Dice::new(7).draw("copy b"));
        assert_ne!(Dice::new(7).draw("copy a"), Dice::new(8).draw("copy a"));
    }

    #[test]
    fn durations_reach_both_ends_of_their_range_and_no_further() {
        let range = SignedDuration::from_secs(10)..=SignedDuration::from_secs(12);
        let drawn: std::collections::BTreeSet<i64> =
            (0..100).map(|n| Dice::new(1).within(&n.to_string(), &range).as_secs()).collect();
        assert_eq!(drawn, [10, 11, 12].into());
    }

    #[test]
    fn a_chance_of_one_in_ten_happens_about_one_time_in_ten() {
        let hits = (0..10_000).filter(|n| Dice::new(3).chance_at(*n, "it", 1_000)).count();
        assert!((900..1_100).contains(&hits), "{hits}");
    }
}
