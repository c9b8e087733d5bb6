//! A fleet in two regions, described in the order in which one would tell it.

use jiff::Timestamp;
use serde_json::{Value, json};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::{Deployment, RdsArn, Region, ResourceId, Slot, recovery_point_id};
use snapkeep_policy::inventory::{Database, Endpoint, Engine, Shape, Snapshot, Status};
use snapkeep_policy::tags;

pub(crate) use crate::fleet::{Fleet, only};

pub(crate) const HOME: &str = "us-west-2";
pub(crate) const AWAY: &str = "us-east-1";
pub(crate) const KEY: &str = "arn:aws:kms:us-east-1:123456789012:alias/snapkeep";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn region(name: &str) -> Region {
    name.parse().unwrap()
}

/// A document with one policy, `critical`, for what is tagged `tier=critical`: a recovery point at
/// two in the morning, three of which are kept. Changes are put at JSON pointers within the policy.
pub(crate) fn policy(changes: &[(&str, Value)]) -> Value {
    let mut document = json!({
        "version": 1, "deployment": "prod", "time_zone": "UTC", "regions": [HOME],
        "policies": { "critical": {
            "select": { "tags": { "tier": "critical" } },
            "schedules": ["cron(0 2 * * ? *)"],
            "retention": { "keep_last": 3 },
        } }
    });
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = document.pointer_mut(&format!("/policies/critical{parent}")).unwrap();
        parent[key] = value.clone();
    }
    document
}

/// The rule that copies everything to the other region, and the key it needs.
pub(crate) fn copied() -> (&'static str, Value) {
    ("/copies", json!([{ "region": AWAY, "kms_key": KEY }]))
}

/// A rehearsal at six in the morning that may take four hours.
pub(crate) fn verified() -> (&'static str, Value) {
    let rule = json!({
        "schedule": "cron(0 6 * * ? *)", "pick": "latest", "instance_class": "db.t4g.medium",
        "subnet_group": "scratch", "security_groups": ["sg-1"], "deadline": "PT4H",
    });
    ("/verify", rule)
}

pub(crate) fn document(value: &Value) -> PolicyDocument {
    PolicyDocument::from_json(&value.to_string()).unwrap_or_else(|bad| panic!("{bad}"))
}

/// A database to describe further: a DocumentDB cluster under the policy `critical`, unless said
/// otherwise.
pub(crate) fn cluster(id: &str) -> Database {
    Database {
        arn: format!("arn:aws:rds:{HOME}:123456789012:cluster:{id}").parse().unwrap(),
        resource_id: format!("cluster-{}", id.to_uppercase()).parse().unwrap(),
        shape: Shape::Cluster,
        engine: Engine::Docdb,
        engine_version: "5.0.0".to_owned(),
        status: Status::Available,
        member_of: None,
        members: Vec::new(),
        created_at: Some(at("2025-01-01T00:00:00Z")),
        latest_restorable_at: None,
        earliest_restorable_at: None,
        automated_retention_days: 7,
        backup_window: None,
        encrypted: true,
        deletion_protection: true,
        publicly_accessible: false,
        security_groups: vec!["sg-prod".to_owned()],
        endpoint: Some(Endpoint { host: format!("{id}.example.com"), port: 27017 }),
        master_user: Some("root".to_owned()),
        initial_database: None,
        tags: [("tier".to_owned(), "critical".to_owned())].into(),
    }
}

/// A MySQL instance under the policy `critical`.
pub(crate) fn instance(id: &str) -> Database {
    Database {
        arn: format!("arn:aws:rds:{HOME}:123456789012:db:{id}").parse().unwrap(),
        resource_id: format!("db-{}", id.to_uppercase()).parse().unwrap(),
        shape: Shape::Instance,
        engine: Engine::Mysql,
        ..cluster(id)
    }
}

/// Ways to describe a database.
pub(crate) trait DatabaseSaid: Sized {
    fn said(self, change: impl FnOnce(&mut Database)) -> Self;

