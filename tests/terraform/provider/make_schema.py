"""Makes schema.json: what the AWS provider's own schema says of the types in the catalogue.

    npm pack @cdktf/provider-aws@21.22.1
    tar xzf cdktf-provider-aws-21.22.1.tgz
    make_schema.py package

The package was generated from the real provider's schema, version 6.25.0, so that most of it can be
read back: names, types and whether they are mandatory from the package's type description, and what
is a block or a set from its code. It doesn't say which optional attributes the provider fills in
itself; the catalogue does (`filled`).
"""

import json
import pathlib
import re
import sys

import catalogue
import data

HERE = pathlib.Path(__file__).parent
# Arguments of Terraform itself, which stand in no schema.
META = {"count", "depends_on", "for_each", "lifecycle", "provider", "provisioners", "connection"}
META |= {"alias", "tf_resource_type"}
MAPS = {
    "cdktf.StringMap": ["map", "string"],
    "cdktf.NumberMap": ["map", "number"],
    "cdktf.BooleanMap": ["map", "bool"],
    "cdktf.IResolvable": "bool",
}
MODULE = "@cdktf/provider-aws."

ATTRIBUTE = re.compile(
    r"function (?P<struct>\w+)ToHclTerraform\(|(?P<main>synthesizeHclAttributes)\("
    r"|^ +(?P<name>\w+): \{\n +value: (?P<value>[^\n]*)\n +isBlock: (?:true|false),"
    r'\n +type: "(?P<type>\w+)"',
    re.MULTILINE,
)
GETTER = re.compile(
    r"// (?P<name>\w+) - computed: true, optional: false, required: false"
    r"\n *get \w+\(\) \{\n *return (?P<code>[^\n]*)"
)


class Code:
    """What the package's code of one type says that its type description doesn't."""

    def __init__(self, path: pathlib.Path) -> None:
        text = path.read_text()
        self.sets: set[tuple[str, str]] = set()
        # Nested objects that are written as attributes: `ingress = []` is possible.
        self.attributes: set[tuple[str, str]] = set()
        struct = ""
        for found in ATTRIBUTE.finditer(text):
            if found["struct"] or found["main"]:
                struct = (found["struct"] or "").lower()
                continue
            if found["type"] == "set":
                self.sets.add((struct, found["name"]))
            if re.search(r"listMapperHcl\(\w+, false\)", found["value"]):
                self.attributes.add((struct, found["name"]))
        self.getters = {found["name"]: found["code"] for found in GETTER.finditer(text)}


class Package:
    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.types = json.loads((folder / ".jsii").read_text())["types"]

    def code_of(self, fqn: str) -> Code:
        source = self.types[fqn]["locationInModule"]["filename"]
        return Code(self.folder / source.replace("src/", "lib/", 1).replace(".ts", ".js"))

    def block(self, fqn: str, code: Code, owner: str | None = None) -> dict:
        """The schema of one block. `owner` is the class of the resource whose block it is."""
        struct = "" if owner else fqn.rsplit(".", 1)[1].lower()
        attributes, blocks = {}, {}
        for argument in self.types[fqn].get("properties", []):
            name = terraform_name(argument)
            if name in META:
                continue
            self._argument(argument, name, struct, code, attributes, blocks)
        if owner:
            given = {each["name"] for each in self.types[fqn].get("properties", [])}
            for found in self.types[owner].get("properties", []):
                name = snake(found["name"])
                if computed_only(found, given) and name not in META | blocks.keys():
                    attributes[name] = [self._computed(found, name, code), "C"]
        return {"attributes": attributes, "blocks": blocks}

    def _argument(self, argument, name, struct, code, attributes, blocks) -> None:
        kind = self._type(argument["type"])
        optional = bool(argument.get("optional"))
        is_set = (struct, name) in code.sets
        if not isinstance(kind, Nested):
            if is_set and isinstance(kind, list):
                kind = ["set", kind[1]]
            attributes[name] = [kind, "O" if optional else "R"]
            return
        inner = self.block(kind.fqn, code)
        if (struct, name) in code.attributes:
            members = {key: value[0] for key, value in inner["attributes"].items()}
            attributes[name] = [["set" if is_set else "list", ["object", members]], "O"]
            return
        single = name == "timeouts"
        nesting = "single" if single else "set" if is_set else "list"
        most = 0 if single or many(argument["type"]) else 1
        blocks[name] = [nesting, 0 if optional else 1, most, inner]

    def _type(self, kind: dict):
        """A type as Terraform writes it, or the block that it names."""
        if "primitive" in kind:
            return {"boolean": "bool", "any": "dynamic"}.get(kind["primitive"], kind["primitive"])
        if "collection" in kind:
            element = self._type(kind["collection"]["elementtype"])
            if isinstance(element, Nested):
                return element
            return ["list" if kind["collection"]["kind"] == "array" else "map", element]
        if "union" in kind:
            others = [t for t in kind["union"]["types"] if t.get("fqn") != "cdktf.IResolvable"]
            return self._type(others[0])
        fqn = kind["fqn"]
        if self.types.get(fqn, {}).get("kind") == "interface":
            return Nested(fqn)
        return MAPS.get(fqn, "dynamic")

    def _computed(self, found: dict, name: str, code: Code):
        """The type of an attribute that only the provider sets."""
        getter = code.getters.get(name, "")
        if "getBooleanAttribute" in getter:
            return "bool"
        fqn = found["type"].get("fqn", "")
        if fqn.startswith(MODULE) and fqn.endswith("List"):
            members = self.types[fqn.removesuffix("List") + "OutputReference"]["properties"]
            return ["list", ["object", {
                snake(member["name"]): self._computed(member, snake(member["name"]), code)
                for member in members if member["name"] != "internalValue"
            }]]
        kind = self._type(found["type"])
        return ["set", kind[1]] if "Fn.tolist" in getter and isinstance(kind, list) else kind


