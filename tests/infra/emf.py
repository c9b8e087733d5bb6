"""What a log event must be for CloudWatch to take metrics out of it.

Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format". The schema there is written
out in shared/policy/tests/data/emf.schema.json; this reads it, and what only the text says.
"""

import json
import pathlib
import re

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((REPOSITORY / "shared/policy/tests/data/emf.schema.json").read_text())
DOCUMENTED = REPOSITORY / "docs" / "metrics.md"
KINDS = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}
# A log event, as Lambda passes it on.
BYTES_MAX = 256 * 1024


def wrong_with(line: str) -> list[str]:
    """Everything that keeps the line from being metrics; empty if it is sound."""
    if len(line.encode()) > BYTES_MAX:
        return [f"{len(line.encode())} bytes"]
    try:
        event = json.loads(line)
    except ValueError as error:
        return [str(error)]
    return broken(SCHEMA, event, "$") or dangling(event)


def broken(schema: dict, value, path: str) -> list[str]:
    """Of JSON Schema, what that schema uses."""
    if "anyOf" in schema:
        ways = [broken(way, value, path) for way in schema["anyOf"]]
        return [] if [] in ways else [f"{path}: {value!r} is none of what it may be"]
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{path}: {value!r} isn't one of the words"]
    kind = schema["type"]
    if not isinstance(value, KINDS[kind]) or isinstance(value, bool):
        return [f"{path}: {value!r} is no {kind}"]
    found = []
    if kind in ("string", "array"):
        word = "Length" if kind == "string" else "Items"
        low, high = schema.get(f"min{word}", 0), schema.get(f"max{word}", len(value))
        found += [] if low <= len(value) <= high else [f"{path}: {len(value)} of {low} to {high}"]
    if kind == "integer" and value < schema.get("minimum", value):
        found.append(f"{path}: {value} is too small")
    if kind == "array" and "items" in schema:
        for index, item in enumerate(value):
            found += broken(schema["items"], item, f"{path}[{index}]")
    if kind == "object":
        found += [f"{path}: lacks {key}" for key in schema.get("required", []) if key not in value]
        for key, member in value.items():
            of_member = schema["properties"].get(key, schema.get("additionalProperties", {}))
            if of_member is False:
                found.append(f"{path}: {key} isn't known")
            elif of_member:
                found += broken(of_member, member, f"{path}.{key}")
    return found


def dangling(event: dict) -> list[str]:
    """Dimensions are texts and metrics are numbers, each a member of the event."""
    found = []
    for directive in event["_aws"]["CloudWatchMetrics"]:
        for name in {name for each in directive["Dimensions"] for name in each}:
            found += [] if isinstance(event.get(name), str) else [f"dimension {name} is no text"]
        for metric in directive["Metrics"]:
            value = event.get(metric["Name"])
            is_values = isinstance(value, (int, float, list))
            found += [] if is_values else [f"metric {metric['Name']} has no values"]
    return found


def metrics_in(line: str) -> set[tuple[str, tuple[str, ...], str]]:
    """The metrics of a line: name, names of the dimensions, unit."""
    return {
        (metric["Name"], tuple(dimensions), metric["Unit"])
        for directive in json.loads(line)["_aws"]["CloudWatchMetrics"]
        for dimensions in directive["Dimensions"]
        for metric in directive["Metrics"]
    }


def documented() -> set[tuple[str, tuple[str, ...], str]]:
    """All metrics of docs/metrics.md, which a test of shared/policy holds to the code."""
    found, dimensions = set(), ()
    for line in DOCUMENTED.read_text().splitlines():
        if heading := re.fullmatch(r"### ([\w, ]+): \d+ metrics", line):
            dimensions = tuple(heading[1].split(", "))
        if row := re.fullmatch(r"\| `(\w+)` \| (Count|Seconds|Bytes|Percent) \| .+ \|", line):
            found.add((row[1], dimensions, row[2]))
    return found
