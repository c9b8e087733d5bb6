//! Arguments of `soak`.

use clap::Args;

use super::Output;

/// Arguments of `soak`.
#[derive(Debug, Args)]
pub struct Soak {
    /// Go on until so many years are simulated
    #[arg(long, default_value_t = 0.0, value_name = "N")]
    pub years: f64,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// At least so many seeds
    #[arg(long, default_value_t = 1, value_name = "K")]
    pub seeds: u64,
    /// So many at a time; default: one for each processor
    #[arg(long, value_name = "J", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub jobs: Option<u8>,
    /// Of the first seed's faults only these, by their running numbers; 0 stands for none
    #[arg(long, value_delimiter = ',', value_name = "NUMBERS")]
    pub only: Vec<usize>,
    /// Stop at the first violation, and don't look for the fewest faults that do
    #[arg(long)]
    pub fail_fast: bool,
    /// Instead of seeds, run the named scenarios with every single thing gone wrong
    #[arg(long)]
    pub exhaustive: bool,
    /// With --exhaustive: kill runs at one call in so many
    #[arg(long, default_value_t = 1, value_name = "CALLS", value_parser = clap::value_parser!(u8).range(1..))]
    pub stride: u8,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// One run, as an order on standard input says: what the command itself starts many of
    #[arg(long, hide = true)]
    pub worker: bool,
}
