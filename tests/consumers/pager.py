"""Opens and closes incidents by CloudWatch alarms, as pagers do that are subscribed to their topic.

Sources: Amazon CloudWatch User Guide, "Notifying users on alarm changes"; PagerDuty, "Amazon CloudWatch
Integration Guide"; Jira Service Management, "Integrate with Amazon CloudWatch": an incident is known by
AlarmName, opened by NewStateValue ALARM and closed by OK.
"""

import datetime
import json

# Source: CloudWatch API reference, `PutMetricAlarm` and `SetAlarmState`.
NAME_CHARS_MAX, DESCRIPTION_CHARS_MAX, REASON_CHARS_MAX = 255, 1024, 1023


class Pager:
    def __init__(self) -> None:
        self.open: dict[str, dict] = {}
        self.closed: list[dict] = []

    def receive(self, subject: str, message: str) -> None:
        alarm = read(message)
        name, state = alarm["AlarmName"], alarm["NewStateValue"]
        if not subject.startswith(f"{state}: "):
            raise ValueError(f"the subject {subject!r} doesn't say {state}")
        if state == "ALARM":
            incident = self.open.setdefault(name, {"since": changed(alarm), "told": 0})
            incident["told"] += 1
            return
        incident = self.open.pop(name)
        self.closed.append({"name": name, "lasted": changed(alarm) - incident["since"], **incident})


def read(message: str) -> dict:
    alarm = json.loads(message)
    for name in ("AlarmName", "AlarmDescription", "Region", "AWSAccountId", "NewStateReason"):
        if not isinstance(alarm[name], str):
            raise ValueError(f"{name} is {alarm[name]!r}")
    for name in ("NewStateValue", "OldStateValue"):
        if alarm[name] not in ("OK", "ALARM", "INSUFFICIENT_DATA"):
            raise ValueError(f"{name} is {alarm[name]!r}")
    lengths = (len(alarm["AlarmName"]), len(alarm["AlarmDescription"]), len(alarm["NewStateReason"]))
    if any(has > may for has, may in zip(lengths, (NAME_CHARS_MAX, DESCRIPTION_CHARS_MAX, REASON_CHARS_MAX))):
        raise ValueError(f"too long: {lengths}")
    return alarm


def changed(alarm: dict) -> datetime.datetime:
    return datetime.datetime.strptime(alarm["StateChangeTime"], "%Y-%m-%dT%H:%M:%S.%f%z")
