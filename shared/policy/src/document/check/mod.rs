//! From the document as it is written to the one that the verbs rely on. Everything that is wrong
//! is found in one pass: whoever writes a policy shouldn't learn of one mistake at a time.

use serde_json::Value;

use super::{BadDocument, Check, PolicyDocument, typed, wire};
use crate::bad_input::{self, BadInput};
use crate::ids::fnv1a;
use crate::json::{self, Limits};
use crate::retention::Retention;

mod alarms;
mod overlap;
mod place;
mod policy;
mod question;
mod retention;
mod sql;
mod values;
mod verify;

use place::{Findings, Place, all};

/// The version of the format that this module reads.
const VERSION: u64 = 1;

/// A policy is a page or two. What is larger is refused unread.
pub(super) const LIMITS: Limits = Limits::bytes(1024 * 1024);

pub(super) fn document(text: &str) -> Result<PolicyDocument, BadDocument> {
    let json = object(text)?;
    check_version(&json)?;
    let hash = format!("{:016x}", fnv1a(&canonical(&json)));
    let wire = typed::read(&json)?;
    checked(|root| {
        let document = whole(root, wire, hash)?;
        overlap::overlaps(root, &document);
        Some(document)
    })
}

pub(super) fn retention_alone(text: &str) -> Result<Retention, BadDocument> {
    let json = object(text)?;
    let wire = typed::read(&json)?;
    checked(|root| retention::retention(root, wire))
}

pub(super) fn checks_alone(text: &str) -> Result<Vec<Check>, BadDocument> {
    let json = json(text)?;
    if !json.is_array() {
        return Err(BadInput::wrong_type("$", &json, "an array").into());
    }
    let wire = typed::read(&json)?;
    checked(|root| question::checks(root, wire))
}

fn object(text: &str) -> Result<Value, BadInput> {
    let value = json(text)?;
    if value.is_object() { Ok(value) } else { Err(BadInput::wrong_type("$", &value, "an object")) }
}

fn json(text: &str) -> Result<Value, BadInput> {
    if text.starts_with('\u{feff}') {
        let got = "a byte order mark";
        return Err(BadInput::new(bad_input::NOT_JSON, "$", got, "JSON without one"));
    }
    json::read(text, LIMITS)
}

/// Looked at first: what else is wrong with another version's document is not for us to say.
fn check_version(json: &Value) -> Result<(), BadInput> {
    let expected = format!("{VERSION}, the version of the document's format");
    let version = &json["version"];
    if version.as_u64() == Some(VERSION) {
        return Ok(());
    }
    let (code, got) = match version.is_null() {
        true => (bad_input::MISSING_FIELD, "nothing".to_owned()),
        false => (bad_input::BAD_VALUE, bad_input::describe(version)),
    };
    Err(BadInput::new(code, "version", got, expected))
}

/// The same text for the same content: no spaces, keys in order, whatever map serde_json was built
/// with.
fn canonical(json: &Value) -> String {
    let mut json = json.clone();
    json.sort_all_objects();
    json.to_string()
}

/// Runs the checks. A value comes out only if none of them found anything.
fn checked<T>(check: impl FnOnce(&Place<'_>) -> Option<T>) -> Result<T, BadDocument> {
    let findings = Findings::default();
    let value = check(&findings.root());
    match (value, findings.into_vec()) {
        (Some(value), found) if found.is_empty() => Ok(value),
        (_, found) => Err(BadDocument(found)),
    }
}

fn whole(root: &Place<'_>, wire: wire::Document, hash: String) -> Option<PolicyDocument> {
    let deployment = values::name(&root.key("deployment"), &wire.deployment);
    let zone = wire.time_zone.as_deref().unwrap_or(wire::default::TIME_ZONE);
    let time_zone = values::time_zone(&root.key("time_zone"), zone);
    let region_place = root.key("regions");
    let regions = all(wire
        .regions
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(index, wire)| values::region(&region_place.index(index), &wire.0)));
    let policies_place = root.key("policies");
    if wire.policies.is_empty() {
        return policies_place.refuse_value("no policies", "at least one");
    }
    let policies = all(wire.policies.into_iter().map(|(name, wire)| {
        let at = policies_place.key(&name);
        let name = values::name(&at, &name);
        let policy = policy::policy(&at, wire, time_zone.as_ref());
        Some((name?, policy?))
    }));
    Some(PolicyDocument {
        deployment: deployment?,
        time_zone: time_zone?,
        regions: regions?,
        policies: policies?.into_iter().collect(),
        hash,
    })
}
