//! The page of the daily status.

use std::collections::BTreeMap;

use askama::Template;
use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::document::Severity;
use snapkeep_policy::recovery_point::Outcome;

use super::scene::{Bar, Dot, Row, Scene};
use super::{Frame, ROWS_MAX, left_out, or_dash};
use crate::Report;
use crate::daily::{Alarm, Daily};
use crate::deeds::{Deed, What};
use crate::look::answer::Figure;
use crate::look::chart::{Curve, Percent, Scale, Tick, TimeAxis};
use crate::look::mark::Mark;
use crate::look::text::{
    DAY, count, duration, duration_or_dash, instant, restore, seconds_between, short,
};
use crate::standing::{Soundness, Standing};

/// Marks nearer to each other than this are one.
const TOGETHER_SECONDS: i64 = 600;
/// Databases that a mark names.
const NAMED_MAX: usize = 6;

#[derive(Template)]
#[template(path = "report/daily.html", whitespace = "minimize")]
pub(super) struct Page<'r> {
    frame: Frame<'r>,
    reach: Scene,
    databases: Vec<Line>,
    unprotected: &'r [String],
    lanes: Scene,
    deeds: Vec<DeedLine>,
    deeds_left_out: Option<String>,
    alarms: Vec<AlarmLine<'r>>,
    alarms_left_out: Option<String>,
}

/// A database's figures.
struct Line {
    database: String,
    about: String,
    shape: &'static str,
    state: String,
    lost: String,
    rpo: String,
    newest: String,
    proven: String,
    points: String,
    copies: String,
    restore: String,
    rto: String,
}

/// A deed.
pub(super) struct DeedLine {
    pub(super) at: String,
    pub(super) what: String,
    pub(super) shape: &'static str,
    pub(super) database: String,
    pub(super) region: String,
    pub(super) reason: String,
    pub(super) evidence: String,
}

struct AlarmLine<'r> {
    severity: &'static str,
    since: String,
    alarm: &'r Alarm,
}

pub(super) fn page<'r>(report: &'r Report, daily: &'r Daily) -> Page<'r> {
    let now = daily.head.made_at;
    Page {
        frame: Frame::of(report, figures(daily)),
        reach: reach(&daily.databases, now),
        databases: daily.databases.iter().map(|standing| line(standing, now)).collect(),
        unprotected: &daily.unprotected,
        lanes: lanes(&daily.deeds, daily.head.since, daily.head.until),
        deeds: daily.deeds.iter().take(ROWS_MAX).map(deed).collect(),
        deeds_left_out: left_out(daily.deeds.len()),
        alarms: daily.alarms.iter().take(ROWS_MAX).map(|it| alarm(it, now)).collect(),
        alarms_left_out: left_out(daily.alarms.len()),
    }
}

fn figures(daily: &Daily) -> Vec<Figure> {
    let (done, all) = (daily.done, daily.databases.len());
    let sound = daily.databases.iter().filter(|it| it.soundness == Soundness::Sound).count();
    let critical = daily.alarms.iter().filter(|a| a.severity == Severity::Critical).count();
    vec![
        Figure {
            label: "Restorable",
            value: format!("{} of {}", count(sound), count(all)),
            note: "proven, and within their objectives".to_owned(),
            bad: sound < all,
        },
        Figure {
            label: "Open alarms",
            value: count(daily.alarms.len()),
            note: format!("{} of them critical", count(critical)),
            bad: critical > 0,
        },
        Figure::plain(
            "Recovery points taken",
            count(done.created),
            format!(
                "{}, {} pruned",
                if done.copied == 1 {
                    "1 copy".to_owned()
                } else {
                    format!("{} copies", count(done.copied))
                },
                count(done.pruned)
            ),
        ),
        Figure {
            label: "Rehearsed restores",
            value: format!("{} passed", count(done.passed)),
            note: format!(
                "{} failed, {} inconclusive",
                count(done.failed),
                count(done.inconclusive)
            ),
            bad: done.failed > 0,
        },
    ]
}

/// Ages that people speak of.
const AGES: [i64; 10] =
    [900, 3_600, 6 * 3_600, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY, 3_650 * DAY];

/// How far back each database's newest recovery points lie, and what would be lost.
fn reach(databases: &[Standing], now: Timestamp) -> Scene {
    let age = |at: Option<Timestamp>| at.map(|at| seconds_between(at, now).max(0));
    let ages = databases.iter().flat_map(|it| {
        [age(it.newest), age(it.newest_verified), it.exposure_seconds, it.rpo_seconds]
    });
    let oldest = ages.flatten().max().unwrap_or(DAY).max(DAY);
    let scale = Scale::new(Curve::Log { unit: 900.0 }, oldest);
    let x = |seconds: i64| Percent(scale.share(seconds) * 100.0);
    let ticks = scale.legible(AGES.map(|age| (age, short(age))), 0.07).into_iter().enumerate();
    let ticks = ticks.map(|(index, (share, label))| Tick::new(share, label, index % 2 == 1));
    let rows = databases.iter().map(|it| {
        let proven = age(it.newest_verified).map(|age| (age, "pass", "newest proven"));
        let newest = age(it.newest).map(|age| (age, "unverified", "newest"));
        let newest = newest.filter(|_| it.newest != it.newest_verified);
        let dots = [proven, newest].into_iter().flatten();
        Row {
            title: it.database.clone(),
            shape: Some(it.soundness.shape()),
            note: format!("{}, {}, policy {}", it.engine, it.region, it.policy),
            count: String::new(),
            summary: format!("{}: {}", it.database, state(it)),
            bars: Vec::from_iter(it.exposure_seconds.map(|lost| Bar {
                class: match it.rpo_seconds {
                    Some(max) if lost > max => "lost too-much",
                    Some(_) | None => "lost",
                },
                title: String::new(),
                x: Percent(0.0),
                width: Percent(x(lost).0.max(0.4)),
            })),
            objective: it.rpo_seconds.map(x),
            marks: dots
                .map(|(age, shape, name)| Dot {
                    x: x(age),
                    shape,
                    title: format!("{name} recovery point: {} old", duration(age)),
                })
                .collect(),
        }
    });
    Scene { ticks: ticks.collect(), rows: rows.collect() }
}

