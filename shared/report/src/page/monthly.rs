//! The page of the monthly compliance.

use askama::Template;
use snapkeep_policy::recovery_point::Outcome;

use super::daily::{DeedLine, deed};
use super::{Frame, ROWS_MAX, left_out};
use crate::Report;
use crate::facts::Tip;
use crate::look::ages::{Ages, Database, ages};
use crate::look::answer::Figure;
use crate::look::chart::Percent;
use crate::look::mark;
use crate::look::text::{count, instant, percent, plural};
use crate::monthly::{Exception, Monthly, Place, Retained, Tier};

/// Recovery points that are drawn: a browser shows more, but nobody sees them.
const DRAWN_MAX: usize = 5_000;

#[derive(Template)]
#[template(path = "report/monthly.html", whitespace = "minimize")]
pub(super) struct Page<'r> {
    frame: Frame<'r>,
    exceptions: Vec<ExceptionLine<'r>>,
    exceptions_left_out: Option<String>,
    ages: Ages,
    too_many: Option<String>,
    places: Vec<PlaceLine<'r>>,
    coverage: Vec<CoverageLine<'r>>,
    first_and_last: Option<(&'r str, &'r str)>,
    decisions: Vec<DeedLine>,
    decisions_left_out: Option<String>,
    evidence: &'r [Tip],
}

struct ExceptionLine<'r> {
    exception: &'r Exception,
    at: String,
}

struct PlaceLine<'r> {
    database: &'r str,
    policy: &'r str,
    place: &'r Place,
    verified: String,
    oldest: String,
    newest: String,
    tiers: Vec<TierLine<'r>>,
}

struct TierLine<'r> {
    rule: &'r str,
    text: String,
    width: Percent,
}

struct CoverageLine<'r> {
    database: &'r str,
    summary: String,
    cells: Vec<Cell>,
}

struct Cell {
    x: Percent,
    width: Percent,
    class: &'static str,
    title: String,
}

pub(super) fn page<'r>(report: &'r Report, monthly: &'r Monthly) -> Page<'r> {
    let points: usize = monthly.databases.iter().map(|database| database.kept.len()).sum();
    let drawn = if points <= DRAWN_MAX { monthly.databases.as_slice() } else { &[] };
    let drawn: Vec<Database<'_>> = drawn.iter().map(drawn_as).collect();
    let days = monthly.databases.first().map(|database| &database.days);
    Page {
        frame: Frame::of(report, figures(monthly)),
        exceptions: monthly.exceptions.iter().take(ROWS_MAX).map(exception).collect(),
        exceptions_left_out: left_out(monthly.exceptions.len()),
        ages: ages(&drawn, monthly.head.made_at),
        too_many: (points > DRAWN_MAX)
            .then(|| format!("{} are too many to draw.", plural(points, "recovery point"))),
        places: monthly.databases.iter().flat_map(places).collect(),
        coverage: monthly.databases.iter().map(coverage).collect(),
        first_and_last: days.and_then(|days| Some((&*days.first()?.date, &*days.last()?.date))),
        decisions: monthly.decisions.iter().take(ROWS_MAX).map(deed).collect(),
        decisions_left_out: left_out(monthly.decisions.len()),
        evidence: &monthly.evidence,
    }
}

fn drawn_as(retained: &Retained) -> Database<'_> {
    Database {
        id: &retained.database,
        region: &retained.region,
        about: format!("policy {}", retained.policy),
        kept: &retained.kept,
    }
}

fn figures(monthly: &Monthly) -> Vec<Figure> {
    let places = || monthly.databases.iter().flat_map(|database| &database.places);
    let points: usize = places().map(|place| place.recovery_points).sum();
    let verified: usize = places().map(|place| place.verified).sum();
    let days: usize = monthly.databases.iter().map(|database| database.days.len()).sum();
    let proven: usize = monthly.databases.iter().map(Retained::proven_days).sum();
    let entries: u32 = monthly.evidence.iter().map(|tip| tip.entries).sum();
    vec![
        Figure {
            label: "Exceptions",
            value: count(monthly.exceptions.len()),
            note: "each below, with its reason".to_owned(),
            bad: !monthly.exceptions.is_empty(),
        },
        Figure::plain(
            "Recovery points",
            count(points),
            format!("{} of them proven to restore", count(verified)),
        ),
        Figure::plain(
            "Days proven",
            percent(proven, days).map_or_else(|| "–".to_owned(), |share| format!("{share}\u{a0}%")),
            "of each database's days in the month".to_owned(),
        ),
        Figure::plain(
            "Records of evidence",
            count(entries),
            format!("{} refusals and approvals", count(monthly.decisions.len())),
        ),
    ]
}

fn exception(exception: &Exception) -> ExceptionLine<'_> {
    let at = exception.at.map_or_else(|| "now".to_owned(), instant);
    ExceptionLine { exception, at }
}

fn places(retained: &Retained) -> impl Iterator<Item = PlaceLine<'_>> {
    retained.places.iter().map(|place| PlaceLine {
        database: &retained.database,
        policy: &retained.policy,
        place,
        verified: format!("{} proven", count(place.verified)),
        oldest: place.oldest.map_or_else(|| "–".to_owned(), instant),
        newest: place.newest.map_or_else(|| "–".to_owned(), instant),
        tiers: place.tiers.iter().map(tier).collect(),
    })
}

fn tier(tier: &Tier) -> TierLine<'_> {
    let kept = count(tier.kept);
    TierLine {
        rule: &tier.rule,
        text: match tier.wanted {
            Some(wanted) => format!("{kept} of {}", count(wanted)),
            None => format!("{kept}, all"),
        },
        width: Percent(match tier.wanted {
            Some(wanted) => 100.0 * tier.kept as f64 / f64::from(wanted.max(1)),
            None => 100.0,
        }),
    }
}

fn coverage(retained: &Retained) -> CoverageLine<'_> {
    let slot = 100.0 / retained.days.len().max(1) as f64;
    let cells = retained.days.iter().enumerate().map(|(index, day)| {
        let (class, words) = match day.outcome {
            Some(Outcome::Pass) => ("good", "proven"),
            Some(Outcome::Fail) => ("bad", "failed"),
            Some(Outcome::Inconclusive) => ("doubtful", "inconclusive"),
            None => ("nothing", "no restore"),
        };
        Cell {
            x: Percent(slot * index as f64),
            width: Percent(slot * 0.86),
            class,
            title: format!("{}: {words}", day.date),
        }
    });
    CoverageLine {
        database: &retained.database,
        summary: format!(
            "proven on {} of {}",
            count(retained.proven_days()),
            plural(retained.days.len(), "day")
        ),
        cells: cells.collect(),
    }
}
