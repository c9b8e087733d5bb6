//! The only place where SDK types meet ours.
//!
//! [`Aws`] is an account as one run sees it: one HTTP client, one set of credentials, one way of
//! retrying, and a client for each service and region, made when it is first needed. [`observe`]
//! turns what the API lists into `snapkeep-policy`'s inventory; [`act`] turns one planned action
//! into one call; [`store`] and [`publish`] carry documents and alarms out.
//!
//! Nothing here decides, waits or polls: a call is made, and its answer or its [`Failure`] is
//! handed back. What isn't finished is looked at again by the next run. The same code reaches AWS,
//! an emulator and the simulated account: only the configuration differs that [`Aws::new`] is
//! given.

pub mod act;
mod clock;
#[cfg(feature = "doctor")]
pub mod doctor;
pub mod failure;
pub mod observe;
pub mod post;
mod presign;
pub mod publish;
pub mod queues;
mod regional;
pub mod store;
mod translate;
mod whole;

use std::sync::Arc;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use snapkeep_policy::ids::Region;

pub use failure::{Failure, FailureClass};
use regional::Regional;
use whole::WholeAnswer;

/// Calls of one request, the first included. The SDK waits between them with full jitter.
const ATTEMPTS_MAX: u32 = 4;
/// A region that is down shall not eat the run: three seconds to be connected,
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// and fifteen for the answer of one attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);

/// An AWS account and how it is reached. Cheap to clone; clones share clients and connections.
#[derive(Debug, Clone)]
pub struct Aws {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: SdkConfig,
    home: Region,
    backup: Regional<aws_sdk_backup::Client>,
    rds: Regional<aws_sdk_rds::Client>,
    docdb: Regional<aws_sdk_docdb::Client>,
    s3: Regional<aws_sdk_s3::Client>,
    sns: Regional<aws_sdk_sns::Client>,
    sqs: Regional<aws_sdk_sqs::Client>,
}

impl Aws {
    /// The account of the environment: region and credentials as every AWS tool finds them, TLS
    /// over ring with the system's root certificates. All services answer at `endpoint` if one is
    /// given.
    ///
    /// # Errors
    /// [`FailureClass::Invalid`] when the environment names no region.
    pub async fn from_env(
        endpoint: Option<&str>,
        fallback: Option<&Region>,
    ) -> Result<Self, Failure> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(https());
        if let Some(endpoint) = endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let config = loader.retry_config(retries()).timeout_config(timeouts()).load().await;
        let fallback = fallback.map_or("", Region::as_str);
        let region = config.region().map_or(fallback, |region| region.as_ref());
        let home = region
            .parse()
            .map_err(|error| Failure::invalid("AWS_REGION", format!("{error}; set AWS_REGION")))?;
        Ok(Self::new(config, home))
    }

    /// The account of a Lambda function: its role's credentials, and nothing but the environment that
    /// the Lambda runtime makes. Where a person's tools look for profiles, web identities and the
    /// metadata service, a function has nothing to find, so none of that is linked or started.
    ///
    /// # Errors
    /// [`FailureClass::Invalid`] when `AWS_REGION` is missing or names no region.
    pub fn of_function() -> Result<Self, Failure> {
        let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let region = var("AWS_REGION").unwrap_or_default();
        let home: Region = region
            .parse()
            .map_err(|error| Failure::invalid("AWS_REGION", format!("{error}; set AWS_REGION")))?;
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(aws_config::Region::new(region))
            .credentials_provider(SharedCredentialsProvider::new(
                EnvironmentVariableCredentialsProvider::new(),
            ))
            .use_fips(var("AWS_USE_FIPS_ENDPOINT").as_deref() == Some("true"))
            .http_client(https());
        config.set_endpoint_url(var("AWS_ENDPOINT_URL"));
        Ok(Self::new(config.build(), home))
    }

    /// An account reached as `config` says, seen from `home`. What the configuration leaves open in
    /// retries and timeouts is filled in; what it brings is left as it is.
    #[must_use]
    pub fn new(config: SdkConfig, home: Region) -> Self {
        let mut builder = config.to_builder();
        if config.retry_config().is_none() {
            builder.set_retry_config(Some(retries()));
        }
        if config.timeout_config().is_none() {
            builder.set_timeout_config(Some(timeouts()));
        }
        let config = builder.build();
        let shared = Shared {
            config,
            home,
            backup: Regional::default(),
            rds: Regional::default(),
            docdb: Regional::default(),
            s3: Regional::default(),
            sns: Regional::default(),
            sqs: Regional::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The region in which this run lives: documents are there.
    #[must_use]
    pub fn home(&self) -> &Region {
        &self.shared.home
    }

    fn backup(&self, region: &Region) -> aws_sdk_backup::Client {
        self.shared.backup.get(region, || aws_sdk_backup::Client::new(&self.config_in(region)))
    }

    fn rds(&self, region: &Region) -> aws_sdk_rds::Client {
        self.shared.rds.get(region, || {
            let config = aws_sdk_rds::config::Builder::from(&self.config_in(region));
            aws_sdk_rds::Client::from_conf(config.interceptor(WholeAnswer).build())
        })
    }

    fn docdb(&self, region: &Region) -> aws_sdk_docdb::Client {
        self.shared.docdb.get(region, || aws_sdk_docdb::Client::new(&self.config_in(region)))
    }

    fn s3(&self, region: &Region) -> aws_sdk_s3::Client {
        self.shared.s3.get(region, || {
            let config = self.config_in(region);
            // An endpoint of one's own has no host name per bucket.
            let config = aws_sdk_s3::config::Builder::from(&config)
                .force_path_style(config.endpoint_url().is_some())
                .build();
            aws_sdk_s3::Client::from_conf(config)
        })
    }

    fn sns(&self, region: &Region) -> aws_sdk_sns::Client {
        self.shared.sns.get(region, || aws_sdk_sns::Client::new(&self.config_in(region)))
    }

    fn sqs(&self, region: &Region) -> aws_sdk_sqs::Client {
        self.shared.sqs.get(region, || aws_sdk_sqs::Client::new(&self.config_in(region)))
    }

    fn config(&self) -> &SdkConfig {
        &self.shared.config
    }

    fn config_in(&self, region: &Region) -> SdkConfig {
        let region = aws_config::Region::new(region.to_string());
        self.shared.config.to_builder().region(region).build()
    }
}

fn https() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build()
}
