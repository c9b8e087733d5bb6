//! What a seed decides: each choice is a function of the seed and of what is chosen, so that a choice
//! more moves no other.

/// A seed's choices.
#[derive(Debug, Clone, Copy)]
pub struct Draw(pub u64);

impl Draw {
    /// A number for `purpose`, always the same one. The standard mixers, written out again: this is
    /// apart from the simulated account's own dice.
    fn number(self, purpose: &str) -> u64 {
        let text = purpose.bytes().fold(0x6c62_272e_07bb_0142, |hash: u64, byte| {
            (hash.rotate_left(5) ^ u64::from(byte)).wrapping_mul(0x517c_c1b7_2722_0a95)
        });
        let mixed = (self.0 ^ text).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        mixed ^ (mixed >> 32)
    }

    /// One of `from ..= to`.
    pub fn within(self, purpose: &str, from: u32, to: u32) -> u32 {
        let span = u64::from(to.saturating_sub(from)) + 1;
        from + u32::try_from(self.number(purpose) % span).unwrap_or(0)
    }

    /// Whether something happens, of a hundred times.
    pub fn chance(self, purpose: &str, percent: u32) -> bool {
        self.within(purpose, 1, 100) <= percent
    }

    /// One of several.
    pub fn one<T: Copy>(self, purpose: &str, of: &[T]) -> T {
        of[self.number(purpose) as usize % of.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_reach_both_ends_and_differ_by_seed_and_purpose() {
        let drawn: std::collections::BTreeSet<u32> =
            (0..200).map(|seed| Draw(seed).within("it", 3, 5)).collect();
        assert_eq!(drawn, [3, 4, 5].into());
        let hits = (0..10_000).filter(|seed| Draw(*seed).chance("it", 20)).count();
        assert!((1_800..2_200).contains(&hits), "{hits}");
        assert_ne!(Draw(7).number("a"), Draw(7).number("b"));
    }
}
