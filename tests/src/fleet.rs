//! What boto3 makes in an account, and what it finds there afterwards.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::{Emulator, Script};

/// What `fleet.py` made.
#[derive(Debug, Deserialize)]
pub struct Fleet {
    /// Bucket of the policy document.
    pub bucket: String,
    /// Key of the policy document.
    pub policy_key: String,
    /// The policy document.
    pub policy: Value,
    /// Topic for alarms.
    pub topic_arn: String,
    /// A queue that hears the topic.
    pub queue_url: String,
    /// ARNs of the keys, by region.
    pub kms_keys: BTreeMap<String, String>,
}

impl Fleet {
    /// Furnishes an account.
    ///
    /// # Panics
    /// When that fails: then no test on it can say anything.
    #[must_use]
    pub fn make(emulator: &Emulator) -> Self {
        let made = Script::new("fleet").on(emulator.endpoint()).run();
        let made = made.unwrap_or_else(|error| panic!("{error}"));
        serde_json::from_str(&made).expect("fleet.py prints what it made")
    }

    /// What boto3 finds. Messages are taken out of the queue.
    ///
    /// # Panics
    /// When it can't be counted.
    #[must_use]
    pub fn count(&self, emulator: &Emulator) -> Count {
        let counted = Script::new("count")
            .on(emulator.endpoint())
            .arg("--bucket")
            .arg(&self.bucket)
            .arg("--queue-url")
            .arg(&self.queue_url)
            .run();
        let counted = counted.unwrap_or_else(|error| panic!("{error}"));
        serde_json::from_str(&counted).expect("count.py prints what it counts")
    }
}

/// Everything that boto3 sees.
#[derive(Debug, Deserialize)]
pub struct Count {
    /// Region by region.
    pub regions: BTreeMap<String, Region>,
    /// Keys of the deployment's bucket.
    pub objects: Vec<String>,
    /// What was published since the last count.
    pub messages: Vec<Message>,
}

/// One region.
#[derive(Debug, Deserialize)]
pub struct Region {
    /// Clusters and instances, scratch databases excepted.
    pub databases: Vec<String>,
    /// Scratch clusters and instances.
    pub scratch: Vec<String>,
    /// Where instances are found; empty while they are being made.
    pub endpoints: BTreeMap<String, String>,
    /// How many snapshots AWS made by itself.
    pub automated_snapshots: usize,
    /// Manual snapshots.
    pub snapshots: Vec<Snapshot>,
}

/// One manual snapshot.
#[derive(Debug, Clone, Deserialize)]
pub struct Snapshot {
    /// Its identifier.
    pub id: String,
    /// Its address.
    pub arn: String,
    /// Of which database.
    pub database: String,
    /// AWS's status string.
    pub status: String,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// With which key.
    pub kms_key: Option<String>,
    /// What AWS says it was copied from.
    pub copied_from: Option<String>,
    /// The deployment that made it.
    pub owner: Option<String>,
    /// The instant to which it restores.
    pub slot: Option<String>,
    /// What its tags say it was copied from.
    pub copy_of: Option<String>,
    /// All its tags.
    pub tags: BTreeMap<String, String>,
}

/// One message of the topic.
#[derive(Debug, Deserialize)]
pub struct Message {
    /// Its subject.
    #[serde(rename = "Subject")]
    pub subject: String,
    /// Its body.
    #[serde(rename = "Message")]
    pub body: String,
}

impl Count {
    /// The region's snapshots that carry an owner, by database.
    ///
    /// # Panics
    /// When the region wasn't counted.
    #[must_use]
    pub fn recovery_points(&self, region: &str) -> BTreeMap<&str, Vec<&Snapshot>> {
        let mut found: BTreeMap<&str, Vec<&Snapshot>> = BTreeMap::new();
        for snapshot in &self.regions[region].snapshots {
            if snapshot.owner.is_some() {
                found.entry(&snapshot.database).or_default().push(snapshot);
            }
        }
        found
    }

    /// The slots of `database`'s recovery points in a region, oldest first.
    ///
    /// # Panics
    /// When one of them has no slot.
    #[must_use]
    pub fn slots(&self, region: &str, database: &str) -> Vec<&str> {
        let points = self.recovery_points(region);
        let points = points.get(database).into_iter().flatten();
        let mut slots: Vec<&str> =
            points.map(|point| point.slot.as_deref().expect("a slot tag")).collect();
        slots.sort_unstable();
        slots
    }
}
