"""An ONNX graph on its way to rows: what each tensor is, and how a row is made of an op."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from cnncalc.models.builder import Builder
from cnncalc.models.onnx_fold import Constant, FoldError, axis_at
from cnncalc.models.onnx_messages import OnnxNode
from cnncalc.models.onnx_names import Names
from cnncalc.models.onnx_views import (
    BATCH,
    Axis,
    View,
    channels_first,
    row_axis,
    shuffled_groups,
    whole,
    without_batch,
)
from cnncalc.ops import OPS
from cnncalc.ops.shapes import Shape

MAX_SPATIAL = 3


class UnsupportedError(ValueError):
    """An op in a form that has no row of ours."""


Tensor = View | Constant | tuple[View, ...]
"""What a name of the graph stands for: a view of a row, a constant, or a sequence of views."""


class GraphReader:
    """Tensors by name, and the builder that rows are added to."""

    def __init__(self, builder: Builder, names: Names, batch: int, opset: int) -> None:
        self.builder = builder
        self.names = names
        self.batch = batch
        self.opset = opset
        self.tensors: dict[str, Tensor] = {}
        self.used: set[str] = set()
        self.folded_norms = 0
        self._moved: dict[tuple[int, tuple[Axis, ...]], int] = {}

    # -- what an op takes ----------------------------------------------------------------------------------------------

    def inputs(self, node: OnnxNode) -> list[Tensor | None]:
        """All that an op takes; None for what is left out."""
        return [self.tensors[name] if name else None for name in node.inputs]

    def view(self, node: OnnxNode, at: int = 0) -> View:
        """An input that depends on the network's input. Raises UnsupportedError for a constant."""
        tensor = self.tensors.get(node.inputs[at]) if at < len(node.inputs) else None
        if not isinstance(tensor, View):
            raise UnsupportedError(f"input {at + 1} is not a tensor that the network computes")
        return tensor

    def constant(self, node: OnnxNode, at: int) -> Constant | None:
        """An input that is a constant; None where it is left out. Raises UnsupportedError for a tensor."""
        name = node.inputs[at] if at < len(node.inputs) else ""
        if not name:
            return None
        tensor = self.tensors[name]
        if not isinstance(tensor, Constant):
            raise UnsupportedError(
                f"input {at + 1} is computed by the network, where weights are expected"
            )
        if tensor.parameter:
            self.used.add(tensor.parameter)
        return tensor

    def weights(self, node: OnnxNode, at: int = 1) -> Constant:
        """An input that is weights. Raises UnsupportedError where there are none."""
        constant = self.constant(node, at)
        if constant is None:
            raise UnsupportedError("it has no weights")
        return constant

    def has_bias(self, node: OnnxNode, at: int = 2) -> bool:
        """Whether a parameter is added; the zeros that exporters make up are none."""
        bias = self.constant(node, at)
        return bias is not None and bool(bias.parameter)

    # -- rows ----------------------------------------------------------------------------------------------------------

    def add(
        self,
        kind: str,
        node: OnnxNode,
        rows: Sequence[int],
        fields: Mapping[str, Any] | None = None,
        parameters: Sequence[Constant | None] = (),
    ) -> int:
        """Add a row for an op, named as the file does. Raises UnsupportedError for an op that cnncalc lacks."""
        if kind not in OPS:
            raise UnsupportedError(f"cnncalc has no {kind}")
        held = [part.parameter for part in parameters if part is not None and part.parameter]
        label = self.names.layer(node, held[0] if held else "")
        return self.builder.add(
            kind, rows, fields, name=label.name, scope=label.scope, weights="+".join(held)
        )

    def rearrange(self, kind: str, node: OnnxNode, row: int, fields: Mapping[str, Any]) -> int:
        """Add a row that only moves values, which the op behind it needs; it is numbered in that op's scope."""
        label = self.names.layer(node)
        scope = label.scope or label.name.rpartition("/")[0]
        return self.builder.add(kind, [row], fields, scope=scope)

    def shape(self, row: int) -> Shape:
        """The shape of a row."""
        return self.builder.shape(row)

    def set(self, node: OnnxNode, *tensors: Tensor) -> None:
        """Say what an op's outputs are."""
        self.tensors.update(zip(node.outputs, tensors, strict=False))

    # -- views as rows -------------------------------------------------------------------------------------------------

    def arranged(self, node: OnnxNode, view: View, order: Sequence[int]) -> int:
        """A row whose axes are those of the tensor in an order; rows that move the values are added where needed."""
        axes = tuple(without_batch(view.axes[axis]) for axis in order)
        sizes = tuple(prod(piece.size for piece in axis) for axis in axes)
        if self.shape(view.node) == sizes and self._in_order(axes, sizes):
            return view.node
        key = (view.node, axes)
        if key not in self._moved:
            self._moved[key] = self._rearranged(node, view.node, axes, sizes)
        return self._moved[key]

    def _rearranged(self, node: OnnxNode, row: int, axes: Sequence[Axis], sizes: Shape) -> int:
        """A row of the values in another order, numbered in the scope of the op that asks for it."""
        groups = shuffled_groups(axes, sizes, self.shape(row))
        if groups:
            return self.rearrange("shuffle", node, row, {"groups": groups})
        if len(sizes) == 1:
            return self.rearrange("flatten", node, row, {})
        return self.rearrange("reshape", node, row, {"shape": sizes})

    @staticmethod
    def _in_order(axes: Sequence[Axis], sizes: Shape) -> bool:
        """Whether each axis is the row's axis at its place, whole."""
        return all(
            axis == whole(at, size) for at, (axis, size) in enumerate(zip(axes, sizes, strict=True))
        )

    def as_map(self, node: OnnxNode, at: int = 0) -> int:
        """The row of an input as a map: its second axis is the channels, as ONNX has it."""
        return self.map_of(node, self.view(node, at))

    def map_of(self, node: OnnxNode, view: View) -> int:
        """The row of a tensor as a map, channels first in ONNX. Raises UnsupportedError for a scalar."""
        rank = len(view.axes)
        if not 2 <= rank <= MAX_SPATIAL + 2:
            raise UnsupportedError(f"a tensor of {rank} axes is not a map")
        return self.arranged(node, view, (*range(2, rank), 1))

    def set_map(self, node: OnnxNode, row: int) -> None:
        """Say that the output is a row, its channels on the second axis."""
        self.set(node, channels_first(row, self.shape(row), self.batch))

    def by_last(self, node: OnnxNode, view: View) -> tuple[int, View]:
        """A row whose channels are the tensor's last axis, and the tensor as a view of it. Raises UnsupportedError."""
        rank = len(view.axes)
        if self._is_last(view, rank - 1, self.shape(view.node)):
            return view.node, view
        first = 0 if without_batch(view.axes[0]) else 1
        if rank - first > MAX_SPATIAL + 1:
            raise UnsupportedError(f"a tensor of {rank} axes is not a map")
        row = self.arranged(node, view, range(first, rank))
        own = [whole(at, size) for at, size in enumerate(self.shape(row))]
        batch = whole(BATCH, self.batch)
        return row, View(row, (batch, *own) if first else ((*batch, *own[0]), *own[1:]))

    def placed(self, node: OnnxNode, view: View) -> View:
        """The tensor as a view of a row of its own: channels second where it has three axes of space, else last.

        A tensor that is such a view already stays as it is.
        """
        if self._is_row(view):
            return view
        if len(view.axes) < 4 or without_batch(view.axes[0]):
            return self.by_last(node, view)[1]
        row = self.map_of(node, view)
        return channels_first(row, self.shape(row), self.batch)

    def aligned(self, node: OnnxNode, views: Sequence[View]) -> list[View]:
        """The tensors as views of rows with their axes in one order: that of the first which is a row as it is."""
        rank = max(len(view.axes) for view in views)
        first = next(
            (view for view in views if len(view.axes) == rank and self._is_row(view)), None
        )
        channels = 1 if rank > 3 else rank - 1
        if first is not None:
            places = [row_axis(first, at, self.shape(first.node)) for at in range(rank)]
            channels = max(
                range(1, rank), key=lambda at: -1 if places[at] is None else int(places[at] or 0)
            )
        order = [*(at for at in range(1, rank) if at != channels), channels]
        return [self._in_one_order(node, view, order) for view in views]

    def _in_one_order(self, node: OnnxNode, view: View, order: Sequence[int]) -> View:
        """The tensor as a view of a row that has its axes in an order; ones are put before where it has fewer."""
        missing = len(order) + 1 - len(view.axes)
        wide = view._replace(axes=(*((),) * missing, *view.axes)) if missing else view
        if without_batch(wide.axes[0]) or len(order) > MAX_SPATIAL + 1:
            raise UnsupportedError("its tensors are of different layouts")
        row = self.arranged(node, wide, order)
        shape = self.shape(row)
        axes = [wide.axes[0], *(() for _ in order)]
        for place, at in enumerate(order):
            axes[at] = whole(place, shape[place])
        return View(row, tuple(axes[missing:]))

    def _is_row(self, view: View) -> bool:
        """Whether each of the tensor's axes is one of its row's, or has one position."""
        shape = self.shape(view.node)
        return all(
            row_axis(view, at, shape) is not None or not without_batch(axis)
            for at, axis in enumerate(view.axes)
        )

    def _is_last(self, view: View, at: int, shape: Shape) -> bool:
        """Whether an axis of the tensor is the channels of its row."""
        own = row_axis(view, at, shape)
        return own == len(shape) - 1 or (
            own is None and shape[-1] == 1 and not without_batch(view.axes[at])
        )

    def resized(self, view: View, row: int, at: int) -> View:
        """The view as one of a row whose channels are of another number; `at` is the tensor's axis that has them."""
        shape = self.shape(row)
        axes = list(view.axes)
        axes[at] = whole(len(shape) - 1, shape[-1])
        return View(row, tuple(axes))

    def channel_axis(self, view: View, axis: int) -> int:
        """An axis of the tensor, counted from the front, that is its row's channels. Raises UnsupportedError."""
        try:
            at = axis_at(axis, len(view.axes))
        except FoldError as error:
            raise UnsupportedError(str(error)) from None
        if not self._is_last(view, at, self.shape(view.node)):
            raise UnsupportedError(f"axis {axis} is not that of the channels")
        return at

    # -- notes ---------------------------------------------------------------------------------------------------------

    def note_folded_norm(self, node: OnnxNode) -> None:
        """Count the convolutions whose bias came about when an exporter folded batch norm into them."""
        names = [name for name in node.inputs[1:3] if name]
        made_up = len(names) == 2 and all(name.startswith("onnx::") for name in names)
        if made_up or any(name.endswith(("weight_bias", "fused_bn")) for name in names):
            self.folded_norms += 1
