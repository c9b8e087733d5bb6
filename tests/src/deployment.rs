//! The five functions on an emulated account, called as their schedules call them.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use jiff::Timestamp;
use serde_json::Value;
use snapkeep_aws::Aws;
use snapkeep_aws::store::Store;
use snapkeep_function::{App, Error, Report, Settings, Tick};
use snapkeep_policy::verb::Verb;
use snapkeep_verify::Live;

use crate::fleet::{Count, Fleet};
use crate::{Emulator, Script};

/// Known to the emulator, which checks presigned URLs with it: see `emulator/account.py`.
const ACCESS_KEY_ID: &str = "123456789012";
const SECRET_ACCESS_KEY: &str = "secret-of-123456789012";
const HOME: &str = "us-west-2";

/// snapkeep, deployed.
#[derive(Debug)]
pub struct Deployment {
    /// The account it is deployed in.
    pub emulator: Emulator,
    /// What else is there.
    pub fleet: Fleet,
    clock: Clock,
    app: App,
    live: Live,
}

impl Deployment {
    /// Everything that `fleet.py` makes, and the functions beside it, at `now`.
    #[must_use]
    pub fn new(emulator: Emulator, now: &str) -> Self {
        let now = instant(now);
        emulator.set_clock(now);
        let fleet = Fleet::make(&emulator);
        let clock = Clock::at(now);
        let home = HOME.parse().expect("a region");
        let aws = Aws::new(sdk_config(emulator.endpoint(), clock.clone()), home);
        let settings = Settings {
            policy_key: fleet.policy_key.clone(),
            topic: Some(fleet.topic_arn.clone()),
            ..Settings::in_bucket(&fleet.bucket)
        };
        let live = Live::new(None).expect("the built-in authorities");
        Self { emulator, fleet, clock, app: App { aws, settings }, live }
    }

    /// Lets verify trust the authorities of this file, in PEM, and no others.
    ///
    /// # Panics
    /// When it can't be read.
    #[must_use]
    pub fn trusting(self, bundle: &Path) -> Self {
        let live = Live::new(Some(bundle)).unwrap_or_else(|error| panic!("{error}"));
        Self { live, ..self }
    }