class Nested:
    """A type that is a block of its own."""

    def __init__(self, fqn: str) -> None:
        self.fqn = fqn


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), name)


def terraform_name(argument: dict) -> str:
    """The name as the documentation link gives it: `ipv6CidrBlock` alone could be split wrongly."""
    docs = argument.get("docs") or {}
    text = docs.get("summary", "") + " " + docs.get("remarks", "")
    link = re.search(r"\{@link \S+#([a-z0-9_]+) ", text)
    return link[1] if link else snake(argument["name"])


def computed_only(found: dict, given: set[str]) -> bool:
    return (
        bool(found.get("immutable"))
        and found["name"] not in given
        and not found["name"].endswith("Input")
        and not found.get("static")
        and not found.get("overrides")
    )


def many(kind: dict) -> bool:
    """Can the block stand more than once?"""
    kinds = [kind, *kind.get("union", {}).get("types", [])]
    return any("collection" in each for each in kinds)


def configuration(description: dict) -> str:
    parameters = description["initializer"]["parameters"]
    return next(p["type"]["fqn"] for p in parameters if p["name"] == "config")


def make(folder: pathlib.Path) -> dict:
    package = Package(folder)
    schema: dict = {"resources": {}, "data_sources": {}}
    wanted = {
        "cdktf.TerraformResource": ("resources", catalogue.RESOURCES),
        "cdktf.TerraformDataSource": ("data_sources", data.DATA_SOURCES),
    }
    for fqn, description in package.types.items():
        section, names = wanted.get(description.get("base"), ("", ()))
        summary = (description.get("docs") or {}).get("summary", "")
        named = re.search(r"\b(?:data )?(aws_[a-z0-9_]+)", summary)
        if named and named[1] in names:
            block = package.block(configuration(description), package.code_of(fqn), fqn)
            schema[section][named[1]] = block
    for section, names in wanted.values():
        if missing := names.keys() - schema[section].keys():
            sys.exit(f"make_schema.py: no {sorted(missing)} in the package; is its version right?")
    provider = next(fqn for fqn in package.types if fqn.endswith(".AwsProvider"))
    schema["provider"] = package.block(provider + "Config", package.code_of(provider))
    link = json.dumps(package.types[provider].get("docs"))
    schema["version"] = re.search(r"aws/([\d.]+)/docs", link)[1]
    return schema


def write(schema: dict, path: pathlib.Path) -> None:
    """One line a type, in stable order: another version makes a readable difference."""
    def line(value) -> str:
        return json.dumps(value, separators=(",", ":"), sort_keys=True)

    def section(name: str) -> str:
        types = ",\n".join(f'"{key}":{line(value)}' for key, value in sorted(schema[name].items()))
        return f'"{name}":{{\n{types}\n}}'

    head = f'"version":{line(schema["version"])},\n"provider":{line(schema["provider"])}'
    path.write_text("{" + ",\n".join([head, section("data_sources"), section("resources")]) + "}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(make(pathlib.Path(sys.argv[1])), HERE / "schema.json")
