"""How a resource type is described: one entry of the catalogue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tagging import Tagging

Values = dict[str, Any]
# An operation of boto3's client by its name, or a function of (account, values, prior). Prior are
# the values before an update; None where something is made, read or deleted.
Call = str | Callable[..., dict | None]


class Refused(Exception):
    """What is asked for is not possible; the message says why, and what to do."""


@dataclass(frozen=True)
class Resource:
    """One resource type: which calls make, read, change and delete it, and what can't be derived.

    Attributes and boto's members meet by name, whatever their case and underscores."""

    service: str
    create: Call
    read: Call
    delete: Call
    # The resource's id, as a format of its attributes.
    id: str
    # None: an update is one more call of `create`.
    update: tuple[Call, ...] | None = None
    # Where in the read's answer the resource is ("MetricAlarms.0"); nothing there: it's gone.
    found: str = ""
    # Where in the create's answer its attributes are.
    created: str = ""
    # The block that holds all of the read's answer.
    wrapped: str = ""
    # Attribute (dotted where nested) -> boto's member, where they differ by more than case.
    names: Mapping[str, str] = field(default_factory=dict)
    # Members of boto's that are no attribute: what is in them stands on the resource itself.
    spread: tuple[str, ...] = ()
    # Attributes that are sent although they are empty.
    keep_empty: tuple[str, ...] = ()
    # More arguments: (account, operation, values) -> arguments; None takes one away.
    arguments: Callable[[Any, str, Values], dict] | None = None
    # Attributes that no answer holds: (account, values) -> attributes.
    computed: Callable[[Any, Values], Values] | None = None
    # Called after each create and update: (account, values, prior).
    settle: tuple[Callable[..., None], ...] = ()
    # Optional attributes that the provider fills in when they aren't given.
    filled: str = ""
    # The attribute that gets a name of the provider's when it isn't given.
    generated: str = ""
    # Attributes whose change makes a new resource.
    replaced_by: str = ""
    # Attribute (dotted where nested) -> value when it isn't given.
    defaults: Mapping[str, Any] = field(default_factory=dict)
    # Computed attributes that any update may change.
    volatile: str = ""
    # Attribute (dotted where nested) -> what the real provider or AWS refuses: value -> complaint.
    checks: Mapping[str, Callable[[Any], str | None]] = field(default_factory=dict)
    # Of each of these, exactly one is given.
    exactly_one: tuple[str, ...] = ()
    # Attributes that this provider can't serve: refused loudly rather than ignored.
    unsupported: str = ""
    tags: Tagging | None = None

    @property
    def updates(self) -> tuple[Call, ...]:
        return (self.create,) if self.update is None else self.update


@dataclass(frozen=True)
class DataSource:
    """One data source."""

    read: Callable[[Any, Values], Values]
    filled: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    checks: Mapping[str, Callable[[Any], str | None]] = field(default_factory=dict)
