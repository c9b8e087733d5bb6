//! Twelve named scenarios of two slots each, run once undisturbed and then once for every single thing
//! that can go wrong in the second: each must end in the same world.

use jiff::Timestamp;
use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};
use snapkeep_policy::inventory::Engine;
use snapkeep_world::{DatabaseSpec, Fault, FaultKind, Rates, World};

use super::acts::Planned;
use super::checks::Checks;
use super::gfs::Keep;
use super::outcome::Outcome;
use super::run::Night;
use super::small::{AWAY, HOME, Small};
use crate::simulation::Stage;

/// The one thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Upset {
    Nothing,
    /// The run is killed at this call of the world's, before its effect.
    KillBefore(u64),
    /// The same, after its effect.
    KillAfter(u64),
    /// This visit of the last slot doesn't take place.
    Drop(usize),
    /// It takes place twice.
    Double(usize),
    /// It takes place an hour later.
    Delay(usize),
    /// Two of it take place at once.
    Concurrent(usize),
    /// The other region is down during it.
    Outage(usize),
    /// What it sees is so many changes old.
    Stale(usize, usize),
}

/// A scenario: what differs from the plain one.
pub struct Scenario {
    pub name: &'static str,
    build: fn(&mut Small),
    fault: Option<(FaultKind, &'static str)>,
}

const fn plain(name: &'static str, build: fn(&mut Small)) -> Scenario {
    Scenario { name, build, fault: None }
}

const fn with(
    name: &'static str,
    build: fn(&mut Small),
    kind: FaultKind,
    operation: &'static str,
) -> Scenario {
    Scenario { name, build, fault: Some((kind, operation)) }
}

fn kept_away(small: &mut Small) {
    small.keep_away = Some(last(2));
}

fn proven(small: &mut Small) {
    small.proven_in = Some(HOME);
}

fn cluster(small: &mut Small) {
    small.databases = vec![database(DatabaseSpec::cluster(Engine::Docdb, "orders-0"))];
}

/// All twelve.
pub const ALL: [Scenario; 12] = [
    plain("an instance, kept at home", |_| {}),
    plain("a cluster, kept at home", cluster),
    plain("an instance, copied away", kept_away),
    plain("an unencrypted cluster, copied away", |small| {
        cluster(small);
        kept_away(small);
        small.databases[0].encrypted = false;
    }),
    plain("two databases of two kinds, copied away", |small| {
        kept_away(small);
        small.databases.push(database(DatabaseSpec::cluster(Engine::Docdb, "orders-1")));
    }),
    plain("an instance, proven at home", proven),
    plain("a cluster, proven at home", |small| {
        cluster(small);
        proven(small);
    }),
    plain("a cluster, proven where it is copied to", |small| {
        cluster(small);
        kept_away(small);
        small.proven_in = Some(AWAY);
    }),
    with("a snapshot that fails", |_| {}, FaultKind::FailedSnapshot, "rds:CreateDBSnapshot"),
    with("a copy that fails", kept_away, FaultKind::FailedCopy, "rds:CopyDBSnapshot"),
    with("a copy that is stuck", kept_away, FaultKind::StuckCopy, "rds:CopyDBSnapshot"),
    with("a restore that fails", proven, FaultKind::FailedRestore, "rds:Restore*"),
];

fn last(last: u32) -> Keep {
    Keep {
        last,
        hourly: 0,
        daily: 0,
        weekly: 0,
        monthly: 0,
        yearly: 0,
        oldest: false,
        min: 1,
        verified_floor: 0,
        quarantine_days: 14,
    }
}

fn database(spec: DatabaseSpec) -> DatabaseSpec {
    spec.tag("snapkeep:policy", "kept")
}

impl Scenario {
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|scenario| scenario.name == name)
    }

    /// Three slots of which one is superseded.
    fn small(&self) -> Small {
        let mut small = Small {
            days: 3,
            start: "2026-03-02T00:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH),
            zone: jiff::tz::TimeZone::UTC,
            hour: 2,
            minute: 0,
            weekdays: vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday],
            databases: vec![database(DatabaseSpec::instance(Engine::Postgres, "orders-0"))],
            keep: last(2),
            keep_away: None,
            proven_in: None,
            pick: "latest",
            quota: 100,
            rates: Rates::none(),
            slow: false,
            unproven: None,
            exposed: false,
            crowded: false,
            ..Small::of(1)
        };
        (self.build)(&mut small);
        small
    }

    /// Runs it with one thing gone wrong in its last slot.
    ///
    /// # Errors
    /// A policy that is refused: a mistake in this file.
    pub async fn run(&self, upset: Upset) -> Result<(Outcome, Extent), String> {
        let small = self.small();
        let scenario = small.scenario();
        let document = scenario.document()?;
        let world = World::new(small.options(&scenario));
        let stage = Stage::in_world(world, &scenario, &document).await?;
        for region in scenario.regions() {
            stage.world.admin().create_subnet_group(&region, "scratch", false);
        }
        let checks = Checks::new(&small);
        stage.world.watch(checks.witness());
        let mut night = Night::new(&small, &stage, &checks, Vec::new());
        let mut script: Vec<Planned> = Vec::new();
        let slots = night.slots.clone();
        let Some((last, before)) = slots.split_last() else { return Err("no slots".to_owned()) };
        for slot in before {
            night.of_slot(*slot, &mut script).await;
        }
        let from = calls(&stage.world);
        self.arrange(upset, &stage.world);
        if let Some((kind, operation)) = &self.fault {
            let fault = Fault::new(kind.clone()).on(operation).times(1);
            stage.world.faults().schedule(fault);
        }
        night.upset = Some(upset);
        night.of_slot(*last, &mut script).await;
        let extent = Extent { from, until: calls(&stage.world), visits: night.visits };
        night.upset = None;
        let mut outcome = night.come_to_rest(&mut script).await;
        if matches!(self.fault, Some((FaultKind::FailedRestore, _))) {
            // Which one is found bad, and so displaces no other, is whichever was the newest at the time.
            outcome.rest.retain(|it| it.contains(&last.to_string()));
        }
        Ok((outcome, extent))
    }

    fn arrange(&self, upset: Upset, world: &World) {
        let (kind, call) = match upset {
            Upset::KillBefore(call) => (FaultKind::KilledBefore, call),
            Upset::KillAfter(call) => (FaultKind::KilledAfter, call),
            Upset::Nothing
            | Upset::Drop(_)
            | Upset::Double(_)
            | Upset::Delay(_)
            | Upset::Concurrent(_)
            | Upset::Outage(_)
            | Upset::Stale(..) => return,
        };
        world.faults().schedule(Fault::new(kind).at_call(call));
    }
}

/// What there is to upset: the calls and the visits of the last slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    pub from: u64,
    pub until: u64,
    pub visits: usize,
}

impl Extent {
    /// Every single thing that can go wrong; of the kills one in `stride`.
    pub fn upsets(self, stride: usize) -> Vec<Upset> {
        let calls = (self.from + 1..=self.until).step_by(stride.max(1));
        let kills = calls.flat_map(|call| [Upset::KillBefore(call), Upset::KillAfter(call)]);
        let visits = (0..self.visits).flat_map(|visit| {
            let stale = (1..=3).map(move |changes| Upset::Stale(visit, changes));
            [
                Upset::Drop(visit),
                Upset::Double(visit),
                Upset::Delay(visit),
                Upset::Concurrent(visit),
                Upset::Outage(visit),
            ]
            .into_iter()
            .chain(stale)
        });
        kills.chain(visits).collect()
    }
}

fn calls(world: &World) -> u64 {
    world.calls().values().sum()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_scenario_has_a_name_of_its_own_and_three_slots() {
        let names: BTreeSet<&str> = ALL.iter().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), ALL.len());
        for scenario in &ALL {
            assert_eq!(scenario.small().slots().len(), 3, "{}", scenario.name);
        }
    }
}
