//! What went wrong, sorted by what can be done about it: one classifier for the errors of every
//! service, by the code on the wire.
//!
//! The code on the wire often differs from the name of the SDK's type: `SnapshotQuotaExceeded` is
//! `SnapshotQuotaExceededFault`, and `InvalidParameterValue` has no type at all. So types are not
//! matched, only codes, less the `Fault` or `Exception` that some services append and others don't.

mod classify;

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_rds::config::http::HttpResponse;
use aws_sdk_rds::error::{ErrorMetadata, ProvideErrorMetadata, SdkError};
use snapkeep_policy::words::one_line;

/// AWS's messages may hold whole policies; a line shall stay a line.
const MESSAGE_CHARS_MAX: usize = 400;
/// Codes of AWS's have half as many at most.
const CODE_CHARS_MAX: usize = 80;
/// An ARN or a key of ours with what was attempted, and room for more.
const SUBJECT_CHARS_MAX: usize = 400;
/// Our words where no answer carried a code.
const NOT_SENT: &str = "NotSent";
const NO_CREDENTIALS: &str = "NoCredentials";

/// A call that came to nothing: one line, without line breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure it is.
    pub class: FailureClass,
    /// The code on the wire, or a word of ours when no answer carried one.
    pub code: String,
    /// What AWS says.
    pub message: String,
    /// What was attempted, on which id, where.
    pub subject: String,
}

/// Kinds of failure, by what can be done about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailureClass {
    /// Something with that identifier exists.
    AlreadyThere,
    /// The thing isn't there, or isn't visible yet.
    Gone,
    /// It is busy with something else.
    WrongState,
    /// A quota is full, or too many copies are in flight: AWS has one code for both.
    QuotaOrInFlight,
    /// A KMS key is missing, disabled or not for us.
    KeyUnusable,
    /// AWS has no room for the instance or its storage just now.
    Capacity,
    /// A subnet, security, parameter or option group doesn't fit or doesn't exist.
    NetworkParameters,
    /// Credentials are missing or don't allow it, or the region isn't enabled.
    Denied,
    /// Too many calls.
    Throttled,
    /// AWS's clock and ours differ by too much.
    ClockSkew,
    /// No proper answer: a 5xx, a timeout, no connection, a truncated body.
    Unavailable,
    /// Somebody else wrote the document first.
    PreconditionFailed,
    /// What is stored isn't what was written.
    Damaged,
    /// The request can't be met as it stands.
    Invalid,
    /// A code that this version doesn't know.
    Unknown,
}

impl FailureClass {
    /// Whether it may pass by itself, so that a later run can succeed without anybody's help.
    #[must_use]
    pub fn retryable(self) -> bool {
        match self {
            Self::WrongState
            | Self::QuotaOrInFlight
            | Self::Capacity
            | Self::Throttled
            | Self::ClockSkew
            | Self::Unavailable
            | Self::PreconditionFailed => true,
            Self::AlreadyThere
            | Self::Gone
            | Self::KeyUnusable
            | Self::NetworkParameters
            | Self::Denied
            | Self::Damaged
            | Self::Invalid
            | Self::Unknown => false,
        }
    }

    /// What whoever reads of it should do.
    #[must_use]
    pub fn next_step(self) -> &'static str {
        match self {
            Self::AlreadyThere => "look at what has this identifier",
            Self::Gone => "check that it still exists, under this name and here",
            Self::WrongState => "it is tried again once it is available",
            Self::QuotaOrInFlight => "wait for copies in flight, or have the quota raised",
            Self::KeyUnusable => "enable the key and allow this role to use it",
            Self::Capacity => "it is tried again; another instance class may have room",
            Self::NetworkParameters => "check subnet, security, parameter and option groups",
            Self::Denied => "check this role's permissions, and that the region is enabled",
            Self::Throttled => "it is tried again; fewer other callers would help",
            Self::ClockSkew => "set this machine's clock right",
            Self::Unavailable => "it is tried again; see the AWS Health Dashboard if it lasts",
            Self::PreconditionFailed => "it is read again and tried anew",
            Self::Damaged => {
                "see what `snapkeep evidence verify` says, and find out who changed it"
            }
            Self::Invalid => "correct the policy or the setting that it came from",
            Self::Unknown => "look the code up in the AWS API reference",
        }
    }
}

