//! The fields of an input's object, each read as the type it must have. A `null` is no value: what
//! was left out on purpose is left out.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::bad_input::{self, BadInput};
use crate::plan::instant;
use crate::view::CLOCK_SKEW_MAX;

/// An input's object.
pub(super) struct Fields<'v>(&'v Map<String, Value>);

impl<'v> Fields<'v> {
    pub(super) fn of(value: &'v Value) -> Result<Self, BadInput> {
        let object = value.as_object();
        object.map(Self).ok_or_else(|| BadInput::wrong_type("$", value, "an object"))
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &'v str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&'v str>, BadInput> {
        let text = |value: &'v Value| {
            value.as_str().ok_or_else(|| BadInput::wrong_type(key, value, "a text"))
        };
        self.0.get(key).map(text).transpose()
    }

    /// An object within, if it is there.
    pub(super) fn object(&self, key: &str) -> Result<Option<Self>, BadInput> {
        let object = |value: &'v Value| {
            value.as_object().map(Self).ok_or_else(|| BadInput::wrong_type(key, value, "an object"))
        };
        self.0.get(key).map(object).transpose()
    }

    /// Whatever is at `key`.
    pub(super) fn value(&self, key: &str) -> Option<&'v Value> {
        self.0.get(key)
    }

    /// A text that must be there; `expected` says what it is.
    pub(super) fn required(&self, key: &str, expected: &str) -> Result<&'v str, BadInput> {
        let missing = || BadInput::new(bad_input::MISSING_FIELD, key, "nothing", expected);
        self.text(key)?.ok_or_else(missing)
    }

    /// A whole number from 0 that must be there, at `path` of the input; `expected` says what it is.
    pub(super) fn count(&self, key: &str, path: &str, expected: &str) -> Result<u64, BadInput> {
        let missing = || BadInput::new(bad_input::MISSING_FIELD, path, "nothing", expected);
        let value = self.0.get(key).ok_or_else(missing)?;
        value.as_u64().ok_or_else(|| BadInput::wrong_type(path, value, "a whole number from 0"))
    }

    /// `false` if it isn't there.
    pub(super) fn flag(&self, key: &str) -> Result<bool, BadInput> {
        let flag = |value: &Value| {
            value.as_bool().ok_or_else(|| BadInput::wrong_type(key, value, "true or false"))
        };
        self.0.get(key).map_or(Ok(false), flag)
    }
}

/// The instant at `path`, of any age, but not from the future.
pub(super) fn past(path: &str, text: &str, now: Timestamp) -> Result<Timestamp, BadInput> {
    let expected = "an instant with its offset from UTC, such as 2026-03-04T02:00:00Z";
    let at: Timestamp = text.parse().map_err(|_| BadInput::text(path, text, expected))?;
    if at.duration_since(now) > CLOCK_SKEW_MAX {
        let (minutes, now) = (CLOCK_SKEW_MAX.as_mins(), instant(now));
        let expected = format!("an instant at most {minutes} min after now, {now}");
        return Err(BadInput::text(path, text, expected));
    }
    Ok(at)
}
