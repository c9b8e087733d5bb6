//! Why a run ended before it could decide anything.

use snapkeep_aws::Failure;
use snapkeep_policy::bad_input::BadInput;
use snapkeep_policy::document::BadDocument;

/// A run that came to nothing: nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is wrong.
    #[error("{0}")]
    Settings(#[source] BadInput),
    /// What was asked for makes no sense.
    #[error("{0}")]
    Request(#[source] BadInput),
    /// The policy document is wrong.
    #[error("{0}")]
    Policy(#[source] BadDocument),
    /// There is no policy document.
    #[error("s3://{bucket}/{key}: there is no policy document: put one there")]
    NoPolicy {
        /// The bucket that was looked into.
        bucket: String,
        /// The key that was looked for.
        key: String,
    },
    /// AWS couldn't be asked.
    #[error("{0}")]
    Aws(#[from] Failure),
}

impl Error {
    /// Whether the same request can succeed later without anybody changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Settings(_) | Self::Request(_) | Self::Policy(_) | Self::NoPolicy { .. } => false,
            Self::Aws(failure) => failure.retryable(),
        }
    }
}
