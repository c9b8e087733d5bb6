//! How long each phase of a restore took: where the recovery time goes.
//!
//! A verdict's evidence says when each phase was over, as verify's visits saw it. So a phase is as exact as
//! verify looks often, and the first three add up to the recovery time exactly: from the request to the
//! first answer. Checks come after it and belong to no objective; they are shown because they are waited
//! for as well. Of several restores each phase has a median of its own, from those that came to it.

use schemars::JsonSchema;
use serde::Serialize;
use snapkeep_policy::verify::PhaseTimes;

use crate::weekly::Restore;

/// How long each phase took, in seconds; `null` for one that wasn't come to, and for the cluster's where an
/// instance was restored by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PhaseSeconds {
    /// From the request until the cluster was available.
    pub cluster: Option<i64>,
    /// Then until the instance was available.
    pub instance: Option<i64>,
    /// Then until the database answered its first query.
    pub first_query: Option<i64>,
    /// Then until all checks were done.
    pub checks: Option<i64>,
}

impl PhaseSeconds {
    pub(crate) fn of(times: PhaseTimes) -> Self {
        let PhaseTimes { cluster, instance, first_query, checks } = times;
        let [cluster, instance, first_query, checks] =
            [cluster, instance, first_query, checks].map(|took| took.map(|took| took.as_secs()));
        Self { cluster, instance, first_query, checks }
    }

    /// The median of each phase.
    pub(crate) fn medians(restores: &[Restore]) -> Self {
        let of = |phase: fn(&Self) -> Option<i64>| {
            median(restores.iter().filter_map(|restore| phase(&restore.phases)).collect())
        };
        Self {
            cluster: of(|it| it.cluster),
            instance: of(|it| it.instance),
            first_query: of(|it| it.first_query),
            checks: of(|it| it.checks),
        }
    }

    /// Each phase that was come to, in their order.
    pub(crate) fn each(&self) -> impl Iterator<Item = (Phase, i64)> {
        let all = [
            (Phase::Cluster, self.cluster),
            (Phase::Instance, self.instance),
            (Phase::FirstQuery, self.first_query),
            (Phase::Checks, self.checks),
        ];
        all.into_iter().filter_map(|(phase, took)| Some((phase, took?)))
    }

    /// All of them together.
    pub(crate) fn total(&self) -> i64 {
        self.each().map(|(_, took)| took).sum()
    }
}

/// What a restore goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Cluster,
    Instance,
    FirstQuery,
    Checks,
}

impl Phase {
    /// The words for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Instance => "instance",
            Self::FirstQuery => "first query",
            Self::Checks => "checks",
        }
    }
}

/// The upper median.
pub(crate) fn median(mut seconds: Vec<i64>) -> Option<i64> {
    seconds.sort_unstable();
    seconds.get(seconds.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_upper_one_of_two_and_none_of_nothing() {
        for (seconds, expected) in
            [(vec![], None), (vec![7], Some(7)), (vec![9, 1], Some(9)), (vec![3, 1, 2], Some(2))]
        {
            assert_eq!(median(seconds), expected);
        }
    }
}
