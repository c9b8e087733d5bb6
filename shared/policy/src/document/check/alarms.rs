//! When somebody is told, how often, and who else is called in.

use super::place::{Place, all, optional};
use super::values::{duration, duration_or, percent, within};
use crate::document::wire::{self, default};
use crate::document::{AlarmRule, EscalationLevel};

/// Levels after the first. More people than that aren't called in by a program.
const LEVELS_MAX: usize = 4;
/// It is read on a telephone.
const CALL_IN_CHARS_MAX: usize = 64;
/// A hundredfold: what grows more within a week has no sensible limit.
const GROWTH_PERCENT_MAX: u32 = 10_000;

pub(super) fn alarms(at: &Place<'_>, wire: wire::AlarmRule) -> Option<AlarmRule> {
    let missing_after =
        duration_or(at, "missing_after", wire.missing_after, default::MISSING_AFTER);
    let slot_after = duration_or(at, "slot_after", wire.slot_after, default::SLOT_AFTER);
    let unverified_after =
        optional(wire.unverified_after, |wire| duration(&at.key("unverified_after"), &wire));
    let quota_percent = wire.quota_percent.unwrap_or(default::QUOTA_PERCENT);
    let quota_percent = percent(&at.key("quota_percent"), quota_percent, 1);
    let growth = wire.storage_growth_percent.unwrap_or(default::STORAGE_GROWTH_PERCENT);
    let growth = within(&at.key("storage_growth_percent"), growth, 1..=GROWTH_PERCENT_MAX);
    let remind_every = duration_or(at, "remind_every", wire.remind_every, default::REMIND_EVERY);
    let escalation = escalation(&at.key("escalation"), wire.escalation.unwrap_or_default());
    Some(AlarmRule {
        severity: wire.severity.unwrap_or(default::SEVERITY),
        missing_after: missing_after?,
        slot_after: slot_after?,
        unverified_after: unverified_after?,
        quota_percent: quota_percent?,
        storage_growth_percent: growth?,
        remind_every: remind_every?,
        escalation: escalation?,
    })
}

fn escalation(at: &Place<'_>, wire: Vec<wire::EscalationLevel>) -> Option<Vec<EscalationLevel>> {
    if wire.len() > LEVELS_MAX {
        let expected = format!("at most {LEVELS_MAX} levels: the first is the opening");
        return at.refuse_value(format!("{} levels", wire.len()), expected);
    }
    let texts: Vec<String> = wire.iter().map(|level| level.after.0.clone()).collect();
    let levels = all(wire.into_iter().enumerate().map(|(n, wire)| level(&at.index(n), wire)))?;
    let later = levels.windows(2).enumerate().map(|(n, pair)| {
        if pair[0].after < pair[1].after {
            return Some(());
        }
        let expected = format!("later than the level before it, which is after {}", texts[n]);
        at.index(n + 1).key("after").refuse(&texts[n + 1], expected)
    });
    all(later)?;
    Some(levels)
}

fn level(at: &Place<'_>, wire: wire::EscalationLevel) -> Option<EscalationLevel> {
    let after = duration(&at.key("after"), &wire.after);
    let text = wire.call_in;
    let is_sound = (1..=CALL_IN_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|b| matches!(b, b' '..=b'~'))
        && !text.trim().is_empty();
    let call_in = if is_sound {
        Some(text)
    } else {
        let expected = format!("a role or a name of 1 to {CALL_IN_CHARS_MAX} ASCII characters");
        at.key("call_in").refuse(&text, expected)
    };
    Some(EscalationLevel { after: after?, call_in: call_in? })
}
