//! Wires the create function to the Lambda runtime.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    snapkeep_function::lambda::run(snapkeep_policy::verb::Verb::Create, snapkeep_create::handle)
        .await
}
