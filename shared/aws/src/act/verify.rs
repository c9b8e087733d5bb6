//! verify's actions: restore into a scratch database, complete it, give it a password of our own, tag
//! the verdict, tear down.
//!
//! Scratch databases are sealed: no public address, named security groups and subnet group, no
//! deletion protection, the shortest retention that the call accepts, no tags but the plan's. AWS's
//! defaults differ in each of these, so each is said. Whatever is made, changed or deleted here has a
//! `ScratchId`; for an identifier without the prefix there is none. A guest of AWS Backup's may be
//! changed and never deleted: it has a `HostId` and no other.

mod backup;
mod password;
mod restore;
mod teardown;
mod version;

use snapkeep_policy::ids::{GUEST_PREFIX, RdsArn, Region, SCRATCH_PREFIX};
use snapkeep_policy::tags::Tags;
use snapkeep_policy::verify::{Refused, VerdictRecord};

use super::{Applied, rds_tags};
use crate::{Aws, Failure, FailureClass};

pub use backup::{Validation, adopt, describe_restore_job, validate};
pub use password::set_password;
pub use restore::{Instance, add_instance, restore};
pub use teardown::{delete_cluster, delete_instance};

/// Writes the verdict on the very recovery point that was restored. DocumentDB's ARNs are RDS's, so
/// one call serves all.
///
/// # Errors
/// [`crate::FailureClass::Gone`] when the recovery point was deleted meanwhile.
pub async fn tag_verdict(aws: &Aws, verdict: &VerdictRecord) -> Result<Applied, Failure> {
    tag(aws, verdict.subject.arn(), &verdict.tags(), "tag the verdict on").await
}

async fn tag(aws: &Aws, arn: &RdsArn, tags: &Tags, what: &str) -> Result<Applied, Failure> {
    let call = aws.rds(&arn.region).add_tags_to_resource().resource_name(arn.to_string());
    let sent = call.set_tags(rds_tags(tags)).send().await;
    sent.map_err(|error| Failure::of(format!("{what} {arn}"), &error))?;
    Ok(Applied::Done)
}

/// Whether a refusal ends the verification, because no later tick would be told anything else.
#[must_use]
pub fn refusal(failure: &Failure) -> Option<Refused> {
    match failure.class {
        FailureClass::Capacity | FailureClass::QuotaOrInFlight => Some(Refused::Capacity),
        FailureClass::NetworkParameters => Some(Refused::Parameters),
        FailureClass::KeyUnusable => Some(Refused::Key),
        FailureClass::Invalid if version::is_about_it(failure) => Some(Refused::Version),
        FailureClass::AlreadyThere
        | FailureClass::Gone
        | FailureClass::WrongState
        | FailureClass::Denied
        | FailureClass::Throttled
        | FailureClass::ClockSkew
        | FailureClass::Unavailable
        | FailureClass::PreconditionFailed
        | FailureClass::Damaged
        | FailureClass::Invalid
        | FailureClass::Unknown => None,
    }
}

/// The identifier of a scratch database: there is none without [`SCRATCH_PREFIX`], so a call that
/// takes one can't name anything else.
struct ScratchId<'a> {
    id: &'a str,
    region: &'a Region,
}

impl<'a> ScratchId<'a> {
    fn new(id: &'a str, region: &'a Region) -> Result<Self, Failure> {
        if id.len() > SCRATCH_PREFIX.len() && id.starts_with(SCRATCH_PREFIX) {
            return Ok(Self { id, region });
        }
        let message = format!("it isn't called {SCRATCH_PREFIX}…, so it is no scratch database");
        Err(Failure::invalid(format!("{id} in {region}"), message))
    }

    fn of(arn: &'a RdsArn) -> Result<Self, Failure> {
        Self::new(&arn.id, &arn.region)
    }
}

/// The identifier of what may be questioned: a scratch database, or a guest of AWS Backup's. No call
/// that deletes takes one, and a [`ScratchId`] can't be had from it.
struct HostId<'a> {
    id: &'a str,
    region: &'a Region,
}

impl<'a> HostId<'a> {
    fn of(arn: &'a RdsArn) -> Result<Self, Failure> {
        let own = |_| ScratchId::of(arn).map(|ScratchId { id, region }| Self { id, region });
        Self::guest(arn).or_else(own)
    }

    fn guest(arn: &'a RdsArn) -> Result<Self, Failure> {
        if arn.id.starts_with(GUEST_PREFIX) {
            return Ok(Self { id: &arn.id, region: &arn.region });
        }
        let message =
            format!("it isn't called {GUEST_PREFIX}…, so AWS Backup's test didn't make it");
        Err(Failure::invalid(format!("{} in {}", arn.id, arn.region), message))
    }
}
