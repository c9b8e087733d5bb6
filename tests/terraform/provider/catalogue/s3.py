"""S3: buckets, what is set on them, and objects."""

import base64
import pathlib
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ClientError

import tagging
from checks import between, bucket_name, matches, one_of
from entry import Resource, Values
from policies import policy

POLICY_MOST = 20480
STORAGE_CLASSES = one_of(
    "DEEP_ARCHIVE", "GLACIER", "GLACIER_IR", "INTELLIGENT_TIERING", "ONEZONE_IA", "STANDARD_IA"
)


def create_bucket_arguments(account, operation: str, values: Values) -> dict:
    if operation != "create_bucket":
        return {}
    region = account.region_of(values)
    # us-east-1 is the one region that can't be named here.
    place = None if region == "us-east-1" else {"LocationConstraint": region}
    locked = bool(values.get("object_lock_enabled"))
    return {"CreateBucketConfiguration": place, "ObjectLockEnabledForBucket": locked}


def read_bucket(account, values: Values) -> Values:
    client, bucket = account.client("s3", values), values["bucket"]
    client.head_bucket(Bucket=bucket)
    region = account.region_of(values)
    return {
        "arn": f"arn:aws:s3:::{bucket}",
        "bucket_domain_name": f"{bucket}.s3.amazonaws.com",
        "bucket_regional_domain_name": f"{bucket}.s3.{region}.amazonaws.com",
        "bucket_region": region,
        "object_lock_enabled": is_locked(client, bucket),
        # The one of us-east-1: nothing here serves a website.
        "hosted_zone_id": "Z3AQBSTGFYJSTF",
    }


def is_locked(client, bucket: str) -> bool:
    try:
        answer = client.get_object_lock_configuration(Bucket=bucket)
    except ClientError:
        return False
    return answer["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled"


def tag_bucket(account, values: Values, prior: Values | None) -> None:
    """A bucket is born without tags."""
    if prior is None and values.get("tags_all"):
        tagging.S3_BUCKET.write(account.client("s3", values), values, {}, values["tags_all"])


def delete_bucket(account, values: Values) -> None:
    if values.get("force_destroy"):
        delete_versions(account, values)
    account.client("s3", values).delete_bucket(Bucket=values["bucket"])


def delete_versions(account, values: Values, key: str | None = None) -> None:
    """Every version of one object, or of all of them."""
    client, bucket = account.client("s3", values), {"Bucket": values["bucket"]}
    bypass = {"BypassGovernanceRetention": True} if values.get("force_destroy") else {}
    prefix = {"Prefix": key} if key else {}
    for page in client.get_paginator("list_object_versions").paginate(**bucket, **prefix):
        for each in page.get("Versions", []) + page.get("DeleteMarkers", []):
            if key in (None, each["Key"]):
                version = {"Key": each["Key"], "VersionId": each["VersionId"]}
                client.delete_object(**bucket, **version, **bypass)


def suspend_versioning(account, values: Values) -> None:
    """Versioning can't be taken away, and with an object lock not even suspended."""
    client, bucket = account.client("s3", values), values["bucket"]
    enabled = values["versioning_configuration"][0]["status"] == "Enabled"
    if enabled and not is_locked(client, bucket):
        client.put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
        )


def unlock(account, values: Values) -> None:
    """The lock itself stays for good; what goes is the retention that new objects get."""
    account.client("s3", values).put_object_lock_configuration(
        Bucket=values["bucket"], ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )


def object_arguments(account, operation: str, values: Values) -> dict:
    if operation != "put_object":
        return {}
    tags = urlencode(values.get("tags_all") or {})
    return {"Body": body(values), "Tagging": tags or None}


def body(values: Values) -> bytes:
    if values.get("content_base64"):
        return base64.b64decode(values["content_base64"])
    if values.get("source"):
        return pathlib.Path(values["source"]).read_bytes()
    return (values.get("content") or "").encode()


def read_object(account, values: Values) -> Values:
    client = account.client("s3", values)
    head = client.head_object(Bucket=values["bucket"], Key=values["key"])
    kept = ("ContentType", "ServerSideEncryption", "BucketKeyEnabled", "SSEKMSKeyId", "Metadata")
    return {
        **{name: head[name] for name in kept if head.get(name)},
        "etag": head["ETag"].strip('"'),
        "version_id": head.get("VersionId", ""),
        "storage_class": head.get("StorageClass", "STANDARD"),
        "arn": f"arn:aws:s3:::{values['bucket']}/{values['key']}",
    }


def setting(**more: Any) -> Resource:
    """Something that is set on a bucket, and has no name of its own."""
    return Resource(
        service="s3", id="{bucket}", replaced_by="bucket expected_bucket_owner", **more
    )


