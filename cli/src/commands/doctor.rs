//! `snapkeep doctor`: whether a deployment would do its work, before or after it is deployed.
//!
//! It looks, and changes nothing. What one look can't see keeps no other from being done, so that one
//! run names all there is to do.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use jiff::Timestamp;
use serde::Serialize;
use snapkeep_aws::Aws;
use snapkeep_aws::doctor::{self as looks, Caller};
use snapkeep_aws::observe::observe;
use snapkeep_aws::store::Store;
use snapkeep_policy::doctor::{
    Area, Check, Deployed, Facts, Need, Principal, Seen, Verdict, Wanted, examine, needs,
    permissions, role_name, subscriptions,
};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::{AccountId, Region};
use snapkeep_policy::verb::Verb;
use snapkeep_policy::view::View;

use crate::args::{Doctor as Args, Output};
use crate::exit::Exit;
use crate::{files, ui};

/// What `--output json` prints: part of the command line's contract.
#[derive(Debug, Serialize)]
struct Answer {
    checks: Vec<Check>,
    ok: usize,
    wrong: usize,
    unknown: usize,
}

/// Runs the command.
///
/// # Errors
/// A file that can't be read, or an environment without a region.
pub async fn run(args: &Args) -> Result<Exit, String> {
    let file = args.policy.as_deref().map(files::read_json).transpose()?;
    let aws = Aws::from_env(args.endpoint_url.as_deref(), args.region.as_ref());
    let aws = aws.await.map_err(|failure| failure.to_string())?;
    let home = args.region.clone().unwrap_or_else(|| aws.home().clone());
    let visit = Visit { args, aws: &aws, home: &home };
    let answer = Answer::of(visit.checks(file).await);
    match args.output {
        Output::Json => {
            let json = serde_json::to_string(&answer).map_err(|error| error.to_string())?;
            anstream::println!("{json}");
        }
        Output::Text => answer.print(),
    }
    Ok(answer.exit())
}

/// One look at one deployment.
struct Visit<'a> {
    args: &'a Args,
    aws: &'a Aws,
    home: &'a Region,
}

