//! The questions to a restored database, as they are written.

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::Duration;

/// A question whose answer is a number, a time or a yes, never data. What it is about is one of
/// `sql`, `freshness`, `table`, `collection`, `indexes` and `integrity`.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[schemars(extend("oneOf" = forms()))]
pub(in crate::document) struct Check {
    /// One read-only statement that returns one number.
    #[schemars(extend("examples" = ["select count(*) from users"]))]
    pub sql: Option<String>,
    /// One read-only statement that returns one time.
    #[schemars(extend("examples" = ["select max(updated_at) from orders"]))]
    pub freshness: Option<String>,
    /// A table: `table` or `schema.table`; in MySQL and MariaDB `database.table`.
    #[schemars(extend("examples" = ["orders", "public.users"]))]
    pub table: Option<String>,
    /// A DocumentDB collection: `database.collection`, or a collection of the only database.
    #[schemars(extend("examples" = ["notifications"]))]
    pub collection: Option<String>,
    /// `valid`: no index of a PostgreSQL database is invalid.
    #[schemars(extend("const" = "valid"))]
    pub indexes: Option<String>,
    /// Tables that the engine itself checks: `CHECK TABLE` of MySQL and MariaDB, `amcheck` of
    /// PostgreSQL.
    #[schemars(extend("examples" = [["orders"]]))]
    pub integrity: Option<Vec<String>>,
    /// The PostgreSQL database to ask. Without it, the one that the instance was created with.
    pub database: Option<String>,
    /// The least acceptable number.
    pub min: Option<i64>,
    /// The column or field whose newest time counts.
    #[schemars(extend("examples" = ["updated_at"]))]
    pub newest: Option<String>,
    /// The greatest acceptable age of that time when the recovery point was taken.
    pub max_age: Option<Duration>,
    /// The index that must be there and usable.
    #[schemars(extend("examples" = ["orders_customer_idx"]))]
    pub index: Option<String>,
}

/// All keys of a check.
const KEYS: [&str; 11] = [
    "sql",
    "freshness",
    "table",
    "collection",
    "indexes",
    "integrity",
    "database",
    "min",
    "newest",
    "max_age",
    "index",
];

/// What a form must have, by key and shape, and what it may have.
type Form<'f> = (&'f [(&'f str, &'f Value)], &'f [&'f str]);

/// The forms that a check has: what it must have, and what it may have beside that. Keys of the other
/// forms may only be null.
fn forms() -> Value {
    let (text, whole) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    let some = json!({ "type": "integer", "minimum": 1 });
    let names = json!({ "type": "array", "minItems": 1 });
    let sql = &["database"][..];
    let forms: [Form<'_>; 10] = [
        (&[("sql", &text), ("min", &whole)], sql),
        (&[("freshness", &text), ("max_age", &text)], sql),
        (&[("table", &text), ("min", &some)], sql),
        (&[("table", &text), ("newest", &text), ("max_age", &text)], sql),
        (&[("table", &text), ("index", &text)], sql),
        (&[("collection", &text), ("min", &some)], &[]),
        (&[("collection", &text), ("newest", &text), ("max_age", &text)], &[]),
        (&[("collection", &text), ("index", &text)], &[]),
        (&[("indexes", &text)], sql),
        (&[("integrity", &names)], sql),
    ];
    forms.iter().map(form).collect()
}

fn form((must, may): &Form<'_>) -> Value {
    let required: Vec<&str> = must.iter().map(|(key, _)| *key).collect();
    let mut properties: Map<String, Value> =
        must.iter().map(|(key, shape)| ((*key).to_owned(), (*shape).clone())).collect();
    for key in KEYS.iter().filter(|key| !required.contains(key) && !may.contains(key)) {
        properties.insert((*key).to_owned(), json!({ "type": "null" }));
    }
    json!({ "required": required, "properties": properties })
}
