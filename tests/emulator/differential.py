"""The same calls to any account that speaks RDS, answered one JSON line each.

Run against Moto and against snapkeep's simulated account, the two outputs show where the simulation
and a third party's reading of AWS differ; `compare.py` holds every difference to `differences.json`.

What is random or differs by design is written as a word: times, resource ids, keys. What a step
makes is waited for, so that both are asked about settled things.
"""

import datetime
import json
import sys
import time

import account
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

HOME, AWAY = account.HOME_REGION, account.COPY_REGION
KEY = "alias/aws/rds"
PASSWORD = "only-for-the-emulator"
CLUSTER, INSTANCE = "DBClusterIdentifier", "DBInstanceIdentifier"
CLUSTER_SNAPSHOT, SNAPSHOT = "DBClusterSnapshotIdentifier", "DBSnapshotIdentifier"
SETTLE_SECONDS_MAX = 60

# What snapkeep reads of an answer. The rest may differ: nobody looks at it.
DATABASE_FIELDS = {
    *("DBClusterIdentifier", "DBClusterArn", "DbClusterResourceId", "ClusterCreateTime", "Status"),
    *("DBInstanceIdentifier", "DBInstanceArn", "DbiResourceId", "InstanceCreateTime"),
    *("DBInstanceStatus", "DBClusterMembers", "Engine", "EngineVersion", "StorageEncrypted"),
    *("BackupRetentionPeriod", "DeletionProtection", "PubliclyAccessible", "TagList"),
}
SNAPSHOT_FIELDS = {
    *("DBClusterSnapshotIdentifier", "DBClusterSnapshotArn", "DBClusterIdentifier"),
    *("DbClusterResourceId", "StorageEncrypted", "SourceDBClusterSnapshotArn"),
    *("DBSnapshotIdentifier", "DBSnapshotArn", "DBInstanceIdentifier", "DbiResourceId"),
    *("Encrypted", "SourceDBSnapshotIdentifier", "Engine", "EngineVersion", "Status", "KmsKeyId"),
    *("PercentProgress", "SnapshotCreateTime", "SnapshotType", "AllocatedStorage", "TagList"),
}
QUOTA_FIELDS = {"Used", "Max"}
QUOTAS = ("ManualSnapshots", "ManualClusterSnapshots")
UNSETTLED = {"creating", "copying", "deleting", "modifying", "backing-up", "configuring"}


def main() -> None:
    parser = account.arguments(__doc__.split("\n", 1)[0])
    differential = Differential(parser.parse_args().endpoint_url)
    for part in (databases, snapshots, tags, copies, restores, deletes):
        part(differential)
    print(f"{differential.steps} steps", file=sys.stderr)


class Differential:
    """Makes calls, and prints what came of each."""

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url
        self.clients: dict = {}
        self.steps = 0

    def client(self, service: str, region: str):
        key = service, region
        if key not in self.clients:
            self.clients[key] = account.client(service, region, self.endpoint_url)
        return self.clients[key]

    def step(self, name: str, operation: str, region: str = HOME, api: str = "rds", **params):
        """One call. Its name is what differences.json calls it by."""
        self.steps += 1
        line = {"step": name, "operation": operation}
        try:
            answer = getattr(self.client(api, region), operation)(**params)
            line["answer"] = flat(answer)
        except ClientError as error:
            line["error"] = error.response["Error"]["Code"]
        except ResponseParserError:
            line["error"] = "an answer that is not AWS's"
        print(json.dumps(line, sort_keys=True), flush=True)

    def undo(self, operation: str, region: str = HOME, **params) -> None:
        """Takes back what only one of the two may have made. No step: its outcome is told before."""
        try:
            getattr(self.client("rds", region), operation)(**params)
        except ClientError:
            pass

    def settle(self, region: str = HOME) -> None:
        """Waits until nothing in a region is on its way to something else."""
        rds = self.client("rds", region)
        deadline = time.monotonic() + SETTLE_SECONDS_MAX
        while time.monotonic() < deadline:
            found = [c["Status"] for c in rds.describe_db_clusters()["DBClusters"]]
            found += [i["DBInstanceStatus"] for i in rds.describe_db_instances()["DBInstances"]]
            listed = rds.describe_db_cluster_snapshots(SnapshotType="manual")
            found += [s["Status"] for s in listed["DBClusterSnapshots"]]
            listed = rds.describe_db_snapshots(SnapshotType="manual")
            found += [s["Status"] for s in listed["DBSnapshots"]]
            if not UNSETTLED & set(found):
                return
            time.sleep(0.05)
        sys.exit(f"{region} did not settle within {SETTLE_SECONDS_MAX} s: {sorted(set(found))}")


