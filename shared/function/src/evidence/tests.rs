//! The ledger on the simulated account's S3, with what can go wrong there.

mod pruning;
mod runs;
mod seals;

use jiff::Timestamp;
use serde_json::{Value, json};
use snapkeep_aws::store::Store;
use snapkeep_aws::{Aws, FailureClass};
use snapkeep_policy::verb::Verb;
use snapkeep_world::{Fault, FaultKind, Options, Rates, World};

use super::ledger::{Draft, TRIES_MAX, Tip, key, tip, write_behind};
use super::{Flaw, check, export, record};

const BUCKET: &str = "evidence";
const PRUNE: Verb = Verb::Prune;

fn bucket() -> (World, Store) {
    let world = World::new(Options::new(1));
    world.admin().create_bucket(BUCKET);
    let home = "us-west-2".parse().unwrap();
    let aws = Aws::new(world.sdk_config(&home), home);
    (world, Store::new(&aws, BUCKET))
}

fn now() -> Timestamp {
    "2026-03-10T08:00:00Z".parse().unwrap()
}

fn draft(name: &str) -> Draft<'_> {
    Draft { at: now(), name, record: serde_json::value::to_raw_value(&json!({})).unwrap() }
}

async fn write(store: &Store, name: &str) {
    record(store, PRUNE, now(), name, &json!({ "what": name })).await.unwrap();
}

fn entry(world: &World, sequence: u32) -> Value {
    serde_json::from_slice(&world.objects(BUCKET)[&key(PRUNE, sequence)].body).unwrap()
}

/// What is in the ledger, the oldest first.
fn names(world: &World) -> Vec<String> {
    let entries = u32::try_from(world.objects(BUCKET).len()).unwrap();
    let name = |n| entry(world, n)["name"].as_str().unwrap().to_owned();
    (1..=entries).map(name).collect()
}

async fn unbroken(store: &Store) -> u32 {
    let chain = check(store, PRUNE).await.unwrap();
    assert_eq!((chain.linked, &chain.broken), (chain.entries, &None));
    chain.entries
}

fn calls(world: &World, operation: &str) -> u64 {
    world.calls().get(&format!("s3:{operation}")).copied().unwrap_or_default()
}

#[tokio::test]
async fn an_entry_names_the_hash_of_the_one_before_and_the_newest_is_listed_first() {
    let (world, store) = bucket();
    for name in ["one", "two", "three"] {
        write(&store, name).await;
    }
    let keys: Vec<String> = world.objects(BUCKET).into_keys().collect();
    let expected = [997, 998, 999].map(|n| format!("evidence/prune/999999{}.json", n - 1));
    assert_eq!(keys, expected);
    assert_eq!(names(&world), ["one", "two", "three"]);
    let first = entry(&world, 1);
    assert_eq!(first["previous"], "0".repeat(64));
    assert_eq!(first["sequence"], 1);
    assert_eq!(first["at"], "2026-03-10T08:00:00Z");
    assert_eq!(first["record"], json!({ "what": "one" }));
    let chain = check(&store, PRUNE).await.unwrap();
    assert_eq!(chain.newest, Some(tip(&store, PRUNE).await.unwrap().sha256));
    assert_eq!(unbroken(&store).await, 3);
}

#[tokio::test]
async fn a_hash_is_that_of_the_objects_bytes_as_any_tool_computes_it() {
    let (world, store) = bucket();
    let body = format!(
        r#"{{"sequence":1,"previous":"{}","at":"2026-03-10T08:00:00Z","name":"x","record":{{}}}}"#,
        "0".repeat(64)
    );
    world.admin().put_object(BUCKET, &key(PRUNE, 1), body);
    write(&store, "two").await;
    // By `sha256sum`.
    let expected = "758ee9f89f6493b4054cf90dcda066dbe3957313d8fca431eab2a81402ce4b72";
    assert_eq!(entry(&world, 2)["previous"], expected);
}

