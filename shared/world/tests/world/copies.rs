use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_rds::operation::copy_db_cluster_snapshot::builders::CopyDBClusterSnapshotFluentBuilder;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use snapkeep_policy::ids::RdsArn;
use snapkeep_policy::inventory::Engine;
use snapkeep_world::{DatabaseSpec, FaultKind, World};

use crate::support::{Fixture, code, east, tag, west};

/// A copy request of `parameters`, presigned by `secret` for us-west-2.
fn presigned(world: &World, parameters: &[(&str, &str)], secret: &str) -> String {
    presigned_for("us-west-2", world, parameters, secret)
}

fn presigned_for(region: &str, world: &World, parameters: &[(&str, &str)], secret: &str) -> String {
    let encode = |text: &str| text.replace(':', "%3A").replace('/', "%2F");
    let query: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let url = format!("https://rds.{region}.amazonaws.com/?{}", query.join("&"));
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(3600));
    let identity = Credentials::new(world.account().as_str(), secret, None, None, "test").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("rds")
        .time(world.now().into())
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let signable =
        SignableRequest::new("GET", &url, std::iter::empty(), SignableBody::Bytes(b"")).unwrap();
    let (instructions, _) = sign(signable, &params).unwrap().into_parts();
    let mut request = http::Request::get(&url).body(()).unwrap();
    instructions.apply_to_request_http1x(&mut request);
    request.uri().to_string()
}

/// What a presigned copy of a cluster snapshot has to say.
fn said<'a>(source: &'a str, key: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("Action", "CopyDBClusterSnapshot"),
        ("Version", "2014-10-31"),
        ("DestinationRegion", "us-east-1"),
        ("KmsKeyId", key),
        ("SourceDBClusterSnapshotIdentifier", source),
    ]
}

fn secret(world: &World) -> String {
    format!("secret-of-{}", world.account())
}

fn copy(f: &Fixture, source: &str, id: &str) -> CopyDBClusterSnapshotFluentBuilder {
    f.rds(&east())
        .copy_db_cluster_snapshot()
        .source_db_cluster_snapshot_identifier(source)
        .target_db_cluster_snapshot_identifier(id)
}

/// A complete request for an encrypted copy to us-east-1.
fn complete(f: &Fixture, source: &str, id: &str) -> CopyDBClusterSnapshotFluentBuilder {
    let key = f.world.admin().default_key(&east());
    let url = presigned(&f.world, &said(source, &key), &secret(&f.world));
    copy(f, source, id).kms_key_id(key).pre_signed_url(url)
}

#[tokio::test]
async fn an_encrypted_copy_needs_a_key_of_its_region_and_a_presigned_url() {
    let f = Fixture::new();
    let source = f.cluster_snapshot("one").await;
    let key = f.world.admin().default_key(&east());
    let foreign = f.world.admin().default_key(&west());
    let request = || copy(&f, &source, "one");
    assert_eq!(code(request().send().await), "KMSKeyNotAccessibleFault");
    assert_eq!(code(request().kms_key_id(foreign).send().await), "KMSKeyNotAccessibleFault");
    assert_eq!(code(request().kms_key_id(&key).send().await), "InvalidParameterValue");
    assert_eq!(code(complete(&f, &source, "one").send().await), "ok");

    let copies = f.world.snapshots(&east());
    assert_eq!(copies[0].kms_key.as_ref(), Some(&key));
    assert_eq!(copies[0].status, "copying");
    f.pass_minutes(40);
    assert_eq!(f.truth(&east(), "one"), "available");
}

#[tokio::test]
async fn a_presigned_url_that_says_or_proves_something_else_is_refused() {
    let f = Fixture::new();
    let source = f.cluster_snapshot("one").await;
    let key = f.world.admin().default_key(&east());
    let right = said(&source, &key);
    let with = |name: &str, value: &'static str| {
        let mut parameters = right;
        parameters.iter_mut().find(|(known, _)| *known == name).unwrap().1 = value;
        presigned(&f.world, &parameters, &secret(&f.world))
    };
    let tampered = presigned(&f.world, &right, &secret(&f.world))
        .replace("X-Amz-Expires=3600", "X-Amz-Expires=3601");
    for (what, url) in [
        ("another operation", with("Action", "CopyDBSnapshot")),
        ("another destination", with("DestinationRegion", "eu-west-1")),
        ("another key", with("KmsKeyId", "alias/aws/rds")),
        ("another source", with("SourceDBClusterSnapshotIdentifier", "two")),
        ("another region", presigned_for("eu-west-1", &f.world, &right, &secret(&f.world))),
        ("another secret", presigned(&f.world, &right, "guessed")),
        ("tampered with", tampered),
        ("not signed", "https://rds.us-west-2.amazonaws.com/?Action=CopyDBClusterSnapshot".into()),
    ] {
        let request = copy(&f, &source, "one").kms_key_id(&key).pre_signed_url(url);
        assert_eq!(code(request.send().await), "InvalidParameterValue", "{what}");
    }
    let old = presigned(&f.world, &right, &secret(&f.world));
    f.pass_minutes(61);
    let request = copy(&f, &source, "one").kms_key_id(&key).pre_signed_url(old);
    assert_eq!(code(request.send().await), "InvalidParameterValue");
}

