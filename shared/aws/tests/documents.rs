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
async fn what_could_not_be_read_again_is_not_even_sent() {
    let (store, wire) = store(|_| document(""));
    let (_, version) = store.get("a.json").await.unwrap().unwrap();
    let large = vec![b'x'; DOCUMENT_BYTES_MAX + 1];
    let failure = store.put_new("e/1.json", large.clone()).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Invalid, "{failure}");
    let failure = store.replace("a.json", large, &version).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Invalid, "{failure}");
    assert_eq!(wire.asked().len(), 1, "only the read");
}

#[tokio::test]
async fn the_first_key_of_a_listing_is_believed_only_if_the_listing_is_whole() {
    const KEY: &str = "<Contents><Key>e/1</Key></Contents>";
    const MORE: &str = "<IsTruncated>true</IsTruncated>";
    let listing = |inner: &str| Answer {
        status: 200,
        headers: vec![],
        body: format!("<ListBucketResult>{inner}</ListBucketResult>"),
    };
    let cut = Answer { body: format!("<ListBucketResult>{KEY}"), ..listing("") };
    let slow = Answer { status: 200, ..refused(200, "SlowDown") };
    let table = [
        ("one of many", listing(&format!("{KEY}{MORE}")), Ok(Some("e/1".to_owned()))),
        ("none", listing(""), Ok(None)),
        ("more without a key", listing(MORE), Err(FailureClass::Unavailable)),
        ("cut short", cut, Err(FailureClass::Unavailable)),
        ("an error in a success", slow, Err(FailureClass::Throttled)),
    ];
    for (what, answer, expected) in table {
        let (store, wire) = store(move |_| answer.clone());
        let first = store.first("e/").await.map_err(|failure| failure.class);
        assert_eq!(first, expected, "{what}");
        assert!(wire.asked()[0].path.contains("max-keys=1"), "{what}");
    }
}
