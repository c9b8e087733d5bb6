//! A fleet of any size, as it stands on an ordinary day, for everything that `./bench` measures.
//!
//! Every database has what [`POLICY`] keeps of years of daily recovery points, originals at home and
//! copies away, and one more in each place. That is 61 or so: weeks and months begin on some days only.
//! The same fleet is handed to the planner as an observation and put into a simulated account for
//! the function binaries to find, so that what is said of one can be said of the other.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::{Deployment, RdsArn, ResourceId, Slot, recovery_point_id};
use snapkeep_policy::retention::{Fate, Point, Retention, Verified, fates};
use snapkeep_policy::tags::{self, Tags};

pub mod observed;

/// Recovery points that a database has once its day's are taken, copied and pruned, give or take two.
pub const POINTS_EACH: usize = 61;
/// Where the databases are.
pub const HOME: &str = "us-west-2";
/// Where the copies are.
pub const AWAY: &str = "us-east-1";
/// The tag by which the policy selects.
pub const TAG: (&str, &str) = ("snapkeep:policy", "standard");
/// The fleet's policy document.
pub const POLICY: &str = include_str!("policy.json");

/// How much of a day's work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The newest slot has no recovery point: create has work.
    Due,
    /// It has, and no copy: copy has work.
    Taken,
    /// It has both, so in each place one recovery point is too many: prune has work.
    Copied,
}

impl std::str::FromStr for Stage {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "due" => Ok(Self::Due),
            "taken" => Ok(Self::Taken),
            "copied" => Ok(Self::Copied),
            other => Err(format!("no stage {other:?}; there are: due, taken, copied")),
        }
    }
}

/// The slots of one database's recovery points, newest first.
#[derive(Debug, Clone)]
pub struct Slots {
    /// At home.
    pub originals: Vec<Timestamp>,
    /// Away.
    pub copies: Vec<Timestamp>,
}

impl Slots {
    /// Those of a database at `stage` of the day of `now`.
    ///
    /// # Panics
    /// When what the policy keeps is nowhere near [`POINTS_EACH`]: every figure would be of another fleet.
    #[must_use]
    pub fn on_a_day(document: &PolicyDocument, now: Timestamp, stage: Stage) -> Self {
        let policy = document.policies.values().next().expect("the fleet's policy is in it");
        let newest = newest_slot(now);
        let mut originals = kept(&policy.retention, newest);
        let mut copies = kept(&policy.copies[0].retention, newest);
        let each = originals.len() + copies.len();
        assert!(each.abs_diff(POINTS_EACH) <= 2, "the policy keeps {each} of a database");
        if stage != Stage::Due {
            originals.insert(0, newest);
        }
        if stage == Stage::Copied {
            copies.insert(0, newest);
        }
        Self { originals, copies }
    }

    /// How many they are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.originals.len() + self.copies.len()
    }

    /// How many of them the policy lets go at `now`.
    #[must_use]
    pub fn expired(&self, document: &PolicyDocument, now: Timestamp) -> usize {
        let policy = document.policies.values().next().expect("the fleet's policy is in it");
        let places =
            [(&self.originals, &policy.retention), (&self.copies, &policy.copies[0].retention)];
        places.iter().map(|(slots, rules)| slots.len() - kept_of(slots, rules, now).len()).sum()
    }
}

/// Two in the morning, of today or of yesterday: the policy's schedule.
fn newest_slot(now: Timestamp) -> Timestamp {
    let two = now.to_zoned(TimeZone::UTC).with().time(Time::constant(2, 0, 0, 0)).build();
    let two = two.map_or(now, |at| at.timestamp());
    if two > now { two - DAY } else { two }
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What `rules` keep of ten years of daily recovery points on the day before `newest`.
fn kept(rules: &Retention, newest: Timestamp) -> Vec<Timestamp> {
    let slots: Vec<Timestamp> = (1..3650).map(|day| newest - DAY * day).collect();
    kept_of(&slots, rules, newest - DAY)
}

/// What `rules` keep of these.
fn kept_of(slots: &[Timestamp], rules: &Retention, now: Timestamp) -> Vec<Timestamp> {
    let ids: Vec<String> = slots.iter().map(ToString::to_string).collect();
    let (verified, held, untouchable) = (Verified::Unknown, false, None);
    let points: Vec<Point<'_>> = ids
        .iter()
        .zip(slots)
        .map(|(id, &taken_at)| Point { id, taken_at, verified, held, untouchable })
        .collect();
    let fates = fates(&points, rules, &TimeZone::UTC, now);
    let kept = slots.iter().zip(fates).filter(|(_, fate)| *fate == Fate::Keep);
    kept.map(|(at, _)| *at).collect()
}

/// What a recovery point is called and tagged with.
#[must_use]
pub fn named_and_tagged(
    database: &RdsArn,
    source: &ResourceId,
    deployment: &Deployment,
    taken_at: Timestamp,
) -> (String, Tags) {
    let slot = Slot::Scheduled(taken_at);
    let id = recovery_point_id(deployment, &database.id, source, &slot, 0);
    let tag = |key: &str, value: &dyn ToString| (key.to_owned(), value.to_string());
    let tags = [
        tag(tags::OWNER, deployment),
        tag(tags::POLICY, &"standard"),
        tag(tags::DATABASE, database),
        tag(tags::SOURCE, source),
        tag(tags::SLOT, &taken_at),
    ];
    (id, tags.into())
}
