//! An answer that was cut off must not pass for a short list.
//!
//! The SDK's XML reader takes the end of the text for the end of every open element. A page that is
//! cut off behind a proxy thus reads as a shorter last page, and what it lacks as deleted. HTTP's
//! own framing catches most of that; this catches the rest.

use aws_sdk_rds::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_rds::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_rds::error::BoxError;

/// Refuses answers in XML whose last tag doesn't close their first.
#[derive(Debug)]
pub(crate) struct WholeAnswer;

impl Intercept for WholeAnswer {
    fn name(&self) -> &'static str {
        "WholeAnswer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Only now has the body been read to its end.
        let response = context.response();
        let body = response.body().bytes().unwrap_or_default();
        if response.status().is_success() && !is_whole(body) {
            return Err(format!("the answer is cut off after {} bytes", body.len()).into());
        }
        Ok(())
    }
}

fn is_whole(xml: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(xml) else { return false };
    let text = text.trim();
    let declared =
        |text: &str| text.strip_prefix("<?").and_then(|t| Some(t.split_once("?>")?.1.len()));
    let root = declared(text).map_or(text, |length| &text[text.len() - length..]).trim_start();
    let Some(name) = root.strip_prefix('<').and_then(|t| t.split([' ', '\n', '>', '/']).next())
    else {
        return false;
    };
    text.ends_with(&format!("</{name}>")) || root.ends_with("/>") && root.matches('<').count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_whose_root_is_closed_is_whole() {
        let table = [
            ("<A><B>1</B></A>", true),
            ("<?xml version=\"1.0\"?>\n<A xmlns=\"x\"><B/></A>\n", true),
            ("<A/>", true),
            ("<?xml version=\"1.0\"?><A xmlns=\"x\" />", true),
            ("<A><B>1</B>", false),
            ("<A><B/>", false),
            ("<A><B>1</B></", false),
            ("<A>", false),
            ("<A", false),
            ("<?xml", false),
            ("", false),
            ("Service Unavailable", false),
        ];
        for (xml, expected) in table {
            assert_eq!(is_whole(xml.as_bytes()), expected, "{xml}");
        }
        assert!(!is_whole(b"<A>\xff</A>"));
    }
}
