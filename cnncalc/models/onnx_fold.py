"""What an ONNX graph computes from constants alone: shape arithmetic, and weights in another form.

Exporters spell out sizes as ops (`Shape`, `Gather`, `Concat`, ...). Here they are folded away: a Constant knows its
sizes, its values where they are few, and which parameter of the file it is, if it is one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from itertools import product
from math import ceil, floor, prod, sqrt
from typing import NamedTuple

from cnncalc.models.onnx_messages import (
    FLOAT_TYPES,
    INT64,
    MAX_VALUES,
    Number,
    OnnxNode,
    TensorData,
)
from cnncalc.text.expressions import MAX_NUMBER

Sizes = tuple[int, ...]

MAX_ELEMENTS = MAX_NUMBER**2
MAX_KEPT = 64
"""Elements of a result whose values are worked out: shapes and axes are few, what is larger is no shape."""
MAX_WORKED_OUT = 200_000
"""Elements that are worked out for a file in all."""
MAX_INTEGER = 2**64


class FoldError(ValueError):
    """An op on constants that is not worked out here, or that does not suit them."""


class FoldLimitError(ValueError):
    """A file has more to work out than any network has."""


class Constant(NamedTuple):
    """A tensor that does not depend on the network's input.

    `values` are None where they are too many to be kept; `parameter` is the name of the weights that it holds, in
    whatever form, and empty for a number that an exporter wrote down; `held` is how many those weights are.
    """

    shape: Sizes
    values: tuple[Number, ...] | None
    floating: bool
    parameter: str = ""
    held: int = 0

    @property
    def number(self) -> Number | None:
        """Its only value; None where it has several or they are not known."""
        return self.values[0] if self.values is not None and len(self.values) == 1 else None

    def integers(self) -> Sizes:
        """Its values as sizes or axes. Raises FoldError where they are not known."""
        if self.values is None:
            raise FoldError("its values are not known")
        return tuple(int(value) for value in self.values)


def constant_of(tensor: TensorData, parameter: str) -> Constant:
    """Return a tensor of the file as a constant."""
    held = prod(tensor.shape) if parameter else 0
    return Constant(tensor.shape, tensor.values, tensor.dtype in FLOAT_TYPES, parameter, held)


def vector(values: Sequence[int]) -> Constant:
    """Return a row of integers, such as a shape."""
    return Constant((len(values),), tuple(values), False)


class Folder:
    """Works out ops on constants, up to a limit for a whole file."""

    def __init__(self) -> None:
        self.left = MAX_WORKED_OUT

    def fold(self, node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
        """Return the outputs of an op whose inputs are constants.

        Raises FoldError where it cannot be said, FoldLimitError beyond the limit.
        """
        rule = _RULES.get(node.op) if node.domain in ("", "ai.onnx") else None
        if rule is None:
            raise FoldError(f"{node.op} of constants is not worked out")
        try:
            results = rule(node, inputs)
        except UNSUITED as error:
            raise FoldError(str(error)) from error
        for result in results:
            if prod(result.shape) > MAX_ELEMENTS or any(
                isinstance(value, int) and abs(value) > MAX_INTEGER for value in result.values or ()
            ):
                raise FoldError("the tensor, or a number in it, is too large")
            self.left -= len(result.values or ())
        if self.left < 0:
            raise FoldLimitError(
                f"the graph computes more than {MAX_WORKED_OUT:,} numbers from constants, the limit"
            )
        return results


UNSUITED = (IndexError, ZeroDivisionError, OverflowError, TypeError, AttributeError, ValueError)
"""What Python raises where inputs or attributes are not what an op has."""


# ---- reading a node ------------------------------------------------------------------------------------------------


def ints(node: OnnxNode, name: str, default: Sizes = ()) -> Sizes:
    """Return an attribute that is a row of integers."""
    value = node.attributes.get(name, default)
    row = value if isinstance(value, tuple) and not isinstance(value, TensorData) else (value,)
    whole = tuple(item for item in row if isinstance(item, int))
    if len(whole) != len(row):
        raise FoldError(f"{name} is not a row of integers")
    return whole


def integer(node: OnnxNode, name: str, default: int) -> int:
    """Return an attribute that is an integer."""
    value = node.attributes.get(name, default)
    if not isinstance(value, int):
        raise FoldError(f"{name} is not an integer")
    return value


def real(node: OnnxNode, name: str, default: float) -> float:
    """Return an attribute that is a number."""
    value = node.attributes.get(name, default)
    if not isinstance(value, (int, float)):
        raise FoldError(f"{name} is not a number")
    return value


def word(node: OnnxNode, name: str, default: str = "") -> str:
    """Return an attribute that is a word."""
    value = node.attributes.get(name, default)
    return value if isinstance(value, str) else default


def axes_of(node: OnnxNode, inputs: Sequence[object], at: int = 1) -> Sizes | None:
    """Return the axes, which are an attribute in older files and an input in newer ones; None where none are given."""
    if len(inputs) > at and isinstance(inputs[at], Constant):
        return inputs[at].integers()  # type: ignore[attr-defined,no-any-return]
    return ints(node, "axes") if "axes" in node.attributes else None


def axis_at(axis: int, rank: int) -> int:
    """Return an axis counted from the front. Raises FoldError where there is none such."""
    if not -rank <= axis < max(rank, 1):
        raise FoldError(f"there is no axis {axis} of {rank}")
    return axis % rank if rank else 0


# ---- shapes that ops give, for constants and for tensors alike ------------------------------------------------------


def broadcast(*shapes: Sizes) -> Sizes:
    """Return the common shape, by numpy's rule. Raises FoldError where there is none."""
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    sizes = []
    for axis in zip(*padded, strict=True):
        wide = {size for size in axis if size != 1}
        if len(wide) > 1:
            raise FoldError(
                "the sizes " + " and ".join(map(str, sorted(wide))) + " do not go together"
            )
        sizes.append(wide.pop() if wide else 1)
    return tuple(sizes)


