//! The pages: each module turns a report into what its page shows; the markup is in
//! `templates/report`.

use askama::Template;

use crate::Report;
use crate::answer::Answer;
use crate::facts::Head;
use crate::look::answer::Figure;
use crate::look::text::{count, instant};

mod daily;
mod monthly;
mod scene;
mod weekly;

/// Rows of a table of deeds or exceptions; the JSON has them all.
const ROWS_MAX: usize = 200;

/// What every page has.
struct Frame<'r> {
    name: &'static str,
    question: &'static str,
    answer: &'r Answer,
    head: &'r Head,
    figures: Vec<Figure>,
    since: String,
    until: String,
    made_at: String,
}

impl<'r> Frame<'r> {
    fn of(report: &'r Report, figures: Vec<Figure>) -> Self {
        let head = report.head();
        Self {
            name: match report {
                Report::Daily(_) => "Daily status",
                Report::Weekly(_) => "Weekly capability",
                Report::Monthly(_) => "Monthly compliance",
            },
            question: report.question(),
            answer: report.answer(),
            head,
            figures,
            since: instant(head.since),
            until: instant(head.until),
            made_at: instant(head.made_at),
        }
    }
}

/// The page of a report.
pub(crate) fn html(report: &Report) -> Result<String, askama::Error> {
    match report {
        Report::Daily(daily) => daily::page(report, daily).render(),
        Report::Weekly(weekly) => weekly::page(report, weekly).render(),
        Report::Monthly(monthly) => monthly::page(report, monthly).render(),
    }
}

/// What a table says below its last row, if it leaves any out.
fn left_out(rows: usize) -> Option<String> {
    let more = rows.saturating_sub(ROWS_MAX);
    (more > 0).then(|| format!("and {} more in the JSON", count(more)))
}

/// The first words of a reason, for a cell.
fn or_dash(text: Option<&str>) -> String {
    text.unwrap_or("–").to_owned()
}
