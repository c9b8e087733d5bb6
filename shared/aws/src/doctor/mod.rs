//! Looks for `snapkeep doctor` at what no function looks at: keys, subnet groups, how full quotas are,
//! who listens to a topic, what policies of buckets and topics say, who is calling, and what roles may do.
//!
//! Every look is by itself: what one of them can't see keeps no other from being done. What isn't there
//! is an answer, and no failure.

mod iam;

use std::collections::BTreeSet;
use std::future::Future;

use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeySpec};
use futures_util::future::join_all;
use jiff::Timestamp;
use snapkeep_policy::doctor::{
    Facts, Key, KeyState, Seen, SubnetGroup, Subscriptions, Topic, Unseen, Usage, UsageOf, Wanted,
};
use snapkeep_policy::ids::{AccountId, Region};

use crate::publish::topic_region;
use crate::{Aws, Failure, FailureClass};

pub use iam::{answers, caller_principal};

/// Ends a listing of subscriptions that would never end: 100 a page.
const PAGES_MAX: usize = 100;
/// SNS's word in the place of an ARN. Source: SNS API reference, `Subscribe`, response.
const PENDING: &str = "PendingConfirmation";

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// A user's ARN, or that of a role's session.
    pub arn: String,
}

/// Looks at everything that is wanted, all at once.
pub async fn look(aws: &Aws, wanted: &Wanted) -> Facts {
    let keys = each(&wanted.keys, |arn| key(aws, arn));
    let groups = each(&wanted.subnet_groups, |(region, name)| subnet_group(aws, region, name));
    let usage = each(&wanted.regions, |region| usage(aws, region));
    let (keys, subnet_groups, usage) = futures_util::join!(keys, groups, usage);
    Facts {
        keys: keys.into_iter().collect(),
        subnet_groups: subnet_groups.into_iter().collect(),
        usage: usage.into_iter().collect(),
    }
}

