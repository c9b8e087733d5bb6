"""SNS: topics, their policies and subscriptions."""

import json

import tagging
from catalogue.attributes import given, setter
from checks import arn, json_document, matches, one_of, shorter
from entry import Resource, Values
from policies import policy

TOPIC = {
    "display_name": "DisplayName",
    "policy": "Policy",
    "kms_master_key_id": "KmsMasterKeyId",
    "delivery_policy": "DeliveryPolicy",
    "fifo_topic": "FifoTopic",
    "content_based_deduplication": "ContentBasedDeduplication",
    "signature_version": "SignatureVersion",
    "tracing_config": "TracingConfig",
}
SUBSCRIPTION = {
    "filter_policy": "FilterPolicy",
    "filter_policy_scope": "FilterPolicyScope",
    "raw_message_delivery": "RawMessageDelivery",
    "redrive_policy": "RedrivePolicy",
    "delivery_policy": "DeliveryPolicy",
}
OWNER_MAY = (
    "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic",
    "Subscribe", "ListSubscriptionsByTopic", "Publish",
)


def topic_arguments(account, operation: str, values: Values) -> dict:
    return {"Attributes": given(TOPIC, values)} if operation == "create_topic" else {}


def subscription_arguments(account, operation: str, values: Values) -> dict:
    if operation == "subscribe":
        return {"Attributes": given(SUBSCRIPTION, values), "ReturnSubscriptionArn": True}
    return {}


def read_topic(account, values: Values) -> Values:
    client = account.client("sns", values)
    found = client.get_topic_attributes(TopicArn=values["arn"])["Attributes"]
    return {**found, "name": values["arn"].rsplit(":", 1)[1]}


def put_policy(account, values: Values, prior: Values | None = None) -> None:
    account.client("sns", values).set_topic_attributes(
        TopicArn=values["arn"], AttributeName="Policy", AttributeValue=values["policy"]
    )


def restore_policy(account, values: Values) -> None:
    """A topic always has a policy: what is left is the one that it was born with."""
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{name}" for name in OWNER_MAY],
        "Resource": values["arn"],
        "Condition": {"StringEquals": {"AWS:SourceOwner": values["arn"].split(":")[4]}},
    }
    whole = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    put_policy(account, {**values, "policy": json.dumps(whole)})


RESOURCES = {
    "aws_sns_topic": Resource(
        service="sns",
        create="create_topic",
        read=read_topic,
        update=(setter("sns", "set_topic_attributes", "TopicArn", TOPIC),),
        delete="delete_topic",
        id="{arn}",
        names={"arn": "TopicArn"},
        arguments=topic_arguments,
        filled="name name_prefix policy signature_version tracing_config fifo_throughput_scope",
        generated="name",
        replaced_by="name name_prefix fifo_topic",
        defaults={"fifo_topic": False, "content_based_deduplication": False},
        checks={
            "name": matches(r"[\w-]{1,256}|[\w-]{1,251}\.fifo", "name of a topic"),
            "policy": policy("resource"),
            "display_name": shorter(100),
            "delivery_policy": json_document,
        },
        tags=tagging.by_arn("ResourceArn"),
    ),
    "aws_sns_topic_policy": Resource(
        service="sns",
        create=put_policy,
        read="get_topic_attributes",
        found="Attributes",
        delete=restore_policy,
        id="{arn}",
        names={"arn": "TopicArn"},
        replaced_by="arn",
        checks={"arn": arn, "policy": policy("resource")},
    ),
    "aws_sns_topic_subscription": Resource(
        service="sns",
        create="subscribe",
        read="get_subscription_attributes",
        found="Attributes",
        update=(
            setter("sns", "set_subscription_attributes", "SubscriptionArn", SUBSCRIPTION),
        ),
        delete="unsubscribe",
        id="{arn}",
        names={"arn": "SubscriptionArn", "owner_id": "Owner"},
        arguments=subscription_arguments,
        filled="filter_policy_scope",
        replaced_by="topic_arn protocol endpoint",
        defaults={
            "confirmation_timeout_in_minutes": 1,
            "endpoint_auto_confirms": False,
            "raw_message_delivery": False,
        },
        checks={
            "protocol": one_of(
                "application", "email", "email-json", "firehose", "http", "https", "lambda", "sms",
                "sqs",
            ),
            "filter_policy": json_document,
            "redrive_policy": json_document,
            "delivery_policy": json_document,
            "filter_policy_scope": one_of("MessageAttributes", "MessageBody"),
        },
    ),
}
