//! The policy document: what a deployment wants, checked as a whole before anything is done with
//! it.
//!
//! ```json
//! { "version": 1, "deployment": "prod", "time_zone": "UTC",
//!   "policies": { "critical": {
//!     "select": { "tags": { "snapkeep:policy": "critical" } },
//!     "schedules": ["cron(0 2 * * ? *)"],
//!     "retention": { "daily": 30, "weekly": 12, "monthly": 12, "yearly": 7 } } } }
//! ```
//!
//! [`PolicyDocument::from_json`] and `from_bytes` are the only ways in: what they return keeps every
//! rule that can be checked without looking at AWS, so the verbs ask no questions. Unknown keys are refused, because
//! a misspelt `retension` that is silently ignored deletes the wrong things. Everything that is
//! wrong is said at once, a line each, as [`BadDocument`].
//!
//! The way in has four parts: `json` reads text strictly, `typed` reads that into the types of
//! `wire`, which are what the published [JSON Schema](json_schema) is made from, and `check` turns
//! those into the types below.

use std::collections::BTreeMap;
use std::fmt;

use jiff::tz::TimeZone;

use crate::bad_input::BadInput;
use crate::ids::{Deployment, PolicyName, RdsArn, Region};
use crate::json;
use crate::retention::Retention;
use crate::schedule::Schedule;

mod check;
mod question;
mod regions;
mod schema;
mod typed;
mod wire;

pub use question::{Check, DriftRule, Holder};
pub(crate) use regions::partition_of;
pub use schema::json_schema;

/// A deployment's wishes. See the module's example and the published JSON Schema.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyDocument {
    /// Written on everything this deployment owns.
    pub deployment: Deployment,
    /// The zone of schedules and retention periods.
    pub time_zone: TimeZone,
    /// Regions in which databases are looked for, beside those named by the policies.
    pub regions: Vec<Region>,
    /// The policies by name, at least one.
    pub policies: BTreeMap<PolicyName, Policy>,
    /// 64 bits of FNV-1a over the document's canonical JSON, in 16 hexadecimal digits: recorded
    /// with every decision, to tell under which document it was taken. It identifies; it proves
    /// nothing against somebody who wants two documents to look alike.
    pub hash: String,
}

impl PolicyDocument {
    /// Reads and checks a document.
    ///
    /// # Errors
    /// [`BadDocument`] says all that is wrong. What isn't JSON, or not of the document's shape,
    /// ends the reading at the first such place.
    pub fn from_json(text: &str) -> Result<Self, BadDocument> {
        check::document(text)
    }

    /// The same of bytes that needn't even be text: a character that was replaced on the way in could
    /// be part of a check.
    ///
    /// # Errors
    /// As [`PolicyDocument::from_json`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadDocument> {
        check::document(json::text(bytes, check::LIMITS)?)
    }
}

impl Check {
    /// Reads and checks the `checks` of a policy by themselves.
    ///
    /// # Errors
    /// As [`PolicyDocument::from_json`].
    pub fn list_from_json(text: &str) -> Result<Vec<Self>, BadDocument> {
        check::checks_alone(text)
    }
}

impl Retention {
    /// Reads and checks a `retention` object by itself.
    ///
    /// # Errors
    /// As [`PolicyDocument::from_json`].
    pub fn from_json(text: &str) -> Result<Self, BadDocument> {
        check::retention_alone(text)
    }
}

/// Why a document is refused: at least one reason, in the document's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadDocument(pub Vec<BadInput>);

/// Reasons that are shown. A hostile document could have tens of thousands.
const SHOWN_MAX: usize = 20;

impl fmt::Display for BadDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, bad) in self.0.iter().take(SHOWN_MAX).enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{bad}")?;
        }
        match self.0.len().saturating_sub(SHOWN_MAX) {
            0 => Ok(()),
            more => write!(f, "\n… and {more} more"),
        }
    }
}

impl std::error::Error for BadDocument {}

impl From<BadInput> for BadDocument {
    fn from(bad: BadInput) -> Self {
        Self(vec![bad])
    }
}

/// What is wanted for the databases that a policy selects.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Which databases.
    pub select: Selector,
    /// When a recovery point is due. At least one.
    pub schedules: Vec<Schedule>,
    /// How much may be lost, and how long a restore may take.
    pub objectives: Objectives,
    /// What is kept where it was taken.
    pub retention: Retention,
    /// Where else it is kept.
    pub copies: Vec<CopyRule>,
    /// How it is proven to restore.
    pub verify: Option<VerifyRule>,
    /// When somebody is told.
    pub alarms: AlarmRule,
}

