//! verify: takes every scratch database one step further, and starts the verifications that are due.
//! Which step is next, and what a database's answers prove, is [`snapkeep_policy::verify`]'s decision.
//!
//! What has to be remembered between two runs is in the account: tags on the scratch database, and in
//! the bucket its password, which no tag may hold. A verdict is written down before the recovery point
//! is tagged with it: a tag without a record would be a claim that nobody can check.

mod ask;
mod password;
mod survey;

use std::sync::{Mutex, PoisonError};

use snapkeep_aws::act::{Applied, verify as act};
use snapkeep_aws::{Failure, FailureClass};
use snapkeep_function::{App, Error, Report, Tick, carry_out, evidence};
use snapkeep_policy::metrics::{self, Metric};
use snapkeep_policy::plan::Plan;
use snapkeep_policy::request::Trigger;
use snapkeep_policy::tags::{self, Tags};
use snapkeep_policy::verb::Verb;
use snapkeep_policy::verify::{self, Action, Inquiry, VerdictRecord};
use snapkeep_policy::view::View;

pub use ask::{Ask, Live};

/// One run of verify, with `ask` to question what was restored.
///
/// # Errors
/// When nothing could be decided. What fails afterwards is in the report.
pub async fn handle(
    app: &App,
    ask: &impl Ask,
    payload: &[u8],
    tick: &Tick,
) -> Result<Report, Error> {
    let seen = app.observe(Verb::Verify, payload, tick).await?;
    let only = seen.request.database.as_ref();
    let view = View::new(&seen.document, &seen.observation, only, tick.now);
    let view = view.in_shard(seen.request.shard);
    let mut plan = verify::plan(&view, &seen.request);
    let unknown = adopt(app, &view, &seen.request.trigger, &mut plan).await.err();
    let dry_run = app.is_dry_run(&seen.request);
    let mut report = Report::of(Verb::Verify, &seen.document, tick.now, dry_run, &plan);
    if let Some(failure) = unknown {
        report.fail(&failure);
    }
    if !dry_run {
        let run = Run { app, ask, tick, measured: Mutex::default() };
        carry_out(&plan, &mut report, tick, async |action| run.act(action).await).await;
        let ledger = app.ledger(tick.now);
        evidence::of_run(&ledger, &seen.request, plan.refused(), &mut report).await;
        report.metrics = run.measured.into_inner().unwrap_or_else(PoisonError::into_inner);
    }
    Ok(report)
}

/// Looks up the restore job that an event names, and plans to adopt what it made. That it can't be
/// looked up keeps nothing else from being done.
async fn adopt(
    app: &App,
    view: &View<'_>,
    trigger: &Trigger,
    plan: &mut Plan<Action>,
) -> Result<(), Failure> {
    let Trigger::RestoreJob { id, region, .. } = trigger else { return Ok(()) };
    match act::describe_restore_job(&app.aws, region, id).await {
        Ok(job) => verify::adopt(view, &job, plan),
        // Whoever may put events on the bus can name any job: that is no failure of ours.
        Err(failure) if failure.class == FailureClass::Gone => plan.note(id, failure.to_string()),
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// A run that carries out its plan.
struct Run<'r, A> {
    app: &'r App,
    ask: &'r A,
    tick: &'r Tick,
    /// Of the verdicts, as they are reached one after the other.
    measured: Mutex<Vec<Metric>>,
}

impl<A: Ask> Run<'_, A> {
    async fn act(&self, action: &Action) -> Result<Applied, Failure> {
        let aws = &self.app.aws;
        match action {
            Action::Restore(restore) => {
                self.or_conclude(action, act::restore(aws, restore).await).await
            }
            Action::AddInstance { cluster, engine, instance_id, instance_class, tags, .. } => {
                let (id, class) = (instance_id.as_str(), instance_class.as_str());
                let instance = act::Instance { cluster, engine: *engine, id, class, tags };
                self.or_conclude(action, act::add_instance(aws, &instance).await).await
            }
            Action::SetPassword { scratch, engine, tags, .. } => {
                let password = password::of(&self.app.store(), &scratch.id).await?;
                act::set_password(aws, scratch, *engine, password.reveal(), tags).await
            }
            Action::Question(inquiry) => self.question(inquiry).await,
            Action::Conclude { verdict } => self.conclude(verdict).await,
            Action::DeleteInstance { instance, engine, deletion_protection, .. } => {
                act::delete_instance(aws, instance, *engine, *deletion_protection).await
            }
            Action::DeleteCluster { cluster, engine, deletion_protection, .. } => {
                act::delete_cluster(aws, cluster, *engine, *deletion_protection).await
            }
            Action::Adopt { resource, tags, .. } => act::adopt(aws, resource, tags).await,
            Action::Validate { job, resource, passed, message, tags, .. } => {
                let passed = *passed;
                act::validate(aws, act::Validation { job, resource, passed, message, tags }).await
            }
        }
    }

    /// A step that AWS refuses for good ends the verification: the verdict is written now, and the
    /// next run tears down what there is.
    async fn or_conclude(
        &self,
        action: &Action,
        result: Result<Applied, Failure>,
    ) -> Result<Applied, Failure> {
        let Err(failure) = result else { return result };
        let message = failure.to_string();
        let verdict = act::refusal(&failure)
            .and_then(|why| verify::refused(action, why, &message, self.tick.now));
        let Some(verdict) = verdict else { return Err(failure) };
        self.conclude(&verdict).await?;
        Ok(Applied::Dropped(format!("concluded as {}: {message}", verdict.outcome.as_str())))
    }

    /// Connects, asks, and concludes from the answers, unless they are no verdict yet.
    async fn question(&self, inquiry: &Inquiry) -> Result<Applied, Failure> {
        let store = self.app.store();
        let Some(password) = password::known(&store, &inquiry.scratch.id).await? else {
            return self.set_again(inquiry).await;
        };
        let baseline = survey::baseline(&store, &inquiry.surveys).await?;
        let testimony = self.ask.ask(inquiry, &password, self.tick.stop_at()).await;
        let baseline = baseline.as_ref().map(|(arn, survey)| (arn, survey));
        match inquiry.conclude(&testimony, baseline, self.tick.now) {
            Ok(verdict) => {
                survey::keep(&store, &inquiry.surveys, verdict.survey.as_ref()).await?;
                self.conclude(&verdict).await
            }
            Err(not_yet) => Ok(Applied::Dropped(not_yet)),
        }
    }

    /// A password that was set and is lost says nothing of the database: it gets another one.
    async fn set_again(&self, inquiry: &Inquiry) -> Result<Applied, Failure> {
        let (scratch, now) = (&inquiry.scratch, self.tick.now.to_string());
        let tags = Tags::from([(tags::PASSWORD_SET.to_owned(), now)]);
        let password = password::of(&self.app.store(), &scratch.id).await?;
        let aws = &self.app.aws;
        act::set_password(aws, scratch, inquiry.engine, password.reveal(), &tags).await?;
        Ok(Applied::Dropped("its password was lost: another one is set".to_owned()))
    }

    async fn conclude(&self, verdict: &VerdictRecord) -> Result<Applied, Failure> {
        let now = self.tick.now;
        evidence::record(&self.app.ledger(now), Verb::Verify, now, &verdict.scratch_id, verdict)
            .await?;
        let tagged = act::tag_verdict(&self.app.aws, verdict).await?;
        let mut measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
        measured.extend(metrics::of_verdict(verdict));
        Ok(tagged)
    }
}
