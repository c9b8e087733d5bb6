//! What a deletion breaks: judged when the call comes in, while what it would delete is still there, and
//! told when that is gone.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use snapkeep_policy::ids::{RdsArn, Region};
use snapkeep_policy::tags;
use snapkeep_policy::verb::Verb;
use snapkeep_world::{Database, Seen, Snapshot, Truth};

use super::{Inner, SCRATCH_PREFIX, is_held, is_scratch, tag};
use crate::simulation::BUCKET;
use crate::simulation::soak::gfs::{Keep, Point};
use crate::simulation::soak::small::{AWAY, DEPLOYMENT};

/// A copy is given up after this: see the policy of [`super::Small`].
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(3);

/// The recovery points that have one retention: of a source, in a region, originals or copies.
pub(super) type Group = (String, Region, bool);

/// What a call that has come in would delete, and what that would break.
pub(super) struct Doomed {
    arn: RdsArn,
    broken: Vec<(&'static str, String)>,
    group: Option<(Group, usize)>,
    good: BTreeSet<(String, Region)>,
}

impl Inner {
    /// What the deletion of a snapshot would break.
    pub(super) fn doom_snapshot(
        &self,
        call: &Seen<'_>,
        name: &str,
        truth: Truth<'_>,
    ) -> Option<Doomed> {
        let id = call.param(name)?;
        let mut here = truth.snapshots().filter(|it| it.arn.region == call.place.region);
        let it = here.find(|it| it.arn.id == id && it.arn.account == call.place.account)?;
        let mut broken = Vec::new();
        if self.verb != Verb::Prune {
            broken.push(("OwnOnly", format!("{} deletes a snapshot", self.verb)));
        }
        if !self.made.contains(&it.serial) || tag(it, tags::OWNER) != Some(DEPLOYMENT) {
            broken.push(("OwnOnly", "it isn't the deployment's own".to_owned()));
        }
        if let Some(why) = self.why_held(it, truth) {
            broken.push(("Held", why));
        }
        if let Some(why) = self.why_awaited(it, truth) {
            broken.push(("SourceHeld", why));
        }
        let is_recorded = truth.objects(BUCKET).any(|(key, body)| is_record_of(key, body, &it.arn));
        if !is_recorded {
            broken.push(("Recorded", "nobody wrote down before that it would go".to_owned()));
        }
        let unseen = self.run.lists.iter().find(|(_, whole)| !**whole && !self.run.is_double);
        if let Some(((list, region), _)) = unseen {
            broken.push(("Doubt", format!("{list} of {region} was not answered to its end")));
        }
        if self.run.clock_is_off {
            broken.push(("Doubt", "clocks are apart".to_owned()));
        }
        let group = self.group_of(it);
        let points = self.points(&group, truth);
        let managed = points.len();
        if let Some(why) = self.why_kept(it, &group, &points, truth) {
            broken.push(("Justified", why));
        }
        let retained = (it.status == "available").then_some((group, managed));
        Some(Doomed { arn: it.arn.clone(), broken, group: retained, good: good(truth) })
    }

    /// Legal hold keeps all that there is of a slot. A list that shows the past excuses no more than not
    /// to have seen it on the others: at the thing itself prune looks again.
    fn why_held(&self, it: &Snapshot, truth: Truth<'_>) -> Option<String> {
        if is_held(it) {
            return Some("it is under hold".to_owned());
        }
        let now = truth.now();
        let mut others = truth.snapshots().filter(|other| {
            self.made.contains(&other.serial)
                && other.resource_id == it.resource_id
                && tag(other, tags::SLOT) == tag(it, tags::SLOT)
                && other.visible_from <= now
        });
        let held = others.find(|other| is_held(other) && !self.run.shows_the_past)?;
        Some(format!("{} of the same slot is under hold", held.arn))
    }

