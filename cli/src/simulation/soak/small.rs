//! A small account: everything about it is drawn from a seed, and it is small so that a year of it
//! takes a second or two.
//!
//! The slots are counted out here once more, civil day by civil day, and not by the policy's own
//! schedules: what a schedule would miss, this doesn't.

use std::ops::RangeInclusive;

use jiff::civil::{Date, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use snapkeep_policy::alarm::Format;
use snapkeep_policy::ids::Region;
use snapkeep_policy::inventory::{Engine, Quotas};
use snapkeep_world::{DatabaseSpec, Delays, Options, Rates};

use super::draw::Draw;
use super::gfs::Keep;
use super::rates;
use crate::simulation::{Member, Scenario};

/// Where the databases are.
pub const HOME: &str = "us-west-2";
/// Where their copies go.
pub const AWAY: &str = "us-east-1";
/// Alias of the key that copies are encrypted with there.
pub const AWAY_KEY: &str = "kept";
/// The deployment's name.
pub const DEPLOYMENT: &str = "soak";
/// The security group of scratch databases.
pub const SEALED_GROUP: &str = "sg-0123456789abcdef0";

/// A small account and its policy.
#[derive(Debug, Clone)]
pub struct Small {
    pub seed: u64,
    pub days: u32,
    pub start: Timestamp,
    pub zone: TimeZone,
    pub hour: i8,
    pub minute: i8,
    /// The weekdays with a slot.
    pub weekdays: Vec<Weekday>,
    pub databases: Vec<DatabaseSpec>,
    pub keep: Keep,
    /// What is kept away, if anything is.
    pub keep_away: Option<Keep>,
    /// Where restores are rehearsed, if they are.
    pub proven_in: Option<&'static str>,
    pub pick: &'static str,
    pub quota: u32,
    pub rates: Rates,
    /// How long things take.
    pub slow: bool,
    /// Thirds of the slots in which nothing can be restored. From the first on, nothing that is proven
    /// comes after the last that was; up to the second, prune refuses and then has much to do at once.
    pub unproven: Option<(usize, usize)>,
    /// Whether the subnets of scratch databases lead to the internet.
    pub exposed: bool,
    /// Whether others have so many snapshots there that lists have a second page.
    pub crowded: bool,
}

const LITERAL: &str = "a literal that a test has seen";

impl Small {
    /// The account of a seed.
    pub fn of(seed: u64) -> Self {
        let draw = Draw(seed);
        let copies = draw.chance("copies", 70);
        let proven = draw.chance("verify", 80);
        let proven_away = copies && draw.chance("verify away", 25);
        let count = draw.within("databases", 1, 2);
        let weekdays = draw.one("weekdays", &WEEKDAYS);
        let crowded = draw.chance("crowded", 4);
        let keep_home = keep(draw, "keep");
        // Where a policy asks for no proven one, just the last is kept; where it asks for one, all is until then.
        let unproven = match keep_home.verified_floor {
            0 => draw.chance("proof ends", 75).then_some((1, 3)),
            _ => draw.chance("proof begins late", 30).then_some((0, 2)),
        };
        Self {
            seed,
            days: draw.within("slots", 8, 20) * 7 / u32::try_from(weekdays.len()).unwrap_or(7),
            start: draw.one("start", &STARTS).parse().expect(LITERAL),
            zone: TimeZone::get(draw.one("zone", &ZONES)).expect(LITERAL),
            hour: draw.one("hour", &[1, 2, 2, 5, 12, 23]),
            minute: draw.one("minute", &[0, 15, 30]),
            weekdays: weekdays.to_vec(),
            databases: (0..count).map(|n| database(draw, n)).collect(),
            keep: keep_home,
            keep_away: copies.then(|| keep(draw, "keep away")),
            proven_in: proven.then_some(if proven_away { AWAY } else { HOME }),
            pick: draw.one("pick", &["latest", "latest", "least-recently-verified", "random"]),
            quota: if crowded { 300 } else { draw.one("quota", &[100, 100, 100, 12]) },
            rates: rates::of(draw),
            slow: draw.chance("slow", 15),
            unproven,
            exposed: draw.chance("exposed", 30),
            crowded,
        }
    }

    /// What the simulation is made of.
    pub fn scenario(&self) -> Scenario {
        let home: Region = HOME.parse().expect(LITERAL);
        let member = |spec: &DatabaseSpec| Member { region: home.clone(), spec: spec.clone() };
        Scenario {
            command: format!("snapkeep soak --seed {}", self.seed),
            policy: self.policy().to_string(),
            fleet: self.databases.iter().map(member).collect(),
            subnet_groups: Vec::new(),
            quotas: Quotas {
                cluster_snapshots_max: self.quota,
                instance_snapshots_max: self.quota,
            },
            rates: self.rates.clone(),
            incidents: false,
            format: Format::default(),
            reports: false,
            seed: self.seed,
            start: self.start,
            days: self.days,
            home,
        }
    }

    /// How the simulated account is set up.
    pub fn options(&self, scenario: &Scenario) -> Options {
        let usual = Options::new(self.seed);
        let minutes = |range: RangeInclusive<i64>| {
            SignedDuration::from_mins(*range.start())..=SignedDuration::from_mins(*range.end())
        };
        let slow = Delays { instance: minutes(20..=40), copy: minutes(45..=110), ..usual.delays };
        Options {
            start: scenario.start,
            quotas: scenario.quotas,
            regions: scenario.regions(),
            delays: if self.slow { slow } else { Delays::default() },
            accounts: vec![usual.accounts[0].clone(), "999999999999".parse().expect(LITERAL)],
            changes_remembered: 3,
            ..Options::new(self.seed)
        }
    }

    /// The policy document.
    fn policy(&self) -> Value {
        let names: Vec<&str> = self.weekdays.iter().map(|day| NAMES[index(*day)]).collect();
        let days = names.join(",");
        let Self { hour, minute, zone, .. } = self;
        let mut policy = json!({
            "select": { "tags": { "snapkeep:policy": "kept" } },
            "schedules": [format!("cron({minute} {hour} ? * {days} *)")],
            "objectives": { "rto": "PT8H" },
            "retention": self.keep.document(),
            "alarms": { "missing_after": "P9D", "slot_after": "PT2H" },
        });
        if let Some(keep) = &self.keep_away {
            policy["copies"] = json!([{
                "region": AWAY,
                "kms_key": format!("arn:aws:kms:{AWAY}:123456789012:alias/{AWAY_KEY}"),
                "retention": keep.document(),
                "give_up_after": "PT3H",
            }]);
        }
        if let Some(region) = self.proven_in {
            let pick = match self.pick {
                "random" => json!({ "random": { "window": "P10D" } }),
                other => json!(other),
            };
            // Four hours after the slot, or the next day's: then it is of the same weekdays, by and large.
            let hour = (hour + 4) % 24;
            policy["verify"] = json!({
                "schedule": format!("cron({minute} {hour} ? * {days} *)"),
                "pick": pick,
                "region": region,
                "instance_class": "db.t4g.medium",
                "subnet_group": "scratch",
                "security_groups": [SEALED_GROUP],
                "deadline": "PT3H",
                "concurrent_max": 2,
            });
        }
        json!({
            "version": 1, "deployment": DEPLOYMENT, "regions": [HOME],
            "time_zone": zone.iana_name().unwrap_or("UTC"), "policies": { "kept": policy },
        })
    }

    /// Every instant at which a recovery point is due.
    pub fn slots(&self) -> Vec<Timestamp> {
        let first = self.start.to_zoned(self.zone.clone()).date();
        let end = self.end();
        let slots = first.series(jiff::Span::new().days(1)).take(self.days as usize + 2);
        slots
            .filter_map(|date| self.slot_on(date))
            .filter(|s| (self.start..end).contains(s))
            .collect()
    }

    /// The slot of a civil day: a local time that the clock skips has none, and of one that it shows
    /// twice it is the first.
    fn slot_on(&self, date: Date) -> Option<Timestamp> {
        if !self.weekdays.contains(&date.weekday()) {
            return None;
        }
        let local = date.at(self.hour, self.minute, 0, 0);
        match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok(),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(local).ok(),
            AmbiguousOffset::Gap { .. } => None,
        }
    }

    /// When the days are over.
    pub fn end(&self) -> Timestamp {
        self.start + SignedDuration::from_hours(24 * i64::from(self.days))
    }

    /// How often the clocks are changed while it lasts.
    pub fn clock_changes(&self) -> u64 {
        let changes = self.zone.following(self.start);
        changes.take_while(|change| change.timestamp() < self.end()).count() as u64
    }
}

