//! verify: restores recovery points into sealed scratch databases, questions each, and follows it to
//! its end.
//!
//! A scratch database is a state machine whose state is what AWS shows: nothing remembers it but its
//! tags. Each tick takes the next step of each, so the process may be killed anywhere:
//!
//! ```text
//! due → Restore → cluster available → AddInstance → instance available → SetPassword → available
//!          └── an instance is restored whole ─────────────┘                              │
//!                                                                                    Question
//!                                                                      no answer yet ↺   │
//!       failed, misplaced, exposed, overdue → Conclude                                Conclude
//!                                                └──────────────┬────────────────────────┘
//!                                                               └→ Delete instance → cluster → gone
//! ```
//!
//! Whoever asks for a state, finds what tells it:
//!
//! | state | what shows it |
//! |---|---|
//! | restoring | the scratch database's status |
//! | without an instance | a cluster that is available and has no member |
//! | locked | available, and no tag [`crate::tags::PASSWORD_SET`] |
//! | to be questioned | available, and that tag |
//! | concluded | a verdict on what it was restored from, younger than the restore |
//! | overdue | the tag [`crate::tags::DEADLINE`], in every state |
//!
//! PASS, FAIL and INCONCLUSIVE are three things ([`mod@judge`]). Teardown comes first in every plan, and an
//! overdue scratch database goes whatever else is the matter.

use crate::budget::keep_within;
use crate::plan::Plan;
use crate::request::Request;
use crate::scratch::Scratch;
use crate::tags;
use crate::verb::Verb;
use crate::view::View;

mod accept;
mod action;
mod adopt;
mod drift;
mod guest;
mod inquiry;
pub mod judge;
mod progress;
mod refused;
mod start;
mod teardown;
pub mod testimony;
mod verdict;

pub use accept::ACCEPTED;
pub use action::{Action, Begun, Restore};
pub use adopt::{RestoreJob, adopt};
pub use inquiry::{Inquiry, Surveys};
pub use judge::judge;
pub use refused::{Refused, refused, successor};
pub use verdict::{PhaseTimes, Phases, RecoveryTime, Subject, VerdictRecord};

/// Decides the next step of every scratch database, and which verifications begin.
#[must_use]
pub fn plan(view: &View<'_>, request: &Request) -> Plan<Action> {
    let mut plan = Plan::default();
    view.refuse_unseen(&mut plan);
    view.refuse_unknown(request.database.as_ref(), &mut plan);
    if let Some(id) = &request.accept {
        accept::drift_of(view, id, request.requested_by.as_deref(), &mut plan);
        return plan;
    }
    let (overdue, in_time): (Vec<_>, Vec<_>) =
        scratch_of_mine(view).partition(|scratch| scratch.is_overdue(view.now));
    for scratch in overdue.into_iter().chain(in_time) {
        progress::next(view, scratch, &mut plan);
    }
    start::all_due(view, &mut plan);
    plan.steps.sort_by_key(|step| step.action.rank());
    keep_within(&mut plan, Verb::Verify);
    plan
}

/// The scratch databases that this run follows. One that doesn't say whose it is has a shard, too, or
/// nobody would tear it down.
fn scratch_of_mine<'v, 'a>(view: &'v View<'a>) -> impl Iterator<Item = &'v Scratch<'a>> {
    let source = |scratch: &&Scratch<'_>| {
        view.is_mine(scratch.database.tags.get(tags::SOURCE).unwrap_or_default())
    };
    view.scratch.iter().filter(source)
}
