//! The services beside RDS: S3, SNS.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sns::types::MessageAttributeValue;
use snapkeep_world::{Fault, FaultKind};

use crate::support::{Fixture, code, struck, west};

#[tokio::test]
async fn objects_are_written_once_and_replaced_only_as_they_were_read() {
    let f = Fixture::new();
    f.world.admin().create_bucket("evidence");
    let s3 = aws_sdk_s3::Client::new(&f.world.sdk_config(&west()));
    let put = |body: &'static str| {
        let request = s3.put_object().bucket("evidence").key("a/b c.json");
        request.body(ByteStream::from_static(body.as_bytes()))
    };
    assert_eq!(code(put("one").if_match("\"none\"").send().await), "NoSuchKey");
    let first = put("one").if_none_match("*").send().await.unwrap().e_tag.unwrap();
    assert_eq!(code(put("two").if_none_match("*").send().await), "PreconditionFailed");
    let second = put("two").if_match(&first).send().await.unwrap().e_tag.unwrap();
    assert_ne!(first, second);
    assert_eq!(code(put("three").if_match(&first).send().await), "PreconditionFailed");

    let got = s3.get_object().bucket("evidence").key("a/b c.json").send().await.unwrap();
    assert_eq!(got.e_tag(), Some(second.as_str()));
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "two");
    assert_eq!(f.world.objects("evidence")["a/b c.json"].body, "two");
    let missing = s3.get_object().bucket("evidence").key("nothing").send().await;
    assert!(missing.unwrap_err().into_service_error().is_no_such_key());
    let nowhere = s3.get_object().bucket("nowhere").key("x").send().await;
    assert_eq!(code(nowhere), "NoSuchBucket");
}

#[tokio::test]
async fn objects_are_listed_in_pages_by_prefix_and_start() {
    let f = Fixture::new();
    f.world.admin().create_bucket("evidence");
    let s3 = aws_sdk_s3::Client::new(&f.world.sdk_config(&west()));
    for key in ["a/1", "a/2", "a/3", "b/1"] {
        let put = s3.put_object().bucket("evidence").key(key);
        put.body(ByteStream::from_static(b"x")).send().await.unwrap();
    }
    let list = || s3.list_objects_v2().bucket("evidence").prefix("a/");
    let first = list().max_keys(2).send().await.unwrap();
    assert_eq!(
        first.contents().iter().map(|o| o.key().unwrap()).collect::<Vec<_>>(),
        ["a/1", "a/2"]
    );
    assert_eq!(first.is_truncated(), Some(true));
    let token = first.next_continuation_token.unwrap();
    let broken = f.world.faults().schedule(Fault::new(FaultKind::BrokenPage).times(1));
    let rest = list().continuation_token(token).send().await.unwrap();
    assert_eq!(struck(&f, &broken), 1, "and the SDK tried again");
    assert_eq!(rest.contents().iter().map(|o| o.key().unwrap()).collect::<Vec<_>>(), ["a/3"]);
    let after = list().start_after("a/1").send().await.unwrap();
    assert_eq!(after.key_count(), Some(2));
}

#[tokio::test]
async fn what_was_written_over_or_deleted_is_listed_the_newest_first_and_can_be_read() {
    let f = Fixture::new();
    f.world.admin().create_bucket("evidence");
    let s3 = aws_sdk_s3::Client::new(&f.world.sdk_config(&west()));
    for body in ["1", "2"] {
        f.world.admin().put_object("evidence", "a", body);
    }
    f.world.admin().put_object("evidence", "ab", "another");
    f.world.admin().delete_object("evidence", "a");
    let list = s3.list_object_versions().bucket("evidence").prefix("a");
    let found = list.clone().send().await.unwrap();
    let versions = found.versions().iter().filter(|it| it.key() == Some("a"));
    let ids: Vec<&str> = versions.map(|it| it.version_id().unwrap()).collect();
    let mut read = Vec::new();
    for id in &ids {
        let got = s3.get_object().bucket("evidence").key("a").version_id(*id).send().await.unwrap();
        read.push(got.body.collect().await.unwrap().into_bytes());
    }
    assert_eq!(read, ["2", "1"]);
    let marker = &found.delete_markers()[0];
    assert_eq!((marker.key(), marker.is_latest()), (Some("a"), Some(true)));
    assert_eq!(list.max_keys(2).send().await.unwrap().is_truncated(), Some(true));
    for (id, expected) in
        [(marker.version_id().unwrap(), "MethodNotAllowed"), ("x", "NoSuchVersion")]
    {
        let got = s3.get_object().bucket("evidence").key("a").version_id(id).send().await;
        assert_eq!(code(got), expected);
    }
}

#[tokio::test]
async fn messages_are_kept_as_published_and_bad_ones_are_refused() {
    let f = Fixture::new();
    let topic = f.world.admin().create_topic(&west(), "alarms");
    let sns = aws_sdk_sns::Client::new(&f.world.sdk_config(&west()));
    let value = MessageAttributeValue::builder().data_type("String").string_value("critical");
    let publish = sns.publish().topic_arn(&topic).subject("Missed slot").message("{\"a\":\"<b>\"}");
    let publish = publish.message_attributes("severity", value.build().unwrap());
    publish.send().await.unwrap();
    let messages = f.world.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].subject.as_deref(), Some("Missed slot"));
    assert_eq!(messages[0].body, "{\"a\":\"<b>\"}");
    assert_eq!(messages[0].attributes["severity"], "critical");

    let attempt = |subject: String, message: String| {
        sns.publish().topic_arn(&topic).subject(subject).message(message).send()
    };
    let ok = || "ok".to_owned();
    assert_eq!(code(attempt("x".repeat(100), ok()).await), "InvalidParameter");
    assert_eq!(code(attempt("two\nlines".into(), ok()).await), "InvalidParameter");
    assert_eq!(code(attempt("Zürich".into(), ok()).await), "InvalidParameter");
    assert_eq!(code(attempt(ok(), "x".repeat(262_145)).await), "InvalidParameter");
    let nowhere = sns.publish().topic_arn(format!("{topic}x")).message("x").send().await;
    assert_eq!(code(nowhere), "NotFound");
    assert_eq!(f.world.messages().len(), 1);
}

#[tokio::test]
async fn a_subscription_by_email_stays_pending() {
    let f = Fixture::new();
    let sns = aws_sdk_sns::Client::new(&f.world.sdk_config(&west()));
    let topic = sns.create_topic().name("alarms").send().await.unwrap().topic_arn.unwrap();
    for (protocol, endpoint) in [("email", "ops@example.org"), ("sqs", "arn:aws:sqs:x")] {
        let request = sns.subscribe().topic_arn(&topic).protocol(protocol).endpoint(endpoint);
        request.send().await.unwrap();
    }
    let listed = sns.list_subscriptions_by_topic().topic_arn(&topic).send().await.unwrap();
    let arns: Vec<_> =
        listed.subscriptions().iter().map(|s| s.subscription_arn().unwrap()).collect();
    assert_eq!(arns, ["PendingConfirmation", &format!("{topic}:2")]);
}
