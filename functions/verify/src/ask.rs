//! Questioning a restored database: over its protocol, or, in a simulated account, by its books.

use std::path::Path;
use std::time::{Duration, Instant};

use snapkeep_database::{Limits, Secret, Target, Trust};
use snapkeep_function::settings::CA_BUNDLE;
use snapkeep_policy::verify::Inquiry;
use snapkeep_policy::verify::testimony::{Protocol, Testimony};

/// A restored server that is up answers within seconds; one that hangs shall not eat the run.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Counting goes on for so long; what is left is estimated.
const SURVEY_TIMEOUT: Duration = Duration::from_secs(120);

/// Whoever can question a restored database.
///
/// The one seam in the functions: a simulated account has databases without a server behind them. What
/// is questioned, and what the answers prove, is the same on both sides of it.
pub trait Ask {
    /// What the database says; nothing new is asked after `until`.
    fn ask(
        &self,
        inquiry: &Inquiry,
        password: &Secret,
        until: Option<Instant>,
    ) -> impl Future<Output = Testimony>;
}

/// Questions over the database's own protocol, over TLS that is verified.
#[derive(Debug, Clone)]
pub struct Live {
    trust: Trust,
}

impl Live {
    /// Trusts the authorities in the PEM file at `bundle`; without it, those that Amazon RDS has.
    ///
    /// # Errors
    /// One line that says why the bundle can't be used.
    pub fn new(bundle: Option<&Path>) -> Result<Self, String> {
        let Some(path) = bundle else { return Ok(Self { trust: Trust::rds() }) };
        let failed = |error: String| format!("{CA_BUNDLE}: {}: {error}", path.display());
        let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        Ok(Self { trust: Trust::pem(&pem).map_err(|error| failed(error.to_string()))? })
    }
}

impl Ask for Live {
    async fn ask(&self, inquiry: &Inquiry, password: &Secret, until: Option<Instant>) -> Testimony {
        let target = Target {
            protocol: Protocol::of(inquiry.engine),
            host: inquiry.endpoint.host.clone(),
            port: inquiry.endpoint.port,
            user: inquiry.user.clone(),
            password: password.clone(),
            database: inquiry.initial_database.clone(),
            trust: self.trust.clone(),
        };
        let limits = Limits {
            connect: CONNECT_TIMEOUT,
            question: inquiry.check_timeout.unsigned_abs(),
            survey: SURVEY_TIMEOUT,
            until,
        };
        snapkeep_database::ask(&target, &inquiry.checks, &limits, |_, _| {}).await
    }
}
