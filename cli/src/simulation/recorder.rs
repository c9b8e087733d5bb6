//! Writes the story: figures, samples and alarms, from what the account shows and what was published.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::{RdsArn, Region};
use snapkeep_policy::inventory::Observation;
use snapkeep_policy::prune::explain;
use snapkeep_policy::recovery_point::{Origin, Outcome};
use snapkeep_policy::selection::Protected;
use snapkeep_policy::tags;
use snapkeep_policy::view::View;
use snapkeep_world::{Snapshot, World};

use crate::simulation::heard;
use crate::simulation::incident::Scripted;
use crate::simulation::log::Log;
use crate::simulation::telling::{Facts, tell};
use crate::simulation::{BUCKET, Scenario};
use crate::story::{AlarmStory, Counts, DatabaseStory, Kept, Restore, Sample, Story};

/// Takes notes while a simulation runs.
pub struct Recorder<'s> {
    scenario: &'s Scenario,
    document: &'s PolicyDocument,
    regions: Vec<Region>,
    pub log: Log,
    samples: BTreeMap<String, Vec<Sample>>,
    nights: u64,
    runs: u64,
    runs_failed: u64,
}

impl<'s> Recorder<'s> {
    pub fn new(scenario: &'s Scenario, document: &'s PolicyDocument) -> Self {
        Self {
            scenario,
            document,
            regions: scenario.regions(),
            log: Log::default(),
            samples: BTreeMap::new(),
            nights: 0,
            runs: 0,
            runs_failed: 0,
        }
    }

    /// Counts a run of a function.
    pub fn ran(&mut self, succeeded: bool) {
        self.runs += 1;
        self.runs_failed += u64::from(!succeeded);
    }

    /// Notes what is there before or after a run of prune.
    pub fn look(&mut self, world: &World, pruned: bool) {
        self.log.look(world, &self.regions, world.now(), pruned);
    }

    /// Notes how every database stands.
    pub fn day_ends(&mut self, world: &World) {
        self.look(world, false);
        self.nights += 1;
        for member in &self.scenario.fleet {
            let sample = self.sample(&member.spec.id, &member.region, world);
            self.samples.entry(member.spec.id.clone()).or_default().push(sample);
        }
    }

    fn sample(&self, id: &str, home: &Region, world: &World) -> Sample {
        let now = world.now();
        let (mut originals, mut copies, mut verified) = (Vec::new(), Vec::new(), Vec::new());
        for region in &self.regions {
            let snapshots = world.snapshots(region).into_iter();
            for point in snapshots.filter(|s| s.database_id == id && s.status == "available") {
                let Some(taken_at) = slot(&point) else { continue };
                if point.tags.get(tags::VERDICT).is_some_and(|v| v == Outcome::Pass.as_str()) {
                    verified.push(taken_at);
                }
                if region == home { originals.push(taken_at) } else { copies.push(taken_at) }
            }
        }
        let age = |points: &[Timestamp]| {
            points.iter().max().map(|newest| now.duration_since(*newest).as_secs())
        };
        let databases = world.databases(home);
        let found = databases.iter().find(|database| database.id() == id);
        let point_in_time = found.and_then(|database| database.latest_restorable_at(now));
        let restorable: Vec<_> = originals.iter().copied().chain(point_in_time).collect();
        Sample {
            at: now,
            restorable_age_seconds: age(&restorable),
            newest_age_seconds: age(&originals),
            newest_copy_age_seconds: age(&copies),
            newest_verified_age_seconds: age(&verified),
            originals: originals.len(),
            copies: copies.len(),
        }
    }

    /// The whole story, with `observation` as the last look at the account.
    pub fn story(
        mut self,
        world: &World,
        observation: &Observation,
        script: &[Scripted],
        violations: Vec<String>,
    ) -> Story {
        let view = View::new(self.document, observation, None, world.now());
        let databases = self.databases(world, &view);
        let messages = world.messages();
        let alarms = heard::alarms(&messages, self.scenario.format);
        let facts = Facts { log: &self.log, alarms: &alarms, databases: &databases };
        let incidents = script.iter().map(|incident| tell(incident, &facts)).collect();
        let mut faults: BTreeMap<String, u64> = BTreeMap::new();
        for (id, count) in world.faults().injected() {
            let kind = id.as_str().split('#').next().unwrap_or_default();
            *faults.entry(kind.to_owned()).or_default() += count;
        }
        let counts = self.counts(world, &databases, &alarms, &faults);
        Story {
            deployment: self.document.deployment.to_string(),
            command: self.scenario.command.clone(),
            seed: self.scenario.seed,
            days: self.scenario.days,
            started_at: self.scenario.start,
            ended_at: world.now(),
            databases,
            alarms,
            messages,
            incidents,
            faults,
            counts,
            violations,
            reports: Vec::new(),
        }
    }

