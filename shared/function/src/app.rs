//! The walk that all functions share, up to the decision.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use snapkeep_aws::Aws;
use snapkeep_aws::observe::observe;
use snapkeep_aws::store::Store;
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::AccountId;
use snapkeep_policy::inventory::Observation;
use snapkeep_policy::request::Request;
use snapkeep_policy::verb::Verb;

use crate::{Error, Settings};

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
#[derive(Debug, Clone)]
pub struct Tick {
    /// The instant at which everything is decided.
    pub now: Timestamp,
    /// The account in which the function runs, where that is known: events of others are refused.
    pub account: Option<AccountId>,
    stop_at: Option<Instant>,
}

impl Tick {
    /// A run at `now` that may take as long as it likes.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { now, account: None, stop_at: None }
    }

    /// A run at `now` that will be killed after `left`.
    #[must_use]
    pub fn with_time_left(now: Timestamp, left: Duration) -> Self {
        let stop_at = Instant::now() + (left - reserve(left));
        Self { now, account: None, stop_at: Some(stop_at) }
    }

    /// The same run in a known account.
    #[must_use]
    pub fn in_account(self, account: Option<AccountId>) -> Self {
        Self { account, ..self }
    }

    /// When nothing new may be started any more, if the run has an end.
    #[must_use]
    pub fn stop_at(&self) -> Option<Instant> {
        self.stop_at
    }

    /// Whether another action may be started.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.stop_at.is_none_or(|stop_at| Instant::now() < stop_at)
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
        let home = Some(self.aws.home());
        let managed = document.all_regions(home);
        let request = Request::parse(payload, verb, tick.account.as_ref(), &managed, tick.now);
        let request = request.map_err(Error::Request)?;
        let observation = observe(&self.aws, &document.regions_of(verb, home)).await;
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
}
