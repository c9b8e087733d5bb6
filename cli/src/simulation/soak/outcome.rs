//! What a run is asked and what it answers: each run of a seed is a process of its own, because the SDK
//! keeps its budget of retries in one place for the whole process.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Asks for one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub what: What,
    /// If set, of faults and acts only these.
    pub only: Option<BTreeSet<String>>,
}

/// What is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// The small account of a seed.
    Seed(u64),
    /// A named scenario, with one thing gone wrong.
    Scenario { name: String, upset: super::scenarios::Upset },
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub days: u32,
    pub calls: u64,
    /// Of all calls and answers.
    pub trace: u64,
    /// By the catalogue's ids.
    pub faults: BTreeMap<String, u64>,
    /// Everything that struck or was done, in order.
    pub occurrences: Vec<String>,
    pub violations: Vec<Violation>,
    /// Ticks without faults until the account was as it should be.
    pub ticks_to_rest: u32,
    /// The account at the end, in words that two runs can be compared by.
    pub rest: Vec<String>,
    /// Of a scenario: the account after each visit of the last slot, in the same words.
    pub visits: Vec<Vec<String>>,
}

/// What must not happen, and has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    pub invariant: String,
    pub at: Timestamp,
    pub what: String,
}

impl Violation {
    /// Whether it is the same one, told again at another time.
    pub fn is_like(&self, other: &Self) -> bool {
        self.invariant == other.invariant && self.what == other.what
    }
}

/// What a run's process prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub outcome: Outcome,
    /// Of a scenario: what there is to upset.
    pub extent: Option<super::scenarios::Extent>,
}
