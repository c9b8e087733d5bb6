//! Scales, ticks and positions: what every picture stands on.
//!
//! Pictures have no fixed width. What lies along the x axis is a percentage, which SVG takes for
//! every coordinate but a path's, and what lies along the y axis is in pixels. So a picture fills a
//! telephone and a wall alike while its text stays as large as the text around it, with no script.

use std::fmt;

use jiff::Timestamp;

use super::text::{DAY, seconds_between, short};

/// A position along the x axis, from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Percent(pub f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}%", self.0)
    }
}

/// A position along the y axis, in pixels from the top.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Px(pub f64);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1}", self.0)
    }
}

/// How values spread along an axis that starts at zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Curve {
    /// Evenly.
    Linear,
    /// The small ones get more room: hours stay legible beside weeks.
    Root,
    /// Every doubling gets the same room, from this unit upwards.
    Log {
        /// Below it the scale is nearly linear.
        unit: f64,
    },
}

/// An axis from zero to a largest value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    curve: Curve,
    max: f64,
}

impl Scale {
    /// A scale up to `max`, and never an empty one.
    #[must_use]
    pub fn new(curve: Curve, max: i64) -> Self {
        Self { curve, max: max.max(1) as f64 }
    }

    /// Where a value lies, from 0 to 1; values beyond the ends lie on them.
    #[must_use]
    pub fn share(&self, value: i64) -> f64 {
        let value = (value as f64).clamp(0.0, self.max);
        match self.curve {
            Curve::Linear => value / self.max,
            Curve::Root => (value / self.max).sqrt(),
            Curve::Log { unit } => (value / unit).ln_1p() / (self.max / unit).ln_1p(),
        }
    }

    /// Those candidates, in ascending order, that lie on the scale and keep `gap_min` apart.
    #[must_use]
    pub fn legible<T>(
        &self,
        candidates: impl IntoIterator<Item = (i64, T)>,
        gap_min: f64,
    ) -> Vec<(f64, T)> {
        let mut kept: Vec<(f64, T)> = Vec::new();
        for (value, label) in candidates {
            let share = self.share(value);
            let fits = kept.last().is_none_or(|(last, _)| share - last >= gap_min);
            if value as f64 <= self.max && fits {
                kept.push((share, label));
            }
        }
        kept
    }
}

/// A labelled position on the x axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Where.
    pub x: Percent,
    /// What stands there.
    pub label: String,
    /// Which end of the text is there: a label at the edge grows inwards.
    pub anchor: &'static str,
    /// Only shown where there is room.
    pub minor: bool,
}

impl Tick {
    /// A tick at a share of the axis, from 0 to 1.
    #[must_use]
    pub fn new(share: f64, label: String, minor: bool) -> Self {
        let anchor = match share {
            ..0.06 => "start",
            0.94.. => "end",
            _ => "middle",
        };
        Self { x: Percent(share * 100.0), label, anchor, minor }
    }
}

/// The y axis of a panel: where the plot begins and how tall it is, in pixels, and its scale.
#[derive(Debug, Clone, Copy)]
pub struct Plot {
    /// Where the plot begins, from the top of the picture.
    pub top: f64,
    /// How tall it is.
    pub height: f64,
    /// What its values spread along.
    pub scale: Scale,
}

impl Plot {
    /// Labels closer to each other than this would touch.
    const LABELS_APART: f64 = 16.0;

    /// Where a duration lies.
    #[must_use]
    pub fn y(&self, seconds: i64) -> Px {
        Px(self.top + self.height * (1.0 - self.scale.share(seconds)))
    }

    /// Where the plot ends.
    #[must_use]
    pub fn bottom(&self) -> Px {
        Px(self.top + self.height)
    }

    /// What lies below the plot included: the days.
    #[must_use]
    pub fn outer_height(&self) -> Px {
        Px(self.top + self.height + 22.0)
    }

    /// Those of the ascending `candidates` that are legible beside each other and the objective.
    #[must_use]
    pub fn labels(
        &self,
        candidates: impl IntoIterator<Item = i64>,
        objective: Option<i64>,
    ) -> Vec<Label> {
        let objective = objective.map(|seconds| self.y(seconds));
        let touches = |seconds: i64| {
            objective.is_some_and(|at| (at.0 - self.y(seconds).0).abs() < Self::LABELS_APART)
        };
        let free = candidates.into_iter().filter(|seconds| !touches(*seconds));
        let legible = self
            .scale
            .legible(free.map(|seconds| (seconds, seconds)), Self::LABELS_APART / self.height);
        let label = |(_, seconds)| Label { y: self.y(seconds), text: short(seconds) };
        legible.into_iter().map(label).collect()
    }
}

/// A labelled position on the y axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Where.
    pub y: Px,
    /// What stands there.
    pub text: String,
}

