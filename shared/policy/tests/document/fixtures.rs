//! Documents to begin with, and ways to change one thing in them.

use serde_json::Value;
use snapkeep_policy::document::PolicyDocument;

/// Every key of the format at least once.
pub(crate) const FULL: &str = include_str!("../data/full.json");

/// One policy with one of everything, and defaults for the rest.
pub(crate) const SMALL: &str = include_str!("../data/small.json");

/// The small document, changed.
pub(crate) fn small_with(changes: &[(&str, Value)]) -> Value {
    let mut document = serde_json::from_str(SMALL).unwrap();
    for (pointer, value) in changes {
        put(&mut document, pointer, value.clone());
    }
    document
}

/// Puts a value at a JSON pointer. A last part of `-` appends to an array.
pub(crate) fn put(document: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at {parent}")) {
        Value::Object(entries) => {
            entries.insert(key.to_owned(), value);
        }
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            panic!("{parent} holds no values")
        }
    }
}

/// Takes away what is at a JSON pointer.
pub(crate) fn remove(document: &mut Value, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let entries = document.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
    assert!(entries.remove(key).is_some(), "nothing at {pointer}");
}

/// The document, or all that is wrong with it.
pub(crate) fn parse(document: &Value) -> Result<PolicyDocument, String> {
    PolicyDocument::from_json(&document.to_string()).map_err(|bad| bad.to_string())
}
