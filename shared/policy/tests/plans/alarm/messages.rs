//! What is published.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::Value;
use snapkeep_policy::alarm::{Condition, Message, News, Notice, OpenAlarm, message};
use snapkeep_policy::document::Severity;

use crate::fixtures::*;

fn alarm(subject: &str, text: &str) -> OpenAlarm {
    OpenAlarm {
        condition: Condition::SlotMissed,
        severity: Severity::Critical,
        subject: subject.to_owned(),
        region: region(HOME),
        message: text.to_owned(),
        next_step: "Look at the last report of create.".to_owned(),
        opened_at: at("2026-03-06T04:15:00Z"),
        told_at: None,
        resolved_at: None,
    }
}

fn written(news: News, alarm: &OpenAlarm) -> Message {
    let account = "123456789012".parse().unwrap();
    let notice = Notice {
        news,
        key: "prod/k".to_owned(),
        level: 1,
        called_in: None,
        alarm: alarm.clone(),
        others: Vec::new(),
    };
    message(&notice, &deployment(), Some(&account), at("2026-03-06T04:30:00Z"))
}

#[test]
fn a_message_serves_people_chats_pagers_and_machines() {
    let told = written(News::Opened, &alarm("shepherd", "shepherd has no recovery point"));
    assert_eq!(told.subject, "ALARM: slot-missed shepherd (us-west-2)");
    let body: Value = serde_json::from_str(&told.body).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&body).unwrap(), @r#"
    {
      "AWSAccountId": "123456789012",
      "AlarmDescription": "Look at the last report of create.",
      "AlarmName": "prod/k",
      "NewStateReason": "shepherd has no recovery point",
      "NewStateValue": "ALARM",
      "OldStateValue": "OK",
      "Region": "us-west-2",
      "StateChangeTime": "2026-03-06T04:15:00Z",
      "content": {
        "description": "shepherd has no recovery point",
        "keywords": [
          "critical",
          "slot-missed",
          "shepherd"
        ],
        "nextSteps": [
          "Look at the last report of create."
        ],
        "textType": "client-markdown",
        "title": "ALARM: slot-missed shepherd (us-west-2)"
      },
      "metadata": {
        "eventType": "slot-missed",
        "relatedResources": [
          "shepherd"
        ],
        "summary": "shepherd has no recovery point",
        "threadId": "prod/k"
      },
      "snapkeep": {
        "condition": "slot-missed",
        "deployment": "prod",
        "key": "prod/k",
        "message": "shepherd has no recovery point",
        "next_step": "Look at the last report of create.",
        "opened_at": "2026-03-06T04:15:00Z",
        "region": "us-west-2",
        "resolved_at": null,
        "schema": 1,
        "severity": "critical",
        "status": "opened",
        "subject": "shepherd",
        "told_at": "2026-03-06T04:30:00Z"
      },
      "source": "custom",
      "version": "1.0"
    }
    "#);
    let attributes: Vec<String> =
        told.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        attributes,
        [
            "environment=prod",
            "event_type=slot-missed",
            "resource_type=database",
            "severity=critical",
            "status=opened",
        ]
    );
}

#[test]
fn the_state_of_a_message_follows_its_news() {
    let open = alarm("shepherd", "…");
    let over = OpenAlarm { resolved_at: Some(at("2026-03-06T04:20:00Z")), ..open.clone() };
    let of = |news, alarm: &OpenAlarm| {
        let told = written(news, alarm);
        let body: Value = serde_json::from_str(&told.body).unwrap();
        let field = |name: &str| body[name].as_str().unwrap().to_owned();
        let states = [field("OldStateValue"), field("NewStateValue"), field("StateChangeTime")];
        (told.subject[..2].to_owned(), states.join(" "))
    };
    let opened = ("AL".to_owned(), "OK ALARM 2026-03-06T04:15:00Z".to_owned());
    assert_eq!(of(News::Opened, &open), opened);
    let reminded = ("AL".to_owned(), "ALARM ALARM 2026-03-06T04:15:00Z".to_owned());
    assert_eq!(of(News::Reminded, &open), reminded);
    let resolved = ("OK".to_owned(), "ALARM OK 2026-03-06T04:20:00Z".to_owned());
    assert_eq!(of(News::Resolved, &over), resolved);
}

#[test]
fn a_subject_is_printable_ascii_of_less_than_a_hundred_characters() {
    for subject in ["schäfer\n\u{202e}🐑\u{0}", &"x".repeat(300)] {
        let told = written(News::Opened, &alarm(subject, "…"));
        assert!(told.subject.chars().all(|c| matches!(c, ' '..='~')), "{:?}", told.subject);
        assert!((1..100).contains(&told.subject.len()));
    }
}

#[test]
fn every_condition_has_a_word_of_its_own_that_json_and_messages_share() {
    let all = [
        Condition::SlotMissed,
        Condition::RecoveryPointMissing,
        Condition::RpoExceeded,
        Condition::CopyLate,
        Condition::VerificationFailed,
        Condition::VerificationInconclusive,
        Condition::VerificationOverdue,
        Condition::QuotaNearlyFull,
        Condition::RecoveryPointVanished,
        Condition::Tampered,
        Condition::Unprotected,
        Condition::Contested,
        Condition::NothingSelected,
        Condition::Posture,
        Condition::KeyUnusable,
        Condition::ScratchLingering,
        Condition::RegionUnseen,
        Condition::ClockDoubt,
        Condition::Refused,
        Condition::DataDropped,
        Condition::RtoMissed,
        Condition::FunctionFailed,
        Condition::SnapshotSlow,
        Condition::CopySlow,
        Condition::StorageGrew,
    ];
    let words: BTreeMap<&str, Condition> = all.iter().map(|it| (it.as_str(), *it)).collect();
    assert_eq!(words.len(), all.len());
    for (word, condition) in words {
        assert_eq!(serde_json::to_value(condition).unwrap(), word);
    }
}
