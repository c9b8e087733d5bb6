//! Whether a deployment would do its work, line by line.

mod permissions;

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::{Value, json};
use snapkeep_policy::doctor::{
    Area, Check, Facts, Key, KeyState, SubnetGroup, Unseen, Usage, UsageOf, Verdict, Wanted,
    examine,
};

use crate::fixtures::{
    AWAY, DatabaseSaid, Fleet, HOME, KEY, cluster, copied, document, instance, policy, region,
    verified,
};

const NOW: &str = "2026-03-04T12:00:00Z";

fn said(fleet: &Fleet, policy: &Value, facts: &Facts) -> String {
    let document = document(policy);
    let view = fleet.view(&document, NOW);
    let line = |check: &Check| {
        let mark = match check.verdict {
            Verdict::Ok => "✓",
            Verdict::Wrong => "✗",
            Verdict::Unknown => "?",
        };
        let next = check.next.as_ref().map_or(String::new(), |next| format!(": {next}"));
        format!("{mark} {}{next}", check.what)
    };
    let checks = examine(&view, facts, &region(HOME));
    checks.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn refused() -> Unseen {
    Unseen { what: "describe: AccessDenied".to_owned(), next: "be allowed".to_owned() }
}

fn key(state: KeyState) -> Key {
    let arn = "arn:aws:kms:us-east-1:123456789012:key/1".to_owned();
    Key { arn, state, is_customers: true, is_symmetric: true }
}

fn with_key(key: Key) -> Facts {
    Facts { keys: [(KEY.to_owned(), Ok(Some(key)))].into(), ..Facts::default() }
}

fn with_group(zones: &[&str], status: &str) -> Facts {
    let zones = zones.iter().map(ToString::to_string).collect();
    let group = SubnetGroup { zones, status: status.to_owned() };
    let place = (region(HOME), "scratch".to_owned());
    Facts { subnet_groups: [(place, Ok(Some(group)))].into(), ..Facts::default() }
}

fn with_usage(used: u32, max: u32) -> Facts {
    let of = UsageOf { used, max };
    let usage = Usage { clusters: of, instances: UsageOf { used: 0, max: 100 } };
    Facts { usage: [(region(HOME), Ok(usage))].into(), ..Facts::default() }
}

#[test]
fn each_database_is_named_with_who_protects_it() {
    let mut policy = policy(&[]);
    policy["policies"]["vital"] = policy["policies"]["critical"].clone();
    policy["policies"]["vital"]["select"] = json!({ "tags": { "vital": "yes" } });
    policy["policies"]["idle"] = policy["policies"]["critical"].clone();
    policy["policies"]["idle"]["select"] = json!({ "tags": { "tier": "critcal" } });
    let fleet = Fleet::of([
        cluster("shepherd"),
        instance("shop").tagged("vital", "yes"),
        instance("stray").said(|it| it.tags = Default::default()),
    ]);
    assert_snapshot!(said(&fleet, &policy, &Facts::default()), @r"
    ✓ shepherd (docdb) in us-west-2 is protected by critical
    ✗ shop (mysql) in us-west-2 is claimed by critical and vital: change a selector: nothing of it is deleted while two claim it
    ✗ stray (mysql) in us-west-2 is protected by no policy: give it a tag that a policy selects, or name it in one
    ✗ the policy idle selects no database: check its tags and names for a typing mistake
    ✓ no policy verifies, so no network is needed
    ");
    assert_snapshot!(said(&fleet.unseen(AWAY), &policy, &Facts::default()), @r"
    ✓ shepherd (docdb) in us-west-2 is protected by critical
    ✗ shop (mysql) in us-west-2 is claimed by critical and vital: change a selector: nothing of it is deleted while two claim it
    ✗ stray (mysql) in us-west-2 is protected by no policy: give it a tag that a policy selects, or name it in one
    ? databases of us-east-1: not allowed: run it again once the region can be listed
    ✓ no policy verifies, so no network is needed
    ");
}

#[test]
fn a_key_has_to_be_usable_for_copies() {
    let fleet = Fleet::of([cluster("shepherd")]);
    let policy = policy(&[copied()]);
    let table = [
        key(KeyState::Enabled),
        key(KeyState::PendingDeletion(Some("2026-03-20T00:00:00Z".parse().unwrap()))),
        key(KeyState::Other("Disabled".to_owned())),
        Key { arn: "arn:aws:kms:us-west-2:123456789012:key/1".into(), ..key(KeyState::Enabled) },
        Key { is_customers: false, ..key(KeyState::Enabled) },
        Key { is_symmetric: false, ..key(KeyState::Enabled) },
    ];
    let about_key = |facts: &Facts| said(&fleet, &policy, facts).lines().nth(1).unwrap().to_owned();
    let missing = Facts { keys: [(KEY.to_owned(), Ok(None))].into(), ..Facts::default() };
    let unseen = Facts { keys: [(KEY.to_owned(), Err(refused()))].into(), ..Facts::default() };
    let facts = table.map(with_key).into_iter().chain([missing, unseen, Facts::default()]);
    let lines: Vec<String> = facts.map(|facts| about_key(&facts)).collect();
    assert_snapshot!(lines.join("\n"), @r"
    ✓ arn:aws:kms:us-east-1:123456789012:alias/snapkeep is enabled, arn:aws:kms:us-east-1:123456789012:key/1
    ✗ arn:aws:kms:us-east-1:123456789012:alias/snapkeep will be deleted at 2026-03-20T00:00:00Z: cancel the deletion now: no copy under it can be restored afterwards
    ✗ arn:aws:kms:us-east-1:123456789012:alias/snapkeep is Disabled: enable the key
    ✗ arn:aws:kms:us-east-1:123456789012:alias/snapkeep isn't in us-east-1: name a key of the copy's region
    ✗ arn:aws:kms:us-east-1:123456789012:alias/snapkeep is managed by AWS: name a customer-managed key
    ✗ arn:aws:kms:us-east-1:123456789012:alias/snapkeep isn't a symmetric key: name a symmetric one
    ✗ arn:aws:kms:us-east-1:123456789012:alias/snapkeep doesn't exist: create it, or correct kms_key in the policy document
    ? describe: AccessDenied: be allowed
    ? arn:aws:kms:us-east-1:123456789012:alias/snapkeep wasn't looked at: run it again
    ");
}

#[test]
fn an_encrypted_database_needs_a_key_where_it_is_copied_to() {
    let rule = ("/copies", json!([{ "region": AWAY }]));
    let fleet = Fleet::of([cluster("shepherd"), instance("open").said(|it| it.encrypted = false)]);
    let lines = said(&fleet, &policy(std::slice::from_ref(&rule)), &Facts::default());
    assert!(
        lines.contains("critical has no key in us-east-1, and shepherd is encrypted"),
        "{lines}"
    );
    let open = Fleet::of([instance("open").said(|it| it.encrypted = false)]);
    let lines = said(&open, &policy(&[rule]), &Facts::default());
    assert!(lines.contains("✓ critical copies nothing encrypted to us-east-1"), "{lines}");
}

#[test]
fn a_scratch_database_needs_a_subnet_group_in_two_zones() {
    let fleet = Fleet::of([cluster("shepherd")]);
    let policy = policy(&[verified()]);
    let place = (region(HOME), "scratch".to_owned());
    let missing = Facts { subnet_groups: [(place, Ok(None))].into(), ..Facts::default() };
    let table = [
        with_group(&["us-west-2a", "us-west-2b"], "Complete"),
        with_group(&["us-west-2a"], "Complete"),
        with_group(&["us-west-2a", "us-west-2b"], "Failed"),
        missing,
    ];
    let lines = table.map(|facts| said(&fleet, &policy, &facts).lines().nth(1).unwrap().to_owned());
    assert_snapshot!(lines.join("\n"), @r"
    ✓ subnet group scratch in us-west-2 is Complete, in us-west-2a, us-west-2b
    ✗ subnet group scratch in us-west-2 is Complete, in us-west-2a: add a subnet in another availability zone
    ✗ subnet group scratch in us-west-2 is Failed, in us-west-2a, us-west-2b: see in the VPC what became of its subnets
    ✗ there is no subnet group scratch in us-west-2: create it with private subnets, or correct subnet_group in the policy
    ");
}

#[test]
fn a_security_group_has_the_form_of_an_id() {
    let fleet = Fleet::of([cluster("shepherd")]);
    let with = |group: &str| {
        let (pointer, mut rule) = verified();
        rule["security_groups"] = json!([group]);
        said(&fleet, &policy(&[(pointer, rule)]), &Facts::default())
    };
    for (group, mark) in [("sg-1", "✗"), ("sg-0123abcd", "✓"), ("sg-0123456789abcdef0", "✓")]
    {
        let lines = with(group);
        let line = lines.lines().last().unwrap();
        assert!(line.starts_with(&format!("{mark} {group} ")), "{line}");
    }
}

#[test]
fn a_quota_has_to_hold_what_the_policies_keep() {
    let fleet = Fleet::of([cluster("a"), cluster("b")]);
    let daily = |count: u32| policy(&[("/retention", json!({ "daily": count }))]);
    let table = [
        (daily(30), with_usage(0, 100)),
        (daily(60), with_usage(0, 100)),
        // Forty are Neptune's: nobody lists them here, and AWS counts them.
        (daily(30), with_usage(40, 99)),
        (daily(1), with_usage(100, 100)),
        (policy(&[("/retention", json!({ "yearly": "all" }))]), with_usage(0, 100)),
    ];
    let about_clusters = |(policy, facts): &(Value, Facts)| {
        let lines = said(&fleet, policy, facts);
        lines.lines().find(|line| line.contains("cluster snapshots")).unwrap().to_owned()
    };
    let lines: Vec<String> = table.iter().map(about_clusters).collect();
    assert_snapshot!(lines.join("\n"), @r"
    ✓ cluster snapshots in us-west-2: 0 of 100 are used, the policies come to 60, and to 62 until prune has run
    ✗ cluster snapshots in us-west-2: 0 of 100 are used, the policies come to 120, and to 122 until prune has run: ask Service Quotas for at least 122, or keep less
    ✗ cluster snapshots in us-west-2: 40 of 99 are used, the policies come to 100, and to 102 until prune has run: ask Service Quotas for at least 102, or keep less
    ✗ cluster snapshots in us-west-2: 100 of 100 are used, the policies come to 102, and to 104 until prune has run: ask Service Quotas for at least 104, or keep less
    ✓ cluster snapshots in us-west-2: 0 of 100 are used, the policies come to 0, and to 2 until prune has run, and without an end under critical
    ");
    let unseen = Facts { usage: [(region(HOME), Err(refused()))].into(), ..Facts::default() };
    assert!(said(&fleet, &daily(1), &unseen).contains("? describe: AccessDenied: be allowed"));
}

#[test]
fn what_is_wanted_follows_from_the_document_and_from_where_the_databases_are() {
    let fleet = Fleet::of([cluster("shepherd")]);
    let wanted = |policy: &Value| Wanted::of(&fleet.view(&document(policy), NOW), &region(HOME));
    let place = |name: &str| BTreeSet::from([(region(name), "scratch".to_owned())]);
    let at_home = wanted(&policy(&[copied(), verified()]));
    assert_eq!((at_home.keys.len(), at_home.subnet_groups), (1, place(HOME)));
    let (pointer, mut rule) = verified();
    rule["region"] = json!(AWAY);
    assert_eq!(wanted(&policy(&[copied(), (pointer, rule)])).subnet_groups, place(AWAY));
}

#[test]
fn each_area_has_a_heading_of_its_own() {
    let headings: BTreeSet<&str> = Area::ALL.into_iter().map(Area::heading).collect();
    assert_eq!(headings.len(), Area::ALL.len());
    assert_eq!(Area::Guards.heading(), "Bucket and topic policies");
}

#[test]
fn a_quota_that_the_policies_just_fit_into_is_enough() {
    let fleet = Fleet::of([cluster("a"), cluster("b")]);
    let daily = |count: u32| policy(&[("/retention", json!({ "daily": count }))]);
    let mark = |count, max| {
        let lines = said(&fleet, &daily(count), &with_usage(0, max));
        lines.lines().find(|line| line.contains("cluster snapshots")).unwrap().chars().next()
    };
    // Two databases, and a new one of each is taken before an old one goes.
    assert_eq!((mark(30, 62), mark(30, 61)), (Some('✓'), Some('✗')));
}

#[test]
fn a_quota_holds_copies_where_they_go_and_no_others() {
    let rule = json!([
        { "region": "eu-west-1", "kms_key": KEY.replace(AWAY, "eu-west-1"), "retention": { "yearly": "all" } },
        { "region": AWAY, "kms_key": KEY, "retention": { "keep_last": 7 } },
    ]);
    let of = UsageOf { used: 0, max: 100 };
    let usage = Ok(Usage { clusters: of, instances: of });
    let facts = Facts { usage: [(region(AWAY), usage)].into(), ..Facts::default() };
    let fleet = Fleet::of([cluster("a"), instance("b")]);
    let lines = said(&fleet, &policy(&[("/copies", rule)]), &facts);
    for kind in ["cluster", "instance"] {
        let line = format!(
            "{kind} snapshots in us-east-1: 0 of 100 are used, the policies come to 7, and to 8 until"
        );
        assert!(lines.contains(&line), "{lines}");
    }
    assert!(!lines.contains("without an end"), "{lines}");
}

#[test]
fn a_scratch_database_is_restored_where_the_databases_of_its_own_policy_are() {
    let mut two = policy(&[verified()]);
    two["regions"] = json!([HOME, AWAY]);
    two["policies"]["far"] = two["policies"]["critical"].clone();
    two["policies"]["far"]["select"] = json!({ "tags": { "tier": "far" } });
    two["policies"]["far"]["verify"]["subnet_group"] = json!("far-away");
    let away = cluster("lake").tagged("tier", "far").said(|it| it.arn.region = region(AWAY));
    let fleet = Fleet::of([cluster("shepherd"), away]);
    let groups = Wanted::of(&fleet.view(&document(&two), NOW), &region(HOME)).subnet_groups;
    let expected = [(region(HOME), "scratch".to_owned()), (region(AWAY), "far-away".to_owned())];
    assert_eq!(groups, BTreeSet::from(expected));
}
