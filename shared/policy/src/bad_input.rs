//! What is said about input that is refused: one line, `CODE path: got X, expected Y`.
//!
//! Input is a function's payload, the policy document or a setting, and whoever wrote it may be
//! mistaken or hostile. So the line never breaks, never carries a character that a terminal obeys,
//! never grows with the input, and never repeats what looks like an access key. That is made sure of
//! where the line is written, so that no caller can forget it.

use std::fmt;

use serde_json::Value;

use crate::ids::InvalidName;

/// Characters of a refused value that are shown.
const SHOWN_CHARS_MAX: usize = 80;

/// Characters of what was expected: ours, but suggestions and lists of names may be in it.
const EXPECTED_CHARS_MAX: usize = 240;

/// A longer name is never a slip of one we know, and comparing it would cost its length squared.
const NAME_BYTES_MAX: usize = 64;

/// Nothing at all was given.
pub const EMPTY: &str = "EMPTY";
/// The input is refused before it is read, for its size.
pub const TOO_LARGE: &str = "TOO_LARGE";
/// The input isn't UTF-8.
pub const NOT_UTF8: &str = "NOT_UTF8";
/// The input isn't JSON.
pub const NOT_JSON: &str = "NOT_JSON";
/// The command line was given TOML that can't be read.
pub const NOT_TOML: &str = "NOT_TOML";
/// Arrays and objects are nested too deeply.
pub const TOO_DEEP: &str = "TOO_DEEP";
/// An object has the same key twice: which of the two was meant is anybody's guess.
pub const DUPLICATE_KEY: &str = "DUPLICATE_KEY";
/// A value of the wrong JSON type.
pub const WRONG_TYPE: &str = "WRONG_TYPE";
/// Something mandatory is absent.
pub const MISSING_FIELD: &str = "MISSING_FIELD";
/// A field that means nothing here.
pub const UNKNOWN_FIELD: &str = "UNKNOWN_FIELD";
/// The type is right, the value isn't.
pub const BAD_VALUE: &str = "BAD_VALUE";
/// The same thing is named twice.
pub const DUPLICATE: &str = "DUPLICATE";
/// Two parts of the input contradict each other.
pub const CONFLICT: &str = "CONFLICT";

/// All of them: `docs/errors.md` says what each means and what to do.
pub const CODES: [&str; 13] = [
    EMPTY,
    TOO_LARGE,
    NOT_UTF8,
    NOT_JSON,
    NOT_TOML,
    TOO_DEEP,
    DUPLICATE_KEY,
    WRONG_TYPE,
    MISSING_FIELD,
    UNKNOWN_FIELD,
    BAD_VALUE,
    DUPLICATE,
    CONFLICT,
];

/// Why an input is refused. [`fmt::Display`] is the only line that is to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct BadInput {
    /// Which rule refused it. Part of the output's contract.
    pub code: &'static str,
    /// Where in the input: `$` is all of it, `copies[0].region` a part.
    pub path: String,
    /// What stands there.
    pub got: String,
    /// What could stand there.
    pub expected: String,
}

impl BadInput {
    /// A refusal, with what was got already in words.
    #[must_use]
    pub fn new(
        code: &'static str,
        path: impl Into<String>,
        got: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self { code, path: path.into(), got: got.into(), expected: expected.into() }
    }

    /// A text that isn't what it should be.
    #[must_use]
    pub fn text(path: &str, got: &str, expected: impl Into<String>) -> Self {
        Self::new(BAD_VALUE, path, quoted(got), expected)
    }

    /// A value of the wrong JSON type.
    #[must_use]
    pub fn wrong_type(path: &str, got: &Value, expected: impl Into<String>) -> Self {
        Self::new(WRONG_TYPE, path, describe(got), expected)
    }

    /// A name that its type refuses.
    #[must_use]
    pub fn name(path: &str, invalid: &InvalidName) -> Self {
        Self::text(path, &invalid.got, invalid.expected)
    }

    /// A field that isn't one of `known`, with the one that was probably meant.
    #[must_use]
    pub fn unknown_field<'a>(
        path: &str,
        field: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Self {
        let expected = match did_you_mean(field, known.clone()) {
            Some(meant) => format!("a field that exists: did you mean {meant:?}?"),
            None => format!("one of {}", listed(known)),
        };
        Self::new(UNKNOWN_FIELD, key_path(path, field), quoted(field), expected)
    }

    /// A word that isn't one of `known`, with the one that was probably meant.
    #[must_use]
    pub fn unknown_word<'a>(
        path: &str,
        word: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Self {
        let mut expected = format!("one of {}", listed(known.clone()));
        if let Some(meant) = did_you_mean(word, known) {
            expected.push_str(&format!(": did you mean {meant:?}?"));
        }
        Self::text(path, word, expected)
    }
}

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = shown(&self.path, SHOWN_CHARS_MAX);
        let got = shown(&self.got, SHOWN_CHARS_MAX);
        let expected = shown(&self.expected, EXPECTED_CHARS_MAX);
        write!(f, "{} {path}: got {got}, expected {expected}", self.code)
    }
}

/// The same line: a refused value must not reach a log through `{:?}` either.
impl fmt::Debug for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for BadInput {}

/// The path of `key` within `path`; a key that isn't a plain word is quoted.
#[must_use]
pub fn key_path(path: &str, key: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let key = match !key.is_empty() && key.chars().all(is_plain) {
        true => key.to_owned(),
        false => quoted(key),
    };
    match path {
        "$" => key,
        _ => format!("{path}.{key}"),
    }
}

