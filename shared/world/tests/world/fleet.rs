//! Furnishing an account through the API, as a client of another language does.

use crate::support::{Fixture, code, tag, west};

#[tokio::test]
async fn a_fleet_can_be_made_through_the_api() {
    let f = Fixture::new();
    let rds = f.rds(&west());
    let group = rds.create_db_subnet_group().db_subnet_group_name("Private");
    let group =
        group.db_subnet_group_description("x").subnet_ids("subnet-a").subnet_ids("subnet-b");
    assert_eq!(code(group.clone().send().await), "ok");
    assert_eq!(code(group.send().await), "DBSubnetGroupAlreadyExists");
    let groups = rds.describe_db_subnet_groups().db_subnet_group_name("private").send().await;
    assert_eq!(groups.unwrap().db_subnet_groups()[0].subnets().len(), 2);

    let cluster = rds
        .create_db_cluster()
        .db_cluster_identifier("Shop")
        .engine("aurora-postgresql")
        .engine_version("16.8")
        .master_username("admin")
        .master_user_password("long-enough")
        .db_subnet_group_name("private")
        .storage_encrypted(true)
        .backup_retention_period(3)
        .tags(tag("team", "shop"));
    assert_eq!(code(cluster.clone().send().await), "ok");
    assert_eq!(code(cluster.send().await), "DBClusterAlreadyExistsFault");
    f.pass_minutes(12);
    let instance = rds
        .create_db_instance()
        .db_instance_identifier("shop-1")
        .db_cluster_identifier("shop")
        .db_instance_class("db.r6g.large")
        .engine("aurora-postgresql");
    assert_eq!(code(instance.send().await), "ok");
    f.pass_minutes(15);
    let seen = rds.describe_db_instances().db_instance_identifier("shop-1").send().await.unwrap();
    let seen = &seen.db_instances()[0];
    assert_eq!(seen.db_instance_status(), Some("available"));
    assert_eq!(seen.storage_encrypted(), Some(true));
    assert_eq!(seen.endpoint().unwrap().port(), Some(5432));
    assert_eq!(seen.db_subnet_group().unwrap().db_subnet_group_name(), Some("private"));
}

#[tokio::test]
async fn an_instance_of_an_unknown_engine_or_version_is_refused() {
    let f = Fixture::new();
    let rds = f.rds(&west());
    let create = |engine: &str, version: &str| {
        let request = rds.create_db_instance().db_instance_identifier("x");
        let request = request.db_instance_class("db.t4g.micro").engine(engine);
        request.engine_version(version).send()
    };
    assert_eq!(code(create("dbase", "3").await), "InvalidParameterValue");
    assert_eq!(code(create("postgres", "9.6").await), "InvalidParameterCombination");
    let offered = rds.describe_db_engine_versions().engine("postgres").send().await.unwrap();
    let newest = offered.db_engine_versions().last().unwrap().engine_version().unwrap().to_owned();
    assert_eq!(code(create("postgres", &newest).await), "ok");
}
