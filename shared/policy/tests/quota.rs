//! The snapshot quota: what rules come to, when there will be no room, and what a fleet will need.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may")]

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use snapkeep_policy::alarm::{self, Condition, Memory};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::{Region, Slot, recovery_point_id};
use snapkeep_policy::inventory::{
    Database, Engine, Observation, Quotas, RegionInventory, RegionView, Shape, Snapshot, Status,
};
use snapkeep_policy::quota::{Forecast, Outlook, forecast, outlook, steady_state};
use snapkeep_policy::retention::{Fate, Point, Retention, Verified, fates};
use snapkeep_policy::tags;
use snapkeep_policy::view::View;

const NOW: &str = "2026-03-04T12:00:00Z";
const GFS: &str = r#"{"daily": 30, "weekly": 12, "monthly": 12, "yearly": 7}"#;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn rules(json: &str) -> Retention {
    Retention::from_json(json).unwrap_or_else(|bad| panic!("{json}: {bad}"))
}

#[test]
fn rules_come_to_the_sum_of_their_tiers() {
    let cases = [
        (GFS, Some(61)),
        (r#"{"daily": 30, "weekly": 12, "monthly": 12, "yearly": 7, "keep_last": 3}"#, Some(63)),
        (r#"{"daily": 7, "min_keep": 5, "verified_floor": 2}"#, Some(11)),
        (r#"{"keep_last": 3}"#, Some(3)),
        (r#"{"keep_last": 3, "min_keep": 5}"#, Some(5)),
        (r#"{"hourly": 1}"#, Some(1)),
        (r#"{"hourly": 24, "expire_after": "P7D"}"#, Some(24)),
        // Enough to fill any memory, if they were counted one by one.
        (r#"{"daily": 1000000000}"#, Some(1_000_000_000)),
        (
            r#"{"daily": 4294967295, "yearly": 4294967295, "keep_last": 4294967295}"#,
            Some(12_884_901_884),
        ),
        (r#"{"daily": 7, "yearly": "all"}"#, None),
        (r#"{"keep_last": "all"}"#, None),
        (r#"{"within": "P30D"}"#, None),
        (r#"{"daily": 7, "within": "P2D"}"#, None),
        (r#"{"within_daily": "P30D"}"#, None),
    ];
    for (json, most) in cases {
        assert_eq!(steady_state(&rules(json)), most, "{json}");
    }
}

#[test]
fn room_runs_out_when_growth_goes_on() {
    let full = |used, max, percent, exhausted_at: &str| Forecast {
        used,
        max,
        percent,
        exhausted_at: Some(at(exhausted_at)),
    };
    let never = |used, max, percent| Forecast { used, max, percent, exhausted_at: None };
    let cases = [
        (40, 2.0, full(40, 100, 40, "2026-04-03T12:00:00Z")),
        (79, 0.5, full(79, 100, 79, "2026-04-15T12:00:00Z")),
        (99, 4.0, full(99, 100, 99, "2026-03-04T18:00:00Z")),
        (100, 0.0, full(100, 100, 100, NOW)),
        (130, -5.0, full(130, 100, 130, NOW)),
        (40, 0.0, never(40, 100, 40)),
        (40, -0.0, never(40, 100, 40)),
        (40, -1.0, never(40, 100, 40)),
        (40, f64::NAN, never(40, 100, 40)),
        (40, f64::NEG_INFINITY, never(40, 100, 40)),
        // In the year 168000.
        (40, 1e-6, never(40, 100, 40)),
        (40, f64::MIN_POSITIVE, never(40, 100, 40)),
        (40, f64::INFINITY, full(40, 100, 40, NOW)),
    ];
    for (used, growth_per_day, expected) in cases {
        assert_eq!(forecast(used, 100, growth_per_day, at(NOW)), expected, "{growth_per_day}");
    }
    assert_eq!(forecast(0, 0, 1.0, at(NOW)), full(0, 0, 100, NOW));
    assert_eq!(forecast(u32::MAX, 1, 1.0, at(NOW)).percent, u32::MAX);
}

#[test]
fn one_database_with_many_tiers_fits_and_two_do_not() {
    let mut fleet = Fleet::new(GFS);
    fleet.add("a", 20);
    assert_eq!(fleet.outlook("us-west-2"), expected(20, None, 61));
    // Two a day, and 60 places are left.
    fleet.add("b", 20);
    assert_eq!(fleet.outlook("us-west-2"), expected(40, Some("2026-04-03T12:00:00Z"), 122));
    // By hand or by another tool: they stay for good.
    fleet.add_foreign(30, "2025-01-01T00:00:00Z");
    assert_eq!(fleet.outlook("us-west-2"), expected(70, Some("2026-03-19T12:00:00Z"), 152));
}

#[test]
fn growth_is_what_came_within_seven_days_to_the_second() {
    for (made, exhausted_at) in
        [("2026-02-25T12:00:01Z", Some("2026-05-29T12:00:00Z")), ("2026-02-25T12:00:00Z", None)]
    {
        let mut fleet = Fleet::new(GFS);
        fleet.add_foreign(7, made);
        fleet.add_foreign(7, "2025-01-01T00:00:00Z");
        assert_eq!(fleet.outlook("us-west-2"), expected(14, exhausted_at, 14), "{made}");
    }
}

#[test]
fn rules_that_are_just_filled_use_up_no_more() {
    let mut fleet = Fleet::new(r#"{"keep_last": 40}"#);
    fleet.add("full", 40);
    fleet.add("filling", 20);
    let west = "us-west-2".parse().unwrap();
    let outlook = fleet.see(|view| outlook(view, &west, Shape::Cluster, 70));
    // Seven came within a week under each; the ten places that are left go to one of them.
    let forecast =
        Forecast { used: 60, max: 70, percent: 85, exhausted_at: Some(at("2026-03-14T12:00:00Z")) };
    assert_eq!(outlook, Outlook { forecast, needed: 80 });
}

#[test]
fn what_is_said_of_a_quota_is_one_line() {
    let cases = [
        (expected(85, None, 61), "85 of 100 are used"),
        (expected(0, None, 1_000_000_000), "0 of 100 are used, the policies come to 1000000000"),
        (
            expected(70, Some("2026-03-19T12:00:00Z"), 152),
            "70 of 100 are used, the policies come to 152, \
             no room is left by 2026-03-19 if growth goes on",
        ),
        (expected(100, Some(NOW), 100), "100 of 100 are used, no room is left"),
    ];
    for (outlook, line) in cases {
        assert_eq!(outlook.to_string(), line);
    }
}

#[test]
fn a_quota_that_will_be_too_small_is_reported_long_before_it_is_full() {
    let mut fleet = Fleet::new(GFS);
    fleet.add("a", 20);
    assert_eq!(fleet.alarms(), [""; 0]);
    fleet.add("b", 20);
    let said = "manual cluster snapshots in us-west-2: 40 of 100 are used, the policies come to 122, \
                no room is left by 2026-04-03 if growth goes on";
    assert_eq!(fleet.alarms(), [said]);
}

#[test]
fn a_quota_that_is_nearly_full_is_reported_whoever_filled_it() {
    let mut fleet = Fleet::new(GFS);
    fleet.add_foreign(79, "2025-01-01T00:00:00Z");
    assert_eq!(fleet.alarms(), [""; 0]);
    fleet.add_foreign(1, "2025-01-01T00:00:00Z");
    assert_eq!(fleet.alarms(), ["manual cluster snapshots in us-west-2: 80 of 100 are used"]);
}

#[test]
fn snapshots_of_others_use_the_quota_up_too() {
    let mut fleet = Fleet::new(GFS);
    fleet.add_foreign(7, "2026-03-03T00:00:00Z");
    assert_eq!(fleet.outlook("us-west-2"), expected(7, Some("2026-06-05T12:00:00Z"), 7));
}

#[test]
fn what_takes_the_place_of_another_or_will_soon_do_so_is_no_growth() {
    // Twenty are kept already, one more fits, five more don't.
    for (keep_last, exhausted_at) in [(20, None), (21, None), (25, Some("2026-03-05T12:00:00Z"))] {
        let mut fleet = Fleet::new(&format!(r#"{{"keep_last": {keep_last}}}"#));
        fleet.add("a", 20);
        fleet.add_foreign(79, "2025-01-01T00:00:00Z");
        let needed = 79 + keep_last;
        assert_eq!(fleet.outlook("us-west-2"), expected(99, exhausted_at, needed), "{keep_last}");
    }
}

#[test]
fn rules_without_an_end_grow_without_one() {
    let mut fleet = Fleet::new(r#"{"daily": "all"}"#);
    fleet.add("a", 20);
    assert_eq!(fleet.outlook("us-west-2"), expected(20, Some("2026-05-23T12:00:00Z"), 20));
}

#[test]
fn rules_that_are_not_carried_out_end_no_growth() {
    let mut fleet = Fleet::new(r#"{"keep_last": 5}"#);
    fleet.add("a", 12);
    assert_eq!(fleet.outlook("us-west-2"), expected(12, None, 5));
    fleet.add("b", 13);
    assert_eq!(fleet.outlook("us-west-2"), expected(25, Some("2026-05-18T12:00:00Z"), 18));
}

#[test]
fn a_number_that_can_not_be_meant_is_seen_before_anything_is_kept() {
    let mut fleet = Fleet::new(r#"{"daily": 1000000000}"#);
    fleet.add("a", 0);
    assert_eq!(fleet.outlook("us-west-2"), expected(0, None, 1_000_000_000));
}

#[test]
fn copies_need_room_where_they_go() {
    let mut fleet = Fleet::new(GFS);
    fleet.add("a", 20);
    assert_eq!(fleet.outlook("us-east-1"), expected(0, None, 9));
    assert_eq!(fleet.outlook("eu-west-1"), expected(0, None, 0));
}

fn expected(used: u32, exhausted_at: Option<&str>, needed: u64) -> Outlook {
    let exhausted_at = exhausted_at.map(at);
    Outlook { forecast: Forecast { used, max: 100, percent: used, exhausted_at }, needed }
}

/// Clusters in us-west-2 under one policy, each with a recovery point a day, and a copy rule that
/// keeps nine in us-east-1.
struct Fleet {
    document: PolicyDocument,
    inventory: RegionInventory,
}

impl Fleet {
    fn new(retention: &str) -> Self {
        let document = format!(
            r#"{{ "version": 1, "deployment": "prod", "regions": ["us-west-2"], "policies": {{ "all": {{
                "select": {{ "tags": {{ "tier": "all" }} }}, "schedules": ["cron(0 2 * * ? *)"],
                "retention": {retention},
                "copies": [{{ "region": "us-east-1", "retention": {{ "keep_last": 9 }} }}] }} }} }}"#
        );
        let document = PolicyDocument::from_json(&document).unwrap_or_else(|bad| panic!("{bad}"));
        let quotas = Some(Quotas::default());
        Self { document, inventory: RegionInventory { quotas, ..RegionInventory::default() } }
    }

    fn add(&mut self, id: &str, days: i64) {
        let database = database(id);
        for day in 0..days {
            let taken_at = at("2026-03-04T02:00:00Z") - SignedDuration::from_hours(24 * day);
            let deployment = &self.document.deployment;
            let slot = Slot::Scheduled(taken_at);
            let resource = &database.resource_id;
            let point_id = recovery_point_id(deployment, id, resource, &slot, 0);
            let mut point = snapshot(&point_id, id, taken_at);
            point.resource_id = Some(resource.clone());
            for (key, value) in [
                (tags::OWNER, deployment.to_string()),
                (tags::POLICY, "all".to_owned()),
                (tags::DATABASE, database.arn.to_string()),
                (tags::SOURCE, resource.to_string()),
                (tags::SLOT, taken_at.to_string()),
            ] {
                point.tags.insert(key.to_owned(), value);
            }
            self.inventory.snapshots.push(point);
        }
        self.inventory.databases.push(database);
    }

    fn add_foreign(&mut self, count: usize, created_at: &str) {
        for n in 0..count {
            self.inventory.snapshots.push(snapshot(&format!("by-hand-{n}"), "c", at(created_at)));
        }
    }

    fn outlook(&self, name: &str) -> Outlook {
        let region: Region = name.parse().unwrap();
        self.see(|view| {
            assert_eq!(view.tampered, []);
            // Instances have a quota of their own.
            assert_eq!(outlook(view, &region, Shape::Instance, 100), expected(0, None, 0));
            outlook(view, &region, Shape::Cluster, 100)
        })
    }

    fn alarms(&self) -> Vec<String> {
        let findings = self.see(|view| alarm::assess(view, &Memory::default()));
        let full = findings.into_iter().filter(|it| it.condition == Condition::QuotaNearlyFull);
        full.map(|finding| finding.message).collect()
    }

    fn see<T>(&self, look: impl FnOnce(&View<'_>) -> T) -> T {
        let regions = [("us-west-2", self.inventory.clone()), ("us-east-1", Default::default())];
        let regions =
            regions.map(|(name, inventory)| (name.parse().unwrap(), RegionView::Seen(inventory)));
        let account = Some("123456789012".parse().unwrap());
        let observation = Observation { account, regions: regions.into(), clock_skew: None };
        look(&View::new(&self.document, &observation, None, at(NOW)))
    }
}

fn database(id: &str) -> Database {
    Database {
        arn: format!("arn:aws:rds:us-west-2:123456789012:cluster:{id}").parse().unwrap(),
        resource_id: format!("cluster-{}", id.to_uppercase()).parse().unwrap(),
        shape: Shape::Cluster,
        engine: Engine::Docdb,
        engine_version: "5.0.0".into(),
        status: Status::Available,
        member_of: None,
        members: Vec::new(),
        created_at: None,
        latest_restorable_at: None,
        earliest_restorable_at: None,
        endpoint: None,
        master_user: None,
        initial_database: None,
        automated_retention_days: 7,
        backup_window: None,
        encrypted: false,
        deletion_protection: true,
        publicly_accessible: false,
        security_groups: Vec::new(),
        tags: [("tier".to_owned(), "all".to_owned())].into(),
    }
}

fn snapshot(id: &str, database_id: &str, created_at: Timestamp) -> Snapshot {
    let arn = format!("arn:aws:rds:us-west-2:123456789012:cluster-snapshot:{id}");
    Snapshot {
        arn: arn.parse().unwrap(),
        shape: Shape::Cluster,
        engine: Engine::Docdb,
        engine_version: "5.0.0".into(),
        status: Status::Available,
        database_id: database_id.into(),
        resource_id: None,
        created_at: Some(created_at),
        data_at: None,
        progress_percent: Some(100),
        encrypted: false,
        kms_key: None,
        storage_gib: 10,
        source_arn: None,
        option_group: None,
        tags: tags::Tags::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever was taken, no more than that stays, as long as verification is through with it.
    #[test]
    fn no_group_holds_more_than_its_rules_come_to(
        counts in prop::array::uniform6(0..6_u32), keep_oldest in any::<bool>(),
        min_keep in 1..6_u32, verified_floor in 0..4_u32,
        minutes in prop::collection::btree_set(0..4_000_000_i64, 0..120), verified in any::<bool>(),
    ) {
        prop_assume!(counts.iter().any(|count| *count > 0));
        let [keep_last, hourly, daily, weekly, monthly, yearly] = counts;
        let rules = rules(&serde_json::json!({
            "keep_last": keep_last, "hourly": hourly, "daily": daily, "weekly": weekly,
            "monthly": monthly, "yearly": yearly, "keep_oldest": keep_oldest,
            "min_keep": min_keep, "verified_floor": verified_floor,
        }).to_string());
        let ids: Vec<String> = minutes.iter().map(ToString::to_string).collect();
        let points: Vec<Point<'_>> = minutes.iter().zip(&ids).map(|(minute, id)| Point {
            id,
            taken_at: Timestamp::from_second(minute * 60).unwrap(),
            verified: if verified { Verified::Pass } else { Verified::Unknown },
            held: false,
            untouchable: None,
        }).collect();
        let kept = fates(&points, &rules, &TimeZone::UTC, at(NOW));
        let kept = kept.into_iter().filter(|fate| *fate == Fate::Keep).count() as u64;
        prop_assert!(kept <= steady_state(&rules).unwrap());
    }
}
