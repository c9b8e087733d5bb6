//! The policy document. What is accepted is accepted again after it was written anew, as the very same
//! rules; what is refused is refused in lines.

use serde_json::Value;
use snapkeep_policy::document::{Check, PolicyDocument};
use snapkeep_policy::retention::Retention;

use crate::line;

/// Lines of a refusal: twenty, and how many more there are.
const LINES_MAX: usize = 21;

/// Tries it.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // The same readers, from further in: a fuzzer would need long to write all that is around them.
    let _ = Retention::from_json(&text);
    let _ = Check::list_from_json(&text);
    match PolicyDocument::from_json(&text) {
        Ok(document) => {
            let value: Value = serde_json::from_str(&text).expect("what was read is JSON");
            let again = PolicyDocument::from_json(&value.to_string());
            assert_eq!(again.as_ref(), Ok(&document), "read, written and read again");
            assert!(!document.policies.is_empty());
        }
        Err(bad) => {
            assert!(!bad.0.is_empty(), "refused without a reason");
            let said = bad.to_string();
            assert!(said.lines().count() <= LINES_MAX, "{said}");
            said.lines().for_each(|text| line::check(text, line::REFUSAL_CHARS_MAX));
        }
    }
}
