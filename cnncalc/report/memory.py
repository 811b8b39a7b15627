"""What is in memory: the peak of a forward pass, and what training keeps.

A forward pass runs the layers in order. A tensor lives from the layer that makes it to the last that reads it;
outputs stay. An activation overwrites its input where nothing else reads that (not a network's input); flatten,
reshape, slice, identity, broadcast and dropout at inference give the same memory another shape. A concat copies: its
branches and its output are alive together, as in PyTorch and TensorFlow. Parameters are not counted in the peak.

Training keeps, of each layer, what PyTorch's kernels on a CPU save for the backward pass (`Op.kept`), each tensor once,
activations not in place.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.ops.shapes import elements
from cnncalc.spec.graph import Graph

DTYPES = {"float32": 4, "float64": 8, "float16": 2, "bfloat16": 2, "int8": 1}
"""Bytes of a value."""

OPTIMIZERS = {"sgd": 0, "momentum": 1, "adam": 2}
"""Numbers of state that an optimizer keeps for each parameter."""


def _storage(graph: Graph, nodes: Sequence[int], *, training: bool) -> dict[int, int]:
    """For each node the node whose memory its output is in, views followed."""
    found: dict[int, int] = {}
    for index in nodes:
        op = graph.nodes[index].op
        views = op.is_view and not (training and op.copies_in_training)
        found[index] = found[graph.nodes[index].inputs[0]] if views else index
    return found


def _last_uses(graph: Graph, nodes: Sequence[int]) -> dict[int, int]:
    """For each node the last that reads it; past the end for outputs."""
    last: dict[int, int] = {}
    for index in nodes:
        for source in graph.nodes[index].inputs:
            last[source] = index
    end = len(graph.nodes)
    last.update(dict.fromkeys(graph.outputs(), end))
    return {index: last.get(index, end) for index in nodes}


def _overwrites(graph: Graph, nodes: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Storage with in-place activations, and the last use of each storage."""
    storage = _storage(graph, nodes, training=False)
    last_of_node = _last_uses(graph, nodes)
    last: dict[int, int] = {}
    for index in nodes:
        last[storage[index]] = max(last.get(storage[index], 0), last_of_node[index])
    moved: dict[int, int] = {}
    for index in nodes:
        root = storage[index]
        root = moved.get(root, root)
        node = graph.nodes[index]
        if node.op.in_place and root == index:
            below = storage[node.inputs[0]]
            fits = elements(node.output) <= elements(
                graph.nodes[below].output
            )  # not into a vector that is laid out
            if graph.nodes[below].inputs and last[below] == index and fits:
                moved[index] = root = below
                last[below] = last[index]
        storage[index] = root
    return storage, last


def peak_elements(graph: Graph, *, with_side: bool) -> int:
    """The most values alive at once in a forward pass of one example."""
    nodes = [index for index, node in enumerate(graph.nodes) if with_side or not node.side]
    storage, last = _overwrites(graph, nodes)
    ending: dict[int, list[int]] = {}
    for root in set(storage.values()):
        ending.setdefault(last[root], []).append(root)
    alive = peak = 0
    for index in nodes:
        if storage[index] == index:
            alive += elements(graph.nodes[index].output)
            peak = max(peak, alive)
        alive -= sum(elements(graph.nodes[root].output) for root in ending.get(index, ()))
    return peak


def kept_bytes(graph: Graph, *, batch: int, width: int, with_side: bool) -> int:
    """Bytes that the backward pass of a batch needs, with values of `width` bytes."""
    nodes = [index for index, node in enumerate(graph.nodes) if with_side or not node.side]
    storage = _storage(graph, nodes, training=True)
    tensors: set[int] = set()
    values = index_bytes = batch_values = 0
    for index in nodes:
        node = graph.nodes[index]
        kept = node.facts.kept
        tensors.update(storage[node.inputs[place]] for place in kept.inputs)
        if kept.output:
            tensors.add(storage[index])
        values += kept.values
        index_bytes += kept.index_bytes
        batch_values += kept.batch_values
    values += sum(elements(graph.nodes[index].output) for index in tensors)
    return batch * (values * width + index_bytes) + batch_values * width


def training_bytes(
    graph: Graph, params: int, *, batch: int, width: int, optimizer: str, with_side: bool
) -> int:
    """Parameters, gradients, optimizer state, and what the backward pass keeps of a batch, in bytes."""
    kept = kept_bytes(graph, batch=batch, width=width, with_side=with_side)
    return params * width * (2 + OPTIMIZERS[optimizer]) + kept


__all__ = ["DTYPES", "OPTIMIZERS", "kept_bytes", "peak_elements", "training_bytes"]