    /// So many more databases come under the policy `standard`.
    pub fn grow(&self, count: usize) {
        let script = Script::new("grow").on(self.emulator.endpoint());
        let grown = script.arg("--count").arg(count.to_string()).run();
        grown.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Somebody puts a database under the policy `standard`.
    ///
    /// # Panics
    /// When it can't be tagged.
    pub fn protect(&self, database: &str) {
        let script = Script::new("protect").on(self.emulator.endpoint());
        let protected = script.arg("--database").arg(database).run();
        protected.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Lets alarm read a queue of create's failed runs.
    ///
    /// # Panics
    /// When it can't be made.
    #[must_use]
    pub fn hearing_of_failures(mut self) -> Self {
        let url = self.failed(&["make"]).trim().to_owned();
        self.app.settings.failed_queues = [(Verb::Create, url)].into();
        self
    }

    /// A run of create fails, as Lambda leaves it in the queue.
    pub fn fail(&self, at: &str, error: &str) {
        self.failed(&["run", "--at", at, "--error", error]);
    }

    /// A run of create can't be started, as EventBridge Scheduler leaves it in the queue.
    pub fn cannot_start(&self, at: &str) {
        self.failed(&["unstarted", "--at", at]);
    }

    /// How many messages are in the queue, those that were received and not deleted among them.
    ///
    /// # Panics
    /// When it isn't there.
    #[must_use]
    pub fn failed_count(&self) -> usize {
        self.failed(&["count"]).trim().parse().expect("a number")
    }

    fn failed(&self, arguments: &[&str]) -> String {
        let script = Script::new("failed").on(self.emulator.endpoint());
        let script = script.arg("--queue").arg("prod-create-failed");
        let script = arguments.iter().fold(script, |script, argument| script.arg(argument));
        script.run().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Puts another policy document in the place of the fleet's: that one, changed.
    ///
    /// # Panics
    /// When it can't be written.
    pub async fn wants(&self, change: impl FnOnce(&mut Value)) {
        let mut policy = self.fleet.policy.clone();
        change(&mut policy);
        let (store, key) = (self.store(), &self.fleet.policy_key);
        let there = store.get(key).await.expect("the store answers").expect("there is a document");
        let replaced = store.replace(key, policy.to_string().into_bytes(), &there.1).await;
        replaced.expect("nobody else writes it");
    }

    /// Somebody deletes what stands below a prefix of the bucket. Its versions stay.
    pub fn lose(&self, prefix: &str) {
        self.delete(prefix, &[]);
    }

    /// The same with all versions.
    pub fn lose_for_good(&self, prefix: &str) {
        self.delete(prefix, &["--for-good"]);
    }

    fn delete(&self, prefix: &str, how: &[&str]) {
        let script = Script::new("lose").on(self.emulator.endpoint());
        let script = script.arg("--bucket").arg(&self.fleet.bucket).arg("--prefix").arg(prefix);
        let script = how.iter().fold(script, |script, argument| script.arg(argument));
        script.run().unwrap_or_else(|error| panic!("{error}"));
    }

    /// Somebody forges a verb's evidence, in one of the ways of `emulator/forge.py`.
    ///
    /// # Panics
    /// When it can't be forged.
    pub fn forge(&self, verb: Verb, way: &str, sequence: u32) {
        let script = Script::new("forge").on(self.emulator.endpoint());
        let script =
            script.arg("--bucket").arg(&self.fleet.bucket).arg("--verb").arg(verb.as_str());
        let script = script.arg("--way").arg(way).arg("--sequence").arg(sequence.to_string());
        script.run().unwrap_or_else(|error| panic!("{error}"));
    }

    /// The bucket of the deployment.
    #[must_use]
    pub fn store(&self) -> Store {
        self.app.store()
    }

    /// What boto3 finds in the account.
    #[must_use]
    pub fn count(&self) -> Count {
        self.fleet.count(&self.emulator)
    }

    /// One run of a function at an instant, woken by its schedule. Nothing in it may fail.
    ///
    /// # Panics
    /// When anything did.
    pub async fn run(&self, verb: Verb, at: &str) -> Report {
        let report = self.try_run(verb, at).await.unwrap_or_else(|error| panic!("{verb}: {error}"));
        assert_eq!(report.errors(), Vec::<String>::new(), "{verb} at {at}");
        report
    }

    /// One run of a function at an instant, whatever comes of it.
    ///
    /// # Errors
    /// When nothing could be decided.
    pub async fn try_run(&self, verb: Verb, at: &str) -> Result<Report, Error> {
        let now = instant(at);
        let payload = format!(r#"{{"verb":"{verb}","scheduled_at":"{now}"}}"#);
        self.ask(verb, at, &payload).await
    }

    /// One run of a function at an instant, asked by a person.
    ///
    /// # Errors
    /// When nothing could be decided.
    pub async fn ask(&self, verb: Verb, at: &str, payload: &str) -> Result<Report, Error> {
        let now = instant(at);
        self.emulator.set_clock(now);
        self.clock.set(now);
        let (payload, tick) = (payload.as_bytes(), &Tick::at(now));
        match verb {
            Verb::Create => snapkeep_create::handle(&self.app, payload, tick).await,
            Verb::Copy => snapkeep_copy::handle(&self.app, payload, tick).await,
            Verb::Verify => snapkeep_verify::handle(&self.app, &self.live, payload, tick).await,
            Verb::Prune => snapkeep_prune::handle(&self.app, payload, tick).await,
            Verb::Alarm => snapkeep_alarm::handle(&self.app, payload, tick).await,
        }
    }
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant in RFC 3339")
}

/// As a Lambda's own configuration, but for the endpoint, the credentials and the clock.
fn sdk_config(endpoint: &str, clock: Clock) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, None, "emulated");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(HOME))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(clock))
        .build()
}

/// The functions' clock: it stands still at the instant of the run.
#[derive(Debug, Clone)]
struct Clock(Arc<Mutex<Timestamp>>);

impl Clock {
    fn at(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        (*self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}
