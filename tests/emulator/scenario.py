"""The ninety calls that differential.py makes: every operation that snapkeep uses, done right and
done wrong. The names of the steps are the names in differences.json.
"""

import account

HOME, AWAY = account.HOME_REGION, account.COPY_REGION
# Every region has it, in any account.
KEY = "alias/aws/rds"
PASSWORD = "only-for-the-emulator"
CLUSTER, INSTANCE = "DBClusterIdentifier", "DBInstanceIdentifier"
CLUSTER_SNAPSHOT, SNAPSHOT = "DBClusterSnapshotIdentifier", "DBSnapshotIdentifier"


def play(d) -> None:
    """All of it on one account, by a `differential.Differential`."""
    for part in (databases, snapshots, tags, copies, restores, deletes):
        part(d)


def tagged(**values: str) -> list[dict[str, str]]:
    return [{"Key": f"snapkeep:{key}", "Value": value} for key, value in values.items()]


def arn(kind: str, name: str, region: str = HOME) -> str:
    return f"arn:aws:rds:{region}:123456789012:{kind}:{name}"


def cluster(name: str, engine: str = "docdb", version: str = "5.0.0", **more) -> dict:
    login = {"MasterUsername": "keeper", "MasterUserPassword": PASSWORD}
    return {CLUSTER: name, "Engine": engine, "EngineVersion": version, **login, **more}


def instance(name: str, **more) -> dict:
    shape = {"Engine": "postgres", "EngineVersion": "15.12", "DBInstanceClass": "db.t4g.medium"}
    login = {"MasterUsername": "keeper", "MasterUserPassword": PASSWORD}
    return {INSTANCE: name, **shape, **login, "AllocatedStorage": 20, **more}


def member(name: str, of: str) -> dict:
    return {INSTANCE: name, CLUSTER: of, "DBInstanceClass": "db.r6g.large", "Engine": "docdb"}


def databases(d) -> None:
    create, create_instance = "create_db_cluster", "create_db_instance"
    protected = {"StorageEncrypted": True, "DeletionProtection": True, "BackupRetentionPeriod": 7}
    shepherd = cluster("shepherd", **protected, Tags=tagged(policy="a"))
    plain = cluster("plain", "aurora-postgresql", "15.12")
    ledger = instance("ledger", PubliclyAccessible=False, Tags=tagged(policy="b"))
    d.step("create-cluster", create, api="docdb", **shepherd)
    d.step("create-unencrypted-cluster", create, **plain)
    d.settle()
    d.step("create-member", create_instance, api="docdb", **member("shepherd-1", "shepherd"))
    d.step("create-instance", create_instance, **ledger)
    d.step("create-cluster-again", create, **plain)
    d.step("create-instance-again", create_instance, **ledger)
    d.step("create-member-of-no-cluster", create_instance, api="docdb", **member("x", "none"))
    d.step("create-instance-with-a-bad-name", create_instance, **instance("bad-"))
    d.settle()
    find, find_instance = "describe_db_clusters", "describe_db_instances"
    d.step("list-clusters", find)
    d.step("list-instances", find_instance)
    d.step("list-clusters-elsewhere", find, region=AWAY)
    d.step("find-cluster", find, DBClusterIdentifier="shepherd")
    d.step("find-cluster-by-arn", find, DBClusterIdentifier=arn("cluster", "shepherd"))
    d.step("find-no-cluster", find, DBClusterIdentifier="none")
    d.step("find-no-instance", find_instance, DBInstanceIdentifier="none")
    d.step("filter-clusters", find, Filters=[{"Name": "engine", "Values": ["docdb"]}])
    d.step("filter-by-nonsense", find, Filters=[{"Name": "colour", "Values": ["red"]}])
    d.step("too-small-a-page", find, MaxRecords=19)
    d.step("too-large-a-page", find, MaxRecords=101)


