//! Rehearsed restores and their questions, as they are written.

use schemars::JsonSchema;
use serde_json::json;

use super::{Duration, Region, Schedule, default};

/// Restores recovery points into a scratch database, asks it questions and deletes it.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(in crate::document) struct VerifyRule {
    /// When a verification is due: at most once an hour.
    pub schedule: Schedule,
    /// Which recovery point is restored.
    pub pick: Pick,
    /// Where: a region in which the databases are, or one they are copied to. Without it, each
    /// database's own.
    pub region: Option<Region>,
    /// Class of the scratch instance.
    #[schemars(regex(pattern = r"^db\.[a-z0-9.-]+$"), extend("examples" = ["db.t4g.medium"]))]
    pub instance_class: String,
    /// Subnet group of the scratch database, best without a route out. There is no default.
    #[schemars(length(min = 1, max = 255))]
    pub subnet_group: String,
    /// Security groups of the scratch database. There is no default.
    #[schemars(
        length(min = 1),
        inner(regex(pattern = r"^sg-[0-9a-z]+$")),
        extend("examples" = [["sg-0123456789abcdef0"]])
    )]
    pub security_groups: Vec<String>,
    /// A scratch database older than this is deleted: at least 30 minutes, at most 7 days.
    pub deadline: Duration,
    /// Scratch databases of this policy at a time.
    #[schemars(range(min = 1, max = 40), extend("default" = default::CONCURRENT_MAX))]
    pub concurrent_max: Option<u32>,
    /// Questions to the restored database. Without any, that it restores and answers is the proof.
    #[schemars(extend("default" = []))]
    pub checks: Option<Vec<Check>>,
}

/// Which recovery point a verification restores.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::document) enum Pick {
    /// The newest.
    Latest,
    /// The one whose last verdict is the longest ago, never verified ones first.
    LeastRecentlyVerified,
    /// Any of the newest, another one each time.
    Random {
        /// How far back from the newest.
        window: Duration,
    },
}

/// A question whose answer is a number or a time, never data. One of `sql`, `freshness` and
/// `collection`, with its bound.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[schemars(extend("oneOf" = json!([
    {
        "required": ["sql", "min"],
        "properties": {
            "sql": { "type": "string" }, "min": { "type": "integer" },
            "freshness": { "type": "null" }, "max_age": { "type": "null" },
            "collection": { "type": "null" }
        }
    },
    {
        "required": ["freshness", "max_age"],
        "properties": {
            "freshness": { "type": "string" }, "max_age": { "type": "string" },
            "sql": { "type": "null" }, "min": { "type": "null" },
            "collection": { "type": "null" }
        }
    },
    {
        "required": ["collection", "min"],
        "properties": {
            "collection": { "type": "string" }, "min": { "type": "integer", "minimum": 1 },
            "sql": { "type": "null" }, "freshness": { "type": "null" },
            "max_age": { "type": "null" }
        }
    }
])))]
pub(in crate::document) struct Check {
    /// One read-only statement that returns one number.
    #[schemars(extend("examples" = ["select count(*) from users"]))]
    pub sql: Option<String>,
    /// One read-only statement that returns one time.
    #[schemars(extend("examples" = ["select max(updated_at) from orders"]))]
    pub freshness: Option<String>,
    /// A DocumentDB collection whose documents are counted: `database.collection`, or a collection
    /// of the only database.
    #[schemars(extend("examples" = ["notifications"]))]
    pub collection: Option<String>,
    /// The least acceptable number.
    pub min: Option<i64>,
    /// The greatest acceptable age of that time when the recovery point was taken.
    pub max_age: Option<Duration>,
}
