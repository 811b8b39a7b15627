"""ONNX files, read with no package but Python's own: the graph from the wire, its weights never loaded.

The file is mapped into memory and skipped through (wire.py, onnx_messages.py); what is computed from constants is
folded away (onnx_fold.py); what exporters spell out is put together again (onnx_patterns.py); then each op becomes a
row (onnx_layers.py, onnx_moves.py), with the axes of its tensors kept track of (onnx_views.py).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from math import prod
from pathlib import PurePath

from cnncalc.models import ModelFile
from cnncalc.models.builder import Builder, Model
from cnncalc.models.layout import View, channels_first, channels_last
from cnncalc.models.onnx_fold import (
    UNSUITED,
    Constant,
    Folder,
    FoldLimitError,
    constant_of,
    ints,
    shape_constant,
)
from cnncalc.models.onnx_functions import inline
from cnncalc.models.onnx_layers import LAYERS, Handler
from cnncalc.models.onnx_messages import (
    FLOAT_TYPES,
    Described,
    OnnxFile,
    OnnxNode,
    Subgraph,
    TensorData,
    read_onnx,
)
from cnncalc.models.onnx_moves import MOVES
from cnncalc.models.onnx_names import OnnxNames, weights_owner
from cnncalc.models.onnx_patterns import ONE_INPUT, Folded, fold_constants, recognise
from cnncalc.models.onnx_reader import GraphReader, Tensor
from cnncalc.models.rows import UnsupportedError
from cnncalc.models.wire import WireError
from cnncalc.text.source import SpecError
from cnncalc.text.suggest import listing

HANDLERS = {**LAYERS, **MOVES}
LOOPS = ("Loop", "Scan", "SequenceMap")
"""Ops with a graph of their own that runs several times."""
IMAGE_CHANNELS = (1, 2, 3, 4)


def read(file: ModelFile) -> Model:
    """Read an ONNX file. Raises SpecError for what is wrong with it."""
    try:
        with (
            open(file.path, "rb") as stream,
            mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            onnx = read_onnx(data)
            onnx = onnx._replace(nodes=inline(onnx.nodes, onnx.functions))
    except WireError as error:
        raise file.error(f"this is not a whole ONNX file: {error}") from None
    except (OSError, ValueError) as error:
        raise file.error(f"cannot read this file: {error}") from None
    try:
        return _OnnxImport(file, onnx).model()
    except FoldLimitError as error:
        raise file.error(str(error), code="limit") from None


def _parameter_name(tensor: TensorData) -> str:
    """Return the name of a tensor that is weights; empty for integers, and for a number by itself."""
    return tensor.name if tensor.dtype in FLOAT_TYPES and tensor.shape else ""


def _needed(nodes: list[OnnxNode], outputs: Iterable[Described]) -> list[OnnxNode]:
    """Return the ops that the graph's outputs depend on, in order; all where no output is named."""
    wanted = {item.name for item in outputs}
    if not wanted:
        return nodes
    needed = []
    for node in reversed(nodes):
        if not wanted.isdisjoint(node.outputs):
            wanted.update(node.inputs)
            needed.append(node)
    return needed[::-1]


def folded_note(count: int) -> str:
    """Return what to say where batch norm was folded away."""
    convolutions = "1 convolution" if count == 1 else f"{count} convolutions"
    return (
        f"batch norm was folded into {convolutions} when the file was written: a bias is counted where it was, and its "
        "own parameters are gone"
    )


_FIRST = frozenset(
    {
        "Conv",
        "ConvTranspose",
        "BatchNormalization",
        "InstanceNormalization",
        "GroupNormalization",
        "MaxPool",
    }
    | {
        "AveragePool",
        "GlobalAveragePool",
        "GlobalMaxPool",
        "LRN",
        "DepthToSpace",
        "SpaceToDepth",
        "Flatten",
    }
)
_LAST = frozenset({"MatMul", "Linear", "LayerNormalization"})
"""Ops whose channels are the second axis, and those that work on the last."""


def has_channels_last(name: str, shape: tuple[int | None, ...], nodes: Iterable[OnnxNode]) -> bool:
    """Whether an input has its channels last, by the first op that tells; else by which size is that of an image."""
    same = {name}
    for node in nodes:
        if same.isdisjoint(node.inputs):
            continue
        if node.op in _FIRST or node.op in _LAST:
            return node.op in _LAST
        if node.op == "Transpose":
            order = ints(node, "perm", tuple(reversed(range(len(shape)))))
            return order[1:2] == (len(shape) - 1,)
        if node.op not in ("Reshape", "Gather", "Split", "Shape"):
            same.update(node.outputs)
    return shape[1] not in IMAGE_CHANNELS and shape[-1] in IMAGE_CHANNELS


