"""ONNX files written byte by byte, for tests: no package is needed, and what no package would write can be written."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

FLOAT, INT64 = 1, 7
MAX_OPS = 20_000
"""Ops that are read of a file."""


def varint(value: int) -> bytes:
    """An integer of seven bits a byte; a negative one as 64 bits."""
    value &= (1 << 64) - 1
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def number(field: int, value: int) -> bytes:
    """A field that is an integer."""
    return varint(field << 3) + varint(value)


def stretch(field: int, value: bytes | str) -> bytes:
    """A field that is bytes, text or a message."""
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(data)) + data


def tensor(
    name: str, shape: Sequence[int], values: Sequence[float] | None = None, dtype: int = FLOAT
) -> bytes:
    """A TensorProto; without values its data lies in another file, which is not there."""
    head = b"".join(number(1, size) for size in shape) + number(2, dtype) + stretch(8, name)
    if values is None:
        return head + number(14, 1)
    code = "f" if dtype == FLOAT else "q"
    return head + stretch(9, struct.pack(f"<{len(values)}{code}", *values))


def integers(name: str, values: Sequence[int]) -> bytes:
    """A row of integers."""
    return tensor(name, (len(values),), values, INT64)


def scalar(name: str, value: float) -> bytes:
    """A number with no axis."""
    return tensor(name, (), (value,))


class Graph(bytes):
    """A GraphProto."""


def graph(nodes: Sequence[bytes], outputs: Sequence[str]) -> Graph:
    """A graph that is an attribute, such as a branch."""
    return Graph(
        b"".join(stretch(1, item) for item in nodes)
        + b"".join(stretch(12, described(name, ())) for name in outputs)
    )


def attribute(name: str, value: Any) -> bytes:
    """An AttributeProto: an int, a float, a word, bytes of a tensor, or a row of integers."""
    head = stretch(1, name)
    if isinstance(value, int):
        return head + number(3, value) + number(20, 2)
    if isinstance(value, float):
        return head + varint(2 << 3 | 5) + struct.pack("<f", value) + number(20, 1)
    if isinstance(value, str):
        return head + stretch(4, value) + number(20, 3)
    if isinstance(value, Graph):
        return head + stretch(6, value) + number(20, 5)
    if isinstance(value, bytes):
        return head + stretch(5, value) + number(20, 4)
    return head + b"".join(number(8, item) for item in value) + number(20, 7)


def node(
    op: str,
    inputs: str,
    outputs: str,
    attributes: Mapping[str, Any] | None = None,
    name: str = "",
    domain: str = "",
) -> bytes:
    """A NodeProto; inputs and outputs are names with spaces between, `-` for one left out."""
    names = ["" if word == "-" else word for word in inputs.split()]
    return (
        b"".join(stretch(1, word) for word in names)
        + b"".join(stretch(2, word) for word in outputs.split())
        + stretch(3, name)
        + stretch(4, op)
        + b"".join(stretch(5, attribute(*item)) for item in (attributes or {}).items())
        + (stretch(7, domain) if domain else b"")
    )


def described(name: str, shape: Iterable[int | str]) -> bytes:
    """A ValueInfoProto."""
    dims = b"".join(
        stretch(1, number(1, size) if isinstance(size, int) else stretch(2, size)) for size in shape
    )
    return stretch(1, name) + stretch(2, stretch(1, number(1, FLOAT) + stretch(2, dims)))


def model(
    nodes: Sequence[bytes],
    tensors: Sequence[bytes] = (),
    inputs: Mapping[str, Sequence[int | str]] | None = None,
    outputs: Sequence[str] = ("y",),
    opset: int = 18,
    values: Sequence[bytes] = (),
) -> bytes:
    """A ModelProto."""
    given = {"x": (1, 3, 32, 32)} if inputs is None else inputs
    graph = (
        b"".join(stretch(1, item) for item in nodes)
        + stretch(2, "graph")
        + b"".join(stretch(5, item) for item in tensors)
        + b"".join(stretch(11, described(*item)) for item in given.items())
        + b"".join(stretch(12, described(name, ())) for name in outputs)
        + b"".join(stretch(13, item) for item in values)
    )
    return number(1, 8) + stretch(2, "tests") + stretch(7, graph) + stretch(8, number(2, opset))


def write(folder: Path, data: bytes, name: str = "net.onnx") -> Path:
    """A file of these bytes."""
    path = folder / name
    path.write_bytes(data)
    return path


def weights(name: str, *shape: int) -> bytes:
    """Weights whose data is in the file."""
    return tensor(name, shape, [0.0] * prod(shape))
