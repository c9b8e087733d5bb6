//! The judgement: everything that is wrong with the observed world.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::alarm::{Condition, Figures, Finding, Memory, failed, fleet, pace, posture, verdicts};
use crate::copy::Copies;
use crate::create::{self, newest_slot};
use crate::document::Severity;
use crate::plan::{About, RefusalCode, instant, span};
use crate::recovery_point::{Origin, RecoveryPoint};
use crate::request::Request;
use crate::selection::Protected;
use crate::verb::Verb;
use crate::view::View;
use crate::{copy, prune};

/// Storage is compared over this long; what was taken more than two of it before says nothing.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The smallest storage that RDS allocates; growth by less is a small database's business.
const GROWTH_GIB_MIN: u32 = 20;

/// Everything that is wrong, in a fixed order.
#[must_use]
pub fn assess(view: &View<'_>, memory: &Memory) -> Vec<Finding> {
    let mut findings = Vec::new();
    let slots = posture::slots(view);
    for protected in &view.protected {
        let judged = Judged::of(view, protected);
        let mut found = Vec::new();
        found.extend(judged.slot());
        found.extend(judged.missing());
        found.extend(judged.rpo());
        found.extend(judged.copies());
        found.extend(verdicts::of(view, protected));
        found.extend(judged.growth());
        found.extend(pace::findings(protected, memory, view.now));
        found.extend(fleet::posture(protected, &slots));
        // What is about no recovery point of its own is about the newest.
        for finding in found.iter_mut().filter(|finding| finding.figures.is_empty()) {
            finding.figures = Figures::of(view, protected);
        }
        findings.append(&mut found);
    }
    findings.extend(fleet::all(view, memory));
    findings.extend(failed::findings(memory));
    findings.extend(refusals(view));
    findings.extend(doubts(view));
    findings.sort();
    findings
}

/// One database and its recovery points.
struct Judged<'v, 'a> {
    view: &'v View<'a>,
    protected: &'v Protected<'a>,
    originals: Vec<&'v RecoveryPoint<'a>>,
}

impl<'v, 'a> Judged<'v, 'a> {
    fn of(view: &'v View<'a>, protected: &'v Protected<'a>) -> Self {
        let points = view.points_of(&protected.database.resource_id).iter();
        let is_original = |p: &&RecoveryPoint<'_>| p.origin == Origin::Original && p.is_available();
        Self { view, protected, originals: points.filter(is_original).collect() }
    }

    fn finding(&self, condition: Condition, message: String, next_step: &'static str) -> Finding {
        Finding {
            condition,
            severity: self.protected.policy.alarms.severity,
            subject: self.protected.database.id().to_owned(),
            region: self.protected.database.arn.region.clone(),
            message,
            next_step,
            policy: Some(self.protected.policy_name.clone()),
            figures: Figures::default(),
        }
    }

    /// The newest slot is still open, longer than the policy waits.
    fn slot(&self) -> Option<Finding> {
        let (view, database) = (self.view, self.protected.database);
        let slot = newest_slot(self.protected, view)?;
        let open_for = view.now.duration_since(slot);
        let is_filled = self.originals.iter().any(|point| point.taken_at >= slot);
        let existed = database.created_at.is_none_or(|at| at <= slot);
        if is_filled || !existed || open_for <= self.protected.policy.alarms.slot_after {
            return None;
        }
        let (id, status) = (database.id(), &database.status);
        Some(self.finding(
            Condition::SlotMissed,
            format!(
                "{id} has no recovery point for slot {}, {} ago; the database is {status}",
                instant(slot),
                span(open_for)
            ),
            "Look at the last report of create and at the database's events in RDS.",
        ))
    }

    /// No recovery point for longer than the policy allows, whatever the schedules say.
    fn missing(&self) -> Option<Finding> {
        let (now, id) = (self.view.now, self.protected.database.id());
        let limit = self.protected.policy.alarms.missing_after;
        let newest = self.originals.first().map(|point| point.taken_at);
        let since = newest.or(self.protected.database.created_at);
        if since.is_some_and(|at| now.duration_since(at) <= limit) {
            return None;
        }
        let message = match newest {
            Some(at) => format!(
                "{id}: the newest recovery point is {} old, the limit is {}",
                span(now.duration_since(at)),
                span(limit)
            ),
            None => format!("{id} has no recovery point at all"),
        };
        let next_step = "Ask create for an on-demand recovery point, then find out why none came.";
        Some(self.finding(Condition::RecoveryPointMissing, message, next_step))
    }

    /// What would be lost now: since the last instant of the automated backups, or since the newest
    /// recovery point, whichever is nearer.
    fn rpo(&self) -> Option<Finding> {
        let objective = self.protected.policy.objectives.rpo?;
        let database = self.protected.database;
        let newest = self.originals.first();
        let taken_at = newest.map(|point| point.taken_at);
        let restorable_at = taken_at.into_iter().chain(database.latest_restorable_at).max();
        let since = restorable_at.or(database.created_at)?;
        let lost = self.view.now.duration_since(since);
        let message = format!(
            "{} could only be restored to {}, {} ago; the RPO is {}",
            database.id(),
            instant(since),
            span(lost),
            span(objective)
        );
        let next_step = "Check the database's automated backups: they carry the RPO between slots.";
        let point = newest.filter(|point| point.taken_at == since);
        let figures = Figures {
            rpo: Some(objective),
            age: Some(SignedDuration::from_secs(lost.as_secs())),
            recovery_point: point.map(|point| point.snapshot.id().to_owned()),
        };
        let finding = self.finding(Condition::RpoExceeded, message, next_step);
        (lost > objective).then_some(Finding { figures, ..finding })
    }

