//! create: one recovery point for each selected database and due slot.

use serde::Serialize;

use crate::ids::RdsArn;
use crate::inventory::{Engine, Shape};
use crate::tags::Tags;

/// What create does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Action {
    /// Take a snapshot of a database.
    TakeSnapshot {
        /// Of this database.
        database: RdsArn,
        /// Cluster or instance: they are different calls.
        shape: Shape,
        /// What runs in it: DocumentDB has a client of its own.
        engine: Engine,
        /// Under this identifier.
        snapshot_id: String,
        /// With these tags.
        tags: Tags,
    },
}
