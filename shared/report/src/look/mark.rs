//! The four shapes of the pictures: told apart by their form, and only then by their colour.

use snapkeep_policy::recovery_point::Outcome;

/// What is known of a recovery point. Drawn in this order: what is wrong lies on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Nothing yet.
    Unverified,
    /// It restores.
    Pass,
    /// A restore of it learned nothing.
    Inconclusive,
    /// It doesn't restore.
    Fail,
}

impl Mark {
    /// In the order of legends.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Unverified, Self::Inconclusive, Self::Fail];
    /// Those that a restore can end with.
    pub const VERDICTS: [Self; 3] = [Self::Pass, Self::Inconclusive, Self::Fail];

    /// The mark of a verdict, or of none.
    #[must_use]
    pub fn of(verdict: Option<Outcome>) -> Self {
        match verdict {
            None => Self::Unverified,
            Some(Outcome::Pass) => Self::Pass,
            Some(Outcome::Fail) => Self::Fail,
            Some(Outcome::Inconclusive) => Self::Inconclusive,
        }
    }

    /// The name of its shape in the page.
    #[must_use]
    pub fn shape(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Unverified => "not verified",
            Self::Pass => "verified",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "failed",
        }
    }
}
