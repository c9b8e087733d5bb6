"""With --enforce what is encrypted with a KMS key needs that key: MiniStack doesn't ask.

Who publishes to such a topic, sends to such a queue or writes into such a bucket must be allowed to
use its key, by the key's policy and by the own one. Every account member may use the keys that AWS
manages (alias/aws/…), no other service may.
Sources: "Key management" in the developer guides of SNS and SQS; "Using server-side encryption with
KMS keys", S3.
"""

import re
import uuid

from ministack import app as ministack
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import extract_access_key_id
from ministack.services import kms, s3, sns, sqs

TO_SEND = ("kms:GenerateDataKey", "kms:Decrypt")
NEEDED = {
    "sns:Publish": TO_SEND,
    "sqs:SendMessage": TO_SEND,
    "sqs:ReceiveMessage": ("kms:Decrypt",),
    "s3:PutObject": ("kms:GenerateDataKey",),
    "s3:GetObject": ("kms:Decrypt",),
}
CODES = {"sns": "KMSAccessDenied", "sqs": "KMS.AccessDeniedException", "s3": "AccessDenied"}
S3_KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"
BUCKET_KEY = re.compile(r"<KMSMasterKeyID>(.*?)</KMSMasterKeyID>")


def install() -> None:
    for service in CODES:
        handler = ministack.SERVICE_HANDLERS[service]
        ministack.SERVICE_HANDLERS[service] = guarded(service, handler)


def guarded(service: str, handler):
    async def serve(method, path, headers, body, query) -> tuple:
        params = ministack._routing_params(method, path, headers, body, query)
        call = (service, method, path, headers, body, params)
        caller = extract_access_key_id(headers, query)
        if ministack.AUTH and not iam_evaluator.is_root_access_key(caller):
            if refusal := refused(caller, call):
                return refusal
        return await handler(method, path, headers, body, query)

    return serve


def refused(caller: str, call: tuple) -> tuple | None:
    service, headers = call[0], call[3]
    action = iam_actions.extract_iam_action(*call)
    if action not in NEEDED:
        return None
    resource = iam_actions.extract_resource_arn(*call, get_region(), get_account_id())
    key = arn_of(headers.get(S3_KEY_HEADER, "")) or key_of(resource)
    if not key or ":alias/aws/" in key:
        return None
    via = {"kms:ViaService": f"{service}.{get_region()}.amazonaws.com"}
    for needed in NEEDED[action]:
        denied = iam_evaluator.enforce(
            caller, needed, "kms", get_region(), resource_arn=key, service_context=via
        )
        if denied:
            return refusal_of(service, needed, denied, key, headers)
    return None


def refusal_of(service: str, needed: str, denied, key: str, headers: dict) -> tuple:
    explicit = denied.decision == "Deny"
    text = iam_actions.identity_denial_message(needed, denied.principal_arn, key, explicit)
    return iam_actions.access_denied_response(
        service,
        needed,
        denied.principal_arn,
        str(uuid.uuid4()),
        error_code=CODES[service],
        message=text,
        headers=headers,
    )


def key_of(resource: str) -> str:
    """The key's ARN with which a topic, queue or bucket is encrypted; empty if with none."""
    kind = resource.split(":")[2] if resource.startswith("arn:") else ""
    if kind == "sns":
        topic = sns._topic_by_arn_any_scope(resource) or {}
        return arn_of(topic.get("attributes", {}).get("KmsMasterKeyId", ""))
    if kind == "sqs":
        queue = sqs._queue_by_arn(resource) or {}
        return arn_of(queue.get("attributes", {}).get("KmsMasterKeyId", ""))
    if kind == "s3":
        bucket = resource.split(":::")[1].split("/")[0]
        found = BUCKET_KEY.search(s3._bucket_encryption.get(bucket) or "")
        return arn_of(found.group(1)) if found else ""
    return ""


def arn_of(key: str) -> str:
    """Of an id, alias or ARN."""
    if not key:
        return ""
    record = kms._resolve_key(key)
    unknown = key if key.startswith("arn:") else f"arn:aws:kms:::{key}"
    return record["Arn"] if record else unknown
