//! One JSON object to somebody else's address, by the HTTP client and the TLS that AWS is reached with.

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use http::header::CONTENT_TYPE;

use crate::{ATTEMPT_TIMEOUT, CONNECT_TIMEOUT, Failure};

/// What is read of an answer: enough to say what was wrong.
const ANSWER_BYTES_MAX: usize = 1024;

/// Posts JSON, over connections that are kept for the next.
#[derive(Debug)]
pub struct Poster {
    connector: Connector,
}

impl Default for Poster {
    fn default() -> Self {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(ATTEMPT_TIMEOUT);
        let connector = Connector::builder()
            .connector_settings(settings.build())
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build();
        Self { connector }
    }
}

impl Poster {
    /// Posts `json` to `url`, once. `subject` names it in errors: an address may be a secret, and is in
    /// none of them.
    ///
    /// # Errors
    /// [`crate::FailureClass::Invalid`] for an address that is none and for an answer that says that
    /// the request is wrong; `Throttled` and `Unavailable` for what may pass.
    pub async fn post(&self, subject: &str, url: &str, json: String) -> Result<(), Failure> {
        let request = http::Request::post(url).header(CONTENT_TYPE, "application/json");
        let request = request.body(SdkBody::from(json)).ok();
        let request = request.and_then(|request| HttpRequest::try_from(request).ok());
        let request = request.ok_or_else(|| Failure::invalid(subject, "its address is no URL"))?;
        let answer = self.connector.call(request).await;
        let answer = answer.map_err(|error| Failure::unreached(subject, &error))?;
        if answer.status().is_success() {
            return Ok(());
        }
        let status = answer.status().as_u16();
        Err(Failure::refused(subject, status, &beginning(answer).await))
    }
}

/// The first of what was answered, as text.
async fn beginning(answer: HttpResponse) -> String {
    let mut body = ByteStream::new(answer.into_body());
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_BYTES_MAX
        && let Some(Ok(more)) = body.next().await
    {
        bytes.extend_from_slice(&more);
    }
    bytes.truncate(ANSWER_BYTES_MAX);
    String::from_utf8_lossy(&bytes).into_owned()
}
