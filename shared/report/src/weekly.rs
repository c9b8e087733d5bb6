//! Weekly capability: can we restore in time?

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::history::{Act, Kind};
use snapkeep_policy::ids::PolicyName;
use snapkeep_policy::period::Period;
use snapkeep_policy::recovery_point::Outcome;
use snapkeep_policy::selection::Protected;
use snapkeep_policy::status::rows;
use snapkeep_policy::verb::Verb;

use crate::answer::{Answer, capital, share};
use crate::deeds::Done;
use crate::facts::{Facts, Head};
use crate::look::text::duration;
use crate::phases::{PhaseSeconds, median};

/// Slots of a policy that are counted: a week of one every five minutes.
const SLOTS_MAX: usize = 2_016;

/// Which databases were proven, how long it took, and how much of what was due was done.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Weekly {
    /// What it says of itself.
    #[serde(flatten)]
    pub head: Head,
    /// Can we restore in time?
    pub answer: Answer,
    /// Every protected database; what wasn't proven comes first.
    pub databases: Vec<Capability>,
    /// What was done of what was due.
    pub rates: Vec<Rate>,
    /// How much was done on each day.
    pub days: Vec<Day>,
}

/// What a database's rehearsed restores showed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Capability {
    /// Its identifier.
    pub database: String,
    /// Where it lives.
    pub region: String,
    /// The policy it is under.
    pub policy: String,
    /// Whether the policy has it verified at all.
    pub is_verified: bool,
    /// Every rehearsed restore, oldest first.
    pub restores: Vec<Restore>,
    /// The median of the recovery times, in seconds.
    pub median_seconds: Option<i64>,
    /// The median of each phase, of the restores that came to it.
    pub median_phases: PhaseSeconds,
    /// The longest, in seconds.
    pub slowest_seconds: Option<i64>,
    /// What the policy allows now, in seconds.
    pub rto_seconds: Option<i64>,
    /// Whether every restore kept what was allowed then; `null` without an objective or a time.
    pub rto_met: Option<bool>,
    /// Recovery points that were taken.
    pub created: usize,
    /// The longest time between two of them that follow each other, in seconds: what could have been
    /// lost without point-in-time recovery.
    pub longest_gap_seconds: Option<i64>,
    /// What would be lost if it were lost now, in seconds, point-in-time recovery included.
    pub exposure_seconds: Option<i64>,
    /// What the policy allows to be lost, in seconds.
    pub rpo_seconds: Option<i64>,
    /// Whether that is kept now; `null` without an objective.
    pub rpo_met: Option<bool>,
}

/// One rehearsed restore.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Restore {
    /// When it was concluded.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// From the request to the first answer, in seconds.
    pub seconds: Option<i64>,
    /// What the policy allowed then, in seconds.
    pub objective_seconds: Option<i64>,
    /// How long its phases took.
    pub phases: PhaseSeconds,
    /// Why it ended so.
    pub reason: String,
}

/// What was done of what was due.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Rate {
    /// Whose work it is.
    pub verb: Verb,
    /// What is counted.
    pub what: String,
    /// How much was done.
    pub done: usize,
    /// How much was due.
    pub due: usize,
}

/// What was done on one day.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Day {
    /// The date, in the report's zone.
    pub date: String,
    /// How much.
    pub done: Done,
    /// The longest recovery time, in seconds.
    pub slowest_seconds: Option<i64>,
}

impl Weekly {
    pub(crate) fn of(facts: &Facts<'_>) -> Self {
        let head = Head::of(facts);
        let rows = rows(facts.view);
        let protected = facts.view.protected.iter().zip(&rows);
        let mut databases: Vec<Capability> = protected
            .map(|(protected, row)| Capability {
                exposure_seconds: row.exposure.map(|lost| lost.as_secs()),
                rpo_met: row.rpo.map(|rpo| row.exposure.is_some_and(|lost| lost <= rpo)),
                ..capability(protected, facts.acts)
            })
            .collect();
        databases.sort_by(|a, b| (a.is_proven(), &a.database).cmp(&(b.is_proven(), &b.database)));
        Self {
            answer: answer(&head, &databases),
            head,
            databases,
            rates: rates(facts),
            days: days(facts.view.document, facts.period, facts.acts),
        }
    }
}

impl Capability {
    /// Whether a restore of it passed.
    pub(crate) fn is_proven(&self) -> bool {
        self.restores.iter().any(|restore| restore.outcome == Outcome::Pass)
    }

    fn doubts(&self) -> impl Iterator<Item = String> {
        let failed =
            self.restores.iter().filter(|restore| restore.outcome == Outcome::Fail).count();
        let late =
            self.slowest_seconds.zip(self.rto_seconds).filter(|_| self.rto_met == Some(false));
        [
            (failed > 0).then(|| format!("{}: a rehearsed restore failed", self.database)),
            (!self.is_proven()).then(|| format!("{}: no restore of it passed", self.database)),
            late.map(|(took, max)| {
                let (took, max) = (duration(took), duration(max));
                format!("{}: a restore took {took}, and {max} are allowed", self.database)
            }),
            (self.rpo_met == Some(false))
                .then(|| format!("{}: more would be lost now than may be", self.database)),
        ]
        .into_iter()
        .flatten()
    }
}

