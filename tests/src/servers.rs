//! Real database servers, for what must be decided by a database and not by a picture of one.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;

use crate::process::Process;
use crate::script::{Script, python};

/// Whose server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// PostgreSQL.
    Postgres,
    /// MariaDB, the nearest to MySQL that Debian has.
    Mariadb,
    /// MongoDB's protocol, spoken by mongo-java-server.
    Mongodb,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Postgres, Self::Mariadb, Self::Mongodb];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "postgres",
            Self::Mariadb => "mariadb",
            Self::Mongodb => "mongodb",
        })
    }
}

/// What a server shows to who connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// One for `localhost` and `127.0.0.1`, of the authority in [`Server::ca`].
    Valid,
    /// The same, but it ended yesterday.
    Expired,
    /// The same, but of an authority that nobody knows.
    OtherAuthority,
    /// One of the right authority for another host.
    OtherHost,
}

impl Certificate {
    fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::OtherAuthority => "other-authority",
            Self::OtherHost => "other-host",
        }
    }
}

/// A server on a free local port, over TLS only, with the sample data of `servers/` in the database
/// `shop`: 1000 `users`, 5000 `orders` up to 2026-03-02T01:59:00Z, 250 `notifications`. It ends when
/// this is dropped.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    told: Told,
    _process: Process,
}

/// What `server.py` says when it is ready.
#[derive(Debug, Deserialize)]
struct Told {
    port: u16,
    user: String,
    password: String,
    ca: PathBuf,
    folder: PathBuf,
}

impl Server {
    /// Starts one that a client can trust.
    #[must_use]
    pub fn start(kind: Kind) -> Self {
        Self::with_certificate(kind, Certificate::Valid)
    }

    /// Starts one that shows this certificate.
    ///
    /// # Panics
    /// When it doesn't start: then no test on it can say anything.
    #[must_use]
    pub fn with_certificate(kind: Kind, certificate: Certificate) -> Self {
        let script = Script::path("servers", "server");
        let arguments = [&kind.to_string(), "--certificate", certificate.name()];
        let (process, line) = Process::start(&script, arguments, Stdio::inherit());
        let told = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{kind} doesn't start: {error}; run ./test databases"));
        Self { kind, told, _process: process }
    }

    /// Whose server it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where it listens, on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.told.port
    }

    /// The administrator, named as the emulated fleet's master user and with no more rights than RDS
    /// gives one.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.told.user
    }

    /// The administrator's password, unless it was changed since the start.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.told.password
    }

    /// The authority to trust, in PEM.
    #[must_use]
    pub fn ca(&self) -> &Path {
        &self.told.ca
    }

    /// Runs a script in `shop` with all rights, and returns what the server's own tool prints. SQL;
    /// for MongoDB one command or a list of them, as JSON.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn execute(&self, script: &str) -> String {
        self.administer("execute", script)
    }

    /// Changes the administrator's password.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn set_password(&self, password: &str) {
        self.administer("set-password", password);
    }

    /// The command that makes what it reads the administrator's password.
    pub(crate) fn password_command(&self) -> Vec<PathBuf> {
        let script = Script::path("servers", "administer");
        vec![python(), script, self.told.folder.clone(), "set-password".into()]
    }

    fn administer(&self, what: &str, input: &str) -> String {
        let script = Script::of("servers", "administer").arg(&self.told.folder).arg(what);
        script.input(input).run().unwrap_or_else(|error| panic!("{error}"))
    }
}
