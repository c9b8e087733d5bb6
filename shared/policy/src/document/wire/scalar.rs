//! Texts with a form of their own. The patterns serve editors; the checks are stricter.

use schemars::JsonSchema;

/// An AWS region.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend(
    "pattern" = r"^[a-z]+(-[a-z]+)+-[0-9]+$",
    "examples" = ["us-west-2"]
))]
pub(in crate::document) struct Region(pub String);

/// An AWS schedule expression, read in the document's time zone.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend(
    "pattern" = r"^(cron|rate|at)\(.+\)$",
    "examples" = ["cron(0 2 * * ? *)", "rate(12 hours)", "at(2026-03-04T02:00:00)"]
))]
pub(in crate::document) struct Schedule(pub String);

/// A length of time as ISO 8601 writes it, without years and months. A day is 24 hours.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend(
    "pattern" = r"^P(?=[0-9T])([0-9]+W)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$",
    "examples" = ["PT15M", "PT25H", "P30D"]
))]
pub(in crate::document) struct Duration(pub String);

/// A length of time as ISO 8601 writes it, by the calendar: P1M is a month, PT1M a minute.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend(
    "pattern" = concat!(
        r"^P(?=[0-9T])([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?",
        r"(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$"
    ),
    "examples" = ["P14D", "P6M", "P7Y"]
))]
pub(in crate::document) struct CalendarDuration(pub String);
