//! What AWS Backup is asked and told of its restore tests, held against what botocore sends.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may")]

mod wire;

use serde_json::Value;
use snapkeep_aws::act::Applied;
use snapkeep_aws::act::verify::{
    Validation, delete_cluster, delete_instance, describe_restore_job, validate,
};
use snapkeep_aws::{Failure, FailureClass};
use snapkeep_policy::ids::{RdsArn, RestoreJobId};
use snapkeep_policy::inventory::Engine;
use snapkeep_policy::tags::{self, Tags};
use wire::{Answer, Asked, Wire, success};

const VECTOR: &str = include_str!("data/restore-validation-vector.json");
const JOB: &str = "22C8B7FC-1F5E-4E5B-9C0A-7B1F4C1D2E3F";

fn arn(resource: &str) -> RdsArn {
    format!("arn:aws:rds:us-west-2:123456789012:{resource}").parse().unwrap()
}

fn job() -> RestoreJobId {
    JOB.parse().unwrap()
}

fn json(status: u16, body: &str) -> Answer {
    Answer { status, headers: vec![], body: body.to_owned() }
}

/// A wire on which a validation result is refused if `is_set`.
fn backup(is_set: bool) -> Wire {
    let state = if is_set { "SUCCESSFUL" } else { "VALIDATING" };
    Wire::new(move |asked: &Asked| match asked.method.as_str() {
        "PUT" if is_set => json(400, r#"{"__type":"InvalidRequestException","message":"set"}"#),
        "PUT" => json(204, ""),
        "GET" => json(
            200,
            &format!(
                r#"{{"RestoreJobId":"{JOB}","Status":"COMPLETED","ValidationStatus":"{state}",
                "CreatedBy":{{"RestoreTestingPlanArn":"arn:plan"}},
                "CreatedResourceArn":"{}","SourceResourceArn":"arn:aws:s3:::bucket"}}"#,
                arn("cluster:awsbackup-restore-test-1")
            ),
        ),
        _ => success(asked, ""),
    })
}

async fn told(wire: &Wire, resource: &RdsArn) -> Result<Applied, Failure> {
    let tags = Tags::from([(tags::VALIDATED.to_owned(), wire::NOW.to_owned())]);
    let (job, message) = (job(), "snapkeep: pass");
    let validation = Validation { job: &job, resource, passed: true, message, tags: &tags };
    validate(&wire.aws(), validation).await
}

/// Checks a request against the vector of its operation.
fn is_as_botocore_sends(asked: &Asked, operation: &str) {
    let vector: Value = serde_json::from_str(VECTOR).unwrap();
    let vectors = vector["vectors"].as_array().unwrap();
    let expected = vectors.iter().find(|it| it["operation"] == operation).unwrap();
    assert_eq!(asked.method, expected["method"]);
    assert_eq!(asked.path, expected["path"]);
    let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
    assert_eq!(body, expected["body"]);
}

#[tokio::test]
async fn a_job_is_described_and_what_is_no_database_is_none() {
    let wire = backup(false);
    let region = "us-west-2".parse().unwrap();
    let described = describe_restore_job(&wire.aws(), &region, &job()).await.unwrap();
    assert!(described.is_test && !described.validated);
    assert_eq!(described.status, "COMPLETED");
    assert_eq!(described.created, Some(arn("cluster:awsbackup-restore-test-1")));
    assert_eq!(described.source, None);
    is_as_botocore_sends(&wire.asked()[0], "DescribeRestoreJob");
}

#[tokio::test]
async fn a_result_is_put_before_the_tag_that_says_so() {
    let wire = backup(false);
    let applied = told(&wire, &arn("cluster:awsbackup-restore-test-1")).await.unwrap();
    assert_eq!(applied, Applied::Done);
    let asked = wire.asked();
    is_as_botocore_sends(&asked[0], "PutRestoreValidationResult");
    assert_eq!(asked[1].action(), "AddTagsToResource");
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn a_result_that_is_set_already_counts_as_put() {
    let wire = backup(true);
    let applied = told(&wire, &arn("cluster:awsbackup-restore-test-1")).await.unwrap();
    assert_eq!(applied, Applied::AlreadyThere);
    assert_eq!(wire.asked().last().unwrap().action(), "AddTagsToResource");
}

#[tokio::test]
async fn nothing_but_a_guest_is_validated_and_no_guest_is_deleted() {
    let wire = backup(false);
    let guest = arn("cluster:awsbackup-restore-test-1");
    let refused = [
        told(&wire, &arn("cluster:production")).await,
        delete_cluster(&wire.aws(), &guest, Engine::Docdb, true).await,
        delete_instance(&wire.aws(), &arn("db:awsbackup-restore-test-1"), Engine::Mysql, true)
            .await,
    ];
    for result in refused {
        assert_eq!(result.unwrap_err().class, FailureClass::Invalid);
    }
    assert!(wire.asked().is_empty());
}
