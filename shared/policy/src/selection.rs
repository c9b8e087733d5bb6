//! Which policy protects which database.
//!
//! A database is protected by the policy whose selector matches it. One that no selector matches is
//! named as unprotected; one that several match is protected by the first by name and named as
//! contested, so that it is backed up while somebody decides, and nothing of it is deleted.

use std::fmt;

use crate::document::{DatabaseRef, Policy, PolicyDocument, Selector};
use crate::ids::{PolicyName, RdsArn};
use crate::inventory::Database;

/// A database and the policy that protects it.
#[derive(Debug, Clone, Copy)]
pub struct Protected<'a> {
    /// The database.
    pub database: &'a Database,
    /// The policy's name.
    pub policy_name: &'a PolicyName,
    /// The policy.
    pub policy: &'a Policy,
    /// A second policy that also claims it, if there is one.
    pub contested_by: Option<&'a PolicyName>,
}

/// The policy of `document` that protects `database`, if any does.
#[must_use]
pub fn protection<'a>(
    document: &'a PolicyDocument,
    database: &'a Database,
) -> Option<Protected<'a>> {
    let mut claims = document.policies.iter().filter(|(_, policy)| policy.select.selects(database));
    let (policy_name, policy) = claims.next()?;
    let contested_by = claims.next().map(|(name, _)| name);
    Some(Protected { database, policy_name, policy, contested_by })
}

impl Selector {
    /// Whether the selector names the database, or all of its tags are on it.
    #[must_use]
    pub fn selects(&self, database: &Database) -> bool {
        let has_tag =
            |(key, value): (&String, &String)| database.tags.get(key) == Some(value.as_str());
        self.databases.iter().any(|named| named.names(database))
            || (!self.tags.is_empty() && self.tags.iter().all(has_tag))
    }
}

impl DatabaseRef {
    /// Whether this is the database's ARN or its identifier.
    #[must_use]
    pub fn names(&self, database: &Database) -> bool {
        self.matches(&database.arn)
    }

    /// Whether this is the ARN, or the identifier in it.
    #[must_use]
    pub fn matches(&self, database: &RdsArn) -> bool {
        match self {
            Self::Arn(arn) => arn == database,
            Self::Id(id) => *id == database.id,
        }
    }
}

impl fmt::Display for DatabaseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arn(arn) => arn.fmt(f),
            Self::Id(id) => f.pad(id),
        }
    }
}
