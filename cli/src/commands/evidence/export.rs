//! `snapkeep evidence export`: the entries as they are stored.

use snapkeep_function::evidence::export;

use super::{store, verbs};
use crate::args::Export as Args;
use crate::exit::Exit;
use crate::ui;

/// An entry is one line as it is written; what isn't one was put there by somebody else.
pub async fn run(args: &Args) -> Result<Exit, String> {
    let store = store(&args.ledgers).await?;
    let mut exit = Exit::Nothing;
    for verb in verbs(&args.ledgers) {
        let take = |key: &str, entry: Option<&str>| match entry {
            Some(entry) if !entry.contains('\n') => anstream::println!("{entry}"),
            Some(_) | None => {
                ui::error(&format!("{key} is no entry and is left out: see evidence verify"));
                exit = Exit::Error;
            }
        };
        export(&store, verb, take).await.map_err(|failure| failure.to_string())?;
    }
    Ok(exit)
}
