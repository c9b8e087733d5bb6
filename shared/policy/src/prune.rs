//! prune: deletes what the policy no longer keeps, and nothing in doubt.

use serde::Serialize;

use crate::ids::{RdsArn, ResourceId};
use crate::inventory::{Engine, Shape};

/// What prune does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Action {
    /// Delete a recovery point, after a last look at it.
    Delete {
        /// The recovery point.
        recovery_point: RdsArn,
        /// Of a cluster or of an instance.
        shape: Shape,
        /// What ran in it.
        engine: Engine,
        /// The database it restores, for the reader.
        database: RdsArn,
        /// What the last look must find in the tags, or the delete is dropped.
        source: ResourceId,
    },
}
