//! `snapkeep scale`: one day of a large fleet in a simulated account.

use snapkeep_policy::verb::Verb;

use crate::args::{Output, Scale as Args};
use crate::exit::Exit;
use crate::simulation::scale::{self, Day, Order, Run};
use crate::ui;

/// Runs the command.
///
/// # Errors
/// A fleet that can't be made.
pub async fn run(args: &Args) -> Result<Exit, String> {
    let order = Order {
        databases: args.databases,
        recovery_points: args.recovery_points,
        shards: args.shards,
        timeout_seconds: args.timeout_seconds,
        latency_ms: args.latency_ms,
        throttled_percent: args.throttled_percent,
        seed: args.seed,
    };
    let bar = ui::progress(24 * 60, "minutes", "a day passes");
    let passed = |since: jiff::SignedDuration| bar.set_position(since.as_mins().unsigned_abs());
    let day = scale::live(&order, passed).await?;
    bar.finish_and_clear();
    match args.output {
        Output::Json => {
            let json = serde_json::to_string(&day).map_err(|error| error.to_string())?;
            anstream::println!("{json}");
        }
        Output::Text => print(&day),
    }
    Ok(if day.is_well() { Exit::Nothing } else { Exit::Error })
}

fn print(day: &Day) {
    let (heading, good, bad) = (ui::HEADING, ui::GOOD, ui::BAD);
    let calls: u64 = day.calls.values().sum();
    let Day { databases, created, copied, pruned, throttled, .. } = day;
    anstream::println!("{heading}A day of {databases} databases{heading:#}: {}\n", day.command);
    let mut table =
        ui::table(["function", "runs", "out of time", "failed", "steps", "calls", "longest"]);
    for verb in Verb::ALL {
        let runs: Vec<&Run> = day.runs.iter().filter(|run| run.verb == verb).collect();
        let count = |is: &dyn Fn(&Run) -> bool| runs.iter().filter(|run| is(run)).count();
        let longest = runs.iter().map(|run| run.seconds).fold(0.0, f64::max);
        table.add_row([
            verb.to_string(),
            runs.len().to_string(),
            count(&|run| run.out_of_time > 0).to_string(),
            count(&|run| !run.errors.is_empty()).to_string(),
            runs.iter().map(|run| run.done).sum::<usize>().to_string(),
            runs.iter().flat_map(|run| run.calls.values()).sum::<u64>().to_string(),
            format!("{longest:.0} s"),
        ]);
    }
    anstream::println!("{table}");
    anstream::println!(
        "\n{created} recovery points taken, {copied} copied, {pruned} pruned: {} before, {} after; \
         {calls} calls, {throttled} of them throttled; {} alarms opened",
        day.recovery_points_before,
        day.recovery_points_after,
        day.alarms_opened,
    );
    for (what, by) in [("recovery point", day.created_by), ("copy", day.copied_by)] {
        if let Some(by) = by {
            anstream::println!("the last {what} was there by {}", by.strftime("%H:%M"));
        }
    }
    let wrong = [&day.missed[..], &day.alarms_open[..], &day.violations[..]];
    for line in wrong.into_iter().flatten() {
        anstream::println!("{bad}wrong{bad:#}: {line}");
    }
    if day.surplus > 0 {
        anstream::println!("{bad}wrong{bad:#}: {} recovery points should be gone", day.surplus);
    }
    if day.is_well() {
        anstream::println!("{good}Nothing was missed.{good:#}");
    }
}
