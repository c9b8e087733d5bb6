"""EventBridge Scheduler: schedules and their groups."""

import zoneinfo

import tagging
from checks import arn, between, matches, schedule_expression
from entry import Resource


def time_zone(value: str) -> str | None:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return f"{value!r} is no IANA time zone"
    return None


name = matches(r"[0-9A-Za-z_.-]{1,64}", "name of a schedule: 1 to 64 letters, digits and _.-")

RESOURCES = {
    "aws_scheduler_schedule": Resource(
        service="scheduler",
        create="create_schedule",
        read="get_schedule",
        update=("update_schedule",),
        delete="delete_schedule",
        id="{group_name}/{name}",
        filled="name name_prefix group_name action_after_completion",
        generated="name",
        replaced_by="name name_prefix group_name",
        defaults={
            "group_name": "default",
            "state": "ENABLED",
            "schedule_expression_timezone": "UTC",
            "target.retry_policy.maximum_event_age_in_seconds": 86400,
            "target.retry_policy.maximum_retry_attempts": 185,
        },
        checks={
            "name": name,
            "schedule_expression": schedule_expression,
            "schedule_expression_timezone": time_zone,
            "flexible_time_window.maximum_window_in_minutes": between(1, 1440),
            "target.arn": arn,
            "target.role_arn": arn,
            "target.dead_letter_config.arn": arn,
            "target.retry_policy.maximum_event_age_in_seconds": between(60, 86400),
            "target.retry_policy.maximum_retry_attempts": between(0, 185),
        },
    ),
    "aws_scheduler_schedule_group": Resource(
        service="scheduler",
        create="create_schedule_group",
        read="get_schedule_group",
        update=(),
        delete="delete_schedule_group",
        id="{name}",
        filled="name name_prefix",
        generated="name",
        replaced_by="name name_prefix",
        checks={"name": name},
        tags=tagging.by_arn("ResourceArn"),
    ),
}
