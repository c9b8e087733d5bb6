//! An HTTP client that answers from the input.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Calls of one input: a marker without end is cut short, as a run is by its timeout.
const CALLS_MAX: usize = 12;
/// Keys of a ledger count down from here: see `snapkeep_function::evidence`.
const SEQUENCE_MAX: usize = 999_999_999;

/// Clones say the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire(Arc<Mutex<Said>>);

/// The input, and how far it was asked for.
#[derive(Debug, Default)]
struct Said {
    parts: Vec<Vec<u8>>,
    /// Entries that a listing promises; with none, the input is the listing, too.
    promised: usize,
    asked: usize,
}

impl Wire {
    /// What is answered from now on.
    pub(super) fn says(&self, answers: &[u8], promised: u8) {
        let parts = answers.split(|byte| *byte == 0x1e).map(<[u8]>::to_vec).collect();
        *self.said() = Said { parts, promised: promised.into(), asked: 0 };
    }

    /// How many of the promised entries hold together, from the newest back: each one names the
    /// SHA-256 of the next.
    pub(super) fn linked(&self) -> usize {
        let said = self.said();
        let names = |pair: &&[Vec<u8>]| {
            let entry: Value = serde_json::from_slice(&pair[0]).unwrap_or_default();
            let hash: String =
                Sha256::digest(&pair[1]).iter().map(|byte| format!("{byte:02x}")).collect();
            entry["previous"] == hash.as_str()
        };
        1 + said.parts.windows(2).take_while(names).count()
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().expect("one thread")
    }
}

impl Said {
    fn answer(&mut self, request: &HttpRequest) -> (u16, Vec<u8>) {
        self.asked += 1;
        if self.asked > CALLS_MAX {
            return (503, Vec::new());
        }
        let body = std::str::from_utf8(request.body().bytes().unwrap_or_default());
        let mut pairs = body.unwrap_or_default().split('&');
        if let Some(action) = pairs.find_map(|pair| pair.strip_prefix("Action=")) {
            let (index, list) = list_of(action);
            let body = self.part(index);
            return as_it_stands(body).unwrap_or_else(|| (200, enveloped(action, list, body)));
        }
        let uri = request.uri();
        if self.promised == 0 {
            let body = self.part(self.asked - 1);
            return as_it_stands(body).unwrap_or_else(|| (200, body.to_vec()));
        }
        if uri.contains("list-type=2") {
            return (200, self.listing());
        }
        let sequence = uri.split('/').find_map(|name| name.split_once(".json")?.0.parse().ok());
        let entry = sequence.map_or(0, |key: usize| SEQUENCE_MAX.saturating_sub(key));
        let body = self.part(self.promised.saturating_sub(entry));
        as_it_stands(body).unwrap_or_else(|| (200, body.to_vec()))
    }

    fn part(&self, index: usize) -> &[u8] {
        self.parts.get(index).map(Vec::as_slice).unwrap_or_default()
    }

    fn listing(&self) -> Vec<u8> {
        let keys = (1..=self.promised).rev().map(|entry| SEQUENCE_MAX - entry);
        let keys =
            keys.map(|key| format!("<Contents><Key>evidence/prune/{key:09}.json</Key></Contents>"));
        format!("<ListBucketResult>{}</ListBucketResult>", keys.collect::<String>()).into_bytes()
    }
}

fn as_it_stands(body: &[u8]) -> Option<(u16, Vec<u8>)> {
    match body.split_first()? {
        (b'!', rest) => Some((200, rest.to_vec())),
        (b'?', rest) => Some((400, rest.to_vec())),
        _ => None,
    }
}

/// Where in the input the answer is, and what the list is called.
fn list_of(action: &str) -> (usize, &'static str) {
    match action {
        "DescribeDBClusters" => (0, "DBClusters"),
        "DescribeDBInstances" => (1, "DBInstances"),
        "DescribeDBClusterSnapshots" => (2, "DBClusterSnapshots"),
        "DescribeDBSnapshots" => (3, "DBSnapshots"),
        _ => (4, "AccountQuotas"),
    }
}

fn enveloped(action: &str, list: &str, part: &[u8]) -> Vec<u8> {
    let mut body = format!("<{action}Response><{action}Result><{list}>").into_bytes();
    body.extend_from_slice(part);
    body.extend(format!("</{list}></{action}Result></{action}Response>").into_bytes());
    body
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
        let (status, body) = self.said().answer(&request);
        let response = http::Response::builder()
            .status(status)
            .header("etag", "\"1\"")
            .body(SdkBody::from(body))
            .expect("a response");
        HttpConnectorFuture::ready(Ok(response.try_into().expect("a response of the SDK's")))
    }
}

/// Between two attempts nobody waits.
#[derive(Debug)]
pub(super) struct AtOnce;

impl AsyncSleep for AtOnce {
    fn sleep(&self, _: Duration) -> Sleep {
        Sleep::new(std::future::ready(()))
    }
}
