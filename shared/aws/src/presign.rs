//! The presigned URL that lets the destination region fetch an encrypted snapshot from the source.
//!
//! It is the copy request itself, as a GET to the *source* region, signed in the query for one
//! hour. AWS wants `DestinationRegion`, `KmsKeyId` and the source's identifier in it, equal to
//! those of the copy request; what other SDKs put there is the same, and a vector made with
//! botocore holds us to it. Source: `CopyDBClusterSnapshot` and `CopyDBSnapshot`, PreSignedUrl, RDS
//! API reference.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_rds::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_sdk_rds::config::{Credentials, ProvideCredentials};
use aws_sdk_rds::error::BoxError;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use snapkeep_policy::ids::{RdsArn, Region};
use snapkeep_policy::inventory::Shape;

use crate::Failure;

/// What botocore uses; AWS names no limit.
const EXPIRES_IN: Duration = Duration::from_secs(3600);
/// The only version of the RDS API there is, DocumentDB's too.
const API_VERSION: &str = "2014-10-31";
const NO_PROVIDER: &str = "the configuration has no provider of credentials";

/// The parts of a copy request that the URL repeats.
#[derive(Debug)]
pub(crate) struct CopyRequest<'a> {
    pub(crate) source: &'a RdsArn,
    pub(crate) shape: Shape,
    pub(crate) destination: &'a Region,
    pub(crate) target: &'a str,
    pub(crate) kms_key: Option<&'a str>,
}

