//! What PostgreSQL's errors mean, and which of them may be repeated.

use std::time::Duration;

use snapkeep_policy::verify::testimony::Trouble;
use tokio_postgres::Error;

use crate::trouble;
use crate::wire::Meter;

/// What a failure means. `limit` is what the statement was given.
pub(super) fn trouble(error: &Error, meter: &Meter, limit: Duration) -> Trouble {
    if meter.is_spent() {
        return trouble::too_many_bytes();
    }
    match error.as_db_error() {
        Some(error) => refused(error.code().code(), error.message(), limit),
        None if error.is_closed() => Trouble::Unreachable("it ended the connection".into()),
        None => Trouble::Unreachable(trouble::one_line(&error.to_string())),
    }
}

/// Source: PostgreSQL documentation, appendix A, "PostgreSQL Error Codes".
fn refused(code: &str, message: &str, limit: Duration) -> Trouble {
    let text = words(code, message);
    match code {
        // query_canceled, lock_not_available
        "57014" | "55P03" => trouble::too_slow(limit),
        // It is shutting down or starting up, or has no connection left: not there, for now.
        "57P01" | "57P02" | "57P03" | "53300" => Trouble::Unreachable(text),
        code if code.starts_with("28") => Trouble::Denied(text),
        _ => Trouble::Refused(text),
    }
}

/// The message where it names no more than the schema or the statement's own words: authorization (28),
/// transaction state (25), catalogue (3D, 3F), syntax and names (42), resources (53), operators (57),
/// damage (XX001, XX002). Everywhere else it may quote a value, so the code has to do.
pub(super) fn words(code: &str, message: &str) -> String {
    const REPEATED: [&str; 9] = ["25", "28", "3D", "3F", "42", "53", "57", "XX001", "XX002"];
    if REPEATED.iter().any(|class| code.starts_with(class)) {
        return trouble::one_line(&format!("{message} (SQLSTATE {code})"));
    }
    let class = match code.get(..2) {
        Some("22") => "a value that doesn't fit",
        Some("23") => "a constraint that doesn't hold",
        Some("54") => "too much at once",
        Some("58") => "an error of its system",
        Some("P0") => "an error that a function raised",
        Some("XX") => "an internal error",
        Some(_) | None => "an error",
    };
    trouble::one_line(&format!("{class} (SQLSTATE {code})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_may_quote_a_value_is_not_repeated() {
        let message = r#"invalid input syntax for type integer: "alice@example.com""#;
        assert_eq!(words("22P02", message), "a value that doesn't fit (SQLSTATE 22P02)");
        for code in ["23505", "P0001", "XX000", "54000", ""] {
            assert!(!words(code, message).contains("alice"), "{code}");
        }
        let named = words("42P01", r#"relation "orders" does not exist"#);
        assert_eq!(named, r#"relation "orders" does not exist (SQLSTATE 42P01)"#);
    }

    #[test]
    fn each_refusal_has_its_meaning() {
        let of = |code| refused(code, "words", Duration::from_secs(1));
        assert!(matches!(of("57014"), Trouble::TooSlow(_)));
        assert!(matches!(of("28P01"), Trouble::Denied(_)));
        assert!(matches!(of("53300"), Trouble::Unreachable(_)));
        assert!(matches!(of("25006"), Trouble::Refused(_)));
        assert!(matches!(of("42501"), Trouble::Refused(_)));
    }
}
