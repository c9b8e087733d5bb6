//! One small account from its first slot to its rest.

use std::collections::BTreeSet;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use snapkeep_database::Secret;
use snapkeep_policy::tags::Tags;
use snapkeep_policy::verb::Verb;
use snapkeep_policy::verify::Inquiry;
use snapkeep_policy::verify::testimony::Testimony;
use snapkeep_verify::Ask;
use snapkeep_world::{DatabaseSpec, Fault, FaultKind, SnapshotSpec, World};

use super::acts::{self, Act, Planned};
use super::checks::Checks;
use super::compare::{self, Marks};
use super::ends::{self, Diary};
use super::outcome::Outcome;
use super::scenarios::Upset;
use super::small::{AWAY, HOME, Small};
use super::stagehand::Stagehand;
use super::{catalogue, rest};
use crate::simulation::Stage;
use crate::simulation::contents::{Books, Emptied};

/// When the functions are woken, in minutes from a slot. Verify comes back every [`REVISIT`] while
/// something is being restored.
const VISITS: [(i64, Verb); 10] = [
    (0, Verb::Create),
    (15, Verb::Copy),
    (150, Verb::Copy),
    (180, Verb::Alarm),
    (245, Verb::Verify),
    (310, Verb::Create),
    (330, Verb::Copy),
    (440, Verb::Prune),
    (480, Verb::Alarm),
    (600, Verb::Verify),
];
const REVISIT: SignedDuration = SignedDuration::from_mins(15);
/// Prune knows nothing of rehearsals: it also comes in the middle of one, at this revisit.
const PRUNE_AMID: usize = 3;
/// A rehearsal that isn't over by then is looked after at the next slot.
const REVISITS_MAX: usize = 14;

/// A small account, its stage, and all who have a hand in it.
pub struct Night<'n> {
    pub small: &'n Small,
    pub stage: &'n Stage,
    pub checks: &'n Checks,
    pub diary: Diary,
    pub slots: Vec<Timestamp>,
    /// Visits of the slots so far, less those that were only to look after a restore.
    pub visits: usize,
    /// What goes wrong in a scenario's last slot, whose visits are counted from 0.
    pub upset: Option<Upset>,
    /// What there was after each visit of that slot, in words.
    after_visits: Vec<Vec<String>>,
    emptied: Vec<Emptied>,
}

/// Runs the account of a seed.
///
/// # Errors
/// A policy that is refused: a mistake in [`Small`].
pub async fn seed(seed: u64, only: Option<&BTreeSet<String>>) -> Result<Outcome, String> {
    let small = Small::of(seed);
    let scenario = small.scenario();
    let document = scenario.document()?;
    let world = World::new(small.options(&scenario));
    let stage = Stage::in_world(world, &scenario, &document).await?;
    for region in scenario.regions() {
        stage.world.admin().create_subnet_group(&region, "scratch", small.exposed);
    }
    if small.crowded {
        crowd(&stage.world, &small);
    }
    if let Some(only) = only {
        stage.world.faults().only(only.clone());
    }
    let checks = Checks::new(&small);
    stage.world.watch(checks.witness());
    let slots = small.slots();
    if let Some((from, until)) = small.unproven {
        let third = |n: usize| slots.get(slots.len() * n / 3).copied().unwrap_or(small.end());
        let none = Fault::new(FaultKind::NoCapacity).between(third(from), third(until));
        stage.world.faults().schedule(none);
    }
    let mut script = acts::script(&small, &slots, only);
    let emptied = script.iter().filter_map(|it| Stagehand::emptied(it, &small)).collect();
    let mut night = Night::new(&small, &stage, &checks, emptied);
    for slot in &slots {
        night.of_slot(*slot, &mut script).await;
    }
    Ok(night.come_to_rest(&mut script).await)
}

/// More snapshots than a page has, of a database that nobody asked us to keep.
fn crowd(world: &World, small: &Small) {
    let Ok(home) = HOME.parse() else { return };
    let spec = DatabaseSpec { id: "crowd".to_owned(), ..small.databases[0].clone() };
    let arn = world.admin().create_database(&home, &DatabaseSpec { tags: Tags::new(), ..spec });
    for n in 0..110 {
        let spec = SnapshotSpec::manual(&format!("crowd-{n}"), small.start);
        let _theirs = world.admin().create_snapshot(&arn, &spec);
    }
}

impl<'n> Night<'n> {
    pub fn new(
        small: &'n Small,
        stage: &'n Stage,
        checks: &'n Checks,
        emptied: Vec<Emptied>,
    ) -> Self {
        let slots = small.slots();
        Self {
            small,
            stage,
            checks,
            diary: Diary::default(),
            slots,
            visits: 0,
            upset: None,
            after_visits: Vec::new(),
            emptied,
        }
    }

