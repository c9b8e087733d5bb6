//! The walk that all functions share, up to the decision.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use snapkeep_aws::observe::observe_while;
use snapkeep_aws::store::Store;
use snapkeep_aws::{Aws, Failure};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::AccountId;
use snapkeep_policy::inventory::Observation;
use snapkeep_policy::request::Request;
use snapkeep_policy::verb::Verb;

use crate::{Error, Settings};

/// Of the time until then, listing may take three quarters. Else a fleet whose lists take too long would
/// be listed for ever and nothing done about it: what was seen by then is acted on, and what wasn't is
/// refused and alarmed.
const LOOK_FOURTHS: u32 = 3;

/// And reading what else it needs, such as queues and evidence, seven eighths: the rest is for what it is
/// there for.
const READ_EIGHTHS: u32 = 7;

/// A run stops starting things this long before it would be killed, or with a quarter of its time
/// left where that is less: a short timeout shall not leave it without any.
const STOP_BEFORE_TIMEOUT: Duration = Duration::from_secs(20);

/// A function's clients and settings, made once and used by every run.
#[derive(Debug, Clone)]
pub struct App {
    /// The account.
    pub aws: Aws,
    /// The settings.
    pub settings: Settings,
}

/// One run: when it is, where, and how long it may take.
#[derive(Clone)]
pub struct Tick {
    /// The instant at which everything is decided.
    pub now: Timestamp,
    /// The account in which the function runs, where that is known: events of others are refused.
    pub account: Option<AccountId>,
    time: Option<Allotment>,
}

/// A run's time.
#[derive(Clone)]
struct Allotment {
    /// For how long things may be started.
    usable: Duration,
    /// How much is left then.
    reserve: Duration,
    /// For how long the run has been going.
    elapsed: Arc<dyn Fn() -> Duration + Send + Sync>,
    clock: Clock,
}

/// Whose time it is.
#[derive(Clone, Copy)]
enum Clock {
    /// This machine's, whose timers can end a wait.
    Ours,
    /// Another: nothing here can wait for it.
    Other,
}

impl fmt::Debug for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usable = self.time.as_ref().map(|time| time.usable);
        let Self { now, account, .. } = self;
        f.debug_struct("Tick")
            .field("now", now)
            .field("account", account)
            .field("usable", &usable)
            .finish()
    }
}

impl Tick {
    /// A run at `now` that may take as long as it likes.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { now, account: None, time: None }
    }

    /// A run at `now` that will be killed after `left`.
    #[must_use]
    pub fn with_time_left(now: Timestamp, left: Duration) -> Self {
        let begun = Instant::now();
        Self::allotted(now, left, move || begun.elapsed(), Clock::Ours)
    }

    /// The same by another clock, which says for how long the run has been going: a simulated account has
    /// a time of its own.
    #[must_use]
    pub fn measured(
        now: Timestamp,
        left: Duration,
        elapsed: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        Self::allotted(now, left, elapsed, Clock::Other)
    }

    fn allotted(
        now: Timestamp,
        left: Duration,
        elapsed: impl Fn() -> Duration + Send + Sync + 'static,
        clock: Clock,
    ) -> Self {
        let (reserve, elapsed) = (reserve(left), Arc::new(elapsed));
        let time = Allotment { usable: left - reserve, reserve, elapsed, clock };
        Self { now, account: None, time: Some(time) }
    }

    /// The same run in a known account.
    #[must_use]
    pub fn in_account(self, account: Option<AccountId>) -> Self {
        Self { account, ..self }
    }

    /// When nothing new may be started any more, if the run has an end.
    #[must_use]
    pub fn stop_at(&self) -> Option<Instant> {
        let left = |time: &Allotment| time.usable.saturating_sub((time.elapsed)());
        self.time.as_ref().map(|time| Instant::now() + left(time))
    }

    /// Whether another action may be started.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.time.as_ref().is_none_or(|time| (time.elapsed)() < time.usable)
    }

    /// Whether another page may be listed.
    #[must_use]
    pub fn has_time_to_look(&self) -> bool {
        let until = |time: &Allotment| time.usable * LOOK_FOURTHS / 4;
        self.time.as_ref().is_none_or(|time| (time.elapsed)() < until(time))
    }

    /// What `reading` finds, unless the run has to go on without it: then it is not begun, or given up.
    ///
    /// # Errors
    /// As `reading`; [`snapkeep_aws::FailureClass::Unavailable`] when there is no time for it.
    pub async fn reading<T>(
        &self,
        subject: &str,
        reading: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let until = self.time.as_ref().map(|time| time.usable * READ_EIGHTHS / 8);
        self.within(until, subject, reading).await
    }

    /// What `act` comes to. It isn't begun where nothing may be started any more, and what hangs is given
    /// up halfway through the reserve: the other half is for writing down what was done.
    ///
    /// # Errors
    /// As `act`; [`snapkeep_aws::FailureClass::Unavailable`] when it was given up: nobody knows then
    /// whether it took effect.
    pub async fn acting<T>(
        &self,
        subject: &str,
        act: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        if !self.has_time() {
            return Err(Failure::late(subject));
        }
        let until = self.time.as_ref().map(|time| time.usable + time.reserve / 2);
        self.within(until, subject, act).await
    }

    async fn within<T>(
        &self,
        until: Option<Duration>,
        subject: &str,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let Some((time, until)) = self.time.as_ref().zip(until) else { return work.await };
        let left = until.saturating_sub((time.elapsed)());
        if left.is_zero() {
            return Err(Failure::late(subject));
        }
        match time.clock {
            Clock::Ours => {
                let ended = tokio::time::timeout(left, work).await;
                ended.unwrap_or_else(|_| Err(Failure::late(subject)))
            }
            Clock::Other => work.await,
        }
    }
}

