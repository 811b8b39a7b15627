"""What is read of an ONNX file: the graph's nodes, the sizes of its tensors, and the values of the small ones.

The field numbers are those of `onnx.proto`. Of a tensor of weights only its name and sizes are read; its data is
skipped over where it lies, and data outside the file is never opened.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from math import prod
from typing import NamedTuple

from cnncalc.models.wire import (
    FIXED32,
    RELEASE_AFTER,
    STRETCH,
    VARINT,
    Data,
    WireError,
    WireField,
    float32,
    integers,
    numbers,
    release,
    signed,
    text,
    wire_fields,
)
from cnncalc.spec.layers import MAX_LAYERS
from cnncalc.text.expressions import MAX_NUMBER

MAX_TENSORS = 4 * MAX_LAYERS
"""Initializers and described tensors that are read: batch norm, the op with the most weights, has four."""
MAX_INPUTS = 4096
"""Tensors that an op takes."""
MAX_PARTS = 10 * MAX_LAYERS
"""Inputs, outputs and attributes of all ops."""
MAX_NUMBERS = 50 * MAX_LAYERS
"""Numbers in the attributes of all ops."""
MAX_DEPTH = 8
"""Graphs within one another."""
MAX_AXES = 64
MAX_VALUES = 1024
"""Elements of a tensor whose values are kept; a larger one is weights, or a table that no shape depends on."""

NAME_SCOPES = b"pkg.torch.onnx.name_scopes"
"""What PyTorch's exporter writes beside each node: the path of the module that it comes from."""

# data types of `TensorProto` whose values are kept: how `struct` unpacks the raw data of one element
_RAW = {
    1: "f",
    2: "B",
    3: "b",
    4: "H",
    5: "h",
    6: "i",
    7: "q",
    9: "?",
    10: "e",
    11: "d",
    12: "I",
    13: "Q",
}
FLOAT_TYPES = frozenset({1, 10, 11, 16})
FLOAT, INT64 = 1, 7

Number = int | float


class TensorData(NamedTuple):
    """A tensor in the file: its sizes, its data type, and its values in order, None where they are not kept."""

    name: str
    shape: tuple[int, ...]
    dtype: int
    values: tuple[Number, ...] | None


class Subgraph(NamedTuple):
    """An attribute that is a graph of its own, such as a branch of `If`."""

    nodes: tuple[OnnxNode, ...] = ()
    tensors: tuple[TensorData, ...] = ()
    outputs: tuple[str, ...] = ()

    def captured(self) -> tuple[str, ...]:
        """Return the tensors of the graph around it that it takes."""
        own = {tensor.name for tensor in self.tensors}
        own.update(name for node in self.nodes for name in node.outputs)
        taken = [name for node in self.nodes for name in node.inputs] + [*self.outputs]
        return tuple(dict.fromkeys(name for name in taken if name and name not in own))


class AttributeReference(NamedTuple):
    """An attribute, in a function, whose value is that of the function's own attribute of this name."""

    name: str


AttributeValue = (
    Number | str | tuple[Number, ...] | tuple[str, ...] | TensorData | Subgraph | AttributeReference
)


class OnnxNode(NamedTuple):
    """One op of the graph; what its subgraphs take of the graph around them is among its inputs.

    `scopes` is the path of modules that PyTorch's exporter says it comes from.
    """

    op: str
    domain: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, AttributeValue]
    scopes: tuple[str, ...]


FunctionKey = tuple[str, str]
"""A function's domain and name."""


