//! What a function was asked to do: a schedule's wake-up, an event of AWS's, or a person's request.

use crate::document::DatabaseRef;

/// What a function was asked to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Only this database.
    pub database: Option<DatabaseRef>,
    /// The name of an on-demand recovery point.
    pub name: Option<String>,
    /// Whether the on-demand recovery point is held.
    pub hold: bool,
    /// Decide and report, and do nothing.
    pub dry_run: bool,
    /// Hash of the blocked plan that may pass.
    pub approve: Option<String>,
}
