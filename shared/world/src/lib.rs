//! A simulated AWS account on the real wire: what the functions of snapkeep meet in simulations,
//! demos and tests. Never linked into a Lambda.
//!
//! A [`World`] is a deterministic state machine of accounts and regions: clusters, instances,
//! snapshots, keys, quotas, buckets and topics, on a virtual clock that only [`World::advance_to`]
//! moves. The SDK's own clients talk to it through [`World::sdk_config`], in-process, byte for byte
//! as they would talk to AWS; any other client does through [`World::serve`], on a local port. The
//! same seed and the same sequence of calls give the same bytes, request ids included.
//!
//! Four things surround the wire:
//! - [`Options`] and [`Delays`]: seed, start, accounts, regions, and how long things take;
//! - [`World::admin`]: what people do without snapkeep, such as creating and deleting databases,
//!   stripping tags or disabling keys;
//! - [`World::faults`]: what goes wrong, at given times or at random rates, and what did;
//! - the ground truth, for invariants: [`World::snapshots`], [`World::databases`],
//!   [`World::objects`], [`World::messages`] and [`World::calls`].
//!
//! It answers the calls that snapkeep makes (RDS and DocumentDB, S3, SNS, STS) and those
//! that another client needs to furnish it. Parameters beyond these are accepted and have no effect;
//! permissions are not modelled. Where emulators and the AWS documentation differ, the documentation
//! decides; where it is silent, the stricter reading.

mod admin;
mod body;
mod bucket;
mod client;
mod clock;
mod dice;
mod faults;
mod furnish;
mod model;
mod options;
mod query;
mod rds;
mod refusal;
mod s3;
mod server;
mod sigv4;
mod sns;
mod state;
mod sts;
mod trace;
mod wire;
mod witness;
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use bytes::Bytes;
use jiff::Timestamp;
use snapkeep_policy::ids::{AccountId, Region};

pub use admin::Admin;
pub use bucket::Object;
pub use clock::VirtualClock;
pub use faults::{Fault, FaultId, FaultKind, Occurrence, Rates};
pub use furnish::{DatabaseSpec, SnapshotSpec};
pub use model::{Data, Database, Key, Place, Snapshot, SubnetGroup};
pub use options::{Delays, Options};
pub use server::Server;
pub use sns::Message;
pub use wire::Answer;
pub use witness::{Seen, Truth, Witness};

use state::State;

/// A simulated AWS account, or several. Clones are the same world.
#[derive(Clone)]
pub struct World {
    state: Arc<Mutex<State>>,
    clock: VirtualClock,
    /// The first of [`Options::accounts`], which everything means that names no account.
    account: AccountId,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("account", &self.account).field("now", &self.now()).finish()
    }
}

