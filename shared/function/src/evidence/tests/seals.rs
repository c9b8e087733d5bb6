//! The five chains together: what is cut off, or written anew as a whole, is found by a seal.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use snapkeep_aws::store::Store;
use snapkeep_aws::{Failure, FailureClass};
use snapkeep_policy::verb::Verb;
use snapkeep_world::World;

use super::super::ledger::{Tip, key, write_behind};
use super::super::{Chain, Flaw, audit, record, seal};
use super::{BUCKET, bucket, calls, draft, now};

fn later(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours)
}

async fn entries(store: &Store, verb: Verb, count: u32) {
    for n in 0..count {
        record(store, verb, now(), "report", &json!({ "n": n })).await.unwrap();
    }
}

/// Five entries of create's and three of prune's, sealed; then one more of each.
async fn sealed() -> (World, Store) {
    let (world, store) = bucket();
    entries(&store, Verb::Create, 5).await;
    entries(&store, Verb::Prune, 3).await;
    seal(&store, now()).await.unwrap();
    entries(&store, Verb::Create, 1).await;
    entries(&store, Verb::Prune, 1).await;
    (world, store)
}

async fn chain(store: &Store, verb: Verb) -> Chain {
    let (chains, _) = audit(store).await.unwrap();
    chains.into_iter().find(|chain| chain.verb == verb).unwrap()
}

fn delete(world: &World, verb: Verb, sequence: u32) {
    world.admin().delete_object(BUCKET, &key(verb, sequence));
}

/// The same number of entries, each fitting the next, that say something else.
async fn rewrite(world: &World, store: &Store, verb: Verb, count: u32) {
    (1..=count).for_each(|sequence| delete(world, verb, sequence));
    let mut tip = Tip::start();
    for _ in 0..count {
        tip = write_behind(store, verb, tip, &draft("report")).await.unwrap();
    }
}

fn damage(result: Result<(), Failure>) -> String {
    let failure = result.unwrap_err();
    assert_eq!(failure.class, FailureClass::Damaged, "{failure}");
    failure.to_string()
}

#[tokio::test]
async fn a_seal_names_the_newest_entry_of_every_other_chain() {
    let (world, store) = sealed().await;
    let body = &world.objects(BUCKET)[&key(Verb::Alarm, 1)].body;
    let entry: Value = serde_json::from_slice(body).unwrap();
    assert_eq!((&entry["version"], &entry["name"]), (&json!(1), &json!("seal")));
    let chains = entry["record"]["chains"].as_object().unwrap();
    assert_eq!(chains.keys().collect::<Vec<_>>(), ["create", "prune"], "the others are empty");
    assert_eq!(chains["create"]["sequence"], 5);
    let create = chain(&store, Verb::Create).await;
    assert_eq!((create.entries, create.sealed, create.breaks), (6, 5, 0));
    let (_, seals) = audit(&store).await.unwrap();
    assert_eq!(seals.newest, Some((1, now())));
}

#[tokio::test]
async fn what_is_cut_off_or_written_anew_is_found_back_to_the_last_seal() {
    for (forged, sequence, flaw) in [
        ("the newest entry, which no seal knows yet", 0, None),
        ("the two newest", 5, Some(Flaw::CutOff)),
        ("all of them", 1, Some(Flaw::CutOff)),
        ("all of them, written anew", 5, Some(Flaw::Replaced)),
        ("all of them, a shorter chain", 4, Some(Flaw::CutOff)),
    ] {
        let (world, store) = sealed().await;
        match forged {
            "the newest entry, which no seal knows yet" => delete(&world, Verb::Create, 6),
            "the two newest" => (5..=6).for_each(|n| delete(&world, Verb::Create, n)),
            "all of them" => (1..=6).for_each(|n| delete(&world, Verb::Create, n)),
            "all of them, written anew" => rewrite(&world, &store, Verb::Create, 6).await,
            _ => {
                (1..=6).for_each(|n| delete(&world, Verb::Create, n));
                rewrite(&world, &store, Verb::Create, 3).await;
            }
        }
        let create = chain(&store, Verb::Create).await;
        let found = create.broken.as_ref().map(|it| (it.sequence, it.flaw, it.sealed_by));
        assert_eq!(found, flaw.map(|flaw| (sequence, flaw, Some(1))), "{forged}");
        assert_eq!(chain(&store, Verb::Prune).await.broken, None, "{forged}");
    }
}

