//! Applies planned actions, one call each, in the region where AWS wants the call.
//!
//! DocumentDB is acted upon through its own SDK and everything else through that of RDS.
//! Identifiers come from the plan and are the same in every run, so an answer that says "exists
//! already" or "is gone" to a repeated call is a success: see [`Applied`].
//!
//! Nothing is decided here. Two things are refused all the same, because a plan could be wrong and
//! a delete can't be taken back: a scratch delete of an identifier without the scratch prefix, and
//! the delete of a snapshot that doesn't look as the plan saw it.

pub mod copy;
pub mod create;
pub mod prune;
pub mod verify;

use snapkeep_policy::tags::Tags;

use crate::{Failure, FailureClass};

/// How an action ended when it didn't fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// AWS accepted it. Most things take minutes from there: look again.
    Done,
    /// An earlier or a concurrent run did it.
    AlreadyThere,
    /// Somebody deleted it before.
    AlreadyGone,
    /// The last look disagreed with the plan: nothing was done, and why.
    Dropped(String),
}

/// Something to make: that it exists is as good as done.
fn made(result: Result<(), Failure>) -> Result<Applied, Failure> {
    match result {
        Ok(()) => Ok(Applied::Done),
        Err(failure) if failure.class == FailureClass::AlreadyThere => Ok(Applied::AlreadyThere),
        Err(failure) => Err(failure),
    }
}

/// Something to delete: that it's gone is as good as done.
fn gone(result: Result<(), Failure>) -> Result<Applied, Failure> {
    match result {
        Ok(()) => Ok(Applied::Done),
        Err(failure) if failure.class == FailureClass::Gone => Ok(Applied::AlreadyGone),
        Err(failure) => Err(failure),
    }
}

fn rds_tags(tags: &Tags) -> Option<Vec<aws_sdk_rds::types::Tag>> {
    let tag = |(key, value)| aws_sdk_rds::types::Tag::builder().key(key).value(value).build();
    Some(tags.iter().map(tag).collect())
}

fn docdb_tags(tags: &Tags) -> Option<Vec<aws_sdk_docdb::types::Tag>> {
    let tag = |(key, value)| aws_sdk_docdb::types::Tag::builder().key(key).value(value).build();
    Some(tags.iter().map(tag).collect())
}
