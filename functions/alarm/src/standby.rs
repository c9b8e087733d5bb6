//! The same function, deployed a second time in another region as a standby: it judges as alarm does, and
//! tells only while the alarm at home is silent. Whether it is, and what is told then, is
//! [`snapkeep_policy::alarm::standby`]'s.
//!
//! It has a bucket, a topic and a copy of the policy document in its own region, and reads two things of
//! home's bucket: alarm's memory, and what prune wrote down. It takes nothing out of queues at home, writes
//! no evidence and no reports: what it tells is at home's to prove again.

use std::collections::BTreeSet;

use snapkeep_aws::store::Store;
use snapkeep_function::app::Observed;
use snapkeep_function::{App, Error, Report, Tick, carry_out};
use snapkeep_policy::alarm::Memory;
use snapkeep_policy::alarm::standby::{Glimpse, Home, Standby, plan};
use snapkeep_policy::bad_input::{BAD_VALUE, BadInput};
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::metrics;
use snapkeep_policy::verb::Verb;
use snapkeep_policy::view::View;

use crate::memory::{Remembered, Stored, keep, read, remember};
use crate::{MEMORY_KEY, delivered, tell};

/// Key of the standby's state in its own bucket.
pub const STANDBY_KEY: &str = "state/standby.json";

/// One run of a standby for `home`.
///
/// # Errors
/// When nothing could be judged. What fails afterwards is in the report; that home can't be read is no
/// failure, but what a standby is there for.
pub(crate) async fn run(
    app: &App,
    seen: &Observed,
    home: &Home,
    tick: &Tick,
) -> Result<Report, Error> {
    if let Some(cadence) = seen.request.report {
        let expected = format!("a report to be asked for in {}: a standby has none", home.region);
        let refused = BadInput::new(BAD_VALUE, "report", cadence.to_string(), expected);
        return Err(Error::Request(refused));
    }
    let view = View::new(&seen.document, &seen.observation, None, tick.now);
    let store = app.store();
    let at_home = Store::in_region(&app.aws, &home.region, home.bucket.clone());
    // It writes no evidence that could say that it ran before.
    let before: Remembered<Standby> = Box::pin(remember(&store, STANDBY_KEY, None)).await?;
    let standby = before.memory.clone().hearing(home, glimpse(&at_home).await, tick.now);
    let (pruned, doubt) = pruned(&at_home, &standby, &view, tick).await;
    let (plan, mut next) = plan(&view, &standby, home, pruned.as_ref());
    let dry_run = app.is_dry_run(&seen.request);
    let mut report = Report::of(Verb::Alarm, &seen.document, tick.now, dry_run, &plan);
    report.failures.extend(before.damage.iter().cloned().chain(doubt));
    report.metrics = metrics::of_fleet(&view, &next.memory);
    if dry_run {
        return Ok(report);
    }
    carry_out(&plan, &mut report, tick, async |action| tell(app, seen, tick, action).await).await;
    delivered(&plan, &report).for_each(|notice| next.told(notice, tick.now));
    if let Err(failure) = keep(&store, STANDBY_KEY, before, &next).await {
        report.fail(&failure);
    }
    Ok(report)
}

/// Home's memory, as far as it can be read. A damaged one is none: home goes back to an earlier one at its
/// next look.
async fn glimpse(at_home: &Store) -> Glimpse {
    match read::<Memory>(at_home, MEMORY_KEY).await {
        Ok(Stored::Absent) => Glimpse::Read(None),
        Ok(Stored::Whole(memory, _)) => Glimpse::Read(Some(Box::new(memory))),
        Ok(Stored::Damaged(_, why)) => Glimpse::Unread(format!("read {MEMORY_KEY}: {why}")),
        Err(failure) => Glimpse::Unread(failure.to_string()),
    }
}

/// What prune wrote down of what is missing, if that can be read and anybody asks; and why it can't.
async fn pruned(
    at_home: &Store,
    standby: &Standby,
    view: &View<'_>,
    tick: &Tick,
) -> (Option<BTreeSet<RdsArn>>, Option<String>) {
    if standby.standing_in.is_none() {
        return (None, None);
    }
    crate::pruned(at_home, &standby.memory, view, tick).await
}
