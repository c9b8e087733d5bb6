//! The Python scripts of `emulator/`.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Python that has the packages of `requirements.txt`.
pub(crate) fn python() -> PathBuf {
    let made_by_test = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tools/python/bin/python");
    env::var_os("SNAPKEEP_TEST_PYTHON").map_or_else(|| made_by_test.into(), PathBuf::from)
}

/// A script and its arguments.
#[derive(Debug)]
pub struct Script {
    name: String,
    arguments: Vec<OsString>,
}

impl Script {
    /// `name.py` without arguments.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), arguments: Vec::new() }
    }

    /// Where `name.py` is.
    pub(crate) fn path(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("emulator").join(name).with_extension("py")
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

    /// What it prints if it succeeds.
    ///
    /// # Errors
    /// What it prints if it doesn't, to both outputs.
    pub fn run(self) -> Result<String, String> {
        let Self { name, arguments } = self;
        let ran = Command::new(python())
            .arg(Self::path(&name))
            .args(arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output();
        let output = ran.map_err(|error| format!("{}: {error}; run ./test", python().display()))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        Err(format!("{name}.py failed:\n{}{}", text(&output.stdout), text(&output.stderr)))
    }
}
