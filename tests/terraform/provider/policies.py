"""Policy documents: how `data "aws_iam_policy_document"` writes them, and which AWS refuses.

The text is what the real data source makes, to the letter: lists in reverse order, one value
instead of a list of one, `<`, `>` and `&` escaped, and the ids in it.
"""

import json
import re
import zlib
from typing import Any

from entry import Refused, Values

VERSIONS = ("2008-10-17", "2012-10-17")
LISTS = {
    "actions": "Action", "not_actions": "NotAction",
    "resources": "Resource", "not_resources": "NotResource",
}
PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}
ORDER = (
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal",
    "Condition",
)


def document(values: Values) -> Values:
    """What the data source's arguments make."""
    version = values.get("version") or VERSIONS[1]
    merged: dict = {}
    seen: set[str] = set()
    for index, text in enumerate(values.get("source_policy_documents") or []):
        source = _parsed(text, f"source document {index}")
        _unique(seen, source["Statement"], f"source document {index}")
        _merge(merged, source)
    own = [_statement(each, version) for each in values.get("statement") or []]
    _unique(set(), own, "statements")
    _merge(merged, {"Version": version, "Id": values.get("policy_id") or "", "Statement": own})
    for index, text in enumerate(values.get("override_policy_documents") or []):
        _merge(merged, _parsed(text, f"override document {index}"))
    ordered = {key: merged[key] for key in ("Version", "Id", "Statement") if merged.get(key)}
    text = _go_json(ordered, indent=2)
    return {
        "json": text,
        "minified_json": _go_json(ordered, separators=(",", ":")),
        "version": version,
        "id": str(zlib.crc32(text.encode())),
    }


def _go_json(value: Any, **layout: Any) -> str:
    """JSON as Go's standard library writes it."""
    text = json.dumps(value, ensure_ascii=False, **layout)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _parsed(text: str | None, what: str) -> dict:
    try:
        parsed = json.loads(text or "{}")
    except ValueError as error:
        raise Refused(f"merging {what}: {error}") from None
    statements = parsed.get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    return {**parsed, "Statement": [_reordered(each) for each in statements]}


def _reordered(statement: dict) -> dict:
    """A statement of another document, as if it had been written here."""
    made = {key: statement[key] for key in ORDER if statement.get(key)}
    for key in PRINCIPALS.values():
        if isinstance(made.get(key), dict):
            made[key] = {
                kind: sorted(each, reverse=True) if isinstance(each, list) else each
                for kind, each in sorted(made[key].items())
            }
    if "Condition" in made:
        made["Condition"] = {
            test: {name: _condition_value(each) for name, each in sorted(variables.items())}
            for test, variables in sorted(made["Condition"].items())
        }
    return made


def _condition_value(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _unique(seen: set[str], statements: list[dict], what: str) -> None:
    for statement in statements:
        sid = statement.get("Sid")
        if sid in seen:
            raise Refused(f"{what}: duplicate Sid ({sid}); remove the Sid or make it unique")
        if sid:
            seen.add(sid)


def _merge(merged: dict, new: dict) -> None:
    """Statements with a Sid replace the one that had it, others are added."""
    merged["Id"] = new.get("Id") or merged.get("Id", "")
    merged["Version"] = max(merged.get("Version", ""), new.get("Version", ""))
    statements = merged.setdefault("Statement", [])
    for statement in new["Statement"]:
        sids = [each.get("Sid") for each in statements]
        if statement.get("Sid") and statement["Sid"] in sids:
            statements[sids.index(statement["Sid"])] = statement
        else:
            statements.append(statement)


def _statement(values: Values, version: str) -> dict:
    made: dict = {"Sid": values.get("sid") or "", "Effect": values.get("effect") or "Allow"}
    for name, key in LISTS.items():
        if values.get(name):
            texts = values[name] if key.endswith("Action") else _variables(values[name], version)
            made[key] = _one_or_reversed(texts)
    for name, key in PRINCIPALS.items():
        if values.get(name):
            made[key] = _principals(values[name], version)
    for each in values.get("condition") or []:
        test = made.setdefault("Condition", {}).setdefault(each["test"], {})
        test.setdefault(each["variable"], []).extend(_variables(each["values"], version))
    return _reordered(made)


def _variables(texts: list[str], version: str) -> list[str]:
    """`&{` stands for `${`, which Terraform would take for its own."""
    if version == VERSIONS[0] and (odd := [each for each in texts if "&{" in each]):
        raise Refused(f"found &{{ sequence in ({odd[0]}), which version {version} doesn't support")
    return [each.replace("&{", "${") for each in texts]


def _one_or_reversed(texts: list[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else sorted(texts, reverse=True)


def _principals(blocks: list[Values], version: str) -> Any:
    made: dict = {}
    for block in blocks:
        identifiers = _variables(block["identifiers"], version)
        made.setdefault(block["type"], []).extend(sorted(identifiers, reverse=True))
    if made == {"*": ["*"]}:
        return "*"
    return {kind: each[0] if len(each) == 1 else each for kind, each in made.items()}


# ---- what AWS refuses ----


# Kind of policy -> what each of its statements needs, and what none can have.
KINDS = {
    "identity": (("Resource",), ("Principal", "NotPrincipal")),
    "trust": (("Principal",), ("Resource", "NotResource")),
    "resource": (("Principal", "Resource"), ()),
}


def policy(kind: str, most: int | None = None):
    """A check of a document of one of the KINDS, of so many characters at most.

    AWS counts an identity's policies without white space, so that is how they are counted here."""
    def check(text: str) -> str | None:
        try:
            parsed = json.loads(text)
        except ValueError as error:
            return f"this policy is not JSON: {error}"
        if not isinstance(parsed, dict):
            return "this policy is no JSON object"
        length = len(json.dumps(parsed, separators=(",", ":"), ensure_ascii=False))
        if most and length > most:
            return f"this policy has {length} characters, allowed are {most}"
        return _malformed(parsed, kind)

    return check


def _malformed(parsed: dict, kind: str) -> str | None:
    if parsed.get("Version", VERSIONS[0]) not in VERSIONS:
        return f"this policy's Version is {parsed['Version']!r}, neither of {VERSIONS}"
    statements = parsed.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not statements or not isinstance(statements, list):
        return "this policy has no Statement"
    sids = [each["Sid"] for each in statements if isinstance(each, dict) and each.get("Sid")]
    if len(sids) != len(set(sids)):
        return f"this policy has a Sid twice: {sids}"
    for index, statement in enumerate(statements):
        if complaint := _malformed_statement(statement, kind):
            return f"statement {index} of this policy {complaint}"
    return None


def _malformed_statement(statement: Any, kind: str) -> str | None:
    if not isinstance(statement, dict):
        return "is no JSON object"
    if odd := statement.keys() - set(ORDER):
        return f"has {sorted(odd)}, which no statement has"
    if statement.get("Effect") not in ("Allow", "Deny"):
        return f"has the Effect {statement.get('Effect')!r}"
    needs, forbidden = KINDS[kind]
    for one in ("Action", *needs):
        if bool(statement.get(one)) == bool(statement.get(f"Not{one}")):
            return f"needs exactly one of {one} and Not{one}"
    if odd := statement.keys() & set(forbidden):
        return f"has {sorted(odd)}, which no {kind} policy can have"
    actions = statement.get("Action") or statement.get("NotAction")
    for action in actions if isinstance(actions, list) else [actions]:
        if not re.fullmatch(r"\*|[A-Za-z0-9-]+:[\w*?]+", action):
            return f"has the action {action!r}, which is no service:Action"
    return None
