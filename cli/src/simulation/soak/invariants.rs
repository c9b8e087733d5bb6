//! The invariants by name, and how each is held.

/// How an invariant is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// After every call, by ground truth.
    EveryCall,
    /// After each run of the function that it is about.
    EveryRun,
    /// When a seed's faults have stopped.
    AtRest,
    /// By the named scenarios, each thing gone wrong once.
    Scenarios,
    /// By tests of this name.
    Tested(&'static str),
}
use Held::{AtRest, EveryCall, EveryRun, Scenarios, Tested};

/// All of the list, in its order, with the name that a violation is told under.
pub const ALL: [(&str, &[Held]); 22] = [
    ("LastGood", &[EveryCall]),
    ("OwnOnly", &[EveryCall]),
    ("Justified", &[EveryCall]),
    ("Doubt", &[EveryCall]),
    ("SourceHeld", &[EveryCall]),
    ("Cap", &[EveryCall]),
    ("OnePerSlot", &[EveryCall]),
    ("Fixpoint", &[AtRest, Scenarios]),
    ("Duplicates", &[Scenarios]),
    (
        "Order",
        &[
            Tested("the_order_of_aws_lists_is_of_no_consequence"),
            Tested("the_order_in_which_points_are_listed_does_not_matter"),
        ],
    ),
    ("Crash", &[Scenarios]),
    ("Liveness", &[AtRest, Scenarios]),
    ("ScratchDeadline", &[EveryRun]),
    ("ScratchOnly", &[EveryCall]),
    ("ScratchSealed", &[EveryCall]),
    ("MissedAlarm", &[EveryRun]),
    ("VerifiedTrue", &[EveryCall]),
    ("AlarmHonest", &[EveryCall]),
    ("Isolation", &[Scenarios]),
    ("Monotone", &[Tested("raising_any_rule_never_deletes_more")]),
    (
        "Adversary",
        &[
            EveryCall,
            Tested("changed_tags_never_cause_a_delete"),
            Tested("a_verdict_from_before_its_recovery_point_ends_no_quarantine"),
        ],
    ),
    ("Bounded", &[EveryCall, AtRest]),
];

/// What is held beside the list: promises of the README.
pub const BESIDE: [(&str, &[Held]); 2] = [
    // Nothing under legal hold is deleted, nor anything else of its slot.
    ("Held", &[EveryCall]),
    // What prune deletes it has written down before.
    ("Recorded", &[EveryCall]),
];

impl Held {
    /// In words.
    pub fn describe(self) -> String {
        match self {
            EveryCall => "after every call".to_owned(),
            EveryRun => "after every run".to_owned(),
            AtRest => "once faults have stopped".to_owned(),
            Scenarios => "--exhaustive".to_owned(),
            Tested(name) => format!("test {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::soak::catalogue::source_names;

    #[test]
    fn every_test_that_an_invariant_names_exists() {
        let known = source_names();
        for held in ALL.iter().flat_map(|(_, held)| held.iter()) {
            if let Tested(name) = held {
                assert!(known.contains(*name), "no test is named {name}");
            }
        }
    }
}
