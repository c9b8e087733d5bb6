//! Looking: the lists of databases and snapshots, filtered and in pages.

use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::Shape;

use super::{Reply, checks, database_parameter, render, snapshot_parameter};
use crate::model::{Database, Snapshot};
use crate::query::Filter;
use crate::refusal::Refusal;
use crate::wire::Call;
use crate::xml::Xml;

pub(super) fn databases(call: &mut Call<'_>, shape: Shape) -> Reply {
    let filters = filters(call, database_filters(shape))?;
    let wanted = call.params.get(database_parameter(shape)).map(checks::local_id);
    let now = call.now();
    let locality = call.here()?;
    let matching: Vec<&Database> = locality
        .databases
        .values()
        .filter(|it| it.shape == shape && it.visible_from <= now)
        .filter(|it| wanted.as_ref().is_none_or(|id| id == it.id()))
        .filter(|it| filters.iter().all(|filter| database_passes(it, filter)))
        .collect();
    if let (Some(id), true) = (wanted, matching.is_empty()) {
        return Err(Refusal::database_not_found(shape, &id));
    }
    let (page, marker) = page(call, matching, |it| &it.arn)?;
    let mut xml = Xml::new();
    xml.leaf_if("Marker", marker);
    xml.element(plural(render::database_element(shape)).as_str(), |xml| {
        for it in page {
            render::database(xml, it, locality, now);
        }
    });
    Ok(xml)
}

/// Source: RDS API reference, `Filters` of `DescribeDBClusters` and `DescribeDBInstances`.
fn database_filters(shape: Shape) -> &'static [&'static str] {
    match shape {
        Shape::Cluster => {
            &["clone-group-id", "db-cluster-id", "db-cluster-resource-id", "domain", "engine"]
        }
        Shape::Instance => {
            &["db-cluster-id", "db-instance-id", "dbi-resource-id", "domain", "engine"]
        }
    }
}

/// Source: RDS API reference, `Filters` of `DescribeDBClusterSnapshots` and `DescribeDBSnapshots`.
fn snapshot_filters(shape: Shape) -> &'static [&'static str] {
    match shape {
        Shape::Cluster => &["db-cluster-id", "db-cluster-snapshot-id", "engine", "snapshot-type"],
        Shape::Instance => {
            &["db-instance-id", "db-snapshot-id", "dbi-resource-id", "engine", "snapshot-type"]
        }
    }
}

/// The filters of the request; all of them must be `known`.
fn filters(call: &Call<'_>, known: &[&str]) -> Result<Vec<Filter>, Refusal> {
    let filters = call.params.filters();
    match filters.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(Refusal::invalid_value(format!("Unrecognized filter name: {name}"))),
        None => Ok(filters),
    }
}

fn database_passes(it: &Database, (name, values): &Filter) -> bool {
    let is = |text: &str| values.iter().any(|value| checks::local_id(value) == text);
    match name.as_str() {
        "engine" => is(&it.engine),
        "db-cluster-id" if it.shape == Shape::Instance => it.member_of.as_deref().is_some_and(is),
        "db-cluster-id" | "db-instance-id" => is(it.id()),
        "db-cluster-resource-id" | "dbi-resource-id" => values.contains(&it.resource_id),
        // There are no clones here and no domains.
        _ => false,
    }
}

pub(super) fn snapshots(call: &mut Call<'_>, shape: Shape) -> Reply {
    let query = SnapshotQuery::read(call, shape)?;
    let now = call.now();
    let account = &call.place.account;
    let own = call.here()?.snapshots.values();
    let others = call
        .state
        .places
        .iter()
        .filter(|(place, _)| query.shared && place.region == call.place.region)
        .filter(|(place, _)| place.account != *account)
        .flat_map(|(_, locality)| locality.snapshots.values())
        .filter(|it| it.shared_with.contains(account));
    let matching: Vec<&Snapshot> = own
        .filter(|_| query.kind.as_deref() != Some("shared"))
        .chain(others)
        .filter(|it| it.shape == shape && it.visible_from <= now)
        .filter(|it| query.matches(it))
        .collect();
    if let (Some(id), true) = (&query.snapshot_id, matching.is_empty()) {
        return Err(Refusal::snapshot_not_found(shape, id));
    }
    let (page, marker) = page(call, matching, |it| &it.arn)?;
    let mut xml = Xml::new();
    xml.leaf_if("Marker", marker);
    xml.element(plural(render::snapshot_element(shape)).as_str(), |xml| {
        for it in page {
            render::snapshot(xml, it, now, account);
        }
    });
    Ok(xml)
}

