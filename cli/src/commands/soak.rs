//! `snapkeep soak`: many small simulated accounts under every fault of the catalogue, watched at every
//! call.

use std::collections::BTreeSet;
use std::io::Read;
use std::time::Instant;

use crate::args::{Output, Soak as Args};
use crate::exit::Exit;
use crate::simulation::soak::farm::{self, Failure, Harvest};
use crate::simulation::soak::{self, ROWS, UNMET, invariants};
use crate::ui;

/// Runs the command.
///
/// # Errors
/// A number of a fault that there isn't, or an order of another process that can't be read.
pub async fn run(args: &Args) -> Result<Exit, String> {
    if args.worker {
        return work().await;
    }
    let begun = Instant::now();
    let jobs = args.jobs.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        usize::from,
    );
    let mut harvest = if args.exhaustive {
        exhaust(args, jobs)
    } else if args.only.is_empty() {
        sow(args, jobs)
    } else {
        again(args.seed, &args.only)?
    };
    harvest.seconds = begun.elapsed().as_secs_f64();
    match args.output {
        Output::Json => {
            let json = serde_json::to_string(&harvest).map_err(|error| error.to_string())?;
            anstream::println!("{json}");
        }
        Output::Text => print(&harvest),
    }
    Ok(if harvest.violations.is_empty() { Exit::Nothing } else { Exit::Error })
}

/// One run, as another process ordered it.
async fn work() -> Result<Exit, String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| format!("the order: {error}"))?;
    let order = serde_json::from_str(&text).map_err(|error| format!("the order: {error}"))?;
    let report = soak::live(&order).await?;
    println!("{}", serde_json::to_string(&report).map_err(|error| error.to_string())?);
    Ok(Exit::Nothing)
}

fn sow(args: &Args, jobs: usize) -> Harvest {
    let bar = ui::progress(u32::try_from(args.seeds).unwrap_or(u32::MAX), "seeds", "soaking");
    let field = farm::Field { first: args.seed, seeds: args.seeds, years: args.years };
    let harvest = farm::seeds(&field, jobs, args.fail_fast, |seeds| bar.set_position(seeds));
    bar.finish_and_clear();
    harvest
}

fn exhaust(args: &Args, jobs: usize) -> Harvest {
    let bar = ui::progress(1, "runs", "one thing goes wrong");
    let stride = usize::from(args.stride);
    let harvest = farm::exhaust(stride, jobs, args.fail_fast, |runs| bar.set_position(runs));
    bar.finish_and_clear();
    harvest
}

/// A seed again with some of its faults, by their running numbers; 0 stands for none.
fn again(seed: u64, numbers: &[usize]) -> Result<Harvest, String> {
    let (whole, _) = farm::twice(seed, None);
    let all = whole.map(|outcome| outcome.occurrences).unwrap_or_default();
    let name = |number: &usize| {
        let found = all.get(number.wrapping_sub(1)).cloned();
        found.ok_or(format!("--only {number}: seed {seed} has faults 1 to {}", all.len()))
    };
    let only: BTreeSet<String> =
        numbers.iter().filter(|number| **number > 0).map(name).collect::<Result<_, _>>()?;
    let (outcome, violations) = farm::twice(seed, Some(only));
    Ok(Harvest::of_one(outcome.as_ref(), violations))
}

fn print(harvest: &Harvest) {
    let (heading, good, bad, dim) = (ui::HEADING, ui::GOOD, ui::BAD, ui::DIM);
    let Harvest { years, seeds, calls, seconds, ticks_to_rest_max, .. } = harvest;
    if harvest.scenarios.is_empty() {
        anstream::println!(
            "{heading}{years:.1} simulated years{heading:#} of {seeds} small accounts, each twice: \
             {calls} calls to AWS in {seconds:.0} s; at rest after {ticks_to_rest_max} ticks at most\n"
        );
        print_faults(harvest);
    } else {
        let mut table = ui::table(["scenario", "runs"]);
        for (name, runs) in &harvest.scenarios {
            table.add_row([name.clone(), runs.to_string()]);
        }
        anstream::println!("{table}\n{calls} calls to AWS in {seconds:.0} s");
    }
    match harvest.violations.len() {
        0 => anstream::println!("\n{good}No invariant was violated.{good:#}"),
        count => anstream::println!("\n{bad}{count} violations:{bad:#}"),
    }
    for Failure { seed, scenario, violation, faults, replay } in &harvest.violations {
        let whose =
            seed.map_or_else(|| scenario.clone().unwrap_or_default(), |s| format!("seed {s}"));
        let (invariant, at, what) = (&violation.invariant, violation.at, &violation.what);
        anstream::println!("{bad}{invariant}{bad:#} {whose} at {at}: {what}");
        for fault in faults.iter().take(12) {
            anstream::println!("    {dim}{fault}{dim:#}");
        }
        if faults.len() > 12 {
            anstream::println!("    {dim}… and {} more{dim:#}", faults.len() - 12);
        }
        anstream::println!("    {replay}");
    }
}

fn print_faults(harvest: &Harvest) {
    let mut table = ui::table(["fault", "", "struck"]);
    for row in &ROWS {
        let reason = UNMET.iter().find(|(id, _)| *id == row.id).map(|(_, why)| *why);
        let struck = match (harvest.faults.get(row.id), reason) {
            (Some(count), _) => count.to_string(),
            (None, Some(why)) => format!("not met: {why}"),
            (None, None) => row.tests().join(", "),
        };
        table.add_row([row.id.to_owned(), row.name.to_owned(), struck]);
    }
    anstream::println!("{table}\n");
    let mut table = ui::table(["invariant", "held"]);
    for (name, held) in invariants::ALL.iter().chain(&invariants::BESIDE) {
        let held: Vec<String> = held.iter().map(|held| held.describe()).collect();
        table.add_row([(*name).to_owned(), held.join(", ")]);
    }
    anstream::println!("{table}");
}
