//! What an account is furnished with before anything happens: databases and snapshots of all kinds.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::ids::{AccountId, RdsArn};
use snapkeep_policy::inventory::{Engine, Shape};
use snapkeep_policy::tags::Tags;

use crate::model::{self, Database, Place, Snapshot};
use crate::state::State;

/// A database to be there.
#[derive(Debug, Clone)]
pub struct DatabaseSpec {
    /// Its identifier.
    pub id: String,
    /// Cluster or instance.
    pub shape: Shape,
    /// AWS's name of the engine; one that snapkeep doesn't protect is welcome.
    pub engine: String,
    /// Its version; offered from then on.
    pub engine_version: String,
    /// Encrypted with the region's default key.
    pub encrypted: bool,
    /// Whether deleting it is refused.
    pub deletion_protection: bool,
    /// Days of automated backups.
    pub retention_days: u32,
    /// Size of its storage, in GiB.
    pub storage_gib: u32,
    /// When it was created; a day before now unless set.
    pub created_at: Option<Timestamp>,
    /// On a cluster: how many instances it has.
    pub members: u32,
    /// Its tags.
    pub tags: Tags,
}

impl DatabaseSpec {
    /// An encrypted, protected cluster of 100 GiB with one instance and a week of backups.
    #[must_use]
    pub fn cluster(engine: Engine, id: &str) -> Self {
        Self::foreign(Shape::Cluster, engine.as_str(), version(engine), id)
    }

    /// An encrypted, protected instance of 100 GiB with a week of backups.
    #[must_use]
    pub fn instance(engine: Engine, id: &str) -> Self {
        Self::foreign(Shape::Instance, engine.as_str(), version(engine), id)
    }

    /// The same of any engine.
    #[must_use]
    pub fn foreign(shape: Shape, engine: &str, engine_version: &str, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            shape,
            engine: engine.to_owned(),
            engine_version: engine_version.to_owned(),
            encrypted: true,
            deletion_protection: true,
            retention_days: 7,
            storage_gib: 100,
            created_at: None,
            members: u32::from(shape == Shape::Cluster),
            tags: Tags::new(),
        }
    }

    /// With this tag too.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Not encrypted.
    #[must_use]
    pub fn unencrypted(mut self) -> Self {
        self.encrypted = false;
        self
    }
}

/// The version that a database of this engine has unless told otherwise.
fn version(engine: Engine) -> &'static str {
    match engine {
        Engine::Docdb => "5.0.0",
        Engine::AuroraMysql => "8.0.mysql_aurora.3.08.2",
        Engine::AuroraPostgresql | Engine::Postgres => "16.8",
        Engine::Mysql => "8.0.41",
        Engine::Mariadb => "10.11.11",
    }
}

/// An available snapshot to be there, made by somebody else.
#[derive(Debug, Clone)]
pub struct SnapshotSpec {
    /// Its identifier; automated ones start with `rds:`, AWS Backup's with `awsbackup:`.
    pub id: String,
    /// `manual`, `automated` or `awsbackup`.
    pub kind: String,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Its tags.
    pub tags: Tags,
    /// Other accounts that may see it.
    pub shared_with: BTreeSet<AccountId>,
}

impl SnapshotSpec {
    /// A manual snapshot without tags.
    #[must_use]
    pub fn manual(id: &str, taken_at: Timestamp) -> Self {
        let (tags, shared_with) = (Tags::new(), BTreeSet::new());
        Self { id: id.to_owned(), kind: "manual".to_owned(), taken_at, tags, shared_with }
    }

    /// An automated snapshot.
    #[must_use]
    pub fn automated(id: &str, taken_at: Timestamp) -> Self {
        Self { kind: "automated".to_owned(), ..Self::manual(id, taken_at) }
    }

    /// A snapshot of AWS Backup.
    #[must_use]
    pub fn aws_backup(id: &str, taken_at: Timestamp) -> Self {
        Self { kind: "awsbackup".to_owned(), ..Self::manual(id, taken_at) }
    }

    /// With this tag too.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.insert(key.to_owned(), value.to_owned());
        self
    }
}

