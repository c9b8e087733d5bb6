//! Documents in S3 are never overwritten unread, and never half read.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod wire;

use snapkeep_aws::FailureClass;
use snapkeep_aws::store::{DOCUMENT_BYTES_MAX, Put, Store};
use wire::{Answer, Asked, Wire};

fn document(body: &str) -> Answer {
    Answer { status: 200, headers: vec![("etag", "\"v1\"".to_owned())], body: body.to_owned() }
}

fn refused(status: u16, code: &str) -> Answer {
    let body = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
    Answer { status, headers: vec![], body }
}

fn store(respond: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Store, Wire) {
    let wire = Wire::new(respond);
    (Store::new(&wire.aws(), "evidence"), wire)
}

#[tokio::test]
async fn a_document_is_read_with_its_version_and_replaced_only_as_that() {
    let (store, wire) = store(|_| document("{}"));
    let (bytes, version) = store.get("open/alarms.json").await.unwrap().unwrap();
    assert_eq!(bytes, b"{}");
    store.replace("open/alarms.json", b"[]".to_vec(), &version).await.unwrap();
    let asked = wire.asked();
    assert_eq!(asked[1].method, "PUT");
    assert_eq!(asked[1].headers["if-match"], "\"v1\"");
}

#[tokio::test]
async fn a_new_document_is_written_only_where_there_is_none() {
    let (store, wire) = store(|_| document(""));
    assert!(matches!(store.put_new("e/1.json", b"{}".to_vec()).await, Ok(Put::Written(_))));
    assert_eq!(wire.asked()[0].headers["if-none-match"], "*");
    let (store, _) = self::store(|_| refused(412, "PreconditionFailed"));
    assert_eq!(store.put_new("e/1.json", b"{}".to_vec()).await, Ok(Put::AlreadyThere));
}

#[tokio::test]
async fn a_document_that_is_not_there_is_none_but_a_missing_bucket_is_a_failure() {
    let (store, _) = store(|_| refused(404, "NoSuchKey"));
    assert_eq!(store.get("policy.json").await, Ok(None));
    let (store, _) = self::store(|_| refused(404, "NoSuchBucket"));
    assert_eq!(store.get("policy.json").await.unwrap_err().class, FailureClass::Invalid);
}

#[tokio::test]
async fn a_read_that_cannot_be_trusted_is_a_failure() {
    let mut cut = document("{}");
    cut.headers.push(("content-length", "3".to_owned()));
    let mut nameless = document("{}");
    nameless.headers.clear();
    let table = [
        ("cut short", cut, FailureClass::Unavailable),
        ("no version", nameless, FailureClass::Unavailable),
        ("busy", refused(503, "SlowDown"), FailureClass::Throttled),
        ("key disabled", refused(400, "KMS.DisabledException"), FailureClass::KeyUnusable),
        ("too large", document(&"x".repeat(DOCUMENT_BYTES_MAX + 1)), FailureClass::Invalid),
    ];
    for (what, answer, expected) in table {
        let (store, _) = store(move |_| answer.clone());
        let failure = store.get("policy.json").await.unwrap_err();
        assert_eq!(failure.class, expected, "{what}: {failure}");
    }
}

#[tokio::test]
async fn a_write_that_is_answered_by_an_error_in_a_success_is_a_failure() {
    let (store, _) = store(|_| Answer { status: 200, ..refused(200, "SlowDown") });
    let failure = store.put_new("e/1.json", b"{}".to_vec()).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Throttled);
    let (store, _) = self::store(|_| Answer { status: 200, headers: vec![], body: String::new() });
    let failure = store.put_new("e/1.json", b"{}".to_vec()).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Unavailable, "no version");
}

#[tokio::test]
async fn a_lost_race_says_so() {
    for (status, code) in [(412, "PreconditionFailed"), (409, "ConditionalRequestConflict")] {
        let (store, _) = store(move |asked| match asked.method.as_str() {
            "GET" => document("{}"),
            _ => refused(status, code),
        });
        let (_, version) = store.get("a.json").await.unwrap().unwrap();
        let failure = store.replace("a.json", b"[]".to_vec(), &version).await.unwrap_err();
        assert_eq!(failure.class, FailureClass::PreconditionFailed);
    }
}

#[tokio::test]
async fn a_listing_follows_every_page_and_does_not_stop_short_of_one() {
    let page = |keys: &str, more: &str| Answer {
        status: 200,
        headers: vec![],
        body: format!("<ListBucketResult>{keys}{more}</ListBucketResult>"),
    };
    let first = "<Contents><Key>e/1</Key></Contents>";
    let more = "<IsTruncated>true</IsTruncated>";
    let token = "<NextContinuationToken>t</NextContinuationToken>";
    let (whole, _) = store(move |asked| {
        if asked.path.contains("continuation-token=t") {
            page("<Contents><Key>e/2</Key></Contents>", "<IsTruncated>false</IsTruncated>")
        } else {
            page(first, &format!("{more}{token}"))
        }
    });
    assert_eq!(whole.list("e/", None).await, Ok(vec!["e/1".to_owned(), "e/2".to_owned()]));
    let (short, _) = store(move |_| page(first, more));
    assert_eq!(short.list("e/", None).await.unwrap_err().class, FailureClass::Unavailable);
    let (slow, _) = store(|_| Answer { status: 200, ..refused(200, "SlowDown") });
    let failure = slow.list("e/", None).await.unwrap_err();
    assert!(failure.retryable(), "an error in a success: {failure}");
    let (cut, _) = store(|_| Answer {
        status: 200,
        headers: vec![],
        body: "<ListBucketResult><Contents><Key>e/1</Key></Contents>".to_owned(),
    });
    let failure = cut.list("e/", None).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Unavailable, "{failure}");
}
