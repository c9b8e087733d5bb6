"""What snapkeep publishes, as it came over the wire: a simulated month of the demo in each format.

    lives(published("chat"), key=…)      # the messages of each alarm, in their order

The command is this machine's build ($SNAPKEEP_TEST_COMMAND, by default target/debug/snapkeep).
"""

import functools
import json
import os
import pathlib
import subprocess
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("SNAPKEEP_TEST_COMMAND", str(REPOSITORY / "target/debug/snapkeep"))
DAYS = 30
FORMATS = ("hybrid", "chat", "cloudwatch", "plain")
# Five, the most that a filter policy may use. Source: Amazon SNS Developer Guide, "Filter policy constraints".
ATTRIBUTES = {"severity", "event_type", "status", "resource_type", "environment"}
WHOLE_LIFE = {"opened", "escalated", "reminded", "resolved"}


@functools.cache
def published(written_for: str) -> list[dict]:
    """Topic, subject, message and attributes of every message."""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        command = [
            COMMAND, "demo", "--days", str(DAYS), "--format", written_for, "--output", "json",
            "--messages", str(place / "messages.jsonl"), "--report", str(place / "report.html"),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return [json.loads(line) for line in (place / "messages.jsonl").read_text().splitlines()]


def lives(messages: list[dict], key) -> dict[str, list[dict]]:
    """The messages of each alarm, by what `key` finds in the text of one."""
    found: dict[str, list[dict]] = {}
    for message in messages:
        found.setdefault(key(message["message"]), []).append(message)
    return found


def whole_lives(messages: list[dict], key) -> list[list[dict]]:
    """The alarms that were told from their opening to their end, with all that may come between."""
    statuses = lambda life: {message["attributes"]["status"] for message in life}  # noqa: E731
    return [life for life in lives(messages, key).values() if statuses(life) == WHOLE_LIFE]
