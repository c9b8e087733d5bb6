//! The floor of every cold start: the Lambda runtime, and nothing done in it.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| -> Result<Value, Error> {
        Ok(event.payload)
    }))
    .await
}
