//! AWS's clock against ours: retention reasons in time, so prune stops when the two disagree.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_sdk_rds::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_rds::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_rds::error::BoxError;
use aws_sdk_rds::primitives::{DateTime, DateTimeFormat};
use jiff::{SignedDuration, Timestamp};

/// Reads the `Date` of every answer, failed attempts included, and keeps the largest difference.
///
/// One belongs to one observation. The SDK corrects its signatures by itself when clocks differ, so
/// without this nobody would notice.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClockWatch {
    largest: Arc<Mutex<Option<SignedDuration>>>,
}

impl ClockWatch {
    /// AWS's clock less ours, the largest difference so far; `None` when no answer had a date.
    pub(crate) fn skew(&self) -> Option<SignedDuration> {
        *self.largest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, date: &str, now: SystemTime) {
        let (Some(theirs), Ok(ours)) = (http_date(date), Timestamp::try_from(now)) else { return };
        let skew = theirs.duration_since(ours);
        let mut largest = self.largest.lock().unwrap_or_else(PoisonError::into_inner);
        if largest.is_none_or(|largest| skew.abs() > largest.abs()) {
            *largest = Some(skew);
        }
    }
}

fn http_date(text: &str) -> Option<Timestamp> {
    let date = DateTime::from_str(text, DateTimeFormat::HttpDate).ok()?;
    Timestamp::from_second(date.secs()).ok()
}

impl Intercept for ClockWatch {
    fn name(&self) -> &'static str {
        "ClockWatch"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(date) = context.response().headers().get("date") {
            self.note(date, components.time_source().unwrap_or_default().now());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_difference_is_kept_whatever_its_sign() {
        let now: Timestamp = "2026-03-04T02:00:00Z".parse().unwrap();
        let table = [
            ("Wed, 04 Mar 2026 02:00:01 GMT", Some(1)),
            ("Wed, 04 Mar 2026 01:50:00 GMT", Some(-600)),
            ("Wed, 04 Mar 2026 02:05:00 GMT", Some(-600)),
            ("yesterday", Some(-600)),
            ("Wed, 04 Mar 2026 03:00:00 GMT", Some(3600)),
        ];
        let watch = ClockWatch::default();
        assert_eq!(watch.skew(), None);
        for (date, seconds) in table {
            watch.note(date, now.into());
            assert_eq!(watch.skew().map(|skew| skew.as_secs()), seconds, "after {date}");
        }
    }
}
