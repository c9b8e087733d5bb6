//! prune: deletes what the policy no longer keeps. What that is, and whether it may go, is
//! [`snapkeep_policy::prune`]'s decision.
//!
//! What is about to be deleted is written down first, with the reasons. If that fails, nothing is
//! deleted; and alarm can tell a recovery point that was pruned from one that vanished. How it ended is
//! written down behind it.

use snapkeep_aws::act::prune::delete_recovery_point;
use snapkeep_function::{App, Error, Report, Tick, carry_out, evidence};
use snapkeep_policy::prune;
use snapkeep_policy::verb::Verb;
use snapkeep_policy::view::View;

/// One run of prune. Without a setting that says otherwise it is a dry run, and ends as a failed one
/// unless a dry run was asked for: whoever never said whether it may delete shall hear of it.
///
/// # Errors
/// When nothing could be decided. What fails afterwards is in the report.
pub async fn handle(app: &App, payload: &[u8], tick: &Tick) -> Result<Report, Error> {
    let seen = app.observe(Verb::Prune, payload, tick).await?;
    let only = seen.request.database.as_ref();
    let view = View::new(&seen.document, &seen.observation, only, tick.now);
    let view = view.in_shard(seen.request.shard);
    let plan = prune::plan(&view, &seen.request);
    let dry_run = app.is_dry_run(&seen.request);
    let mut report = Report::of(Verb::Prune, &seen.document, tick.now, dry_run, &plan);
    if dry_run {
        let undecided = app.settings.undecided.as_ref().filter(|_| !seen.request.dry_run);
        report.failures.extend(undecided.map(ToString::to_string));
        return Ok(report);
    }
    let ledger = app.ledger(tick.now);
    if !plan.steps.is_empty() {
        let intent = evidence::pruning(&seen.document, &seen.request, tick.now, &plan);
        let written = evidence::record(&ledger, Verb::Prune, tick.now, "intent", &intent).await;
        if let Err(failure) = written {
            report.fail(&failure);
            return Ok(report);
        }
    }
    let deployment = &seen.document.deployment;
    carry_out(&plan, &mut report, tick, async |action| {
        delete_recovery_point(&app.aws, deployment, action).await
    })
    .await;
    evidence::of_run(&ledger, &seen.request, plan.refused(), &mut report).await;
    Ok(report)
}
