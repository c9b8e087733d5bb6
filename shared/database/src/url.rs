//! A database's address as a person writes it: `postgres://keeper:secret@db.example.com/shop`.

use std::net::IpAddr;

use snapkeep_policy::verify::testimony::Protocol;
use url::{Host, Url};

use crate::target::{BadBundle, Secret, Target, Trust};

/// What a URL says.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// How it is spoken to.
    pub protocol: Protocol,
    /// The name or address.
    pub host: String,
    /// The TCP port: the protocol's own where the URL names none.
    pub port: u16,
    /// Whom to log in as; nobody, where it is empty.
    pub user: String,
    /// The password, where the URL holds one.
    pub password: Option<Secret>,
    /// The database, where the URL names one.
    pub database: Option<String>,
    /// What it says of TLS.
    pub tls: Tls,
}

/// What a URL says of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// That there has to be some. Here that always means: with a certificate that holds.
    Required,
    /// That there shall be none.
    Refused,
    /// Nothing.
    Unsaid,
}

/// A URL that can't be used. It is never repeated: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// No URL at all.
    #[error(
        "the database URL can't be read; write postgres://user:password@host:port/database, \
        with characters such as @ or / in the password percent-encoded"
    )]
    Unreadable,
    /// Another protocol.
    #[error("the database URL is for none of postgres, postgresql, mysql, mariadb and mongodb")]
    OtherProtocol,
    /// Something is missing.
    #[error("the database URL names no {0}; write postgres://user:password@host:port/database")]
    Missing(&'static str),
    /// A bundle, but no TLS.
    #[error("a CA bundle is given and the database URL refuses TLS; leave one of them out")]
    NeedlessBundle,
    /// The bundle is bad.
    #[error(transparent)]
    Bundle(#[from] BadBundle),
}

impl Target {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`BadUrl`], which doesn't repeat any of it.
    pub fn from_url(url: &str) -> Result<Parsed, BadUrl> {
        let url = Url::parse(url).map_err(|_| BadUrl::Unreadable)?;
        let (protocol, port) = match url.scheme() {
            "postgres" | "postgresql" => (Protocol::Postgres, 5432),
            "mysql" | "mariadb" => (Protocol::Mysql, 3306),
            "mongodb" => (Protocol::Mongodb, 27017),
            _ => return Err(BadUrl::OtherProtocol),
        };
        let host = match url.host() {
            // Of these schemes the URL standard knows no more than that the name is opaque.
            Some(Host::Domain(name)) if !name.is_empty() => decoded(name)?,
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(Host::Domain(_)) | None => return Err(BadUrl::Missing("host")),
        };
        // A MongoDB server may know no users at all; an SQL database always does.
        if url.username().is_empty() && protocol != Protocol::Mongodb {
            return Err(BadUrl::Missing("user"));
        }
        let database = decoded(url.path().trim_start_matches('/'))?;
        Ok(Parsed {
            protocol,
            host,
            port: url.port().unwrap_or(port),
            user: decoded(url.username())?,
            password: url.password().map(decoded).transpose()?.map(Secret::new),
            database: Some(database).filter(|database| !database.is_empty()),
            tls: tls(&url),
        })
    }
}

impl Parsed {
    /// The target, with the password that the URL or else the caller has, and the CA bundle if there is
    /// one; without, Amazon RDS's own serve. TLS is left out only where the URL refuses it, or where the host is this machine and neither
    /// the URL nor a bundle asks for it.
    ///
    /// # Errors
    /// [`BadUrl`] where the bundle is bad or contradicts the URL.
    pub fn target(self, password: Option<Secret>, bundle: Option<&[u8]>) -> Result<Target, BadUrl> {
        let trust = match (self.tls, bundle) {
            (Tls::Refused, Some(_)) => return Err(BadUrl::NeedlessBundle),
            (Tls::Refused, None) => Trust::Plain,
            (Tls::Unsaid, None) if self.is_this_machine() => Trust::Plain,
            (Tls::Required | Tls::Unsaid, Some(bundle)) => Trust::pem(bundle)?,
            (Tls::Required | Tls::Unsaid, None) => Trust::rds(),
        };
        // Some servers ask for none on their own machine; those that do refuse an empty one.
        let password = self.password.or(password).unwrap_or_else(|| Secret::new(""));
        let Self { protocol, host, port, user, database, .. } = self;
        Ok(Target { protocol, host, port, user, password, database, trust })
    }

