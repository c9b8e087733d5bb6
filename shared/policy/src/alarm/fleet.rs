//! What is wrong beside the recovery points: databases nobody protects, quotas, leftovers, tampering.

use jiff::SignedDuration;

use crate::alarm::posture::{self, Slots};
use crate::alarm::{Condition, Figures, Finding, Memory};
use crate::document::Severity;
use crate::ids::Region;
use crate::inventory::{Database, Shape, Status};
use crate::plan::{instant, span};
use crate::quota::outlook;
use crate::scratch;
use crate::selection::Protected;
use crate::view::View;

/// A scratch database may be this late in going: a teardown takes a few ticks.
const SCRATCH_GRACE: SignedDuration = SignedDuration::from_hours(2);

/// However empty a quota still is: raising it may take AWS some working days.
const QUOTA_NOTICE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Findings about the fleet as a whole.
pub(super) fn all(view: &View<'_>, memory: &Memory) -> Vec<Finding> {
    let mut findings = unprotected(view);
    findings.extend(quotas(view));
    findings.extend(vanished(view, memory));
    findings.extend(tampered(view));
    findings.extend(half_marked(view));
    findings.extend(lingering(view));
    findings.extend(idle_policies(view));
    findings
}

/// How one database is set up, and who claims it.
pub(super) fn posture(protected: &Protected<'_>, slots: &Slots<'_>) -> Vec<Finding> {
    let database = protected.database;
    let id = database.id();
    let finding = |condition, severity, message, next_step| Finding {
        condition,
        severity,
        subject: id.to_owned(),
        region: database.arn.region.clone(),
        message,
        next_step,
        policy: Some(protected.policy_name.clone()),
        figures: Figures::default(),
    };
    let mut findings = Vec::new();
    if let Some(other) = protected.contested_by {
        let message =
            format!("{id} is claimed by the policies {} and {other}", protected.policy_name);
        let next_step = "Change a selector; until then nothing of this database is deleted.";
        findings.push(finding(Condition::Contested, Severity::Warning, message, next_step));
    }
    if let Status::KeyInaccessible(status) = &database.status {
        let message = format!("{id} is {status}: its key can't be used");
        let next_step = "Enable the key at once: without it no recovery point can be restored.";
        findings.push(finding(Condition::KeyUnusable, Severity::Critical, message, next_step));
    }
    let weak = posture::weaknesses(protected, slots);
    if !weak.is_empty() {
        let message = format!("{id} {}", weak.join(", "));
        let next_step = "Change the database's settings, or accept this in its policy's review.";
        findings.push(finding(Condition::Posture, Severity::Info, message, next_step));
    }
    findings
}

fn unprotected(view: &View<'_>) -> Vec<Finding> {
    let finding = |database: &&Database| Finding {
        condition: Condition::Unprotected,
        severity: Severity::Warning,
        subject: database.id().to_owned(),
        region: database.arn.region.clone(),
        message: format!("{} ({}) is under no policy", database.id(), database.engine),
        next_step: "Give it a tag that a policy selects, or name it in one.",
        policy: None,
        figures: Figures::default(),
    };
    view.unprotected.iter().map(finding).collect()
}

fn quotas(view: &View<'_>) -> Vec<Finding> {
    let percents = view.document.policies.values().map(|policy| policy.alarms.quota_percent);
    let Some(limit) = percents.min() else { return Vec::new() };
    let mut findings = Vec::new();
    for (region, inventory) in &view.seen {
        let Some(quotas) = inventory.quotas else { continue };
        for (shape, name) in [(Shape::Cluster, "cluster"), (Shape::Instance, "instance")] {
            let outlook = outlook(view, region, shape, quotas.snapshots_max(shape));
            let is_short = outlook.needed > u64::from(outlook.forecast.max);
            let soon = outlook.forecast.exhausted_at.map(|at| at.duration_since(view.now));
            let is_near = soon.is_some_and(|left| left < QUOTA_NOTICE);
            if outlook.forecast.percent < u32::from(limit) && !is_short && !is_near {
                continue;
            }
            findings.push(Finding {
                condition: Condition::QuotaNearlyFull,
                severity: Severity::Warning,
                subject: format!("{name} snapshots"),
                region: (*region).clone(),
                message: format!("manual {name} snapshots in {region}: {outlook}"),
                next_step: "Ask AWS for a higher quota; nothing is deleted early to make room.",
                policy: None,
                figures: Figures::default(),
            });
        }
    }
    findings
}

