//! Exit codes: part of the command line's contract.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: it worked, and there is nothing to do.
    Nothing,
    /// 2: it worked, and there is something to do.
    Changes,
    /// 1: it failed.
    Error,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Nothing => Self::SUCCESS,
            Exit::Changes => Self::from(2),
            Exit::Error => Self::FAILURE,
        }
    }
}

/// A mistake in the arguments is 64 (`EX_USAGE`), so that 2 always means changes. Help is no mistake.
pub fn usage(error: &clap::Error) -> ExitCode {
    // Nothing can be said when neither output can be written to.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS }
}
