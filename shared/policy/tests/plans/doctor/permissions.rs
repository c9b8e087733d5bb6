//! What each function has to be allowed and must be refused, on a fleet.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::{Value, json};
use snapkeep_policy::doctor::{
    Decision, Deployed, Facts, Function, KeyState, Need, Place, Principal, Question, needs,
    permissions,
};
use snapkeep_policy::request::Request;
use snapkeep_policy::tags::Tags;
use snapkeep_policy::verb::Verb;
use snapkeep_policy::{copy, create, verify};

use super::{NOW, key, with_key};
use crate::fixtures::{
    AWAY, DatabaseSaid, Fleet, HOME, cluster, copied, document, instance, point, policy, region,
    verified,
};

fn needed(fleet: &Fleet, policy: &Value, facts: &Facts, verb: Verb) -> Vec<Need> {
    needs(&fleet.view(&document(policy), NOW), facts, &deployed(), Function::Of(verb))
}

fn deployed() -> Deployed {
    let place = |bucket: &str, name: &str| Place {
        region: region(name),
        bucket: bucket.to_owned(),
        topic: format!("arn:aws:sns:{name}:123456789012:snapkeep-alarms"),
        key: Some(format!("arn:aws:kms:{name}:123456789012:key/of-{bucket}")),
    };
    Deployed {
        account: "123456789012".parse().unwrap(),
        home: place("bucket", HOME),
        standby: Some(place("standby", AWAY)),
        policy_key: "policy.json".to_owned(),
        restore_tests: false,
    }
}