/// Which snapshots are asked for.
/// Source: RDS API reference, `DescribeDBClusterSnapshots`, `DescribeDBSnapshots`.
struct SnapshotQuery {
    snapshot_id: Option<String>,
    database_id: Option<String>,
    resource_id: Option<String>,
    kind: Option<String>,
    shared: bool,
    filters: Vec<Filter>,
}

impl SnapshotQuery {
    fn read(call: &Call<'_>, shape: Shape) -> Result<Self, Refusal> {
        let params = &call.params;
        let resource_parameter = match shape {
            Shape::Cluster => "DbClusterResourceId",
            Shape::Instance => "DbiResourceId",
        };
        let kind = params.owned("SnapshotType");
        Ok(Self {
            snapshot_id: params.get(snapshot_parameter(shape)).map(checks::local_id),
            database_id: params.get(database_parameter(shape)).map(checks::local_id),
            resource_id: params.owned(resource_parameter),
            shared: params.flag("IncludeShared") == Some(true) || kind.as_deref() == Some("shared"),
            kind,
            filters: filters(call, snapshot_filters(shape))?,
        })
    }

    fn matches(&self, it: &Snapshot) -> bool {
        let kind = match self.kind.as_deref() {
            // Without a type, those of AWS Backup are left out.
            None => it.kind != "awsbackup",
            Some("shared") => true,
            Some(kind) => kind == it.kind,
        };
        kind && self.snapshot_id.as_ref().is_none_or(|id| id == it.id())
            && self.database_id.as_ref().is_none_or(|id| *id == it.database_id)
            && self.resource_id.as_ref().is_none_or(|id| *id == it.resource_id)
            && self.filters.iter().all(|filter| snapshot_passes(it, filter))
    }
}

fn snapshot_passes(it: &Snapshot, (name, values): &Filter) -> bool {
    let is = |text: &str| values.iter().any(|value| checks::local_id(value) == text);
    match name.as_str() {
        "engine" => is(&it.engine),
        "snapshot-type" => is(&it.kind),
        "db-cluster-id" | "db-instance-id" => is(&it.database_id),
        "db-cluster-snapshot-id" | "db-snapshot-id" => is(it.id()),
        "dbi-resource-id" => values.contains(&it.resource_id),
        _ => false,
    }
}

/// The page that is asked for, and the marker of the next one.
///
/// A marker is the address of the last thing on the page, so that a thing deleted between two pages
/// hides no other. The order is by address, and nothing may depend on it.
fn page<'t, T>(
    call: &Call<'_>,
    mut matching: Vec<&'t T>,
    arn: impl Fn(&T) -> &RdsArn,
) -> Result<(Vec<&'t T>, Option<RdsArn>), Refusal> {
    let size = checks::page_size(call.params.number("MaxRecords")?)?;
    if let Some(marker) = call.params.get("Marker") {
        let after = super::arn(marker)
            .ok_or_else(|| Refusal::invalid_value(format!("Invalid marker {marker}")))?;
        matching.retain(|it| *arn(it) > after);
    }
    matching.sort_by(|a, b| arn(a).cmp(arn(b)));
    let more = matching.len() > size;
    matching.truncate(size);
    let marker = matching.last().filter(|_| more).map(|it| arn(it).clone());
    Ok((matching, marker))
}

fn plural(element: &str) -> String {
    format!("{element}s")
}
