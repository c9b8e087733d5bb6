"""Terraform's plugin protocol, version 5, as far as this provider speaks it.

One line below is one message of Terraform's tfplugin5.proto: its fields with their numbers, `*` for
a list. Enumerations are written as numbers and maps as lists of entries: on the wire it's the same.
"""

import json

import msgpack
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

MESSAGES = """
Empty
DynamicValue      msgpack:bytes=1 json:bytes=2
Step              attribute_name:string=1
AttributePath     steps:Step*=1
Diagnostic        severity:int64=1 summary:string=2 detail:string=3 attribute:AttributePath=4
RawState          json:bytes=1
Attribute         name:string=1 type:bytes=2 required:bool=4 optional:bool=5 computed:bool=6 \
                  sensitive:bool=7
NestedBlock       type_name:string=1 block:Block=2 nesting:int64=3 min_items:int64=4 \
                  max_items:int64=5
Block             version:int64=1 attributes:Attribute*=2 block_types:NestedBlock*=3
Schema            version:int64=1 block:Block=2
SchemaOf          key:string=1 value:Schema=2
Schemas           provider:Schema=1 resource_schemas:SchemaOf*=2 data_source_schemas:SchemaOf*=3
PrepareRequest    config:DynamicValue=1
PrepareResponse   prepared_config:DynamicValue=1 diagnostics:Diagnostic*=2
ConfigureRequest  terraform_version:string=1 config:DynamicValue=2
Diagnosed         diagnostics:Diagnostic*=1
ValidateRequest   type_name:string=1 config:DynamicValue=2
UpgradeRequest    type_name:string=1 version:int64=2 raw_state:RawState=3
UpgradeResponse   upgraded_state:DynamicValue=1 diagnostics:Diagnostic*=2
ReadRequest       type_name:string=1 current_state:DynamicValue=2
ReadResponse      new_state:DynamicValue=1 diagnostics:Diagnostic*=2
PlanRequest       type_name:string=1 prior_state:DynamicValue=2 proposed_new_state:DynamicValue=3 \
                  config:DynamicValue=4
PlanResponse      planned_state:DynamicValue=1 requires_replace:AttributePath*=2 \
                  diagnostics:Diagnostic*=4 legacy_type_system:bool=5
ApplyRequest      type_name:string=1 prior_state:DynamicValue=2 planned_state:DynamicValue=3 \
                  config:DynamicValue=4
ApplyResponse     new_state:DynamicValue=1 diagnostics:Diagnostic*=3 legacy_type_system:bool=4
DataRequest       type_name:string=1 config:DynamicValue=2
DataResponse      state:DynamicValue=1 diagnostics:Diagnostic*=2
HealthResponse    status:int64=1
"""
# What is called, with which message, and what it answers.
METHODS = {
    "tfplugin5.Provider": {
        "GetSchema": ("Empty", "Schemas"),
        "PrepareProviderConfig": ("PrepareRequest", "PrepareResponse"),
        "Configure": ("ConfigureRequest", "Diagnosed"),
        "ValidateResourceTypeConfig": ("ValidateRequest", "Diagnosed"),
        "ValidateDataSourceConfig": ("ValidateRequest", "Diagnosed"),
        "UpgradeResourceState": ("UpgradeRequest", "UpgradeResponse"),
        "ReadResource": ("ReadRequest", "ReadResponse"),
        "PlanResourceChange": ("PlanRequest", "PlanResponse"),
        "ApplyResourceChange": ("ApplyRequest", "ApplyResponse"),
        "ReadDataSource": ("DataRequest", "DataResponse"),
        "Stop": ("Empty", "Empty"),
    },
    "grpc.health.v1.Health": {"Check": ("Empty", "HealthResponse")},
    "plugin.GRPCController": {"Shutdown": ("Empty", "Empty")},
}
PACKAGE = "snapkeep.tfplugin5"


def _messages() -> dict:
    file = descriptor_pb2.FileDescriptorProto(name="tfplugin5", package=PACKAGE, syntax="proto3")
    for line in MESSAGES.strip().splitlines():
        name, *fields = line.split()
        message = file.message_type.add(name=name)
        for field in fields:
            _add_field(message, *field.replace("=", ":").split(":"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        message.name: message_factory.GetMessageClass(
            pool.FindMessageTypeByName(f"{PACKAGE}.{message.name}")
        )
        for message in file.message_type
    }


def _add_field(message, name: str, kind: str, number: str) -> None:
    field = message.field.add(name=name, number=int(number))
    field.label = field.LABEL_REPEATED if kind.endswith("*") else field.LABEL_OPTIONAL
    kind = kind.removesuffix("*")
    if kind[0].isupper():
        field.type, field.type_name = field.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
    else:
        field.type = getattr(field, f"TYPE_{kind.upper()}")


MESSAGE = _messages()


class _Unknown:
    """A value that will be known only after something was applied."""

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN = _Unknown()
_UNKNOWN_ON_THE_WIRE = msgpack.ExtType(0, b"\0")


def decode(value):
    """A DynamicValue as Python's own types, with UNKNOWN for what isn't known yet."""
    if value.json:
        return json.loads(value.json)
    if not value.msgpack:
        return None
    # Terraform may add what it knows of an unknown value (code 12): here it's unknown all the same.
    return msgpack.unpackb(
        value.msgpack, ext_hook=lambda code, extra: UNKNOWN, strict_map_key=False
    )


def encode(value):
    """Python's own types as a DynamicValue."""
    return MESSAGE["DynamicValue"](msgpack=msgpack.packb(value, default=_on_the_wire))


def _on_the_wire(value):
    if value is UNKNOWN:
        return _UNKNOWN_ON_THE_WIRE
    raise TypeError(f"{value!r} is nothing that Terraform knows")


def failure(summary: str, detail: str = ""):
    """An error as Terraform shows it."""
    return MESSAGE["Diagnostic"](severity=1, summary=summary, detail=detail)
