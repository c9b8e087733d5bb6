//! What is done about a report: it is written, and then told of.

use snapkeep_policy::alarm::{Format, Message};
use snapkeep_policy::ids::Region;
use snapkeep_policy::plan::{Describe, Line, Plan};

use crate::announcement::{Shelf, announcement};
use crate::{Head, Report};

/// What alarm does about a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Put one of its forms into the bucket.
    Write {
        /// The object's key.
        key: String,
        /// Which of its forms.
        form: Form,
        /// What becomes of the one of the same period that may be there.
        older: Older,
    },
    /// Tell the topic that it is there.
    Announce {
        /// The message.
        message: Message,
    },
}

/// What becomes of the report of the same period that may be there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Older {
    /// It is written over: this one saw everything, and later.
    Replaced,
    /// It is left alone: this one lacks something, and what it lacks the other may have.
    Kept,
}

impl Older {
    fn than(head: &Head) -> Self {
        if head.unseen.is_empty() { Self::Replaced } else { Self::Kept }
    }
}

/// A report's forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Html,
    /// For machines.
    Json,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Html, Self::Json];

    /// How its files end.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
        }
    }

    /// What browsers are told that it is.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// A step about a report, and where it is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The step.
    pub action: Action,
    /// The bucket's region.
    pub region: Region,
    /// The deployment, which the report is about.
    pub deployment: String,
}

impl Describe for Placed {
    fn line(&self, reason: &str) -> Line {
        let (action, id) = match &self.action {
            Action::Write { key, .. } => ("write", key.clone()),
            Action::Announce { message } => ("announce", message.subject.clone()),
        };
        Line {
            verb: "alarm",
            action,
            id,
            database: self.deployment.clone(),
            region: self.region.clone(),
            reason: reason.to_owned(),
        }
    }
}

/// Writes both forms of `report` to `shelf`, and then tells of them in `format`.
#[must_use]
pub fn plan(report: &Report, shelf: Shelf<'_>, format: Format) -> Plan<Placed> {
    let Head { report: cadence, period, deployment, .. } = report.head();
    let placed =
        |action| Placed { action, region: shelf.region.clone(), deployment: deployment.clone() };
    let older = Older::than(report.head());
    let mut plan = Plan::default();
    for form in Form::ALL {
        let key = format!("{}.{}", report.key(), form.ending());
        let reason = format!("the {cadence} report of {period}");
        plan.step(placed(Action::Write { key, form, older }), reason);
    }
    let message = announcement(report, shelf, format);
    plan.step(placed(Action::Announce { message }), "whoever reads it shall know that it is there");
    plan
}
