//! What has to be there in a region: the keys of copies, the subnet groups of scratch databases.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::doctor::{Area, Check, Facts};
use crate::document::{Pick, Policy};
use crate::ids::{PolicyName, Region};
use crate::view::View;

/// AWS refuses a subnet group, and with it every restore, below this many zones.
/// Source: `CreateDBSubnetGroup`, RDS API reference.
const ZONES_MIN: usize = 2;

/// A KMS key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its own ARN, also where an alias was asked for.
    pub arn: String,
    /// Whether it can be used.
    pub state: KeyState,
    /// Whether it is the customer's own, and not one that AWS manages.
    pub is_customers: bool,
    /// Whether it is symmetric: RDS takes no other.
    pub is_symmetric: bool,
}

/// Whether a key can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// It can.
    Enabled,
    /// Soon all that it encrypts can't be read any more.
    PendingDeletion(Option<Timestamp>),
    /// Anything else, as AWS calls it.
    Other(String),
}

pub(super) fn keys(view: &View<'_>, facts: &Facts) -> Vec<Check> {
    let rules = view
        .document
        .policies
        .iter()
        .flat_map(|(name, policy)| policy.copies.iter().map(move |copy| (name, policy, copy)));
    let (mut checks, mut wanted) = (Vec::new(), BTreeSet::new());
    for (name, policy, copy) in rules {
        match &copy.kms_key {
            Some(arn) => {
                wanted.insert((arn, &copy.region));
            }
            None => checks.extend(keyless(view, name, policy, &copy.region)),
        }
    }
    checks.extend(wanted.into_iter().map(|(arn, region)| match facts.keys.get(arn) {
        None => Check::unknown(Area::Keys, format!("{arn} wasn't looked at"), "run it again"),
        Some(Err(unseen)) => Check::unseen(Area::Keys, unseen),
        Some(Ok(None)) => {
            let what = format!("{arn} doesn't exist");
            Check::wrong(Area::Keys, what, "create it, or correct kms_key in the policy document")
        }
        Some(Ok(Some(key))) => judge(arn, key, region),
    }));
    checks
}

/// A copy rule without a key: wrong if anything encrypted has to be copied by it.
fn keyless(view: &View<'_>, name: &PolicyName, policy: &Policy, to: &Region) -> Option<Check> {
    let databases = view.protected.iter().filter(|p| p.policy_name == name);
    let encrypted = databases.filter(|p| p.database.encrypted && p.database.arn.region != *to);
    let ids: Vec<&str> = encrypted.map(|p| p.database.id()).collect();
    let from = policy.copies.iter().position(|copy| copy.region == *to)?;
    if ids.is_empty() {
        let what = format!("{name} copies nothing encrypted to {to}, so it needs no key there");
        return Some(Check::ok(Area::Keys, what));
    }
    let what = format!("{name} has no key in {to}, and {} is encrypted", ids.join(", "));
    let next = format!("set policies.{name}.copies[{from}].kms_key in the document");
    Some(Check::wrong(Area::Keys, what, next))
}

fn judge(asked: &str, key: &Key, region: &Region) -> Check {
    let wrong = |problem: &str, next: &str| {
        Check::wrong(Area::Keys, format!("{asked} {problem}"), next.to_owned())
    };
    match &key.state {
        KeyState::Enabled => {}
        KeyState::PendingDeletion(at) => {
            let at = at.map_or("soon".to_owned(), |at| format!("at {at}"));
            let next = "cancel the deletion now: no copy under it can be restored afterwards";
            return wrong(&format!("will be deleted {at}"), next);
        }
        KeyState::Other(state) => return wrong(&format!("is {state}"), "enable the key"),
    }
    if key.arn.split(':').nth(3) != Some(region.as_str()) {
        return wrong(&format!("isn't in {region}"), "name a key of the copy's region");
    }
    if !key.is_customers {
        return wrong("is managed by AWS", "name a customer-managed key");
    }
    if !key.is_symmetric {
        return wrong("isn't a symmetric key", "name a symmetric one");
    }
    let alias = if asked == key.arn { String::new() } else { format!(", {}", key.arn) };
    Check::ok(Area::Keys, format!("{asked} is enabled{alias}"))
}

