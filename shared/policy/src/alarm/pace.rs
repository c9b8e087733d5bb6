//! How long snapshots and copies take, and which of them takes too long.
//!
//! AWS says when a snapshot was begun and never when it was done, so alarm notes at each look what is
//! under way and since when: what is available at the next look took that long, up to the time between
//! two looks too much. A database's snapshots and its copies into each region have a history each, of
//! the last ten, and are held against its median.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::alarm::{Condition, Figures, Finding, Memory};
use crate::document::Severity;
use crate::ids::{RdsArn, Region, ResourceId};
use crate::inventory::Status;
use crate::plan::span;
use crate::recovery_point::{Origin, RecoveryPoint};
use crate::selection::Protected;
use crate::tags;
use crate::view::View;

const HISTORY_MAX: usize = 10;
/// Fewer say nothing of what is usual.
const HISTORY_MIN: usize = 3;
/// Too long is more than three times the median,
const TIMES_MEDIAN: i32 = 3;
/// and this much more than it at least: looks are minutes apart.
const MORE_THAN_MEDIAN: SignedDuration = SignedDuration::from_mins(30);
/// One that was slow is reported until another is done, or for this long.
const REPORTED: SignedDuration = SignedDuration::from_hours(24);

/// The history of one database's snapshots, or of its copies into one region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pace {
    /// What is under way, and since when.
    pub under_way: BTreeMap<RdsArn, Timestamp>,
    /// How long the last ones took, in seconds, the newest last.
    pub took_seconds: Vec<i64>,
    /// When the newest of them was seen to be done.
    pub done_at: Option<Timestamp>,
}

impl Memory {
    /// Takes note of what is under way, and of what is done since the last look. Asks which recovery
    /// points were known then, so it comes before those are noted.
    pub(super) fn time(&mut self, view: &View<'_>) {
        let under_way = self.paces.values().flat_map(|pace| pace.under_way.keys().cloned());
        let mut under_way: BTreeSet<RdsArn> = under_way.collect();
        for (source, points) in &view.recovery_points {
            for point in points {
                let is_new = started(point).zip(self.looked_at).is_some_and(|(at, it)| at >= it)
                    && !self.known.has(point);
                let was_under_way = under_way.remove(&point.snapshot.arn);
                if is_new || was_under_way || is_under_way(&point.snapshot.status) {
                    let pace = self.paces.entry(key(source, destination(point))).or_default();
                    pace.look(point, is_new, view.now);
                }
            }
        }
        // What is left isn't there any more.
        for pace in self.paces.values_mut() {
            let is_lost =
                |arn: &RdsArn| view.seen.contains_key(&arn.region) && under_way.contains(arn);
            pace.under_way.retain(|arn, _| !is_lost(arn));
        }
        if view.unseen.is_empty() {
            let is_source = |key: &str| {
                let source = key.split(' ').next().unwrap_or(key);
                view.recovery_points.keys().any(|known| known.as_str() == source)
            };
            self.paces.retain(|key, _| is_source(key));
        }
        self.looked_at = Some(view.now);
    }
}

impl Pace {
    fn look(&mut self, point: &RecoveryPoint<'_>, is_new: bool, now: Timestamp) {
        let arn = &point.snapshot.arn;
        let begun = started(point).unwrap_or(now).min(now);
        if is_under_way(&point.snapshot.status) {
            self.under_way.entry(arn.clone()).or_insert(begun);
            return;
        }
        let since = self.under_way.remove(arn).or(is_new.then_some(begun));
        if let Some(since) = since.filter(|_| point.is_available()) {
            self.took_seconds.push(now.duration_since(since).as_secs());
            let surplus = self.took_seconds.len().saturating_sub(HISTORY_MAX);
            self.took_seconds.drain(..surplus);
            self.done_at = Some(now);
        }
    }

    /// What takes or took too long: how long, what is usual, and whether it is done.
    fn slow(&self, now: Timestamp) -> Option<(SignedDuration, SignedDuration, bool)> {
        let longest = self.under_way.values().min().map(|since| now.duration_since(*since));
        let under_way = longest.zip(median(&self.took_seconds));
        let is_fresh = self.done_at.is_some_and(|at| now.duration_since(at) < REPORTED);
        let done = self.took_seconds.split_last().filter(|_| is_fresh);
        let done = done
            .and_then(|(last, before)| Some((SignedDuration::from_secs(*last), median(before)?)));
        let too_long = |(took, usual): &(SignedDuration, SignedDuration)| {
            *took > *usual * TIMES_MEDIAN && *took >= *usual + MORE_THAN_MEDIAN
        };
        let under_way = under_way.filter(too_long).map(|(took, usual)| (took, usual, false));
        under_way.or(done.filter(too_long).map(|(took, usual)| (took, usual, true)))
    }
}

/// What of this database takes longer than it used to.
pub(super) fn findings(protected: &Protected<'_>, memory: &Memory, now: Timestamp) -> Vec<Finding> {
    let (database, own) = (protected.database, &protected.database.arn.region);
    let copies = protected.policy.copies.iter().map(|rule| Some(&rule.region));
    let slow = [None].into_iter().chain(copies).filter_map(|destination| {
        let pace = memory.paces.get(&key(&database.resource_id, destination))?;
        let (took, usual, is_done) = pace.slow(now)?;
        let what = match destination {
            Some(region) => format!("a copy of {} into {region}", database.id()),
            None => format!("a snapshot of {}", database.id()),
        };
        let how = if is_done { "took" } else { "is under way for" };
        Some(Finding {
            condition: match destination {
                Some(_) => Condition::CopySlow,
                None => Condition::SnapshotSlow,
            },
            severity: Severity::Warning,
            subject: database.id().to_owned(),
            region: destination.unwrap_or(own).clone(),
            message: format!("{what} {how} {}; the median is {}", span(took), span(usual)),
            next_step: "Look at the database's events and load; a slow one may miss its slot.",
            policy: Some(protected.policy_name.clone()),
            figures: Figures::default(),
        })
    });
    slow.collect()
}

fn key(source: &ResourceId, destination: Option<&Region>) -> String {
    match destination {
        Some(region) => format!("{source} {region}"),
        None => source.to_string(),
    }
}

fn destination<'p>(point: &'p RecoveryPoint<'_>) -> Option<&'p Region> {
    (point.origin != Origin::Original).then(|| point.region())
}

/// When it was begun, if anything says so: copies are tagged with it.
fn started(point: &RecoveryPoint<'_>) -> Option<Timestamp> {
    let tagged = point.snapshot.tags.get(tags::STARTED).and_then(|text| text.parse().ok());
    tagged.or(point.snapshot.created_at)
}

fn is_under_way(status: &Status) -> bool {
    matches!(status, Status::Creating | Status::Copying)
}

fn median(seconds: &[i64]) -> Option<SignedDuration> {
    let mut sorted = seconds.to_vec();
    sorted.sort_unstable();
    let middle = sorted.get(sorted.len() / 2).filter(|_| sorted.len() >= HISTORY_MIN)?;
    Some(SignedDuration::from_secs(*middle))
}
