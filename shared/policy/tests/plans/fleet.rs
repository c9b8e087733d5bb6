//! Everything that is there, and what the verbs say of it.

use std::collections::BTreeMap;

use serde_json::Value;
use snapkeep_policy::document::{DatabaseRef, PolicyDocument};
use snapkeep_policy::inventory::{
    Database, Observation, Quotas, RegionInventory, RegionView, Snapshot,
};
use snapkeep_policy::plan::{Describe, Plan};
use snapkeep_policy::request::Request;
use snapkeep_policy::view::View;

use crate::fixtures::{AWAY, HOME, at, document, region};

/// What there is, region by region.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fleet(pub(crate) Observation);

impl Fleet {
    /// Two regions with nothing in them.
    pub(crate) fn empty() -> Self {
        let seen = |name| (region(name), RegionView::Seen(RegionInventory::default()));
        let regions: BTreeMap<_, _> = [seen(HOME), seen(AWAY)].into();
        Self(Observation {
            account: Some("123456789012".parse().unwrap()),
            regions,
            clock_skew: None,
        })
    }

    pub(crate) fn of(databases: impl IntoIterator<Item = Database>) -> Self {
        databases.into_iter().fold(Self::empty(), Self::database)
    }

    pub(crate) fn database(mut self, database: Database) -> Self {
        let region = database.arn.region.clone();
        self.region_mut(region.as_str()).databases.push(database);
        self
    }

    pub(crate) fn snapshot(mut self, snapshot: Snapshot) -> Self {
        let region = snapshot.arn.region.clone();
        self.region_mut(region.as_str()).snapshots.push(snapshot);
        self
    }

    pub(crate) fn snapshots(self, snapshots: impl IntoIterator<Item = Snapshot>) -> Self {
        snapshots.into_iter().fold(self, Self::snapshot)
    }

    pub(crate) fn unseen(mut self, name: &str) -> Self {
        let (code, message) = ("AccessDenied".to_owned(), "not allowed".to_owned());
        self.0.regions.insert(region(name), RegionView::Unseen { code, message });
        self
    }

    pub(crate) fn quota(mut self, name: &str, max: u32) -> Self {
        let quotas = Quotas { cluster_snapshots_max: max, instance_snapshots_max: max };
        self.region_mut(name).quotas = Some(quotas);
        self
    }

    pub(crate) fn skewed(mut self, seconds: i64) -> Self {
        self.0.clock_skew = Some(jiff::SignedDuration::from_secs(seconds));
        self
    }

    pub(crate) fn region_mut(&mut self, name: &str) -> &mut RegionInventory {
        match self.0.regions.get_mut(&region(name)).unwrap() {
            RegionView::Seen(inventory) => inventory,
            RegionView::Unseen { .. } => panic!("{name} is unseen"),
        }
    }

    pub(crate) fn all_snapshots(&self) -> Vec<&Snapshot> {
        let seen = self.0.regions.values().filter_map(|view| match view {
            RegionView::Seen(inventory) => Some(&inventory.snapshots),
            RegionView::Unseen { .. } => None,
        });
        seen.flatten().collect()
    }

    /// Its view by `document` at `now`.
    pub(crate) fn view<'a>(&'a self, document: &'a PolicyDocument, now: &str) -> View<'a> {
        View::new(document, &self.0, None, at(now))
    }

    /// What `decide` says of it, as text: a line for each step, note and refusal.
    pub(crate) fn says<A: Describe>(
        &self,
        policy: &Value,
        now: &str,
        decide: impl Fn(&View<'_>, &Request) -> Plan<A>,
    ) -> String {
        self.says_of(policy, now, &Request::default(), decide)
    }

    /// The same, for a request.
    pub(crate) fn says_of<A: Describe>(
        &self,
        policy: &Value,
        now: &str,
        request: &Request,
        decide: impl Fn(&View<'_>, &Request) -> Plan<A>,
    ) -> String {
        let document = document(policy);
        let view = View::new(&document, &self.0, request.database.as_ref(), at(now));
        text(&decide(&view, request))
    }
}

/// A request for one database.
pub(crate) fn only(id: &str) -> Request {
    Request { database: Some(DatabaseRef::Id(id.to_owned())), ..Request::default() }
}

/// A plan, a line for each step, note and refusal.
pub(crate) fn text<A: Describe>(plan: &Plan<A>) -> String {
    let steps = plan
        .lines()
        .into_iter()
        .map(|line| format!("{} {} in {}: {}", line.action, line.id, line.region, line.reason));
    let notes = plan.notes.iter().map(|note| format!("note {}: {}", note.subject, note.text));
    let refusals = plan.refusals.iter().map(|refusal| {
        let code = serde_json::to_value(refusal.code).unwrap();
        format!("refused {}: {}", code.as_str().unwrap(), refusal.message)
    });
    steps.chain(notes).chain(refusals).collect::<Vec<_>>().join("\n")
}
