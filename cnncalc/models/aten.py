"""PyTorch's ops (`aten`) to ours: the walk over an export's steps.

Tensors are (batch, channels, ...) where PyTorch's layers say so; `models.layout` keeps the order. An op that cnncalc
does not know is a row with the shape that the file gives it. `aten_layers` and `aten_moves` have the functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from cnncalc.models import ModelFile
from cnncalc.models.aten_names import COPIES, Places, collapsed, tensors_of
from cnncalc.models.builder import Builder, Model, path
from cnncalc.models.layout import BATCH, Form, View, channels_first, channels_last, unrolled
from cnncalc.models.pt2 import Export, ExportedOp
from cnncalc.models.rows import RowAdder, UnsupportedError, Where
from cnncalc.ops.shapes import show_shape
from cnncalc.text.source import SpecError
from cnncalc.text.suggest import listing


class Weight(NamedTuple):
    """A tensor that depends on nothing that arrives: what the module holds, or is computed from that."""

    names: tuple[str, ...]
    shape: tuple[int, ...]


Value = View | Weight


def build(file: ModelFile, name: str, export: Export, notes: Iterable[str]) -> Model:
    """Return the graph of an export. Raises SpecError with the file's name and the operation's."""
    from cnncalc.models.aten_layers import LAYERS
    from cnncalc.models.aten_moves import MOVING

    whole = export._replace(steps=tuple(collapsed(export.steps)))
    importer = Importer(file, name, whole, {**LAYERS, **MOVING})
    for note in notes:
        importer.builder.note(note)
    return importer.run()


class Importer(RowAdder):
    """Walks the steps of an export and adds rows to a builder; `table` has a function for each op."""

    def __init__(
        self, file: ModelFile, name: str, export: Export, table: Mapping[str, Handler]
    ) -> None:
        super().__init__(Builder(file, name))
        self.export = export
        self.table = table
        self.values: dict[str, Value] = {}
        self.counted: set[str] = set()
        self.places = Places(export.steps)

    # -- the whole graph ---------------------------------------------------------------------------------------------

    def run(self) -> Model:
        """Walk every step."""
        export = self.export
        for tensor in export.held:
            self.values[tensor] = Weight((tensor,), export.shapes[tensor])
        self.add_inputs()
        for step in export.steps:
            self.take(step)
        for call in {call for step in export.steps for call in step.calls}:
            self.builder.open_scope(path(call.path), call.cls.rpartition(".")[2])
        self.note_parameters()
        return self.builder.model()

    def add_inputs(self) -> None:
        """Add the tensors that arrive, their first axis the batch. How they lie is told by what first uses them."""
        for tensor in self.export.inputs:
            sizes = self.export.shapes[tensor]
            if len(sizes) < 2:
                raise self.builder.error(
                    f"the input '{tensor}' has {len(sizes)} axes; its first is taken for the batch",
                    hint="export the module with an example that has a batch",
                )
            rank = len(sizes) - 1
            form = channels_last(rank) if self.is_last(tensor) else channels_first(rank)
            self.batch = sizes[0]
            own = sorted(
                (axis, size) for (axis,), size in zip(form, sizes, strict=True) if axis != BATCH
            )
            node = self.builder.input(tensor, tuple(size for _, size in own))
            self.values[tensor] = self.whole(node, form)

    def is_last(self, tensor: str) -> bool:
        """Whether the first op that cares takes the last axis of an input for its channels, permuted or not."""
        rank = len(self.export.shapes[tensor])
        axes = {tensor: list(range(rank))}
        for step in self.export.steps:
            name = next((name for name in tensors_of(step) if name in axes), None)
            if name is None:
                continue
            order = self.turned(step, axes[name])
            if order is None:
                return axes[name][-1 if step.op in _LAST else 1] == rank - 1
            axes.update(dict.fromkeys(step.outputs, order))
        return False

    def turned(self, step: ExportedOp, axes: list[int]) -> list[int] | None:
        """Return the order of axes behind an op that does not care what they are; None for one that does."""
        if step.op in _ORDERLESS:
            return axes
        if step.op == "aten.permute":
            return [axes[axis] for axis in self.argument(step, "dims")]
        if step.op == "aten.transpose":
            first, second = self.argument(step, "dim0"), self.argument(step, "dim1")
            axes = axes.copy()
            axes[first], axes[second] = axes[second], axes[first]
            return axes
        return None

    def take(self, step: ExportedOp) -> None:
        """One step: rows for what arrives, nothing for what is computed from the module's own tensors alone."""
        tensors = [self.tensor(name, step) for name in tensors_of(step)]
        if step.op in _FILLED or not any(isinstance(value, View) for value in tensors):
            names = tuple(
                dict.fromkeys(
                    name for value in tensors if isinstance(value, Weight) for name in value.names
                )
            )
            for output in step.outputs:
                self.values[output] = Weight(names, self.export.shapes[output])
            return
        try:
            handler = self.table.get(step.op)
            if handler is None:
                raise UnsupportedError
            handler(self, step)
        except UnsupportedError:
            self.state(step)
        except SpecError as error:
            if error.problems[0].code != "model":
                raise
            self.state(step)

    def state(self, step: ExportedOp, macs: int | None = None) -> None:
        """Rows with the shapes that the file gives, for a step that no row of ours stands for.

        `macs` are its multiply-accumulates for one example; without them they are none for what only moves values or
        computes each by itself, and unknown for any other op.
        """
        values = [self.tensor(name, step) for name in tensors_of(step)]
        views = [value for value in values if isinstance(value, View)]
        names = [name for value in values if isinstance(value, Weight) for name in value.names]
        learned = [
            name for name in dict.fromkeys(names) if self.export.held[name].role == "parameter"
        ]
        self.counted.update(learned)
        fields: dict[str, Any] = {
            "of": step.op,
            "params": sum(prod(self.export.shapes[name]) for name in learned),
        }
        if macs is not None or step.op in FREE:
            fields["macs"] = macs or 0
        for output in step.outputs:
            channel = views[0].channel(len(self.builder.shape(views[0].node)))
            shape, dims = unrolled(self.export.shapes[output], views[0], channel, self.batch)
            kind = "opaque" if "macs" in fields else "unknown"
            nodes = [view.node for view in views]
            where = self.where(step)._replace(tags=())
            node = self.row(kind, nodes, where, {**fields, "output": shape}, "+".join(learned))
            self.values[output] = View(node, dims)
            fields.update({"params": 0} | ({"macs": 0} if "macs" in fields else {}))

    def note_parameters(self) -> None:
        """Note the parameters that nothing uses, and those that are used but are no layer's."""
        used = {name for step in self.export.steps for name in tensors_of(step)}
        self._note("in the file are used by nothing", lambda name: name not in used)
        self._note(
            "are used, but are no layer's that is counted", lambda name: name in used - self.counted
        )
        self.note_double()

    def note_double(self) -> None:
        """Note parameters that count more than once, as a weight that two layers hold beside biases of their own."""
        rows = [node.facts for node in self.builder.nodes if node.shares is None]
        counted = sum(facts.weights + facts.biases for facts in rows)
        held = sum(
            prod(self.export.shapes[name])
            for name in self.counted
            if self.export.held[name].role == "parameter"
        )
        if counted > held:
            self.builder.note(
                f"{counted - held:,} parameters are shared in part by several layers, and count in each"
            )

    def _note(self, what: str, wanted: Callable[[str], bool]) -> None:
        chosen = [
            (held.name, prod(self.export.shapes[name]))
            for name, held in self.export.held.items()
            if held.role == "parameter" and wanted(name)
        ]
        if chosen:
            owners = list(
                dict.fromkeys(
                    name.rpartition(".")[0].partition(".")[0] or name for name, _ in chosen
                )
            )
            total = sum(size for _, size in chosen)
            self.builder.note(f"{total:,} parameters {what}: {listing(owners, 6)}")

    # -- values ------------------------------------------------------------------------------------------------------

    def tensor(self, name: str, step: ExportedOp) -> Value:
        """Return a tensor that was made before. Raises SpecError where it was not, as in a cycle."""
        value = self.values.get(name)
        if value is None:
            raise self.builder.error(f"it uses '{name}' before that is made", step.op, code="cycle")
        return value

    def argument(self, step: ExportedOp, name: str, default: Any = None) -> Any:
        """Return an argument's value; tensors as a View or a Weight, sizes as numbers."""
        argument = step.arguments.get(name)
        if argument is None:
            return default
        (kind, value), *_ = argument.items()
        decode = _DECODE.get(kind)
        return value if decode is None else decode(self, step, value)

    def view(self, step: ExportedOp, name: str) -> View:
        """Return an argument that arrives. Raises UnsupportedError for a weight in its place."""
        value = self.argument(step, name)
        if not isinstance(value, View):
            raise UnsupportedError
        return value

    def held(self, step: ExportedOp, name: str) -> Weight:
        """Return an argument that the module holds. Raises UnsupportedError for what arrives in its place, or none."""
        value = self.argument(step, name)
        if not isinstance(value, Weight):
            raise UnsupportedError
        return value

    def weight(self, step: ExportedOp, name: str) -> Weight | None:
        """Return an argument that the module holds, or None. Raises UnsupportedError for what arrives in its place."""
        value = self.argument(step, name)
        if isinstance(value, View):
            raise UnsupportedError
        return value if isinstance(value, Weight) else None

    # -- rows --------------------------------------------------------------------------------------------------------

    def where(self, step: ExportedOp, *weights: Weight | None) -> Where:
        """Where a step's row stands: as its module, or as the module that owns its weights, or numbered."""
        held = [
            self.export.held[name].name for weight in weights if weight for name in weight.names
        ]
        return self.places.of(step, held[0].rpartition(".")[0] if held else None)

    def learned(self, weight: Weight) -> list[str]:
        """Return the parameters that a tensor is, or is computed from."""
        return [name for name in weight.names if self.export.held[name].role == "parameter"]

    def where_named(self, name: str, beside: Where) -> Where:
        """Where the row of a learned tensor by itself stands: under its own name."""
        return beside._replace(name=path(self.export.held[name].name), scope="")

    def fitting(self, weight: Weight) -> list[str]:
        """Return the names of a layer's array that count in it: of one that is computed, those of its own size.

        A weight norm's scale or a low rank's factors are no part of what the layer holds by its fields; a note tells.
        """
        size = prod(weight.shape)
        own = [name for name in weight.names if prod(self.export.shapes[name]) == size]
        return own if len(weight.names) > 1 else list(weight.names)

    def held_row(
        self,
        kind: str,
        nodes: Sequence[int],
        where: Where,
        fields: dict[str, Any],
        weights: Sequence[Weight | None],
    ) -> int:
        """Add a row of a layer with weights."""
        names = [name for weight in weights if weight is not None for name in weight.names]
        for weight in weights:
            self.counted.update(() if weight is None else self.fitting(weight))
        return self.row(kind, nodes, where, fields, "+".join(names))

    def set(self, step: ExportedOp, node: int, form: Form, output: int = 0) -> None:
        """Bind a step's output to a node's whole map. Raises SpecError where the file gives another shape."""
        self.bind(step, self.whole(node, form), output)

    def bind(self, step: ExportedOp, view: View, output: int = 0) -> None:
        """Bind a step's output to a view. Raises SpecError where the file gives another shape."""
        name = step.outputs[output]
        sizes = self.export.shapes[name]
        if view.sizes != sizes:
            raise self.builder.error(
                f"its output is {show_shape(view.sizes)} by its fields, but {show_shape(sizes)} in the file",
                self.builder.nodes[view.node].name,
                code="shape",
            )
        self.values[name] = view

    def move(self, step: ExportedOp, view: View, output: int = 0) -> None:
        """Bind a step's output to another order of a map; a row that this takes stands where the step does."""
        self.moved.setdefault(view, self.where(step).beside)
        self.bind(step, view, output)


