//! What is kept, as it is written.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde_json::json;

use super::{CalendarDuration, default};
use crate::retention;

/// What is kept: a recovery point stays if any rule keeps it. At least one rule must keep
/// something.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(in crate::document) struct Retention {
    /// The newest N.
    pub keep_last: Option<Count>,
    /// One for each of the newest N hours that have any.
    pub hourly: Option<Count>,
    /// One a day, likewise.
    pub daily: Option<Count>,
    /// One an ISO week, likewise.
    pub weekly: Option<Count>,
    /// One a month, likewise.
    pub monthly: Option<Count>,
    /// One a year, likewise.
    pub yearly: Option<Count>,
    /// Everything that is not older than this before the newest.
    pub within: Option<CalendarDuration>,
    /// One an hour within this before the newest.
    pub within_hourly: Option<CalendarDuration>,
    /// One a day, likewise.
    pub within_daily: Option<CalendarDuration>,
    /// One an ISO week, likewise.
    pub within_weekly: Option<CalendarDuration>,
    /// One a month, likewise.
    pub within_monthly: Option<CalendarDuration>,
    /// One a year, likewise.
    pub within_yearly: Option<CalendarDuration>,
    /// While a period rule is not full, its oldest recovery point is kept.
    #[schemars(extend("default" = default::KEEP_OLDEST))]
    pub keep_oldest: Option<bool>,
    /// The newest M are always kept.
    #[schemars(range(min = 1), extend("default" = default::MIN_KEEP))]
    pub min_keep: Option<u32>,
    /// The newest V that were verified are always kept; while none was, nothing is deleted.
    #[schemars(extend("default" = 0))]
    pub verified_floor: Option<u32>,
    /// At this age by the wall clock the rules above cease, but not holds and floors.
    pub expire_after: Option<CalendarDuration>,
    /// How long a recovery point that failed its verification stays, for somebody to look at.
    #[schemars(extend("default" = default::QUARANTINE))]
    pub quarantine: Option<CalendarDuration>,
    /// How much may be deleted at once.
    pub guard: Option<Guard>,
    /// At most so many deletes a run, oldest first. Without it there is no such limit.
    #[schemars(range(min = 1))]
    pub drain: Option<u32>,
}

/// More deletes than the larger of the two are not made until somebody approves the plan.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(in crate::document) struct Guard {
    /// Recovery points.
    #[schemars(extend("default" = default::MAX_DELETES))]
    pub max_deletes: Option<u32>,
    /// Share of the managed recovery points, in percent.
    #[schemars(range(max = 100), extend("default" = default::MAX_PERCENT))]
    pub max_percent: Option<u32>,
}

/// A number, or `"all"` for no limit.
#[derive(Clone, Copy, JsonSchema)]
#[schemars(extend(
    "type" = ["integer", "string"],
    "minimum" = 0,
    "maximum" = u32::MAX,
    "pattern" = "^all$",
    "examples" = json!([30, "all"])
))]
pub(in crate::document) struct Count(#[schemars(with = "serde_json::Value")] pub retention::Count);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(CountVisitor).map(Self)
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = retention::Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 0 to 4294967295, or \"all\"")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<retention::Count, E> {
        u32::try_from(value)
            .map(retention::Count::Exactly)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<retention::Count, E> {
        Err(E::invalid_value(Unexpected::Signed(value), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<retention::Count, E> {
        match text {
            "all" => Ok(retention::Count::All),
            _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}
