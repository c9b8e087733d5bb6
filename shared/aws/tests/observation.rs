//! A region is seen to the end of its last page, or not at all; and its fault is its own.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod wire;

use std::collections::BTreeSet;

use snapkeep_aws::observe::observe;
use snapkeep_policy::inventory::{Observation, Quotas, RegionInventory, RegionView};
use wire::{Answer, Asked, Wire, error, success};

const QUOTAS: &str = "<AccountQuotas>\
    <AccountQuota><AccountQuotaName>DBInstances</AccountQuotaName><Max>40</Max></AccountQuota>\
    <AccountQuota><AccountQuotaName>ManualSnapshots</AccountQuotaName><Max>150</Max></AccountQuota>\
    <AccountQuota><AccountQuotaName>ManualClusterSnapshots</AccountQuotaName><Max>300</Max>\
    </AccountQuota></AccountQuotas>";

fn snapshot(region: &str, number: usize, engine: &str) -> String {
    format!(
        "<DBClusterSnapshot>\
         <DBClusterSnapshotIdentifier>s-{number}</DBClusterSnapshotIdentifier>\
         <DBClusterSnapshotArn>arn:aws:rds:{region}:123456789012:cluster-snapshot:s-{number}\
         </DBClusterSnapshotArn><DBClusterIdentifier>shepherd</DBClusterIdentifier>\
         <Engine>{engine}</Engine><Status>available</Status></DBClusterSnapshot>"
    )
}

/// Two pages of cluster snapshots, overlapping by one, and nothing else.
fn quiet(asked: &Asked) -> Answer {
    let of = |numbers: std::ops::Range<usize>| {
        numbers.map(|number| snapshot(&asked.region, number, "docdb")).collect::<String>()
    };
    let inner = match (asked.action(), asked.form.get("Marker").map(String::as_str)) {
        ("DescribeDBClusters", None) => "<DBClusters></DBClusters>".to_owned(),
        ("DescribeDBInstances", None) => "<DBInstances/>".to_owned(),
        ("DescribeDBSnapshots", None) => "<DBSnapshots/>".to_owned(),
        ("DescribeDBClusterSnapshots", None) => {
            let (ours, theirs) = (of(0..3), snapshot(&asked.region, 7, "neptune"));
            format!("<DBClusterSnapshots>{ours}{theirs}</DBClusterSnapshots><Marker>m 1</Marker>")
        }
        ("DescribeDBClusterSnapshots", Some("m 1")) => {
            format!("<DBClusterSnapshots>{}</DBClusterSnapshots><Marker/>", of(2..5))
        }
        ("DescribeAccountAttributes", None) => QUOTAS.to_owned(),
        other => panic!("unexpected: {other:?}"),
    };
    success(asked, &inner)
}

async fn look(wire: &Wire) -> Observation {
    let regions = ["us-east-1", "us-west-2"].map(|region| region.parse().unwrap());
    observe(&wire.aws(), &BTreeSet::from(regions)).await
}

fn view<'a>(observation: &'a Observation, region: &str) -> &'a RegionView {
    &observation.regions[&region.parse().unwrap()]
}

fn seen<'a>(observation: &'a Observation, region: &str) -> &'a RegionInventory {
    match view(observation, region) {
        RegionView::Seen(inventory) => inventory,
        unseen @ RegionView::Unseen { .. } => panic!("{unseen:?}"),
    }
}

#[tokio::test]
async fn every_page_is_read_and_what_moved_between_pages_is_there_once() {
    let wire = Wire::new(quiet);
    let observation = look(&wire).await;
    for region in ["us-east-1", "us-west-2"] {
        let inventory = seen(&observation, region);
        let ids: Vec<_> = inventory.snapshots.iter().map(|snapshot| snapshot.id()).collect();
        assert_eq!(ids, ["s-0", "s-1", "s-2", "s-3", "s-4"], "and no neptune");
        let quotas = Quotas { cluster_snapshots_max: 300, instance_snapshots_max: 150 };
        assert_eq!(inventory.quotas, Some(quotas));
    }
    assert_eq!(observation.account, Some("123456789012".parse().unwrap()));
    assert_eq!(observation.clock_skew, None, "no answer had a date");
}

