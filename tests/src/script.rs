//! The Python scripts of `emulator/` and `servers/`.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The Python that has the packages of `requirements.txt`.
pub(crate) fn python() -> PathBuf {
    let made_by_test = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tools/python/bin/python");
    env::var_os("SNAPKEEP_TEST_PYTHON").map_or_else(|| made_by_test.into(), PathBuf::from)
}

/// A script and its arguments.
#[derive(Debug)]
pub struct Script {
    path: PathBuf,
    arguments: Vec<OsString>,
    input: String,
}

impl Script {
    /// `emulator/name.py` without arguments.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self::of("emulator", name)
    }

    /// `folder/name.py` without arguments.
    #[must_use]
    pub fn of(folder: &str, name: &str) -> Self {
        let path = Self::path(folder, name);
        Self { path, arguments: Vec::new(), input: String::new() }
    }

    /// Where `folder/name.py` is.
    pub(crate) fn path(folder: &str, name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(name).with_extension("py")
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With the endpoint on which it works.
    #[must_use]
    pub fn on(self, endpoint: &str) -> Self {
        self.arg("--endpoint-url").arg(endpoint)
    }

    /// With this on its standard input.
    #[must_use]
    pub fn input(mut self, input: &str) -> Self {
        input.clone_into(&mut self.input);
        self
    }

    /// What it prints if it succeeds.
    ///
    /// # Errors
    /// What it prints if it doesn't, to both outputs.
    pub fn run(self) -> Result<String, String> {
        let ran = self.output();
        let output = ran.map_err(|error| format!("{}: {error}; run ./test", python().display()))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        let printed = text(&output.stdout) + &text(&output.stderr);
        Err(format!("{} failed:\n{printed}", self.path.display()))
    }

    fn output(&self) -> io::Result<Output> {
        let mut child = Command::new(python())
            .arg(&self.path)
            .args(&self.arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // A script that reads nothing may have ended already; its status tells.
            let _ = input.write_all(self.input.as_bytes());
        }
        child.wait_with_output()
    }
}
