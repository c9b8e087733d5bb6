//! Arguments of `scale`.

use clap::Args;

use super::Output;

/// Arguments of `scale`.
#[derive(Debug, Args)]
pub struct Scale {
    /// Databases, half of them in each of two regions; one in ten is a cluster
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub databases: u32,
    /// Recovery points that each of them has before the day, half of them copies
    #[arg(long, default_value_t = 61, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub recovery_points: u32,
    /// Runs into which each function but alarm is divided
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=16))]
    pub shards: u32,
    /// Timeout of the functions
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=900))]
    pub timeout_seconds: u32,
    /// What a call to AWS takes
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub latency_ms: u32,
    /// Calls that AWS throttles; each takes a second more
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub throttled_percent: u32,
    /// Decides durations and faults
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How to print the outcome; json has every run with its calls
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}
