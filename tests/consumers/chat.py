"""Reads custom notifications as Amazon Q Developer in chat applications does.

Source: Amazon Q Developer in chat applications Administrator Guide, "Custom notifications using Amazon Q
Developer in chat applications": "Event schema", "Parameter details".
"""

import json

# What our messages keep to. Of the page, no lengths could be confirmed.
TITLE_CHARS_MAX = 250
DESCRIPTION_CHARS_MAX = 8000


class NoNotification(Exception):
    """The service drops what isn't as its schema says, without a word."""


class Channel:
    """Cards by thread: a notification with a known `threadId` is put below the first."""

    def __init__(self) -> None:
        self.threads: dict[str, list[dict]] = {}

    def receive(self, message: str) -> None:
        card = read(message)
        self.threads.setdefault(card["metadata"]["threadId"], []).append(card)


def read(message: str) -> dict:
    """The notification, or why it is none."""
    try:
        card = json.loads(message)
    except ValueError as error:
        raise NoNotification(f"no JSON: {error}") from None
    expect(card.get("version") == "1.0", "version must be 1.0")
    expect(card.get("source") == "custom", "source must be custom")
    content, metadata = card.get("content"), card.get("metadata", {})
    expect(isinstance(content, dict) and isinstance(metadata, dict), "content, metadata: objects")
    expect(content.get("textType", "client-markdown") == "client-markdown", "only client-markdown")
    expect(is_text(content.get("description"), DESCRIPTION_CHARS_MAX), "description")
    expect(is_text(content.get("title", "-"), TITLE_CHARS_MAX), "title")
    for lists in (content.get("nextSteps", []), content.get("keywords", []), metadata.get("relatedResources", [])):
        expect(isinstance(lists, list) and all(is_text(it) for it in lists), "lists of strings")
    for name in ("threadId", "summary", "eventType"):
        expect(is_text(metadata.get(name, "-")), name)
    context = metadata.get("additionalContext", {})
    expect(all(is_text(it) for pair in context.items() for it in pair), "additionalContext: strings")
    return card


def is_text(value, chars_max: int | None = None) -> bool:
    return isinstance(value, str) and 0 < len(value) and (chars_max is None or len(value) <= chars_max)


def expect(holds: bool, what: str) -> None:
    if not holds:
        raise NoNotification(what)
