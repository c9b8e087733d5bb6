//! A recovery point is a snapshot of ours: tagged by this deployment, named by it, and in agreement
//! with what AWS itself says about the snapshot. Anything less is somebody else's and is left alone.
//!
//! Tags can be written by anybody who may tag, so they prove nothing. What can't be changed after a
//! snapshot was made is its identifier, which has to be exactly the one that create derives from
//! deployment, source, slot and attempt, and what AWS says: its source, of which snapshot it is a copy,
//! and when. What can't be told by one snapshot alone, such as an attempt that nobody had to make, is told
//! by [`View`](crate::view::View), which sees them all.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::create::ATTEMPTS_MAX;
use crate::ids::{Deployment, ID_PREFIX, PolicyName, RdsArn, Region, ResourceId, Slot, attempt_of};
use crate::inventory::{Database, Shape, Snapshot, Status};
use crate::tags::{self, Tags};

/// A snapshot that this deployment made, with what its tags say.
#[derive(Debug, Clone, PartialEq)]
pub struct RecoveryPoint<'a> {
    /// The facts from AWS.
    pub snapshot: &'a Snapshot,
    /// The policy under which it was made.
    pub policy: PolicyName,
    /// The database it is a recovery point of.
    pub database: Arc<RdsArn>,
    /// That database's resource id: recovery points are grouped by it.
    pub source: ResourceId,
    /// The instant to which it restores, carried along by every copy.
    pub taken_at: Timestamp,
    /// The schedule's slot or the request's name.
    pub slot: Slot,
    /// Which attempt at that slot, counted from 0: the next one is begun only once this one has failed.
    pub attempt: u32,
    /// Made from the database, or from another snapshot.
    pub origin: Origin,
    /// Whether somebody ordered it to be kept.
    pub held: bool,
    /// What verification said of this very ARN.
    pub verdict: Option<Verdict>,
}

/// Where a recovery point came from: originals and copies have a retention of their own each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Taken of the database.
    Original,
    /// Copied from this snapshot.
    CopyOf(RdsArn),
}

impl Origin {
    /// Whether it was copied from that snapshot.
    fn is(&self, source: &RdsArn) -> bool {
        matches!(self, Self::CopyOf(arn) if arn == source)
    }
}

/// The last verdict on a recovery point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// How it ended.
    pub outcome: Outcome,
    /// What about, unless it is a PASS.
    pub cause: Option<Cause>,
    /// When.
    pub at: Timestamp,
    /// From the request to the first answer: the recovery time that was measured.
    pub rto: Option<SignedDuration>,
}

/// How a verification ended. They are three things: doubt is not failure, and never success.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The restored database answered, and every check held.
    Pass,
    /// The snapshot doesn't restore, or its data is not what it should be.
    Fail,
    /// Nothing was learned about the snapshot: no capacity, no network, no time.
    Inconclusive,
}

impl Outcome {
    /// The word in tags, records and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
        }
    }

    fn from_tag(text: &str) -> Option<Self> {
        [Self::Pass, Self::Fail, Self::Inconclusive].into_iter().find(|o| o.as_str() == text)
    }
}

/// What a FAIL or an INCONCLUSIVE is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// FAIL: the restore itself failed.
    Restore,
    /// FAIL: it was reached and doesn't answer as the database should.
    Answer,
    /// FAIL: a check found something else than it should. INCONCLUSIVE: it couldn't be seen.
    Check,
    /// FAIL: it lost tables or rows that the last proven recovery point held.
    Drift,
    /// INCONCLUSIVE: AWS had no room for it.
    Capacity,
    /// INCONCLUSIVE: it couldn't be reached.
    Network,
    /// INCONCLUSIVE: something that it was given doesn't fit: a group, a version, a certificate.
    Parameters,
    /// INCONCLUSIVE: time ran out.
    Time,
    /// INCONCLUSIVE: it could have been reached from outside, so it was torn down on sight.
    Exposure,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Restore,
        Self::Answer,
        Self::Check,
        Self::Drift,
        Self::Capacity,
        Self::Network,
        Self::Parameters,
        Self::Time,
        Self::Exposure,
    ];

    /// The word in tags, records and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restore => "restore",
            Self::Answer => "answer",
            Self::Check => "check",
            Self::Drift => "drift",
            Self::Capacity => "capacity",
            Self::Network => "network",
            Self::Parameters => "parameters",
            Self::Time => "time",
            Self::Exposure => "exposure",
        }
    }

    fn from_tag(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text)
    }
}

