//! `snapkeep simulate`: a policy and a fleet over months or years, alone or beside another policy.

use std::collections::BTreeMap;

use serde::Deserialize;
use snapkeep_policy::document::{DatabaseRef, PolicyDocument};
use snapkeep_policy::ids::{Region, ResourceType};
use snapkeep_policy::inventory::{Engine, Quotas, Shape};
use snapkeep_world::DatabaseSpec;

use crate::args::{Faults, Output, Simulate as Args};
use crate::commands::demo;
use crate::exit::Exit;
use crate::simulation::{Member, Scenario};
use crate::story::Story;
use crate::{files, ui};

/// Quotas out of the way: a simulation shows how many snapshots a policy needs.
const NO_QUOTA: Quotas =
    Quotas { cluster_snapshots_max: 1_000_000, instance_snapshots_max: 1_000_000 };

/// A database as the fleet file describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    id: String,
    engine: Engine,
    #[serde(default)]
    region: Option<Region>,
    #[serde(default = "encrypted")]
    encrypted: bool,
    #[serde(default = "storage_gib")]
    storage_gib: u32,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

fn encrypted() -> bool {
    true
}

fn storage_gib() -> u32 {
    100
}

/// Runs the command.
///
/// # Errors
/// A policy or a fleet that is refused.
pub async fn run(args: &Args) -> Result<Exit, String> {
    let first = scenario(args, &args.policy)?;
    let mut stories = vec![demo::tell(&first, "simulating").await?];
    if let Some(other) = &args.compare {
        let second = Scenario { fleet: first.fleet.clone(), ..scenario(args, other)? };
        stories.push(demo::tell(&second, "comparing").await?);
    }
    if let (Some(path), [story, ..]) = (&args.report, &stories[..]) {
        demo::write_report(path, story)?;
    }
    if let [story, ..] = &stories[..] {
        demo::write_messages(&args.published, story)?;
    }
    match args.output {
        Output::Json => {
            let json = match &stories[..] {
                [story] => serde_json::to_string(story),
                stories => serde_json::to_string(stories),
            };
            anstream::println!("{}", json.map_err(|error| error.to_string())?);
        }
        Output::Text => print(&stories, &first),
    }
    let is_sound = stories.iter().all(|story| story.violations.is_empty());
    Ok(if is_sound { Exit::Nothing } else { Exit::Error })
}

fn scenario(args: &Args, policy: &std::path::Path) -> Result<Scenario, String> {
    let text = files::read_json(policy)?;
    let document = PolicyDocument::from_json(&text)
        .map_err(|error| files::blame(policy, &error.to_string()))?;
    let demo = Scenario::demo(args.days, args.seed);
    let home = document.home_regions(Some(&demo.home)).into_iter().next().unwrap_or(demo.home);
    let fleet = match &args.fleet {
        Some(path) => read_fleet(&files::read(path)?, &home)
            .map_err(|error| format!("{}: {error}", path.display()))?,
        None => invent_fleet(&document, &home),
    };
    let rules = document.policies.values().filter_map(|policy| policy.verify.as_ref());
    let mut command = format!("snapkeep simulate --policy {}", policy.display());
    if let Some(fleet) = &args.fleet {
        command.push_str(&format!(" --fleet {}", fleet.display()));
    }
    command.push_str(&format!(" --days {} --seed {}", args.days, args.seed));
    if args.faults == Faults::Stormy {
        command.push_str(" --faults stormy");
    }
    Ok(Scenario {
        command,
        policy: text,
        fleet,
        home,
        subnet_groups: rules.map(|rule| rule.subnet_group.clone()).collect(),
        quotas: NO_QUOTA,
        rates: demo::rates(args.faults),
        format: args.published.format,
        incidents: false,
        reports: false,
        ..demo
    })
}

