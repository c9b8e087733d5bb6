//! prune's action: look again, then delete.

use snapkeep_policy::ids::{Deployment, RdsArn};
use snapkeep_policy::inventory::{Engine, Shape, Snapshot, Status};
use snapkeep_policy::prune::Action;
use snapkeep_policy::recovery_point::RecoveryPoint;

use super::{Applied, gone};
use crate::{Aws, Failure, FailureClass, translate};

/// Deletes the recovery point if it still is what the plan saw: ours, of that source, under no
/// hold, and in a state in which AWS deletes. Two calls; the first is the last look.
///
/// # Errors
/// As the calls. A last look that can't be had is an error, and nothing is deleted.
pub async fn delete_recovery_point(
    aws: &Aws,
    deployment: &Deployment,
    action: &Action,
) -> Result<Applied, Failure> {
    let Action::Delete { recovery_point, shape, engine, .. } = action;
    let Some(snapshot) = look_again(aws, recovery_point, *shape).await? else {
        return Ok(Applied::AlreadyGone);
    };
    if snapshot.status == Status::Deleting {
        return Ok(Applied::AlreadyGone);
    }
    if let Err(reason) = still_as_planned(&snapshot, deployment, action) {
        return Ok(Applied::Dropped(reason));
    }
    gone(delete(aws, recovery_point, *shape, *engine).await)
}

/// Whether what is there now is what the plan decided to delete.
fn still_as_planned(
    snapshot: &Snapshot,
    deployment: &Deployment,
    action: &Action,
) -> Result<(), String> {
    let Action::Delete { recovery_point, source, shape, .. } = action;
    let now = RecoveryPoint::of(snapshot, deployment).map_err(|not_ours| not_ours.to_string())?;
    if snapshot.arn != *recovery_point || snapshot.shape != *shape {
        return Err(format!("AWS shows {} in its place", snapshot.arn));
    }
    if now.source != *source {
        return Err(format!("it is a recovery point of {}, not of {source}", now.source));
    }
    if now.held {
        return Err("it was put under legal hold".to_owned());
    }
    match &snapshot.status {
        Status::Available | Status::Failed(_) | Status::Copying => Ok(()),
        status @ (Status::Creating
        | Status::Deleting
        | Status::Stopped
        | Status::Misplaced(_)
        | Status::KeyInaccessible(_)
        | Status::Busy(_)) => Err(format!("it is {status}")),
    }
}

/// The snapshot as it is now, tags included; `None` when it's gone.
async fn look_again(aws: &Aws, arn: &RdsArn, shape: Shape) -> Result<Option<Snapshot>, Failure> {
    let subject = format!("look again at {arn}");
    let found = match shape {
        Shape::Cluster => {
            let call = aws.rds(&arn.region).describe_db_cluster_snapshots();
            let sent = call.db_cluster_snapshot_identifier(&arn.id).send().await;
            sent.map_err(|error| Failure::of(&subject, &error)).map(|page| {
                let items = page.db_cluster_snapshots.unwrap_or_default().into_iter();
                items.map(translate::cluster_snapshot).collect::<Result<Vec<_>, _>>()
            })
        }
        Shape::Instance => {
            let call = aws.rds(&arn.region).describe_db_snapshots();
            let sent = call.db_snapshot_identifier(&arn.id).send().await;
            sent.map_err(|error| Failure::of(&subject, &error)).map(|page| {
                let items = page.db_snapshots.unwrap_or_default().into_iter();
                items.map(translate::instance_snapshot).collect::<Result<Vec<_>, _>>()
            })
        }
    };
    match found {
        Err(failure) if failure.class == FailureClass::Gone => Ok(None),
        Err(failure) => Err(failure),
        Ok(Err(doubt)) => Err(Failure::doubtful(subject, doubt)),
        Ok(Ok(snapshots)) => match <[Option<Snapshot>; 1]>::try_from(snapshots) {
            Ok([Some(snapshot)]) => Ok(Some(snapshot)),
            Ok([None]) => Err(Failure::doubtful(subject, "its engine is none of ours")),
            Err(other) => {
                Err(Failure::doubtful(subject, format!("{} snapshots for one id", other.len())))
            }
        },
    }
}

async fn delete(aws: &Aws, arn: &RdsArn, shape: Shape, engine: Engine) -> Result<(), Failure> {
    let subject = format!("delete {arn}");
    match (shape, engine) {
        (Shape::Cluster, Engine::Docdb) => {
            let call = aws.docdb(&arn.region).delete_db_cluster_snapshot();
            let sent = call.db_cluster_snapshot_identifier(&arn.id).send().await;
            sent.map(drop).map_err(|error| Failure::of(subject, &error))
        }
        (Shape::Cluster, _) => {
            let call = aws.rds(&arn.region).delete_db_cluster_snapshot();
            let sent = call.db_cluster_snapshot_identifier(&arn.id).send().await;
            sent.map(drop).map_err(|error| Failure::of(subject, &error))
        }
        (Shape::Instance, _) => {
            let call = aws.rds(&arn.region).delete_db_snapshot();
            let sent = call.db_snapshot_identifier(&arn.id).send().await;
            sent.map(drop).map_err(|error| Failure::of(subject, &error))
        }
    }
}
