//! Arguments of `doctor`.

use std::path::PathBuf;

use snapkeep_policy::doctor::{Function, UnknownFunction};
use snapkeep_policy::ids::Region;

use super::Output;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("document").args(["bucket", "policy"]).required(true).multiple(true)))]
pub struct Doctor {
    /// The deployment's bucket, from which the policy document is read unless --policy names a file
    #[arg(long, value_name = "BUCKET")]
    pub bucket: Option<String>,
    /// Key of the policy document in the bucket
    #[arg(long, value_name = "KEY", default_value = "policy.json")]
    pub policy_key: String,
    /// Policy document, JSON or TOML; - reads JSON from standard input
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Topic for alarms; default: as the module calls it
    #[arg(long, value_name = "ARN")]
    pub topic: Option<String>,
    /// What the names of everything that is deployed begin with
    #[arg(long, default_value = "snapkeep", value_name = "NAME")]
    pub name: String,
    /// Region of the standby, if the module was applied with one
    #[arg(long, value_name = "REGION")]
    pub standby: Option<Region>,
    /// Role of one function, such as verify=arn:aws:iam::123456789012:role/verifier; several times
    #[arg(long = "role", value_name = "FUNCTION=ARN", value_parser = role)]
    pub roles: Vec<(Function, String)>,
    /// Look whether the caller may do what the functions need, and not at their roles
    #[arg(long, conflicts_with = "roles")]
    pub as_caller: bool,
    /// Also look whether verify may validate AWS Backup's restore tests
    #[arg(long)]
    pub restore_tests: bool,
    /// Endpoint of an emulator or of `snapkeep world`; without it, AWS
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Where the functions, the bucket and the topic are; default: AWS_REGION
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

fn role(text: &str) -> Result<(Function, String), String> {
    let (function, arn) =
        text.split_once('=').ok_or("expected a function, = and the ARN of a role")?;
    let function = function.parse().map_err(|error: UnknownFunction| error.to_string())?;
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "iam", "", _, name] if name.starts_with("role/") => {
            Ok((function, arn.to_owned()))
        }
        _ => Err("expected an ARN such as arn:aws:iam::123456789012:role/verifier".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use snapkeep_policy::verb::Verb;

    use super::*;

    #[test]
    fn a_role_is_named_with_its_function() {
        let arn = "arn:aws:iam::123456789012:role/team/verifier";
        let verify = Function::Of(Verb::Verify);
        for (word, function) in [("verify", verify), ("standby", Function::Standby)] {
            assert_eq!(role(&format!("{word}={arn}")), Ok((function, arn.to_owned())));
        }
        for wrong in ["verify", arn, &format!("check={arn}"), "verify=verifier"] {
            assert!(role(wrong).is_err(), "{wrong}");
        }
        let user = arn.replace("role/", "user/");
        assert!(role(&format!("verify={user}")).is_err());
    }
}
