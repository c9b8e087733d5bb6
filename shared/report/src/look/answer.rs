//! The answer that a page begins with, and the figures beside it.

use schemars::JsonSchema;
use serde::Serialize;

/// The answer in a word or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All of it.
    Yes,
    /// All of it, but something speaks against it.
    Reserved,
    /// Some of it.
    Partly,
    /// None of it.
    No,
    /// There is nothing to ask about.
    Nothing,
}

impl Verdict {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Yes => "Yes.",
            Self::Reserved => "Yes, with reservations.",
            Self::Partly => "In part.",
            Self::No => "No.",
            Self::Nothing => "There is nothing to restore.",
        }
    }

    /// The class of what it stands in.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Yes => "good",
            Self::Reserved | Self::Nothing => "doubtful",
            Self::Partly | Self::No => "bad",
        }
    }
}

/// A number that is worth a tile.
pub struct Figure {
    /// What it counts.
    pub label: &'static str,
    /// The number.
    pub value: String,
    /// What belongs to it.
    pub note: String,
    /// Whether it should be another.
    pub bad: bool,
}

impl Figure {
    /// A figure that is neither good nor bad.
    #[must_use]
    pub fn plain(label: &'static str, value: String, note: String) -> Self {
        Self { label, value, note, bad: false }
    }
}
