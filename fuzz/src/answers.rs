//! What AWS answers, through the real SDK clients: nothing is real but the HTTP answers.
//!
//! The first byte says who answers. RDS: the bodies of the four lists and of the quotas, with `\x1e`
//! between them, each within the envelope that the SDK expects. S3: a ledger's entries from its newest
//! back, and how many a listing promises, or, with none, a listing and what is read after it. SQS: one
//! body. A body with a first `!` goes as it stands, one with a first `?` does as an error.
//!
//! - A region is seen or unseen, with one line that says why.
//! - What is seen of a region is there, and there once.
//! - Prune deletes only what bears our name and was listed; what any verb says is one line.
//! - No more of a ledger holds together than names the hash of what is before it.

mod wire;

use std::collections::BTreeSet;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use snapkeep_aws::observe::observe;
use snapkeep_aws::store::Store;
use snapkeep_aws::{Aws, Failure, queues};
use snapkeep_function::evidence;
use snapkeep_policy::alarm::{FailedRun, QueueMessage};
use snapkeep_policy::ids::{ID_PREFIX, Region};
use snapkeep_policy::inventory::{Observation, RegionInventory, RegionView};
use snapkeep_policy::request::Request;
use snapkeep_policy::verb::Verb;
use snapkeep_policy::view::View;
use snapkeep_policy::{copy, create, prune, verify};
use tokio::runtime::Runtime;

use crate::fixtures::{HOME, at, document, policy, region};
use crate::line;
use wire::{AtOnce, Wire};

const NOW: &str = "2026-03-06T12:00:00Z";
/// A failure quotes AWS, whose own errors are shorter than this, or a thing that it can't tell.
const FAILURE_CHARS_MAX: usize = 1_200;
/// Entries of a ledger that a listing may promise: a longer one is only slower.
const ENTRIES_MAX: u8 = 4;
const QUEUE: &str = "https://sqs.us-west-2.amazonaws.com/123456789012/prod-prune-failed";

thread_local! {
    /// Clients are most of a run's cost, so all runs have the same.
    static ACCOUNT: Account = Account::new();
}

/// Tries it.
pub fn check(bytes: &[u8]) {
    let Some((who, answers)) = bytes.split_first() else { return };
    ACCOUNT.with(|account| match who % 3 {
        0 => account.runtime.block_on(account.fleet(answers)),
        1 => account.runtime.block_on(account.ledger(answers)),
        _ => account.runtime.block_on(account.queue(answers)),
    });
}

/// An account that says what it is told to.
struct Account {
    wire: Wire,
    aws: Aws,
    runtime: Runtime,
}

impl Account {
    fn new() -> Self {
        let wire = Wire::default();
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "fuzz");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(wire.clone())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .sleep_impl(AtOnce)
            .timeout_config(TimeoutConfig::disabled())
            .build();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        Self { wire, aws: Aws::new(config, region(HOME)), runtime }
    }

    async fn fleet(&self, answers: &[u8]) {
        self.wire.says(answers, 0);
        let observation = observe(&self.aws, &BTreeSet::from([region(HOME)])).await;
        for (region, view) in &observation.regions {
            match view {
                RegionView::Seen(seen) => is_there_once(region, seen),
                RegionView::Unseen { message, .. } => line::check(message, FAILURE_CHARS_MAX),
            }
        }
        decide(&observation);
    }

    async fn ledger(&self, answers: &[u8]) {
        let (count, answers) = answers.split_first().unwrap_or((&0, &[]));
        let promised = count % (ENTRIES_MAX + 1);
        let store = Store::new(&self.aws, "backups");
        self.wire.says(answers, promised);
        match evidence::check(&store, Verb::Prune).await {
            Ok(chain) => {
                assert!(promised == 0 || chain.entries == u32::from(promised), "{chain:?}");
                assert!(chain.linked <= chain.entries, "{chain:?}");
                let holds = chain.breaks == 0 && chain.broken.is_none();
                assert_eq!(holds, chain.linked == chain.entries, "{chain:?}");
                let linked = chain.linked as usize;
                assert!(promised == 0 || linked <= self.wire.linked(), "{chain:?}");
            }
            Err(failure) => said(&failure),
        }
        self.wire.says(answers, 0);
        if let Err(failure) = store.past("alarm/memory.json").await {
            said(&failure);
        }
    }

    async fn queue(&self, answers: &[u8]) {
        self.wire.says(answers, 0);
        match queues::receive(&self.aws, QUEUE).await {
            Ok(received) => received.iter().for_each(|it| failed(&it.message)),
            Err(failure) => said(&failure),
        }
    }
}

fn is_there_once(region: &Region, seen: &RegionInventory) {
    let databases: Vec<_> = seen.databases.iter().map(|it| &it.arn).collect();
    let snapshots: Vec<_> = seen.snapshots.iter().map(|it| &it.arn).collect();
    for arns in [databases, snapshots] {
        assert!(arns.iter().all(|arn| arn.region == *region), "of another region: {arns:?}");
        let each: BTreeSet<_> = arns.iter().collect();
        assert_eq!(each.len(), arns.len(), "twice: {arns:?}");
    }
}

fn decide(observation: &Observation) {
    let rules = document(&policy(&[]));
    let (view, look) = (View::new(&rules, observation, None, at(NOW)), Request::default());
    let listed: BTreeSet<_> =
        view.seen.values().flat_map(|seen| &seen.snapshots).map(|it| it.arn.clone()).collect();
    let pruned = prune::plan(&view, &look);
    for step in &pruned.steps {
        let prune::Action::Delete { recovery_point, .. } = &step.action;
        assert!(recovery_point.id.starts_with(ID_PREFIX), "{recovery_point} isn't ours");
        assert!(listed.contains(recovery_point), "{recovery_point} isn't there");
    }
    line::check_plan(&pruned);
    line::check_plan(&create::plan(&view, &look));
    line::check_plan(&copy::plan(&view, &look));
    line::check_plan(&verify::plan(&view, &look));
}

fn failed(message: &QueueMessage) {
    let home = region(HOME);
    line::check(&FailedRun::of(Verb::Prune, &home, message, at(NOW)).error, FAILURE_CHARS_MAX);
}

fn said(failure: &Failure) {
    line::check(&failure.to_string(), FAILURE_CHARS_MAX);
}
