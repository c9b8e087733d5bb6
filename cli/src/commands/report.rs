//! `snapkeep report`: what alarm reports from its schedules, made here and now.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use snapkeep_alarm::reports;
use snapkeep_aws::Aws;
use snapkeep_function::{App, Settings, Tick};
use snapkeep_policy::verb::Verb;
use snapkeep_report::Form;

use crate::args::Report as Args;
use crate::exit::Exit;
use crate::ui;

/// Runs the command.
///
/// # Errors
/// A deployment that can't be read, or a file that can't be written: one line.
pub async fn run(args: &Args) -> Result<Exit, String> {
    let aws = Aws::from_env(args.endpoint_url.as_deref(), args.region.as_ref());
    let settings = Settings {
        policy_key: args.policy_key.clone(),
        dry_run: true,
        ..Settings::in_bucket(&args.bucket)
    };
    let app = App { aws: aws.await.map_err(|failure| failure.to_string())?, settings };
    let tick = Tick::at(Timestamp::now());
    let seen = app.observe(Verb::Alarm, b"{}", &tick).await.map_err(|error| error.to_string())?;
    let report = reports::make(&app, &seen, args.cadence, &tick).await;
    for form in Form::ALL {
        let path = file(&args.out, &format!("{}.{}", report.key(), form.ending()));
        write(&path, &report.bytes(form)?)?;
        anstream::println!("{}", path.display());
    }
    let (answer, unseen) = (report.answer(), &report.head().unseen);
    anstream::println!("{} {} {}", report.question(), answer.verdict.words(), answer.sentence);
    for it in unseen {
        ui::error(&format!("{}: {}", it.what, it.why));
    }
    Ok(if unseen.is_empty() { Exit::Nothing } else { Exit::Error })
}

/// `reports/daily/2026-11-26.html` is `daily-2026-11-26.html` in a folder of one's own.
pub fn file(folder: &Path, key: &str) -> PathBuf {
    folder.join(key.strip_prefix("reports/").unwrap_or(key).replace('/', "-"))
}

/// Writes a file, and its folder where there is none.
///
/// # Errors
/// One line that names the file.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder
        .and_then(|()| std::fs::write(path, bytes))
        .map_err(|error| format!("{}: {error}: choose another folder", path.display()))
}
