//! Why a recovery point is kept or goes, in words. Nothing is written before it is decided.

use jiff::tz::Offset;
use jiff::{SpanFieldwise, Timestamp};

use super::period::Period;

/// One reason; the recovery point it is about is known to whoever writes it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reason<'p> {
    /// Not to be touched or counted.
    Ignored(&'p str),
    /// Ordered to be kept.
    Hold,
    /// Its verification failed, and it stays until the anchor reaches this instant.
    Quarantine(Timestamp),
    /// Its verification failed, and so did every other.
    NoEligible,
    /// Among the newest by this rule.
    Newest { rule: &'static str, rank: u32 },
    /// The newest that is proven to restore, with no floor that would say so.
    LastVerified,
    /// The one of its period, or the newest verified one beside it.
    Period { period: Period, rank: u32, verified: bool },
    /// Within a window, all of them or as the one of its period.
    Within { period: Option<Period>, length: &'p SpanFieldwise },
    /// The oldest, while this tier isn't full.
    Oldest(Period),
    /// Not among the newest so many.
    BeyondNewest { rule: &'static str, max: u32 },
    /// Not of the newest so many periods.
    BeyondPeriods { period: Period, max: u32 },
    /// Not within a window.
    BeyondWithin { period: Option<Period>, length: &'p SpanFieldwise },
    /// Another of its period is kept.
    Superseded { period: Period, within: bool, kept: &'p str },
    /// Older than the policy allows.
    Expired(&'p SpanFieldwise),
    /// Its verification failed, and the anchor has reached this instant.
    QuarantineOver(Timestamp),
}

impl Reason<'_> {
    /// The reason in words, about the recovery point of `at`.
    pub(super) fn text(self, at: Timestamp, offset: Offset) -> String {
        let text = |period: Period| period.text(at, offset);
        match self {
            Self::Ignored(why) => why.to_owned(),
            Self::Hold => "hold".to_owned(),
            Self::Quarantine(until) => format!("quarantine until {until}"),
            Self::NoEligible => "no-eligible: every verification failed".to_owned(),
            Self::Newest { rule, rank } => format!("{rule}#{rank}"),
            Self::LastVerified => "last-verified".to_owned(),
            Self::Period { period, rank, verified } => {
                let verified = if verified { " verified" } else { "" };
                format!("{}#{rank} {}{verified}", period.tier(), text(period))
            }
            Self::Within { period: None, length } => format!("within {}", length.0),
            Self::Within { period: Some(period), length } => {
                format!("within-{} {} {}", period.tier(), length.0, text(period))
            }
            Self::Oldest(period) => format!("oldest {} {}", period.tier(), text(period)),
            Self::BeyondNewest { rule, max } => format!("beyond {rule}#{max}"),
            Self::BeyondPeriods { period, max } => format!("beyond {}#{max}", period.tier()),
            Self::BeyondWithin { period: None, length } => format!("beyond within {}", length.0),
            Self::BeyondWithin { period: Some(period), length } => {
                format!("beyond within-{} {}", period.tier(), length.0)
            }
            Self::Superseded { period, within, kept } => {
                let within = if within { "within-" } else { "" };
                format!("{within}{} {}: kept {kept}", period.tier(), text(period))
            }
            Self::Expired(age) => format!("expired after {}", age.0),
            Self::QuarantineOver(since) => {
                format!("verification failed, quarantine over since {since}")
            }
        }
    }
}
