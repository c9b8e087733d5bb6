//! RPO over time: how old the newest recovery point, copy and proof were, day by day.

use super::chart::{Curve, Label, Percent, Plot, Px, Scale, Tick, TimeAxis};
use super::incidents::{Band, bands};
use super::text::{DAY, at_most, short};
use crate::story::{DatabaseStory, Sample, Story};

/// Space above the plot, where the incidents' numbers stand.
const TOP: f64 = 16.0;
const HEIGHT: f64 = 116.0;
const LABELS_HOURS: [i64; 14] = [0, 1, 6, 12, 24, 48, 72, 120, 240, 480, 720, 1_440, 2_160, 8_760];
/// Width of a path's own coordinates, which are stretched to the picture's.
const PATH_WIDTH: f64 = 1000.0;

/// The picture: one panel a database, all on the same scales.
pub(super) struct OverTime {
    pub(super) panels: Vec<Panel>,
    pub(super) x_ticks: Vec<Tick>,
    pub(super) incidents: Vec<Band>,
    pub(super) bottom: Px,
    pub(super) height: Px,
}

/// One database.
pub(super) struct Panel {
    pub(super) id: String,
    pub(super) summary: String,
    pub(super) labels: Vec<Label>,
    pub(super) objective: Option<Label>,
    pub(super) lines: Vec<Line>,
    /// Days without any recovery point, as (from, width).
    pub(super) gaps: Vec<(Percent, Percent)>,
}

/// One age over time.
pub(super) struct Line {
    pub(super) class: &'static str,
    pub(super) path: String,
}

type Age = fn(&Sample) -> Option<i64>;

/// The widest first: lines that coincide stay visible under one another.
const AGES: [(&str, Age); 4] = [
    ("proven", |sample| sample.newest_verified_age_seconds),
    ("copy", |sample| sample.newest_copy_age_seconds),
    ("newest", |sample| sample.newest_age_seconds),
    ("restorable", |sample| sample.restorable_age_seconds),
];

pub(super) fn over_time(story: &Story) -> OverTime {
    let axis = TimeAxis::new(story.started_at, story.ended_at);
    let samples = || story.databases.iter().flat_map(|database| &database.samples);
    let ages = samples().flat_map(|sample| AGES.iter().filter_map(|(_, age)| age(sample)));
    let objectives = story.databases.iter().filter_map(|database| database.rpo_seconds);
    let scale = Scale::new(Curve::Root, ages.chain(objectives).max().unwrap_or(DAY));
    let plot = Plot { top: TOP, height: HEIGHT, scale };
    OverTime {
        panels: story.databases.iter().map(|database| panel(database, axis, plot)).collect(),
        x_ticks: axis.ticks(),
        incidents: bands(story, axis),
        bottom: plot.bottom(),
        height: plot.outer_height(),
    }
}

fn panel(database: &DatabaseStory, axis: TimeAxis, plot: Plot) -> Panel {
    let objective = database.rpo_seconds;
    Panel {
        id: database.id.clone(),
        summary: summary(database),
        labels: plot.labels(LABELS_HOURS.map(|hours| hours * 3_600), objective),
        objective: objective.map(|max| Label { y: plot.y(max), text: short(max) }),
        lines: AGES
            .iter()
            .map(|(class, age)| Line { class, path: path(&database.samples, *age, axis, plot) })
            .collect(),
        gaps: gaps(&database.samples, axis),
    }
}

/// Draws each unbroken run of ages; where there was nothing, there is no line.
fn path(samples: &[Sample], age: Age, axis: TimeAxis, plot: Plot) -> String {
    let mut path = String::new();
    for run in samples.chunk_by(|a, b| age(a).is_some() == age(b).is_some()) {
        for (index, sample) in run.iter().enumerate() {
            let Some(seconds) = age(sample) else { break };
            let command = if index == 0 { 'M' } else { 'L' };
            let x = axis.x(sample.at).0 / 100.0 * PATH_WIDTH;
            path.push_str(&format!("{command}{x:.1} {}", plot.y(seconds)));
            if run.len() == 1 {
                path.push_str("h0");
            }
        }
    }
    path
}

fn gaps(samples: &[Sample], axis: TimeAxis) -> Vec<(Percent, Percent)> {
    let runs = samples
        .chunk_by(|a, b| a.newest_age_seconds.is_some() == b.newest_age_seconds.is_some())
        .filter(|run| run.iter().all(|sample| sample.newest_age_seconds.is_none()));
    runs.filter_map(|run| {
        let (first, last) = (axis.x(run.first()?.at), axis.x(run.last()?.at));
        Some((first, Percent((last.0 - first.0).max(0.4))))
    })
    .collect()
}

fn summary(database: &DatabaseStory) -> String {
    let Some(last) = database.samples.last() else {
        return "no samples were taken".to_owned();
    };
    let text = |seconds: Option<i64>| seconds.map_or_else(|| "none".to_owned(), at_most);
    let parts = AGES.iter().rev().map(|(name, age)| {
        format!("{name} {} (at worst {})", text(age(last)), text(worst(database, *age)))
    });
    format!("at the end: {}", parts.collect::<Vec<_>>().join(", "))
}

/// The oldest that an age ever was, in seconds.
fn worst(database: &DatabaseStory, age: Age) -> Option<i64> {
    database.samples.iter().filter_map(age).max()
}

/// How old the newest recovery point and the newest proof ever were, in seconds.
pub(super) fn worst_newest_and_proof(database: &DatabaseStory) -> (Option<i64>, Option<i64>) {
    let worst = |age: Age| worst(database, age);
    (worst(|sample| sample.newest_age_seconds), worst(|sample| sample.newest_verified_age_seconds))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_line_breaks_where_there_was_nothing_and_the_gap_is_marked() {
        let mut story = sample::good();
        let samples = &mut story.databases[0].samples;
        samples.truncate(5);
        samples.iter_mut().for_each(|sample| sample.newest_age_seconds = Some(3_600));
        samples[2].newest_age_seconds = None;
        let picture = over_time(&story);
        let newest = &picture.panels[0].lines[2];
        assert_eq!((newest.class, newest.path.matches('M').count()), ("newest", 2));
        assert_eq!(picture.panels[0].gaps.len(), 1);
    }

    #[test]
    fn a_single_day_is_still_visible() {
        let mut story = sample::good();
        story.databases[0].samples.truncate(1);
        let newest = &over_time(&story).panels[0].lines[2];
        assert!(newest.path.ends_with("h0"), "{}", newest.path);
    }

    #[test]
    fn the_summary_tells_the_end_and_the_worst() {
        let mut story = sample::good();
        let database = &mut story.databases[0];
        database.samples.truncate(3);
        for (sample, hours) in database.samples.iter_mut().zip([5, 47, 6]) {
            sample.newest_age_seconds = Some(hours * 3_600);
            sample.newest_copy_age_seconds = None;
            sample.newest_verified_age_seconds = Some(hours * 3_600 + 1);
        }
        assert_eq!(
            summary(database).replace('\u{a0}', " "),
            "at the end: restorable 1 h (at worst 1 h), newest 6 h (at worst 47 h), \
             copy none (at worst none), proven 7 h (at worst 48 h)"
        );
        let worst = worst_newest_and_proof(database);
        assert_eq!(worst, (Some(47 * 3_600), Some(47 * 3_600 + 1)));
    }
}
