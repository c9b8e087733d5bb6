//! `snapkeep plan`: what the five functions would do now, like `terraform plan`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use snapkeep_aws::Aws;
use snapkeep_aws::observe::observe;
use snapkeep_policy::alarm::{self, Memory};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::Region;
use snapkeep_policy::plan::{Describe, Line, Note, Plan, Refusal, RefusalCode};
use snapkeep_policy::request::Request;
use snapkeep_policy::view::View;
use snapkeep_policy::{copy, create, prune, verify};

use crate::args::{Output, Plan as Args};
use crate::exit::Exit;
use crate::{files, ui};

/// All five plans as one.
#[derive(Debug, Serialize)]
struct Plans {
    now: Timestamp,
    deployment: String,
    policy_hash: String,
    actions: Vec<Line>,
    notes: Vec<Note>,
    refusals: Vec<Refusal>,
}

/// Runs the command.
///
/// # Errors
/// A policy that is refused, or an account that can't be reached.
pub async fn run(args: &Args) -> Result<Exit, String> {
    let document = PolicyDocument::from_json(&files::read_json(&args.policy)?)
        .map_err(|error| files::blame(&args.policy, &error.to_string()))?;
    let region = args.region.clone().or_else(|| document.home_regions(None).into_iter().next());
    let aws = Aws::from_env(args.endpoint_url.as_deref(), region.as_ref());
    let aws = aws.await.map_err(|failure| failure.to_string())?;
    let regions = document.all_regions(Some(aws.home()));
    let mut observation = observe(&aws, &regions).await;
    if args.now.is_some() {
        // An instant of one's own is no clock that could be wrong.
        observation.clock_skew = None;
    }
    let now = args.now.unwrap_or_else(Timestamp::now);
    let view = View::new(&document, &observation, None, now);
    let plans = Plans::of(&view);
    match args.output {
        Output::Json => {
            let json = serde_json::to_string(&plans).map_err(|error| error.to_string())?;
            anstream::println!("{json}");
        }
        Output::Text => plans.print(&regions),
    }
    Ok(plans.exit())
}

impl Plans {
    fn of(view: &View<'_>) -> Self {
        let request = Request::default();
        let mut plans = Self {
            now: view.now,
            deployment: view.document.deployment.to_string(),
            policy_hash: view.document.hash.clone(),
            actions: Vec::new(),
            notes: Vec::new(),
            refusals: Vec::new(),
        };
        plans.add(create::plan(view, &request));
        plans.add(copy::plan(view, &request));
        plans.add(verify::plan(view, &request));
        plans.add(prune::plan(view, &request));
        // Without alarm's memory every finding is news.
        plans.add(alarm::plan(view, &Memory::default(), Some(&BTreeSet::new())).0);
        plans.actions.sort();
        plans.notes.sort();
        plans.notes.dedup();
        plans.refusals.sort();
        plans.refusals.dedup();
        plans
    }

    fn add<A: Describe>(&mut self, plan: Plan<A>) {
        self.actions.extend(plan.lines());
        self.notes.extend(plan.notes);
        self.refusals.extend(plan.refusals);
    }

    fn exit(&self) -> Exit {
        let in_doubt = |refusal: &Refusal| {
            matches!(refusal.code, RefusalCode::PartialObservation | RefusalCode::ClockDoubt)
        };
        if self.refusals.iter().any(in_doubt) {
            Exit::Error
        } else if self.actions.is_empty() {
            Exit::Nothing
        } else {
            Exit::Changes
        }
    }

    fn print(&self, regions: &BTreeSet<Region>) {
        let (heading, dim, bad) = (ui::HEADING, ui::DIM, ui::BAD);
        let regions = regions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let (deployment, now) = (&self.deployment, self.now);
        anstream::println!("{heading}{deployment}{heading:#} in {regions}, as of {now}\n");
        let mut table = ui::table(["", "verb", "action", "id", "database", "region", "reason"]);
        for line in &self.actions {
            let Line { verb, action, id, database, region, reason } = line;
            table.add_row([mark(line), verb, action, id, database, region.as_str(), reason]);
        }
        if !self.actions.is_empty() {
            anstream::println!("{table}\n");
        }
        for Note { subject, text } in &self.notes {
            anstream::println!("{dim}  {subject}: {text}{dim:#}");
        }
        for refusal in &self.refusals {
            anstream::println!("{bad}refused{bad:#}: {}", refusal.message);
        }
        let count = |mark_wanted| self.actions.iter().filter(|l| mark(l) == mark_wanted).count();
        let (add, change, remove, tell) = (count("+"), count("~"), count("-"), count("!"));
        anstream::println!(
            "\n{heading}Plan:{heading:#} {add} to make, {change} to change, {remove} to delete, \
             {tell} to tell; {} refused.",
            self.refusals.len()
        );
    }
}

/// What a step does to the account: makes, changes, deletes, or only tells.
fn mark(line: &Line) -> &'static str {
    match line.action {
        "snapshot" | "copy" | "restore" | "add-instance" => "+",
        "delete" | "delete-instance" | "delete-cluster" => "-",
        "set-password" | "question" | "conclude" => "~",
        _ => "!",
    }
}
