//! Doctor's look at what functions have where they are: topic and bucket, at home and where a standby is.

use snapkeep_alarm::standby::STANDBY_KEY;
use snapkeep_aws::doctor as looks;
use snapkeep_aws::store::Store;
use snapkeep_policy::doctor::{
    Area, Check, Deployed, Guarded, Place, Seen, StandbySeen, Topic, guards, standby, subscriptions,
};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::AccountId;

use super::Visit;

impl Visit<'_> {
    /// Whether anybody hears an alarm, and whether buckets and topics keep others out.
    pub(super) async fn delivery(&self, deployed: &Seen<Deployed>) -> Vec<Check> {
        let named = self.args.topic.as_ref();
        let deployed = match deployed {
            Ok(deployed) => deployed,
            Err(unseen) => {
                let heard = match named {
                    Some(arn) => subscriptions(arn, true, &self.topic(arn).await),
                    None => Check::unseen(Area::Subscriptions, unseen),
                };
                return vec![heard, Check::unseen(Area::Guards, unseen)];
            }
        };
        let mut checks = self.of_place(&deployed.account, &deployed.home, named.is_some()).await;
        if let Some(place) = &deployed.standby {
            checks.extend(self.of_place(&deployed.account, place, false).await);
        }
        checks
    }

    /// The keys of the deployment's buckets, and which of them couldn't be looked at.
    pub(super) async fn with_keys(&self, deployed: Seen<Deployed>) -> (Seen<Deployed>, Vec<Check>) {
        let mut unseen = Vec::new();
        let Ok(mut deployed) = deployed else { return (deployed, unseen) };
        for place in [Some(&mut deployed.home), deployed.standby.as_mut()].into_iter().flatten() {
            match looks::bucket_key(self.aws, &place.region, &place.bucket).await {
                Ok(key) => place.key = key,
                Err(failure) => unseen.push(Check::unseen(Area::Keys, &looks::unseen(failure))),
            }
        }
        (Ok(deployed), unseen)
    }

    async fn topic(&self, arn: &str) -> Seen<Option<Topic>> {
        looks::topic(self.aws, arn).await.map_err(looks::unseen)
    }

    async fn of_place(&self, account: &AccountId, place: &Place, is_named: bool) -> Vec<Check> {
        let Place { region, bucket, topic: arn, .. } = place;
        let topic = self.topic(arn).await;
        let of_bucket = looks::bucket_policy(self.aws, region, bucket).await.map_err(looks::unseen);
        let mut checks = vec![subscriptions(arn, is_named, &topic)];
        let bucket = Guarded::bucket(Deployed::partition(region), bucket);
        checks.extend(guards(&bucket, account, &of_bucket));
        let of_topic = topic.map(|topic| topic.map(|topic| topic.policy));
        checks.extend(guards(&Guarded::topic(arn), account, &of_topic));
        checks
    }

    /// Whether the standby would tell in home's place.
    pub(super) async fn standby(
        &self,
        document: &PolicyDocument,
        deployed: &Seen<Deployed>,
    ) -> Vec<Check> {
        // Without an account there are no names, and the topic's check has said so.
        let Ok(deployed) = deployed else { return Vec::new() };
        let Some(place) = &deployed.standby else {
            return self.unnamed_standby(deployed).await.into_iter().collect();
        };
        let store = Store::in_region(self.aws, &place.region, place.bucket.clone());
        let seen = StandbySeen {
            document: text(&store, &deployed.policy_key).await,
            state: text(&store, STANDBY_KEY).await,
        };
        standby(document, &deployed.home, place, &seen)
    }
}

async fn text(store: &Store, key: &str) -> Seen<Option<String>> {
    match store.get(key).await {
        // What isn't UTF-8 isn't JSON either: whoever reads it says so.
        Ok(found) => Ok(found.map(|(bytes, _)| String::from_utf8_lossy(&bytes).into_owned())),
        Err(failure) if failure.code == "NoSuchBucket" => Ok(None),
        Err(failure) => Err(looks::unseen(failure)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;
    use snapkeep_alarm::MEMORY_KEY;

    use super::*;

    const TABLE: &str = include_str!("../../../../shared/policy/src/doctor/permissions.json");

    /// What a standby may do `where` with `action`, as the table of permissions has it.
    fn may(r#where: &str, action: &str) -> BTreeSet<String> {
        let table: Value = serde_json::from_str(TABLE).unwrap();
        let list = |row: &Value, key: &str| row[key].as_array().unwrap().clone();
        let rows = table["rows"].as_array().unwrap().iter().filter(|row| {
            let has = |key: &str, word: &str| list(row, key).iter().any(|it| it == word);
            row["may"] == true
                && row["in"] == r#where
                && has("of", "standby")
                && has("actions", action)
        });
        let resources = rows.flat_map(|row| list(row, "resources"));
        let key = |it: Value| it.as_str().unwrap().split_once('/').unwrap().1.to_owned();
        resources.map(key).collect()
    }

    #[test]
    fn the_table_of_permissions_knows_the_keys_that_a_standby_reads_and_writes() {
        let set = |keys: &[&str]| keys.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        assert_eq!(may("here", "s3:GetObject"), set(&["{policy_key}", STANDBY_KEY]));
        assert_eq!(may("here", "s3:PutObject"), set(&[STANDBY_KEY]));
        assert_eq!(may("home", "s3:GetObject"), set(&[MEMORY_KEY, "evidence/prune/*"]));
        assert_eq!(may("home", "s3:PutObject"), set(&[]));
    }
}
