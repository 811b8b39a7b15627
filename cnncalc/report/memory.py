"""What is in memory: the peak of a forward pass and where it is, and what training keeps, part by part.

A forward pass runs the layers in order. A tensor lives from the layer that makes it to the last that reads it;
outputs stay. An activation overwrites its input where nothing else reads that (not the network's input); flatten,
reshape, slice, identity, broadcast and dropout at inference give the same memory another shape. A concat copies: its
branches and its output are alive together, as in PyTorch and TensorFlow. Parameters are not counted in the peak.

Training keeps, of each layer, what PyTorch's kernels on a CPU save for the backward pass (`Op.kept`), each tensor once,
activations not in place.

Mixed precision (`mixed`) is what PyTorch's autocast does: values of 2 bytes, but parameters, gradients and the
optimizer's state of 4, and beside them a 2-byte copy of the parameters of every layer that multiplies and accumulates.
Source: https://docs.pytorch.org/docs/stable/amp.html
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from cnncalc.ops.shapes import elements
from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.quantities import Quantity

DTYPES = {"float32": 4, "float64": 8, "float16": 2, "bfloat16": 2, "int8": 1, "mixed": 2}
"""Bytes of a value."""

_MASTER_BYTES = {"mixed": 4}
"""Bytes of a parameter, its gradient and its state, where they are not those of a value."""

DTYPE_SYNONYMS = {
    "fp32": "float32",
    "float": "float32",
    "single": "float32",
    "fp64": "float64",
    "double": "float64",
    "fp16": "float16",
    "half": "float16",
    "bf16": "bfloat16",
    "amp": "mixed",
}
"""What else people call them: PyTorch's short names, and those of hardware."""

OPTIMIZERS = {"sgd": 0, "momentum": 1, "adam": 2}
"""Numbers of state that an optimizer keeps for each parameter."""
OPTIMIZER_SYNONYMS = {"adamw": "adam", "nadam": "adam", "radam": "adam", "nesterov": "momentum"}
"""Other optimizers, and one that keeps as much."""


def parameter_bytes(dtype: str) -> int:
    """Bytes of a parameter."""
    return _MASTER_BYTES.get(dtype, DTYPES[dtype])


def scale(quantity: Quantity, dtype: str, batch: int) -> int:
    """Return what the counts of a quantity are multiplied by to be in bytes; 1 where it is not in bytes."""
    if quantity.scaled == "batch":
        return DTYPES[dtype] * batch
    return parameter_bytes(dtype) if quantity.scaled else 1


class Moment(NamedTuple):
    """One layer's turn in a forward pass: its position in the graph, and the bytes that are alive while it runs."""

    place: int
    bytes: int


class Training(NamedTuple):
    """What training holds at once, in bytes: parameters and their 2-byte copies, gradients, state, what is kept."""

    parameters: int
    copies: int
    gradients: int
    state: int
    kept: int

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self)


