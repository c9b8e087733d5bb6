//! Documents to begin with, and ways to change one thing in them.

use serde_json::{Value, json};
use snapkeep_policy::document::PolicyDocument;

/// Every key of the format at least once.
pub(crate) const FULL: &str = include_str!("../data/full.json");

/// The least that is a document.
pub(crate) fn small() -> Value {
    json!({
        "version": 1,
        "deployment": "prod",
        "policies": {
            "a": {
                "select": { "databases": ["shepherd"] },
                "schedules": ["cron(0 2 * * ? *)"],
                "retention": { "daily": 7 }
            }
        }
    })
}

/// The small document with a value put at a JSON pointer. A last part of `-` appends to an array.
pub(crate) fn with(pointer: &str, value: Value) -> Value {
    let mut document = small();
    put(&mut document, pointer, value);
    document
}

/// Puts a value at a JSON pointer.
pub(crate) fn put(document: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at {parent}")) {
        Value::Object(entries) => {
            entries.insert(key.to_owned(), value);
        }
        Value::Array(items) => match key {
            "-" => items.push(value),
            index => items[index.parse::<usize>().unwrap()] = value,
        },
        other => panic!("{parent} is {other}"),
    }
}

/// The document, or all that is wrong with it.
pub(crate) fn parse(document: &Value) -> Result<PolicyDocument, String> {
    PolicyDocument::from_json(&document.to_string()).map_err(|bad| bad.to_string())
}

/// The line, or lines, with which a document is refused.
pub(crate) fn refusal(document: &Value) -> String {
    parse(document).err().unwrap_or_else(|| panic!("accepted: {document}"))
}

/// A verify block that is sound, with one key replaced.
pub(crate) fn verify_with(key: &str, value: Value) -> Value {
    let mut verify = json!({
        "schedule": "cron(0 6 * * ? *)",
        "pick": "latest",
        "instance_class": "db.t4g.medium",
        "subnet_group": "scratch",
        "security_groups": ["sg-0123456789abcdef0"],
        "deadline": "PT4H"
    });
    put(&mut verify, &format!("/{key}"), value);
    verify
}

/// The small document with such a verify block.
pub(crate) fn with_verify(key: &str, value: Value) -> Value {
    with("/policies/a/verify", verify_with(key, value))
}

/// The small document with one question for verification.
pub(crate) fn with_check(check: Value) -> Value {
    with_verify("checks", json!([check]))
}

/// The small document with a copy to us-east-1, one key of it replaced.
pub(crate) fn with_copy(key: &str, value: Value) -> Value {
    let mut copy = json!({ "region": "us-east-1" });
    put(&mut copy, &format!("/{key}"), value);
    with("/policies/a/copies", json!([copy]))
}

/// The small document with a second policy `b` like the first, and what the two select.
pub(crate) fn two_policies(a: Value, b: Value) -> Value {
    let mut document = small();
    let mut second = document["policies"]["a"].clone();
    second["select"] = b;
    put(&mut document, "/policies/a/select", a);
    put(&mut document, "/policies/b", second);
    document
}

/// The small document without the value at a JSON pointer.
pub(crate) fn without(pointer: &str) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let mut document = small();
    document.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
    document
}

/// `document` with one more change.
pub(crate) fn and(mut document: Value, pointer: &str, value: Value) -> Value {
    put(&mut document, pointer, value);
    document
}