def reshaped(shape: Sizes, wanted: Sizes, allow_zero: bool = False) -> Sizes:
    """Return the sizes that a Reshape asks for: 0 keeps a size, -1 is what is left. Raises FoldError."""
    sizes = [
        shape[axis] if size == 0 and not allow_zero and axis < len(shape) else size
        for axis, size in enumerate(wanted)
    ]
    if -1 in sizes:
        known = prod(size for size in sizes if size != -1)
        if sizes.count(-1) > 1 or not known or prod(shape) % known:
            raise FoldError(f"{_shown(shape)} cannot become {_shown(wanted)}")
        sizes[sizes.index(-1)] = prod(shape) // known
    if prod(sizes) != prod(shape) or min(sizes, default=1) < 0:
        raise FoldError(f"{_shown(shape)} cannot become {_shown(wanted)}")
    return tuple(sizes)


def _shown(shape: Sizes) -> str:
    return "x".join(map(str, shape)) or "a number"


def unsqueezed(shape: Sizes, axes: Sizes) -> Sizes:
    """Return the sizes with ones put in at these axes of the result."""
    rank = len(shape) + len(axes)
    places = {axis_at(axis, rank) for axis in axes}
    rest = iter(shape)
    return tuple(1 if axis in places else next(rest) for axis in range(rank))


def squeezed_axes(shape: Sizes, axes: Sizes | None) -> frozenset[int]:
    """Return the axes that a Squeeze takes away. Raises FoldError where one is not 1."""
    if axes is None:
        return frozenset(axis for axis, size in enumerate(shape) if size == 1)
    places = frozenset(axis_at(axis, len(shape)) for axis in axes)
    if any(shape[axis] != 1 for axis in places):
        raise FoldError("an axis that is squeezed has more than one position")
    return places


def sliced(size: int, start: int, end: int, step: int) -> range:
    """Return the positions that a Slice takes along an axis."""
    if not step:
        raise FoldError("a slice's step is 0")
    return range(size)[slice(start, end, step)] if step > 0 else _backwards(size, start, end, step)


