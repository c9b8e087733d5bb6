"""A deployment of the module on an emulated account, and what lies around it: what tests of its
permissions call for, and what they must not get.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from deployment import (
    ACCOUNT_ID,
    AWAY,
    HOME,
    VERBS,
    Account,
    Network,
    Root,
    deployment,
    placeholders,
    standard_policy,
)
from judged import ALLOW_ALL

ELSEWHERE = "eu-central-1"


@dataclass(frozen=True)
class Place:
    """What of a deployment and its neighbours calls have to name."""

    name: str
    bucket: str
    topic: str
    other_topic: str
    other_queue: str
    home_key: str
    copies_key: str
    database_key: str
    foreign_key: str
    # What the module says of it, where there is one.
    standby: dict | None

    def key_of(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": key}

    def queue(self, verb: str) -> str:
        return f"https://sqs.{HOME}.amazonaws.com/{ACCOUNT_ID}/{self.name}-{verb}-failed"


def neighbour(verb: str, among: tuple[str, ...] = VERBS) -> str:
    """Another function."""
    return among[(among.index(verb) + 1) % len(among)]


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": f"snapkeep:{key}", "Value": value} for key, value in pairs.items()]


def variables(account: Account, **more) -> dict:
    """A deployment with all that it can have: network, copy, verify, lock, restore tests."""
    network = Network(account)
    verify = {
        "schedule": "cron(0 6 * * ? *)",
        "pick": "latest",
        "instance_class": "db.t4g.medium",
        "deadline": "PT4H",
    }
    standard = {
        "evidence_lock_days": 1,
        "validate_restore_tests": True,
        "network": {"vpc_id": network.vpc_id, "subnet_ids": network.subnet_ids},
        "policies": {"standard": standard_policy(copies=[{"region": AWAY}], verify=verify)},
    }
    return {**standard, **more}


def applied(account: Account, name: str, **more) -> tuple[Root, Place]:
    """The module, applied with a key for the databases, and its place."""
    kms, sns = account.client("kms"), account.client("sns")
    database, foreign = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    settings = variables(account, name=name, database_key_arns=[database], **more)
    root = deployment(name, account.url, **settings)
    root.apply()
    said = root.output()
    return root, Place(
        name=name,
        bucket=said["bucket"],
        topic=said["topic_arn"],
        other_topic=sns.create_topic(Name="another")["TopicArn"],
        other_queue=account.client("sqs").create_queue(QueueName="another")["QueueUrl"],
        home_key=said["kms_key_arn"],
        copies_key=said["copy_key_arns"][AWAY],
        database_key=database,
        foreign_key=foreign,
        standby=said.get("standby"),
    )


def released(account: Account) -> dict[str, str]:
    """The zips in a bucket of the account, as the module takes them."""
    s3, place = account.client("s3"), {"bucket": "releases", "prefix": "snapkeep/1/"}
    where = {"LocationConstraint": HOME}
    s3.create_bucket(Bucket=place["bucket"], CreateBucketConfiguration=where)
    for verb in VERBS:
        package = (placeholders() / f"{verb}.zip").read_bytes()
        s3.put_object(Bucket=place["bucket"], Key=f"{place['prefix']}{verb}.zip", Body=package)
    return place


def furnish(account: Account, place: Place) -> None:
    """Databases, recovery points and objects: the deployment's own, another's, and nobody's."""
    wake(account, False)
    databases(account, place)
    for region in (HOME, AWAY, ELSEWHERE):
        snapshots(account.client("rds", region), place, region)
    keys = ["state/alarms.json", "scratch/1", "surveys/1"]
    keys += [f"evidence/{verb}/1" for verb in VERBS]
    for key in keys:
        account.client("s3").put_object(**place.key_of(key), Body=b"{}")
    for operation in CHANGES:
        account.set(f"fault::{operation}", times=10**6, code="InvalidDBInstanceState")


def wake(account: Account, whether: bool) -> None:
    """Whether events wake functions from now on: there is nothing in the zips."""
    events = account.client("events")
    change = events.enable_rule if whether else events.disable_rule
    for rule in events.list_rules()["Rules"]:
        change(Name=rule["Name"])


# What passes the permissions is refused by the databases then: every call finds the same world.
CHANGES = (
    "AddTagsToResource",
    "RemoveTagsFromResource",
    "CreateDBSnapshot",
    "CreateDBClusterSnapshot",
    "CopyDBSnapshot",
    "CopyDBClusterSnapshot",
    "DeleteDBSnapshot",
    "DeleteDBClusterSnapshot",
    "RestoreDBInstanceFromDBSnapshot",
    "RestoreDBClusterFromSnapshot",
    "RestoreDBInstanceToPointInTime",
    "RestoreDBClusterToPointInTime",
    "CreateDBInstance",
    "ModifyDBInstance",
    "ModifyDBCluster",
    "DeleteDBInstance",
    "DeleteDBCluster",
    "ModifyDBSnapshotAttribute",
    "ModifyDBClusterSnapshotAttribute",
    "StartExportTask",
)


def databases(account: Account, place: Place) -> None:
    """Two to protect, which claim to be scratch by their tag alone, and scratch ones."""
    rds = account.client("rds")
    mine, others = tags(scratch=place.name), tags(scratch="staging")
    for name, marks in {
        "orders": mine,
        "snapkeep-scratch-1": mine,
        "snapkeep-scratch-staging": others,
    }.items():
        make_instance(rds, name, marks)
    for name, marks in {
        "shepherd": mine,
        "snapkeep-scratch-2": mine,
        "snapkeep-scratch-others": others,
    }.items():
        make_cluster(rds, name, marks)


def make_instance(rds, name: str, marks: list) -> None:
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        EngineVersion="15.4",
        AllocatedStorage=20,
        MasterUsername="keeper",
        MasterUserPassword="only-for-tests",
        Tags=marks,
    )


def make_cluster(rds, name: str, marks: list) -> None:
    rds.create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        EngineVersion="15.4",
        MasterUsername="keeper",
        MasterUserPassword="only-for-tests",
        Tags=marks,
    )


def snapshots(rds, place: Place, region: str) -> None:
    """Ours, another deployment's, one that is ours by its tag alone, and one by its name alone."""
    if region != HOME:
        make_instance(rds, "orders", [])
        make_cluster(rds, "shepherd", [])
    own, others = tags(owner=place.name), tags(owner="staging")
    instance = {
        "snapkeep-orders-1": own,
        "snapkeep-staging-1": others,
        "manual": own,
        "snapkeep-untagged": [],
    }
    for name, marks in instance.items():
        rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier=name, Tags=marks)
    cluster = {"snapkeep-shepherd-1": own, "snapkeep-staging-1": others, "manual": own}
    for name, marks in cluster.items():
        rds.create_db_cluster_snapshot(
            DBClusterIdentifier="shepherd", DBClusterSnapshotIdentifier=name, Tags=marks
        )


def stranger(account: Account) -> Callable:
    """Clients of a role of another account, which may do there whatever it likes."""
    other, name = "999999999999", "stranger"
    owner = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{other}:root"},
        "Action": "sts:AssumeRole",
    }
    iam, sts = (account.client_with(service, HOME, other, other) for service in ("iam", "sts"))
    try:
        trust = json.dumps({"Version": "2012-10-17", "Statement": [owner]})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    document = json.dumps({"Version": "2012-10-17", "Statement": [ALLOW_ALL]})
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document)
    session = sts.assume_role(RoleArn=f"arn:aws:iam::{other}:role/{name}", RoleSessionName="test")
    keys = session["Credentials"]
    secrets = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    return lambda service: account.client_with(service, HOME, *secrets)