    fn status(self, status: &str) -> Self {
        self.said(|it| it.status = Status::from_aws(status))
    }

    fn tagged(self, key: &str, value: &str) -> Self {
        self.said(|it| it.tags.insert(key, value))
    }

    fn created(self, time: &str) -> Self {
        self.said(|it| it.created_at = Some(at(time)))
    }

    /// The same in every respect, but created again: AWS gives it another resource id.
    fn created_again(self) -> Self {
        self.said(|it| it.resource_id = format!("{}-AGAIN", it.resource_id).parse().unwrap())
    }

    fn renamed(self, id: &str) -> Self {
        self.said(|it| it.arn.id = id.to_owned())
    }
}

impl DatabaseSaid for Database {
    fn said(mut self, change: impl FnOnce(&mut Database)) -> Self {
        change(&mut self);
        self
    }
}

/// A recovery point of `database` for the slot of `taken_at`, available and encrypted.
pub(crate) fn point(database: &Database, taken_at: &str) -> Snapshot {
    point_of_slot(database, &Slot::Scheduled(at(taken_at)), at(taken_at))
}

/// A recovery point that was asked for by name.
pub(crate) fn requested(database: &Database, name: &str, taken_at: &str) -> Snapshot {
    let point = point_of_slot(database, &Slot::Requested(name.to_owned()), at(taken_at));
    point.tag(tags::REQUEST, name)
}

fn point_of_slot(database: &Database, slot: &Slot, taken_at: Timestamp) -> Snapshot {
    let word = match database.shape {
        Shape::Cluster => "cluster-snapshot",
        Shape::Instance => "snapshot",
    };
    let id = recovery_point_id(&deployment(), database.id(), &database.resource_id, slot, 0);
    let region = &database.arn.region;
    let tag = |key: &str, value: &dyn ToString| (key.to_owned(), value.to_string());
    Snapshot {
        arn: format!("arn:aws:rds:{region}:123456789012:{word}:{id}").parse().unwrap(),
        shape: database.shape,
        engine: database.engine,
        engine_version: database.engine_version.clone().into(),
        status: Status::Available,
        database_id: database.id().into(),
        resource_id: Some(database.resource_id.clone()),
        created_at: Some(taken_at),
        data_at: None,
        progress_percent: None,
        encrypted: true,
        kms_key: Some("arn:aws:kms:us-west-2:123456789012:key/1".into()),
        storage_gib: 10,
        source_arn: None,
        option_group: None,
        tags: [
            tag(tags::OWNER, &"prod"),
            tag(tags::POLICY, &"critical"),
            tag(tags::DATABASE, &database.arn),
            tag(tags::SOURCE, &database.resource_id),
            tag(tags::SLOT, &taken_at),
        ]
        .into(),
    }
}

/// Recovery points for two in the morning of each day from `first` on, oldest first.
pub(crate) fn daily(database: &Database, first: &str, days: i64) -> Vec<Snapshot> {
    let first = at(&format!("{first}T02:00:00Z"));
    let slot = |day| first + jiff::SignedDuration::from_hours(24 * day);
    (0..days).map(|day| point(database, &slot(day).to_string())).collect()
}

pub(crate) fn deployment() -> Deployment {
    "prod".parse().unwrap()
}

/// Ways to describe a snapshot.
pub(crate) trait SnapshotSaid: Sized {
    fn said(self, change: impl FnOnce(&mut Snapshot)) -> Self;

    fn status(self, status: &str) -> Self {
        self.said(|it| it.status = Status::from_aws(status))
    }

    fn tag(self, key: &str, value: &str) -> Self {
        self.said(|it| it.tags.insert(key, value))
    }

    fn untagged(self, key: &str) -> Self {
        self.said(|it| it.tags.remove(key))
    }

    fn held(self) -> Self {
        self.tag(tags::HOLD, "case 7")
    }

