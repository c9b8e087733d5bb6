//! The scratch database goes: instances first, then the cluster, never with a final snapshot.

use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::Engine;

use super::ScratchId;
use crate::act::{Applied, gone};
use crate::{Aws, Failure};

/// Deletes a scratch instance and its automated backups, without a final snapshot.
///
/// # Errors
/// [`crate::FailureClass::Invalid`] for an identifier without the scratch prefix, before any call;
/// [`crate::FailureClass::WrongState`] while it is at work or already being deleted.
pub async fn delete_instance(
    aws: &Aws,
    instance: &RdsArn,
    engine: Engine,
    deletion_protection: bool,
) -> Result<Applied, Failure> {
    let scratch = ScratchId::of(instance)?;
    let subject = format!("delete {} in {}", scratch.id, scratch.region);
    if deletion_protection {
        let call = aws.rds(scratch.region).modify_db_instance().db_instance_identifier(scratch.id);
        let sent = call.deletion_protection(false).apply_immediately(true).send().await;
        if let Err(error) = sent {
            return gone(Err(Failure::of(&subject, &error)));
        }
    }
    gone(match engine {
        Engine::Docdb => {
            let call = aws.docdb(scratch.region).delete_db_instance();
            let sent = call.db_instance_identifier(scratch.id).send().await;
            sent.map(drop).map_err(|error| Failure::of(subject, &error))
        }
        // A member of an Aurora cluster has no backups of its own to delete.
        Engine::AuroraMysql | Engine::AuroraPostgresql => {
            let call = aws.rds(scratch.region).delete_db_instance();
            let call = call.db_instance_identifier(scratch.id).skip_final_snapshot(true);
            call.send().await.map(drop).map_err(|error| Failure::of(subject, &error))
        }
        Engine::Mysql | Engine::Postgres | Engine::Mariadb => {
            let call = aws.rds(scratch.region).delete_db_instance();
            let call = call.db_instance_identifier(scratch.id).skip_final_snapshot(true);
            let sent = call.delete_automated_backups(true).send().await;
            sent.map(drop).map_err(|error| Failure::of(subject, &error))
        }
    })
}

/// Deletes a scratch cluster and its automated backups, without a final snapshot.
///
/// # Errors
/// As [`delete_instance`]; [`crate::FailureClass::WrongState`] also while it still has members.
pub async fn delete_cluster(
    aws: &Aws,
    cluster: &RdsArn,
    engine: Engine,
    deletion_protection: bool,
) -> Result<Applied, Failure> {
    let scratch = ScratchId::of(cluster)?;
    let subject = format!("delete {} in {}", scratch.id, scratch.region);
    if deletion_protection
        && let Err(failure) = unprotect_cluster(aws, &scratch, engine, &subject).await
    {
        return gone(Err(failure));
    }
    gone(if engine == Engine::Docdb {
        let call = aws.docdb(scratch.region).delete_db_cluster();
        let sent = call.db_cluster_identifier(scratch.id).skip_final_snapshot(true).send().await;
        sent.map(drop).map_err(|error| Failure::of(subject, &error))
    } else {
        let call = aws.rds(scratch.region).delete_db_cluster();
        let call = call.db_cluster_identifier(scratch.id).skip_final_snapshot(true);
        let sent = call.delete_automated_backups(true).send().await;
        sent.map(drop).map_err(|error| Failure::of(subject, &error))
    })
}

async fn unprotect_cluster(
    aws: &Aws,
    scratch: &ScratchId<'_>,
    engine: Engine,
    subject: &str,
) -> Result<(), Failure> {
    if engine == Engine::Docdb {
        let call = aws.docdb(scratch.region).modify_db_cluster().db_cluster_identifier(scratch.id);
        let sent = call.deletion_protection(false).apply_immediately(true).send().await;
        sent.map(drop).map_err(|error| Failure::of(subject, &error))
    } else {
        let call = aws.rds(scratch.region).modify_db_cluster().db_cluster_identifier(scratch.id);
        let sent = call.deletion_protection(false).apply_immediately(true).send().await;
        sent.map(drop).map_err(|error| Failure::of(subject, &error))
    }
}
