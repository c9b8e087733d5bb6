//! What went wrong, in words that are fit for evidence: one line, short, without values.

use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, Error as Tls};
use snapkeep_policy::verify::testimony::Trouble;
use snapkeep_policy::words;

/// So much of a server's message is repeated.
const MESSAGE_CHARS_MAX: usize = 300;

/// A server's words on one line, at most [`MESSAGE_CHARS_MAX`] of them.
pub(crate) fn one_line(text: &str) -> String {
    words::one_line(text, MESSAGE_CHARS_MAX)
}

pub(crate) fn silent(limit: Duration) -> Trouble {
    Trouble::Hangs(format!("nothing was answered within {}", span(limit)))
}

pub(crate) fn too_slow(limit: Duration) -> Trouble {
    Trouble::TooSlow(format!("it gave up after {}; raise the limit or ask for less", span(limit)))
}

pub(crate) fn too_many_bytes() -> Trouble {
    let bytes = crate::ANSWER_BYTES_MAX;
    Trouble::TooLarge(format!("more than {bytes} bytes; ask for one number or time"))
}

/// Nobody there, or nobody any more.
pub(crate) fn unreachable(error: &io::Error) -> Trouble {
    Trouble::Unreachable(one_line(&error.to_string()))
}

/// A connection that failed while TLS was agreed upon, or later.
pub(crate) fn connection(error: &io::Error) -> Trouble {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Tls>());
    inner.map_or_else(|| unreachable(error), tls)
}

/// The reasons a certificate can be refused for, and the few others that TLS fails for.
#[expect(clippy::wildcard_enum_match_arm, reason = "rustls adds to its errors")]
pub(crate) fn tls(error: &Tls) -> Trouble {
    match error {
        Tls::InvalidCertificate(CertificateError::UnknownIssuer) => Trouble::UnknownIssuer(
            "no authority of the bundle signed it; add the server's authority to the bundle".into(),
        ),
        Tls::InvalidCertificate(error) => Trouble::Untrusted(one_line(&error.to_string())),
        Tls::AlertReceived(AlertDescription::CertificateRequired) => {
            Trouble::Denied("it wants a client's certificate".into())
        }
        error => Trouble::Untrusted(one_line(&format!("no TLS came about: {error}"))),
    }
}

pub(crate) fn no_tls() -> Trouble {
    Trouble::Untrusted("the server offers no TLS; turn it on there".into())
}

/// How long, in the unit that says it shortest.
fn span(limit: Duration) -> String {
    if limit.subsec_millis() == 0 {
        format!("{} s", limit.as_secs())
    } else {
        format!("{:.1} s", limit.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_whatever_a_server_says() {
        assert_eq!(one_line("  a\r\nb\u{1b}[31mc\0  d "), "a b [31mc d");
        let long = one_line(&"é".repeat(1000));
        assert_eq!(long.chars().count(), 300);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn each_way_a_certificate_fails_is_told_apart() {
        let class = |error| tls(&Tls::InvalidCertificate(error));
        assert!(matches!(class(CertificateError::UnknownIssuer), Trouble::UnknownIssuer(_)));
        for error in [
            CertificateError::Expired,
            CertificateError::NotValidYet,
            CertificateError::NotValidForName,
            CertificateError::BadSignature,
        ] {
            assert!(matches!(class(error.clone()), Trouble::Untrusted(_)), "{error:?}");
        }
        let wrapped = io::Error::other(Tls::InvalidCertificate(CertificateError::Expired));
        assert!(matches!(connection(&wrapped), Trouble::Untrusted(_)));
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        assert!(matches!(connection(&reset), Trouble::Unreachable(_)));
    }
}
