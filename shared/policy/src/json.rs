//! Reads JSON that somebody else wrote, more strictly than `serde_json` does by itself: a size that
//! is looked at first, a bounded depth, no key twice, and errors that say where.
//!
//! `serde_json` takes the last of two equal keys. In a policy that is a retention nobody meant, so
//! the second is refused here, before anything is read into a type.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::bad_input::{self, BadInput, index_path, key_path};

/// How large and how deep an input may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Length in bytes.
    pub bytes_max: usize,
    /// Arrays and objects within each other; the outermost counts as one.
    pub depth_max: usize,
}

impl Limits {
    /// Inputs of at most so many bytes, nested at most 32 deep.
    pub(crate) const fn bytes(bytes_max: usize) -> Self {
        Self { bytes_max, depth_max: 32 }
    }
}

/// Reads one JSON value from bytes that needn't even be text.
pub(crate) fn read_bytes(bytes: &[u8], limits: Limits) -> Result<Value, BadInput> {
    read(text(bytes, limits)?, limits)
}

/// The bytes as text, if they are no more than allowed and UTF-8.
pub(crate) fn text(bytes: &[u8], limits: Limits) -> Result<&str, BadInput> {
    check_size(bytes.len(), limits)?;
    str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let got = format!("byte 0x{:02x} at offset {at}", bytes[at]);
        BadInput::new(bad_input::NOT_UTF8, "$", got, "UTF-8")
    })
}

/// Reads one JSON value and nothing after it.
pub(crate) fn read(text: &str, limits: Limits) -> Result<Value, BadInput> {
    check_size(text.len(), limits)?;
    if text.trim().is_empty() {
        return Err(BadInput::new(bad_input::EMPTY, "$", "nothing", "JSON"));
    }
    let mut reader = Reader { path: "$".to_owned(), depth_left: limits.depth_max, refused: None };
    let mut json = serde_json::Deserializer::from_str(text);
    let value = reader.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    value.map_err(|error| reader.refused.take().unwrap_or_else(|| not_json(&reader.path, &error)))
}

fn check_size(bytes: usize, limits: Limits) -> Result<(), BadInput> {
    if bytes <= limits.bytes_max {
        return Ok(());
    }
    let expected = format!("at most {} bytes", limits.bytes_max);
    Err(BadInput::new(bad_input::TOO_LARGE, "$", format!("{bytes} bytes"), expected))
}

fn not_json(path: &str, error: &serde_json::Error) -> BadInput {
    // serde_json ends its message with the position; ours is shorter.
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let got = format!("{message} at {}:{}", error.line(), error.column());
    BadInput::new(bad_input::NOT_JSON, path, got, "JSON")
}

/// Where reading is, and what it refused beyond syntax.
struct Reader {
    /// After an error: where it happened.
    path: String,
    depth_left: usize,
    refused: Option<BadInput>,
}

impl Reader {
    /// Notes why reading ends here; the error only unwinds it.
    fn refuse<E: Error>(&mut self, bad: BadInput) -> E {
        self.refused = Some(bad);
        E::custom("refused")
    }

    /// Reads what is inside an array or an object, one level down.
    fn nested<T, E: Error>(
        &mut self,
        inside: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(depth_left) = self.depth_left.checked_sub(1) else {
            let path = self.path.clone();
            let expected = "fewer arrays and objects within each other";
            return Err(self.refuse(BadInput::new(bad_input::TOO_DEEP, path, "another", expected)));
        };
        self.depth_left = depth_left;
        let value = inside(self)?;
        self.depth_left += 1;
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for &mut Reader {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Value, A::Error> {
        self.nested(|reader| {
            let outer = reader.path.clone();
            let mut values = Vec::new();
            reader.path = index_path(&outer, 0);
            while let Some(value) = array.next_element_seed(&mut *reader)? {
                values.push(value);
                reader.path = index_path(&outer, values.len());
            }
            reader.path = outer;
            Ok(Value::Array(values))
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        self.nested(|reader| {
            let outer = reader.path.clone();
            let mut values = Map::new();
            while let Some(key) = object.next_key::<String>()? {
                reader.path = key_path(&outer, &key);
                if values.contains_key(&key) {
                    let path = reader.path.clone();
                    let bad = BadInput::new(
                        bad_input::DUPLICATE_KEY,
                        path,
                        "it a second time",
                        "each key once",
                    );
                    return Err(reader.refuse(bad));
                }
                let value = object.next_value_seed(&mut *reader)?;
                values.insert(key, value);
                reader.path.clone_from(&outer);
            }
            Ok(Value::Object(values))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        read(text, Limits { bytes_max: 1000, depth_max: 3 }).unwrap_err().to_string()
    }

    #[test]
    fn sound_json_is_read_as_it_stands() {
        let text = r#"{"a": [1, -2, 3.5, true, null, "\u00e9"], "b": {"c": {}}}"#;
        assert_eq!(
            read(text, Limits::bytes(1000)).unwrap(),
            serde_json::from_str::<Value>(text).unwrap()
        );
    }

    #[test]
    fn each_flaw_is_refused_where_it_is() {
        let cases = [
            ("", "EMPTY $: got nothing, expected JSON"),
            (" \n", "EMPTY $: got nothing, expected JSON"),
            ("{", "NOT_JSON $: got EOF while parsing an object at 1:1, expected JSON"),
            ("{\n\"a\":}", "NOT_JSON a: got expected value at 2:5, expected JSON"),
            ("{} {}", "NOT_JSON $: got trailing characters at 1:4, expected JSON"),
            (
                r#"{"a":{"n":1e999}}"#,
                "NOT_JSON a.n: got number out of range at 1:15, expected JSON",
            ),
            (
                r#"{"a":{"b":1,"b":2}}"#,
                "DUPLICATE_KEY a.b: got it a second time, expected each key once",
            ),
            (
                r#"{"a":1,"\u0061":2}"#,
                "DUPLICATE_KEY a: got it a second time, expected each key once",
            ),
            (
                "[[[[]]]]",
                "TOO_DEEP $[0][0][0]: got another, expected fewer arrays and objects within each other",
            ),
        ];
        for (text, line) in cases {
            assert_eq!(refusal(text), line);
        }
    }

    #[test]
    fn depth_counts_nesting_and_not_neighbours() {
        assert!(read("[[[]],[[]],[[]]]", Limits { bytes_max: 100, depth_max: 3 }).is_ok());
    }

    #[test]
    fn a_flood_of_brackets_is_refused_without_following_it() {
        let flood = "[".repeat(100_000);
        let line = read(&flood, Limits::bytes(200_000)).unwrap_err().to_string();
        assert!(line.starts_with("TOO_DEEP "), "{line}");
    }

    #[test]
    fn size_and_encoding_are_looked_at_first() {
        let limits = Limits::bytes(4);
        assert_eq!(
            read_bytes(b"[1,2]", limits).unwrap_err().to_string(),
            "TOO_LARGE $: got 5 bytes, expected at most 4 bytes"
        );
        assert_eq!(
            read_bytes(b"[\xff]", limits).unwrap_err().to_string(),
            "NOT_UTF8 $: got byte 0xff at offset 1, expected UTF-8"
        );
        assert!(read_bytes(b"[1]", limits).is_ok());
    }
}
