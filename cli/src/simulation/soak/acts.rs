//! What people, neighbours and the night do to a small account, beside what AWS does: each act is drawn
//! from the seed, happens around one slot, and can be left out by its name.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::ids::Region;
use snapkeep_policy::verb::Verb;

use super::draw::Draw;
use super::small::{AWAY, HOME, Small};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// The databases are stopped before the slot and started hours later.
    Stop,
    /// A stranger's snapshot has the identifier that the slot's will have.
    Squat,
    /// A database is deleted and made again under its name.
    Recreate,
    /// The quota leaves no room for a day.
    Quota,
    /// Somebody takes the tags off the newest recovery point.
    Strip,
    /// Somebody puts the oldest recovery point under hold, right before prune looks; often lists don't show it
    /// yet.
    Hold,
    /// Somebody has a database of their own that is named as scratch databases are.
    Decoy,
    /// Somebody deletes an original while its copy is under way.
    DeleteSource,
    /// Somebody deletes an available recovery point.
    Vanish,
    /// The key of the copies is disabled for a day.
    DisableKey,
    /// The key of the databases is disabled for half a day.
    DisableHomeKey,
    /// The other region knows nobody for a day.
    Unenabled,
    /// A region is down for some hours.
    Outage,
    /// The engine version of a database is withdrawn, and a newer one offered.
    Withdraw,
    /// There is no capacity for restores for half a day.
    NoCapacity,
    /// The databases have a status that nobody has heard of.
    OddStatus,
    /// Most rows are deleted, and put back a day later.
    Empty,
    /// A stranger makes a pile of snapshots with our tags on them.
    Flood,
    /// Clocks are 20 minutes apart for half a day.
    Skew,
    /// S3 answers `SlowDown`.
    SlowDown,
    /// The topic takes nothing for a day and a half, with one of the codes for that.
    TopicDown,
    /// Permission to take snapshots is gone for half a day.
    Denied,
    /// A snapshot of a database is shared from another account, with our tags on it.
    Share,
    /// Automated and AWS Backup's snapshots lie about with our tags on them.
    Automated,
    /// Each function is woken twice by the same event.
    Double,
    /// The two runs of a double wake run at the same time, call by call.
    Concurrent,
    /// Nobody is woken for the slot.
    Drop,
    /// Everybody is woken an hour late.
    Delay,
    /// Runs are killed at some call.
    Kill,
    /// Lists show what was there a few changes ago.
    Stale,
}

/// All of them, with how likely each is at a slot, of a thousand times.
pub const ALL: [(Act, u32); 30] = [
    (Act::Stop, 40),
    (Act::Squat, 25),
    (Act::Recreate, 8),
    (Act::Quota, 25),
    (Act::Strip, 20),
    (Act::Hold, 120),
    (Act::Decoy, 15),
    (Act::DeleteSource, 25),
    (Act::Vanish, 25),
    (Act::DisableKey, 25),
    (Act::DisableHomeKey, 20),
    (Act::Unenabled, 20),
    (Act::Outage, 30),
    (Act::Withdraw, 15),
    (Act::NoCapacity, 25),
    (Act::OddStatus, 25),
    (Act::Empty, 25),
    (Act::Flood, 20),
    (Act::Skew, 25),
    (Act::SlowDown, 25),
    (Act::TopicDown, 30),
    (Act::Denied, 25),
    (Act::Share, 15),
    (Act::Automated, 25),
    (Act::Double, 50),
    (Act::Concurrent, 40),
    (Act::Drop, 40),
    (Act::Delay, 40),
    (Act::Kill, 80),
    (Act::Stale, 40),
];

