//! Wires the verify function to the Lambda runtime.

use snapkeep_function::lambda;
use snapkeep_policy::verb::Verb;
use snapkeep_verify::{Live, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let app = lambda::start(Verb::Verify)?;
    let ask = Live::new(app.settings.ca_bundle.as_deref())?;
    let handle = async |app: &_, payload: &[u8], tick: &_| handle(app, &ask, payload, tick).await;
    lambda::serve(Verb::Verify, &app, handle).await
}
