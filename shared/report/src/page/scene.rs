//! Rows of marks along one axis, and columns by day: the two pictures that reports are drawn with.

use crate::look::chart::{Curve, Percent, Px, Scale, Tick};

/// Rows on one axis.
pub(super) struct Scene {
    pub(super) ticks: Vec<Tick>,
    pub(super) rows: Vec<Row>,
}

/// One row.
pub(super) struct Row {
    pub(super) title: String,
    /// Shape before the title, if any.
    pub(super) shape: Option<&'static str>,
    pub(super) note: String,
    pub(super) count: String,
    /// What is read to those who can't see it.
    pub(super) summary: String,
    pub(super) bars: Vec<Bar>,
    pub(super) objective: Option<Percent>,
    pub(super) marks: Vec<Dot>,
}

/// A bar, and what it says when pointed at, if that isn't in the row already.
pub(super) struct Bar {
    pub(super) class: &'static str,
    pub(super) title: String,
    pub(super) x: Percent,
    pub(super) width: Percent,
}

/// A mark.
pub(super) struct Dot {
    pub(super) x: Percent,
    pub(super) shape: &'static str,
    pub(super) title: String,
}

/// Columns by day, on a scale of their own.
pub(super) struct Panel {
    pub(super) title: &'static str,
    pub(super) about: String,
    pub(super) columns: Vec<Column>,
}

/// What a day's column is made of.
pub(super) struct Heap {
    pub(super) label: String,
    /// Classes and sizes, from the bottom up.
    pub(super) parts: Vec<(&'static str, i64)>,
    /// What stands above it.
    pub(super) number: Option<String>,
}

/// A day.
pub(super) struct Column {
    pub(super) x: Percent,
    pub(super) width: Percent,
    pub(super) middle: Percent,
    pub(super) label: String,
    /// The number above it, and where.
    pub(super) number: Option<(Px, String)>,
    pub(super) parts: Vec<Part>,
}

/// A part of a column.
pub(super) struct Part {
    pub(super) class: &'static str,
    pub(super) y: Px,
    pub(super) height: Px,
}

/// Where columns begin and how tall they may be, in pixels; above them stand numbers.
const TOP: f64 = 18.0;
const HEIGHT: f64 = 72.0;

impl Panel {
    /// Where columns stand.
    pub(super) const BOTTOM: Px = Px(TOP + HEIGHT);
    /// With the days below.
    pub(super) const OUTER: Px = Px(TOP + HEIGHT + 20.0);

    /// A panel of days, each with its parts from the bottom up, the largest of all as tall as can be.
    pub(super) fn new(title: &'static str, about: String, days: &[Heap]) -> Self {
        let total = |day: &Heap| day.parts.iter().map(|(_, value)| *value).sum::<i64>();
        let scale = Scale::new(Curve::Linear, days.iter().map(total).max().unwrap_or(1));
        let slot = 100.0 / days.len().max(1) as f64;
        let columns = days.iter().enumerate().map(|(index, day)| {
            let x = slot * index as f64;
            let mut bottom = Self::BOTTOM.0;
            let stacked = day.parts.iter().filter(|(_, value)| *value > 0).map(|(class, value)| {
                let height = HEIGHT * scale.share(*value);
                bottom -= height;
                Part { class, y: Px(bottom), height: Px(height) }
            });
            let parts: Vec<Part> = stacked.collect();
            Column {
                x: Percent(x + slot * 0.15),
                width: Percent(slot * 0.7),
                middle: Percent(x + slot * 0.5),
                label: day.label.clone(),
                number: day.number.clone().map(|number| (Px(bottom - 5.0), number)),
                parts,
            }
        });
        Self { title, about, columns: columns.collect() }
    }
}
