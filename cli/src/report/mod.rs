//! The report: one HTML file that answers whether we are restorable, and shows why it says so.
//!
//! It is made for somebody who was just woken up and for somebody who has to sign: the answer comes
//! first, then what went wrong and how it was answered, then the pictures, then every figure. The
//! file asks for nothing outside of itself, runs no script and forbids both by its own policy, so
//! it can be mailed, archived and opened years later. The same story gives the same bytes.
//!
//! Each module turns the story into what one part shows; the markup is in `templates/report`.

use askama::Template;
use snapkeep_report::look::{ages, answer, chart, mark, text};

use crate::story::Story;

mod alarms;
mod headline;
mod incidents;
mod over_time;
mod restores;
#[cfg(test)]
mod sample;
mod tables;

/// Everything the page shows.
#[derive(Template)]
#[template(path = "report/page.html", whitespace = "minimize")]
struct Page<'a> {
    story: &'a Story,
    started: String,
    ended: String,
    headline: headline::Headline,
    incidents: Vec<incidents::Card>,
    ages: ages::Ages,
    over_time: over_time::OverTime,
    restores: restores::Restores,
    alarms: alarms::Alarms,
    databases: Vec<tables::DatabaseRow>,
    alarm_list: Vec<tables::AlarmRow>,
    faults: Vec<tables::FaultRow>,
    kept: Vec<tables::KeptTable>,
}

/// The report of a story, as one self-contained HTML file.
///
/// # Errors
/// Only if the page can't be formatted, which no story can bring about.
pub fn render(story: &Story) -> Result<String, askama::Error> {
    let databases = story.databases.iter().map(|database| ages::Database {
        id: &database.id,
        region: &database.region,
        about: format!("{}, policy {}", database.engine, database.policy),
        kept: &database.kept,
    });
    let databases: Vec<ages::Database<'_>> = databases.collect();
    Page {
        story,
        started: text::instant(story.started_at),
        ended: text::instant(story.ended_at),
        headline: headline::headline(story),
        incidents: incidents::cards(story),
        ages: ages::ages(&databases, story.ended_at),
        over_time: over_time::over_time(story),
        restores: restores::restores(story),
        alarms: alarms::alarms(story),
        databases: tables::databases(story),
        alarm_list: tables::alarms(story),
        faults: tables::faults(story),
        kept: tables::kept(story),
    }
    .render()
}

#[cfg(test)]
mod tests;
