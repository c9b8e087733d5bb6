//! Rehearsed restores and their questions, as they are written.

use schemars::JsonSchema;

use super::question::Check;
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
    /// Questions to the restored database. Without any, it has to answer, to hold something, and to
    /// hold what it held before.
    #[schemars(extend("default" = []))]
    pub checks: Option<Vec<Check>>,
    /// One question may take this long: at most 5 minutes.
    #[schemars(extend("default" = default::CHECK_TIMEOUT))]
    pub check_timeout: Option<Duration>,
    /// How far the content may drop from one proven recovery point to the next.
    pub drift: Option<Drift>,
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
    /// No recovery point: the database's own automated backups, restored to an instant.
    PointInTime {
        /// How long before now: at least 10 minutes, at most 35 days.
        back: Duration,
    },
}

/// How far the content may drop before that is a failure of its own kind.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(in crate::document) struct Drift {
    /// A table or collection may lose this share of its rows or documents, in percent.
    #[schemars(range(min = 0, max = 100), extend("default" = default::MAX_DROP_PERCENT))]
    pub max_drop_percent: Option<u32>,
    /// Tables and collections that come and go: `database.schema.table` of PostgreSQL,
    /// `database.table` of MySQL, `database.collection` of DocumentDB.
    #[schemars(extend("default" = []))]
    pub ignore: Option<Vec<String>>,
}