/// The path of the element at `index` within `path`.
#[must_use]
pub fn index_path(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// What a JSON value is, in words: its text if it is short by nature, else its type.
#[must_use]
pub fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// The one of `known` that `got` is probably a slip of.
#[must_use]
pub fn did_you_mean<'a>(got: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if got.len() > NAME_BYTES_MAX {
        return None;
    }
    let got = got.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&got, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name)
}

/// `text` between quotes, cut so that the closing quote is shown too.
fn quoted(text: &str) -> String {
    let inside = shown(text, SHOWN_CHARS_MAX - 2);
    format!("\"{inside}\"")
}

fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// `text` as it may be shown: on one line, without characters that a terminal obeys or that reorder
/// their neighbours, at most `chars_max` long, and not at all if it looks like an access key.
pub(crate) fn shown(text: &str, chars_max: usize) -> String {
    if looks_like_access_key(text) {
        return "a value that looks like an AWS access key (not shown)".to_owned();
    }
    let mut line = String::new();
    let mut chars = 0;
    for c in text.chars() {
        // Quotes and backslashes are harmless, so a line that was made safe stays as it is.
        let escaped: String = match c {
            '"' | '\'' | '\\' => c.to_string(),
            _ => c.escape_debug().to_string(),
        };
        chars += escaped.chars().count();
        if chars > chars_max {
            while line.chars().count() >= chars_max {
                line.pop();
            }
            line.push('…');
            return line;
        }
        line.push_str(&escaped);
    }
    line
}

/// Whether an access key id is anywhere in `text`: four letters such as `AKIA` or `ASIA`, then
/// sixteen capitals or digits. Source: IAM User Guide, "Unique identifiers".
fn looks_like_access_key(text: &str) -> bool {
    text.as_bytes().windows(20).any(|window| {
        matches!(&window[..4], b"AKIA" | b"ASIA" | b"ABIA" | b"ACCA")
            && window[4..].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_stays_one_line_and_carries_nothing_a_terminal_obeys() {
        let cases = [
            ("a\nb", r#"BAD_VALUE name: got "a\nb", expected a name"#),
            ("a\0b", r#"BAD_VALUE name: got "a\0b", expected a name"#),
            ("\u{1b}[31m", r#"BAD_VALUE name: got "\u{1b}[31m", expected a name"#),
            ("\u{202e}gnp", r#"BAD_VALUE name: got "\u{202e}gnp", expected a name"#),
            ("a\u{2028}b", r#"BAD_VALUE name: got "a\u{2028}b", expected a name"#),
            ("🐑", r#"BAD_VALUE name: got "🐑", expected a name"#),
            (r#"a"b\"#, r#"BAD_VALUE name: got "a"b\", expected a name"#),
        ];
        for (got, line) in cases {
            assert_eq!(BadInput::text("name", got, "a name").to_string(), line);
        }
    }

    #[test]
    fn the_line_does_not_grow_with_the_input() {
        for long in ["x".repeat(100_000), "\n".repeat(100_000)] {
            let line = BadInput::text(&long, &long, &long).to_string();
            assert!(line.chars().count() < 440, "{}", line.len());
            assert!(line.contains("…\", expected"), "{line}");
        }
    }

    #[test]
    fn what_looks_like_an_access_key_is_never_repeated() {
        let key = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
        for got in [key.clone(), format!("x={key};"), key.replace("AKIA", "ASIA")] {
            let bad = BadInput::new(BAD_VALUE, &got, &got, &got);
            for line in
                [bad.to_string(), format!("{bad:?}"), BadInput::text("a", &got, "b").to_string()]
            {
                assert!(!line.contains("IOSFODNN7"), "{line}");
                assert!(line.contains("not shown"), "{line}");
            }
        }
        assert!(!looks_like_access_key("AKIA is only a word"));
    }

    #[test]
    fn a_slip_is_met_with_what_was_meant() {
        let known = ["retention", "schedules", "select"];
        let cases = [
            ("retension", Some("retention")),
            ("Retention", Some("retention")),
            ("schedule", Some("schedules")),
            ("selcet", Some("select")),
            ("delete_all", None),
            ("", None),
        ];
        for (got, meant) in cases {
            assert_eq!(did_you_mean(got, known), meant, "{got}");
        }
        assert_eq!(
            BadInput::unknown_field("$", "retension", known).to_string(),
            "UNKNOWN_FIELD retension: got \"retension\", \
             expected a field that exists: did you mean \"retention\"?"
        );
        assert_eq!(
            BadInput::unknown_field("policies.a", "delete_all", known).to_string(),
            "UNKNOWN_FIELD policies.a.delete_all: got \"delete_all\", \
             expected one of retention, schedules, select"
        );
    }

    #[test]
    fn a_name_that_is_longer_than_any_of_ours_is_not_compared() {
        for (length, is_compared) in [(NAME_BYTES_MAX, true), (NAME_BYTES_MAX + 1, false)] {
            let known = "x".repeat(length);
            let slip = format!("{}y", "x".repeat(length - 1));
            let meant = did_you_mean(&slip, [known.as_str()]);
            assert_eq!(meant, Some(known.as_str()).filter(|_| is_compared), "{length} bytes");
        }
    }

    #[test]
    fn paths_quote_what_is_not_a_plain_word() {
        assert_eq!(key_path("$", "copies"), "copies");
        assert_eq!(index_path(&key_path("policies", "critical"), 2), "policies.critical[2]");
        assert_eq!(key_path("tags", "snapkeep:policy"), "tags.\"snapkeep:policy\"");
        assert_eq!(key_path("tags", ""), "tags.\"\"");
        assert_eq!(key_path("tags", "größe"), "tags.größe");
        assert_eq!(key_path("tags", "a→b"), "tags.\"a→b\"");
    }
}