    /// Whether a copy is being made of it, or still has to be: the other region's retention would keep
    /// one, and there is none that could be restored.
    fn why_awaited(&self, it: &Snapshot, truth: Truth<'_>) -> Option<String> {
        let is_copy_of = |other: &&Snapshot| {
            other.status == "copying" && other.source_arn.as_ref() == Some(&it.arn)
        };
        if let Some(copy) = truth.snapshots().find(is_copy_of) {
            return Some(format!("{} is being made of it", copy.arn));
        }
        let (resource, _, is_copy) = self.group_of(it);
        let failed = tag(it, tags::VERDICT) == Some("fail");
        let keep = self.small.keep_away.as_ref()?;
        if is_copy || failed || it.status != "available" || self.run.shows_the_past {
            return None;
        }
        let away = (resource, AWAY.parse().ok()?, true);
        let copies = self.copies(&away, truth);
        let has_copy =
            |of: &Snapshot| copies.iter().any(|copy| tag(copy, tags::SLOT) == tag(of, tags::SLOT));
        if has_copy(it) {
            return None;
        }
        let originals = truth.snapshots().filter(|other| {
            let is_like_it =
                self.made.contains(&other.serial) && self.group_of(other) == self.group_of(it);
            let is_sound = is_held(other) || tag(other, tags::VERDICT) != Some("fail");
            is_like_it && is_sound && other.status == "available" && !has_copy(other)
        });
        let to_come = originals.filter_map(|original| {
            let point = point(original, true)?;
            Some(Point { verified: false, failed_at: None, ..point })
        });
        let points: Vec<Point> =
            copies.iter().filter_map(|copy| point(copy, true)).chain(to_come).collect();
        // Without a proven one nothing is deleted there; what is copied doesn't wait for that.
        let keep = Keep { verified_floor: 0, ..keep.clone() };
        let is_wanted = keep.kept(&points, &self.small.zone).contains(&it.arn.id);
        is_wanted.then(|| format!("its copy into {AWAY} is still to come"))
    }

    /// The copies of a group that are there or may yet come.
    fn copies<'t>(&self, group: &Group, truth: Truth<'t>) -> Vec<&'t Snapshot> {
        let may_come = |it: &Snapshot| {
            it.status == "copying" && truth.now().duration_since(it.requested_at) < GIVEN_UP
        };
        let is_one = |it: &&Snapshot| {
            self.made.contains(&it.serial)
                && self.group_of(it) == *group
                && (it.status == "available" || may_come(it))
        };
        truth.snapshots().filter(is_one).collect()
    }

    fn group_of(&self, it: &Snapshot) -> Group {
        let is_copy = it.tags.contains_key(tags::COPY_OF);
        (it.resource_id.clone(), it.arn.region.clone(), is_copy)
    }

    /// The recovery points of a group, as retention would see them.
    fn points(&self, group: &Group, truth: Truth<'_>) -> Vec<Point> {
        let now = truth.now();
        let is_ours = |it: &&Snapshot| {
            self.made.contains(&it.serial)
                && tag(it, tags::OWNER) == Some(DEPLOYMENT)
                && self.group_of(it) == *group
                && it.visible_from <= now
        };
        let restored: BTreeSet<&str> =
            truth.databases().filter_map(|it| it.tags.get(tags::SCRATCH_OF)).collect();
        let sources: BTreeSet<&RdsArn> = truth
            .snapshots()
            .filter(|it| it.status == "copying")
            .filter_map(|it| it.source_arn.as_ref())
            .collect();
        let counts = |it: &Snapshot| {
            let in_use =
                restored.contains(it.arn.to_string().as_str()) || sources.contains(&it.arn);
            it.status == "available" && !in_use
        };
        let all = truth.snapshots().filter(is_ours).filter_map(|it| point(it, counts(it)));
        let latest = now + SignedDuration::from_mins(5);
        all.map(|it| Point { counts: it.counts && it.taken_at <= latest, ..it }).collect()
    }

    fn keep(&self, group: &Group) -> Option<&Keep> {
        if group.2 { self.small.keep_away.as_ref() } else { Some(&self.small.keep) }
    }

    /// Why it may not go, by the reference; what never became a recovery point may go once a good one
    /// stands in its place, and a copy too that is given up.
    fn why_kept(
        &self,
        it: &Snapshot,
        group: &Group,
        points: &[Point],
        truth: Truth<'_>,
    ) -> Option<String> {
        match it.status.as_str() {
            "available" => {}
            "failed" => return None,
            "copying" if truth.now().duration_since(it.requested_at) >= GIVEN_UP => return None,
            other => return Some(format!("it is {other}")),
        }
        // A list that shows the past isn't what there is: only what it can't excuse is held against it.
        if self.run.shows_the_past {
            return None;
        }
        let keep = self.keep(group)?;
        let kept = keep.kept(points, &self.small.zone);
        kept.contains(&it.arn.id).then(|| "retention keeps it".to_owned())
    }

    pub(super) fn judge_deletion(&mut self, doomed: Doomed, truth: Truth<'_>) {
        let now = truth.now();
        let Doomed { arn, broken, group, good } = doomed;
        let is_there = truth.snapshots().any(|it| it.arn == arn && it.status != "deleting")
            || truth.databases().any(|it| it.arn == arn && it.status != "deleting");
        if is_there {
            return;
        }
        for (invariant, what) in broken {
            self.broken(invariant, now, &format!("{arn} was deleted: {what}"));
        }
        let after = self::good(truth);
        let shows_the_past = self.run.shows_the_past;
        for (source, region) in good.difference(&after).filter(|_| !shows_the_past) {
            let what = format!("{arn} was the last proven one of {source} in {region}");
            self.broken("LastGood", now, &what);
        }
        if let Some((group, managed)) = group {
            let (first, gone) = self.run.deleted.entry(group).or_insert((managed, 0));
            *gone += 1;
            let (first, gone) = (*first, *gone);
            if gone > 3.max(first.div_ceil(4)) {
                self.broken("Cap", now, &format!("{gone} of {first} went at once, {arn} last"));
            }
        }
    }
}

