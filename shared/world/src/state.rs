//! Everything a world knows, and the agenda of what will happen to it.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::Shape;

use crate::bucket::Bucket;
use crate::clock::VirtualClock;
use crate::dice::Dice;
use crate::faults::FaultState;
use crate::model::{Database, Locality, Place, Snapshot};
use crate::options::Options;
use crate::sns::Message;
use crate::trace::Trace;
use crate::wire::Answer;
use crate::witness::{Truth, Watcher, Witness};

/// Lists may lag behind what was done by minutes, not by hours.
const PAST_SHOWN_MAX: SignedDuration = SignedDuration::from_mins(20);

#[derive(Debug)]
pub(crate) struct State {
    pub options: Options,
    pub clock: VirtualClock,
    pub dice: Dice,
    pub places: BTreeMap<Place, Locality>,
    pub buckets: BTreeMap<String, Bucket>,
    pub messages: Vec<Message>,
    /// Engine versions that can be created and restored.
    pub offered: BTreeMap<String, Vec<String>>,
    pub faults: FaultState,
    pub calls: BTreeMap<String, u64>,
    /// Calls of all kinds so far; a request's id and its random faults are made from it.
    pub calls_total: u64,
    /// How often each operation was refused with each code.
    pub refusals: BTreeMap<(String, String), u64>,
    pub trace: Trace,
    /// Whether the caller was killed since that was last asked.
    pub killed: bool,
    /// Whether callers take turns: see [`crate::World::interleave`].
    pub takes_turns: bool,
    witness: Option<Watcher>,
    /// What there was before each of the last changes, the newest last.
    past: VecDeque<(Timestamp, BTreeMap<Place, Locality>)>,
    agenda: BTreeMap<(Timestamp, u64), Due>,
    serials: u64,
}

/// Something that will happen to a database or a snapshot, if it is still the same one.
#[derive(Debug)]
struct Due {
    place: Place,
    thing: Thing,
    shape: Shape,
    id: String,
    serial: u64,
    then: Then,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    Database,
    Snapshot,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Then {
    /// Takes another status, unless something else has happened to it.
    Turn { from: &'static str, to: &'static str },
    /// A database is gone.
    Vanish,
}

impl Due {
    fn new(thing: Thing, arn: &RdsArn, shape: Shape, serial: u64, then: Then) -> Self {
        Self { place: Place::of(arn), thing, shape, id: arn.id.clone(), serial, then }
    }
}

impl State {
    pub(crate) fn new(options: Options) -> Self {
        let mut places = BTreeMap::new();
        for account in &options.accounts {
            for region in &options.regions {
                let place = Place { account: account.clone(), region: region.clone() };
                let locality = Locality::new(&place, options.quotas);
                places.insert(place, locality);
            }
        }
        Self {
            clock: VirtualClock::at(options.start),
            dice: Dice::new(options.seed),
            places,
            buckets: BTreeMap::new(),
            messages: Vec::new(),
            offered: offered_versions(),
            faults: FaultState::default(),
            calls: BTreeMap::new(),
            calls_total: 0,
            refusals: BTreeMap::new(),
            trace: Trace::default(),
            killed: false,
            takes_turns: false,
            witness: None,
            past: VecDeque::new(),
            agenda: BTreeMap::new(),
            serials: 0,
            options,
        }
    }

    /// Has `witness` see every call from now on.
    pub(crate) fn watch(&mut self, witness: Box<dyn Witness>) {
        self.witness = Some(Watcher(witness));
    }

    pub(crate) fn show(&mut self, see: impl FnOnce(&mut dyn Witness, Truth<'_>)) {
        if let Some(mut watcher) = self.witness.take() {
            see(&mut *watcher.0, Truth::new(self));
            self.witness = Some(watcher);
        }
    }

    /// The caller doesn't live to get an answer.
    pub(crate) fn kill(&mut self) -> Answer {
        self.killed = true;
        Answer::Killed
    }

    /// Keeps what there is, before it changes.
    pub(crate) fn remember(&mut self) {
        if self.options.changes_remembered > 0 {
            self.past.push_back((self.now(), self.places.clone()));
            if self.past.len() > self.options.changes_remembered {
                self.past.pop_front();
            }
        }
    }

    /// Shows `look` the world as it was so many changes ago, or as long ago as is remembered; what was
    /// changed longer ago has been seen by everybody.
    pub(crate) fn as_it_was<T>(&mut self, changes: usize, look: impl FnOnce(&mut Self) -> T) -> T {
        let since = self.now() - PAST_SHOWN_MAX;
        let recent = self.past.iter().rev().take(changes).take_while(|(at, _)| *at >= since);
        let Some((_, past)) = recent.last().cloned() else { return look(self) };
        let present = std::mem::replace(&mut self.places, past);
        let seen = look(self);
        self.places = present;
        seen
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serials += 1;
        self.serials
    }

    /// Lets everything happen that is due by `to`, each at its instant. Time doesn't go back.
    pub(crate) fn advance_to(&mut self, to: Timestamp) {
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= to) {
            self.clock.set(entry.key().0);
            let due = entry.remove();
            self.happen(due);
        }
        if to > self.now() {
            self.clock.set(to);
        }
    }

