//! Alarms: from when to when, by condition and subject, the most urgent first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use snapkeep_policy::document::Severity;

use super::chart::{Percent, Tick, TimeAxis};
use super::incidents::{Band, bands};
use super::text::{duration, instant, plural, seconds_between};
use crate::story::{AlarmStory, Story};

/// More rows than these are no picture any more; the list below it has them all.
const ROWS_MAX: usize = 40;

/// What lasted an hour is still seen in a picture of a year.
const BAR_MIN_PERCENT: f64 = 0.3;

/// The picture.
pub(super) struct Alarms {
    pub(super) ticks: Vec<Tick>,
    pub(super) incidents: Vec<Band>,
    pub(super) groups: Vec<Group>,
    /// What the picture leaves out, in words.
    pub(super) hidden: Option<String>,
}

/// One condition.
pub(super) struct Group {
    pub(super) condition: String,
    pub(super) rows: Vec<Row>,
}

/// One subject.
pub(super) struct Row {
    pub(super) subject: String,
    pub(super) region: String,
    pub(super) severity: &'static str,
    pub(super) bars: Vec<Bar>,
}

/// One alarm.
pub(super) struct Bar {
    pub(super) x: Percent,
    pub(super) width: Percent,
    pub(super) severity: &'static str,
    pub(super) open: bool,
    pub(super) title: String,
}

/// The word for a severity, and its pattern's name.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

pub(super) fn alarms(story: &Story) -> Alarms {
    let axis = TimeAxis::new(story.started_at, story.ended_at);
    let mut rows = rows(&story.alarms);
    let hidden = rows.split_off(rows.len().min(ROWS_MAX));
    let mut groups: Vec<Group> = Vec::new();
    for alarms in rows {
        let Some(first) = alarms.first() else { continue };
        let row = row(first, &alarms, axis, story);
        match groups.iter_mut().find(|group| group.condition == first.condition) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { condition: first.condition.clone(), rows: vec![row] }),
        }
    }
    Alarms { ticks: axis.ticks(), incidents: bands(story, axis), groups, hidden: in_words(&hidden) }
}

/// One row for each condition and subject, the most urgent first and then in order of opening.
fn rows(alarms: &[AlarmStory]) -> Vec<Vec<&AlarmStory>> {
    let mut rows: BTreeMap<(&str, &str, &str), Vec<&AlarmStory>> = BTreeMap::new();
    for alarm in alarms {
        let key = (alarm.condition.as_str(), alarm.subject.as_str(), alarm.region.as_str());
        rows.entry(key).or_default().push(alarm);
    }
    let mut rows: Vec<_> = rows.into_values().collect();
    rows.sort_by_key(|row| (Reverse(worst(row)), row.iter().map(|alarm| alarm.opened_at).min()));
    rows
}

fn worst(row: &[&AlarmStory]) -> Severity {
    row.iter().map(|alarm| alarm.severity).max().unwrap_or(Severity::Info)
}

fn row(first: &AlarmStory, alarms: &[&AlarmStory], axis: TimeAxis, story: &Story) -> Row {
    Row {
        subject: first.subject.clone(),
        region: first.region.clone(),
        severity: severity(worst(alarms)),
        bars: alarms.iter().map(|alarm| bar(alarm, axis, story)).collect(),
    }
}

fn bar(alarm: &AlarmStory, axis: TimeAxis, story: &Story) -> Bar {
    let end = alarm.resolved_at.unwrap_or(story.ended_at);
    let lasted = duration(seconds_between(alarm.opened_at, end));
    let ended = match alarm.resolved_at {
        Some(_) => format!("resolved after {lasted}"),
        None => format!("still open after {lasted}"),
    };
    let x = axis.x(alarm.opened_at).0.min(100.0 - BAR_MIN_PERCENT);
    Bar {
        x: Percent(x),
        width: Percent((axis.x(end).0 - x).max(BAR_MIN_PERCENT)),
        severity: severity(alarm.severity),
        open: alarm.resolved_at.is_none(),
        title: format!(
            "{}, {}: {}\nopened {} UTC, {ended}\n{}",
            severity(alarm.severity),
            alarm.condition,
            alarm.subject,
            instant(alarm.opened_at),
            alarm.message
        ),
    }
}

fn in_words(hidden: &[Vec<&AlarmStory>]) -> Option<String> {
    let alarms: usize = hidden.iter().map(Vec::len).sum();
    (alarms > 0).then(|| {
        let subjects = plural(hidden.len(), "less urgent row");
        format!("and {subjects} with {}, which are in the list below.", plural(alarms, "alarm"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn alarms_of_one_condition_and_subject_share_a_row() {
        let mut story = sample::good();
        story.alarms = vec![story.alarms[0].clone(); 3];
        story.alarms[2].subject = "another".to_owned();
        let picture = alarms(&story);
        let bars: Vec<usize> = picture.groups[0].rows.iter().map(|row| row.bars.len()).collect();
        assert_eq!((picture.groups.len(), bars), (1, vec![1, 2]));
    }

    #[test]
    fn what_is_left_out_is_the_least_urgent_and_is_said() {
        let mut story = sample::good();
        let mut alarm = story.alarms[0].clone();
        alarm.severity = Severity::Info;
        story.alarms = (0..60)
            .map(|number| AlarmStory { subject: format!("db-{number:02}"), ..alarm.clone() })
            .collect();
        story.alarms[59].severity = Severity::Critical;
        let picture = alarms(&story);
        let rows: Vec<&Row> = picture.groups.iter().flat_map(|group| &group.rows).collect();
        assert_eq!((rows.len(), rows[0].subject.as_str()), (ROWS_MAX, "db-59"));
        assert_eq!(
            picture.hidden.as_deref(),
            Some("and 20 less urgent rows with 20 alarms, which are in the list below.")
        );
    }

    #[test]
    fn the_briefest_and_the_last_alarm_are_seen_within_the_picture() {
        let mut story = sample::good();
        story.alarms.truncate(1);
        story.alarms[0].opened_at = story.ended_at;
        story.alarms[0].resolved_at = Some(story.ended_at);
        let bar = &alarms(&story).groups[0].rows[0].bars[0];
        assert_eq!((bar.x.0 + bar.width.0, bar.width.0), (100.0, BAR_MIN_PERCENT));
    }

    #[test]
    fn an_alarm_without_an_end_reaches_the_right_edge() {
        let mut story = sample::good();
        story.alarms.truncate(1);
        story.alarms[0].resolved_at = None;
        let bar = &alarms(&story).groups[0].rows[0].bars[0];
        assert!(bar.open && (bar.x.0 + bar.width.0 - 100.0).abs() < 1e-9);
        assert!(bar.title.contains("still open after"));
    }
}