    fn is_this_machine(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

/// `sslmode` is PostgreSQL's, `ssl-mode` MySQL's, `tls` and `ssl` MongoDB's. Any word but one that
/// refuses TLS asks for it: there is no *maybe*.
fn tls(url: &Url) -> Tls {
    let mut said = Tls::Unsaid;
    for (key, value) in url.query_pairs() {
        let refusal = match key.as_ref() {
            "sslmode" | "ssl-mode" => ["disable", "disabled"],
            "tls" | "ssl" => ["false", "0"],
            _ => continue,
        };
        let is_refused = refusal.contains(&value.to_lowercase().as_str());
        said = if is_refused { Tls::Refused } else { Tls::Required };
    }
    said
}

/// What percent signs stand for.
fn decoded(text: &str) -> Result<String, BadUrl> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = digit(rest.next()).zip(digit(rest.next())).ok_or(BadUrl::Unreadable)?;
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| BadUrl::Unreadable)?);
    }
    String::from_utf8(bytes).map_err(|_| BadUrl::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_whom_to_ask_and_as_whom() {
        let url = "postgres://ke%40per:p%2Fw%25@db.example.com:6543/sh%20op?sslmode=verify-full";
        let parsed = Target::from_url(url).expect("a URL");
        assert_eq!((parsed.host.as_str(), parsed.port), ("db.example.com", 6543));
        assert_eq!((parsed.user.as_str(), parsed.tls), ("ke@per", Tls::Required));
        assert_eq!(parsed.password, Some(Secret::new("p/w%")));
        assert_eq!(parsed.database.as_deref(), Some("sh op"));
        for (url, protocol, port) in [
            ("postgresql://u@h", Protocol::Postgres, 5432),
            ("mysql://u@h", Protocol::Mysql, 3306),
            ("mariadb://u@h/", Protocol::Mysql, 3306),
            ("mongodb://u@[::1]", Protocol::Mongodb, 27017),
            ("mongodb://h", Protocol::Mongodb, 27017),
        ] {
            let parsed = Target::from_url(url).expect("a URL");
            assert_eq!((parsed.protocol, parsed.port), (protocol, port), "{url}");
            assert_eq!((parsed.database, parsed.tls), (None, Tls::Unsaid), "{url}");
        }
    }

    #[test]
    fn tls_is_left_out_only_on_demand_or_on_this_machine() {
        let trust = |url: &str, bundle| {
            let parsed = Target::from_url(url).expect("a URL");
            parsed.target(Some(Secret::new("x")), bundle).map(|target| target.trust)
        };
        for url in [
            "postgres://u@db.example.com?sslmode=disable",
            "mysql://u@db.example.com?ssl-mode=DISABLED",
            "mongodb://u@db.example.com/?tls=false",
            "mongodb://u@db.example.com/?ssl=false",
            "postgres://u@localhost",
            "postgres://u@127.0.0.1",
            "postgres://u@[::1]",
        ] {
            assert!(matches!(trust(url, None), Ok(Trust::Plain)), "{url}");
        }
        for url in [
            "postgres://u@db.example.com",
            "postgres://u@db.example.com?sslmode=prefer",
            "postgres://u@localhost?sslmode=require",
            "mongodb://u@localhost/?tls=true",
        ] {
            assert!(matches!(trust(url, None), Ok(Trust::Bundle(_))), "{url}");
        }
        let empty = BadUrl::Bundle(BadBundle::Empty);
        assert_eq!(trust("postgres://u@localhost", Some(b"")).err(), Some(empty));
        let refused = trust("postgres://u@localhost?sslmode=disable", Some(b""));
        assert_eq!(refused.err(), Some(BadUrl::NeedlessBundle));
    }

    #[test]
    fn a_bad_url_is_not_repeated() {
        for url in [
            "hunter2",
            "postgres://",
            "oracle://u:hunter2@h",
            "postgres://u:hunter2@",
            "postgres://:hunter2@h",
            "postgres://u:hunter2%@h",
            "postgres://u:hunter2@h:port",
        ] {
            let error = Target::from_url(url).map(drop).expect_err(url);
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("hunter2") && !shown.contains('\n'), "{url}: {shown}");
        }
    }
}
