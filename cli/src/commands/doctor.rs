//! `snapkeep doctor`: whether a deployment would do its work, before or after it is deployed.
//!
//! It looks, and changes nothing. What one look can't see keeps no other from being done, so that one
//! run names all there is to do.

mod answer;
mod places;
mod roles;

use jiff::Timestamp;
use snapkeep_aws::Aws;
use snapkeep_aws::doctor as looks;
use snapkeep_aws::observe::observe;
use snapkeep_aws::store::Store;
use snapkeep_policy::doctor::{Area, Check, Deployed, Place, Wanted, examine};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::{AccountId, Region};
use snapkeep_policy::view::View;

use self::answer::Answer;
use crate::args::{Doctor as Args, Output};
use crate::exit::Exit;
use crate::files;

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
        let (deployed, unseen) = self.with_keys(deployed).await;
        checks.extend(unseen);
        checks.extend(self.delivery(&deployed).await);
        checks.extend(self.standby(&document, &deployed).await);
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
        let standby = self.args.standby.as_ref().map(|_| Area::Standby);
        let unknown = |area| {
            let what = "can't be looked at without a policy document";
            Check::unknown(area, what, "run it again once there is one")
        };
        checks.extend(follow.into_iter().chain(standby).map(unknown));
        let caller = looks::caller(self.aws).await.map_err(looks::unseen);
        let deployed = caller.map(|caller| self.deployed(&caller.account));
        checks.extend(self.delivery(&deployed).await);
        checks
    }

    /// The deployment's names, as given or as the Terraform module gives them.
    fn deployed(&self, account: &AccountId) -> Deployed {
        let Args { name, bucket, topic, policy_key, restore_tests, standby, .. } = self.args;
        let place = |region: &Region| Place {
            bucket: format!("{name}-{account}-{region}"),
            topic: format!(
                "arn:{}:sns:{region}:{account}:{name}-alarms",
                Deployed::partition(region)
            ),
            region: region.clone(),
            key: None,
        };
        let mut home = place(self.home);
        home.bucket = bucket.clone().unwrap_or(home.bucket);
        home.topic = topic.clone().unwrap_or(home.topic);
        Deployed {
            account: account.clone(),
            home,
            standby: standby.as_ref().map(place),
            policy_key: policy_key.clone(),
            restore_tests: *restore_tests,
        }
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
