//! What people do to the account without snapkeep: furnish it, run it, and get in the way.

use bytes::Bytes;
use snapkeep_policy::ids::{AccountId, RdsArn, Region};
use snapkeep_policy::inventory::Quotas;

use crate::World;
use crate::bucket::Object;
use crate::furnish::{self, DatabaseSpec, SnapshotSpec};
use crate::model::{self, Database, Locality, Place, Snapshot};
use crate::sns::Topic;

/// What a database turns into when its key is disabled, for the days in which that can be undone.
const KEYLESS: &str = "inaccessible-encryption-credentials-recoverable";

/// Acts in one account, at once and past the API: nothing is checked but that things exist.
#[derive(Debug)]
pub struct Admin<'a> {
    world: &'a World,
    account: AccountId,
}

impl<'a> Admin<'a> {
    pub(crate) fn new(world: &'a World, account: AccountId) -> Self {
        Self { world, account }
    }

    /// Something changes: [`crate::FaultKind::Stale`] counts what people do as well.
    fn changes(&self) {
        self.world.lock().remember();
    }

    /// Puts a database there, available, with its instances if it is a cluster. One of the same
    /// name is replaced, and the new one has another resource id, as when people recreate it.
    pub fn create_database(&self, region: &Region, spec: &DatabaseSpec) -> RdsArn {
        let place = self.place(region);
        let mut state = self.world.lock();
        let offered = state.offered.entry(spec.engine.clone()).or_default();
        if !offered.contains(&spec.engine_version) {
            offered.push(spec.engine_version.clone());
        }
        let database = furnish::database(&mut state, &place, spec);
        let arn = database.arn.clone();
        let members: Vec<Database> =
            (1..=spec.members).map(|n| furnish::member(&mut state, &database, n)).collect();
        if let Some(locality) = state.places.get_mut(&place) {
            for database in members.into_iter().chain([database]) {
                locality.databases.insert((database.shape, database.id().to_owned()), database);
            }
        }
        arn
    }

    /// Deletes a database and, of a cluster, its instances: gone at once.
    pub fn delete_database(&self, arn: &RdsArn) {
        self.changes();
        let shape = model::shape_of(arn.resource);
        self.world.lock().remove_database(&Place::of(arn), shape, &arn.id);
    }

    /// Changes anything about a database: stop it, unprotect it, fail it, expose it.
    pub fn alter_database(&self, arn: &RdsArn, change: impl FnOnce(&mut Database)) {
        let mut state = self.world.lock();
        let key = (model::shape_of(arn.resource), arn.id.clone());
        let found = state.places.get_mut(&Place::of(arn)).and_then(|l| l.databases.get_mut(&key));
        if let Some(database) = found {
            change(database);
        }
    }

    /// Stops a database: its automated backups stand still, and it can't be snapshotted.
    pub fn stop_database(&self, arn: &RdsArn) {
        let now = self.world.now();
        self.alter_database(arn, |database| {
            database.backed_up_until = database.latest_restorable_at(now);
            "stopped".clone_into(&mut database.status);
        });
    }

    /// Starts a stopped database.
    pub fn start_database(&self, arn: &RdsArn) {
        self.alter_database(arn, |database| {
            database.backed_up_until = None;
            "available".clone_into(&mut database.status);
        });
    }

    /// Puts a snapshot of `database` there, or says nothing when there is no such database.
    pub fn create_snapshot(&self, database: &RdsArn, spec: &SnapshotSpec) -> Option<RdsArn> {
        let place = Place::of(database);
        let mut state = self.world.lock();
        let serial = state.next_serial();
        let locality = state.places.get_mut(&place)?;
        let source =
            locality.databases.get(&(model::shape_of(database.resource), database.id.clone()))?;
        let arn = place.arn(model::snapshot_type(source.shape), &spec.id);
        let snapshot = Snapshot {
            kind: spec.kind.clone(),
            status: "available".to_owned(),
            settles_at: None,
            shared_with: spec.shared_with.clone(),
            tags: spec.tags.clone(),
            ..Snapshot::of(source, arn.clone(), spec.taken_at, serial)
        };
        locality.snapshots.insert((snapshot.shape, arn.id.clone()), snapshot);
        Some(arn)
    }

    /// Puts a finished copy of `original` into `region`, under the same identifier, with its tags and
    /// these.
    pub fn create_copy<'t>(
        &self,
        original: &RdsArn,
        region: &Region,
        tags: impl IntoIterator<Item = (&'t str, String)>,
    ) {
        let key = (model::shape_of(original.resource), original.id.clone());
        let mut state = self.world.lock();
        let serial = state.next_serial();
        let places = &state.places;
        let found = places.get(&Place::of(original)).and_then(|l| l.snapshots.get(&key)).cloned();
        let Some(mut copy) = found else { return };
        copy.arn.region = region.clone();
        copy.source_arn = Some(original.clone());
        copy.serial = serial;
        copy.tags.extend(tags.into_iter().map(|(key, value)| (key.to_owned(), value)));
        if let Some(locality) = state.places.get_mut(&self.place(region)) {
            locality.snapshots.insert(key, copy);
        }
    }

