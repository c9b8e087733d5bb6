//! The table of codes. Sources: the error shapes of the RDS, DocumentDB, S3 and SNS API
//! models, their "Common errors" pages, and for codes that are in no model the API references'
//! text.

use super::FailureClass;
use super::FailureClass::{
    AlreadyThere, Capacity, ClockSkew, Denied, Gone, Invalid, KeyUnusable, NetworkParameters,
    PreconditionFailed, QuotaOrInFlight, Throttled, Unavailable, Unknown, WrongState,
};

/// The class of an error with this wire code, message and HTTP status.
pub(super) fn class(code: &str, message: &str, status: u16) -> FailureClass {
    // S3 says what is wrong with a key as `KMS.DisabledException` and the like.
    if let Some(of_kms) = code.strip_prefix("KMS.") {
        return if of_kms.starts_with("Throttling") { Throttled } else { KeyUnusable };
    }
    match by_code(bare(code)) {
        // The signature is also refused for its age, with the same code.
        Some(Denied) if is_about_time(message) => ClockSkew,
        Some(class) => class,
        None => by_status(status),
    }
}

fn bare(code: &str) -> &str {
    code.strip_suffix("Fault").or_else(|| code.strip_suffix("Exception")).unwrap_or(code)
}

fn is_about_time(message: &str) -> bool {
    message.starts_with("Signature expired") || message.starts_with("Signature not yet current")
}

/// What an unknown code can still be told by. A 4xx says only that it was our doing.
fn by_status(status: u16) -> FailureClass {
    match status {
        500..=599 => Unavailable,
        429 => Throttled,
        401 | 403 => Denied,
        409 | 412 => PreconditionFailed,
        _ => Unknown,
    }
}

