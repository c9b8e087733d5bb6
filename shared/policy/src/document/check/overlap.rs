//! What only the whole document shows: two policies that claim one database, copies that go where
//! their source is, and more than one account or partition.

use std::collections::{BTreeMap, BTreeSet};

use super::place::Place;
use crate::document::{DatabaseRef, Policy, PolicyDocument, regions};
use crate::ids::{RdsArn, Region};

pub(super) fn overlaps(root: &Place<'_>, document: &PolicyDocument) {
    databases_once(root, document);
    selectors_once(root, document);
    one_account(root, document);
    let anywhere = document.home_regions(None);
    for (name, policy) in &document.policies {
        let at = root.key("policies").key(name.as_str());
        let homes = homes(policy, &anywhere);
        copies_go_elsewhere(&at, policy, &homes);
        verified_where_recovery_points_are(&at, policy, &homes);
    }
}

fn databases(root: &Place<'_>, document: &PolicyDocument) -> Vec<(String, DatabaseRef)> {
    let mut databases = Vec::new();
    for (name, policy) in &document.policies {
        let at = root.key("policies").key(name.as_str()).key("select").key("databases");
        for (index, database) in policy.select.databases.iter().enumerate() {
            databases.push((at.index(index).path().to_owned(), database.clone()));
        }
    }
    databases
}

/// An identifier and an ARN that ends with it may be one database: two policies, two retentions.
fn databases_once(root: &Place<'_>, document: &PolicyDocument) {
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    let mut arns: BTreeMap<&RdsArn, &str> = BTreeMap::new();
    let mut ids_of_arns: BTreeMap<&str, &str> = BTreeMap::new();
    let databases = databases(root, document);
    for (path, database) in &databases {
        let (got, earlier) = match database {
            DatabaseRef::Id(id) => {
                let earlier = ids.get(&**id).or_else(|| ids_of_arns.get(&**id)).copied();
                ids.entry(id).or_insert(path);
                (id.clone(), earlier)
            }
            DatabaseRef::Arn(arn) => {
                let earlier = arns.get(arn).or_else(|| ids.get(&*arn.id)).copied();
                arns.entry(arn).or_insert(path);
                ids_of_arns.entry(&arn.id).or_insert(path);
                (arn.to_string(), earlier)
            }
        };
        if let Some(earlier) = earlier {
            let expected = format!("each database once: {earlier} names it too");
            root.at(path).duplicate::<()>(&got, expected);
        }
    }
}

fn selectors_once(root: &Place<'_>, document: &PolicyDocument) {
    let mut seen: BTreeMap<&BTreeMap<String, String>, &str> = BTreeMap::new();
    for (name, policy) in &document.policies {
        let tags = &policy.select.tags;
        if tags.is_empty() {
            continue;
        }
        if let Some(earlier) = seen.get(tags) {
            let at = root.key("policies").key(name.as_str()).key("select").key("tags");
            let expected = format!("tags that policies.{earlier} doesn't select by already");
            at.duplicate::<()>(&in_words(tags), expected);
        }
        seen.entry(tags).or_insert(name.as_str());
    }
}

fn in_words(tags: &BTreeMap<String, String>) -> String {
    let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    tags.join(", ")
}

/// One set of credentials sees one account of one partition.
fn one_account(root: &Place<'_>, document: &PolicyDocument) {
    let mut first: Option<RdsArn> = None;
    for (path, database) in databases(root, document) {
        let DatabaseRef::Arn(arn) = database else { continue };
        match &first {
            Some(first) if first.account != arn.account => {
                let expected = format!("account {}, like the databases before it", first.account);
                root.at(&path).conflict::<()>(arn.account.as_str(), expected);
            }
            Some(_) => {}
            None => first = Some(arn),
        }
    }
    let partitions: BTreeSet<&str> = document
        .all_regions(None)
        .iter()
        .filter_map(|region| regions::partition_of(region.as_str()))
        .collect();
    if partitions.len() > 1 {
        let got = Vec::from_iter(partitions).join(" and ");
        root.conflict::<()>(&got, "regions of one partition: nothing crosses from one to another");
    }
}

/// The regions in which the policy's databases can be, as far as the document says: for tags and
/// identifiers that is `anywhere`. Empty if it doesn't say: then it is where the functions run.
fn homes(policy: &Policy, anywhere: &BTreeSet<Region>) -> BTreeSet<Region> {
    let mut homes = BTreeSet::new();
    let mut somewhere = !policy.select.tags.is_empty();
    for database in &policy.select.databases {
        match database {
            DatabaseRef::Arn(arn) => {
                homes.insert(arn.region.clone());
            }
            DatabaseRef::Id(_) => somewhere = true,
        }
    }
    if somewhere {
        homes.extend(anywhere.iter().cloned());
    }
    homes
}

/// A copy next to its source is lost with it. Of a policy with several homes, a database in the
/// destination itself is simply not copied; but one that is listed there can't have been meant.
fn copies_go_elsewhere(at: &Place<'_>, policy: &Policy, homes: &BTreeSet<Region>) {
    for (index, copy) in policy.copies.iter().enumerate() {
        let listed_there =
            policy.select.databases.iter().any(
                |database| matches!(database, DatabaseRef::Arn(arn) if arn.region == copy.region),
            );
        if listed_there || (homes.len() == 1 && homes.contains(&copy.region)) {
            at.key("copies").index(index).key("region").conflict::<()>(
                copy.region.as_str(),
                "a region other than that of the policy's databases",
            );
        }
    }
}

fn verified_where_recovery_points_are(at: &Place<'_>, policy: &Policy, homes: &BTreeSet<Region>) {
    let Some(region) = policy.verify.as_ref().and_then(|verify| verify.region.as_ref()) else {
        return;
    };
    let has_copies = policy.copies.iter().any(|copy| copy.region == *region);
    if !homes.is_empty() && !homes.contains(region) && !has_copies {
        at.key("verify").key("region").conflict::<()>(
            region.as_str(),
            "a region in which the policy has databases or copies",
        );
    }
}
