//! How metrics are written into a log, as CloudWatch reads them.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::{Value, json};
use snapkeep_policy::metrics::{self, Measure, Metric, Scope};

use super::{NOW, run};
use crate::fixtures::*;

#[test]
fn a_line_is_in_the_embedded_format_and_holds_one_combination_of_dimensions() {
    let two = [run(false), run(true)];
    let all: Vec<Metric> = two.iter().flat_map(metrics::of_run).collect();
    let lines = metrics::lines("prod", &all, at(NOW));
    assert_snapshot!(lines.join("\n"), @r#"
    {"Deployment":"prod","FailedRuns":[0.0,1.0],"Function":"copy","RunDuration":[1.5,1.5],"Runs":[1.0,1.0],"StepsDone":[2.0,2.0],"StepsFailed":[0.0,1.0],"_aws":{"CloudWatchMetrics":[{"Dimensions":[["Deployment","Function"]],"Metrics":[{"Name":"Runs","Unit":"Count"},{"Name":"FailedRuns","Unit":"Count"},{"Name":"RunDuration","Unit":"Seconds"},{"Name":"StepsDone","Unit":"Count"},{"Name":"StepsFailed","Unit":"Count"}],"Namespace":"snapkeep"}],"Timestamp":1772798400000}}
    "#);
}

/// Everything that can be measured, of two databases, as many times as asked for.
fn everything(times: usize) -> Vec<Metric> {
    let of = |measure: &Measure| match measure.scope() {
        Scope::Fleet => vec![""],
        Scope::Function => vec!["create", "copy"],
        Scope::Database => vec!["shepherd", "orders"],
        Scope::Region => vec!["us-west-2"],
    };
    let value = 1.0 / 3.0;
    let metric =
        |measure: &Measure, of: &str| Metric { measure: *measure, of: of.to_owned(), value };
    let all = Measure::ALL.iter().flat_map(|it| of(it).into_iter().map(|of| metric(it, of)));
    vec![all.collect::<Vec<_>>(); times].concat()
}

#[test]
fn every_line_is_what_cloudwatch_documents_and_points_at_nothing_that_is_not_there() {
    let schema: Value = serde_json::from_str(include_str!("../../data/emf.schema.json")).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    for times in [1, 2, 150] {
        let lines = metrics::lines("prod", &everything(times), at(NOW));
        assert_eq!(lines.len(), 6 * times.div_ceil(metrics::VALUES_MAX));
        for line in lines {
            let line: Value = serde_json::from_str(&line).unwrap();
            let errors: Vec<String> = schema.iter_errors(&line).map(|it| it.to_string()).collect();
            assert_eq!(errors, [""; 0], "{line}");
            assert_eq!(pointed_at(&line), line.as_object().unwrap().keys().cloned().collect());
        }
    }
    let mut broken: Value =
        serde_json::from_str(&metrics::lines("prod", &everything(1), at(NOW))[0]).unwrap();
    broken["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"] = json!("Hours");
    assert!(!schema.is_valid(&broken), "a unit that CloudWatch doesn't know is seen");
}

/// The members that a line's dimensions and metrics point at, and the one that says so.
fn pointed_at(line: &Value) -> BTreeSet<String> {
    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    let dimensions = directive["Dimensions"][0].as_array().unwrap().iter();
    let metrics = directive["Metrics"].as_array().unwrap().iter().map(|it| &it["Name"]);
    let names = dimensions.chain(metrics).map(|name| name.as_str().unwrap().to_owned());
    names.chain(["_aws".to_owned()]).collect()
}

#[test]
fn values_of_one_metric_fill_a_line_after_the_other() {
    let age = |n: u32| Metric {
        measure: Measure::RecoveryPointAge,
        of: "orders".to_owned(),
        value: f64::from(n),
    };
    for (count, expected) in [(0, &[][..]), (1, &[1]), (100, &[100]), (201, &[100, 100, 1])] {
        let all: Vec<Metric> = (0..count).map(age).collect();
        let lines = metrics::lines("prod", &all, at(NOW));
        let held = |line: &String| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["RecoveryPointAge"].as_array().map_or(1, Vec::len)
        };
        assert_eq!(lines.iter().map(held).collect::<Vec<_>>(), expected, "{count} values");
    }
}

#[test]
fn a_line_stays_far_below_what_a_log_event_may_hold() {
    let of = "é".repeat(2 * metrics::DIMENSION_CHARS_MAX);
    let value = 1.0 / 3.0;
    let every = |measure: &Measure| Metric { measure: *measure, of: of.clone(), value };
    let all: Vec<Metric> = Measure::ALL.iter().map(every).collect();
    let all = vec![all; metrics::VALUES_MAX].concat();
    for line in metrics::lines("prod", &all, at(NOW)) {
        assert!(line.len() < metrics::LINE_BYTES_MAX / 2, "{} bytes", line.len());
        let line: Value = serde_json::from_str(&line).unwrap();
        let chars = line["Database"].as_str().map_or(0, |text| text.chars().count());
        assert!(chars <= metrics::DIMENSION_CHARS_MAX);
    }
}

#[test]
fn what_is_no_number_is_left_out() {
    for value in [f64::NAN, f64::INFINITY] {
        let broken = Metric { measure: Measure::RestorableShare, of: String::new(), value };
        assert_eq!(metrics::lines("prod", &[broken], at(NOW)), [""; 0]);
    }
}