class OnnxFunction(NamedTuple):
    """A function that the file defines: its tensors, its ops, and what its attributes are unless given."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    nodes: tuple[OnnxNode, ...]
    defaults: dict[str, AttributeValue]


class Described(NamedTuple):
    """What the file says of a tensor: its sizes, each a number or a name; None where it is no tensor."""

    name: str
    shape: tuple[int | str, ...] | None


class OnnxFile(NamedTuple):
    """An ONNX file as far as it is read."""

    producer: str
    opset: int
    nodes: list[OnnxNode]
    initializers: dict[str, TensorData]
    inputs: list[Described]
    outputs: list[Described]
    described: dict[str, Described]
    functions: dict[FunctionKey, OnnxFunction]


def read_onnx(data: Data) -> OnnxFile:
    """Read a ModelProto. Raises WireError for anything else and for what is beyond the limits."""
    producer, opset, graph = "", 1, None
    functions: dict[FunctionKey, OnnxFunction] = {}
    read = _ReadCount()
    for number, kind, start, end in wire_fields(data, 0, len(data)):
        if kind != STRETCH:
            continue
        if number == 2:
            producer = text(data, start, end)
        elif number == 7:
            graph = (start, end)
        elif number == 8:
            domain, version = _opset(data, start, end)
            opset = version if domain in ("", "ai.onnx") else opset
        elif number == 25:
            key, function = _function(data[start:end], read)
            functions[key] = function
    if graph is None:
        raise WireError("the file holds no graph")
    return _graph(data, *graph, producer, opset, functions, read)


def _opset(data: Data, start: int, end: int) -> tuple[str, int]:
    """Return a set of ops: whose, and which version."""
    domain, version = "", 1
    for number, kind, value, stop in wire_fields(data, start, end):
        if number == 1 and kind == STRETCH:
            domain = text(data, value, stop)
        elif number == 2 and kind == VARINT:
            version = value
    return domain, version


def _function(data: bytes, read: _ReadCount) -> tuple[FunctionKey, OnnxFunction]:
    """Return a FunctionProto."""
    words = {1: "", 10: ""}
    names: dict[int, list[str]] = {4: [], 5: []}
    nodes: list[OnnxNode] = []
    defaults: dict[str, AttributeValue] = {}
    for number, kind, start, end in wire_fields(data, 0, len(data)):
        if kind != STRETCH:
            continue
        if number in words:
            words[number] = text(data, start, end)
        elif number in names:
            names[number].append(text(data, start, end))
        elif number == 7:
            read.add_op()
            nodes.append(_node(data[start:end], read))
        elif number == 11:
            name, value = _attribute(data, start, end, read)
            if value is not None:
                defaults[name] = value
    return (words[10], words[1]), OnnxFunction(
        tuple(names[4]), tuple(names[5]), tuple(nodes), defaults
    )


def _graph(
    data: Data,
    start: int,
    end: int,
    producer: str,
    opset: int,
    functions: dict[FunctionKey, OnnxFunction],
    read: _ReadCount,
) -> OnnxFile:
    """Return the graph's parts. What there is too much of is refused before it is read."""
    places: dict[int, list[tuple[int, int]]] = {1: [], 11: [], 12: [], 13: []}
    initializers: dict[str, TensorData] = {}
    touched = 0
    for number, kind, begin, stop in wire_fields(data, start, end):
        if kind != STRETCH:
            continue
        if number == 5:
            tensor = _tensor(data, begin, stop)
            initializers[tensor.name] = tensor
            touched += stop - begin
            if touched > RELEASE_AFTER:
                release(data)
                touched = 0
        elif number in places:
            places[number].append((begin, stop))
        _check_count(len(places[1]), MAX_LAYERS, "ops")
        _check_count(len(initializers) + len(places[13]), MAX_TENSORS, "tensors")
    return OnnxFile(
        producer,
        opset,
        _nodes(data, places[1], read),
        initializers,
        [_described(data, *place) for place in places[11]],
        [_described(data, *place) for place in places[12]],
        {
            item.name: item
            for item in (_described(data, *place) for place in (*places[13], *places[12]))
        },
        functions,
    )


def _check_count(count: int, limit: int, what: str) -> None:
    if count > limit:
        raise WireError(f"the graph has more than {limit:,} {what}, the limit")


# ---- nodes ---------------------------------------------------------------------------------------------------------


def _nodes(data: Data, places: list[tuple[int, int]], read: _ReadCount) -> list[OnnxNode]:
    """Return the ops of a graph, with those of functions and subgraphs no more than the limit."""
    read.ops += len(places)
    return [_node(data[begin:stop], read) for begin, stop in places]


