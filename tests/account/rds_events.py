"""Events of RDS on EventBridge, as AWS sends them, in the region where it happened.

Source: RDS User Guide, "Amazon RDS event categories and event messages". An event that something is
finished comes when Moto says that it is: what it makes may take its time there (lifecycle::…).
"""

import json
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import eventbridge

from moto_behind import Answer, Moto

LOOK_EVERY_S = 0.3
UNFINISHED = ("creating", "copying", "pending")


@dataclass(frozen=True)
class Kind:
    detail_type: str
    source_type: str
    identifier: str
    arn: str
    describe: str


SNAPSHOT = Kind(
    "RDS DB Snapshot Event",
    "SNAPSHOT",
    "DBSnapshotIdentifier",
    "DBSnapshotArn",
    "DescribeDBSnapshots",
)
CLUSTER_SNAPSHOT = Kind(
    "RDS DB Cluster Snapshot Event",
    "CLUSTER_SNAPSHOT",
    "DBClusterSnapshotIdentifier",
    "DBClusterSnapshotArn",
    "DescribeDBClusterSnapshots",
)


@dataclass(frozen=True)
class Event:
    """An id, its category and message. `{source}` is the snapshot that was copied."""

    id: str
    category: str
    message: str


@dataclass(frozen=True)
class Course:
    """What an operation says at once and what when it is done. Copies of cluster snapshots have no
    events at all."""

    kind: Kind
    started: Event | None
    done: Event | None


COURSES = {
    "CreateDBSnapshot": Course(
        SNAPSHOT,
        Event("RDS-EVENT-0040", "creation", "Creating manual snapshot"),
        Event("RDS-EVENT-0042", "creation", "Manual snapshot created"),
    ),
    "CreateDBClusterSnapshot": Course(
        CLUSTER_SNAPSHOT,
        Event("RDS-EVENT-0074", "backup", "Creating manual cluster snapshot"),
        Event("RDS-EVENT-0075", "backup", "Manual cluster snapshot created"),
    ),
    "DeleteDBSnapshot": Course(
        SNAPSHOT, Event("RDS-EVENT-0041", "deletion", "Deleted user snapshot"), None
    ),
}
COPY_HOME = Course(
    SNAPSHOT,
    Event("RDS-EVENT-0196", "notification", "Started copy of snapshot {source} in region {region}"),
    Event(
        "RDS-EVENT-0197", "notification", "Finished copy of snapshot {source} in region {region}"
    ),
)
COPY_AWAY = Course(
    SNAPSHOT,
    Event(
        "RDS-EVENT-0059", "notification", "Started copy of snapshot {source} from region {region}"
    ),
    Event(
        "RDS-EVENT-0060",
        "notification",
        "Finished copy of snapshot {source} from region {region} in 0 minutes",
    ),
)


@dataclass(frozen=True)
class Happening:
    """One thing in the making, and where."""

    course: Course
    account: str
    region: str
    identifier: str
    arn: str
    source: str
    source_region: str


class Watcher:
    """Sees every call that succeeded and sends what AWS would send of it."""

    def __init__(self, moto: Moto) -> None:
        self.moto = moto
        self.unfinished: list[Happening] = []
        threading.Thread(target=self._watch, daemon=True).start()

    def see(self, form: dict[str, str], answer: Answer, region: str, account: str) -> None:
        source = form.get("SourceDBSnapshotIdentifier", "")
        source_region = source.split(":")[3] if source.startswith("arn:") else region
        course = COURSES.get(form["Action"])
        if form["Action"] == "CopyDBSnapshot":
            course = COPY_HOME if source_region == region else COPY_AWAY
        if not course:
            return
        identifier, arn = answer.text(course.kind.identifier), answer.text(course.kind.arn)
        name = source.rsplit(":snapshot:", 1)[-1]
        happening = Happening(course, account, region, identifier, arn, name, source_region)
        if course.started:
            send(happening, course.started, answer)
        if course.done:
            self.unfinished.append(happening)

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            for happening in list(self.unfinished):
                self._look(happening)

    def _look(self, happening: Happening) -> None:
        kind = happening.course.kind
        form = {"Action": kind.describe, "Version": "2014-10-31"}
        form[kind.identifier] = happening.identifier
        try:
            answer = self.moto.look("rds", happening.region, happening.account, form)
        except OSError:
            return  # Moto is slow or gone; the next look tells.
        status = answer.text("Status") if answer.status == 200 else "gone"
        if status in UNFINISHED:
            return
        self.unfinished.remove(happening)
        if status == "available" and happening.course.done:
            send(happening, happening.course.done, answer)


def send(happening: Happening, event: Event, answer: Answer) -> None:
    """Puts the event on the region's default bus; its date is the account's time."""
    kind = happening.course.kind
    set_request_account_id(happening.account)
    set_request_region(happening.region)
    detail = {
        "EventCategories": [event.category],
        "SourceType": kind.source_type,
        "SourceArn": happening.arn,
        "Date": date_of(answer),
        "SourceIdentifier": happening.identifier,
        "Message": event.message.format(source=happening.source, region=happening.source_region),
        "EventID": event.id,
    }
    entry = {
        "Source": "aws.rds",
        "DetailType": kind.detail_type,
        "Resources": [happening.arn],
        "Detail": json.dumps(detail),
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def date_of(answer: Answer) -> str:
    dated = answer.headers.get("Date")
    at = parsedate_to_datetime(dated) if dated else datetime.now(timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
