"""Counts what is in the account, through another SDK than the one that made it. Prints JSON.

Only facts that AWS itself would state, and snapkeep's tags as text: nothing here shares code with
snapkeep, so that a mistake in it can't hide itself.
"""

import argparse
import json

import account

OWNER, SLOT, SOURCE_COPY = "snapkeep:owner", "snapkeep:slot", "snapkeep:copy-of"
SCRATCH_PREFIX = "snapkeep-scratch-"


def main() -> None:
    options = parse()
    regions = {name: region(name, options.endpoint_url) for name in account.REGIONS}
    counted = {"regions": regions}
    if options.bucket:
        counted["objects"] = objects(options.bucket, options.endpoint_url)
    if options.queue_url:
        counted["messages"] = messages(options.queue_url, options.endpoint_url)
    print(json.dumps(counted, indent=2, default=str))


def parse() -> argparse.Namespace:
    parser = account.arguments(__doc__.split("\n", 1)[0])
    parser.add_argument("--bucket", help="list the objects of this bucket")
    parser.add_argument("--queue-url", help="take all messages out of this queue")
    return parser.parse_args()


def region(name: str, endpoint_url: str) -> dict:
    """What stands in one region."""
    rds = account.client("rds", name, endpoint_url)
    clusters = pages(rds, "describe_db_clusters", "DBClusters")
    instances = pages(rds, "describe_db_instances", "DBInstances")
    of_clusters = pages(rds, "describe_db_cluster_snapshots", "DBClusterSnapshots")
    of_instances = pages(rds, "describe_db_snapshots", "DBSnapshots")
    names = [c["DBClusterIdentifier"] for c in clusters]
    names += [i["DBInstanceIdentifier"] for i in instances]
    snapshots = [snapshot(s, "DBClusterSnapshot", "DBCluster") for s in of_clusters]
    snapshots += [snapshot(s, "DBSnapshot", "DBInstance") for s in of_instances]
    return {
        "databases": sorted(n for n in names if not n.startswith(SCRATCH_PREFIX)),
        "scratch": sorted(n for n in names if n.startswith(SCRATCH_PREFIX)),
        "endpoints": {i["DBInstanceIdentifier"]: endpoint(i) for i in instances},
        "automated_snapshots": sum(s["type"] == "automated" for s in snapshots),
        "snapshots": [s for s in snapshots if s["type"] == "manual"],
    }


def endpoint(instance: dict) -> str:
    """Where clients find an instance; empty while there is nothing to find."""
    found = instance.get("Endpoint")
    return f"{found['Address']}:{found['Port']}" if found else ""


def pages(rds, operation: str, key: str) -> list[dict]:
    """Every page of a list."""
    return [item for page in rds.get_paginator(operation).paginate() for item in page[key]]


def snapshot(described: dict, kind: str, database: str) -> dict:
    """One snapshot as a line."""
    tags = {tag["Key"]: tag["Value"] for tag in described.get("TagList", [])}
    return {
        "id": described[f"{kind}Identifier"],
        "arn": described[f"{kind}Arn"],
        "database": described[f"{database}Identifier"],
        "engine": described["Engine"],
        "type": described["SnapshotType"],
        "status": described["Status"],
        "encrypted": described.get("StorageEncrypted", described.get("Encrypted", False)),
        "kms_key": described.get("KmsKeyId"),
        "copied_from": copied_from(described, kind),
        "owner": tags.get(OWNER),
        "slot": tags.get(SLOT),
        "copy_of": tags.get(SOURCE_COPY),
        "tags": tags,
    }


def copied_from(described: dict, kind: str) -> str | None:
    """Cluster snapshots name their source in one field, instance snapshots in another."""
    return described.get(f"Source{kind}Arn") or described.get(f"Source{kind}Identifier")


def objects(bucket: str, endpoint_url: str) -> list[str]:
    """The keys of a bucket."""
    s3 = account.client("s3", account.HOME_REGION, endpoint_url)
    listed = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [item["Key"] for page in listed for item in page.get("Contents", [])]


def messages(queue_url: str, endpoint_url: str) -> list[dict]:
    """The messages of a queue, each taken out of it: SNS's envelope, with what it carries."""
    sqs = account.client("sqs", account.HOME_REGION, endpoint_url)
    taken = []
    while True:
        batch = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", [])
        if not batch:
            return taken
        for message in batch:
            envelope = json.loads(message["Body"])
            taken.append({"Subject": envelope["Subject"], "Message": envelope["Message"]})
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


if __name__ == "__main__":
    main()
