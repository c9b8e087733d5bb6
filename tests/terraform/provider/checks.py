"""What the real provider, or AWS, refuses and botocore's models don't say.

A check takes a value and returns the complaint, or None. Values that aren't known yet aren't
checked; they are once they are known.
"""

import json
import re
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], str | None]


def between(least: int, most: int) -> Check:
    def check(value: Any) -> str | None:
        return None if least <= value <= most else f"{value} is not in {least}..{most}"

    return check


def one_of(*allowed: Any) -> Check:
    def check(value: Any) -> str | None:
        names = ", ".join(map(str, allowed))
        return None if value in allowed else f"{value!r} is none of {names}"

    return check


def matches(pattern: str, what: str) -> Check:
    def check(value: Any) -> str | None:
        return None if re.fullmatch(pattern, value) else f"{value!r} is no {what}"

    return check


def shorter(most: int) -> Check:
    def check(value: Any) -> str | None:
        return None if len(value) <= most else f"{value!r} is longer than {most} characters"

    return check


def both(*checks: Check) -> Check:
    def check(value: Any) -> str | None:
        return next((complaint for each in checks if (complaint := each(value))), None)

    return check


def json_document(value: Any) -> str | None:
    try:
        json.loads(value)
    except ValueError as error:
        return f"this is not JSON: {error}"
    return None


arn = matches(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:.+", "ARN")
role_name = matches(r"[\w+=,.@-]{1,64}", "name of a role: 1 to 64 letters, digits and _+=,.@-")
policy_name = matches(r"[\w+=,.@-]{1,128}", "name of a policy: 1 to 128 of the same characters")


def bucket_name(value: str) -> str | None:
    """General purpose buckets' naming rules."""
    wrong = (
        not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value)
        or ".." in value
        or re.fullmatch(r"\d+\.\d+\.\d+\.\d+", value)
        or value.startswith(("xn--", "sthree-", "amzn-s3-demo-"))
        or value.endswith(("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"))
    )
    return f"{value!r} is no name of a bucket" if wrong else None


# What Scheduler and EventBridge accept in the fields of cron(...): names and bounds.
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
DAYS = "SUN MON TUE WED THU FRI SAT".split()
CRON_FIELDS = (
    ("minutes", 0, 59, ()),
    ("hours", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("day of week", 1, 7, DAYS),
    ("year", 1970, 2199, ()),
)


def schedule_expression(value: str) -> str | None:
    """at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(six fields)."""
    if re.fullmatch(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)", value):
        return None
    return rule_schedule(value)


def rule_schedule(value: str) -> str | None:
    """rate(value unit) or cron(six fields): a rule of EventBridge has no at()."""
    if rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", value):
        singular = int(rate[1]) == 1
        if int(rate[1]) > 0 and singular == (rate[3] == ""):
            return None
        return f"{value!r}: one takes the singular, more the plural, and 0 is no rate"
    if cron := re.fullmatch(r"cron\((.*)\)", value):
        return _cron(value, cron[1].split(" "))
    return f"{value!r} is no schedule; write rate(5 minutes) or cron(0 2 * * ? *)"


def _cron(value: str, fields: list[str]) -> str | None:
    if len(fields) != len(CRON_FIELDS):
        return f"{value!r} has {len(fields)} fields, not {len(CRON_FIELDS)}"
    if (fields[2] == "?") == (fields[4] == "?"):
        return f"{value!r}: exactly one of day of month and day of week is ?"
    for field, (name, least, most, names) in zip(fields, CRON_FIELDS):
        if not _is_cron_field(field, name, least, most, names):
            return f"{value!r}: {field!r} is no {name}"
    return None


def _is_cron_field(field: str, name: str, least: int, most: int, names: list | tuple) -> bool:
    of_days = name.startswith("day")
    if field in ("*", "?"):
        return field == "*" or of_days
    if name == "day of month" and re.fullmatch(r"L|LW|L-\d+|([1-9]|[12]\d|3[01])W", field):
        return True
    if name == "day of week" and re.fullmatch(r"([1-7]|[A-Z]{3})?L|([1-7]|[A-Z]{3})#[1-5]", field):
        return True

    def is_value(text: str) -> bool:
        return text.upper() in names or text.isdigit() and least <= int(text) <= most

    for part in field.split(","):
        span, _, step = part.partition("/")
        if "/" in part and not (step.isdigit() and int(step) > 0):
            return False
        if span != "*" and not all(map(is_value, span.split("-", 1))):
            return False
    return True
