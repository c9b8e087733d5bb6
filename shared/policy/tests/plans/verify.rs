//! verify: every state of a scratch database and the step that follows, and which begin.

mod drift;
mod guests;
mod losses;
mod questions;
mod starts;
mod states;
mod teardown;

use serde_json::Value;
use snapkeep_policy::inventory::{Database, Snapshot};
use snapkeep_policy::verify::plan;

use crate::fixtures::*;

const STARTED: &str = "2026-03-06T06:00:00Z";

const SOON: &str = "2026-03-06T06:45:00Z";

const OVERDUE: &str = "2026-03-06T10:00:00Z";

fn policy() -> Value {
    crate::fixtures::policy(&[verified()])
}

/// The recovery point under verification in what follows.
fn subject() -> Snapshot {
    point(&cluster("shepherd"), "2026-03-06T02:00:00Z")
}

/// What verify does about `databases` at `now`, when they are all there is beside the recovery point.
fn says_of(databases: impl IntoIterator<Item = Database>, now: &str) -> String {
    Fleet::of(databases).snapshot(subject()).says(&policy(), now, plan)
}

trait Untagged {
    fn untagged_by_somebody(self) -> Self;
}

impl Untagged for Database {
    fn untagged_by_somebody(self) -> Self {
        self.said(|it| it.tags = Default::default())
    }
}
