//! The scratch database comes up: restore, and for most clusters an instance.

use aws_sdk_rds::primitives::DateTime;
use jiff::Timestamp;
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::{Engine, Shape};
use snapkeep_policy::tags::Tags;
use snapkeep_policy::verify::{Begun, Restore, Subject, successor};

use super::{HostId, ScratchId, version};
use crate::act::{Applied, docdb_tags, made, rds_tags};
use crate::{Aws, Failure};

/// The least that a cluster restore accepts. Source: `RestoreDBClusterFromSnapshot`,
/// BackupRetentionPeriod, RDS API reference. (DocumentDB's call has no such parameter.)
const CLUSTER_RETENTION_DAYS: i32 = 1;
/// No automated backups. Source: `RestoreDBInstanceFromDBSnapshot`, the same parameter.
const INSTANCE_RETENTION_DAYS: i32 = 0;
/// The whole storage is copied. The other kind, `copy-on-write`, clones the live cluster's volume and
/// proves no backup. Source: `RestoreDBClusterToPointInTime`, RestoreType, RDS API reference.
const FULL_COPY: &str = "full-copy";

/// Asks for a scratch database. Where AWS doesn't offer the recovery point's engine version any more,
/// the next one is asked for that it does.
///
/// # Errors
/// See [`super::refusal`] for those that end the verification.
pub async fn restore(aws: &Aws, restore: &Restore) -> Result<Applied, Failure> {
    let Begun { subject: of, scratch_id, .. } = &restore.begun;
    let of = of.arn();
    let subject = format!("restore {of} as {scratch_id}");
    if of.region != restore.region {
        let problem = format!("it isn't in {}", restore.region);
        return Err(Failure::invalid(subject, problem));
    }
    if restore.security_groups.is_empty() || restore.subnet_group.is_empty() {
        let problem = "without a security group and a subnet group AWS would take its default ones";
        return Err(Failure::invalid(subject, problem));
    }
    let scratch = ScratchId::new(scratch_id, &restore.region)?;
    let call = Call { aws, restore, scratch, subject };
    let first = call.send(&restore.engine_version).await;
    let Err(refused) = first else { return Ok(Applied::Done) };
    if !version::is_about_it(&refused) {
        return made(Err(refused));
    }
    let offered = version::offered(aws, &restore.region, restore.engine).await?;
    let offered: Vec<&str> = offered.iter().map(String::as_str).collect();
    match successor(restore.engine, &restore.engine_version, &offered) {
        Some(next) => made(call.send(next).await),
        None => Err(refused),
    }
}

/// A restore that is asked for.
struct Call<'a> {
    aws: &'a Aws,
    restore: &'a Restore,
    scratch: ScratchId<'a>,
    subject: String,
}

