//! What the plans lead to: carried out again and again they come to rest, and they don't depend on
//! the order in which AWS lists things.

use proptest::prelude::*;
use serde_json::{Value, json};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::inventory::{Engine, RegionView};
use snapkeep_policy::plan::Describe;
use snapkeep_policy::request::Request;
use snapkeep_policy::tags;
use snapkeep_policy::{alarm, copy, create, metrics, prune, verify};

use crate::fixtures::*;

/// A policy with everything: tiers at home, others away, and a rehearsal a day.
fn full() -> Value {
    let rule = json!([{
        "region": AWAY, "kms_key": KEY,
        "retention": { "daily": 3, "monthly": 2, "keep_oldest": true },
    }]);
    let retention = json!({ "keep_last": 2, "daily": 7, "weekly": 4, "verified_floor": 1 });
    let mut rehearsal = verified().1;
    rehearsal["concurrent_max"] = json!(3);
    policy(&[("/retention", retention), ("/copies", rule), ("/verify", rehearsal)])
}

/// A cluster, an instance and a Multi-AZ cluster.
fn fleet() -> Fleet {
    let multi_az = cluster("ledger").said(|it| it.engine = Engine::Mysql);
    Fleet::of([cluster("shepherd"), instance("orders"), multi_az])
}

#[test]
fn every_world_comes_to_rest_within_a_few_rounds() {
    let document = document(&full());
    let mut fleet = fleet();
    // Taken, copied, restored, given an instance, judged, torn down in two rounds.
    let first = fleet.settle(&document, at("2026-01-01T06:30:00Z"));
    assert!((1..=8).contains(&first), "{first} rounds");
    for day in 0..120 {
        let now = at("2026-01-02T06:30:00Z") + jiff::SignedDuration::from_hours(24 * day);
        let rounds = fleet.settle(&document, now);
        assert!(rounds <= 8, "{rounds} rounds on day {day}");
        assert_eq!(fleet.settle(&document, now), 0, "a second run does nothing");
    }
    let count = |name: &str, database: &str| {
        let is_it = |it: &&&snapkeep_policy::inventory::Snapshot| {
            it.arn.region.as_str() == name && *it.database_id == *database
        };
        fleet.all_snapshots().iter().filter(is_it).count()
    };
    for database in ["shepherd", "orders", "ledger"] {
        // Seven days, in two weeks, and two older weeks; three days, in two months.
        assert_eq!((count(HOME, database), count(AWAY, database)), (9, 3), "{database}");
    }
    let left = fleet.region_mut(HOME).databases.len();
    assert_eq!(left, 3, "no scratch database is left");
}

#[test]
fn copy_and_prune_do_not_undo_each_other() {
    let retentions = [
        json!({ "keep_last": 1 }),
        json!({ "daily": 2, "keep_oldest": true }),
        json!({ "weekly": 3, "keep_oldest": true }),
        json!({ "monthly": 2, "keep_oldest": false }),
        json!({ "within": "P10D", "monthly": 1 }),
        json!({ "daily": 5, "verified_floor": 1 }),
        json!({ "daily": 30, "expire_after": "P12D" }),
    ];
    for retention in retentions {
        let rule = json!([{ "region": AWAY, "kms_key": KEY, "retention": retention }]);
        let document = document(&policy(&[
            ("/retention", json!({ "daily": 60, "guard": { "max_percent": 100 } })),
            ("/copies", rule),
        ]));
        let shepherd = cluster("shepherd");
        let mut fleet = Fleet::of([shepherd.clone()]);
        for (day, point) in daily(&shepherd, "2026-01-01", 60).into_iter().enumerate() {
            let now = at(&point.tags[tags::SLOT]) + jiff::SignedDuration::from_hours(1);
            // Every third day's rehearsal fails, every other third's passes.
            let verdict = ["pass", "fail", ""][day % 3];
            let judged =
                if verdict.is_empty() { point } else { point.judged(verdict, &now.to_string()) };
            fleet = fleet.snapshot(judged);
            let rounds = fleet.settle(&document, now);
            assert!(rounds <= 3, "{retention}: {rounds} rounds on day {day}");
        }
    }
}