fn state(standing: &Standing) -> String {
    match standing.doubts.is_empty() {
        true => standing.soundness.words().to_owned(),
        false => format!("{}: {}", standing.soundness.words(), standing.doubts.join("; ")),
    }
}

fn line(it: &Standing, now: Timestamp) -> Line {
    let age = |at: Option<Timestamp>| duration_or_dash(at.map(|at| seconds_between(at, now)));
    let copies = it.copies.iter().map(|copies| format!("{} {}", copies.count, copies.region));
    let copies: Vec<String> = copies.collect();
    let verdict = it.verdict.map(|outcome| restore(it.recovery_seconds, outcome));
    Line {
        database: it.database.clone(),
        about: format!("{}, {}", it.engine, it.region),
        shape: it.soundness.shape(),
        state: state(it),
        lost: duration_or_dash(it.exposure_seconds),
        rpo: duration_or_dash(it.rpo_seconds),
        newest: age(it.newest),
        proven: age(it.newest_verified),
        points: count(it.recovery_points),
        copies: if copies.is_empty() { "–".to_owned() } else { copies.join(", ") },
        restore: or_dash(verdict.as_deref()),
        rto: duration_or_dash(it.rto_seconds),
    }
}

/// A lane for each kind of deed, along the hours.
fn lanes(deeds: &[Deed], since: Timestamp, until: Timestamp) -> Scene {
    let axis = TimeAxis::new(since, until);
    let hours = seconds_between(since, until) / 3_600;
    let ticks = (0..=hours / 3).map(|step| {
        let at = since.saturating_add(SignedDuration::from_hours(step * 3)).unwrap_or(until);
        Tick::new(axis.x(at).0 / 100.0, at.strftime("%H:%M").to_string(), step % 2 == 1)
    });
    let rows = What::ALL.map(|what| {
        let here: Vec<&Deed> = deeds.iter().filter(|deed| deed.what == what).collect();
        Row {
            title: what.words().to_owned(),
            shape: None,
            note: String::new(),
            count: count(here.len()),
            summary: format!("{}: {}", what.words(), count(here.len())),
            bars: Vec::new(),
            objective: None,
            marks: marks(&here, axis),
        }
    });
    Scene { ticks: ticks.collect(), rows: rows.into() }
}

/// What was done at about the same time is one mark.
fn marks(deeds: &[&Deed], axis: TimeAxis) -> Vec<Dot> {
    let mut together: BTreeMap<(i64, &'static str), Vec<&Deed>> = BTreeMap::new();
    for deed in deeds {
        let at = deed.at.as_second() / TOGETHER_SECONDS;
        together.entry((at, shape(deed))).or_default().push(deed);
    }
    let dots = together.into_iter().map(|((_, shape), deeds)| {
        let names: Vec<&str> =
            deeds.iter().take(NAMED_MAX).map(|deed| deed.database.as_str()).collect();
        let more = match deeds.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {} more", count(more)),
        };
        let at = deeds[0].at;
        let title = format!("{} UTC: {}{more}", instant(at), names.join(", "));
        Dot { x: axis.x(at), shape, title }
    });
    dots.collect()
}

fn shape(deed: &Deed) -> &'static str {
    match (deed.what, deed.outcome) {
        (What::Verified, outcome) => Mark::of(outcome).shape(),
        (What::Refused, _) => Mark::of(Some(Outcome::Inconclusive)).shape(),
        (What::Created | What::Copied | What::Pruned | What::Approved, _) => {
            Mark::Unverified.shape()
        }
    }
}

pub(super) fn deed(deed: &Deed) -> DeedLine {
    let outcome = deed.outcome.map(|outcome| format!(", {}", outcome.as_str()));
    DeedLine {
        at: instant(deed.at),
        what: format!("{}{}", deed.what.words(), outcome.unwrap_or_default()),
        shape: shape(deed),
        database: deed.database.clone(),
        region: or_dash(deed.region.as_deref()),
        reason: deed.reason.clone(),
        evidence: deed.evidence.clone(),
    }
}

fn alarm(alarm: &Alarm, now: Timestamp) -> AlarmLine<'_> {
    AlarmLine {
        severity: match alarm.severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        },
        since: duration(seconds_between(alarm.opened_at, now)),
        alarm,
    }
}