fn vanished(view: &View<'_>, memory: &Memory) -> Vec<Finding> {
    let gone = memory.known.vanished();
    let gone =
        gone.filter_map(|(arn, database, it)| Some((arn, database, it.taken_at, it.vanished_at?)));
    gone.map(|(arn, database, taken_at, at)| Finding {
        condition: Condition::RecoveryPointVanished,
        severity: Severity::Critical,
        subject: arn.id.clone(),
        region: arn.region.clone(),
        message: format!(
            "{} of {} (slot {}) was found gone at {}, and prune didn't delete it",
            arn.id,
            database,
            instant(taken_at),
            instant(at)
        ),
        next_step: "Look in CloudTrail for who deleted it; its copies in other regions remain.",
        policy: None,
        figures: Figures::on(&arn.id, taken_at, view),
    })
    .collect()
}

fn tampered(view: &View<'_>) -> Vec<Finding> {
    let finding =
        |(snapshot, why): &(&crate::inventory::Snapshot, crate::recovery_point::NotOurs)| Finding {
            condition: Condition::Tampered,
            severity: Severity::Warning,
            subject: snapshot.id().to_owned(),
            region: snapshot.arn.region.clone(),
            message: format!("{} {why}", snapshot.id()),
            next_step: "Find out in CloudTrail who changed its tags; it is kept until then.",
            policy: None,
            figures: Figures::default(),
        };
    view.tampered.iter().map(finding).collect()
}

fn half_marked(view: &View<'_>) -> Vec<Finding> {
    let finding = |database: &&Database| {
        let id = database.id();
        let message = if scratch::is_named_like_one(database) {
            format!("{id} is named like a scratch database but not tagged as one")
        } else {
            format!("{id} is tagged as a scratch database but not named like one")
        };
        Finding {
            condition: Condition::Tampered,
            severity: Severity::Warning,
            subject: id.to_owned(),
            region: database.arn.region.clone(),
            message,
            next_step: "Find out in CloudTrail who did it; nothing of ours will delete it.",
            policy: None,
            figures: Figures::default(),
        }
    };
    view.half_marked.iter().map(finding).collect()
}

fn lingering(view: &View<'_>) -> Vec<Finding> {
    let late = view.scratch.iter().filter_map(|scratch| {
        let since = scratch.deadline.or(scratch.started_at).or(scratch.database.created_at)?;
        let late = view.now.duration_since(since);
        // Of a guest only what was added to it is ours to delete.
        let ours = if scratch.is_guest() { scratch.added().next() } else { Some(scratch.database) };
        Some((ours?, late)).filter(|_| late > SCRATCH_GRACE)
    });
    late.map(|(database, late)| Finding {
        condition: Condition::ScratchLingering,
        severity: Severity::Critical,
        subject: database.id().to_owned(),
        region: database.arn.region.clone(),
        message: format!("{} is still there {} after its deadline", database.id(), span(late)),
        next_step: "Delete it by hand: it holds production data and costs money.",
        policy: None,
        figures: Figures::default(),
    })
    .collect()
}

fn idle_policies(view: &View<'_>) -> Vec<Finding> {
    let region: Option<&Region> = view.seen.keys().next().copied();
    let (Some(region), true) = (region, view.unseen.is_empty()) else { return Vec::new() };
    let is_idle = |name: &&crate::ids::PolicyName| {
        view.protected.iter().all(|p| p.policy_name != *name && p.contested_by != Some(*name))
    };
    let idle = view.document.policies.keys().filter(is_idle);
    idle.map(|name| Finding {
        condition: Condition::NothingSelected,
        severity: Severity::Warning,
        subject: name.to_string(),
        region: region.clone(),
        message: format!("the policy {name} selects no database"),
        next_step: "Check its tags and names; a typing mistake leaves databases unprotected.",
        policy: None,
        figures: Figures::default(),
    })
    .collect()
}
