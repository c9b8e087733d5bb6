//! The other interpreter of plans: it carries them out on an observation, at once and without faults.

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::{RdsArn, ResourceType};
use snapkeep_policy::inventory::{Database, RegionView, Shape, Snapshot, Status};
use snapkeep_policy::plan::Plan;
use snapkeep_policy::request::Request;
use snapkeep_policy::verify::testimony::{Holding, Survey, Testimony};
use snapkeep_policy::view::View;
use snapkeep_policy::{copy, create, prune, verify};

use crate::fixtures::cluster;
use crate::fleet::Fleet;

impl Fleet {
    /// One run of each verb but alarm, one after the other. How many steps were taken.
    pub(crate) fn round(&mut self, document: &PolicyDocument, now: Timestamp) -> usize {
        let request = Request::default();
        let view = |fleet: &Self| fleet.clone();
        let seen = view(self);
        let created = create::plan(&View::new(document, &seen.0, None, now), &request);
        self.create(&created, now);
        let seen = view(self);
        let copied = copy::plan(&View::new(document, &seen.0, None, now), &request);
        self.copy(&copied, now);
        let seen = view(self);
        let verified = verify::plan(&View::new(document, &seen.0, None, now), &request);
        self.verify(&verified, now);
        let seen = view(self);
        let pruned = prune::plan(&View::new(document, &seen.0, None, now), &request);
        self.prune(&pruned);
        created.steps.len() + copied.steps.len() + verified.steps.len() + pruned.steps.len()
    }

    /// Rounds at one instant until there is nothing left to do; how many it took.
    pub(crate) fn settle(&mut self, document: &PolicyDocument, now: Timestamp) -> usize {
        const ROUNDS_MAX: usize = 50;
        for rounds in 0..ROUNDS_MAX {
            if self.round(document, now) == 0 {
                return rounds;
            }
        }
        panic!("still at work after {ROUNDS_MAX} rounds")
    }

    fn create(&mut self, plan: &Plan<create::Action>, now: Timestamp) {
        for step in &plan.steps {
            let create::Action::TakeSnapshot { database, snapshot_id, tags, .. } = &step.action;
            let source = self.find_database(database).clone();
            self.add_snapshot(Snapshot {
                arn: snapshot_arn(database, source.shape, snapshot_id),
                shape: source.shape,
                engine: source.engine,
                engine_version: source.engine_version.clone().into(),
                status: Status::Available,
                database_id: source.id().into(),
                resource_id: Some(source.resource_id.clone()),
                created_at: Some(now),
                data_at: None,
                progress_percent: None,
                encrypted: source.encrypted,
                kms_key: None,
                storage_gib: 10,
                source_arn: None,
                option_group: None,
                tags: tags.clone(),
            });
        }
    }

    fn copy(&mut self, plan: &Plan<copy::Action>, now: Timestamp) {
        for step in &plan.steps {
            let copy::Action::CopySnapshot { source, destination, snapshot_id, tags, .. } =
                &step.action;
            let mut copy = self.snapshot_mut(source).clone();
            copy.arn.region = destination.clone();
            copy.arn.id.clone_from(snapshot_id);
            copy.created_at = Some(now);
            copy.source_arn = Some(source.clone());
            copy.tags = tags.clone();
            self.add_snapshot(copy);
        }
    }

    fn prune(&mut self, plan: &Plan<prune::Action>) {
        for step in &plan.steps {
            let prune::Action::Delete { recovery_point, .. } = &step.action;
            let inventory = self.region_mut(recovery_point.region.as_str());
            let before = inventory.snapshots.len();
            inventory.snapshots.retain(|snapshot| snapshot.arn != *recovery_point);
            assert_eq!(inventory.snapshots.len() + 1, before, "{recovery_point} was there");
        }
    }

