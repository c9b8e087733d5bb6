//! The published schema: up to date, and of one mind with the reader.

use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;
use snapkeep_policy::document::{PolicyDocument, json_schema};

use crate::fixtures::{FULL, SMALL};

static SCHEMA: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft202012::new(&json_schema()).unwrap());

pub(crate) fn accepts(document: &Value) -> bool {
    SCHEMA.is_valid(document)
}

pub(crate) fn assert_accepted(document: &Value) {
    let errors: Vec<String> = SCHEMA
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0], "{document}");
}

#[test]
fn good_documents_are_accepted_by_the_schema() {
    for text in [FULL, SMALL] {
        assert_accepted(&serde_json::from_str(text).unwrap());
    }
    for example in json_schema()["examples"].as_array().unwrap() {
        assert_accepted(example);
        PolicyDocument::from_json(&example.to_string()).unwrap();
    }
}

#[test]
fn every_key_is_described() {
    fn undescribed(path: &str, schema: &Value, found: &mut Vec<String>) {
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            if property["description"].as_str().is_none_or(str::is_empty) {
                found.push(format!("{path}.{key}"));
            }
        }
    }
    let (schema, mut found) = (json_schema(), Vec::new());
    undescribed("$", &schema, &mut found);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        undescribed(name, definition, &mut found);
    }
    assert_eq!(found, [""; 0]);
}

#[test]
fn the_published_schema_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/policy.schema.json");
    let made = format!("{}\n", serde_json::to_string_pretty(&json_schema()).unwrap());
    #[expect(clippy::disallowed_methods, reason = "a test of the repository, not of the decisions")]
    let update = std::env::var_os("UPDATE_SCHEMAS").is_some();
    if update {
        std::fs::write(&path, &made).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == made,
        "schemas/policy.schema.json is out of date: \
         run UPDATE_SCHEMAS=1 cargo test -p snapkeep-policy --test document"
    );
}
