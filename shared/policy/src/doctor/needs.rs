//! What each function has to be allowed, and what it must be refused, in this deployment.
//!
//! The table is data, `permissions.json` beside this file, so that others can hold a role's policies
//! against it without this code. Here its places are filled in: accounts, regions, buckets, keys.
//!
//! Of the protected databases one of each shape and region stands for all, with its own tags; any name is
//! `example`. A key of recovery points is known only once there are some.

use std::collections::{BTreeMap, BTreeSet};

use crate::doctor::places::restore_regions;
use crate::doctor::table::{Context, Row, Table, When, Where};
use crate::doctor::{Facts, Function};
use crate::document::{Pick, partition_of};
use crate::ids::{AccountId, Region};
use crate::inventory::{Database, Shape};
use crate::verb::Verb;
use crate::view::View;

/// What stands for any name.
const EXAMPLE: &str = "example";

/// How a deployment is called and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// Its account.
    pub account: AccountId,
    /// Where the five functions are.
    pub home: Place,
    /// Where its standby is, if it has one.
    pub standby: Option<Place>,
    /// Key of the policy document in each bucket.
    pub policy_key: String,
    /// Whether it validates AWS Backup's restore tests.
    pub restore_tests: bool,
}

/// Where functions run, and what they have there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Their region.
    pub region: Region,
    /// Their bucket.
    pub bucket: String,
    /// ARN of the topic for alarms.
    pub topic: String,
    /// ARN of the key of all that is in the bucket, if it has one and that is known.
    pub key: Option<String>,
}

impl Deployed {
    /// The partition of a region's accounts.
    #[must_use]
    pub fn partition(home: &Region) -> &'static str {
        partition_of(home.as_str()).unwrap_or("aws")
    }

    /// Where `function` is, if it is deployed at all.
    #[must_use]
    pub fn place(&self, function: Function) -> Option<&Place> {
        match function {
            Function::Of(_) => Some(&self.home),
            Function::Standby => self.standby.as_ref(),
        }
    }
}

/// Actions that must all be allowed, or all be refused, on all of the resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Whether they are needed; otherwise they must be refused.
    pub may: bool,
    /// What for, or what against.
    pub why: String,
    /// What to ask IAM.
    pub question: Question,
}

/// What IAM is asked: each action on each resource, as if it were called under `context`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Such as `rds:CreateDBSnapshot`.
    pub actions: Vec<String>,
    /// ARNs, or `*`.
    pub resources: Vec<String>,
    /// Condition keys and their values.
    pub context: Context,
}

/// What `function` needs, and what it must be refused; nothing if it isn't deployed.
///
/// # Panics
/// If the table isn't what its types say: a test reads it.
#[must_use]
pub fn needs(view: &View<'_>, facts: &Facts, deployed: &Deployed, function: Function) -> Vec<Need> {
    let Some(place) = deployed.place(function) else { return Vec::new() };
    let table = Table::read();
    let mut needs = Vec::new();
    for row in table.rows.iter().filter(|row| row.of.contains(&function)) {
        if matches!(row.when, Some(When::RestoreTests)) && !deployed.restore_tests {
            continue;
        }
        for region in regions(view, deployed, place, row.r#in, function.verb()) {
            let filled = Filled { view, facts, deployed, function, place, region: &region };
            needs.extend(filled.row(&table.contexts, row));
        }
    }
    needs
}

fn regions(
    view: &View<'_>,
    deployed: &Deployed,
    place: &Place,
    r#in: Where,
    verb: Verb,
) -> BTreeSet<Region> {
    let home = &deployed.home.region;
    let copies = || view.document.policies.values().flat_map(|policy| &policy.copies);
    match r#in {
        Where::Seen => view.document.regions_of(verb, Some(home)),
        Where::Homes => view.document.home_regions(Some(home)),
        Where::Sources if copies().next().is_none() => BTreeSet::new(),
        Where::Sources => view.document.home_regions(Some(home)),
        Where::Copies => copies().map(|copy| copy.region.clone()).collect(),
        Where::Restores => restore_regions(view, home),
        Where::Rehearsals => rehearsed(view).map(|database| database.arn.region.clone()).collect(),
        Where::Home => [home.clone()].into(),
        Where::Here => [place.region.clone()].into(),
    }
}

/// The databases of which points in time are rehearsed.
fn rehearsed<'v>(view: &'v View<'_>) -> impl Iterator<Item = &'v Database> {
    let is_rehearsed = |pick| matches!(pick, Pick::PointInTime { .. });
    let rehearsed =
        view.protected.iter().filter(move |p| p.policy.verify.iter().any(|v| is_rehearsed(v.pick)));
    rehearsed.map(|protected| protected.database)
}

/// What the table's {…} stand for, for one function in one region.
struct Filled<'f> {
    view: &'f View<'f>,
    facts: &'f Facts,
    deployed: &'f Deployed,
    function: Function,
    place: &'f Place,
    region: &'f Region,
}

