//! Runs of many seeds, and of the scenarios: each a process of its own, so many at a time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use serde::Serialize;

use super::compare;
use super::outcome::{Order, Outcome, Report, Violation, What};
use super::scenarios::{self, Upset};

/// Runs that a failure is made smaller with, at most.
const SHRINKING_RUNS_MAX: usize = 150;
/// Failures that are made smaller; the others are told as they are.
const SHRUNK_MAX: usize = 5;

/// What came of many runs.
#[derive(Debug, Default, Serialize)]
pub struct Harvest {
    pub years: f64,
    pub seeds: u64,
    pub calls: u64,
    /// By the catalogue's ids.
    pub faults: BTreeMap<String, u64>,
    pub violations: Vec<Failure>,
    /// The most ticks that an account took to come to rest.
    pub ticks_to_rest_max: u32,
    /// Runs of scenarios, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scenarios: BTreeMap<String, u64>,
    pub seconds: f64,
}

/// A violation, and how to see it again.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    pub seed: Option<u64>,
    pub scenario: Option<String>,
    #[serde(flatten)]
    pub violation: Violation,
    /// The fewest faults that were found to do.
    pub faults: Vec<String>,
    pub replay: String,
}

/// Runs one order in a process of its own.
fn run(order: &Order) -> Result<Report, String> {
    let program = std::env::current_exe().map_err(|error| format!("this program: {error}"))?;
    let mut child = Command::new(program)
        .args(["soak", "--worker"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("a process for a run: {error}"))?;
    let text = serde_json::to_string(order).map_err(|error| error.to_string())?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes()).map_err(|error| format!("a run's order: {error}"))?;
    }
    let output = child.wait_with_output().map_err(|error| format!("a run: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let last = said.trim_end().rsplit('\n').next().unwrap_or_default();
    serde_json::from_str(last).map_err(|_| {
        let complaint = String::from_utf8_lossy(&output.stderr);
        format!("a run ended with {}: {}", output.status, complaint.trim())
    })
}

/// Which seeds are run: from `first` on, until there are `seeds` of them and `years` are simulated.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub first: u64,
    pub seeds: u64,
    pub years: f64,
}

/// Runs the seeds of a field, each twice, `jobs` at a time. With `fail_fast` none is begun once one has
/// failed, and failures are told as they are.
pub fn seeds(
    field: &Field,
    jobs: usize,
    fail_fast: bool,
    progress: impl Fn(u64) + Sync,
) -> Harvest {
    let &Field { first, seeds, years } = field;
    let harvest = Mutex::new(Harvest::default());
    let next = Mutex::new(first);
    let take = || -> Option<u64> {
        let (so_far, has_failed) = {
            let harvest = lock(&harvest);
            (harvest.years, !harvest.violations.is_empty())
        };
        let mut next = lock(&next);
        if (*next - first >= seeds && so_far >= years) || (fail_fast && has_failed) {
            return None;
        }
        *next += 1;
        Some(*next - 1)
    };
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                while let Some(seed) = take() {
                    let (outcome, failures) = twice(seed, None);
                    let mut harvest = lock(&harvest);
                    harvest.seeds += 1;
                    if let Some(outcome) = outcome {
                        harvest.add(&outcome);
                    }
                    harvest.violations.extend(failures);
                    progress(harvest.seeds);
                }
            });
        }
    });
    let mut harvest = harvest.into_inner().unwrap_or_default();
    harvest.violations.sort_by_key(|failure| failure.seed);
    let shrunk_max = if fail_fast { 0 } else { SHRUNK_MAX };
    harvest.violations.iter_mut().take(shrunk_max).for_each(shrink);
    harvest
}

/// Two runs of a seed, which must be the same.
pub fn twice(seed: u64, only: Option<BTreeSet<String>>) -> (Option<Outcome>, Vec<Failure>) {
    let order = Order { what: What::Seed(seed), only };
    let failure = |invariant: &str, what: String| Failure {
        seed: Some(seed),
        scenario: None,
        violation: Violation {
            invariant: invariant.to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
            what,
        },
        faults: Vec::new(),
        replay: format!("snapkeep soak --seed {seed}"),
    };
    let (one, other) = (run(&order), run(&order));
    match (one, other) {
        (Ok(one), Ok(other)) => {
            let outcome = one.outcome;
            let told = outcome.violations.iter().map(|violation| Failure {
                violation: violation.clone(),
                faults: outcome.occurrences.clone(),
                ..failure("", String::new())
            });
            let mut failures: Vec<Failure> = told.collect();
            if outcome.trace != other.outcome.trace {
                let what = "two runs of one seed differ".to_owned();
                failures.push(failure("SameTrace", what));
            }
            (Some(outcome), failures)
        }
        (Err(why), _) | (_, Err(why)) => (None, vec![failure("Ended", why)]),
    }
}

/// Finds fewer faults that end in a violation of the same invariant, by leaving out ever smaller parts of
/// them, as Zeller's delta debugging does.
fn shrink(failure: &mut Failure) {
    let (Some(seed), invariant) = (failure.seed, failure.violation.invariant.clone()) else {
        return;
    };
    let all = failure.faults.clone();
    if all.is_empty() {
        return;
    }
    let mut runs = 0;
    let mut fails = |some: &[String]| {
        runs += 1;
        let only = Some(some.iter().cloned().collect());
        let report = run(&Order { what: What::Seed(seed), only });
        runs <= SHRINKING_RUNS_MAX
            && report.is_ok_and(|it| it.outcome.violations.iter().any(|v| v.invariant == invariant))
    };
    let least = if fails(&[]) { Vec::new() } else { least(all.clone(), &mut fails) };
    let numbers: Vec<String> = (1..)
        .zip(&all)
        .filter(|(_, name)| least.contains(name))
        .map(|(number, _): (usize, _)| number.to_string())
        .collect();
    let only = if numbers.is_empty() { "0".to_owned() } else { numbers.join(",") };
    failure.replay = format!("snapkeep soak --seed {seed} --only {only}");
    failure.faults = least;
}