class Memory:
    """The memory of a network for a batch; each part is worked out when it is first asked for.

    `params` are the parameters that are counted, and `multiplied` those of them that layers with MACs have.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        batch: int,
        dtype: str,
        optimizer: str,
        with_side: bool,
        params: int,
        multiplied: int,
    ) -> None:
        self.graph = graph
        self.batch = batch
        self.dtype = dtype
        self.optimizer = optimizer
        self.with_side = with_side
        self.params = params
        self.multiplied = multiplied

    def __repr__(self) -> str:
        return f"<Memory {self.batch} x {self.dtype}>"

    # -- a forward pass ----------------------------------------------------------------------------------------------

    @property
    def peak(self) -> int:
        """The most bytes alive at once in a forward pass, without parameters."""
        return self.peak_moment.bytes

    @property
    def peak_moment(self) -> Moment:
        """The first moment at which the peak is reached."""
        return max(self.moments, key=lambda moment: moment.bytes)

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """What is alive while each layer runs, in execution order; views and in-place layers make nothing new."""
        roots, last, nodes, width = self._roots, self._last, self.graph.nodes, self._value_width
        sizes = {root: _values(nodes[root]) for root in set(roots.values())}
        ending: dict[int, int] = {}
        for root, size in sizes.items():
            ending[last[root]] = ending.get(last[root], 0) + size
        alive = 0
        moments = []
        for index, root in roots.items():
            if root == index:
                alive += sizes[index]
            moments.append(Moment(index, alive * width))
            alive -= ending.get(index, 0)
        return tuple(moments)

    def alive(self, index: int) -> tuple[Moment, ...]:
        """Return the tensors alive while a layer runs: by the layer that made each, and its bytes."""
        nodes, width = self.graph.nodes, self._value_width
        return tuple(
            Moment(root, _values(nodes[root]) * width)
            for root in dict.fromkeys(self._roots.values())
            if root <= index <= self._last[root]
        )

    @property
    def _value_width(self) -> int:
        return DTYPES[self.dtype] * self.batch

    @cached_property
    def _members(self) -> list[int]:
        """The layers that run."""
        nodes = self.graph.nodes
        return [index for index, node in enumerate(nodes) if self.with_side or not node.side]

    @cached_property
    def _roots(self) -> dict[int, int]:
        """For each layer that runs the one whose memory its output is in, views and in-place activations followed."""
        return self._placed[0]

    @cached_property
    def _last(self) -> dict[int, int]:
        """For each memory the last layer that reads it; past the end for outputs."""
        return self._placed[1]

    @cached_property
    def _placed(self) -> tuple[dict[int, int], dict[int, int]]:
        nodes = self.graph.nodes
        storage = _views(self.graph, self._members, training=False)
        last: dict[int, int] = {}
        for index, last_use in _last_uses(self.graph, self._members).items():
            root = storage[index]
            last[root] = max(last.get(root, last_use), last_use)
        moved: dict[int, int] = {}
        for index in self._members:
            root = storage[index]
            root = moved.get(root, root)
            node = nodes[index]
            if node.op.in_place:
                (source,) = node.inputs
                below = storage[source]
                # not into a vector that is broadcast over a map, nor into an input of the network
                fits = elements(node.output) <= elements(nodes[below].output)
                if nodes[below].inputs and last[below] == index and fits:
                    moved[index] = root = below
                    last[below] = last[index]
            storage[index] = root
        return storage, last

    # -- training ----------------------------------------------------------------------------------------------------

    @cached_property
    def training(self) -> Training:
        """Parameters, gradients, the optimizer's state, and what the backward pass keeps of the batch."""
        width = parameter_bytes(self.dtype)
        held = self.params * width
        copies = self.multiplied * DTYPES[self.dtype] if width != DTYPES[self.dtype] else 0
        return Training(held, copies, held, held * OPTIMIZERS[self.optimizer], self.kept)

    @cached_property
    def kept(self) -> int:
        """Bytes that the backward pass of the batch needs."""
        nodes = self.graph.nodes
        storage = _views(self.graph, self._members, training=True)
        tensors: set[int] = set()
        values = index_bytes = batch_values = 0
        for index in self._members:
            node = nodes[index]
            kept = node.facts.kept
            tensors.update(storage[node.inputs[place]] for place in kept.inputs)
            if kept.output:
                tensors.add(storage[index])
            values += kept.values
            index_bytes += kept.index_bytes
            batch_values += kept.batch_values
        values += sum(_values(nodes[index]) for index in tensors)
        per_example = values * DTYPES[self.dtype] + index_bytes
        return self.batch * per_example + batch_values * parameter_bytes(self.dtype)


def _values(node: Node) -> int:
    """How many values a layer's output adds to what is alive; a learned array's are parameters."""
    return 0 if node.op.is_learned else elements(node.output)


def _views(graph: Graph, members: Iterable[int], *, training: bool) -> dict[int, int]:
    """For each layer the one whose memory its output is in, views followed."""
    nodes = graph.nodes
    roots: dict[int, int] = {}
    for index in members:
        node = nodes[index]
        roots[index] = index
        if node.op.is_view and not (training and node.op.copies_in_training):
            (source,) = node.inputs
            roots[index] = roots[source]
    return roots


def _last_uses(graph: Graph, members: Iterable[int]) -> dict[int, int]:
    """For each layer the last that reads it; past the end for outputs."""
    nodes = graph.nodes
    end = len(nodes)
    last = dict.fromkeys(members, end)
    for index in members:
        for source in nodes[index].inputs:
            last[source] = index
    for index in graph.outputs():
        if index in last:
            last[index] = end
    return last


__all__ = [
    "DTYPES",
    "DTYPE_SYNONYMS",
    "OPTIMIZERS",
    "OPTIMIZER_SYNONYMS",
    "Memory",
    "Moment",
    "Training",
    "parameter_bytes",
    "scale",
]
