//! `snapkeep`: see what the functions would do and did, try policies over years, and look at
//! retention.

mod args;
mod commands;
mod exit;
mod files;
mod report;
mod simulation;
mod story;
mod ui;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use exit::Exit;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit::usage(&error),
    };
    args.color.write_global();
    let result = match args.command {
        Command::Demo(demo) => commands::demo::run(&demo).await,
        Command::Plan(plan) => commands::plan::run(&plan).await,
        Command::Doctor(doctor) => commands::doctor::run(&doctor).await,
        Command::Simulate(simulate) => commands::simulate::run(&simulate).await,
        Command::Soak(soak) => commands::soak::run(&soak).await,
        Command::Scale(scale) => commands::scale::run(&scale).await,
        Command::Retention(retention) => commands::retention::run(&retention),
        Command::Evidence(evidence) => commands::evidence::run(&evidence).await,
        Command::Report(report) => commands::report::run(&report).await,
        Command::Status(status) => commands::status::run(&status).await,
        Command::Verify(verify) => commands::verify::run(&verify).await,
        Command::World(world) => commands::world::run(&world).await,
        Command::Completions { shell } => {
            commands::completions(shell);
            Ok(Exit::Nothing)
        }
    };
    result
        .unwrap_or_else(|error| {
            ui::error(&error);
            Exit::Error
        })
        .into()
}
