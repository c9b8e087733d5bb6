//! Under which policy the recovery points of a source are kept, and what keeps them whole.

use std::collections::BTreeSet;

use crate::document::{Policy, PolicyDocument};
use crate::ids::PolicyName;
use crate::recovery_point::{Cause, Outcome, RecoveryPoint, Verdict};

/// Under which policy the recovery points of a source are kept.
#[derive(Debug, Clone, Copy)]
pub enum Custody<'a> {
    /// The database exists and this policy protects it.
    Protected(&'a Policy),
    /// The database exists and several policies claim it. The first by name protects it; nothing of
    /// it is deleted.
    Contested(&'a Policy),
    /// The last one that was verified had lost what an earlier one held. Until somebody has looked,
    /// the earlier ones may be the only good ones: nothing of it is deleted.
    Drifted(&'a Policy),
    /// The database exists and its key can't be used, so what there is may be all there will be:
    /// nothing of it is copied or deleted.
    Locked(&'a Policy),
    /// The database is gone; the policy of its recovery points' tags goes on.
    Orphaned(&'a Policy),
    /// Nobody can say: the reason why nothing of it is copied or deleted.
    Doubtful(&'static str),
}

impl<'a> Custody<'a> {
    /// The policy by which recovery points may be deleted, or why none may.
    ///
    /// # Errors
    /// The reason, as notes write it.
    pub fn to_delete(self) -> Result<&'a Policy, &'static str> {
        match self {
            Self::Protected(policy) | Self::Orphaned(policy) => Ok(policy),
            Self::Contested(_) => Err("two policies claim its database"),
            Self::Drifted(_) => Err(DRIFTED),
            Self::Locked(_) => Err(KEY_LOST),
            Self::Doubtful(why) => Err(why),
        }
    }

    /// The policy by which recovery points are copied, or why none is.
    ///
    /// # Errors
    /// The reason, as notes write it.
    pub fn to_copy(self) -> Result<&'a Policy, &'static str> {
        match self {
            Self::Protected(policy)
            | Self::Contested(policy)
            | Self::Drifted(policy)
            | Self::Orphaned(policy) => Ok(policy),
            Self::Locked(_) => Err(KEY_LOST),
            Self::Doubtful(why) => Err(why),
        }
    }

    /// Where its policy could delete, it can't while a drift isn't looked into.
    pub(super) fn drift(&mut self) {
        if let Self::Protected(policy) | Self::Orphaned(policy) = *self {
            *self = Self::Drifted(policy);
        }
    }

    /// The policy by which recovery points are verified, if there is one. A key that is lost at home
    /// says nothing of copies under another key.
    #[must_use]
    pub fn to_verify(self) -> Option<&'a Policy> {
        match self {
            Self::Protected(policy)
            | Self::Contested(policy)
            | Self::Drifted(policy)
            | Self::Locked(policy)
            | Self::Orphaned(policy) => Some(policy),
            Self::Doubtful(_) => None,
        }
    }
}

const DRIFTED: &str = "its content dropped: look into that, then accept it or take it back";
const KEY_LOST: &str = "its database's key can't be used";

/// Whether a drift was found since the last time that one of them passed.
pub(super) fn is_drifted(points: &[RecoveryPoint<'_>]) -> bool {
    let last = |wanted: &dyn Fn(&Verdict) -> bool| {
        let verdicts = points.iter().filter_map(|point| point.verdict);
        verdicts.filter(wanted).map(|verdict| verdict.at).max()
    };
    let drifted = |v: &Verdict| v.outcome == Outcome::Fail && v.cause == Some(Cause::Drift);
    last(&drifted) > last(&|verdict| verdict.outcome == Outcome::Pass)
}

/// Who keeps the recovery points of a database that is gone. With the database there is nobody left
/// to say which policy is right, so their tags must agree.
pub(super) fn orphan<'a>(
    document: &'a PolicyDocument,
    points: &[RecoveryPoint<'_>],
) -> Custody<'a> {
    let names: BTreeSet<&PolicyName> = points.iter().map(|point| &point.policy).collect();
    let mut names = names.into_iter();
    match (names.next(), names.next()) {
        (Some(name), None) => document.policies.get(name).map_or(
            Custody::Doubtful("its database is gone and its policy isn't in the document"),
            Custody::Orphaned,
        ),
        (_, _) => Custody::Doubtful("its database is gone and they name several policies"),
    }
}
