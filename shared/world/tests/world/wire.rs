//! Both ways in, and that they give the same bytes.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use bytes::Bytes;
use jiff::SignedDuration;
use snapkeep_world::{Answer, Fault, FaultKind, Rates, World};

use crate::support::{Fixture, at, code, west};

fn ask(world: &World, form: &str) -> String {
    let request = http::Request::post("https://rds.us-west-2.amazonaws.com/")
        .header("authorization", "AWS4-HMAC-SHA256 Credential=123456789012/20260301/us-west-2/rds/aws4_request, SignedHeaders=host, Signature=0")
        .body(Bytes::from(form.to_owned()))
        .unwrap();
    format!("{:?}", world.answer(&request))
}

/// A stormy life of 1,200 calls, and what each was answered.
fn life(seed: u64) -> Vec<String> {
    let f = Fixture::seeded(seed);
    f.world.faults().set_rates(Rates::stormy());
    let mut answers = Vec::new();
    for day in 1..=200 {
        for form in [
            format!("Action=CreateDBClusterSnapshot&DBClusterIdentifier=shepherd&DBClusterSnapshotIdentifier=s{day}"),
            format!("Action=CopyDBClusterSnapshot&SourceDBClusterSnapshotIdentifier=s{day}&TargetDBClusterSnapshotIdentifier=c{day}"),
            "Action=RestoreDBClusterFromSnapshot&DBClusterIdentifier=x&SnapshotIdentifier=s1&Engine=docdb".to_owned(),
            "Action=DescribeDBClusterSnapshots&MaxRecords=20".to_owned(),
            "Action=DescribeDBClusters".to_owned(),
            format!("Action=DeleteDBClusterSnapshot&DBClusterSnapshotIdentifier=s{}", day - 20),
        ] {
            answers.push(ask(&f.world, &form));
            f.pass_minutes(7);
        }
        f.world.advance_to(f.world.now() + SignedDuration::from_hours(23));
    }
    let struck: u64 = f.world.faults().injected().values().sum();
    assert!(struck > 30, "a storm of {struck} faults");
    answers
}

#[test]
fn the_same_seed_and_calls_give_the_same_bytes_and_another_seed_others() {
    let first = life(7);
    assert_eq!(first.len(), 1_200);
    assert_eq!(first, life(7));
    assert_ne!(first, life(8));
    for event in ["available", "<Code>", "<Marker>", "TimedOut"] {
        assert!(first.iter().any(|answer| answer.contains(event)), "a life without {event}");
    }
    let ids = first.iter().filter_map(|answer| answer.split_once("x-amzn-requestid"));
    let ids: Vec<&str> = ids.map(|(_, rest)| &rest[..44]).collect();
    let distinct: BTreeSet<&&str> = ids.iter().collect();
    assert!(distinct.len() == ids.len() && ids.len() > 1_000, "a request id a second time");
}

#[test]
fn the_date_of_an_answer_is_the_virtual_one_and_can_be_wrong() {
    let f = Fixture::new();
    f.world.advance_to(at("2026-03-04T02:30:00Z"));
    let answer = ask(&f.world, "Action=DescribeDBClusters");
    assert!(answer.contains("Wed, 04 Mar 2026 02:30:00 GMT"), "{answer}");
    let skew = SignedDuration::from_mins(-7);
    let fault = f.world.faults().schedule(Fault::new(FaultKind::ClockSkew(skew)).times(1));
    let answer = ask(&f.world, "Action=DescribeDBClusters");
    assert!(answer.contains("Wed, 04 Mar 2026 02:23:00 GMT"), "{answer}");
    assert_eq!(f.world.faults().injected(), [(fault, 1)].into());
}

#[test]
fn requests_that_make_no_sense_are_refused_in_form() {
    let f = Fixture::new();
    for (form, code) in [
        ("Action=Frobnicate", "InvalidAction"),
        ("", "InvalidAction"),
        ("Action=CreateDBSnapshot", "MissingParameter"),
        ("Action=DescribeDBSnapshots&MaxRecords=many", "InvalidParameterValue"),
        ("Action=AddTagsToResource&ResourceName=x", "InvalidParameterValue"),
    ] {
        let answer = ask(&f.world, form);
        assert!(answer.contains(&format!("<Code>{code}</Code>")), "{form}: {answer}");
    }
    let bare = http::Request::get("http://x/").body(Bytes::new()).unwrap();
    let Answer::Response(response) = f.world.answer(&bare) else { panic!("no response") };
    assert_eq!(response.status(), 403);
}

#[tokio::test]
async fn the_same_world_answers_on_a_port() {
    let f = Fixture::new();
    f.world.admin().create_bucket("evidence");
    let server = f.world.serve(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let config = f
        .world
        .sdk_config(&west())
        .to_builder()
        .endpoint_url(server.endpoint())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .build();
    let rds = aws_sdk_rds::Client::new(&config);
    let listed = rds.describe_db_clusters().send().await.unwrap();
    assert_eq!(listed.db_clusters()[0].db_cluster_identifier(), Some("shepherd"));
    let missing = rds.describe_db_clusters().db_cluster_identifier("x").send().await;
    assert_eq!(code(missing), "DBClusterNotFoundFault");

    let s3 = aws_sdk_s3::Client::new(&config);
    let put = s3.put_object().bucket("evidence").key("a").if_none_match("*");
    put.body(ByteStream::from_static(b"over tcp")).send().await.unwrap();
    assert_eq!(f.world.objects("evidence")["a"].body, "over tcp");

    f.world.faults().schedule(Fault::new(FaultKind::Unreachable).times(1));
    assert_eq!(code(rds.describe_db_instances().send().await), "ok");
    assert_eq!(f.world.calls()["rds:DescribeDBInstances"], 2, "cut once, then tried again");

    f.world.faults().schedule(Fault::new(FaultKind::BrokenAnswer));
    let half = rds.describe_db_instances().send().await;
    assert!(half.is_err(), "half a list was taken for a whole one");
}
