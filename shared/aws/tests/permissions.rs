//! The table of permissions against the calls that this crate makes for the five functions: a call that
//! no row allows is denied in every deployment, and a row without a call allows too much.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

const TABLE: &str = include_str!("../../policy/src/doctor/permissions.json");
/// What the functions call. What only the command line looks at is in `doctor/`.
const SOURCES: [&str; 4] = ["observe.rs", "store.rs", "publish.rs", "queues.rs"];
const ACTS: &str = "act";

/// Needed without a call of that name: AWS asks for them when something else is called.
const IMPLIED: [&str; 5] = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKey",
    "s3:GetObjectVersion",
];

/// Not a call, but what an answer holds.
const ANSWERED: &str = "restore_testing_plan_arn";

#[test]
fn every_call_has_its_permission_and_every_permission_its_call() {
    let sources: String = SOURCES.into_iter().chain([ACTS]).map(text).collect();
    let called: BTreeSet<String> = calls(&sources).collect();
    let mut allowed: BTreeSet<String> = BTreeSet::new();
    let table: Value = serde_json::from_str(TABLE).unwrap();
    for row in table["rows"].as_array().unwrap().iter().filter(|row| row["may"] == true) {
        let actions = row["actions"].as_array().unwrap().iter().map(|a| a.as_str().unwrap());
        allowed.extend(actions.filter(|action| !IMPLIED.contains(action)).map(method));
    }
    assert!(called.len() > 20, "{called:?}");
    assert_eq!(called, allowed);
}

#[test]
fn an_action_is_called_by_its_name_in_small_letters() {
    let table = [
        ("rds:CreateDBSnapshot", "create_db_snapshot"),
        ("rds:RestoreDBInstanceFromDBSnapshot", "restore_db_instance_from_db_snapshot"),
        ("s3:ListBucket", "list_objects_v2"),
        ("s3:ListBucketVersions", "list_object_versions"),
        ("sns:Publish", "publish"),
    ];
    for (action, name) in table {
        assert_eq!(method(action), name);
    }
    let source = "aws.rds(r).describe_db_clusters();\n // .delete_db_cluster()\n x.send()";
    assert_eq!(calls(source).collect::<Vec<_>>(), ["describe_db_clusters"]);
}

/// The SDK's method for an action.
fn method(action: &str) -> String {
    let name = match action.split_once(':').unwrap().1 {
        "ListBucket" => "ListObjectsV2",
        "ListBucketVersions" => "ListObjectVersions",
        name => name,
    };
    let mut method = String::new();
    for letter in name.replace("DB", "Db").chars() {
        if letter.is_ascii_uppercase() && !method.is_empty() {
            method.push('_');
        }
        method.push(letter.to_ascii_lowercase());
    }
    method
}

/// The methods of SDK clients that a source calls: those without arguments that begin with a verb.
fn calls(source: &str) -> impl Iterator<Item = String> {
    const VERBS: [&str; 13] = [
        "add", "copy", "create", "delete", "describe", "get", "list", "modify", "publish", "put",
        "receive", "remove", "restore",
    ];
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let names = code.flat_map(|line| line.split('.').skip(1)).filter_map(|rest| {
        let (name, _) = rest.split_once("()")?;
        let is_name =
            name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let verb = name.split('_').next()?;
        (is_name && VERBS.contains(&verb) && name != ANSWERED).then(|| name.to_owned())
    });
    names.collect::<Vec<_>>().into_iter()
}

/// A source, or all of a folder.
fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name);
    files(&path).iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap();
    entries.flat_map(|entry| files(&entry.unwrap().path())).collect()
}
