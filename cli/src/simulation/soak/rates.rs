//! Random faults of a seed: each kind is left out, rare or frequent, so that no two seeds have the same
//! weather.

use jiff::SignedDuration;
use snapkeep_world::{FaultKind, Rates};

use super::draw::Draw;

/// Every kind with its usual likelihood in 1/10,000. Where a kind can end in several ways, each is one.
fn kinds() -> Vec<(FaultKind, u32)> {
    let minutes = SignedDuration::from_mins;
    vec![
        (FaultKind::Throttle, 150),
        (FaultKind::Refuse { status: 500, code: "InternalFailure" }, 40),
        (FaultKind::Unreachable, 20),
        (FaultKind::LostAnswer, 60),
        (FaultKind::ErrorAfterEffect, 60),
        (FaultKind::BrokenAnswer, 15),
        (FaultKind::TruncatedAnswer, 15),
        (FaultKind::BrokenPage, 300),
        (FaultKind::LateVisibility(minutes(3)), 600),
        (FaultKind::StuckCopy, 300),
        (FaultKind::FailedCopy, 300),
        (FaultKind::FailedSnapshot, 300),
        (FaultKind::FailedRestore, 300),
        (FaultKind::RestoreEnds("incompatible-network"), 150),
        (FaultKind::RestoreEnds("storage-full"), 100),
        (FaultKind::RestoreEnds("inaccessible-encryption-credentials"), 100),
        (FaultKind::RestoreEnds("brooding"), 100),
        (FaultKind::NoCapacity, 400),
        (FaultKind::KeyDisabled, 40),
    ]
}

/// The weather of a seed: one in six is calm.
pub fn of(draw: Draw) -> Rates {
    if draw.chance("calm", 16) {
        return Rates::none();
    }
    let strength = draw.one("strength", &[1, 1, 2, 4]);
    kinds().into_iter().enumerate().fold(Rates::none(), |rates, (index, (kind, usual))| match draw
        .within(&format!("rate {index}"), 0, 2)
    {
        0 => rates,
        often => rates.with(kind, usual * strength * often / 2),
    })
}
