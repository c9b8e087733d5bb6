//! `snapkeep retention`: what a retention keeps of a list of recovery points, and why.

use jiff::Timestamp;
use serde::Deserialize;
use snapkeep_policy::retention::{self, Decisions, Fate, Point, Retention, Verified};

use crate::args::{Output, Retention as Args};
use crate::exit::Exit;
use crate::{files, ui};

/// A recovery point as it is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    id: String,
    taken_at: Timestamp,
    #[serde(default)]
    verified: Option<GivenVerdict>,
    #[serde(default)]
    hold: bool,
    #[serde(default)]
    status: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum GivenVerdict {
    Pass,
    Fail,
}

/// Runs the command.
///
/// # Errors
/// Input that is refused, one line.
pub fn run(args: &Args) -> Result<Exit, String> {
    let rules = Retention::from_json(&files::read_json(&args.policy)?)
        .map_err(|error| files::blame(&args.policy, &error.to_string()))?;
    let text = files::read(&args.recovery_points)?;
    let given: Vec<Given> = serde_json::from_str(&text)
        .map_err(|error| files::blame(&args.recovery_points, &error.to_string()))?;
    let untouchable: Vec<Option<String>> = given.iter().map(untouchable).collect();
    let points: Vec<Point<'_>> = given
        .iter()
        .zip(&untouchable)
        .map(|(given, untouchable)| Point {
            id: &given.id,
            taken_at: given.taken_at,
            verified: match given.verified {
                None => Verified::Unknown,
                Some(GivenVerdict::Pass) => Verified::Pass,
                // When it was found isn't given: the quarantine counts from the recovery point itself.
                Some(GivenVerdict::Fail) => Verified::Fail { at: given.taken_at },
            },
            held: given.hold,
            untouchable: untouchable.as_deref(),
        })
        .collect();
    let now = args.now.unwrap_or_else(Timestamp::now);
    let decisions = retention::decide(&points, &rules, &args.time_zone, now);
    match args.output {
        Output::Json => {
            let json = serde_json::to_string(&decisions).map_err(|error| error.to_string())?;
            anstream::println!("{json}");
        }
        Output::Text => print(&decisions),
    }
    Ok(Exit::Nothing)
}

fn untouchable(given: &Given) -> Option<String> {
    let status = given.status.as_deref().filter(|status| *status != "available")?;
    Some(format!("it is {status}"))
}

fn print(decisions: &Decisions) {
    let mut table = ui::table(["", "recovery point", "reasons"]);
    let mut counts = [0_usize; 3];
    for decision in &decisions.decisions {
        let (mark, index) = match decision.fate {
            Fate::Keep => ("keep", 0),
            Fate::Delete => ("delete", 1),
            Fate::Ignore => ("ignore", 2),
        };
        counts[index] += 1;
        table.add_row([mark, &decision.id, &decision.reasons.join(", ")]);
    }
    anstream::println!("{table}\n");
    if let Some(refusal) = &decisions.refusal {
        let (bad, message) = (ui::BAD, &refusal.message);
        anstream::println!("{bad}refused{bad:#}: {message}");
    }
    let [keep, delete, ignore] = counts;
    anstream::println!("{keep} to keep, {delete} to delete, {ignore} ignored.");
}
