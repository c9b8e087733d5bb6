//! What a report says in one sentence, and what speaks against it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::look::answer::Verdict;
use crate::look::text::{count, plural};

/// Of many reservations the page names so many.
const NAMED_MAX: usize = 8;

/// The answer to the report's question.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Answer {
    /// In a word.
    pub verdict: Verdict,
    /// What it rests on.
    pub sentence: String,
    /// What speaks against it, worst first.
    pub reservations: Vec<String>,
}

impl Answer {
    /// An answer about `all` databases of which `good` are as they should be.
    pub(crate) fn of(good: usize, all: usize, sentence: String, reservations: Vec<String>) -> Self {
        let verdict = match (good, all) {
            (_, 0) => Verdict::Nothing,
            (0, _) => Verdict::No,
            (good, all) if good < all => Verdict::Partly,
            _ if reservations.is_empty() => Verdict::Yes,
            _ => Verdict::Reserved,
        };
        Self { verdict, sentence, reservations }
    }

    /// The reservations that the page has room for.
    pub(crate) fn named(&self) -> impl Iterator<Item = &String> {
        self.reservations.iter().take(NAMED_MAX)
    }

    /// How many it hasn't.
    pub(crate) fn more(&self) -> Option<String> {
        let more = self.reservations.len().saturating_sub(NAMED_MAX);
        (more > 0).then(|| format!("and {} more, below and in the JSON", count(more)))
    }
}

/// `4 of 5 databases`, or `all 5 databases`.
pub(crate) fn share(some: usize, all: usize) -> String {
    match all {
        1 if some == 1 => "the one database".to_owned(),
        all if some == all => format!("all {}", plural(all, "database")),
        all => format!("{} of {}", count(some), plural(all, "database")),
    }
}

/// The same text with a capital letter.
pub(crate) fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}
