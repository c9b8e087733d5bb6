//! Carries out what [`super::acts`] plans, past the API or as faults of the account.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use snapkeep_policy::ids::{ID_PREFIX, RdsArn, Slot, recovery_point_id};
use snapkeep_policy::inventory::{Quotas, Shape};
use snapkeep_policy::tags::{self, Tags};
use snapkeep_world::{Database, DatabaseSpec, Fault, FaultKind, Snapshot, SnapshotSpec, World};

use super::acts::{Act, Planned};
use super::small::{AWAY, AWAY_KEY, DEPLOYMENT, HOME, Small};
use crate::simulation::contents::Emptied;

/// Who does it.
pub struct Stagehand<'s> {
    pub world: &'s World,
    pub small: &'s Small,
    pub topic: &'s str,
}

impl Stagehand<'_> {
    /// Begins an act. Whether there was anything to do it to.
    pub fn begin(&self, planned: &Planned) -> bool {
        let admin = self.world.admin();
        match planned.act {
            Act::Stop => self.each_source(|it| admin.stop_database(&it.arn)),
            Act::OddStatus => self.each_source(|it| self.set_status(&it.arn, "sparkling")),
            Act::Squat => self.each_source(|it| self.squat(it, planned)),
            Act::Recreate => self.recreate(planned),
            Act::Quota => self.fill_quota(planned),
            Act::Strip => self.to_newest(planned, |arn| {
                admin.alter_snapshot(arn, |snapshot| snapshot.tags = Tags::new());
            }),
            Act::Hold => self.hold_oldest(planned),
            Act::Decoy => self.decoy(),
            Act::Vanish => self.to_newest(planned, |arn| admin.delete_snapshot(arn)),
            Act::DeleteSource => self.delete_source(),
            Act::DisableKey => self.with_key(AWAY, |key, region| admin.disable_key(region, key)),
            Act::DisableHomeKey => {
                self.with_key(HOME, |key, region| admin.disable_key(region, key))
            }
            Act::Withdraw => self.withdraw(planned),
            Act::Flood => self.each_source(|it| self.flood(it, planned)),
            Act::Automated => self.each_source(|it| self.automated(it, planned)),
            Act::Share => self.share(planned),
            Act::Unenabled
            | Act::Outage
            | Act::NoCapacity
            | Act::Skew
            | Act::SlowDown
            | Act::TopicDown
            | Act::Denied => self.schedule(planned),
            // What is woken, and what databases hold, is asked for when it matters.
            Act::Empty
            | Act::Double
            | Act::Concurrent
            | Act::Drop
            | Act::Delay
            | Act::Kill
            | Act::Stale => true,
        }
    }

    /// Ends what lasts.
    pub fn end(&self, planned: &Planned) {
        let admin = self.world.admin();
        match planned.act {
            Act::Stop => {
                self.each_source(|it| {
                    if it.status == "stopped" {
                        admin.start_database(&it.arn);
                    }
                });
            }
            Act::OddStatus => {
                self.each_source(|it| {
                    if it.status == "sparkling" {
                        self.set_status(&it.arn, "available");
                    }
                });
            }
            Act::Quota => self.restore_quotas(),
            Act::DisableKey => {
                self.with_key(AWAY, |key, region| admin.enable_key(region, key));
            }
            Act::DisableHomeKey => {
                self.with_key(HOME, |key, region| admin.enable_key(region, key));
            }
            Act::Squat
            | Act::Recreate
            | Act::Strip
            | Act::Hold
            | Act::Decoy
            | Act::DeleteSource
            | Act::Vanish
            | Act::Unenabled
            | Act::Outage
            | Act::Withdraw
            | Act::NoCapacity
            | Act::Empty
            | Act::Flood
            | Act::Skew
            | Act::SlowDown
            | Act::TopicDown
            | Act::Denied
            | Act::Share
            | Act::Automated
            | Act::Double
            | Act::Concurrent
            | Act::Drop
            | Act::Delay
            | Act::Kill
            | Act::Stale => {}
        }
    }

    /// What is lost for a while, of which database.
    pub fn emptied(planned: &Planned, small: &Small) -> Option<Emptied> {
        let (Act::Empty, Some(spec)) = (planned.act, small.databases.first()) else { return None };
        Some(Emptied { of: spec.id.clone(), during: planned.from..planned.until })
    }

    fn sources(&self) -> Vec<Database> {
        let Ok(home) = HOME.parse() else { return Vec::new() };
        let is_source = |it: &Database| it.tags.get(tags::POLICY).is_some_and(|tag| tag == "kept");
        let all = self.world.databases(&home).into_iter();
        all.filter(|it| is_source(it) && !it.tags.contains_key(tags::SCRATCH)).collect()
    }

    fn each_source(&self, act: impl Fn(&Database)) -> bool {
        let sources = self.sources();
        sources.iter().for_each(act);
        !sources.is_empty()
    }

    fn set_status(&self, arn: &RdsArn, status: &str) {
        self.world.admin().alter_database(arn, |it| status.clone_into(&mut it.status));
    }

    fn ours(&self, region: &str) -> Vec<Snapshot> {
        let Ok(region) = region.parse() else { return Vec::new() };
        let is_ours = |it: &Snapshot| it.tags.get(tags::OWNER).is_some_and(|t| t == DEPLOYMENT);
        self.world.snapshots(&region).into_iter().filter(is_ours).collect()
    }

    fn to_newest(&self, planned: &Planned, act: impl Fn(&RdsArn)) -> bool {
        let mut ours = self.ours(planned.region.as_str());
        ours.retain(is_recovery_point);
        let newest = ours.into_iter().max_by_key(|it| (it.taken_at, it.arn.clone()));
        newest.inspect(|it| act(&it.arn)).is_some()
    }

    /// Of the oldest of all that aren't held yet: it is the next that prune would take.
    fn hold_oldest(&self, planned: &Planned) -> bool {
        let mut ours = self.ours(planned.region.as_str());
        ours.retain(|it| is_recovery_point(it) && !it.tags.contains_key(tags::HOLD));
        let slot = |it: &Snapshot| it.tags.get(tags::SLOT).map(str::to_owned);
        let Some(oldest) = ours.into_iter().min_by_key(|it| (slot(it), it.arn.clone())) else {
            return false;
        };
        let held = (tags::HOLD.to_owned(), "an auditor".to_owned());
        self.world.admin().alter_snapshot(&oldest.arn, |it| it.tags.extend([held]));
        if planned.draw.chance("lists are late", 50) {
            let now = self.world.now();
            // Each list once: what prune looks at again is shown as it is.
            for list in ["rds:DescribeDBSnapshots", "rds:DescribeDBClusterSnapshots"] {
                let late = Fault::new(FaultKind::Stale(1)).on(list).in_region(&planned.region);
                let until = now + SignedDuration::from_mins(5);
                self.world.faults().schedule(late.between(now, until).times(1));
            }
        }
        true
    }

    fn decoy(&self) -> bool {
        let spec = DatabaseSpec { tags: Tags::new(), ..self.small.databases[0].clone() };
        let spec = DatabaseSpec {
            id: "snapkeep-scratch-play".to_owned(),
            deletion_protection: false,
            ..spec
        };
        self.world.admin().create_database(&planned_home(), &spec);
        true
    }

    fn delete_source(&self) -> bool {
        let copy = self.ours(AWAY).into_iter().find(|it| it.status == "copying");
        let source = copy.and_then(|it| it.source_arn);
        source.inspect(|arn| self.world.admin().delete_snapshot(arn)).is_some()
    }

    fn squat(&self, it: &Database, planned: &Planned) {
        let slot = Slot::Scheduled(planned.slot);
        let (Ok(deployment), Ok(resource)) = (DEPLOYMENT.parse(), it.resource_id.parse()) else {
            return;
        };
        let id = recovery_point_id(&deployment, it.id(), &resource, &slot, 0);
        let spec = SnapshotSpec::manual(&id, self.world.now()).tag("made-by", "a stranger");
        let _ours = self.world.admin().create_snapshot(&it.arn, &spec);
    }

    fn recreate(&self, planned: &Planned) -> bool {
        let spec = planned.draw.one("which", &[0, self.small.databases.len() - 1]);
        let spec = DatabaseSpec {
            created_at: Some(self.world.now()),
            ..self.small.databases[spec].clone()
        };
        self.world.admin().create_database(&planned_home(), &spec);
        true
    }

    fn fill_quota(&self, planned: &Planned) -> bool {
        let count = |cluster: bool| {
            let all = self.world.snapshots(&planned.region).into_iter();
            let is_of = |it: &Snapshot| (it.shape == Shape::Cluster) == cluster && it.is_manual();
            u32::try_from(all.filter(is_of).count()).unwrap_or(u32::MAX)
        };
        let quotas = Quotas {
            cluster_snapshots_max: count(true).max(1),
            instance_snapshots_max: count(false).max(1),
        };
        self.world.admin().set_quotas(&planned.region, quotas);
        true
    }

    fn restore_quotas(&self) {
        self.set_quotas(self.small.scenario().quotas);
    }

    /// What people do once they have heard that there is no room: nothing is pruned for that.
    pub fn raise_quotas(&self) {
        self.set_quotas(Quotas { cluster_snapshots_max: 1_000, instance_snapshots_max: 1_000 });
    }

    fn set_quotas(&self, quotas: Quotas) {
        for region in [HOME, AWAY].into_iter().flat_map(str::parse) {
            self.world.admin().set_quotas(&region, quotas);
        }
    }

    /// The key of copies is found by its alias: what bore it may be gone, or stripped, when it is enabled again.
    fn with_key(&self, region: &str, act: impl Fn(&str, &snapkeep_policy::ids::Region)) -> bool {
        let Ok(here) = region.parse() else { return false };
        let keys: BTreeSet<String> = if region == HOME {
            self.sources().into_iter().filter_map(|it| it.kms_key).collect()
        } else {
            self.world.admin().key(&here, AWAY_KEY).into_iter().collect()
        };
        keys.iter().for_each(|key| act(key, &here));
        !keys.is_empty()
    }

    /// The oldest line goes; one that is newer by a patch stays on offer.
    fn withdraw(&self, planned: &Planned) -> bool {
        let Some(source) = self.sources().into_iter().next() else { return false };
        let newer = format!("{}.1", source.engine_version.trim_end_matches(".1"));
        let admin = self.world.admin();
        let other = DatabaseSpec::foreign(source.shape, &source.engine, &newer, "elsewhere");
        let arn = admin.create_database(&planned.region, &other);
        admin.delete_database(&arn);
        admin.withdraw_version(&source.engine, &source.engine_version);
        true
    }

    fn flood(&self, it: &Database, planned: &Planned) {
        for n in 0..8 {
            let hours = SignedDuration::from_hours(i64::from(n) * 5 - 20);
            let at = planned.slot + hours;
            // Half of them bear our prefix, too.
            let prefix = if n % 2 == 0 { "" } else { ID_PREFIX };
            let id = format!("{prefix}flood-{n}-{}-{}", planned.slot.as_second(), it.id());
            let spec = SnapshotSpec::manual(&id, at);
            let spec =
                our_tags(it).into_iter().fold(spec, |spec, (key, value)| spec.tag(&key, &value));
            let spec = spec.tag(tags::SLOT, &at.to_string()).tag(tags::VERDICT, "pass");
            let _made = self.world.admin().create_snapshot(&it.arn, &spec);
        }
    }

    fn automated(&self, it: &Database, planned: &Planned) {
        let at = planned.slot - SignedDuration::from_hours(24 * 200);
        let stamp = planned.slot.as_second();
        for spec in [
            SnapshotSpec::automated(&format!("rds:{}-{stamp}", it.id()), at),
            SnapshotSpec::aws_backup(&format!("awsbackup:{}-{stamp}", it.id()), at),
        ] {
            let tags = our_tags(it).into_iter();
            let spec = tags.fold(spec, |spec, (key, value)| spec.tag(&key, &value));
            let spec = spec.tag(tags::SLOT, &at.to_string());
            let _made = self.world.admin().create_snapshot(&it.arn, &spec);
        }
    }

    fn share(&self, planned: &Planned) -> bool {
        let Ok(other) = "999999999999".parse() else { return false };
        let admin = self.world.admin_of(&other);
        let spec = &self.small.databases[0];
        let arn = admin.create_database(&planned_home(), spec);
        let at = planned.slot - SignedDuration::from_hours(24 * 100);
        let shared_with = [self.world.account().clone()].into();
        let mut spec = SnapshotSpec {
            shared_with,
            ..SnapshotSpec::manual(&format!("shared-{}", planned.slot.as_second()), at)
        };
        for source in self.sources().iter().take(1) {
            spec.tags = our_tags(source);
        }
        admin.create_snapshot(&arn, &spec).is_some()
    }

    fn schedule(&self, planned: &Planned) -> bool {
        let refuse = |status, code| Fault::new(FaultKind::Refuse { status, code });
        let codes = ["KMSDisabled", "KMSAccessDenied", "NotFound", "AuthorizationError"];
        let fault = match planned.act {
            Act::Unenabled => refuse(403, "InvalidClientTokenId").in_region(&planned.region),
            Act::Outage => {
                Fault::new(FaultKind::RegionOutage).in_region(&planned.region).on("rds:*")
            }
            Act::NoCapacity => Fault::new(FaultKind::NoCapacity),
            Act::Skew => Fault::new(FaultKind::ClockSkew(SignedDuration::from_mins(20))),
            Act::SlowDown => refuse(503, "SlowDown").on("s3:*"),
            Act::TopicDown => refuse(400, planned.draw.one("code", &codes)).on("sns:Publish"),
            Act::Denied => refuse(403, "AccessDenied").on("rds:CreateDB*"),
            Act::Stop
            | Act::Squat
            | Act::Recreate
            | Act::Quota
            | Act::Strip
            | Act::Hold
            | Act::Decoy
            | Act::DeleteSource
            | Act::Vanish
            | Act::DisableKey
            | Act::DisableHomeKey
            | Act::Withdraw
            | Act::OddStatus
            | Act::Empty
            | Act::Flood
            | Act::Share
            | Act::Automated
            | Act::Double
            | Act::Concurrent
            | Act::Drop
            | Act::Delay
            | Act::Kill
            | Act::Stale => return false,
        };
        debug_assert!(!self.topic.is_empty());
        self.world.faults().schedule(fault.between(planned.from, planned.until));
        true
    }
}

fn planned_home() -> snapkeep_policy::ids::Region {
    HOME.parse().expect("a literal that a test has seen")
}

/// Whether one of ours could be restored. A forged one has our prefix, too, and never a slot's stamp.
fn is_recovery_point(it: &Snapshot) -> bool {
    let is_named = it.arn.id.starts_with(ID_PREFIX) && !it.arn.id.contains("flood-");
    it.status == "available" && is_named
}

/// What the product would write on a recovery point of this database, less the slot.
fn our_tags(it: &Database) -> Tags {
    Tags::from([
        (tags::OWNER.to_owned(), DEPLOYMENT.to_owned()),
        (tags::POLICY.to_owned(), "kept".to_owned()),
        (tags::DATABASE.to_owned(), it.arn.to_string()),
        (tags::SOURCE.to_owned(), it.resource_id.clone()),
    ])
}