impl<'a> RecoveryPoint<'a> {
    /// The recovery point that `snapshot` is for `deployment`, or why it is none of ours.
    ///
    /// # Errors
    /// [`NotOurs`] names the first thing that doesn't agree. [`NotOurs::Foreign`] is the usual case
    /// and no reason for alarm; the others mean that somebody changed tags, or forged a snapshot: its
    /// identifier can't be changed, and says of which source, slot and attempt it is.
    pub fn of(snapshot: &'a Snapshot, deployment: &Deployment) -> Result<Self, NotOurs> {
        Self::after(None, snapshot, deployment)
    }

    /// The same, after `last` was read: AWS lists the recovery points of a database one after the other,
    /// and what their tags say in the same words isn't parsed again.
    pub(crate) fn after(
        last: Option<&RecoveryPoint<'_>>,
        snapshot: &'a Snapshot,
        deployment: &Deployment,
    ) -> Result<Self, NotOurs> {
        let said = Said::of(&snapshot.tags);
        match said.owner {
            None if snapshot.id().starts_with(ID_PREFIX) => {
                return Err(NotOurs::TagMissing(tags::OWNER));
            }
            None => return Err(NotOurs::Foreign),
            Some(owner) if owner != deployment.as_str() => return Err(NotOurs::Foreign),
            Some(_) => {}
        }
        if !snapshot.id().starts_with(ID_PREFIX) {
            return Err(NotOurs::Disagrees("identifier"));
        }
        let missing = NotOurs::TagMissing;
        let invalid = NotOurs::TagInvalid;
        let source = said.source.ok_or(missing(tags::SOURCE))?;
        let source: ResourceId = match last {
            Some(last) if last.source.as_str() == source => last.source.clone(),
            Some(_) | None => source.parse().map_err(|_| invalid(tags::SOURCE))?,
        };
        if snapshot.resource_id.as_ref().is_some_and(|aws| *aws != source) {
            return Err(NotOurs::Disagrees(tags::SOURCE));
        }
        let last_tag = |key| last?.snapshot.tags.get(key);
        let database = said.database.ok_or(missing(tags::DATABASE))?;
        let database: Arc<RdsArn> = match last {
            Some(last) if last_tag(tags::DATABASE) == Some(database) => last.database.clone(),
            Some(_) | None => Arc::new(database.parse().map_err(|_| invalid(tags::DATABASE))?),
        };
        if database.id != *snapshot.database_id {
            return Err(NotOurs::Disagrees(tags::DATABASE));
        }
        let taken_at = said.slot.ok_or(missing(tags::SLOT))?;
        let taken_at: Timestamp = taken_at.parse().map_err(|_| invalid(tags::SLOT))?;
        let policy = said.policy.ok_or(missing(tags::POLICY))?;
        let policy = match last {
            Some(last) if last.policy.as_str() == policy => last.policy.clone(),
            Some(_) | None => policy.parse().map_err(|_| invalid(tags::POLICY))?,
        };
        let slot =
            said.request.map_or(Slot::Scheduled(taken_at), |name| Slot::Requested(name.to_owned()));
        let owner = (deployment, database.id.as_str());
        let attempt = attempt_of(snapshot.id(), owner, &source, &slot, ATTEMPTS_MAX);
        let attempt = attempt.ok_or(NotOurs::Disagrees("identifier"))?;
        let origin = match (said.copy_of, &snapshot.source_arn) {
            (None, _) => Origin::Original,
            (Some(arn), Some(aws)) if aws.reads(arn) => Origin::CopyOf(aws.clone()),
            (Some(arn), _) => Origin::CopyOf(arn.parse().map_err(|_| invalid(tags::COPY_OF))?),
        };
        if snapshot.source_arn.as_ref().is_some_and(|aws| !origin.is(aws)) {
            return Err(NotOurs::Disagrees(tags::COPY_OF));
        }
        Ok(Self {
            snapshot,
            policy,
            database,
            source,
            taken_at,
            slot,
            attempt,
            origin,
            held: said.hold.is_some_and(|value| value != tags::HOLD_RELEASED),
            // Nothing is found before it is there: a quarantine that ended long ago would be a delete.
            verdict: said
                .verdict
                .and_then(|outcome| verdict(outcome, snapshot))
                .filter(|verdict| verdict.at >= taken_at),
        })
    }

