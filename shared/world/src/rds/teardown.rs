//! Deleting clusters and instances, and all that stands in the way of it.
//!
//! Source: RDS API reference, `DeleteDBInstance` and `DeleteDBCluster`.

use snapkeep_policy::inventory::Shape;

use super::databases::show;
use super::snapshots::{check_room, store, take};
use super::{Reply, checks, database_parameter};
use crate::model::Database;
use crate::refusal::Refusal;
use crate::state::Then;
use crate::wire::Call;

const FINAL: &str = "FinalDBSnapshotIdentifier";

pub(super) fn delete(call: &mut Call<'_>, shape: Shape) -> Reply {
    let text = call.params.required(database_parameter(shape))?.to_owned();
    let database = call.database(shape, &text)?.clone();
    check_deletable(call, &database)?;
    if let Some(id) = final_snapshot(call, &database)? {
        check_room(call, shape, &id)?;
        let snapshot = take(call, shape, &text, &id)?;
        store(call, snapshot);
    }
    let now = call.now();
    let delays = &call.state.options.delays;
    let delay = call.state.dice.within(&format!("delete {} {now}", database.arn), &delays.delete);
    call.state.later_database(now + delay, &database, Then::Vanish);
    "deleting".clone_into(&mut call.database_mut(shape, &text)?.status);
    show(call, shape, &checks::local_id(&text))
}

fn check_deletable(call: &Call<'_>, database: &Database) -> Result<(), Refusal> {
    let (shape, id) = (database.shape, database.id());
    if matches!(database.status.as_str(), "creating" | "deleting") {
        let message = format!("{id} can't be deleted while it is {}.", database.status);
        return Err(Refusal::database_state(shape, message));
    }
    if database.deletion_protection {
        return Err(Refusal::invalid_combination(format!(
            "Cannot delete protected {id}, please disable deletion protection and try again."
        )));
    }
    let lives = |member: &Database| member.status != "deleting";
    if shape == Shape::Cluster && call.here()?.members(id).any(lives) {
        return Err(Refusal::database_state(
            shape,
            "Cluster cannot be deleted, it still contains DB instances in non-deleting state.",
        ));
    }
    Ok(())
}

/// The identifier of the final snapshot that the request wants. A request that neither names one nor
/// skips it is refused, and a database that has failed takes none. A member takes none: its data
/// is its cluster's.
fn final_snapshot(call: &Call<'_>, database: &Database) -> Result<Option<String>, Refusal> {
    let (shape, id) = (database.shape, database.id());
    let named = call.params.get(FINAL);
    let skip = call.params.flag("SkipFinalSnapshot") == Some(true) || database.member_of.is_some();
    match (skip, named) {
        (true, None) => Ok(None),
        (true, Some(_)) => Err(Refusal::invalid_combination(format!(
            "{FINAL} can not be specified when deleting {id} with skipping the final snapshot."
        ))),
        (false, None) => Err(Refusal::invalid_combination(format!(
            "{FINAL} is required unless SkipFinalSnapshot is specified."
        ))),
        (false, Some(_)) if database.status != "available" => {
            let message = format!("{id} is {}: it takes no final snapshot.", database.status);
            Err(Refusal::database_state(shape, message))
        }
        (false, Some(name)) => checks::snapshot_id(shape, name, FINAL).map(Some),
    }
}