impl CopyRequest<'_> {
    /// Signs the request with the configuration's credentials and clock.
    ///
    /// # Errors
    /// [`crate::FailureClass::Denied`] when there are no credentials.
    pub(crate) async fn presign(&self, config: &SdkConfig) -> Result<String, Failure> {
        let subject = format!("sign the copy {} of {}", self.target, self.source);
        let provider = config.credentials_provider().ok_or_else(|| {
            Failure::unsigned(&subject, &CredentialsError::not_loaded(NO_PROVIDER))
        })?;
        let credentials = provider.provide_credentials().await;
        let credentials = credentials.map_err(|error| Failure::unsigned(&subject, &error))?;
        let endpoint = endpoint(config, &self.source.region)
            .await
            .map_err(|error| Failure::invalid(&subject, error.to_string()))?;
        let now = config.time_source().unwrap_or_default().now();
        self.signed(&endpoint, credentials, now)
            .map_err(|error| Failure::invalid(&subject, error.to_string()))
    }

    fn signed(
        &self,
        endpoint: &str,
        credentials: Credentials,
        now: SystemTime,
    ) -> Result<String, BoxError> {
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(EXPIRES_IN);
        let identity = credentials.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.source.region.as_str())
            .name("rds")
            .time(now)
            .settings(settings)
            .build()?
            .into();
        let url = format!("{}/?{}", endpoint.trim_end_matches('/'), self.query());
        let mut request = http::Request::get(url).body(())?;
        let uri = request.uri().to_string();
        let signable =
            SignableRequest::new("GET", uri, std::iter::empty(), SignableBody::Bytes(b""))?;
        let (instructions, _) = sign(signable, &params)?.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(request.uri().to_string())
    }

    fn query(&self) -> String {
        let (action, source_key, target_key) = match self.shape {
            Shape::Cluster => (
                "CopyDBClusterSnapshot",
                "SourceDBClusterSnapshotIdentifier",
                "TargetDBClusterSnapshotIdentifier",
            ),
            Shape::Instance => {
                ("CopyDBSnapshot", "SourceDBSnapshotIdentifier", "TargetDBSnapshotIdentifier")
            }
        };
        let source = self.source.to_string();
        let parameters = [
            ("Action", Some(action)),
            ("Version", Some(API_VERSION)),
            ("DestinationRegion", Some(self.destination.as_str())),
            ("KmsKeyId", self.kms_key),
            (source_key, Some(&source)),
            (target_key, Some(self.target)),
        ];
        let given = parameters.into_iter().filter_map(|(key, value)| Some((key, value?)));
        let pairs = given.map(|(key, value)| format!("{key}={}", percent_encoded(value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// RDS's address in `region`, with the partition's domain; the configured one if there is one.
async fn endpoint(config: &SdkConfig, region: &Region) -> Result<String, BoxError> {
    let params = Params::builder()
        .region(region.as_str())
        .use_fips(config.use_fips().unwrap_or_default())
        .use_dual_stack(config.use_dual_stack().unwrap_or_default())
        .set_endpoint(config.endpoint_url().map(str::to_owned))
        .build()?;
    let endpoint = ResolveEndpoint::resolve_endpoint(&DefaultResolver::new(), &params).await?;
    Ok(endpoint.url().to_owned())
}

/// RFC 3986, unreserved characters only: as Signature Version 4 wants it.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use aws_config::Region as AwsRegion;
    use serde_json::Value;

    use super::*;

    const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const TARGET: &str = "snapkeep-shepherd-20260304t0200z-0123456789";

    fn credentials(token: Option<&str>) -> Credentials {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        Credentials::new("AKIDEXAMPLE", secret, token.map(str::to_owned), None, "test")
    }

    fn signed(shape: Shape, token: Option<&str>) -> String {
        let kind = if shape == Shape::Cluster { "cluster-snapshot" } else { "snapshot" };
        let source: RdsArn =
            format!("arn:aws:rds:us-west-2:123456789012:{kind}:{TARGET}").parse().unwrap();
        let destination = "us-east-1".parse().unwrap();
        let request = CopyRequest {
            source: &source,
            shape,
            destination: &destination,
            target: TARGET,
            kms_key: Some(KEY),
        };
        let now: jiff::Timestamp = "2026-03-04T02:00:00Z".parse().unwrap();
        let endpoint = "https://rds.us-west-2.amazonaws.com";
        request.signed(endpoint, credentials(token), now.into()).unwrap()
    }

    /// The order of parameters differs between signers and means nothing.
    fn parts(url: &str) -> (&str, BTreeSet<&str>) {
        let (address, query) = url.split_once('?').unwrap();
        (address, query.split('&').collect())
    }

    #[test]
    fn the_urls_are_botocores_signature_included() {
        let file: Value =
            serde_json::from_str(include_str!("../tests/data/presign-vector.json")).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        assert_eq!(vectors.len(), 6);
        for vector in vectors {
            let shape = match vector["operation"].as_str() {
                Some("CopyDBClusterSnapshot") => Shape::Cluster,
                Some("CopyDBSnapshot") => Shape::Instance,
                other => panic!("{other:?}"),
            };
            let url = signed(shape, vector["session_token"].as_str());
            assert_eq!(parts(&url), parts(vector["url"].as_str().unwrap()), "{vector}");
        }
    }

    #[tokio::test]
    async fn the_address_is_the_source_regions_in_its_partition() {
        let table = [
            ("us-west-2", "https://rds.us-west-2.amazonaws.com"),
            ("cn-north-1", "https://rds.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", "https://rds.us-gov-west-1.amazonaws.com"),
        ];
        for (region, expected) in table {
            let config = SdkConfig::builder().region(AwsRegion::new("us-east-1")).build();
            let address = endpoint(&config, &region.parse().unwrap()).await.unwrap();
            assert_eq!(address, expected);
        }
        let config = SdkConfig::builder().endpoint_url("http://127.0.0.1:5000").build();
        let address = endpoint(&config, &"us-west-2".parse().unwrap()).await.unwrap();
        assert_eq!(address.trim_end_matches('/'), "http://127.0.0.1:5000");
    }

    #[tokio::test]
    async fn without_credentials_nothing_is_signed() {
        let config = SdkConfig::builder().build();
        let source = "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:s".parse().unwrap();
        let destination = "us-east-1".parse().unwrap();
        let request = CopyRequest {
            source: &source,
            shape: Shape::Cluster,
            destination: &destination,
            target: "s",
            kms_key: Some(KEY),
        };
        let failure = request.presign(&config).await.unwrap_err();
        assert_eq!(failure.class, crate::FailureClass::Denied);
    }
}