#[rustfmt::skip]
fn by_code(bare: &str) -> Option<FailureClass> {
    let class = match bare {
        "DBClusterAlreadyExists" | "DBClusterSnapshotAlreadyExists" | "DBInstanceAlreadyExists"
        | "DBSnapshotAlreadyExists" => AlreadyThere,

        "DBClusterNotFound" | "DBClusterSnapshotNotFound" | "DBInstanceNotFound"
        | "DBSnapshotNotFound" | "NoSuchEntity" | "NoSuchKey" | "NoSuchVersion" | "NotFound"
        | "ResourceNotFound"
        // AddTagsToResource names every kind of thing that could have been tagged.
        | "BlueGreenDeploymentNotFound" | "DBProxyEndpointNotFound" | "DBProxyNotFound"
        | "DBProxyTargetGroupNotFound" | "DBShardGroupNotFound"
        | "DBSnapshotTenantDatabaseNotFound" | "IntegrationNotFound" | "TenantDatabaseNotFound"
            => Gone,

        "DBUpgradeDependencyFailure" | "InvalidDBClusterEndpointState"
        | "InvalidDBClusterSnapshotState" | "InvalidDBClusterState" | "InvalidDBInstanceState"
        | "InvalidDBSnapshotState" | "InvalidGlobalClusterState" => WrongState,

        "DBClusterAutomatedBackupQuotaExceeded" | "DBClusterQuotaExceeded"
        | "DBInstanceAutomatedBackupQuotaExceeded" | "InstanceQuotaExceeded"
        | "SnapshotQuotaExceeded" | "StorageQuotaExceeded" | "TenantDatabaseQuotaExceeded"
            => QuotaOrInFlight,

        "KMSAccessDenied" | "KMSDisabled" | "KMSInvalidState" | "KMSKeyNotAccessible"
        | "KMSNotFound" | "KMSOptInRequired" => KeyUnusable,

        "InsufficientDBClusterCapacity" | "InsufficientDBInstanceCapacity"
        | "InsufficientStorageClusterCapacity" | "ProvisionedIopsNotAvailableInAZ"
        | "StorageTypeNotAvailable" => Capacity,

        "AuthorizationNotFound" | "CertificateNotFound" | "CustomAvailabilityZoneNotFound"
        | "DBClusterParameterGroupNotFound" | "DBParameterGroupNotFound"
        | "DBSecurityGroupNotFound" | "DBSubnetGroupDoesNotCoverEnoughAZs"
        | "DBSubnetGroupNotFound" | "DomainNotFound" | "InvalidDBSecurityGroupState"
        | "InvalidDBSubnetGroupState" | "InvalidRestore" | "InvalidSubnet"
        | "InvalidVPCNetworkState" | "NetworkTypeNotSupported" | "OptionGroupNotFound"
        | "StorageTypeNotSupported" | "VpcEncryptionControlViolation" => NetworkParameters,

        "AccessDenied" | "AccountProblem" | "AllAccessDisabled" | "AuthFailure"
        | "AuthorizationError" | "ExpiredToken" | "IncompleteSignature" | "InvalidAccessKeyId"
        | "InvalidClientTokenId" | "InvalidSecurity" | "InvalidSignature" | "InvalidToken"
        | "MissingAuthenticationToken" | "NotAuthorized" | "OptInRequired"
        | "SignatureDoesNotMatch" | "UnauthorizedOperation" | "UnrecognizedClient" => Denied,

        "BandwidthLimitExceeded" | "KMSThrottling" | "PriorRequestNotComplete"
        | "RequestLimitExceeded" | "RequestThrottled" | "SlowDown" | "Throttled" | "Throttling"
        | "TooManyRequests" => Throttled,

        "RequestExpired" | "RequestInTheFuture" | "RequestTimeTooSkewed" => ClockSkew,

        "InternalError" | "InternalFailure" | "InternalServerError" | "InternalService"
        | "RequestTimeout" | "ServiceUnavailable" => Unavailable,

        "ConditionalRequestConflict" | "PreconditionFailed" => PreconditionFailed,

        "AuthorizationHeaderMalformed" | "BackupPolicyNotFound" | "EntityTooLarge"
        | "IllegalLocationConstraint" | "InvalidAction" | "InvalidArgument" | "InvalidBucketName"
        | "InvalidFormat" | "InvalidObjectState" | "InvalidParameter"
        | "InvalidParameterCombination" | "InvalidParameterValue" | "InvalidQueryParameter"
        | "InvalidRequest" | "MalformedQueryString" | "MissingAction" | "MissingParameter"
        | "MissingRequiredParameter" | "NoSuchBucket" | "ParameterValueInvalid"
        | "PermanentRedirect" | "Validation" | "ValidationError" => Invalid,

        _ => return None,
    };
    Some(class)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_code_of_the_calls_we_make_is_classified_on_purpose() {
        let codes: BTreeMap<String, String> =
            serde_json::from_str(include_str!("../../tests/data/rds-error-codes.json")).unwrap();
        assert!(codes.len() > 50, "the file is generated from the API models");
        for (shape, code) in codes {
            assert_ne!(class(&code, "", 400), Unknown, "{shape}: add {code} to the table");
        }
    }

    #[test]
    fn a_code_says_more_than_its_status() {
        let table = [
            ("DBSnapshotAlreadyExists", 400, AlreadyThere),
            ("DBClusterSnapshotAlreadyExistsFault", 400, AlreadyThere),
            ("DBSnapshotNotFound", 404, Gone),
            ("DBClusterSnapshotNotFoundFault", 404, Gone),
            ("NoSuchEntity", 404, Gone),
            ("NoSuchKey", 404, Gone),
            ("NoSuchVersion", 404, Gone),
            ("InvalidDBInstanceState", 400, WrongState),
            ("InvalidDBClusterStateFault", 400, WrongState),
            ("SnapshotQuotaExceeded", 400, QuotaOrInFlight),
            ("KMSKeyNotAccessibleFault", 400, KeyUnusable),
            ("KMSDisabled", 400, KeyUnusable),
            ("KMS.DisabledException", 400, KeyUnusable),
            ("KMS.ThrottlingException", 400, Throttled),
            ("InsufficientDBInstanceCapacity", 400, Capacity),
            ("InsufficientDBClusterCapacityFault", 403, Capacity),
            ("OptionGroupNotFoundFault", 404, NetworkParameters),
            ("DBSubnetGroupNotFoundFault", 404, NetworkParameters),
            ("AccessDenied", 403, Denied),
            ("AccessDeniedException", 400, Denied),
            ("InvalidClientTokenId", 403, Denied),
            ("Throttling", 400, Throttled),
            ("ThrottlingException", 400, Throttled),
            ("RequestLimitExceeded", 503, Throttled),
            ("SlowDown", 503, Throttled),
            ("RequestExpired", 400, ClockSkew),
            ("RequestTimeTooSkewed", 403, ClockSkew),
            ("InternalFailure", 500, Unavailable),
            ("PreconditionFailed", 412, PreconditionFailed),
            ("ConditionalRequestConflict", 409, PreconditionFailed),
            ("InvalidParameterValue", 400, Invalid),
            ("InvalidParameterValueException", 400, Invalid),
            ("NoSuchBucket", 404, Invalid),
            ("SomethingNew", 400, Unknown),
            ("SomethingNew", 404, Unknown),
            ("SomethingNew", 403, Denied),
            ("SomethingNew", 429, Throttled),
            ("SomethingNew", 503, Unavailable),
        ];
        for (code, status, expected) in table {
            assert_eq!(class(code, "", status), expected, "{code} {status}");
        }
    }

    #[test]
    fn a_signature_refused_for_its_age_is_a_matter_of_clocks() {
        let code = "SignatureDoesNotMatch";
        let old = "Signature expired: 20260304T020000Z is now earlier than 20260304T021500Z";
        assert_eq!(class(code, old, 403), ClockSkew);
        assert_eq!(class(code, "The request signature we calculated does not match", 403), Denied);
    }
}
