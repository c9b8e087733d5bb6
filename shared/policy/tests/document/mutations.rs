//! Whatever is read, nothing panics, and schema and reader agree.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::retention::Retention;

use crate::fixtures::FULL;
use crate::schema;

/// Values that have broken readers before, and some of the right kind in the wrong place.
fn value() -> impl Strategy<Value = Value> {
    let text = select(vec![
        "",
        "all",
        "P1M",
        "PT0S",
        "P99999Y",
        "PT9223372036854775807S",
        "P100000000000000000000D",
        "cron(* * * * ? *)",
        "cron(0 0 31W 2 ? *)",
        "rate(4294967295 days)",
        "rate(0 hours)",
        "at(9999-12-31T23:59:59)",
        "us-east-9",
        "us-east-1",
        "cn-north-1",
        "Mars/Base",
        "arn:aws:rds:us-east-1:123456789012:cluster:x",
        "arn:aws-cn:rds:cn-north-1:123456789012:db:x",
        "select 1",
        "delete from x",
        "select '",
        "\u{0}",
        "\u{202e}",
        "é🐑",
        "shop.$x",
        "default",
    ]);
    prop_oneof![
        4 => text.prop_map(Value::from),
        2 => any::<String>().prop_map(Value::from),
        2 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => select(vec![json!(null), json!(true), json!([]), json!({}), json!(0)]),
    ]
}

/// Replaces, removes or adds at the `index`-th node of the document, counted in order.
fn mutate(node: &mut Value, index: &mut usize, change: &Change) {
    if *index == 0 {
        *index = usize::MAX;
        match (change, node) {
            (Change::Replace(value), node) => *node = value.clone(),
            (Change::Add(key, value), Value::Object(entries)) => {
                entries.insert(key.clone(), value.clone());
            }
            (Change::Add(_, value), Value::Array(items)) => items.push(value.clone()),
            (Change::Remove, Value::Object(entries)) => {
                *entries = Map::from_iter(std::mem::take(entries).into_iter().skip(1));
            }
            (Change::Remove, Value::Array(items)) => {
                items.pop();
            }
            (Change::Add(..) | Change::Remove, leaf) => *leaf = Value::Null,
        }
        return;
    }
    *index -= 1;
    let children: Vec<&mut Value> = match node {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(entries) => entries.values_mut().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for child in children {
        if *index == usize::MAX {
            return;
        }
        mutate(child, index, change);
    }
}

#[derive(Debug, Clone)]
enum Change {
    Replace(Value),
    Add(String, Value),
    Remove,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => value().prop_map(Change::Replace),
        1 => ("[a-z_]{1,12}", value()).prop_map(|(key, value)| Change::Add(key, value)),
        1 => Just(Change::Remove),
    ]
}

/// How many values there are in `node`, itself among them.
fn count(node: &Value) -> usize {
    let children: usize = match node {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(entries) => entries.values().map(count).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    };
    1 + children
}

proptest! {
    #[test]
    fn a_mutated_document_is_read_or_refused_in_lines(
        changes in proptest::collection::vec((any::<Index>(), change()), 1..4),
    ) {
        let mut document: Value = serde_json::from_str(FULL).unwrap();
        for (index, change) in changes {
            let nodes = count(&document);
            mutate(&mut document, &mut index.index(nodes), &change);
        }
        match PolicyDocument::from_json(&document.to_string()) {
            Ok(_) => prop_assert!(schema::accepts(&document), "schema refuses {}", document),
            Err(bad) => {
                prop_assert!(!bad.0.is_empty());
                for line in bad.to_string().lines() {
                    prop_assert!(line.starts_with('…') || line.contains(": got "), "{}", line);
                    prop_assert!(line.chars().count() < 440, "{}", line);
                }
            }
        }
    }

    #[test]
    fn damaged_text_is_read_or_refused(
        position in 0..FULL.len(),
        bytes in proptest::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut text = FULL.as_bytes().to_vec();
        text.splice(position..(position + bytes.len()).min(FULL.len()), bytes);
        let text = String::from_utf8_lossy(&text);
        if let Err(bad) = PolicyDocument::from_json(&text) {
            prop_assert!(!bad.0.is_empty());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        prop_assert!(PolicyDocument::from_json(&text).is_err());
        prop_assert!(Retention::from_json(&text).is_err());
    }
}
