//! The shape of every decision: what to do, what not to do yet, and what is refused, with reasons.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::ids::Region;

/// What one verb decided. The order of `steps` is the order in which they are to be taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan<A> {
    /// What to do, each with its reason.
    pub steps: Vec<Step<A>>,
    /// What was looked at and left alone, each with its reason.
    pub notes: Vec<Note>,
    /// What the verb refuses to decide, and so does not do.
    pub refusals: Vec<Refusal>,
    /// What each of the refusals is about, in their order.
    #[serde(skip)]
    about: Vec<About>,
}

/// An action and why it is taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step<A> {
    /// What to do.
    pub action: A,
    /// Why, in words that a person who is paged understands.
    pub reason: String,
}

/// Something that needs no action now, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// The database, snapshot or region it is about.
    pub subject: String,
    /// Why nothing is done.
    pub text: String,
}

/// A decision that was not taken because its ground is in doubt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Refusal {
    /// Which rule refused.
    pub code: RefusalCode,
    /// What failed, on which id, and what to do next: one line.
    pub message: String,
}

/// A refusal and what it is about, as evidence records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Which rule refused.
    pub code: RefusalCode,
    /// The database, the region or the request that it is about: the same in every run.
    pub subject: String,
    /// Where a step would have been taken, if that is one region.
    pub region: Option<Region>,
    /// What failed, on which id, and what to do next: one line.
    pub message: String,
}

/// What a refusal is about. It says so apart from the words, because alarm's keys are made of it: they
/// are the same in every run, whatever figures and snapshots the message names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct About {
    /// Where a step would have been taken, if that is one region.
    pub(crate) region: Option<Region>,
    /// The database or the region.
    pub(crate) subject: String,
}

impl About {
    /// A database, where a step of it would have been taken.
    pub(crate) fn database(id: &str, region: &Region) -> Self {
        Self { region: Some(region.clone()), subject: id.to_owned() }
    }

    /// All of a region.
    pub(crate) fn region(region: &Region) -> Self {
        Self { region: Some(region.clone()), subject: region.to_string() }
    }

    /// What was asked for, or the run as a whole.
    pub(crate) fn request(subject: impl ToString) -> Self {
        Self { region: None, subject: subject.to_string() }
    }
}

/// Why a verb refuses. The text form is part of the output's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalCode {
    /// A region could not be listed to its end: nothing there is decided.
    PartialObservation,
    /// AWS's clock and ours differ by more than five minutes.
    ClockDoubt,
    /// Our identifier is taken by something that isn't ours.
    IdTaken,
    /// An attempt failed too often; a person has to look.
    AttemptsExhausted,
    /// More deletes than the guard allows; approve the plan's hash to go on.
    GuardBlocked,
    /// A verified recovery point is required and there is none.
    NoVerified,
    /// No recovery point is eligible: deleting could leave nothing.
    NoEligible,
    /// The manual snapshot quota leaves no room.
    QuotaExhausted,
    /// A key that a restore would need can't be used.
    KeyUnusable,
    /// The request can't be met as it stands.
    BadRequest,
}

/// A step as one line of a table, the same for all verbs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Line {
    /// `create`, `copy`, `verify`, `prune` or `alarm`.
    pub verb: &'static str,
    /// What is done, such as `snapshot`, `copy`, `restore`, `delete`, `open`.
    pub action: &'static str,
    /// The id of what is made, changed or deleted.
    pub id: String,
    /// The database it concerns.
    pub database: String,
    /// Where it happens.
    pub region: Region,
    /// Why.
    pub reason: String,
}

/// What each verb's action type can say of itself.
pub trait Describe {
    /// This action as a line of a table, with the reason it was planned for.
    fn line(&self, reason: &str) -> Line;
}

impl<A> Default for Plan<A> {
    fn default() -> Self {
        let (steps, notes, refusals) = (Vec::new(), Vec::new(), Vec::new());
        Self { steps, notes, refusals, about: Vec::new() }
    }
}

impl<A> Plan<A> {
    /// Adds an action and why it is taken.
    pub fn step(&mut self, action: A, reason: impl Into<String>) {
        self.steps.push(Step { action, reason: reason.into() });
    }

    /// Adds why nothing is done about `subject`.
    pub fn note(&mut self, subject: impl ToString, text: impl Into<String>) {
        self.notes.push(Note { subject: subject.to_string(), text: text.into() });
    }

    /// Adds a decision that is not taken.
    pub(crate) fn refuse(&mut self, code: RefusalCode, about: About, message: impl Into<String>) {
        self.refusals.push(Refusal { code, message: message.into() });
        self.about.push(about);
    }

    /// The refusals as evidence records them: each with what it is about.
    #[must_use]
    pub fn refused(&self) -> Vec<Refused> {
        let refused = |(About { region, subject }, refusal): (&About, &Refusal)| Refused {
            code: refusal.code,
            subject: subject.clone(),
            region: region.clone(),
            message: refusal.message.clone(),
        };
        self.about.iter().zip(&self.refusals).map(refused).collect()
    }

    /// The refusals, each with what it is about.
    pub(crate) fn into_refused(self) -> impl Iterator<Item = (About, Refusal)> {
        self.about.into_iter().zip(self.refusals)
    }
}

impl<A: Describe> Plan<A> {
    /// All steps as lines of a table, in the plan's order.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        self.steps.iter().map(|step| step.action.line(&step.reason)).collect()
    }
}

/// An instant as reasons write it: to the minute, in UTC.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%MZ").to_string()
}

/// A length of time as reasons write it: in the two largest units that say something.
pub(crate) fn span(length: SignedDuration) -> String {
    let minutes = length.as_mins();
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{rest} min"),
        (0, _) => format!("{hours} h {rest} min"),
        _ => format!("{days} d {hours} h"),
    }
}
