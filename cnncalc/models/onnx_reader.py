"""An ONNX graph on its way to rows: what each tensor is, and how a row is made of an op."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnncalc.models.builder import Builder
from cnncalc.models.layout import Form, View
from cnncalc.models.onnx_fold import Constant
from cnncalc.models.onnx_messages import OnnxNode
from cnncalc.models.onnx_names import OnnxNames
from cnncalc.models.rows import RowAdder, UnsupportedError
from cnncalc.ops.shapes import Shape

Tensor = View | Constant | list[View]
"""What a name of the graph stands for: a view of a row, a constant, or a sequence of views."""


class GraphReader(RowAdder):
    """Tensors by name, and rows for the ops that make them."""

    def __init__(self, builder: Builder, names: OnnxNames, batch: int, opset: int) -> None:
        super().__init__(builder)
        self.names = names
        self.batch = batch
        self.opset = opset
        self.tensors: dict[str, Tensor] = {}
        self.folded_norms = 0

    # -- what an op takes ----------------------------------------------------------------------------------------------

    def tensor(self, name: str) -> Tensor:
        """Return a tensor that was made before. Raises UnsupportedError where none was."""
        if name not in self.tensors:
            raise UnsupportedError(f"it takes '{name}', which nothing before it makes")
        return self.tensors[name]

    def inputs(self, node: OnnxNode) -> list[Tensor | None]:
        """All that an op takes; None for what is left out."""
        return [self.tensor(name) if name else None for name in node.inputs]

    def view(self, node: OnnxNode, at: int = 0) -> View:
        """Return an input that depends on the network's input. Raises UnsupportedError for a constant."""
        tensor = self.tensor(node.inputs[at]) if at < len(node.inputs) and node.inputs[at] else None
        if not isinstance(tensor, View):
            raise UnsupportedError(f"input {at + 1} is not a tensor that the network computes")
        return tensor

    def constant(self, node: OnnxNode, at: int) -> Constant | None:
        """Return an input that is a constant; None where it is left out. Raises UnsupportedError for a tensor."""
        name = node.inputs[at] if at < len(node.inputs) else ""
        if not name:
            return None
        tensor = self.tensor(name)
        if not isinstance(tensor, Constant):
            raise UnsupportedError(
                f"input {at + 1} is computed by the network, where weights are expected"
            )
        return tensor

    def weights(self, node: OnnxNode, at: int = 1) -> Constant:
        """Return an input that is weights. Raises UnsupportedError where there are none."""
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
        """Add a row for an op, named as the file does."""
        held = [part.parameter for part in parameters if part is not None and part.parameter]
        where = self.names.where(node, held[0] if held else "")
        return self.row(kind, rows, where, dict(fields or {}), "+".join(held))

    def ordered(
        self, node: OnnxNode, view: View, channel: int, *, flat: bool = False
    ) -> tuple[int, Form]:
        """Return a row whose channels are an axis of the tensor, and how the tensor's axes lie in it."""
        if not view.dims or len(view.dims) < 2:
            raise UnsupportedError("it takes a number by itself")
        return self.arrange(view, channel, self.names.where(node), flat=flat)

    def as_map(self, node: OnnxNode, at: int = 0) -> tuple[int, Form]:
        """Return the row of an input whose second axis is the channels, as ONNX has it."""
        return self.ordered(node, self.view(node, at), 1)

    def shape(self, row: int) -> Shape:
        """Return the shape of a row."""
        return self.builder.shape(row)

    # -- what an op makes ----------------------------------------------------------------------------------------------

    def set(self, node: OnnxNode, *tensors: Tensor) -> None:
        """Say what an op's outputs are."""
        self.tensors.update(zip(node.outputs, tensors, strict=False))

    def set_row(self, node: OnnxNode, row: int, form: Form) -> None:
        """Say that an op's output is a row's whole map."""
        self.set(node, self.whole(row, form))

    def set_moved(self, node: OnnxNode, view: View) -> None:
        """Say that an op's output is another order of a row; a row that this takes stands where the op does."""
        self.moved.setdefault(view, self.names.where(node).beside)
        self.set(node, view)

    # -- notes ---------------------------------------------------------------------------------------------------------

    def note_folded_norm(self, node: OnnxNode) -> None:
        """Count the convolutions whose bias came about when an exporter folded batch norm into them."""
        names = [name for name in node.inputs[1:3] if name]
        made_up = len(names) == 2 and all(name.startswith("onnx::") for name in names)
        if made_up or any(name.endswith(("weight_bias", "fused_bn")) for name in names):
            self.folded_norms += 1
