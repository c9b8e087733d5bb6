//! The scratch database comes up: restore, and for most clusters an instance.

use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::{Engine, Shape};
use snapkeep_policy::tags::Tags;
use snapkeep_policy::verify::Action;

use super::ScratchId;
use crate::act::{Applied, docdb_tags, made, rds_tags};
use crate::{Aws, Failure};

/// The least that a cluster restore accepts. Source: `RestoreDBClusterFromSnapshot`,
/// BackupRetentionPeriod, RDS API reference. (DocumentDB's call has no such parameter.)
const CLUSTER_RETENTION_DAYS: i32 = 1;
/// No automated backups. Source: `RestoreDBInstanceFromDBSnapshot`, the same parameter.
const INSTANCE_RETENTION_DAYS: i32 = 0;

/// Asks for the scratch database of an [`Action::Restore`].
///
/// # Errors
/// [`crate::FailureClass::Capacity`] and [`crate::FailureClass::NetworkParameters`] say nothing
/// against the recovery point; [`crate::FailureClass::Invalid`] also for any other action.
pub async fn restore(aws: &Aws, action: &Action) -> Result<Applied, Failure> {
    let Action::Restore {
        source,
        shape,
        engine,
        engine_version,
        region,
        scratch_id,
        instance_class,
        subnet_group,
        security_groups,
        tags,
        database: _,
    } = action
    else {
        return Err(Failure::invalid("restore", "this action is no restore"));
    };
    let subject = format!("restore {source} as {scratch_id}");
    if source.region != *region {
        return Err(Failure::invalid(subject, format!("the recovery point isn't in {region}")));
    }
    if security_groups.is_empty() || subnet_group.is_empty() {
        let problem = "without a security group and a subnet group AWS would take its default ones";
        return Err(Failure::invalid(subject, problem));
    }
    let scratch = ScratchId::new(scratch_id, region)?;
    let wanted = Wanted {
        source,
        engine: *engine,
        engine_version,
        scratch,
        instance_class,
        subnet_group,
        security_groups,
        tags,
        subject,
    };
    made(match (shape, engine) {
        (Shape::Cluster, Engine::Docdb) => wanted.documentdb(aws).await,
        (Shape::Cluster, _) => wanted.cluster(aws).await,
        (Shape::Instance, _) => wanted.instance(aws).await,
    })
}

struct Wanted<'a> {
    source: &'a RdsArn,
    engine: Engine,
    engine_version: &'a str,
    scratch: ScratchId<'a>,
    instance_class: &'a str,
    subnet_group: &'a str,
    security_groups: &'a [String],
    tags: &'a Tags,
    subject: String,
}

impl Wanted<'_> {
    async fn documentdb(&self, aws: &Aws) -> Result<(), Failure> {
        aws.docdb(self.scratch.region)
            .restore_db_cluster_from_snapshot()
            .db_cluster_identifier(self.scratch.id)
            .snapshot_identifier(&self.source.id)
            .engine(self.engine.as_str())
            .engine_version(self.engine_version)
            .db_subnet_group_name(self.subnet_group)
            .set_vpc_security_group_ids(Some(self.security_groups.to_vec()))
            .deletion_protection(false)
            .copy_tags_to_snapshot(false)
            .set_tags(docdb_tags(self.tags))
            .send()
            .await
            .map(drop)
            .map_err(|error| Failure::of(&self.subject, &error))
    }

    async fn cluster(&self, aws: &Aws) -> Result<(), Failure> {
        // A Multi-AZ RDS cluster makes its instances itself and must be told their class.
        let class = (!self.engine.restores_without_instance()).then(|| self.instance_class.into());
        aws.rds(self.scratch.region)
            .restore_db_cluster_from_snapshot()
            .db_cluster_identifier(self.scratch.id)
            .snapshot_identifier(&self.source.id)
            .engine(self.engine.as_str())
            .engine_version(self.engine_version)
            .set_db_cluster_instance_class(class)
            .db_subnet_group_name(self.subnet_group)
            .set_vpc_security_group_ids(Some(self.security_groups.to_vec()))
            .publicly_accessible(false)
            .deletion_protection(false)
            .copy_tags_to_snapshot(false)
            .backup_retention_period(CLUSTER_RETENTION_DAYS)
            .set_tags(rds_tags(self.tags))
            .send()
            .await
            .map(drop)
            .map_err(|error| Failure::of(&self.subject, &error))
    }

    /// The call takes the snapshot's engine version; there is no parameter for it.
    async fn instance(&self, aws: &Aws) -> Result<(), Failure> {
        aws.rds(self.scratch.region)
            .restore_db_instance_from_db_snapshot()
            .db_instance_identifier(self.scratch.id)
            .db_snapshot_identifier(&self.source.id)
            .engine(self.engine.as_str())
            .db_instance_class(self.instance_class)
            .db_subnet_group_name(self.subnet_group)
            .set_vpc_security_group_ids(Some(self.security_groups.to_vec()))
            .publicly_accessible(false)
            .multi_az(false)
            .deletion_protection(false)
            .copy_tags_to_snapshot(false)
            .auto_minor_version_upgrade(false)
            .backup_retention_period(INSTANCE_RETENTION_DAYS)
            .set_tags(rds_tags(self.tags))
            .send()
            .await
            .map(drop)
            .map_err(|error| Failure::of(&self.subject, &error))
    }
}

/// Asks for the instance of an [`Action::AddInstance`]: network and security groups come from the
/// scratch cluster.
///
/// # Errors
/// [`crate::FailureClass::WrongState`] until the cluster is available;
/// [`crate::FailureClass::Invalid`] also for any other action.
pub async fn add_instance(aws: &Aws, action: &Action) -> Result<Applied, Failure> {
    let Action::AddInstance { cluster, engine, instance_id, instance_class, tags, database: _ } =
        action
    else {
        return Err(Failure::invalid("add an instance", "this action adds no instance"));
    };
    let cluster_id = ScratchId::of(cluster)?;
    let scratch = ScratchId::new(instance_id, &cluster.region)?;
    let subject = format!("add instance {} to {} in {}", scratch.id, cluster.id, scratch.region);
    made(if *engine == Engine::Docdb {
        let call = aws.docdb(scratch.region).create_db_instance();
        let call = call.db_instance_identifier(scratch.id).db_cluster_identifier(cluster_id.id);
        let call = call.engine(engine.as_str()).db_instance_class(instance_class);
        let call = call.auto_minor_version_upgrade(false).copy_tags_to_snapshot(false);
        let sent = call.set_tags(docdb_tags(tags)).send().await;
        sent.map(drop).map_err(|error| Failure::of(subject, &error))
    } else {
        let call = aws.rds(scratch.region).create_db_instance();
        let call = call.db_instance_identifier(scratch.id).db_cluster_identifier(cluster_id.id);
        let call = call.engine(engine.as_str()).db_instance_class(instance_class);
        let call = call.auto_minor_version_upgrade(false).publicly_accessible(false);
        let sent = call.set_tags(rds_tags(tags)).send().await;
        sent.map(drop).map_err(|error| Failure::of(subject, &error))
    })
}