#[tokio::test]
async fn each_verb_has_a_ledger_of_its_own() {
    let (_, store) = bucket();
    for verb in [Verb::Create, Verb::Prune, Verb::Prune] {
        record(&store, verb, now(), "report", &json!({})).await.unwrap();
    }
    let entries = async |verb| check(&store, verb).await.unwrap().entries;
    assert_eq!((entries(Verb::Create).await, entries(Verb::Prune).await), (1, 2));
    assert_eq!(entries(Verb::Copy).await, 0);
}

#[tokio::test]
async fn two_writers_who_saw_the_same_newest_entry_end_behind_one_another() {
    let (world, store) = bucket();
    write(&store, "before").await;
    let [seen, also_seen] = [tip(&store, PRUNE).await.unwrap(), tip(&store, PRUNE).await.unwrap()];
    let first = write_behind(&store, PRUNE, seen, &draft("first")).await.unwrap();
    let second = write_behind(&store, PRUNE, also_seen, &draft("second")).await.unwrap();
    assert_eq!((first.sequence, second.sequence), (2, 3));
    assert_eq!(names(&world), ["before", "first", "second"]);
    assert_eq!(entry(&world, 3)["previous"], first.sha256);
    assert_eq!(unbroken(&store).await, 3);
}

#[tokio::test]
async fn a_writer_whose_view_is_stale_walks_to_the_end_but_not_for_ever() {
    let (world, store) = bucket();
    for _ in 1..TRIES_MAX {
        write(&store, "theirs").await;
    }
    let late = write_behind(&store, PRUNE, Tip::start(), &draft("late")).await.unwrap();
    assert_eq!(late.sequence, TRIES_MAX);
    let too_late = write_behind(&store, PRUNE, Tip::start(), &draft("too late")).await;
    let failure = too_late.unwrap_err();
    assert_eq!(failure.class, FailureClass::PreconditionFailed, "{failure}");
    assert!(failure.retryable());
    assert!(!names(&world).contains(&"too late".to_owned()));
    assert_eq!(unbroken(&store).await, TRIES_MAX);
}

#[tokio::test]
async fn a_lost_answer_is_told_by_our_own_bytes_and_written_once() {
    let (world, store) = bucket();
    let lost = Fault::new(FaultKind::LostAnswer).on("s3:PutObject").times(1);
    world.faults().schedule(lost);
    write(&store, "one").await;
    write(&store, "two").await;
    assert_eq!(names(&world), ["one", "two"]);
    assert_eq!(unbroken(&store).await, 2);
}

#[tokio::test]
async fn a_run_that_never_learns_that_it_wrote_fails_and_the_next_goes_on_behind_it() {
    let (world, store) = bucket();
    // The write and all its retries, and the look at what is there: as if the run had died.
    world.faults().schedule(Fault::new(FaultKind::LostAnswer).on("s3:PutObject").times(1));
    let down = FaultKind::Refuse { status: 503, code: "SlowDown" };
    world.faults().schedule(Fault::new(down).on("s3:GetObject").times(4));
    let failure = record(&store, PRUNE, now(), "unsure", &json!({})).await.unwrap_err();
    assert!(failure.retryable(), "{failure}");
    write(&store, "next").await;
    assert_eq!(names(&world), ["unsure", "next"]);
    assert_eq!(unbroken(&store).await, 2);
}

#[tokio::test]
async fn a_write_of_another_run_that_is_still_under_way_is_waited_for() {
    let (world, store) = bucket();
    let conflict = FaultKind::Refuse { status: 409, code: "ConditionalRequestConflict" };
    world.faults().schedule(Fault::new(conflict).on("s3:PutObject").times(1));
    write(&store, "one").await;
    assert_eq!(names(&world), ["one"]);
}

#[tokio::test]
async fn what_cannot_be_written_is_a_failure_and_leaves_nothing() {
    let (world, store) = bucket();
    world.faults().schedule(Fault::service_down("s3"));
    let failure = record(&store, PRUNE, now(), "x", &json!({})).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Unavailable);
    assert_eq!(world.objects(BUCKET).len(), 0);
}