    fn verify(&mut self, plan: &Plan<verify::Action>, now: Timestamp) {
        for step in &plan.steps {
            match &step.action {
                verify::Action::Restore(restore) => self.restore(restore, now),
                verify::Action::SetPassword { scratch, tags, .. } => {
                    let inventory = self.region_mut(scratch.region.as_str());
                    let mut databases = inventory.databases.iter_mut();
                    let scratch = databases.find(|database| database.arn == *scratch).unwrap();
                    scratch.tags.extend(tags.clone());
                }
                verify::Action::Question(inquiry) => {
                    let verdict = inquiry.conclude(&sound_testimony(), None, now).unwrap();
                    self.conclude(&verdict);
                }
                verify::Action::AddInstance { cluster, instance_id, tags, .. } => {
                    let mut instance = self.find_database(cluster).clone();
                    instance.arn.resource = ResourceType::Instance;
                    instance.arn.id.clone_from(instance_id);
                    instance.shape = Shape::Instance;
                    instance.member_of = Some(cluster.id.clone());
                    instance.tags = tags.clone();
                    self.region_mut(cluster.region.as_str()).databases.push(instance);
                }
                verify::Action::Adopt { resource, tags, .. }
                | verify::Action::Validate { resource, tags, .. } => {
                    let inventory = self.region_mut(resource.region.as_str());
                    let mut databases = inventory.databases.iter_mut();
                    let guest = databases.find(|database| database.arn == *resource).unwrap();
                    guest.tags.extend(tags.clone());
                }
                verify::Action::Conclude { verdict } => self.conclude(verdict),
                verify::Action::DeleteInstance { instance: arn, .. }
                | verify::Action::DeleteCluster { cluster: arn, .. } => {
                    let inventory = self.region_mut(arn.region.as_str());
                    inventory.databases.retain(|database| database.arn != *arn);
                }
            }
        }
    }

    fn conclude(&mut self, verdict: &verify::VerdictRecord) {
        self.snapshot_mut(verdict.subject.arn()).tags.extend(verdict.tags());
    }

    fn restore(&mut self, restore: &verify::Restore, now: Timestamp) {
        let verify::Restore { begun, tags, security_groups, .. } = restore;
        let (source, scratch_id) = (begun.subject.arn(), &begun.scratch_id);
        let point = self.snapshot_mut(source).clone();
        let mut arn = source.clone();
        arn.id.clone_from(scratch_id);
        arn.resource = match point.shape {
            Shape::Cluster => ResourceType::Cluster,
            Shape::Instance => ResourceType::Instance,
        };
        let scratch = Database {
            arn,
            resource_id: format!("scratch-{scratch_id}").parse().unwrap(),
            shape: point.shape,
            engine: point.engine,
            created_at: Some(now),
            security_groups: security_groups.clone(),
            deletion_protection: false,
            tags: tags.clone(),
            ..cluster("scratch")
        };
        self.region_mut(source.region.as_str()).databases.push(scratch);
    }

    fn add_snapshot(&mut self, snapshot: Snapshot) {
        let inventory = self.region_mut(snapshot.arn.region.clone().as_str());
        let is_new = inventory.snapshots.iter().all(|other| other.arn != snapshot.arn);
        assert!(is_new, "{} is taken", snapshot.arn);
        inventory.snapshots.push(snapshot);
    }

    pub(crate) fn snapshot_mut(&mut self, arn: &RdsArn) -> &mut Snapshot {
        let inventory = self.region_mut(arn.region.as_str());
        inventory.snapshots.iter_mut().find(|snapshot| snapshot.arn == *arn).unwrap()
    }

    fn find_database(&self, arn: &RdsArn) -> &Database {
        let RegionView::Seen(inventory) = &self.0.regions[&arn.region] else {
            panic!("{arn} is in a region that isn't seen")
        };
        inventory.databases.iter().find(|database| database.arn == *arn).unwrap()
    }
}

/// A database that answers and holds something.
fn sound_testimony() -> Testimony {
    let users = Holding { rows: 10, counted: true, bytes: 8192, newest: None };
    Testimony {
        answered_after: Some(SignedDuration::from_secs(1)),
        survey: Some(Survey([("shop.users".to_owned(), users)].into())),
        ..Testimony::default()
    }
}

fn snapshot_arn(database: &RdsArn, shape: Shape, id: &str) -> RdsArn {
    let resource = match shape {
        Shape::Cluster => ResourceType::ClusterSnapshot,
        Shape::Instance => ResourceType::InstanceSnapshot,
    };
    RdsArn { resource, id: id.to_owned(), ..database.clone() }
}
