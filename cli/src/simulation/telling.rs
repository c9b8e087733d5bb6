//! What became of the incidents, told from the log and the alarms.

use jiff::{SignedDuration, Timestamp};

use crate::simulation::incident::{Kind, Scripted};
use crate::simulation::log::{Life, Log};
use crate::story::{AlarmStory, DatabaseStory, Incident, Restore};
use snapkeep_policy::recovery_point::Outcome;

/// An alarm must come this soon after the end of its incident.
const ALARM_WITHIN: SignedDuration = SignedDuration::from_hours(48);
/// A stuck copy is given up after a day, and cancelled once its successor is there.
const CANCELLED_WITHIN: SignedDuration = SignedDuration::from_hours(72);

/// What is known at the end.
pub struct Facts<'a> {
    pub log: &'a Log,
    pub alarms: &'a [AlarmStory],
    pub databases: &'a [DatabaseStory],
}

/// How a kind of incident is told.
struct Script {
    name: &'static str,
    what: &'static str,
    condition: &'static str,
    /// Whether the alarm ends by itself once the cause is gone.
    resolves: bool,
    /// What the account must show, and does or doesn't.
    proof: &'static str,
}

/// Tells one incident.
#[must_use]
pub fn tell(incident: &Scripted, facts: &Facts<'_>) -> Incident {
    let script = script(incident.kind);
    let in_time = incident.at..incident.until + ALARM_WITHIN;
    let raised = facts
        .alarms
        .iter()
        .find(|alarm| alarm.condition == script.condition && in_time.contains(&alarm.opened_at));
    let ended = raised.and_then(|alarm| alarm.resolved_at);
    let proven = is_proven(incident, facts);
    let alarm = match raised {
        None => format!("No alarm {} was raised.", script.condition),
        Some(alarm) => {
            let after = hours(incident.at, alarm.opened_at);
            let end = ended.map_or(String::new(), |at| {
                format!(" and resolved {} later", hours(alarm.opened_at, at))
            });
            format!("{} was raised for {} after {after}{end}.", script.condition, alarm.subject)
        }
    };
    let not = if proven { "" } else { "NOT seen: " };
    Incident {
        at: incident.at,
        until: (incident.until > incident.at).then_some(incident.until),
        name: script.name.to_owned(),
        what: script.what.to_owned(),
        answer: format!("{alarm} {not}{}", script.proof),
        caught: proven && raised.is_some() && (ended.is_some() || !script.resolves),
    }
}

/// Whether the account shows what the script promises.
fn is_proven(incident: &Scripted, facts: &Facts<'_>) -> bool {
    let Facts { log, databases, .. } = facts;
    let slot = incident.at;
    match incident.kind {
        Kind::MissedNight => {
            log.of_slot(slot, false).filter(|life| life.became_available).count() == databases.len()
        }
        Kind::StuckCopy => {
            // Not by the slot: with other faults about, the copy that got stuck may be an older one's.
            let soon = incident.at..incident.until + CANCELLED_WITHIN;
            let is_cancelled = |life: &&Life| {
                let cancelled = life.gone.is_some_and(|g| g.pruned && soon.contains(&g.at));
                life.copy_of.is_some() && !life.became_available && cancelled
            };
            log.points.values().filter(is_cancelled).any(|stuck| {
                let mut copies = log.of_slot(stuck.taken_at, true);
                copies.any(|life| life.database == stuck.database && life.became_available)
            })
        }
        Kind::FailingRestore => recovers(databases, incident.at),
        Kind::OperatorsDeletion => incident.deleted.borrow().as_ref().is_some_and(|deleted| {
            let of = deleted.to_string();
            let is_copy = |copy: &str| copy == of;
            log.points
                .values()
                .any(|life| life.became_available && life.copy_of.as_deref().is_some_and(is_copy))
        }),
        // What it failed for is alarm's to say; here, that the next one was proven again.
        Kind::MassDeletion => recovers(databases, incident.at),
        Kind::ThrottledAfternoon => {
            let during = incident.at..incident.until;
            let mut gone = log.points.values().filter_map(|life| life.gone);
            !gone.any(|gone| gone.pruned && during.contains(&gone.at))
        }
    }
}

/// Whether some verification failed since, and a later one passed: in a storm the very next may come to
/// nothing.
fn recovers(databases: &[DatabaseStory], since: Timestamp) -> bool {
    databases.iter().any(|database| {
        let restores = &database.restores;
        let is_failure =
            |restore: &Restore| restore.outcome == Outcome::Fail && restore.at >= since;
        let failed = restores.iter().position(is_failure);
        let later = failed.map_or(&[][..], |index| &restores[index + 1..]);
        later.iter().any(|restore| restore.outcome == Outcome::Pass)
    })
}

fn script(kind: Kind) -> Script {
    match kind {
        Kind::MissedNight => Script {
            name: "a missed night",
            what: "The schedule of create didn't fire for twelve hours.",
            condition: "slot-missed",
            resolves: true,
            proof: "Every database got its recovery point for that slot when create was woken again.",
        },
        Kind::StuckCopy => Script {
            name: "a stuck copy",
            what: "A copy into the other region never left the state copying.",
            condition: "copy-late",
            resolves: true,
            proof: "It was given up after a day and made anew, and the stuck one was cancelled.",
        },
        Kind::FailingRestore => Script {
            name: "a failing restore",
            what: "A rehearsed restore ended as incompatible-restore.",
            condition: "verification-failed",
            resolves: true,
            proof: "That recovery point counts no longer, and the next one was proven.",
        },
        Kind::OperatorsDeletion => Script {
            name: "an operator's deletion",
            what: "Somebody deleted yesterday's recovery point by hand.",
            condition: "recovery-point-vanished",
            resolves: false,
            proof: "Its copy in the other region was there.",
        },
        Kind::MassDeletion => Script {
            name: "a mass deletion",
            what: "Nine of ten rows of apm-mysql were deleted, and put back a day later.",
            condition: "data-dropped",
            resolves: true,
            proof: "The backup of the emptied tables restored perfectly and failed all the same; \
                    nothing of it was pruned until the next one was proven.",
        },
        Kind::ThrottledAfternoon => Script {
            name: "a throttled afternoon",
            what: "RDS answered every call in the home region with Throttling for four hours.",
            condition: "region-unseen",
            resolves: true,
            proof: "Nothing was deleted on half a picture.",
        },
    }
}

fn hours(from: Timestamp, to: Timestamp) -> String {
    let minutes = to.duration_since(from).as_mins();
    format!("{} h {:02} min", minutes / 60, minutes % 60)
}