/// The database of `spec`, not yet in its place.
pub(crate) fn database(state: &mut State, place: &Place, spec: &DatabaseSpec) -> Database {
    let kms_key = state
        .places
        .get(place)
        .filter(|_| spec.encrypted)
        .and_then(|locality| locality.key("alias/aws/rds"))
        .map(|key| key.arn.clone());
    let created_at = spec.created_at.unwrap_or(state.now() - SignedDuration::from_hours(24));
    let mut database = blank(state, place, spec.shape, &spec.id, &spec.engine);
    database.engine_version.clone_from(&spec.engine_version);
    database.status = "available".to_owned();
    database.created_at = created_at;
    database.visible_from = created_at;
    database.storage_gib = spec.storage_gib;
    database.kms_key = kms_key;
    database.deletion_protection = spec.deletion_protection;
    database.retention_days = spec.retention_days;
    database.tags.clone_from(&spec.tags);
    database
}

/// Instance number `n` of `cluster`, not yet in its place.
pub(crate) fn member(state: &mut State, cluster: &Database, n: u32) -> Database {
    let place = Place::of(&cluster.arn);
    let id = format!("{}-{n}", cluster.id());
    let mut member = blank(state, &place, Shape::Instance, &id, &cluster.engine);
    member.engine_version.clone_from(&cluster.engine_version);
    member.status.clone_from(&cluster.status);
    member.created_at = cluster.created_at;
    member.visible_from = cluster.visible_from;
    member.member_of = Some(cluster.id().to_owned());
    member.storage_gib = 1;
    member.kms_key.clone_from(&cluster.kms_key);
    member.subnet_group.clone_from(&cluster.subnet_group);
    member.security_groups.clone_from(&cluster.security_groups);
    member
}

/// A database that is being created now, with AWS's defaults for all that a request may leave out.
pub(crate) fn blank(
    state: &mut State,
    place: &Place,
    shape: Shape,
    id: &str,
    engine: &str,
) -> Database {
    let serial = state.next_serial();
    let prefix = match shape {
        Shape::Cluster => "cluster",
        Shape::Instance => "db",
    };
    let letters = state.dice.letters(&format!("resource id {serial}"), 26);
    let now = state.now();
    Database {
        arn: place.arn(model::database_type(shape), &id.to_ascii_lowercase()),
        shape,
        engine: engine.to_owned(),
        engine_version: String::new(),
        status: "creating".to_owned(),
        resource_id: format!("{prefix}-{letters}"),
        created_at: now,
        storage_gib: 100,
        kms_key: None,
        deletion_protection: false,
        retention_days: 1,
        backed_up_until: None,
        subnet_group: "default".to_owned(),
        security_groups: vec!["sg-default".to_owned()],
        publicly_accessible: false,
        instance_class: (shape == Shape::Instance).then(|| "db.t4g.medium".to_owned()),
        member_of: None,
        master_username: "root".to_owned(),
        password_set_at: None,
        master_password: None,
        option_group: None,
        tags: Tags::new(),
        restored_from: None,
        data: None,
        visible_from: now,
        serial,
    }
}

impl Snapshot {
    /// A manual snapshot of `source` that was asked for at `at` and is being created.
    pub(crate) fn of(source: &Database, arn: RdsArn, at: Timestamp, serial: u64) -> Self {
        Self {
            arn,
            shape: source.shape,
            kind: "manual".to_owned(),
            engine: source.engine.clone(),
            engine_version: source.engine_version.clone(),
            status: "creating".to_owned(),
            database_id: source.id().to_owned(),
            resource_id: source.resource_id.clone(),
            database_created_at: source.created_at,
            requested_at: at,
            taken_at: at,
            settles_at: None,
            kms_key: source.kms_key.clone(),
            storage_gib: source.storage_gib,
            source_arn: None,
            option_group: source.option_group.clone(),
            master_username: source.master_username.clone(),
            retention_days: source.retention_days,
            deletion_protection: source.deletion_protection,
            shared_with: BTreeSet::new(),
            tags: Tags::new(),
            visible_from: at,
            serial,
        }
    }
}
