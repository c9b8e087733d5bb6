//! Monthly compliance: was the policy kept?

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use snapkeep_policy::history::{Act, Kind};
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::prune::explain;
use snapkeep_policy::recovery_point::{Origin, Outcome, RecoveryPoint};
use snapkeep_policy::retention::{Count, Retention};
use snapkeep_policy::selection::Protected;

use crate::answer::{Answer, capital, share};
use crate::daily::alarms;
use crate::deeds::{Deed, What};
use crate::facts::{Facts, Head, Tip};
use crate::look::ages::Kept;
use crate::look::text::{duration, plural};

/// What is retained, how much of it was proven, what was decided by people, and every exception.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Monthly {
    /// What it says of itself.
    #[serde(flatten)]
    pub head: Head,
    /// Was the policy kept?
    pub answer: Answer,
    /// Everything that wasn't as the policy wants it, with its reason.
    pub exceptions: Vec<Exception>,
    /// Every protected database, by name.
    pub databases: Vec<Retained>,
    /// Refusals and approvals, newest first.
    pub decisions: Vec<Deed>,
    /// How the evidence ends, by function.
    pub evidence: Vec<Tip>,
}

/// Something that wasn't as the policy wants it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Exception {
    /// The database, snapshot, policy or region.
    pub subject: String,
    /// What was wrong.
    pub what: String,
    /// Why, or in figures.
    pub reason: String,
    /// Since when, or when.
    pub at: Option<Timestamp>,
}

/// What exists of a database, and which of its days were proven.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Retained {
    /// Its identifier.
    pub database: String,
    /// Where it lives.
    pub region: String,
    /// The policy it is under.
    pub policy: String,
    /// Its recovery points by where they are, its own region first.
    pub places: Vec<Place>,
    /// How the rehearsed restores of each day ended, the worst of them; `null` without any.
    pub days: Vec<Coverage>,
    /// Every recovery point, for the picture.
    #[serde(skip)]
    pub(crate) kept: Vec<Kept>,
}

/// Recovery points in one region, originals and copies apart.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Place {
    /// The region.
    pub region: String,
    /// Whether they are copies.
    pub is_copy: bool,
    /// How many are available.
    pub recovery_points: usize,
    /// How many of them are proven to restore.
    pub verified: usize,
    /// The instant to which the oldest restores.
    pub oldest: Option<Timestamp>,
    /// The instant to which the newest restores.
    pub newest: Option<Timestamp>,
    /// What is kept by each rule of the policy.
    pub tiers: Vec<Tier>,
}

/// What one rule keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tier {
    /// `keep-last`, `hourly`, `daily`, `weekly`, `monthly` or `yearly`.
    pub rule: String,
    /// Recovery points that are kept by it.
    pub kept: usize,
    /// How many it keeps once enough time has passed; `null` for all.
    pub wanted: Option<u32>,
}

/// A day's rehearsed restores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Coverage {
    /// The date, in the report's zone.
    pub date: String,
    /// How the worst of them ended.
    pub outcome: Option<Outcome>,
}

impl Monthly {
    pub(crate) fn of(facts: &Facts<'_>) -> Self {
        let head = Head::of(facts);
        let reasons = explain(facts.view);
        let protected = facts.view.protected.iter();
        let databases: Vec<Retained> =
            protected.map(|protected| retained(facts, protected, &reasons)).collect();
        let exceptions = exceptions(facts, &databases);
        let is_decision = |deed: &Deed| matches!(deed.what, What::Refused | What::Approved);
        let decisions = Deed::all(facts.acts).into_iter().filter(is_decision);
        Self {
            answer: answer(&head, &databases, &exceptions),
            head,
            exceptions,
            databases,
            decisions: decisions.collect(),
            evidence: facts.tips.to_vec(),
        }
    }
}

impl Retained {
    /// Days on which a restore of it passed and none failed.
    pub(crate) fn proven_days(&self) -> usize {
        self.days.iter().filter(|day| day.outcome == Some(Outcome::Pass)).count()
    }
}

