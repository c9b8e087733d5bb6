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

impl Request {
    /// Placeholder until the parser lands.
    pub fn parse(
        _: &[u8],
        _: crate::verb::Verb,
        _: Option<&crate::ids::AccountId>,
        _: &std::collections::BTreeSet<crate::ids::Region>,
        _: jiff::Timestamp,
    ) -> Result<Self, crate::bad_input::BadInput> {
        Ok(Self::default())
    }
}
