//! Measures the decisions: retention alone, then the view and each verb's plan, for growing fleets.
//!
//! Prints one JSON object. Every figure is the mean of rounds that take a second together or that are
//! five, whichever comes later, in seconds of the processor: what else runs on the machine costs
//! a bit of its caches, and nothing more.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use snapkeep_performance::{POINTS_EACH, POLICY, Slots, Stage, observed};
use snapkeep_policy::alarm::{self, Memory};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::inventory::Observation;
use snapkeep_policy::request::Request;
use snapkeep_policy::retention::{Point, Verified, decide, fates};
use snapkeep_policy::view::View;
use snapkeep_policy::{copy, create, prune, verify};

const ROUNDS_MIN: u32 = 5;
const ROUNDS_FOR: Duration = Duration::from_secs(1);
const NOW: &str = "2026-03-04T07:30:00Z";

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let document = PolicyDocument::from_json(POLICY).unwrap_or_else(|bad| panic!("{bad}"));
    let now: Timestamp = NOW.parse().expect("a literal");
    let measured: Vec<Value> = sizes
        .iter()
        .map(|points| {
            eprintln!("{points} recovery points");
            of_size(&document, now, points.div_ceil(POINTS_EACH))
        })
        .collect();
    println!(
        "{}",
        json!({ "sizes": measured, "hourly_year_seconds": hourly_year(&document, now) })
    );
}

fn of_size(document: &PolicyDocument, now: Timestamp, databases: usize) -> Value {
    let slots = |stage| Slots::on_a_day(document, now, stage);
    let at = |stage| observed::fleet(document, &slots(stage), databases);
    let points = databases * slots(Stage::Due).count();
    let mut figures = json!({ "databases": databases, "recovery_points": points });
    let mut note = |name: &str, seconds: f64| figures[name] = json!(seconds);
    retention(document, now, databases, &mut note);
    let request = Request::default();
    let due = at(Stage::Due);
    note("view", mean(|| View::new(document, &due, None, now)));
    note("create", planned(document, &due, now, |view| create::plan(view, &request)));
    let taken = at(Stage::Taken);
    note("copy", planned(document, &taken, now, |view| copy::plan(view, &request)));
    let copied = at(Stage::Copied);
    note("prune", planned(document, &copied, now, |view| prune::plan(view, &request)));
    note("verify", planned(document, &copied, now, |view| verify::plan(view, &request)));
    let (memory, pruned) = (Memory::default(), BTreeSet::new());
    note(
        "alarm",
        planned(document, &copied, now, |view| alarm::plan(view, &memory, Some(&pruned))),
    );
    figures
}

/// Seconds from the observation to the plan: the view is part of every decision.
fn planned<T>(
    document: &PolicyDocument,
    observation: &Observation,
    now: Timestamp,
    plan: impl Fn(&View<'_>) -> T,
) -> f64 {
    mean(|| plan(&View::new(document, observation, None, now)))
}

/// Retention alone: one group of all originals a database, without words and with them.
fn retention(
    document: &PolicyDocument,
    now: Timestamp,
    databases: usize,
    note: &mut impl FnMut(&str, f64),
) {
    let policy = document.policies.values().next().expect("the fleet's policy is in it");
    let slots = Slots::on_a_day(document, now, Stage::Copied).originals;
    let ids: Vec<String> = slots.iter().map(|at| format!("snapkeep-service-{at}")).collect();
    let (verified, held, untouchable) = (Verified::Unknown, false, None);
    let group: Vec<Point<'_>> = ids
        .iter()
        .zip(&slots)
        .map(|(id, &taken_at)| Point { id, taken_at, verified, held, untouchable })
        .collect();
    let (rules, zone) = (&policy.retention, &document.time_zone);
    let groups = (databases * POINTS_EACH).div_ceil(group.len());
    let each = |seconds: f64| seconds / (groups * group.len()) as f64;
    let all =
        || (0..groups).map(|_| fates(black_box(&group), rules, zone, now).len()).sum::<usize>();
    note("fates_each", each(mean(all)));
    let all = || {
        let decided = (0..groups).map(|_| decide(black_box(&group), rules, zone, now));
        decided.map(|decided| decided.decisions.len()).sum::<usize>()
    };
    note("decide_each", each(mean(all)));
}

/// Seconds for a year of hourly looks at 20 databases: view, create, copy and prune of each hour.
fn hourly_year(document: &PolicyDocument, now: Timestamp) -> f64 {
    let slots = Slots::on_a_day(document, now, Stage::Copied);
    let observation = observed::fleet(document, &slots, 20);
    let request = Request::default();
    let tick = mean(|| {
        let view = View::new(document, &observation, None, now);
        (create::plan(&view, &request), copy::plan(&view, &request), prune::plan(&view, &request))
    });
    tick * 24.0 * 365.0
}

/// What a round takes on the mean, in seconds. The kernel counts in ticks: single rounds are too short.
fn mean<T>(mut round: impl FnMut() -> T) -> f64 {
    let (begun, started) = (Instant::now(), processor_seconds());
    let mut rounds = 0;
    while rounds < ROUNDS_MIN || begun.elapsed() < ROUNDS_FOR {
        black_box(round());
        rounds += 1;
    }
    (processor_seconds() - started) / f64::from(rounds)
}

/// How long this process, which has one thread, has been on a processor.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").expect("Linux counts it");
    let nanoseconds = stat.split(' ').next().and_then(|first| first.parse::<u64>().ok());
    nanoseconds.expect("it is a number") as f64 / 1e9
}