def snapshots(d) -> None:
    nightly = tagged(owner="prod", slot="2026-03-01T02:00:00Z")

    def take(step: str, of: str, name: str, **more) -> None:
        ids = {CLUSTER: of, CLUSTER_SNAPSHOT: name}
        d.step(step, "create_db_cluster_snapshot", api="docdb", **ids, **more)

    def take_of_instance(step: str, of: str, name: str, **more) -> None:
        d.step(step, "create_db_snapshot", **{INSTANCE: of, SNAPSHOT: name}, **more)

    take("snapshot-cluster", "shepherd", "s1", Tags=nightly)
    take("snapshot-unencrypted-cluster", "plain", "p1")
    take_of_instance("snapshot-instance", "ledger", "l1", Tags=nightly)
    d.settle()
    take("snapshot-cluster-again", "shepherd", "s1")
    take("snapshot-no-cluster", "none", "s2")
    take("snapshot-in-capitals", "shepherd", "S3-Upper")
    take_of_instance("snapshot-instance-again", "ledger", "l1")
    take_of_instance("snapshot-no-instance", "none", "l2")
    d.settle()
    take("snapshot-with-a-bad-name", "shepherd", "bad--name")
    take("snapshot-with-64-characters", "shepherd", "s" * 64)
    take_of_instance("snapshot-member", "shepherd-1", "m1")
    d.settle()
    for made_by_leniency in ("bad--name", "s" * 64):
        d.undo("delete_db_cluster_snapshot", DBClusterSnapshotIdentifier=made_by_leniency)
    d.undo("delete_db_snapshot", DBSnapshotIdentifier="m1")
    find, find_instance = "describe_db_cluster_snapshots", "describe_db_snapshots"
    manual = {"SnapshotType": "manual"}
    d.step("find-snapshot", find, DBClusterSnapshotIdentifier="s1")
    d.step("find-instance-snapshot", find_instance, DBSnapshotIdentifier="l1")
    d.step("find-no-snapshot", find, DBClusterSnapshotIdentifier="none")
    d.step("find-no-instance-snapshot", find_instance, DBSnapshotIdentifier="none")
    d.step("list-manual-snapshots", find, **manual)
    d.step("list-manual-instance-snapshots", find_instance, **manual)
    d.step("list-snapshots-of-cluster", find, **manual, DBClusterIdentifier="shepherd")
    d.step("list-snapshots-of-no-cluster", find, **manual, DBClusterIdentifier="none")
    d.step("list-by-documentdb", find, api="docdb", **manual, DBClusterIdentifier="shepherd")


def tags(d) -> None:
    s1, none = arn("cluster-snapshot", "s1"), arn("cluster-snapshot", "none")
    add, listed, remove = (
        "add_tags_to_resource",
        "list_tags_for_resource",
        "remove_tags_from_resource",
    )
    d.step("add-tag", add, ResourceName=s1, Tags=tagged(verdict="pass"))
    d.step("overwrite-tag", add, ResourceName=s1, Tags=tagged(verdict="fail"))
    d.step("list-tags", listed, ResourceName=s1)
    d.step("remove-tag", remove, ResourceName=s1, TagKeys=["snapkeep:verdict"])
    d.step("list-tags-less-one", listed, ResourceName=s1)
    d.step("tag-no-snapshot", add, ResourceName=none, Tags=tagged(verdict="pass"))
    d.step("list-tags-of-no-snapshot", listed, ResourceName=none)
    d.step("tag-as-aws", add, ResourceName=s1, Tags=[{"Key": "aws:mine", "Value": "no"}])
    d.step("tag-with-json", add, ResourceName=s1, Tags=[{"Key": "json", "Value": '{"a":1}'}])
    d.undo(remove, ResourceName=s1, TagKeys=["aws:mine", "json"])


def copies(d) -> None:
    def copy(step: str, source: str, target: str, api: str = "docdb", **more) -> None:
        ids = {
            f"Source{CLUSTER_SNAPSHOT}": arn("cluster-snapshot", source),
            f"Target{CLUSTER_SNAPSHOT}": target,
        }
        d.step(step, "copy_db_cluster_snapshot", region=AWAY, api=api, **ids, **more)

    def copy_of_instance(step: str, target: str, **more) -> None:
        ids = {f"Source{SNAPSHOT}": arn("snapshot", "l1"), f"Target{SNAPSHOT}": target}
        d.step(step, "copy_db_snapshot", region=AWAY, **ids, **more)

    presigned = {"SourceRegion": HOME}
    complete = {"KmsKeyId": KEY, **presigned}
    copy("copy-without-key", "s1", "c1", **presigned)
    copy("copy-without-url", "s1", "c1", KmsKeyId=KEY)
    copy("copy-with-no-key-of-ours", "s1", "c1", KmsKeyId="no-such-key", **presigned)
    copy("copy", "s1", "c1", **complete, Tags=tagged(slot="x"))
    d.settle(AWAY)
    copy("copy-again", "s1", "c1", **complete)
    copy("copy-nothing", "none", "c2", **complete)
    copy("copy-with-its-tags", "s1", "c3", **complete, CopyTags=True)
    copy("copy-with-other-tags", "s1", "c4", **complete, CopyTags=True, Tags=tagged(a="b"))
    copy("copy-unencrypted", "p1", "c5", api="rds")
    d.settle(AWAY)
    copy("encrypt-a-cluster-snapshot", "p1", "c6", api="rds", KmsKeyId=KEY)
    copy_of_instance("copy-instance-snapshot", "k1", Tags=tagged(slot="x"))
    copy_of_instance("encrypt-an-instance-snapshot", "k2", KmsKeyId=KEY)
    d.settle(AWAY)
    copy_of_instance("copy-instance-snapshot-again", "k1")
    d.undo("delete_db_cluster_snapshot", region=AWAY, DBClusterSnapshotIdentifier="c6")
    manual = {"region": AWAY, "SnapshotType": "manual"}
    d.step("list-copies", "describe_db_cluster_snapshots", **manual)
    d.step("list-instance-copies", "describe_db_snapshots", **manual)
    d.step("quotas", "describe_account_attributes", region=AWAY)


