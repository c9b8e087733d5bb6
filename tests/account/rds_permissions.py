"""What a call to RDS or DocumentDB needs: actions, resources, condition keys.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon RDS".
DocumentDB has no IAM prefix of its own; it is `rds:` too.
"""

import re
from dataclasses import dataclass

from moto_behind import Moto


@dataclass(frozen=True)
class Check:
    action: str
    resource: str
    region: str


# The parameters that name the resources of an action, with the kind that is in the ARN. The last
# one is what the call makes, if it makes something.
DB, CLUSTER = ("DBInstanceIdentifier", "db"), ("DBClusterIdentifier", "cluster")
SNAPSHOT = ("DBSnapshotIdentifier", "snapshot")
CLUSTER_SNAPSHOT = ("DBClusterSnapshotIdentifier", "cluster-snapshot")
OPTIONS, SUBNETS = ("OptionGroupName", "og"), ("DBSubnetGroupName", "subgrp")
PARAMETERS = ("DBParameterGroupName", "pg")
CLUSTER_PARAMETERS = ("DBClusterParameterGroupName", "cluster-pg")
TARGET_DB, TARGET_CLUSTER = ("TargetDBInstanceIdentifier", "db"), CLUSTER
RESOURCES = {
    "CreateDBSnapshot": (DB, SNAPSHOT),
    "CreateDBClusterSnapshot": (CLUSTER, CLUSTER_SNAPSHOT),
    "CopyDBSnapshot": (
        ("SourceDBSnapshotIdentifier", "snapshot"),
        ("TargetDBSnapshotIdentifier", "snapshot"),
    ),
    "CopyDBClusterSnapshot": (
        ("SourceDBClusterSnapshotIdentifier", "cluster-snapshot"),
        ("TargetDBClusterSnapshotIdentifier", "cluster-snapshot"),
    ),
    "RestoreDBInstanceFromDBSnapshot": (SNAPSHOT, OPTIONS, PARAMETERS, SUBNETS, DB),
    "RestoreDBClusterFromSnapshot": (
        ("SnapshotIdentifier", "cluster-snapshot"),
        OPTIONS,
        CLUSTER_PARAMETERS,
        SUBNETS,
        CLUSTER,
    ),
    "RestoreDBInstanceToPointInTime": (OPTIONS, PARAMETERS, SUBNETS, TARGET_DB),
    "RestoreDBClusterToPointInTime": (OPTIONS, CLUSTER_PARAMETERS, SUBNETS, TARGET_CLUSTER),
    "CreateDBInstance": (CLUSTER, OPTIONS, PARAMETERS, SUBNETS, DB),
    "CreateDBCluster": (OPTIONS, CLUSTER_PARAMETERS, SUBNETS, CLUSTER),
    "ModifyDBInstance": (OPTIONS, PARAMETERS, SUBNETS, DB),
    "ModifyDBCluster": (OPTIONS, CLUSTER_PARAMETERS, CLUSTER),
    "DeleteDBInstance": (("FinalDBSnapshotIdentifier", "snapshot"), DB),
    "DeleteDBCluster": (("FinalDBSnapshotIdentifier", "cluster-snapshot"), CLUSTER),
}
# A restore uses these groups even if it names none: then it needs leave for the default ones.
DEFAULTED = {
    "RestoreDBInstanceFromDBSnapshot": (OPTIONS, PARAMETERS, SUBNETS),
    "RestoreDBClusterFromSnapshot": (OPTIONS, CLUSTER_PARAMETERS, SUBNETS),
}
# Of an action that isn't above: whichever of these it names first.
NAMING = (SNAPSHOT, CLUSTER_SNAPSHOT, DB, CLUSTER, SUBNETS, PARAMETERS, CLUSTER_PARAMETERS, OPTIONS)
# Of a list that isn't narrowed to one: all of a kind.
LISTED = {
    "DescribeDBInstances": "db",
    "DescribeDBClusters": "cluster",
    "DescribeDBSnapshots": "snapshot",
    "DescribeDBClusterSnapshots": "cluster-snapshot",
    "DescribeDBSubnetGroups": "subgrp",
    "DescribeDBParameterGroups": "pg",
    "DescribeDBClusterParameterGroups": "cluster-pg",
}

