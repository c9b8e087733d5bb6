//! What doctor looks at, on the wire: IAM's decisions, whoever calls, subscriptions, subnet groups.

#![cfg(feature = "doctor")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod wire;

use snapkeep_aws::doctor::{
    Caller, answers, bucket_key, bucket_policy, caller, caller_principal, look, topic,
};
use snapkeep_policy::doctor::{Decision, Need, Question, Subscriptions, Wanted};
use wire::{Answer, Asked, Wire, error, success};

const ROLE: &str = "arn:aws:iam::123456789012:role/snapkeep-create";
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:alarms";

fn need(resources: &[&str]) -> Need {
    let context = [
        ("aws:TagKeys", vec!["a"]),
        ("aws:RequestedRegion", vec!["us-west-2"]),
        ("rds:PubliclyAccessible", vec!["false"]),
    ];
    let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    let entry = |(key, values): (&str, Vec<&str>)| (key.to_owned(), owned(&values));
    let context = context.into_iter().map(entry).collect();
    let question = Question {
        actions: owned(&["rds:CreateDBSnapshot"]),
        resources: owned(resources),
        context,
    };
    Need { may: true, why: "so it is".to_owned(), question }
}

fn resources(asked: &Asked) -> Vec<&str> {
    let is_resource = |key: &str| key.starts_with("ResourceArns.member.");
    let pairs = asked.form.iter().filter(|(key, _)| is_resource(key));
    pairs.map(|(_, value)| value.as_str()).collect()
}

/// As IAM answers for one resource.
fn decision(resource: &str, word: &str, missing: &str) -> String {
    format!(
        "<member><EvalActionName>rds:CreateDBSnapshot</EvalActionName>\
         <EvalResourceName>{resource}</EvalResourceName><EvalDecision>{word}</EvalDecision>\
         <MissingContextValues>{missing}</MissingContextValues></member>"
    )
}

fn results(asked: &Asked, members: &str) -> Answer {
    success(asked, &format!("<EvaluationResults>{members}</EvaluationResults>"))
}

fn said(decisions: &[Decision]) -> Vec<(&str, bool, &str)> {
    decisions.iter().map(|d| (d.resource.as_str(), d.allowed, d.because.as_str())).collect()
}

#[tokio::test]
async fn a_question_is_asked_under_its_context_with_the_type_of_each_key() {
    let wire = Wire::new(|asked| results(asked, &decision("db", "allowed", "")));
    let answers = answers(&wire.aws(), ROLE, &[need(&["db"])]).await.unwrap().unwrap();
    assert_eq!(said(&answers[0]), [("db", true, "allowed")]);
    let form = &wire.asked()[0].form;
    let entry = |index: u8| {
        let part =
            |name: &str| form[&format!("ContextEntries.member.{index}.ContextKey{name}")].as_str();
        (part("Name"), part("Values.member.1"), part("Type"))
    };
    assert_eq!(form["PolicySourceArn"], ROLE);
    assert_eq!(entry(1), ("aws:RequestedRegion", "us-west-2", "string"));
    assert_eq!(entry(2), ("aws:TagKeys", "a", "stringList"));
    assert_eq!(entry(3), ("rds:PubliclyAccessible", "false", "boolean"));
}

#[tokio::test]
async fn each_resource_has_its_own_decision_and_what_was_left_out_is_asked_again() {
    let of_all = "<member><EvalActionName>rds:CreateDBSnapshot</EvalActionName>\
         <EvalResourceName>*</EvalResourceName><EvalDecision>implicitDeny</EvalDecision>\
         <ResourceSpecificResults>\
         <member><EvalResourceName>db</EvalResourceName>\
         <EvalResourceDecision>allowed</EvalResourceDecision></member>\
         <member><EvalResourceName>snap</EvalResourceName>\
         <EvalResourceDecision>explicitDeny</EvalResourceDecision></member>\
         </ResourceSpecificResults></member>";
    let missing = "<member>aws:SourceIp</member>";
    let one_by_one = move |asked: &Asked| {
        results(asked, &decision(resources(asked)[0], "implicitDeny", missing))
    };
    let wires = [(Wire::new(move |asked| results(asked, of_all)), 1), (Wire::new(one_by_one), 2)];
    let expected = [
        [("db", true, "allowed"), ("snap", false, "explicitDeny")],
        [("db", false, "implicitDeny, a policy asks for aws:SourceIp"); 2],
    ];
    for ((wire, calls), mut expected) in wires.into_iter().zip(expected) {
        expected[1].0 = "snap";
        let answers = answers(&wire.aws(), ROLE, &[need(&["db", "snap"])]).await;
        assert_eq!(said(&answers.unwrap().unwrap()[0]), expected);
        assert_eq!(wire.asked().len(), calls);
    }
}

#[tokio::test]
async fn no_answer_is_no_permission() {
    let wire = Wire::new(|asked| results(asked, &decision("another", "allowed", "")));
    let unseen = answers(&wire.aws(), ROLE, &[need(&["db"])]).await.unwrap_err();
    assert!(unseen.what.ends_with("DoubtfulAnswer: the answer leaves out db"), "{}", unseen.what);
    let wire = Wire::new(|_| error(403, "AccessDenied"));
    let unseen = answers(&wire.aws(), ROLE, &[need(&["db"])]).await.unwrap_err();
    assert_eq!(unseen.next, "allow whoever runs this to look, and that region to be used");
    let wire = Wire::new(|_| error(404, "NoSuchEntity"));
    assert_eq!(answers(&wire.aws(), ROLE, &[need(&["db"])]).await, Ok(None));
}

