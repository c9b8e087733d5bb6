//! Metrics by `PutMetricData`: the second channel of every alarm.

use std::time::SystemTime;

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};
use snapkeep_policy::alarm::{Metric, Unit};

use crate::{Aws, Failure};

/// The namespace of all metrics; the functions' role may write into no other.
pub const NAMESPACE: &str = "snapkeep";

/// Source: CloudWatch API reference, `PutMetricData`: 1000 metrics and 1 MB a request.
const METRICS_A_CALL_MAX: usize = 1000;
/// Well below the megabyte, for what the encoding adds.
const BYTES_A_CALL_MAX: usize = 700_000;
/// What a metric takes beside its texts: keys, time, value, unit, in any of the wire formats.
const METRIC_OVERHEAD_BYTES: usize = 160;
/// The same for a dimension.
const DIMENSION_OVERHEAD_BYTES: usize = 80;

/// Writes the metrics into [`NAMESPACE`] of the home region, in as few calls as AWS allows.
///
/// # Errors
/// [`crate::FailureClass::Invalid`] for a value that isn't finite, before any call; otherwise as
/// the first call that fails.
pub async fn put_metrics(aws: &Aws, metrics: &[Metric]) -> Result<(), Failure> {
    if let Some(metric) = metrics.iter().find(|metric| !metric.value.is_finite()) {
        let message = format!("its value is {}", metric.value);
        return Err(Failure::invalid(format!("put metric {}", metric.name), message));
    }
    for chunk in chunks(metrics) {
        let data = chunk.iter().map(datum).collect();
        let call = aws.cloudwatch(aws.home()).put_metric_data().namespace(NAMESPACE);
        let sent = call.set_metric_data(Some(data)).send().await;
        sent.map_err(|error| {
            Failure::of(format!("put {} metrics in {}", chunk.len(), aws.home()), &error)
        })?;
    }
    Ok(())
}

fn datum(metric: &Metric) -> MetricDatum {
    let dimension = |(name, value)| Dimension::builder().name(name).value(value).build();
    MetricDatum::builder()
        .metric_name(&metric.name)
        .value(metric.value)
        .unit(match metric.unit {
            Unit::Count => StandardUnit::Count,
            Unit::Seconds => StandardUnit::Seconds,
        })
        .timestamp(DateTime::from(SystemTime::from(metric.at)))
        .set_dimensions(Some(metric.dimensions.iter().map(dimension).collect()))
        .build()
}

/// Runs of metrics that fit into one call each.
fn chunks(metrics: &[Metric]) -> Vec<&[Metric]> {
    let mut chunks = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, metric) in metrics.iter().enumerate() {
        let size = bytes_on_the_wire(metric);
        if index - start == METRICS_A_CALL_MAX || (index > start && bytes + size > BYTES_A_CALL_MAX)
        {
            chunks.push(&metrics[start..index]);
            (start, bytes) = (index, 0);
        }
        bytes += size;
    }
    if start < metrics.len() {
        chunks.push(&metrics[start..]);
    }
    chunks
}

fn bytes_on_the_wire(metric: &Metric) -> usize {
    let dimensions: usize = metric
        .dimensions
        .iter()
        .map(|(name, value)| name.len() + value.len() + DIMENSION_OVERHEAD_BYTES)
        .sum();
    metric.name.len() + METRIC_OVERHEAD_BYTES + dimensions
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn metrics(count: usize, dimension: &str) -> Vec<Metric> {
        let metric = Metric {
            name: "AgeOfNewestVerified".to_owned(),
            value: 1.0,
            unit: Unit::Seconds,
            at: "2026-03-04T02:00:00Z".parse().unwrap(),
            dimensions: BTreeMap::from([("Resource".to_owned(), dimension.to_owned())]),
        };
        vec![metric; count]
    }

    #[test]
    fn a_call_holds_at_most_a_thousand_metrics_and_less_than_a_megabyte() {
        let table: [(usize, usize, &[usize]); 5] = [
            (0, 10, &[]),
            (1000, 10, &[1000]),
            (1001, 10, &[1000, 1]),
            (2500, 10, &[1000, 1000, 500]),
            (1000, 1024, &[542, 458]),
        ];
        for (count, length, expected) in table {
            let metrics = metrics(count, &"x".repeat(length));
            let sizes: Vec<_> = chunks(&metrics).iter().map(|chunk| chunk.len()).collect();
            assert_eq!(sizes, expected, "{count} metrics of {length}");
        }
    }
}
