//! A verdict and how it was reached: the evidence record, and the tags that follow from it.

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

use crate::document::Objective;
use crate::ids::{RdsArn, RestoreJobId};
use crate::recovery_point::{Cause, Outcome};
use crate::tags::{self, Tags};
use crate::verify::action::Begun;
use crate::verify::judge::{CheckResult, Judgement};
use crate::verify::testimony::Survey;

/// What is under verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A recovery point.
    RecoveryPoint(RdsArn),
    /// A database's automated backups, at an instant.
    PointInTime {
        /// The database.
        database: RdsArn,
        /// The instant.
        to: Timestamp,
    },
    /// What AWS Backup's restore testing made of one of its own recovery points.
    RestoreTest {
        /// The restore job.
        job: RestoreJobId,
        /// What it made.
        resource: RdsArn,
    },
}

impl Subject {
    /// The address of what the verdict's tags are put on.
    #[must_use]
    pub fn arn(&self) -> &RdsArn {
        match self {
            Self::RecoveryPoint(arn)
            | Self::PointInTime { database: arn, .. }
            | Self::RestoreTest { resource: arn, .. } => arn,
        }
    }
}

/// When each phase of a restore was over, as the ticks saw it: a phase ended at some time between the
/// tick before and this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phases {
    /// The restore was requested.
    pub requested_at: Timestamp,
    /// The restored cluster was available; an instance by itself has no such phase.
    pub cluster_available_at: Option<Timestamp>,
    /// The instance was available.
    pub instance_available_at: Option<Timestamp>,
    /// The database answered its first statement.
    pub answered_at: Option<Timestamp>,
    /// All checks were done.
    pub checked_at: Option<Timestamp>,
}

impl Phases {
    /// A restore that is requested, and no more.
    #[must_use]
    pub fn requested(at: Timestamp) -> Self {
        Self {
            requested_at: at,
            cluster_available_at: None,
            instance_available_at: None,
            answered_at: None,
            checked_at: None,
        }
    }

    /// How long each phase took, from the end of the one before it. What ends before it begins was never
    /// written by us, and says nothing.
    #[must_use]
    pub fn times(&self) -> PhaseTimes {
        let mut begun = self.requested_at;
        let mut until = |end: Option<Timestamp>| {
            let took = end?.duration_since(begun);
            begun = end?;
            (!took.is_negative()).then_some(took)
        };
        PhaseTimes {
            cluster: until(self.cluster_available_at),
            instance: until(self.instance_available_at),
            first_query: until(self.answered_at),
            checks: until(self.checked_at),
        }
    }
}

/// How long the phases of a restore took; none for one that it didn't come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PhaseTimes {
    /// Until the cluster was available; an instance by itself has no such phase.
    pub cluster: Option<SignedDuration>,
    /// Then until the instance was available.
    pub instance: Option<SignedDuration>,
    /// Then until the database answered its first statement.
    pub first_query: Option<SignedDuration>,
    /// Then until all checks were done.
    pub checks: Option<SignedDuration>,
}

/// The recovery time that was measured, against the objective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecoveryTime {
    /// From the request to the first answer.
    #[serde(rename = "measured_seconds", serialize_with = "whole_seconds")]
    pub measured: SignedDuration,
    /// What the policy allows, if it says so.
    #[serde(rename = "objective_seconds", serialize_with = "maybe_seconds")]
    pub objective: Option<Objective>,
    /// Whether that was kept; `None` without an objective.
    pub met: Option<bool>,
}

/// A verdict: the evidence record, as it is written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerdictRecord {
    /// What was verified.
    pub subject: Subject,
    /// The database it restores.
    pub database: RdsArn,
    /// The scratch database it was restored into.
    pub scratch_id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What about, unless it is a PASS.
    pub cause: Option<Cause>,
    /// Why, in one line.
    pub reason: String,
    /// Every question and its answer; none where it didn't come to that.
    pub checks: Vec<CheckResult>,
    /// What the database held: names, counts, sizes and newest times.
    pub survey: Option<Survey>,
    /// The recovery point whose content this one was held against.
    pub baseline: Option<RdsArn>,
    /// When what happened.
    pub phases: Phases,
    /// The recovery time, if the database answered.
    pub recovery_time: Option<RecoveryTime>,
    /// When this was concluded.
    pub concluded_at: Timestamp,
}

impl VerdictRecord {
    /// A verdict that was reached without asking the database.
    pub(super) fn unasked(
        begun: Begun,
        (outcome, cause): (Outcome, Cause),
        reason: String,
        now: Timestamp,
    ) -> Self {
        let checks = Vec::new();
        Self::of(begun, Judgement { outcome, cause: Some(cause), reason, checks }, now)
    }

    pub(super) fn of(begun: Begun, judgement: Judgement, now: Timestamp) -> Self {
        let Begun { subject, database, scratch_id, phases, rto } = begun;
        let Judgement { outcome, cause, reason, checks } = judgement;
        let recovery_time = phases.answered_at.map(|at| {
            let measured = at.duration_since(phases.requested_at);
            RecoveryTime { measured, objective: rto, met: rto.map(|rto| measured <= rto) }
        });
        Self {
            subject,
            database,
            scratch_id,
            outcome,
            cause,
            reason,
            checks,
            survey: None,
            baseline: None,
            phases,
            recovery_time,
            concluded_at: now,
        }
    }

    /// The tags that say so, on what was verified. Those on a database have keys of their own: AWS
    /// may copy a database's tags to its snapshots, and no snapshot may be born verified.
    #[must_use]
    pub fn tags(&self) -> Tags {
        let none = || "none".to_owned();
        let outcome = (self.outcome.as_str().to_owned(), self.concluded_at.to_string());
        if let Subject::PointInTime { .. } | Subject::RestoreTest { .. } = self.subject {
            return Tags::from([
                (tags::REHEARSAL.to_owned(), outcome.0),
                (tags::REHEARSAL_AT.to_owned(), outcome.1),
            ]);
        }
        let seconds = self.recovery_time.as_ref().map(|it| it.measured.as_secs().to_string());
        let cause = self.cause.map(|cause| cause.as_str().to_owned());
        Tags::from([
            (tags::VERDICT.to_owned(), outcome.0),
            (tags::VERDICT_AT.to_owned(), outcome.1),
            (tags::VERDICT_CAUSE.to_owned(), cause.unwrap_or_else(none)),
            (tags::VERDICT_RTO.to_owned(), seconds.unwrap_or_else(none)),
        ])
    }
}

fn whole_seconds<S: Serializer>(took: &SignedDuration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(took.as_secs())
}

fn maybe_seconds<S: Serializer>(
    took: &Option<SignedDuration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match took {
        Some(took) => whole_seconds(took, serializer),
        None => serializer.serialize_none(),
    }
}
