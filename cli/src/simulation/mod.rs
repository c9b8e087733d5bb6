//! Years in seconds: the shipped handlers, woken by a virtual calendar, in a simulated account.
//!
//! A [`Scenario`] is a policy document, a fleet, a script of incidents and a seed. [`run`] furnishes a
//! [`World`], wakes the five handlers as their schedules would ([`calendar`]), lets the incidents
//! happen ([`incident`]) and watches from outside: what there is goes into the [`Story`], and
//! [`watch`] holds it against the invariants. Nothing here knows how the functions decide.

mod calendar;
mod contents;
mod heard;
mod incident;
mod log;
mod recorder;
pub mod scale;
mod scenario;
pub mod soak;
mod telling;
mod watch;

use jiff::{SignedDuration, Timestamp};
use snapkeep_aws::Aws;
use snapkeep_aws::observe::observe;
use snapkeep_aws::store::Store;
use snapkeep_function::{App, Settings, Tick};
use snapkeep_policy::alarm::Format;
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::period::Cadence;
use snapkeep_policy::verb::Verb;
use snapkeep_verify::Ask;
use snapkeep_world::{Options, World};

pub use scenario::{Member, Scenario};

use crate::story::Story;
use calendar::Agenda;
use contents::Books;
use recorder::Recorder;
use watch::Watch;

pub const BUCKET: &str = "snapkeep";
const POLICY_KEY: &str = "policy.json";

/// Simulates `scenario`, and tells `progress` of each day that has passed.
///
/// # Errors
/// A policy document that is refused: one line.
pub async fn run(scenario: &Scenario, progress: impl Fn(u32)) -> Result<Story, String> {
    let document = scenario.document()?;
    let stage = Stage::furnish(scenario, &document).await?;
    let world = &stage.world;
    let script = incident::script(scenario, world);
    let mut watch = Watch::new(&document, scenario.regions());
    let mut recorder = Recorder::new(scenario, &document);
    for day in 0..scenario.days {
        let midnight = scenario.start + SignedDuration::from_hours(24 * i64::from(day));
        let mut agenda = Agenda::of_day(midnight);
        while let Some((now, verb)) = agenda.next() {
            world.advance_to(now);
            for incident in &script {
                incident.strike(now, world, &scenario.home);
            }
            if script.iter().any(|incident| incident.silences(verb, now)) {
                continue;
            }
            if verb == Verb::Prune {
                recorder.look(world, false);
            }
            let before = watch.look(world, verb);
            let emptied = script.iter().filter_map(incident::Scripted::emptied).collect();
            let books = Books { world, emptied, start: scenario.start };
            let succeeded = stage.wake(verb, now, &books).await;
            recorder.ran(succeeded);
            watch.compare(&before, world, verb);
            if verb == Verb::Prune {
                recorder.look(world, true);
            }
            if !succeeded || (verb == Verb::Verify && watch.has_scratch(world)) {
                agenda.again(verb, now + calendar::REVISIT);
            }
        }
        world.advance_to(midnight + SignedDuration::from_hours(24));
        recorder.day_ends(world);
        progress(day + 1);
    }
    // The last look is at the account as it is, past the faults.
    world.faults().clear();
    let regions = scenario.regions().into_iter().collect();
    let observation = observe(&stage.aws, &regions).await;
    let mut story = recorder.story(world, &observation, &script, watch.violations());
    if scenario.reports {
        story.reports = stage.report(world.now()).await?;
    }
    Ok(story)
}

/// The simulated account, furnished, and the five functions in it.
pub struct Stage {
    world: World,
    aws: Aws,
    topic: String,
    format: Format,
}

impl Stage {
    async fn furnish(scenario: &Scenario, document: &PolicyDocument) -> Result<Self, String> {
        let options = Options {
            start: scenario.start,
            quotas: scenario.quotas,
            regions: scenario.regions(),
            ..Options::new(scenario.seed)
        };
        Self::in_world(World::new(options), scenario, document).await
    }

    /// The same in a world that is set up otherwise.
    async fn in_world(
        world: World,
        scenario: &Scenario,
        document: &PolicyDocument,
    ) -> Result<Self, String> {
        let admin = world.admin();
        for member in &scenario.fleet {
            admin.create_database(&member.region, &member.spec);
        }
        for region in scenario.regions() {
            for group in &scenario.subnet_groups {
                admin.create_subnet_group(&region, group, false);
            }
        }
        for rule in document.policies.values().flat_map(|policy| &policy.copies) {
            if let Some((_, alias)) = rule.kms_key.as_deref().and_then(|k| k.split_once(":alias/"))
            {
                admin.create_key(&rule.region, alias);
            }
        }
        admin.create_bucket(BUCKET);
        let topic = admin.create_topic(&scenario.home, "snapkeep-alarms");
        let aws = Aws::new(world.sdk_config(&scenario.home), scenario.home.clone());
        let policy = scenario.policy.clone().into_bytes();
        let put = Store::new(&aws, BUCKET).put_new(POLICY_KEY, policy).await;
        put.map_err(|failure| failure.to_string())?;
        world.faults().set_rates(scenario.rates.clone());
        Ok(Self { world, aws, topic, format: scenario.format })
    }

    fn app(&self) -> App {
        let settings = Settings {
            policy_key: POLICY_KEY.to_owned(),
            topic: Some(self.topic.clone()),
            alert_format: self.format,
            ..Settings::in_bucket(BUCKET)
        };
        App { aws: self.aws.clone(), settings }
    }

    /// One run of a function, as its schedule would wake it. Whether all of it succeeded: one that
    /// failed is one that the next run makes up for, and alarm tells what is still wrong.
    async fn wake(&self, verb: Verb, now: Timestamp, books: &impl Ask) -> bool {
        let app = self.app();
        let payload = format!(r#"{{"verb":"{verb}","scheduled_at":"{now}"}}"#);
        let (payload, tick) = (payload.as_bytes(), Tick::at(now));
        let report = match verb {
            Verb::Create => snapkeep_create::handle(&app, payload, &tick).await,
            Verb::Copy => snapkeep_copy::handle(&app, payload, &tick).await,
            Verb::Verify => snapkeep_verify::handle(&app, books, payload, &tick).await,
            Verb::Prune => snapkeep_prune::handle(&app, payload, &tick).await,
            Verb::Alarm => snapkeep_alarm::handle(&app, payload, &tick).await,
        };
        report.is_ok_and(|report| report.errors().is_empty())
    }

    /// Every report, as its schedule would ask alarm for it.
    async fn report(&self, now: Timestamp) -> Result<Vec<(String, Vec<u8>)>, String> {
        for cadence in Cadence::ALL {
            let payload = format!(r#"{{"verb":"alarm","report":"{cadence}"}}"#);
            let (app, tick) = (self.app(), Tick::at(now));
            let report = snapkeep_alarm::handle(&app, payload.as_bytes(), &tick).await;
            let report = report.map_err(|error| error.to_string())?;
            if let Some(error) = report.errors().first() {
                return Err(format!("{cadence} report: {error}"));
            }
        }
        let objects = self.world.objects(BUCKET).into_iter();
        let reports = objects.filter(|(key, _)| key.starts_with("reports/"));
        Ok(reports.map(|(key, object)| (key, object.body.to_vec())).collect())
    }
}
