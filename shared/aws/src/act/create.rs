//! create's action: ask for a snapshot.

use snapkeep_policy::create::Action;
use snapkeep_policy::inventory::{Engine, Shape};

use super::{Applied, docdb_tags, made, rds_tags};
use crate::{Aws, Failure};

/// Asks for the snapshot, tagged from the start.
///
/// # Errors
/// [`crate::FailureClass::WrongState`] while the database is stopped or at work;
/// [`crate::FailureClass::QuotaOrInFlight`] when the region's snapshots are full.
pub async fn take_snapshot(aws: &Aws, action: &Action) -> Result<Applied, Failure> {
    let Action::TakeSnapshot { database, shape, engine, snapshot_id, tags } = action;
    let region = &database.region;
    let subject = || format!("snapshot {} of {} in {region}", snapshot_id, database.id);
    let result = match (shape, engine) {
        (Shape::Cluster, Engine::Docdb) => {
            let call = aws.docdb(region).create_db_cluster_snapshot();
            let call = call.db_cluster_identifier(&database.id).set_tags(docdb_tags(tags));
            let sent = call.db_cluster_snapshot_identifier(snapshot_id).send().await;
            sent.map(drop).map_err(|error| Failure::of(subject(), &error))
        }
        (Shape::Cluster, _) => {
            let call = aws.rds(region).create_db_cluster_snapshot();
            let call = call.db_cluster_identifier(&database.id).set_tags(rds_tags(tags));
            let sent = call.db_cluster_snapshot_identifier(snapshot_id).send().await;
            sent.map(drop).map_err(|error| Failure::of(subject(), &error))
        }
        (Shape::Instance, _) => {
            let call = aws.rds(region).create_db_snapshot();
            let call = call.db_instance_identifier(&database.id).set_tags(rds_tags(tags));
            let sent = call.db_snapshot_identifier(snapshot_id).send().await;
            sent.map(drop).map_err(|error| Failure::of(subject(), &error))
        }
    };
    made(result)
}