#[tokio::test]
async fn whatever_goes_wrong_between_two_writers_the_chain_holds_and_nothing_told_is_missing() {
    let (world, store) = bucket();
    let kinds = [FaultKind::Throttle, FaultKind::LostAnswer, FaultKind::ErrorAfterEffect];
    let rates = kinds.into_iter().fold(Rates::none(), |rates, kind| rates.with(kind, 3_500));
    let mut told = Vec::new();
    for n in 0..60 {
        let [seen, also_seen] =
            [tip(&store, PRUNE).await.unwrap(), tip(&store, PRUNE).await.unwrap()];
        world.faults().set_rates(rates.clone());
        for (writer, tip) in [("a", seen), ("b", also_seen)] {
            let name = format!("{writer}-{n}");
            if write_behind(&store, PRUNE, tip, &draft(&name)).await.is_ok() {
                told.push(name);
            }
        }
        world.faults().clear();
    }
    let written = names(&world);
    let times = |name: &String| written.iter().filter(|written| *written == name).count();
    assert!(told.iter().all(|name| times(name) == 1), "{told:?} in {written:?}");
    assert!(told.len() < 120, "some must have failed");
    assert!(written.len() > told.len(), "and some of those were written all the same");
    assert_eq!(unbroken(&store).await as usize, written.len());
}

/// Puts another object in an entry's place, made of the one that is there.
fn alter(world: &World, sequence: u32, change: impl FnOnce(&str) -> String) {
    let key = key(PRUNE, sequence);
    let body = String::from_utf8(world.objects(BUCKET)[&key].body.to_vec()).unwrap();
    world.admin().put_object(BUCKET, &key, change(&body));
}

#[tokio::test]
async fn the_first_broken_link_is_named() {
    type Tamper = fn(&World, u32);
    let table: [(u32, Tamper, Flaw); 6] = [
        (3, |w, n| w.admin().delete_object(BUCKET, &key(PRUNE, n)), Flaw::Missing),
        (3, |w, n| alter(w, n, |body| body.replace("three", "drei")), Flaw::Altered),
        (3, |w, n| alter(w, n, |body| format!("{body} ")), Flaw::Altered),
        (3, |w, n| alter(w, n, |_| String::new()), Flaw::Unreadable),
        (3, |w, n| alter(w, n, |_| entry(w, 4).to_string()), Flaw::Unreadable),
        // Before the first entry there is nothing.
        (1, |w, n| alter(w, n, |body| body.replace("000000", "0a0000")), Flaw::Unreadable),
    ];
    for (sequence, tamper, flaw) in table {
        let (world, store) = bucket();
        for name in ["one", "two", "three", "four", "five"] {
            write(&store, name).await;
        }
        tamper(&world, sequence);
        let chain = check(&store, PRUNE).await.unwrap();
        let broken = chain.broken.unwrap();
        assert_eq!((broken.sequence, broken.flaw), (sequence, flaw));
        assert_eq!(broken.key, key(PRUNE, sequence));
        assert_eq!((chain.entries, chain.linked), (5, 5 - sequence), "what is newer holds");
    }
}

#[tokio::test]
async fn nothing_is_written_behind_an_entry_that_is_none_any_more() {
    let (world, store) = bucket();
    write(&store, "one").await;
    alter(&world, 1, |_| "{}".to_owned());
    let failure = record(&store, PRUNE, now(), "two", &json!({})).await.unwrap_err();
    let line = "evidence/prune/999999998.json: Damaged: entry 1 (evidence/prune/999999998.json) is \
                no entry of this number; see what `snapkeep evidence verify` says, and find out who \
                changed it";
    assert_eq!(failure.to_string(), line);
    assert!(!failure.retryable());
    assert_eq!(world.objects(BUCKET).len(), 1);
}

