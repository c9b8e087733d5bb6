//! Arguments of `report`.

use std::path::PathBuf;

use snapkeep_policy::ids::Region;
use snapkeep_policy::period::Cadence;

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
pub struct Report {
    /// daily, weekly or monthly
    #[arg(value_name = "CADENCE")]
    pub cadence: Cadence,
    /// The deployment's bucket
    #[arg(long, value_name = "BUCKET")]
    pub bucket: String,
    /// Key of the policy document in the bucket
    #[arg(long, value_name = "KEY", default_value = "policy.json")]
    pub policy_key: String,
    /// Folder to write CADENCE-PERIOD.html and .json into
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub out: PathBuf,
    /// Endpoint of an emulator or of `snapkeep world`; without it, AWS
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Where the deployment lives; default: AWS_REGION
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,
}
