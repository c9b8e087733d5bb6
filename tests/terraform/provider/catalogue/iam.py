"""IAM: roles and their policies."""

import json

import tagging
from checks import arn, policy_name, role_name, shorter
from entry import Resource, Values
from policies import policy

# AWS's default quotas, in characters.
TRUST_POLICY_MOST = 2048
INLINE_POLICY_MOST = 10240
MANAGED_POLICY_MOST = 6144
# A managed policy keeps five versions.
VERSIONS_MOST = 5


def role_arguments(account, operation: str, values: Values) -> dict:
    if operation == "update_assume_role_policy":
        return {"PolicyDocument": values["assume_role_policy"]}
    return {}


def delete_role(account, values: Values) -> None:
    """What else is attached goes first, if force_detach_policies says so."""
    client, role = account.client("iam", values), {"RoleName": values["name"]}
    if values.get("force_detach_policies"):
        for each in client.list_attached_role_policies(**role)["AttachedPolicies"]:
            client.detach_role_policy(**role, PolicyArn=each["PolicyArn"])
        for name in client.list_role_policies(**role)["PolicyNames"]:
            client.delete_role_policy(**role, PolicyName=name)
    client.delete_role(**role)


def set_boundary(account, values: Values, prior: Values) -> None:
    client, boundary = account.client("iam", values), values.get("permissions_boundary")
    if boundary == prior.get("permissions_boundary"):
        return
    if boundary:
        client.put_role_permissions_boundary(RoleName=values["name"], PermissionsBoundary=boundary)
    else:
        client.delete_role_permissions_boundary(RoleName=values["name"])


def read_policy(account, values: Values) -> Values:
    client = account.client("iam", values)
    found = client.get_policy(PolicyArn=values["arn"])["Policy"]
    version = client.get_policy_version(
        PolicyArn=values["arn"], VersionId=found["DefaultVersionId"]
    )["PolicyVersion"]
    return {**found, "policy": version["Document"]}


def update_policy(account, values: Values, prior: Values) -> None:
    """A new version becomes the default; the oldest goes when there are too many."""
    if values["policy"] == prior["policy"]:
        return
    client, name = account.client("iam", values), {"PolicyArn": values["arn"]}
    if len(old := other_versions(client, values)) == VERSIONS_MOST - 1:
        oldest = min(old, key=lambda each: each["CreateDate"])
        client.delete_policy_version(**name, VersionId=oldest["VersionId"])
    client.create_policy_version(**name, PolicyDocument=values["policy"], SetAsDefault=True)


def delete_policy(account, values: Values) -> None:
    client, name = account.client("iam", values), {"PolicyArn": values["arn"]}
    for version in other_versions(client, values):
        client.delete_policy_version(**name, VersionId=version["VersionId"])
    client.delete_policy(**name)


def other_versions(client, values: Values) -> list[dict]:
    versions = client.list_policy_versions(PolicyArn=values["arn"])["Versions"]
    return [each for each in versions if not each["IsDefaultVersion"]]


def read_attachment(account, values: Values) -> Values | None:
    pages = account.client("iam", values).get_paginator("list_attached_role_policies")
    for page in pages.paginate(RoleName=values["role"]):
        if any(each["PolicyArn"] == values["policy_arn"] for each in page["AttachedPolicies"]):
            return {}
    return None


def boundary_of(value) -> str | None:
    """The boundary's ARN, out of what an answer says as JSON or what is already one."""
    if not value or not value.startswith("{"):
        return value
    return json.loads(value).get("PermissionsBoundaryArn")


RESOURCES = {
    "aws_iam_role": Resource(
        service="iam",
        create="create_role",
        read="get_role",
        found="Role",
        update=("update_role", "update_assume_role_policy", set_boundary),
        delete=delete_role,
        id="{name}",
        created="Role",
        names={
            "name": "RoleName",
            "assume_role_policy": "AssumeRolePolicyDocument",
            "unique_id": "RoleId",
        },
        arguments=role_arguments,
        # AWS answers with an object for the boundary, and takes an ARN.
        computed=lambda account, values: {
            "permissions_boundary": boundary_of(values.get("permissions_boundary"))
        },
        filled="name name_prefix managed_policy_arns",
        generated="name",
        replaced_by="name name_prefix path",
        defaults={"force_detach_policies": False, "max_session_duration": 3600, "path": "/"},
        checks={
            "name": role_name,
            "name_prefix": shorter(38),
            "assume_role_policy": policy("trust", TRUST_POLICY_MOST),
        },
        unsupported="inline_policy managed_policy_arns",
        tags=tagging.IAM_ROLE,
    ),
    "aws_iam_role_policy": Resource(
        service="iam",
        create="put_role_policy",
        read="get_role_policy",
        delete="delete_role_policy",
        id="{role}:{name}",
        names={"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"},
        filled="name name_prefix",
        generated="name",
        replaced_by="name name_prefix role",
        checks={"name": policy_name, "policy": policy("identity", INLINE_POLICY_MOST)},
    ),
    "aws_iam_policy": Resource(
        service="iam",
        create="create_policy",
        created="Policy",
        read=read_policy,
        update=(update_policy,),
        delete=delete_policy,
        id="{arn}",
        names={"name": "PolicyName", "policy": "PolicyDocument"},
        filled="name name_prefix",
        generated="name",
        replaced_by="name name_prefix path description",
        defaults={"path": "/"},
        checks={"name": policy_name, "policy": policy("identity", MANAGED_POLICY_MOST)},
        tags=tagging.IAM_POLICY,
    ),
    "aws_iam_role_policy_attachment": Resource(
        service="iam",
        create="attach_role_policy",
        read=read_attachment,
        update=(),
        delete="detach_role_policy",
        id="{role}/{policy_arn}",
        names={"role": "RoleName"},
        replaced_by="role policy_arn",
        checks={"policy_arn": arn},
    ),
}