impl Call<'_> {
    async fn send(&self, version: &str) -> Result<(), Failure> {
        let Restore { begun, shape, engine, .. } = self.restore;
        match (&begun.subject, shape, engine) {
            (Subject::RecoveryPoint(arn), Shape::Cluster, Engine::Docdb) => {
                self.documentdb(arn, version).await
            }
            (Subject::RecoveryPoint(arn), Shape::Cluster, _) => self.cluster(arn, version).await,
            (Subject::RecoveryPoint(arn), Shape::Instance, _) => self.instance(arn).await,
            (Subject::PointInTime { database, to }, Shape::Cluster, Engine::Docdb) => {
                self.documentdb_at(database, *to).await
            }
            (Subject::PointInTime { database, to }, Shape::Cluster, _) => {
                self.cluster_at(database, *to).await
            }
            (Subject::PointInTime { database, to }, Shape::Instance, _) => {
                self.instance_at(database, *to).await
            }
            (Subject::RestoreTest { .. }, ..) => {
                let message = "AWS Backup has restored it";
                Err(Failure::invalid(&self.subject, message))
            }
        }
    }

    fn groups(&self) -> Option<Vec<String>> {
        Some(self.restore.security_groups.clone())
    }

    fn tags(&self) -> &Tags {
        &self.restore.tags
    }

    /// A Multi-AZ RDS cluster makes its instances itself and must be told their class.
    fn class_of_cluster(&self) -> Option<String> {
        let brings_instances = !self.restore.engine.restores_without_instance();
        brings_instances.then(|| self.restore.instance_class.clone())
    }

    async fn documentdb(&self, source: &RdsArn, version: &str) -> Result<(), Failure> {
        self.aws
            .docdb(self.scratch.region)
            .restore_db_cluster_from_snapshot()
            .db_cluster_identifier(self.scratch.id)
            .snapshot_identifier(&source.id)
            .engine(self.restore.engine.as_str())
            .engine_version(version)
            .db_subnet_group_name(&self.restore.subnet_group)
            .set_vpc_security_group_ids(self.groups())
            .deletion_protection(false)
            .copy_tags_to_snapshot(false)
            .set_tags(docdb_tags(self.tags()))
            .send()
            .await
            .map(drop)
            .map_err(|error| Failure::of(&self.subject, &error))
    }

    async fn documentdb_at(&self, source: &RdsArn, to: Timestamp) -> Result<(), Failure> {
        self.aws
            .docdb(self.scratch.region)
            .restore_db_cluster_to_point_in_time()
            .db_cluster_identifier(self.scratch.id)
            .source_db_cluster_identifier(&source.id)
            .restore_type(FULL_COPY)
            .restore_to_time(instant(to))
            .db_subnet_group_name(&self.restore.subnet_group)
            .set_vpc_security_group_ids(self.groups())
            .deletion_protection(false)
            .set_tags(docdb_tags(self.tags()))
            .send()
            .await
            .map(drop)
            .map_err(|error| Failure::of(&self.subject, &error))
    }

    async fn cluster(&self, source: &RdsArn, version: &str) -> Result<(), Failure> {
        self.aws
            .rds(self.scratch.region)
            .restore_db_cluster_from_snapshot()
            .db_cluster_identifier(self.scratch.id)
            .snapshot_identifier(&source.id)
            .engine(self.restore.engine.as_str())
            .engine_version(version)
            .set_db_cluster_instance_class(self.class_of_cluster())
            .db_subnet_group_name(&self.restore.subnet_group)
            .set_vpc_security_group_ids(self.groups())
            .publicly_accessible(false)
            .deletion_protection(false)
            .copy_tags_to_snapshot(false)
            .backup_retention_period(CLUSTER_RETENTION_DAYS)
            .set_tags(rds_tags(self.tags()))
            .send()
            .await
            .map(drop)
            .map_err(|error| Failure::of(&self.subject, &error))
    }

    async fn cluster_at(&self, source: &RdsArn, to: Timestamp) -> Result<(), Failure> {
        self.aws
            .rds(self.scratch.region)
            .restore_db_cluster_to_point_in_time()
            .db_cluster_identifier(self.scratch.id)
            .source_db_cluster_identifier(&source.id)
            .restore_type(FULL_COPY)
            .restore_to_time(instant(to))
            .set_db_cluster_instance_class(self.class_of_cluster())
            .db_subnet_group_name(&self.restore.subnet_group)
            .set_vpc_security_group_ids(self.groups())
            .publicly_accessible(false)
            .deletion_protection(false)
            .copy_tags_to_snapshot(false)
            .backup_retention_period(CLUSTER_RETENTION_DAYS)
            .set_tags(rds_tags(self.tags()))
            .send()
            .await
            .map(drop)
            .map_err(|error| Failure::of(&self.subject, &error))
    }

    /// The call takes the snapshot's engine version; there is no parameter for it.
    async fn instance(&self, source: &RdsArn) -> Result<(), Failure> {
        self.aws
            .rds(self.scratch.region)
            .restore_db_instance_from_db_snapshot()
            .db_instance_identifier(self.scratch.id)
            .db_snapshot_identifier(&source.id)
            .engine(self.restore.engine.as_str())
            .db_instance_class(&self.restore.instance_class)
            .db_subnet_group_name(&self.restore.subnet_group)
            .set_vpc_security_group_ids(self.groups())
            .publicly_accessible(false)
            .multi_az(false)
            .deletion_protection(false)
            .copy_tags_to_snapshot(false)
            .auto_minor_version_upgrade(false)
            .backup_retention_period(INSTANCE_RETENTION_DAYS)
            .set_tags(rds_tags(self.tags()))
            .send()
            .await
            .map(drop)
            .map_err(|error| Failure::of(&self.subject, &error))
    }

    async fn instance_at(&self, source: &RdsArn, to: Timestamp) -> Result<(), Failure> {
        self.aws
            .rds(self.scratch.region)
            .restore_db_instance_to_point_in_time()
            .target_db_instance_identifier(self.scratch.id)
            .source_db_instance_identifier(&source.id)
            .restore_time(instant(to))
            .db_instance_class(&self.restore.instance_class)
            .db_subnet_group_name(&self.restore.subnet_group)
            .set_vpc_security_group_ids(self.groups())
            .publicly_accessible(false)
            .multi_az(false)
            .deletion_protection(false)
            .copy_tags_to_snapshot(false)
            .auto_minor_version_upgrade(false)
            .backup_retention_period(INSTANCE_RETENTION_DAYS)
            .set_tags(rds_tags(self.tags()))
            .send()
            .await
            .map(drop)
            .map_err(|error| Failure::of(&self.subject, &error))
    }
}

/// RDS restores to whole seconds.
fn instant(at: Timestamp) -> DateTime {
    DateTime::from_secs(at.as_second())
}

/// The instance that a restored cluster is given.
#[derive(Debug, Clone, Copy)]
pub struct Instance<'a> {
    /// The scratch cluster.
    pub cluster: &'a RdsArn,
    /// What runs in it.
    pub engine: Engine,
    /// The instance's identifier.
    pub id: &'a str,
    /// Its class.
    pub class: &'a str,
    /// All its tags.
    pub tags: &'a Tags,
}

/// Asks for the instance of a restored cluster: network and security groups come from the cluster.
///
/// # Errors
/// [`crate::FailureClass::WrongState`] until the cluster is available; see [`super::refusal`].
pub async fn add_instance(aws: &Aws, instance: &Instance<'_>) -> Result<Applied, Failure> {
    let Instance { cluster, engine, id, class, tags } = *instance;
    let cluster_id = HostId::of(cluster)?;
    let scratch = ScratchId::new(id, &cluster.region)?;
    let subject = format!("add instance {} to {} in {}", scratch.id, cluster.id, scratch.region);
    made(if engine == Engine::Docdb {
        let call = aws.docdb(scratch.region).create_db_instance();
        let call = call.db_instance_identifier(scratch.id).db_cluster_identifier(cluster_id.id);
        let call = call.engine(engine.as_str()).db_instance_class(class);
        let call = call.auto_minor_version_upgrade(false).copy_tags_to_snapshot(false);
        let sent = call.set_tags(docdb_tags(tags)).send().await;
        sent.map(drop).map_err(|error| Failure::of(subject, &error))
    } else {
        let call = aws.rds(scratch.region).create_db_instance();
        let call = call.db_instance_identifier(scratch.id).db_cluster_identifier(cluster_id.id);
        let call = call.engine(engine.as_str()).db_instance_class(class);
        let call = call.auto_minor_version_upgrade(false).publicly_accessible(false);
        let sent = call.set_tags(rds_tags(tags)).send().await;
        sent.map(drop).map_err(|error| Failure::of(subject, &error))
    })
}
