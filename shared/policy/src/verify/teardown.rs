//! Teardown: everything of a scratch database goes, and nothing else.

use crate::inventory::{Database, Shape, Status};
use crate::plan::Plan;
use crate::scratch::Scratch;
use crate::tags;
use crate::verify::Action;

/// Plans the teardown: the instances first, then the cluster, whose deletion AWS refuses while it has
/// members (`InvalidDBClusterStateFault`). A Multi-AZ RDS cluster goes as a whole, and its instances
/// can't be deleted by themselves; instances that somebody else added are left alone.
/// Of a guest only the instance goes that it was given: the rest is AWS Backup's.
/// Source: `DeleteDBCluster`, RDS API reference; RDS User Guide, "Deleting a Multi-AZ DB cluster".
pub(super) fn tear_down(scratch: &Scratch<'_>, reason: &str, plan: &mut Plan<Action>) {
    let name = name(scratch);
    let goes_whole = is_multi_az(scratch.database);
    let members = scratch.added().filter(|_| !goes_whole);
    let own = Some(scratch.database).filter(|d| d.shape == Shape::Instance && !scratch.is_guest());
    for instance in members.chain(own).filter(|d| d.status != Status::Deleting) {
        let action = Action::DeleteInstance {
            instance: instance.arn.clone(),
            engine: instance.engine,
            deletion_protection: instance.deletion_protection,
            database: name.clone(),
        };
        plan.step(action, reason);
    }
    let cluster = scratch.database;
    if scratch.is_guest() {
        return;
    }
    if cluster.status == Status::Deleting {
        return plan.note(cluster.id(), "is being deleted");
    }
    let is_empty = scratch.members.is_empty() && cluster.members.is_empty();
    if cluster.shape == Shape::Cluster && !is_empty && !goes_whole {
        return plan.note(cluster.id(), "goes once its instances are gone");
    }
    if cluster.shape == Shape::Cluster {
        let action = Action::DeleteCluster {
            cluster: cluster.arn.clone(),
            engine: cluster.engine,
            deletion_protection: cluster.deletion_protection,
            database: name,
        };
        plan.step(action, reason);
    }
}

/// Whether it is a Multi-AZ RDS cluster, which brings its instances and takes them along.
pub(super) fn is_multi_az(database: &Database) -> bool {
    database.shape == Shape::Cluster && !database.engine.restores_without_instance()
}

/// The database under verification, or the scratch database itself where its tag can't be read.
pub(super) fn name(scratch: &Scratch<'_>) -> String {
    let own = || scratch.database.id().to_owned();
    let tag = scratch.database.tags.get(tags::DATABASE);
    tag.and_then(|arn| arn.rsplit(':').next()).map_or_else(own, ToOwned::to_owned)
}
