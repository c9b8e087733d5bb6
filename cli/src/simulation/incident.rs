//! The script: what goes wrong on purpose, and when.

use std::cell::RefCell;

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::ids::{RdsArn, Region};
use snapkeep_policy::verb::Verb;
use snapkeep_world::{Fault, FaultKind, World};

use crate::simulation::Scenario;
use crate::simulation::contents::Emptied;

/// Something that goes wrong on purpose.
#[derive(Debug)]
pub struct Scripted {
    pub kind: Kind,
    /// When it begins.
    pub at: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// What a person deleted, once it was done.
    pub deleted: RefCell<Option<RdsArn>>,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    MissedNight,
    StuckCopy,
    FailingRestore,
    OperatorsDeletion,
    MassDeletion,
    ThrottledAfternoon,
}

/// The database in which the rows are deleted.
const EMPTIED: &str = "apm-mysql";

/// The incidents with the hour at which each begins and how many hours it lasts.
const KINDS: [(Kind, i64, i64); 6] = [
    (Kind::MissedNight, 2, 12),
    (Kind::StuckCopy, 2, 24),
    (Kind::FailingRestore, 5, 2),
    (Kind::OperatorsDeletion, 11, 0),
    (Kind::MassDeletion, 1, 22),
    (Kind::ThrottledAfternoon, 13, 4),
];

/// Days at the beginning for settling in, and as many at the end for answering the last incident.
const MARGIN_DAYS: u32 = 3;

/// The incidents of `scenario`, spread over its days; one that is too short for all has none.
#[must_use]
pub fn script(scenario: &Scenario, world: &World) -> Vec<Scripted> {
    let count = u32::try_from(KINDS.len()).unwrap_or(u32::MAX);
    let room = scenario.days.saturating_sub(2 * MARGIN_DAYS);
    if !scenario.incidents || room < 3 * count {
        return Vec::new();
    }
    let script: Vec<Scripted> = (0_u32..)
        .zip(KINDS)
        .map(|(index, (kind, hour, lasts))| {
            let day = MARGIN_DAYS + room * (2 * index + 1) / (2 * count);
            let at = scenario.start + SignedDuration::from_hours(i64::from(day) * 24 + hour);
            let until = at + SignedDuration::from_hours(lasts);
            Scripted { kind, at, until, deleted: RefCell::default() }
        })
        .collect();
    for incident in &script {
        incident.prepare(world, &scenario.home);
    }
    script
}

impl Scripted {
    /// Hands what is a matter of AWS's to the world in advance.
    fn prepare(&self, world: &World, home: &Region) {
        let fault = match self.kind {
            Kind::StuckCopy => Fault::new(FaultKind::StuckCopy).times(1),
            Kind::FailingRestore => Fault::new(FaultKind::FailedRestore).times(1),
            Kind::ThrottledAfternoon => Fault::new(FaultKind::Throttle).in_region(home).on("rds:*"),
            Kind::MissedNight | Kind::OperatorsDeletion | Kind::MassDeletion => return,
        };
        world.faults().schedule(fault.between(self.at, self.until));
    }

    /// Whether `verb` isn't woken at `now`.
    pub fn silences(&self, verb: Verb, now: Timestamp) -> bool {
        self.kind == Kind::MissedNight
            && verb == Verb::Create
            && (self.at..self.until).contains(&now)
    }

    /// What is deleted and not put back at once.
    pub fn emptied(&self) -> Option<Emptied> {
        let during = self.at..self.until;
        (self.kind == Kind::MassDeletion).then(|| Emptied { of: EMPTIED.to_owned(), during })
    }

    /// Does what a person does, once.
    pub fn strike(&self, now: Timestamp, world: &World, home: &Region) {
        let is_due = self.kind == Kind::OperatorsDeletion && now >= self.at;
        if !is_due || self.deleted.borrow().is_some() {
            return;
        }
        // Not tonight's: create would take that one again under the same name.
        let yesterday = self.at - SignedDuration::from_hours(24);
        let snapshots = world.snapshots(home).into_iter();
        let ours = snapshots.filter(|s| s.status == "available" && s.requested_at < yesterday);
        if let Some(newest) = ours.max_by_key(|snapshot| snapshot.taken_at) {
            world.admin().delete_snapshot(&newest.arn);
            *self.deleted.borrow_mut() = Some(newest.arn);
        }
    }
}
