//! verify's actions: restore into a scratch database, complete it, tag the verdict, tear down.
//!
//! Scratch databases are sealed: no public address, named security groups and subnet group, no
//! deletion protection, the shortest retention that the call accepts, no tags but the plan's. AWS's
//! defaults differ in each of these, so each is said. Whatever is made or deleted here has a
//! `ScratchId`; for an identifier without the prefix there is none.

mod restore;
mod teardown;

use snapkeep_policy::ids::{RdsArn, Region, SCRATCH_PREFIX};
use snapkeep_policy::recovery_point::Outcome;
use snapkeep_policy::tags::{self, Tags};
use snapkeep_policy::verify::{Action, VerdictRecord};

use super::{Applied, rds_tags};
use crate::{Aws, Failure};

pub use restore::{add_instance, restore};
pub use teardown::{delete_cluster, delete_instance};

/// Applies any of verify's actions. Of [`Action::Conclude`] this is the tags alone: the evidence
/// record goes first, through [`crate::store`].
///
/// # Errors
/// As the call for each action.
pub async fn apply(aws: &Aws, action: &Action) -> Result<Applied, Failure> {
    match action {
        Action::Restore { .. } => restore(aws, action).await,
        Action::AddInstance { .. } => add_instance(aws, action).await,
        Action::Conclude { verdict } => tag_verdict(aws, verdict).await,
        Action::DeleteInstance { instance, engine, deletion_protection, .. } => {
            delete_instance(aws, instance, *engine, *deletion_protection).await
        }
        Action::DeleteCluster { cluster, engine, deletion_protection, .. } => {
            delete_cluster(aws, cluster, *engine, *deletion_protection).await
        }
    }
}

/// Writes the verdict on the very recovery point that was restored. DocumentDB's ARNs are RDS's, so
/// one call serves all.
///
/// # Errors
/// [`crate::FailureClass::Gone`] when the recovery point was deleted meanwhile.
pub async fn tag_verdict(aws: &Aws, verdict: &VerdictRecord) -> Result<Applied, Failure> {
    let arn = &verdict.recovery_point;
    let call = aws.rds(&arn.region).add_tags_to_resource().resource_name(arn.to_string());
    let sent = call.set_tags(rds_tags(&verdict_tags(verdict))).send().await;
    sent.map_err(|error| Failure::of(format!("tag the verdict on {arn}"), &error))?;
    Ok(Applied::Done)
}

fn verdict_tags(verdict: &VerdictRecord) -> Tags {
    let outcome: Outcome = verdict.outcome;
    Tags::from([
        (tags::VERDICT.to_owned(), outcome.as_str().to_owned()),
        (tags::VERDICT_AT.to_owned(), verdict.concluded_at.to_string()),
        (tags::VERDICT_CAUSE.to_owned(), "none".to_owned()),
    ])
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
