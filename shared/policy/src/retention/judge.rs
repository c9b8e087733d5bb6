//! The union of the rules: one walk over a group, from the newest recovery point to the oldest.

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::decision::Fate;
use super::period::{Calendar, Place};
use super::reason::Reason;
use super::rules::{Count, Retention};
use super::tier::{Newest, Tier};
use super::{Point, Verified};

/// A point of later than this after now comes from a clock that is wrong: it must not become the
/// anchor, or every window would move on with it.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// A point and what was decided about it.
pub(super) struct Judged<'j, 'p> {
    /// Its place in the list as it was given.
    pub(super) index: usize,
    pub(super) point: &'j Point<'p>,
    pub(super) standing: Standing<'p>,
    pub(super) fate: Fate,
    reasons: &'j [Reason<'p>],
    offset: Offset,
}

impl Judged<'_, '_> {
    /// The reasons in words.
    pub(super) fn texts(&self) -> Vec<String> {
        let at = self.point.taken_at;
        self.reasons.iter().map(|reason| reason.text(at, self.offset)).collect()
    }
}

/// Whether a point takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing<'p> {
    /// Never touched, never counted, never the anchor.
    Ignored(&'p str),
    /// Ours to delete, but no rule keeps it and it supersedes nothing.
    Failed { at: Timestamp },
    /// All rules are about these.
    Eligible,
}

impl<'p> Standing<'p> {
    fn of(point: &Point<'p>, latest: Timestamp) -> Self {
        match (point.untouchable, point.verified) {
            (Some(why), _) => Self::Ignored(why),
            (None, _) if point.taken_at > latest => Self::Ignored("later than now + 5 min"),
            (None, Verified::Fail { at }) => Self::Failed { at },
            (None, Verified::Pass | Verified::Unknown) => Self::Eligible,
        }
    }
}

/// Shows `see` what becomes of each point, in the total order; returns the anchor.
pub(super) fn walk<'p>(
    points: &[Point<'p>],
    rules: &'p Retention,
    zone: &'p TimeZone,
    now: Timestamp,
    mut see: impl FnMut(Judged<'_, 'p>),
) -> Option<Timestamp> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_unstable_by(|a, b| {
        let (a, b) = (&points[*a], &points[*b]);
        b.taken_at.cmp(&a.taken_at).then_with(|| a.id.cmp(b.id))
    });
    let latest = now.checked_add(AHEAD_MAX).unwrap_or(Timestamp::MAX);
    let is_eligible = |i: &usize| Standing::of(&points[*i], latest) == Standing::Eligible;
    let anchor = order.iter().copied().find(is_eligible).map(|i| points[i].taken_at);
    let oldest = order.iter().copied().rfind(is_eligible);

    let mut judge = Judge::new(rules, zone, anchor, now);
    for index in order {
        let point = &points[index];
        let standing = Standing::of(point, latest);
        let place = judge.calendar.place(point.taken_at);
        judge.begin(point);
        match standing {
            Standing::Ignored(why) => judge.ends.push(Reason::Ignored(why)),
            Standing::Failed { at } => judge.failed(at),
            Standing::Eligible => judge.eligible(point, &place, oldest == Some(index)),
        }
        let (fate, reasons) = judge.verdict(standing);
        see(Judged { index, point, standing, fate, reasons, offset: place.offset });
    }
    anchor
}

/// Judges the points of a group as they come, newest first.
struct Judge<'p> {
    rules: &'p Retention,
    zone: &'p TimeZone,
    anchor: Option<Timestamp>,
    calendar: Calendar<'p>,
    tiers: Vec<Tier<'p>>,
    min_keep: Newest,
    verified: Newest,
    /// Of this instant and before, tiers keep nothing any more.
    expired_until: Option<Timestamp>,
    /// Why the point at hand is kept, and why it isn't.
    keeps: Vec<Reason<'p>>,
    ends: Vec<Reason<'p>>,
}

impl<'p> Judge<'p> {
    fn new(
        rules: &'p Retention,
        zone: &'p TimeZone,
        anchor: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        // The last verified one is kept even when the policy asks for none.
        let verified_min = Count::Exactly(rules.verified_floor.max(1));
        let expired_until = rules.expire_after.map(|age| {
            let local = now.to_zoned(zone.clone()).checked_sub(age.0);
            local.map_or(Timestamp::MIN, |local| local.timestamp())
        });
        Self {
            rules,
            zone,
            anchor,
            calendar: Calendar::new(zone),
            tiers: anchor.map_or_else(Vec::new, |anchor| Tier::all(rules, zone, anchor)),
            min_keep: Newest::new("min-keep", Count::Exactly(rules.min_keep.max(1))),
            verified: Newest::new("verified-floor", verified_min),
            expired_until,
            keeps: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// A hold is an overlay: it says nothing of the other points, so the rules go on as without it.
    fn begin(&mut self, point: &Point<'p>) {
        self.ends.clear();
        self.keeps.clear();
        self.keeps.extend(point.held.then_some(Reason::Hold));
    }

    fn eligible(&mut self, point: &Point<'p>, place: &Place, is_oldest: bool) {
        let tiers_from = self.keeps.len();
        for tier in &mut self.tiers {
            match tier.rule(point, place) {
                Ok(keep) => self.keeps.push(keep),
                Err(end) => match tier.oldest().filter(|_| is_oldest && self.rules.keep_oldest) {
                    Some(keep) => self.keeps.push(keep),
                    None => self.ends.push(end),
                },
            }
        }
        if self.expired_until.is_some_and(|until| point.taken_at <= until) {
            self.keeps.truncate(tiers_from);
            self.ends.clear();
            self.ends.extend(self.rules.expire_after.as_ref().map(Reason::Expired));
        }
        match self.min_keep.rule() {
            Ok(keep) => self.keeps.push(keep),
            Err(end) if self.ends.is_empty() => self.ends.push(end),
            Err(_) => {}
        }
        if point.verified == Verified::Pass
            && let Ok(keep) = self.verified.rule()
        {
            let is_asked_for = self.rules.verified_floor > 0;
            self.keeps.push(if is_asked_for { keep } else { Reason::LastVerified });
        }
    }

    /// A failed verification is counted from its verdict, so that one that is found bad when it is
    /// old still stays for somebody to look at, and up to the anchor, so that time alone ends nothing.
    fn failed(&mut self, at: Timestamp) {
        let until = at.to_zoned(self.zone.clone()).checked_add(self.rules.quarantine.0);
        let until = until.map_or(Timestamp::MAX, |until| until.timestamp());
        match self.anchor {
            None => self.keeps.push(Reason::NoEligible),
            Some(anchor) if anchor < until => self.keeps.push(Reason::Quarantine(until)),
            Some(_) => self.ends.push(Reason::QuarantineOver(until)),
        }
    }

    fn verdict(&self, standing: Standing<'p>) -> (Fate, &[Reason<'p>]) {
        match standing {
            Standing::Ignored(_) => (Fate::Ignore, &self.ends),
            Standing::Failed { .. } | Standing::Eligible if self.keeps.is_empty() => {
                (Fate::Delete, &self.ends)
            }
            Standing::Failed { .. } | Standing::Eligible => (Fate::Keep, &self.keeps),
        }
    }
}
