"""SNS and SQS keep what a resource is like in one map of texts, which these functions fill."""

import json
from collections.abc import Callable, Mapping

from entry import Values


def as_text(value) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def given(names: Mapping[str, str], values: Values) -> dict[str, str]:
    """The attributes that have a value, by AWS's names."""
    return {
        member: as_text(values[name])
        for name, member in names.items() if values.get(name) not in (None, "", False)
    }


def changed(names: Mapping[str, str], values: Values, prior: Values) -> dict[str, str]:
    """The attributes that got another value; an empty text takes one away."""
    return {
        member: as_text(values.get(name))
        for name, member in names.items() if values.get(name) != prior.get(name)
    }


def setter(service: str, operation: str, key: str, names: Mapping[str, str]) -> Callable[..., None]:
    """An update for SNS, where one call sets one attribute."""
    def update(account, values: Values, prior: Values) -> None:
        call = getattr(account.client(service, values), operation)
        for member, text in changed(names, values, prior).items():
            call(**{key: values["arn"]}, AttributeName=member, AttributeValue=text)

    return update