def _held(inputs: Iterable[Tensor | None]) -> int:
    """How many parameters an op takes."""
    return sum(prod(item.shape) for item in inputs if isinstance(item, Constant) and item.parameter)


class _OnnxImport:
    """One file on its way to a Graph."""

    def __init__(self, file: ModelFile, onnx: OnnxFile) -> None:
        self.file = file
        self.onnx = onnx
        self.folder = Folder()
        self.builder = Builder(file, PurePath(file.path).stem)

    def model(self) -> Model:
        """Return the graph, and what is to be said of the file."""
        weights = {
            name: constant_of(tensor, _parameter_name(tensor))
            for name, tensor in self.onnx.initializers.items()
        }
        needed = _needed(self.ordered(weights), self.onnx.outputs)
        folded = fold_constants(needed, weights, self.folder)
        nodes = recognise(folded, (output.name for output in self.onnx.outputs))
        reader = self.reader(nodes, folded)
        for node in nodes:
            self.add(reader, node)
        self.note_unused(needed)
        if reader.folded_norms:
            self.builder.note(folded_note(reader.folded_norms))
        return self.builder.model()

    # -- the graph's order ---------------------------------------------------------------------------------------------

    def ordered(self, weights: dict[str, Constant]) -> list[OnnxNode]:
        """Return the ops, each behind those whose outputs it takes.

        Raises SpecError for a circle or an unknown tensor.
        """
        known = {"", *weights, *(item.name for item in self.onnx.inputs)}
        made = {name for node in self.onnx.nodes for name in node.outputs}
        waiting: dict[str, list[int]] = {}
        missing: dict[int, int] = {}
        order: list[OnnxNode] = []
        nodes = self.onnx.nodes
        for index, node in enumerate(nodes):
            lacking = {name for name in node.inputs if name not in known}
            for name in lacking:
                if name not in made:
                    raise self.error(f"it takes '{name}', which nothing in the graph makes", node)
                waiting.setdefault(name, []).append(index)
            missing[index] = len(lacking)
            if not lacking:
                self._place(index, order, known, waiting, missing)
        if len(order) < len(nodes):
            stuck = next(node for index, node in enumerate(nodes) if missing[index])
            raise self.error(
                "the graph goes in a circle here: it takes what is made of its own output", stuck
            )
        return order

    def _place(
        self,
        index: int,
        order: list[OnnxNode],
        known: set[str],
        waiting: dict[str, list[int]],
        missing: dict[int, int],
    ) -> None:
        """Append an op, and those that have waited for it alone."""
        ready = [index]
        while ready:
            node = self.onnx.nodes[ready.pop()]
            order.append(node)
            for name in node.outputs:
                known.add(name)
                for other in waiting.pop(name, ()):
                    missing[other] -= 1
                    if not missing[other]:
                        ready.append(other)

    # -- tensors -------------------------------------------------------------------------------------------------------

    def reader(self, nodes: list[OnnxNode], folded: Folded) -> GraphReader:
        """Return the reader, its tensors the constants and what arrives at the network."""
        used = {name for node in nodes for name in node.inputs}
        arriving = [
            item
            for item in self.onnx.inputs
            if item.name not in self.onnx.initializers and item.name in used
        ]
        batches = [item.shape[0] for item in arriving if item.shape]
        batch = next((size for size in batches if isinstance(size, int) and size > 0), 1)
        reader = GraphReader(self.builder, OnnxNames(nodes), batch, self.onnx.opset)
        reader.tensors.update(folded.constants)
        for item in arriving:
            reader.tensors[item.name] = self.input_view(item, nodes, reader)
        return reader

    def input_view(self, item: Described, nodes: list[OnnxNode], reader: GraphReader) -> View:
        """Return what arrives, whose first axis is the batch; sizes that the file leaves open are those of --input.

        Raises SpecError where it has no shape.
        """
        shape = item.shape
        if not shape or not 2 <= len(shape) <= 5:
            raise self.file.error(
                f"input '{item.name}' has no shape of 2 to 5 axes, a batch first",
                "export it with its shape",
            )
        sizes = tuple(size if isinstance(size, int) else None for size in shape)
        last = len(shape) == 2 or has_channels_last(item.name, sizes, nodes)
        own = sizes[1:] if last else (*sizes[2:], sizes[1])
        known = tuple(size for size in own if size is not None)
        if len(known) < len(own):
            known = self.builder.open_input(item.name, own)
        row = self.builder.input(item.name, known)
        return reader.whole(row, (channels_last if last else channels_first)(len(known)))

    # -- ops -----------------------------------------------------------------------------------------------------------

    def add(self, reader: GraphReader, node: OnnxNode) -> None:
        """Make an op's outputs known: constants, views or rows."""
        inputs: list[Tensor | None] = []
        try:
            inputs = reader.inputs(node)[: 1 if node.op in ONE_INPUT else None]
            constants = [item for item in inputs if isinstance(item, Constant) or item is None]
            if node.op in ("Shape", "Size") and isinstance(inputs[0], View):
                reader.set(node, shape_constant(node, inputs[0].sizes))
            elif node.op == "If" and isinstance(inputs[0], Constant):
                self.branch(reader, node, inputs[0])
            elif len(constants) == len(inputs):
                reader.set(node, *self.folder.fold(node, constants))
            else:
                self.handler(node)(reader, node)
        except (SpecError, FoldLimitError):
            raise
        except (UnsupportedError, *UNSUITED) as error:
            self.unknown(reader, node, inputs, str(error))

    def branch(self, reader: GraphReader, node: OnnxNode, condition: Constant) -> None:
        """Take the branch of an If whose condition is known. Raises UnsupportedError where it is not."""
        name = "then_branch" if condition.number else "else_branch"
        branch = node.attributes.get(name)
        if condition.number is None or not isinstance(branch, Subgraph):
            raise UnsupportedError("its condition is not known before the network runs")
        for tensor in branch.tensors:
            reader.tensors[tensor.name] = constant_of(tensor, _parameter_name(tensor))
        for inner in branch.nodes:
            self.add(reader, inner)
        reader.set(node, *map(reader.tensor, branch.outputs))

    def handler(self, node: OnnxNode) -> Handler:
        """Return what makes rows of an op. Raises UnsupportedError where nothing does."""
        known = HANDLERS.get(node.op) if node.domain in ("", "ai.onnx", "com.microsoft") else None
        if node.op in LOOPS:
            raise UnsupportedError(
                "its graph runs as often as the network decides while it runs, so that nothing can be counted before"
            )
        if known is None:
            raise UnsupportedError("cnncalc does not know this op")
        return known

    def unknown(
        self, reader: GraphReader, node: OnnxNode, inputs: list[Tensor | None], reason: str
    ) -> None:
        """Add a row for an op that is not known, with the shape that the file says. Raises SpecError without one."""
        of = f"{node.domain}:{node.op}" if node.domain else node.op
        rows = [item.node for item in inputs if isinstance(item, View)]
        shape = self.described_shape(node)
        if shape is None or not rows:
            raise self.error(
                f"{of} cannot be counted: {reason}, and the file does not say its shape", node
            )
        own = shape[1:] if len(shape) < 4 else (*shape[2:], shape[1])
        row = self.builder.unknown(
            of, rows, own, params=_held(inputs), **reader.names.where(node)._asdict()
        )
        form = (channels_last if len(shape) < 4 else channels_first)(len(own))
        reader.set_row(node, row, form)

    def described_shape(self, node: OnnxNode) -> tuple[int, ...] | None:
        """Return the shape that the file says an op's output has; None where it does not."""
        item = self.onnx.described.get(node.outputs[0]) if node.outputs else None
        if item is None or item.shape is None or not 2 <= len(item.shape) <= 5:
            return None
        sizes = (
            1 if at == 0 and not isinstance(size, int) else size
            for at, size in enumerate(item.shape)
        )
        known = [size for size in sizes if isinstance(size, int) and size > 0]
        return tuple(known) if len(known) == len(item.shape) else None

    # -- notes and errors ----------------------------------------------------------------------------------------------

    def note_unused(self, nodes: Iterable[OnnxNode]) -> None:
        """Say which weights lie in the file and are used by nothing."""
        used = {name for node in nodes for name in node.inputs}
        idle = [
            tensor
            for tensor in self.onnx.initializers.values()
            if tensor.name not in used and _parameter_name(tensor)
        ]
        count = sum(prod(tensor.shape) for tensor in idle)
        if count:
            owners = [weights_owner(tensor.name) or tensor.name for tensor in idle]
            names = listing(list(dict.fromkeys(name.split("/")[0] for name in owners)), 6)
            self.builder.note(f"{count:,} parameters in the file are used by nothing: {names}")

    def error(self, message: str, node: OnnxNode) -> SpecError:
        """Return the error for an op of the file."""
        return self.builder.error(
            message, node.name or f"{node.op} ({', '.join(node.outputs[:2])})"
        )