fn reserve(left: Duration) -> Duration {
    STOP_BEFORE_TIMEOUT.min(left / 4)
}

/// What a run knows when it comes to deciding.
#[derive(Debug, Clone)]
pub struct Observed {
    /// What is wanted.
    pub document: PolicyDocument,
    /// What was asked for.
    pub request: Request,
    /// What there is.
    pub observation: Observation,
}

impl App {
    /// The bucket of policy, evidence and open alarms.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::new(&self.aws, self.settings.bucket.clone())
    }

    /// The same, for evidence: what is written anew at `now` is locked for as long as the settings say.
    #[must_use]
    pub fn ledger(&self, now: Timestamp) -> Store {
        let days = self.settings.evidence_lock_days;
        let locked = days.map(|days| SignedDuration::from_hours(i64::from(days) * 24));
        // Beyond the end of time nothing needs a lock.
        self.store().locking_until(locked.and_then(|locked| now.checked_add(locked).ok()))
    }

    /// Reads the policy document, then the request, then the world.
    ///
    /// # Errors
    /// A document or a request that is refused, before anything else is looked at.
    pub async fn observe(
        &self,
        verb: Verb,
        payload: &[u8],
        tick: &Tick,
    ) -> Result<Observed, Error> {
        let document = self.document().await?;
        // The document means the deployment's own region, also where a standby reads it elsewhere.
        let home = self.settings.standby_for.as_ref().map(|home| &home.region);
        let home = home.or(Some(self.aws.home()));
        let managed = document.all_regions(home);
        let request = Request::parse(payload, verb, tick.account.as_ref(), &managed, tick.now);
        let request = request.map_err(Error::Request)?;
        let regions = document.regions_of(verb, home);
        let observation = observe_while(&self.aws, &regions, &|| tick.has_time_to_look()).await;
        Ok(Observed { document, request, observation })
    }

    /// Whether a run only decides and reports.
    #[must_use]
    pub fn is_dry_run(&self, request: &Request) -> bool {
        self.settings.dry_run || request.dry_run
    }

    async fn document(&self) -> Result<PolicyDocument, Error> {
        let Settings { bucket, policy_key, .. } = &self.settings;
        let Some((bytes, _)) = self.store().get(policy_key).await? else {
            return Err(Error::NoPolicy { bucket: bucket.clone(), key: policy_key.clone() });
        };
        PolicyDocument::from_bytes(&bytes).map_err(Error::Policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_keeps_twenty_seconds_in_reserve_and_a_short_one_a_quarter() {
        for (left_seconds, reserve_seconds) in [(900, 20), (80, 20), (40, 10), (4, 1), (0, 0)] {
            let reserve = reserve(Duration::from_secs(left_seconds));
            assert_eq!(reserve, Duration::from_secs(reserve_seconds), "{left_seconds} s left");
        }
    }

    #[test]
    fn a_run_without_time_left_starts_nothing() {
        let now = Timestamp::UNIX_EPOCH;
        assert!(!Tick::with_time_left(now, Duration::ZERO).has_time());
        assert!(Tick::with_time_left(now, Duration::from_secs(900)).has_time());
        assert!(Tick::at(now).has_time());
    }

    #[tokio::test]
    async fn what_is_read_or_done_is_neither_begun_too_late_nor_waited_for_too_long() {
        let tick = |elapsed_seconds| {
            let elapsed = move || Duration::from_secs(elapsed_seconds);
            Tick::measured(Timestamp::UNIX_EPOCH, Duration::from_secs(300), elapsed)
        };
        for (elapsed_seconds, may_read, may_act) in
            [(0, true, true), (244, true, true), (245, false, true), (280, false, false)]
        {
            let tick = tick(elapsed_seconds);
            let (read, acted) =
                (tick.reading("x", async { Ok(()) }), tick.acting("x", async { Ok(()) }));
            let may = (read.await.is_ok(), acted.await.is_ok());
            assert_eq!(may, (may_read, may_act), "after {elapsed_seconds} s");
        }
        let short = Tick::with_time_left(Timestamp::UNIX_EPOCH, Duration::from_millis(80));
        let hangs = std::future::pending::<Result<(), Failure>>;
        let late = "publish to x: OutOfTime: this run has no time left for it; it is tried again; see the \
                    AWS Health Dashboard if it lasts";
        let failure = short.acting("publish to x", hangs()).await.unwrap_err();
        assert_eq!((failure.to_string().as_str(), failure.retryable()), (late, true));
        assert!(short.reading("x", hangs()).await.is_err());
        assert!(Tick::at(Timestamp::UNIX_EPOCH).acting("x", async { Ok(()) }).await.is_ok());
    }

    #[test]
    fn listing_leaves_a_quarter_of_the_time_to_act() {
        for (elapsed_seconds, may_look, may_act) in [
            (0, true, true),
            (209, true, true),
            (210, false, true),
            (279, false, true),
            (280, false, false),
        ] {
            let elapsed = move || Duration::from_secs(elapsed_seconds);
            let tick = Tick::measured(Timestamp::UNIX_EPOCH, Duration::from_secs(300), elapsed);
            let may = (tick.has_time_to_look(), tick.has_time());
            assert_eq!(may, (may_look, may_act), "after {elapsed_seconds} s");
        }
    }
}