    fn judged(self, outcome: &str, time: &str) -> Self {
        self.tag(tags::VERDICT, outcome).tag(tags::VERDICT_AT, time)
    }

    fn because(self, cause: &str) -> Self {
        self.tag(tags::VERDICT_CAUSE, cause)
    }

    fn restored_in(self, seconds: &str) -> Self {
        self.tag(tags::VERDICT_RTO, seconds)
    }

    fn made(self, time: &str) -> Self {
        self.said(|it| it.created_at = Some(at(time)))
    }

    /// The recovery point of a later attempt at the same slot.
    fn attempt(self, attempt: u32) -> Self {
        self.said(|it| {
            let database: RdsArn = it.tags[tags::DATABASE].parse().unwrap();
            let source: ResourceId = it.tags[tags::SOURCE].parse().unwrap();
            let slot = match it.tags.get(tags::REQUEST) {
                Some(name) => Slot::Requested(name.to_owned()),
                None => Slot::Scheduled(at(&it.tags[tags::SLOT])),
            };
            it.arn.id = recovery_point_id(&deployment(), &database.id, &source, &slot, attempt);
        })
    }

    /// Its copy in the other region, as copy would have made it at `started`.
    fn copy(&self, started: &str) -> Snapshot;
}

impl SnapshotSaid for Snapshot {
    fn said(mut self, change: impl FnOnce(&mut Snapshot)) -> Self {
        change(&mut self);
        self
    }

    fn copy(&self, started: &str) -> Snapshot {
        let mut copy = self.clone().made(started);
        copy.source_arn = Some(self.arn.clone());
        copy.arn.region = region(AWAY);
        copy.status = Status::Available;
        for verdict in [tags::VERDICT, tags::VERDICT_AT] {
            copy.tags.remove(verdict);
        }
        copy.tag(tags::COPY_OF, &self.arn.to_string()).tag(tags::STARTED, started)
    }
}

/// A scratch database of verify's, made from `point` at `started`: a cluster or an instance like
/// the one it was taken of.
pub(crate) fn scratch(point: &Snapshot, started: &str) -> Database {
    let (word, shape) = match point.shape {
        Shape::Cluster => ("cluster", Shape::Cluster),
        Shape::Instance => ("db", Shape::Instance),
    };
    let region = &point.arn.region;
    let id = format!("snapkeep-scratch-{}", point.database_id);
    let deadline = at(started) + jiff::SignedDuration::from_hours(4);
    let tag = |key: &str, value: &dyn ToString| (key.to_owned(), value.to_string());
    Database {
        arn: format!("arn:aws:rds:{region}:123456789012:{word}:{id}").parse().unwrap(),
        resource_id: format!("scratch-{}", point.database_id).parse().unwrap(),
        shape,
        engine: point.engine,
        created_at: Some(at(started)),
        automated_retention_days: 1,
        deletion_protection: false,
        security_groups: vec!["sg-1".to_owned()],
        tags: [
            tag(tags::SCRATCH, &"prod"),
            tag(tags::SCRATCH_OF, &point.arn),
            tag(tags::DATABASE, &&point.tags[tags::DATABASE]),
            tag(tags::SOURCE, &&point.tags[tags::SOURCE]),
            tag(tags::POLICY, &"critical"),
            tag(tags::STARTED, &started),
            tag(tags::DEADLINE, &deadline),
        ]
        .into(),
        ..cluster("scratch")
    }
}

/// An instance of a scratch cluster, under the cluster's name as verify gives it.
pub(crate) fn member(cluster: &Database, asked_for: &str) -> Database {
    let mut member = cluster.clone().tagged(tags::STARTED, asked_for);
    member.arn = cluster.arn.to_string().replace(":cluster:", ":db:").parse().unwrap();
    member.resource_id = format!("db-{}", cluster.resource_id).parse().unwrap();
    member.shape = Shape::Instance;
    member.member_of = Some(cluster.id().to_owned());
    member
}