def _backwards(size: int, start: int, end: int, step: int) -> range:
    first = min(start + size if start < 0 else start, size - 1)
    last = max(end + size, -1) if end < 0 else end
    return range(first, last, step)


def slice_ranges(node: OnnxNode, shape: Sizes, inputs: Sequence[object]) -> dict[int, range]:
    """Return the positions that a Slice takes, by axis. Raises FoldError where they are not known."""
    if "starts" in node.attributes:
        starts, ends = ints(node, "starts"), ints(node, "ends")
        axes, steps = ints(node, "axes", tuple(range(len(starts)))), (1,) * len(starts)
    else:
        rows = [value.integers() if isinstance(value, Constant) else None for value in inputs[1:5]]
        rows += [None] * (4 - len(rows))
        if rows[0] is None or rows[1] is None:
            raise FoldError("where the slice begins and ends is not known")
        starts, ends = rows[0], rows[1]
        axes = tuple(range(len(starts))) if rows[2] is None else rows[2]
        steps = (1,) * len(starts) if rows[3] is None else rows[3]
    return {
        axis_at(axis, len(shape)): sliced(shape[axis_at(axis, len(shape))], start, end, step)
        for start, end, axis, step in zip(starts, ends, axes, steps, strict=True)
    }


def split_sizes(node: OnnxNode, size: int, inputs: Sequence[object]) -> Sizes:
    """Return the parts that a Split makes of an axis: given, or as equal as can be. Raises FoldError."""
    if len(inputs) > 1 and isinstance(inputs[1], Constant):
        sizes = inputs[1].integers()
        if node.op == "SplitToSequence" and not inputs[1].shape:
            sizes = _chunks(size, sizes[0])
    elif "split" in node.attributes:
        sizes = ints(node, "split")
    elif node.op == "SplitToSequence":
        sizes = _chunks(size, 1)
    else:
        parts = integer(node, "num_outputs", len(node.outputs))
        sizes = _chunks(size, -(-size // max(parts, 1)))
    if sum(sizes) != size or min(sizes, default=0) < 0:
        raise FoldError(f"{size} cannot be split into {_shown(sizes)}")
    return sizes


def _chunks(size: int, chunk: int) -> Sizes:
    """Parts of `chunk`, and what is left."""
    if chunk < 1 or size // chunk > MAX_VALUES:
        raise FoldError(f"{size} cannot be split into parts of {chunk}")
    rest = size % chunk
    return (chunk,) * (size // chunk) + ((rest,) if rest else ())


def flat_index(index: Sequence[int], shape: Sizes) -> int:
    """Where an element lies in a row of all."""
    place = 0
    for position, size in zip(index, shape, strict=True):
        place = place * size + position
    return place


# ---- rules ---------------------------------------------------------------------------------------------------------

Rule = Callable[[OnnxNode, Sequence[Constant | None]], list[Constant]]


def _given(inputs: Sequence[Constant | None], at: int = 0) -> Constant:
    value = inputs[at] if at < len(inputs) else None
    if value is None:
        raise FoldError("an input is missing")
    return value


def _picked(source: Constant, shape: Sizes, place: Callable[[Sizes], int]) -> Constant:
    """Return a tensor whose every element is one of the source's; `place` says which."""
    values = None
    if source.values is not None and prod(shape) <= MAX_KEPT:
        indices = product(*map(range, shape))
        values = tuple(source.values[place(index)] for index in indices)
    return source._replace(shape=shape, values=values)


def _same(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    """Return the values as they are.

    An Identity of a parameter is a parameter of its own: exporters merge equal ones.
    """
    value = _given(inputs)
    own = node.outputs[0] if node.op == "Identity" and value.parameter else value.parameter
    return [value._replace(parameter=own)]


def _cast(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    value = _given(inputs)
    floating = integer(node, "to", INT64) in FLOAT_TYPES
    if value.values is None or floating:
        return [value._replace(floating=floating)]
    return [value._replace(values=tuple(int(number) for number in value.values), floating=False)]


def _written(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    """Return a Constant op: a tensor, a number or a row of numbers."""
    for value in node.attributes.values():
        if isinstance(value, TensorData):
            return [constant_of(value, node.outputs[0] if _may_be_weights(value) else "")]
        if isinstance(value, (int, float)):
            return [Constant((), (value,), isinstance(value, float))]
        if isinstance(value, tuple):
            values = tuple(item for item in value if isinstance(item, (int, float)))
            return [
                Constant((len(values),), values, any(isinstance(item, float) for item in values))
            ]
    raise FoldError("the constant has no value")


def _may_be_weights(value: TensorData) -> bool:
    """Whether a tensor that an op writes down may be weights: several numbers that are not all the same."""
    is_varied = value.values is None or len(set(value.values)) > 1
    return value.dtype in FLOAT_TYPES and prod(value.shape) > 1 and is_varied


def _filled(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    """ConstantOfShape, which older files hold their weights in."""
    shape = _given(inputs).integers()
    filling = node.attributes.get("value")
    number: Number = 0.0
    floating = True
    if isinstance(filling, TensorData) and filling.values:
        number, floating = filling.values[0], filling.dtype in FLOAT_TYPES
    if min(shape, default=0) < 0:
        raise FoldError("a size is negative")
    values = (number,) * prod(shape) if prod(shape) <= MAX_KEPT else None
    owner = (node.outputs[0], prod(shape)) if floating else ("", 0)
    return [Constant(shape, values, floating, *owner)]


def _shape(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    return [shape_constant(node, _given(inputs).shape)]


def shape_constant(node: OnnxNode, shape: Sizes) -> Constant:
    """Return what Shape or Size gives for a tensor of this shape."""
    if node.op == "Size":
        return Constant((), (prod(shape),), False)
    start, end = integer(node, "start", 0), integer(node, "end", len(shape))
    return vector(shape[start:end])


def _reshape(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    value = _given(inputs)
    wanted = _given(inputs, 1).integers() if len(inputs) > 1 else ints(node, "shape")
    return [
        value._replace(shape=reshaped(value.shape, wanted, bool(integer(node, "allowzero", 0))))
    ]


def _unsqueeze(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    value = _given(inputs)
    return [value._replace(shape=unsqueezed(value.shape, axes_of(node, inputs) or ()))]


def _squeeze(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    value = _given(inputs)
    gone = squeezed_axes(value.shape, axes_of(node, inputs))
    return [
        value._replace(
            shape=tuple(size for axis, size in enumerate(value.shape) if axis not in gone)
        )
    ]


def _flatten(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    value = _given(inputs)
    axis = integer(node, "axis", 1) % (len(value.shape) + 1)
    return [value._replace(shape=(prod(value.shape[:axis]), prod(value.shape[axis:])))]


def _transpose(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    value = _given(inputs)
    order = ints(node, "perm", tuple(reversed(range(len(value.shape)))))
    if sorted(order) != list(range(len(value.shape))):
        raise FoldError("perm is no order of the axes")
    shape = tuple(value.shape[axis] for axis in order)
    back = [order.index(axis) for axis in range(len(order))]

    def place(index: Sizes) -> int:
        return flat_index([index[axis] for axis in back], value.shape)

    return [_picked(value, shape, place)]


def _expand(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    value = _given(inputs)
    shape = broadcast(value.shape, _given(inputs, 1).integers())
    return [_picked(value, shape, _reader(value, shape))]


def _reader(value: Constant, shape: Sizes) -> Callable[[Sizes], int]:
    """Where a value broadcast to a shape has each element."""
    skipped = len(shape) - len(value.shape)

    def place(index: Sizes) -> int:
        own = (
            0 if size == 1 else position
            for position, size in zip(index[skipped:], value.shape, strict=True)
        )
        return flat_index(tuple(own), value.shape)

    return place


def _concat(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    parts = [_given(inputs, at) for at in range(len(inputs))]
    axis = axis_at(integer(node, "axis", 0), len(parts[0].shape))
    total = sum(part.shape[axis] for part in parts)
    shape = (*parts[0].shape[:axis], total, *parts[0].shape[axis + 1 :])
    values = None
    if len(shape) == 1 and all(part.values is not None for part in parts) and total <= MAX_KEPT:
        values = tuple(number for part in parts for number in part.values or ())
    return [Constant(shape, values, parts[0].floating, *_owner(parts))]


def _owner(parts: Sequence[Constant]) -> tuple[str, int]:
    """Return the first parameter among several constants, and how many numbers they hold together."""
    first = next((part.parameter for part in parts if part.parameter), "")
    return first, sum(part.held for part in parts)


def _gather(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    value, index = _given(inputs), _given(inputs, 1)
    axis = axis_at(integer(node, "axis", 0), len(value.shape))
    shape = (*value.shape[:axis], *index.shape, *value.shape[axis + 1 :])
    if index.values is None:
        return [value._replace(shape=shape, values=None)]
    rows = [axis_at(row, value.shape[axis]) for row in index.integers()]
    inner = len(index.shape)

    def place(at: Sizes) -> int:
        row = rows[flat_index(at[axis : axis + inner], index.shape)]
        return flat_index((*at[:axis], row, *at[axis + inner :]), value.shape)

    return [_picked(value, shape, place)]


def _slice(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    value = _given(inputs)
    ranges = slice_ranges(node, value.shape, inputs)
    kept = [ranges.get(axis, range(size)) for axis, size in enumerate(value.shape)]

    def place(index: Sizes) -> int:
        own = [row[position] for row, position in zip(kept, index, strict=True)]
        return flat_index(own, value.shape)

    return [_picked(value, tuple(map(len, kept)), place)]


def _split(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    value = _given(inputs)
    axis = axis_at(integer(node, "axis", 0), len(value.shape))
    parts, first = [], 0
    for size in split_sizes(node, value.shape[axis], inputs):
        shape = (*value.shape[:axis], size, *value.shape[axis + 1 :])

        def place(index: Sizes, first: int = first) -> int:
            own = (*index[:axis], index[axis] + first, *index[axis + 1 :])
            return flat_index(own, value.shape)

        parts.append(_picked(value, shape, place))
        first += size
    return parts


def _scattered(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    """Return a table that is filled in, such as an attention's mask: its shape alone is known, and it is no
    parameter.
    """
    value = _given(inputs)
    return [Constant(value.shape, None, value.floating)]


def _gathered(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    """Values at many places: their shape alone is known."""
    value, index = _given(inputs), _given(inputs, 1)
    shape = (*index.shape[:-1], *value.shape[index.shape[-1] :])
    return [value._replace(shape=shape, values=None)]


def _product(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    """Return a product of matrices, such as a small network makes of constants: its shape alone is known."""
    first, second = _given(inputs), _given(inputs, 1)
    shape = (*broadcast(first.shape[:-2], second.shape[:-2]), first.shape[-2], second.shape[-1])
    return [Constant(shape, None, True, *_owner([first, second]))]


def _curve(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    """Return a function of each element whose values nothing depends on."""
    return [_given(inputs)._replace(values=None)]


def _range(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
    start, end, step = (_given(inputs, at).number for at in range(3))
    if start is None or end is None or not step:
        raise FoldError("the range is not known")
    count = max(ceil((end - start) / step), 0)
    values = tuple(start + step * at for at in range(count)) if count <= MAX_KEPT else None
    return [Constant((count,), values, isinstance(start, float))]


def _broadcast_values(part: Constant, shape: Sizes) -> Sequence[Number]:
    """Return the values of a constant that is broadcast to a shape."""
    values = part.values or ()
    if len(values) == 1:
        return values * prod(shape)
    if part.shape == shape:
        return values
    read = _reader(part, shape)
    return [values[read(at)] for at in product(*map(range, shape))]


def _elementwise(function: Callable[..., Number]) -> Rule:
    """Return an op on each element, its inputs broadcast."""

    def rule(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
        parts = [_given(inputs, at) for at in range(len(inputs))]
        shape = broadcast(*(part.shape for part in parts))
        floating = any(part.floating for part in parts)
        values = None
        if prod(shape) <= MAX_KEPT and all(part.values is not None for part in parts):
            values = tuple(map(function, *(_broadcast_values(part, shape) for part in parts)))
        return [Constant(shape, values, floating, *_owner(parts))]

    return rule


def _divide(a: Number, b: Number) -> Number:
    """Return a quotient; of integers it is cut towards zero, as ONNX has it."""
    if isinstance(a, int) and isinstance(b, int):
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return a / b


def _power(a: Number, b: Number) -> Number:
    if abs(b) > 64:
        raise FoldError("the power is too large")
    power: Number = float(a) ** b if isinstance(a, float) or b < 0 else a ** int(b)
    return power


def _reduction(function: Callable[[Sequence[Number]], Number]) -> Rule:
    """Return an op that makes one of all values; over some axes its shape alone is known."""

    def rule(node: OnnxNode, inputs: Sequence[Constant | None]) -> list[Constant]:
        value = _given(inputs)
        axes = axes_of(node, inputs)
        rank = len(value.shape)
        gone = range(rank) if not axes else {axis_at(axis, rank) for axis in axes}
        keep = integer(node, "keepdims", 1)
        shape = tuple(
            1 if axis in gone else size
            for axis, size in enumerate(value.shape)
            if keep or axis not in gone
        )
        all_gone = len(set(gone)) == rank
        values = (function(value.values),) if all_gone and value.values else None
        return [value._replace(shape=shape, values=values)]

    return rule


def _where(condition: Number, a: Number, b: Number) -> Number:
    return a if condition else b


_RULES: dict[str, Rule] = {
    "Constant": _written,
    "ConstantOfShape": _filled,
    "Shape": _shape,
    "Size": _shape,
    "Identity": _same,
    "CastLike": _same,
    "DequantizeLinear": _same,
    "QuantizeLinear": _same,
    "Dropout": _same,
    "Cast": _cast,
    "Reshape": _reshape,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Expand": _expand,
    "Concat": _concat,
    "Gather": _gather,
    "GatherND": _gathered,
    "ScatterND": _scattered,
    "ScatterElements": _scattered,
    "Slice": _slice,
    "Split": _split,
    "MatMul": _product,
    **dict.fromkeys(("Clip", "Erf", "Exp", "Log", "Relu", "Sigmoid", "Softmax", "Tanh"), _curve),
    "Range": _range,
    "Add": _elementwise(operator.add),
    "Sub": _elementwise(operator.sub),
    "Mul": _elementwise(operator.mul),
    "Div": _elementwise(_divide),
    "Mod": _elementwise(operator.mod),
    "Pow": _elementwise(_power),
    "Min": _elementwise(min),
    "Max": _elementwise(max),
    "Neg": _elementwise(operator.neg),
    "Abs": _elementwise(abs),
    "Floor": _elementwise(floor),
    "Ceil": _elementwise(ceil),
    "Sqrt": _elementwise(sqrt),
    "Sign": _elementwise(lambda value: (value > 0) - (value < 0)),
    "Reciprocal": _elementwise(lambda value: 1 / value),
    "Equal": _elementwise(operator.eq),
    "Greater": _elementwise(operator.gt),
    "GreaterOrEqual": _elementwise(operator.ge),
    "Less": _elementwise(operator.lt),
    "LessOrEqual": _elementwise(operator.le),
    "Not": _elementwise(operator.not_),
    "And": _elementwise(lambda a, b: bool(a and b)),
    "Or": _elementwise(lambda a, b: bool(a or b)),
    "Where": _elementwise(_where),
    "ReduceProd": _reduction(prod),
    "ReduceSum": _reduction(sum),
    "ReduceMax": _reduction(max),
    "ReduceMin": _reduction(min),
}
