//! What is published as gauges, and the words for conditions.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use snapkeep_policy::alarm::{Condition, Memory, metrics};
use snapkeep_policy::inventory::Engine;

use super::NOW;
use crate::fixtures::*;

#[test]
fn gauges_count_what_was_seen() {
    let shepherd = cluster("shepherd").said(|it| {
        it.latest_restorable_at = Some(at("2026-03-06T11:55:00Z"));
        it.engine = Engine::AuroraMysql;
    });
    let points = [
        point(&shepherd, "2026-03-05T02:00:00Z").judged("pass", "2026-03-05T07:00:00Z"),
        point(&shepherd, "2026-03-06T02:00:00Z"),
        point(&shepherd, "2026-03-06T11:00:00Z").status("creating"),
    ];
    let fleet = Fleet::of([shepherd, cluster("orders")]).snapshots(points).unseen(AWAY);
    let document = document(&policy(&[]));
    let lines: Vec<String> = metrics(&fleet.view(&document, NOW), &Memory::default())
        .into_iter()
        .map(|it| {
            let of: Vec<String> = it.dimensions.into_values().collect();
            format!("{} {:?} {} {}", it.name, it.unit, it.value, of.join(" "))
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @"
    RecoveryPointAge Seconds 36000 shepherd prod
    VerifiedRecoveryPointAge Seconds 122400 shepherd prod
    RestorableLag Seconds 300 shepherd prod
    ProtectedDatabases Count 2 prod
    UnprotectedDatabases Count 0 prod
    RecoveryPoints Count 3 prod
    ScratchDatabases Count 0 prod
    OpenAlarms Count 0 prod
    RegionsUnseen Count 1 prod
    ");
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
    ];
    let words: BTreeMap<&str, Condition> = all.iter().map(|it| (it.as_str(), *it)).collect();
    assert_eq!(words.len(), all.len());
    for (word, condition) in words {
        assert_eq!(serde_json::to_value(condition).unwrap(), word);
    }
}
