//! One file for each command.

pub mod demo;
pub mod doctor;
pub mod evidence;
pub mod plan;
pub mod report;
pub mod retention;
pub mod scale;
pub mod simulate;
pub mod soak;
pub mod status;
pub mod verify;
pub mod world;

use clap::CommandFactory;

use crate::args::Args;

/// Prints completions for a shell.
pub fn completions(shell: clap_complete::Shell) {
    clap_complete::generate(shell, &mut Args::command(), "snapkeep", &mut std::io::stdout());
}
