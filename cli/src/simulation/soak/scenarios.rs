//! Twelve named scenarios of three slots each, run once undisturbed and then once for every single thing
//! that can go wrong in the last: see [`super::compare`] for what must come of it all the same.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};
use snapkeep_policy::inventory::{Engine, Shape};
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
    /// From the last slot on the database of this number, and all of its kind, is refused what would make
    /// a recovery point of it.
    Sick(usize),
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
        let before_first = calls(&stage.world);
        let mut night = Night::new(&small, &stage, &checks, Vec::new());
        let mut script: Vec<Planned> = Vec::new();
        let slots = night.slots.clone();
        let Some((last, before)) = slots.split_last() else { return Err("no slots".to_owned()) };
        for slot in before {
            night.of_slot(*slot, &mut script).await;
        }
        let from = calls(&stage.world);
        self.arrange(upset, &small, &stage.world);
        if let Some((kind, operation)) = &self.fault {
            let fault = Fault::new(kind.clone()).on(operation).times(1);
            stage.world.faults().schedule(fault);
        }
        night.upset = Some(upset);
        night.of_slot(*last, &mut script).await;
        let until = calls(&stage.world);
        let changes = checks.changes().into_iter().map(|nth| before_first + nth);
        let extent = Extent {
            from,
            until,
            changes: changes.filter(|call| (from + 1..=until).contains(call)).collect(),
            visits: night.visits,
            databases: small.databases.len(),
        };
        night.upset = None;
        let mut outcome = night.come_to_rest(&mut script).await;
        if matches!(self.fault, Some((FaultKind::FailedRestore, _))) {
            // Which one is found bad, and so displaces no other, is whichever was the newest at the time.
            outcome.rest.retain(|it| it.contains(&last.to_string()));
        }
        Ok((outcome, extent))
    }

    fn arrange(&self, upset: Upset, small: &Small, world: &World) {
        let (kind, call) = match upset {
            Upset::KillBefore(call) => (FaultKind::KilledBefore, call),
            Upset::KillAfter(call) => (FaultKind::KilledAfter, call),
            Upset::Sick(database) => return sicken(&small.databases[database], world),
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

/// Refuses whatever would make a recovery point of this kind of database, for good.
fn sicken(database: &DatabaseSpec, world: &World) {
    let calls = match database.shape {
        Shape::Cluster => ["rds:CreateDBClusterSnapshot", "rds:CopyDBClusterSnapshot"],
        Shape::Instance => ["rds:CreateDBSnapshot", "rds:CopyDBSnapshot"],
    };
    for call in calls {
        let refused = FaultKind::Refuse { status: 403, code: "AccessDenied" };
        world.faults().schedule(Fault::new(refused).on(call));
    }
}

/// What there is to upset: the calls and the visits of the last slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    pub from: u64,
    pub until: u64,
    /// Those of the calls that changed something.
    pub changes: Vec<u64>,
    pub visits: usize,
    /// Databases of kinds that are called for apart.
    pub databases: usize,
}

impl Extent {
    /// Every single thing that can go wrong, kills and others by turns; of the kills those at each call
    /// that changes something, and of the others one in `stride`.
    pub fn upsets(&self, stride: usize) -> Vec<Upset> {
        let some = (self.from + 1..=self.until).step_by(stride.max(1));
        let calls: BTreeSet<u64> = some.chain(self.changes.iter().copied()).collect();
        let mut others = self.others();
        let mut upsets: Vec<Upset> = Vec::new();
        for call in calls {
            upsets.extend([Upset::KillAfter(call), Upset::KillBefore(call)]);
            upsets.extend(others.by_ref().take(3));
        }
        upsets.extend(others);
        upsets
    }

    fn others(&self) -> impl Iterator<Item = Upset> {
        // One that is alone has nobody to be kept from.
        let sick = (0..self.databases).filter(|_| self.databases > 1).map(Upset::Sick);
        let each: [fn(usize) -> Upset; 8] = [
            Upset::Double,
            Upset::Concurrent,
            Upset::Outage,
            Upset::Drop,
            Upset::Delay,
            |visit| Upset::Stale(visit, 1),
            |visit| Upset::Stale(visit, 2),
            |visit| Upset::Stale(visit, 3),
        ];
        let visits = self.visits;
        sick.chain(each.into_iter().flat_map(move |upset| (0..visits).map(upset)))
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

    #[test]
    fn runs_die_around_each_change_whatever_the_stride() {
        let extent = Extent { from: 10, until: 99, changes: vec![12, 50], visits: 2, databases: 2 };
        let upsets = extent.upsets(255);
        let kills =
            [11, 12, 50].into_iter().flat_map(|n| [Upset::KillBefore(n), Upset::KillAfter(n)]);
        for upset in kills.chain([Upset::Sick(0), Upset::Sick(1)]).chain(extent.others()) {
            let count = upsets.iter().filter(|it| **it == upset).count();
            assert_eq!(count, 1, "{upset:?}");
        }
        assert_eq!(upsets.len(), 6 + 2 + 16);
        let alone = Extent { databases: 1, ..extent };
        assert_eq!(alone.upsets(1).len(), 2 * 89 + 16);
    }
}