impl World {
    /// A new world.
    ///
    /// # Panics
    /// When `options` names no account: a world without one can't be asked anything.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let account = options.accounts.first().expect("a world has at least one account").clone();
        let state = State::new(options);
        Self { clock: state.clock.clone(), state: Arc::new(Mutex::new(state)), account }
    }

    /// The virtual time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The virtual clock, to be read from elsewhere.
    #[must_use]
    pub fn clock(&self) -> VirtualClock {
        self.clock.clone()
    }

    /// Moves the clock to `to`, and lets everything happen that is due until then, in order.
    /// Does nothing when `to` has passed: time doesn't go back.
    pub fn advance_to(&self, to: Timestamp) {
        self.lock().advance_to(to);
    }

    /// Answers one request as AWS would: what both ways in come down to.
    #[must_use]
    pub fn answer(&self, request: &http::Request<Bytes>) -> Answer {
        wire::answer(&mut self.lock(), request)
    }

    /// The other end of an SDK client's connections.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(client::InProcess(self.clone()))
    }

    /// Credentials of `account`: the access key id is its number, the secret `secret-of-` and the
    /// number. Only presigned URLs have their signature checked.
    #[must_use]
    pub fn credentials(&self, account: &AccountId) -> SharedCredentialsProvider {
        let secret = sigv4::secret(account);
        let credentials = Credentials::new(account.as_str(), secret, None, None, "snapkeep-world");
        SharedCredentialsProvider::new(credentials)
    }

    /// What an SDK client of the default account needs to live in this world: connections that end
    /// here, the virtual clock, and retries that take no time.
    #[must_use]
    pub fn sdk_config(&self, region: &Region) -> SdkConfig {
        self.sdk_config_of(&self.account, region)
    }

    /// The same for a client of `account`.
    #[must_use]
    pub fn sdk_config_of(&self, account: &AccountId, region: &Region) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(aws_types::region::Region::new(region.to_string()))
            .credentials_provider(self.credentials(account))
            .http_client(self.http_client())
            .time_source(SharedTimeSource::new(self.clock()))
            .sleep_impl(SharedAsyncSleep::new(clock::NoSleep))
            // Both measure in sleeps, which take no time here.
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .disable_request_compression(true)
            .build()
    }

    /// Serves this world on `address`, for any client; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address can't be listened on.
    pub async fn serve(&self, address: SocketAddr) -> io::Result<Server> {
        Server::start(self.clone(), address).await
    }

    /// What people do in the default account without snapkeep.
    #[must_use]
    pub fn admin(&self) -> Admin<'_> {
        self.admin_of(&self.account)
    }

    /// What people do in `account` without snapkeep.
    #[must_use]
    pub fn admin_of(&self, account: &AccountId) -> Admin<'_> {
        Admin::new(self, account.clone())
    }

    /// What goes wrong.
    #[must_use]
    pub fn faults(&self) -> Faults<'_> {
        Faults { world: self }
    }

    /// The default account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// All snapshots of the default account in `region`, as they truly are, in the order of their
    /// identifiers, those of clusters first.
    #[must_use]
    pub fn snapshots(&self, region: &Region) -> Vec<Snapshot> {
        let state = self.lock();
        let locality = state.places.get(&self.place(region));
        locality.map(|found| found.snapshots.values().cloned().collect()).unwrap_or_default()
    }

    /// All databases of the default account in `region`, as they truly are, clusters first.
    #[must_use]
    pub fn databases(&self, region: &Region) -> Vec<Database> {
        let state = self.lock();
        let locality = state.places.get(&self.place(region));
        locality.map(|found| found.databases.values().cloned().collect()).unwrap_or_default()
    }

    /// The objects of a bucket by key; empty when there is no such bucket.
    #[must_use]
    pub fn objects(&self, bucket: &str) -> BTreeMap<String, Object> {
        let state = self.lock();
        state.buckets.get(bucket).map(|bucket| bucket.objects().clone()).unwrap_or_default()
    }

    /// All messages that were published, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.lock().messages.clone()
    }

    /// How often each operation was called, refused and failed calls included: `rds:CopyDBSnapshot`.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.lock().calls.clone()
    }

    /// How often each operation was refused with each code, whoever refused it.
    #[must_use]
    pub fn refusals(&self) -> BTreeMap<(String, String), u64> {
        self.lock().refusals.clone()
    }

    /// One number for all calls and answers so far: two runs that differ anywhere differ in it.
    #[must_use]
    pub fn trace_hash(&self) -> u64 {
        self.lock().trace.hash()
    }

    /// Has `witness` see every call from now on.
    pub fn watch(&self, witness: Box<dyn Witness>) {
        self.lock().watch(witness);
    }

    /// Runs `caller` until it ends, or until a fault kills it at a call: then there is no result, as
    /// when a function's time is over.
    pub async fn until_killed<T>(&self, caller: impl Future<Output = T>) -> Option<T> {
        let mut caller = std::pin::pin!(caller);
        std::future::poll_fn(|context| match caller.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending if std::mem::take(&mut self.lock().killed) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    /// Lets callers that run at the same time take turns, a call each: without it, whoever comes first
    /// is through before the next one begins.
    pub fn interleave(&self, turns: bool) {
        self.lock().takes_turns = turns;
    }

    async fn take_turns(&self) {
        let takes_turns = self.lock().takes_turns;
        if takes_turns {
            tokio::task::yield_now().await;
        }
    }

    fn place(&self, region: &Region) -> Place {
        Place { account: self.account.clone(), region: region.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere is that test's failure, not a second one here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What goes wrong in a world, and what did.
#[derive(Debug)]
pub struct Faults<'a> {
    world: &'a World,
}

impl Faults<'_> {
    /// Adds a fault at given times. Of several that fit a call, the first one added strikes.
    pub fn schedule(&self, fault: Fault) -> FaultId {
        self.world.lock().faults.schedule(fault)
    }

    /// Sets the random faults, in place of those before.
    pub fn set_rates(&self, rates: Rates) {
        self.world.lock().faults.rates = rates;
    }

    /// Ends all faults, scheduled and random. What they have done stays done.
    pub fn clear(&self) {
        self.world.lock().faults.clear();
    }

    /// Lets nothing strike but what `occurrences` names, as [`Occurrence`]s are written.
    pub fn only(&self, occurrences: BTreeSet<String>) {
        self.world.lock().faults.only = Some(occurrences);
    }

    /// All that has struck, in order.
    #[must_use]
    pub fn occurrences(&self) -> Vec<Occurrence> {
        self.world.lock().faults.occurrences.clone()
    }

    /// How often each fault has struck.
    #[must_use]
    pub fn injected(&self) -> BTreeMap<FaultId, u64> {
        self.world.lock().faults.injected.clone()
    }
}
