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
    /// 3: it worked, and the answer is no: a verification came to FAIL, a database isn't proven.
    Failed,
    /// 4: it worked, and there is no answer: a verification came to INCONCLUSIVE, a region can't be seen.
    Inconclusive,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Nothing => Self::SUCCESS,
            Exit::Changes => Self::from(2),
            Exit::Error => Self::FAILURE,
            Exit::Failed => Self::from(3),
            Exit::Inconclusive => Self::from(4),
        }
    }
}

/// A mistake in the arguments is 64 (`EX_USAGE`), so that 2 always means changes. Help is no mistake.
pub fn usage(error: &clap::Error) -> ExitCode {
    // Nothing can be said when neither output can be written to.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS }
}
