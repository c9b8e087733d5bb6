//! Reading requests of the AWS query protocol: a form, with lists as `Tags.Tag.1.Key`.

use std::collections::BTreeMap;

use snapkeep_policy::tags::Tags;

use crate::refusal::Refusal;

/// A filter of a list: its name, and the values of which one must fit.
pub(crate) type Filter = (String, Vec<String>);

/// The parameters of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads `application/x-www-form-urlencoded` text, a body's or a query's.
    pub(crate) fn parse(form: &str) -> Self {
        let pairs = form.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (decode(name, true), decode(value, true)))
                .collect(),
        )
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| Refusal::missing(name))
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(|value| value == "true")
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u32>, Refusal> {
        let parse = |value: &str| {
            value.parse().map_err(|_| {
                Refusal::invalid_value(format!("Invalid value {value} for {name}: not a number."))
            })
        };
        self.get(name).map(parse).transpose()
    }

    /// The values of `name.1`, `name.2`, …
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        (1..).map_while(|n| self.owned(&format!("{name}.{n}"))).collect()
    }

    /// The tags of `name.Tag.1.Key`, `name.Tag.1.Value`, …
    pub(crate) fn tags(&self, name: &str) -> Tags {
        (1..)
            .map_while(|n| {
                let key = self.owned(&format!("{name}.Tag.{n}.Key"))?;
                Some((key, self.owned(&format!("{name}.Tag.{n}.Value")).unwrap_or_default()))
            })
            .collect()
    }

    /// `Filters.Filter.1.Name` with its `Values.Value.1`, …
    pub(crate) fn filters(&self) -> Vec<Filter> {
        (1..)
            .map_while(|n| {
                let name = self.owned(&format!("Filters.Filter.{n}.Name"))?;
                Some((name, self.list(&format!("Filters.Filter.{n}.Values.Value"))))
            })
            .collect()
    }
}

/// Undoes percent-encoding; in forms `+` is a space, in paths it is itself.
pub(crate) fn decode(text: &str, form: bool) -> String {
    let hex = |byte: Option<&u8>| byte.and_then(|b| char::from(*b).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = hex(bytes.get(at + 1)).zip(hex(bytes.get(at + 2)));
        match (bytes[at], pair) {
            (b'%', Some((high, low))) => {
                decoded.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', _) if form => decoded.push(b' '),
            (byte, _) => decoded.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_with_their_lists_tags_and_filters() {
        let params = Params::parse(
            "Action=X&Tags.Tag.1.Key=a%3Ab&Tags.Tag.1.Value=c+d&Tags.Tag.2.Key=e&Ids.Id.1=x\
             &Ids.Id.2=y&Filters.Filter.1.Name=engine&Filters.Filter.1.Values.Value.1=docdb",
        );
        assert_eq!(params.get("Action"), Some("X"));
        assert_eq!(params.list("Ids.Id"), ["x", "y"]);
        assert_eq!(
            params.tags("Tags"),
            [("a:b".to_owned(), "c d".to_owned()), ("e".to_owned(), String::new())].into()
        );
        assert_eq!(params.filters(), [("engine".to_owned(), vec!["docdb".to_owned()])]);
    }

    #[test]
    fn broken_percent_signs_stay_what_they_are() {
        assert_eq!(decode("50%", true), "50%");
        assert_eq!(decode("%zz+%41", false), "%zz+A");
    }
}
