//! A Python script that serves something for as long as somebody holds it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::script::python;

/// A script that says where it serves and ends when its input closes, so even if we are killed.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Open as long as it shall serve.
    input: Option<ChildStdin>,
}

impl Process {
    /// Starts it, and waits for the line that it prints when it is ready.
    pub(crate) fn start(
        script: &Path,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        errors: Stdio,
    ) -> (Self, String) {
        let mut child = Command::new(python())
            .arg(script)
            .args(arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; run ./test", python().display()));
        let input = child.stdin.take();
        let output = child.stdout.take().expect("its output is piped");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).expect("it prints text");
        (Self { child, input }, line)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.input.take());
        // It has been asked to go; if it can't be waited for there is nobody left to tell.
        let _ = self.child.wait();
    }
}
