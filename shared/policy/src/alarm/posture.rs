//! How a database is set up.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::document::Policy;
use crate::ids::PolicyName;
use crate::inventory::BackupWindow;
use crate::selection::Protected;
use crate::view::View;

/// Slots are looked at this far ahead: a week has all that a weekly schedule has.
const AHEAD: SignedDuration = SignedDuration::from_hours(8 * 24);
/// A schedule with more slots than twelve a day can't avoid a window, and one that waits is no loss.
const SLOTS_MAX: usize = 12 * 8;

/// The slots to come of each policy.
pub(super) type Slots<'v> = BTreeMap<&'v PolicyName, Vec<Timestamp>>;

/// Once for all databases of a policy.
pub(super) fn slots<'v>(view: &View<'v>) -> Slots<'v> {
    let all = view.document.policies.iter();
    all.map(|(name, policy)| (name, slots_of(policy, view))).collect()
}

fn slots_of(policy: &Policy, view: &View<'_>) -> Vec<Timestamp> {
    let mut slots = Vec::new();
    for schedule in &policy.schedules {
        let next = |at: &Timestamp| schedule.next_after(*at, &view.document.time_zone);
        let ahead = std::iter::successors(next(&view.now), next);
        let ahead = ahead.take_while(|slot| slot.duration_since(view.now) < AHEAD);
        let ahead: Vec<Timestamp> = ahead.take(SLOTS_MAX + 1).collect();
        if ahead.len() <= SLOTS_MAX {
            slots.extend(ahead);
        }
    }
    slots
}

/// What is weak about it, a few words each.
pub(super) fn weaknesses(protected: &Protected<'_>, slots: &Slots<'_>) -> Vec<String> {
    let database = protected.database;
    let slots = slots.get(protected.policy_name).map_or(&[][..], Vec::as_slice);
    let is_late = |window: &BackupWindow| slots.iter().any(|slot| window.contains(*slot));
    let window = database.backup_window.filter(|_| database.automated_retention_days > 0);
    [
        (database.automated_retention_days == 0).then(|| "has no automated backups".to_owned()),
        (!database.encrypted).then(|| "isn't encrypted".to_owned()),
        (!database.deletion_protection).then(|| "has no deletion protection".to_owned()),
        window.filter(is_late).map(|window| {
            format!(
                "has a slot within its backup window ({window}), for whose end a snapshot waits"
            )
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}
