//! The five things that snapkeep does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the five functions.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Takes recovery points.
    Create,
    /// Copies them into other regions.
    Copy,
    /// Restores them into scratch databases and looks at what came back.
    Verify,
    /// Deletes what the policy no longer keeps.
    Prune,
    /// Judges the world against the objectives.
    Alarm,
}

impl Verb {
    /// All of them, in the order in which a recovery point meets them.
    pub const ALL: [Self; 5] = [Self::Create, Self::Copy, Self::Verify, Self::Prune, Self::Alarm];

    /// The word for it, the same everywhere: in inputs, outputs, tags, metrics and folder names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Copy => "copy",
            Self::Verify => "verify",
            Self::Prune => "prune",
            Self::Alarm => "alarm",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is none of the five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected create, copy, verify, prune or alarm")]
pub struct UnknownVerb;

impl FromStr for Verb {
    type Err = UnknownVerb;

    fn from_str(text: &str) -> Result<Self, UnknownVerb> {
        Self::ALL.into_iter().find(|verb| verb.as_str() == text).ok_or(UnknownVerb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verb_is_read_back_from_its_word() {
        for verb in Verb::ALL {
            assert_eq!(verb.as_str().parse(), Ok(verb));
            assert_eq!(serde_json::to_value(verb).unwrap(), verb.as_str());
        }
        assert_eq!("Create".parse::<Verb>(), Err(UnknownVerb));
        assert_eq!("".parse::<Verb>(), Err(UnknownVerb));
    }
}
