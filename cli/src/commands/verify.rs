//! `snapkeep verify`: the checks of a policy, put to any database that can be reached, now.

use std::path::Path;
use std::time::Duration;

use indicatif::ProgressBar;
use jiff::Timestamp;
use serde::Serialize;
use snapkeep_database::{Limits, Secret, Target};
use snapkeep_policy::document::{Check, DriftRule};
use snapkeep_policy::recovery_point::Outcome;
use snapkeep_policy::verify::judge::{CheckResult, Judgement, Standard, judge};
use snapkeep_policy::verify::testimony::{Answer, Survey, Testimony};

use crate::args::{Output, Verify as Args};
use crate::exit::Exit;
use crate::{files, ui};

/// How long a server may take until it has answered its first statement.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Counting goes on for so long; what is left is estimated.
const SURVEY_TIMEOUT: Duration = Duration::from_secs(120);

/// The environment variable that may hold the password.
const PASSWORD: &str = "SNAPKEEP_PASSWORD";

/// What `--output json` prints: part of the command line's contract.
#[derive(Debug, Serialize)]
struct Verdict {
    verdict: Outcome,
    checks: Vec<CheckResult>,
}

/// Runs the command.
///
/// # Errors
/// Input that is refused, before anything is connected to.
pub async fn run(args: &Args) -> Result<Exit, String> {
    let checks = match &args.checks {
        Some(path) => Check::list_from_json(&files::read_json(path)?)
            .map_err(|error| files::blame(path, &error.to_string()))?,
        None => Vec::new(),
    };
    let baseline = args.baseline.as_deref().map(read_survey).transpose()?;
    let target = target(args)?;
    let testimony = ask(args, &target, &checks).await;
    if let (Some(path), Some(survey)) = (&args.survey, &testimony.survey) {
        write_survey(path, survey)?;
    }
    let standard = Standard {
        checks: &checks,
        drift: &DriftRule::default(),
        baseline: baseline.as_ref(),
        as_of: args.as_of.unwrap_or_else(Timestamp::now),
    };
    let judgement = judge(&standard, &testimony);
    let outcome = judgement.outcome;
    match args.output {
        Output::Json => {
            let verdict = Verdict { verdict: outcome, checks: judgement.checks };
            let json = serde_json::to_string(&verdict).map_err(|error| error.to_string())?;
            anstream::println!("{json}");
        }
        Output::Text => print(&judgement, &testimony),
    }
    Ok(match outcome {
        Outcome::Pass => Exit::Nothing,
        Outcome::Fail => Exit::Failed,
        Outcome::Inconclusive => Exit::Inconclusive,
    })
}

/// Where to connect, and with which password: the URL's, or else the file's, or else the environment's.
fn target(args: &Args) -> Result<Target, String> {
    let parsed = Target::from_url(&args.url).map_err(|error| format!("--url: {error}"))?;
    let password = match &args.password_file {
        Some(path) => Some(files::read(path)?.trim_end_matches(['\r', '\n']).to_owned()),
        None => std::env::var(PASSWORD).ok(),
    };
    let bundle = args.ca.as_deref().map(files::read).transpose()?;
    let bundle = bundle.as_deref().map(str::as_bytes);
    parsed.target(password.map(Secret::new), bundle).map_err(|error| error.to_string())
}

/// Asks, with a line on standard error for each answer as it comes.
async fn ask(args: &Args, target: &Target, checks: &[Check]) -> Testimony {
    let limits = Limits {
        connect: CONNECT_TIMEOUT,
        question: Duration::from_secs(u64::from(args.timeout)),
        survey: SURVEY_TIMEOUT,
        until: None,
    };
    let bar = ui::progress(u32::try_from(checks.len()).unwrap_or(u32::MAX), "checks", "asking");
    let told = |index: usize, _: &Answer| tell(&bar, checks, index);
    let testimony = snapkeep_database::ask(target, checks, &limits, told).await;
    bar.finish_and_clear();
    testimony
}

fn tell(bar: &ProgressBar, checks: &[Check], index: usize) {
    bar.inc(1);
    let next = checks.get(index + 1).map_or("what it holds".to_owned(), ToString::to_string);
    bar.set_message(next);
}

fn read_survey(path: &Path) -> Result<Survey, String> {
    let wrong = |error: serde_json::Error| {
        files::blame(path, &format!("{error}: is it what --survey wrote?"))
    };
    serde_json::from_str(&files::read(path)?).map_err(wrong)
}

fn write_survey(path: &Path, survey: &Survey) -> Result<(), String> {
    let json = serde_json::to_string_pretty(survey).map_err(|error| error.to_string())?;
    std::fs::write(path, json + "\n")
        .map_err(|error| format!("{}: {error}: choose another file", path.display()))
}

fn print(judgement: &Judgement, testimony: &Testimony) {
    let mut table = ui::table(["", "check", "observed", "expected", "seconds"]);
    for CheckResult { check, verdict, observed, expected, took } in &judgement.checks {
        let mark = match verdict {
            Outcome::Pass => "✓",
            Outcome::Fail => "✗",
            Outcome::Inconclusive => "?",
        };
        let seconds = format!("{:.3}", took.as_secs_f64());
        table.add_row([mark, check, &observed.to_string(), expected, &seconds]);
    }
    anstream::println!("{table}\n");
    let (style, word) = match judgement.outcome {
        Outcome::Pass => (ui::GOOD, "PASS"),
        Outcome::Fail => (ui::BAD, "FAIL"),
        Outcome::Inconclusive => (ui::BAD, "INCONCLUSIVE"),
    };
    let (dim, reason) = (ui::DIM, &judgement.reason);
    let answered = testimony.answered_after.map_or("never answered".to_owned(), |after| {
        format!("answered after {:.3} s", after.as_secs_f64())
    });
    anstream::println!("{style}{word}{style:#} {reason} {dim}({answered}){dim:#}");
}
