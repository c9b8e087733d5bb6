use std::collections::BTreeSet;

use snapkeep_policy::ids::AccountId;
use snapkeep_policy::inventory::{Engine, Shape};
use snapkeep_world::{DatabaseSpec, Options, SnapshotSpec, World};

use crate::support::{Fixture, at, code, west};

#[tokio::test]
async fn two_hundred_and_fifty_snapshots_come_in_three_pages_even_when_one_goes_meanwhile() {
    let f = Fixture::new();
    let mut arns = Vec::new();
    for n in 0..250 {
        let spec = SnapshotSpec::manual(&format!("s-{n:03}"), at("2026-02-01T00:00:00Z"));
        arns.push(f.world.admin().create_snapshot(&f.cluster, &spec.tag("n", "1")).unwrap());
    }
    let rds = f.rds(&west());
    let mut seen = BTreeSet::new();
    let (mut marker, mut pages) = (None, 0);
    loop {
        let request = rds.describe_db_cluster_snapshots().set_marker(marker);
        let page = request.send().await.unwrap();
        pages += 1;
        for snapshot in page.db_cluster_snapshots() {
            assert_eq!(snapshot.tag_list().len(), 1);
            assert!(seen.insert(snapshot.db_cluster_snapshot_identifier().unwrap().to_owned()));
        }
        // The last of the first page: what a marker of a careless kind would trip over.
        f.world.admin().delete_snapshot(&arns[99]);
        marker = page.marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!((pages, seen.len()), (3, 250));
    assert_eq!(f.world.calls().get("rds:DescribeDBClusterSnapshots"), Some(&3));
}

#[tokio::test]
async fn page_sizes_and_markers_out_of_range_are_refused() {
    let f = Fixture::new();
    let rds = f.rds(&west());
    for size in [19, 101] {
        let page = rds.describe_db_clusters().max_records(size).send().await;
        assert_eq!(code(page), "InvalidParameterValue", "{size}");
    }
    let page = rds.describe_db_instances().marker("from the middle").send().await;
    assert_eq!(code(page), "InvalidParameterValue");
    assert_eq!(code(rds.describe_db_instances().max_records(20).send().await), "ok");
}

#[tokio::test]
async fn lists_span_engines_and_name_members_and_restore_windows() {
    let f = Fixture::new();
    let neptune = DatabaseSpec::foreign(Shape::Cluster, "neptune", "1.3.4.0", "graph");
    f.world.admin().create_database(&west(), &neptune);
    f.world.admin().create_database(&west(), &DatabaseSpec::cluster(Engine::AuroraMysql, "shop"));
    f.pass_minutes(60);
    let rds = f.rds(&west());
    let listed = rds.describe_db_clusters().send().await.unwrap();
    let engines: Vec<_> = listed.db_clusters().iter().map(|it| it.engine().unwrap()).collect();
    assert_eq!(engines, ["neptune", "docdb", "aurora-mysql"]);
    let shepherd = &listed.db_clusters()[1];
    assert_eq!(shepherd.db_cluster_members()[0].db_instance_identifier(), Some("shepherd-1"));
    assert_eq!(shepherd.tag_list()[0].key(), Some("team"));
    let lag = f.world.now().as_second() - shepherd.latest_restorable_time().unwrap().secs();
    assert_eq!(lag, 300);

    f.world.admin().stop_database(&f.cluster);
    f.pass_minutes(60);
    let listed = f.docdb(&west()).describe_db_clusters().db_cluster_identifier("shepherd");
    let stopped = listed.send().await.unwrap();
    let lag = f.world.now().as_second()
        - stopped.db_clusters()[0].latest_restorable_time().unwrap().secs();
    assert_eq!(lag, 3900);

    let instances = rds.describe_db_instances().send().await.unwrap();
    let member = &instances.db_instances()[2];
    assert_eq!(member.db_instance_identifier(), Some("shepherd-1"));
    assert_eq!(member.db_cluster_identifier(), Some("shepherd"));
    assert_eq!(member.latest_restorable_time(), None);
    assert_eq!(member.backup_retention_period(), Some(7), "its cluster's");
    f.world.admin().alter_database(&f.cluster, |it| it.retention_days = 35);
    let member = rds.describe_db_instances().db_instance_identifier("shepherd-1").send();
    let member = member.await.unwrap();
    assert_eq!(member.db_instances()[0].backup_retention_period(), Some(35));
    assert_eq!(
        code(rds.describe_db_instances().db_instance_identifier("x").send().await),
        "DBInstanceNotFound"
    );
}

#[tokio::test]
async fn tags_are_read_added_and_removed_by_arn() {
    let f = Fixture::new();
    let arn = f.cluster_snapshot("one").await;
    let rds = f.rds(&west());
    let add = |key: &str| {
        let tag = crate::support::tag(key, "v");
        rds.add_tags_to_resource().resource_name(&arn).tags(tag).send()
    };
    assert_eq!(code(add("a").await), "ok");
    assert_eq!(code(add("aws:b").await), "InvalidParameterValue");
    let remove = rds.remove_tags_from_resource().resource_name(&arn).tag_keys("snapkeep:owner");
    assert_eq!(code(remove.send().await), "ok");
    let listed = rds.list_tags_for_resource().resource_name(&arn).send().await.unwrap();
    let keys: Vec<_> = listed.tag_list().iter().map(|tag| tag.key().unwrap()).collect();
    assert_eq!(keys, ["a"]);
    let gone = arn.replace("one", "two");
    let listed = rds.list_tags_for_resource().resource_name(gone).send().await;
    assert_eq!(code(listed), "DBClusterSnapshotNotFoundFault");
}

#[tokio::test]
async fn accounts_are_apart_but_for_what_they_share() {
    let mut options = Options::new(1);
    let other: AccountId = "210987654321".parse().unwrap();
    options.accounts.push(other.clone());
    let world = World::new(options);
    let spec = DatabaseSpec::cluster(Engine::Docdb, "theirs");
    let theirs = world.admin_of(&other).create_database(&west(), &spec);
    let mut shared = SnapshotSpec::manual("shared", at("2026-02-01T00:00:00Z"));
    shared.shared_with.insert(world.account().clone());
    world.admin_of(&other).create_snapshot(&theirs, &shared).unwrap();

    let rds = aws_sdk_rds::Client::new(&world.sdk_config(&west()));
    let list = async |shared: bool| {
        let request = rds.describe_db_cluster_snapshots().include_shared(shared);
        let listed = request.send().await.unwrap();
        let ids = listed.db_cluster_snapshots().iter();
        ids.map(|s| s.db_cluster_snapshot_identifier().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list(false).await, [""; 0]);
    assert_eq!(list(true).await, ["arn:aws:rds:us-west-2:210987654321:cluster-snapshot:shared"]);
    let theirs = aws_sdk_rds::Client::new(&world.sdk_config_of(&other, &west()));
    assert_eq!(theirs.describe_db_clusters().send().await.unwrap().db_clusters().len(), 1);
}
