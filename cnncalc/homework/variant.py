"""A layer's right formulas with their integers laid open: a slip changes one, and the same formulas work it out again.

An exercise is one op at its place in a network. Each of the formulas below takes an exercise and asks the op, so that
an unchanged exercise gives the right answer and there is no second account of it. A formula raises OpError (or another
ValueError) where its integers do not go together, as where a kernel is larger than the input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cnncalc.ops.base import Op
from cnncalc.ops.shapes import Shape, Window, conv_output, elements, positions, spatial
from cnncalc.report.conventions import Convention, measures
from cnncalc.report.receptive import Reaches, reaches_of, receptive_fields
from cnncalc.spec.graph import Graph, Node
from cnncalc.text.exact import Exact, whole

if TYPE_CHECKING:
    from fractions import Fraction

Value: TypeAlias = "int | Fraction | tuple[int, ...]"
"""An answer: a count, or a shape."""


NOTHING: Mapping[str, Exact] = {}


class Exercise(NamedTuple):
    """One op at its place, and whatever a slip has changed; everything after `batch` is unchanged in the right answer.

    `arriving` is what arrives at the layer, or at the block that the question is about. `owned` is false where the
    weights are another layer's. Sizes: `windows` stand for the op's own; `up` rounds up (True) or down (False) whatever
    the op does; `less` is taken off each size; `depth` and `shape` replace the output's channels and the whole output.
    Parameters: `biases` gives their number from the weights, the biases and the exercise; `buffers` are counted too;
    `unshared` counts every weight once for each output position. Operations: `positions` are the output's spatial sizes
    that work is counted for, () for one; `bias_adds` says how many of the biases' additions are counted (as 0, 1 or
    the MACs' own weight). `times` multiplies a count or bytes. `reaches` says how layers change the receptive field.
    `known` are quantities of the layer that are taken from elsewhere, as from a student's own answers.
    """

    graph: Graph
    at: int
    op: Op
    inputs: tuple[Shape, ...]
    arriving: Shape
    owned: bool
    convention: Convention
    width: int
    batch: int
    windows: tuple[Window, ...] | None = None
    up: bool | None = None
    less: int = 0
    depth: int | None = None
    shape: Shape | None = None
    biases: Callable[[int, int, Exercise], int] | None = None
    buffers: bool = False
    unshared: bool = False
    positions: Shape | None = None
    bias_adds: str = ""
    times: Exact = 1
    reaches: Reaches = reaches_of
    known: Mapping[str, Exact] = NOTHING

    @property
    def node(self) -> Node:
        """The layer, with its op and its shapes as changed."""
        return self.graph.nodes[self.at]._replace(op=self.op, shapes=self.inputs)

    @property
    def slid(self) -> tuple[Window, ...]:
        """The windows along each axis, as changed."""
        return (
            self.op.windows(self.inputs[0])
            if self.windows is None and self.inputs
            else self.windows or ()
        )


def output(exercise: Exercise) -> Shape:
    """The output's shape: each axis from its window, the channels from the op."""
    if exercise.shape is not None:
        return exercise.shape
    right = exercise.op.output(*exercise.inputs)
    sizes = spatial(right)
    if exercise.windows is not None or exercise.up is not None or exercise.less:
        sizes = tuple(
            _size(exercise, axis, size, window)
            for axis, (size, window) in enumerate(
                zip(exercise.inputs[0], exercise.slid, strict=False)
            )
        )
    shape = (*sizes, right[-1] if exercise.depth is None else exercise.depth)
    if min(shape) < 1:
        raise ValueError(f"there is no output of {shape}")
    return shape


def _size(exercise: Exercise, axis: int, size: int, window: Window) -> int:
    if exercise.up is None:
        out = exercise.op.slide(size, window, axis)
    elif exercise.up:  # rounding down what is one step less than a whole one more
        out = conv_output(size + window.stride - 1, window)
    else:
        out = conv_output(size, window)
    return out - exercise.less


def _arrays(exercise: Exercise) -> dict[str, int]:
    """Weights, biases and buffers, as arrays hold them."""
    held = {"weights": 0, "biases": 0, "buffers": 0}
    for array in exercise.op.arrays(*exercise.inputs):
        held[array.role] += array.size
    return held


def _held(exercise: Exercise) -> dict[str, int]:
    """Weights, biases and buffers, as far as they are the layer's own, and as a slip counts them."""
    held = _arrays(exercise) if exercise.owned else {"weights": 0, "biases": 0, "buffers": 0}
    for role in exercise.known:
        if role in held:
            held[role] = _integer(exercise.known[role])
    if exercise.biases is not None:
        held["biases"] = exercise.biases(held["weights"], held["biases"], exercise)
    if exercise.unshared:
        times = positions(output(exercise))
        held = {role: count * times for role, count in held.items()}
    return held


