//! copy's action: ask the destination region to fetch a snapshot.

use snapkeep_policy::copy::Action;
use snapkeep_policy::inventory::{Engine, Shape};

use super::{Applied, docdb_tags, made, rds_tags};
use crate::presign::CopyRequest;
use crate::{Aws, Failure};

/// Asks for the copy. The tags are the plan's: supplied tags make AWS ignore `CopyTags`.
///
/// An encrypted snapshot, and any of DocumentDB's, crosses regions with a presigned URL, by which the
/// destination asks the source on our behalf; neither Rust SDK makes one from a source region.
/// Source: `PreSignedUrl` of `CopyDBClusterSnapshot`, RDS and DocumentDB API references.
///
/// # Errors
/// [`crate::FailureClass::QuotaOrInFlight`] both when the destination is full and when too many
/// copies are under way: tell them apart by what was observed.
pub async fn copy_snapshot(aws: &Aws, action: &Action) -> Result<Applied, Failure> {
    let Action::CopySnapshot { source, destination, snapshot_id, .. } = action;
    let subject = format!("copy {} of {source} in {destination}", snapshot_id);
    let url = presigned(aws, action, &subject).await?;
    made(send(aws, action, url, &subject).await)
}

async fn presigned(aws: &Aws, action: &Action, subject: &str) -> Result<Option<String>, Failure> {
    let Action::CopySnapshot {
        source,
        shape,
        engine,
        destination,
        snapshot_id,
        encrypted,
        kms_key,
        ..
    } = action;
    let kms_key = kms_key.as_deref();
    if *encrypted && kms_key.is_none() && source.region != *destination {
        return Err(Failure::invalid(subject, "it is encrypted and no key is named for the copy"));
    }
    let needs_url = *encrypted || *engine == Engine::Docdb;
    if !needs_url || source.region == *destination {
        return Ok(None);
    }
    let request = CopyRequest { source, shape: *shape, destination, target: snapshot_id, kms_key };
    request.presign(aws.config()).await.map(Some)
}

async fn send(
    aws: &Aws,
    action: &Action,
    url: Option<String>,
    subject: &str,
) -> Result<(), Failure> {
    let Action::CopySnapshot {
        source,
        shape,
        engine,
        destination,
        snapshot_id,
        kms_key,
        option_group,
        tags,
        ..
    } = action;
    match (shape, engine) {
        (Shape::Cluster, Engine::Docdb) => {
            let call = aws.docdb(destination).copy_db_cluster_snapshot();
            let call = call.source_db_cluster_snapshot_identifier(source.to_string());
            let call = call.target_db_cluster_snapshot_identifier(snapshot_id);
            let call = call.set_kms_key_id(kms_key.clone()).set_pre_signed_url(url);
            let sent = call.set_tags(docdb_tags(tags)).send().await;
            sent.map(drop).map_err(|error| Failure::of(subject, &error))
        }
        (Shape::Cluster, _) => {
            let call = aws.rds(destination).copy_db_cluster_snapshot();
            let call = call.source_db_cluster_snapshot_identifier(source.to_string());
            let call = call.target_db_cluster_snapshot_identifier(snapshot_id);
            let call = call.set_kms_key_id(kms_key.clone()).set_pre_signed_url(url);
            let sent = call.set_tags(rds_tags(tags)).send().await;
            sent.map(drop).map_err(|error| Failure::of(subject, &error))
        }
        (Shape::Instance, _) => {
            let call = aws.rds(destination).copy_db_snapshot();
            let call = call.source_db_snapshot_identifier(source.to_string());
            let call = call.target_db_snapshot_identifier(snapshot_id);
            let call = call.set_kms_key_id(kms_key.clone()).set_pre_signed_url(url);
            let call = call.set_option_group_name(option_group.clone());
            let sent = call.set_tags(rds_tags(tags)).send().await;
            sent.map(drop).map_err(|error| Failure::of(subject, &error))
        }
    }
}
