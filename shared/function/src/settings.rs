//! What a function is told by its environment. It is read once, at the start; a mistake in it is
//! refused then, and not at two in the morning.

mod standby;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use snapkeep_policy::alarm::standby::Home;
use snapkeep_policy::alarm::{Format, RUNBOOK, RUNBOOK_CHARS_MAX};
use snapkeep_policy::bad_input::{BAD_VALUE, BadInput, MISSING_FIELD, NOT_UTF8};
use snapkeep_policy::ids::{Deployment, InvalidName};
use snapkeep_policy::verb::Verb;

pub use standby::{HOME_BUCKET, STANDBY_AFTER, STANDBY_FOR};

/// Name of the bucket that holds the policy document, the evidence and the open alarms.
pub const BUCKET: &str = "SNAPKEEP_BUCKET";
/// Key of the policy document in the bucket; `policy.json` if it isn't set.
pub const POLICY_KEY: &str = "SNAPKEEP_POLICY_KEY";
/// Name of the deployment, for the metrics of a run that couldn't read the policy document. If it isn't set,
/// such a run leaves none, and its silence is what is seen.
pub const DEPLOYMENT: &str = "SNAPKEEP_DEPLOYMENT";
/// ARN of the topic for alarms. Only alarm needs it.
pub const TOPIC_ARN: &str = "SNAPKEEP_TOPIC_ARN";
/// Who alarms are written for: `hybrid`, `chat`, `cloudwatch` or `plain`; `hybrid` if it isn't set.
pub const ALERT_FORMAT: &str = "SNAPKEEP_ALERT_FORMAT";
/// Address of the runbook, without an anchor, for the link in each alarm. If it isn't set, alarms name its
/// path in snapkeep's repository.
pub const RUNBOOK_URL: &str = "SNAPKEEP_RUNBOOK_URL";
/// Path of the certificate authorities that verify trusts, in PEM. If it isn't set: those of Amazon RDS,
/// which are built in.
pub const CA_BUNDLE: &str = "SNAPKEEP_CA_BUNDLE";
/// For how many days S3 locks each record of evidence (Object Lock, compliance mode): nobody can delete or
/// change it before. Not locked if it isn't set. The bucket must have Object Lock turned on.
pub const EVIDENCE_LOCK_DAYS: &str = "SNAPKEEP_EVIDENCE_LOCK_DAYS";
/// URLs of the queues of failed runs by verb, as a JSON object. Only alarm reads them; without it, none
/// are read.
pub const FAILED_QUEUES: &str = "SNAPKEEP_FAILED_QUEUES";
/// `true` decides and reports without doing anything. If it isn't set: `true` for prune, `false` for
/// the others, because a delete must have been asked for. prune's runs fail as long as it isn't, so
/// that alarm tells: else recovery points would pile up, and nobody would know that nobody decided.
pub const DRY_RUN: &str = "SNAPKEEP_DRY_RUN";

const DEFAULT_POLICY_KEY: &str = "policy.json";
/// S3 locks for a hundred years at most.
/// Source: S3 User Guide, "Object Lock considerations".
const LOCK_DAYS_MAX: u32 = 36_500;

/// A function's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Bucket of the policy document, the evidence and the open alarms.
    pub bucket: String,
    /// Key of the policy document.
    pub policy_key: String,
    /// The deployment, as whoever deployed it calls it.
    pub deployment: Option<Deployment>,
    /// Topic for alarms.
    pub topic: Option<String>,
    /// Who alarms are written for.
    pub alert_format: Format,
    /// Where the runbook is.
    pub runbook_url: String,
    /// Certificate authorities that verify trusts, in PEM.
    pub ca_bundle: Option<PathBuf>,
    /// Days for which each record of evidence is locked.
    pub evidence_lock_days: Option<u32>,
    /// Queues of failed runs, by URL.
    pub failed_queues: BTreeMap<Verb, String>,
    /// Whom alarm stands in for, if it is a standby.
    pub standby_for: Option<Home>,
    /// Decide and report only.
    pub dry_run: bool,
    /// Why a run of prune ends as failed though nothing failed: nobody said whether it may delete.
    pub undecided: Option<BadInput>,
}