#[tokio::test]
async fn an_unencrypted_cluster_copy_takes_no_key_and_needs_no_url() {
    let f = Fixture::new();
    let plain = DatabaseSpec::cluster(Engine::AuroraMysql, "plain").unencrypted();
    f.world.admin().create_database(&west(), &plain);
    let rds = f.rds(&west());
    let take = rds.create_db_cluster_snapshot().db_cluster_identifier("plain");
    let taken = take.db_cluster_snapshot_identifier("p1").send().await.unwrap();
    let source = taken.db_cluster_snapshot.unwrap().db_cluster_snapshot_arn.unwrap();
    assert_eq!(code(copy(&f, &source, "p1").send().await), "InvalidDBClusterSnapshotStateFault");
    f.pass_minutes(10);
    let key = f.world.admin().default_key(&east());
    let with_key = copy(&f, &source, "p1").kms_key_id(key).send().await;
    assert_eq!(code(with_key), "InvalidParameterCombination");
    assert_eq!(code(copy(&f, &source, "p1").send().await), "ok");
}

#[tokio::test]
async fn tags_are_copied_only_when_asked_and_only_when_none_are_given() {
    let f = Fixture::new();
    let source = f.cluster_snapshot("one").await;
    assert_eq!(code(complete(&f, &source, "bare").send().await), "ok");
    assert_eq!(code(complete(&f, &source, "same").copy_tags(true).send().await), "ok");
    let given = complete(&f, &source, "given").copy_tags(true).tags(tag("a", "b"));
    assert_eq!(code(given.send().await), "ok");
    let keys = |id: &str| {
        let snapshots = f.world.snapshots(&east());
        let found = snapshots.iter().find(|snapshot| snapshot.id() == id).unwrap();
        found.tags.iter().map(|(key, _)| key.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys("bare"), [""; 0]);
    assert_eq!(keys("same"), ["snapkeep:owner"]);
    assert_eq!(keys("given"), ["a"]);
}

#[tokio::test]
async fn a_sixth_cluster_copy_in_flight_is_refused_with_the_quotas_code() {
    let f = Fixture::new();
    let source = f.cluster_snapshot("one").await;
    for n in 1..=5 {
        assert_eq!(code(complete(&f, &source, &format!("copy-{n}")).send().await), "ok");
    }
    let sixth = || complete(&f, &source, "copy-6").send();
    assert_eq!(code(sixth().await), "SnapshotQuotaExceeded");
    f.pass_minutes(40);
    assert_eq!(code(sixth().await), "ok");
}

#[tokio::test]
async fn a_21st_instance_copy_in_flight_is_refused_with_the_quotas_code() {
    let f = Fixture::new();
    let plain = DatabaseSpec::instance(Engine::Mysql, "plain").unencrypted();
    f.world.admin().create_database(&west(), &plain);
    let take = f.rds(&west()).create_db_snapshot().db_instance_identifier("plain");
    let taken = take.db_snapshot_identifier("p1").send().await.unwrap();
    let source = taken.db_snapshot.unwrap().db_snapshot_arn.unwrap();
    f.pass_minutes(10);
    let copy = |id: String| {
        let request = f.rds(&east()).copy_db_snapshot().source_db_snapshot_identifier(&source);
        request.target_db_snapshot_identifier(id).send()
    };
    for n in 1..=20 {
        assert_eq!(code(copy(format!("copy-{n}")).await), "ok");
    }
    assert_eq!(code(copy("copy-21".into()).await), "SnapshotQuotaExceeded");
}

#[tokio::test]
async fn a_copy_dies_with_its_source_and_is_cancelled_by_deleting_it() {
    let f = Fixture::new();
    let source = f.cluster_snapshot("one").await;
    assert_eq!(code(complete(&f, &source, "orphaned").send().await), "ok");
    assert_eq!(code(complete(&f, &source, "cancelled").send().await), "ok");
    let east_rds = f.rds(&east());
    let cancel = east_rds.delete_db_cluster_snapshot().db_cluster_snapshot_identifier("cancelled");
    assert_eq!(code(cancel.send().await), "ok");
    let arn: RdsArn = source.parse().unwrap();
    f.world.admin().delete_snapshot(&arn);
    f.pass_minutes(60);
    assert_eq!(f.truth(&east(), "orphaned"), "failed");
    assert_eq!(f.truth(&east(), "cancelled"), "gone");
}

#[tokio::test]
async fn copies_that_are_stuck_or_fail_are_counted() {
    let f = Fixture::new();
    let source = f.cluster_snapshot("one").await;
    let faults = f.world.faults();
    let stuck = faults.schedule(snapkeep_world::Fault::new(FaultKind::StuckCopy).times(1));
    let failed = faults.schedule(snapkeep_world::Fault::new(FaultKind::FailedCopy).times(1));
    assert_eq!(code(complete(&f, &source, "stuck").send().await), "ok");
    assert_eq!(code(complete(&f, &source, "failed").send().await), "ok");
    f.pass_minutes(60 * 24 * 30);
    assert_eq!(f.truth(&east(), "stuck"), "copying");
    assert_eq!(f.truth(&east(), "failed"), "failed");
    assert_eq!(faults.injected(), [(stuck, 1), (failed, 1)].into());
}

#[tokio::test]
async fn a_disabled_key_stops_copies_and_running_databases() {
    let f = Fixture::new();
    let source = f.cluster_snapshot("one").await;
    let key = f.world.admin().default_key(&west());
    f.world.admin().disable_key(&west(), &key);
    assert_eq!(code(complete(&f, &source, "one").send().await), "KMSKeyNotAccessibleFault");
    let status = || f.world.databases(&west())[0].status.clone();
    assert_eq!(status(), "inaccessible-encryption-credentials-recoverable");
    f.world.admin().enable_key(&west(), &key);
    assert_eq!(status(), "available");
    assert_eq!(code(complete(&f, &source, "one").send().await), "ok");
}
