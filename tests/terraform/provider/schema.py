"""The schema of the provider, of its resource types and of its data sources.

schema.json holds what the real provider's schema says (see make_schema.py). A block is
{"attributes": {name: [type, flags]}, "blocks": {name: [nesting, min, max, block]}}; the flags are
R for required, O for optional and C for computed. Optional attributes that the provider fills in
when they aren't given are OC: those the catalogue names.
"""

import json
import pathlib

import catalogue
import data
import wire

NESTING = {"single": 1, "list": 2, "set": 3}
# Every resource has these, and the provider fills them in.
ALWAYS_FILLED = ("id", "region", "tags_all")


def _load() -> dict:
    schema = json.loads((pathlib.Path(__file__).parent / "schema.json").read_text())
    for section, types in (("resources", catalogue.RESOURCES), ("data_sources", data.DATA_SOURCES)):
        if types.keys() != schema[section].keys():
            odd = sorted(types.keys() ^ schema[section].keys())
            raise SystemExit(f"schema.json and the catalogue differ in {odd}: run make_schema.py")
        for name, block in schema[section].items():
            _mark_filled(block, (*ALWAYS_FILLED, *types[name].filled.split()))
    return schema


def _mark_filled(block: dict, names: tuple[str, ...]) -> None:
    for name in names:
        if "." in name:
            outer, inner = name.split(".", 1)
            _mark_filled(block["blocks"][outer][3], (inner,))
            continue
        attribute = block["attributes"].get(name)
        if attribute and attribute[1] == "O":
            attribute[1] = "OC"


def on_the_wire():
    """All of it as Terraform asks for it."""
    Schemas, SchemaOf = wire.MESSAGE["Schemas"], wire.MESSAGE["SchemaOf"]
    return Schemas(
        provider=_schema(SCHEMA["provider"]),
        resource_schemas=[
            SchemaOf(key=name, value=_schema(block)) for name, block in RESOURCES.items()
        ],
        data_source_schemas=[
            SchemaOf(key=name, value=_schema(block)) for name, block in DATA_SOURCES.items()
        ],
    )


def _schema(block: dict):
    return wire.MESSAGE["Schema"](block=_block(block))


def _block(block: dict):
    return wire.MESSAGE["Block"](
        attributes=[_attribute(name, *each) for name, each in block["attributes"].items()],
        block_types=[_nested(name, *each) for name, each in block["blocks"].items()],
    )


def _attribute(name: str, kind, flags: str):
    return wire.MESSAGE["Attribute"](
        name=name,
        type=json.dumps(kind).encode(),
        required="R" in flags,
        optional="O" in flags,
        computed="C" in flags,
    )


def _nested(name: str, nesting: str, least: int, most: int, block: dict):
    return wire.MESSAGE["NestedBlock"](
        type_name=name,
        block=_block(block),
        nesting=NESTING[nesting],
        min_items=least,
        max_items=most,
    )


SCHEMA = _load()
RESOURCES: dict[str, dict] = SCHEMA["resources"]
DATA_SOURCES: dict[str, dict] = SCHEMA["data_sources"]
