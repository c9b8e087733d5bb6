//! An emulated AWS account behind a port, and its controls.

use std::env;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::process::Process;
use crate::script::Script;
use crate::servers::Server;

/// How the identifiers of scratch databases begin.
const SCRATCH_PREFIX: &str = "snapkeep-scratch-";

/// The account that `emulator/moto_server.py` serves, empty at first. It ends when this is dropped.
#[derive(Debug)]
pub struct Emulator {
    endpoint: String,
    /// `None` when somebody else serves it.
    _process: Option<Process>,
}

impl Emulator {
    /// Starts one with AWS's default quotas: see [`Emulator::with_quota`].
    #[must_use]
    pub fn start() -> Self {
        Self::with_quota(100)
    }

    /// Starts one on a free port, unless the environment names another one to use. A region holds
    /// `snapshots_max` cluster snapshots and as many instance snapshots.
    ///
    /// # Panics
    /// When it doesn't start: then no test on it can say anything.
    #[must_use]
    pub fn with_quota(snapshots_max: u32) -> Self {
        if let Ok(endpoint) = env::var("SNAPKEEP_TEST_ENDPOINT") {
            return Self { endpoint, _process: None };
        }
        let script = Script::path("emulator", "moto_server");
        let arguments = ["--snapshot-quota", &snapshots_max.to_string()];
        let (process, line) = Process::start(&script, arguments, Stdio::null());
        let endpoint = line.trim().strip_prefix("listening ").expect("it says where it listens");
        Self { endpoint: endpoint.to_owned(), _process: Some(process) }
    }

    /// Where it is served.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Lets the account stand still at this instant.
    pub fn set_clock(&self, now: Timestamp) {
        self.control("clock", &json!({ "now": now }));
    }

    /// What `operation` makes from now on takes so many minutes and then has the status `last`.
    pub fn set_lifecycle(&self, operation: &str, minutes: u32, last: &str) {
        let course = json!({ "seconds": minutes * 60, "last": last });
        self.control(&format!("lifecycle::{operation}"), &course);
    }

    /// So many calls of `operation`, in one region or in all, are refused with `code`.
    pub fn refuse(&self, operation: &str, region: Option<&str>, times: u32, code: &str) {
        let mut fault = json!({ "times": times, "code": code });
        if let Some(region) = region {
            fault["region"] = region.into();
        }
        self.control(&format!("fault::{operation}"), &fault);
    }

    /// One call of `operation` takes effect, and its answer gets lost.
    pub fn lose_an_answer(&self, operation: &str) {
        self.lose_answers(operation, 1);
    }

    /// So many calls of `operation` take effect, and their answers get lost: with as many as a call
    /// is tried, it is as if the caller had been killed.
    pub fn lose_answers(&self, operation: &str, times: u32) {
        let fault =
            json!({ "times": times, "code": "InternalFailure", "status": 500, "after": true });
        self.control(&format!("fault::{operation}"), &fault);
    }

    /// Before the next call of `operation` somebody else writes this object.
    pub fn write_before(&self, operation: &str, bucket: &str, key: &str, body: &str) {
        let write = json!({ "times": 1, "bucket": bucket, "key": key, "body": body });
        self.control(&format!("meanwhile::{operation}"), &write);
    }

    /// Restored databases of AWS's `engine` are this server: it is where the account says that they
    /// are, and a new master password is its administrator's.
    pub fn restores_into(&self, engine: &str, server: &Server) {
        let settings = json!({
            "host": "localhost",
            "port": server.port(),
            "names": SCRATCH_PREFIX,
            "set_password": server.password_command(),
        });
        self.control(&format!("database::{engine}"), &settings);
    }

    /// What is restored with this engine answers at a port that may be anybody's.
    pub fn restores_to(&self, engine: &str, port: u16) {
        let settings = json!({
            "host": "localhost", "port": port, "names": SCRATCH_PREFIX, "set_password": ["true"],
        });
        self.control(&format!("database::{engine}"), &settings);
    }

    /// Only these versions of an engine can be restored.
    pub fn offers(&self, engine: &str, versions: &[&str]) {
        self.control(&format!("offered::{engine}"), &json!({ "versions": versions }));
    }

    /// Sets one of the controls of `moto_controls.py`.
    fn control(&self, name: &str, settings: &Value) {
        let host = self.endpoint.trim_start_matches("http://").trim_end_matches('/');
        let body = json!({ "model_name": name, "transition": settings }).to_string();
        let request = format!(
            "POST /moto-api/state-manager/set-transition HTTP/1.0\r\nHost: {host}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len(),
        );
        let mut answer = String::new();
        let exchanged = TcpStream::connect(host).and_then(|mut stream| {
            stream.write_all(request.as_bytes())?;
            stream.read_to_string(&mut answer)
        });
        exchanged.unwrap_or_else(|error| panic!("{}: {error}", self.endpoint));
        assert_eq!(answer.split_whitespace().nth(1), Some("201"), "control {name}: {answer}");
    }
}
