//! What is simulated: a policy, a fleet, a seed and what goes wrong.

use std::collections::BTreeSet;

use jiff::Timestamp;
use snapkeep_policy::alarm::Format;
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::Region;
use snapkeep_policy::inventory::{Engine, Quotas};
use snapkeep_world::{DatabaseSpec, Rates};

/// Everything that decides how a simulation goes.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The command that asked for it.
    pub command: String,
    /// The policy document, as it lies in the bucket.
    pub policy: String,
    /// The databases.
    pub fleet: Vec<Member>,
    /// The region in which the functions live.
    pub home: Region,
    /// Subnet groups that exist in every region.
    pub subnet_groups: Vec<String>,
    /// Manual snapshot quotas of every region.
    pub quotas: Quotas,
    /// Random faults.
    pub rates: Rates,
    /// Who alarms are written for.
    pub format: Format,
    /// Whether the script of incidents is played.
    pub incidents: bool,
    /// Whether alarm is asked for its reports at the end.
    pub reports: bool,
    /// Decides durations, random faults and choices.
    pub seed: u64,
    /// The first midnight.
    pub start: Timestamp,
    /// How long.
    pub days: u32,
}

/// A database of the fleet.
#[derive(Debug, Clone)]
pub struct Member {
    /// Where it is.
    pub region: Region,
    /// What it is.
    pub spec: DatabaseSpec,
}

/// The demo's policy document: the runbooks' retention and objectives.
pub const DEMO_POLICY: &str = include_str!("demo-policy.json");

impl Scenario {
    /// The demo: the managed databases of three runbooks, in two regions, and six incidents.
    ///
    /// # Panics
    /// Never: the literals are checked by a test.
    #[must_use]
    pub fn demo(days: u32, seed: u64) -> Self {
        const LITERAL: &str = "a literal that a test has seen";
        let home: Region = "us-west-2".parse().expect(LITERAL);
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect(LITERAL);
        let created_at = start - jiff::SignedDuration::from_hours(24 * 90);
        let member = |spec: DatabaseSpec, policy| Member {
            region: home.clone(),
            spec: DatabaseSpec { created_at: Some(created_at), ..spec }
                .tag("snapkeep:policy", policy),
        };
        Self {
            command: format!("snapkeep demo --days {days} --seed {seed}"),
            policy: DEMO_POLICY.to_owned(),
            fleet: vec![
                member(DatabaseSpec::cluster(Engine::Docdb, "shepherd"), "critical"),
                member(DatabaseSpec::instance(Engine::Postgres, "apm-postgres"), "important"),
                member(DatabaseSpec::instance(Engine::Mysql, "apm-mysql"), "important"),
                member(DatabaseSpec::instance(Engine::Postgres, "lab06-users"), "important"),
                member(DatabaseSpec::instance(Engine::Postgres, "lab06-orders"), "important"),
            ],
            home,
            subnet_groups: vec!["scratch".to_owned()],
            // Four instances of the demo's retention pass AWS's default of 100 within a year.
            quotas: Quotas { cluster_snapshots_max: 300, instance_snapshots_max: 300 },
            rates: Rates::none(),
            format: Format::default(),
            incidents: true,
            reports: false,
            seed,
            start,
            days,
        }
    }

    /// The policy document, checked.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn document(&self) -> Result<PolicyDocument, String> {
        PolicyDocument::from_json(&self.policy).map_err(|error| error.to_string())
    }

    /// The regions that the simulation has.
    #[must_use]
    pub fn regions(&self) -> Vec<Region> {
        let mut regions: BTreeSet<Region> = self.fleet.iter().map(|m| m.region.clone()).collect();
        regions.insert(self.home.clone());
        if let Ok(document) = self.document() {
            regions.extend(document.all_regions(Some(&self.home)));
        }
        regions.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_has_a_valid_policy_and_two_regions() {
        let demo = Scenario::demo(400, 1);
        assert_eq!(demo.document().map(|document| document.policies.len()), Ok(2));
        assert_eq!(demo.regions().len(), 2);
    }
}
