//! The page of the weekly capability.

use askama::Template;
use snapkeep_policy::verb::Verb;

use super::Frame;
use super::scene::{self, Bar, Dot, Heap, Panel, Row, Scene};
use crate::Report;
use crate::deeds::Done;
use crate::look::answer::Figure;
use crate::look::chart::{Curve, Percent, Scale, Tick};
use crate::look::mark::Mark;
use crate::look::text::{count, duration, duration_or_dash, instant, percent, restore, short};
use crate::phases::Phase;
use crate::weekly::{Capability, Day, Rate, Restore, Weekly};

#[derive(Template)]
#[template(path = "report/weekly.html", whitespace = "minimize")]
pub(super) struct Page<'r> {
    frame: Frame<'r>,
    times: Scene,
    phases: Scene,
    panels: Vec<Panel>,
    rates: Vec<RateLine>,
    databases: Vec<Line>,
}

struct RateLine {
    verb: Verb,
    what: String,
    share: String,
    done: String,
    width: Percent,
    class: &'static str,
}

struct Line {
    database: String,
    about: String,
    restores: String,
    passed: String,
    median: String,
    slowest: String,
    rto: String,
    rto_met: &'static str,
    gap: String,
    lost: String,
    rpo: String,
    rpo_met: &'static str,
}

pub(super) fn page<'r>(report: &'r Report, weekly: &'r Weekly) -> Page<'r> {
    Page {
        frame: Frame::of(report, figures(weekly)),
        times: times(&weekly.databases),
        phases: phases(&weekly.databases),
        panels: panels(&weekly.days),
        rates: weekly.rates.iter().map(rate).collect(),
        databases: weekly.databases.iter().map(line).collect(),
    }
}

fn figures(weekly: &Weekly) -> Vec<Figure> {
    let databases = &weekly.databases;
    let proven = databases.iter().filter(|it| it.is_proven()).count();
    let slow = databases.iter().filter(|it| it.rto_met == Some(false)).count();
    let late = databases.iter().filter(|it| it.rpo_met == Some(false)).count();
    let slowest = databases.iter().filter_map(|it| it.slowest_seconds).max();
    let create = weekly.rates.iter().find(|rate| rate.verb == Verb::Create);
    let (done, due) = create.map_or((0, 0), |rate| (rate.done, rate.due));
    vec![
        Figure {
            label: "Proven in this week",
            value: format!("{} of {}", count(proven), count(databases.len())),
            note: "by a restore that passed".to_owned(),
            bad: proven < databases.len(),
        },
        Figure {
            label: "Slowest restore",
            value: duration_or_dash(slowest),
            note: match slow {
                0 => "every objective was kept".to_owned(),
                slow => format!("{} missed their RTO", count(slow)),
            },
            bad: slow > 0,
        },
        Figure {
            label: "Recovery points taken",
            value: format!("{} of {}", count(done), count(due)),
            note: "of the slots that were due".to_owned(),
            bad: done < due,
        },
        Figure {
            label: "RPO now",
            value: match late {
                0 => "kept".to_owned(),
                late => format!("{} missed", count(late)),
            },
            note: "point-in-time recovery included".to_owned(),
            bad: late > 0,
        },
    ]
}

/// How long each rehearsed restore took, against the objective.
fn times(databases: &[Capability]) -> Scene {
    let taken = databases.iter().filter_map(|it| it.slowest_seconds);
    let allowed = databases.iter().filter_map(|it| it.rto_seconds);
    let scale = Scale::new(Curve::Linear, taken.chain(allowed).max().unwrap_or(3_600));
    let x = |seconds: i64| Percent(scale.share(seconds) * 100.0);
    let rows = databases.iter().map(|it| {
        let mut timed: Vec<(&Restore, i64)> =
            it.restores.iter().filter_map(|one| Some((one, one.seconds?))).collect();
        // What is wrong lies on top.
        timed.sort_by_key(|(one, _)| Mark::of(Some(one.outcome)));
        let marks = timed.into_iter().map(|(one, seconds)| {
            let (at, ended) = (instant(one.at), restore(Some(seconds), one.outcome));
            let shape = Mark::of(Some(one.outcome)).shape();
            Dot { x: x(seconds), shape, title: format!("{at} UTC: {ended}\n{}", one.reason) }
        });
        let (summary, late) = (summary(it), it.rto_met == Some(false));
        Row {
            title: it.database.clone(),
            shape: Some(if it.is_proven() { "pass" } else { "inconclusive" }),
            note: summary.clone(),
            count: String::new(),
            summary: format!("{}: {summary}", it.database),
            bars: Vec::from_iter(it.slowest_seconds.map(|slowest| Bar {
                class: if late { "lost too-much" } else { "lost" },
                title: String::new(),
                x: Percent(0.0),
                width: x(slowest),
            })),
            objective: it.rto_seconds.map(x),
            marks: marks.collect(),
        }
    });
    Scene { ticks: minutes(scale), rows: rows.collect() }
}