/// ScratchOnly: what the deletion of a database would break.
pub(super) fn doom_database(call: &Seen<'_>, name: &str, truth: Truth<'_>) -> Option<Doomed> {
    let id = call.param(name)?;
    let here = |it: &&Database| it.arn.id == id && it.arn.region == call.place.region;
    let it = truth.databases().filter(here).find(|it| it.arn.account == call.place.account)?;
    let member = it.member_of.as_deref().is_some_and(|of| of.starts_with(SCRATCH_PREFIX));
    let mut broken = Vec::new();
    if !(is_scratch(it) || member && id.starts_with(SCRATCH_PREFIX)) {
        broken.push(("ScratchOnly", "it is no scratch database".to_owned()));
    }
    Some(Doomed { arn: it.arn.clone(), broken, group: None, good: BTreeSet::new() })
}

/// Where there is an available, proven recovery point whose key works.
fn good(truth: Truth<'_>) -> BTreeSet<(String, Region)> {
    let is_good = |it: &&Snapshot| {
        it.status == "available"
            && tag(it, tags::VERDICT) == Some("pass")
            && it.kms_key.as_deref().is_none_or(|key| truth.is_enabled(key))
    };
    let place = |it: &Snapshot| (it.resource_id.clone(), it.arn.region.clone());
    truth.snapshots().filter(is_good).map(place).collect()
}

/// A snapshot as retention sees it.
fn point(it: &Snapshot, counts: bool) -> Option<Point> {
    let verdict = tag(it, tags::VERDICT);
    let at = tag(it, tags::VERDICT_AT).and_then(|at| at.parse().ok());
    Some(Point {
        taken_at: tag(it, tags::SLOT)?.parse().ok()?,
        id: it.arn.id.clone(),
        verified: verdict == Some("pass") && at.is_some(),
        failed_at: at.filter(|_| verdict == Some("fail")),
        held: is_held(it),
        counts,
    })
}

/// Whether an object is a record that prune would delete it.
fn is_record_of(key: &str, body: &[u8], arn: &RdsArn) -> bool {
    key.contains("prune") && String::from_utf8_lossy(body).contains(&format!("\"{arn}\""))
}
