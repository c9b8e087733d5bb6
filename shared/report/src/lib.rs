//! The reports of snapkeep: what management reads in the morning, and what an auditor keeps.
//!
//! | report | asks | is about |
//! |---|---|---|
//! | [`Daily`] status | are we restorable? | now, and the last 24 hours |
//! | [`Weekly`] capability | can we restore in time? | the last whole ISO week |
//! | [`Monthly`] compliance | was the policy kept? | the last whole month |
//!
//! Each is made from [`Facts`] by a pure function, and written as JSON, whose shape is in
//! `schemas/report.schema.json`, and as one HTML file. The file asks for nothing outside of itself, runs
//! no script and forbids both by its own policy. What a report couldn't look at, it says first.

mod announcement;
mod answer;
mod daily;
mod deeds;
mod facts;
pub mod look;
mod monthly;
mod page;
mod phases;
mod plan;
mod standing;
mod weekly;

use schemars::JsonSchema;
use serde::Serialize;
use snapkeep_policy::period::Cadence;

pub use announcement::{Shelf, announcement};
pub use answer::Answer;
pub use daily::{Alarm, Daily};
pub use deeds::{Deed, Done, What};
pub use facts::{Facts, Head, SCHEMA, Tip, Unseen};
pub use monthly::{Coverage, Exception, Monthly, Place, Retained, Tier};
pub use phases::PhaseSeconds;
pub use plan::{Action, Form, Older, Placed, plan};
pub use standing::{Copies, Soundness, Standing};
pub use weekly::{Capability, Day, Rate, Restore, Weekly};

/// A report.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Report {
    /// Are we restorable?
    Daily(Daily),
    /// Can we restore in time?
    Weekly(Weekly),
    /// Was the policy kept?
    Monthly(Monthly),
}

impl Report {
    /// The report that the facts' period asks for.
    #[must_use]
    pub fn of(facts: &Facts<'_>) -> Self {
        match facts.period.cadence {
            Cadence::Daily => Self::Daily(Daily::of(facts)),
            Cadence::Weekly => Self::Weekly(Weekly::of(facts)),
            Cadence::Monthly => Self::Monthly(Monthly::of(facts)),
        }
    }

    /// What it says of itself.
    #[must_use]
    pub fn head(&self) -> &Head {
        match self {
            Self::Daily(Daily { head, .. })
            | Self::Weekly(Weekly { head, .. })
            | Self::Monthly(Monthly { head, .. }) => head,
        }
    }

    /// What it says in one sentence.
    #[must_use]
    pub fn answer(&self) -> &Answer {
        match self {
            Self::Daily(Daily { answer, .. })
            | Self::Weekly(Weekly { answer, .. })
            | Self::Monthly(Monthly { answer, .. }) => answer,
        }
    }

    /// The question that it answers.
    #[must_use]
    pub fn question(&self) -> &'static str {
        match self {
            Self::Daily(_) => "Are we restorable?",
            Self::Weekly(_) => "Can we restore in time?",
            Self::Monthly(_) => "Was the policy kept?",
        }
    }

    /// One of its forms: JSON, or one self-contained HTML file. The same facts give the same bytes.
    ///
    /// # Errors
    /// None that a report can bring about: one line.
    pub fn bytes(&self, form: Form) -> Result<Vec<u8>, String> {
        match form {
            Form::Html => {
                page::html(self).map(String::into_bytes).map_err(|error| error.to_string())
            }
            Form::Json => serde_json::to_vec_pretty(self).map_err(|error| error.to_string()),
        }
    }

    /// Where it is put, without the ending.
    #[must_use]
    pub fn key(&self) -> String {
        let Head { report, period, .. } = self.head();
        format!("reports/{report}/{period}")
    }
}

/// The JSON Schema of a report in [`Form::Json`].
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}
