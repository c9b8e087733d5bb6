//! The figures behind the pictures, for whoever wants to read or to count them.

use snapkeep_policy::recovery_point::Outcome;

use super::alarms::severity;
use super::chart::{Percent, TimeAxis};
use super::headline::proven_age_seconds;
use super::mark::Mark;
use super::over_time::worst_newest_and_proof;
use super::restores::median_and_slowest;
use super::text::{count, duration, duration_or_dash, instant, seconds_between};
use crate::story::{AlarmStory, DatabaseStory, Kept, Story};

/// One database's figures.
pub(super) struct DatabaseRow {
    pub(super) id: String,
    pub(super) engine: String,
    pub(super) region: String,
    pub(super) originals: String,
    pub(super) copies: String,
    pub(super) verified: String,
    pub(super) proven_age: String,
    pub(super) rpo: String,
    pub(super) worst_newest: String,
    pub(super) worst_proof: String,
    pub(super) rto: String,
    pub(super) ready_median: String,
    pub(super) ready_slowest: String,
    /// Restores that passed, failed and ended without a result.
    pub(super) outcomes: [String; 3],
}

/// One alarm.
pub(super) struct AlarmRow {
    pub(super) day: i64,
    pub(super) opened: String,
    pub(super) lasted: String,
    pub(super) severity: &'static str,
    pub(super) condition: String,
    pub(super) subject: String,
    pub(super) region: String,
    pub(super) message: String,
}

/// One kind of fault.
pub(super) struct FaultRow {
    pub(super) kind: String,
    pub(super) count: String,
    /// Its bar, of the most frequent kind's.
    pub(super) share: Percent,
}

/// What is kept of one database.
pub(super) struct KeptTable {
    pub(super) id: String,
    pub(super) count: String,
    pub(super) rows: Vec<KeptRow>,
}

/// One recovery point.
pub(super) struct KeptRow {
    pub(super) id: String,
    pub(super) region: String,
    pub(super) origin: &'static str,
    pub(super) taken: String,
    pub(super) age: String,
    pub(super) mark: Mark,
    pub(super) reasons: String,
}

pub(super) fn databases(story: &Story) -> Vec<DatabaseRow> {
    story.databases.iter().map(|database| database_row(story, database)).collect()
}

fn database_row(story: &Story, database: &DatabaseStory) -> DatabaseRow {
    let kept = |wanted: fn(&&Kept) -> bool| count(database.kept.iter().filter(wanted).count());
    let ended = |outcome: Outcome| {
        count(database.restores.iter().filter(|restore| restore.outcome == outcome).count())
    };
    let ready = median_and_slowest(database);
    let (worst_newest, worst_proof) = worst_newest_and_proof(database);
    DatabaseRow {
        id: database.id.clone(),
        engine: database.engine.clone(),
        region: database.region.clone(),
        originals: kept(|kept| !kept.is_copy),
        copies: kept(|kept| kept.is_copy),
        verified: kept(|kept| kept.verdict == Some(Outcome::Pass)),
        proven_age: duration_or_dash(proven_age_seconds(story, database)),
        rpo: duration_or_dash(database.rpo_seconds),
        worst_newest: duration_or_dash(worst_newest),
        worst_proof: duration_or_dash(worst_proof),
        rto: duration_or_dash(database.rto_seconds),
        ready_median: duration_or_dash(ready.map(|(median, _)| median)),
        ready_slowest: duration_or_dash(ready.map(|(_, slowest)| slowest)),
        outcomes: [Outcome::Pass, Outcome::Fail, Outcome::Inconclusive].map(ended),
    }
}

pub(super) fn alarms(story: &Story) -> Vec<AlarmRow> {
    let axis = TimeAxis::new(story.started_at, story.ended_at);
    let row = |alarm: &AlarmStory| AlarmRow {
        day: axis.day(alarm.opened_at),
        opened: instant(alarm.opened_at),
        lasted: alarm.resolved_at.map_or_else(
            || "still open".to_owned(),
            |end| duration(seconds_between(alarm.opened_at, end)),
        ),
        severity: severity(alarm.severity),
        condition: alarm.condition.clone(),
        subject: alarm.subject.clone(),
        region: alarm.region.clone(),
        message: alarm.message.clone(),
    };
    story.alarms.iter().map(row).collect()
}

pub(super) fn faults(story: &Story) -> Vec<FaultRow> {
    let most = story.faults.values().max().copied().unwrap_or(0).max(1);
    let row = |(kind, number): (&String, &u64)| FaultRow {
        kind: kind.clone(),
        count: count(*number),
        share: Percent(*number as f64 / most as f64 * 100.0),
    };
    story.faults.iter().map(row).collect()
}

pub(super) fn kept(story: &Story) -> Vec<KeptTable> {
    let row = |kept: &Kept| KeptRow {
        id: kept.id.clone(),
        region: kept.region.clone(),
        origin: if kept.is_copy { "copy" } else { "original" },
        taken: instant(kept.taken_at),
        age: duration(seconds_between(kept.taken_at, story.ended_at)),
        mark: Mark::of(kept.verdict),
        reasons: kept.reasons.join("; "),
    };
    let table = |database: &DatabaseStory| KeptTable {
        id: database.id.clone(),
        count: count(database.kept.len()),
        rows: database.kept.iter().map(row).collect(),
    };
    story.databases.iter().map(table).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_databases_row_agrees_with_what_is_kept() {
        let story = sample::good();
        for (database, row) in story.databases.iter().zip(databases(&story)) {
            let sum: usize =
                [&row.originals, &row.copies].map(|n| n.parse().unwrap_or(0)).iter().sum();
            assert_eq!(sum, database.kept.len(), "{}", row.id);
        }
    }

    #[test]
    fn the_most_frequent_fault_has_the_longest_bar() {
        let mut story = sample::good();
        story.faults = [("a".to_owned(), 50), ("b".to_owned(), 200), ("c".to_owned(), 0)].into();
        let shares: Vec<Percent> = faults(&story).iter().map(|row| row.share).collect();
        assert_eq!(shares, [Percent(25.0), Percent(100.0), Percent(0.0)]);
    }

    #[test]
    fn an_alarm_without_an_end_is_still_open() {
        let mut story = sample::good();
        story.alarms.truncate(1);
        story.alarms[0].resolved_at = None;
        assert_eq!(alarms(&story)[0].lasted, "still open");
    }
}