#[tokio::test]
async fn of_many_breaks_the_first_is_named_and_none_accuses_its_neighbour() {
    let (world, store) = sealed().await;
    delete(&world, Verb::Create, 2);
    let body =
        String::from_utf8(world.objects(BUCKET)[&key(Verb::Create, 4)].body.to_vec()).unwrap();
    world.admin().put_object(BUCKET, &key(Verb::Create, 4), body.replace("\"n\":3", "\"n\":9"));
    let create = chain(&store, Verb::Create).await;
    let broken = create.broken.unwrap();
    assert_eq!((broken.sequence, broken.flaw), (2, Flaw::Missing));
    assert_eq!((create.breaks, create.linked, create.entries), (2, 2, 6));
}

#[tokio::test]
async fn two_entries_that_changed_places_do_not_accuse_the_one_before_them() {
    let (world, store) = sealed().await;
    let body = |n| world.objects(BUCKET)[&key(Verb::Create, n)].body.to_vec();
    let moved = |from: u32, to: u32| {
        let text = String::from_utf8(body(from)).unwrap();
        text.replace(&format!("\"sequence\":{from},"), &format!("\"sequence\":{to},"))
    };
    let (second, third) = (moved(3, 2), moved(2, 3));
    world.admin().put_object(BUCKET, &key(Verb::Create, 2), second);
    world.admin().put_object(BUCKET, &key(Verb::Create, 3), third);
    let create = chain(&store, Verb::Create).await;
    let broken = create.broken.unwrap();
    assert_eq!((broken.sequence, broken.flaw), (2, Flaw::Unlinked));
    assert_eq!((create.breaks, create.linked), (2, 3));
}

#[tokio::test]
async fn alarm_seals_every_hour_and_only_what_is_new_with_a_list_for_each_chain() {
    let (world, store) = sealed().await;
    let counts = || ["ListObjectsV2", "GetObject", "PutObject"].map(|name| calls(&world, name));
    let since = |before: [u64; 3]| {
        let after = counts();
        [0, 1, 2].map(|n| after[n] - before[n])
    };
    let before = counts();
    seal(&store, now() + SignedDuration::from_mins(59)).await.unwrap();
    assert_eq!(since(before), [1, 1, 0], "too soon");
    let before = counts();
    seal(&store, later(1)).await.unwrap();
    // Its own newest twice; of both chains what was sealed, and what is new.
    assert_eq!(since(before), [6, 6, 1]);
    let before = counts();
    seal(&store, later(2)).await.unwrap();
    assert_eq!(since(before), [5, 3, 0], "nothing is new");
    assert_eq!(chain(&store, Verb::Create).await.sealed, 6);
}

#[tokio::test]
async fn alarm_seals_nothing_over_a_chain_that_was_changed() {
    let (world, store) = sealed().await;
    (5..=6).for_each(|n| delete(&world, Verb::Create, n));
    let told = damage(seal(&store, later(1)).await);
    assert!(
        told.contains("entry 5 (evidence/create/999999994.json) was sealed and is cut off"),
        "{told}"
    );
    let (world, store) = sealed().await;
    rewrite(&world, &store, Verb::Prune, 4).await;
    let told = damage(seal(&store, later(1)).await);
    assert!(
        told.contains("entry 3 (evidence/prune/999999996.json) isn't what it was when"),
        "{told}"
    );
    assert_eq!(chain(&store, Verb::Alarm).await.entries, 1);
}
