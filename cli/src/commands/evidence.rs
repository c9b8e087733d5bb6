//! `snapkeep evidence`: whether the records of what was done are as they were written.

use serde::Serialize;
use snapkeep_aws::Aws;
use snapkeep_aws::store::Store;
use snapkeep_function::evidence::{Chain, check};
use snapkeep_policy::verb::Verb;

use crate::args::{Evidence as Args, Output};
use crate::exit::Exit;
use crate::ui;

/// Enough of a hash to compare it with a log by eye; the whole of it is in the JSON.
const HASH_CHARS: usize = 16;

/// The ledgers of a deployment.
#[derive(Debug, Serialize)]
struct Ledgers {
    bucket: String,
    chains: Vec<Chain>,
}

/// Runs the command.
///
/// # Errors
/// A bucket that can't be read, or in which something else hides a ledger.
pub async fn run(args: &Args) -> Result<Exit, String> {
    let aws = Aws::from_env(args.endpoint_url.as_deref(), args.region.as_ref());
    let aws = aws.await.map_err(|failure| failure.to_string())?;
    let region = args.region.as_ref().unwrap_or_else(|| aws.home());
    let store = Store::in_region(&aws, region, &args.bucket);
    let verbs = args.verb.map_or_else(|| Verb::ALL.to_vec(), |verb| vec![verb]);
    let mut ledgers = Ledgers { bucket: args.bucket.clone(), chains: Vec::new() };
    for verb in verbs {
        let chain = check(&store, verb).await.map_err(|failure| failure.to_string())?;
        ledgers.chains.push(chain);
    }
    match args.output {
        Output::Json => {
            let json = serde_json::to_string(&ledgers).map_err(|error| error.to_string())?;
            anstream::println!("{json}");
        }
        Output::Text => ledgers.print(),
    }
    Ok(ledgers.exit())
}

impl Ledgers {
    fn exit(&self) -> Exit {
        let broken = self.chains.iter().any(|chain| chain.broken.is_some());
        if broken { Exit::Error } else { Exit::Nothing }
    }

    fn print(&self) {
        let mut table = ui::table(["verb", "entries", "chain", "newest"]);
        for Chain { verb, entries, linked, newest, broken, .. } in &self.chains {
            let chain = match broken {
                None => "unbroken".to_owned(),
                Some(broken) => format!("BROKEN behind the newest {linked}: {broken}"),
            };
            let newest = newest.as_ref().map_or("", |hash| &hash[..HASH_CHARS]);
            table.add_row([verb.as_str(), &entries.to_string(), &chain, newest]);
        }
        anstream::println!("{table}");
    }
}
