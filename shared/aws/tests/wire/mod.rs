//! A wire that answers from a function and remembers what it was asked.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_rds::config::retry::RetryConfig;
use aws_smithy_async::time::StaticTimeSource;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use jiff::Timestamp;
use snapkeep_aws::Aws;

/// The instant at which every test happens.
pub const NOW: &str = "2026-03-04T02:00:00Z";

/// One request, as far as the tests look at it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `rds`, `docdb`, `s3`, …: the SDK that sent it, by its user agent.
    pub sdk: String,
    /// The region that it is signed for.
    pub region: String,
    /// `POST` and so on.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The parameters of a form.
    pub form: BTreeMap<String, String>,
    /// The headers.
    pub headers: BTreeMap<String, String>,
    /// The body, as far as it is text.
    pub body: String,
}

impl Asked {
    /// The operation of a form.
    pub fn action(&self) -> &str {
        self.form.get("Action").map_or("", String::as_str)
    }

    /// `docdb us-west-2 DeleteDBCluster DBClusterIdentifier=… SkipFinalSnapshot=true`
    pub fn line(&self) -> String {
        let form = self.form.iter().filter(|(key, _)| *key != "Action" && *key != "Version");
        let form: String = form.map(|(key, value)| format!(" {key}={value}")).collect();
        format!("{} {} {}{form}", self.sdk, self.region, self.action())
    }
}

/// What a request is answered with.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: String,
}

/// A success of the query protocol: `inner` within the result of the asked action.
pub fn success(asked: &Asked, inner: &str) -> Answer {
    let action = asked.action();
    let body =
        format!("<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>");
    Answer { status: 200, headers: vec![], body }
}

/// An error of the query protocol.
pub fn error(status: u16, code: &str) -> Answer {
    error_saying(status, code, "no")
}

/// The same with a message of its own.
pub fn error_saying(status: u16, code: &str, message: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>\
         </Error></ErrorResponse>"
    );
    Answer { status, headers: vec![], body }
}

type Respond = dyn Fn(&Asked) -> Answer + Send + Sync;

/// The wire: an HTTP client for the SDK.
#[derive(Clone)]
pub struct Wire {
    respond: Arc<Respond>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    /// A wire that answers with `respond`.
    pub fn new(respond: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self { respond: Arc::new(respond), asked: Arc::default() }
    }

    /// A wire on which every call succeeds, with nothing in the answer.
    pub fn accepting() -> Self {
        Self::new(|asked| success(asked, ""))
    }

    /// An account behind this wire, seen from us-west-2. Nothing is tried twice.
    pub fn aws(&self) -> Aws {
        let now: Timestamp = NOW.parse().unwrap();
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.clone())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .time_source(StaticTimeSource::new(now.into()))
            .build();
        Aws::new(config, "us-west-2".parse().unwrap())
    }

    /// Everything that was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Everything that was asked, one line each.
    pub fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked = read(&request);
        self.asked.lock().unwrap().push(asked.clone());
        let answer = (self.respond)(&asked);
        let mut response = http::Response::builder().status(answer.status);
        for (name, value) in answer.headers {
            response = response.header(name, value);
        }
        // A stream, as on a real wire: what needs the whole body has to wait for it.
        let response = response.body(SdkBody::from_body_1_x(answer.body)).unwrap();
        HttpConnectorFuture::ready(Ok(response.try_into().unwrap()))
    }
}

fn read(request: &HttpRequest) -> Asked {
    let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
    let part = |text: &str, from: &str, to: char| {
        let rest = text.split_once(from).map_or("", |(_, rest)| rest);
        rest.split(to).next().unwrap_or_default().to_owned()
    };
    let scope = part(&header("authorization"), "Credential=", ',');
    let body = request.body().bytes().unwrap_or_default();
    let is_form = header("content-type") == "application/x-www-form-urlencoded";
    let form = if is_form { std::str::from_utf8(body).unwrap() } else { "" };
    let uri: http::Uri = request.uri().parse().unwrap();
    Asked {
        sdk: part(&header("x-amz-user-agent"), "api/", '/'),
        region: scope.split('/').nth(2).unwrap_or_default().to_owned(),
        method: request.method().to_owned(),
        path: uri.path_and_query().unwrap().to_string(),
        form: pairs(form),
        body: String::from_utf8_lossy(body).into_owned(),
        headers: request.headers().iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
    }
}

/// The pairs of a form or a query, decoded.
pub fn pairs(form: &str) -> BTreeMap<String, String> {
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (decoded(key), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().replace('+', " ").into_bytes();
    for part in parts {
        let (hex, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(hex, 16).unwrap());
        bytes.extend_from_slice(rest.replace('+', " ").as_bytes());
    }
    String::from_utf8(bytes).unwrap()
}
