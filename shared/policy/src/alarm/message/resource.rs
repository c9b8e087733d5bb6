//! What kind of thing an alarm is about, for filter policies.

use crate::alarm::Condition;

impl Condition {
    /// The kind of the alarm's subject: `database`, `snapshot`, `policy`, `region`, `quota`, `function`,
    /// `scratch-database`; `resource` where only the message tells a snapshot from a database.
    #[must_use]
    pub fn resource_type(self) -> &'static str {
        match self {
            Self::SlotMissed
            | Self::RecoveryPointMissing
            | Self::RpoExceeded
            | Self::CopyLate
            | Self::VerificationFailed
            | Self::DataDropped
            | Self::RtoMissed
            | Self::VerificationInconclusive
            | Self::VerificationOverdue
            | Self::Unprotected
            | Self::Contested
            | Self::Posture
            | Self::KeyUnusable
            | Self::SnapshotSlow
            | Self::CopySlow
            | Self::StorageGrew => "database",
            Self::RecoveryPointVanished => "snapshot",
            Self::Tampered => "resource",
            Self::ScratchLingering => "scratch-database",
            Self::QuotaNearlyFull => "quota",
            Self::NothingSelected => "policy",
            Self::RegionUnseen | Self::ClockDoubt | Self::HomeSilent => "region",
            Self::Refused | Self::FunctionFailed => "function",
        }
    }
}
