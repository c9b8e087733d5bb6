//! The policy document as it is written: names, types and shapes. The JSON Schema comes from here,
//! so the comments below are what an editor shows to whoever writes a policy.
//!
//! Every optional key may also be `null`, which means the same as leaving it out: that is how
//! Terraform's `jsonencode` writes an optional attribute that isn't set.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::json;

use super::Severity;

mod question;
mod retention;
mod scalar;
mod verify;

pub(super) use question::Check;
pub(super) use retention::{Count, Guard, Retention};
pub(super) use scalar::{CalendarDuration, Duration, Region, Schedule};
pub(super) use verify::{Drift, Pick, VerifyRule};

/// Defaults, in the form in which they could be written in a document.
pub(super) mod default {
    use super::Severity;

    pub const TIME_ZONE: &str = "UTC";
    pub const LATE_AFTER: &str = "PT6H";
    pub const GIVE_UP_AFTER: &str = "PT24H";
    pub const CONCURRENT_MAX: u32 = 1;
    pub const SEVERITY: Severity = Severity::Warning;
    pub const MISSING_AFTER: &str = "PT25H";
    pub const SLOT_AFTER: &str = "PT2H";
    pub const QUOTA_PERCENT: u32 = 80;
    pub const STORAGE_GROWTH_PERCENT: u32 = 50;
    pub const REMIND_EVERY: &str = "PT24H";
    pub const KEEP_OLDEST: bool = true;
    pub const MIN_KEEP: u32 = 1;
    pub const QUARANTINE: &str = "P14D";
    pub const MAX_DELETES: u32 = 3;
    pub const MAX_PERCENT: u32 = 25;
    pub const CHECK_TIMEOUT: &str = "PT1M";
    pub const MAX_DROP_PERCENT: u32 = crate::document::question::MAX_DROP_PERCENT as u32;
}

/// What a deployment of snapkeep wants for the databases of one AWS account.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[schemars(title = "snapkeep policy document")]
pub(super) struct Document {
    /// Address of this schema, for editors. Not read.
    #[serde(rename = "$schema")]
    #[expect(dead_code, reason = "named so that it is not an unknown key")]
    pub schema: Option<String>,
    /// Version of the document's format.
    #[schemars(extend("const" = 1))]
    #[expect(dead_code, reason = "looked at before anything else is read")]
    pub version: u32,
    /// Name of this installation, written on everything it owns. Two deployments in an account
    /// never touch each other's recovery points.
    #[schemars(length(min = 1, max = 32), regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$"))]
    pub deployment: String,
    /// IANA time zone of schedules and retention periods.
    #[schemars(extend("default" = default::TIME_ZONE, "examples" = ["UTC", "Europe/Berlin"]))]
    pub time_zone: Option<String>,
    /// Regions in which databases are looked for, beside those of the ARNs in the policies. Without
    /// any, it is the region in which the functions run.
    #[schemars(extend("default" = []))]
    pub regions: Option<Vec<Region>>,
    /// The policies by name: lower-case letters, digits and hyphens. A database belongs to one.
    #[schemars(extend(
        "minProperties" = 1,
        "propertyNames" = json!({ "pattern": r"^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 64 })
    ))]
    pub policies: BTreeMap<String, Policy>,
}

/// What is wanted for the databases that are selected.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct Policy {
    /// Which databases.
    pub select: Selector,
    /// When a recovery point is due: at most once an hour each.
    #[schemars(length(min = 1))]
    pub schedules: Vec<Schedule>,
    /// What the database's users were promised. Alarms measure against it.
    pub objectives: Option<Objectives>,
    /// What is kept where it was taken.
    pub retention: Retention,
    /// Other regions in which recovery points are kept too.
    #[schemars(extend("default" = []))]
    pub copies: Option<Vec<CopyRule>>,
    /// Rehearsed restores. Without it none take place.
    pub verify: Option<VerifyRule>,
    /// When somebody is told.
    pub alarms: Option<AlarmRule>,
}

/// A database is selected if it is listed, or if it carries every one of the tags.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct Selector {
    /// Tags of the database that must all match.
    #[schemars(extend(
        "maxProperties" = 50,
        "propertyNames" = json!({ "minLength": 1, "maxLength": 128 }),
        "examples" = [{ "snapkeep:policy": "critical" }]
    ))]
    pub tags: Option<BTreeMap<String, String>>,
    /// Databases by ARN, or by identifier in any of the document's regions.
    #[schemars(extend(
        "examples" = [["arn:aws:rds:us-west-2:123456789012:cluster:shepherd", "orders"]]
    ))]
    pub databases: Option<Vec<String>>,
}

/// What may be lost, and how long a restore may take.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct Objectives {
    /// Recovery point objective: at most so much of the newest data may be lost.
    pub rpo: Option<Duration>,
    /// Recovery time objective: a restore may take at most so long.
    pub rto: Option<Duration>,
}

/// Copies of each recovery point in another region.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct CopyRule {
    /// Where to.
    pub region: Region,
    /// ARN of a customer-managed key in that region. Encrypted databases can't be copied without.
    #[schemars(
        regex(pattern = r"^arn:aws(-cn|-us-gov)?:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/.+$"),
        extend("examples" =
            ["arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"])
    )]
    pub kms_key: Option<String>,
    /// Option group there, for RDS instances that need one.
    #[schemars(length(min = 1, max = 255))]
    pub option_group: Option<String>,
    /// What is kept there. Without it the policy's own retention serves.
    pub retention: Option<Retention>,
    /// A copy that isn't available this long after its slot is reported.
    #[schemars(extend("default" = default::LATE_AFTER))]
    pub late_after: Option<Duration>,
    /// A copy that has been under way this long is given up and made anew.
    #[schemars(extend("default" = default::GIVE_UP_AFTER))]
    pub give_up_after: Option<Duration>,
}

/// When somebody is told, and how urgently.
#[derive(Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct AlarmRule {
    /// Severity of this policy's alarms.
    #[schemars(extend("default" = default::SEVERITY))]
    pub severity: Option<Severity>,
    /// A database without a recovery point this long is reported.
    #[schemars(extend("default" = default::MISSING_AFTER))]
    pub missing_after: Option<Duration>,
    /// A slot without a recovery point this long after it was due is reported.
    #[schemars(extend("default" = default::SLOT_AFTER))]
    pub slot_after: Option<Duration>,
    /// A database that hasn't been verified this long is reported.
    pub unverified_after: Option<Duration>,
    /// Share of the region's snapshot quota, in percent, at which it is reported.
    #[schemars(range(min = 1, max = 100), extend("default" = default::QUOTA_PERCENT))]
    pub quota_percent: Option<u32>,
    /// Growth of a database's storage within a week, in percent, at which it is reported. Less than
    /// 20 GiB is never reported.
    #[schemars(range(min = 1, max = 10_000), extend("default" = default::STORAGE_GROWTH_PERCENT))]
    pub storage_growth_percent: Option<u32>,
    /// An alarm that lasts is told again after this long.
    #[schemars(extend("default" = default::REMIND_EVERY))]
    pub remind_every: Option<Duration>,
    /// Who else is called in while an alarm lasts. Level 1 is its opening; these are the levels after
    /// it, each later than the one before.
    #[schemars(length(max = 4), extend("default" = []))]
    pub escalation: Option<Vec<EscalationLevel>>,
}

/// A level of escalation.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct EscalationLevel {
    /// How long after the alarm was first found.
    pub after: Duration,
    /// Who is called in then: a role or a name, for people to read.
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[ -~]*[!-~][ -~]*$"), extend("examples" = ["database administrator"]))]
    pub call_in: String,
}
