//! `snapkeep status`: how the fleet stands now, a line for each database, the worst first.
//!
//! It looks at AWS, at the open alarms and at the evidence, and changes nothing.

mod print;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use snapkeep_alarm::MEMORY_KEY;
use snapkeep_aws::Aws;
use snapkeep_aws::observe::observe;
use snapkeep_aws::store::Store;
use snapkeep_function::evidence::acts_of;
use snapkeep_policy::alarm::Memory;
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::history::Act;
use snapkeep_policy::ids::Region;
use snapkeep_policy::recovery_point::{Outcome, Verdict};
use snapkeep_policy::status::{Known, Row, Standing, standings};
use snapkeep_policy::verb::Verb;
use snapkeep_policy::view::View;

use crate::args::{Output, Status as Args};
use crate::exit::Exit;
use crate::files;

/// A verdict of the last days must be in the evidence; reading back further would take minutes.
const EVIDENCE_LOOKBACK: SignedDuration = SignedDuration::from_hours(8 * 24);

/// What `--output json` prints: part of the command line's contract. Fields are only ever added.
#[derive(Debug, Serialize)]
struct Answer {
    now: Timestamp,
    deployment: String,
    policy_hash: String,
    /// Databases that a restore has proven and that are within all their limits.
    proven: usize,
    /// Databases under a policy.
    protected: usize,
    /// Databases under none.
    unprotected: usize,
    /// Open alarms, also those that are about no database; none if they weren't looked at.
    open_alarms: Option<usize>,
    /// The worst first.
    databases: Vec<Line>,
    /// What couldn't be looked at: a line each.
    unseen: Vec<String>,
}

/// One database. Ages and limits are in seconds.
#[derive(Debug, Serialize)]
struct Line {
    database: String,
    region: String,
    engine: String,
    policy: String,
    proven: bool,
    newest: Option<Timestamp>,
    newest_age_seconds: Option<i64>,
    verified: Option<Timestamp>,
    verified_age_seconds: Option<i64>,
    exposure_seconds: Option<i64>,
    rpo_seconds: Option<i64>,
    recovery_seconds: Option<i64>,
    rto_seconds: Option<i64>,
    verdict: Option<Outcome>,
    verdict_at: Option<Timestamp>,
    evidence: Option<String>,
    recovery_points: usize,
    copies: BTreeMap<String, usize>,
    open_alarms: usize,
    wrong: Vec<String>,
    next_step: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// A policy that is refused or can't be read, or an environment without a region.
pub async fn run(args: &Args) -> Result<Exit, String> {
    let file = args.policy.as_deref().map(files::read_json).transpose()?;
    let from_file = match (&args.policy, &file) {
        (Some(path), Some(text)) => Some(
            PolicyDocument::from_json(text)
                .map_err(|error| files::blame(path, &error.to_string()))?,
        ),
        (None | Some(_), _) => None,
    };
    let named = from_file.as_ref().and_then(|it| it.home_regions(None).into_iter().next());
    let region = args.region.clone().or(named);
    let aws = Aws::from_env(args.endpoint_url.as_deref(), region.as_ref());
    let aws = aws.await.map_err(|failure| failure.to_string())?;
    let store = args.bucket.as_ref().map(|bucket| Store::in_region(&aws, aws.home(), bucket));
    let document = match (from_file, &store) {
        (Some(document), _) => document,
        (None, Some(store)) => stored(store, args).await?,
        (None, None) => return Err("give --bucket, --policy or both".to_owned()),
    };
    let answer = Answer::of(args, &aws, store.as_ref(), &document).await;
    match args.output {
        Output::Json => {
            let json = serde_json::to_string(&answer).map_err(|error| error.to_string())?;
            anstream::println!("{json}");
        }
        Output::Text => print::answer(&answer),
    }
    Ok(answer.exit())
}

async fn stored(store: &Store, args: &Args) -> Result<PolicyDocument, String> {
    let name = format!("s3://{}/{}", args.bucket.as_deref().unwrap_or_default(), args.policy_key);
    let object = store.get(&args.policy_key).await.map_err(|failure| failure.to_string())?;
    let Some((bytes, _)) = object else {
        return Err(format!(
            "{name} isn't there: name its key with --policy-key, or give --policy"
        ));
    };
    // What isn't UTF-8 isn't JSON either: the parser says so, with the place.
    PolicyDocument::from_json(&String::from_utf8_lossy(&bytes))
        .map_err(|error| files::blame(name.as_ref(), &error.to_string()))
}

/// What the bucket knows beside AWS.
struct Remembered {
    memory: Result<Memory, String>,
    acts: Result<Vec<Act>, String>,
}

impl Remembered {
    async fn read(store: &Store, since: Timestamp) -> Self {
        let memory = match store.get(MEMORY_KEY).await {
            Ok(Some((bytes, _))) => serde_json::from_slice(&bytes).map_err(|error| {
                format!("{MEMORY_KEY} can't be read: {error}: alarm goes back to an earlier one")
            }),
            Ok(None) => Err(format!("{MEMORY_KEY} isn't there: alarm hasn't run yet")),
            Err(failure) => Err(failure.to_string()),
        };
        let acts = acts_of(store, Verb::Verify, since, Timestamp::MAX).await;
        Self { memory, acts: acts.map_err(|failure| failure.to_string()) }
    }
}

impl Answer {
    async fn of(args: &Args, aws: &Aws, store: Option<&Store>, document: &PolicyDocument) -> Self {
        let observation = observe(aws, &document.all_regions(Some(aws.home()))).await;
        let now = args.now.unwrap_or_else(Timestamp::now);
        let view = View::new(document, &observation, None, now);
        let since = now - EVIDENCE_LOOKBACK;
        let remembered = match store {
            Some(store) => Remembered::read(store, since).await,
            None => Remembered {
                memory: Err("open alarms weren't looked at: give --bucket".to_owned()),
                acts: Err("evidence wasn't looked at: give --bucket".to_owned()),
            },
        };
        let Remembered { memory, acts } = &remembered;
        let alarms = memory.as_ref().ok().map(|memory| &memory.alarms);
        let acts_known = acts.as_ref().ok().map(|acts| (since, acts.as_slice()));
        let standings = standings(&view, Known { alarms, acts: acts_known });
        let unseen =
            view.unseen.iter().map(|(region, why)| format!("{region} can't be seen: {why}"));
        let unread = memory.as_ref().err().into_iter().chain(acts.as_ref().err()).cloned();
        let is_open = |alarm: &&snapkeep_policy::alarm::OpenAlarm| alarm.resolved_at.is_none();
        Self {
            now,
            deployment: document.deployment.to_string(),
            policy_hash: document.hash.clone(),
            proven: standings.iter().filter(|it| it.is_proven()).count(),
            protected: standings.len(),
            unprotected: view.unprotected.len(),
            open_alarms: alarms.map(|alarms| alarms.values().filter(is_open).count()),
            databases: standings.into_iter().map(|it| Line::of(it, now)).collect(),
            unseen: unseen.chain(unread).collect(),
        }
    }