const STARTS: [&str; 5] = [
    "2026-03-01T00:00:00Z",
    "2026-10-01T00:00:00Z",
    "2026-12-10T00:00:00Z",
    "2028-02-01T00:00:00Z",
    "2027-06-15T00:00:00Z",
];
const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/St_Johns",
];
const NAMES: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
/// Sparse weeks are more frequent: a year of them has as many seasons and fewer calls.
const WEEKDAYS: [&[Weekday]; 8] = [
    &[Sunday],
    &[Wednesday],
    &[Monday],
    &[Monday, Thursday],
    &[Tuesday, Sunday],
    &[Wednesday, Saturday],
    &[Monday, Wednesday, Friday],
    &[Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday],
];

fn index(day: Weekday) -> usize {
    usize::from(day.to_monday_zero_offset().unsigned_abs())
}

fn database(draw: Draw, n: u32) -> DatabaseSpec {
    let engines = [Engine::Docdb, Engine::Postgres, Engine::Mysql, Engine::AuroraPostgresql];
    let engine = draw.one(&format!("engine {n}"), &engines);
    let id = format!("orders-{n}");
    let spec = match engine {
        Engine::Docdb | Engine::AuroraMysql | Engine::AuroraPostgresql => {
            DatabaseSpec::cluster(engine, &id)
        }
        Engine::Postgres | Engine::Mysql | Engine::Mariadb => DatabaseSpec::instance(engine, &id),
    };
    DatabaseSpec {
        encrypted: draw.chance(&format!("encrypted {n}"), 80),
        deletion_protection: draw.chance(&format!("protected {n}"), 70),
        ..spec
    }
    .tag("snapkeep:policy", "kept")
}

