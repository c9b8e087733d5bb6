//! Whether a deployment would do its work: what was looked at, line by line, with what to do next.
//!
//! It is asked before anything is deployed, or when something doesn't work. So nothing here plans: it
//! holds what the policy document asks for against what there is. [`Wanted`] says what has to be looked
//! at, [`Facts`] is what was seen of it, [`examine`] judges. What couldn't be seen is its own answer,
//! because a check that was left out must not look like one that passed.
//!
//! Of the security groups of a scratch database only the form of their ids is looked at: whether they
//! exist is known to EC2, whose SDK is larger than all that is used here together.

mod delivery;
mod fleet;
mod function;
mod guards;
mod needs;
mod permissions;
mod places;
mod standby;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::ids::Region;
use crate::view::View;

pub use delivery::{Subscriptions, Topic};
pub use fleet::{Usage, UsageOf};
pub use function::{Function, UnknownFunction};
pub use guards::{Guarded, guards};
pub use needs::{Deployed, Need, Place, Question, needs};
pub use permissions::{Answers, Decision, Principal, permissions};
pub use places::{Key, KeyState, SubnetGroup};
pub use standby::{StandbySeen, standby, unnamed};

/// What a check is about. Its word is part of the command line's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// The document itself.
    PolicyDocument,
    /// Which database is protected by which policy.
    Selection,
    /// The keys of copies.
    Keys,
    /// Where scratch databases are restored into.
    Networks,
    /// Whether the account has room for what the policies keep.
    Quotas,
    /// Whether anybody hears an alarm.
    Subscriptions,
    /// Whether a standby would tell in home's place.
    Standby,
    /// Whether buckets and topics keep others out.
    Guards,
    /// What the functions may do, and what they must not.
    Permissions,
}

impl Area {
    /// All of them, in the order in which they are printed.
    pub const ALL: [Self; 9] = [
        Self::PolicyDocument,
        Self::Selection,
        Self::Keys,
        Self::Networks,
        Self::Quotas,
        Self::Subscriptions,
        Self::Standby,
        Self::Guards,
        Self::Permissions,
    ];

    /// Its heading.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::PolicyDocument => "Policy document",
            Self::Selection => "Selection",
            Self::Keys => "Keys",
            Self::Networks => "Networks",
            Self::Quotas => "Quotas",
            Self::Subscriptions => "Subscriptions",
            Self::Standby => "Standby",
            Self::Guards => "Bucket and topic policies",
            Self::Permissions => "Permissions",
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is as it should be.
    Ok,
    /// It isn't.
    Wrong,
    /// It couldn't be looked at.
    Unknown,
}

/// One line of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What it is about.
    pub area: Area,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found.
    pub what: String,
    /// What to do next, unless all is well.
    pub next: Option<String>,
}

impl Check {
    /// All is well.
    pub fn ok(area: Area, what: impl Into<String>) -> Self {
        Self { area, verdict: Verdict::Ok, what: what.into(), next: None }
    }

    /// Something is wrong.
    pub fn wrong(area: Area, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { area, verdict: Verdict::Wrong, what: what.into(), next: Some(next.into()) }
    }

    /// It couldn't be looked at.
    pub fn unknown(area: Area, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { area, verdict: Verdict::Unknown, what: what.into(), next: Some(next.into()) }
    }

    /// It couldn't be looked at, for this reason.
    #[must_use]
    pub fn unseen(area: Area, unseen: &Unseen) -> Self {
        Self::unknown(area, &unseen.what, &unseen.next)
    }
}

/// Why something couldn't be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// What was attempted, and what AWS said.
    pub what: String,
    /// What to do next.
    pub next: String,
}

/// What was looked at, or why it couldn't be.
pub type Seen<T> = Result<T, Unseen>;

/// What has to be looked at beside databases and snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Keys by ARN, as the document names them.
    pub keys: BTreeSet<String>,
    /// Subnet groups by name, where verify restores.
    pub subnet_groups: BTreeSet<(Region, String)>,
    /// Regions whose quotas count.
    pub regions: BTreeSet<Region>,
}

impl Wanted {
    /// What `view` makes worth looking at. `home` is where the functions run.
    #[must_use]
    pub fn of(view: &View<'_>, home: &Region) -> Self {
        let copies = view.document.policies.values().flat_map(|policy| &policy.copies);
        Self {
            keys: copies.filter_map(|copy| copy.kms_key.clone()).collect(),
            subnet_groups: places::subnet_groups(view, home),
            regions: view.seen.keys().map(|region| (*region).clone()).collect(),
        }
    }
}

/// What was seen of [`Wanted`]. `None` stands for what isn't there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Keys by the ARN that was asked for.
    pub keys: BTreeMap<String, Seen<Option<Key>>>,
    /// Subnet groups.
    pub subnet_groups: BTreeMap<(Region, String), Seen<Option<SubnetGroup>>>,
    /// How full the quotas are.
    pub usage: BTreeMap<Region, Seen<Usage>>,
}

/// Judges all but topic and permissions, which have their own functions: they can be looked at without
/// a document, and in two steps.
#[must_use]
pub fn examine(view: &View<'_>, facts: &Facts, home: &Region) -> Vec<Check> {
    let mut checks = fleet::selection(view);
    checks.extend(places::keys(view, facts));
    checks.extend(places::networks(view, facts, home));
    checks.extend(fleet::quotas(view, facts));
    checks
}

/// Judges the topic at `arn`. One that follows from the module's naming may be still to come.
#[must_use]
pub fn subscriptions(arn: &str, is_named: bool, topic: &Seen<Option<Topic>>) -> Check {
    delivery::judge(arn, is_named, topic)
}
