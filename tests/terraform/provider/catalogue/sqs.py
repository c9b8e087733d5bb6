"""SQS: queues and their policies."""

import tagging
from catalogue.attributes import as_text, changed, given
from checks import between, json_document, matches
from entry import Resource, Values
from policies import policy

QUEUE = {
    "visibility_timeout_seconds": "VisibilityTimeout",
    "message_retention_seconds": "MessageRetentionPeriod",
    "max_message_size": "MaximumMessageSize",
    "delay_seconds": "DelaySeconds",
    "receive_wait_time_seconds": "ReceiveMessageWaitTimeSeconds",
    "policy": "Policy",
    "redrive_policy": "RedrivePolicy",
    "redrive_allow_policy": "RedriveAllowPolicy",
    "kms_master_key_id": "KmsMasterKeyId",
    "kms_data_key_reuse_period_seconds": "KmsDataKeyReusePeriodSeconds",
    "sqs_managed_sse_enabled": "SqsManagedSseEnabled",
    "content_based_deduplication": "ContentBasedDeduplication",
    "deduplication_scope": "DeduplicationScope",
    "fifo_throughput_limit": "FifoThroughputLimit",
    "fifo_queue": "FifoQueue",
}


def arguments(account, operation: str, values: Values) -> dict:
    if operation == "create_queue":
        # The tags' member is spelt `tags` here, and nowhere else in SQS.
        return {"Attributes": given(QUEUE, values)}
    return {"AttributeNames": ["All"]} if operation == "get_queue_attributes" else {}


def update_queue(account, values: Values, prior: Values) -> None:
    if attributes := changed(QUEUE, values, prior):
        account.client("sqs", values).set_queue_attributes(
            QueueUrl=values["url"], Attributes=attributes
        )


def put_policy(account, values: Values, prior: Values | None = None) -> None:
    account.client("sqs", values).set_queue_attributes(
        QueueUrl=values["queue_url"], Attributes={"Policy": as_text(values["policy"])}
    )


def read_policy(account, values: Values) -> Values | None:
    answer = account.client("sqs", values).get_queue_attributes(
        QueueUrl=values["queue_url"], AttributeNames=["Policy"]
    )
    return answer.get("Attributes") or None


RESOURCES = {
    "aws_sqs_queue": Resource(
        service="sqs",
        create="create_queue",
        read="get_queue_attributes",
        found="Attributes",
        update=(update_queue,),
        delete="delete_queue",
        id="{url}",
        names={"name": "QueueName", "url": "QueueUrl", "arn": "QueueArn", **QUEUE},
        arguments=arguments,
        filled="name name_prefix policy redrive_policy redrive_allow_policy "
        "sqs_managed_sse_enabled kms_data_key_reuse_period_seconds deduplication_scope "
        "fifo_throughput_limit max_message_size",
        generated="name",
        replaced_by="name name_prefix fifo_queue",
        defaults={
            "delay_seconds": 0,
            "message_retention_seconds": 345600,
            "receive_wait_time_seconds": 0,
            "visibility_timeout_seconds": 30,
            "fifo_queue": False,
            "content_based_deduplication": False,
        },
        checks={
            "name": matches(r"[\w-]{1,80}|[\w-]{1,75}\.fifo", "name of a queue"),
            "delay_seconds": between(0, 900),
            "message_retention_seconds": between(60, 1209600),
            "max_message_size": between(1024, 1048576),
            "receive_wait_time_seconds": between(0, 20),
            "visibility_timeout_seconds": between(0, 43200),
            "kms_data_key_reuse_period_seconds": between(60, 86400),
            "policy": policy("resource"),
            "redrive_policy": json_document,
            "redrive_allow_policy": json_document,
        },
        tags=tagging.SQS,
    ),
    "aws_sqs_queue_policy": Resource(
        service="sqs",
        create=put_policy,
        read=read_policy,
        delete=lambda account, values: put_policy(account, {**values, "policy": ""}),
        id="{queue_url}",
        replaced_by="queue_url",
        checks={"policy": policy("resource")},
    ),
}
