//! Why a recovery point is kept or goes, in words. Nothing is written before it is decided.

use jiff::tz::Offset;
use jiff::{SpanFieldwise, Timestamp};

use super::period::Period;
use crate::ids::push_number;

/// Most reasons are no longer than this.
const TEXT_BYTES: usize = 32;

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
        let mut text = String::with_capacity(TEXT_BYTES);
        match self {
            Self::Ignored(why) => text.push_str(why),
            Self::Hold => text.push_str("hold"),
            Self::Quarantine(until) => text.push_str(&format!("quarantine until {until}")),
            Self::NoEligible => text.push_str("no-eligible: every verification failed"),
            Self::Newest { rule, rank } => push_ranked(&mut text, rule, rank),
            Self::LastVerified => text.push_str("last-verified"),
            Self::Period { period, rank, verified } => {
                push_ranked(&mut text, period.tier(), rank);
                text.push(' ');
                period.push_text(&mut text, at, offset);
                text.push_str(if verified { " verified" } else { "" });
            }
            Self::Within { period, length } => {
                push_within(&mut text, period, length);
                if let Some(period) = period {
                    text.push(' ');
                    period.push_text(&mut text, at, offset);
                }
            }
            Self::Oldest(period) => {
                text.push_str("oldest ");
                push_period(&mut text, period, at, offset);
            }
            Self::BeyondNewest { rule, max } => {
                text.push_str("beyond ");
                push_ranked(&mut text, rule, max);
            }
            Self::BeyondPeriods { period, max } => {
                text.push_str("beyond ");
                push_ranked(&mut text, period.tier(), max);
            }
            Self::BeyondWithin { period, length } => {
                text.push_str("beyond ");
                push_within(&mut text, period, length);
            }
            Self::Superseded { period, within, kept } => {
                text.push_str(if within { "within-" } else { "" });
                push_period(&mut text, period, at, offset);
                text.push_str(": kept ");
                text.push_str(kept);
            }
            Self::Expired(age) => text.push_str(&format!("expired after {}", age.0)),
            Self::QuarantineOver(since) => {
                text.push_str(&format!("verification failed, quarantine over since {since}"));
            }
        }
        text
    }
}

fn push_ranked(text: &mut String, rule: &str, number: u32) {
    text.push_str(rule);
    text.push('#');
    push_number(text, number, 1);
}

fn push_period(text: &mut String, period: Period, at: Timestamp, offset: Offset) {
    text.push_str(period.tier());
    text.push(' ');
    period.push_text(text, at, offset);
}

fn push_within(text: &mut String, period: Option<Period>, length: &SpanFieldwise) {
    match period {
        None => text.push_str(&format!("within {}", length.0)),
        Some(period) => text.push_str(&format!("within-{} {}", period.tier(), length.0)),
    }
}
