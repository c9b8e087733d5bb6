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
        Self { steps: Vec::new(), notes: Vec::new(), refusals: Vec::new() }
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
    pub fn refuse(&mut self, code: RefusalCode, message: impl Into<String>) {
        self.refusals.push(Refusal { code, message: message.into() });
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
