//! CloudWatch's embedded metric format: a line in a function's log that becomes metrics.
//!
//! Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::metrics::{Measure, Metric, NAMESPACE, Scope};

/// Values of one metric in a line.
pub const VALUES_MAX: usize = 100;
/// A line in all, as a log event. Ours stay far below it: a scope has fewer than 20 metrics, and values
/// are many only where databases share an identifier.
pub const LINE_BYTES_MAX: usize = 256 * 1024;
/// A dimension's value.
pub const DIMENSION_CHARS_MAX: usize = 1024;

/// The lines to log for `metrics` of `deployment` at `at`: one for each combination of dimensions, or
/// more where that has more than [`VALUES_MAX`] values of a metric. What isn't a number is left out:
/// CloudWatch would drop the line with it.
#[must_use]
pub fn lines(deployment: &str, metrics: &[Metric], at: Timestamp) -> Vec<String> {
    let mut grouped: BTreeMap<(Scope, &str), BTreeMap<Measure, Vec<f64>>> = BTreeMap::new();
    for metric in metrics.iter().filter(|metric| metric.value.is_finite()) {
        let group = grouped.entry((metric.measure.scope(), &metric.of)).or_default();
        group.entry(metric.measure).or_default().push(metric.value);
    }
    let mut lines = Vec::new();
    for ((scope, of), values) in grouped {
        let most = values.values().map(Vec::len).max().unwrap_or_default();
        for start in (0..most).step_by(VALUES_MAX) {
            let some = values.iter().filter_map(|(measure, values)| {
                let end = values.len().min(start + VALUES_MAX);
                Some((*measure, values.get(start..end).filter(|some| !some.is_empty())?))
            });
            lines.push(line(deployment, scope, of, some.collect(), at));
        }
    }
    lines
}

fn line(
    deployment: &str,
    scope: Scope,
    of: &str,
    values: Vec<(Measure, &[f64])>,
    at: Timestamp,
) -> String {
    let definition = |measure: Measure| json!({ "Name": measure.name(), "Unit": measure.unit() });
    let definitions: Vec<Value> = values.iter().map(|(measure, _)| definition(*measure)).collect();
    let mut root = Map::new();
    root.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": at.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [scope.dimensions()],
                "Metrics": definitions,
            }],
        }),
    );
    for (name, value) in scope.dimensions().iter().zip([deployment, of]) {
        let value: String = value.chars().take(DIMENSION_CHARS_MAX).collect();
        root.insert((*name).to_owned(), value.into());
    }
    for (measure, values) in values {
        let value = match values {
            [value] => json!(value),
            values => json!(values),
        };
        root.insert(measure.name().to_owned(), value);
    }
    Value::Object(root).to_string()
}