#[test]
fn a_policy_that_keeps_less_comes_to_rest_too() {
    let wide = json!({ "daily": 60, "guard": { "max_percent": 100 } });
    let narrow = json!({ "daily": 3, "guard": { "max_percent": 100 } });
    let document_of =
        |retention: &Value| document(&policy(&[("/retention", retention.clone()), copied()]));
    let shepherd = cluster("shepherd");
    let mut fleet = Fleet::of([shepherd.clone()]).snapshots(daily(&shepherd, "2026-01-01", 40));
    let now = at("2026-02-09T03:00:00Z");
    fleet.settle(&document_of(&wide), now);
    assert_eq!(fleet.all_snapshots().len(), 80);
    assert!(fleet.settle(&document_of(&narrow), now) <= 3);
    assert_eq!(fleet.all_snapshots().len(), 6);
}

/// Everything that the five verbs say of a fleet, in full.
fn everything(fleet: &Fleet, document: &PolicyDocument, now: &str) -> String {
    fn whole<A: Describe + std::fmt::Debug>(plan: &snapkeep_policy::plan::Plan<A>) -> String {
        format!("{plan:#?}")
    }
    let (view, request) = (fleet.view(document, now), Request::default());
    let memory = alarm::Memory::default();
    let (told, next) = alarm::plan(&view, &memory, Some(&std::collections::BTreeSet::new()));
    [
        whole(&create::plan(&view, &request)),
        whole(&copy::plan(&view, &request)),
        whole(&verify::plan(&view, &request)),
        whole(&prune::plan(&view, &request)),
        whole(&told),
        format!("{next:#?}"),
        format!("{:#?}", metrics::of_fleet(&view, &next)),
        format!("{:#?}", prune::explain(&view)),
    ]
    .join("\n")
}

/// A fleet in which much is the matter, so that every verb has something to say.
fn busy() -> Fleet {
    let (shepherd, orders) = (cluster("shepherd"), instance("orders"));
    let points = daily(&shepherd, "2026-02-01", 30);
    let failed = point(&shepherd, "2026-03-02T02:00:00Z").attempt(1).status("failed");
    let copies = points[20..24].iter().map(|it| it.copy("2026-03-01T02:30:00Z"));
    let stuck = points[25..].iter().map(|it| it.copy("2026-03-01T02:30:00Z").status("copying"));
    let sealed = scratch(&points[29], "2026-03-02T06:00:00Z");
    let members = ["a", "b"].map(|name| {
        member(&sealed, "2026-03-02T06:20:00Z").renamed(&format!("{}-{name}", sealed.arn.id))
    });
    let tampered = points[3..6].iter().map(|it| it.clone().untagged(tags::SOURCE));
    Fleet::of([shepherd.clone(), orders.clone(), sealed])
        .database(cluster("stray").tagged("tier", "none"))
        .database(cluster("other").tagged("tier", "none"))
        .snapshots(points[..3].iter().chain(&points[6..]).cloned())
        .snapshots(tampered.collect::<Vec<_>>())
        .snapshots(copies.collect::<Vec<_>>())
        .snapshots(stuck.collect::<Vec<_>>())
        .snapshot(failed)
        .snapshots(daily(&orders, "2026-02-20", 8))
        .quota(HOME, 30)
        .database(members[0].clone())
        .database(members[1].clone())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None, cases: 32, ..ProptestConfig::default()
    })]

    #[test]
    fn the_order_of_aws_lists_is_of_no_consequence(
        order in Just((0..200_usize).collect::<Vec<_>>()).prop_shuffle()
    ) {
        let document = document(&full());
        let fleet = busy();
        let mut shuffled = fleet.clone();
        for view in shuffled.0.regions.values_mut() {
            let RegionView::Seen(inventory) = view else { continue };
            let mut ranks = order.iter();
            inventory.snapshots.sort_by_cached_key(|_| ranks.next().copied());
            let mut ranks = order.iter();
            inventory.databases.sort_by_cached_key(|_| ranks.next().copied());
        }
        let now = "2026-03-02T11:00:00Z";
        let (one, other) = (everything(&fleet, &document, now), everything(&shuffled, &document, now));
        let difference = one.lines().zip(other.lines()).find(|(one, other)| one != other);
        prop_assert_eq!(difference, None);
        prop_assert_eq!(one.len(), other.len());
    }
}
