//! How databases and snapshots look on the wire.

use jiff::Timestamp;
use snapkeep_policy::ids::AccountId;
use snapkeep_policy::inventory::Shape;
use snapkeep_policy::tags::Tags;

use crate::model::{Database, Locality, Snapshot, SubnetGroup, port};
use crate::xml::Xml;

/// The element name of a snapshot of this shape.
pub(super) fn snapshot_element(shape: Shape) -> &'static str {
    match shape {
        Shape::Cluster => "DBClusterSnapshot",
        Shape::Instance => "DBSnapshot",
    }
}

/// The element name of a database of this shape.
pub(super) fn database_element(shape: Shape) -> &'static str {
    match shape {
        Shape::Cluster => "DBCluster",
        Shape::Instance => "DBInstance",
    }
}

/// A snapshot, in its element, as `viewer` sees it: one that another account shares is called by
/// its ARN.
pub(super) fn snapshot(xml: &mut Xml, it: &Snapshot, now: Timestamp, viewer: &AccountId) {
    xml.element(snapshot_element(it.shape), |xml| {
        let parameter = super::snapshot_parameter(it.shape);
        if it.arn.account == *viewer {
            xml.leaf(parameter, it.id());
        } else {
            xml.leaf(parameter, &it.arn);
        }
        snapshot_common(xml, it, now);
        match it.shape {
            Shape::Cluster => cluster_snapshot(xml, it),
            Shape::Instance => instance_snapshot(xml, it),
        }
        tags(xml, &it.tags);
    });
}

fn snapshot_common(xml: &mut Xml, it: &Snapshot, now: Timestamp) {
    // Absent until there is something that was created.
    let settled = it.status == "available";
    xml.instant("SnapshotCreateTime", settled.then_some(it.requested_at));
    xml.leaf("Engine", &it.engine);
    xml.leaf("EngineVersion", &it.engine_version);
    xml.leaf("Status", &it.status);
    xml.leaf("SnapshotType", &it.kind);
    xml.leaf("AllocatedStorage", it.storage_gib);
    xml.leaf("PercentProgress", it.progress_percent(now));
    xml.leaf("Port", port(&it.engine));
    xml.leaf("MasterUsername", &it.master_username);
    xml.leaf("VpcId", "vpc-1");
    xml.leaf_if("KmsKeyId", it.kms_key.as_ref());
}

fn cluster_snapshot(xml: &mut Xml, it: &Snapshot) {
    xml.leaf("DBClusterSnapshotArn", &it.arn);
    xml.leaf("DBClusterIdentifier", &it.database_id);
    xml.leaf("DbClusterResourceId", &it.resource_id);
    xml.instant("ClusterCreateTime", Some(it.database_created_at));
    xml.leaf("StorageEncrypted", it.kms_key.is_some());
    xml.leaf_if("SourceDBClusterSnapshotArn", it.source_arn.as_ref());
}

fn instance_snapshot(xml: &mut Xml, it: &Snapshot) {
    xml.leaf("DBSnapshotArn", &it.arn);
    xml.leaf("DBInstanceIdentifier", &it.database_id);
    xml.leaf("DbiResourceId", &it.resource_id);
    xml.instant("InstanceCreateTime", Some(it.database_created_at));
    xml.instant("OriginalSnapshotCreateTime", Some(it.taken_at));
    xml.leaf("Encrypted", it.kms_key.is_some());
    xml.leaf_if("SourceDBSnapshotIdentifier", it.source_arn.as_ref());
    xml.leaf_if("SourceRegion", it.source_arn.as_ref().map(|arn| &arn.region));
    xml.leaf_if("OptionGroupName", it.option_group.as_ref());
}

/// Backups hold nothing up in this world, so they are at an hour at which nobody looks.
const BACKUP_WINDOW: &str = "22:00-22:30";

/// A database, in its element. `locality` is where it is: a cluster lists its members.
pub(super) fn database(xml: &mut Xml, it: &Database, locality: &Locality, now: Timestamp) {
    xml.element(database_element(it.shape), |xml| {
        database_common(xml, it, locality, now);
        match it.shape {
            Shape::Cluster => cluster(xml, it, locality, now),
            Shape::Instance => instance(xml, it, locality),
        }
        tags(xml, &it.tags);
    });
}

