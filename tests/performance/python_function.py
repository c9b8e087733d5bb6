"""The runbook's own verification function (a client made in the handler, or one for all calls), as far
as it asks and tells: the newest snapshot, and a word to the topic. Run as its own Lambda runtime.

Usage: python_function.py handler|global
"""

import json
import os
import sys
import urllib.request

import boto3

API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"


def clients() -> tuple:
    return boto3.client("rds"), boto3.client("sns")


def verify(rds, sns) -> dict:
    """The newest recovery point, told to the topic: the runbook's function less its restore."""
    pages = rds.get_paginator("describe_db_snapshots").paginate(SnapshotType="manual")
    snapshots = [snapshot for page in pages for snapshot in page["DBSnapshots"]]
    newest = max(snapshots, key=lambda snapshot: snapshot["SnapshotCreateTime"])
    message = f"Backup verification completed for {newest['DBSnapshotIdentifier']}"
    sns.publish(
        TopicArn=os.environ["SNS_TOPIC_ARN"], Subject="Backup Verification Success", Message=message
    )
    return {"statusCode": 200, "body": json.dumps(message)}


def main(made: str) -> None:
    kept = clients() if made == "global" else None
    while True:
        with urllib.request.urlopen(f"{API}/next") as event:
            request_id = event.headers["Lambda-Runtime-Aws-Request-Id"]
            event.read()
        answer = json.dumps(verify(*(kept or clients()))).encode()
        urllib.request.urlopen(f"{API}/{request_id}/response", data=answer).read()


if __name__ == "__main__":
    main(sys.argv[1])