impl Settings {
    /// Those of a function that acts, with everything else as if it weren't set.
    #[must_use]
    pub fn in_bucket(bucket: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            policy_key: DEFAULT_POLICY_KEY.to_owned(),
            deployment: None,
            topic: None,
            alert_format: Format::default(),
            runbook_url: RUNBOOK.to_owned(),
            ca_bundle: None,
            evidence_lock_days: None,
            failed_queues: BTreeMap::new(),
            standby_for: None,
            dry_run: false,
            undecided: None,
        }
    }

    /// Reads the settings of `verb` from the environment variables `vars`.
    ///
    /// # Errors
    /// The first setting that is missing, blank or can't be read.
    pub fn from_vars(
        verb: Verb,
        vars: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, BadInput> {
        let vars: BTreeMap<OsString, OsString> = vars.into_iter().collect();
        let var = |name: &'static str| -> Result<Option<&str>, BadInput> {
            let Some(value) = vars.get(&OsString::from(name)) else { return Ok(None) };
            let bytes = "bytes that aren't UTF-8";
            let text =
                value.to_str().ok_or_else(|| BadInput::new(NOT_UTF8, name, bytes, "text"))?;
            if text.trim().is_empty() {
                return Err(BadInput::new(
                    BAD_VALUE,
                    name,
                    "nothing",
                    "a value, or no such variable",
                ));
            }
            Ok(Some(text))
        };
        let missing = |name, expected| BadInput::new(MISSING_FIELD, name, "nothing", expected);
        let dry_run = var(DRY_RUN)?.map(dry_run).transpose()?;
        let undecided = (verb == Verb::Prune && dry_run.is_none())
            .then(|| missing(DRY_RUN, "true or false: until it is set, prune only reports"));
        let topic = var(TOPIC_ARN)?;
        match topic {
            Some(arn) if !is_topic(arn) => {
                let expected = "an ARN such as arn:aws:sns:us-west-2:123456789012:alarms";
                return Err(BadInput::new(BAD_VALUE, TOPIC_ARN, format!("{arn:?}"), expected));
            }
            None if verb == Verb::Alarm => {
                return Err(missing(TOPIC_ARN, "the ARN of the topic for alarms"));
            }
            Some(_) | None => {}
        }
        Ok(Self {
            bucket: var(BUCKET)?.ok_or_else(|| missing(BUCKET, "the name of a bucket"))?.to_owned(),
            policy_key: var(POLICY_KEY)?.unwrap_or(DEFAULT_POLICY_KEY).to_owned(),
            deployment: var(DEPLOYMENT)?.map(deployment).transpose()?,
            topic: topic.map(ToOwned::to_owned),
            alert_format: var(ALERT_FORMAT)?.map_or(Ok(Format::default()), alert_format)?,
            runbook_url: var(RUNBOOK_URL)?.map_or(Ok(RUNBOOK.to_owned()), runbook_url)?,
            ca_bundle: var(CA_BUNDLE)?.map(PathBuf::from),
            evidence_lock_days: var(EVIDENCE_LOCK_DAYS)?.map(lock_days).transpose()?,
            failed_queues: var(FAILED_QUEUES)?.map_or(Ok(BTreeMap::new()), failed_queues)?,
            standby_for: standby::read(var)?,
            dry_run: dry_run.unwrap_or(verb == Verb::Prune),
            undecided,
        })
    }
}

fn dry_run(text: &str) -> Result<bool, BadInput> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(BadInput::text(DRY_RUN, other, "true or false")),
    }
}

fn deployment(text: &str) -> Result<Deployment, BadInput> {
    text.parse().map_err(|error: InvalidName| BadInput::text(DEPLOYMENT, text, error.expected))
}

fn lock_days(text: &str) -> Result<u32, BadInput> {
    let days = text.parse().ok().filter(|days| (1..=LOCK_DAYS_MAX).contains(days));
    days.ok_or_else(|| {
        let expected = format!("a number of days from 1 to {LOCK_DAYS_MAX}");
        BadInput::new(BAD_VALUE, EVIDENCE_LOCK_DAYS, format!("{text:?}"), expected)
    })
}

fn failed_queues(text: &str) -> Result<BTreeMap<Verb, String>, BadInput> {
    let queues: Option<BTreeMap<Verb, String>> = serde_json::from_str(text).ok();
    let queues = queues.filter(|queues| queues.values().all(|url| url.starts_with("http")));
    queues.ok_or_else(|| {
        let expected =
            r#"a URL for each verb, such as {"create": "https://sqs.…/prod-create-failed"}"#;
        BadInput::new(BAD_VALUE, FAILED_QUEUES, format!("{text:?}"), expected)
    })
}

fn alert_format(word: &str) -> Result<Format, BadInput> {
    let refuse = |expected| BadInput::new(BAD_VALUE, ALERT_FORMAT, format!("{word:?}"), expected);
    word.parse().map_err(refuse)
}

fn runbook_url(text: &str) -> Result<String, BadInput> {
    let is_address = text.starts_with("https://") || text.starts_with("http://");
    let is_short = text.chars().count() <= RUNBOOK_CHARS_MAX;
    if is_address && is_short && !text.contains([' ', '#']) {
        return Ok(text.to_owned());
    }
    let expected = format!("https://… without an anchor, at most {RUNBOOK_CHARS_MAX} characters");
    Err(BadInput::new(BAD_VALUE, RUNBOOK_URL, format!("{text:?}"), expected))
}

