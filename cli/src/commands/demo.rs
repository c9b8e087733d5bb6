//! `snapkeep demo`: the main job in a simulated account, with a readable outcome and a report.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;
use serde_json::json;
use snapkeep_policy::recovery_point::Outcome;
use snapkeep_world::{Message, Rates};

use crate::args::{Demo, Faults, Output, Published};
use crate::exit::Exit;
use crate::simulation::{self, Scenario};
use crate::story::{Counts, Incident, Story};
use crate::{report, ui};

/// What `--output json` prints, besides the figures.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    days: u32,
    seed: u64,
    nights: u64,
    runs: u64,
    runs_failed: u64,
    snapshots: Snapshots,
    alarms: Alarms,
    faults_injected: u64,
    incidents: &'a [Incident],
    invariant_violations: usize,
    violations: &'a [String],
    calls: u64,
    wall_seconds: f64,
}

#[derive(Debug, Serialize)]
struct Snapshots {
    created: u64,
    copied: u64,
    verified: u64,
    pruned: u64,
}

#[derive(Debug, Serialize)]
struct Alarms {
    opened: u64,
    resolved: u64,
}

/// Runs the command.
///
/// # Errors
/// A report that can't be written.
pub async fn run(args: &Demo) -> Result<Exit, String> {
    let begun = Instant::now();
    let mut scenario = Scenario::demo(args.days, args.seed);
    if args.faults == Faults::Stormy {
        scenario.rates = rates(args.faults);
        scenario.command.push_str(" --faults stormy");
    }
    scenario.reports = args.reports.is_some();
    scenario.format = args.published.format;
    let story = tell(&scenario, "simulating").await?;
    write_report(&args.report, &story)?;
    write_messages(&args.published, &story)?;
    for (key, bytes) in &story.reports {
        let folder = args.reports.as_deref().unwrap_or(Path::new("."));
        super::report::write(&super::report::file(folder, key), bytes)?;
    }
    let wall_seconds = begun.elapsed().as_secs_f64();
    match args.output {
        Output::Json => {
            let json = serde_json::to_string(&Summary::of(&story, wall_seconds));
            anstream::println!("{}", json.map_err(|error| error.to_string())?);
        }
        Output::Text => print(&story, wall_seconds, &args.report),
    }
    Ok(if story.violations.is_empty() { Exit::Nothing } else { Exit::Error })
}

/// The random faults that an argument asks for.
pub fn rates(faults: Faults) -> Rates {
    match faults {
        Faults::None => Rates::none(),
        Faults::Stormy => Rates::stormy(),
    }
}

/// Simulates with progress on standard error.
///
/// # Errors
/// As the simulation.
pub async fn tell(scenario: &Scenario, what: &'static str) -> Result<Story, String> {
    let bar = ui::progress(scenario.days, "days", what);
    let story = simulation::run(scenario, |day| bar.set_position(u64::from(day))).await;
    bar.finish_and_clear();
    story
}

/// Writes the HTML report.
///
/// # Errors
/// One line that names the file.
pub fn write_report(path: &Path, story: &Story) -> Result<(), String> {
    let html = report::render(story).map_err(|error| error.to_string())?;
    std::fs::write(path, html)
        .map_err(|error| format!("{}: {error}: choose another file", path.display()))
}

/// Writes what was published, if it was asked for.
///
/// # Errors
/// One line that names the file.
pub fn write_messages(published: &Published, story: &Story) -> Result<(), String> {
    let Some(path) = &published.messages else { return Ok(()) };
    let lines = story.messages.iter().map(|message| {
        let Message { topic, subject, body, attributes, .. } = message;
        let line = json!({
            "topic": topic,
            "subject": subject,
            "message": body,
            "attributes": attributes,
        });
        format!("{line}\n")
    });
    std::fs::write(path, lines.collect::<String>())
        .map_err(|error| format!("{}: {error}: choose another file", path.display()))
}

impl<'a> Summary<'a> {
    fn of(story: &'a Story, wall_seconds: f64) -> Self {
        let Counts { created, copied, verified, pruned, .. } = story.counts;
        Self {
            days: story.days,
            seed: story.seed,
            nights: story.counts.nights,
            runs: story.counts.runs,
            runs_failed: story.counts.runs_failed,
            snapshots: Snapshots { created, copied, verified, pruned },
            alarms: Alarms {
                opened: story.counts.alarms_opened,
                resolved: story.counts.alarms_resolved,
            },
            faults_injected: story.counts.faults_injected,
            incidents: &story.incidents,
            invariant_violations: story.violations.len(),
            violations: &story.violations,
            calls: story.counts.calls,
            wall_seconds,
        }
    }
}

fn print(story: &Story, wall_seconds: f64, report: &Path) {
    let (heading, good, bad, dim) = (ui::HEADING, ui::GOOD, ui::BAD, ui::DIM);
    let Story { days, seed, counts, .. } = story;
    anstream::println!(
        "{heading}{days} days of a simulated account{heading:#} (seed {seed}): {} calls to AWS in \
         {wall_seconds:.1} s\n",
        counts.calls
    );
    anstream::println!("{heading}Kept and proven{heading:#}");
    let headings = ["database", "engine", "kept", "copies", "proven restores", "failed", "slowest"];
    let mut table = ui::table(headings);
    for database in &story.databases {
        let copies = database.kept.iter().filter(|kept| kept.is_copy).count();
        let slowest = database.restores.iter().filter_map(|r| r.ready_after_seconds).max();
        let passes = database.restores.iter().filter(|r| r.outcome == Outcome::Pass).count();
        table.add_row([
            database.id.clone(),
            database.engine.clone(),
            (database.kept.len() - copies).to_string(),
            copies.to_string(),
            passes.to_string(),
            (database.restores.len() - passes).to_string(),
            slowest.map_or("-".to_owned(), |seconds| format!("{} min", seconds / 60)),
        ]);
    }
    anstream::println!("{table}\n\n{heading}Incidents{heading:#}");
    for Incident { at, name, answer, caught, .. } in &story.incidents {
        let day = at.strftime("%Y-%m-%d");
        if *caught {
            anstream::println!("{good}caught{good:#} {day} {name}\n       {dim}{answer}{dim:#}");
        } else {
            anstream::println!("{bad}MISSED{bad:#} {day} {name}\n       {answer}");
        }
    }
    if story.incidents.is_empty() {
        anstream::println!("none: 21 days are the least that have room for them");
    }
    let Counts { created, copied, verified, pruned, alarms_opened, alarms_resolved, .. } = counts;
    anstream::println!(
        "\n{heading}In all{heading:#} {} nights: {created} recovery points taken, {copied} copied, \
         {verified} proven by a restore, {pruned} pruned; {alarms_opened} alarms opened, \
         {alarms_resolved} resolved; {} faults injected, {} of {} runs failed in part.",
        counts.nights,
        counts.faults_injected,
        counts.runs_failed,
        counts.runs
    );
    match story.violations.len() {
        0 => anstream::println!("{good}No invariant was violated.{good:#}"),
        count => anstream::println!("{bad}{count} invariants were violated:{bad:#}"),
    }
    for violation in &story.violations {
        anstream::println!("  {violation}");
    }
    anstream::println!("\nPictures: {}", report.display());
}