Handler = Callable[[Importer, ExportedOp], None]


def _number(importer: Importer, step: ExportedOp, value: Any) -> int:
    """Return a size that may be computed in the graph."""
    return int(importer.export.numbers[value["as_name"]] if "as_name" in value else value["as_int"])


_DECODE: dict[str, Callable[[Importer, ExportedOp, Any], Any]] = {
    "as_tensor": lambda importer, step, value: importer.tensor(value["name"], step),
    "as_tensors": lambda importer, step, value: [
        importer.tensor(item["name"], step) for item in value
    ],
    "as_none": lambda importer, step, value: None,
    "as_sym_int": _number,
    "as_sym_ints": lambda importer, step, value: [_number(importer, step, item) for item in value],
}


def _aten(*names: str) -> frozenset[str]:
    return frozenset(f"aten.{name}" for name in names)


_LAST = _aten("linear", "layer_norm", "rms_norm", "scaled_dot_product_attention", "matmul") | {
    "multi_head_attention"
}
"""Ops whose channels are the last axis."""
_ORDERLESS = _aten(*COPIES, "relu", "gelu", "silu", "sigmoid", "tanh", "add", "mul", "dropout")
"""Ops that do not say which axis is the channels."""
_FILLED = _aten(
    "new_zeros",
    "new_ones",
    "new_full",
    "new_empty",
    "zeros_like",
    "ones_like",
    "full_like",
    "empty_like",
)
"""Ops that take no more than the shape of what arrives: what they make is a constant."""
FREE = _aten(
    *COPIES, "_softmax", "_upsample_bilinear2d_aa", "_upsample_nearest_exact2d", "abs",
    "adaptive_avg_pool2d", "add", "addcmul", "amax", "amin", "argmax", "atan2", "avg_pool1d",
    "avg_pool2d", "batch_norm", "bitwise_not", "broadcast_to", "cat", "ceil", "chunk", "clamp", "clone",
    "constant_pad_nd", "copy", "cos", "cumsum", "div", "eq", "erf", "exp", "expand", "expand_as",
    "fill", "flatten", "flip", "floor", "gather", "ge", "group_norm", "gt", "hardtanh", "im2col",
    "index", "index_select", "instance_norm", "isinf", "layer_norm", "le", "lerp", "linalg_vector_norm",
    "log", "logical_and", "logical_not", "lt", "masked_fill", "masked_select", "max", "max_pool2d",
    "maximum", "mean", "meshgrid", "min", "minimum", "movedim", "mT", "mul", "narrow", "ne", "neg", "norm",
    "pad", "permute", "pixel_shuffle", "pixel_unshuffle", "pow", "prelu", "reciprocal",
    "reflection_pad1d", "reflection_pad2d", "remainder", "repeat", "repeat_interleave",
    "replication_pad2d", "reshape", "roll", "round", "rsqrt", "rsub", "select", "sign", "sin", "slice",
    "slice_scatter", "softmax", "sort", "split", "split_with_sizes", "sqrt", "squeeze", "stack", "std",
    "sub", "sum", "tensor_split", "topk", "transpose", "tril", "triu", "unbind", "unflatten", "unfold",
    "unsqueeze", "upsample_bicubic2d", "upsample_bilinear2d", "upsample_linear1d", "upsample_nearest1d",
    "upsample_nearest2d", "upsample_nearest3d", "upsample_trilinear3d", "var", "view", "where",
)  # fmt: skip
"""Ops that do no multiply-accumulates: they move values, or compute each by itself, or a mean of some."""

__all__ = ["Handler", "Importer", "Value", "Weight", "build"]
