//! Which database is protected by which policy, and whether there is room for what they keep.

use std::collections::BTreeSet;

use crate::doctor::{Area, Check, Facts};
use crate::ids::{PolicyName, Region};
use crate::inventory::{Database, Shape};
use crate::quota::{Outlook, outlook, steady_state};
use crate::retention::Retention;
use crate::selection::Protected;
use crate::view::View;

/// How full a region's two quotas of manual snapshots are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Cluster snapshots, of Aurora, DocumentDB and Neptune together.
    pub clusters: UsageOf,
    /// Instance snapshots.
    pub instances: UsageOf,
}

/// How full a quota is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageOf {
    /// All that count towards it, whoever took them.
    pub used: u32,
    /// The quota.
    pub max: u32,
}

pub(super) fn selection(view: &View<'_>) -> Vec<Check> {
    let area = Area::Selection;
    let mut checks: Vec<Check> = view.protected.iter().map(protected).collect();
    checks.extend(view.unprotected.iter().map(|database| {
        let what = format!("{} is protected by no policy", named(database));
        Check::wrong(area, what, "give it a tag that a policy selects, or name it in one")
    }));
    for (region, message) in &view.unseen {
        let what = format!("databases of {region}: {message}");
        checks.push(Check::unknown(area, what, "run it again once the region can be listed"));
    }
    // What an unseen region holds could be what an idle policy selects.
    for name in view.document.policies.keys() {
        let claims = |p: &Protected<'_>| p.policy_name == name || p.contested_by == Some(name);
        if view.unseen.is_empty() && !view.protected.iter().any(claims) {
            let what = format!("the policy {name} selects no database");
            checks.push(Check::wrong(area, what, "check its tags and names for a typing mistake"));
        }
    }
    checks
}

fn protected(protected: &Protected<'_>) -> Check {
    let Protected { database, policy_name, contested_by, .. } = protected;
    let database = named(database);
    match contested_by {
        None => Check::ok(Area::Selection, format!("{database} is protected by {policy_name}")),
        Some(other) => {
            let what = format!("{database} is claimed by {policy_name} and {other}");
            let next = "change a selector: nothing of it is deleted while two claim it";
            Check::wrong(Area::Selection, what, next)
        }
    }
}

/// `shepherd (docdb) in us-west-2`
fn named(database: &Database) -> String {
    format!("{} ({}) in {}", database.id(), database.engine, database.arn.region)
}

pub(super) fn quotas(view: &View<'_>, facts: &Facts) -> Vec<Check> {
    let mut checks = Vec::new();
    for (region, seen) in &facts.usage {
        match seen {
            Err(unseen) => checks.push(Check::unseen(Area::Quotas, unseen)),
            Ok(Usage { clusters, instances }) => {
                checks.push(quota(view, region, Shape::Cluster, *clusters));
                checks.push(quota(view, region, Shape::Instance, *instances));
            }
        }
    }
    checks
}

fn quota(view: &View<'_>, region: &Region, shape: Shape, usage: UsageOf) -> Check {
    let UsageOf { used, max } = usage;
    let kind = match shape {
        Shape::Cluster => "cluster",
        Shape::Instance => "instance",
    };
    let Outlook { forecast, needed } = outlook(view, region, shape, max);
    // AWS also counts what isn't listed here, such as Neptune's snapshots.
    let strangers = u64::from(used.saturating_sub(forecast.used));
    let kept = needed + strangers;
    // A new one is taken before an old one is deleted.
    let needed = kept + kept_here(view, region, shape).count() as u64;
    let mut what = format!(
        "{kind} snapshots in {region}: {used} of {max} are used, the policies come to {kept}, and to \
         {needed} until prune has run"
    );
    if needed > u64::from(max) || used >= max {
        let next = format!("ask Service Quotas for at least {needed}, or keep less");
        return Check::wrong(Area::Quotas, what, next);
    }
    let endless = endless(view, region, shape);
    if !endless.is_empty() {
        what += &format!(", and without an end under {}", endless.join(", "));
    }
    Check::ok(Area::Quotas, what)
}

/// What is kept in `region`, of each database: its policy's name, and by which rules.
fn kept_here<'v>(
    view: &'v View<'_>,
    region: &'v Region,
    shape: Shape,
) -> impl Iterator<Item = (&'v PolicyName, &'v Retention)> {
    let of_shape = view.protected.iter().filter(move |p| p.database.shape == shape);
    of_shape.filter_map(move |Protected { database, policy, policy_name, .. }| {
        if database.arn.region == *region {
            return Some((*policy_name, &policy.retention));
        }
        let copy = policy.copies.iter().find(|copy| copy.region == *region)?;
        Some((*policy_name, &copy.retention))
    })
}

/// The policies that keep something in `region` by a rule that counts to no number.
fn endless(view: &View<'_>, region: &Region, shape: Shape) -> Vec<String> {
    let endless = kept_here(view, region, shape).filter(|(_, r)| steady_state(r).is_none());
    let names: BTreeSet<&PolicyName> = endless.map(|(name, _)| name).collect();
    names.into_iter().map(ToString::to_string).collect()
}