fn is_topic(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    matches!(parts[..], ["arn", _, "sns", region, account, name]
        if !region.is_empty() && account.len() == 12 && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(verb: Verb, vars: &[(&str, &str)]) -> Result<Settings, String> {
        let vars = vars.iter().map(|(name, value)| (name.into(), value.into()));
        Settings::from_vars(verb, vars).map_err(|error| error.to_string())
    }

    #[test]
    fn prune_is_a_dry_run_unless_told_otherwise() {
        let bucket = (BUCKET, "b");
        assert!(read(Verb::Prune, &[bucket]).unwrap().dry_run);
        assert!(!read(Verb::Prune, &[bucket, (DRY_RUN, "false")]).unwrap().dry_run);
        assert!(!read(Verb::Create, &[bucket]).unwrap().dry_run);
    }

    #[test]
    fn a_mistake_is_one_line() {
        let topic = "arn:aws:sns:us-west-2:123456789012:alarms";
        for (verb, vars, line) in [
            (
                Verb::Create,
                &[][..],
                "MISSING_FIELD SNAPKEEP_BUCKET: got nothing, expected the name of a bucket",
            ),
            (
                Verb::Create,
                &[(BUCKET, " ")],
                "BAD_VALUE SNAPKEEP_BUCKET: got nothing, expected a value, or no such variable",
            ),
            (
                Verb::Prune,
                &[(BUCKET, "b"), (DRY_RUN, "yes")],
                "BAD_VALUE SNAPKEEP_DRY_RUN: got \"yes\", expected true or false",
            ),
            (
                Verb::Prune,
                &[(BUCKET, "b"), (EVIDENCE_LOCK_DAYS, "0")],
                "BAD_VALUE SNAPKEEP_EVIDENCE_LOCK_DAYS: got \"0\", expected a number of days from 1 \
                 to 36500",
            ),
            (
                Verb::Prune,
                &[(BUCKET, "b"), (DEPLOYMENT, "Prod")],
                "BAD_VALUE SNAPKEEP_DEPLOYMENT: got \"Prod\", expected a deployment name of 1 to 32 \
                 lower-case letters, digits or hyphens",
            ),
            (
                Verb::Alarm,
                &[(BUCKET, "b")],
                "MISSING_FIELD SNAPKEEP_TOPIC_ARN: got nothing, expected the ARN of the topic for alarms",
            ),
            (
                Verb::Alarm,
                &[(BUCKET, "b"), (TOPIC_ARN, "alarms")],
                "BAD_VALUE SNAPKEEP_TOPIC_ARN: got \"alarms\", expected an ARN such as \
                 arn:aws:sns:us-west-2:123456789012:alarms",
            ),
            (
                Verb::Alarm,
                &[(BUCKET, "b"), (TOPIC_ARN, topic), (ALERT_FORMAT, "html")],
                "BAD_VALUE SNAPKEEP_ALERT_FORMAT: got \"html\", expected hybrid, chat, cloudwatch or plain",
            ),
            (
                Verb::Alarm,
                &[(BUCKET, "b"), (TOPIC_ARN, topic), (RUNBOOK_URL, "https://wiki/run#book")],
                "BAD_VALUE SNAPKEEP_RUNBOOK_URL: got \"https://wiki/run#book\", expected https://… \
                 without an anchor, at most 300 characters",
            ),
        ] {
            assert_eq!(read(verb, vars).unwrap_err(), line);
        }
        assert!(read(Verb::Alarm, &[(BUCKET, "b"), (TOPIC_ARN, topic)]).is_ok());
        let expected = "expected a URL for each verb, such as \
                        {\"create\": \"https://sqs.…/prod-create-failed\"}";
        for queues in ["https://q", r#"{"created": "https://q"}"#, r#"{"create": "q"}"#] {
            let line = read(Verb::Create, &[(BUCKET, "b"), (FAILED_QUEUES, queues)]).unwrap_err();
            assert!(line.starts_with("BAD_VALUE SNAPKEEP_FAILED_QUEUES: got "), "{line}");
            assert!(line.ends_with(expected), "{line}");
        }
        let queues = r#"{"create": "https://q/1", "alarm": "https://q/2"}"#;
        let settings = read(Verb::Create, &[(BUCKET, "b"), (FAILED_QUEUES, queues)]).unwrap();
        assert_eq!(settings.failed_queues[&Verb::Alarm], "https://q/2");
        let chat = (ALERT_FORMAT, "chat");
        let settings = read(Verb::Alarm, &[(BUCKET, "b"), (TOPIC_ARN, topic), chat]).unwrap();
        assert_eq!((settings.alert_format, settings.runbook_url.as_str()), (Format::Chat, RUNBOOK));
    }

    #[test]
    fn a_key_that_was_put_in_the_wrong_place_is_not_repeated() {
        let line = read(Verb::Prune, &[(BUCKET, "b"), (DRY_RUN, "AKIAIOSFODNN7EXAMPLE")]);
        assert!(!line.unwrap_err().contains("AKIAIOSFODNN7EXAMPLE"));
    }
}
