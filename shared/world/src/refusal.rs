//! Refusals, with the codes that AWS puts on the wire.
//!
//! The code on the wire often differs from the name of the SDK's error type
//! (`DBSnapshotNotFound`, not `DBSnapshotNotFoundFault`), without a rule: every code and status here
//! was read from the RDS service model (2014-10-31).

use std::borrow::Cow;
use std::fmt;

use snapkeep_policy::inventory::Shape;

/// An answer that says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub status: u16,
    pub code: Cow<'static, str>,
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self { status, code: code.into(), message: message.into() }
    }

    pub(crate) fn invalid_value(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterValue", message)
    }

    pub(crate) fn invalid_combination(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterCombination", message)
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        let message = format!("The request must contain the parameter {parameter}.");
        Self::new(400, "MissingParameter", message)
    }

    pub(crate) fn unknown_operation(operation: &str) -> Self {
        let message = format!("The simulated account doesn't know the operation {operation}.");
        Self::new(400, "InvalidAction", message)
    }

    pub(crate) fn database_not_found(shape: Shape, id: &str) -> Self {
        let code = match shape {
            Shape::Cluster => "DBClusterNotFoundFault",
            Shape::Instance => "DBInstanceNotFound",
        };
        Self::new(404, code, format!("{} {id} not found.", noun(shape)))
    }

    pub(crate) fn database_exists(shape: Shape, id: &str) -> Self {
        let code = match shape {
            Shape::Cluster => "DBClusterAlreadyExistsFault",
            Shape::Instance => "DBInstanceAlreadyExists",
        };
        Self::new(400, code, format!("{} {id} already exists.", noun(shape)))
    }

    pub(crate) fn database_state(shape: Shape, message: impl fmt::Display) -> Self {
        let code = match shape {
            Shape::Cluster => "InvalidDBClusterStateFault",
            Shape::Instance => "InvalidDBInstanceState",
        };
        Self::new(400, code, message.to_string())
    }

    pub(crate) fn snapshot_not_found(shape: Shape, id: &str) -> Self {
        let code = match shape {
            Shape::Cluster => "DBClusterSnapshotNotFoundFault",
            Shape::Instance => "DBSnapshotNotFound",
        };
        Self::new(404, code, format!("{} snapshot {id} not found.", noun(shape)))
    }

    pub(crate) fn snapshot_exists(shape: Shape, id: &str) -> Self {
        let code = match shape {
            Shape::Cluster => "DBClusterSnapshotAlreadyExistsFault",
            Shape::Instance => "DBSnapshotAlreadyExists",
        };
        let message = format!(
            "Cannot create the snapshot because a snapshot with the identifier {id} already exists."
        );
        Self::new(400, code, message)
    }

    pub(crate) fn snapshot_state(shape: Shape, message: impl fmt::Display) -> Self {
        let code = match shape {
            Shape::Cluster => "InvalidDBClusterSnapshotStateFault",
            Shape::Instance => "InvalidDBSnapshotState",
        };
        Self::new(400, code, message.to_string())
    }

    /// The quota of kept snapshots and the limit of copies in flight have this code in common.
    pub(crate) fn snapshot_quota(message: impl fmt::Display) -> Self {
        Self::new(400, "SnapshotQuotaExceeded", message.to_string())
    }

    pub(crate) fn key_not_accessible(key: &str) -> Self {
        let message = format!(
            "The specified KMS key [{key}] does not exist, is not enabled or you do not have \
             permissions to access it."
        );
        Self::new(400, "KMSKeyNotAccessibleFault", message)
    }

    pub(crate) fn no_capacity(shape: Shape) -> Self {
        let (status, code) = match shape {
            Shape::Cluster => (403, "InsufficientDBClusterCapacityFault"),
            Shape::Instance => (400, "InsufficientDBInstanceCapacity"),
        };
        Self::new(status, code, "There is not enough capacity for the request; try again later.")
    }
}

fn noun(shape: Shape) -> &'static str {
    match shape {
        Shape::Cluster => "DBCluster",
        Shape::Instance => "DBInstance",
    }
}