def flat(answer: dict) -> dict:
    """An answer as path → value, with what differs by nature written as words."""
    found: dict = {}
    for key, value in answer.items():
        if key == "AccountQuotas":
            value = [quota for quota in value if quota["AccountQuotaName"] in QUOTAS]
        if isinstance(value, list):
            found["count"] = len(value)
            flatten_list(value, "", found)
        elif isinstance(value, dict) and key != "ResponseMetadata":
            flatten(value, "", found)
    return found


def flatten(thing: dict, path: str, found: dict) -> None:
    """One database, snapshot or quota."""
    snapshot = CLUSTER_SNAPSHOT in thing or SNAPSHOT in thing
    fields = QUOTA_FIELDS | (SNAPSHOT_FIELDS if snapshot else DATABASE_FIELDS)
    for key in fields & thing.keys():
        if isinstance(thing[key], list):
            flatten_list(thing[key], f"{path}{key}.", found)
        else:
            found[f"{path}{key}"] = worded(key, thing[key])


def flatten_list(items: list, path: str, found: dict) -> None:
    for item in items:
        if "Key" in item:
            found[f"{path}{item['Key']}"] = item["Value"]
        else:
            flatten(item, f"{path}{name_of(item)}.", found)


def name_of(item: dict) -> str:
    """What an item of a list is called."""
    for key in (CLUSTER_SNAPSHOT, SNAPSHOT, INSTANCE, CLUSTER, "AccountQuotaName"):
        if key in item:
            return item[key]
    return "item"


def worded(key: str, value):
    """A value, or a word for what no two accounts have in common."""
    if isinstance(value, datetime.datetime):
        return "<time>"
    if key in ("DbClusterResourceId", "DbiResourceId"):
        return "<resource id>" if value else value
    return "<key>" if key == "KmsKeyId" else value


def tagged(**values: str) -> list[dict[str, str]]:
    return [{"Key": f"snapkeep:{key}", "Value": value} for key, value in values.items()]


def arn(kind: str, name: str, region: str = HOME) -> str:
    return f"arn:aws:rds:{region}:123456789012:{kind}:{name}"


# The scenario. Names of steps are the names in differences.json.


def cluster(name: str, engine: str = "docdb", version: str = "5.0.0", **more) -> dict:
    login = {"MasterUsername": "keeper", "MasterUserPassword": PASSWORD}
    return {CLUSTER: name, "Engine": engine, "EngineVersion": version, **login, **more}


def instance(name: str, **more) -> dict:
    shape = {"Engine": "postgres", "EngineVersion": "15.12", "DBInstanceClass": "db.t4g.medium"}
    login = {"MasterUsername": "keeper", "MasterUserPassword": PASSWORD}
    return {INSTANCE: name, **shape, **login, "AllocatedStorage": 20, **more}


def member(name: str, of: str) -> dict:
    return {INSTANCE: name, CLUSTER: of, "DBInstanceClass": "db.r6g.large", "Engine": "docdb"}


def databases(d: Differential) -> None:
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


def snapshots(d: Differential) -> None:
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


def tags(d: Differential) -> None:
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


def copies(d: Differential) -> None:
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


def restores(d: Differential) -> None:
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


def deletes(d: Differential) -> None:
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


if __name__ == "__main__":
    main()
