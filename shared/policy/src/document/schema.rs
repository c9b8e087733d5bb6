//! The published JSON Schema of the policy document.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::wire;

/// The schema's own name. It changes with the format's version, not with snapkeep's.
const ID: &str = "urn:snapkeep:schema:policy:1";

/// The JSON Schema (draft 2020-12) of the policy document, for editors and other tools.
///
/// It accepts every document that [`super::PolicyDocument::from_json`] accepts, and refuses what is
/// wrong in shape: unknown and missing keys, types, forms and ranges. What takes more than one
/// place to see, such as a copy into the source's own region, only the reader refuses.
#[must_use]
pub fn json_schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<wire::Document>();
    schema.insert("$id".to_owned(), json!(ID));
    schema.insert(
        "examples".to_owned(),
        json!([{
            "version": 1,
            "deployment": "prod",
            "time_zone": "UTC",
            "policies": {
                "critical": {
                    "select": { "tags": { "snapkeep:policy": "critical" } },
                    "schedules": ["cron(0 2 * * ? *)"],
                    "retention": { "daily": 30, "weekly": 12, "monthly": 12, "yearly": 7 }
                }
            }
        }]),
    );
    schema.to_value()
}
