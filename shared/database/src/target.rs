//! Which database is asked, as whom, and whom to believe that it is that one.

use std::fmt;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use snapkeep_policy::verify::testimony::Protocol;

/// A database server and how to log in.
#[derive(Debug, Clone)]
pub struct Target {
    /// How it is spoken to.
    pub protocol: Protocol,
    /// The name or address; its certificate must be for it.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// Whom to log in as. Nobody, where it is empty: MongoDB's protocol can do without.
    pub user: String,
    /// That user's password.
    pub password: Secret,
    /// The database that a check means which names none.
    pub database: Option<String>,
    /// Who vouches for the server.
    pub trust: Trust,
}

/// A password. It can't be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a password out of every output.
    #[must_use]
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
    }

    /// The password itself, for who has to send it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// Who vouches for a server.
#[derive(Debug, Clone)]
pub enum Trust {
    /// One of these authorities.
    Bundle(Arc<Bundle>),
    /// Nobody: no TLS at all. Only where a person asked for just that, or on the same machine.
    Plain,
}

/// Certificate authorities. The certificates are kept beside the store that is made from them, because
/// one of the drivers makes its own.
#[derive(Clone)]
pub struct Bundle {
    pub(crate) roots: Arc<RootCertStore>,
    pub(crate) certificates: Vec<CertificateDer<'static>>,
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bundle({} authorities)", self.certificates.len())
    }
}

/// A bundle of authorities that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBundle {
    /// Not PEM.
    #[error("the CA bundle isn't PEM: {0}; download it again")]
    NotPem(String),
    /// PEM, but no certificate in it.
    #[error("the CA bundle holds no certificate; download it again")]
    Empty,
    /// One of its certificates is no authority.
    #[error(
        "certificate {number} of the CA bundle can't be an authority: {why}; download it again"
    )]
    NoAuthority {
        /// Counted from one.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// The authorities of Amazon RDS: see `ca/README.md`.
const RDS: &[u8] = include_bytes!("../ca/rds-global-bundle.pem");

impl Trust {
    /// Trusts the authorities that Amazon RDS, Aurora and DocumentDB have.
    ///
    /// # Panics
    /// Never: a test reads the bundle.
    #[must_use]
    pub fn rds() -> Self {
        Self::pem(RDS).expect("a bundle that a test has read")
    }

    /// Trusts the authorities of a bundle in PEM.
    ///
    /// # Errors
    /// [`BadBundle`] unless it is at least one certificate, and nothing worse.
    pub fn pem(pem: &[u8]) -> Result<Self, BadBundle> {
        let mut roots = RootCertStore::empty();
        let mut certificates = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| BadBundle::NotPem(error.to_string()))?;
            let number = certificates.len() + 1;
            roots
                .add(certificate.clone())
                .map_err(|error| BadBundle::NoAuthority { number, why: error.to_string() })?;
            certificates.push(certificate);
        }
        if certificates.is_empty() {
            return Err(BadBundle::Empty);
        }
        Ok(Self::Bundle(Arc::new(Bundle { roots: Arc::new(roots), certificates })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_shows_everything_but_its_password() {
        let target = Target {
            protocol: Protocol::Postgres,
            host: "db.example.com".into(),
            port: 5432,
            user: "keeper".into(),
            password: Secret::new("hunter2"),
            database: None,
            trust: Trust::Plain,
        };
        let shown = format!("{target:?} {target:#?} {}", target.password);
        assert!(shown.contains("db.example.com") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn the_bundle_of_amazon_rds_is_whole() {
        let Trust::Bundle(bundle) = Trust::rds() else { panic!("a bundle") };
        assert_eq!(bundle.certificates.len(), 81, "27 regions with three kinds of keys each");
    }

    #[test]
    fn a_bundle_without_certificates_is_no_trust() {
        assert_eq!(Trust::pem(b"").err(), Some(BadBundle::Empty));
        assert_eq!(Trust::pem(b"<html>not found</html>").err(), Some(BadBundle::Empty));
        let rubbish = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let refused = Trust::pem(rubbish).err();
        assert!(matches!(refused, Some(BadBundle::NoAuthority { number: 1, .. })), "{refused:?}");
    }
}
