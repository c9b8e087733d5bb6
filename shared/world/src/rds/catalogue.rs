//! The small lists: quotas and their use, engine versions on offer, subnet groups.

use snapkeep_policy::inventory::Shape;

use super::{Reply, render};
use crate::model::SubnetGroup;
use crate::refusal::Refusal;
use crate::wire::Call;
use crate::xml::Xml;

/// Source: RDS API reference, `AccountQuota`.
pub(super) fn account_attributes(call: &mut Call<'_>) -> Reply {
    let locality = call.here()?;
    let manual = |shape: Shape| {
        locality.snapshots.values().filter(|it| it.shape == shape && it.is_manual()).count()
    };
    let databases = |shape: Shape| {
        locality.databases.values().filter(|database| database.shape == shape).count()
    };
    let quotas = [
        ("DBInstances", databases(Shape::Instance), 40),
        ("DBClusters", databases(Shape::Cluster), 40),
        ("ManualSnapshots", manual(Shape::Instance), locality.quotas.instance_snapshots_max),
        ("ManualClusterSnapshots", manual(Shape::Cluster), locality.quotas.cluster_snapshots_max),
        ("DBSubnetGroups", locality.subnet_groups.len(), 50),
    ];
    let mut xml = Xml::new();
    xml.element("AccountQuotas", |xml| {
        for (name, used, most) in quotas {
            xml.element("AccountQuota", |xml| {
                xml.leaf("AccountQuotaName", name);
                xml.leaf("Used", used);
                xml.leaf("Max", most);
            });
        }
    });
    Ok(xml)
}

pub(super) fn engine_versions(call: &mut Call<'_>) -> Reply {
    let (engine, version) = (call.params.get("Engine"), call.params.get("EngineVersion"));
    let offered = call.state.offered.iter().filter(|(name, _)| engine.is_none_or(|it| it == *name));
    let mut xml = Xml::new();
    xml.element("DBEngineVersions", |xml| {
        for (name, versions) in offered {
            for offer in versions.iter().filter(|offer| version.is_none_or(|it| it == *offer)) {
                xml.element("DBEngineVersion", |xml| {
                    xml.leaf("Engine", name);
                    xml.leaf("EngineVersion", offer);
                    xml.leaf("Status", "available");
                });
            }
        }
    });
    Ok(xml)
}

/// Whoever makes a subnet group through the API makes it for a default network: one with a way to
/// the internet. Sealed ones are the administrator's.
pub(super) fn create_subnet_group(call: &mut Call<'_>) -> Reply {
    let group = SubnetGroup {
        name: call.params.required("DBSubnetGroupName")?.to_ascii_lowercase(),
        description: call.params.required("DBSubnetGroupDescription")?.to_owned(),
        subnets: call.params.list("SubnetIds.SubnetIdentifier"),
        internet_facing: true,
    };
    let groups = &mut call.here_mut()?.subnet_groups;
    if groups.contains_key(&group.name) {
        let message = format!("The DB subnet group '{}' already exists.", group.name);
        return Err(Refusal::new(400, "DBSubnetGroupAlreadyExists", message));
    }
    let mut xml = Xml::new();
    xml.element("DBSubnetGroup", |xml| render::subnet_group(xml, &group));
    groups.insert(group.name.clone(), group);
    Ok(xml)
}

pub(super) fn subnet_groups(call: &mut Call<'_>) -> Reply {
    let wanted = call.params.get("DBSubnetGroupName");
    let groups = &call.here()?.subnet_groups;
    if let Some(name) = wanted.filter(|name| !groups.contains_key(*name)) {
        let message = format!("DB subnet group '{name}' does not exist.");
        return Err(Refusal::new(404, "DBSubnetGroupNotFoundFault", message));
    }
    let mut xml = Xml::new();
    xml.element("DBSubnetGroups", |xml| {
        let groups = groups.values();
        for group in groups.filter(|group| wanted.is_none_or(|name| name == group.name)) {
            xml.element("DBSubnetGroup", |xml| render::subnet_group(xml, group));
        }
    });
    Ok(xml)
}