RESOURCES = {
    "aws_s3_bucket": Resource(
        service="s3",
        create="create_bucket",
        read=read_bucket,
        update=(),
        delete=delete_bucket,
        id="{bucket}",
        arguments=create_bucket_arguments,
        settle=(tag_bucket,),
        filled="bucket bucket_prefix bucket_namespace object_lock_enabled acceleration_status acl "
        "policy request_payer",
        generated="bucket",
        replaced_by="bucket bucket_prefix object_lock_enabled",
        defaults={"force_destroy": False},
        checks={"bucket": bucket_name, "bucket_prefix": matches(r"[a-z0-9.-]{0,37}", "prefix")},
        unsupported="acceleration_status acl policy request_payer cors_rule grant lifecycle_rule "
        "logging object_lock_configuration replication_configuration "
        "server_side_encryption_configuration versioning website",
        tags=tagging.S3_BUCKET,
    ),
    "aws_s3_bucket_versioning": setting(
        create="put_bucket_versioning",
        read="get_bucket_versioning",
        wrapped="VersioningConfiguration",
        delete=suspend_versioning,
    ),
    "aws_s3_bucket_policy": setting(
        create="put_bucket_policy",
        read="get_bucket_policy",
        delete="delete_bucket_policy",
        checks={"policy": policy("resource", POLICY_MOST)},
    ),
    "aws_s3_bucket_public_access_block": setting(
        create="put_public_access_block",
        read="get_public_access_block",
        found="PublicAccessBlockConfiguration",
        delete="delete_public_access_block",
        spread=("PublicAccessBlockConfiguration",),
        defaults=dict.fromkeys(
            ("block_public_acls", "block_public_policy", "ignore_public_acls",
             "restrict_public_buckets"),
            False,
        ),
    ),
    "aws_s3_bucket_server_side_encryption_configuration": setting(
        create="put_bucket_encryption",
        read="get_bucket_encryption",
        found="ServerSideEncryptionConfiguration",
        delete="delete_bucket_encryption",
        spread=("ServerSideEncryptionConfiguration",),
        names={
            "rule": "Rules",
            "rule.apply_server_side_encryption_by_default.kms_master_key_id": "KMSMasterKeyID",
        },
        checks={
            "rule.apply_server_side_encryption_by_default.sse_algorithm": one_of(
                "AES256", "aws:kms", "aws:kms:dsse"
            ),
        },
    ),
    "aws_s3_bucket_object_lock_configuration": setting(
        create="put_object_lock_configuration",
        read="get_object_lock_configuration",
        found="ObjectLockConfiguration",
        delete=unlock,
        spread=("ObjectLockConfiguration",),
        defaults={"object_lock_enabled": "Enabled"},
        checks={
            "rule.default_retention.mode": one_of("COMPLIANCE", "GOVERNANCE"),
            "rule.default_retention.days": between(1, 36500),
            "rule.default_retention.years": between(1, 100),
        },
    ),
    "aws_s3_bucket_lifecycle_configuration": setting(
        create="put_bucket_lifecycle_configuration",
        read="get_bucket_lifecycle_configuration",
        delete="delete_bucket_lifecycle",
        spread=("LifecycleConfiguration",),
        names={
            "rule": "Rules",
            "rule.transition": "Transitions",
            "rule.noncurrent_version_transition": "NoncurrentVersionTransitions",
        },
        keep_empty=("rule.filter",),
        filled="transition_default_minimum_object_size",
        defaults={"transition_default_minimum_object_size": "all_storage_classes_128K"},
        checks={
            "rule.id": matches(r"(?s).{1,255}", "id of a rule"),
            "rule.status": one_of("Enabled", "Disabled"),
            "rule.transition.storage_class": STORAGE_CLASSES,
            "rule.noncurrent_version_transition.storage_class": STORAGE_CLASSES,
        },
    ),
    "aws_s3_bucket_ownership_controls": setting(
        create="put_bucket_ownership_controls",
        read="get_bucket_ownership_controls",
        found="OwnershipControls",
        delete="delete_bucket_ownership_controls",
        spread=("OwnershipControls",),
        names={"rule": "Rules"},
    ),
    "aws_s3_object": Resource(
        service="s3",
        create="put_object",
        read=read_object,
        delete=lambda account, values: delete_versions(account, values, values["key"]),
        id="{bucket}/{key}",
        names={"kms_key_id": "SSEKMSKeyId"},
        arguments=object_arguments,
        filled="acl content_type etag kms_key_id server_side_encryption storage_class "
        "bucket_key_enabled checksum_algorithm",
        replaced_by="bucket key",
        defaults={"force_destroy": False},
        volatile="etag version_id",
        tags=tagging.S3_OBJECT,
    ),
}
