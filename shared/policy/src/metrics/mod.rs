//! What is measured, of what, in which unit: the second channel of every alarm, and the only one that
//! silence shows in. A value that nobody knows is missing, never 0.
//!
//! Every metric is in [`Measure`], and what it is measured of follows from it, so that no run can make
//! up a name or a dimension: CloudWatch bills each combination as a metric of its own. There are none of
//! snapshots, copies or requests, whose number nothing bounds.

mod emf;
mod fleet;
mod run;

use serde::Serialize;

pub use emf::{DIMENSION_CHARS_MAX, LINE_BYTES_MAX, VALUES_MAX, lines};
pub use fleet::of_fleet;
pub use run::{Run, of_run, of_verdict};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "snapkeep";

/// What a value counts, in CloudWatch's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Hundredths; more than a hundred where something is over its limit.
    Percent,
}

/// What a metric is measured of: its dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The deployment as a whole.
    Fleet,
    /// One of its five functions.
    Function,
    /// One database: it outlives what is made of it.
    Database,
    /// One region of the policy document.
    Region,
}

impl Scope {
    /// The dimensions' names, in the order in which they are written.
    #[must_use]
    pub fn dimensions(self) -> &'static [&'static str] {
        match self {
            Self::Fleet => &["Deployment"],
            Self::Function => &["Deployment", "Function"],
            Self::Database => &["Deployment", "Database"],
            Self::Region => &["Deployment", "Region"],
        }
    }
}

/// One value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Which.
    pub measure: Measure,
    /// The function, the database or the region; empty for the fleet.
    pub of: String,
    /// Its value, in the measure's unit.
    pub value: f64,
}

/// Names each measure with its unit and scope, and keeps what its documentation says for docs/metrics.md.
macro_rules! measures {
    ($($scope:ident { $($(#[doc = $says:literal])+ $name:ident: $unit:ident,)+ })+) => {
        /// A metric's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum Measure { $($($(#[doc = $says])+ $name,)+)+ }

        impl Measure {
            /// All of them, the fleet's first.
            pub const ALL: &'static [Self] = &[$($(Self::$name,)+)+];

            /// The name in CloudWatch.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $($(Self::$name => stringify!($name),)+)+ }
            }

            /// What its values count.
            #[must_use]
            pub fn unit(self) -> Unit {
                match self { $($(Self::$name => Unit::$unit,)+)+ }
            }

            /// What it is measured of.
            #[must_use]
            pub fn scope(self) -> Scope {
                match self { $($(Self::$name => Scope::$scope,)+)+ }
            }

            /// What it says, as documented here.
            #[must_use]
            pub fn says(self) -> &'static str {
                match self { $($(Self::$name => concat!($($says),+),)+)+ }
            }
        }
    };
}

measures! {
    Fleet {
        /// Share of the protected databases that could be restored now: the newest recovery point is
        /// within `missing_after`, and what would be lost within the RPO. Missing while a region is unseen.
        RestorableShare: Percent,
        /// Share of the databases to be verified that a restore has proven, within `unverified_after` if
        /// the policy says so. Missing while a region is unseen.
        ProvenShare: Percent,
        /// Age of the newest recovery point, of the database where it is oldest. Databases without any are
        /// missing here; `RestorableShare` counts them.
        WorstRecoveryPointAge: Seconds,
        /// Age of the newest recovery point that a restore has proven, where it is oldest. Databases
        /// without any are missing here; `ProvenShare` counts them.
        WorstVerifiedRecoveryPointAge: Seconds,
        /// Time since the last PASS, or since the database was made, in hundredths of `unverified_after`,
        /// where it is most.
        WorstProofLimitUsed: Percent,
        /// What would be lost now, in hundredths of the RPO, where it is most.
        WorstRpoUsed: Percent,
        /// For how long a database has been beyond its RPO, where it is longest; 0 if none is.
        WorstBeyondRpo: Seconds,
        /// Age of the oldest recovery point whose copy is still awaited; 0 if none is.
        WorstCopyLag: Seconds,
        /// Databases that a policy protects.
        ProtectedDatabases: Count,
        /// Databases that no policy protects.
        UnprotectedDatabases: Count,
        /// Recovery points in all seen regions, whatever their state.
        RecoveryPoints: Count,
        /// Storage that they were allocated. AWS bills what differs between them, which is less.
        StorageOfRecoveryPoints: Bytes,
        /// Scratch databases that are there.
        ScratchDatabases: Count,
        /// Alarms that are open.
        OpenAlarms: Count,
        /// Regions that can't be seen.
        RegionsUnseen: Count,
        /// Verifications that ended as PASS: 1 or 0 for each that ended.
        VerificationsPassed: Count,
        /// Verifications that ended as FAIL: 1 or 0 for each that ended.
        VerificationsFailed: Count,
        /// Verifications that ended as INCONCLUSIVE: 1 or 0 for each that ended.
        VerificationsInconclusive: Count,
    }
    Function {
        /// The heartbeat: 1 for each run that came to its end, well or not.
        Runs: Count,
        /// 1 for a run that failed or was refused, else 0.
        FailedRuns: Count,
        /// How long a run took.
        RunDuration: Seconds,
        /// Steps of the plan that were carried out.
        StepsDone: Count,
        /// What went wrong in a run: steps, refusals, and what stood beside them.
        StepsFailed: Count,
    }
    Database {
        /// Age of the newest recovery point, copies included.
        RecoveryPointAge: Seconds,
        /// Age of the newest recovery point that a restore has proven.
        VerifiedRecoveryPointAge: Seconds,
        /// How far behind the automated backups are: now less `LatestRestorableTime`.
        RestorableLag: Seconds,
        /// What would be lost now: since the newest recovery point, or the instant to which the automated
        /// backups restore.
        Exposure: Seconds,
        /// The same in hundredths of the RPO.
        RpoUsed: Percent,
        /// For how long more than the RPO would have been lost; 0 while it is kept. Without anything to
        /// restore it counts since the database was made. Missing without an RPO.
        BeyondRpo: Seconds,
        /// Recovery time that the last restore took: from its request to the first answer.
        RecoveryTime: Seconds,
        /// Its first phase: until the cluster was available. An instance by itself has none.
        ClusterRestoreTime: Seconds,
        /// Then until the instance was available.
        InstanceRestoreTime: Seconds,
        /// Then until the database answered.
        FirstAnswerTime: Seconds,
        /// Then until all checks were done.
        CheckTime: Seconds,
        /// Age of the oldest recovery point whose copy is still awaited; 0 if none is. Missing without a
        /// rule to copy, and while a destination is unseen.
        CopyLag: Seconds,
        /// Storage of the newest recovery point, as allocated.
        RecoveryPointSize: Bytes,
        /// Storage of all its recovery points in all regions, as allocated.
        RecoveryPointStorage: Bytes,
    }
    Region {
        /// Recovery points in the region, copies included, whatever their state. Missing while it is unseen.
        RegionRecoveryPoints: Count,
        /// Storage that they were allocated. Missing while the region is unseen.
        RegionStorage: Bytes,
    }
}

impl Metric {
    fn fleet(measure: Measure, value: f64) -> Self {
        Self { measure, of: String::new(), value }
    }

    fn of(measure: Measure, of: &str, value: f64) -> Self {
        Self { measure, of: of.to_owned(), value }
    }
}

/// How many there are. Beyond four thousand million the number doesn't matter any more.
fn count(things: usize) -> f64 {
    u32::try_from(things).map_or(f64::from(u32::MAX), f64::from)
}
