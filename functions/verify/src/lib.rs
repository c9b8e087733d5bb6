//! verify: takes every scratch database one step further, and starts the verifications that are due.
//! Which step is next is [`snapkeep_policy::verify`]'s decision.
//!
//! A verdict is written down before the recovery point is tagged with it: a tag without a record
//! would be a claim that nobody can check.

use snapkeep_aws::Failure;
use snapkeep_aws::act::Applied;
use snapkeep_function::{App, Error, Report, Tick, carry_out, evidence};
use snapkeep_policy::verb::Verb;
use snapkeep_policy::verify::{self, Action};
use snapkeep_policy::view::View;

/// One run of verify.
///
/// # Errors
/// When nothing could be decided. What fails afterwards is in the report.
pub async fn handle(app: &App, payload: &[u8], tick: &Tick) -> Result<Report, Error> {
    let seen = app.observe(Verb::Verify, payload, tick).await?;
    let only = seen.request.database.as_ref();
    let view = View::new(&seen.document, &seen.observation, only, tick.now);
    let plan = verify::plan(&view, &seen.request);
    let dry_run = app.is_dry_run(&seen.request);
    let mut report = Report::of(Verb::Verify, &seen.document, tick.now, dry_run, &plan);
    if !dry_run {
        carry_out(&plan, &mut report, tick, async |action| act(app, tick, action).await).await;
    }
    Ok(report)
}

async fn act(app: &App, tick: &Tick, action: &Action) -> Result<Applied, Failure> {
    if let Action::Conclude { verdict } = action {
        evidence::record(&app.store(), Verb::Verify, tick.now, &verdict.scratch_id, verdict)
            .await?;
    }
    snapkeep_aws::act::verify::apply(&app.aws, action).await
}
