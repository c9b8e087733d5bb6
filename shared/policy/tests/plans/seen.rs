//! What AWS shows, as it is understood: engines, tags, and the databases that a policy names.

use serde_json::{Value, json};
use snapkeep_policy::inventory::Engine;
use snapkeep_policy::tags::Tags;

use crate::fixtures::*;

#[test]
fn an_engine_is_known_by_the_name_that_aws_has_for_it() {
    for (name, engine) in [
        ("docdb", Engine::Docdb),
        ("aurora-mysql", Engine::AuroraMysql),
        ("aurora-postgresql", Engine::AuroraPostgresql),
        ("mysql", Engine::Mysql),
        ("postgres", Engine::Postgres),
        ("mariadb", Engine::Mariadb),
    ] {
        assert_eq!(Engine::from_aws(name), Some(engine));
        assert_eq!(engine.as_str(), name);
    }
    assert_eq!(Engine::from_aws("aurora"), None, "MySQL 5.6, which AWS has ended");
}

#[test]
fn a_resource_has_one_tag_of_each_key() {
    let mut tags = Tags::new();
    assert!(tags.is_empty());
    tags.insert("team", "payments");
    tags.insert("team", "search");
    tags.insert("tier", "critical");
    assert_eq!((tags.len(), tags.is_empty()), (2, false));
    assert_eq!(tags.iter().collect::<Vec<_>>(), [("team", "search"), ("tier", "critical")]);
    ["team", "tier", "tier"].into_iter().for_each(|key| tags.remove(key));
    assert_eq!((tags.len(), tags.is_empty()), (0, true));
}

#[test]
fn an_arn_names_one_database_and_an_identifier_each_that_bears_it() {
    let here = cluster("shepherd").said(|it| it.tags = Tags::new());
    let away = here.clone().said(|it| it.arn.region = region(AWAY));
    let other_shape = instance("shepherd").said(|it| it.tags = Tags::new());
    let fleet = Fleet::of([here.clone(), away.clone(), other_shape.clone()]);
    let protected = |databases: Value| {
        let document = document(&policy(&[("/select", json!({ "databases": databases }))]));
        let view = fleet.view(&document, "2026-03-06T12:00:00Z");
        view.protected.iter().map(|it| it.database.arn.clone()).collect::<Vec<_>>()
    };
    assert_eq!(protected(json!([here.arn.to_string()])), std::slice::from_ref(&here.arn));
    assert_eq!(protected(json!(["shepherd"])), [away.arn, here.arn, other_shape.arn]);
    assert_eq!(protected(json!(["orders"])), []);
}
