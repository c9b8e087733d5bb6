//! Looks at an account: one call for each page of databases and snapshots, tags included.
//!
//! Everything is seen through the RDS API, DocumentDB too: `aws-sdk-docdb` shows no tags, and
//! asking for them one by one is what throttles tools of this kind. Snapshots that others share are
//! never listed, and engines that aren't ours are left out on this side.
//!
//! A region is seen to the end of its last page or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use aws_sdk_rds::Client;
use aws_sdk_rds::config::{Config, retry::RetryConfig};
use futures_util::future::join_all;
use snapkeep_policy::ids::{AccountId, RdsArn, Region};
use snapkeep_policy::inventory::{
    Database, Observation, Quotas, RegionInventory, RegionView, Snapshot,
};

use crate::clock::ClockWatch;
use crate::translate::{self, Doubt};
use crate::{Aws, Failure};

/// AWS's largest page. Source: `DescribeDBSnapshots`, MaxRecords.
const PAGE_ITEMS_MAX: i32 = 100;
/// Ends a listing that would never end: 100,000 items of one kind in a region.
const PAGES_MAX: usize = 1_000;

/// Looks at all `regions` at once. A failure makes its own region unseen and no other.
///
/// Calls for each region: one a page of clusters, instances, cluster snapshots and instance
/// snapshots, at least four, and one for the quotas.
pub async fn observe(aws: &Aws, regions: &BTreeSet<Region>) -> Observation {
    observe_while(aws, regions, &|| true).await
}

/// The same, as long as `has_time` says so before each page: a region that isn't listed to its end by
/// then is unseen, with `OutOfTime`.
pub async fn observe_while(
    aws: &Aws,
    regions: &BTreeSet<Region>,
    has_time: &dyn Fn() -> bool,
) -> Observation {
    let clock = ClockWatch::default();
    let looks = regions.iter().map(|region| async {
        let look = Look { client: aws.rds(region), region, clock: &clock, has_time };
        let view = match look.at_everything().await {
            Ok(inventory) => RegionView::Seen(inventory),
            Err(failure) => RegionView::Unseen { message: failure.to_string(), code: failure.code },
        };
        (region.clone(), view)
    });
    let regions: BTreeMap<Region, RegionView> = join_all(looks).await.into_iter().collect();
    Observation { account: account(&regions), regions, clock_skew: clock.skew() }
}

/// The account in the ARNs. Nothing that is listed belongs to another one.
fn account(regions: &BTreeMap<Region, RegionView>) -> Option<AccountId> {
    regions.values().find_map(|view| match view {
        RegionView::Seen(inventory) => {
            let databases = inventory.databases.iter().map(|database| &database.arn);
            let snapshots = inventory.snapshots.iter().map(|snapshot| &snapshot.arn);
            databases.chain(snapshots).next().map(|arn| arn.account.clone())
        }
        RegionView::Unseen { .. } => None,
    })
}

/// One region, being looked at.
struct Look<'a> {
    client: Client,
    region: &'a Region,
    clock: &'a ClockWatch,
    has_time: &'a dyn Fn() -> bool,
}

/// A page of a list and the marker of the next. An answer without the list is `None`.
type Page<T> = Result<(Option<Vec<T>>, Option<String>), Failure>;

