"""PyTorch's ops (`aten`) to ours: one small function for each family of ops, and the table of them at the end.

Tensors are (batch, channels, ...) where PyTorch's layers say so; `models.layout` keeps the order. An op that cnncalc
does not know is a row with the shape that the file gives it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from math import prod
from typing import Any, NamedTuple

from cnncalc.models import ModelFile
from cnncalc.models.builder import Builder, Model, path
from cnncalc.models.layout import BATCH, Form, View, channels_first, channels_last, plan, whole
from cnncalc.models.pt2 import Export, Step
from cnncalc.models.rows import Rows, UnsupportedError, Where
from cnncalc.ops.shapes import Shape, show_shape
from cnncalc.text.source import SpecError
from cnncalc.text.suggest import listing


class Weight(NamedTuple):
    """A tensor that depends on nothing that arrives: what the module holds, or is computed from that."""

    names: tuple[str, ...]
    shape: tuple[int, ...]


Value = View | Weight


def build(file: ModelFile, name: str, export: Export, notes: Iterable[str]) -> Model:
    """The graph of an export. Raises SpecError with the file's name and the operation's."""
    importer = Importer(file, name, export._replace(steps=tuple(_collapsed(export.steps))))
    for note in notes:
        importer.builder.note(note)
    return importer.run()


class Importer(Rows):
    """Walks the steps of an export and adds rows to a builder."""

    def __init__(self, file: ModelFile, name: str, export: Export) -> None:
        self.export = export
        super().__init__(Builder(file, name))
        self.values: dict[str, Value] = {}
        self.counted: set[str] = set()
        self.places = _Places(export.steps)

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
        """The tensors that arrive, their first axis the batch. How they lie is told by what first uses them."""
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
            shape = tuple(
                size
                for _, size in sorted(
                    (axes[0], size) for axes, size in zip(form, sizes, strict=True)
                )
            )
            self.values[tensor] = whole(
                self.builder.input(tensor, shape[1:]), shape[1:], form, sizes[0]
            )

    def is_last(self, tensor: str) -> bool:
        """Whether the first op that cares takes the last axis of an input for its channels."""
        for step in self.export.steps:
            if tensor in _tensors(step) and step.op in _LAST:
                return True
            if tensor in _tensors(step) and step.op not in _ORDERLESS:
                return False
        return False

    def take(self, step: Step) -> None:
        """One step: rows for what arrives, nothing for what is computed from the module's own tensors alone."""
        tensors = [self.tensor(name, step) for name in _tensors(step)]
        if not any(isinstance(value, View) for value in tensors):
            names = tuple(
                dict.fromkeys(
                    name for value in tensors if isinstance(value, Weight) for name in value.names
                )
            )
            for output in step.outputs:
                self.values[output] = Weight(names, self.export.shapes[output])
            return
        try:
            handler = TABLE.get(step.op)
            if handler is None:
                raise UnsupportedError
            handler(self, step)
        except UnsupportedError:
            self.take_unknown(step)
        except SpecError as error:
            if error.problems[0].code != "model":
                raise
            self.take_unknown(step)

    def take_unknown(self, step: Step) -> None:
        """A step that no row of ours stands for: rows with the shapes that the file gives."""
        views = [
            value for name in _tensors(step) if isinstance(value := self.tensor(name, step), View)
        ]
        for output in step.outputs:
            sizes = self.export.shapes[output]
            form = _like(sizes, views[0])
            shape = _shape_in(sizes, form)
            node = self.builder.unknown(
                step.op, [view.node for view in views], shape, **self.places.of(step)._asdict()
            )
            self.values[output] = self.whole(node, form)

    def note_parameters(self) -> None:
        """Note the parameters that nothing uses, and those that are used but are no layer's."""
        used = {name for step in self.export.steps for name in _tensors(step)}
        self._note("in the file are used by nothing", lambda name: name not in used)
        self._note(
            "are used, but are no layer's that is counted", lambda name: name in used - self.counted
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

    def tensor(self, name: str, step: Step) -> Value:
        """A tensor that was made before. Raises SpecError where it was not, as in a cycle."""
        value = self.values.get(name)
        if value is None:
            raise self.builder.error(f"it uses '{name}' before that is made", step.op, code="cycle")
        return value

    def argument(self, step: Step, name: str, default: Any = None) -> Any:
        """An argument's value; tensors as a View or a Weight, sizes as numbers."""
        argument = step.arguments.get(name)
        if argument is None:
            return default
        (kind, value), *_ = argument.items()
        decode = _DECODE.get(kind)
        return value if decode is None else decode(self, step, value)

    def view(self, step: Step, name: str) -> View:
        """An argument that arrives. Raises UnsupportedError for a weight in its place."""
        value = self.argument(step, name)
        if not isinstance(value, View):
            raise UnsupportedError
        return value

    def weight(self, step: Step, name: str) -> Weight | None:
        """An argument that the module holds, or None. Raises UnsupportedError for what arrives in its place."""
        value = self.argument(step, name)
        if isinstance(value, View):
            raise UnsupportedError
        return value if isinstance(value, Weight) else None

    # -- rows --------------------------------------------------------------------------------------------------------

    def where(self, step: Step, *weights: Weight | None) -> Where:
        """Where a step's row stands: as its module, or as the module that owns its weights, or numbered."""
        held = [
            self.export.held[name].name for weight in weights if weight for name in weight.names
        ]
        return self.places.of(step, held[0].rpartition(".")[0] if held else None)

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
        self.counted.update(names)
        return self.row(kind, nodes, where, fields, "+".join(names))

    def set(self, step: Step, node: int, form: Form, output: int = 0) -> None:
        """Bind a step's output to a node's whole map. Raises SpecError where the file gives another shape."""
        self.bind(step, self.whole(node, form), output)

    def bind(self, step: Step, view: View, output: int = 0) -> None:
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

    def move(self, step: Step, view: View) -> None:
        """Bind a step's output to another order of a map; a row that this takes stands where the step does."""
        self.moved.setdefault(view, self.where(step).beside)
        self.bind(step, view)


def _collapsed(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps, with those that PyTorch spells a function out in put together to one."""

    def call(step: Step) -> object:
        return step.function if _function(step) in _SPELLED_OUT else step

    for _, group in groupby(steps, call):
        together = list(group)
        collapse = _SPELLED_OUT.get(_function(together[0]))
        yield from together if collapse is None else collapse(together)


def _function(step: Step) -> str:
    """The function that a step is part of, whichever call of it: `local_response_norm`."""
    return step.function.rpartition("_")[0]


def _lrn_step(steps: list[Step]) -> Iterator[Step]:
    """Local response norm: squares, an average pool over the channels, a power and a quotient."""
    size = next(
        step.arguments["kernel_size"]["as_ints"][0] for step in steps if "avg_pool" in step.op
    )
    arguments = {"self": steps[0].arguments["self"], "size": {"as_int": size}}
    yield steps[-1]._replace(op="local_response_norm", arguments=arguments)


_SPELLED_OUT: dict[str, Callable[[list[Step]], Iterator[Step]]] = {"local_response_norm": _lrn_step}
"""Functions that are several steps of the graph, and one row."""


class _Places:
    """Which name each step's row has: its module's where it is the one thing that a leaf module does."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.inner = {call.path for step in steps for call in step.calls[:-1]}
        self.significant = Counter(step.call.key for step in steps if step.op not in _MOVES)
        self.all = Counter(step.call.key for step in steps)

    def of(self, step: Step, owner: str | None = None) -> Where:
        """Where the row of a step stands; `owner` is the module that holds its weights."""
        call = step.call
        leaf = bool(call.path) and call.path not in self.inner
        tags = () if leaf and _is_torchs(call.cls) else ("functional",)
        if owner and owner != call.path and owner.startswith(f"{call.path}." if call.path else ""):
            return Where(path(owner), "", tags)
        count = self.all[call.key] if step.op in _MOVES else self.significant[call.key]
        if leaf and count == 1 and (step.op not in _MOVES or not self.significant[call.key]):
            return Where(path(call.path), "", tags)
        if leaf and self.significant[call.key] == 1:
            return Where("", path(call.path.rpartition(".")[0]), tags)
        return Where("", path(call.path), tags)


def _is_torchs(cls: str) -> bool:
    """Whether a module's class is one of PyTorch's own layers, which tools that hook modules know."""
    return cls.startswith("torch.nn.modules.") and not cls.endswith(
        ("MultiheadAttention", "TransformerEncoderLayer")
    )


def _tensors(step: Step) -> list[str]:
    """The names of the tensors among a step's arguments."""
    names: list[str] = []
    for argument in step.arguments.values():
        (kind, value), *_ = argument.items()
        if kind == "as_tensor":
            names.append(value["name"])
        elif kind == "as_tensors":
            names += [tensor["name"] for tensor in value]
        elif kind == "as_optional_tensors":
            names += [tensor["as_tensor"]["name"] for tensor in value if "as_tensor" in tensor]
    return names


def _number(importer: Importer, step: Step, value: Any) -> int:
    """A size that may be computed in the graph."""
    return int(importer.export.numbers[value["as_name"]] if "as_name" in value else value["as_int"])


_DECODE: dict[str, Callable[[Importer, Step, Any], Any]] = {
    "as_tensor": lambda importer, step, value: importer.tensor(value["name"], step),
    "as_tensors": lambda importer, step, value: [
        importer.tensor(item["name"], step) for item in value
    ],
    "as_none": lambda importer, step, value: None,
    "as_sym_int": _number,
    "as_sym_ints": lambda importer, step, value: [_number(importer, step, item) for item in value],
}


def _like(sizes: tuple[int, ...], view: View) -> Form:
    """The form of a tensor of which only the shape is known: batch first, channels where they were."""
    rank = len(sizes) - 1
    if rank < 1:
        raise UnsupportedError
    return channels_last(rank) if view.channel(rank) == len(view.dims) - 1 else channels_first(rank)


def _shape_in(sizes: tuple[int, ...], form: Form) -> Shape:
    axes = sorted(
        (axes[0], size) for axes, size in zip(form, sizes, strict=True) if axes[0] != BATCH
    )
    return tuple(size for _, size in axes)


def _per_axis(value: Any, rank: int) -> tuple[int, ...]:
    """A field of one number for each axis; one number stands for all."""
    numbers = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    return numbers * rank if len(numbers) == 1 else numbers


def _pads(value: Any, rank: int) -> Any:
    """Padding as our field takes it."""
    return (
        value if isinstance(value, str) else tuple((size, size) for size in _per_axis(value, rank))
    )


def _exact(number: float) -> Fraction:
    """A number as it was typed: 0.1 is 1/10."""
    return Fraction(str(number))


# -- layers with weights ----------------------------------------------------------------------------------------------


def _conv(importer: Importer, step: Step, transposed: bool = False) -> None:
    """Convolutions: input, weight, bias, stride, padding, dilation, groups."""
    view, weight, bias = (
        importer.view(step, "input"),
        importer.weight(step, "weight"),
        importer.weight(step, "bias"),
    )
    rank = len(view.dims) - 2
    if weight is None or len(weight.shape) != rank + 2:
        raise UnsupportedError
    groups = importer.argument(step, "groups", 1)
    fields = {
        "filters": weight.shape[1] * groups if transposed else weight.shape[0],
        "kernel": weight.shape[2:],
        "stride": _per_axis(importer.argument(step, "stride", 1), rank),
        "pad": _pads(importer.argument(step, "padding", 0), rank),
        "dilation": _per_axis(importer.argument(step, "dilation", 1), rank),
        "groups": groups,
        "bias": bias is not None,
    }
    if transposed:
        fields["output_pad"] = _per_axis(importer.argument(step, "output_padding", 0), rank)
    where = importer.where(step, weight)
    node, form = importer.arrange(view, 1, where)
    kind = "conv_transpose" if transposed else "conv"
    importer.set(step, importer.held_row(kind, [node], where, fields, (weight, bias)), form)


def _conv_transpose(importer: Importer, step: Step) -> None:
    _conv(importer, step, transposed=True)


def _convolution(importer: Importer, step: Step) -> None:
    """Either, as a graph of core ops has it."""
    _conv(importer, step, transposed=bool(importer.argument(step, "transposed", False)))


def _linear(importer: Importer, step: Step) -> None:
    """A fully connected layer, over the last axis."""
    view, weight, bias = (
        importer.view(step, "input"),
        importer.weight(step, "weight"),
        importer.weight(step, "bias"),
    )
    if weight is None or len(weight.shape) != 2:
        raise UnsupportedError
    where = importer.where(step, weight)
    node, form = importer.arrange(view, -1, where, flat=True)
    if sum(axes != (BATCH,) for axes in form) > 1:
        raise UnsupportedError
    fields = {"units": weight.shape[0], "bias": bias is not None}
    importer.set(step, importer.held_row("fc", [node], where, fields, (weight, bias)), form)


def _batch_norm(importer: Importer, step: Step) -> None:
    """Batch norm with its running statistics."""
    if importer.argument(step, "running_mean") is None:
        raise UnsupportedError
    _norm(importer, step, "bn", 1, {})
    importer.counted.update(_names(importer.weight(step, "running_mean")))


def _names(weight: Weight | None) -> tuple[str, ...]:
    return () if weight is None else weight.names


def _group_norm(importer: Importer, step: Step) -> None:
    _norm(importer, step, "groupnorm", 1, {"groups": importer.argument(step, "num_groups")})


def _layer_norm(importer: Importer, step: Step) -> None:
    """Layer norm over the last axis."""
    if len(importer.argument(step, "normalized_shape", ())) != 1:
        raise UnsupportedError
    _norm(importer, step, "layernorm", -1, {})


def _norm(importer: Importer, step: Step, kind: str, channel: int, fields: dict[str, Any]) -> None:
    scale, shift = importer.weight(step, "weight"), importer.weight(step, "bias")
    where = importer.where(step, scale)
    node, form = importer.arrange(importer.view(step, "input"), channel, where)
    fields = {**fields, "gamma": scale is not None, "beta": shift is not None}
    importer.set(step, importer.held_row(kind, [node], where, fields, (scale, shift)), form)


def _lrn(importer: Importer, step: Step) -> None:
    """Local response norm over neighbouring channels."""
    _window(
        importer,
        step,
        importer.view(step, "self"),
        "lrn",
        {"size": importer.argument(step, "size")},
    )


def _prelu(importer: Importer, step: Step) -> None:
    """PReLU with one weight, or one a channel."""
    weight = importer.weight(step, "weight")
    if weight is None:
        raise UnsupportedError
    view, where = importer.view(step, "self"), importer.where(step, weight)
    node, form = importer.arrange(view, 1, where)
    shared = prod(weight.shape) == 1
    importer.set(
        step, importer.held_row("prelu", [node], where, {"shared": shared}, (weight,)), form
    )


# -- pools ------------------------------------------------------------------------------------------------------------


def _pool(kind: str) -> Handler:
    def handle(importer: Importer, step: Step) -> None:
        view = importer.view(step, "self")
        rank = len(view.dims) - 2
        kernel = _per_axis(importer.argument(step, "kernel_size"), rank)
        fields = {
            "kernel": kernel,
            "stride": _per_axis(importer.argument(step, "stride") or kernel, rank),
            "pad": _pads(importer.argument(step, "padding", 0), rank),
            "ceil": bool(importer.argument(step, "ceil_mode", False)),
        }
        if kind == "maxpool":
            fields["dilation"] = _per_axis(importer.argument(step, "dilation", 1), rank)
        else:
            fields["count_pad"] = bool(importer.argument(step, "count_include_pad", True))
        _window(importer, step, view, kind, fields)

    return handle


def _adaptive(kind: str) -> Handler:
    def handle(importer: Importer, step: Step) -> None:
        view = importer.view(step, "self")
        size = _per_axis(importer.argument(step, "output_size"), len(view.dims) - 2)
        _window(importer, step, view, kind, {"size": size})

    return handle


def _window(importer: Importer, step: Step, view: View, kind: str, fields: dict[str, Any]) -> None:
    where = importer.where(step)
    node, form = importer.arrange(view, 1, where)
    importer.set(step, importer.row(kind, [node], where, fields), form)


def _reduce(kind: str) -> Handler:
    """A mean or maximum over all positions is a global pool."""

    def handle(importer: Importer, step: Step) -> None:
        view = importer.view(step, "self")
        where = importer.where(step)
        given = importer.argument(step, "dim") or range(1, len(view.dims))
        axes = {axis % len(view.dims) for axis in given}
        (channel,) = {1, len(view.dims) - 1} - axes or {-1}
        node, form = importer.arrange(view, channel, where)
        places = {axis for axes_ in form for axis in axes_} - {
            BATCH,
            max(axis for axes_ in form for axis in axes_),
        }
        if {form[axis][0] for axis in axes} != places:
            raise UnsupportedError
        where = where._replace(tags=(*where.tags, "mean"))
        node = importer.row(kind, [node], where)
        kept = importer.whole(node, form)
        importer.bind(
            step, kept if importer.argument(step, "keepdim", False) else kept.squeezed(axes)
        )

    return handle


# -- each element -----------------------------------------------------------------------------------------------------


def _unary(kind: str) -> Handler:
    """A function of each element leaves the order of axes alone."""

    def handle(importer: Importer, step: Step) -> None:
        _pointwise(importer, step, kind, {})

    return handle


def _pointwise(importer: Importer, step: Step, kind: str, fields: dict[str, Any]) -> None:
    view = importer.view(step, "self" if "self" in step.arguments else "input")
    node = importer.row(kind, [view.node], importer.where(step), fields)
    importer.bind(step, View(node, view.dims))


def _hardtanh(importer: Importer, step: Step) -> None:
    """A clamp; from 0 to 6 it is ReLU6, from 0 a ReLU."""
    low = importer.argument(step, "min_val", importer.argument(step, "min", -1))
    high = importer.argument(
        step, "max_val", importer.argument(step, "max", 1 if step.op.endswith("hardtanh") else None)
    )
    kinds = {(0, 6): "relu6", (0, None): "relu"}
    if (low, high) not in kinds:
        raise UnsupportedError
    _pointwise(importer, step, kinds[low, high], {})


def _dropout(importer: Importer, step: Step) -> None:
    _pointwise(importer, step, "dropout", {"rate": _exact(importer.argument(step, "p", 0.5))})


def _softmax(importer: Importer, step: Step) -> None:
    """Softmax over an axis, which becomes the channels."""
    view, where = importer.view(step, "self"), importer.where(step)
    node, form = importer.arrange(view, importer.argument(step, "dim", -1), where)
    importer.set(step, importer.row("softmax", [node], where), form)


# -- several tensors --------------------------------------------------------------------------------------------------


def _binary(kind: str) -> Handler:
    """A sum or product: of what arrives twice, of what arrives and a number or a learned tensor."""

    def handle(importer: Importer, step: Step) -> None:
        first, second = importer.argument(step, "self"), importer.argument(step, "other")
        if isinstance(first, View) and isinstance(second, View):
            _merge(importer, step, kind, [first, second])
        elif kind == "multiply" and isinstance(first, View) and isinstance(second, (int, float)):
            _pointwise(importer, step, "scale", {"factor": _exact(second)})
        else:
            raise UnsupportedError

    return handle


def _merge(importer: Importer, step: Step, kind: str, views: Sequence[View]) -> None:
    """Bring tensors into one order of axes and add the row where they meet."""
    where = importer.where(step)._replace(tags=())
    nodes, form = importer.align(views, where)
    importer.set(step, importer.row(kind, nodes, where), form)


def _cat(importer: Importer, step: Step) -> None:
    """A concatenation along the channels."""
    views = importer.argument(step, "tensors")
    if not all(isinstance(view, View) for view in views):
        raise UnsupportedError
    channel = importer.argument(step, "dim", 0) % len(views[0].dims)
    where = importer.where(step)._replace(tags=())
    arranged = [importer.arrange(view, channel, where) for view in views]
    node = importer.row("concat", [node for node, _ in arranged], where)
    importer.set(step, node, arranged[0][1])


# -- order and shape --------------------------------------------------------------------------------------------------


def _same(importer: Importer, step: Step) -> None:
    """What changes nothing that is counted: a copy, another dtype, other strides."""
    for index in range(len(step.outputs)):
        importer.bind(step, importer.view(step, next(iter(step.arguments))), index)


def _permute(importer: Importer, step: Step) -> None:
    view = importer.view(step, "self")
    order = [axis % len(view.dims) for axis in importer.argument(step, "dims")]
    importer.move(step, view.permuted(order))


def _transpose(importer: Importer, step: Step) -> None:
    view = importer.view(step, "self")
    order = list(range(len(view.dims)))
    first, second = importer.argument(step, "dim0", 0), importer.argument(step, "dim1", 1)
    order[first], order[second] = order[second], order[first]
    importer.move(step, view.permuted(order))


def _unsqueeze(importer: Importer, step: Step) -> None:
    view = importer.view(step, "self")
    importer.move(step, view.unsqueezed(importer.argument(step, "dim") % (len(view.dims) + 1)))


def _squeeze(importer: Importer, step: Step) -> None:
    view = importer.view(step, "self")
    given = importer.argument(step, "dim", range(len(view.dims)))
    axes = given if isinstance(given, (list, range)) else [given]
    importer.move(step, view.squeezed(axis % len(view.dims) for axis in axes))


def _reshape(importer: Importer, step: Step) -> None:
    """Another shape of the same elements. One that leaves a vector for each example is a row; others wait for use."""
    view = importer.view(step, "self")
    sizes = importer.export.shapes[step.outputs[0]]
    where = importer.where(step)._replace(tags=())
    moved = view.reshaped(sizes)
    if moved is None:
        moved = _reshaped_row(importer, view, sizes, where)
    elif len(sizes) == 2 and len(view.dims) > 2:
        planned = plan(moved, importer.builder.shape(moved.node), 1)
        if planned is None:
            raise UnsupportedError
        node = importer.row(planned.needed or "flatten", [moved.node], where, planned.fields)
        moved = importer.whole(node, planned.form)
    importer.move(step, moved)


def _reshaped_row(importer: Importer, view: View, sizes: tuple[int, ...], where: Where) -> View:
    """A reshape that cuts across axes is a row, its last axis the channels."""
    form = channels_last(len(sizes) - 1)
    if sizes[0] != importer.batch or not 2 <= len(sizes) <= 5:
        raise UnsupportedError
    node = importer.row("reshape", [view.node], where, {"shape": sizes[1:]})
    return importer.whole(node, form)


def _split(importer: Importer, step: Step) -> None:
    """Parts of the channels; each that is used is a row."""
    view = importer.view(step, "self")
    axis = importer.argument(step, "dim", 0) % len(view.dims)
    where = importer.where(step)._replace(tags=())
    node, form = importer.arrange(view, axis, where)
    first = 0
    for index, output in enumerate(step.outputs):
        end = first + importer.export.shapes[output][axis]
        importer.set(step, _sliced(importer, node, (first, end), where), form, index)
        first = end


def _sliced(importer: Importer, node: int, channels: tuple[int, int], where: Where) -> int:
    """Channels from first up to but without end; no row for all of them."""
    if channels == (0, importer.builder.shape(node)[-1]):
        return node
    return importer.row("slice", [node], where, {"channels": channels})


def _slice(importer: Importer, step: Step) -> None:
    """Part of an axis: of the channels, or of another that is taken for them."""
    view = importer.view(step, "self")
    axis = importer.argument(step, "dim", 0) % len(view.dims)
    size = view.sizes[axis]
    first, end, stride = slice(
        importer.argument(step, "start"),
        importer.argument(step, "end"),
        importer.argument(step, "step", 1),
    ).indices(size)
    if (first, end, stride) == (0, size, 1):
        importer.bind(step, view)
        return
    if stride != 1:
        raise UnsupportedError
    where = importer.where(step)._replace(tags=())
    node, form = importer.arrange(view, axis, where)
    importer.set(step, _sliced(importer, node, (first, end), where), form)


def _pad(importer: Importer, step: Step) -> None:
    """Zeros around the map: PyTorch gives them from the last axis back, before and after."""
    view = importer.view(step, "self")
    numbers = importer.argument(step, "pad")
    pairs = [(numbers[index], numbers[index + 1]) for index in range(0, len(numbers), 2)][::-1]
    pairs = [(0, 0)] * (len(view.dims) - len(pairs)) + pairs
    where = importer.where(step)._replace(tags=())
    node, form = importer.arrange(view, 1, where)
    if pairs[0] != (0, 0) or any(min(pair) < 0 for pair in pairs):
        raise UnsupportedError
    fields: dict[str, Any] = {"channels": (pairs[1],)} if any(pairs[1]) else {}
    if any(map(any, pairs[2:])):
        fields["size"] = tuple(pairs[2:])
    importer.set(step, importer.row("pad", [node], where, fields) if fields else node, form)


def _upsample(mode: str) -> Handler:
    def handle(importer: Importer, step: Step) -> None:
        view, where = (
            importer.view(step, "input" if "input" in step.arguments else "self"),
            importer.where(step),
        )
        sizes = importer.export.shapes[step.outputs[0]][2:]
        if any(out % size for out, size in zip(sizes, view.sizes[2:], strict=True)):
            raise UnsupportedError
        scale = tuple(out // size for out, size in zip(sizes, view.sizes[2:], strict=True))
        node, form = importer.arrange(view, 1, where)
        importer.set(
            step, importer.row("upsample", [node], where, {"scale": scale, "mode": mode}), form
        )

    return handle


def _channel_shuffle(importer: Importer, step: Step) -> None:
    view, where = importer.view(step, "self"), importer.where(step)
    node, form = importer.arrange(view, 1, where)
    groups = importer.argument(step, "groups")
    importer.set(step, importer.row("shuffle", [node], where, {"groups": groups}), form)


Handler = Callable[[Importer, Step], None]

_ACTIVATIONS = (
    "relu", "relu6", "elu", "gelu", "silu", "hardswish", "hardsigmoid", "sigmoid", "tanh", "leaky_relu",
)  # fmt: skip
_COPIES = ("contiguous", "clone", "detach", "alias", "to", "_to_copy", "lift_fresh_copy", "type_as")

TABLE: dict[str, Handler] = {
    **{f"aten.conv{rank}d": _conv for rank in (1, 2, 3)},
    **{f"aten.conv_transpose{rank}d": _conv_transpose for rank in (1, 2, 3)},
    "aten.convolution": _convolution,
    "aten.linear": _linear,
    "aten.batch_norm": _batch_norm,
    "aten._native_batch_norm_legit_no_training": _batch_norm,
    "aten.group_norm": _group_norm,
    "aten.layer_norm": _layer_norm,
    "local_response_norm": _lrn,
    "aten.prelu": _prelu,
    **{f"aten.max_pool{rank}d": _pool("maxpool") for rank in (1, 2, 3)},
    **{f"aten.max_pool{rank}d_with_indices": _pool("maxpool") for rank in (2, 3)},
    **{f"aten.avg_pool{rank}d": _pool("avgpool") for rank in (1, 2, 3)},
    **{f"aten.adaptive_avg_pool{rank}d": _adaptive("adaptiveavgpool") for rank in (1, 2, 3)},
    **{f"aten.adaptive_max_pool{rank}d": _adaptive("adaptivemaxpool") for rank in (1, 2, 3)},
    "aten.mean": _reduce("globalavgpool"),
    "aten.amax": _reduce("globalmaxpool"),
    **{f"aten.{name}": _unary(name) for name in _ACTIVATIONS},
    "aten.hardtanh": _hardtanh,
    "aten.clamp": _hardtanh,
    "aten.dropout": _dropout,
    "aten.feature_dropout": _dropout,
    "aten.softmax": _softmax,
    "aten._softmax": _softmax,
    "aten.add": _binary("add"),
    "aten.mul": _binary("multiply"),
    "aten.cat": _cat,
    "aten.concat": _cat,
    **{f"aten.{name}": _same for name in _COPIES},
    "aten.permute": _permute,
    "aten.transpose": _transpose,
    "aten.swapaxes": _transpose,
    "aten.t": _transpose,
    "aten.unsqueeze": _unsqueeze,
    "aten.squeeze": _squeeze,
    **{
        f"aten.{name}": _reshape
        for name in ("view", "reshape", "flatten", "unflatten", "_unsafe_view")
    },
    **{f"aten.{name}": _split for name in ("chunk", "split", "split_with_sizes", "tensor_split")},
    "aten.slice": _slice,
    "aten.pad": _pad,
    "aten.constant_pad_nd": _pad,
    **{f"aten.upsample_nearest{rank}d": _upsample("nearest") for rank in (1, 2, 3)},
    "aten.upsample_linear1d": _upsample("bilinear"),
    "aten.upsample_bilinear2d": _upsample("bilinear"),
    "aten.upsample_trilinear3d": _upsample("bilinear"),
    "aten.channel_shuffle": _channel_shuffle,
}
"""Which function reads which op."""

_MOVES = frozenset(
    f"aten.{name}"
    for name in (
        *_COPIES, "permute", "transpose", "swapaxes", "t", "unsqueeze", "squeeze", "view", "reshape", "flatten",
        "unflatten", "_unsafe_view", "pad", "constant_pad_nd", "expand", "select", "slice", "chunk", "split",
        "split_with_sizes", "tensor_split", "unbind",
    )
)  # fmt: skip
"""Ops that only move values: a module that does one other thing beside them is called for that."""
_LAST = frozenset(
    {"aten.linear", "aten.layer_norm", "aten.scaled_dot_product_attention", "aten.matmul"}
)
"""Ops whose channels are the last axis."""
_ORDERLESS = frozenset(
    {*(f"aten.{name}" for name in (*_ACTIVATIONS, *_COPIES, "add", "mul", "dropout"))}
)
"""Ops that do not say which axis is the channels."""

__all__ = ["build"]
