//! The invariants about runs and messages, and what is written down for them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use snapkeep_alarm::MEMORY_KEY;
use snapkeep_policy::ids::Region;
use snapkeep_policy::tags;
use snapkeep_world::{Database, World};

use super::acts::{Act, Planned};
use super::checks::{is_scratch, is_source};
use super::outcome::Violation;
use super::run::Night;
use super::small::{AWAY, HOME};
use crate::simulation::BUCKET;

/// A slot that is still open this long after its instant is missed: see the policy of
/// [`super::small::Small`]. A little later, because a snapshot takes its time too.
const SLOT_AFTER: SignedDuration = SignedDuration::from_mins(140);
/// A slot that nobody fills is told by the second run of alarm that succeeds.
const ALARM_RUNS_MAX: u32 = 2;
/// A teardown has so long after the deadline.
const TEARDOWN_GRACE: SignedDuration = SignedDuration::from_hours(24);

/// What happened to the functions, and who did what.
#[derive(Default)]
pub struct Diary {
    pub acts: Vec<Planned>,
    pub runs: u64,
    pub killed: u64,
    pub dropped: u64,
    /// Whether the last run did all it meant to.
    pub went_well: bool,
    /// Databases without a recovery point for a slot, and how many runs of alarm saw them so.
    open: BTreeMap<(String, Timestamp), u32>,
    found: Vec<Violation>,
}

impl Diary {
    /// An act has been done.
    pub fn done(&mut self, planned: &Planned) {
        self.acts.push(planned.clone());
    }

    /// A run is over: whole, in part, or because it was killed.
    pub fn ran(&mut self, ended: Option<bool>) {
        self.runs += 1;
        self.went_well = ended == Some(true);
        self.killed += u64::from(ended.is_none());
    }

    /// Something doesn't hold.
    pub fn found(&mut self, violation: Option<Violation>) {
        self.found.extend(violation);
    }

    /// The databases at home.
    pub fn all_databases(&self, world: &World) -> Vec<Database> {
        HOME.parse().map(|home: Region| world.databases(&home)).unwrap_or_default()
    }

    fn did(&self, act: Act, slot: Timestamp) -> bool {
        self.acts.iter().any(|it| it.act == act && it.slot == slot)
    }

    /// Whether a stranger's snapshot has the identifiers of a slot's.
    pub fn is_squatted(&self, slot: Timestamp) -> bool {
        self.did(Act::Squat, slot)
    }

    /// Whether somebody took the tags off what was made for a slot: that is an alarm's, and nobody's
    /// to make again.
    pub fn is_tampered(&self, slot: Timestamp) -> bool {
        self.did(Act::Strip, slot)
    }

    /// MissedAlarm: notes which slots are open while alarm has run from end to end, and finds those of
    /// which nothing was told.
    pub fn alarm_ran(&mut self, world: &World, slots: &[Timestamp], now: Timestamp) {
        let Some(slot) = slots.iter().rfind(|slot| **slot + SLOT_AFTER <= now) else { return };
        let Ok(home) = HOME.parse::<Region>() else { return };
        let filled: BTreeSet<String> = world
            .snapshots(&home)
            .into_iter()
            .filter(|it| it.status != "failed")
            .filter(|it| it.tags.get(tags::SLOT).is_some_and(|tag| *tag == slot.to_string()))
            .map(|it| it.resource_id)
            .collect();
        for it in self.all_databases(world).iter().filter(|it| is_source(it)) {
            if filled.contains(&it.resource_id) || it.created_at > *slot {
                continue;
            }
            let runs = self.open.entry((it.id().to_owned(), *slot)).or_default();
            *runs += 1;
            if *runs >= ALARM_RUNS_MAX && !is_told(world, it.id()) {
                self.found.push(Violation {
                    invariant: "MissedAlarm".to_owned(),
                    at: now,
                    what: format!("nobody is told that {} has nothing of {slot}", it.arn),
                });
            }
        }
    }

