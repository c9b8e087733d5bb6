//! The figures of an alarm, for programs: what people read in its line of text.
//!
//! They are as of the look that last found what the alarm is about, so an OK still says how bad it was.
//! What is about no database of a policy has none of them; each is there or not by itself.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::document::Objective;
use crate::recovery_point::{Origin, RecoveryPoint};
use crate::selection::Protected;
use crate::view::View;

/// How much may be lost, how much would be, and what could be restored.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Figures {
    /// The policy's objective: the most that may be lost, in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpo: Option<Objective>,
    /// How old that recovery point's data is; of an exceeded RPO, the newest data that could be restored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<SignedDuration>,
    /// Identifier of the recovery point that it is about, or else of the database's newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_point: Option<String>,
}

impl Figures {
    /// Those of a database: its newest recovery point's.
    pub(super) fn of(view: &View<'_>, protected: &Protected<'_>) -> Self {
        let points = view.points_of(&protected.database.resource_id);
        let newest = points.iter().find(|p| p.origin == Origin::Original && p.is_available());
        let rpo = protected.policy.objectives.rpo;
        match newest {
            Some(point) => Self { rpo, ..Self::on(point.snapshot.id(), point.taken_at, view) },
            None => Self { rpo, ..Self::default() },
        }
    }

    /// Those of a database as to one of its recovery points.
    pub(super) fn of_point(
        view: &View<'_>,
        protected: &Protected<'_>,
        point: &RecoveryPoint<'_>,
    ) -> Self {
        let rpo = protected.policy.objectives.rpo;
        Self { rpo, ..Self::on(point.snapshot.id(), point.taken_at, view) }
    }

    /// Those of a recovery point alone.
    pub(super) fn on(id: &str, taken_at: Timestamp, view: &View<'_>) -> Self {
        let age = SignedDuration::from_secs(view.now.duration_since(taken_at).as_secs());
        Self { rpo: None, age: Some(age), recovery_point: Some(id.to_owned()) }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
