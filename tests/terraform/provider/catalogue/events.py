"""EventBridge: rules and their targets."""

import tagging
from checks import arn, between, both, json_document, matches, rule_schedule, shorter
from entry import Refused, Resource, Values


def rule_arguments(account, operation: str, values: Values) -> dict:
    # Of a rule that exists, PutRule ignores the tags.
    return {"Tags": None} if operation == "put_rule" and values.get("arn") else {}


def read_target(account, values: Values) -> Values | None:
    client = account.client("events", values)
    bus = values.get("event_bus_name") or "default"
    targets = client.list_targets_by_rule(Rule=values["rule"], EventBusName=bus)["Targets"]
    return next((each for each in targets if each["Id"] == values["target_id"]), None)


def put_target(account, values: Values, prior: Values | None = None) -> None:
    """PutTargets answers with what failed; that is no error of its own."""
    answer = account.call(RESOURCES["aws_cloudwatch_event_target"], "put_targets", values)
    for failed in answer.get("FailedEntries", []):
        raise Refused(f"target {values['target_id']}: {failed.get('ErrorMessage')}")


def target_arguments(account, operation: str, values: Values) -> dict:
    return {"Ids": [values["target_id"]]} if operation == "remove_targets" else {}


RESOURCES = {
    "aws_cloudwatch_event_rule": Resource(
        service="events",
        create="put_rule",
        read="describe_rule",
        delete="delete_rule",
        id="{name}",
        arguments=rule_arguments,
        filled="name name_prefix",
        generated="name",
        replaced_by="name name_prefix event_bus_name",
        defaults={"event_bus_name": "default", "state": "ENABLED", "force_destroy": False},
        checks={
            "name": matches(r"[\w.-]{1,64}", "name of a rule: 1 to 64 letters, digits and _.-"),
            "event_pattern": both(json_document, shorter(4096)),
            "schedule_expression": rule_schedule,
        },
        tags=tagging.by_arn("ResourceARN"),
    ),
    "aws_cloudwatch_event_target": Resource(
        service="events",
        create=put_target,
        read=read_target,
        delete="remove_targets",
        id="{rule}-{target_id}",
        names={"target_id": "Id", "input_transformer.input_paths": "InputPathsMap"},
        spread=("Targets",),
        arguments=target_arguments,
        filled="target_id",
        generated="target_id",
        replaced_by="rule target_id event_bus_name",
        defaults={"event_bus_name": "default", "force_destroy": False},
        checks={
            "arn": arn,
            "role_arn": arn,
            "input": json_document,
            "retry_policy.maximum_event_age_in_seconds": between(60, 86400),
            "retry_policy.maximum_retry_attempts": between(0, 185),
        },
    ),
}