/// Where the recovery time goes: the phases one after the other, of those databases that have any.
fn phases(databases: &[Capability]) -> Scene {
    let timed = || databases.iter().filter(|it| it.median_phases.total() > 0);
    let longest = timed().map(|it| it.median_phases.total());
    let allowed = timed().filter_map(|it| it.rto_seconds);
    let scale = Scale::new(Curve::Linear, longest.chain(allowed).max().unwrap_or(3_600));
    let x = |seconds: i64| Percent(scale.share(seconds) * 100.0);
    let rows = timed().map(|it| {
        let (mut begun, mut bars, mut words) = (0, Vec::new(), Vec::new());
        for (phase, took) in it.median_phases.each() {
            let words_of_it = format!("{} {}", phase.as_str(), duration(took));
            let (class, title) = (class(phase), words_of_it.clone());
            bars.push(Bar { class, title, x: x(begun), width: x(took) });
            words.push(words_of_it);
            begun += took;
        }
        let note = words.join(", ");
        Row {
            title: it.database.clone(),
            shape: None,
            summary: format!("{}: {note}", it.database),
            note,
            count: String::new(),
            bars,
            objective: it.rto_seconds.map(x),
            marks: Vec::new(),
        }
    });
    Scene { ticks: minutes(scale), rows: rows.collect() }
}

fn class(phase: Phase) -> &'static str {
    match phase {
        Phase::Cluster => "phase cluster",
        Phase::Instance => "phase instance",
        Phase::FirstQuery => "phase first-query",
        Phase::Checks => "phase checks",
    }
}

/// Round durations, at most six of them.
fn minutes(scale: Scale) -> Vec<Tick> {
    const STEPS_MINUTES: [i64; 10] = [1, 5, 10, 20, 30, 60, 120, 240, 480, 1_440];
    let step = STEPS_MINUTES.into_iter().find(|step| scale.share(step * 60) >= 0.18);
    let step = step.unwrap_or(1_440) * 60;
    let ticks = scale.legible((0..=6).map(|index| (index * step, index * step)), 0.1);
    let ticks = ticks.into_iter().enumerate();
    ticks.map(|(index, (share, at))| Tick::new(share, short(at), index % 2 == 1)).collect()
}

fn summary(it: &Capability) -> String {
    let passed = passed(it);
    match (it.is_verified, it.restores.len(), it.median_seconds) {
        (false, 0, _) => "its policy has no verify".to_owned(),
        (true, 0, _) => "no restore was rehearsed".to_owned(),
        (_, all, None) => format!("{passed} of {} passed, none answered", count(all)),
        (_, all, Some(median)) => {
            format!("{passed} of {} passed, median {}", count(all), duration(median))
        }
    }
}

fn passed(it: &Capability) -> usize {
    it.restores.iter().filter(|it| Mark::of(Some(it.outcome)) == Mark::Pass).count()
}

/// The trend by day, in small pictures.
fn panels(days: &[Day]) -> Vec<Panel> {
    let plain = |title, about: &str, class: &'static str, value: fn(&Done) -> usize| {
        let heaps = days.iter().map(|day| {
            let value = value(&day.done);
            Heap {
                label: label(day),
                parts: vec![(class, value as i64)],
                number: Some(count(value)),
            }
        });
        let total: usize = days.iter().map(|day| value(&day.done)).sum();
        Panel::new(title, format!("{} {about}", count(total)), &heaps.collect::<Vec<_>>())
    };
    let restores = days.iter().map(|day| {
        let Done { passed, failed, inconclusive, .. } = day.done;
        let parts = [("good", passed), ("doubtful", inconclusive), ("bad", failed)];
        let parts = parts.map(|(class, value)| (class, value as i64)).to_vec();
        Heap { label: label(day), parts, number: Some(count(day.done.restores())) }
    });
    let slowest = days.iter().map(|day| {
        let took = day.slowest_seconds;
        let parts = vec![("good", took.unwrap_or_default())];
        Heap { label: label(day), parts, number: took.map(|took| count((took.max(0) + 30) / 60)) }
    });
    let about = "passed, inconclusive, failed".to_owned();
    vec![
        Panel::new("Rehearsed restores", about, &restores.collect::<Vec<_>>()),
        Panel::new(
            "Slowest restore",
            "of the day, in minutes".to_owned(),
            &slowest.collect::<Vec<_>>(),
        ),
        plain("Recovery points", "taken", "good", |done| done.created),
        plain("Copies", "made", "good", |done| done.copied),
        plain("Deletes", "by policy", "neutral", |done| done.pruned),
        plain("Refusals", "to look into", "bad", |done| done.refused),
    ]
}

/// The day of the month.
fn label(day: &Day) -> String {
    day.date.get(8..).unwrap_or(&day.date).to_owned()
}

fn rate(rate: &Rate) -> RateLine {
    let share = percent(rate.done, rate.due);
    RateLine {
        verb: rate.verb,
        what: rate.what.clone(),
        share: share.map_or_else(|| "–".to_owned(), |share| format!("{share}\u{a0}%")),
        done: format!("{} of {}", count(rate.done), count(rate.due)),
        width: Percent(share.unwrap_or_default() as f64),
        class: if rate.done < rate.due { "lost too-much" } else { "lost" },
    }
}

fn line(it: &Capability) -> Line {
    Line {
        database: it.database.clone(),
        about: format!("{}, policy {}", it.region, it.policy),
        restores: count(it.restores.len()),
        passed: count(passed(it)),
        median: duration_or_dash(it.median_seconds),
        slowest: duration_or_dash(it.slowest_seconds),
        rto: duration_or_dash(it.rto_seconds),
        rto_met: met(it.rto_met),
        gap: duration_or_dash(it.longest_gap_seconds),
        lost: duration_or_dash(it.exposure_seconds),
        rpo: duration_or_dash(it.rpo_seconds),
        rpo_met: met(it.rpo_met),
    }
}

fn met(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "kept",
        Some(false) => "missed",
        None => "–",
    }
}
