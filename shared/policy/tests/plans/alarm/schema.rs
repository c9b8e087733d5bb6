//! The published schema of messages: up to date, and true of every message.

use std::path::Path;

use serde_json::{Value, json};
use snapkeep_policy::alarm::{Format, News, Told, json_schema};

use super::notices::{all, notice, written};

fn hybrid() -> impl Iterator<Item = Value> {
    all().into_iter().map(|it| serde_json::from_str(&written(&it, Format::Hybrid).body).unwrap())
}

#[test]
fn every_message_is_as_the_schema_says() {
    let schema = jsonschema::draft202012::new(&json_schema()).unwrap();
    for message in hybrid() {
        let errors: Vec<String> = schema
            .iter_errors(&message)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0], "{message}");
    }
}

#[test]
fn the_schema_refuses_what_is_no_message_of_this_version() {
    let schema = jsonschema::draft202012::new(&json_schema()).unwrap();
    let good: Value =
        serde_json::from_str(&written(&notice(News::Opened), Format::Hybrid).body).unwrap();
    for (pointer, bad) in [
        ("/snapkeep/status", json!("ended")),
        ("/snapkeep/count", json!(0)),
        ("/snapkeep/affected", json!([])),
        ("/snapkeep/opened_at", json!(1)),
        ("/NewStateValue", json!("Alarm")),
        ("/StateChangeTime", json!("2026-03-06T04:15:00Z")),
        ("/content/title", json!("x".repeat(251))),
        ("/version", json!("0")),
    ] {
        let mut message = good.clone();
        *message.pointer_mut(pointer).unwrap() = bad;
        assert!(!schema.is_valid(&message), "{pointer}");
    }
    let mut later = good;
    later["snapkeep"]["added_later"] = json!(true);
    assert!(schema.is_valid(&later), "fields may be added within a version");
    assert!(serde_json::from_value::<Told>(later["snapkeep"].clone()).is_ok());
}

/// Whoever reads version 1 may rely on these for as long as there is a version 1.
#[test]
fn what_version_1_promised_is_still_there_and_what_was_added_is_optional() {
    let schema = json_schema();
    let required = schema["$defs"]["Told"]["required"].as_array().unwrap();
    let required: Vec<&str> = required.iter().map(|name| name.as_str().unwrap()).collect();
    let promised = "schema schema_version deployment account key status state severity condition \
                    resource_type subject region title message next_step runbook level called_in \
                    count affected opened_at told_at resolved_at";
    assert_eq!(required, promised.split_whitespace().collect::<Vec<_>>());

    let mut earlier: Value =
        serde_json::from_str(&written(&notice(News::Opened), Format::Hybrid).body).unwrap();
    let block = earlier["snapkeep"].as_object_mut().unwrap();
    for added in ["rpo", "age", "recovery_point"] {
        assert!(block.remove(added).is_some(), "{added}");
    }
    assert!(jsonschema::draft202012::new(&schema).unwrap().is_valid(&earlier));
    assert!(serde_json::from_value::<Told>(earlier["snapkeep"].clone()).is_ok());
}

#[test]
fn the_schema_describes_every_field_of_a_message() {
    let schema = json_schema();
    fn look(value: &Value, schema: &Value, root: &Value, path: &str) {
        let name = schema["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
        let schema = name.map_or(schema, |name| root.pointer(name).unwrap());
        match value {
            Value::Object(fields) if path != ".metadata.additionalContext" => {
                for (key, value) in fields {
                    let property = &schema["properties"][key];
                    assert!(property["description"].is_string(), "{path}.{key}");
                    look(value, property, root, &format!("{path}.{key}"));
                }
            }
            Value::Array(items) => {
                for item in items {
                    look(item, &schema["items"], root, &format!("{path}[]"));
                }
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => {}
        }
    }
    for message in hybrid() {
        look(&message, &schema, &schema, "");
    }
}

#[test]
fn the_published_schema_of_alarms_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/alarm.schema.json");
    let made = format!("{}\n", serde_json::to_string_pretty(&json_schema()).unwrap());
    #[expect(clippy::disallowed_methods, reason = "a test of the repository, not of the decisions")]
    let update = std::env::var_os("UPDATE_SCHEMAS").is_some();
    if update {
        std::fs::write(&path, &made).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == made,
        "schemas/alarm.schema.json is out of date: \
         run UPDATE_SCHEMAS=1 cargo test -p snapkeep-policy --test plans schema"
    );
}