    /// AlarmHonest: what alarm remembers as told somebody was told, alone or in a group.
    pub fn alarm_remembers(&mut self, world: &World, now: Timestamp) {
        let objects = world.objects(BUCKET);
        let Some(object) = objects.get(MEMORY_KEY) else { return };
        let Ok(Remembered { alarms, lives }) = serde_json::from_slice(&object.body) else { return };
        let is_alone = |key: &String| lives.get(key).is_none_or(|life| life.group.is_none());
        let told = alarms.iter().filter(|(key, it)| it.told_at.is_some() && is_alone(key));
        let messages = world.messages();
        for (key, _) in told {
            if !messages.iter().any(|message| message.body.contains(key.as_str())) {
                self.found.push(Violation {
                    invariant: "AlarmHonest".to_owned(),
                    at: now,
                    what: format!("{key} is remembered as told, and nobody was told"),
                });
            }
        }
    }

    /// ScratchDeadline: nothing that was restored outlives its deadline by a day.
    pub fn verify_ran(&mut self, world: &World, now: Timestamp) {
        for it in [HOME, AWAY]
            .into_iter()
            .flat_map(str::parse::<Region>)
            .flat_map(|r| world.databases(&r))
        {
            let deadline = it.tags.get(tags::DEADLINE).and_then(|at| at.parse::<Timestamp>().ok());
            let is_late = deadline.is_some_and(|at| now.duration_since(at) > TEARDOWN_GRACE);
            if is_late && is_scratch(&it) {
                self.found.push(Violation {
                    invariant: "ScratchDeadline".to_owned(),
                    at: now,
                    what: format!("{} is a day past its deadline", it.arn),
                });
            }
        }
    }
}

/// What is read of a published message.
#[derive(Deserialize)]
struct Published {
    snapkeep: Told,
}

#[derive(Deserialize)]
struct Told {
    status: String,
    condition: String,
}

/// What is read of alarm's memory.
#[derive(Deserialize)]
struct Remembered {
    alarms: BTreeMap<String, Alarm>,
    lives: BTreeMap<String, Life>,
}

#[derive(Deserialize)]
struct Alarm {
    told_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Life {
    group: Option<String>,
}

/// Whether the last that subscribers heard of a database is that something is missing. A message
/// about many counts for each that it names.
fn is_told(world: &World, database: &str) -> bool {
    let missing =
        ["slot-missed", "recovery-point-missing", "region-unseen", "refused", "rpo-exceeded"];
    let mut open: BTreeMap<String, bool> = BTreeMap::new();
    for message in world.messages() {
        let Ok(Published { snapkeep: told }) = serde_json::from_str(&message.body) else {
            continue;
        };
        let is_of = message.body.contains(database) || told.condition == "region-unseen";
        if is_of && missing.contains(&told.condition.as_str()) {
            open.insert(told.condition, told.status != "resolved");
        }
    }
    open.values().any(|is_open| *is_open)
}

/// What of the invariants about runs doesn't hold at the end.
pub fn check(night: &Night<'_>, ticks_to_rest: u32) -> Vec<Violation> {
    let world = &night.stage.world;
    let mut found = night.diary.found.clone();
    let slot = night.slots.last().copied().unwrap_or(night.small.start);
    found.extend(super::rest::says(ticks_to_rest, night, slot).map(|what| Violation {
        invariant: "Liveness".to_owned(),
        at: world.now(),
        what,
    }));
    found.extend(leaked(world, &night.checks.passwords()).map(|what| Violation {
        invariant: "Bounded".to_owned(),
        at: world.now(),
        what,
    }));
    found
}

/// A password that is anywhere but where it is kept: which there are is known by what was set, so that one
/// that is kept elsewhere is found, too.
fn leaked(world: &World, passwords: &BTreeSet<String>) -> Option<String> {
    let has_one = |text: &str| passwords.iter().any(|password| text.contains(password));
    let objects = world.objects(BUCKET);
    let in_bucket = objects
        .iter()
        .filter(|(key, _)| !key.starts_with("scratch/"))
        .find(|(_, object)| has_one(&String::from_utf8_lossy(&object.body)))
        .map(|(key, _)| format!("a password is in the object {key}"));
    let is_told = world.messages().iter().any(|message| has_one(&message.body));
    in_bucket.or_else(|| is_told.then(|| "a password was published".to_owned()))
}