/// A time as an x axis.
#[derive(Debug, Clone, Copy)]
pub struct TimeAxis {
    start: Timestamp,
    seconds: i64,
}

impl TimeAxis {
    /// An axis from `start` to `end`.
    #[must_use]
    pub fn new(start: Timestamp, end: Timestamp) -> Self {
        Self { start, seconds: seconds_between(start, end).max(1) }
    }

    /// Where an instant lies; one before the start or after the end lies on it.
    #[must_use]
    pub fn x(&self, at: Timestamp) -> Percent {
        let since_start = seconds_between(self.start, at).clamp(0, self.seconds);
        Percent(since_start as f64 / self.seconds as f64 * 100.0)
    }

    /// How many whole days after the start.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> i64 {
        seconds_between(self.start, at).max(0) / DAY
    }

    /// Up to six ticks, at round numbers of days.
    #[must_use]
    pub fn ticks(&self) -> Vec<Tick> {
        const STEPS_DAYS: [i64; 10] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
        let days = self.seconds / DAY;
        let step = STEPS_DAYS.into_iter().find(|step| days / step <= 5).unwrap_or(days);
        (0..=days / step)
            .map(|index| {
                let share = (index * step * DAY) as f64 / self.seconds as f64;
                Tick::new(share, format!("day {}", index * step), index % 2 == 1)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scale_runs_from_zero_to_one_and_never_back() {
        for curve in [Curve::Linear, Curve::Root, Curve::Log { unit: 60.0 }] {
            let scale = Scale::new(curve, 1_000);
            assert_eq!([-1, 0, 1_000, 2_000].map(|v| scale.share(v)), [0.0, 0.0, 1.0, 1.0]);
            let shares: Vec<f64> = (0..=1_000).map(|value| scale.share(value)).collect();
            assert!(shares.is_sorted_by(|a, b| a < b), "{curve:?}");
        }
    }

    #[test]
    fn a_logarithmic_scale_gives_the_first_month_of_a_year_half_of_the_room() {
        let scale = Scale::new(Curve::Log { unit: DAY as f64 }, 365 * DAY);
        assert!((0.5..0.65).contains(&scale.share(30 * DAY)), "{}", scale.share(30 * DAY));
    }

    #[test]
    fn a_scale_of_nothing_is_still_a_scale() {
        for max in [0, -7] {
            assert_eq!(Scale::new(Curve::Log { unit: 60.0 }, max).share(0), 0.0);
        }
    }

    #[test]
    fn ticks_keep_apart_and_on_the_scale() {
        let scale = Scale::new(Curve::Linear, 100);
        let kept = scale.legible([(10, 'a'), (15, 'b'), (40, 'c'), (101, 'd')], 0.1);
        assert_eq!(kept, [(0.1, 'a'), (0.4, 'c')]);
    }

    #[test]
    fn no_label_touches_the_objectives() {
        let scale = Scale::new(Curve::Linear, 100 * 60);
        let plot = Plot { top: 10.0, height: 100.0, scale };
        let texts = |objective| -> Vec<String> {
            plot.labels([0, 1_800, 3_600], objective).into_iter().map(|label| label.text).collect()
        };
        assert_eq!(texts(None), ["0", "30\u{a0}min", "1\u{a0}h"]);
        assert_eq!(texts(Some(3_000)), ["0", "30\u{a0}min"]);
        assert_eq!((plot.y(0), plot.y(6_000)), (plot.bottom(), Px(10.0)));
    }

    #[test]
    fn time_has_a_handful_of_round_days_whatever_its_length() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let cases = [
            (0, "day 0"),
            (1, "day 0, day 1"),
            (30, "day 0, day 10, day 20, day 30"),
            (400, "day 0, day 100, day 200, day 300, day 400"),
            (9_000, "day 0, day 9000"),
        ];
        for (days, expected) in cases {
            let end = Timestamp::from_second(start.as_second() + days * DAY).unwrap();
            let ticks = TimeAxis::new(start, end).ticks();
            let labels: Vec<&str> = ticks.iter().map(|tick| tick.label.as_str()).collect();
            assert_eq!(labels.join(", "), expected, "{days}");
        }
    }

    #[test]
    fn instants_outside_the_story_lie_on_its_ends() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let axis = TimeAxis::new(at("2026-01-01T00:00:00Z"), at("2026-01-11T00:00:00Z"));
        assert_eq!(axis.x(at("2025-12-31T00:00:00Z")), Percent(0.0));
        assert_eq!(axis.x(at("2026-01-06T00:00:00Z")), Percent(50.0));
        assert_eq!(axis.x(at("2026-02-01T00:00:00Z")), Percent(100.0));
        assert_eq!(axis.day(at("2026-01-06T23:59:00Z")), 5);
    }
}