/// A subnet group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubnetGroup {
    /// The zones of its subnets.
    pub zones: BTreeSet<String>,
    /// As AWS says; `Complete` when it can be used.
    pub status: String,
}

/// Where a policy's scratch databases are restored: where the databases are, unless it says otherwise.
/// As long as it selects none, the regions where they are looked for.
fn restores(
    view: &View<'_>,
    name: &PolicyName,
    policy: &Policy,
    home: &Region,
) -> BTreeSet<Region> {
    let Some(rule) = &policy.verify else { return BTreeSet::new() };
    let is_rehearsal = matches!(rule.pick, Pick::PointInTime { .. });
    if let Some(region) = rule.region.as_ref().filter(|_| !is_rehearsal) {
        return [region.clone()].into();
    }
    let databases = view.protected.iter().filter(|p| p.policy_name == name);
    let regions: BTreeSet<Region> = databases.map(|p| p.database.arn.region.clone()).collect();
    if regions.is_empty() { view.document.home_regions(Some(home)) } else { regions }
}

/// All regions in which verify restores.
pub(super) fn restore_regions(view: &View<'_>, home: &Region) -> BTreeSet<Region> {
    let policies = view.document.policies.iter();
    policies.flat_map(|(name, policy)| restores(view, name, policy, home)).collect()
}

pub(super) fn subnet_groups(view: &View<'_>, home: &Region) -> BTreeSet<(Region, String)> {
    let of = |(name, policy)| {
        let policy: &Policy = policy;
        let group = policy.verify.iter().map(|rule| rule.subnet_group.clone()).next();
        let regions = restores(view, name, policy, home).into_iter();
        regions.filter_map(move |region| Some((region, group.clone()?)))
    };
    view.document.policies.iter().flat_map(of).collect()
}

pub(super) fn networks(view: &View<'_>, facts: &Facts, home: &Region) -> Vec<Check> {
    let area = Area::Networks;
    let mut checks: Vec<Check> = subnet_groups(view, home)
        .into_iter()
        .map(|place| match facts.subnet_groups.get(&place) {
            None => Check::unknown(area, format!("{} wasn't looked at", place.1), "run it again"),
            Some(Err(unseen)) => Check::unseen(area, unseen),
            Some(Ok(None)) => {
                let what = format!("there is no subnet group {} in {}", place.1, place.0);
                let next = "create it with private subnets, or correct subnet_group in the policy";
                Check::wrong(area, what, next)
            }
            Some(Ok(Some(group))) => subnet_group(&place, group),
        })
        .collect();
    checks.extend(security_groups(view));
    if checks.is_empty() {
        checks.push(Check::ok(area, "no policy verifies, so no network is needed"));
    }
    checks
}

fn subnet_group((region, name): &(Region, String), group: &SubnetGroup) -> Check {
    let zones = group.zones.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let what = format!("subnet group {name} in {region} is {}, in {zones}", group.status);
    if group.zones.len() < ZONES_MIN {
        return Check::wrong(Area::Networks, what, "add a subnet in another availability zone");
    }
    if group.status != "Complete" {
        return Check::wrong(Area::Networks, what, "see in the VPC what became of its subnets");
    }
    Check::ok(Area::Networks, what)
}

/// The document's own check accepts any `sg-…`; AWS's ids are hexadecimal, of two lengths.
/// Source: EC2 User Guide, "Resource IDs".
fn security_groups(view: &View<'_>) -> Vec<Check> {
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, policy) in &view.document.policies {
        for group in policy.verify.iter().flat_map(|rule| &rule.security_groups) {
            users.entry(group).or_default().push(name.as_str());
        }
    }
    let is_an_id = |group: &str| {
        let digits = group.strip_prefix("sg-").unwrap_or_default();
        matches!(digits.len(), 8 | 17) && digits.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let check = |(group, names): (&str, Vec<&str>)| {
        let by = names.join(", ");
        if is_an_id(group) {
            let what = format!("{group} of {by} has the form of an id (EC2 isn't asked)");
            return Check::ok(Area::Networks, what);
        }
        let what = format!("{group} of {by} can't be a security group");
        Check::wrong(Area::Networks, what, "an id is sg- and 8 or 17 hexadecimal digits")
    };
    users.into_iter().map(check).collect()
}
