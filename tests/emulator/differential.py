"""The calls of scenario.py to any account that speaks RDS, answered one JSON line each.

Run against Moto and against snapkeep's simulated account, the two outputs show where the simulation
and a third party's reading of AWS differ; `compare.py` holds each difference to `differences.json`.

What is random or differs by design is written as a word: times, resource ids, keys. What a step
makes is waited for, so that both are asked about settled things.
"""

import contextlib
import datetime
import json
import sys
import time

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

import account
import scenario
from scenario import CLUSTER, CLUSTER_SNAPSHOT, INSTANCE, SNAPSHOT

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
    scenario.play(differential)
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

    def step(
        self,
        name: str,
        operation: str,
        region: str = account.HOME_REGION,
        api: str = "rds",
        **params,
    ):
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

    def undo(self, operation: str, region: str = account.HOME_REGION, **params) -> None:
        """Takes back what only one of the two may have made; that it did was told by its step."""
        with contextlib.suppress(ClientError):
            getattr(self.client("rds", region), operation)(**params)

    def settle(self, region: str = account.HOME_REGION) -> None:
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
    snapshot = bool({CLUSTER_SNAPSHOT, SNAPSHOT} & thing.keys())
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


if __name__ == "__main__":
    main()