    /// What couldn't be looked at is no success: whoever waits for this code would rely on it. But what
    /// was seen to be wrong is wrong whatever else there may be.
    fn exit(&self) -> Exit {
        let is_well = self.proven == self.protected && self.open_alarms.unwrap_or_default() == 0;
        match (is_well, self.unseen.is_empty()) {
            (true, true) => Exit::Nothing,
            (true, false) => Exit::Inconclusive,
            (false, _) => Exit::Failed,
        }
    }
}

impl Line {
    fn of(standing: Standing, now: Timestamp) -> Self {
        let proven = standing.is_proven();
        let Standing { row, wrong, open_alarms, next_step, evidence } = standing;
        let Row { newest, newest_verified, exposure, rpo, rto, verdict, recovery_time, .. } = row;
        let seconds = |length: Option<SignedDuration>| length.map(|length| length.as_secs());
        let age = |at: Option<Timestamp>| seconds(at.map(|at| now.duration_since(at)));
        let copies = row.copies.iter().map(|(region, count)| (Region::to_string(region), *count));
        Self {
            database: row.database,
            region: row.region.to_string(),
            engine: row.engine,
            policy: row.policy,
            proven,
            newest,
            newest_age_seconds: age(newest),
            verified: newest_verified,
            verified_age_seconds: age(newest_verified),
            exposure_seconds: seconds(exposure),
            rpo_seconds: seconds(rpo),
            recovery_seconds: seconds(recovery_time),
            rto_seconds: seconds(rto),
            verdict: verdict.map(|Verdict { outcome, .. }| outcome),
            verdict_at: verdict.map(|Verdict { at, .. }| at),
            evidence,
            recovery_points: row.recovery_points,
            copies: copies.collect(),
            open_alarms,
            wrong,
            next_step,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_what_is_unknown_and_what_is_well_have_an_exit_code_each() {
        let answer = |proven, open_alarms, unseen: &[&str]| Answer {
            now: Timestamp::UNIX_EPOCH,
            deployment: "test".to_owned(),
            policy_hash: String::new(),
            proven,
            protected: 2,
            unprotected: 0,
            open_alarms,
            databases: Vec::new(),
            unseen: unseen.iter().map(|line| (*line).to_owned()).collect(),
        };
        let region = &["us-east-1 can't be seen"][..];
        for (proven, open_alarms, unseen, exit) in [
            (2, Some(0), &[][..], Exit::Nothing),
            (1, Some(0), &[], Exit::Failed),
            (2, Some(1), &[], Exit::Failed),
            (1, None, region, Exit::Failed),
            (2, Some(1), region, Exit::Failed),
            (2, Some(0), region, Exit::Inconclusive),
            (2, None, &["open alarms weren't looked at"], Exit::Inconclusive),
        ] {
            let said = format!("{proven} of 2, {open_alarms:?} alarms, {unseen:?}");
            assert_eq!(answer(proven, open_alarms, unseen).exit(), exit, "{said}");
        }
    }
}
