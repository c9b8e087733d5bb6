//! The trace: one number that stands for every call and every answer so far.

use bytes::Bytes;
use http::Request;
use http::header::{IF_MATCH, IF_NONE_MATCH};

use crate::dice::{FNV1A_EMPTY, fnv1a_on};
use crate::wire::Answer;
use crate::witness::Seen;

/// A parameter that is random on purpose, and so is no part of the trace.
const PASSWORD: &str = "MasterUserPassword=";

/// What a message's attributes begin with, before their numbers.
const ATTRIBUTE: &str = "MessageAttributes.entry.";

/// FNV-1a over what went in and what came out. Left out is what the SDK draws by chance for every call
/// (invocation ids, and with them signatures), and passwords.
#[derive(Debug)]
pub(crate) struct Trace(u64);

impl Default for Trace {
    fn default() -> Self {
        Self(FNV1A_EMPTY)
    }
}

impl Trace {
    pub(crate) fn hash(&self) -> u64 {
        self.0
    }

    pub(crate) fn add(&mut self, seen: &Seen<'_>, request: &Request<Bytes>, answer: &Answer) {
        self.text(seen.operation);
        self.text(seen.place.region.as_str());
        self.text(&request.uri().to_string());
        for condition in [IF_MATCH, IF_NONE_MATCH] {
            self.bytes(request.headers().get(condition).map_or(&[][..], |it| it.as_bytes()));
        }
        let is_password = is_password(request);
        if !is_password {
            for part in parts(&String::from_utf8_lossy(request.body()), seen.operation) {
                self.text(if part.starts_with(PASSWORD) { PASSWORD } else { &part });
            }
        }
        match answer {
            Answer::Response(response) | Answer::Broken(response) => {
                self.bytes(&response.status().as_u16().to_be_bytes());
                if !is_password {
                    self.bytes(response.body());
                }
            }
            Answer::Unreachable => self.text("unreachable"),
            Answer::TimedOut => self.text("timed out"),
            Answer::Killed => self.text("killed"),
        }
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        // The length keeps two fields apart from one that is both.
        self.0 = fnv1a_on(fnv1a_on(self.0, &bytes.len().to_be_bytes()), bytes);
    }
}

/// The parameters of a form, or what there is instead. The SDK writes the attributes of a message in the
/// order of a hash map, which is another one in every process: they are taken without their numbers.
fn parts(body: &str, operation: &str) -> Vec<String> {
    if operation != "sns:Publish" {
        return body.split('&').map(ToOwned::to_owned).collect();
    }
    let unnumbered = |part: &str| match part.strip_prefix(ATTRIBUTE) {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned(),
        None => part.to_owned(),
    };
    let mut parts: Vec<String> = body.split('&').map(unnumbered).collect();
    parts.sort_unstable();
    parts
}

/// Whether the answer would tell a password.
fn is_password(request: &Request<Bytes>) -> bool {
    request.uri().path().contains("/scratch/")
}
