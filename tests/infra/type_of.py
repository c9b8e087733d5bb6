"""The type of a Terraform variable as a tree, and that of a JSON Schema as the same kind of tree.

A tree is a dictionary of attributes, each with whether it is required and its own tree; or the name
of a simple type. Lists and maps are what they hold.
"""

import dataclasses
import pathlib
import re
import typing

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z0-9_-]*|[0-9.]+|[{}()\[\],=]')
SIMPLE = {"integer": "number", "boolean": "bool", "string": "string"}

Tree = typing.Union[str, dict[str, "Attribute"]]


@dataclasses.dataclass(frozen=True)
class Attribute:
    required: bool
    tree: Tree


def of_variable(file: pathlib.Path, name: str) -> Tree:
    block = file.read_text().split(f'variable "{name}" {{', 1)[1]
    text = re.sub(r"^\s*#.*$", "", block.split("  type = ", 1)[1], flags=re.MULTILINE)
    return Reader(TOKEN.findall(text)).tree()


class Reader:
    """Reads a type expression, token by token."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def take(self, expected: str | None = None) -> str:
        token = self.tokens[self.at]
        if expected not in (None, token):
            raise ValueError(f"token {self.at} is {token}: expected {expected}")
        self.at += 1
        return token

    def tree(self) -> Tree:
        word = self.take()
        if word not in ("object", "map", "list", "set"):
            return word
        self.take("(")
        tree = self.attributes() if word == "object" else self.tree()
        self.take(")")
        return tree

    def attributes(self) -> dict[str, Attribute]:
        self.take("{")
        found = {}
        while self.tokens[self.at] != "}":
            name = self.take()
            self.take("=")
            found[name] = self.attribute()
            if self.tokens[self.at] == ",":
                self.take()
        self.take("}")
        return found

    def attribute(self) -> Attribute:
        if self.tokens[self.at] != "optional":
            return Attribute(True, self.tree())
        self.take()
        self.take("(")
        tree = self.tree()
        open_brackets = 1
        # A default value may follow.
        while open_brackets:
            open_brackets += {"(": 1, ")": -1}.get(self.take(), 0)
        return Attribute(False, tree)


def of_schema(node: dict, definitions: dict) -> Tree:
    if "$ref" in node:
        return of_schema(definitions[node["$ref"].rpartition("/")[2]], definitions)
    choices = [each for each in node.get("anyOf", []) if each.get("type") != "null"]
    if choices:
        return of_schema(choices[0], definitions)
    if "properties" in node:
        required = node.get("required", [])
        return {
            name: Attribute(name in required, of_schema(each, definitions))
            for name, each in node["properties"].items()
        }
    for holder in ("items", "additionalProperties"):
        if isinstance(node.get(holder), dict):
            return of_schema(node[holder], definitions)
    # Alternatives that are words, or objects as well: Terraform's type has only words for it.
    kinds = node.get("type", "string")
    kinds = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind != "null"]
    return "string" if "string" in kinds else SIMPLE[kinds[0]]


def flat(tree: Tree, path: str = "") -> dict[str, tuple[bool, str]]:
    """Every attribute by its path, with whether it is required and its simple type."""
    found = {}
    for name, attribute in tree.items():
        here = f"{path}.{name}".lstrip(".")
        deeper = isinstance(attribute.tree, dict)
        found[here] = (attribute.required, "object" if deeper else attribute.tree)
        if deeper:
            found |= flat(attribute.tree, here)
    return found
