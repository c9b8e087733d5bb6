//! What MySQL's and MariaDB's errors mean, and which of them may be repeated.

use std::time::Duration;

use mysql_async::{DriverError, Error, IoError, TlsError};
use snapkeep_policy::verify::testimony::Trouble;

use crate::trouble;

pub(super) fn trouble(error: &Error, limit: Duration) -> Trouble {
    match error {
        Error::Server(error) => refused(error.code, &error.message, limit),
        Error::Io(IoError::Tls(TlsError::Tls(error))) => trouble::tls(error),
        Error::Io(IoError::Io(error)) if is_too_large(error) => trouble::too_many_bytes(),
        Error::Io(IoError::Io(error)) => trouble::connection(error),
        Error::Driver(DriverError::PacketTooLarge) => trouble::too_many_bytes(),
        Error::Driver(DriverError::NoClientSslFlagFromServer) => trouble::no_tls(),
        Error::Driver(
            DriverError::UnknownAuthPlugin { .. } | DriverError::CleartextPluginDisabled,
        ) => Trouble::Denied("it wants a kind of login that isn't a password's".into()),
        // What the driver makes of an answer may quote it.
        Error::Driver(_) | Error::Other(_) | Error::Url(_) | Error::Io(_) => {
            Trouble::Unreachable("the connection failed in the middle of an answer".into())
        }
    }
}

/// The codec's refusal comes wrapped as one of input and output.
fn is_too_large(error: &std::io::Error) -> bool {
    error.to_string().contains("max_allowed_packet")
}

/// Source: MySQL Error Reference, "Server Error Message Reference"; MariaDB Error Codes.
fn refused(code: u16, message: &str, limit: Duration) -> Trouble {
    let text = words(code, message);
    match code {
        1044 | 1045 | 1698 => Trouble::Denied(text),
        // The statement's or a lock's time is up: MySQL, MariaDB, either.
        3024 | 1969 | 1205 | 1317 => trouble::too_slow(limit),
        // No connection left, or it is shutting down.
        1040 | 1053 | 1203 => Trouble::Unreachable(text),
        _ => Trouble::Refused(text),
    }
}

/// The message where it names no more than the schema or the statement's own words.
fn words(code: u16, message: &str) -> String {
    const REPEATED: [u16; 21] = [
        1040, 1044, 1045, 1046, 1049, 1053, 1054, 1064, 1109, 1142, 1143, 1146, 1203, 1227, 1290,
        1305, 1356, 1370, 1698, 1792, 1836,
    ];
    if REPEATED.contains(&code) {
        trouble::one_line(&format!("{message} (error {code})"))
    } else {
        format!("an error whose text may hold data (error {code})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_may_quote_a_value_is_not_repeated() {
        let duplicate = words(1062, "Duplicate entry 'alice@example.com' for key 'email'");
        assert_eq!(duplicate, "an error whose text may hold data (error 1062)");
        let missing = words(1146, "Table 'shop.gone' doesn't exist");
        assert_eq!(missing, "Table 'shop.gone' doesn't exist (error 1146)");
    }

    #[test]
    fn each_refusal_has_its_meaning() {
        let of = |code| refused(code, "words", Duration::from_secs(1));
        assert!(matches!(of(1045), Trouble::Denied(_)));
        assert!(matches!(of(3024), Trouble::TooSlow(_)));
        assert!(matches!(of(1969), Trouble::TooSlow(_)));
        assert!(matches!(of(1040), Trouble::Unreachable(_)));
        assert!(matches!(of(1792), Trouble::Refused(_)));
    }
}
