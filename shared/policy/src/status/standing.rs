//! Whether a database is proven within its limits, and what keeps it from that.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Row, rows};
use crate::alarm::OpenAlarm;
use crate::history::{Act, Kind};
use crate::plan::{instant, span};
use crate::recovery_point::{Outcome, Verdict};
use crate::selection::Protected;
use crate::view::View;

/// What is known beside what AWS shows. Where it couldn't be read, nothing follows from it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'k> {
    /// The open alarms, by key.
    pub alarms: Option<&'k BTreeMap<String, OpenAlarm>>,
    /// What the evidence says from this instant on.
    pub acts: Option<(Timestamp, &'k [Act])>,
}

/// A database, and what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// What is.
    pub row: Row,
    /// What isn't as the policy wants it: a line each. None means proven within its limits.
    pub wrong: Vec<String>,
    /// How many alarms about it are open.
    pub open_alarms: usize,
    /// What the most urgent of them says to do.
    pub next_step: Option<String>,
    /// Where its newest verdict is written, if that was looked at and found: `verify/<number>`.
    pub evidence: Option<String>,
}

impl Standing {
    /// Whether a restore has proven it, and all its limits are kept.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.wrong.is_empty()
    }

    /// Whether there is nothing to do about it.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.is_proven() && self.open_alarms == 0
    }

    /// What to print first.
    fn urgency(&self) -> impl Ord + use<> {
        let Row { newest, exposure, database, region, .. } = &self.row;
        let place = (database.clone(), region.clone());
        (
            self.is_proven(),
            self.is_well(),
            newest.is_some(),
            Reverse(self.wrong.len()),
            Reverse(self.open_alarms),
            Reverse(*exposure),
            place,
        )
    }
}

/// How every protected database stands, the worst first.
#[must_use]
pub fn standings(view: &View<'_>, known: Known<'_>) -> Vec<Standing> {
    let of = |(row, protected)| standing(view, row, protected, known);
    let mut standings: Vec<Standing> =
        rows(view).into_iter().zip(&view.protected).map(of).collect();
    standings.sort_by_cached_key(Standing::urgency);
    standings
}

fn standing(
    view: &View<'_>,
    mut row: Row,
    protected: &Protected<'_>,
    known: Known<'_>,
) -> Standing {
    let open = open_alarms(&row, known);
    let written = written(&row, known);
    if let Some(Kind::Verified { rto: Some(rto), .. }) = written.map(|act| &act.kind) {
        row.recovery_time.get_or_insert(*rto);
    }
    let mut wrong: Vec<String> = Vec::new();
    wrong.extend(too_old(view, &row, protected));
    wrong.extend(exposed(&row));
    wrong.extend(unproven(view, &row, protected));
    wrong.extend(slow(&row));
    wrong.extend(uncopied(view, &row));
    wrong.extend(unwritten(&row, known, written));
    Standing {
        wrong,
        open_alarms: open.len(),
        next_step: open.first().map(|alarm| alarm.next_step.clone()),
        evidence: written.map(|act| act.evidence.clone()),
        row,
    }
}

/// Those about the database, the most urgent first.
fn open_alarms<'k>(row: &Row, known: Known<'k>) -> Vec<&'k OpenAlarm> {
    let is_about = |alarm: &&OpenAlarm| {
        let mut words = alarm.subject.split([' ', ',']);
        alarm.resolved_at.is_none() && words.any(|word| word == row.database)
    };
    let mut open: Vec<_> = known.alarms.into_iter().flat_map(BTreeMap::values).collect();
    open.retain(is_about);
    open.sort_by_key(|alarm| (Reverse(alarm.severity), alarm.opened_at));
    open
}

fn too_old(view: &View<'_>, row: &Row, protected: &Protected<'_>) -> Option<String> {
    let limit = protected.policy.alarms.missing_after;
    let Some(newest) = row.newest else { return Some("there is no recovery point".to_owned()) };
    let age = view.now.duration_since(newest);
    let line =
        || format!("the newest recovery point is {} old, the limit is {}", span(age), span(limit));
    (age > limit).then(line)
}

fn exposed(row: &Row) -> Option<String> {
    let (exposure, rpo) = (row.exposure?, row.rpo?);
    let line = || format!("{} would be lost, the RPO is {}", span(exposure), span(rpo));
    (exposure > rpo).then(line)
}

fn unproven(view: &View<'_>, row: &Row, protected: &Protected<'_>) -> Option<String> {
    let Some(Verdict { outcome, cause, at, .. }) = row.verdict else {
        return Some(match &protected.policy.verify {
            Some(_) => "no restore has proven it yet".to_owned(),
            None => "no restore has proven it: its policy doesn't verify".to_owned(),
        });
    };
    let why = cause.map_or(String::new(), |cause| format!(" ({})", cause.as_str()));
    match outcome {
        Outcome::Fail => Some(format!("the restore of {} failed{why}", instant(at))),
        Outcome::Inconclusive if row.newest_verified.is_none() => {
            Some(format!("the restore of {} came to no result{why}", instant(at)))
        }
        Outcome::Pass | Outcome::Inconclusive => {
            let limit = protected.policy.alarms.unverified_after?;
            let age = view.now.duration_since(at);
            let line =
                || format!("it was last restored {} ago, the limit is {}", span(age), span(limit));
            (age > limit).then(line)
        }
    }
}

fn slow(row: &Row) -> Option<String> {
    let (took, objective) = (row.recovery_time?, row.rto?);
    let line = || format!("restoring it took {}, the RTO is {}", span(took), span(objective));
    (took > objective).then(line)
}

fn uncopied(view: &View<'_>, row: &Row) -> Vec<String> {
    let missing =
        row.copies.iter().filter(|(region, count)| *count == 0 && view.seen.contains_key(region));
    missing.map(|(region, _)| format!("there is no copy in {region}")).collect()
}

/// Where the evidence has the verdict that AWS's tags show: of this database, at that very instant.
fn written<'k>(row: &Row, known: Known<'k>) -> Option<&'k Act> {
    let ((_, acts), verdict) = known.acts.zip(row.verdict)?;
    acts.iter().find(|act| {
        let is_verdict = match act.kind {
            Kind::Verified { outcome, .. } => outcome == verdict.outcome,
            Kind::Approved { .. } => verdict.outcome == Outcome::Pass,
            Kind::Created | Kind::Copied | Kind::Pruned | Kind::Refused { .. } => false,
        };
        is_verdict && act.at == verdict.at && act.database == row.database
    })
}

/// A tag anybody with access may set; a record of verify's nobody else can write.
fn unwritten(row: &Row, known: Known<'_>, written: Option<&Act>) -> Option<String> {
    let ((since, _), verdict) = known.acts.zip(row.verdict)?;
    let line = || format!("the verdict of {} isn't in the evidence", instant(verdict.at));
    (written.is_none() && verdict.at >= since).then(line)
}