impl Filled<'_> {
    /// A need for each context: a database's own tags are part of it.
    fn row(&self, contexts: &BTreeMap<String, Context>, row: &Row) -> Vec<Need> {
        let mut shared = Context::new();
        shared.insert("aws:RequestedRegion".to_owned(), vec![self.region.to_string()]);
        for name in &row.with {
            for (key, values) in &contexts[name] {
                let values = values.iter().flat_map(|value| self.fill(value)).collect();
                shared.insert(key.clone(), values);
            }
        }
        let mut resources: BTreeMap<Context, Vec<String>> = BTreeMap::new();
        for resource in row.resources.iter().flat_map(|text| self.fill(text)) {
            let mut context = shared.clone();
            context.extend(self.tags_of(&resource));
            let name = if resource == "*" { resource } else { resource.replace('*', EXAMPLE) };
            resources.entry(context).or_default().push(name);
        }
        let need = |(context, resources)| Need {
            may: row.may,
            why: row.why.clone(),
            question: Question { actions: row.actions.clone(), resources, context },
        };
        resources.into_iter().map(need).collect()
    }

    /// The text with its first place filled by each of its values, and so on with the rest of it.
    fn fill(&self, text: &str) -> Vec<String> {
        let Some((before, rest)) = text.split_once('{') else { return vec![text.to_owned()] };
        let Some((name, after)) = rest.split_once('}') else { return vec![text.to_owned()] };
        let ends = self.fill(after);
        let of = |value: String| ends.iter().map(move |end| format!("{before}{value}{end}"));
        self.values(name).into_iter().flat_map(of).collect()
    }

    fn values(&self, name: &str) -> Vec<String> {
        let Deployed { account, home, policy_key, .. } = self.deployed;
        let (view, place) = (self.view, self.place);
        match name {
            "partition" => vec![Deployed::partition(&home.region).to_owned()],
            "account" => vec![account.to_string()],
            "region" => vec![self.region.to_string()],
            "verb" => vec![self.function.verb().to_string()],
            "deployment" => vec![view.document.deployment.to_string()],
            "bucket" => vec![place.bucket.clone()],
            "home_bucket" => vec![home.bucket.clone()],
            "policy_key" => vec![policy_key.clone()],
            "topic" => vec![place.topic.clone()],
            "home_topic" => vec![home.topic.clone()],
            "key" => place.key.iter().cloned().collect(),
            "home_key" => home.key.iter().cloned().collect(),
            "failed_queue" => self.failed_queues(),
            "subnet_group" => self.subnet_groups(),
            "copy_key" => self.copy_keys(),
            "point_key" => self.point_keys(),
            "instance" => vec![self.protected(Shape::Instance)],
            "cluster" => vec![self.protected(Shape::Cluster)],
            "rehearsed_instance" => self.rehearsed(Shape::Instance),
            "rehearsed_cluster" => self.rehearsed(Shape::Cluster),
            unknown => panic!("{{{unknown}}} in the table of permissions has no meaning"),
        }
    }

    /// As the module names them.
    fn failed_queues(&self) -> Vec<String> {
        let Deployed { account, home: Place { region: home, .. }, .. } = self.deployed;
        let (partition, name) = (Deployed::partition(home), &self.view.document.deployment);
        let queue = |verb| format!("arn:{partition}:sqs:{home}:{account}:{name}-{verb}-failed");
        Verb::ALL.map(queue).to_vec()
    }

    fn subnet_groups(&self) -> Vec<String> {
        let rules = self.view.document.policies.values().filter_map(|p| p.verify.as_ref());
        let names: BTreeSet<&String> = rules.map(|rule| &rule.subnet_group).collect();
        names.into_iter().cloned().collect()
    }

    /// IAM knows keys, not aliases: what an alias stands for was looked up.
    fn copy_keys(&self) -> Vec<String> {
        let rules = self.view.document.policies.values().flat_map(|policy| &policy.copies);
        let here = rules.filter(|rule| rule.region == *self.region);
        let keys: BTreeSet<String> = here
            .filter_map(|rule| match self.facts.keys.get(rule.kms_key.as_ref()?) {
                Some(Ok(Some(key))) => Some(key.arn.clone()),
                Some(Ok(None) | Err(_)) | None => rule.kms_key.clone(),
            })
            .filter(|arn| arn.contains(":key/"))
            .collect();
        keys.into_iter().collect()
    }

    fn point_keys(&self) -> Vec<String> {
        let points = self.view.recovery_points.values().flatten();
        let here = points.filter(|point| point.region() == self.region);
        let keys: BTreeSet<&str> = here.filter_map(|p| p.snapshot.kms_key.as_deref()).collect();
        keys.into_iter().filter(|key| key.contains(":key/")).map(str::to_owned).collect()
    }

    fn protected(&self, shape: Shape) -> String {
        let databases = self.view.protected.iter().map(|protected| protected.database);
        let mut here = databases.filter(|d| d.shape == shape && d.arn.region == *self.region);
        here.next().map_or_else(|| self.any_name(shape), |database| database.arn.to_string())
    }

    fn any_name(&self, shape: Shape) -> String {
        let word = match shape {
            Shape::Cluster => "cluster",
            Shape::Instance => "db",
        };
        let (account, partition) = (&self.deployed.account, Deployed::partition(self.region));
        format!("arn:{partition}:rds:{}:{account}:{word}:*", self.region)
    }

    fn rehearsed(&self, shape: Shape) -> Vec<String> {
        let mut here =
            rehearsed(self.view).filter(|d| d.shape == shape && d.arn.region == *self.region);
        here.next().map(|database| database.arn.to_string()).into_iter().collect()
    }

    fn tags_of(&self, resource: &str) -> Context {
        let databases = self.view.protected.iter().map(|protected| protected.database);
        let mut named = databases.filter(|database| database.arn.to_string() == resource);
        let Some(database) = named.next() else { return Context::new() };
        let own = match database.shape {
            Shape::Cluster => "rds:cluster-tag",
            Shape::Instance => "rds:db-tag",
        };
        let keys = |(key, value): (&str, &str)| {
            let prefixes = ["aws:ResourceTag", own];
            prefixes.map(|prefix| (format!("{prefix}/{key}"), vec![value.to_owned()]))
        };
        database.tags.iter().flat_map(keys).collect()
    }
}
