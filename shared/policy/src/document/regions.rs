//! AWS's regions, and those that a document speaks of.
//!
//! The list is closed on purpose: a copy to `us-east-9` is a typing error, and one that would be
//! found out on the day the copy is needed. A new region needs a new version of snapkeep.

use std::collections::BTreeSet;

use super::{DatabaseRef, PolicyDocument};
use crate::ids::Region;
use crate::verb::Verb;

/// Regions by partition, for the partitions that [`crate::ids::RdsArn`] knows.
/// Source: the AWS SDKs' shared `partitions.json`, as of 17 November 2026.
const PARTITIONS: [(&str, &[&str]); 3] = [
    (
        "aws",
        &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "me-west-1",
            "mx-central-1",
            "sa-east-1",
            "sa-west-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
    ),
    ("aws-cn", &["cn-north-1", "cn-northwest-1"]),
    ("aws-us-gov", &["us-gov-east-1", "us-gov-west-1"]),
];

/// All regions of all partitions.
pub(super) fn known() -> impl Iterator<Item = &'static str> + Clone {
    PARTITIONS.into_iter().flat_map(|(_, regions)| regions.iter().copied())
}

/// The partition in which AWS has a region of that name, if it has one.
pub(crate) fn partition_of(region: &str) -> Option<&'static str> {
    PARTITIONS
        .into_iter()
        .find(|(_, regions)| regions.contains(&region))
        .map(|(partition, _)| partition)
}

impl PolicyDocument {
    /// Regions in which databases are looked for: the document's own and those of the ARNs that its
    /// policies list. If it names none, `default`, which is where the functions run.
    #[must_use]
    pub fn home_regions(&self, default: Option<&Region>) -> BTreeSet<Region> {
        let listed = self.policies.values().flat_map(|policy| &policy.select.databases);
        let of_arns = listed.filter_map(|database| match database {
            DatabaseRef::Arn(arn) => Some(&arn.region),
            DatabaseRef::Id(_) => None,
        });
        let named: BTreeSet<Region> = self.regions.iter().chain(of_arns).cloned().collect();
        if named.is_empty() { default.into_iter().cloned().collect() } else { named }
    }

    /// Regions that `verb` has to see. create asks its homes only, and verify those and where it
    /// restores: a region of copies that is down shall not keep recovery points from being taken.
    #[must_use]
    pub fn regions_of(&self, verb: Verb, default: Option<&Region>) -> BTreeSet<Region> {
        let mut regions = self.home_regions(default);
        let (copies, restores) = match verb {
            Verb::Create => (false, false),
            Verb::Verify => (false, true),
            Verb::Copy | Verb::Prune | Verb::Alarm => (true, true),
        };
        for policy in self.policies.values() {
            let copies = policy.copies.iter().filter(|_| copies);
            regions.extend(copies.map(|copy| copy.region.clone()));
            let restores = policy.verify.iter().filter(|_| restores);
            regions.extend(restores.filter_map(|verify| verify.region.clone()));
        }
        regions
    }

    /// Regions in which anything of this document can be: its homes, where it copies to, and where
    /// it verifies.
    #[must_use]
    pub fn all_regions(&self, default: Option<&Region>) -> BTreeSet<Region> {
        self.regions_of(Verb::Alarm, default)
    }
}