#[tokio::test]
async fn a_stranger_that_hides_the_newest_entry_is_told_and_nothing_is_written_behind_it() {
    for stranger in ["evidence/prune/000000000.json", "evidence/prune/2026-03-10/080000Z.json"] {
        let (world, store) = bucket();
        write(&store, "one").await;
        world.admin().put_object(BUCKET, stranger, "{}");
        for failure in [
            record(&store, PRUNE, now(), "two", &json!({})).await.unwrap_err(),
            check(&store, PRUNE).await.unwrap_err(),
        ] {
            assert_eq!(failure.class, FailureClass::Damaged);
            assert!(failure.to_string().starts_with(stranger), "{failure}");
        }
    }
}

#[tokio::test]
async fn after_a_thousand_entries_another_one_costs_three_calls_and_a_check_one_each() {
    let (world, store) = bucket();
    let mut tip = Tip::start();
    for _ in 0..1_000 {
        tip = write_behind(&store, PRUNE, tip, &draft("one of many")).await.unwrap();
    }
    let counts = || ["ListObjectsV2", "GetObject", "PutObject"].map(|name| calls(&world, name));
    assert_eq!(counts(), [0, 0, 1_000]);
    write(&store, "another").await;
    assert_eq!(counts(), [1, 1, 1_001]);
    assert_eq!(unbroken(&store).await, 1_001);
    assert_eq!(counts(), [3, 1_002, 1_001], "two pages list a thousand and one");
}

#[tokio::test]
async fn a_key_that_promises_a_thousand_million_entries_costs_no_more_than_what_is_there() {
    let (world, store) = bucket();
    for name in ["one", "two", "three"] {
        write(&store, name).await;
    }
    let forged = json!({ "sequence": 999_999_998, "previous": "f".repeat(64), "at": now(),
                         "name": "report", "record": {} });
    world.admin().put_object(BUCKET, "evidence/prune/000000001.json", forged.to_string());
    world.admin().put_object(BUCKET, "evidence/prune/5.json", "{}");
    let before = [calls(&world, "ListObjectsV2"), calls(&world, "GetObject")];
    let chain = check(&store, PRUNE).await.unwrap();
    assert_eq!((chain.entries, chain.linked, chain.breaks), (999_999_998, 1, 999_999_994));
    let broken = chain.broken.unwrap();
    assert_eq!((broken.sequence, broken.flaw), (4, Flaw::Missing), "the first that is missing");
    assert_eq!(calls(&world, "ListObjectsV2") - before[0], 1);
    assert_eq!(calls(&world, "GetObject") - before[1], 4);

    let mut taken = Vec::new();
    let take = |key: &str, entry: Option<&str>| taken.push((key.to_owned(), entry.is_some()));
    export(&store, PRUNE, take).await.unwrap();
    let expected = [("999999998", true), ("999999997", true), ("999999996", true)];
    let expected = expected.into_iter().chain([("999999995", false), ("000000001", true)]);
    let named = expected.map(|(key, is_there)| (format!("evidence/prune/{key}.json"), is_there));
    assert!(taken.iter().cloned().eq(named), "{taken:?}");
}

#[tokio::test]
async fn what_lies_below_a_gap_is_read_and_still_judged() {
    let (world, store) = bucket();
    for name in ["one", "two", "three", "four", "five", "six"] {
        write(&store, name).await;
    }
    (4..=5).for_each(|n| world.admin().delete_object(BUCKET, &key(PRUNE, n)));
    alter(&world, 2, |_| "{}".to_owned());
    let chain = check(&store, PRUNE).await.unwrap();
    let broken = chain.broken.unwrap();
    assert_eq!((broken.sequence, broken.flaw), (2, Flaw::Unreadable));
    assert_eq!((chain.entries, chain.linked, chain.breaks), (6, 1, 3));
    (1..=3).for_each(|n| world.admin().delete_object(BUCKET, &key(PRUNE, n)));
    let broken = check(&store, PRUNE).await.unwrap().broken.unwrap();
    assert_eq!((broken.sequence, broken.flaw), (1, Flaw::Missing), "down to the first");
}