    fn databases(&mut self, world: &World, view: &View<'_>) -> Vec<DatabaseStory> {
        let reasons = explain(view);
        let mut restores = restores(world);
        let database = |protected: &Protected<'_>| {
            let found = protected.database;
            let objectives = &protected.policy.objectives;
            let kept = view.points_of(&found.resource_id).iter().map(|point| Kept {
                id: point.snapshot.id().to_owned(),
                region: point.region().to_string(),
                is_copy: point.origin != Origin::Original,
                taken_at: point.taken_at,
                verdict: point.verdict.map(|verdict| verdict.outcome),
                reasons: reasons.get(&point.snapshot.arn).cloned().unwrap_or_default(),
            });
            DatabaseStory {
                id: found.id().to_owned(),
                engine: found.engine.to_string(),
                region: found.arn.region.to_string(),
                policy: protected.policy_name.to_string(),
                rpo_seconds: objectives.rpo.map(|rpo| rpo.as_secs()),
                rto_seconds: objectives.rto.map(|rto| rto.as_secs()),
                missing_after_seconds: protected.policy.alarms.missing_after.as_secs(),
                samples: self.samples.remove(found.id()).unwrap_or_default(),
                restores: restores.remove(found.id()).unwrap_or_default(),
                kept: kept.collect(),
            }
        };
        let mut databases: Vec<DatabaseStory> = view.protected.iter().map(database).collect();
        databases.sort_by(|a, b| a.id.cmp(&b.id));
        databases
    }

    fn counts(
        &self,
        world: &World,
        databases: &[DatabaseStory],
        alarms: &[AlarmStory],
        faults: &BTreeMap<String, u64>,
    ) -> Counts {
        let lives = || self.log.points.values();
        let made = |copies: bool| {
            lives().filter(|life| life.became_available && life.copy_of.is_some() == copies).count()
        };
        let ended = |outcome: Outcome| {
            let restores = databases.iter().flat_map(|database| &database.restores);
            restores.filter(|restore| restore.outcome == outcome).count() as u64
        };
        Counts {
            nights: self.nights,
            runs: self.runs,
            runs_failed: self.runs_failed,
            created: made(false) as u64,
            copied: made(true) as u64,
            verified: ended(Outcome::Pass),
            failed: ended(Outcome::Fail),
            inconclusive: ended(Outcome::Inconclusive),
            pruned: lives().filter(|life| life.gone.is_some_and(|gone| gone.pruned)).count() as u64,
            alarms_opened: alarms.len() as u64,
            alarms_resolved: alarms.iter().filter(|a| a.resolved_at.is_some()).count() as u64,
            faults_injected: faults.values().sum(),
            calls: world.calls().values().sum(),
        }
    }
}

/// The instant in a recovery point's tag.
fn slot(snapshot: &Snapshot) -> Option<Timestamp> {
    snapshot.tags.get(tags::SLOT)?.parse().ok()
}

/// What is read of an entry in verify's ledger.
#[derive(Deserialize)]
struct Entry {
    record: Record,
}

#[derive(Deserialize)]
struct Record {
    database: RdsArn,
    outcome: Outcome,
    reason: String,
    recovery_time: Option<Measured>,
    concluded_at: Timestamp,
}

#[derive(Deserialize)]
struct Measured {
    measured_seconds: i64,
}

/// Every rehearsed restore by database, in order of time, from the evidence, which is listed from
/// the newest on.
fn restores(world: &World) -> BTreeMap<String, Vec<Restore>> {
    let mut restores: BTreeMap<String, Vec<Restore>> = BTreeMap::new();
    let records =
        world.objects(BUCKET).into_iter().filter(|(key, _)| key.starts_with("evidence/verify/"));
    for (_, object) in records.rev() {
        let Ok(Entry { record }) = serde_json::from_slice::<Entry>(&object.body) else { continue };
        restores.entry(record.database.id).or_default().push(Restore {
            at: record.concluded_at,
            outcome: record.outcome,
            reason: record.reason,
            ready_after_seconds: record.recovery_time.map(|took| took.measured_seconds),
        });
    }
    restores
}
