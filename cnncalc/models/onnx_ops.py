"""An ONNX model in the making: its ops, its weights of zeros, and the message that it is in the end.

The weights are initializers of external data. As they are zeros, all of them are the same stretch of one file, which is
as long as the largest.
(https://onnx.ai/onnx/repo-docs/IR.html, onnx.proto3)
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import NamedTuple

from cnncalc.models.wire_write import bytes_field, float_field, integer_field, integers_field
from cnncalc.ops.base import Array
from cnncalc.ops.shapes import Shape
from cnncalc.spec.graph import Graph

OPSET, IR_VERSION = 21, 10
FLOAT, INT64 = 1, 7
"""Types of elements."""
FLOAT_BYTES = 4
BATCH = "batch"
"""What the open size of the batch is called."""

Value = int | float | str | Sequence[int] | bytes


class _OnnxOp(NamedTuple):
    """An op of the model: what it takes and makes, and its message."""

    inputs: tuple[str, ...]
    output: str
    message: bytes


class OnnxOps:
    """The ops of a model, layer by layer."""

    def __init__(self, graph: Graph, location: str) -> None:
        self.graph = graph
        self.location = location
        self.zeros = 0
        self.tensors: dict[int, str] = {}
        self._ops: list[_OnnxOp] = []
        self._initializers: dict[str, bytes] = {}
        self._taken: set[str] = set()
        self._layer = ""
        self._turned: dict[str, str] = {}
        self._weights: dict[int, dict[str, str]] = {}
        self._current: dict[str, str] = {}
        for index, node in enumerate(graph.nodes):
            if node.op.is_input:
                self.tensors[index] = self._free(node.name)

    def begin(self, index: int) -> list[str]:
        """Begin a layer; the tensors that arrive at it."""
        node = self.graph.nodes[index]
        self._layer = node.name
        owner = index if node.shares is None else node.shares
        if owner not in self._weights:
            self._weights[owner] = {
                array.name: self._weight(node.name, array) for array in node.arrays
            }
        self._current = self._weights[owner]
        return [self.tensors[source] for source in node.inputs]

    def _weight(self, layer: str, array: Array) -> str:
        """Add an array of zeros to the weights."""
        return self._external(self._free(f"{layer.replace('/', '.')}.{array.name}"), array.shape)

    def _external(self, name: str, shape: Shape) -> str:
        size = prod(shape) * FLOAT_BYTES
        self.zeros = max(self.zeros, size)
        place = {"location": self.location, "offset": "0", "length": str(size)}
        entries = b"".join(
            bytes_field(13, bytes_field(1, key) + bytes_field(2, text))
            for key, text in place.items()
        )
        self._initializers[name] = _tensor(name, FLOAT, shape, entries + integer_field(14, 1))
        return name

    def _free(self, name: str) -> str:
        """Give a name of a tensor that is not taken."""
        free, count = name, 1
        while free in self._taken:
            count += 1
            free = f"{name}_{count}"
        self._taken.add(free)
        return free

    # -- what a layer is made of ---------------------------------------------------------------------------------------

    def op(self, kind: str, *inputs: str, **attributes: Value) -> str:
        """Add an op; the tensor that it makes. Its name is the layer's path and its own kind."""
        return self._add(self._layer, kind, inputs, attributes)

    def op_beside(self, word: str, kind: str, *inputs: str, **attributes: Value) -> str:
        """Add an op that the layer needs beside its own, whose path is the layer's with a word behind it."""
        return self._add(f"{self._layer}_{word}", kind, inputs, attributes)

    def _add(
        self, path: str, kind: str, inputs: tuple[str, ...], attributes: Mapping[str, Value]
    ) -> str:
        output = self._free(f"{path}/{kind}")
        parts = [bytes_field(1, name) for name in inputs]
        parts += [
            bytes_field(2, output),
            bytes_field(3, self._free(f"/{path}/{kind}")),
            bytes_field(4, kind),
        ]
        parts += [bytes_field(5, _attribute(name, value)) for name, value in attributes.items()]
        self._ops.append(_OnnxOp(inputs, output, b"".join(parts)))
        return output

    def weight(self, name: str = "weight", shape: Shape | None = None) -> str:
        """Give the tensor of one of the layer's arrays, in another shape if need be; empty where it has none."""
        tensor = self._current.get(name, "")
        if tensor and shape is not None:
            self._external(tensor, shape)
        return tensor

    def weight_of(self, number: int, shape: Shape) -> str:
        """Give the tensor of one filter's weights, where each has a tensor of its own."""
        return self._external(f"{self._current['weight']}_{number}", shape)

    def weight_or(self, name: str, size: int, value: float) -> str:
        """Give the tensor of one of the layer's arrays, or one of equal numbers, which are no weights."""
        return self.weight(name) or self.constant([value] * size, (size,))

    def constant(self, values: Sequence[float], shape: Shape) -> str:
        """Give a tensor of numbers that are no weights."""
        data = struct.pack(f"<{len(values)}f", *values)
        return self.op("Constant", value=_tensor("", FLOAT, shape, bytes_field(9, data)))

    def integers(self, values: Iterable[int]) -> str:
        """Give a tensor of integers, such as a shape; the same for the same."""
        numbers = tuple(values)
        name = f"integers/{'_'.join(map(str, numbers))}"
        data = bytes_field(9, struct.pack(f"<{len(numbers)}q", *numbers))
        self._initializers[name] = _tensor(name, INT64, (len(numbers),), data)
        return name

    def channels_last(self, tensor: str, rank: int) -> str:
        """Put the channels behind `rank` spatial axes."""
        if rank == 0:
            return tensor
        if tensor in self._turned:
            return self._turned[tensor]
        return self.op("Transpose", tensor, perm=(0, *range(2, rank + 2), 1))

    def channels_first(self, tensor: str, rank: int) -> str:
        """Put the channels before `rank` spatial axes again; what turns them back takes the tensor itself."""
        if rank == 0:
            return tensor
        turned = self.op("Transpose", tensor, perm=(0, rank + 1, *range(1, rank + 1)))
        self._turned[turned] = tensor
        return turned

    # -- the model -----------------------------------------------------------------------------------------------------

    def model(self, title: str, producer: Mapping[int, str]) -> bytes:
        """Give the whole file."""
        nodes = self.graph.nodes
        outputs = [self.tensors[at] for at in self.graph.outputs() if not nodes[at].side]
        shapes = {self.tensors[at]: nodes[at].output for at in self.tensors}
        inputs = [self.tensors[at] for at, node in enumerate(nodes) if node.op.is_input]
        ops = self._needed(outputs)
        used = {name for op in ops for name in op.inputs}
        parts = [bytes_field(1, op.message) for op in ops]
        parts.append(bytes_field(2, self.graph.name or "network"))
        parts += [bytes_field(5, data) for name, data in self._initializers.items() if name in used]
        parts.append(bytes_field(10, title))
        for field, names in ((11, inputs), (12, outputs)):
            parts += [bytes_field(field, _described(name, shapes[name])) for name in names]
        return b"".join(
            [
                integer_field(1, IR_VERSION),
                *(bytes_field(field, text) for field, text in producer.items()),
                bytes_field(7, b"".join(parts)),
                bytes_field(8, integer_field(2, OPSET)),
            ]
        )

    def _needed(self, outputs: Iterable[str]) -> list[_OnnxOp]:
        """Give the ops that the outputs follow from, in order."""
        wanted = set(outputs)
        needed = []
        for op in reversed(self._ops):
            if op.output in wanted:
                wanted.update(op.inputs)
                needed.append(op)
        return needed[::-1]


