//! When a recovery point is due: AWS's `cron(…)`, `rate(…)` and `at(…)` expressions in an IANA zone.

/// A schedule expression, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule;
