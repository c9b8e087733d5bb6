//! Documents in S3 are never overwritten unread, and never half read.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod wire;

use snapkeep_aws::FailureClass;
use snapkeep_aws::store::{DOCUMENT_BYTES_MAX, Past, Put, Store};
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

fn listed(inner: &str) -> Answer {
    let body = format!("<ListVersionsResult>{inner}</ListVersionsResult>");
    Answer { status: 200, headers: vec![], body }
}

/// A version, or with `DeleteMarker` for an element that it was deleted.
fn version(element: &str, key: &str, id: &str, is_latest: bool) -> String {
    format!(
        "<{element}><Key>{key}</Key><VersionId>{id}</VersionId><IsLatest>{is_latest}</IsLatest>\
         <LastModified>2026-03-04T02:00:00.000Z</LastModified></{element}>"
    )
}

#[tokio::test]
async fn the_past_of_a_document_is_its_own_versions_and_whether_it_is_deleted() {
    let now = "2026-03-04T02:00:00Z".parse().unwrap();
    let all = [
        version("DeleteMarker", "a.json", "m2", true),
        version("Version", "a.json", "v2", false),
        version("DeleteMarker", "a.json", "m1", false),
        version("Version", "a.json", "v1", false),
        version("Version", "a.json.old", "v0", true),
    ];
    let (store, wire) = store(move |asked| match asked.path.contains("versionId=v2") {
        true => document("{}"),
        false if asked.path.contains("versionId=v1") => refused(404, "NoSuchVersion"),
        false => listed(&all.concat()),
    });
    let past = store.past("a.json").await.unwrap();
    assert_eq!((past.versions.len(), past.deleted_at), (2, Some(now)));
    assert_eq!(past.versions[0].written_at, now);
    let read = async |n: usize| store.get_version("a.json", &past.versions[n]).await;
    assert_eq!((read(0).await, read(1).await), (Ok(Some(b"{}".to_vec())), Ok(None)));
    let path = &wire.asked()[0].path;
    assert!(path.contains("versions") && path.contains("prefix=a.json"), "{path}");
    assert!(path.contains("max-keys=20"), "{path}");
}

#[tokio::test]
async fn a_past_that_cannot_be_trusted_is_a_failure_and_one_that_never_was_is_empty() {
    let cut = Answer { body: "<ListVersionsResult><Version>".to_owned(), ..listed("") };
    for (answer, expected) in [
        (cut, Err(FailureClass::Unavailable)),
        (refused(403, "AccessDenied"), Err(FailureClass::Denied)),
        (listed(&version("Version", "a.json.old", "v0", true)), Ok(Past::default())),
        (listed(""), Ok(Past::default())),
    ] {
        let (store, _) = store(move |_| answer.clone());
        let past = store.past("a.json").await.map_err(|failure| failure.class);
        assert_eq!(past, expected);
    }
}

#[tokio::test]
async fn all_keys_are_listed_page_by_page_and_a_list_that_turns_in_circles_is_none() {
    let page = |keys: &[&str], is_truncated: bool| {
        let keys = keys.iter().map(|key| format!("<Contents><Key>{key}</Key></Contents>"));
        let keys: String = keys.collect();
        let body = format!(
            "<ListBucketResult>{keys}<IsTruncated>{is_truncated}</IsTruncated></ListBucketResult>"
        );
        Answer { status: 200, headers: vec![], body }
    };
    let (store, wire) = store(move |asked| match asked.path.contains("start-after=e%2F2") {
        true => page(&["e/3"], false),
        false => page(&["e/1", "e/2"], true),
    });
    assert_eq!(store.keys("e/").await.unwrap(), ["e/1", "e/2", "e/3"]);
    assert_eq!(wire.asked().len(), 2);
    for keys in [&["e/1", "e/2"][..], &[]] {
        let (store, wire) = self::store(move |_| page(keys, true));
        let failure = store.keys("e/").await.unwrap_err();
        assert_eq!(failure.class, FailureClass::Unavailable, "{failure}");
        assert!(wire.asked().len() <= 2);
    }
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
