//! The virtual clock: what the simulated account and the SDK clients on it take for the time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use jiff::Timestamp;

/// An instant that stands still until it is moved. Clones show the same instant.
#[derive(Debug, Clone)]
pub struct VirtualClock(Arc<Mutex<Timestamp>>);

impl VirtualClock {
    pub(crate) fn at(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(start)))
    }

    /// The instant it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

/// Requests are signed with the virtual time, so that they don't depend on the day they run.
impl TimeSource for VirtualClock {
    fn now(&self) -> SystemTime {
        VirtualClock::now(self).into()
    }
}

/// Sleeps of the SDK between retries: over at once. The clock doesn't move either, because how long
/// the SDK waits is random and would make two runs differ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoSleep;

impl AsyncSleep for NoSleep {
    fn sleep(&self, _duration: Duration) -> Sleep {
        Sleep::new(std::future::ready(()))
    }
}