    /// Deletes a snapshot of any kind, past every check.
    pub fn delete_snapshot(&self, arn: &RdsArn) {
        self.changes();
        self.world.lock().remove_snapshot(&Place::of(arn), model::shape_of(arn.resource), &arn.id);
    }

    /// Changes anything about a snapshot: strip its tags, fail it, share it.
    pub fn alter_snapshot(&self, arn: &RdsArn, change: impl FnOnce(&mut Snapshot)) {
        self.changes();
        let mut state = self.world.lock();
        let key = (model::shape_of(arn.resource), arn.id.clone());
        let found = state.places.get_mut(&Place::of(arn)).and_then(|l| l.snapshots.get_mut(&key));
        if let Some(snapshot) = found {
            change(snapshot);
        }
    }

    /// Makes a KMS key under `alias/…`, enabled. Returns its ARN.
    pub fn create_key(&self, region: &Region, alias: &str) -> String {
        let place = self.place(region);
        self.with(region, |locality| locality.add_key(&place, &format!("alias/{alias}")))
            .unwrap_or_default()
    }

    /// ARN of the region's default key, `alias/aws/rds`.
    #[must_use]
    pub fn default_key(&self, region: &Region) -> String {
        self.key(region, "aws/rds").unwrap_or_default()
    }

    /// ARN of the key under `alias/…`, if the region has it.
    #[must_use]
    pub fn key(&self, region: &Region, alias: &str) -> Option<String> {
        let alias = format!("alias/{alias}");
        self.with(region, |locality| locality.key(&alias).map(|key| key.arn.clone())).flatten()
    }

    /// Disables a key: running databases lose access to their storage, and neither copies nor
    /// restores can use it.
    /// Source: RDS User Guide, "Managing AWS KMS keys": `inaccessible-encryption-credentials`.
    pub fn disable_key(&self, region: &Region, arn: &str) {
        self.switch_key(region, arn, false, "available", KEYLESS);
    }

    /// Enables a key again, in time.
    pub fn enable_key(&self, region: &Region, arn: &str) {
        self.switch_key(region, arn, true, KEYLESS, "available");
    }

    fn switch_key(&self, region: &Region, arn: &str, enabled: bool, from: &str, to: &str) {
        self.with(region, |locality| {
            for key in locality.keys.iter_mut().filter(|key| key.arn == arn) {
                key.enabled = enabled;
            }
            for database in locality.databases.values_mut() {
                if database.kms_key.as_deref() == Some(arn) && database.status == from {
                    to.clone_into(&mut database.status);
                }
            }
        });
    }

    /// Makes a subnet group.
    pub fn create_subnet_group(&self, region: &Region, name: &str, internet_facing: bool) {
        self.with(region, |locality| {
            locality.add_subnet_group(name, &["subnet-3", "subnet-4"], internet_facing);
        });
    }

    /// Changes the manual snapshot quotas.
    pub fn set_quotas(&self, region: &Region, quotas: Quotas) {
        self.with(region, |locality| locality.quotas = quotas);
    }

    /// Takes an engine version off the shelf: nothing can be created or restored with it any more.
    pub fn withdraw_version(&self, engine: &str, version: &str) {
        if let Some(offered) = self.world.lock().offered.get_mut(engine) {
            offered.retain(|offer| offer != version);
        }
    }

    /// Makes an SNS topic. Returns its ARN.
    pub fn create_topic(&self, region: &Region, name: &str) -> String {
        let arn = format!("arn:aws:sns:{region}:{}:{name}", self.account);
        self.with(region, |locality| locality.topics.insert(arn.clone(), Topic::default()));
        arn
    }

    /// Makes a bucket, if there is none of this name.
    pub fn create_bucket(&self, name: &str) {
        self.world.lock().buckets.entry(name.to_owned()).or_default();
    }

    /// Puts an object there, over whatever has its key.
    pub fn put_object(&self, bucket: &str, key: &str, body: impl Into<Bytes>) {
        let mut state = self.world.lock();
        let object = Object::new(body.into(), state.now());
        state.buckets.entry(bucket.to_owned()).or_default().put(key.to_owned(), object);
    }

    /// Deletes an object, past every condition. Its versions stay, below a delete marker.
    pub fn delete_object(&self, bucket: &str, key: &str) {
        let mut state = self.world.lock();
        let now = state.now();
        if let Some(bucket) = state.buckets.get_mut(bucket) {
            bucket.delete(key, now);
        }
    }

    /// Deletes what a key held before: nobody can go back to it.
    pub fn delete_earlier_versions(&self, bucket: &str, key: &str) {
        if let Some(bucket) = self.world.lock().buckets.get_mut(bucket) {
            bucket.forget(key);
        }
    }

    fn place(&self, region: &Region) -> Place {
        Place { account: self.account.clone(), region: region.clone() }
    }

    fn with<T>(&self, region: &Region, act: impl FnOnce(&mut Locality) -> T) -> Option<T> {
        self.world.lock().places.get_mut(&self.place(region)).map(act)
    }
}
