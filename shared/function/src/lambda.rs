//! Running a handler under the Lambda runtime.

use std::io::Write;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use snapkeep_aws::Aws;
use snapkeep_policy::ids::AccountId;
use snapkeep_policy::verb::Verb;

use crate::{App, Error, Report, Settings, Tick, metrics};

/// How long the start may be held up by [`warm`]: Lambda gives a start ten seconds.
const WARM_UP_MAX: Duration = Duration::from_secs(2);

/// What a Lambda returns, or fails with.
type Answer = Result<Report, Diagnostic>;

/// Wires `handle` to the Lambda runtime: settings and clients once, one clock read a run.
///
/// # Errors
/// A setting that is refused, so that the function doesn't even start.
pub async fn run(
    verb: Verb,
    handle: impl AsyncFn(&App, &[u8], &Tick) -> Result<Report, Error>,
) -> Result<(), lambda_runtime::Error> {
    let app = start(verb)?;
    serve(verb, &app, handle).await
}

/// The settings and clients of `verb`, for those who need them before they serve.
///
/// # Errors
/// As [`run`].
pub fn start(verb: Verb) -> Result<App, lambda_runtime::Error> {
    log_as_json();
    let settings = Settings::from_vars(verb, std::env::vars_os()).map_err(Error::Settings)?;
    Ok(App { aws: Aws::of_function()?, settings })
}

/// One JSON object a line on standard output, as the log group of a function expects it.
pub fn log_as_json() {
    tracing_subscriber::fmt().json().with_current_span(false).with_span_list(false).init();
}

/// Serves the Lambda runtime with `handle`.
///
/// # Errors
/// As the runtime.
pub async fn serve(
    verb: Verb,
    app: &App,
    handle: impl AsyncFn(&App, &[u8], &Tick) -> Result<Report, Error>,
) -> Result<(), lambda_runtime::Error> {
    warm(app).await;
    let handle = &handle;
    let invoke = async |event: LambdaEvent<Box<RawValue>>| -> Answer {
        let tick = Tick::with_time_left(Timestamp::now(), time_left(event.context.deadline))
            .in_account(account(&event.context.invoked_function_arn));
        let begun = Instant::now();
        // Boxed: a run's future holds those of a dozen calls, too deep a type beside the runtime's.
        let result = Box::pin(handle(app, event.payload.get().as_bytes(), &tick)).await;
        let deployment = app.settings.deployment.as_ref();
        log(&metrics::lines(verb, deployment, &result, tick.now, begun.elapsed()));
        answer(verb, result)
    };
    lambda_runtime::run(service_fn(invoke)).await
}

/// Makes one call before the first event: it reads the root certificates, opens the connection and
/// touches the code that every run needs. On demand, Lambda starts a function at a processor's full
/// speed, and lets one of 128 MB then have a fourteenth of it. What comes of the call is the first run's
/// to say, which makes it again.
async fn warm(app: &App) {
    let store = app.store();
    let call = store.get(&app.settings.policy_key);
    if !matches!(tokio::time::timeout(WARM_UP_MAX, call).await, Ok(Ok(_))) {
        tracing::warn!("the call that warms up came to nothing");
    }
}

/// Writes each line as a log event of its own, as the embedded metric format wants it: bare, with nothing
/// of the logger's around it.
fn log(lines: &[String]) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = lines.iter().try_for_each(|line| writeln!(out, "{line}")) {
        tracing::error!(%error, "metrics are lost: standard output can't be written");
    }
}

/// Logs the report as one line, and fails the run if anything in it failed.
fn answer(verb: Verb, result: Result<Report, Error>) -> Answer {
    let report = result.map_err(|error| {
        tracing::error!(%verb, %error, "refused");
        diagnostic(error.is_retryable(), error.to_string())
    })?;
    let line = serde_json::to_string(&report).unwrap_or_default();
    let errors = report.errors();
    if errors.is_empty() {
        tracing::info!(%verb, report = line, "done");
        return Ok(report);
    }
    tracing::error!(%verb, report = line, "done in part");
    let done = report.done();
    Err(diagnostic(
        report.is_retryable(),
        format!("{done} steps done, {} failed: {}", errors.len(), errors.join(" | ")),
    ))
}

/// A failed run, as Lambda writes it down.
#[must_use]
pub fn diagnostic(retryable: bool, error_message: String) -> Diagnostic {
    let error_type = if retryable { "Retryable" } else { "NonRetryable" };
    Diagnostic { error_type: error_type.to_owned(), error_message }
}

/// The account in the function's own ARN; emulators may have none.
fn account(function_arn: &str) -> Option<AccountId> {
    function_arn.split(':').nth(4)?.parse().ok()
}

/// The runtime states the deadline in milliseconds since the epoch.
fn time_left(deadline_ms: u64) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_millis(deadline_ms).saturating_sub(now)
}
