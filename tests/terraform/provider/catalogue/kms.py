"""KMS: keys, their policies and aliases."""

import json

import tagging
from checks import between, matches
from entry import Resource, Values
from policies import policy

DEFAULT = "default"


def read_key(account, values: Values) -> Values | None:
    client, name = account.client("kms", values), {"KeyId": values["key_id"]}
    key = client.describe_key(**name)["KeyMetadata"]
    if key["KeyState"] == "PendingDeletion":
        return None
    rotates = client.get_key_rotation_status(**name).get("KeyRotationEnabled", False)
    text = client.get_key_policy(**name, PolicyName=DEFAULT)["Policy"]
    return {**key, "IsEnabled": key["Enabled"], "EnableKeyRotation": rotates, "Policy": text}


def update_key(account, values: Values, prior: Values) -> None:
    client, name = account.client("kms", values), {"KeyId": values["key_id"]}
    if values.get("policy") != prior.get("policy"):
        client.put_key_policy(**name, PolicyName=DEFAULT, Policy=values["policy"])
    if values.get("description") != prior.get("description"):
        client.update_key_description(**name, Description=values["description"])


def rotate_and_enable(account, values: Values, prior: Values | None) -> None:
    client, name = account.client("kms", values), {"KeyId": values["key_id"]}
    before = prior or {"enable_key_rotation": False, "is_enabled": True}
    if values["enable_key_rotation"] != before["enable_key_rotation"]:
        wanted = values["enable_key_rotation"]
        rotate = client.enable_key_rotation if wanted else client.disable_key_rotation
        rotate(**name)
    if values["is_enabled"] != before["is_enabled"]:
        enable = client.enable_key if values["is_enabled"] else client.disable_key
        enable(**name)


def read_alias(account, values: Values) -> Values | None:
    pages = account.client("kms", values).get_paginator("list_aliases").paginate()
    for found in (alias for page in pages for alias in page["Aliases"]):
        if found["AliasName"] != values["name"]:
            continue
        key = found.get("TargetKeyId", "")
        arn = found["AliasArn"].split(":alias/")[0] + f":key/{key}"
        # The configuration may name the key by its ARN.
        by_arn = str(values.get("target_key_id", "")).startswith("arn:")
        return {**found, "TargetKeyId": arn if by_arn else key, "TargetKeyArn": arn}
    return None


def put_policy(account, values: Values, prior: Values | None = None) -> None:
    account.client("kms", values).put_key_policy(
        KeyId=values["key_id"], PolicyName=DEFAULT, Policy=values["policy"]
    )


def read_policy(account, values: Values) -> Values | None:
    client, name = account.client("kms", values), {"KeyId": values["key_id"]}
    if client.describe_key(**name)["KeyMetadata"]["KeyState"] == "PendingDeletion":
        return None
    return {"policy": client.get_key_policy(**name, PolicyName=DEFAULT)["Policy"]}


def restore_policy(account, values: Values) -> None:
    """A key always has a policy: what is left is the one that KMS gives without being asked."""
    root = f"arn:aws:iam::{account.identity['Account']}:root"
    statement = {
        "Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": root},
        "Action": "kms:*", "Resource": "*",
    }
    whole = {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}
    put_policy(account, {**values, "policy": json.dumps(whole)})


RESOURCES = {
    "aws_kms_key": Resource(
        service="kms",
        create="create_key",
        created="KeyMetadata",
        read=read_key,
        update=(update_key,),
        delete="schedule_key_deletion",
        id="{key_id}",
        names={
            "customer_master_key_spec": "KeySpec",
            "deletion_window_in_days": "PendingWindowInDays",
        },
        settle=(rotate_and_enable,),
        filled="description policy multi_region rotation_period_in_days",
        replaced_by="key_usage customer_master_key_spec multi_region custom_key_store_id "
        "xks_key_id",
        defaults={
            "key_usage": "ENCRYPT_DECRYPT",
            "customer_master_key_spec": "SYMMETRIC_DEFAULT",
            "is_enabled": True,
            "enable_key_rotation": False,
            "bypass_policy_lockout_safety_check": False,
        },
        checks={
            "deletion_window_in_days": between(7, 30),
            "rotation_period_in_days": between(90, 2560),
            "policy": policy("resource"),
        },
        tags=tagging.KMS,
    ),
    "aws_kms_alias": Resource(
        service="kms",
        create="create_alias",
        read=read_alias,
        update=("update_alias",),
        delete="delete_alias",
        id="{name}",
        names={"name": "AliasName", "arn": "AliasArn"},
        filled="name name_prefix",
        generated="name",
        replaced_by="name name_prefix",
        checks={"name": matches(r"alias/(?!aws/)[\w/-]{1,250}", "name of an alias: alias/...")},
    ),
    "aws_kms_key_policy": Resource(
        service="kms",
        create=put_policy,
        read=read_policy,
        delete=restore_policy,
        id="{key_id}",
        replaced_by="key_id",
        defaults={"bypass_policy_lockout_safety_check": False},
        checks={"policy": policy("resource")},
    ),
}