impl Act {
    /// Its name in counts and in occurrences.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Squat => "squat",
            Self::Recreate => "recreate",
            Self::Quota => "quota",
            Self::Strip => "strip",
            Self::Hold => "hold",
            Self::Decoy => "decoy",
            Self::DeleteSource => "delete-source",
            Self::Vanish => "vanish",
            Self::DisableKey => "disable-key",
            Self::DisableHomeKey => "disable-home-key",
            Self::Unenabled => "unenabled",
            Self::Outage => "outage",
            Self::Withdraw => "withdraw",
            Self::NoCapacity => "no-capacity",
            Self::OddStatus => "odd-status",
            Self::Empty => "empty",
            Self::Flood => "flood",
            Self::Skew => "skew",
            Self::SlowDown => "slow-down",
            Self::TopicDown => "topic-down",
            Self::Denied => "denied",
            Self::Share => "share",
            Self::Automated => "automated",
            Self::Double => "double",
            Self::Concurrent => "concurrent",
            Self::Drop => "drop",
            Self::Delay => "delay",
            Self::Kill => "kill",
            Self::Stale => "stale-lists",
        }
    }

    /// When it begins, from the slot on, and how long it lasts.
    fn times(self) -> (SignedDuration, SignedDuration) {
        let minutes =
            |from, lasts| (SignedDuration::from_mins(from), SignedDuration::from_mins(lasts));
        match self {
            Self::Stop | Self::OddStatus => minutes(-60, 240),
            Self::Squat | Self::Flood | Self::Automated | Self::Share => minutes(-10, 0),
            Self::Recreate | Self::Withdraw | Self::Decoy => minutes(-30, 0),
            Self::Hold => minutes(7 * 60 + 19, 0),
            Self::Quota | Self::DisableKey | Self::Unenabled => minutes(-20, 24 * 60),
            Self::Strip | Self::Vanish => minutes(5 * 60 + 20, 0),
            Self::DeleteSource => minutes(40, 0),
            Self::DisableHomeKey | Self::Denied | Self::Skew => minutes(-20, 12 * 60),
            Self::Outage | Self::SlowDown => minutes(-20, 8 * 60),
            Self::NoCapacity => minutes(3 * 60, 12 * 60),
            Self::Empty => minutes(-20, 20 * 60),
            Self::TopicDown => minutes(-20, 36 * 60),
            Self::Double
            | Self::Concurrent
            | Self::Drop
            | Self::Delay
            | Self::Kill
            | Self::Stale => minutes(-1, 11 * 60),
        }
    }
}

/// An act that is due at some time.
#[derive(Debug, Clone)]
pub struct Planned {
    pub act: Act,
    /// Tells what is drawn for it.
    pub draw: Draw,
    pub slot: Timestamp,
    pub from: Timestamp,
    pub until: Timestamp,
    /// In a region, where that matters.
    pub region: Region,
    pub begun: bool,
    pub ended: bool,
}

impl Planned {
    /// Its name among the occurrences of a run.
    pub fn key(&self) -> String {
        format!("act {} {}", self.act.name(), self.slot)
    }

    /// Whether it is going on.
    pub fn is_on(&self, now: Timestamp) -> bool {
        (self.from..self.until).contains(&now)
    }

    /// Whether a run of `verb` in its time is hit, where it only hits some.
    pub fn hits(&self, verb: Verb, now: Timestamp) -> bool {
        self.is_on(now) && self.draw.chance(&format!("{verb} at {now}"), 50)
    }
}

/// The acts of a seed, less those that `only` leaves out; none strike the first slot.
pub fn script(small: &Small, slots: &[Timestamp], only: Option<&BTreeSet<String>>) -> Vec<Planned> {
    let mut script = Vec::new();
    if Draw(small.seed).chance("quiet", 10) {
        return script;
    }
    for slot in slots.iter().skip(1) {
        for (act, per_thousand) in ALL {
            let draw =
                Draw(Draw(small.seed).within(&format!("{act:?} {slot}"), 0, u32::MAX).into());
            if draw.within("whether", 1, 1_000) > per_thousand {
                continue;
            }
            let (begins, lasts) = act.times();
            let drawn = draw.one("region", &[HOME, AWAY]);
            let region = if act == Act::Unenabled { AWAY } else { drawn };
            let Ok(region) = region.parse() else { continue };
            let (from, until) = (*slot + begins, *slot + begins + lasts);
            let planned =
                Planned { act, draw, slot: *slot, from, until, region, begun: false, ended: false };
            if only.is_none_or(|only| only.contains(&planned.key())) {
                script.push(planned);
            }
        }
    }
    script.sort_by_key(|planned| planned.from);
    script
}