impl Look<'_> {
    async fn at_everything(&self) -> Result<RegionInventory, Failure> {
        let mut databases = self.list("clusters", |m| self.clusters(m), translate::cluster).await?;
        databases.extend(self.list("instances", |m| self.instances(m), translate::instance).await?);
        let snapshots = |m| self.cluster_snapshots(m);
        let mut found =
            self.list("cluster snapshots", snapshots, translate::cluster_snapshot).await?;
        let snapshots = |m| self.instance_snapshots(m);
        found.extend(self.list("snapshots", snapshots, translate::instance_snapshot).await?);
        Ok(RegionInventory { databases, snapshots: found, quotas: self.quotas().await })
    }

    /// All pages of a list, by ARN: what moved to a later page while we read is there once.
    async fn list<A, T: Listed, F: Future<Output = Page<A>>>(
        &self,
        what: &str,
        page: impl Fn(Option<String>) -> F,
        translate: impl Fn(A) -> Result<Option<T>, Doubt>,
    ) -> Result<Vec<T>, Failure> {
        let subject = || self.subject(what);
        let mut all: Vec<T> = Vec::new();
        let mut marker = None;
        for pages in 0..PAGES_MAX {
            if !(self.has_time)() {
                return Err(Failure::out_of_time(subject(), pages));
            }
            let (items, next) = page(marker.take()).await?;
            let items = items.ok_or_else(|| Failure::doubtful(subject(), "the list is missing"))?;
            for item in items {
                let Some(item) =
                    translate(item).map_err(|doubt| Failure::doubtful(subject(), doubt))?
                else {
                    continue;
                };
                if item.arn().region != *self.region {
                    let doubt = format!("{} is of another region", item.arn());
                    return Err(Failure::doubtful(subject(), doubt));
                }
                all.push(match all.last() {
                    Some(last) => item.alike(last),
                    None => item,
                });
            }
            marker = next.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(by_arn(all));
            }
        }
        Err(Failure::doubtful(subject(), format!("no end after {PAGES_MAX} pages")))
    }

    async fn clusters(&self, marker: Option<String>) -> Page<aws_sdk_rds::types::DbCluster> {
        let call = self.client.describe_db_clusters();
        let call = call.max_records(PAGE_ITEMS_MAX).set_marker(marker);
        let sent = call.customize().interceptor(self.clock.clone()).send().await;
        let page = sent.map_err(|error| Failure::of(self.subject("clusters"), &error))?;
        Ok((page.db_clusters, page.marker))
    }

    async fn instances(&self, marker: Option<String>) -> Page<aws_sdk_rds::types::DbInstance> {
        let call = self.client.describe_db_instances();
        let call = call.max_records(PAGE_ITEMS_MAX).set_marker(marker);
        let sent = call.customize().interceptor(self.clock.clone()).send().await;
        let page = sent.map_err(|error| Failure::of(self.subject("instances"), &error))?;
        Ok((page.db_instances, page.marker))
    }

    async fn cluster_snapshots(
        &self,
        marker: Option<String>,
    ) -> Page<aws_sdk_rds::types::DbClusterSnapshot> {
        let call = self.client.describe_db_cluster_snapshots().snapshot_type("manual");
        let call = call.max_records(PAGE_ITEMS_MAX).set_marker(marker);
        let sent = call.customize().interceptor(self.clock.clone()).send().await;
        let page = sent.map_err(|error| Failure::of(self.subject("cluster snapshots"), &error))?;
        Ok((page.db_cluster_snapshots, page.marker))
    }

    async fn instance_snapshots(
        &self,
        marker: Option<String>,
    ) -> Page<aws_sdk_rds::types::DbSnapshot> {
        let call = self.client.describe_db_snapshots().snapshot_type("manual");
        let call = call.max_records(PAGE_ITEMS_MAX).set_marker(marker);
        let sent = call.customize().interceptor(self.clock.clone()).send().await;
        let page = sent.map_err(|error| Failure::of(self.subject("snapshots"), &error))?;
        Ok((page.db_snapshots, page.marker))
    }

    /// Quotas inform, they don't decide: when the call fails they are unknown, not the region.
    /// Source of the names: RDS API reference, `AccountQuota`.
    async fn quotas(&self) -> Option<Quotas> {
        let twice = RetryConfig::standard().with_max_attempts(2);
        let call = self.client.describe_account_attributes().customize();
        let call = call.config_override(Config::builder().retry_config(twice));
        let answer = call.interceptor(self.clock.clone()).send().await.ok()?;
        let max = |name: &str| {
            let mut quotas = answer.account_quotas().iter();
            let quota = quotas.find(|quota| quota.account_quota_name() == Some(name))?;
            u32::try_from(quota.max?).ok()
        };
        Some(Quotas {
            cluster_snapshots_max: max("ManualClusterSnapshots")?,
            instance_snapshots_max: max("ManualSnapshots")?,
        })
    }

    fn subject(&self, what: &str) -> String {
        format!("list {what} of {}", self.region)
    }
}

/// Each once, as it was seen last.
fn by_arn<T: Listed>(mut items: Vec<T>) -> Vec<T> {
    items.sort_by(|a, b| a.arn().cmp(b.arn()));
    items.dedup_by(|later, earlier| {
        let is_same = later.arn() == earlier.arn();
        if is_same {
            std::mem::swap(later, earlier);
        }
        is_same
    });
    items
}

/// What AWS lists.
trait Listed: Sized {
    fn arn(&self) -> &RdsArn;

    /// The same, with less memory where it says what the one before it in the list says.
    fn alike(self, last: &Self) -> Self;
}

impl Listed for Database {
    fn arn(&self) -> &RdsArn {
        &self.arn
    }

    fn alike(self, _: &Self) -> Self {
        self
    }
}

impl Listed for Snapshot {
    fn arn(&self) -> &RdsArn {
        &self.arn
    }

    fn alike(self, last: &Self) -> Self {
        Snapshot::alike(self, last)
    }
}
