"""CloudWatch Logs: log groups."""

import tagging
from checks import matches, one_of
from entry import Resource, Values

# The retentions that CloudWatch Logs knows; 0 keeps for ever.
RETENTION_DAYS = (
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)


def read_group(account, values: Values) -> Values | None:
    client = account.client("logs", values)
    groups = client.describe_log_groups(logGroupNamePrefix=values["name"])["logGroups"]
    for found in groups:
        if found["logGroupName"] == values["name"]:
            arn = found["arn"].removesuffix(":*")
            return {**found, "arn": arn, "retentionInDays": found.get("retentionInDays", 0)}
    return None


def keep(account, values: Values, prior: Values | None) -> None:
    client, days = account.client("logs", values), values.get("retention_in_days")
    if days:
        client.put_retention_policy(logGroupName=values["name"], retentionInDays=days)
    elif prior and prior.get("retention_in_days"):
        client.delete_retention_policy(logGroupName=values["name"])


def set_key(account, values: Values, prior: Values) -> None:
    client, key = account.client("logs", values), values.get("kms_key_id")
    if key == prior.get("kms_key_id"):
        return
    if key:
        client.associate_kms_key(logGroupName=values["name"], kmsKeyId=key)
    else:
        client.disassociate_kms_key(logGroupName=values["name"])


RESOURCES = {
    "aws_cloudwatch_log_group": Resource(
        service="logs",
        create="create_log_group",
        read=read_group,
        update=(set_key,),
        delete="delete_log_group",
        id="{name}",
        names={"name": "logGroupName"},
        settle=(keep,),
        filled="name name_prefix log_group_class deletion_protection_enabled",
        generated="name",
        replaced_by="name name_prefix log_group_class",
        defaults={"retention_in_days": 0, "skip_destroy": False},
        checks={
            "retention_in_days": one_of(*RETENTION_DAYS),
            "name": matches(r"[\w./#-]{1,512}", "name of a log group"),
        },
        tags=tagging.LOGS,
    ),
}