    /// Storage grew within a week by more than the policy allows: what restores, costs and quotas will
    /// soon feel. Little of it is never too much, whatever its share.
    fn growth(&self) -> Option<Finding> {
        let limit = self.protected.policy.alarms.storage_growth_percent;
        let newest = self.originals.first()?;
        let age = |p: &&&RecoveryPoint<'_>| newest.taken_at.duration_since(p.taken_at);
        let is_week_old = |p: &&&RecoveryPoint<'_>| age(p) >= WEEK && age(p) < WEEK * 2;
        let before = self.originals.iter().find(is_week_old)?;
        let (now_gib, before_gib) = (newest.snapshot.storage_gib, before.snapshot.storage_gib);
        let grown_gib = now_gib.saturating_sub(before_gib);
        let percent = u64::from(grown_gib) * 100 / u64::from(before_gib.max(1));
        let message = format!(
            "{}: its storage grew from {before_gib} GiB at {} to {now_gib} GiB, by {percent} %; the \
             limit is {limit} % within a week",
            self.protected.database.id(),
            instant(before.taken_at),
        );
        let next_step = "Find out what grows; restores take longer, and RTO and costs with them.";
        let is_much = percent >= u64::from(limit) && grown_gib >= GROWTH_GIB_MIN;
        is_much.then(|| Finding {
            severity: Severity::Warning,
            ..self.finding(Condition::StorageGrew, message, next_step)
        })
    }

    /// Copies that aren't there after the rule's time, one finding for each region.
    fn copies(&self) -> Vec<Finding> {
        let source = &self.protected.database.resource_id;
        let rules = self.protected.policy.copies.iter();
        let seen = rules.filter(|rule| self.view.seen.contains_key(&rule.region));
        let late = seen.filter_map(|rule| {
            let copies = Copies::of(self.view, source, rule);
            let is_late =
                |p: &&RecoveryPoint<'_>| self.view.now.duration_since(p.taken_at) > rule.late_after;
            let late: Vec<_> = copies.awaited().filter(is_late).collect();
            let oldest = late.iter().min_by_key(|point| point.taken_at)?;
            let message = format!(
                "{}: {} copies into {} are late, the oldest by slot {}",
                self.protected.database.id(),
                late.len(),
                rule.region,
                instant(oldest.taken_at)
            );
            let next_step = "Look at the copies under way in the destination region and its quota.";
            let finding = self.finding(Condition::CopyLate, message, next_step);
            let figures = Figures::of_point(self.view, self.protected, oldest);
            Some(Finding { region: rule.region.clone(), figures, ..finding })
        });
        late.collect()
    }
}

/// What other verbs would refuse now: they can't go on without a person. One finding for each verb
/// and what it is about, with the first refusal's words.
fn refusals(view: &View<'_>) -> Vec<Finding> {
    let Some(home) = view.seen.keys().next().filter(|_| view.unseen.is_empty()) else {
        return Vec::new();
    };
    let request = Request::default();
    let create = create::plan(view, &request).into_refused().map(|refused| (Verb::Create, refused));
    let copy = copy::plan(view, &request).into_refused().map(|refused| (Verb::Copy, refused));
    let prune = prune::plan(view, &request).into_refused().map(|refused| (Verb::Prune, refused));
    let mut found: BTreeMap<(Verb, About), Vec<String>> = BTreeMap::new();
    for (verb, (about, refusal)) in create.chain(copy).chain(prune) {
        if waits_for_a_person(refusal.code) {
            found.entry((verb, about)).or_default().push(refusal.message);
        }
    }
    let finding = |((verb, about), messages): ((Verb, About), Vec<String>)| {
        let more = match messages.len() {
            0 | 1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        Finding {
            condition: Condition::Refused,
            severity: Severity::Warning,
            subject: format!("{verb} {}", about.subject),
            region: about.region.unwrap_or_else(|| (*home).clone()),
            message: format!("{verb} refuses: {}{more}", messages[0]),
            next_step: "Do what the message says; nothing goes on here until then.",
            policy: None,
            figures: Figures::default(),
        }
    };
    found.into_iter().map(finding).collect()
}

/// Whether the refusal has no condition of its own among the findings.
fn waits_for_a_person(code: RefusalCode) -> bool {
    match code {
        RefusalCode::PartialObservation | RefusalCode::ClockDoubt | RefusalCode::BadRequest => {
            false
        }
        RefusalCode::IdTaken
        | RefusalCode::AttemptsExhausted
        | RefusalCode::GuardBlocked
        | RefusalCode::NoVerified
        | RefusalCode::NoEligible
        | RefusalCode::QuotaExhausted
        | RefusalCode::KeyUnusable => true,
    }
}

/// What keeps us from judging.
fn doubts(view: &View<'_>) -> Vec<Finding> {
    let finding = |condition, region: &crate::ids::Region, message, next_step| Finding {
        condition,
        severity: Severity::Critical,
        subject: region.to_string(),
        region: region.clone(),
        message,
        next_step,
        policy: None,
        figures: Figures::default(),
    };
    let unseen = view.unseen.iter().map(|(region, why)| {
        let message = format!("{region} can't be seen: {why}");
        let next_step = "Check the region's health and the functions' permissions there.";
        finding(Condition::RegionUnseen, region, message, next_step)
    });
    // Of the same region even while that one is unseen: its key must not change.
    let first = view.seen.keys().chain(view.unseen.keys()).min();
    let doubt = view.clock_doubt().zip(first).map(|(skew, region)| {
        let message = format!("AWS's clock is {} s off ours; nothing is deleted", skew.as_secs());
        let next_step = "Find out whose clock is wrong; prune goes on by itself afterwards.";
        finding(Condition::ClockDoubt, region, message, next_step)
    });
    unseen.chain(doubt).collect()
}