fn retained(
    facts: &Facts<'_>,
    protected: &Protected<'_>,
    reasons: &BTreeMap<RdsArn, Vec<String>>,
) -> Retained {
    let (database, policy) = (protected.database, protected.policy);
    let points = facts.view.points_of(&database.resource_id);
    let home = &database.arn.region;
    let rules = policy.copies.iter().map(|rule| (&rule.region, true, &rule.retention));
    let places = [(home, false, &policy.retention)].into_iter().chain(rules);
    let places = places.map(|(region, is_copy, retention)| {
        let is_here = |point: &&RecoveryPoint<'_>| {
            point.region() == region && (point.origin != Origin::Original) == is_copy
        };
        let here: Vec<_> = points.iter().filter(is_here).filter(|p| p.is_available()).collect();
        Place {
            region: region.to_string(),
            is_copy,
            recovery_points: here.len(),
            verified: here.iter().filter(|point| point.is_verified()).count(),
            oldest: here.iter().map(|point| point.taken_at).min(),
            newest: here.iter().map(|point| point.taken_at).max(),
            tiers: tiers(retention, here.iter().filter_map(|p| reasons.get(&p.snapshot.arn))),
        }
    });
    Retained {
        database: database.id().to_owned(),
        region: home.to_string(),
        policy: protected.policy_name.to_string(),
        places: places.collect(),
        days: coverage(facts, database.id()),
        kept: points.iter().map(|point| kept(point, reasons)).collect(),
    }
}

fn kept(point: &RecoveryPoint<'_>, reasons: &BTreeMap<RdsArn, Vec<String>>) -> Kept {
    Kept {
        id: point.snapshot.id().to_owned(),
        region: point.region().to_string(),
        is_copy: point.origin != Origin::Original,
        taken_at: point.taken_at,
        verdict: point.verdict.map(|verdict| verdict.outcome),
        reasons: reasons.get(&point.snapshot.arn).cloned().unwrap_or_default(),
    }
}

/// What each rule keeps, read from the reasons for which prune keeps: `daily#3 2026-03-04`.
fn tiers<'r>(retention: &Retention, kept: impl Iterator<Item = &'r Vec<String>>) -> Vec<Tier> {
    let rules = [
        ("keep-last", retention.keep_last),
        ("hourly", retention.hourly),
        ("daily", retention.daily),
        ("weekly", retention.weekly),
        ("monthly", retention.monthly),
        ("yearly", retention.yearly),
    ];
    let mut ranks: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (rule, rank) in kept.flatten().filter_map(|reason| reason.split_once('#')) {
        // The newest verified one beside a period's own bears the same rank.
        let rank = rank.split(' ').next().unwrap_or_default();
        ranks.entry(rule).or_default().insert(rank);
    }
    let wanted = rules.into_iter().filter(|(_, count)| *count != Count::Exactly(0));
    wanted
        .map(|(rule, count)| Tier {
            rule: rule.to_owned(),
            kept: ranks.get(rule).map_or(0, BTreeSet::len),
            wanted: match count {
                Count::Exactly(count) => Some(count),
                Count::All => None,
            },
        })
        .collect()
}

fn coverage(facts: &Facts<'_>, database: &str) -> Vec<Coverage> {
    let starts = facts.period.days(&facts.view.document.time_zone);
    let ends = starts.iter().skip(1).map(|(_, start)| *start).chain([facts.period.until]);
    let outcome = |act: &Act| match act.kind {
        Kind::Verified { outcome, .. } if act.database == database => Some(outcome),
        Kind::Verified { .. }
        | Kind::Created
        | Kind::Copied
        | Kind::Pruned
        | Kind::Refused { .. }
        | Kind::Approved { .. } => None,
    };
    let day = |((date, start), end): (&(jiff::civil::Date, Timestamp), Timestamp)| {
        let of_day = facts.acts.iter().filter(|act| act.at >= *start && act.at < end);
        Coverage { date: date.to_string(), outcome: of_day.filter_map(outcome).max_by_key(badness) }
    };
    starts.iter().zip(ends).map(day).collect()
}

