//! The same function, deployed a second time as a bridge: subscribed to the topic, it passes each message
//! on to a Slack-compatible webhook or to PagerDuty.
//!
//! What isn't delivered fails the run, so that Lambda repeats it and keeps it at last in the queue of
//! failed runs. A pager knows a repetition by its key.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use snapkeep_aws::Failure;
use snapkeep_aws::post::Poster;
use snapkeep_function::{Error, lambda};
use snapkeep_policy::alarm::bridge::{Service, deliveries, requests};
use snapkeep_policy::bad_input::{BAD_VALUE, BadInput, MISSING_FIELD};

/// Makes the function a bridge: `slack` or `pagerduty`.
pub const BRIDGE: &str = "SNAPKEEP_BRIDGE";
/// Where it posts to. Mandatory for `slack`, whose address is a secret; for `pagerduty` it is its service in
/// the United States if it isn't set.
pub const BRIDGE_URL: &str = "SNAPKEEP_BRIDGE_URL";
/// PagerDuty's routing key, a secret. Mandatory for `pagerduty`.
pub const BRIDGE_ROUTING_KEY: &str = "SNAPKEEP_BRIDGE_ROUTING_KEY";

/// Source: PagerDuty developer documentation, "Events API v2", "Send an alert event".
const PAGERDUTY_URL: &str = "https://events.pagerduty.com/v2/enqueue";

/// Where messages are passed on to. Shown without its secrets.
pub struct Bridge {
    service: Service,
    url: String,
    routing_key: String,
    poster: Poster,
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge").field("service", &self.service).finish_non_exhaustive()
    }
}

impl Bridge {
    /// The bridge that the environment variables `vars` ask for, if they ask for one.
    ///
    /// # Errors
    /// The first setting that is missing or can't be read. No value of a secret is repeated.
    pub fn from_vars(
        vars: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Option<Self>, BadInput> {
        let vars: BTreeMap<OsString, OsString> = vars.into_iter().collect();
        let var = |name: &str| vars.get(&OsString::from(name))?.to_str().map(str::to_owned);
        let Some(service) = var(BRIDGE) else { return Ok(None) };
        let refuse = |expected| BadInput::new(BAD_VALUE, BRIDGE, format!("{service:?}"), expected);
        let service: Service = service.parse().map_err(refuse)?;
        let (default_url, routing_key) = match service {
            Service::Slack => (None, Some(String::new())),
            Service::Pagerduty => (Some(PAGERDUTY_URL.to_owned()), var(BRIDGE_ROUTING_KEY)),
        };
        let missing = |name, expected| BadInput::new(MISSING_FIELD, name, "nothing", expected);
        let url = var(BRIDGE_URL).or(default_url);
        let url = url.ok_or_else(|| missing(BRIDGE_URL, "the webhook's address"))?;
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(BadInput::new(BAD_VALUE, BRIDGE_URL, "something else", "https://…"));
        }
        let routing_key = routing_key
            .ok_or_else(|| missing(BRIDGE_ROUTING_KEY, "the integration's routing key"))?;
        Ok(Some(Self { service, url, routing_key, poster: Poster::default() }))
    }

    /// Serves the Lambda runtime.
    ///
    /// # Errors
    /// As the runtime.
    pub async fn serve(&self) -> Result<(), lambda_runtime::Error> {
        let invoke = async |event: LambdaEvent<Box<RawValue>>| -> Result<(), Diagnostic> {
            self.pass_on(event.payload.get().as_bytes()).await.map_err(|error| {
                tracing::error!(bridge = self.service.as_str(), %error, "not passed on");
                lambda::diagnostic(error.is_retryable(), error.to_string())
            })
        };
        lambda_runtime::run(service_fn(invoke)).await
    }

    /// Passes on every message of one event, whatever becomes of the others.
    ///
    /// # Errors
    /// An event that isn't SNS's, or the first message that wasn't delivered.
    pub async fn pass_on(&self, payload: &[u8]) -> Result<(), Error> {
        let mut failed = None;
        for delivery in deliveries(payload).map_err(Error::Request)? {
            let id = &delivery.message_id;
            let requests = requests(self.service, &self.routing_key, &delivery);
            if requests.is_empty() {
                tracing::info!(id, "no alarm: not passed on");
            }
            for json in requests {
                match self.post(id, json.to_string()).await {
                    Ok(()) => tracing::info!(id, bridge = self.service.as_str(), "passed on"),
                    Err(failure) => failed = failed.or(Some(failure)),
                }
            }
        }
        failed.map_or(Ok(()), |failure| Err(failure.into()))
    }

    async fn post(&self, id: &str, json: String) -> Result<(), Failure> {
        let subject = format!("post message {id} to {}", self.service.as_str());
        self.poster.post(&subject, &self.url, json).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Option<Bridge>, String> {
        let vars = vars.iter().map(|(name, value)| (name.into(), value.into()));
        Bridge::from_vars(vars).map_err(|error| error.to_string())
    }

    #[test]
    fn a_function_is_a_bridge_only_if_it_is_told_so() {
        assert!(read(&[]).unwrap().is_none());
        let slack = [(BRIDGE, "slack"), (BRIDGE_URL, "https://hooks.example.com/secret")];
        let bridge = read(&slack).unwrap().unwrap();
        assert!(!format!("{bridge:?}").contains("secret"));
        let pager = [(BRIDGE, "pagerduty"), (BRIDGE_ROUTING_KEY, "0123456789abcdef")];
        assert_eq!(read(&pager).unwrap().unwrap().url, PAGERDUTY_URL);
    }

    #[test]
    fn a_mistake_is_one_line_and_repeats_no_secret() {
        for (vars, line) in [
            (
                &[(BRIDGE, "teams")][..],
                "BAD_VALUE SNAPKEEP_BRIDGE: got \"teams\", expected slack or pagerduty",
            ),
            (
                &[(BRIDGE, "slack")],
                "MISSING_FIELD SNAPKEEP_BRIDGE_URL: got nothing, expected the webhook's address",
            ),
            (
                &[(BRIDGE, "slack"), (BRIDGE_URL, "secret")],
                "BAD_VALUE SNAPKEEP_BRIDGE_URL: got something else, expected https://…",
            ),
            (
                &[(BRIDGE, "pagerduty")],
                "MISSING_FIELD SNAPKEEP_BRIDGE_ROUTING_KEY: got nothing, expected the integration's \
                 routing key",
            ),
        ] {
            assert_eq!(read(vars).unwrap_err(), line);
        }
    }
}
