//! The day: who is woken when, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use snapkeep_policy::verb::Verb;

use super::fleet::SLOT;
use super::truth::Truth;
use super::{Fleet, Order, Run};
use crate::simulation::heard;
use crate::simulation::watch::Watch;

/// When each function first looks, and looks whatever there is to do.
const FIRST: &[(i64, i64, Verb)] = &[
    (2, 0, Verb::Create),
    (2, 15, Verb::Copy),
    (6, 0, Verb::Verify),
    (8, 0, Verb::Prune),
    (9, 0, Verb::Alarm),
    (20, 0, Verb::Prune),
    (23, 30, Verb::Alarm),
    (23, 45, Verb::Alarm),
];

/// A schedule's next tick, where the one before left something to do.
fn next_tick(verb: Verb) -> SignedDuration {
    match verb {
        Verb::Create | Verb::Copy | Verb::Alarm => SignedDuration::from_mins(15),
        Verb::Verify => SignedDuration::from_mins(10),
        Verb::Prune => SignedDuration::from_mins(60),
    }
}

/// What came of a day.
#[derive(Debug, Serialize)]
pub struct Day {
    pub command: String,
    pub databases: usize,
    pub recovery_points_before: usize,
    pub recovery_points_after: usize,
    pub created: usize,
    pub copied: usize,
    pub pruned: usize,
    /// What isn't there and should be.
    pub missed: Vec<String>,
    /// Recovery points that should be gone and aren't.
    pub surplus: usize,
    /// When the last recovery point and the last copy of the day's slot were found there.
    pub created_by: Option<Timestamp>,
    pub copied_by: Option<Timestamp>,
    pub alarms_opened: usize,
    /// Alarms that were open at the end.
    pub alarms_open: Vec<String>,
    pub violations: Vec<String>,
    pub throttled: u64,
    pub calls: BTreeMap<String, u64>,
    pub runs: Vec<Run>,
}

impl Day {
    /// Whether the day is as it should be.
    pub fn is_well(&self) -> bool {
        self.missed.is_empty()
            && self.surplus == 0
            && self.alarms_open.is_empty()
            && self.violations.is_empty()
    }
}

/// Lives through the day that `order` describes, and tells `progress` of each run's instant.
///
/// # Errors
/// A fleet that can't be made.
pub async fn live(order: &Order, progress: impl Fn(SignedDuration)) -> Result<Day, String> {
    let fleet = Fleet::furnish(order).await?;
    let (world, regions, slot) = (fleet.world(), fleet.regions(), fleet.start + SLOT);
    let before = Truth::of(world, &regions);
    let mut watch = Watch::new(&fleet.document, regions.clone());
    let mut agenda = Agenda::of(&fleet);
    let (mut runs, mut complete) = (Vec::new(), BTreeMap::new());
    while let Some((at, verb, index)) = agenda.left.pop_first() {
        world.advance_to(at);
        progress(world.now().duration_since(fleet.start));
        let shard = fleet.order.shards_of(verb)[index as usize];
        let seen = watch.look(world, verb);
        let run = fleet.wake(verb, shard.map(|_| (index, order.shards))).await;
        watch.compare(&seen, world, verb);
        let truth = Truth::of(world, &regions);
        if truth.missing(verb, slot, None).is_empty() {
            complete.entry(verb).or_insert(world.now());
        }
        let is_left = match verb {
            Verb::Create | Verb::Copy => !truth.missing(verb, slot, shard).is_empty(),
            Verb::Verify | Verb::Prune => !run.idle || !run.errors.is_empty(),
            Verb::Alarm => !run.errors.is_empty(),
        };
        if is_left {
            agenda.again(at, verb, index);
        }
        runs.push(run);
    }
    world.advance_to(agenda.end);
    let after = Truth::of(world, &regions);
    let (had, has) = (before.addresses(), after.addresses());
    let missed = [Verb::Create, Verb::Copy].map(|verb| after.missing(verb, slot, None));
    let alarms = heard::alarms(&world.messages(), fleet.format());
    let open = alarms.iter().filter(|alarm| alarm.resolved_at.is_none());
    let [no_original, no_copy] = [missed[0].len(), missed[1].len()];
    let databases = order.databases as usize;
    Ok(Day {
        command: order.command(),
        databases,
        recovery_points_before: had.len(),
        recovery_points_after: has.len(),
        created: databases - no_original,
        copied: databases - no_copy,
        pruned: had.difference(&has).count(),
        missed: missed.concat(),
        surplus: after.surplus(order.recovery_points),
        created_by: complete.get(&Verb::Create).copied(),
        copied_by: complete.get(&Verb::Copy).copied(),
        alarms_opened: alarms.len(),
        alarms_open: open.map(|it| format!("{} {}", it.condition, it.message)).collect(),
        violations: watch.violations(),
        throttled: world.faults().injected().values().sum(),
        calls: world.calls(),
        runs,
    })
}

/// Who is still to be woken, in order of time.
struct Agenda {
    left: BTreeSet<(Timestamp, Verb, u32)>,
    end: Timestamp,
}

impl Agenda {
    fn of(fleet: &Fleet) -> Self {
        let mut left = BTreeSet::new();
        for (hour, minute, verb) in FIRST {
            let at = fleet.start + SignedDuration::from_mins(hour * 60 + minute);
            let shards = (0_u32..).zip(fleet.order.shards_of(*verb));
            left.extend(shards.map(|(index, _)| (at, *verb, index)));
        }
        Self { left, end: fleet.start + SignedDuration::from_hours(24) }
    }

    /// At the schedule's next tick, if the day lasts so long.
    fn again(&mut self, at: Timestamp, verb: Verb, index: u32) {
        let next = at + next_tick(verb);
        if next < self.end {
            self.left.insert((next, verb, index));
        }
    }
}
