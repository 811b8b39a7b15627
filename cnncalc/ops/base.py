"""What an op is: fields, the output's shape, named arrays, work as counted events, and what training keeps.

One op is one small class. Everything that is counted is a product of named factors, so that the number and the
derivation that `explain` prints come from one place. Nothing outside this package asks what kind an op is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from math import prod
from typing import Any, ClassVar, NamedTuple, Self

from cnncalc.ops.field_types import FieldError, FieldType
from cnncalc.ops.fields import Field
from cnncalc.ops.reach import Reach
from cnncalc.ops.shapes import (
    AXIS_NAMES,
    Shape,
    Window,
    conv_output,
    elements,
    format_shape,
    positions,
    spatial,
)
from cnncalc.text.messages import message

EVENTS = ("mac", "bias_add", "add", "mul", "compare", "div", "exp", "sqrt")
"""The primitive events that an op's work is counted in; a convention weighs them."""

MAX_REMEMBERED = 1000
"""Input shapes for which an op remembers what it found; more are those of a sweep, which does not come back."""

AXIS_LETTERS: dict[int, tuple[str, ...]] = {0: (), 1: ("l",), 2: ("h", "w"), 3: ("d", "h", "w")}
"""Subscripts of the spatial axes in formulas."""


class OpError(ValueError):
    """What arrives does not suit the op: why, what to do, and the field that is to blame, if one is."""

    def __init__(self, message: str, hint: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field


class Factor(NamedTuple):
    """A named number in a product; `numbers` says how it came about, where that is worth showing."""

    symbol: str
    value: int
    numbers: str = ""


class Array(NamedTuple):
    """A named array of an op: its role (`weights`, `biases` or `buffers`) and its shape in PyTorch's order."""

    name: str
    role: str
    shape: tuple[int, ...]
    symbols: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


class Work(NamedTuple):
    """How often one event happens, as a product of factors; `why` says for what."""

    event: str
    factors: tuple[Factor, ...]
    why: str = ""

    @property
    def times(self) -> int:
        """The product."""
        return prod(factor.value for factor in self.factors)


class Kept(NamedTuple):
    """What the backward pass needs of one op, as PyTorch's CPU kernels keep it.

    `inputs` are the positions of the inputs that are kept, `output` whether the output is; `values` counts further
    numbers in the network's dtype and `index_bytes` the bytes of integer indices (8 for each), per example;
    `batch_values` are numbers that are kept once for the whole batch.
    """

    inputs: tuple[int, ...] = ()
    output: bool = False
    values: int = 0
    index_bytes: int = 0
    batch_values: int = 0


class Law(NamedTuple):
    """What an op holds and does: numbers in arrays, and events, `once` and for `each` position of its output."""

    weights: int
    biases: int
    buffers: int
    once: Mapping[str, int]
    each: Mapping[str, int]


class Facts:
    """All that an op knows for given input shapes; all but the output is worked out when it is first asked for."""

    __slots__ = ("_arrays", "_events", "_kept", "_law", "_reaches", "inputs", "op", "output")

    def __init__(self, op: Op, inputs: tuple[Shape, ...]) -> None:
        self.op = op
        self.inputs = inputs
        self.output: Shape = op.output_shape(*inputs)
        self._law: Law | None = None
        self._arrays: tuple[Array, ...] | None = None
        self._events: Mapping[str, int] | None = None
        self._kept: Kept | None = None
        self._reaches: tuple[Reach, ...] | bool | None = False  # None is an answer

    def __eq__(self, other: object) -> bool:
        """Whether they are of one op and of equal shapes."""
        if not isinstance(other, Facts):
            return NotImplemented
        return self.op is other.op and self.inputs == other.inputs

    def __hash__(self) -> int:
        return id(self.op)

    def __repr__(self) -> str:
        return f"<Facts of {self.op.kind} at {self.inputs}>"

    @property
    def law(self) -> Law:
        """What it holds and does."""
        law = self._law
        if law is None:
            law = self._law = self.op.law(self.inputs, self.output)
        return law

    @property
    def weights(self) -> int:
        """Numbers in the arrays of weights."""
        return self.law.weights

    @property
    def biases(self) -> int:
        """Numbers in the arrays of biases."""
        return self.law.biases

    @property
    def buffers(self) -> int:
        """Numbers in the arrays of running statistics."""
        return self.law.buffers

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one forward pass of one example."""
        law = self.law
        return law.once.get("mac", 0) + law.each.get("mac", 0) * positions(self.output)

    @property
    def events(self) -> Mapping[str, int]:
        """The events of one forward pass of one example."""
        events = self._events
        if events is None:
            law, times = self.law, positions(self.output)
            counted = dict(law.once)
            for event, each in law.each.items():
                counted[event] = counted.get(event, 0) + each * times
            events = self._events = counted
        return events

    @property
    def arrays(self) -> tuple[Array, ...]:
        """The weights, biases and buffers, named."""
        arrays = self._arrays
        if arrays is None:
            arrays = self._arrays = self.op.arrays(*self.inputs)
        return arrays

    @property
    def window(self) -> int:
        """Positions that one output value is computed from."""
        return self.op.window(*self.inputs)

    @property
    def kept(self) -> Kept:
        """What the backward pass needs."""
        kept = self._kept
        if kept is None:
            kept = self._kept = self.op.kept(self.output, *self.inputs)
        return kept

    @property
    def reaches(self) -> tuple[Reach, ...] | None:
        """How the receptive field changes, per axis; None where it does not."""
        reaches = self._reaches
        if isinstance(reaches, bool):
            reaches = self._reaches = self.op.reaches(*self.inputs)
        return reaches


class Step(NamedTuple):
    """A line of derivation: what is derived, the formula, the formula with numbers, the result.

    What is said in words is a `Phrase`; what is not, a formula, a number or a layer's name, is the same in every
    language. `layer` is set where the line is about another layer than the derivation, one on the way to it.
    """

    symbol: str
    formula: str
    numbers: str
    result: str
    note: str = ""
    layer: str = ""


class Caption(NamedTuple):
    """What a figure says of a layer: `word` is translated, the numbers are the op's own fields.

    `kernel` and `stride` are per axis, empty where there is none; `amount` is the filters or units; `groups` above 1
    are groups of channels.
    """

    word: str
    kernel: tuple[int, ...] = ()
    amount: int | None = None
    stride: tuple[int, ...] = ()
    groups: int = 1


def _floor(size: int, window: Window, axis: int) -> int:
    return conv_output(size, window)


def _no_conv(shape: Shape) -> None:
    return None


class Sliding(NamedTuple):
    """What a window does that slides over a map, or that covers it; the defaults say that an op has none.

    `positions` gives those of the output along an axis, from the input's size, the window and the axis; below 1 where
    the window does not go in. `as_conv` gives the convolution that the op is easily taken for when a shape arrives, or
    None. `per_channel`: the window sees one channel at a time, as a pool's does. `counts_windows`: the output has one
    position for each that its window takes, so that a size is a quotient of steps, plus one.
    """

    positions: Callable[[int, Window, int], int] = _floor
    as_conv: Callable[[Shape], Op | None] = _no_conv
    per_channel: bool = False
    counts_windows: bool = False


class Op:
    """A layer's op with its fields read. Frozen; two ops of equal fields and rank are the same object.

    Shapes have their channels last. `rank` is the number of spatial axes of what arrives.
    """

    kind: ClassVar[str]
    family: ClassVar[str]
    help: ClassVar[str] = ""
    """The first line of the docstring."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """What PyTorch and Keras call the same op, in lower case."""
    fields: ClassVar[tuple[Field, ...]] = ()
    layer_names: ClassVar[tuple[str, ...]] = ()
    """The fields that name another layer."""
    bare: ClassVar[str | None] = None
    """The field that a bare value goes to."""
    merges: ClassVar[bool] = False
    """Whether it takes several branches."""
    as_residual: ClassVar[str] = ""
    """The combinator that stands for two branches of it: layers, and a shortcut."""
    takes_one: ClassVar[bool] = False
    """Whether an op that takes several branches also takes what arrives alone, where none are written."""
    takes_none: ClassVar[bool] = False
    """Whether nothing arrives at it: its fields may use what stands before, no more."""
    is_learned: ClassVar[bool] = False
    """Whether its output is its own weights, which no pass makes."""
    is_opaque: ClassVar[bool] = False
    """Whether nothing is known of which positions of the input an output sees."""
    rejects_empty_branch: ClassVar[bool] = False
    """Whether a branch with nothing left in it would put what arrives into the output a second time."""
    like_states: ClassVar[str] = "size"
    """The field that states in numbers what the name of another layer does: the positions of the output."""
    needs_map: ClassVar[bool] = False
    needs_one_of: ClassVar[tuple[str, ...]] = ()
    """Fields of which at least one must be given."""
    hidden_by_default: ClassVar[bool] = False
    """Whether it changes nothing that a table of shapes and parameters shows."""
    is_input: ClassVar[bool] = False
    """Whether it is what arrives at the network."""
    normalizes: ClassVar[bool] = False
    """Whether it rescales the values of a map, so that a figure draws it with the layer that made them."""
    is_activation_map: ClassVar[bool] = False
    """Whether the lectures count its output among the activations."""
    in_place: ClassVar[bool] = False
    """Whether its output may overwrite its input where nothing else needs that."""
    is_view: ClassVar[bool] = False
    """Whether its output is its input's memory seen in another shape."""
    copies_in_training: ClassVar[bool] = False
    """Whether a view's output is memory of its own in training."""
    sees_all: ClassVar[bool] = False
    """Whether each output depends on every position of the input."""
    depth_field: ClassVar[str | None] = None
    depth_letter: ClassVar[str] = "C"
    """The field that says how many channels come out: a conv's filters, an fc's units."""

    rank: int
    of: str = ""
    """What it is called in the file of another tool, where no op is like it."""

    def __init_subclass__(cls) -> None:
        first = (cls.__doc__ or "").partition("\n")[0].removesuffix(".")
        starts_sentence = first[1:2].islower() or first[1:2] == " "
        cls.help = first[:1].lower() + first[1:] if starts_sentence else first
        cls.layer_names = tuple(field.name for field in cls.fields if field.kind.is_layer_name)

    def __init__(self, rank: int, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values, rank=rank, _facts={}, _laws={})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an op is frozen; '{name}' cannot be set")

    def takes_apart(self, other: Op) -> bool:
        """Say whether what arrives from another op is that op's inputs to this one, which joins them anew."""
        return False

    @property
    def joined_anew(self) -> Mapping[str, Any]:
        """Give the fields that it has once it has taken apart what arrives; none where it never does."""
        return {}

    # -- what a subclass says ----------------------------------------------------------------------------------------

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the output's shape. Raises OpError where the inputs do not suit."""
        return inputs[0]

    def arrays(self, *inputs: Shape) -> tuple[Array, ...]:
        """Return the weights, biases and buffers, named."""
        return ()

    def work(self, output: Shape, *inputs: Shape) -> tuple[Work, ...]:
        """Return the events of one forward pass of one example."""
        return ()

    def is_global(self, *inputs: Shape) -> bool:
        """Whether each output depends on every position of what arrives, as far as is known."""
        return self.sees_all

    def kept(self, output: Shape, *inputs: Shape) -> Kept:
        """Return what the backward pass needs."""
        return Kept()

    def reaches(self, *inputs: Shape) -> tuple[Reach, ...] | None:
        """How the receptive field changes, per axis; None where it does not."""
        return None

    def window(self, *inputs: Shape) -> int:
        """Positions that one output value is computed from, kernel positions for a window."""
        return 1

    def windows(self, shape: Shape) -> tuple[Window, ...]:
        """Return the window that slides along each axis, its padding in numbers; none where nothing slides."""
        return ()

    @property
    def sliding(self) -> Sliding:
        """What else is known of a window that slides, for whoever asks what people take the op for."""
        return Sliding()

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """How the output's shape comes about."""
        return (shape_step(message("the shape that arrives"), output),)

    def unknown_counts(self) -> tuple[str, ...]:
        """Return the counts of a row that are not known.

        The numbers that stand for them are the least that they can be.
        """
        return ()

    def notes(self, *inputs: Shape) -> tuple[str, ...]:
        """Return what a reader should know of this layer though it is no error, such as a filter that does not fit."""
        return ()

    def caption(self, shape: Shape) -> Caption:
        """Return what a figure says of the layer when `shape` arrives."""
        return Caption(self.kind)

    @property
    def is_uniform(self) -> bool:
        """Whether its arrays depend on the channels alone, and each work on them and perhaps on O_h·O_w.

        What such an op counts is worked out once for all sizes of a map.
        """
        return False

    def setting(self, name: str) -> str:
        """Show one of its fields as a table does: `3×3`, `2`, `0+1`, `same`; empty where it has no such field."""
        return show_setting(getattr(self, name, None), in_full=name == "kernel")

    # -- what everybody asks -----------------------------------------------------------------------------------------

    def output_of(self, inputs: tuple[Shape, ...]) -> Shape:
        """Return the output's shape, remembered per input shapes. Raises OpError."""
        return self.facts(inputs).output

    def facts(self, inputs: tuple[Shape, ...]) -> Facts:
        """All facts for these input shapes, remembered. Raises OpError."""
        known: dict[tuple[Shape, ...], Facts] = self.__dict__["_facts"]
        facts = known.get(inputs)
        if facts is None:
            if len(known) >= MAX_REMEMBERED:
                known.clear()
            facts = known[inputs] = Facts(self, inputs)
        return facts

    def law(self, inputs: tuple[Shape, ...], output: Shape) -> Law:
        """Return what it holds and does; of a uniform op that is the same for all maps of as many axes and channels."""
        if not self.is_uniform:
            return self._law(inputs, output)
        known: dict[tuple[int, ...], Law] = self.__dict__["_laws"]
        shape = inputs[0]
        maps: tuple[int, ...] = (len(shape), shape[-1])
        if len(inputs) > 1:
            maps = (*maps, *[number for shape in inputs[1:] for number in (len(shape), shape[-1])])
        law = known.get(maps)
        if law is None:
            if len(known) >= MAX_REMEMBERED:
                known.clear()
            law = known[maps] = self._law(inputs, output)
        return law

    def _law(self, inputs: tuple[Shape, ...], output: Shape) -> Law:
        sizes = {"weights": 0, "biases": 0, "buffers": 0}
        for array in self.facts(inputs).arrays:
            sizes[array.role] += array.size
        once: dict[str, int] = {}
        each: dict[str, int] = {}
        axes = axis_symbols("O", len(output) - 1) if self.is_uniform else ()
        for work in self.work(output, *inputs):
            others = [factor.value for factor in work.factors if factor.symbol not in axes]
            counted = each if len(others) < len(work.factors) else once
            counted[work.event] = counted.get(work.event, 0) + prod(others)
        return Law(**sizes, once=once, each=each)

    # -- reading -----------------------------------------------------------------------------------------------------

    def written(self, output: Shape) -> dict[str, str]:
        """Write all of its fields that have a value, as a spec does, in their order.

        The name of a layer whose size is taken is not known any more: the output's size stands in its place.
        """
        texts: dict[str, str] = {}
        for field in self.fields:
            value = getattr(self, field.name)
            if field.kind.is_layer_name and value is not None:
                texts[self.like_states] = "x".join(map(str, spatial(output)))
            elif value is not None or field.kind.takes_none:
                texts[field.name] = _written(field.kind, value)
        return texts

    def defaults(self) -> dict[str, str]:
        """Write the default of each field that has one, given the values of the fields before it."""
        texts: dict[str, str] = {}
        for field in self.fields:
            value = None if field.required else field.default_value(self.__dict__, self.rank)
            if value is not None or field.kind.takes_none:
                texts[field.name] = _written(field.kind, value)
        return texts

    def changed(self, **values: Any) -> Self:
        """Return a new op with other values of some of its fields, each in its one form."""
        own = {
            name: value
            for name, value in self.__dict__.items()
            if name not in ("rank", "_facts", "_laws")
        }
        return type(self)(self.rank, {**own, **values})

    @classmethod
    def read(cls, rank: int, values: Mapping[str, Any]) -> Op:
        """Return an op of evaluated field values, each in its one form. Raises OpFieldError."""
        normal: dict[str, Any] = {}
        for field in cls.fields:
            name = field.name
            if name in values:
                try:
                    normal[name] = field.kind.normal(values[name], rank)
                except FieldError as error:
                    raise OpFieldError(name, error) from None
            else:
                normal[name] = field.default_value(normal, rank)
        return cls(rank, normal)


class Input(Op):
    """What arrives at the network: the first row of every report."""

    kind = "input"
    family = "input"
    is_input = True
    is_activation_map = True

    shape: Shape

    def output_shape(self, *inputs: Shape) -> Shape:
        """Return the network's input."""
        return self.shape

    def derive_output(self, output: Shape, *inputs: Shape) -> tuple[Step, ...]:
        """Given."""
        return (shape_step(message("the network's input"), output),)


class OpFieldError(ValueError):
    """A FieldError, and the field that it is about."""

    def __init__(self, field: str, error: FieldError) -> None:
        super().__init__(error.message)
        self.field = field
        self.error = error


@lru_cache(4096, typed=True)
def _written(kind: FieldType, value: Any) -> str:
    """Write the value of a field, remembered: in a long network most fields have one of a few."""
    return kind.written(value)


@cache
def axis_symbols(letter: str, rank: int) -> tuple[str, ...]:
    """Return what formulas call the sizes along the spatial axes of a map: O_h and O_w."""
    return tuple(f"{letter}_{axis}" for axis in AXIS_LETTERS[rank])


@lru_cache(4096)
def axis_factors(letter: str, sizes: tuple[int, ...]) -> tuple[Factor, ...]:
    """Return the sizes along the spatial axes of a map as factors, remembered: few maps differ in them."""
    return tuple(map(Factor, axis_symbols(letter, len(sizes)), sizes))


def show_setting(value: object, *, in_full: bool = False) -> str:
    """Show a field's value: one number where all axes agree, unless `in_full`; a pad before and after as `0+1`."""
    if not isinstance(value, tuple):
        return "" if value is None else str(value)
    axes = [_pair(axis) if isinstance(axis, tuple) else str(axis) for axis in value]
    return axes[0] if not in_full and len(set(axes)) == 1 else format_shape(axes)


def _pair(ends: tuple[int, ...]) -> str:
    return str(ends[0]) if len(set(ends)) == 1 else "+".join(map(str, ends))


def element_factors(shape: Shape, letter: str = "O", channels: str = "C") -> tuple[Factor, ...]:
    """Return the factors of a tensor's elements: O_h·O_w·C, or n for a vector."""
    if len(shape) == 1:
        return (Factor("n" if channels == "C" else channels, shape[0]),)
    return (*axis_factors(letter, spatial(shape)), Factor(channels, shape[-1]))


def per_element(event: str, shape: Shape, times: int = 1, why: str = "") -> Work:
    """Return an event that happens `times` for each element of the shape."""
    factors = element_factors(shape)
    return Work(
        event, factors if times == 1 else (*factors, Factor("per element", times, str(times))), why
    )


def shape_step(why: str, shape: Shape) -> Step:
    """Return a shape that nothing is calculated for; `why` says where it comes from."""
    shown = format_shape(shape)
    return Step("output", why, shown, shown)


def axis_name(rank: int, axis: int) -> str:
    """`height`, `width`, ... of a map with `rank` spatial axes."""
    return AXIS_NAMES[rank][axis]


def product_text(factors: Sequence[Factor]) -> tuple[str, str]:
    """Return a product as its formula and as its numbers."""
    formula = "·".join(factor.symbol for factor in factors)
    return formula, "·".join(factor.numbers or str(factor.value) for factor in factors)


def element_count(shapes: Sequence[Shape]) -> int:
    """Elements of several tensors together."""
    return sum(map(elements, shapes))
