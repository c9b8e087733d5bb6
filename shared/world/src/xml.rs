//! Writing XML answers.
//!
//! By hand, because it is a few lines and lists of hundreds of snapshots are written at every tick
//! of a simulation: a serde serialiser took six times as long in the profile that tests run in.

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
        self.leaf_if(name, at.map(|at| format!("{at:.3}")));
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
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            self.0.push_str(&rest[..at]);
            self.0.push_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&apos;",
            });
            rest = &rest[at + 1..];
        }
        self.0.push_str(rest);
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