class _ReadCount:
    """How much was read of a file's graphs, and how deep those lie in one another."""

    def __init__(self) -> None:
        self.ops = 0
        self.parts = 0
        self.numbers = 0
        self.depth = 0

    def add_op(self) -> None:
        """Count an op that lies in a function or a subgraph. Raises WireError beyond the limit."""
        self.ops += 1
        _check_count(self.ops, MAX_LAYERS, "ops")

    def count(self, node: OnnxNode) -> OnnxNode:
        """Count what an op has. Raises WireError beyond the limits."""
        if len(node.inputs) > MAX_INPUTS:
            raise WireError(
                f"an op takes {len(node.inputs):,} tensors, above the limit of {MAX_INPUTS:,}"
            )
        self.parts += len(node.inputs) + len(node.outputs) + len(node.attributes)
        self.numbers += sum(
            len(value) for value in node.attributes.values() if isinstance(value, tuple)
        )
        _check_count(self.parts, MAX_PARTS, "inputs, outputs and attributes")
        _check_count(self.numbers, MAX_NUMBERS, "numbers in attributes")
        return node

    def subgraph(self, data: bytes, start: int, end: int) -> Subgraph:
        """Return a GraphProto within an attribute. Raises WireError beyond the limits."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise WireError(f"graphs lie in one another deeper than the limit of {MAX_DEPTH}")
        nodes: list[OnnxNode] = []
        tensors: list[TensorData] = []
        outputs: list[str] = []
        for number, kind, begin, stop in wire_fields(data, start, end):
            if kind != STRETCH:
                continue
            if number == 1:
                self.add_op()
                nodes.append(_node(data[begin:stop], self))
            elif number == 5:
                tensors.append(_tensor(data, begin, stop))
            elif number == 12:
                outputs.append(_described(data, begin, stop).name)
        self.depth -= 1
        return Subgraph(tuple(nodes), tuple(tensors), tuple(outputs))


def _node(data: bytes, read: _ReadCount) -> OnnxNode:
    """Return a NodeProto."""
    words = {3: "", 4: "", 7: ""}
    inputs: list[str] = []
    outputs: list[str] = []
    attributes: dict[str, AttributeValue] = {}
    scopes: tuple[str, ...] = ()
    captured: tuple[str, ...] = ()
    for number, kind, start, end in wire_fields(data, 0, len(data)):
        if kind != STRETCH:
            continue
        if number == 1:
            inputs.append(text(data, start, end))
        elif number == 2:
            outputs.append(text(data, start, end))
        elif number in words:
            words[number] = text(data, start, end)
        elif number == 5:
            name, value = _attribute(data, start, end, read)
            if value is not None:
                attributes[name] = value
            if isinstance(value, Subgraph):
                captured += value.captured()
        elif number == 9 and NAME_SCOPES in data[start:end]:
            scopes = _scopes(data[start:end])
    return read.count(
        OnnxNode(
            words[4], words[7], words[3], (*inputs, *captured), tuple(outputs), attributes, scopes
        )
    )


def _scopes(entry: bytes) -> tuple[str, ...]:
    """Return the words of a list that PyTorch writes as Python does: `['', 'layer1', 'layer1.0', 'conv2d']`."""
    import re

    return tuple(word.decode("utf-8", "replace") for word in re.findall(rb"'([^'\\]*)'", entry))


def _attribute(
    data: bytes, start: int, end: int, read: _ReadCount
) -> tuple[str, AttributeValue | None]:
    """Return an AttributeProto; None for a value of a kind that nothing asks for."""
    name = ""
    value: AttributeValue | None = None
    many: list[Number] = []
    words: list[str] = []
    kind_of_value = 0
    for field in wire_fields(data, start, end):
        number, kind, begin, stop = field
        if number in (7, 8):
            many.extend(_repeated(data, field, number == 7))
        elif (number, kind) == (1, STRETCH):
            name = text(data, begin, stop)
        elif (number, kind) == (9, STRETCH):
            words.append(text(data, begin, stop))
        elif (number, kind) == (20, VARINT):
            kind_of_value = begin
        elif (number, kind) == (21, STRETCH):
            value = AttributeReference(text(data, begin, stop))
        elif (number, kind) in _SINGLE:
            value = _SINGLE[number, kind](data, begin, stop, read)
    if value is None:
        value = tuple(words) if words else tuple(many) if many or kind_of_value in (6, 7) else None
    return name, value


_SINGLE: dict[tuple[int, int], Callable[[bytes, int, int, _ReadCount], AttributeValue | None]] = {
    (2, FIXED32): lambda data, begin, stop, _: float32(data, begin, stop),
    (3, VARINT): lambda _, value, *__: signed(value),
    (4, STRETCH): lambda data, begin, stop, _: text(data, begin, min(stop, begin + MAX_VALUES)),
    (5, STRETCH): lambda data, begin, stop, _: _tensor(data, begin, stop),
    (6, STRETCH): lambda data, begin, stop, read: read.subgraph(data, begin, stop),
}
"""How the one value of an attribute is read, by its number in AttributeProto and its kind on the wire."""


def _repeated(data: Data, field: WireField, floats: bool) -> list[Number]:
    """Repeated numbers of an attribute."""
    if floats:
        return [*numbers(data, field, "f", 1 << 16)]
    return [*integers(data, field, 1 << 16)]


# ---- tensors -------------------------------------------------------------------------------------------------------


def _tensor(data: Data, start: int, end: int) -> TensorData:
    """Return a TensorProto. Its data is only noted where it lies, and read where it is small."""
    name, dtype = "", 0
    shape: list[int] = []
    payload: list[WireField] = []
    outside = False
    for field in wire_fields(data, start, end):
        number, kind, begin, stop = field
        if number == 1:
            shape.extend(integers(data, field, MAX_AXES))
        elif number == 2 and kind == VARINT:
            dtype = begin
        elif number == 8 and kind == STRETCH:
            name = text(data, begin, stop)
        elif number == 14 and kind == VARINT:
            outside = begin == 1
        elif number in (4, 5, 7, 9, 10, 11) and len(payload) < MAX_VALUES:
            payload.append(field)
    sizes = _checked(shape, name)
    count = prod(sizes)
    kept = not outside and count <= MAX_VALUES and dtype in _RAW
    return TensorData(name, sizes, dtype, _values(data, payload, dtype, count) if kept else None)


def _checked(shape: list[int], name: str) -> tuple[int, ...]:
    """Return the sizes of a tensor. Raises WireError where they are none."""
    if len(shape) > MAX_AXES:
        raise WireError(f"'{name[:200]}' has more than {MAX_AXES} axes, the limit")
    if any(not 0 <= size <= MAX_NUMBER for size in shape) or prod(shape) > MAX_NUMBER**2:
        sizes = "x".join(map(str, shape))
        raise WireError(
            f"'{name[:200]}' has the sizes {sizes}; a size is between 0 and {MAX_NUMBER:,}"
        )
    return tuple(shape)


def _values(
    data: Data, payload: list[WireField], dtype: int, count: int
) -> tuple[Number, ...] | None:
    """Return the values of a small tensor, from whichever field holds them; None where they are not all there."""
    values: list[Number] = []
    for field in payload:
        number, _, start, end = field
        if number == 9:
            code = _RAW[dtype]
            if end - start != count * struct.calcsize(code):
                return None
            return struct.unpack(f"<{count}{code}", data[start:end])
        if number in (4, 10):
            values.extend(numbers(data, field, "f" if number == 4 else "d", MAX_VALUES))
        else:
            values.extend(integers(data, field, MAX_VALUES))
    return tuple(values) if len(values) == count else None


def _described(data: Data, start: int, end: int) -> Described:
    """Return a ValueInfoProto: a name, and the sizes if it is a tensor that says them."""
    name, shape = "", None
    for number, kind, begin, stop in wire_fields(data, start, end):
        if number == 1 and kind == STRETCH:
            name = text(data, begin, stop)
        elif number == 2 and kind == STRETCH:
            shape = _type_shape(data, begin, stop)
    return Described(name, shape)


def _type_shape(data: Data, start: int, end: int) -> tuple[int | str, ...] | None:
    """Return the shape in a TypeProto: tensor_type (1), its shape (2), its dims (1)."""
    for tensor in _inside(data, (start, end), 1):
        for shape in _inside(data, tensor, 2):
            dims = tuple(_dim(data, *dim) for dim in _inside(data, shape, 1))
            _checked([dim for dim in dims if isinstance(dim, int)], "a tensor")
            return dims
    return None


def _inside(data: Data, place: tuple[int, int], wanted: int) -> Iterator[tuple[int, int]]:
    """Where the fields of one number lie in a message."""
    for number, kind, start, end in wire_fields(data, *place):
        if number == wanted and kind == STRETCH:
            yield start, end


def _dim(data: Data, start: int, end: int) -> int | str:
    """Return a size: a number, a name, or `?`."""
    size: int | str = "?"
    for number, kind, begin, stop in wire_fields(data, start, end):
        if number == 1 and kind == VARINT:
            size = signed(begin)
        elif number == 2 and kind == STRETCH:
            size = text(data, begin, stop) or "?"
    return size