impl Visit<'_> {
    async fn checks(&self, file: Option<String>) -> Vec<Check> {
        let (document, name) = match self.document(file).await {
            Ok(found) => found,
            Err(checks) => return self.without_document(checks).await,
        };
        let mut checks = vec![accepted(&document, &name)];
        let caller = looks::caller(self.aws).await.map_err(looks::unseen);
        let regions = document.all_regions(Some(self.home));
        let observation = observe(self.aws, &regions).await;
        let deployed = match (&caller, &observation.account) {
            (Ok(caller), _) => Ok(self.deployed(&caller.account)),
            (Err(_), Some(account)) => Ok(self.deployed(account)),
            (Err(unseen), None) => Err(unseen.clone()),
        };
        let view = View::new(&document, &observation, None, Timestamp::now());
        let facts = looks::look(self.aws, &Wanted::of(&view, self.home)).await;
        checks.extend(examine(&view, &facts, self.home));
        checks.push(self.subscriptions(&deployed).await);
        checks.extend(self.permissions(&view, &facts, &deployed, &caller).await);
        checks
    }

    /// The document, and how it is called in messages; or what is wrong with it.
    async fn document(&self, file: Option<String>) -> Result<(PolicyDocument, String), Vec<Check>> {
        let (text, name) = match (file, &self.args.policy) {
            (Some(text), Some(path)) => (text, files::name(path)),
            (None | Some(_), _) => self.stored().await.map_err(|check| vec![check])?,
        };
        match PolicyDocument::from_json(&text) {
            Ok(document) => Ok((document, name)),
            Err(bad) => {
                let next = "correct the document: no function runs on it";
                let refused = |line: &str| {
                    Check::wrong(Area::PolicyDocument, format!("{name}: {line}"), next)
                };
                Err(bad.to_string().lines().map(refused).collect())
            }
        }
    }

    async fn stored(&self) -> Result<(String, String), Check> {
        let area = Area::PolicyDocument;
        let bucket = self.args.bucket.as_deref().unwrap_or_default();
        let key = &self.args.policy_key;
        let name = format!("s3://{bucket}/{key}");
        match Store::in_region(self.aws, self.home, bucket).get(key).await {
            // What isn't UTF-8 isn't JSON either: the parser says so, with the place.
            Ok(Some((bytes, _))) => Ok((String::from_utf8_lossy(&bytes).into_owned(), name)),
            Ok(None) => {
                let next = "put the policy document there, or name its key with --policy-key";
                Err(Check::wrong(area, format!("{name} isn't there"), next))
            }
            Err(failure) if failure.code == "NoSuchBucket" => {
                let next = "apply the module, or correct --bucket";
                Err(Check::wrong(area, format!("there is no bucket {bucket}"), next))
            }
            Err(failure) => Err(Check::unseen(area, &looks::unseen(failure))),
        }
    }

    /// The rest, as far as it doesn't follow from the document.
    async fn without_document(&self, mut checks: Vec<Check>) -> Vec<Check> {
        let follow = [Area::Selection, Area::Keys, Area::Networks, Area::Quotas, Area::Permissions];
        let unknown = |area| {
            let what = "can't be looked at without a policy document";
            Check::unknown(area, what, "run it again once there is one")
        };
        checks.extend(follow.map(unknown));
        let caller = looks::caller(self.aws).await.map_err(looks::unseen);
        let deployed = caller.map(|caller| self.deployed(&caller.account));
        checks.push(self.subscriptions(&deployed).await);
        checks
    }

    /// The deployment's names, as given or as the Terraform module gives them.
    fn deployed(&self, account: &AccountId) -> Deployed {
        let Args { name, bucket, topic, policy_key, restore_tests, .. } = self.args;
        let (home, partition) = (self.home.clone(), Deployed::partition(self.home));
        let by_name = || format!("{name}-{account}-{home}");
        let by_topic = || format!("arn:{partition}:sns:{home}:{account}:{name}-alarms");
        Deployed {
            bucket: bucket.clone().unwrap_or_else(by_name),
            topic: topic.clone().unwrap_or_else(by_topic),
            account: account.clone(),
            policy_key: policy_key.clone(),
            restore_tests: *restore_tests,
            home,
        }
    }

    async fn subscriptions(&self, deployed: &Seen<Deployed>) -> Check {
        let named = self.args.topic.as_ref();
        let arn = match (named, deployed) {
            (Some(arn), _) => arn,
            (None, Ok(deployed)) => &deployed.topic,
            (None, Err(unseen)) => return Check::unseen(Area::Subscriptions, unseen),
        };
        let topic = looks::topic(self.aws, arn).await.map_err(looks::unseen);
        subscriptions(arn, named.is_some(), &topic)
    }

    async fn permissions(
        &self,
        view: &View<'_>,
        facts: &Facts,
        deployed: &Seen<Deployed>,
        caller: &Seen<Caller>,
    ) -> Vec<Check> {
        let deployed = match deployed {
            Ok(deployed) => deployed,
            Err(unseen) => return vec![Check::unseen(Area::Permissions, unseen)],
        };
        let principals = match self.principals(deployed, caller).await {
            Ok(principals) => principals,
            Err(unseen) => return vec![Check::unseen(Area::Permissions, &unseen)],
        };
        let bar = ui::progress(5, "functions", "asking IAM");
        let looks = principals.iter().map(async |(verb, principal)| {
            let needs = needs(view, facts, deployed, *verb);
            let asked: Vec<Need> = needs.into_iter().filter(|n| principal.is_asked(n)).collect();
            let answers = looks::answers(self.aws, principal.arn(), &asked).await;
            bar.inc(1);
            permissions(*verb, principal, &asked, &answers)
        });
        let checks = join_all(looks).await.concat();
        bar.finish_and_clear();
        checks
    }

    /// Who carries out each verb.
    async fn principals(
        &self,
        deployed: &Deployed,
        caller: &Seen<Caller>,
    ) -> Seen<BTreeMap<Verb, Principal>> {
        if self.args.as_caller {
            let caller = caller.as_ref().map_err(Clone::clone)?;
            let arn = looks::caller_principal(self.aws, caller).await.map_err(looks::unseen)?;
            let all = Verb::ALL.map(|verb| (verb, Principal::Caller { arn: arn.clone() }));
            return Ok(all.into());
        }
        let named: BTreeMap<Verb, &String> =
            self.args.roles.iter().map(|(verb, arn)| (*verb, arn)).collect();
        let (account, partition) = (&deployed.account, Deployed::partition(self.home));
        let role = |verb| {
            let name = role_name(&self.args.name, verb);
            let by_name = || format!("arn:{partition}:iam::{account}:role/{name}");
            let is_named = named.contains_key(&verb);
            let arn = named.get(&verb).map_or_else(by_name, ToString::to_string);
            (verb, Principal::Role { arn, is_named })
        };
        Ok(Verb::ALL.map(role).into())
    }
}

fn accepted(document: &PolicyDocument, name: &str) -> Check {
    let PolicyDocument { deployment, policies, hash, .. } = document;
    let policies = match policies.len() {
        1 => "1 policy".to_owned(),
        many => format!("{many} policies"),
    };
    // The parser accepts this version and no other.
    let what = format!("{name}: version 1, deployment {deployment}, {policies}, hash {hash}");
    Check::ok(Area::PolicyDocument, what)
}

impl Answer {
    fn of(checks: Vec<Check>) -> Self {
        let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
        let (ok, wrong, unknown) =
            (count(Verdict::Ok), count(Verdict::Wrong), count(Verdict::Unknown));
        Self { checks, ok, wrong, unknown }
    }

    /// What couldn't be looked at is no success: whoever waits for this code would deploy on it.
    fn exit(&self) -> Exit {
        if self.wrong + self.unknown == 0 { Exit::Nothing } else { Exit::Error }
    }

    fn print(&self) {
        let heading = ui::HEADING;
        for area in Area::ALL {
            let mut checks = self.checks.iter().filter(|check| check.area == area).peekable();
            if checks.peek().is_none() {
                continue;
            }
            anstream::println!("{heading}{}{heading:#}", area.heading());
            checks.for_each(print);
            anstream::println!();
        }
        let Self { ok, wrong, unknown, .. } = self;
        anstream::println!(
            "{heading}Doctor:{heading:#} {ok} ok, {wrong} wrong, {unknown} unknown."
        );
    }
}

fn print(check: &Check) {
    let (style, mark) = match check.verdict {
        Verdict::Ok => (ui::GOOD, "✓"),
        Verdict::Wrong => (ui::BAD, "✗"),
        Verdict::Unknown => (ui::DIM, "?"),
    };
    let Check { what, next, .. } = check;
    let next = next.as_ref().map_or(String::new(), |next| format!(": {next}"));
    anstream::println!("{style}{mark}{style:#} {what}{next}");
}
