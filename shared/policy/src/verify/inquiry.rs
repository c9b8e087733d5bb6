//! An inquiry: everything that is needed to question one restored database, and the verdict that its
//! testimony comes to.

use jiff::{SignedDuration, Timestamp};

use crate::document::{Check, DriftRule, Objective};
use crate::ids::{RdsArn, ResourceId};
use crate::inventory::{Endpoint, Engine};
use crate::verify::VerdictRecord;
use crate::verify::action::Begun;
use crate::verify::judge::{Standard, judge};
use crate::verify::testimony::{Survey, Testimony, Trouble};

/// AWS accepts a new master password at once and applies it some time later, and a new endpoint's name
/// takes a while to be known. Until then neither says anything about the database.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// Everything that is needed to question one restored database.
#[derive(Debug, Clone, PartialEq)]
pub struct Inquiry {
    /// The frame of the verdict.
    pub begun: Begun,
    /// The scratch database.
    pub scratch: RdsArn,
    /// What runs in it.
    pub engine: Engine,
    /// Where it answers.
    pub endpoint: Endpoint,
    /// Its master user, whose password verify has set.
    pub user: String,
    /// The database that it was created with, if AWS says.
    pub initial_database: Option<String>,
    /// What it is asked.
    pub checks: Vec<Check>,
    /// How long one question may take.
    pub check_timeout: Objective,
    /// How far its content may drop.
    pub drift: DriftRule,
    /// Where its survey is kept, and that of the proven recovery point it is held against.
    pub surveys: Surveys,
    /// The instant that the data should be fresh for.
    pub as_of: Timestamp,
    /// When its master password was set.
    pub password_set_at: Timestamp,
}

/// The surveys of a database's recovery points, by the instant to which each restores. What is in a
/// recovery point never changes, so neither does its survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surveys {
    /// The database.
    pub source: ResourceId,
    /// That of the recovery point under verification. A point in time leaves none.
    pub own: Option<Timestamp>,
    /// Older recovery points that were proven, the newest first: the first one that left a survey is
    /// the baseline.
    pub baselines: Vec<(RdsArn, Timestamp)>,
}

impl Inquiry {
    /// The verdict that `testimony` comes to, or why there is none yet: then it is asked again by the
    /// next run, for as long as the scratch database's deadline allows.
    ///
    /// # Errors
    /// One line, for the report.
    pub fn conclude(
        &self,
        testimony: &Testimony,
        baseline: Option<(&RdsArn, &Survey)>,
        now: Timestamp,
    ) -> Result<VerdictRecord, String> {
        if let Some(why) = self.not_yet(testimony, now) {
            return Err(why);
        }
        let mut begun = self.begun.clone();
        begun.phases.answered_at = testimony.answered_after.map(|after| now + after);
        begun.phases.checked_at = testimony.answered_after.map(|_| now + testimony.took);
        let standard = Standard {
            checks: &self.checks,
            drift: &self.drift,
            baseline: baseline.map(|(_, survey)| survey),
            as_of: self.as_of,
        };
        let judgement = judge(&standard, testimony);
        let mut verdict = VerdictRecord::of(begun, judgement, now + testimony.took);
        verdict.survey.clone_from(&testimony.survey);
        verdict.baseline = baseline.map(|(arn, _)| arn.clone());
        Ok(verdict)
    }

    /// Why the testimony is no verdict yet.
    fn not_yet(&self, testimony: &Testimony, now: Timestamp) -> Option<String> {
        let out_of_time = |trouble: &Trouble| *trouble == Trouble::OutOfTime;
        let mut troubles = testimony.answers.iter().filter_map(|answer| answer.said.as_ref().err());
        if testimony.trouble.as_ref().is_some_and(out_of_time) || troubles.any(out_of_time) {
            return Some("no time was left in this run: the next one asks again".to_owned());
        }
        let is_early = now.duration_since(self.password_set_at) < PATIENCE;
        match &testimony.trouble {
            Some(trouble @ (Trouble::Denied(_) | Trouble::Unreachable(_))) if is_early => {
                let minutes = PATIENCE.as_mins();
                Some(format!("{trouble}; that may pass within {minutes} min of a new password"))
            }
            Some(_) | None => None,
        }
    }
}
