"""What Terraform asks of a provider, on plain values: validate, plan, apply, read.

It knows no resource type: what is special about one stands in the catalogue.
"""

import itertools
import time
from typing import Any

from botocore.exceptions import ClientError

import catalogue
import data
import schema
from calls import Account, input_of, tagged
from entry import Refused, Resource, Values
from values import ToBoto, from_boto, has_unknown, is_json, is_known, same, without_unknown
from wire import UNKNOWN

# How AWS's services say that something doesn't exist.
MISSING = ("NotFound", "NoSuch", "NonExist", "404")
# Bounds and names are in botocore's models: no call is made there.
NOWHERE = {"region": "us-east-1", "access_key": "-", "secret_key": "-"}
COUNTER = itertools.count(1)


class FailedApply(Exception):
    """An apply that failed, and the state that it left: what was made by then must not be lost."""

    def __init__(self, state: Values | None, error: Exception) -> None:
        super().__init__(str(error))
        self.state = state


class Provider:
    def __init__(self) -> None:
        self.account: Account
        self.models = Account(NOWHERE)

    def configure(self, configuration: Values) -> None:
        self.account = Account(configuration)

    # ---- validate ----

    def validate(self, kind: str, values: Values) -> list[str]:
        """What is wrong with a configuration, as far as it is known already."""
        resource = catalogue.RESOURCES[kind]
        errors = list(complaints(resource.checks, values))
        if isinstance(resource.create, str):
            converter = ToBoto(resource)
            client = self.models.client(resource.service, {})
            converter.arguments(input_of(client, resource.create), tagged(values))
            errors += [each for each in converter.errors if not said(errors, each)]
        for names in resource.exactly_one:
            given = [values[name] for name in names.split() if values.get(name) not in (None, [])]
            # What isn't known yet may turn out to be nothing.
            known = [value for value in given if is_known(value)]
            if len(known) > 1 or not given:
                errors.append(f"exactly one of {names.replace(' ', ', ')} is needed")
        for name in resource.unsupported.split():
            if is_known(values.get(name)) and values[name] != []:
                errors.append(f"{name}: the test provider can't do this; use a resource of its own")
        return errors

    def validate_data(self, kind: str, values: Values) -> list[str]:
        return list(complaints(data.DATA_SOURCES[kind].checks, values))

    # ---- plan ----

    def plan(self, kind: str, prior: Values | None, values: Values) -> tuple[Values, list[str]]:
        """What will be, and the attributes that make a new resource necessary."""
        resource, block = catalogue.RESOURCES[kind], schema.RESOURCES[kind]
        set_defaults(values, resource.defaults)
        if "region" in values and values["region"] is None:
            values["region"] = self.account.region_of({})
        if "tags_all" in values:
            values["tags_all"] = self._all_tags(values.get("tags"))
        if prior is None:
            prefix = f"{resource.generated}_prefix"
            for name, (_, flags) in block["attributes"].items():
                if values.get(name) is None and "C" in flags and name != prefix:
                    values[name] = UNKNOWN
            return values, []
        for name, value in values.items():
            # Documents that mean the same are no change.
            if value != prior.get(name) and is_json(value) and same(prior.get(name) or "", value):
                values[name] = prior[name]
        replacing = [
            name for name in (*resource.replaced_by.split(), "region")
            if name in values and values[name] != prior.get(name)
        ]
        if values != prior:
            for name in resource.volatile.split():
                values[name] = UNKNOWN
        return values, replacing

    def _all_tags(self, tags: Any) -> Any:
        if has_unknown(tags):
            return UNKNOWN
        return {**self.account.default_tags, **(tags or {})}

    # ---- apply ----

    def apply(self, kind: str, prior: Values | None, planned: Values | None) -> Values | None:
        """Makes the plan true, and says what is true then."""
        resource = catalogue.RESOURCES[kind]
        if planned is None:
            self._delete(resource, prior)
            return None
        if wrong := list(complaints(resource.checks, planned)):
            raise FailedApply(prior, Refused("; ".join(wrong)))
        state = prior
        try:
            if prior is None:
                state = self._create(kind, resource, planned)
            else:
                state = self._update(resource, prior, planned)
            for settle in resource.settle:
                settle(self.account, state, prior)
            found = self._find(kind, state)
        except Exception as error:
            raise FailedApply(state, error) from error
        if found is None:
            lost = Refused(f"{state.get('id')} was not found right after it was written")
            raise FailedApply(state, lost)
        return without_unknown(planned, {**state, **found})

    def _create(self, kind: str, resource: Resource, planned: Values) -> Values:
        if planned.get(resource.generated, "") is UNKNOWN:
            prefix = planned.get(f"{resource.generated}_prefix") or "terraform-"
            planned[resource.generated] = prefix + unique_suffix()
        values = without_unknown(planned)
        answer = self._call(resource, resource.create, values) or {}
        answer = answer.get(resource.created, answer)
        block = schema.RESOURCES[kind]
        said = from_boto(block, answer, resource)
        for name, member in resource.names.items():
            if name == "id":
                said["id"] = answer.get(member)
        if "id" in answer:
            said["id"] = answer["id"]
        made = {
            name: said.get(name) if value is UNKNOWN else values[name]
            for name, value in planned.items()
        }
        made["id"] = resource.id.format(**made)
        return made

    def _update(self, resource: Resource, prior: Values, planned: Values) -> Values:
        values = without_unknown(planned, prior)
        for call in resource.updates:
            self._call(resource, call, values, prior)
        new, old = values.get("tags_all") or {}, prior.get("tags_all") or {}
        if resource.tags and new != old:
            resource.tags.write(self.account.client(resource.service, values), values, old, new)
        return values

    def _delete(self, resource: Resource, prior: Values) -> None:
        try:
            self._call(resource, resource.delete, prior)
        except ClientError as error:
            if not is_missing(error):
                raise FailedApply(prior, error) from error
        except Exception as error:
            raise FailedApply(prior, error) from error

    def _call(self, resource: Resource, call: Any, values: Values, *prior: Values) -> dict | None:
        if callable(call):
            return call(self.account, values, *prior)
        name = resource.names.get("id")
        named = {name: values["id"]} if name and values["id"] else {}
        return self.account.call(resource, call, values, **named)

    # ---- read ----

    def read(self, kind: str, state: Values) -> Values | None:
        """The state as it is now; None if the resource is gone."""
        found = self._find(kind, state)
        if found is None:
            return None
        attributes = schema.RESOURCES[kind]["attributes"]
        for name, value in found.items():
            if name not in state:
                continue
            stated = state[name]
            computed = name in attributes and attributes[name][1] == "C"
            if stated is None and computed or stated is not None and not same(stated, value):
                state[name] = value
        self._read_tags(catalogue.RESOURCES[kind], state)
        return state

    def _read_tags(self, resource: Resource, state: Values) -> None:
        if resource.tags is None:
            return
        found = resource.tags.read(self.account.client(resource.service, state), state)
        stated, defaults = state.get("tags") or {}, self.account.default_tags
        own = {
            key: value for key, value in found.items()
            if key in stated or defaults.get(key) != value
        }
        state["tags_all"] = found
        if own != stated:
            state["tags"] = own

    def _find(self, kind: str, values: Values) -> Values | None:
        resource, block = catalogue.RESOURCES[kind], schema.RESOURCES[kind]
        try:
            answer: Any = self._answer(resource, values)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        if answer is None:
            return None
        found = from_boto(block, answer, resource)
        if resource.computed:
            found |= resource.computed(self.account, {**values, **found})
        found["id"] = resource.id.format(**{**found, **values})
        return {name: value for name, value in found.items() if name in values}

    def _answer(self, resource: Resource, values: Values) -> Any:
        if callable(resource.read):
            return resource.read(self.account, values)
        answer: Any = self.account.call(resource, resource.read, values)
        answer.pop("ResponseMetadata", None)
        for step in filter(None, resource.found.split(".")):
            if step.isdigit():
                answer = answer[int(step)] if len(answer) > int(step) else None
            else:
                answer = answer.get(step)
            if answer is None:
                return None
        return {resource.wrapped: answer} if resource.wrapped else answer

    def read_data(self, kind: str, values: Values) -> Values:
        source, attributes = data.DATA_SOURCES[kind], schema.DATA_SOURCES[kind]["attributes"]
        set_defaults(values, source.defaults)
        if "region" in values and values["region"] is None:
            values["region"] = self.account.region_of({})
        if wrong := list(complaints(source.checks, values)):
            raise Refused("; ".join(wrong))
        found = source.read(self.account, values)
        return values | {name: value for name, value in found.items() if name in attributes}


