//! Adopting what AWS Backup's restore testing made, so that verify is the validator of its test.
//!
//! Whoever may put events on a bus could name any job. So nothing is taken from the event but the job's
//! id, and everything here has to agree: what AWS Backup says of the job, the resource's name and tag,
//! and a policy that verifies the database it came from.

use jiff::Timestamp;

use crate::document::VerifyRule;
use crate::ids::{RdsArn, Region, RestoreJobId};
use crate::inventory::Database;
use crate::plan::Plan;
use crate::scratch;
use crate::selection::Protected;
use crate::tags::{self, Tags};
use crate::verify::Action;
use crate::view::View;

/// The status of a job that made its resource. Source: `DescribeRestoreJob`, AWS Backup API reference.
const COMPLETED: &str = "COMPLETED";

/// A restore job as AWS Backup describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreJob {
    /// Its id.
    pub id: RestoreJobId,
    /// Where it ran.
    pub region: Region,
    /// How far it is, in AWS's word.
    pub status: String,
    /// What it made, if that is a database.
    pub created: Option<RdsArn>,
    /// What it restored a backup of, if that is a database.
    pub source: Option<RdsArn>,
    /// When that backup was made.
    pub taken_at: Option<Timestamp>,
    /// Whether a restore testing plan asked for it.
    pub is_test: bool,
    /// Whether it has a validation result.
    pub validated: bool,
}

/// Plans the adoption of what `job` made, or notes why it isn't adopted.
pub fn adopt(view: &View<'_>, job: &RestoreJob, plan: &mut Plan<Action>) {
    match guest(view, job) {
        Ok((resource, protected, rule)) => {
            let action = Action::Adopt {
                resource: resource.arn.clone(),
                database: protected.database.id().to_owned(),
                tags: tags(view, job, protected, rule),
            };
            plan.step(action, format!("made by restore job {}, to be validated", job.id));
        }
        Err(why) => plan.note(&job.id, format!("isn't adopted: {why}")),
    }
}

fn guest<'v, 'a>(
    view: &'v View<'a>,
    job: &RestoreJob,
) -> Result<(&'a Database, &'v Protected<'a>, &'a VerifyRule), String> {
    if job.status != COMPLETED {
        return Err(format!("it is {}", job.status));
    }
    if !job.is_test {
        return Err("no restore testing plan asked for it".to_owned());
    }
    if job.validated {
        return Err("it is validated already".to_owned());
    }
    let created = job.created.as_ref().ok_or("it made no database")?;
    let resource = view.database(created).filter(|_| created.region == job.region);
    let resource = resource.ok_or_else(|| format!("{created} isn't there"))?;
    if !scratch::is_restore_test(resource) {
        return Err(format!("{} isn't named and tagged as a restore test", resource.id()));
    }
    if let Some(of) = resource.tags.get(tags::SCRATCH) {
        return Err(format!("{} was adopted by {of}", resource.id()));
    }
    let source = job.source.as_ref().ok_or("it restored no database's backup")?;
    let mut protected = view.protected.iter().filter(|it| it.database.arn == *source);
    let protected = protected.next().ok_or_else(|| format!("no policy protects {source}"))?;
    let rule = protected.policy.verify.as_ref();
    let rule = rule.ok_or_else(|| format!("the policy of {source} has no verify rule"))?;
    Ok((resource, protected, rule))
}

fn tags(view: &View<'_>, job: &RestoreJob, protected: &Protected<'_>, rule: &VerifyRule) -> Tags {
    let database = protected.database;
    let mut tags = Tags::from([
        (tags::SCRATCH.to_owned(), view.document.deployment.to_string()),
        (tags::RESTORE_JOB.to_owned(), job.id.to_string()),
        (tags::DATABASE.to_owned(), database.arn.to_string()),
        (tags::SOURCE.to_owned(), database.resource_id.to_string()),
        (tags::POLICY.to_owned(), protected.policy_name.to_string()),
        (tags::STARTED.to_owned(), view.now.to_string()),
        (tags::DEADLINE.to_owned(), (view.now + rule.deadline).to_string()),
    ]);
    if let Some(taken_at) = job.taken_at {
        tags.insert(tags::RESTORED_TO.to_owned(), taken_at.to_string());
    }
    tags
}
