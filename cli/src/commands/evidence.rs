//! `snapkeep evidence`: the records of what was done.

mod export;
mod list;
mod verify;

use snapkeep_aws::Aws;
use snapkeep_aws::store::Store;
use snapkeep_policy::verb::Verb;

use crate::args::{Evidence as Args, Ledgers};
use crate::exit::Exit;

/// Runs the command.
///
/// # Errors
/// A bucket that can't be read, or in which something else hides a ledger.
pub async fn run(args: &Args) -> Result<Exit, String> {
    match args {
        Args::Verify(args) => verify::run(args).await,
        Args::List(args) => list::run(args).await,
        Args::Export(args) => export::run(args).await,
    }
}

/// The bucket.
async fn store(args: &Ledgers) -> Result<Store, String> {
    let aws = Aws::from_env(args.endpoint_url.as_deref(), args.region.as_ref());
    let aws = aws.await.map_err(|failure| failure.to_string())?;
    let region = args.region.as_ref().unwrap_or_else(|| aws.home());
    Ok(Store::in_region(&aws, region, &args.bucket))
}

/// Whose ledgers are meant.
fn verbs(args: &Ledgers) -> Vec<Verb> {
    args.verb.map_or_else(|| Verb::ALL.to_vec(), |verb| vec![verb])
}
