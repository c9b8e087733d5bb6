//! The incidents and the alarms of the plausible year.

use snapkeep_policy::document::Severity;

use super::{AWAY, DATABASES, HOME, at, noise};
use crate::story::{AlarmStory, Incident};

pub(super) fn incidents() -> Vec<Incident> {
    let incident = |day, hours: i64, name: &str, what: &str, answer: &str| Incident {
        at: at(day, 1),
        until: (hours > 0).then(|| at(day, 1 + hours)),
        name: name.to_owned(),
        what: what.to_owned(),
        answer: answer.to_owned(),
        caught: true,
    };
    vec![
        incident(
            37,
            25,
            "a missed night",
            "Every CreateDBClusterSnapshot of apm-postgres was refused.",
            "slot-missed was opened 2 h later; the slot was taken once calls went through.",
        ),
        incident(
            112,
            96,
            "copies stuck in us-east-1",
            "Copies to us-east-1 stayed at 43 % for four days.",
            "copy-late was opened for all five databases, originals were held from prune, and the \
             backlog was copied oldest first.",
        ),
        incident(
            190,
            0,
            "a snapshot that restores to nothing",
            "The rows of lab06-orders were deleted before the snapshot of the night.",
            "The rehearsed restore failed its count, verification-failed was opened, and the older \
             verified recovery point was kept beyond its tier.",
        ),
        incident(
            265,
            0,
            "an intruder deletes snapshots",
            "Six recovery points of shepherd were deleted with stolen credentials.",
            "recovery-point-vanished was opened within one run, and prune stopped until somebody \
             answered.",
        ),
        incident(
            331,
            30,
            "a disabled key",
            "The KMS key for copies in us-east-1 was disabled.",
            "key-unusable was opened before the first copy failed, and resolved when the key was \
             back.",
        ),
    ]
}

pub(super) fn alarms() -> Vec<AlarmStory> {
    let alarm =
        |day, hour, hours: Option<i64>, severity, condition: &str, subject: &str| AlarmStory {
            condition: condition.to_owned(),
            severity,
            subject: subject.to_owned(),
            region: if condition.starts_with("copy") || condition.starts_with("key") {
                AWAY
            } else {
                HOME
            }
            .to_owned(),
            message: format!("{condition} for {subject}: see the runbook, section {condition}."),
            opened_at: at(day, hour),
            resolved_at: hours.map(|hours| at(day, hour + hours)),
        };
    use Severity::{Critical, Info, Warning};
    let mut alarms = vec![
        alarm(5, 8, Some(26), Info, "unprotected", "scratchpad"),
        alarm(37, 4, Some(23), Critical, "slot-missed", "apm-postgres"),
        alarm(38, 3, Some(2), Critical, "recovery-point-missing", "apm-postgres"),
        alarm(64, 5, Some(70), Warning, "scratch-lingering", "apm-mysql"),
        alarm(98, 0, Some(500), Info, "posture", "lab06-users"),
        alarm(190, 7, Some(24), Critical, "verification-failed", "lab06-orders"),
        alarm(191, 8, Some(22), Warning, "verification-overdue", "lab06-orders"),
        alarm(240, 4, Some(400), Warning, "quota-nearly-full", "manual cluster snapshots"),
        alarm(265, 2, Some(55), Critical, "recovery-point-vanished", "shepherd"),
        alarm(265, 3, Some(54), Critical, "refused", "prune"),
        alarm(300, 6, Some(20), Warning, "region-unseen", "us-east-1"),
        alarm(331, 1, Some(30), Critical, "key-unusable", "alias/snapkeep-copies"),
        alarm(372, 4, None, Warning, "quota-nearly-full", "manual cluster snapshots"),
        alarm(385, 9, None, Info, "unprotected", "lab07-trial"),
    ];
    for (index, (id, _, _)) in DATABASES.into_iter().enumerate() {
        alarms.push(alarm(113, 4 + index as i64, Some(80), Warning, "copy-late", id));
        alarms.push(alarm(333 - index as i64 % 2, 5, Some(9), Warning, "copy-late", id));
        let day = 20 + noise(index, 7, 340);
        alarms.push(alarm(day, 11, Some(20), Warning, "verification-inconclusive", id));
    }
    alarms.sort_by_key(|alarm| alarm.opened_at);
    alarms
}
