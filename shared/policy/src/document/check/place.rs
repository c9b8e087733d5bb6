//! Where in the document a check looks, and everything that the checks found.

use std::cell::RefCell;

use crate::bad_input::{self, BadInput, index_path, key_path};
use crate::ids::InvalidName;

/// What was refused so far. A check notes it and goes on, so that all is said at once.
#[derive(Default)]
pub(super) struct Findings(RefCell<Vec<BadInput>>);

impl Findings {
    pub(super) fn root(&self) -> Place<'_> {
        Place { path: "$".to_owned(), findings: self }
    }

    pub(super) fn into_vec(self) -> Vec<BadInput> {
        self.0.into_inner()
    }
}

/// A value's place. What it refuses, it refuses there.
#[derive(Clone)]
pub(super) struct Place<'a> {
    path: String,
    findings: &'a Findings,
}

impl Place<'_> {
    pub(super) fn key(&self, key: &str) -> Self {
        Self { path: key_path(&self.path, key), findings: self.findings }
    }

    pub(super) fn index(&self, index: usize) -> Self {
        Self { path: index_path(&self.path, index), findings: self.findings }
    }

    /// The place at a path that was taken down earlier.
    pub(super) fn at(&self, path: &str) -> Self {
        Self { path: path.to_owned(), findings: self.findings }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Refuses a text as not being `expected`. `None`, so that a check can end with it.
    pub(super) fn refuse<T>(&self, got: &str, expected: impl Into<String>) -> Option<T> {
        self.note(BadInput::text(&self.path, got, expected))
    }

    /// Refuses what is described rather than quoted: a number, `nothing`, `an empty array`.
    pub(super) fn refuse_value<T>(
        &self,
        got: impl ToString,
        expected: impl Into<String>,
    ) -> Option<T> {
        self.note(BadInput::new(bad_input::BAD_VALUE, &*self.path, got.to_string(), expected))
    }

    pub(super) fn refuse_name<T>(&self, invalid: &InvalidName) -> Option<T> {
        self.note(BadInput::name(&self.path, invalid))
    }

    pub(super) fn missing<T>(&self, expected: &str) -> Option<T> {
        self.note(BadInput::new(bad_input::MISSING_FIELD, &*self.path, "nothing", expected))
    }

    pub(super) fn duplicate<T>(&self, got: &str, expected: impl Into<String>) -> Option<T> {
        let bad = BadInput::text(&self.path, got, expected);
        self.note(BadInput { code: bad_input::DUPLICATE, ..bad })
    }

    pub(super) fn conflict<T>(&self, got: &str, expected: impl Into<String>) -> Option<T> {
        let bad = BadInput::text(&self.path, got, expected);
        self.note(BadInput { code: bad_input::CONFLICT, ..bad })
    }

    fn note<T>(&self, bad: BadInput) -> Option<T> {
        self.findings.0.borrow_mut().push(bad);
        None
    }
}

/// All items or none, and not before each of them had its say.
pub(super) fn all<T>(items: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    items.collect::<Vec<_>>().into_iter().collect()
}

/// The check of a value that may be left out: `None` is a refusal, `Some(None)` an absent value.
pub(super) fn optional<W, T>(
    value: Option<W>,
    check: impl FnOnce(W) -> Option<T>,
) -> Option<Option<T>> {
    value.map_or(Some(None), |value| check(value).map(Some))
}
