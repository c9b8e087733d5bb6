//! The end: faults have stopped, and the account comes to rest within twelve ticks, and stays there.

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::ids::Region;
use snapkeep_policy::tags;
use snapkeep_policy::verb::Verb;
use snapkeep_world::{Snapshot, World};

use super::checks::{is_scratch, is_source};
use super::run::Night;
use super::small::{AWAY, HOME, Small};

/// Time between two ticks.
const TICK: SignedDuration = SignedDuration::from_mins(30);
/// Ticks within which all must be well, and how long it must stay so.
pub const TICKS_MAX: u32 = 12;
const QUIET_TICKS: u32 = 2;
/// From the last slot on: its own visits are over.
const AFTER_LAST: SignedDuration = SignedDuration::from_mins(13 * 60);

/// Wakes everybody until there was nothing to do for two ticks; returns the tick at which the rest began.
pub async fn come_to_rest(night: &mut Night<'_>, last_slot: Timestamp) -> u32 {
    let mut now = night.stage.world.now().max(last_slot + AFTER_LAST);
    let mut quiet = 0;
    for tick in 1..=TICKS_MAX + QUIET_TICKS {
        night.stage.world.advance_to(now);
        let before = changes(&night.stage.world);
        for verb in [Verb::Create, Verb::Copy, Verb::Verify, Verb::Prune, Verb::Alarm] {
            night.wake(verb, now).await;
        }
        // A rehearsal takes nine visits of a quarter of an hour: that is how often verify is woken.
        if has_scratch(&night.stage.world) {
            night.stage.world.advance_to(now + TICK / 2);
            night.wake(Verb::Verify, now + TICK / 2).await;
        }
        let is_quiet = changes(&night.stage.world) == before && lacks(night, last_slot).is_empty();
        quiet = if is_quiet { quiet + 1 } else { 0 };
        if quiet == QUIET_TICKS {
            return tick - QUIET_TICKS;
        }
        now += TICK;
    }
    TICKS_MAX + 1
}

/// How often anything was changed.
fn changes(world: &World) -> u64 {
    let is_one = |call: &str| call.starts_with("rds:") && !call.starts_with("rds:Describe");
    count(world, is_one)
}

/// How often anything was changed other than by deleting it.
pub fn made(world: &World) -> u64 {
    changes(world) - count(world, |call| call.starts_with("rds:Delete"))
}

fn count(world: &World, is_one: impl Fn(&str) -> bool) -> u64 {
    world.calls().iter().filter(|(call, _)| is_one(call)).map(|(_, count)| count).sum()
}

/// What is missing for all to be well.
pub fn lacks(night: &Night<'_>, slot: Timestamp) -> Vec<String> {
    let world = &night.stage.world;
    let mut lacks = Vec::new();
    let (home, away) = (snapshots(world, HOME), snapshots(world, AWAY));
    for database in night.diary.all_databases(world).iter().filter(|it| is_source(it)) {
        // Of one that is younger than the slot nothing is due; of one whose name a stranger's snapshot
        // has, nothing can be made but an alarm.
        if database.created_at > slot || night.diary.is_squatted(slot) {
            continue;
        }
        let is_of_slot = |it: &&Snapshot| {
            it.resource_id == database.resource_id
                && it.tags.get(tags::SLOT).is_some_and(|tag| *tag == slot.to_string())
        };
        // After three attempts that came to nothing it is a person's to look why, and told as that.
        let is_given_up = |of: &[Snapshot]| {
            of.iter().filter(is_of_slot).filter(|it| it.status != "available").count() >= 3
        };
        let original = home.iter().filter(is_of_slot).find(|it| it.status == "available");
        let is_tampered = night.diary.is_tampered(slot);
        if original.is_none() && !is_tampered && !is_given_up(&home) {
            lacks.push(format!("{} has no recovery point of {slot}", database.arn));
        }
        // What was found bad is not copied.
        let is_sound = original
            .is_some_and(|it| it.tags.get(tags::VERDICT).is_none_or(|verdict| verdict != "fail"));
        let is_wanted = night.small.keep_away.is_some() && is_sound && !is_tampered;
        let has_copy = away.iter().filter(is_of_slot).any(|it| it.status == "available");
        if is_wanted && !has_copy && !is_given_up(&away) {
            lacks.push(format!("{} has no copy of {slot}", database.arn));
        }
    }
    lacks.extend(has_scratch(world).then(|| "a scratch database is left".to_owned()));
    lacks
}

fn snapshots(world: &World, region: &str) -> Vec<Snapshot> {
    region.parse().map(|region: Region| world.snapshots(&region)).unwrap_or_default()
}

/// Whether something is being restored, or torn down.
pub fn has_scratch(world: &World) -> bool {
    let regions = [HOME, AWAY].into_iter().flat_map(str::parse::<Region>);
    regions.into_iter().any(|region| world.databases(&region).iter().any(is_scratch))
}

/// The account as two runs are compared by: which recovery points there are, whose they say they are, and
/// whether they could be restored. Which of them was rehearsed isn't in it: that is the newest there was
/// at the time.
pub fn in_words(world: &World) -> Vec<String> {
    let mut words = Vec::new();
    for it in [HOME, AWAY].into_iter().flat_map(|region| snapshots(world, region)) {
        let tag = |key: &str| it.tags.get(key).unwrap_or_default();
        let (of, slot) = (&it.database_id, tag(tags::SLOT));
        let kind = if it.tags.contains_key(tags::COPY_OF) { "copy" } else { "original" };
        let (region, owner, status) = (&it.arn.region, tag(tags::OWNER), &it.status);
        words.push(format!("{region} {of} {slot} {kind} of {owner}: {status}"));
    }
    words.sort();
    words
}

/// Whether a word is about the database of this number.
pub fn is_about(word: &str, database: usize) -> bool {
    word.contains(&format!(" orders-{database} "))
}

/// Liveness, Fixpoint: rest came in time.
pub fn says(ticks: u32, night: &Night<'_>, slot: Timestamp) -> Option<String> {
    let Small { seed, .. } = night.small;
    (ticks > TICKS_MAX).then(|| {
        let lacks = lacks(night, slot).join("; ");
        let what = if lacks.is_empty() { "something is done at every tick" } else { &lacks };
        format!("seed {seed} doesn't come to rest within {TICKS_MAX} ticks: {what}")
    })
}
