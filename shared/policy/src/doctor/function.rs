//! Which function is looked at: one of the five, or alarm once more as a standby.
//!
//! A standby runs alarm's code in another region. But what it has to be allowed is its own, and most of
//! what alarm may at home it must be refused; so the table of permissions knows it beside the verbs.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::verb::Verb;

/// A function that is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum Function {
    /// One of the five.
    Of(Verb),
    /// Alarm in a second region, which tells while the one at home can't.
    Standby,
}

impl Function {
    /// The five, in the order in which a recovery point meets them.
    pub const FIVE: [Self; 5] = {
        let [create, copy, verify, prune, alarm] = Verb::ALL;
        [Self::Of(create), Self::Of(copy), Self::Of(verify), Self::Of(prune), Self::Of(alarm)]
    };

    /// What it does.
    #[must_use]
    pub const fn verb(self) -> Verb {
        match self {
            Self::Of(verb) => verb,
            Self::Standby => Verb::Alarm,
        }
    }

    /// Its role, as the Terraform module names it in the deployment `name`.
    #[must_use]
    pub fn role_name(self, name: &str) -> String {
        format!("{name}-{self}")
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(verb) => verb.fmt(f),
            Self::Standby => f.pad("standby"),
        }
    }
}

/// A word that names no function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected create, copy, verify, prune, alarm or standby")]
pub struct UnknownFunction;

impl FromStr for Function {
    type Err = UnknownFunction;

    fn from_str(text: &str) -> Result<Self, UnknownFunction> {
        if text == Self::Standby.to_string() {
            return Ok(Self::Standby);
        }
        text.parse().map(Self::Of).map_err(|_| UnknownFunction)
    }
}

impl TryFrom<String> for Function {
    type Error = UnknownFunction;

    fn try_from(text: String) -> Result<Self, UnknownFunction> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_is_read_back_from_its_word_and_no_other_word_is_one() {
        for function in Function::FIVE.into_iter().chain([Function::Standby]) {
            assert_eq!(function.to_string().parse(), Ok(function));
        }
        assert_eq!("Standby".parse::<Function>(), Err(UnknownFunction));
    }
}
