//! Arguments of `status`.

use std::path::PathBuf;

use jiff::Timestamp;
use snapkeep_policy::ids::Region;

use super::Output;

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("status_document").args(["bucket", "policy"]).required(true).multiple(true)))]
pub struct Status {
    /// The deployment's bucket: policy document, open alarms and evidence are read from it
    #[arg(long, value_name = "BUCKET")]
    pub bucket: Option<String>,
    /// Key of the policy document in the bucket
    #[arg(long, value_name = "KEY", default_value = "policy.json")]
    pub policy_key: String,
    /// Policy document, JSON or TOML, instead of the bucket's; - reads JSON from standard input
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Endpoint of an emulator or of `snapkeep world`; without it, AWS
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Where the bucket is, and databases if the policy names no region; default: AWS_REGION
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,
    /// Judge as of this instant, RFC 3339; default: now
    #[arg(long, value_name = "INSTANT")]
    pub now: Option<Timestamp>,
    /// How to print the status
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}