/// The smallest part of `all` that was found to fail still; `all` itself does.
fn least<T: Clone + PartialEq>(all: Vec<T>, fails: &mut impl FnMut(&[T]) -> bool) -> Vec<T> {
    let (mut left, mut parts) = (all, 2);
    while left.len() >= 2 {
        let size = left.len().div_ceil(parts);
        let chunks: Vec<Vec<T>> = left.chunks(size).map(<[T]>::to_vec).collect();
        let rest_of = |chunk: &Vec<T>| -> Vec<T> {
            left.iter().filter(|it| !chunk.contains(it)).cloned().collect()
        };
        if let Some(chunk) = chunks.iter().find(|chunk| fails(chunk)) {
            (left, parts) = (chunk.clone(), 2);
        } else if let Some(rest) = chunks.iter().map(rest_of).find(|rest| parts > 2 && fails(rest))
        {
            (left, parts) = (rest, (parts - 1).max(2));
        } else if size == 1 {
            break;
        } else {
            parts = (parts * 2).min(left.len());
        }
    }
    left
}

/// Runs every scenario once undisturbed, and once for everything that can go wrong in it; of the kills
/// one in `stride`. With `fail_fast` nothing is begun once something has failed.
pub fn exhaust(
    stride: usize,
    jobs: usize,
    fail_fast: bool,
    progress: impl Fn(u64) + Sync,
) -> Harvest {
    let harvest = Mutex::new(Harvest::default());
    let mut orders: Vec<(usize, &'static str, Upset, Outcome)> = Vec::new();
    for scenario in &scenarios::ALL {
        match run(&order_of(scenario.name, Upset::Nothing)) {
            Ok(Report { outcome, extent: Some(extent) }) => {
                let mut harvest = lock(&harvest);
                harvest.take_scenario(scenario.name, Upset::Nothing, &outcome, &outcome);
                let upsets = extent.upsets(stride).into_iter().enumerate();
                let order = |(turn, upset)| (turn, scenario.name, upset, outcome.clone());
                orders.extend(upsets.map(order));
            }
            Ok(_) => {}
            Err(why) => lock(&harvest).violations.push(ended(scenario.name, Upset::Nothing, why)),
        }
    }
    // All take turns, so that what only one of them shows isn't looked for last; taken from behind.
    orders.sort_by_key(|(turn, ..)| Reverse(*turn));
    let orders = Mutex::new(orders);
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let has_failed = !lock(&harvest).violations.is_empty();
                    let order = lock(&orders).pop().filter(|_| !(fail_fast && has_failed));
                    let Some((_, name, upset, calm)) = order else { return };
                    let report = run(&order_of(name, upset));
                    let mut harvest = lock(&harvest);
                    match report {
                        Ok(report) => harvest.take_scenario(name, upset, &report.outcome, &calm),
                        Err(why) => harvest.violations.push(ended(name, upset, why)),
                    }
                    progress(harvest.scenarios.values().sum());
                }
            });
        }
    });
    harvest.into_inner().unwrap_or_default()
}

fn order_of(name: &str, upset: Upset) -> Order {
    Order { what: What::Scenario { name: name.to_owned(), upset }, only: None }
}

fn ended(name: &str, upset: Upset, why: String) -> Failure {
    let violation =
        Violation { invariant: "Ended".to_owned(), at: jiff::Timestamp::UNIX_EPOCH, what: why };
    Failure {
        seed: None,
        scenario: Some(name.to_owned()),
        violation,
        faults: vec![format!("{upset:?}")],
        replay: "snapkeep soak --exhaustive".to_owned(),
    }
}

impl Harvest {
    /// Of one seed alone.
    pub fn of_one(outcome: Option<&Outcome>, violations: Vec<Failure>) -> Self {
        let mut harvest = Self { seeds: 1, violations, ..Self::default() };
        outcome.into_iter().for_each(|outcome| harvest.add(outcome));
        harvest
    }

    fn add(&mut self, outcome: &Outcome) {
        self.years += f64::from(outcome.days) / 365.25;
        self.calls += outcome.calls;
        self.ticks_to_rest_max = self.ticks_to_rest_max.max(outcome.ticks_to_rest);
        for (id, count) in &outcome.faults {
            *self.faults.entry(id.clone()).or_default() += count;
        }
    }

    fn take_scenario(&mut self, name: &str, upset: Upset, outcome: &Outcome, calm: &Outcome) {
        *self.scenarios.entry(name.to_owned()).or_default() += 1;
        self.calls += outcome.calls;
        let violations =
            outcome.violations.iter().cloned().chain(compare::with_calm(upset, outcome, calm));
        let failures =
            violations.map(|violation| Failure { violation, ..ended(name, upset, String::new()) });
        self.violations.extend(failures);
    }
}

fn lock<T>(it: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    it.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_that_fails_is_found() {
        let all: Vec<u32> = (0..100).collect();
        let mut runs = 0;
        let found = least(all, &mut |some| {
            runs += 1;
            some.contains(&17) && some.contains(&62)
        });
        assert_eq!(found, [17, 62]);
        assert!(runs < 100, "{runs}");
    }
}
