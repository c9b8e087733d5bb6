//! A scratch database gets a master password of its own, so that production's credentials are never
//! read and never needed.

use snapkeep_policy::ids::{RdsArn, ResourceType};
use snapkeep_policy::inventory::Engine;
use snapkeep_policy::tags::Tags;

use super::{HostId, tag};
use crate::act::Applied;
use crate::{Aws, Failure};

/// Sets the master password of a scratch database, then tags it with `tags`, which say so. Killed
/// between the two, the next run sets the same password again.
///
/// # Errors
/// [`crate::FailureClass::Invalid`] for what is neither a scratch database nor a guest, before any call;
/// [`crate::FailureClass::WrongState`] while it is at work.
pub async fn set_password(
    aws: &Aws,
    scratch: &RdsArn,
    engine: Engine,
    password: &str,
    tags: &Tags,
) -> Result<Applied, Failure> {
    let id = HostId::of(scratch)?;
    let subject = format!("set the master password of {} in {}", id.id, id.region);
    let is_cluster = scratch.resource == ResourceType::Cluster;
    if is_cluster && engine == Engine::Docdb {
        let call = aws.docdb(id.region).modify_db_cluster().db_cluster_identifier(id.id);
        let sent = call.master_user_password(password).apply_immediately(true).send().await;
        sent.map_err(|error| Failure::of(&subject, &error))?;
    } else if is_cluster {
        let call = aws.rds(id.region).modify_db_cluster().db_cluster_identifier(id.id);
        let sent = call.master_user_password(password).apply_immediately(true).send().await;
        sent.map_err(|error| Failure::of(&subject, &error))?;
    } else {
        let call = aws.rds(id.region).modify_db_instance().db_instance_identifier(id.id);
        let sent = call.master_user_password(password).apply_immediately(true).send().await;
        sent.map_err(|error| Failure::of(&subject, &error))?;
    }
    tag(aws, scratch, tags, "tag the new master password on").await
}