fn badness(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Inconclusive => 0,
        Outcome::Pass => 1,
        Outcome::Fail => 2,
    }
}

/// Everything that wasn't as the policy wants it: in the period, and now.
fn exceptions(facts: &Facts<'_>, databases: &[Retained]) -> Vec<Exception> {
    let mut exceptions: Vec<Exception> = facts.acts.iter().filter_map(of_act).collect();
    for (protected, retained) in facts.view.protected.iter().zip(databases) {
        let exception = |what: &str, reason: String| Exception {
            subject: retained.database.clone(),
            what: what.to_owned(),
            reason,
            at: None,
        };
        let is_proven = retained.days.iter().any(|day| day.outcome == Some(Outcome::Pass));
        match &protected.policy.verify {
            Some(_) if !is_proven => exceptions.push(exception(
                "not proven in this month",
                "no rehearsed restore of it passed".to_owned(),
            )),
            None => exceptions.push(exception(
                "never verified",
                format!("its policy {} has no verify", retained.policy),
            )),
            Some(_) => {}
        }
        for place in retained.places.iter().filter(|place| place.recovery_points == 0) {
            let what = if place.is_copy { "no copy" } else { "no recovery point" };
            exceptions.push(exception(what, format!("there is none in {}", place.region)));
        }
    }
    exceptions.extend(facts.view.unprotected.iter().map(|database| Exception {
        subject: database.id().to_owned(),
        what: "unprotected".to_owned(),
        reason: format!("no policy selects it in {}", database.arn.region),
        at: None,
    }));
    exceptions.extend(facts.memory.known.vanished().filter_map(|(arn, database, point)| {
        let at = Some(point.vanished_at?);
        let reason = format!("{} in {}, and prune didn't delete it", arn.id, arn.region);
        let what = "recovery point vanished".to_owned();
        Some(Exception { subject: database.to_owned(), what, reason, at })
    }));
    exceptions.extend(alarms(facts).into_iter().map(|alarm| Exception {
        subject: alarm.subject,
        what: format!("alarm open: {}", alarm.condition),
        reason: alarm.message,
        at: Some(alarm.opened_at),
    }));
    exceptions.sort();
    exceptions
}

fn of_act(act: &Act) -> Option<Exception> {
    let Kind::Verified { outcome, rto, objective, .. } = &act.kind else { return None };
    let (what, reason) = match (outcome, rto.zip(*objective)) {
        (Outcome::Fail, _) => ("restore failed", act.reason.clone()),
        (_, Some((took, max))) if took > max => {
            let (took, max) = (duration(took.as_secs()), duration(max.as_secs()));
            ("restore too slow", format!("it took {took}, and {max} were allowed"))
        }
        (Outcome::Pass | Outcome::Inconclusive, _) => return None,
    };
    let (subject, what) = (act.database.clone(), what.to_owned());
    Some(Exception { subject, what, reason, at: Some(act.at) })
}

fn answer(head: &Head, databases: &[Retained], exceptions: &[Exception]) -> Answer {
    let excepted: BTreeSet<&str> =
        exceptions.iter().map(|exception| exception.subject.as_str()).collect();
    let all = databases.len();
    let is_kept = |retained: &&Retained| !excepted.contains(retained.database.as_str());
    let good = databases.iter().filter(is_kept).count();
    let listed = exceptions.iter().map(|it| format!("{}: {}, {}", it.subject, it.what, it.reason));
    let count = match exceptions.len() {
        0 => "No exception".to_owned(),
        many => plural(many, "exception"),
    };
    let sentence = match all {
        0 => format!("No database is under a policy. {count}."),
        _ => {
            let was = if good == 1 { "was" } else { "were" };
            format!("{} {was} kept as the policy wants it. {count}.", capital(&share(good, all)))
        }
    };
    Answer::of(good, all, sentence, head.reservations().chain(listed).collect())
}
