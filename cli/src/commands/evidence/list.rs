//! `snapkeep evidence list`: what was done, one line each.

use jiff::{SignedDuration, Timestamp};
use snapkeep_function::evidence::acts_of;
use snapkeep_policy::history::Act;

use super::{store, verbs};
use crate::args::{List as Args, Output};
use crate::exit::Exit;
use crate::ui;

/// Without `--since`.
const LOOKBACK: SignedDuration = SignedDuration::from_hours(30 * 24);

pub async fn run(args: &Args) -> Result<Exit, String> {
    let store = store(&args.ledgers).await?;
    let now = Timestamp::now();
    let since = args.since.unwrap_or(now - LOOKBACK);
    let mut acts = Vec::new();
    for verb in verbs(&args.ledgers) {
        // What is from the future was written by a clock that is wrong, and is evidence all the same.
        let of_verb = acts_of(&store, verb, since, Timestamp::MAX).await;
        acts.extend(of_verb.map_err(|failure| failure.to_string())?);
    }
    acts.retain(|act| is_wanted(act, args));
    acts.sort_by_key(|act| std::cmp::Reverse(act.at));
    match args.output {
        Output::Json => {
            let json = serde_json::to_string(&acts).map_err(|error| error.to_string())?;
            anstream::println!("{json}");
        }
        Output::Text => print(&acts, since),
    }
    Ok(Exit::Nothing)
}

fn is_wanted(act: &Act, args: &Args) -> bool {
    let is_kind = |kind: &String| kind == act.kind.as_str();
    let is_database = |wanted: &String| act.database.split([' ', ',']).any(|id| id == wanted);
    (args.kinds.is_empty() || args.kinds.iter().any(is_kind))
        && args.database.as_ref().is_none_or(is_database)
}

fn print(acts: &[Act], since: Timestamp) {
    if acts.is_empty() {
        anstream::println!("Nothing is recorded since {since}.");
        return;
    }
    let mut table = ui::table(["at", "kind", "database", "region", "evidence", "why"]);
    for act in acts {
        let at = act.at.strftime("%Y-%m-%d %H:%M").to_string();
        let Act { kind, database, region, evidence, reason, .. } = act;
        let region = region.as_deref().unwrap_or_default();
        table.add_row([&at, kind.as_str(), database, region, evidence, reason]);
    }
    anstream::println!("{table}");
}