async fn each<'a, W: Clone + 'a, T, F: Future<Output = Result<T, Failure>>>(
    wanted: impl IntoIterator<Item = &'a W>,
    look: impl Fn(&'a W) -> F,
) -> Vec<(W, Seen<T>)> {
    let looks = wanted.into_iter().map(|what| {
        let look = look(what);
        async { (what.clone(), look.await.map_err(unseen)) }
    });
    join_all(looks).await
}

/// A failure as doctor tells it: what failed, and what to do next.
#[must_use]
pub fn unseen(failure: Failure) -> Unseen {
    let Failure { class, code, message, subject } = failure;
    let message = message.trim_end_matches('.');
    let what = [subject.as_str(), code.as_str(), message];
    let what: Vec<&str> = what.into_iter().filter(|part| !part.is_empty()).collect();
    let next = if class == FailureClass::Denied {
        "allow whoever runs this to look, and that region to be used"
    } else if code == "InvalidAction" {
        // Emulators don't know all calls.
        "look at AWS: this endpoint can't say"
    } else if class.retryable() {
        // What the functions try again by themselves, whoever asks has to.
        "run it again: it may pass"
    } else {
        class.next_step()
    };
    Unseen { what: what.join(": "), next: next.to_owned() }
}

/// Nothing there is as good an answer as any.
fn there<T>(result: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(failure) if failure.class == FailureClass::Gone => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Who is calling, as STS says.
///
/// # Errors
/// As the call.
pub async fn caller(aws: &Aws) -> Result<Caller, Failure> {
    let subject = "ask STS who is calling";
    let client = aws_sdk_sts::Client::new(&aws.config_in(aws.home()));
    let sent = client.get_caller_identity().send().await;
    let answer = sent.map_err(|error| Failure::of(subject, &error))?;
    let account = answer.account.as_deref().unwrap_or_default().parse();
    let account = account.map_err(|_| Failure::doubtful(subject, "the answer has no account"))?;
    let arn = answer.arn.ok_or_else(|| Failure::doubtful(subject, "the answer has no ARN"))?;
    Ok(Caller { account, arn })
}

async fn key(aws: &Aws, arn: &str) -> Result<Option<Key>, Failure> {
    let subject = format!("describe key {arn}");
    // The document's own check has read the region in it.
    let region: Region = arn
        .split(':')
        .nth(3)
        .and_then(|region| region.parse().ok())
        .ok_or_else(|| Failure::invalid(&subject, "expected the ARN of a key"))?;
    let client = aws_sdk_kms::Client::new(&aws.config_in(&region));
    let sent = client.describe_key().key_id(arn).send().await;
    let Some(answer) = there(sent.map_err(|error| Failure::of(&subject, &error)))? else {
        return Ok(None);
    };
    let metadata = answer.key_metadata;
    let metadata = metadata.ok_or_else(|| Failure::doubtful(&subject, "the answer has no key"))?;
    Ok(Some(key_of(metadata, arn)))
}

fn key_of(key: KeyMetadata, asked: &str) -> Key {
    use aws_sdk_kms::types::KeyState as Theirs;
    let deletion = key.deletion_date.and_then(|at| Timestamp::from_second(at.secs()).ok());
    let state = match key.key_state {
        Some(Theirs::Enabled) => KeyState::Enabled,
        Some(Theirs::PendingDeletion | Theirs::PendingReplicaDeletion) => {
            KeyState::PendingDeletion(deletion)
        }
        Some(other) => KeyState::Other(other.as_str().to_owned()),
        None => KeyState::Other("in no known state".to_owned()),
    };
    Key {
        arn: key.arn.unwrap_or_else(|| asked.to_owned()),
        state,
        is_customers: key.key_manager == Some(KeyManagerType::Customer),
        // Such a key can do nothing but encrypt and decrypt.
        is_symmetric: key.key_spec == Some(KeySpec::SymmetricDefault),
    }
}

async fn subnet_group(
    aws: &Aws,
    region: &Region,
    name: &str,
) -> Result<Option<SubnetGroup>, Failure> {
    let subject = format!("describe subnet group {name} in {region}");
    let sent = aws.rds(region).describe_db_subnet_groups().db_subnet_group_name(name).send().await;
    let answer = match sent.map_err(|error| Failure::of(&subject, &error)) {
        Err(failure) if failure.code.starts_with("DBSubnetGroupNotFound") => return Ok(None),
        answer => answer?,
    };
    let groups = answer.db_subnet_groups.unwrap_or_default();
    let Some(group) = groups.into_iter().next() else { return Ok(None) };
    let subnets = group.subnets.unwrap_or_default().into_iter();
    let zones = subnets.filter_map(|subnet| subnet.subnet_availability_zone?.name);
    let status = group.subnet_group_status.unwrap_or_else(|| "in no known state".to_owned());
    Ok(Some(SubnetGroup { zones: zones.collect(), status }))
}

/// Source of the names: RDS API reference, `AccountQuota`.
async fn usage(aws: &Aws, region: &Region) -> Result<Usage, Failure> {
    let subject = format!("describe the quotas of {region}");
    let sent = aws.rds(region).describe_account_attributes().send().await;
    let answer = sent.map_err(|error| Failure::of(&subject, &error))?;
    let of = |name: &str| {
        let mut quotas = answer.account_quotas().iter();
        let quota = quotas.find(|quota| quota.account_quota_name() == Some(name));
        let count = |count: Option<i64>| u32::try_from(count?).ok();
        let usage = quota
            .and_then(|quota| Some(UsageOf { used: count(quota.used)?, max: count(quota.max)? }));
        usage.ok_or_else(|| Failure::doubtful(&subject, format!("{name} isn't in the answer")))
    };
    Ok(Usage { clusters: of("ManualClusterSnapshots")?, instances: of("ManualSnapshots")? })
}

/// The topic and who listens to it.
///
/// # Errors
/// [`FailureClass::Invalid`] when `arn` is no SNS ARN; otherwise as the calls.
pub async fn topic(aws: &Aws, arn: &str) -> Result<Option<Topic>, Failure> {
    let subject = format!("look at topic {arn}");
    let region = topic_region(arn).ok_or_else(|| {
        Failure::invalid(&subject, "expected arn:aws:sns:<region>:<account>:<name>")
    })?;
    let client = aws.sns(&region);
    let sent = client.get_topic_attributes().topic_arn(arn).send().await;
    let answer = there(sent.map_err(|error| Failure::of(&subject, &error)))?;
    let Some(answer) = answer else { return Ok(None) };
    let mut attributes = answer.attributes.unwrap_or_default();
    let policy = attributes.remove("Policy").unwrap_or_default();
    let (mut subscriptions, mut next, mut seen) = (Subscriptions::default(), None, BTreeSet::new());
    for _ in 0..PAGES_MAX {
        let call = client.list_subscriptions_by_topic().topic_arn(arn).set_next_token(next.take());
        let page = call.send().await.map_err(|error| Failure::of(&subject, &error))?;
        for subscription in page.subscriptions.unwrap_or_default() {
            match subscription.subscription_arn.as_deref() {
                Some(PENDING) | None => subscriptions.pending += 1,
                Some(arn) if seen.insert(arn.to_owned()) => subscriptions.confirmed += 1,
                // It moved to a later page while we read.
                Some(_) => {}
            }
        }
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(Some(Topic { subscriptions, policy }));
        }
    }
    Err(Failure::doubtful(subject, format!("no end after {PAGES_MAX} pages")))
}

/// The policy of a bucket, as JSON; empty if it has none, `None` if there is no such bucket.
///
/// # Errors
/// As the call.
pub async fn bucket_policy(
    aws: &Aws,
    region: &Region,
    bucket: &str,
) -> Result<Option<String>, Failure> {
    let sent = aws.s3(region).get_bucket_policy().bucket(bucket).send().await;
    let subject = format!("look at the policy of bucket {bucket}");
    match sent.map_err(|error| Failure::of(subject, &error)) {
        Ok(answer) => Ok(Some(answer.policy.unwrap_or_default())),
        Err(failure) => match failure.code.as_str() {
            "NoSuchBucketPolicy" => Ok(Some(String::new())),
            "NoSuchBucket" => Ok(None),
            _ => Err(failure),
        },
    }
}

/// ARN of the key that a bucket encrypts with unless it is told otherwise; `None` if that is no key of
/// KMS's, or if there is no such bucket.
///
/// # Errors
/// As the call.
pub async fn bucket_key(
    aws: &Aws,
    region: &Region,
    bucket: &str,
) -> Result<Option<String>, Failure> {
    let sent = aws.s3(region).get_bucket_encryption().bucket(bucket).send().await;
    let subject = format!("look at the encryption of bucket {bucket}");
    let answer = match sent.map_err(|error| Failure::of(subject, &error)) {
        Err(failure) if failure.code == "NoSuchBucket" => return Ok(None),
        answer => answer?,
    };
    let rules = answer.server_side_encryption_configuration.map(|it| it.rules).unwrap_or_default();
    let defaults = rules.into_iter().find_map(|it| it.apply_server_side_encryption_by_default);
    Ok(defaults.and_then(|it| it.kms_master_key_id).filter(|key| key.contains(":key/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cant_be_seen_is_told_with_what_to_do_next() {
        let failure = Failure::doubtful("describe key K", "no key.");
        let expected = Unseen {
            what: "describe key K: DoubtfulAnswer: no key".to_owned(),
            next: "run it again: it may pass".to_owned(),
        };
        assert_eq!(unseen(failure), expected);
    }

    #[test]
    fn a_key_is_told_as_kms_describes_it() {
        let key = |state: &str, manager: &str, spec: &str| {
            let key = KeyMetadata::builder().key_id("k").key_state(state.into());
            let key = key.key_manager(manager.into()).key_spec(spec.into());
            key_of(key.build().unwrap(), "asked")
        };
        let good = key("Enabled", "CUSTOMER", "SYMMETRIC_DEFAULT");
        let expected = Key {
            arn: "asked".to_owned(),
            state: KeyState::Enabled,
            is_customers: true,
            is_symmetric: true,
        };
        assert_eq!(good, expected);
        let bad = key("Disabled", "AWS", "RSA_2048");
        assert_eq!(bad.state, KeyState::Other("Disabled".to_owned()));
        assert!(!bad.is_customers && !bad.is_symmetric);
        let going = key("PendingDeletion", "CUSTOMER", "SYMMETRIC_DEFAULT");
        assert_eq!(going.state, KeyState::PendingDeletion(None));
    }
}
