//! What was done to the account on purpose, how it was answered, and where it lies in the pictures.

use super::chart::{Percent, TimeAxis};
use super::text::{duration, instant, seconds_between};
use crate::story::{Incident, Story};

/// Below this distance the numbers of two incidents would touch in the narrowest picture.
const NUMBERS_APART_PERCENT: f64 = 7.0;

/// One incident, as a card.
pub(super) struct Card {
    pub(super) name: String,
    pub(super) day: i64,
    pub(super) when: String,
    pub(super) what: String,
    pub(super) answer: String,
    pub(super) caught: bool,
}

/// One incident, as a mark across the pictures over time.
pub(super) struct Band {
    pub(super) x: Percent,
    /// How long it lasted, if it ended by itself.
    pub(super) width: Option<Percent>,
    /// Its number, and those of the next ones that are too close for one of their own.
    pub(super) numbers: String,
    pub(super) title: String,
}

pub(super) fn cards(story: &Story) -> Vec<Card> {
    let axis = TimeAxis::new(story.started_at, story.ended_at);
    let card = |incident: &Incident| Card {
        name: incident.name.clone(),
        day: axis.day(incident.at),
        when: when(incident),
        what: incident.what.clone(),
        answer: incident.answer.clone(),
        caught: incident.caught,
    };
    story.incidents.iter().map(card).collect()
}

fn when(incident: &Incident) -> String {
    match incident.until {
        None => format!("{} UTC", instant(incident.at)),
        Some(until) => {
            let lasted = duration(seconds_between(incident.at, until));
            format!("{} UTC, for {lasted}", instant(incident.at))
        }
    }
}

pub(super) fn bands(story: &Story, axis: TimeAxis) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::with_capacity(story.incidents.len());
    let mut labelled = None;
    for (index, incident) in story.incidents.iter().enumerate() {
        let (x, number) = (axis.x(incident.at), index + 1);
        let close = labelled
            .and_then(|place| bands.get_mut(place))
            .filter(|band: &&mut Band| x.0 - band.x.0 < NUMBERS_APART_PERCENT);
        let numbers = match close {
            Some(band) => {
                band.numbers.push_str(&format!(",{number}"));
                String::new()
            }
            None => {
                labelled = Some(index);
                number.to_string()
            }
        };
        bands.push(Band {
            x,
            width: incident.until.map(|until| Percent((axis.x(until).0 - x.0).max(0.0))),
            numbers,
            title: format!("{number}: {}, day {}", incident.name, axis.day(incident.at)),
        });
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn incidents_that_would_touch_share_one_label() {
        let mut story = sample::good();
        story.incidents.truncate(3);
        story.incidents[1].at = story.incidents[0].at;
        let axis = TimeAxis::new(story.started_at, story.ended_at);
        let bands = bands(&story, axis);
        let numbers: Vec<&str> = bands.iter().map(|band| band.numbers.as_str()).collect();
        assert_eq!(numbers, ["1,2", "", "3"]);
    }

    #[test]
    fn an_incident_that_ends_by_itself_says_for_how_long() {
        let mut story = sample::good();
        story.incidents[0].at = "2025-03-01T02:00:00Z".parse().unwrap();
        story.incidents[0].until = Some("2025-03-01T08:30:00Z".parse().unwrap());
        assert_eq!(cards(&story)[0].when, "2025-03-01 02:00 UTC, for 6\u{a0}h\u{a0}30\u{a0}min");
    }
}
