//! What a refused restore says of the recovery point.
//!
//! AWS may refuse a restore, or the instance of a restored cluster, for reasons that no later tick will
//! change. Then the verification ends there and then, with a verdict that says why: one attempt a slot
//! keeps the cost in hand, and capacity that is short today says nothing about the snapshot.

use jiff::Timestamp;

use crate::inventory::Engine;
use crate::recovery_point::{Cause, Outcome};
use crate::verify::{Action, Begun, VerdictRecord};

/// Why AWS refused, where that ends the verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It has no room for such an instance or its storage, or the account's quota is full.
    Capacity,
    /// A group, a network or a class that the policy names doesn't fit.
    Parameters,
    /// The recovery point's key can't be used.
    Key,
    /// Neither the recovery point's engine version is on offer any more nor one that follows it.
    Version,
}

impl Refused {
    fn verdict(self) -> (Outcome, Cause) {
        match self {
            Self::Capacity => (Outcome::Inconclusive, Cause::Capacity),
            Self::Parameters => (Outcome::Inconclusive, Cause::Parameters),
            Self::Key | Self::Version => (Outcome::Fail, Cause::Restore),
        }
    }
}

/// The verdict on a refused step, for the steps that make something.
#[must_use]
pub fn refused(
    action: &Action,
    why: Refused,
    message: &str,
    now: Timestamp,
) -> Option<VerdictRecord> {
    let begun: &Begun = match action {
        Action::Restore(restore) => &restore.begun,
        Action::AddInstance { begun, .. } => begun,
        Action::SetPassword { .. }
        | Action::Question(_)
        | Action::Conclude { .. }
        | Action::DeleteInstance { .. }
        | Action::DeleteCluster { .. }
        | Action::Adopt { .. }
        | Action::Validate { .. } => return None,
    };
    Some(VerdictRecord::unasked(begun.clone(), why.verdict(), message.to_owned(), now))
}

/// The version to restore with where AWS doesn't offer `wanted` any more: the next one of the same
/// major version, as AWS would upgrade to. Another major version is another database.
#[must_use]
pub fn successor<'o>(engine: Engine, wanted: &str, offered: &[&'o str]) -> Option<&'o str> {
    let (major, minor) = split(engine, wanted)?;
    let next = |offer: &&'o str| {
        let (offered_major, offered_minor) = split(engine, offer)?;
        (offered_major == major && offered_minor > minor).then_some((offered_minor, *offer))
    };
    offered.iter().filter_map(next).min().map(|(_, offer)| offer)
}

/// A version's major parts, and the numbers behind them.
/// Source: RDS User Guide, "Upgrading a DB instance engine version", for each engine; Aurora User
/// Guide, "Checking Aurora MySQL version numbers", for `8.0.mysql_aurora.3.05.2`.
fn split(engine: Engine, version: &str) -> Option<(Vec<&str>, Vec<u32>)> {
    let major_parts = match engine {
        Engine::Postgres | Engine::AuroraPostgresql => 1,
        Engine::Mysql | Engine::Mariadb | Engine::Docdb => 2,
        Engine::AuroraMysql => 4,
    };
    let parts: Vec<&str> = version.split('.').collect();
    let (major, minor) = parts.split_at_checked(major_parts)?;
    let minor: Option<Vec<u32>> = minor.iter().map(|part| part.parse().ok()).collect();
    Some((major.to_vec(), minor.filter(|minor| !minor.is_empty())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_is_gone_is_followed_by_the_next_of_its_line() {
        use Engine::{AuroraMysql, Docdb, Mysql, Postgres};
        for (engine, wanted, offered, expected) in [
            (Postgres, "16.3", &["15.9", "16.4", "16.6", "17.1"][..], Some("16.4")),
            (Postgres, "16.4", &["16.4", "16.6"], Some("16.6")),
            (Postgres, "16.10", &["16.9", "16.11"], Some("16.11")),
            (Docdb, "5.0.0", &["4.0.0", "5.0.1"], Some("5.0.1")),
            (Docdb, "4.0.0", &["5.0.0"], None),
            (Mysql, "8.0.35", &["8.0.36", "8.4.3"], Some("8.0.36")),
            (Mysql, "5.7.44", &["8.0.36", "8.4.3"], None),
            (
                AuroraMysql,
                "8.0.mysql_aurora.3.05.2",
                &["8.0.mysql_aurora.3.04.4", "8.0.mysql_aurora.3.08.0", "8.0.mysql_aurora.3.10.0"],
                Some("8.0.mysql_aurora.3.08.0"),
            ),
            (Postgres, "16", &["16.4"], None),
            (Postgres, "16.x", &["16.4"], None),
            (Postgres, "16.4", &[], None),
        ] {
            assert_eq!(successor(engine, wanted, offered), expected, "{wanted}");
        }
    }
}