/// A line for each action and resource that is needed, or must be refused.
fn table(needs: &[Need], may: bool) -> String {
    let rows = needs.iter().filter(|need| need.may == may).flat_map(|Need { question, .. }| {
        let pairs = question.actions.iter().flat_map(|action| {
            question.resources.iter().map(move |resource| format!("{action} {resource}"))
        });
        pairs.collect::<Vec<_>>()
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_verb_needs_what_it_calls_and_must_be_refused_the_rest() {
    let fleet = Fleet::of([cluster("shepherd"), instance("shop")]);
    let policy = policy(&[copied(), verified()]);
    let facts = with_key(key(KeyState::Enabled));
    for verb in Verb::ALL {
        let needs = needed(&fleet, &policy, &facts, verb);
        assert_snapshot!(format!("{verb}-may"), table(&needs, true));
        assert_snapshot!(format!("{verb}-may-not"), table(&needs, false));
    }
}

#[test]
fn a_standby_reads_at_home_and_writes_where_it_is() {
    let fleet = Fleet::of([cluster("shepherd"), instance("shop")]);
    let document = document(&policy(&[copied(), verified()]));
    let (view, facts) = (fleet.view(&document, NOW), Facts::default());
    let needs = needs(&view, &facts, &deployed(), Function::Standby);
    assert_snapshot!("standby-may", table(&needs, true));
    assert_snapshot!("standby-may-not", table(&needs, false));
    for Need { may, question, .. } in &needs {
        let is_homes = question.resources.iter().any(|it| it.contains(":::bucket"));
        if is_homes {
            assert_eq!(question.context["aws:RequestedRegion"], [HOME]);
        }
        let writes = question.actions.iter().any(|action| action == "s3:PutObject");
        assert!(!(*may && is_homes && writes), "{question:?}");
    }
    let without = Deployed { standby: None, ..deployed() };
    assert_eq!(snapkeep_policy::doctor::needs(&view, &facts, &without, Function::Standby), []);
}

#[test]
fn a_call_is_simulated_under_the_tags_that_it_sends_and_finds() {
    let fleet = Fleet::of([instance("shop")]);
    let needs = needed(&fleet, &policy(&[]), &Facts::default(), Verb::Create);
    let asks = |need: &&Need| need.question.resources[0].ends_with(":db:shop") && need.may;
    let needs: Vec<&Need> = needs.iter().filter(asks).collect();
    let [need] = needs[..] else { panic!("{needs:?}") };
    let context = &need.question.context;
    assert_eq!(context["aws:RequestedRegion"], [HOME]);
    assert_eq!(context["aws:RequestTag/snapkeep:owner"], ["prod"]);
    assert_eq!(context["aws:ResourceTag/tier"], ["critical"]);
    assert!(context["aws:TagKeys"].contains(&"snapkeep:slot".to_owned()));
}

/// The tag keys under which an action on a resource is simulated.
fn tag_keys(needs: &[Need], action: &str, resource: &str) -> BTreeSet<String> {
    let is_it = |need: &&Need| {
        let Question { actions, resources, .. } = &need.question;
        need.may
            && actions.iter().any(|a| a == action)
            && resources.iter().any(|r| r.contains(resource))
    };
    let need = needs.iter().find(is_it).unwrap_or_else(|| panic!("{action} {resource}"));
    need.question.context["aws:TagKeys"].iter().cloned().collect()
}

#[test]
fn the_tags_of_a_simulated_call_are_those_of_the_plan() {
    let shepherd = cluster("shepherd");
    let bare = Fleet::of([shepherd.clone()]);
    let fleet = Fleet::of([shepherd.clone()]).snapshot(point(&shepherd, "2026-03-04T02:00:00Z"));
    let policy = policy(&[copied(), verified()]);
    let document = document(&policy);
    let request = Request::default();
    let keys = |tags: &Tags| tags.iter().map(|(key, _)| key.to_owned()).collect::<BTreeSet<_>>();
    let needs = |verb| needed(&fleet, &policy, &Facts::default(), verb);
    let action = "rds:AddTagsToResource";

    let plan = create::plan(&bare.view(&document, NOW), &request);
    let create::Action::TakeSnapshot { tags, .. } = &plan.steps[0].action;
    assert_eq!(keys(tags), tag_keys(&needs(Verb::Create), action, ":cluster-snapshot:"));

    let plan = copy::plan(&fleet.view(&document, NOW), &request);
    let copy::Action::CopySnapshot { tags, .. } = &plan.steps[0].action;
    assert_eq!(keys(tags), tag_keys(&needs(Verb::Copy), action, ":cluster-snapshot:"));

    let plan = verify::plan(&fleet.view(&document, NOW), &request);
    let verify::Action::Restore(restore) = &plan.steps[0].action else { panic!("no restore") };
    assert_eq!(keys(&restore.tags), tag_keys(&needs(Verb::Verify), action, "snapkeep-scratch-"));
}

#[test]
fn whoever_reads_an_encrypted_recovery_point_needs_its_key() {
    let shepherd = cluster("shepherd");
    let fleet = Fleet::of([shepherd.clone()]).snapshot(point(&shepherd, "2026-03-04T02:00:00Z"));
    let policy = policy(&[copied(), verified()]);
    for (verb, expected) in [(Verb::Create, false), (Verb::Copy, true), (Verb::Verify, true)] {
        let may = table(&needed(&fleet, &policy, &Facts::default(), verb), true);
        let grant = "kms:CreateGrant arn:aws:kms:us-west-2:123456789012:key/1";
        assert_eq!(may.contains(grant), expected, "{verb}: {may}");
    }
}

#[test]
fn a_rehearsal_needs_points_in_time_of_that_very_database_and_its_tag() {
    let (pointer, mut rule) = verified();
    rule["pick"] = json!({ "point-in-time": { "back": "PT1H" } });
    let policy = policy(&[(pointer, rule)]);
    let needs = needed(&Fleet::of([instance("shop")]), &policy, &Facts::default(), Verb::Verify);
    let may = table(&needs, true);
    let shop = "arn:aws:rds:us-west-2:123456789012:db:shop";
    for action in ["rds:RestoreDBInstanceToPointInTime", "rds:AddTagsToResource"] {
        assert!(may.contains(&format!("{action} {shop}")), "{action}: {may}");
    }
    let may_not = table(&needs, false);
    assert!(may_not.contains(&format!("rds:DeleteDBInstance {shop}")), "{may_not}");
}

#[test]
fn what_is_nowhere_copied_and_of_a_shape_that_isnt_there_is_asked_by_its_pattern() {
    let fleet = Fleet::of([cluster("shepherd")]);
    let may = |verb| table(&needed(&fleet, &policy(&[]), &Facts::default(), verb), true);
    let create = may(Verb::Create);
    assert!(
        create.contains("rds:CreateDBSnapshot arn:aws:rds:us-west-2:123456789012:db:example"),
        "{create}"
    );
    let copy = may(Verb::Copy);
    assert!(!copy.contains("rds:CopyDB"), "{copy}");
}

#[test]
fn a_rehearsal_of_an_instance_here_asks_nothing_of_a_cluster_or_of_one_elsewhere() {
    let (pointer, mut rule) = verified();
    rule["pick"] = json!({ "point-in-time": { "back": "PT1H" } });
    let policy = policy(&[(pointer, rule)]);
    let lake = instance("lake").said(|it| it.arn.region = region(AWAY));
    let fleet = Fleet::of([cluster("shepherd"), instance("shop"), lake]);
    let needs = needed(&fleet, &policy, &Facts::default(), Verb::Verify);
    // The databases that each call may be made of, in each region.
    let of = |action: &str, here: &str| {
        let asked = needs.iter().filter(|need| {
            let Question { actions, context, .. } = &need.question;
            need.may
                && actions.iter().any(|it| it == action)
                && context["aws:RequestedRegion"] == [here]
        });
        let resources = asked.flat_map(|need| &need.question.resources);
        let ids = resources.filter_map(|it| it.rsplit(':').next());
        ids.filter(|id| ["shepherd", "shop", "lake"].contains(id)).collect::<Vec<_>>()
    };
    let (instances, clusters) =
        ("rds:RestoreDBInstanceToPointInTime", "rds:RestoreDBClusterToPointInTime");
    assert_eq!((of(instances, HOME), of(clusters, HOME)), (vec!["shop"], vec!["shepherd"]));
    assert_eq!((of(instances, AWAY), of(clusters, AWAY)), (vec!["lake"], vec![]));
}

#[test]
fn a_person_who_may_all_that_is_needed_is_told_of_no_refusal() {
    let caller = Principal::Caller { arn: "arn:person".to_owned() };
    let question = Question {
        actions: vec!["rds:DescribeDBSnapshots".to_owned()],
        resources: vec!["*".to_owned()],
        context: Default::default(),
    };
    let need = Need { may: true, why: "it looks".to_owned(), question };
    let decision = Decision {
        action: "rds:DescribeDBSnapshots".to_owned(),
        resource: "*".to_owned(),
        allowed: true,
        because: "allowed".to_owned(),
    };
    let function = Function::Of(Verb::Prune);
    let checks = permissions(function, &caller, &[need], &Ok(Some(vec![vec![decision]])));
    let what: Vec<&str> = checks.iter().map(|check| check.what.as_str()).collect();
    assert_eq!(what, ["prune: arn:person may do what it needs (1 permissions)"]);
}

#[test]
fn a_person_is_asked_only_whether_he_may_and_each_role_has_the_modules_name() {
    let (role, person) = (
        Principal::Role { arn: "arn:role".to_owned(), is_named: true },
        Principal::Caller { arn: "arn:person".to_owned() },
    );
    let fleet = Fleet::of([cluster("shepherd")]);
    let needs = needed(&fleet, &policy(&[]), &Facts::default(), Verb::Prune);
    assert!(needs.iter().any(|need| need.may) && needs.iter().any(|need| !need.may));
    for need in &needs {
        assert_eq!((role.is_asked(need), person.is_asked(need)), (true, need.may));
    }
    assert_eq!(Function::Of(Verb::Prune).role_name("prod"), "prod-prune");
    assert_eq!(Function::Standby.role_name("prod"), "prod-standby");
}