    /// The region it is in.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.snapshot.arn.region
    }

    /// Of a cluster or of an instance.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.snapshot.shape
    }

    /// Whether it could be restored right now.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.snapshot.status == Status::Available
    }

    /// Whether it ended without becoming available.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        matches!(self.snapshot.status, Status::Failed(_))
    }

    /// Whether its last verdict was [`Outcome::Fail`].
    #[must_use]
    pub fn has_failed_verification(&self) -> bool {
        self.verdict.is_some_and(|verdict| verdict.outcome == Outcome::Fail)
    }

    /// Whether its last verdict was that it lost what an earlier one held.
    #[must_use]
    pub fn has_drifted(&self) -> bool {
        let drifted = |v: Verdict| v.outcome == Outcome::Fail && v.cause == Some(Cause::Drift);
        self.verdict.is_some_and(drifted)
    }

    /// Whether its last verdict was [`Outcome::Pass`].
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.verdict.is_some_and(|verdict| verdict.outcome == Outcome::Pass)
    }
}

/// What the tags of a recovery point say, found in one walk: a lookup of each, in every snapshot of an
/// account, took a fifth of the time of a plan.
#[derive(Default)]
struct Said<'a> {
    owner: Option<&'a str>,
    policy: Option<&'a str>,
    database: Option<&'a str>,
    source: Option<&'a str>,
    slot: Option<&'a str>,
    request: Option<&'a str>,
    copy_of: Option<&'a str>,
    hold: Option<&'a str>,
    verdict: Option<&'a str>,
}

impl<'a> Said<'a> {
    fn of(tags: &'a Tags) -> Self {
        let mut said = Self::default();
        for (key, value) in tags {
            let place = match key {
                tags::OWNER => &mut said.owner,
                tags::POLICY => &mut said.policy,
                tags::DATABASE => &mut said.database,
                tags::SOURCE => &mut said.source,
                tags::SLOT => &mut said.slot,
                tags::REQUEST => &mut said.request,
                tags::COPY_OF => &mut said.copy_of,
                tags::HOLD => &mut said.hold,
                tags::VERDICT => &mut said.verdict,
                _ => continue,
            };
            *place = Some(value);
        }
        said
    }
}

/// A verdict tag that can't be read counts as none: doubt never becomes a pass.
fn verdict(outcome: &str, snapshot: &Snapshot) -> Option<Verdict> {
    let outcome = Outcome::from_tag(outcome)?;
    let at = snapshot.tags.get(tags::VERDICT_AT)?.parse().ok()?;
    let tag = |key| snapshot.tags.get(key);
    let cause = tag(tags::VERDICT_CAUSE).and_then(Cause::from_tag);
    let rto = tag(tags::VERDICT_RTO).and_then(|text| text.parse().ok());
    Some(Verdict { outcome, cause, at, rto: rto.map(SignedDuration::from_secs) })
}

/// The verdict on the last rehearsed restore of a database's automated backups to a point in time.
pub(crate) fn rehearsed(database: &Database) -> Option<Verdict> {
    let outcome = Outcome::from_tag(database.tags.get(tags::REHEARSAL)?)?;
    let at = database.tags.get(tags::REHEARSAL_AT)?.parse().ok()?;
    Some(Verdict { outcome, cause: None, at, rto: None })
}

/// Why a snapshot is not a recovery point of this deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum NotOurs {
    /// Nothing on it says that it is.
    #[error("made by somebody else")]
    Foreign,
    /// It is named or tagged like ours, but lacks a tag.
    #[error("lacks the tag {0}: put it back, or delete the snapshot by hand")]
    TagMissing(&'static str),
    /// A tag can't be read.
    #[error("the tag {0} can't be read: put it back, or delete the snapshot by hand")]
    TagInvalid(&'static str),
    /// A tag and AWS's own description disagree.
    #[error("{0} disagrees with what AWS says of the snapshot: held, look into who changed it")]
    Disagrees(&'static str),
    /// It is named as a later attempt at a slot, and none was called for.
    #[error("an earlier attempt at its slot didn't fail: held, look into who made it")]
    Needless,
}
