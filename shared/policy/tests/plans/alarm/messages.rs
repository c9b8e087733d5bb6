//! The words for conditions.

use std::collections::BTreeMap;

use snapkeep_policy::alarm::Condition;

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
        Condition::HomeSilent,
    ];
    let words: BTreeMap<&str, Condition> = all.iter().map(|it| (it.as_str(), *it)).collect();
    assert_eq!(words.len(), all.len());
    for (word, condition) in words {
        assert_eq!(serde_json::to_value(condition).unwrap(), word);
    }
}
