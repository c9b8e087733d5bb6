//! What two runs of a scenario are held against each other by: one that was left alone, and one in which
//! a single thing went wrong.
//!
//! At rest both worlds must be the same, whatever it was. That alone says little of a fault that ends:
//! by then everything has been made up for. So they are also compared visit by visit: what has nothing
//! to do with a region that is down, or with a kind of database that is refused everything, has at the
//! end of each visit all it would have had. And what comes twice at the same instant finds nothing left
//! to make or to say ([`again`]).
//!
//! Worlds are compared in words ([`super::rest::in_words`]); nothing here knows how anything is decided.

use jiff::Timestamp;
use snapkeep_policy::verb::Verb;
use snapkeep_world::World;

use super::outcome::{Outcome, Violation};
use super::rest::{is_about, made};
use super::scenarios::Upset;
use super::small::HOME;

/// What isn't as it was in the run that was left alone.
pub fn with_calm(upset: Upset, outcome: &Outcome, calm: &Outcome) -> Vec<Violation> {
    let at_rest = (outcome.rest != calm.rest).then(|| {
        let (lacks, more) =
            (without(&calm.rest, &outcome.rest), without(&outcome.rest, &calm.rest));
        let what = format!("another world: it lacks {lacks:?} and has {more:?}");
        Violation { invariant: invariant(upset).to_owned(), at: Timestamp::UNIX_EPOCH, what }
    });
    at_rest.into_iter().chain(meanwhile(upset, outcome, calm)).collect()
}

/// The invariant of which another world at the end is a breach.
fn invariant(upset: Upset) -> &'static str {
    match upset {
        Upset::KillBefore(_) | Upset::KillAfter(_) => "Crash",
        Upset::Double(_) | Upset::Concurrent(_) => "Duplicates",
        Upset::Outage(_) | Upset::Sick(_) => "Isolation",
        Upset::Nothing | Upset::Drop(_) | Upset::Delay(_) | Upset::Stale(..) => "Liveness",
    }
}

/// Isolation: whom it didn't concern lacks nothing, at any visit. More than it would have had it may have:
/// in doubt nothing is deleted anywhere.
fn meanwhile(upset: Upset, outcome: &Outcome, calm: &Outcome) -> Option<Violation> {
    let (from, sick) = match upset {
        Upset::Outage(visit) => (visit, None),
        Upset::Sick(database) => (0, Some(database)),
        Upset::Nothing
        | Upset::KillBefore(_)
        | Upset::KillAfter(_)
        | Upset::Drop(_)
        | Upset::Double(_)
        | Upset::Delay(_)
        | Upset::Concurrent(_)
        | Upset::Stale(..) => return None,
    };
    let is_apart = |word: &str| match sick {
        Some(database) => !is_about(word, database),
        None => word.starts_with(HOME),
    };
    let visits = calm.visits.iter().zip(&outcome.visits).enumerate().skip(from);
    let mut lacks = visits.map(|(visit, (calm, upset))| {
        let lacks = without(calm, upset).into_iter().filter(|word| is_apart(word));
        (visit, lacks.collect::<Vec<_>>())
    });
    let (visit, lacks) = lacks.find(|(_, lacks)| !lacks.is_empty())?;
    let what = format!("after visit {visit} what is well elsewhere lacks {lacks:?}");
    Some(Violation { invariant: "Isolation".to_owned(), at: Timestamp::UNIX_EPOCH, what })
}

fn without<'w>(these: &'w [String], those: &[String]) -> Vec<&'w str> {
    these.iter().filter(|word| !those.contains(word)).map(String::as_str).collect()
}

/// What was made and said so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    made: u64,
    messages: usize,
}

impl Marks {
    pub fn of(world: &World) -> Self {
        Self { made: made(world), messages: world.messages().len() }
    }
}

/// Duplicates: a run at the same instant as one that went well before it has nothing to make, and
/// nothing to tell anybody. Evidence is written for each. It may delete: once a copy that was given up is
/// gone, its original is in nobody's use any more.
pub fn again(verb: Verb, now: Timestamp, first: Marks, second: Marks) -> Option<Violation> {
    let (made, messages) = (second.made - first.made, second.messages - first.messages);
    (made > 0 || messages > 0).then(|| Violation {
        invariant: "Duplicates".to_owned(),
        at: now,
        what: format!("a second {verb} makes {made} things and tells {messages}"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn outcome(rest: &[&str], visits: &[&[&str]]) -> Outcome {
        let words = |of: &[&str]| of.iter().map(ToString::to_string).collect();
        Outcome {
            days: 3,
            calls: 0,
            trace: 0,
            faults: BTreeMap::new(),
            occurrences: Vec::new(),
            violations: Vec::new(),
            ticks_to_rest: 0,
            rest: words(rest),
            visits: visits.iter().map(|visit| words(visit)).collect(),
        }
    }

    fn told(upset: Upset, outcome: &Outcome, calm: &Outcome) -> Vec<String> {
        with_calm(upset, outcome, calm).into_iter().map(|it| it.invariant).collect()
    }

    #[test]
    fn another_world_at_rest_is_told_by_what_went_wrong() {
        let (calm, other) = (outcome(&["a"], &[]), outcome(&["b"], &[]));
        for (upset, invariant) in [
            (Upset::KillBefore(7), "Crash"),
            (Upset::KillAfter(7), "Crash"),
            (Upset::Double(1), "Duplicates"),
            (Upset::Concurrent(1), "Duplicates"),
            (Upset::Outage(1), "Isolation"),
            (Upset::Sick(0), "Isolation"),
            (Upset::Stale(1, 1), "Liveness"),
        ] {
            assert_eq!(told(upset, &other, &calm), [invariant], "{upset:?}");
            assert!(told(upset, &calm, &calm).is_empty(), "{upset:?}");
        }
    }

    #[test]
    fn who_is_well_lacks_nothing_while_another_is_sick() {
        let (sick, well) = ("us-west-2 orders-0 x", "us-west-2 orders-1 x");
        let calm = outcome(&[], &[&[sick, well], &[sick, well]]);
        let only_the_sick_lacks = outcome(&[], &[&[well], &[well, "us-west-2 orders-1 y"]]);
        assert!(told(Upset::Sick(0), &only_the_sick_lacks, &calm).is_empty());
        let both_lack = outcome(&[], &[&[sick, well], &[]]);
        assert_eq!(told(Upset::Sick(0), &both_lack, &calm), ["Isolation"]);
    }

    #[test]
    fn home_lacks_nothing_from_the_visit_on_at_which_the_other_region_is_down() {
        let (home, away) = ("us-west-2 orders-0 x", "us-east-1 orders-0 x");
        let calm = outcome(&[], &[&[home, away], &[home, away]]);
        assert!(told(Upset::Outage(0), &outcome(&[], &[&[home], &[home]]), &calm).is_empty());
        let lacking = outcome(&[], &[&[away], &[home, away]]);
        assert_eq!(told(Upset::Outage(0), &lacking, &calm), ["Isolation"]);
        assert!(told(Upset::Outage(1), &lacking, &calm).is_empty());
    }

    #[test]
    fn a_second_run_that_does_or_says_something_is_told() {
        let marks = |made, messages| Marks { made, messages };
        let again = |second| again(Verb::Alarm, Timestamp::UNIX_EPOCH, marks(4, 2), second);
        assert_eq!(again(marks(4, 2)), None);
        assert!(again(marks(5, 2)).is_some());
        assert!(again(marks(4, 3)).is_some());
    }
}
