//! `snapkeep evidence verify`: whether the records are as they were written.

use jiff::Timestamp;
use serde::Serialize;
use snapkeep_function::evidence::{Broken, Chain, audit};

use super::{store, verbs};
use crate::args::{Output, VerifyEvidence as Args};
use crate::exit::Exit;
use crate::ui;

/// Enough of a hash to compare it with a log by eye; the whole of it is in the JSON.
const HASH_CHARS: usize = 16;

/// The ledgers of a deployment: part of the command line's contract.
#[derive(Debug, Serialize)]
struct Answer {
    bucket: String,
    /// In the order of the verbs.
    chains: Vec<Chain>,
    /// When alarm wrote the newest seal; what was written since could be cut off unseen.
    sealed_at: Option<Timestamp>,
}

pub async fn run(args: &Args) -> Result<Exit, String> {
    let store = store(&args.ledgers).await?;
    let (mut chains, seals) = audit(&store).await.map_err(|failure| failure.to_string())?;
    let verbs = verbs(&args.ledgers);
    chains.retain(|chain| verbs.contains(&chain.verb));
    let sealed_at = seals.newest.map(|(_, at)| at);
    let answer = Answer { bucket: args.ledgers.bucket.clone(), chains, sealed_at };
    match args.output {
        Output::Json => {
            let json = serde_json::to_string(&answer).map_err(|error| error.to_string())?;
            anstream::println!("{json}");
        }
        Output::Text => answer.print(),
    }
    Ok(answer.exit())
}

impl Answer {
    fn exit(&self) -> Exit {
        let broken = self.chains.iter().any(|chain| chain.broken.is_some());
        if broken { Exit::Failed } else { Exit::Nothing }
    }

    fn print(&self) {
        let mut table = ui::table(["verb", "entries", "chain", "sealed up to", "newest"]);
        for Chain { verb, entries, newest, sealed, breaks, .. } in &self.chains {
            let chain = match breaks {
                0 => "unbroken".to_owned(),
                breaks => format!("BROKEN at {breaks}"),
            };
            let sealed = if *sealed == 0 { String::new() } else { sealed.to_string() };
            let newest = newest.as_ref().map_or("", |hash| &hash[..HASH_CHARS]);
            table.add_row([verb.as_str(), &entries.to_string(), &chain, &sealed, newest]);
        }
        anstream::println!("{table}\n");
        self.chains.iter().filter_map(|chain| chain.broken.as_ref()).for_each(|it| self.tell(it));
        match self.sealed_at {
            Some(at) => anstream::println!("The newest seal is of {at}."),
            None => anstream::println!("Nothing is sealed yet: alarm does that every hour."),
        }
    }

    /// The first broken link of a chain, and how to read what lies there and what lay there before.
    fn tell(&self, broken: &Broken) {
        let (bad, bucket, key) = (ui::BAD, &self.bucket, &broken.key);
        let seal = broken.sealed_by.map_or(String::new(), |seal| format!(", by seal alarm/{seal}"));
        anstream::println!("{bad}first broken link{bad:#}: {broken}{seal}");
        anstream::println!("  read it:          aws s3 cp s3://{bucket}/{key} -");
        anstream::println!(
            "  what was there:   aws s3api list-object-versions --bucket {bucket} --prefix {key}\n"
        );
    }
}