def restores(d) -> None:
    def restore(step: str, source: str, target: str, engine: str = "docdb", **more) -> None:
        ids = {"SnapshotIdentifier": source, CLUSTER: target, "Engine": engine}
        d.step(step, "restore_db_cluster_from_snapshot", api="rds", **ids, **more)

    def restore_instance(step: str, source: str, target: str, **more) -> None:
        ids = {SNAPSHOT: source, INSTANCE: target, "DBInstanceClass": "db.t4g.medium"}
        d.step(step, "restore_db_instance_from_db_snapshot", **ids, **more)

    scratch = {"DeletionProtection": False, "Tags": tagged(scratch="prod")}
    restore("restore", "s1", "scratch", **scratch)
    restore_instance("restore-instance", "l1", "scratch-l", **scratch, PubliclyAccessible=False)
    d.settle()
    restore("restore-over-a-cluster", "s1", "shepherd")
    restore("restore-nothing", "none", "x")
    restore("restore-into-another-engine", "s1", "x", engine="aurora-mysql")
    restore_instance("restore-over-an-instance", "l1", "ledger")
    restore_instance("restore-instance-of-nothing", "none", "x")
    d.step("find-restored", "describe_db_clusters", DBClusterIdentifier="scratch")
    added = member("scratch-1", "scratch")
    d.step("add-instance-to-restored", "create_db_instance", api="docdb", **added)
    d.settle()
    d.step("list-restored-instances", "describe_db_instances")
    password = {"MasterUserPassword": "another-one-for-tests", "ApplyImmediately": True}
    modify = "modify_db_cluster"
    d.step("reset-password", modify, api="docdb", DBClusterIdentifier="scratch", **password)
    d.step("modify-no-cluster", modify, api="docdb", DBClusterIdentifier="none", **password)
    d.settle()


def deletes(d) -> None:
    skip = {"SkipFinalSnapshot": True}

    def delete(step: str, name: str, **more) -> None:
        d.step(step, "delete_db_cluster", api="docdb", DBClusterIdentifier=name, **more)

    def delete_instance(step: str, name: str, **more) -> None:
        d.step(step, "delete_db_instance", DBInstanceIdentifier=name, **more)

    def drop(step: str, name: str) -> None:
        operation = "delete_db_cluster_snapshot"
        d.step(step, operation, api="docdb", DBClusterSnapshotIdentifier=name)

    def drop_of_instance(step: str, name: str) -> None:
        d.step(step, "delete_db_snapshot", DBSnapshotIdentifier=name)

    delete("delete-protected-cluster", "shepherd", **skip)
    delete("delete-cluster-with-member", "scratch", **skip)
    delete_instance("delete-instance", "scratch-l", **skip)
    delete_instance("delete-member", "scratch-1")
    d.settle()
    delete("delete-cluster", "scratch", **skip)
    d.settle()
    delete("delete-cluster-again", "scratch", **skip)
    delete_instance("delete-no-instance", "none", **skip)
    drop("delete-snapshot", "s1")
    drop("delete-snapshot-again", "s1")
    drop_of_instance("delete-instance-snapshot", "l1")
    drop_of_instance("delete-instance-snapshot-again", "l1")
    d.step("what-is-left", "describe_db_clusters")
    listed = "describe_db_cluster_snapshots"
    d.step("copies-outlive-their-source", listed, region=AWAY, SnapshotType="manual")
    delete("delete-without-a-word-on-the-last-snapshot", "plain")
    delete_instance("delete-instance-without-such-a-word", "ledger")
