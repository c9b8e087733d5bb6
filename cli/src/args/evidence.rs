//! Arguments of `evidence`.

use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use snapkeep_policy::history::Kind;
use snapkeep_policy::ids::Region;
use snapkeep_policy::verb::Verb;

use super::Output;

/// The commands of `evidence`.
#[derive(Debug, clap::Subcommand)]
pub enum Evidence {
    /// Check that every record is as it was written, and name the first that isn't
    ///
    /// Walks all five chains and holds them against the seals that alarm writes every hour. Exit code
    /// 0: every chain is unbroken; 3: one isn't; 1: error; 64: usage. What is newer than the last seal
    /// could be cut off unseen: the functions' logs know number and hash of every entry.
    Verify(Verify),
    /// List what was created, copied, verified, pruned, refused and approved, the newest first
    List(List),
    /// Print every entry as it is stored, the oldest first: a line each, whose SHA-256 the next names
    Export(Export),
}

/// Where the ledgers are.
#[derive(Debug, clap::Args)]
pub struct Ledgers {
    /// The deployment's bucket
    #[arg(long, value_name = "BUCKET")]
    pub bucket: String,
    /// Endpoint of an emulator or of `snapkeep world`; without it, AWS
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Where the bucket is; default: AWS_REGION
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,
    /// Only what this function wrote: create, copy, verify, prune or alarm
    #[arg(long, value_name = "VERB")]
    pub verb: Option<Verb>,
}

/// Arguments of `evidence verify`.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// Where the ledgers are.
    #[command(flatten)]
    pub ledgers: Ledgers,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// Arguments of `evidence list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Where the ledgers are.
    #[command(flatten)]
    pub ledgers: Ledgers,
    /// Only what is about this database
    #[arg(long, value_name = "ID")]
    pub database: Option<String>,
    /// Only what is of this kind; several times
    #[arg(long = "kind", value_name = "KIND", value_parser = PossibleValuesParser::new(Kind::WORDS))]
    pub kinds: Vec<String>,
    /// Only what was decided from this instant on, RFC 3339; default: thirty days ago
    #[arg(long, value_name = "INSTANT")]
    pub since: Option<Timestamp>,
    /// How to print the list
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// Arguments of `evidence export`.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// Where the ledgers are.
    #[command(flatten)]
    pub ledgers: Ledgers,
}
