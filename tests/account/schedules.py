"""EventBridge Scheduler with what MiniStack's lacks: time zones, context attributes, validation.

Schedules are looked at every second. `<aws.scheduler.scheduled-time>` and the other three keywords
are replaced where they stand literally in a target's input, as Scheduler does; one that was written
as \\u003c…\\u003e is not.
Source: EventBridge Scheduler User Guide, "Adding context attributes".
"""

import threading
import time
import uuid
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import eventbridge, scheduler

LOOK_EVERY_S = 1.0
UTC = timezone.utc


def install() -> None:
    eventbridge._SCHEDULER_TICK_INTERVAL = LOOK_EVERY_S
    scheduler._SCHEDULE_TICK_INTERVAL = LOOK_EVERY_S
    clock = Clock()
    scheduler._tick_schedules = clock.tick
    scheduler._create_schedule = validated(scheduler._create_schedule)
    scheduler._update_schedule = validated(scheduler._update_schedule)


def validated(put):
    """Refuses an expression or a time zone that Scheduler refuses; MiniStack takes any text."""

    def put_schedule(name, body):
        try:
            next_time({"CreationDate": time.time(), **body}, datetime.now(UTC))
        except (ValueError, KeyError):  # An unknown time zone is a KeyError.
            text = f"Invalid Schedule Expression {body.get('ScheduleExpression')}."
            return scheduler._error(400, "ValidationException", text)
        return put(name, body)

    return put_schedule


class Clock:
    """Knows up to when each schedule was looked at."""

    def __init__(self) -> None:
        self.looked_at: dict[tuple, datetime] = {}
        self.lock = threading.Lock()

    def tick(self) -> None:
        now = datetime.now(UTC)
        for key, schedule in list(scheduler._schedules._data.items()):
            with self.lock:
                created = moment(schedule["CreationDate"])
                since = max(self.looked_at.get(key, created), created)
                self.looked_at[key] = now
            due = next_time(schedule, since)
            if due is None or due > now or not is_active(schedule, due):
                continue
            fire(key, schedule, due)


def moment(value) -> datetime:
    """A time as the API carries it: seconds since 1970 or ISO 8601."""
    return datetime.fromtimestamp(scheduler._to_epoch(value), UTC)


def is_active(schedule: dict, due: datetime) -> bool:
    start, end = schedule.get("StartDate"), schedule.get("EndDate")
    return (
        schedule.get("State") == "ENABLED"
        and (start is None or moment(start) <= due)
        and (end is None or due <= moment(end))
    )


def next_time(schedule: dict, after: datetime) -> datetime | None:
    """When the schedule is due next after that instant; None if never."""
    expression = schedule["ScheduleExpression"]
    zone = ZoneInfo(schedule.get("ScheduleExpressionTimezone") or "UTC")
    if expression.startswith("at("):
        local = datetime.fromisoformat(expression[3:].rstrip(") "))
        at = local.replace(tzinfo=zone).astimezone(UTC)
        return at if at > after else None
    if interval := eventbridge._parse_rate_seconds(expression):
        created = moment(schedule["CreationDate"])
        passed = (after - created) // timedelta(seconds=interval)
        return created + timedelta(seconds=interval * (passed + 1))
    fields = eventbridge._parse_cron_fields(expression)
    if not fields:
        raise ValueError(f"{expression} is neither at(), rate() nor cron()")
    return next_by_cron(fields, zone, after)


def next_by_cron(fields, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The next local time that the fields name. One that the clocks skip in spring is skipped, one
    that they show twice in autumn counts once."""
    local = after.astimezone(zone).replace(tzinfo=UTC)
    while found := eventbridge._cron_next_fire(fields, local):
        due = found.replace(tzinfo=zone).astimezone(UTC)
        exists = due.astimezone(zone).replace(tzinfo=None) == found.replace(tzinfo=None)
        if exists and due > after:
            return due
        local = found
    return None


def fire(key: tuple, schedule: dict, due: datetime) -> None:
    """Hands the target its input, as of the instant for which it was planned."""
    account, region, name = key
    set_request_account_id(account)
    set_request_region(region)
    target = dict(schedule["Target"])
    if "Input" in target:
        target["Input"] = with_attributes(target["Input"], schedule["Arn"], due)
    event = {
        "EventId": str(uuid.uuid4()),
        "Source": "aws.scheduler",
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "Time": time.time(),
        "Resources": [schedule["Arn"]],
        "Account": account,
        "Region": region,
    }
    eventbridge._invoke_target(target, event, schedule)
    once = schedule["ScheduleExpression"].startswith("at(")
    if once and schedule.get("ActionAfterCompletion") == "DELETE":
        scheduler._schedules._data.pop(key, None)


def with_attributes(text: str, arn: str, due: datetime) -> str:
    attributes = {
        "<aws.scheduler.schedule-arn>": arn,
        "<aws.scheduler.scheduled-time>": due.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "<aws.scheduler.execution-id>": str(uuid.uuid4()),
        "<aws.scheduler.attempt-number>": "1",
    }
    for keyword, value in attributes.items():
        text = text.replace(keyword, value)
    return text
