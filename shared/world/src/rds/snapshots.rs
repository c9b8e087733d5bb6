//! Taking and deleting snapshots.

use snapkeep_policy::inventory::Shape;

use super::{Reply, checks, database_parameter, render, snapshot_parameter};
use crate::faults::Moment;
use crate::model::{self, Snapshot};
use crate::refusal::Refusal;
use crate::state::Then;
use crate::wire::Call;
use crate::xml::Xml;

pub(super) fn create(call: &mut Call<'_>, shape: Shape) -> Reply {
    let database_id = call.params.required(database_parameter(shape))?.to_owned();
    let text = call.params.required(snapshot_parameter(shape))?;
    let id = checks::snapshot_id(shape, text, snapshot_parameter(shape))?;
    let tags = call.params.tags("Tags");
    checks::tags(&tags)?;
    let database = call.database(shape, &database_id)?;
    if let Some(cluster) = &database.member_of {
        return Err(Refusal::invalid_value(format!(
            "The requested operation isn't supported on {database_id}: it is a member of the \
             cluster {cluster}."
        )));
    }
    if database.status != "available" {
        let state = format!("{database_id} is {}, not available.", database.status);
        return Err(Refusal::database_state(shape, state));
    }
    check_room(call, shape, &id)?;
    let snapshot = take(call, shape, &database_id, &id)?;
    let snapshot = Snapshot { tags, ..snapshot };
    Ok(store(call, snapshot))
}

/// The identifier must be free, and the region must have room for one more manual snapshot.
pub(super) fn check_room(call: &Call<'_>, shape: Shape, id: &str) -> Result<(), Refusal> {
    let locality = call.here()?;
    if locality.snapshots.contains_key(&(shape, id.to_owned())) {
        return Err(Refusal::snapshot_exists(shape, id));
    }
    let kept = locality.snapshots.values().filter(|it| it.shape == shape && it.is_manual()).count();
    let most = locality.quotas.snapshots_max(shape);
    if kept >= most as usize {
        let message = format!("Cannot create more than {most} manual snapshots");
        return Err(Refusal::snapshot_quota(message));
    }
    Ok(())
}

/// Begins a snapshot of a database, not yet in its place.
pub(super) fn take(
    call: &mut Call<'_>,
    shape: Shape,
    database_id: &str,
    id: &str,
) -> Result<Snapshot, Refusal> {
    let now = call.now();
    let visible_from = call.visible_from();
    let failed = call.strike(Moment::Snapshot).is_some();
    let serial = call.state.next_serial();
    let arn = call.place.arn(model::snapshot_type(shape), id);
    let (dice, delays) = (call.state.dice, &call.state.options.delays);
    let ready = now + dice.within(&format!("snapshot {arn} {now}"), &delays.snapshot);
    let database = call.database_mut(shape, database_id)?;
    let mut snapshot = Snapshot::of(database, arn, now, serial);
    snapshot.settles_at = Some(ready);
    snapshot.visible_from = visible_from;
    // An instance takes no second snapshot meanwhile; a cluster's storage does it by itself.
    if shape == Shape::Instance && database.status == "available" {
        "backing-up".clone_into(&mut database.status);
        let database = database.clone();
        let then = Then::Turn { from: "backing-up", to: "available" };
        call.state.later_database(ready, &database, then);
    }
    let to = if failed { "failed" } else { "available" };
    call.state.later_snapshot(ready, &snapshot, Then::Turn { from: "creating", to });
    Ok(snapshot)
}

/// Puts a snapshot in its place, and shows it.
pub(super) fn store(call: &mut Call<'_>, snapshot: Snapshot) -> Xml {
    let mut xml = Xml::new();
    render::snapshot(&mut xml, &snapshot, call.now(), &call.place.account);
    if let Some(locality) = call.state.places.get_mut(&call.place) {
        locality.snapshots.insert((snapshot.shape, snapshot.arn.id.clone()), snapshot);
    }
    xml
}

/// Only manual snapshots can be deleted, and not while they are being created. Deleting a copy that
/// is being made cancels it. Copies that are being made from a deleted one fail. The answer shows
/// the snapshot as it was.
/// Source: RDS API reference, `DeleteDBSnapshot`, `DeleteDBClusterSnapshot`; AWS CLI reference,
/// `delete-db-cluster-snapshot`, Output.
pub(super) fn delete(call: &mut Call<'_>, shape: Shape) -> Reply {
    let text = call.params.required(snapshot_parameter(shape))?.to_owned();
    let snapshot = call.snapshot(shape, &text)?;
    if !snapshot.is_manual() {
        let message = format!("Only manual snapshots may be deleted: {text} is {}.", snapshot.kind);
        return Err(Refusal::snapshot_state(shape, message));
    }
    if snapshot.status == "creating" {
        let message = format!("Cannot delete the snapshot {text} because it is being created.");
        return Err(Refusal::snapshot_state(shape, message));
    }
    let id = snapshot.id().to_owned();
    let place = call.place.clone();
    let gone = call.state.remove_snapshot(&place, shape, &id);
    let gone = gone.ok_or_else(|| Refusal::snapshot_not_found(shape, &text))?;
    let mut xml = Xml::new();
    render::snapshot(&mut xml, &gone, call.now(), &call.place.account);
    Ok(xml)
}
