//! Gauges of what was seen, for each database and for the fleet.
//!
//! A share or a worst value is an answer for all databases, and those of a region that can't be seen
//! might be the worst: then there is no answer.

use jiff::{SignedDuration, Timestamp};

use crate::alarm::Memory;
use crate::copy::Copies;
use crate::document::{Objective, Pick};
use crate::metrics::{Measure, Metric, count};
use crate::recovery_point::{Origin, Outcome, RecoveryPoint, rehearsed};
use crate::selection::Protected;
use crate::status::{self, Row};
use crate::view::View;

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// The gauges of what was seen, and of the alarms that are open after it. A database without a
/// recovery point has no age, and an alarm.
#[must_use]
pub fn of_fleet(view: &View<'_>, memory: &Memory) -> Vec<Metric> {
    let rows = status::rows(view);
    let all = view.protected.iter().zip(&rows);
    let all: Vec<Standing> = all.map(|(protected, row)| standing(view, protected, row)).collect();
    let mut metrics: Vec<Metric> = all.iter().flat_map(Standing::metrics).collect();
    if view.unseen.is_empty() {
        metrics.extend(answers(&all));
    }
    let points = || view.recovery_points.values().flatten();
    let open = memory.alarms.values().filter(|alarm| alarm.resolved_at.is_none());
    for (measure, things) in [
        (Measure::ProtectedDatabases, view.protected.len()),
        (Measure::UnprotectedDatabases, view.unprotected.len()),
        (Measure::RecoveryPoints, points().count()),
        (Measure::ScratchDatabases, view.scratch.len()),
        (Measure::OpenAlarms, open.count()),
        (Measure::RegionsUnseen, view.unseen.len()),
    ] {
        metrics.push(Metric::fleet(measure, count(things)));
    }
    metrics.push(Metric::fleet(Measure::StorageOfRecoveryPoints, storage(points())));
    for region in view.seen.keys() {
        let there = || points().filter(|point| point.region() == *region);
        let of = |measure, value| Metric::of(measure, region.as_str(), value);
        metrics.push(of(Measure::RegionRecoveryPoints, count(there().count())));
        metrics.push(of(Measure::RegionStorage, storage(there())));
    }
    metrics
}

/// How one database stands: its gauges, and what it adds to the fleet's answers.
struct Standing {
    database: String,
    is_restorable: bool,
    /// None if it isn't to be verified.
    is_proven: Option<bool>,
    age: Option<f64>,
    verified_age: Option<f64>,
    lag: Option<f64>,
    exposure: Option<f64>,
    rpo_used: Option<f64>,
    beyond_rpo: Option<f64>,
    proof_limit_used: Option<f64>,
    recovery_time: Option<f64>,
    copy_lag: Option<f64>,
    size: Option<f64>,
    storage: f64,
}

fn standing(view: &View<'_>, protected: &Protected<'_>, row: &Row) -> Standing {
    let policy = protected.policy;
    let points = view.points_of(&protected.database.resource_id);
    let ago = |at: Timestamp| view.now.duration_since(at);
    let seconds = |at: Option<Timestamp>| at.map(|at| ago(at).as_secs_f64());
    let is_recent = row.newest.is_some_and(|at| ago(at) <= policy.alarms.missing_after);
    let is_within_rpo = row.rpo.is_none_or(|rpo| row.exposure.is_some_and(|lost| lost <= rpo));
    let existed = protected.database.created_at.map(ago);
    let proof = Proof::of(protected, points, view.now);
    let newest = points.iter().find(|p| p.origin == Origin::Original && p.is_available());
    Standing {
        database: row.database.clone(),
        is_restorable: is_recent && is_within_rpo,
        is_proven: proof.as_ref().map(Proof::holds),
        age: seconds(row.newest),
        verified_age: seconds(row.newest_verified),
        lag: seconds(row.restorable_to),
        exposure: row.exposure.map(|lost| lost.as_secs_f64()),
        rpo_used: row.exposure.zip(row.rpo).map(|(lost, rpo)| percent(lost, rpo)),
        beyond_rpo: row.exposure.or(existed).zip(row.rpo).map(|(lost, rpo)| beyond(lost, rpo)),
        proof_limit_used: proof.and_then(|proof| proof.limit_used()),
        recovery_time: row.recovery_time.map(|took| took.as_secs_f64()),
        copy_lag: copy_lag(view, protected),
        size: newest.map(|point| f64::from(point.snapshot.storage_gib) * GIB),
        storage: storage(points),
    }
}

