//! What the API accepts as identifiers, tags and page sizes.

use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::Shape;
use snapkeep_policy::tags::Tags;

use crate::refusal::Refusal;

/// Identifiers of clusters, instances and cluster snapshots have up to 63 characters; those of
/// instance snapshots up to 255. Source: RDS API reference, each `Create…` operation.
const ID_CHARS_MAX: usize = 63;
const INSTANCE_SNAPSHOT_ID_CHARS_MAX: usize = 255;

/// Source: RDS API reference, `Tag`, and User Guide, "Tagging Amazon RDS resources".
const TAGS_MAX: usize = 50;
const TAG_KEY_CHARS_MAX: usize = 128;
const TAG_VALUE_CHARS_MAX: usize = 256;

/// The identifier in a request, which may be the ARN of something here, in lower case as stored.
pub(super) fn local_id(text: &str) -> String {
    let id = text.parse::<RdsArn>().map_or_else(|_| text.to_owned(), |arn| arn.id);
    id.to_ascii_lowercase()
}

/// A new database's identifier, in lower case.
pub(super) fn database_id(text: &str, parameter: &str) -> Result<String, Refusal> {
    new_id(text, parameter, ID_CHARS_MAX)
}

/// A new snapshot's identifier, in lower case.
pub(super) fn snapshot_id(shape: Shape, text: &str, parameter: &str) -> Result<String, Refusal> {
    let chars_max = match shape {
        Shape::Cluster => ID_CHARS_MAX,
        Shape::Instance => INSTANCE_SNAPSHOT_ID_CHARS_MAX,
    };
    new_id(text, parameter, chars_max)
}

fn new_id(text: &str, parameter: &str, chars_max: usize) -> Result<String, Refusal> {
    let fits = (1..=chars_max).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && text.as_bytes()[0].is_ascii_alphabetic()
        && !text.ends_with('-')
        && !text.contains("--");
    if fits {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Refusal::invalid_value(format!(
        "The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; \
         must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or \
         contain two consecutive hyphens."
    )))
}

/// Refuses tags that AWS would refuse.
pub(super) fn tags(tags: &Tags) -> Result<(), Refusal> {
    if tags.len() > TAGS_MAX {
        return Err(Refusal::invalid_value(format!("Tag limit exceeded: {} tags", tags.len())));
    }
    for (key, value) in tags {
        let reserved = key.starts_with("aws:") || key.starts_with("rds:");
        let long =
            key.chars().count() > TAG_KEY_CHARS_MAX || value.chars().count() > TAG_VALUE_CHARS_MAX;
        if key.is_empty() || reserved || long || !plain(key) || !plain(value) {
            return Err(Refusal::invalid_value(format!("Invalid tag: {key}={value}")));
        }
    }
    Ok(())
}

fn plain(text: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    text.chars().all(allowed)
}

/// How many records a page has.
pub(super) fn page_size(asked: Option<u32>) -> Result<usize, Refusal> {
    match asked.unwrap_or(100) {
        size @ 20..=100 => Ok(size as usize),
        size => Err(Refusal::invalid_value(format!(
            "Invalid value {size} for MaxRecords. Must be between 20 and 100"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_checked_and_lowered() {
        assert_eq!(snapshot_id(Shape::Cluster, "Foo-1", "X").unwrap(), "foo-1");
        let long = "a".repeat(64);
        for bad in ["", "1a", "a-", "a--b", "a_b", "rds:a", &long] {
            assert!(snapshot_id(Shape::Cluster, bad, "X").is_err(), "{bad}");
        }
        assert!(snapshot_id(Shape::Instance, &long, "X").is_ok());
    }

    #[test]
    fn tags_outside_the_rules_are_refused() {
        let tag = |key: &str, value: &str| Tags::from([(key.to_owned(), value.to_owned())]);
        assert!(tags(&tag("snapkeep:slot", "2026-03-04T02:00:00Z")).is_ok());
        for (key, value) in [("aws:x", "y"), ("rds:x", "y"), ("", "y"), ("x", "{\"a\":1}")] {
            assert!(tags(&tag(key, value)).is_err(), "{key}={value}");
        }
        assert!(tags(&tag(&"k".repeat(129), "v")).is_err());
        assert!(tags(&tag("k", &"v".repeat(257))).is_err());
    }
}
