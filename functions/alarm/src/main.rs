//! Wires the alarm function, or the bridge that it is deployed as, to the Lambda runtime.

use snapkeep_alarm::{Bridge, handle};
use snapkeep_function::{Error, lambda};
use snapkeep_policy::verb::Verb;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    if let Some(bridge) = Bridge::from_vars(std::env::vars_os()).map_err(Error::Settings)? {
        lambda::log_as_json();
        return bridge.serve().await;
    }
    lambda::run(Verb::Alarm, handle).await
}