fn keep(draw: Draw, what: &str) -> Keep {
    let count = |tier: &str, of: &[u32]| draw.one(&format!("{what} {tier}"), of);
    let keep = Keep {
        last: count("last", &[0, 0, 2, 3]),
        hourly: 0,
        daily: count("daily", &[0, 3, 5, 7]),
        weekly: count("weekly", &[0, 2, 4]),
        monthly: count("monthly", &[0, 1, 3]),
        yearly: count("yearly", &[0, 0, 1]),
        oldest: draw.chance(&format!("{what} oldest"), 80),
        min: count("min", &[1, 1, 2]),
        verified_floor: count("floor", &[0, 1, 1, 2]),
        quarantine_days: count("quarantine", &[3, 14]),
    };
    let keeps_something = keep.last + keep.daily + keep.weekly + keep.monthly + keep.yearly > 0;
    // A policy without any rule is refused.
    Keep { last: if keeps_something { keep.last } else { 2 }, ..keep }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_has_a_policy_that_is_accepted_and_some_slots() {
        for seed in 0..200 {
            let small = Small::of(seed);
            let document = small.scenario().document();
            assert_eq!(document.map(|document| document.policies.len()), Ok(1), "seed {seed}");
            assert!(small.slots().len() >= 3, "seed {seed}: {:?}", small.slots());
        }
    }

    /// Two calendars, written apart, of two hundred seasons in six zones.
    #[test]
    fn slots_are_those_of_the_policys_own_schedules() {
        for seed in 0..200 {
            let small = Small::of(seed);
            let document = small.scenario().document().unwrap();
            let policy = document.policies.values().next().unwrap();
            for slot in small.slots() {
                let latest = policy.schedules[0].latest_at_or_before(slot, &document.time_zone);
                assert_eq!(latest, Some(slot), "seed {seed}");
            }
        }
    }
}
