"""CBOR for MiniStack's CloudWatch, as current SDKs speak it (Smithy's RPC protocol).

MiniStack wants the package cbor2 for it, which it doesn't bring. What it uses of that package is
given to it here: botocore's reader, and a writer.
"""

import io
import struct
import sys
import types

from botocore.parsers import RpcV2CBORParser

UNSIGNED, NEGATIVE, BYTES, TEXT, LIST, MAP, TAG = range(7)
FALSE, TRUE, NULL, DOUBLE = b"\xf4", b"\xf5", b"\xf6", b"\xfb"


def install() -> None:
    module = types.ModuleType("cbor2")
    module.loads, module.dumps, module.CBORTag = loads, dumps, CborTag
    sys.modules["cbor2"] = module


class CborTag:
    """A value with a tag; of tags only 1 occurs, seconds since 1970."""

    def __init__(self, tag: int, value) -> None:
        self.tag, self.value = tag, value


def loads(data: bytes):
    return RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(data)))


def dumps(value) -> bytes:
    """Source: RFC 8949, section 3."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, int):
        return head(UNSIGNED, value) if value >= 0 else head(NEGATIVE, -1 - value)
    if isinstance(value, float):
        return DOUBLE + struct.pack(">d", value)
    if isinstance(value, str):
        return head(TEXT, len(value.encode())) + value.encode()
    if isinstance(value, bytes):
        return head(BYTES, len(value)) + value
    if isinstance(value, CborTag):
        return head(TAG, value.tag) + dumps(value.value)
    if isinstance(value, dict):
        pairs = (dumps(key) + dumps(item) for key, item in value.items())
        return head(MAP, len(value)) + b"".join(pairs)
    return head(LIST, len(value)) + b"".join(dumps(item) for item in value)


def head(major: int, number: int) -> bytes:
    """The first bytes of an item: its kind, and its length or value in as few bytes as hold it."""
    if number < 24:
        return bytes([major << 5 | number])
    for information, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes([major << 5 | information]) + number.to_bytes(size, "big")
    raise ValueError(f"{number} is too large for CBOR")
