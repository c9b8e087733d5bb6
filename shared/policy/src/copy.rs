//! copy: each finished recovery point into each region where the policy wants it.

use serde::Serialize;

use crate::ids::{RdsArn, Region};
use crate::inventory::{Engine, Shape};
use crate::tags::Tags;

/// What copy does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Action {
    /// Copy a snapshot into another region. AWS wants the call made in the destination.
    CopySnapshot {
        /// The snapshot, in its own region.
        source: RdsArn,
        /// Of a cluster or of an instance.
        shape: Shape,
        /// What ran in it.
        engine: Engine,
        /// The database, for the reader.
        database: RdsArn,
        /// Where to.
        destination: Region,
        /// Under this identifier there.
        snapshot_id: String,
        /// Whether the source is encrypted: then a key is needed and the request is presigned.
        encrypted: bool,
        /// Key in the destination; always there when `encrypted`.
        kms_key: Option<String>,
        /// Option group in the destination, if the instance needs one.
        option_group: Option<String>,
        /// All tags of the copy: supplied tags make AWS ignore `CopyTags`.
        tags: Tags,
    },
}