impl Standing {
    fn metrics(&self) -> Vec<Metric> {
        let values = [
            (Measure::RecoveryPointAge, self.age),
            (Measure::VerifiedRecoveryPointAge, self.verified_age),
            (Measure::RestorableLag, self.lag),
            (Measure::Exposure, self.exposure),
            (Measure::RpoUsed, self.rpo_used),
            (Measure::BeyondRpo, self.beyond_rpo),
            (Measure::RecoveryTime, self.recovery_time),
            (Measure::CopyLag, self.copy_lag),
            (Measure::RecoveryPointSize, self.size),
            (Measure::RecoveryPointStorage, Some(self.storage)),
        ];
        let known = values.into_iter().filter_map(|(measure, value)| Some((measure, value?)));
        known.map(|(measure, value)| Metric::of(measure, &self.database, value)).collect()
    }
}

/// The fleet's answers. Of no database at all there are none.
fn answers(all: &[Standing]) -> Vec<Metric> {
    let worst = |of: fn(&Standing) -> Option<f64>| all.iter().filter_map(of).reduce(f64::max);
    let values = [
        (Measure::RestorableShare, share(all.iter().map(|it| it.is_restorable))),
        (Measure::ProvenShare, share(all.iter().filter_map(|it| it.is_proven))),
        (Measure::WorstRecoveryPointAge, worst(|it| it.age)),
        (Measure::WorstVerifiedRecoveryPointAge, worst(|it| it.verified_age)),
        (Measure::WorstProofLimitUsed, worst(|it| it.proof_limit_used)),
        (Measure::WorstRpoUsed, worst(|it| it.rpo_used)),
        (Measure::WorstBeyondRpo, worst(|it| it.beyond_rpo)),
        (Measure::WorstCopyLag, worst(|it| it.copy_lag)),
    ];
    let known = values.into_iter().filter_map(|(measure, value)| Some((measure, value?)));
    known.map(|(measure, value)| Metric::fleet(measure, value)).collect()
}

/// What restores have proven of a database that is to be verified.
struct Proof {
    /// Since the last PASS.
    passed: Option<SignedDuration>,
    /// Since it was made, for one without.
    existed: Option<SignedDuration>,
    limit: Option<Objective>,
}

impl Proof {
    fn of(protected: &Protected<'_>, points: &[RecoveryPoint<'_>], now: Timestamp) -> Option<Self> {
        let rule = protected.policy.verify.as_ref()?;
        let is_rehearsal = matches!(rule.pick, Pick::PointInTime { .. });
        let rehearsal = rehearsed(protected.database).filter(|_| is_rehearsal);
        let available = points.iter().filter(|point| point.is_available() && !is_rehearsal);
        let verdicts = available.filter_map(|point| point.verdict).chain(rehearsal);
        let passes = verdicts.filter(|verdict| verdict.outcome == Outcome::Pass);
        Some(Self {
            passed: passes.map(|verdict| now.duration_since(verdict.at)).min(),
            existed: protected.database.created_at.map(|at| now.duration_since(at)),
            limit: protected.policy.alarms.unverified_after,
        })
    }

    fn holds(&self) -> bool {
        self.passed.is_some_and(|ago| self.limit.is_none_or(|limit| ago <= limit))
    }

    fn limit_used(&self) -> Option<f64> {
        self.passed.or(self.existed).zip(self.limit).map(|(ago, limit)| percent(ago, limit))
    }
}

/// Age of the oldest recovery point whose copy is awaited anywhere. What a region that can't be seen
/// holds is unknown, and so is the lag.
fn copy_lag(view: &View<'_>, protected: &Protected<'_>) -> Option<f64> {
    let rules = &protected.policy.copies;
    if rules.is_empty() || rules.iter().any(|rule| !view.seen.contains_key(&rule.region)) {
        return None;
    }
    let source = &protected.database.resource_id;
    let oldest = |rule| Copies::of(view, source, rule).awaited().map(|point| point.taken_at).min();
    let oldest = rules.iter().filter_map(oldest).min();
    Some(oldest.map_or(0.0, |at| view.now.duration_since(at).as_secs_f64()))
}

fn storage<'p>(points: impl IntoIterator<Item = &'p RecoveryPoint<'p>>) -> f64 {
    let gib = points.into_iter().map(|point| u64::from(point.snapshot.storage_gib)).sum::<u64>();
    count(usize::try_from(gib).unwrap_or(usize::MAX)) * GIB
}

fn share(of: impl Iterator<Item = bool>) -> Option<f64> {
    let (mut good, mut all) = (0, 0);
    for it in of {
        good += usize::from(it);
        all += 1;
    }
    (all > 0).then(|| 100.0 * count(good) / count(all))
}

/// What would be lost grows by a second each second, so this is also since when it has been too much.
fn beyond(lost: SignedDuration, rpo: Objective) -> f64 {
    (lost.as_secs_f64() - rpo.as_secs_f64()).max(0.0)
}

/// Objectives are longer than nothing: the document refuses others.
fn percent(of: SignedDuration, limit: Objective) -> f64 {
    100.0 * of.as_secs_f64() / limit.as_secs_f64()
}
