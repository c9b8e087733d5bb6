//! Gauges of each tick: silence shows in them as a missing value, not as a healthy one.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::alarm::Memory;
use crate::view::View;

/// One value at one instant, for CloudWatch.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name, such as `RecoveryPointAge`.
    pub name: String,
    /// Its value; it must be finite.
    pub value: f64,
    /// What the value counts.
    pub unit: Unit,
    /// When it was so.
    pub at: Timestamp,
    /// What it is a metric of: the deployment, and the database if it is about one. Never ids of
    /// snapshots or requests: each combination is billed.
    pub dimensions: BTreeMap<String, String>,
}

/// What a value counts.
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
        let measured = points.iter().filter_map(|point| point.verdict);
        let measured = measured.filter(|verdict| verdict.rto.is_some()).max_by_key(|v| v.at);
        if let Some(took) = measured.and_then(|verdict| verdict.rto) {
            let (id, took) = (protected.database.id(), took.as_secs_f64());
            metrics.push(metric(view, "RecoveryTime", Some(id), took, Unit::Seconds));
        }
        for (name, at) in [
            ("RecoveryPointAge", newest),
            ("VerifiedRecoveryPointAge", verified),
            ("RestorableLag", restorable),
        ] {
            let Some(at) = at else { continue };
            let age = view.now.duration_since(at).as_secs_f64();
            metrics.push(metric(view, name, Some(protected.database.id()), age, Unit::Seconds));
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
        metrics.push(metric(view, name, None, value, Unit::Count));
    }
    metrics
}

fn metric(view: &View<'_>, name: &str, database: Option<&str>, value: f64, unit: Unit) -> Metric {
    let deployment = [("Deployment".to_owned(), view.document.deployment.to_string())];
    let database = database.map(|id| ("Database".to_owned(), id.to_owned()));
    let dimensions = deployment.into_iter().chain(database).collect();
    Metric { name: name.to_owned(), value, unit, at: view.now, dimensions }
}
