//! The fault catalogue: every way in which things go wrong, by its number, and where it is met.
//!
//! A row is met in the simulated account, where it is counted whenever it strikes; or, where it is
//! nothing that an account does, by a test that is named here and has to exist; or nowhere, with the
//! reason.

use std::collections::BTreeMap;

use super::acts::Act;
use super::run::Night;

/// Where a row is met.
#[derive(Debug, Clone, Copy)]
pub enum Met {
    /// A fault of the account of this kind, at operations that begin so.
    Strike(&'static str, &'static str),
    /// An answer of the account with this code, to operations that begin so.
    Refusal(&'static str, &'static str),
    /// An act.
    Done(Act),
    /// Something that the account shows: how often.
    Shown(fn(&Night<'_>) -> u64),
    /// By tests of this name.
    Tested(&'static str),
}
use Met::{Done, Refusal, Shown, Strike, Tested};

/// A row.
#[derive(Debug)]
pub struct Row {
    pub id: &'static str,
    pub name: &'static str,
    pub met: &'static [Met],
}

const fn row(id: &'static str, name: &'static str, met: &'static [Met]) -> Row {
    Row { id, name, met }
}

/// All sixty.
pub const ROWS: [Row; 60] = [
    row(
        "F01",
        "source is stopped, busy or modifying",
        &[Done(Act::Stop), Refusal("rds:CreateDB", "InvalidDB")],
    ),
    row(
        "F02",
        "snapshot asked of a cluster's member",
        &[Tested("an_instance_takes_one_snapshot_at_a_time_and_a_member_none")],
    ),
    row(
        "F03",
        "slot's identifier is taken",
        &[
            Done(Act::Squat),
            Refusal("rds:CreateDB", "DBSnapshotAlreadyExists"),
            Refusal("rds:CreateDB", "DBClusterSnapshotAlreadyExists"),
        ],
    ),
    row("F04", "source recreated under its name", &[Done(Act::Recreate)]),
    row("F05", "quota of manual snapshots", &[Done(Act::Quota)]),
    row(
        "F06",
        "too many copies in flight",
        &[
            Tested("a_21st_instance_copy_in_flight_is_refused_with_the_quotas_code"),
            Tested("no_more_copies_are_in_flight_than_aws_takes_for_the_shape"),
        ],
    ),
    row(
        "F07",
        "answer lost after the effect",
        &[Strike("lost-answer", "rds:C"), Strike("error-after-effect", "rds:C")],
    ),
    row("F08", "not visible right after it was made", &[Strike("late-visibility", "")]),
    row("F09", "no creation time while it is being made", &[Shown(made)]),
    row(
        "F10",
        "no permission to tag or take",
        &[
            Strike("refuse", "rds:CreateDB"),
            Tested("a_role_is_well_if_it_may_what_it_needs_and_is_refused_what_it_must_not"),
        ],
    ),
    row("F11", "tags stripped by a person", &[Done(Act::Strip)]),
    row("F12", "copy never gets on", &[Strike("stuck-copy", "")]),
    row("F13", "source deleted while it is copied", &[Done(Act::DeleteSource)]),
    row(
        "F14",
        "no key at the destination",
        &[Tested("an_encrypted_database_needs_a_key_where_it_is_copied_to")],
    ),
    row(
        "F15",
        "key disabled",
        &[Done(Act::DisableKey), Done(Act::DisableHomeKey), Strike("key-disabled", "")],
    ),
    row("F16", "managed key across accounts", &[Tested("each_flaw_is_refused_where_it_is")]),
    row("F17", "automated source expires", &[Done(Act::Automated)]),
    row(
        "F18",
        "option group isn't there",
        &[
            Tested("a_copy_is_asked_for_in_the_destination_and_presigned_when_encrypted"),
            Tested("only_an_option_group_of_ones_own_counts"),
        ],
    ),
    row("F19", "region isn't enabled", &[Done(Act::Unenabled)]),
    row("F20", "region is down", &[Strike("region-outage", "")]),
    row("F21", "restored cluster has no instances", &[Shown(bare_clusters)]),
    row("F22", "instance takes long after its cluster", &[Shown(slow_instances)]),
    row("F23", "engine version withdrawn", &[Done(Act::Withdraw)]),
    row("F24", "no capacity", &[Strike("no-capacity", "")]),
    row("F25", "restore ends badly", &[Strike("failed-restore", ""), Strike("restore-ends", "")]),
    row("F26", "status that nobody has heard of", &[Done(Act::OddStatus)]),
    row(
        "F27",
        "security group left out",
        &[Tested("a_restore_that_would_get_default_networking_is_not_asked_for")],
    ),
    row("F28", "public unless told otherwise", &[Shown(exposed_restores)]),
    row("F29", "deletion protection inherited", &[Shown(protected_restores)]),
    row(
        "F30",
        "final snapshot not skipped",
        &[Tested("a_teardown_leaves_no_final_snapshot_and_no_backups")],
    ),
    row(
        "F31",
        "delete in a failed state",
        &[Tested("a_failed_restore_can_only_be_deleted_without_a_final_snapshot")],
    ),
    row(
        "F32",
        "cluster still has members",
        &[
            Refusal("rds:DeleteDBCluster", "InvalidDBClusterState"),
            Tested("a_cluster_is_restored_in_two_steps_and_torn_down_in_order"),
        ],
    ),
    row(
        "F33",
        "scratch database inherits backups and tags",
        &[Tested("a_teardown_leaves_no_final_snapshot_and_no_backups")],
    ),
    row(
        "F34",
        "scratch snapshot taken for a recovery point",
        &[Tested("the_scratch_tag_takes_no_database_out_of_protection")],
    ),
    row("F35", "restored well and empty", &[Done(Act::Empty)]),
    row("F36", "automated and AWS Backup's snapshots", &[Done(Act::Automated)]),
    row(
        "F37",
        "delete while it is being made",
        &[
            Refusal("rds:DeleteDB", "InvalidDB"),
            Tested("a_cluster_snapshot_is_created_seen_tagged_and_deleted"),
        ],
    ),
    row(
        "F38",
        "already gone",
        &[
            Refusal("rds:DeleteDB", "DBSnapshotNotFound"),
            Refusal("rds:DeleteDB", "DBClusterSnapshotNotFound"),
            Tested("gone_or_going_is_as_good_as_deleted"),
        ],
    ),
    row(
        "F39",
        "one bad delete among many",
        &[
            Strike("refuse", "rds:DeleteDB"),
            Strike("throttle", "rds:DeleteDB"),
            Strike("unreachable", "rds:DeleteDB"),
        ],
    ),
    row(
        "F40",
        "list breaks at a later page",
        &[Strike("broken-page", ""), Tested("a_region_that_cannot_be_listed_stops_every_delete")],
    ),
    row("F41", "view is stale", &[Strike("stale", "")]),
    row("F42", "flood of snapshots with our tags", &[Done(Act::Flood)]),
    row(
        "F43",
        "backups fail while prune runs",
        &[
            Done(Act::Denied),
            Done(Act::Drop),
            Tested("backups_that_stopped_years_ago_are_all_still_there"),
        ],
    ),
    row("F44", "clocks apart", &[Strike("clock-skew", "")]),
    row("F45", "shared snapshots", &[Done(Act::Share)]),
    row("F46", "throttling", &[Strike("throttle", "")]),
    row(
        "F47",
        "S3 slows down, or breaks off",
        &[
            Strike("refuse", "s3:"),
            Strike("broken-answer", "s3:"),
            Strike("truncated-answer", "s3:"),
        ],
    ),
    row("F48", "identifiers lowered and cut", &[Tested("identifiers_are_checked_and_lowered")]),
    row("F49", "event twice", &[Done(Act::Double)]),
    row("F50", "event lost or late", &[Done(Act::Drop), Done(Act::Delay)]),
    row("F51", "two runs at once", &[Done(Act::Concurrent)]),
    row("F52", "run killed", &[Shown(|night| night.diary.killed)]),
    row(
        "F53",
        "S3 leaves a marker where it deleted",
        &[Tested("the_first_key_of_a_listing_is_believed_only_if_the_listing_is_whole")],
    ),
    row("F54", "archived object", &[]),
    row(
        "F55",
        "message too long, bad subject",
        &[
            Tested("a_message_is_never_longer_than_sns_takes_attributes_included"),
            Tested("a_subject_is_what_sns_accepts"),
        ],
    ),
    row("F56", "topic takes nothing", &[Strike("refuse", "sns:Publish")]),
    row(
        "F57",
        "subscription pending",
        &[Tested("an_alarm_is_heard_if_somebody_confirmed_and_nobody_is_pending")],
    ),
    row(
        "F58",
        "missing-data alarm ends after 7 days",
        &[Tested("gauges_say_how_each_database_stands_and_then_how_the_fleet_does")],
    ),
    row("F59", "recovery point vanished", &[Done(Act::Vanish)]),
    row(
        "F60",
        "the clock skips or repeats an hour",
        &[
            Shown(|night| night.small.clock_changes()),
            Tested("a_local_time_that_the_clock_skips_is_skipped"),
        ],
    ),
];

/// Why a row is met nowhere.
pub const UNMET: [(&str, &str); 1] =
    [("F54", "nothing is archived yet: no object of ours has a storage class but STANDARD")];

/// How often each row struck in a run. Rows that only tests meet aren't in it.
pub fn fired(night: &Night<'_>) -> BTreeMap<String, u64> {
    let world = &night.stage.world;
    let (strikes, refusals) = (world.faults().occurrences(), world.refusals());
    let count = |met: &Met| match *met {
        Strike(kind, operation) => {
            let is_it = |it: &&snapkeep_world::Occurrence| {
                it.kind == kind && it.operation.starts_with(operation)
            };
            Some(strikes.iter().filter(is_it).count() as u64)
        }
        Refusal(operation, code) => {
            let of = refusals.iter().filter(|((called, said), _)| {
                called.starts_with(operation) && said.starts_with(code)
            });
            Some(of.map(|(_, count)| count).sum())
        }
        Done(act) => Some(night.diary.acts.iter().filter(|it| it.act == act).count() as u64),
        Shown(count) => Some(count(night)),
        Tested(_) => None,
    };
    ROWS.iter()
        .filter_map(|row| {
            let counts: Vec<u64> = row.met.iter().filter_map(count).collect();
            (!counts.is_empty()).then(|| (row.id.to_owned(), counts.iter().sum()))
        })
        .collect()
}

/// Snapshots that were being made when somebody looked: their number is that of the takes.
fn made(night: &Night<'_>) -> u64 {
    calls(night, "rds:CreateDBSnapshot") + calls(night, "rds:CreateDBClusterSnapshot")
}

fn bare_clusters(night: &Night<'_>) -> u64 {
    calls(night, "rds:RestoreDBClusterFromSnapshot")
}

fn slow_instances(night: &Night<'_>) -> u64 {
    if night.small.slow { calls(night, "rds:CreateDBInstance") } else { 0 }
}

fn exposed_restores(night: &Night<'_>) -> u64 {
    if night.small.exposed {
        calls(night, "rds:CreateDBInstance") + calls(night, "rds:RestoreDBInstanceFromDBSnapshot")
    } else {
        0
    }
}

fn protected_restores(night: &Night<'_>) -> u64 {
    let is_protected = night.small.databases.iter().any(|spec| spec.deletion_protection);
    if is_protected {
        bare_clusters(night) + calls(night, "rds:RestoreDBInstanceFromDBSnapshot")
    } else {
        0
    }
}

fn calls(night: &Night<'_>, operation: &str) -> u64 {
    night.stage.world.calls().get(operation).copied().unwrap_or(0)
}

impl Row {
    /// The tests that meet it, beside the simulation or instead of it.
    pub fn tests(&self) -> Vec<&'static str> {
        let tested = |met: &Met| if let Tested(name) = *met { Some(name) } else { None };
        self.met.iter().filter_map(tested).collect()
    }
}

/// The names of all functions of the workspace's sources, tests included.
#[cfg(test)]
pub fn source_names() -> std::collections::BTreeSet<String> {
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("target") {
                sources(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["cli", "functions", "shared", "tests"] {
        sources(&root.join(folder), &mut files);
    }
    let texts = files.iter().filter_map(|path| std::fs::read_to_string(path).ok());
    let of_text = |text: String| -> Vec<String> {
        let functions = text.split("fn ").skip(1);
        functions.filter_map(|rest| rest.split_once('(')).map(|(name, _)| name.to_owned()).collect()
    };
    texts.flat_map(of_text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_met_or_says_why_it_is_not_and_every_test_it_names_exists() {
        let known = source_names();
        for (index, row) in ROWS.iter().enumerate() {
            assert_eq!(row.id, format!("F{:02}", index + 1));
            let is_unmet = UNMET.iter().any(|(id, _)| *id == row.id);
            assert_eq!(row.met.is_empty(), is_unmet, "{}", row.id);
            for name in row.tests() {
                assert!(known.contains(name), "{}: no test is named {name}", row.id);
            }
        }
    }
}
