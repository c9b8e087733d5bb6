//! verify: restores recovery points into sealed scratch databases, and follows each to its end.
//!
//! A scratch database is a state machine whose state is what AWS shows: nothing remembers it but its
//! tags. Each tick takes the next step of each, so the process may be killed anywhere:
//!
//! ```text
//! due → Restore → cluster available → AddInstance → instance available → Conclude → Delete… → gone
//!          └── an instance is restored whole ────────────┘                 ▲
//!               failed, misplaced, exposed, overdue ───────────────────────┘
//! ```
//!
//! PASS, FAIL and INCONCLUSIVE are three things. A FAIL says that the recovery point doesn't restore;
//! no capacity, no network and no time say nothing about it. Teardown comes first in every plan, and
//! an overdue scratch database goes whatever else is the matter.

use crate::plan::Plan;
use crate::request::Request;
use crate::view::View;

mod action;
mod drift;
pub mod judge;
mod progress;
mod start;
pub mod testimony;

pub use action::{Action, Proof, VerdictRecord};
pub use judge::judge;

/// Decides the next step of every scratch database, and which verifications begin.
#[must_use]
pub fn plan(view: &View<'_>, request: &Request) -> Plan<Action> {
    let mut plan = Plan::default();
    view.refuse_unseen(&mut plan);
    view.refuse_unknown(request.database.as_ref(), &mut plan);
    let (overdue, in_time): (Vec<_>, Vec<_>) =
        view.scratch.iter().partition(|scratch| scratch.is_overdue(view.now));
    for scratch in overdue.into_iter().chain(in_time) {
        progress::next(view, scratch, &mut plan);
    }
    start::all_due(view, &mut plan);
    plan.steps.sort_by_key(|step| step.action.builds_up());
    plan
}