def _tensor(name: str, kind: int, shape: Shape, data: bytes) -> bytes:
    """Write a TensorProto."""
    return integers_field(1, shape) + integer_field(2, kind) + bytes_field(8, name) + data


def _described(name: str, shape: Shape) -> bytes:
    """Write a ValueInfoProto of a tensor of floats, the batch and the channels before the shape's other axes."""
    sizes = [integer_field(1, size) for size in (shape[-1], *shape[:-1])]
    dims = [bytes_field(2, BATCH), *sizes]
    shape_message = b"".join(bytes_field(1, dim) for dim in dims)
    tensor_type = integer_field(1, FLOAT) + bytes_field(2, shape_message)
    return bytes_field(1, name) + bytes_field(2, bytes_field(1, tensor_type))


def _attribute(name: str, value: Value) -> bytes:
    """Write an AttributeProto: the field of the value, and the number of its type."""
    if isinstance(value, bytes):
        given = bytes_field(5, value) + integer_field(20, 4)
    elif isinstance(value, str):
        given = bytes_field(4, value) + integer_field(20, 3)
    elif isinstance(value, float):
        given = float_field(2, value) + integer_field(20, 1)
    elif isinstance(value, int):
        given = integer_field(3, value) + integer_field(20, 2)
    else:
        given = integers_field(8, map(int, value)) + integer_field(20, 7)
    return bytes_field(1, name) + given


__all__ = ["INT64", "OPSET", "OnnxOps"]