def weights(exercise: Exercise) -> Exact:
    """Numbers in the arrays of weights."""
    return exercise.times * _held(exercise)["weights"]


def biases(exercise: Exercise) -> Exact:
    """Numbers in the arrays of biases."""
    return exercise.times * _held(exercise)["biases"]


def params(exercise: Exercise) -> Exact:
    """Weights and biases, or what the convention counts as parameters."""
    held = _held(exercise)
    buffers = held["buffers"] if exercise.buffers else 0
    if exercise.convention.has_usual_parameters:
        return exercise.times * (held["weights"] + held["biases"] + buffers)
    node = exercise.node
    values = {**measures(node), **held}
    counted = sum(
        term.amount(values) for term in exercise.convention.parameters if term.suits(node)
    )
    return exercise.times * (counted + buffers)


def _events(exercise: Exercise) -> tuple[dict[str, int], Shape]:
    """The op's events for the output and the positions as changed, and that output."""
    out = output(exercise)
    inputs = exercise.inputs
    if exercise.positions is not None:
        ones = (1,) * (len(out) - 1)
        out = (*(exercise.positions or ones), out[-1])
        if not exercise.positions:
            inputs = tuple((*ones, shape[-1]) for shape in inputs)
    events: dict[str, int] = {}
    for work in exercise.op.work(out, *inputs):
        events[work.event] = events.get(work.event, 0) + work.times
    if "macs" in exercise.known:
        events["mac"] = _integer(exercise.known["macs"])
    elif (
        "weights" in exercise.known and "mac" in events
    ):  # MACs are weights, each at so many positions
        events["mac"] = _integer(
            exercise.known["weights"] * events["mac"], _arrays(exercise)["weights"]
        )
    return events, out


def _integer(value: Exact, divisor: int = 1) -> int:
    """A whole number, or the quotient where it is one. Raises ValueError."""
    quotient, rest = divmod(value, divisor) if divisor else (0, 1)
    if rest:
        raise ValueError("not a whole number")
    return int(quotient)


def macs(exercise: Exercise) -> Exact:
    """Multiply-accumulates."""
    events, _ = _events(exercise)
    added = events.get("bias_add", 0) if exercise.bias_adds else 0
    return exercise.times * (events.get("mac", 0) + added)


def flops(exercise: Exercise) -> Exact:
    """What the convention counts as operations."""
    events, out = _events(exercise)
    added = events.get("bias_add", 0)
    if exercise.bias_adds == "as macs":
        events["mac"] = events.get("mac", 0) + added
    node = exercise.node
    values = {**measures(node), **events, "outputs": elements(out), "positions": positions(out)}
    counted = sum(
        term.amount(values) for term in exercise.convention.operations if term.suits(node)
    )
    return exercise.times * (counted + (added if exercise.bias_adds == "as one" else 0))


def activations(exercise: Exercise) -> Exact:
    """The output's elements, where the lectures count them."""
    return exercise.times * elements(output(exercise)) if exercise.op.is_activation_map else 0


def outputs(exercise: Exercise) -> Exact:
    """The output's elements."""
    known = exercise.known.get("activations")
    return exercise.times * (elements(output(exercise)) if known is None else known)


def memory(exercise: Exercise) -> Exact:
    """The output's bytes."""
    return outputs(exercise) * exercise.width * exercise.batch


def receptive_field(exercise: Exercise) -> tuple[int, ...]:
    """Input positions that one output position sees, per axis."""
    field = receptive_fields(exercise.graph, exercise.reaches)[exercise.at]
    if field.axes is None:
        raise ValueError("unknown")
    return field.size


FORMULAS: dict[str, Callable[[Exercise], Value]] = {
    "output": output,
    "weights": weights,
    "biases": biases,
    "params": params,
    "macs": macs,
    "flops": flops,
    "activations": activations,
    "memory": memory,
    "receptive_field": receptive_field,
}
"""The formula of each quantity."""


def evaluate(quantity: str, exercises: Iterable[tuple[Exercise, int]]) -> Value | None:
    """The quantity of one exercise, or the sum over several, each so many times; None where the integers clash."""
    listed = list(exercises)
    formula = FORMULAS[quantity]
    try:
        if len(listed) == 1 and listed[0][1] == 1:
            return _whole(formula(listed[0][0]))
        return _whole(sum(formula(exercise) * times for exercise, times in listed))  # type: ignore[misc]
    except ValueError:
        return None


def _whole(value: Value) -> Value | None:
    """Make a fraction that is whole an int; None for any other, since all quantities are whole."""
    answer = value if isinstance(value, tuple) else whole(value)
    return answer if isinstance(answer, (int, tuple)) else None