#[tokio::test]
async fn a_look_costs_one_call_a_page_and_one_for_the_quotas() {
    let wire = Wire::new(quiet);
    look(&wire).await;
    let in_west: Vec<_> = wire.lines().into_iter().filter(|line| line.contains("west")).collect();
    let manual = "MaxRecords=100 SnapshotType=manual";
    let expected = [
        "rds us-west-2 DescribeDBClusters MaxRecords=100".to_owned(),
        "rds us-west-2 DescribeDBInstances MaxRecords=100".to_owned(),
        format!("rds us-west-2 DescribeDBClusterSnapshots {manual}"),
        format!("rds us-west-2 DescribeDBClusterSnapshots Marker=m 1 {manual}"),
        format!("rds us-west-2 DescribeDBSnapshots {manual}"),
        "rds us-west-2 DescribeAccountAttributes".to_owned(),
    ];
    assert_eq!(in_west, expected);
}

#[tokio::test]
async fn a_fault_in_one_region_makes_that_region_unseen_and_no_other() {
    let fault = |asked: &Asked| match (asked.action(), asked.form.contains_key("Marker")) {
        ("DescribeDBClusterSnapshots", true) if asked.region == "us-east-1" => {
            error(400, "Throttling")
        }
        _ => quiet(asked),
    };
    let observation = look(&Wire::new(fault)).await;
    let expected = RegionView::Unseen {
        code: "Throttling".to_owned(),
        message: "list cluster snapshots of us-east-1: Throttling: no; it is tried again; fewer \
                  other callers would help"
            .to_owned(),
    };
    assert_eq!(*view(&observation, "us-east-1"), expected);
    assert_eq!(seen(&observation, "us-west-2").snapshots.len(), 5);
}

#[tokio::test]
async fn an_answer_that_cannot_be_right_is_no_answer() {
    type Spoil = fn(&Asked, Answer) -> Answer;
    let spoilt: [(&str, Spoil); 5] = [
        ("a list is missing", |asked, _| success(asked, "")),
        ("of another region", |_, mut answer| {
            answer.body = answer.body.replace("rds:us-east-1", "rds:eu-west-1");
            answer
        }),
        ("a status is missing", |_, mut answer| {
            answer.body = answer.body.replace("<Status>available</Status>", "");
            answer
        }),
        ("cut off", |_, mut answer| {
            answer.body.truncate(answer.body.len() / 2);
            answer
        }),
        ("not XML", |_, mut answer| {
            answer.body = "<html>".to_owned();
            answer
        }),
    ];
    for (what, spoil) in spoilt {
        let wire = Wire::new(move |asked| match (asked.action(), asked.region.as_str()) {
            ("DescribeDBClusterSnapshots", "us-east-1") => spoil(asked, quiet(asked)),
            _ => quiet(asked),
        });
        let observation = look(&wire).await;
        let codes = ["DoubtfulAnswer", "UnreadableAnswer"];
        let view = view(&observation, "us-east-1");
        let unseen = |code: &String| codes.contains(&code.as_str());
        assert!(
            matches!(view, RegionView::Unseen { code, .. } if unseen(code)),
            "{what}: {view:?}"
        );
        assert_eq!(seen(&observation, "us-west-2").snapshots.len(), 5, "{what}");
    }
}

#[tokio::test]
async fn pages_without_end_end() {
    let endless = |asked: &Asked| match asked.action() {
        "DescribeDBClusters" => success(asked, "<DBClusters/><Marker>again</Marker>"),
        _ => quiet(asked),
    };
    let observation = look(&Wire::new(endless)).await;
    let unseen = matches!(view(&observation, "us-west-2"), RegionView::Unseen { .. });
    assert!(unseen, "{:?}", view(&observation, "us-west-2"));
}

#[tokio::test]
async fn unknown_quotas_do_not_hide_a_region() {
    let fault = |asked: &Asked| match asked.action() {
        "DescribeAccountAttributes" => error(403, "AccessDenied"),
        _ => quiet(asked),
    };
    let observation = look(&Wire::new(fault)).await;
    assert_eq!(seen(&observation, "us-west-2").quotas, None);
}

#[tokio::test]
async fn the_largest_difference_of_clocks_is_reported_even_when_calls_fail() {
    let late = |asked: &Asked| {
        let mut answer = error(400, "InvalidClientTokenId");
        let minute = if asked.region == "us-east-1" { 53 } else { 59 };
        answer.headers.push(("date", format!("Wed, 04 Mar 2026 01:{minute}:00 GMT")));
        answer
    };
    let observation = look(&Wire::new(late)).await;
    assert_eq!(observation.clock_skew.map(|skew| skew.as_secs()), Some(-7 * 60));
}
