//! What MongoDB's errors mean. Their texts quote commands and values, so only their codes are told.

use std::time::Duration;

use bson::{Bson, Document};
use snapkeep_policy::verify::testimony::Trouble;

use crate::trouble;

/// Whether a command was carried out; otherwise, why not.
///
/// Source: MongoDB, `error_codes.yml`.
pub(super) fn check(answer: &Document, limit: Duration) -> Result<(), Trouble> {
    if answer.get("ok").is_some_and(is_true) {
        return Ok(());
    }
    let code = answer.get("code").and_then(number).unwrap_or_default();
    let name = answer.get_str("codeName").unwrap_or_default();
    let is_name = name.len() <= 50 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let name = if is_name && !name.is_empty() { name } else { "an error" };
    let text = format!("{name} (code {code})");
    Err(match code {
        // UserNotFound, AuthenticationFailed
        11 | 18 => Trouble::Denied(text),
        // MaxTimeMSExpired, ExceededTimeLimit
        50 | 262 => trouble::too_slow(limit),
        // ShutdownInProgress, NotWritablePrimary, Interrupted and recovering ones
        91 | 10107 | 11600 | 13435 | 13436 => Trouble::Unreachable(text),
        _ => Trouble::Refused(text),
    })
}

fn is_true(ok: &Bson) -> bool {
    ok.as_bool() == Some(true) || number(ok) == Some(1)
}

/// A whole number, in whichever of the three forms a server sends it.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds are none")]
pub(super) fn number(value: &Bson) -> Option<i64> {
    match value {
        Bson::Int32(number) => Some((*number).into()),
        Bson::Int64(number) => Some(*number),
        Bson::Double(number) => match crate::cell::Cell::float(*number) {
            crate::cell::Cell::Number(number) => Some(number),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;

    #[test]
    fn an_errors_text_is_not_repeated() {
        let message = "E11000 duplicate key { email: \"alice@example.com\" }";
        let answer =
            doc! { "ok": 0.0, "code": 11000, "codeName": "DuplicateKey", "errmsg": message };
        let refused = check(&answer, Duration::from_secs(1));
        assert_eq!(refused, Err(Trouble::Refused("DuplicateKey (code 11000)".into())));
        let odd = doc! { "ok": 0, "code": 1, "codeName": "alice@example.com" };
        let refused = check(&odd, Duration::from_secs(1));
        assert_eq!(refused, Err(Trouble::Refused("an error (code 1)".into())));
    }

    #[test]
    fn each_refusal_has_its_meaning() {
        let of = |code| check(&doc! { "ok": 0, "code": code }, Duration::from_secs(1));
        assert!(matches!(of(18), Err(Trouble::Denied(_))));
        assert!(matches!(of(50), Err(Trouble::TooSlow(_))));
        assert!(matches!(of(91), Err(Trouble::Unreachable(_))));
        assert!(matches!(of(26), Err(Trouble::Refused(_))));
        assert_eq!(check(&doc! { "ok": 1.0 }, Duration::from_secs(1)), Ok(()));
    }
}