fn database_common(xml: &mut Xml, it: &Database, locality: &Locality, now: Timestamp) {
    xml.leaf("Engine", &it.engine);
    xml.leaf("EngineVersion", &it.engine_version);
    xml.leaf("AllocatedStorage", it.storage_gib);
    xml.leaf("MasterUsername", &it.master_username);
    xml.leaf("StorageEncrypted", it.kms_key.is_some());
    xml.leaf_if("KmsKeyId", it.kms_key.as_ref());
    xml.leaf("DeletionProtection", it.deletion_protection);
    // A member's backups are its cluster's.
    let cluster = it.member_of.as_deref().and_then(|id| locality.cluster(id));
    xml.leaf("BackupRetentionPeriod", cluster.unwrap_or(it).retention_days);
    xml.leaf("PreferredBackupWindow", BACKUP_WINDOW);
    let own_backups = it.member_of.is_none();
    xml.instant("LatestRestorableTime", it.latest_restorable_at(now).filter(|_| own_backups));
    xml.element("VpcSecurityGroups", |xml| {
        for group in &it.security_groups {
            xml.element("VpcSecurityGroupMembership", |xml| {
                xml.leaf("VpcSecurityGroupId", group);
                xml.leaf("Status", "active");
            });
        }
    });
}

fn cluster(xml: &mut Xml, it: &Database, locality: &Locality, now: Timestamp) {
    xml.leaf("DBClusterIdentifier", it.id());
    xml.leaf("DBClusterArn", &it.arn);
    xml.leaf("DbClusterResourceId", &it.resource_id);
    xml.leaf("Status", &it.status);
    xml.instant("ClusterCreateTime", Some(it.created_at));
    xml.instant("EarliestRestorableTime", it.earliest_restorable_at(now));
    xml.leaf("DBSubnetGroup", &it.subnet_group);
    xml.leaf("Port", port(&it.engine));
    xml.leaf("Endpoint", endpoint(it, "cluster-"));
    xml.leaf("ReaderEndpoint", endpoint(it, "cluster-ro-"));
    xml.element("DBClusterMembers", |xml| {
        for (index, member) in locality.members(it.id()).enumerate() {
            xml.element("DBClusterMember", |xml| {
                xml.leaf("DBInstanceIdentifier", member.id());
                xml.leaf("IsClusterWriter", index == 0);
            });
        }
    });
}

fn instance(xml: &mut Xml, it: &Database, locality: &Locality) {
    xml.leaf("DBInstanceIdentifier", it.id());
    xml.leaf("DBInstanceArn", &it.arn);
    xml.leaf("DbiResourceId", &it.resource_id);
    xml.leaf("DBInstanceStatus", &it.status);
    xml.leaf_if("DBInstanceClass", it.instance_class.as_ref());
    xml.leaf_if("DBClusterIdentifier", it.member_of.as_ref());
    xml.leaf("PubliclyAccessible", it.publicly_accessible);
    xml.instant("InstanceCreateTime", Some(it.created_at));
    // There is nothing to connect to while it is being created.
    if it.status != "creating" {
        xml.element("Endpoint", |xml| {
            xml.leaf("Address", endpoint(it, ""));
            xml.leaf("Port", port(&it.engine));
        });
    }
    if let Some(group) = locality.subnet_groups.get(&it.subnet_group) {
        xml.element("DBSubnetGroup", |xml| subnet_group(xml, group));
    }
    if let Some(group) = &it.option_group {
        xml.element("OptionGroupMemberships", |xml| {
            xml.element("OptionGroupMembership", |xml| {
                xml.leaf("OptionGroupName", group);
                xml.leaf("Status", "in-sync");
            });
        });
    }
}

fn endpoint(it: &Database, role: &str) -> String {
    let service = if it.engine == "docdb" { "docdb" } else { "rds" };
    format!("{}.{role}world.{}.{service}.amazonaws.com", it.id(), it.arn.region)
}

/// A subnet group, without its element.
pub(super) fn subnet_group(xml: &mut Xml, group: &SubnetGroup) {
    xml.leaf("DBSubnetGroupName", &group.name);
    xml.leaf("DBSubnetGroupDescription", &group.description);
    xml.leaf("VpcId", "vpc-1");
    xml.leaf("SubnetGroupStatus", "Complete");
    xml.element("Subnets", |xml| {
        for subnet in &group.subnets {
            xml.element("Subnet", |xml| {
                xml.leaf("SubnetIdentifier", subnet);
                xml.leaf("SubnetStatus", "Active");
            });
        }
    });
}

/// A list of tags, in its element.
pub(super) fn tags(xml: &mut Xml, tags: &Tags) {
    xml.element("TagList", |xml| {
        for (key, value) in tags {
            xml.element("Tag", |xml| {
                xml.leaf("Key", key);
                xml.leaf("Value", value);
            });
        }
    });
}
