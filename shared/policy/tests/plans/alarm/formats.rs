//! What is published of an alarm, in each format.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::Value;
use snapkeep_policy::alarm::{Condition, Format, News, Notice};

use super::notices::{KEY, alarm, all, life, notice, of_many, written};

/// Body and attributes together. Source: SNS API reference, `Publish`, Message.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;

fn json(notice: &Notice, format: Format) -> Value {
    serde_json::from_str(&written(notice, format).body).unwrap()
}

#[test]
fn a_hybrid_message_serves_chats_pagers_and_programs_at_once() {
    let told = written(&notice(News::Escalated), Format::Hybrid);
    assert_eq!(told.subject, "ALARM: slot-missed shepherd (us-west-2)");
    let body: Value = serde_json::from_str(&told.body).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&body).unwrap());
    let attributes: Vec<String> =
        told.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        attributes,
        [
            "environment=prod",
            "event_type=slot-missed",
            "resource_type=database",
            "severity=critical",
            "status=escalated",
        ]
    );
}

#[test]
fn each_part_of_a_hybrid_message_is_what_its_own_format_says() {
    for notice in all() {
        let hybrid = json(&notice, Format::Hybrid);
        for format in [Format::Chat, Format::Cloudwatch] {
            for (name, value) in json(&notice, format).as_object().unwrap() {
                assert_eq!(&hybrid[name], value, "{format} {name}");
            }
        }
    }
}

#[test]
fn of_many_ten_are_named_and_the_rest_is_counted() {
    let named = "shepherd (us-west-2): shepherd has no recovery point";
    for format in [Format::Chat, Format::Plain] {
        let of = |count| written(&of_many(News::Opened, count), format).body;
        assert!(!of(1).contains(named), "{}", of(1));
        assert!(of(10).contains(named) && of(10).contains("orders-0009 "), "{}", of(10));
        assert!(!of(10).contains(" more"), "{}", of(10));
        assert!(of(12).contains("and 2 more") && !of(12).contains("orders-0010 "), "{}", of(12));
    }
}