    pub(crate) fn later_database(&mut self, at: Timestamp, database: &Database, then: Then) {
        let Database { arn, shape, serial, .. } = database;
        self.later(at, Due::new(Thing::Database, arn, *shape, *serial, then));
    }

    pub(crate) fn later_snapshot(&mut self, at: Timestamp, snapshot: &Snapshot, then: Then) {
        let Snapshot { arn, shape, serial, .. } = snapshot;
        self.later(at, Due::new(Thing::Snapshot, arn, *shape, *serial, then));
    }

    fn later(&mut self, at: Timestamp, due: Due) {
        let order = self.next_serial();
        self.agenda.insert((at, order), due);
    }

    fn happen(&mut self, due: Due) {
        let Due { place, thing, shape, id, serial, then } = due;
        let Some(locality) = self.places.get_mut(&place) else { return };
        let key = (shape, id);
        let status = match thing {
            Thing::Database => locality
                .databases
                .get_mut(&key)
                .filter(|database| database.serial == serial)
                .map(|database| &mut database.status),
            Thing::Snapshot => {
                locality.snapshots.get_mut(&key).filter(|snapshot| snapshot.serial == serial).map(
                    |snapshot| {
                        snapshot.settles_at = None;
                        &mut snapshot.status
                    },
                )
            }
        };
        let Some(status) = status else { return };
        match then {
            Then::Turn { from, to } if status == from => to.clone_into(status),
            // Somebody else changed it in the meantime.
            Then::Turn { .. } => {}
            Then::Vanish => self.remove_database(&place, shape, &key.1),
        }
    }

    /// Takes a database out of the world, and with it its members and its automated snapshots.
    pub(crate) fn remove_database(&mut self, place: &Place, shape: Shape, id: &str) {
        let Some(locality) = self.places.get_mut(place) else { return };
        let Some(gone) = locality.databases.remove(&(shape, id.to_owned())) else { return };
        let automated: Vec<String> = locality
            .snapshots
            .values()
            .filter(|s| s.shape == shape && s.kind == "automated")
            .filter(|s| s.resource_id == gone.resource_id)
            .map(|s| s.id().to_owned())
            .collect();
        let members: Vec<String> = locality
            .members(id)
            .filter(|_| shape == Shape::Cluster)
            .map(|member| member.id().to_owned())
            .collect();
        for id in automated {
            self.remove_snapshot(place, shape, &id);
        }
        for id in members {
            self.remove_database(place, Shape::Instance, &id);
        }
    }

    /// Takes a snapshot out of the world. Copies still being made from it fail, wherever they are.
    pub(crate) fn remove_snapshot(
        &mut self,
        place: &Place,
        shape: Shape,
        id: &str,
    ) -> Option<Snapshot> {
        let gone = self.places.get_mut(place)?.snapshots.remove(&(shape, id.to_owned()))?;
        for copy in self.places.values_mut().flat_map(|locality| locality.snapshots.values_mut()) {
            if copy.status == "copying" && copy.source_arn.as_ref() == Some(&gone.arn) {
                "failed".clone_into(&mut copy.status);
                copy.settles_at = None;
            }
        }
        Some(gone)
    }
}

fn offered_versions() -> BTreeMap<String, Vec<String>> {
    [
        ("aurora-mysql", &["8.0.mysql_aurora.3.08.2", "8.0.mysql_aurora.3.10.0"][..]),
        ("aurora-postgresql", &["15.12", "16.8", "17.4"]),
        ("docdb", &["4.0.0", "5.0.0"]),
        ("mariadb", &["10.11.11", "11.4.5"]),
        ("mysql", &["8.0.41", "8.4.4"]),
        ("neptune", &["1.3.4.0"]),
        ("postgres", &["15.12", "16.8", "17.4"]),
    ]
    .into_iter()
    .map(|(engine, versions)| {
        (engine.to_owned(), versions.iter().map(|&version| version.to_owned()).collect())
    })
    .collect()
}