def is_missing(error: ClientError) -> bool:
    return any(word in error.response["Error"]["Code"] for word in MISSING)


def unique_suffix() -> str:
    """Sorts by time, as the real provider's names do."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime()) + f"{next(COUNTER):012x}"


def said(errors: list[str], error: str) -> bool:
    """Is there a complaint of this attribute already?"""
    return any(each.split(":")[0] == error.split(":")[0] for each in errors)


def complaints(checks: Any, values: Values):
    """What the catalogue's checks say of the values that are known."""
    for path, check in checks.items():
        for value in at(values, path.split(".")):
            if not has_unknown(value) and value is not None and (complaint := check(value)):
                yield f"{path}: {complaint}"


def at(values: Any, path: list[str]) -> list:
    """The values at a path, through all blocks on it."""
    if not isinstance(values, dict):
        return []
    value = values.get(path[0])
    if len(path) == 1:
        return [value]
    blocks = value if isinstance(value, list) else []
    return [each for block in blocks for each in at(block, path[1:])]


def set_defaults(values: Values, defaults: Any) -> None:
    for path, default in defaults.items():
        *outer, name = path.split(".")
        blocks = [values]
        for step in outer:
            inner = [each for block in blocks for each in block.get(step) or []]
            blocks = [each for each in inner if isinstance(each, dict)]
        for block in blocks:
            if block.get(name) is None:
                block[name] = default