    fn hand(&self) -> Stagehand<'_> {
        Stagehand { world: &self.stage.world, small: self.small, topic: &self.stage.topic }
    }

    /// All visits around a slot.
    pub async fn of_slot(&mut self, slot: Timestamp, script: &mut [Planned]) {
        self.visits = 0;
        let late = script.iter().any(|it| it.act == Act::Delay && it.slot == slot);
        let late = SignedDuration::from_mins(if late { 60 } else { 0 });
        for (minutes, verb) in VISITS {
            let is_needed = match verb {
                Verb::Copy => self.small.keep_away.is_some(),
                Verb::Verify => self.small.proven_in.is_some(),
                Verb::Create | Verb::Prune | Verb::Alarm => true,
            };
            let now = slot + SignedDuration::from_mins(minutes);
            if !is_needed || now < self.stage.world.now() {
                continue;
            }
            self.scheduled(verb, now + late, now, script).await;
            self.visits += 1;
            if self.upset.is_some() {
                self.after_visits.push(rest::in_words(&self.stage.world));
            }
            if verb == Verb::Verify {
                self.revisit(script).await;
            }
        }
    }

    /// A scheduled visit, unless this very one is upset.
    async fn scheduled(
        &mut self,
        verb: Verb,
        at: Timestamp,
        due: Timestamp,
        script: &mut [Planned],
    ) {
        match self.upset {
            Some(Upset::Drop(visit)) if visit == self.visits => {}
            Some(Upset::Delay(visit)) if visit == self.visits => {
                self.visit(verb, at + SignedDuration::from_mins(60), due, script).await;
            }
            Some(Upset::Double(visit)) if visit == self.visits => {
                self.visit(verb, at, due, script).await;
                self.wake_again(verb, at).await;
            }
            Some(Upset::Concurrent(visit)) if visit == self.visits => {
                self.stage.world.advance_to(at);
                self.wake_twice(verb, at).await;
            }
            Some(Upset::Stale(visit, changes)) if visit == self.visits => {
                let shown = Fault::new(FaultKind::Stale(changes)).on("rds:Describe*");
                self.stage.world.faults().schedule(shown.between(at, at + REVISIT / 2));
                self.visit(verb, at, due, script).await;
            }
            Some(Upset::Outage(visit)) if visit == self.visits => {
                if let Ok(away) = AWAY.parse() {
                    let down = Fault::new(FaultKind::RegionOutage).in_region(&away);
                    self.stage.world.faults().schedule(down.between(at, at + REVISIT / 2));
                }
                self.visit(verb, at, due, script).await;
            }
            _ => self.visit(verb, at, due, script).await,
        }
    }

    async fn revisit(&mut self, script: &mut [Planned]) {
        for revisit in 0..REVISITS_MAX {
            if !rest::has_scratch(&self.stage.world) {
                return;
            }
            let now = self.stage.world.now() + REVISIT;
            if revisit == PRUNE_AMID {
                self.visit(Verb::Prune, now, now, script).await;
            }
            self.visit(Verb::Verify, now, now, script).await;
        }
    }

    /// One visit: what is due until then happens, and a function is woken, or isn't.
    async fn visit(&mut self, verb: Verb, at: Timestamp, due: Timestamp, script: &mut [Planned]) {
        self.let_happen(at, script);
        self.stage.world.advance_to(at);
        let on: Vec<Planned> = script.iter().filter(|it| it.is_on(due)).cloned().collect();
        let is_hit =
            |act: Act| on.iter().find(|planned| planned.act == act && planned.hits(verb, due));
        if on.iter().any(|it| it.act == Act::Drop) {
            self.diary.dropped += 1;
            return;
        }
        if is_hit(Act::Stale).is_some() {
            let shown = Fault::new(FaultKind::Stale(2)).between(at, at + REVISIT).times(2);
            self.stage.world.faults().schedule(shown.on("rds:Describe*"));
        }
        if let Some(planned) = is_hit(Act::Kill) {
            self.kill_within(planned, verb, at);
        }
        let times = usize::from(is_hit(Act::Double).is_some()) + 1;
        for _ in 0..times {
            self.wake(verb, at).await;
        }
        if is_hit(Act::Concurrent).is_some() {
            self.wake_twice(verb, at).await;
        }
    }

    /// Lets the next run of `verb` be killed at some call of its own.
    fn kill_within(&self, planned: &Planned, verb: Verb, at: Timestamp) {
        let world = &self.stage.world;
        let calls: u64 = world.calls().values().sum();
        let nth = planned.draw.within(&format!("call of {verb} at {at}"), 1, 30);
        let kind = planned.draw.one("kind", &[0, 1]);
        let kind = if kind == 0 { FaultKind::KilledBefore } else { FaultKind::KilledAfter };
        world.faults().schedule(Fault::new(kind).at_call(calls + u64::from(nth)));
    }

    /// Begins and ends the acts that are due, each at its time.
    fn let_happen(&mut self, until: Timestamp, script: &mut [Planned]) {
        let mut due: Vec<(Timestamp, usize, bool)> = Vec::new();
        for (index, it) in script.iter().enumerate() {
            due.extend((!it.begun && it.from <= until).then_some((it.from, index, true)));
            due.extend((!it.ended && it.until <= until).then_some((it.until, index, false)));
        }
        due.sort_unstable();
        for (at, index, begins) in due {
            self.stage.world.advance_to(at);
            let planned = &mut script[index];
            if begins {
                planned.begun = true;
                let planned = planned.clone();
                if self.hand().begin(&planned) {
                    self.diary.done(&planned);
                }
            } else {
                planned.ended = true;
                let planned = planned.clone();
                self.hand().end(&planned);
            }
        }
    }

    /// No fault strikes any more, and people have put right what they did.
    fn end_all(&mut self, script: &mut [Planned]) {
        self.stage.world.faults().clear();
        for planned in script.iter_mut().filter(|it| it.begun && !it.ended) {
            planned.ended = true;
            let planned = planned.clone();
            self.hand().end(&planned);
        }
        self.hand().raise_quotas();
    }

    /// One run of a function, to its end or its death.
    pub async fn wake(&mut self, verb: Verb, now: Timestamp) {
        let world = &self.stage.world;
        let struck = world.faults().occurrences().len();
        self.checks.begin(verb, struck);
        let books = self.books();
        let ended = world.until_killed(self.stage.wake(verb, now, &books)).await;
        self.diary.ran(ended);
        match verb {
            Verb::Alarm if ended == Some(true) => {
                self.diary.alarm_ran(world, &self.slots, now);
                self.diary.alarm_remembers(world, now);
            }
            Verb::Alarm => self.diary.alarm_remembers(world, now),
            Verb::Verify if ended == Some(true) => self.diary.verify_ran(world, now),
            Verb::Create | Verb::Copy | Verb::Verify | Verb::Prune => {}
        }
    }

    /// A second run at the same instant.
    async fn wake_again(&mut self, verb: Verb, now: Timestamp) {
        let (first, went_well) = (Marks::of(&self.stage.world), self.diary.went_well);
        self.wake(verb, now).await;
        let second = Marks::of(&self.stage.world);
        self.diary.found(compare::again(verb, now, first, second).filter(|_| went_well));
    }

    /// Two runs at once, a call each in turn.
    async fn wake_twice(&mut self, verb: Verb, now: Timestamp) {
        let world = &self.stage.world;
        let struck = world.faults().occurrences().len();
        self.checks.begin_double(verb, struck);
        world.interleave(true);
        let books = self.books();
        let both = async {
            let (one, other) =
                (self.stage.wake(verb, now, &books), self.stage.wake(verb, now, &books));
            futures_util::future::join(one, other).await
        };
        let ended = world.until_killed(both).await;
        world.interleave(false);
        self.diary.ran(ended.map(|(one, other)| one && other));
    }

    fn books(&self) -> Witnessed<'_> {
        let world = &self.stage.world;
        let books = Books { world, emptied: self.emptied.clone(), start: self.small.start };
        Witnessed { books, checks: self.checks }
    }

    /// Faults stop; how it went until the account is at rest.
    pub async fn come_to_rest(&mut self, script: &mut [Planned]) -> Outcome {
        self.end_all(script);
        let last = self.slots.last().copied().unwrap_or(self.small.start);
        let ticks_to_rest = rest::come_to_rest(self, last).await;
        let world = &self.stage.world;
        let mut violations = self.checks.violations();
        violations.extend(ends::check(self, ticks_to_rest));
        let mut occurrences: Vec<String> = self.diary.acts.iter().map(Planned::key).collect();
        occurrences.extend(world.faults().occurrences().iter().map(ToString::to_string));
        Outcome {
            days: self.small.days,
            calls: world.calls().values().sum(),
            trace: world.trace_hash(),
            faults: catalogue::fired(self),
            occurrences,
            violations,
            ticks_to_rest,
            rest: rest::in_words(world),
            visits: std::mem::take(&mut self.after_visits),
        }
    }
}

/// The books, with a note of who was asked.
struct Witnessed<'w> {
    books: Books<'w>,
    checks: &'w Checks,
}

impl Ask for Witnessed<'_> {
    async fn ask(&self, inquiry: &Inquiry, password: &Secret, until: Option<Instant>) -> Testimony {
        let testimony = self.books.ask(inquiry, password, until).await;
        let databases = self.books.world.databases(&inquiry.scratch.region);
        let scratch = databases.into_iter().find(|it| it.arn == inquiry.scratch);
        if let (Some(of), true) =
            (scratch.and_then(|it| it.restored_from), testimony.survey.is_some())
        {
            self.checks.answered(of);
        }
        testimony
    }
}
