//! Both ways in, and that they give the same bytes.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use jiff::SignedDuration;
use snapkeep_world::{Answer, Fault, FaultKind, World};

use crate::support::{Fixture, at, west};

fn ask(world: &World, form: &str) -> String {
    let request = http::Request::post("https://rds.us-west-2.amazonaws.com/")
        .header("authorization", "AWS4-HMAC-SHA256 Credential=123456789012/20260301/us-west-2/rds/aws4_request, SignedHeaders=host, Signature=0")
        .body(Bytes::from(form.to_owned()))
        .unwrap();
    match world.answer(&request) {
        Answer::Response(response) => format!("{response:?}"),
        other => format!("{other:?}"),
    }
}

/// A life of several days, as one text of all that was answered.
fn life(seed: u64) -> String {
    let f = Fixture::seeded(seed);
    f.world.faults().set_rates(snapkeep_world::Rates::stormy());
    let mut answers = String::new();
    for day in 1..=20 {
        for form in [
            format!("Action=CreateDBClusterSnapshot&DBClusterIdentifier=shepherd&DBClusterSnapshotIdentifier=s{day}"),
            format!("Action=CopyDBClusterSnapshot&SourceDBClusterSnapshotIdentifier=s{day}&TargetDBClusterSnapshotIdentifier=c{day}"),
            "Action=RestoreDBClusterFromSnapshot&DBClusterIdentifier=x&SnapshotIdentifier=s1&Engine=docdb".to_owned(),
            "Action=DescribeDBClusterSnapshots".to_owned(),
            "Action=DescribeDBClusters".to_owned(),
        ] {
            answers.push_str(&ask(&f.world, &form));
            f.pass_minutes(7);
        }
        f.world.advance_to(f.world.now() + SignedDuration::from_hours(23));
    }
    answers
}

#[test]
fn the_same_seed_and_calls_give_the_same_bytes_and_another_seed_others() {
    let first = life(7);
    assert_eq!(first, life(7));
    assert_ne!(first, life(8));
    assert!(first.contains("available") && first.contains("<Code>"), "a life without events");
}

#[test]
fn the_date_of_an_answer_is_the_virtual_one_and_can_be_wrong() {
    let f = Fixture::new();
    f.world.advance_to(at("2026-03-04T02:30:00Z"));
    let answer = ask(&f.world, "Action=DescribeDBClusters");
    assert!(answer.contains("Wed, 04 Mar 2026 02:30:00 GMT"), "{answer}");
    let skew = SignedDuration::from_mins(-7);
    f.world.faults().schedule(Fault::new(FaultKind::ClockSkew(skew)).times(1));
    let answer = ask(&f.world, "Action=DescribeDBClusters");
    assert!(answer.contains("Wed, 04 Mar 2026 02:23:00 GMT"), "{answer}");
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
    let server = f.world.serve(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let endpoint = server.endpoint();
    let answer = over_tcp(server.address(), "Action=DescribeDBClusters").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("<DBClusterIdentifier>shepherd</DBClusterIdentifier>"), "{answer}");
    assert!(answer.contains("date: Sun, 01 Mar 2026 00:00:00 GMT"), "{answer}");
    assert!(endpoint.starts_with("http://127.0.0.1:"));
    assert_eq!(f.world.calls()["rds:DescribeDBClusters"], 1);

    f.world.faults().schedule(Fault::new(FaultKind::Unreachable).times(1));
    assert_eq!(over_tcp(server.address(), "Action=DescribeDBClusters").await, "");
}

async fn over_tcp(address: SocketAddr, form: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=123456789012/20260301/{}/rds/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{form}",
        form.len(),
        west(),
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