fn capability(protected: &Protected<'_>, acts: &[Act]) -> Capability {
    let (database, policy) = (protected.database, protected.policy);
    let of_it = || acts.iter().filter(|act| is_of(act, protected));
    let mut restores: Vec<Restore> = of_it().filter_map(restore).collect();
    restores.sort_by_key(|restore| restore.at);
    let seconds: Vec<i64> = restores.iter().filter_map(|restore| restore.seconds).collect();
    let kept = restores.iter().filter_map(|r| r.seconds.zip(r.objective_seconds));
    let kept: Vec<bool> = kept.map(|(took, max)| took <= max).collect();
    let mut created: Vec<Timestamp> =
        of_it().filter(|act| act.kind == Kind::Created).map(|act| act.at).collect();
    created.sort_unstable();
    let gaps = created.windows(2).map(|pair| pair[1].as_second() - pair[0].as_second());
    Capability {
        database: database.id().to_owned(),
        region: database.arn.region.to_string(),
        policy: protected.policy_name.to_string(),
        is_verified: policy.verify.is_some(),
        slowest_seconds: seconds.iter().copied().max(),
        median_seconds: median(seconds),
        median_phases: PhaseSeconds::medians(&restores),
        rto_seconds: policy.objectives.rto.map(|rto| rto.as_secs()),
        rto_met: (!kept.is_empty()).then(|| kept.iter().all(|kept| *kept)),
        restores,
        longest_gap_seconds: gaps.max(),
        created: created.len(),
        exposure_seconds: None,
        rpo_seconds: policy.objectives.rpo.map(|rpo| rpo.as_secs()),
        rpo_met: None,
    }
}

fn restore(act: &Act) -> Option<Restore> {
    let Kind::Verified { outcome, rto, objective, phases } = act.kind else { return None };
    Some(Restore {
        at: act.at,
        outcome,
        seconds: rto.map(|took| took.as_secs()),
        objective_seconds: objective.map(|max| max.as_secs()),
        phases: PhaseSeconds::of(phases),
        reason: act.reason.clone(),
    })
}

fn is_of(act: &Act, protected: &Protected<'_>) -> bool {
    act.database == protected.database.id()
}

/// What was done of what the policies' schedules and rules asked for.
fn rates(facts: &Facts<'_>) -> Vec<Rate> {
    let Facts { view, period, acts, .. } = facts;
    let slots: BTreeMap<&PolicyName, usize> = view
        .document
        .policies
        .keys()
        .map(|name| (name, slots(view.document, name, period)))
        .collect();
    let count = |protected: &Protected<'_>, kind: &Kind| {
        acts.iter().filter(|act| act.kind == *kind && is_of(act, protected)).count()
    };
    let (mut create, mut copy) = ((0, 0), (0, 0));
    for protected in &view.protected {
        let due = slots.get(protected.policy_name).copied().unwrap_or_default();
        let created = count(protected, &Kind::Created);
        let copies_due = created * protected.policy.copies.len();
        // What was taken or copied on request can't make up for what was due.
        create = (create.0 + created.min(due), create.1 + due);
        let copied = count(protected, &Kind::Copied).min(copies_due);
        copy = (copy.0 + copied, copy.1 + copies_due);
    }
    let done = Done::of(*acts);
    let refused = |act: &&Act| act.kind == Kind::Refused { verb: Verb::Prune };
    let kept_back = acts.iter().filter(refused).count();
    let rate = |verb, what: &str, (done, due)| Rate { verb, what: what.to_owned(), done, due };
    vec![
        rate(Verb::Create, "recovery points, of the slots that were due", create),
        rate(Verb::Copy, "copies, of what was taken and is to be copied", copy),
        rate(
            Verb::Verify,
            "restores that passed, of all that ended",
            (done.passed, done.restores()),
        ),
        rate(
            Verb::Prune,
            "deletes, of those and the refusals",
            (done.pruned, done.pruned + kept_back),
        ),
    ]
}

/// Slots of a policy's schedules in a period.
fn slots(document: &PolicyDocument, name: &PolicyName, period: &Period) -> usize {
    let schedules = document.policies.get(name).into_iter().flat_map(|policy| &policy.schedules);
    let mut slots = Vec::new();
    for schedule in schedules {
        let zone = &document.time_zone;
        let first = schedule.next_after(period.since, zone);
        let rest = std::iter::successors(first, |slot| schedule.next_after(*slot, zone));
        slots.extend(rest.take_while(|slot| *slot < period.until).take(SLOTS_MAX));
    }
    // Two schedules that are due at once want one recovery point.
    slots.sort_unstable();
    slots.dedup();
    slots.len()
}

/// What was done on each day of a period.
pub(crate) fn days(document: &PolicyDocument, period: &Period, acts: &[Act]) -> Vec<Day> {
    let starts = period.days(&document.time_zone);
    let ends = starts.iter().skip(1).map(|(_, start)| *start).chain([period.until]);
    let day = |((date, start), end): (&(jiff::civil::Date, Timestamp), Timestamp)| {
        let of_day = || acts.iter().filter(move |act| act.at >= *start && act.at < end);
        let took = of_day().filter_map(restore).filter_map(|restore| restore.seconds);
        let (date, done) = (date.to_string(), Done::of(of_day()));
        Day { date, done, slowest_seconds: took.max() }
    };
    starts.iter().zip(ends).map(day).collect()
}

fn answer(head: &Head, databases: &[Capability]) -> Answer {
    let proven = databases.iter().filter(|database| database.is_proven()).count();
    let all = databases.len();
    let slowest = databases.iter().filter_map(|database| database.slowest_seconds).max();
    let doubts = databases.iter().flat_map(Capability::doubts);
    let sentence = match (all, slowest) {
        (0, _) => "No database is under a policy.".to_owned(),
        (all, None) => {
            let were = if all == 1 { "database wasn't" } else { "databases weren't" };
            format!("In this week the {were} proven to restore.")
        }
        (all, Some(slowest)) => format!(
            "{} {} restored in this week, and answered; it took {} at most.",
            capital(&share(proven, all)),
            if proven == 1 { "was" } else { "were" },
            duration(slowest)
        ),
    };
    Answer::of(proven, all, sentence, head.reservations().chain(doubts).collect())
}
