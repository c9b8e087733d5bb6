//! What a run leaves in its log as metrics.

use std::time::Duration;

use jiff::Timestamp;
use snapkeep_policy::ids::Deployment;
use snapkeep_policy::metrics::{self, Run};
use snapkeep_policy::verb::Verb;

use crate::{Error, Report};

/// The lines of a run that began at `now`: its heartbeat, also if it was refused, and what it measured.
///
/// They belong to the deployment of the document that it read, or if it came to none to the one that
/// is set. Without either nobody knows whose they are, and there are none.
#[must_use]
pub fn lines(
    verb: Verb,
    set: Option<&Deployment>,
    result: &Result<Report, Error>,
    now: Timestamp,
    took: Duration,
) -> Vec<String> {
    let read = result.as_ref().ok().map(|report| report.deployment.as_str());
    let Some(deployment) = read.or(set.map(Deployment::as_str)) else { return Vec::new() };
    let (steps_done, steps_failed, measured) = match result {
        Ok(report) => (report.done(), report.errors().len(), report.metrics.as_slice()),
        Err(_) => (0, 0, &[][..]),
    };
    let failed = result.is_err() || steps_failed > 0;
    let mut all = metrics::of_run(&Run { verb, took, failed, steps_done, steps_failed });
    all.extend_from_slice(measured);
    metrics::lines(deployment, &all, now)
}

#[cfg(test)]
mod tests {
    use snapkeep_policy::metrics::{Measure, Metric};

    use super::*;

    fn report(failures: &[&str]) -> Result<Report, Error> {
        Ok(Report {
            verb: Verb::Alarm,
            deployment: "read".to_owned(),
            policy_hash: String::new(),
            now: Timestamp::UNIX_EPOCH,
            dry_run: false,
            steps: Vec::new(),
            notes: Vec::new(),
            refusals: Vec::new(),
            failures: failures.iter().map(|line| (*line).to_owned()).collect(),
            metrics: vec![Metric { measure: Measure::OpenAlarms, of: String::new(), value: 7.0 }],
        })
    }

    fn refused() -> Result<Report, Error> {
        Err(Error::NoPolicy { bucket: "b".to_owned(), key: "k".to_owned() })
    }

    /// Which deployment, how many open alarms, and whether the run failed, by the lines.
    fn said(set: Option<&str>, result: &Result<Report, Error>) -> [Option<String>; 3] {
        let set: Option<Deployment> = set.map(|name| name.parse().unwrap());
        let lines =
            lines(Verb::Alarm, set.as_ref(), result, Timestamp::UNIX_EPOCH, Duration::from_secs(1));
        let lines = lines.iter().map(|line| serde_json::from_str(line).unwrap());
        let all: serde_json::Map<String, serde_json::Value> =
            lines.fold(serde_json::Map::new(), |mut all, line: serde_json::Map<_, _>| {
                all.extend(line);
                all
            });
        ["Deployment", "OpenAlarms", "FailedRuns"].map(|key| all.get(key).map(ToString::to_string))
    }

    #[test]
    fn every_run_says_that_it_ran_and_whether_it_failed() {
        let text = |text: &str| Some(text.to_owned());
        for (set, result, expected) in [
            (None, report(&[]), [text("\"read\""), text("7.0"), text("0.0")]),
            (Some("set"), report(&["lost"]), [text("\"read\""), text("7.0"), text("1.0")]),
            (Some("set"), refused(), [text("\"set\""), None, text("1.0")]),
            (None, refused(), [None, None, None]),
        ] {
            assert_eq!(said(set, &result), expected, "{set:?} {result:?}");
        }
    }
}
