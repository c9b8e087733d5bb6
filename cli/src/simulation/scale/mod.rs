//! One day of a large fleet: what the small simulations can't show.
//!
//! Half of the databases live in each of two regions and are copied into the other one. They have a
//! history, as if this were any day: what comes to it must go again. Every call takes its time by the
//! virtual clock, some are throttled, and each run of a function has a timeout, so lists take most of a
//! run and a run leaves work to the next. Copies go through AWS's slots for them.
//!
//! The five shipped handlers run; of the functions' wake-ups only those are played in which there may be
//! something to do ([`day`]). Shards run one after the other here: what they may do at the same instant
//! is a matter of their plans, which are tested where they are made. Databases aren't rehearsed: a
//! rehearsal a database and night is bounded by `concurrent_max`, whatever the fleet's size.
//!
//! At the end the account itself is asked ([`truth`]) what is missing, not the functions.

mod day;
mod fleet;
#[cfg(test)]
mod tests;
mod truth;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use snapkeep_function::{Outcome, Report, Tick};
use snapkeep_policy::alarm::Format;
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::Region;
use snapkeep_policy::shard::Shard;
use snapkeep_policy::verb::Verb;
use snapkeep_world::{FaultKind, Options, Rates, World};

use super::contents::Books;
use super::{Scenario, Stage};

pub use day::{Day, live};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// Databases, in two regions.
    pub databases: u32,
    /// Recovery points of each before the day, originals and copies together.
    pub recovery_points: u32,
    /// Runs into which create, copy, verify and prune are divided.
    pub shards: u32,
    /// Timeout of the functions, in seconds.
    pub timeout_seconds: u32,
    /// What a call takes, in milliseconds.
    pub latency_ms: u32,
    /// Calls that are throttled, in percent.
    pub throttled_percent: u32,
    /// Decides durations and faults.
    pub seed: u64,
}

impl Order {
    /// The command that asks for it.
    fn command(&self) -> String {
        format!(
            "snapkeep scale --databases {} --recovery-points {} --shards {} --timeout-seconds {} \
             --latency-ms {} --throttled-percent {} --seed {}",
            self.databases,
            self.recovery_points,
            self.shards,
            self.timeout_seconds,
            self.latency_ms,
            self.throttled_percent,
            self.seed
        )
    }

    /// Every shard; none where the function is undivided.
    fn shards_of(&self, verb: Verb) -> Vec<Option<Shard>> {
        let of = u64::from(self.shards);
        match verb {
            Verb::Alarm => vec![None],
            Verb::Create | Verb::Copy | Verb::Verify | Verb::Prune if of == 1 => vec![None],
            Verb::Create | Verb::Copy | Verb::Verify | Verb::Prune => {
                (0..of).map(|index| Shard::new(index, of)).collect()
            }
        }
    }
}

/// One run of a function.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    pub verb: Verb,
    pub at: Timestamp,
    /// How long it took by the virtual clock.
    pub seconds: f64,
    /// Steps that were taken.
    pub done: usize,
    /// Steps for which no time was left.
    pub out_of_time: usize,
    /// Whether anything was planned.
    pub idle: bool,
    /// What went wrong, one line each.
    pub errors: Vec<String>,
    /// Calls by operation.
    pub calls: BTreeMap<String, u64>,
}

/// The simulated account with its fleet.
struct Fleet {
    stage: Stage,
    order: Order,
    document: PolicyDocument,
    start: Timestamp,
}

impl Fleet {
    async fn furnish(order: &Order) -> Result<Self, String> {
        let demo = Scenario::demo(1, order.seed);
        let scenario = Scenario {
            command: order.command(),
            policy: fleet::policy(order.recovery_points),
            fleet: fleet::members(order.databases),
            quotas: fleet::NO_QUOTA,
            rates: Rates::none().with(FaultKind::Throttle, order.throttled_percent * 100),
            incidents: false,
            ..demo
        };
        let document = scenario.document()?;
        let options = Options {
            start: scenario.start,
            quotas: scenario.quotas,
            regions: scenario.regions(),
            latency: SignedDuration::from_millis(i64::from(order.latency_ms)),
            ..Options::new(order.seed)
        };
        let start = scenario.start;
        let world = World::new(options);
        let stage = Stage::in_world(world, &scenario, &document).await?;
        fleet::add_history(&stage.world, &document, start, order.recovery_points);
        Ok(Self { stage, order: order.clone(), document, start })
    }

    fn world(&self) -> &World {
        &self.stage.world
    }

    fn regions(&self) -> Vec<Region> {
        self.document.all_regions(None).into_iter().collect()
    }

    /// One run, as the schedule of that shard wakes it.
    async fn wake(&self, verb: Verb, shard: Option<(u32, u32)>) -> Run {
        let world = self.world();
        let (at, before) = (world.now(), world.calls());
        let clock = world.clock();
        let timeout = Duration::from_secs(u64::from(self.order.timeout_seconds));
        let elapsed = move || clock.now().duration_since(at).unsigned_abs();
        let tick = Tick::measured(at, timeout, elapsed);
        let result = self.handle(verb, &payload(verb, at, shard), &tick).await;
        let seconds = world.now().duration_since(at).as_secs_f64();
        let calls = since(&before, world.calls());
        let of = |outcome: &Outcome, report: &Report| {
            report.steps.iter().filter(|entry| entry.outcome == *outcome).count()
        };
        match result {
            Ok(report) => Run {
                verb,
                at,
                seconds,
                done: report.done(),
                out_of_time: of(&Outcome::OutOfTime, &report),
                idle: report.steps.is_empty(),
                errors: report.errors(),
                calls,
            },
            Err(error) => {
                let (done, out_of_time, errors) = (0, 0, vec![error]);
                Run { verb, at, seconds, done, out_of_time, idle: false, errors, calls }
            }
        }
    }

    async fn handle(&self, verb: Verb, payload: &[u8], tick: &Tick) -> Result<Report, String> {
        let app = self.stage.app();
        let books = Books { world: self.world(), emptied: Vec::new(), start: self.start };
        let result = match verb {
            Verb::Create => snapkeep_create::handle(&app, payload, tick).await,
            Verb::Copy => snapkeep_copy::handle(&app, payload, tick).await,
            Verb::Verify => snapkeep_verify::handle(&app, &books, payload, tick).await,
            Verb::Prune => snapkeep_prune::handle(&app, payload, tick).await,
            Verb::Alarm => snapkeep_alarm::handle(&app, payload, tick).await,
        };
        result.map_err(|error| error.to_string())
    }

    fn format(&self) -> Format {
        self.stage.format
    }
}

/// What the schedule sends.
fn payload(verb: Verb, at: Timestamp, shard: Option<(u32, u32)>) -> Vec<u8> {
    let mut input = serde_json::json!({ "verb": verb, "scheduled_at": at });
    if let Some((index, of)) = shard {
        input["shard"] = serde_json::json!({ "index": index, "of": of });
    }
    input.to_string().into_bytes()
}

/// The calls after those `before`.
fn since(before: &BTreeMap<String, u64>, now: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let more = now.into_iter().map(|(operation, count)| {
        let more = count - before.get(&operation).copied().unwrap_or_default();
        (operation, more)
    });
    more.filter(|(_, count)| *count > 0).collect()
}
