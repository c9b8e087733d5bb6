//! How long and how much.

use std::time::{Duration, Instant};

/// An answer has at most so many bytes on the wire. A count needs few; a function with 256 MB of
/// memory survives many times this.
pub const ANSWER_BYTES_MAX: usize = 1 << 20;

/// So much longer than the server is waited for before it counts as hanging.
pub(crate) const GRACE: Duration = Duration::from_secs(3);

/// How long a database may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first attempt to connect to the first answer.
    pub connect: Duration,
    /// For one check.
    pub question: Duration,
    /// For all of the survey.
    pub survey: Duration,
    /// When whoever asks has to be done, whatever is left.
    pub until: Option<Instant>,
}

impl Limits {
    /// `limit`, or what is left of the run if that is less; and whether it was.
    pub(crate) fn cut(&self, limit: Duration) -> (Duration, bool) {
        match self.until.map(|until| until.saturating_duration_since(Instant::now())) {
            Some(left) if left < limit => (left, true),
            Some(_) | None => (limit, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_ends_sooner_cuts_a_limit() {
        let second = Duration::from_secs(1);
        let mut limits = Limits { connect: second, question: second, survey: second, until: None };
        assert_eq!(limits.cut(second), (second, false));
        limits.until = Some(Instant::now());
        assert_eq!(limits.cut(second), (Duration::ZERO, true));
    }
}
