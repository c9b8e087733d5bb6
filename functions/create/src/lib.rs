//! create: takes the recovery points that are due. What is due is [`snapkeep_policy::create`]'s
//! decision; what came of it is the report.

use snapkeep_aws::act::create::take_snapshot;
use snapkeep_function::{App, Error, Report, Tick, carry_out, evidence};
use snapkeep_policy::create;
use snapkeep_policy::verb::Verb;
use snapkeep_policy::view::View;

/// One run of create.
///
/// # Errors
/// When nothing could be decided. What fails afterwards is in the report.
pub async fn handle(app: &App, payload: &[u8], tick: &Tick) -> Result<Report, Error> {
    let seen = app.observe(Verb::Create, payload, tick).await?;
    let only = seen.request.database.as_ref();
    let view = View::new(&seen.document, &seen.observation, only, tick.now);
    let view = view.in_shard(seen.request.shard);
    let plan = create::plan(&view, &seen.request);
    let dry_run = app.is_dry_run(&seen.request);
    let mut report = Report::of(Verb::Create, &seen.document, tick.now, dry_run, &plan);
    if !dry_run {
        carry_out(&plan, &mut report, tick, async |action| take_snapshot(&app.aws, action).await)
            .await;
        evidence::of_run(&app.ledger(tick.now), &seen.request, plan.refused(), &mut report).await;
    }
    Ok(report)
}
