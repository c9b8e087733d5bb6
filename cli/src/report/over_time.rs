//! RPO over time: how old the newest recovery point, copy and proof were, day by day.

use super::chart::{Curve, Percent, Px, Scale, Tick, TimeAxis};
use super::incidents::{Band, bands};
use super::text::{DAY, count, duration, duration_or_dash};
use crate::story::{DatabaseStory, Sample, Story};

/// Space above the plot, where the incidents' numbers stand.
const TOP: f64 = 16.0;
const PLOT: f64 = 116.0;
/// Width of a path's own coordinates, which are stretched to the picture's.
const PATH_WIDTH: f64 = 1000.0;

/// The picture: one panel a database, all on the same scales.
pub(super) struct OverTime {
    pub(super) panels: Vec<Panel>,
    pub(super) x_ticks: Vec<Tick>,
    pub(super) y_ticks: Vec<(Px, String)>,
    pub(super) incidents: Vec<Band>,
    pub(super) bottom: Px,
    pub(super) height: Px,
}

/// One database.
pub(super) struct Panel {
    pub(super) id: String,
    pub(super) summary: String,
    pub(super) objective: Option<(Px, String)>,
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
const AGES: [(&str, Age); 3] = [
    ("proof", |sample| sample.newest_verified_age_seconds),
    ("copy", |sample| sample.newest_copy_age_seconds),
    ("newest", |sample| sample.newest_age_seconds),
];

pub(super) fn over_time(story: &Story) -> OverTime {
    let axis = TimeAxis::new(story.started_at, story.ended_at);
    let samples = || story.databases.iter().flat_map(|database| &database.samples);
    let ages = samples().flat_map(|sample| AGES.iter().filter_map(|(_, age)| age(sample)));
    let objectives = story.databases.iter().filter_map(|database| database.rpo_seconds);
    let scale = Scale::new(Curve::Root, ages.chain(objectives).max().unwrap_or(DAY));
    OverTime {
        panels: story.databases.iter().map(|database| panel(database, axis, scale)).collect(),
        x_ticks: axis.ticks(),
        y_ticks: y_ticks(scale),
        incidents: bands(story, axis),
        bottom: Px(TOP + PLOT),
        height: Px(TOP + PLOT + 22.0),
    }
}

fn y(scale: Scale, seconds: i64) -> Px {
    Px(TOP + PLOT * (1.0 - scale.share(seconds)))
}

fn y_ticks(scale: Scale) -> Vec<(Px, String)> {
    const HOURS: [i64; 13] = [0, 1, 6, 12, 24, 48, 72, 168, 336, 720, 1_440, 2_160, 8_760];
    let label = |hours: i64| match hours {
        0 => "0".to_owned(),
        ..48 => format!("{hours} h"),
        _ => format!("{} d", hours / 24),
    };
    let candidates = HOURS.map(|hours| (hours * 3_600, label(hours)));
    let ticks = scale.legible(candidates, 16.0 / PLOT);
    ticks.into_iter().map(|(share, label)| (Px(TOP + PLOT * (1.0 - share)), label)).collect()
}

fn panel(database: &DatabaseStory, axis: TimeAxis, scale: Scale) -> Panel {
    Panel {
        id: database.id.clone(),
        summary: summary(database),
        objective: database
            .rpo_seconds
            .map(|seconds| (y(scale, seconds), format!("objective {}", duration(seconds)))),
        lines: AGES
            .iter()
            .map(|(class, age)| Line { class, path: path(&database.samples, *age, axis, scale) })
            .collect(),
        gaps: gaps(&database.samples, axis),
    }
}

/// Draws each unbroken run of ages; where there was nothing, there is no line.
fn path(samples: &[Sample], age: Age, axis: TimeAxis, scale: Scale) -> String {
    let mut path = String::new();
    for run in samples.chunk_by(|a, b| age(a).is_some() == age(b).is_some()) {
        for (index, sample) in run.iter().enumerate() {
            let Some(seconds) = age(sample) else { break };
            let command = if index == 0 { 'M' } else { 'L' };
            let x = axis.x(sample.at).0 / 100.0 * PATH_WIDTH;
            path.push_str(&format!("{command}{x:.1} {}", y(scale, seconds)));
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
    let now = format!(
        "at the end: newest {}, copy {}, proven {}",
        duration_or_dash(last.newest_age_seconds),
        duration_or_dash(last.newest_copy_age_seconds),
        duration_or_dash(last.newest_verified_age_seconds)
    );
    let Some(days) = days_over_objective(database) else { return now };
    format!("{now}; over the objective on {} of {} days", count(days), database.samples.len())
}

/// On how many days the newest recovery point was older than the objective, or wasn't there.
pub(super) fn days_over_objective(database: &DatabaseStory) -> Option<usize> {
    let objective = database.rpo_seconds?;
    let over = |sample: &&Sample| sample.newest_age_seconds.is_none_or(|age| age > objective);
    Some(database.samples.iter().filter(over).count())
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
        assert!(over_time(&story).panels[0].lines.iter().all(|line| line.path.ends_with("h0")));
    }

    #[test]
    fn a_missing_recovery_point_counts_as_over_the_objective() {
        let mut story = sample::good();
        let database = &mut story.databases[0];
        database.samples.truncate(3);
        database.rpo_seconds = Some(3_600);
        for (sample, age) in database.samples.iter_mut().zip([Some(3_600), Some(3_601), None]) {
            sample.newest_age_seconds = age;
        }
        assert_eq!(days_over_objective(database), Some(2));
    }
}
