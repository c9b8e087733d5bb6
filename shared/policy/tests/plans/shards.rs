//! Shards: together they do what one run would, apart they take nothing of each other.

use serde_json::json;
use snapkeep_policy::plan::{Describe, Plan};
use snapkeep_policy::request::Request;
use snapkeep_policy::shard::Shard;
use snapkeep_policy::tags;
use snapkeep_policy::view::View;
use snapkeep_policy::{copy, create, prune, verify};

use crate::fixtures::*;
use crate::fleet::text;

const NOW: &str = "2026-03-10T07:00:00Z";

/// Thirty instances with nine days of recovery points each and too few places for everything: copies
/// wait for slots, verifications for each other, snapshots for room, and prune has something to delete.
fn fleet() -> Fleet {
    let names: Vec<String> = (0..30).map(|n| format!("orders-{n}")).collect();
    let databases: Vec<_> = names.iter().map(|name| instance(name)).collect();
    let points = databases.iter().flat_map(|database| daily(database, "2026-03-01", 9));
    let points: Vec<_> = points.collect();
    let scratch = scratch(&points[8], "2026-03-10T06:00:00Z");
    let mut nobodys = scratch.clone().renamed("snapkeep-scratch-nobodys");
    nobodys.tags.remove(tags::SOURCE);
    Fleet::of(databases).snapshots(points).database(scratch).database(nobodys).quota(HOME, 282)
}

fn wanted() -> serde_json::Value {
    policy(&[
        ("/retention", json!({ "daily": 7, "guard": { "max_percent": 100 } })),
        copied(),
        verified(),
        ("/verify/concurrent_max", json!(4)),
    ])
}

/// Each line of the whole fleet's plan is in exactly one shard's, in the same order.
fn are_parts<A: Describe>(plan: impl Fn(&View<'_>, &Request) -> Plan<A>, steps: usize) {
    let (fleet, document) = (fleet(), document(&wanted()));
    let said = |shard: Option<Shard>| {
        let plan = plan(&fleet.view(&document, NOW).in_shard(shard), &Request::default());
        (text(&plan), plan.steps.len())
    };
    let (whole, count) = said(None);
    assert_eq!(count, steps, "{whole}");
    for of in [1, 2, 4, 16] {
        let parts: Vec<String> = (0..of).map(|index| said(Shard::new(index, of)).0).collect();
        let mut together: Vec<&str> = parts.iter().flat_map(|part| part.lines()).collect();
        let mut all: Vec<&str> = whole.lines().collect();
        for part in &parts {
            let mut rest = whole.lines();
            let in_order = part.lines().all(|line| rest.any(|other| other == line));
            assert!(in_order, "{of} shards: not in the order of the whole\n{part}");
        }
        together.sort_unstable();
        all.sort_unstable();
        assert_eq!(together, all, "{of} shards");
    }
}

#[test]
fn snapshots_are_divided_and_so_is_the_room_under_the_quota() {
    are_parts(create::plan, 12);
}

#[test]
fn copies_are_divided_and_no_slot_is_given_twice_or_left_empty() {
    are_parts(copy::plan, 20);
}

#[test]
fn verifications_are_divided_and_no_more_run_at_a_time_than_in_one_run() {
    are_parts(verify::plan, 4);
}

#[test]
fn deletes_are_divided() {
    are_parts(prune::plan, 59);
}

#[test]
fn a_region_that_is_not_seen_is_refused_in_every_shard() {
    let (fleet, document) = (fleet().unseen(AWAY), document(&wanted()));
    for index in 0..4 {
        let view = fleet.view(&document, NOW).in_shard(Shard::new(index, 4));
        let plan = prune::plan(&view, &Request::default());
        assert_eq!((plan.steps.len(), plan.refusals.len()), (0, 1), "shard {index}");
    }
}