impl Failure {
    /// Whether it may pass by itself: [`FailureClass::retryable`].
    #[must_use]
    pub fn retryable(&self) -> bool {
        self.class.retryable()
    }

    /// Reads what the SDK returned for `subject`: what was attempted, on which id, where.
    pub(crate) fn of<E>(subject: impl Into<String>, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let (class, code) = match error {
            SdkError::ServiceError(context) => {
                return Self::answered(subject, context.err().meta(), context.raw());
            }
            SdkError::DispatchFailure(_) if lacks_credentials(error) => {
                (FailureClass::Denied, NO_CREDENTIALS)
            }
            SdkError::TimeoutError(_) => (FailureClass::Unavailable, "Timeout"),
            SdkError::DispatchFailure(sent) if sent.is_timeout() => {
                (FailureClass::Unavailable, "Timeout")
            }
            SdkError::DispatchFailure(_) => (FailureClass::Unavailable, "NoConnection"),
            SdkError::ResponseError(_) => (FailureClass::Unavailable, "UnreadableAnswer"),
            // The SDK's enum may grow; what can't be told apart was not sent.
            SdkError::ConstructionFailure(_) | _ => (FailureClass::Invalid, NOT_SENT),
        };
        Self::new(class, subject, code, &chain(error))
    }

    fn answered(subject: impl Into<String>, meta: &ErrorMetadata, raw: &HttpResponse) -> Self {
        let status = raw.status().as_u16();
        let code = meta.code().map_or_else(|| format!("HTTP{status}"), str::to_owned);
        let message = meta.message().unwrap_or_default();
        Self::new(classify::class(&code, message, status), subject, code, message)
    }

    /// There are no credentials to sign with.
    pub(crate) fn unsigned(subject: impl Into<String>, error: &(dyn Error + 'static)) -> Self {
        Self::new(FailureClass::Denied, subject, NO_CREDENTIALS, &chain(error))
    }

    /// There was no answer to a request to somebody else than AWS.
    pub(crate) fn unreached(subject: impl Into<String>, error: &(dyn Error + 'static)) -> Self {
        Self::new(FailureClass::Unavailable, subject, "NoConnection", &chain(error))
    }

    /// Somebody else than AWS answered with a `status` that is no success.
    pub(crate) fn refused(subject: impl Into<String>, status: u16, answer: &str) -> Self {
        let class = match status {
            429 => FailureClass::Throttled,
            500.. => FailureClass::Unavailable,
            _ => FailureClass::Invalid,
        };
        Self::new(class, subject, format!("HTTP{status}"), answer)
    }

    /// A request of ours that can't be met: it is not even sent.
    pub fn invalid(subject: impl Into<String>, message: impl AsRef<str>) -> Self {
        Self::new(FailureClass::Invalid, subject, NOT_SENT, message.as_ref())
    }

    /// Somebody else wrote the document first.
    pub fn overtaken(subject: impl Into<String>) -> Self {
        let code = "PreconditionFailed".to_owned();
        Self::new(FailureClass::PreconditionFailed, subject, code, "another run was faster")
    }

    /// What is stored isn't what was written, so nothing may be built on it.
    pub fn damaged(subject: impl Into<String>, message: impl AsRef<str>) -> Self {
        Self::new(FailureClass::Damaged, subject, "Damaged", message.as_ref())
    }

    /// An answer that can't be right, though AWS calls it a success: it counts as none.
    pub(crate) fn doubtful(subject: impl Into<String>, message: impl AsRef<str>) -> Self {
        Self::new(FailureClass::Unavailable, subject, "DoubtfulAnswer", message.as_ref())
    }

    /// A list that would have taken more of the run's time than it may.
    pub(crate) fn out_of_time(subject: impl Into<String>, pages: usize) -> Self {
        let message = format!(
            "no time is left after {pages} pages, or there would be none to act: raise the function's \
             timeout, and look for who else calls AWS if pages take longer than they did"
        );
        Self::new(FailureClass::Unavailable, subject, "OutOfTime", &message)
    }

    /// The run had no time for it, or none left to wait for its end.
    pub fn late(subject: impl Into<String>) -> Self {
        let message = "this run has no time left for it";
        Self::new(FailureClass::Unavailable, subject, "OutOfTime", message)
    }

    fn new(
        class: FailureClass,
        subject: impl Into<String>,
        code: impl Into<String>,
        message: &str,
    ) -> Self {
        Self {
            class,
            code: one_line(&code.into(), CODE_CHARS_MAX),
            message: one_line(message, MESSAGE_CHARS_MAX),
            subject: one_line(&subject.into(), SUBJECT_CHARS_MAX),
        }
    }
}

/// The SDK hands out a missing credential as a dispatch that failed.
fn lacks_credentials(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<CredentialsError>())
}

/// The error and what caused it, the deepest last.
fn chain(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, code, message, subject } = self;
        write!(f, "{subject}: {code}")?;
        if !message.is_empty() {
            write!(f, ": {}", message.trim_end_matches('.'))?;
        }
        write!(f, "; {}", class.next_step())
    }
}