/// Selects databases: any of the listed ones, and all that carry every one of the tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// Tags that must all match. Empty selects nothing by tag.
    pub tags: BTreeMap<String, String>,
    /// Databases by ARN or by identifier.
    pub databases: Vec<DatabaseRef>,
}

/// One database, named by its address or by its identifier in any managed region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DatabaseRef {
    /// `arn:aws:rds:us-west-2:123456789012:cluster:shepherd`
    Arn(RdsArn),
    /// `shepherd`, in lower case as AWS stores it.
    Id(String),
}

/// The objectives against which the world is judged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Objectives {
    /// Recovery point objective: at most this much of the newest data may be lost.
    pub rpo: Option<Objective>,
    /// Recovery time objective: a restore may take at most this long.
    pub rto: Option<Objective>,
}

/// A length of time, at least one second. ISO 8601 in the document, without years and months; a day
/// is 24 hours.
pub type Objective = jiff::SignedDuration;

/// Copies of each recovery point into another region.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyRule {
    /// Where to.
    pub region: Region,
    /// Key of the destination region; mandatory for encrypted databases.
    pub kms_key: Option<String>,
    /// Option group in the destination, for RDS instances that need one.
    pub option_group: Option<String>,
    /// What is kept there. Without it the policy's own retention serves.
    pub retention: Retention,
    /// A copy that isn't available this long after its slot is late.
    pub late_after: Objective,
    /// A copy that has been under way this long is given up and made anew.
    pub give_up_after: Objective,
}

/// Rehearsed restores.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifyRule {
    /// When a verification is due.
    pub schedule: Schedule,
    /// Which recovery point is restored.
    pub pick: Pick,
    /// Where: the database's own region, or one it is copied to.
    pub region: Option<Region>,
    /// Class of the scratch instance.
    pub instance_class: String,
    /// Subnet group of the scratch database. There is no default, on purpose.
    pub subnet_group: String,
    /// Security groups of the scratch database, at least one.
    pub security_groups: Vec<String>,
    /// A scratch database older than this is torn down.
    pub deadline: Objective,
    /// Scratch databases of this policy at a time.
    pub concurrent_max: u32,
    /// Questions to the restored database. Without any, it has to answer, to hold something, and to
    /// hold what it held before.
    pub checks: Vec<Check>,
    /// One question may take this long.
    pub check_timeout: Objective,
    /// How far its content may drop from one proven recovery point to the next.
    pub drift: DriftRule,
}

/// Which recovery point a verification restores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// The newest.
    Latest,
    /// Any of the last `window` by age, a different one each time.
    Random {
        /// Length of the window back from the newest.
        window: Objective,
    },
    /// The one whose last verdict is the longest ago, never verified ones first.
    LeastRecentlyVerified,
    /// No recovery point, but the database's own automated backups, restored to an instant.
    PointInTime {
        /// How long before now. AWS's newest restorable instant is some five minutes ago.
        back: Objective,
    },
}

/// When somebody is told, and how urgently.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmRule {
    /// Severity of this policy's alarms.
    pub severity: Severity,
    /// A database without a recovery point this long is reported missing.
    pub missing_after: Objective,
    /// A slot that is still open this long after its instant is reported.
    pub slot_after: Objective,
    /// A database that hasn't been verified this long is reported.
    pub unverified_after: Option<Objective>,
    /// Share of the snapshot quota, in percent, at which it is reported.
    pub quota_percent: u8,
    /// Growth of a database's storage within a week, in percent, at which it is reported.
    pub storage_growth_percent: u32,
    /// An alarm that lasts is told again after this long.
    pub remind_every: Objective,
    /// The levels after the first, which is the opening; each begins later than the one before.
    pub escalation: Vec<EscalationLevel>,
}

/// A level of escalation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscalationLevel {
    /// How long after the alarm was first found.
    pub after: Objective,
    /// Who is called in then: a role or a name, for people to read.
    pub call_in: String,
}

/// How urgently somebody is told.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// For the record.
    Info,
    /// In working hours.
    Warning,
    /// Now.
    Critical,
}

impl Severity {
    /// The word in documents, keys and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// The next more urgent one, if there is one.
    #[must_use]
    pub fn louder(self) -> Self {
        match self {
            Self::Info => Self::Warning,
            Self::Warning | Self::Critical => Self::Critical,
        }
    }
}
