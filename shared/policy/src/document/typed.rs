//! Reads a JSON value into a type. Unlike `serde_json`'s own errors, these keep apart what was got
//! from what was expected, and say where it stands.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{
    Deserialize, Deserializer, Error, Expected, IntoDeserializer, Unexpected, Visitor,
};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::bad_input::{self, BadInput, index_path, key_path};

/// The value as `T`, or the first thing in it that doesn't fit.
pub(super) fn read<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, BadInput> {
    serde_path_to_error::deserialize(Typed(value)).map_err(|error| {
        let path = error.path().clone();
        error.into_inner().at(&path)
    })
}

#[derive(Clone, Copy)]
struct Typed<'de>(&'de Value);

impl<'de> IntoDeserializer<'de, Mismatch> for Typed<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Typed<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.iter().map(Typed))),
            Value::Object(entries) => visitor.visit_map(MapDeserializer::new(
                entries.iter().map(|(key, value)| (key.as_str(), Typed(value))),
            )),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), _, _) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (_, _, value) => visitor.visit_f64(value.unwrap_or(f64::NAN)),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    /// `"latest"` or `{"random": {…}}`.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::String(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            Value::Object(entries)
                if entries.values().all(Value::is_object) && entries.len() == 1 =>
            {
                visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(
                    entries.iter().map(|(key, value)| (key.as_str(), Typed(value))),
                )))
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => Err(Mismatch::Type {
                got: bad_input::describe(self.0),
                expected: "a word, or an object with one key that has an object".to_owned(),
            }),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// What doesn't fit; where is known only further out.
#[derive(Debug)]
enum Mismatch {
    Type { got: String, expected: String },
    Value { got: String, expected: String },
    UnknownField { field: String, known: &'static [&'static str] },
    UnknownWord { word: String, known: &'static [&'static str] },
    Missing { field: &'static str },
    Other(String),
}

impl Mismatch {
    fn at(self, path: &Path) -> BadInput {
        let here = path_text(path.iter());
        match self {
            Self::Type { got, expected } => {
                BadInput::new(bad_input::WRONG_TYPE, here, got, expected)
            }
            Self::Value { got, expected } => {
                BadInput::new(bad_input::BAD_VALUE, here, got, expected)
            }
            // The path ends with the unknown field itself.
            Self::UnknownField { field, known } => {
                let parent = path_text(path.iter().take(path.iter().len().saturating_sub(1)));
                BadInput::unknown_field(&parent, &field, known.iter().copied())
            }
            Self::UnknownWord { word, known } => {
                BadInput::unknown_word(&here, &word, known.iter().copied())
            }
            Self::Missing { field } => BadInput::new(
                bad_input::MISSING_FIELD,
                key_path(&here, field),
                "nothing",
                "this key: it has no default",
            ),
            Self::Other(message) => BadInput::new(bad_input::BAD_VALUE, here, message, "no error"),
        }
    }
}

fn path_text<'a>(segments: impl Iterator<Item = &'a Segment>) -> String {
    segments.fold("$".to_owned(), |path, segment| match segment {
        Segment::Seq { index } => index_path(&path, *index),
        Segment::Map { key } => key_path(&path, key),
        Segment::Enum { variant } => key_path(&path, variant),
        Segment::Unknown => key_path(&path, "?"),
    })
}

impl Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Other(message.to_string())
    }

    fn invalid_type(got: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Type { got: in_words(got), expected: in_plain_words(expected) }
    }

    fn invalid_value(got: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Value { got: in_words(got), expected: in_plain_words(expected) }
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::UnknownField { field: field.to_owned(), known }
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        Self::UnknownWord { word: word.to_owned(), known }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing { field }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Mismatch {}

fn in_words(got: Unexpected<'_>) -> String {
    match got {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Unsigned(value) => value.to_string(),
        Unexpected::Signed(value) => value.to_string(),
        Unexpected::Float(value) => value.to_string(),
        Unexpected::Str(text) => bad_input::describe(&Value::String(text.to_owned())),
        Unexpected::Unit | Unexpected::Option => "null".to_owned(),
        Unexpected::Seq => "an array".to_owned(),
        Unexpected::Map => "an object".to_owned(),
        Unexpected::UnitVariant => "the word alone".to_owned(),
        Unexpected::Char(_)
        | Unexpected::Bytes(_)
        | Unexpected::NewtypeStruct
        | Unexpected::Enum
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::StructVariant
        | Unexpected::Other(_) => got.to_string(),
    }
}

/// serde names Rust's types; whoever writes a policy needn't know them.
fn in_plain_words(expected: &dyn Expected) -> String {
    match expected.to_string().as_str() {
        "u32" => "a whole number from 0 to 4294967295".to_owned(),
        "i64" => "a whole number".to_owned(),
        "a sequence" => "an array".to_owned(),
        "a map" => "an object".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "unit" => "the word alone".to_owned(),
        "struct variant" => "an object with it as its only key".to_owned(),
        other => other.to_owned(),
    }
}
