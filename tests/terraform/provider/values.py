"""Values between Terraform and boto3, guided by botocore's shapes and the provider's schema.

Terraform says `message_retention_seconds`, boto3 `MessageRetentionPeriod`. Most names differ by
case only; the catalogue names the others. Paths such as `target.retry_policy` name nested ones.
"""

import datetime
import json
import re
from typing import Any

from entry import Resource
from wire import UNKNOWN


def plain(name: str) -> str:
    return name.replace("_", "").lower()


def is_known(value: Any) -> bool:
    return value is not None and value is not UNKNOWN


def has_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    return value is UNKNOWN or isinstance(value, list) and any(map(has_unknown, value))


def without_unknown(value: Any, found: Any = None) -> Any:
    """The value with what was found in the place of what wasn't known."""
    if value is UNKNOWN:
        return found
    if isinstance(value, dict):
        found = found if isinstance(found, dict) else {}
        return {key: without_unknown(each, found.get(key)) for key, each in value.items()}
    if isinstance(value, list):
        alike = isinstance(found, list) and len(found) == len(value)
        return [without_unknown(each, found[i] if alike else None) for i, each in enumerate(value)]
    return value


class ToBoto:
    """Makes the arguments of an operation, and notes what botocore's model says is wrong."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.errors: list[str] = []

    def arguments(self, shape: Any, values: dict) -> dict:
        # A resource's id is a matter of Terraform's; where AWS has one, the catalogue says so.
        return self._structure(shape, {k: v for k, v in values.items() if k != "id"}, "")

    def _convert(self, shape: Any, value: Any, path: str) -> Any:
        match shape.type_name:
            case "structure":
                return self._structure(shape, value, path + ".")
            case "list":
                return self._list(shape, value, path)
            case "map":
                return {
                    key: self._convert(shape.value, each, f"{path}[{key}]")
                    for key, each in value.items() if is_known(each)
                }
            case "string":
                return self._string(shape, value, path)
            case "integer" | "long":
                return self._integer(shape, value, path)
            case "float" | "double":
                return float(value)
            case "boolean":
                return value in (True, "true")
            case "blob":
                return value.encode()
        return value

    def _structure(self, shape: Any, value: Any, path: str) -> dict:
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, dict):
            return {}
        ours = {plain(name): name for name in value}
        for name, member in self.resource.names.items():
            if name.startswith(path) and name.removeprefix(path) in value:
                ours[plain(member)] = name.removeprefix(path)
        made = {}
        for member, inner in shape.members.items():
            name = ours.get(plain(member))
            if name is None and member in self.resource.spread:
                made[member] = self._spread(inner, value, path)
            elif name is not None and is_known(value[name]):
                made[member] = self._convert(inner, value[name], path + name)
            if made.get(member) in ("", {}, []) and f"{path}{name}" not in self.resource.keep_empty:
                del made[member]
        return made

    def _spread(self, shape: Any, value: dict, path: str) -> Any:
        if shape.type_name == "list":
            return [self._structure(shape.member, value, path)]
        return self._structure(shape, value, path)

    def _list(self, shape: Any, value: Any, path: str) -> list:
        if isinstance(value, dict):  # a map, where AWS wants a list of keys and values
            key, held = list(shape.member.members)[:2]
            return [{key: each, held: value[each]} for each in sorted(value)]
        items = value if isinstance(value, list) else [value]
        return [self._convert(shape.member, each, path) for each in items if is_known(each)]

    def _string(self, shape: Any, value: Any, path: str) -> str:
        text = value if isinstance(value, str) else json.dumps(value)
        limits, allowed = shape.metadata, getattr(shape, "enum", None)
        if allowed and text not in allowed:
            self.errors.append(f"{path}: {text!r} is none of {', '.join(allowed)}")
        elif text and not limits.get("min", 0) <= len(text) <= limits.get("max", len(text)):
            self.errors.append(f"{path}: its length is {len(text)}, allowed is {_range(limits)}")
        elif text and not _matches(limits.get("pattern"), text):
            self.errors.append(f"{path}: {text[:80]!r} does not match {limits['pattern']}")
        return text

    def _integer(self, shape: Any, value: Any, path: str) -> int:
        limits = shape.metadata
        if not limits.get("min", value) <= value <= limits.get("max", value):
            self.errors.append(f"{path}: {value} is not in {_range(limits)}")
        return int(value)


def _range(limits: dict) -> str:
    return f"{limits.get('min', '')}..{limits.get('max', '')}"


def _matches(pattern: str | None, text: str) -> bool:
    try:
        return pattern is None or re.search(f"^(?:{pattern})$", text) is not None
    except re.error:  # character classes of Java's, which Python lacks
        return True


def from_boto(block: dict, answer: dict, resource: Resource, path: str = "") -> dict:
    """What an answer says of a block's attributes. Nested blocks are whole, the outermost isn't."""
    members = {plain(name): value for name, value in answer.items()}
    made: dict = {}
    if path:
        made = {name: None for name in block["attributes"]}
        made |= {n: None if each[0] == "single" else [] for n, each in block["blocks"].items()}

    def member(name: str) -> Any:
        return members.get(plain(resource.names.get(path + name, name)))

    for name, (kind, _) in block["attributes"].items():
        if (value := member(name)) is not None and (path or name != "id"):
            made[name] = _attribute(kind, value)
    for name, (nesting, _, _, inner) in block["blocks"].items():
        if (value := member(name)) is not None and nesting != "single":
            items = value if isinstance(value, list) else [value]
            made[name] = [
                from_boto(inner, each, resource, f"{path}{name}.")
                for each in items if isinstance(each, dict)
            ]
    return made


def _attribute(kind: Any, value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        value = value.strftime("%Y-%m-%dT%H:%M:%SZ")
    match kind:
        case "string":
            return json.dumps(value) if isinstance(value, (dict, list, bool)) else str(value)
        case "number":
            number = float(value)
            return int(number) if number.is_integer() else number
        case "bool":
            return value in (True, "true", "True")
        case ["map", element]:
            if isinstance(value, list):
                value = {key: held for key, held in (list(each.values())[:2] for each in value)}
            return {key: _attribute(element, each) for key, each in value.items()}
        case ["object", members]:
            given = {plain(name): each for name, each in value.items()}
            return {
                name: None if (each := given.get(plain(name))) is None else _attribute(inner, each)
                for name, inner in members.items()
            }
        case [_, element]:
            return [_attribute(element, each) for each in value]
    return value


def same(stated: Any, found: Any) -> bool:
    """Does what was found say what the state says? What the state doesn't say isn't managed."""
    if not is_known(stated) or stated == []:
        return True
    if isinstance(stated, dict) and isinstance(found, dict):
        return all(same(value, found.get(key)) for key, value in stated.items())
    if isinstance(stated, list):
        return (
            isinstance(found, list)
            and len(stated) == len(found)
            and all(any(same(each, other) for other in found) for each in stated)
        )
    if stated == found or found is None and stated in ("", False, 0, {}):
        return True
    return is_json(stated) and is_json(found) and meaning(stated) == meaning(found)


def is_json(value: Any) -> bool:
    return isinstance(value, str) and value[:1] in ("{", "[")


def meaning(document: str) -> Any:
    """A JSON document without what makes no difference in a policy: one value is a list of one."""
    def settle(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: settle(each) for key, each in value.items()}
        if isinstance(value, list):
            items = sorted(map(settle, value), key=lambda each: json.dumps(each, sort_keys=True))
            return items[0] if len(items) == 1 else items
        return value

    try:
        return settle(json.loads(document))
    except ValueError:
        return document