INSTANCE_MAKERS = (
    "CreateDBInstance",
    "RestoreDBInstanceFromDBSnapshot",
    "RestoreDBInstanceToPointInTime",
)
# Condition keys that are parameters, and the actions that know them.
PARAMETER_KEYS = {
    "rds:PubliclyAccessible": ("PubliclyAccessible", INSTANCE_MAKERS),
    "rds:ManageMasterUserPassword": (
        "ManageMasterUserPassword",
        (*INSTANCE_MAKERS, "CreateDBCluster", "ModifyDBInstance", "ModifyDBCluster"),
    ),
}

TAG = re.compile(r"Tags\.(?:Tag|member)\.(\d+)\.Key")
TAG_KEY = re.compile(r"TagKeys\.(?:member\.)?\d+")


def checks_of(form: dict[str, str], region: str, account: str) -> list[Check]:
    """All that must be allowed for the call to be."""
    action = form.get("Action", "")
    resources = resources_of(form, region, account)
    checks = [Check(f"rds:{action}", resource, region) for resource in resources]
    # What is made with tags is also tagged.
    if request_tags(form) and action != "AddTagsToResource":
        checks.append(Check("rds:AddTagsToResource", resources[-1], region))
    return checks


def resources_of(form: dict[str, str], region: str, account: str) -> list[str]:
    def arn(kind: str, name: str) -> str:
        own = f"arn:aws:rds:{region}:{account}:{kind}:{name.lower()}"
        return name if name.startswith("arn:") else own

    action = form.get("Action", "")
    if "ResourceName" in form:
        return [form["ResourceName"]]
    if action in RESOURCES:
        named = [arn(kind, form[key]) for key, kind in RESOURCES[action] if form.get(key)]
        return named or ["*"]
    for key, kind in NAMING:
        if form.get(key):
            return [arn(kind, form[key])]
    return [arn(LISTED[action], "*")] if action in LISTED else ["*"]


def request_tags(form: dict[str, str]) -> dict[str, str]:
    """The tags that the request sets."""
    found = {}
    for name, key in form.items():
        if TAG.fullmatch(name):
            found[key] = form.get(name.removesuffix("Key") + "Value", "")
    return found


def context_of(form: dict[str, str]) -> dict:
    """The condition keys that the request itself sets, as the evaluator wants them."""
    tags = request_tags(form)
    context: dict = {}
    for key, value in tags.items():
        context[f"aws:RequestTag/{key}"] = context[f"rds:req-tag/{key}"] = value
    if keys := [*tags, *(value for name, value in form.items() if TAG_KEY.fullmatch(name))]:
        context["aws:TagKeys"] = keys
    for key, (parameter, actions) in PARAMETER_KEYS.items():
        if parameter in form and form.get("Action") in actions:
            context[key] = form[parameter].lower()
    return context


def default_groups(moto: Moto, form: dict[str, str], region: str, account: str) -> dict[str, str]:
    """The request with the groups named that a restore uses without being told."""
    wanted = [key for key, _ in DEFAULTED.get(form.get("Action", ""), ()) if not form.get(key)]
    if not wanted:
        return form
    engine, version = engine_of_snapshot(moto, form, region, account)
    names = {
        "DBSubnetGroupName": "default",
        "OptionGroupName": f"default:{engine}-{version.replace('.', '-')}",
    }
    return {**form, **{key: names.get(key, f"default.{engine}{version}") for key in wanted}}


def engine_of_snapshot(moto: Moto, form: dict, region: str, account: str) -> tuple[str, str]:
    """The engine, and its version as groups name it: PostgreSQL's major, two numbers of others."""
    cluster = form["Action"] == "RestoreDBClusterFromSnapshot"
    kind = "DBClusterSnapshot" if cluster else "DBSnapshot"
    name = form.get("SnapshotIdentifier") or form.get("DBSnapshotIdentifier", "")
    describe = {"Action": f"Describe{kind}s", "Version": "2014-10-31", f"{kind}Identifier": name}
    answer = moto.look("rds", region, account, describe)
    engine, version = answer.text("Engine"), answer.text("EngineVersion")
    numbers = 1 if "postgres" in engine else 2
    return engine, ".".join(version.split(".")[:numbers])
