"""A graph as an ONNX model of opset 21: plain ops, one or a few for each layer, and zero weights outside the file.

Maps have their channels first, and the batch is open. Side outputs, which are for training, are left out.
"""

from __future__ import annotations

from cnncalc.models.code import NoCounterpartError
from cnncalc.models.onnx_ops import OPSET, OnnxOps
from cnncalc.models.write_onnx_layers import LAYERS
from cnncalc.models.writers import Written, refused
from cnncalc.spec.graph import Graph, Node


def write(graph: Graph, title: str, name: str) -> Written:
    """Write the model as a file of that name. Raises SpecError for a layer that ONNX has no ops for."""
    ops = OnnxOps(graph, f"{name}.data")
    for index, node in enumerate(graph.nodes):
        if not node.side and not node.op.is_input:
            ops.tensors[index] = _made(ops, node, ops.begin(index))
    notes = ("side outputs are left out",) if any(node.side for node in graph.nodes) else ()
    return Written("", notes, ops.model(title, {2: "cnncalc"}), ops.zeros)


def _made(ops: OnnxOps, node: Node, inputs: list[str]) -> str:
    """Add a layer's ops; the tensor that it gives. Raises SpecError where there are none for it."""
    make = LAYERS.get(node.kind)
    try:
        if make is None:
            of = node.op.of or node.kind
            raise NoCounterpartError(f"{of} has no counterpart in ONNX's opset {OPSET}")
        return make(ops, node, inputs)
    except NoCounterpartError as error:
        raise refused(node, str(error)) from None


__all__ = ["write"]