#[tokio::test]
async fn behind_a_session_is_a_role_whose_path_only_iam_knows() {
    let session = "arn:aws:sts::123456789012:assumed-role/operator/me";
    let wire = Wire::new(move |asked| match asked.action() {
        "GetCallerIdentity" => {
            let answer = format!("<Account>123456789012</Account><Arn>{session}</Arn>");
            success(asked, &answer)
        }
        "GetRole" => success(
            asked,
            "<Role><Path>/team/</Path><RoleName>operator</RoleName><RoleId>R</RoleId>\
             <Arn>arn:aws:iam::123456789012:role/team/operator</Arn>\
             <CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>",
        ),
        _ => error(400, "InvalidAction"),
    });
    let aws = wire.aws();
    let who = caller(&aws).await.unwrap();
    let principal = caller_principal(&aws, &who).await.unwrap();
    assert_eq!(principal, "arn:aws:iam::123456789012:role/team/operator");
    let of = |arn: &str| Caller { arn: arn.to_owned(), ..who.clone() };
    let user = "arn:aws:iam::123456789012:user/me";
    assert_eq!(caller_principal(&aws, &of(user)).await.unwrap(), user);
    let root = caller_principal(&aws, &of("arn:aws:iam::123456789012:root")).await.unwrap_err();
    assert!(root.to_string().contains("can't be simulated"), "{root}");
}

#[tokio::test]
async fn subscriptions_are_counted_to_the_last_page_where_the_topic_is() {
    let wire = Wire::new(|asked| {
        let member =
            |arn: &str| format!("<member><SubscriptionArn>{arn}</SubscriptionArn></member>");
        let page = |members: &[&str], next: &str| {
            let members: String = members.iter().map(|arn| member(arn)).collect();
            success(asked, &format!("<Subscriptions>{members}</Subscriptions>{next}"))
        };
        match (asked.action(), asked.form.contains_key("NextToken")) {
            ("GetTopicAttributes", _) => success(
                asked,
                "<Attributes><entry><key>Policy</key><value>{}</value></entry></Attributes>",
            ),
            (_, false) => page(&["arn:1", "PendingConfirmation"], "<NextToken>2</NextToken>"),
            (_, true) => page(&["arn:1", "arn:2"], ""),
        }
    });
    let topic = topic(&wire.aws(), TOPIC).await.unwrap().unwrap();
    assert_eq!(topic.subscriptions, Subscriptions { confirmed: 2, pending: 1 });
    assert_eq!(topic.policy, "{}");
    assert!(wire.asked().iter().all(|asked| asked.region == "eu-west-1"));
    let gone = Wire::new(|_| error(404, "NotFound"));
    assert_eq!(self::topic(&gone.aws(), TOPIC).await, Ok(None));
}

#[tokio::test]
async fn a_bucket_without_a_policy_is_told_from_one_that_isnt_there() {
    let table = [
        ("NoSuchBucketPolicy", Some(Some(String::new()))),
        ("NoSuchBucket", Some(None)),
        ("AccessDenied", None),
    ];
    for (code, expected) in table {
        let status = if code == "AccessDenied" { 403 } else { 404 };
        let body = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
        let wire = Wire::new(move |_| Answer { status, headers: Vec::new(), body: body.clone() });
        let region = "us-east-1".parse().unwrap();
        assert_eq!(bucket_policy(&wire.aws(), &region, "b").await.ok(), expected, "{code}");
        assert!(wire.asked().iter().all(|asked| asked.region == "us-east-1"));
    }
}

#[tokio::test]
async fn the_key_of_a_bucket_is_one_that_iam_can_be_asked_about() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1";
    for (named, expected) in [(key, Some(key)), ("alias/any", None), ("", None)] {
        let id = format!("<KMSMasterKeyID>{named}</KMSMasterKeyID>");
        let body = format!(
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
             <SSEAlgorithm>aws:kms</SSEAlgorithm>{}</ApplyServerSideEncryptionByDefault></Rule>\
             </ServerSideEncryptionConfiguration>",
            if named.is_empty() { "" } else { &id }
        );
        let wire =
            Wire::new(move |_| Answer { status: 200, headers: Vec::new(), body: body.clone() });
        let found = bucket_key(&wire.aws(), &"us-east-1".parse().unwrap(), "b").await.unwrap();
        assert_eq!(found.as_deref(), expected);
    }
}

#[tokio::test]
async fn what_one_look_cant_see_keeps_no_other_from_being_done() {
    let wire = Wire::new(|asked| match asked.action() {
        "DescribeDBSubnetGroups" => error(404, "DBSubnetGroupNotFoundFault"),
        "DescribeAccountAttributes" => error(403, "AccessDenied"),
        _ => Answer {
            status: 400,
            headers: vec![("content-type", "application/x-amz-json-1.1".to_owned())],
            body: r#"{"__type": "NotFoundException", "message": "no"}"#.to_owned(),
        },
    });
    let region = "us-west-2".parse().unwrap();
    let key = "arn:aws:kms:us-east-1:123456789012:key/1".to_owned();
    let wanted = Wanted {
        keys: [key.clone()].into(),
        subnet_groups: [("us-west-2".parse().unwrap(), "scratch".to_owned())].into(),
        regions: [region].into(),
    };
    let facts = look(&wire.aws(), &wanted).await;
    assert_eq!(facts.keys[&key], Ok(None));
    assert_eq!(facts.subnet_groups.into_values().collect::<Vec<_>>(), [Ok(None)]);
    assert!(facts.usage.into_values().all(|usage| usage.is_err()));
}