#[test]
fn people_read_plain_text() {
    let [opened, _, escalated, resolved] = life();
    assert_snapshot!(written(&opened, Format::Plain).body, @"
    ALARM: slot-missed shepherd (us-west-2)

    shepherd has no recovery point

    Next step   Look at the last report of create.
    Runbook     docs/runbook.md#slot-missed
    Severity    critical
    Recovery    snapkeep-shepherd-20260305t0200z-80b8d47d48, 1 d 2 h old, the RPO
                is 15 min
    Status      opened, level 1
    Deployment  prod, account 123456789012
    Since       2026-03-06T04:15:00Z
    Key         prod/us-west-2/slot-missed/shepherd
    ");
    assert_snapshot!(written(&escalated, Format::Plain).body, @"
    ALARM: slot-missed shepherd (us-west-2)

    shepherd has no recovery point

    Next step   Look at the last report of create.
    Runbook     docs/runbook.md#slot-missed
    Severity    critical
    Recovery    snapkeep-shepherd-20260305t0200z-80b8d47d48, 1 d 2 h old, the RPO
                is 15 min
    Status      escalated, level 2, the head of operations is called in
    Deployment  prod, account 123456789012
    Since       2026-03-06T04:15:00Z
    Key         prod/us-west-2/slot-missed/shepherd
    ");
    assert_snapshot!(written(&resolved, Format::Plain).body, @"
    OK: slot-missed shepherd (us-west-2)

    It is over, after 6 h 0 min. It was: shepherd has no recovery point

    Next step   Nothing to do: it is over.
    Runbook     docs/runbook.md#slot-missed
    Severity    critical
    Recovery    snapkeep-shepherd-20260305t0200z-80b8d47d48, 1 d 2 h old, the RPO
                is 15 min
    Status      resolved, level 2
    Deployment  prod, account 123456789012
    Since       2026-03-06T04:15:00Z
    Until       2026-03-06T10:15:00Z
    Key         prod/us-west-2/slot-missed/shepherd
    ");
}

#[test]
fn of_many_alarms_the_ten_worst_are_named_and_the_others_counted() {
    let many = of_many(News::Opened, 200);
    assert_snapshot!(written(&many, Format::Plain).body, @"
    ALARM: slot-missed 200 times, first shepherd (us-west-2)

    200 times; first: shepherd has no recovery point

    - shepherd (us-west-2): shepherd has no recovery point
    - orders-0001 (us-west-2): orders-0001 has no recovery point
    - orders-0002 (us-west-2): orders-0002 has no recovery point
    - orders-0003 (us-west-2): orders-0003 has no recovery point
    - orders-0004 (us-west-2): orders-0004 has no recovery point
    - orders-0005 (us-west-2): orders-0005 has no recovery point
    - orders-0006 (us-west-2): orders-0006 has no recovery point
    - orders-0007 (us-west-2): orders-0007 has no recovery point
    - orders-0008 (us-west-2): orders-0008 has no recovery point
    - orders-0009 (us-west-2): orders-0009 has no recovery point
    - and 190 more

    Next step   Look at the last report of create.
    Runbook     docs/runbook.md#slot-missed
    Severity    critical
    Recovery    snapkeep-shepherd-20260305t0200z-80b8d47d48, 1 d 2 h old, the RPO
                is 15 min
    Status      opened, level 1
    Deployment  prod, account 123456789012
    Since       2026-03-06T04:15:00Z
    Key         prod/many/slot-missed/critical
    ");
    let body = json(&many, Format::Hybrid);
    assert_eq!(body["snapkeep"]["count"], 200);
    assert_eq!(body["snapkeep"]["affected"].as_array().unwrap().len(), 10);
    assert_eq!(body["NewStateReason"], "200 times; first: shepherd has no recovery point");
    let over = written(&of_many(News::Resolved, 200), Format::Hybrid);
    assert_eq!(over.subject, "OK: slot-missed everywhere");
}

#[test]
fn a_life_has_one_key_and_ends_with_an_ok() {
    for format in [Format::Hybrid, Format::Cloudwatch] {
        let told = life().map(|notice| {
            let body = json(&notice, format);
            let field = |name: &str| body[name].as_str().unwrap().to_owned();
            assert_eq!(field("AlarmName"), KEY);
            ["OldStateValue", "NewStateValue", "StateChangeTime"].map(field).join(" ")
        });
        assert_eq!(
            told,
            [
                "OK ALARM 2026-03-06T04:15:00.000+0000",
                "ALARM ALARM 2026-03-06T04:15:00.000+0000",
                "ALARM ALARM 2026-03-06T04:15:00.000+0000",
                "ALARM OK 2026-03-06T10:15:00.000+0000",
            ]
        );
    }
    for notice in life() {
        assert_eq!(json(&notice, Format::Chat)["metadata"]["threadId"], KEY);
        assert!(written(&notice, Format::Plain).body.contains(&format!("Key         {KEY}\n")));
    }
}

/// Bounded by construction: the longest texts, of the characters that take most room, and a thousand of
/// them. SNS counts attributes too: names, values, and the types' names.
#[test]
fn every_message_is_accepted_by_sns() {
    for notice in all() {
        for format in Format::ALL {
            let told = written(&notice, format);
            let attribute = |(name, value): (&String, &String)| name.len() + value.len() + 6;
            let bytes = told.body.len() + told.attributes.iter().map(attribute).sum::<usize>();
            assert!(bytes < MESSAGE_BYTES_MAX, "{format}: {bytes} bytes");
            assert!(told.subject.chars().all(|c| matches!(c, ' '..='~')), "{:?}", told.subject);
            assert!((1..100).contains(&told.subject.len()));
            assert_eq!(told.attributes.len(), 5);
            assert!(told.attributes.values().all(|value| !value.is_empty()));
        }
    }
}

#[test]
fn each_message_says_the_next_step_and_where_the_runbook_is() {
    for notice in all() {
        let link = format!("docs/runbook.md#{}", notice.alarm.condition.as_str());
        let over = "Nothing to do: it is over.";
        for format in Format::ALL {
            let body = written(&notice, format).body;
            assert!(body.contains(&link), "{format}");
            assert_eq!(body.contains(over), notice.news == News::Resolved, "{format}");
        }
    }
}

#[test]
fn what_others_wrote_mentions_nobody_in_a_chat_and_breaks_no_line() {
    let text = "denied <!channel>\r\nALARM: forged";
    let notice =
        Notice { alarm: alarm(Condition::RegionUnseen, "us-west-2", text), ..notice(News::Opened) };
    let content = json(&notice, Format::Chat)["content"].to_string();
    assert!(content.contains("‹!channel›  ALARM"), "{content}");
    let plain = written(&notice, Format::Plain).body;
    assert!(!plain.lines().skip(1).any(|line| line.starts_with("ALARM")), "{plain}");
}

#[test]
fn the_kind_of_what_is_affected_is_true_of_each_condition() {
    let kinds: BTreeSet<String> = super::conditions()
        .into_iter()
        .map(|condition| format!("{} {}", condition.resource_type(), condition.as_str()))
        .collect();
    let kinds: Vec<String> = kinds.into_iter().filter(|it| !it.starts_with("database ")).collect();
    assert_snapshot!(kinds.join("\n"), @"
    function function-failed
    function refused
    policy nothing-selected
    quota quota-nearly-full
    region clock-doubt
    region home-silent
    region region-unseen
    resource tampered
    scratch-database scratch-lingering
    snapshot recovery-point-vanished
    ");
}