fn read_fleet(text: &str, home: &Region) -> Result<Vec<Member>, String> {
    let given: Vec<Given> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let member = |given: Given| {
        let shape = shape(given.engine);
        let spec = match shape {
            Shape::Cluster => DatabaseSpec::cluster(given.engine, &given.id),
            Shape::Instance => DatabaseSpec::instance(given.engine, &given.id),
        };
        let spec = DatabaseSpec {
            encrypted: given.encrypted,
            storage_gib: given.storage_gib,
            tags: given.tags.into_iter().collect(),
            ..spec
        };
        Member { region: given.region.unwrap_or_else(|| home.clone()), spec }
    };
    Ok(given.into_iter().map(member).collect())
}

/// One database for each that the policies name, and one for each set of tags that they select.
fn invent_fleet(document: &PolicyDocument, home: &Region) -> Vec<Member> {
    let mut fleet = Vec::new();
    for (name, policy) in &document.policies {
        for database in &policy.select.databases {
            let (region, spec) = match database {
                DatabaseRef::Arn(arn) if arn.resource == ResourceType::Cluster => {
                    (&arn.region, DatabaseSpec::cluster(Engine::Docdb, &arn.id))
                }
                DatabaseRef::Arn(arn) => {
                    (&arn.region, DatabaseSpec::instance(Engine::Postgres, &arn.id))
                }
                DatabaseRef::Id(id) => (home, DatabaseSpec::instance(Engine::Postgres, id)),
            };
            fleet.push(Member { region: region.clone(), spec });
        }
        if !policy.select.tags.is_empty() {
            let spec = DatabaseSpec::cluster(Engine::Docdb, &format!("{name}-by-tags"));
            let spec =
                DatabaseSpec { tags: policy.select.tags.clone().into_iter().collect(), ..spec };
            fleet.push(Member { region: home.clone(), spec });
        }
    }
    fleet
}

fn shape(engine: Engine) -> Shape {
    match engine {
        Engine::Docdb | Engine::AuroraMysql | Engine::AuroraPostgresql => Shape::Cluster,
        Engine::Mysql | Engine::Postgres | Engine::Mariadb => Shape::Instance,
    }
}

fn print(stories: &[Story], scenario: &Scenario) {
    let heading = ui::HEADING;
    let Scenario { days, seed, .. } = scenario;
    anstream::println!("{heading}{days} days of a simulated account{heading:#} (seed {seed})\n");
    let mut table = ui::table(["", "first", "second"]);
    let mut row = |name: &str, figure: &dyn Fn(&Story) -> String| {
        let figures = stories.iter().map(figure);
        table.add_row(std::iter::once(name.to_owned()).chain(figures));
    };
    row("deployment", &|story| story.deployment.clone());
    row("recovery points taken", &|story| story.counts.created.to_string());
    row("copied", &|story| story.counts.copied.to_string());
    row("proven by a restore", &|story| story.counts.verified.to_string());
    row("pruned", &|story| story.counts.pruned.to_string());
    row("alarms opened", &|story| story.counts.alarms_opened.to_string());
    row("alarms resolved", &|story| story.counts.alarms_resolved.to_string());
    row("faults injected", &|story| story.counts.faults_injected.to_string());
    row("invariants violated", &|story| story.violations.len().to_string());
    for database in stories.first().map_or(&[][..], |story| &story.databases) {
        let id = &database.id;
        row(&format!("{id}: kept at the end"), &|story| {
            let found = story.databases.iter().find(|database| database.id == *id);
            found.map_or("-".to_owned(), |database| database.kept.len().to_string())
        });
        row(&format!("{id}: oldest kept"), &|story| {
            let found = story.databases.iter().find(|database| database.id == *id);
            let oldest = found.and_then(|database| database.kept.last());
            oldest.map_or("-".to_owned(), |kept| kept.taken_at.strftime("%Y-%m-%d").to_string())
        });
    }
    anstream::println!("{table}");
    for story in stories {
        for violation in &story.violations {
            anstream::println!("{bad}violated{bad:#}: {violation}", bad = ui::BAD);
        }
    }
}
