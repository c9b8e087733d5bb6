//! Writing XML answers.
//!
//! By hand: it is a few lines, the bytes are ours to the last, and a crate that brings the SDK's own
//! shapes along would switch on features of the SDK for the Lambdas that are built beside it.

use std::fmt::{self, Display, Write};

use jiff::Timestamp;

/// An XML fragment under construction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Xml(String);

impl Xml {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }

    /// `<name>value</name>`, escaped.
    pub(crate) fn leaf(&mut self, name: &str, value: impl Display) {
        self.open(name);
        // Writing to a String can't fail.
        let _ = write!(Escaped(&mut self.0), "{value}");
        self.close(name);
    }

    /// A leaf, if there is a value.
    pub(crate) fn leaf_if(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.leaf(name, value);
        }
    }

    /// An instant as AWS writes it: RFC 3339 in UTC, to the millisecond.
    pub(crate) fn instant(&mut self, name: &str, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.leaf(name, format_args!("{at:.3}"));
        }
    }

    /// `<name>…</name>` around what `inner` writes.
    pub(crate) fn element(&mut self, name: &str, inner: impl FnOnce(&mut Self)) {
        self.open(name);
        inner(self);
        self.close(name);
    }

    fn open(&mut self, name: &str) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
    }

    fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }
}

struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut written = 0;
        for (at, byte) in text.bytes().enumerate() {
            let entity = match byte {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                b'\'' => "&apos;",
                _ => continue,
            };
            self.0.push_str(&text[written..at]);
            self.0.push_str(entity);
            written = at + 1;
        }
        self.0.push_str(&text[written..]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_elements_nest() {
        let mut xml = Xml::new();
        xml.element("Tag", |xml| {
            xml.leaf("Key", "a<b>&\"c'");
            xml.leaf_if("Value", None::<&str>);
        });
        assert_eq!(xml.into_string(), "<Tag><Key>a&lt;b&gt;&amp;&quot;c&apos;</Key></Tag>");
    }

    #[test]
    fn instants_are_rfc_3339_to_the_millisecond() {
        let mut xml = Xml::new();
        xml.instant("At", Some("2026-03-04T02:00:00Z".parse().unwrap()));
        assert_eq!(xml.into_string(), "<At>2026-03-04T02:00:00.000Z</At>");
    }
}
