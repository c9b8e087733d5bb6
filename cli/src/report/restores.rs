//! RTO over time: how long every rehearsed restore took, and how it ended.

use super::chart::{Curve, Label, Percent, Plot, Px, Scale, Tick, TimeAxis};
use super::incidents::{Band, bands};
use super::mark::Mark;
use super::text::{count, duration, instant, plural, short};
use crate::story::{DatabaseStory, Restore, Story};

/// Space above the plot: the incidents' numbers, and below them the lane of the unready.
const TOP: f64 = 36.0;
const LANE: Px = Px(24.0);
const HEIGHT: f64 = 100.0;

/// The picture: one panel a database, all on the same scales.
pub(super) struct Restores {
    pub(super) panels: Vec<Panel>,
    pub(super) x_ticks: Vec<Tick>,
    pub(super) incidents: Vec<Band>,
    /// Where restores lie that never became ready.
    pub(super) lane: Px,
    pub(super) bottom: Px,
    pub(super) height: Px,
}

/// One database.
pub(super) struct Panel {
    pub(super) id: String,
    pub(super) summary: String,
    pub(super) labels: Vec<Label>,
    pub(super) objective: Option<Label>,
    pub(super) dots: Vec<Dot>,
}

/// One restore. The ordinary ones have no title of their own: there are thousands of them.
pub(super) struct Dot {
    pub(super) x: Percent,
    pub(super) y: Px,
    pub(super) mark: Mark,
    pub(super) title: Option<String>,
}

pub(super) fn restores(story: &Story) -> Restores {
    let axis = TimeAxis::new(story.started_at, story.ended_at);
    let all = story.databases.iter().flat_map(|database| &database.restores);
    let ready = all.filter_map(|restore| restore.ready_after_seconds);
    let objectives = story.databases.iter().filter_map(|database| database.rto_seconds);
    let scale = Scale::new(Curve::Linear, ready.chain(objectives).max().unwrap_or(3_600));
    let plot = Plot { top: TOP, height: HEIGHT, scale };
    Restores {
        panels: story.databases.iter().map(|database| panel(database, axis, plot)).collect(),
        x_ticks: axis.ticks(),
        incidents: bands(story, axis),
        lane: LANE,
        bottom: plot.bottom(),
        height: plot.outer_height(),
    }
}

/// Round durations, at most five of them.
fn label_seconds(scale: Scale) -> impl Iterator<Item = i64> {
    const STEPS_MINUTES: [i64; 10] = [1, 5, 10, 20, 30, 60, 120, 240, 480, 1_440];
    let fits = |step: &i64| scale.share(step * 60) >= 0.2;
    let step = STEPS_MINUTES.into_iter().find(fits).unwrap_or(1_440);
    (0..=5).map(move |index| index * step * 60)
}

fn panel(database: &DatabaseStory, axis: TimeAxis, plot: Plot) -> Panel {
    let objective = database.rto_seconds;
    let mut dots: Vec<Dot> = database
        .restores
        .iter()
        .map(|restore| Dot {
            x: axis.x(restore.at),
            y: restore.ready_after_seconds.map_or(LANE, |seconds| plot.y(seconds)),
            mark: Mark::of(Some(restore.outcome)),
            title: title(restore, objective),
        })
        .collect();
    dots.sort_by_key(|dot| dot.mark);
    Panel {
        id: database.id.clone(),
        summary: summary(database),
        labels: plot.labels(label_seconds(plot.scale), objective),
        objective: objective.map(|max| Label { y: plot.y(max), text: short(max) }),
        dots,
    }
}

/// Whoever passed within the objective needs no explanation.
fn title(restore: &Restore, objective: Option<i64>) -> Option<String> {
    let mark = Mark::of(Some(restore.outcome));
    let late = restore.ready_after_seconds.zip(objective).is_some_and(|(took, max)| took > max);
    if mark == Mark::Pass && !late {
        return None;
    }
    let took = restore
        .ready_after_seconds
        .map_or_else(|| "never ready".to_owned(), |took| format!("ready after {}", duration(took)));
    let at = instant(restore.at);
    Some(format!("{at} UTC, {}, {took}\n{}", mark.words(), restore.reason))
}

fn summary(database: &DatabaseStory) -> String {
    let restores = &database.restores;
    if restores.is_empty() {
        return "no restore was rehearsed".to_owned();
    }
    let with = |mark: Mark| {
        let matching = |restore: &&Restore| Mark::of(Some(restore.outcome)) == mark;
        count(restores.iter().filter(matching).count())
    };
    let mut text = format!(
        "{}: {} verified, {} failed, {} inconclusive",
        plural(restores.len(), "restore"),
        with(Mark::Pass),
        with(Mark::Fail),
        with(Mark::Inconclusive)
    );
    if let Some((median, slowest)) = median_and_slowest(database) {
        text.push_str(&format!(
            "; ready after {} (median), {} at most",
            duration(median),
            duration(slowest)
        ));
    }
    text
}

/// Seconds from request to ready: the median and the largest, of those that became ready.
pub(super) fn median_and_slowest(database: &DatabaseStory) -> Option<(i64, i64)> {
    let mut seconds: Vec<i64> =
        database.restores.iter().filter_map(|restore| restore.ready_after_seconds).collect();
    seconds.sort_unstable();
    let slowest = *seconds.last()?;
    Some((seconds[seconds.len() / 2], slowest))
}

#[cfg(test)]
mod tests {
    use snapkeep_policy::recovery_point::Outcome;

    use super::super::sample;
    use super::*;

    fn restore(outcome: Outcome, ready_after_seconds: Option<i64>) -> Restore {
        let at = "2025-03-01T06:00:00Z".parse().unwrap();
        Restore { at, outcome, reason: "why".to_owned(), ready_after_seconds }
    }

    #[test]
    fn only_what_is_out_of_the_ordinary_explains_itself() {
        let objective = Some(3_600);
        let cases = [
            (restore(Outcome::Pass, Some(3_600)), false),
            (restore(Outcome::Pass, Some(3_601)), true),
            (restore(Outcome::Fail, Some(60)), true),
            (restore(Outcome::Inconclusive, None), true),
        ];
        for (restore, explained) in cases {
            assert_eq!(title(&restore, objective).is_some(), explained, "{restore:?}");
        }
    }

    #[test]
    fn a_restore_that_never_became_ready_is_in_the_lane_above_the_plot() {
        let mut story = sample::good();
        story.databases[0].restores = vec![restore(Outcome::Fail, None)];
        let dot = &restores(&story).panels[0].dots[0];
        assert_eq!((dot.y, dot.mark), (LANE, Mark::Fail));
    }

    #[test]
    fn no_restores_have_no_median() {
        let mut story = sample::good();
        story.databases[0].restores.clear();
        assert_eq!(median_and_slowest(&story.databases[0]), None);
        assert_eq!(restores(&story).panels[0].summary, "no restore was rehearsed");
    }
}