impl Error for Failure {}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::error::ConnectorError;
    use aws_sdk_rds::operation::describe_db_clusters::DescribeDBClustersError;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn answered(status: u16, code: &str, message: &str) -> Failure {
        let meta = ErrorMetadata::builder().code(code).message(message).build();
        let raw = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        let error = SdkError::service_error(DescribeDBClustersError::generic(meta), raw);
        Failure::of("list clusters of us-west-2", &error)
    }

    #[test]
    fn a_failure_is_one_line_that_says_what_failed_and_what_to_do_next() {
        let failure = answered(400, "Throttling", "Rate exceeded.\n  Slow\r\ndown.");
        let expected = "list clusters of us-west-2: Throttling: Rate exceeded. Slow down; \
                        it is tried again; fewer other callers would help";
        assert_eq!(failure.to_string(), expected);
    }

    #[test]
    fn a_message_of_any_length_stays_a_line() {
        let failure = answered(403, "AccessDenied", &"policy ".repeat(10_000));
        assert!(failure.to_string().len() < 600);
    }

    #[test]
    fn words_of_others_steer_no_terminal() {
        let failure = answered(403, "Denied\u{1b}[2J", "no\u{9b}way \u{202e}yaw");
        let said = failure.to_string();
        assert!(said.starts_with("list clusters of us-west-2: Denied [2J: no way yaw; "), "{said}");
        let hides = Failure::damaged("evidence/prune/\n\u{1b}c", "it hides the ledger");
        assert!(hides.to_string().starts_with("evidence/prune/ c: Damaged: "), "{hides}");
    }

    #[test]
    fn a_call_without_an_answer_is_unavailable_and_may_pass() {
        type Error = SdkError<DescribeDBClustersError, HttpResponse>;
        let raw = HttpResponse::new(200.try_into().unwrap(), SdkBody::empty());
        let table = [
            (Error::timeout_error("slow"), "Timeout"),
            (Error::dispatch_failure(ConnectorError::timeout("slow".into())), "Timeout"),
            (Error::dispatch_failure(ConnectorError::io("refused".into())), "NoConnection"),
            (Error::response_error("not XML", raw), "UnreadableAnswer"),
        ];
        for (error, code) in table {
            let failure = Failure::of("list", &error);
            assert_eq!((failure.class, &*failure.code), (FailureClass::Unavailable, code));
            assert!(failure.retryable());
        }
    }

    #[test]
    fn missing_credentials_are_a_matter_of_permission_not_of_connection() {
        let missing = CredentialsError::not_loaded("none in this environment");
        let sent = ConnectorError::other(missing.into(), None);
        let error = SdkError::<DescribeDBClustersError, _>::dispatch_failure(sent);
        let failure = Failure::of("list", &error);
        assert_eq!((failure.class, &*failure.code), (FailureClass::Denied, "NoCredentials"));
        assert!(!failure.retryable());
    }
}
