//! AWS Backup's restore testing, of which verify is the validator: what a restore job made, and what
//! its test is told.

use aws_sdk_backup::primitives::DateTime;
use aws_sdk_backup::types::{RestoreJobStatus, RestoreValidationStatus};
use jiff::Timestamp;
use snapkeep_policy::ids::{RdsArn, Region, RestoreJobId};
use snapkeep_policy::tags::Tags;
use snapkeep_policy::verify::RestoreJob;

use super::{HostId, tag};
use crate::act::Applied;
use crate::{Aws, Failure};

/// The longest message that is sent: more than any reader wants.
const MESSAGE_CHARS_MAX: usize = 1000;

/// What AWS Backup says of a restore job.
///
/// # Errors
/// [`crate::FailureClass::Gone`] if there is no such job.
pub async fn describe_restore_job(
    aws: &Aws,
    region: &Region,
    id: &RestoreJobId,
) -> Result<RestoreJob, Failure> {
    let sent = aws.backup(region).describe_restore_job().restore_job_id(id.as_str()).send().await;
    let subject = || format!("describe restore job {id} in {region}");
    let job = sent.map_err(|error| Failure::of(subject(), &error))?;
    let database = |arn: Option<&str>| arn.and_then(|arn| arn.parse().ok());
    Ok(RestoreJob {
        id: id.clone(),
        region: region.clone(),
        status: job.status().map_or("unknown", RestoreJobStatus::as_str).to_owned(),
        created: database(job.created_resource_arn()),
        source: database(job.source_resource_arn()),
        taken_at: job.recovery_point_creation_date().and_then(timestamp),
        is_test: job.created_by().is_some_and(|by| by.restore_testing_plan_arn().is_some()),
        // Until then its window is open.
        validated: job
            .validation_status()
            .is_some_and(|status| *status != RestoreValidationStatus::Validating),
    })
}

/// Takes what a restore job made as a guest.
///
/// # Errors
/// [`crate::FailureClass::Invalid`] for what isn't named as AWS Backup names it, before any call.
pub async fn adopt(aws: &Aws, resource: &RdsArn, tags: &Tags) -> Result<Applied, Failure> {
    HostId::guest(resource)?;
    tag(aws, resource, tags, "adopt").await
}

/// What AWS Backup is told of a guest.
#[derive(Debug, Clone, Copy)]
pub struct Validation<'a> {
    /// The restore job.
    pub job: &'a RestoreJobId,
    /// What it made.
    pub resource: &'a RdsArn,
    /// Whether it passed.
    pub passed: bool,
    /// Why, in one line.
    pub message: &'a str,
    /// The tags that say that AWS Backup was told.
    pub tags: &'a Tags,
}

/// Tells AWS Backup, then tags the guest. A result can't be changed once it is set: if there is one,
/// an earlier run that was killed set it, or the window is over.
///
/// # Errors
/// [`crate::FailureClass::Invalid`] for what isn't named as AWS Backup names it, before any call.
pub async fn validate(aws: &Aws, validation: Validation<'_>) -> Result<Applied, Failure> {
    let Validation { job, resource, tags, .. } = validation;
    let guest = HostId::guest(resource)?;
    let put = put(aws, guest.region, validation).await;
    if let Err(failure) = &put
        && (failure.retryable() || !is_validated(aws, guest.region, job).await)
    {
        return put.map(|()| Applied::Done);
    }
    tag(aws, resource, tags, "tag the validation on").await?;
    Ok(if put.is_ok() { Applied::Done } else { Applied::AlreadyThere })
}

async fn put(aws: &Aws, region: &Region, validation: Validation<'_>) -> Result<(), Failure> {
    let Validation { job, passed, message, .. } = validation;
    let word =
        if passed { RestoreValidationStatus::Successful } else { RestoreValidationStatus::Failed };
    let message: String = message.chars().take(MESSAGE_CHARS_MAX).collect();
    let call = aws.backup(region).put_restore_validation_result().restore_job_id(job.as_str());
    let sent = call.validation_status(word).validation_status_message(message).send().await;
    let subject = || format!("put the validation result of restore job {job} in {region}");
    sent.map(drop).map_err(|error| Failure::of(subject(), &error))
}

async fn is_validated(aws: &Aws, region: &Region, job: &RestoreJobId) -> bool {
    describe_restore_job(aws, region, job).await.is_ok_and(|job| job.validated)
}

fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(time.secs()).ok()
}
