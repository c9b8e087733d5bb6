//! Gauges of each tick: silence shows in them as a missing value, not as a healthy one.

use crate::alarm::Memory;
use crate::view::View;

/// One number for CloudWatch. Dimensions are bounded: deployment, and database or nothing; never a
/// snapshot's or a request's id.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// The database it is about; without one it is about the deployment.
    pub database: Option<String>,
    /// Its value.
    pub value: f64,
    /// In what it is measured.
    pub unit: Unit,
}

/// What a metric is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
}

/// The gauges of what was seen. A database without a recovery point has no age, and an alarm.
#[must_use]
pub fn metrics(view: &View<'_>, memory: &Memory) -> Vec<Metric> {
    let mut metrics = Vec::new();
    for protected in &view.protected {
        let points = view.points_of(&protected.database.resource_id);
        let available = || points.iter().filter(|point| point.is_available());
        let newest = available().map(|point| point.taken_at).max();
        let verified = available().filter(|point| point.is_verified()).map(|p| p.taken_at).max();
        let restorable = protected.database.latest_restorable_at;
        for (name, at) in [
            ("RecoveryPointAge", newest),
            ("VerifiedRecoveryPointAge", verified),
            ("RestorableLag", restorable),
        ] {
            let Some(at) = at else { continue };
            metrics.push(Metric {
                name,
                database: Some(protected.database.id().to_owned()),
                value: view.now.duration_since(at).as_secs_f64(),
                unit: Unit::Seconds,
            });
        }
    }
    let open = memory.alarms.values().filter(|alarm| alarm.resolved_at.is_none()).count();
    for (name, count) in [
        ("ProtectedDatabases", view.protected.len()),
        ("UnprotectedDatabases", view.unprotected.len()),
        ("RecoveryPoints", view.recovery_points.values().map(Vec::len).sum()),
        ("ScratchDatabases", view.scratch.len()),
        ("OpenAlarms", open),
        ("RegionsUnseen", view.unseen.len()),
    ] {
        let value = u32::try_from(count).map_or(f64::MAX, f64::from);
        metrics.push(Metric { name, database: None, value, unit: Unit::Count });
    }
    metrics
}
