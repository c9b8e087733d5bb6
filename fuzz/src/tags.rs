//! Tags are anybody's: whoever may tag can hinder, but never cause a delete. The input is a line for
//! each tag that is changed: the number of the thing, a key, `=` and a value; without `=` it is taken
//! away. Ten nights of a database and their copies are all to be kept, and beside them are scratch
//! databases, in time and overdue, a guest, and one that only looks like a scratch database.
//!
//! - prune deletes nothing, however the tags are changed. (A FAIL takes a recovery point out of the
//!   count after a quarantine of 14 days, which none of these is old enough for: who may write a
//!   verdict, IAM says.)
//! - verify deletes only what is named as a scratch database is, in this fleet of its own making.
//! - What any verb says is one line.

use std::collections::BTreeSet;

use serde_json::json;
use snapkeep_policy::alarm::{self, Memory};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::{RdsArn, SCRATCH_PREFIX};
use snapkeep_policy::inventory::{Database, Snapshot};
use snapkeep_policy::request::Request;
use snapkeep_policy::tags::{self, Tags};
use snapkeep_policy::verify::Action;
use snapkeep_policy::{copy, create, prune, verify};

use crate::fixtures::{
    DatabaseSaid, SnapshotSaid, cluster, copied, daily, document, member, policy, scratch, verified,
};
use crate::fleet::Fleet;
use crate::line;

const NOW: &str = "2026-03-06T12:00:00Z";

/// Tries it.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (mut databases, mut snapshots) = (databases(), snapshots());
    let all = databases.len() + snapshots.len();
    for (index, key, value) in text.lines().filter_map(change) {
        let index = index % all;
        let tags = match databases.get_mut(index) {
            Some(database) => &mut database.tags,
            None => &mut snapshots[index - databases.len()].tags,
        };
        put(tags, key, value);
    }
    let fleet = databases.into_iter().fold(Fleet::empty(), Fleet::database).snapshots(snapshots);
    decide(&fleet);
}

/// `7 snapkeep:slot=2026-03-06T02:00:00Z`
fn change(line: &str) -> Option<(usize, &str, Option<&str>)> {
    let (index, tag) = line.split_once(' ')?;
    let (key, value) = match tag.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (tag, None),
    };
    Some((index.parse().ok()?, key, value))
}

fn put(tags: &mut Tags, key: &str, value: Option<&str>) {
    // AWS takes no more, and of these characters only.
    let is_tag = |text: &str| text.chars().count() <= 256 && tags::is_allowed(text);
    match value {
        Some(value) if is_tag(key) && is_tag(value) => {
            tags.insert(key, value);
        }
        Some(_) => {}
        None => tags.remove(key),
    }
}

fn databases() -> Vec<Database> {
    let shepherd = cluster("shepherd");
    let points = daily(&shepherd, "2026-03-04", 2);
    let in_time = scratch(&points[1], "2026-03-06T11:00:00Z").renamed("snapkeep-scratch-now");
    let overdue = scratch(&points[0], "2026-03-05T06:00:00Z").renamed("snapkeep-scratch-old");
    let guest = cluster("awsbackup-restore-test-1").tagged(tags::RESTORE_TEST, "t");
    let added = member(&overdue, "2026-03-05T06:20:00Z");
    let unmarked = cluster("snapkeep-scratch-theirs");
    vec![shepherd, in_time, overdue, added, guest, unmarked]
}

fn snapshots() -> Vec<Snapshot> {
    let points = daily(&cluster("shepherd"), "2026-02-25", 10);
    let copies: Vec<Snapshot> = points.iter().map(|it| it.copy("2026-03-06T02:30:00Z")).collect();
    points.into_iter().chain(copies).collect()
}

fn rules() -> PolicyDocument {
    let mut rules = policy(&[("/retention", json!({ "daily": 30 })), copied(), verified()]);
    rules["policies"]["critical"]["copies"][0]["retention"] = json!({ "daily": 90 });
    rules["policies"]["standard"] = json!({
        "select": { "tags": { "tier": "standard" } },
        "schedules": ["cron(0 2 * * ? *)"],
        "retention": { "keep_last": 1 },
    });
    document(&rules)
}

fn decide(fleet: &Fleet) {
    let (rules, look) = (rules(), Request::default());
    let view = fleet.view(&rules, NOW);
    let pruned = prune::plan(&view, &look);
    let moved = is_moved(fleet);
    assert!(pruned.steps.is_empty() || moved, "a tag deleted: {:?}", pruned.steps);
    line::check_plan(&pruned);
    line::check_plan(&create::plan(&view, &look));
    line::check_plan(&copy::plan(&view, &look));
    let verified = verify::plan(&view, &look);
    for step in &verified.steps {
        if let Some(deleted) = deleted(&step.action) {
            assert!(deleted.id.starts_with(SCRATCH_PREFIX), "a tag deleted {deleted}");
        }
    }
    line::check_plan(&verified);
    let (told, memory) = alarm::plan(&view, &Memory::default(), Some(&BTreeSet::new()));
    told.notes.iter().for_each(|note| line::check(&note.text, line::WORDS_CHARS_MAX));
    let (told, _) = alarm::plan(&view, &memory, Some(&BTreeSet::new()));
    told.refusals.iter().for_each(|refusal| line::check(&refusal.message, line::WORDS_CHARS_MAX));
}

/// Whether the database itself was put under the policy that keeps one night: a selector by tag is
/// how its owner says what he wants, and then the older ones may go.
fn is_moved(fleet: &Fleet) -> bool {
    let standard = |database: &Database| database.tags.get("tier").is_some_and(|t| t == "standard");
    fleet.0.regions.values().any(|view| match view {
        snapkeep_policy::inventory::RegionView::Seen(seen) => {
            seen.databases.iter().any(|it| it.id() == "shepherd" && standard(it))
        }
        snapkeep_policy::inventory::RegionView::Unseen { .. } => false,
    })
}

fn deleted(action: &Action) -> Option<&RdsArn> {
    if let Action::DeleteInstance { instance: arn, .. }
    | Action::DeleteCluster { cluster: arn, .. } = action
    {
        return Some(arn);
    }
    None
}
