//! Copying snapshots, within a region and across: the call is made in the destination.
//!
//! Source: RDS User Guide, "Copying a DB snapshot"; RDS API reference, `CopyDBSnapshot` and
//! `CopyDBClusterSnapshot`.

use std::collections::BTreeSet;

use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::Shape;

use super::snapshots::{check_room, store};
use super::{Reply, checks, presigned};
use crate::faults::{FaultKind, Moment};
use crate::model::{self, Place, Snapshot};
use crate::refusal::Refusal;
use crate::state::Then;
use crate::wire::Call;

pub(super) fn source_parameter(shape: Shape) -> &'static str {
    match shape {
        Shape::Cluster => "SourceDBClusterSnapshotIdentifier",
        Shape::Instance => "SourceDBSnapshotIdentifier",
    }
}

fn target_parameter(shape: Shape) -> &'static str {
    match shape {
        Shape::Cluster => "TargetDBClusterSnapshotIdentifier",
        Shape::Instance => "TargetDBSnapshotIdentifier",
    }
}

pub(super) fn copy(call: &mut Call<'_>, shape: Shape) -> Reply {
    let text = call.params.required(target_parameter(shape))?;
    let id = checks::snapshot_id(shape, text, target_parameter(shape))?;
    let tags = call.params.tags("Tags");
    checks::tags(&tags)?;
    let source = source(call, shape)?;
    if source.status != "available" {
        let message = format!("The snapshot {} is {}, not available.", source.arn, source.status);
        return Err(Refusal::snapshot_state(shape, message));
    }
    check_in_flight(call, shape)?;
    check_room(call, shape, &id)?;
    let option_group = option_group(call, &source)?;
    let kms_key = key(call, &source)?;
    // Tags in the request make AWS ignore CopyTags.
    let inherit = tags.is_empty() && call.params.flag("CopyTags") == Some(true);
    let tags = if inherit { source.tags.clone() } else { tags };
    let copy = begin(call, &source, &id);
    Ok(store(call, Snapshot { tags, kms_key, option_group, ..copy }))
}

/// The snapshot to copy: one of here by name or ARN, or one of elsewhere by ARN, if it is the
/// caller's or shared with them.
fn source(call: &Call<'_>, shape: Shape) -> Result<Snapshot, Refusal> {
    let text = call.params.required(source_parameter(shape))?;
    let Some(arn) = super::arn(text) else {
        return call.snapshot(shape, text).cloned();
    };
    let now = call.now();
    let visible = |it: &&Snapshot| {
        let allowed =
            arn.account == call.place.account || it.shared_with.contains(&call.place.account);
        it.visible_from <= now && allowed && it.arn == arn
    };
    let there = call.state.places.get(&Place::of(&arn));
    there
        .and_then(|locality| locality.snapshots.get(&(shape, arn.id.clone())))
        .filter(visible)
        .cloned()
        .ok_or_else(|| Refusal::snapshot_not_found(shape, text))
}

/// Copies across regions that are under way into this one: DocumentDB and Aurora 5, RDS instances
/// 20. The code is the same as for too many kept snapshots.
fn check_in_flight(call: &Call<'_>, shape: Shape) -> Result<(), Refusal> {
    let here = &call.place.region;
    let from_elsewhere = |arn: &RdsArn| arn.region != *here;
    let in_flight = call
        .here()?
        .snapshots
        .values()
        .filter(|it| it.shape == shape && it.status == "copying")
        .filter(|it| it.source_arn.as_ref().is_some_and(from_elsewhere))
        .count();
    let most = shape.copies_in_flight_max();
    if in_flight >= most {
        let message = format!("Cannot have more than {most} cross region copies in progress");
        return Err(Refusal::snapshot_quota(message));
    }
    Ok(())
}

/// The key of the copy. An encrypted snapshot needs one of this region, and across regions the
/// presigned request too; an unencrypted snapshot of a cluster takes none.
fn key(call: &mut Call<'_>, source: &Snapshot) -> Result<Option<String>, Refusal> {
    let named = call.params.owned("KmsKeyId");
    let across = source.arn.region != call.place.region;
    let key = match (&source.kms_key, named) {
        (None, None) => return Ok(None),
        (None, Some(_)) if source.shape == Shape::Cluster => {
            return Err(Refusal::invalid_combination(
                "KmsKeyId cannot be specified for the copy of an unencrypted DB cluster snapshot.",
            ));
        }
        (None, Some(named)) => call.key_arn(Some(&named))?,
        (Some(source_key), None) if across => return Err(Refusal::key_not_accessible(source_key)),
        (Some(source_key), None) => source_key.clone(),
        (Some(_), Some(named)) => call.key_arn(Some(&named))?,
    };
    if across && source.kms_key.is_some() {
        presigned::check(call, source)?;
    }
    call.check_key(source.kms_key.as_deref())?;
    call.check_key(Some(&key))?;
    Ok(Some(key))
}

/// An option group exists in its own region only: across regions the copy has to be given one.
fn option_group(call: &Call<'_>, source: &Snapshot) -> Result<Option<String>, Refusal> {
    let named = call.params.owned("OptionGroupName");
    if source.arn.region == call.place.region {
        return Ok(named.or_else(|| source.option_group.clone()));
    }
    match (&source.option_group, named) {
        (Some(group), None) => {
            let message = format!("The option group {group} does not exist here.");
            Err(Refusal::new(404, "OptionGroupNotFoundFault", message))
        }
        (_, named) => Ok(named),
    }
}

fn begin(call: &mut Call<'_>, source: &Snapshot, id: &str) -> Snapshot {
    let now = call.now();
    let fate = call.strike(Moment::Copy);
    let visible_from = call.visible_from();
    let arn = call.place.arn(model::snapshot_type(source.shape), id);
    let delay =
        call.state.dice.within(&format!("copy {arn} {now}"), &call.state.options.delays.copy);
    let stuck = fate == Some(FaultKind::StuckCopy);
    let copy = Snapshot {
        arn,
        kind: "manual".to_owned(),
        status: "copying".to_owned(),
        requested_at: now,
        settles_at: (!stuck).then_some(now + delay),
        source_arn: Some(source.arn.clone()),
        shared_with: BTreeSet::new(),
        visible_from,
        serial: call.state.next_serial(),
        ..source.clone()
    };
    if !stuck {
        let to = if fate.is_some() { "failed" } else { "available" };
        let then = Then::Turn { from: "copying", to };
        call.state.later_snapshot(now + delay, &copy, then);
    }
    copy
}
