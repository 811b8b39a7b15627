"""A layer's right formulas with their integers laid open: a slip changes one, and the same formulas work it out again.

A variant is one op at its place in a network. Each of the formulas below takes a variant and asks the op, so that
an unchanged variant gives the right answer and there is no second account of it. A formula raises OpError (or another
ValueError) where its integers do not go together, as where a kernel is larger than the input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cnncalc.ops.base import Op
from cnncalc.ops.shapes import Shape, Window, conv_output, elements, positions, spatial
from cnncalc.report.conventions import Convention, measures
from cnncalc.report.receptive import Reaches, reaches_of, receptive_fields
from cnncalc.spec.graph import Graph, Node
from cnncalc.spec.quantities import BY_NAME, Quantity
from cnncalc.text.exact import Exact, half, whole

if TYPE_CHECKING:
    from fractions import Fraction

Value: TypeAlias = "int | Fraction | tuple[int, ...]"
"""An answer: a count, or a shape."""


NOTHING: Mapping[str, Exact] = {}


class LayerAt(NamedTuple):
    """One layer at its place, as every variant of it has it.

    `arriving` is the shape that arrives at the layer, or at the block that the question is about. `owned` is false
    where the weights are another layer's.
    """

    graph: Graph
    place: int
    arriving: Shape
    owned: bool
    convention: Convention


class Variant(NamedTuple):
    """A layer with whatever a slip has changed of it; everything after `batch` is unchanged in the right answer.

    Sizes: `windows` stand for the op's own; `up` rounds up (True) or down (False) whatever the op does; `less` is taken
    off each size; `depth` and `shape` replace the output's channels and the whole output. Parameters: `biases` gives
    their number from the weights, the biases and the variant; `buffers` are counted too; `unshared` counts every
    weight once for each output position. Operations: `positions` are the output's spatial sizes that work is counted
    for, () for one; `bias_adds` says how the biases' additions are counted: "as one", "as macs", "as half" of a MAC, or
    by the "textbook" rule, in which n products take n − 1 additions. `times` multiplies a count or bytes.
    `reaches` says how layers change the receptive field. `known` are quantities
    of the layer that are taken from elsewhere, as from a student's own answers.
    """

    layer: LayerAt
    op: Op
    inputs: tuple[Shape, ...]
    width: int
    batch: int
    windows: tuple[Window, ...] | None = None
    up: bool | None = None
    less: int = 0
    depth: int | None = None
    shape: Shape | None = None
    biases: Callable[[int, int, Variant], int] | None = None
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
        node = self.layer.graph.nodes[self.layer.place]
        return node._replace(op=self.op, shapes=self.inputs, facts=self.op.facts(self.inputs))

    @property
    def slid(self) -> tuple[Window, ...]:
        """The windows along each axis, as changed."""
        return (
            self.op.windows(self.inputs[0])
            if self.windows is None and self.inputs
            else self.windows or ()
        )


def output(variant: Variant) -> Shape:
    """Return the output's shape: each axis from its window, the channels from the op."""
    if variant.shape is not None:
        return variant.shape
    right = variant.op.output_shape(*variant.inputs)
    sizes = spatial(right)
    if variant.windows is not None or variant.up is not None or variant.less:
        sizes = tuple(
            _size(variant, axis, size, window)
            for axis, (size, window) in enumerate(
                zip(variant.inputs[0], variant.slid, strict=False)
            )
        )
    shape = (*sizes, right[-1] if variant.depth is None else variant.depth)
    if min(shape) < 1:
        raise ValueError(f"there is no output of {shape}")
    return shape


def _size(variant: Variant, axis: int, size: int, window: Window) -> int:
    if variant.up is None:
        out = variant.op.sliding.positions(size, window, axis)
    elif variant.up:  # rounding down what is one step less than a whole one more
        out = conv_output(size + window.stride - 1, window)
    else:
        out = conv_output(size, window)
    return out - variant.less


def _arrays(variant: Variant) -> dict[str, int]:
    """Weights, biases and buffers, as arrays hold them; of an op that no slip has changed they are known."""
    node = variant.layer.graph.nodes[variant.layer.place]
    if variant.op is node.op and variant.inputs == node.shapes:
        law = node.facts.law
        return {"weights": law.weights, "biases": law.biases, "buffers": law.buffers}
    held = {"weights": 0, "biases": 0, "buffers": 0}
    for array in variant.op.arrays(*variant.inputs):
        held[array.role] += array.size
    return held


def _held(variant: Variant) -> dict[str, int]:
    """Weights, biases and buffers, as far as they are the layer's own, and as a slip counts them."""
    held = _arrays(variant)
    if not variant.layer.owned:
        held = dict.fromkeys(held, 0)
    for role in variant.known:
        if role in held:
            held[role] = _integer(variant.known[role])
    if variant.biases is not None:
        held["biases"] = variant.biases(held["weights"], held["biases"], variant)
    if variant.unshared:
        times = positions(output(variant))
        held = {role: count * times for role, count in held.items()}
    return held


def weights(variant: Variant) -> Exact:
    """Numbers in the arrays of weights."""
    return variant.times * _held(variant)["weights"]


def biases(variant: Variant) -> Exact:
    """Numbers in the arrays of biases."""
    return variant.times * _held(variant)["biases"]


def params(variant: Variant) -> Exact:
    """Weights and biases, or what the convention counts as parameters."""
    held = _held(variant)
    buffers = held["buffers"] if variant.buffers else 0
    if variant.layer.convention.has_usual_parameters:
        return variant.times * (held["weights"] + held["biases"] + buffers)
    node = variant.node
    values = {**measures(node), **held}
    counted = sum(
        term.amount(values) for term in variant.layer.convention.parameters if term.suits(node)
    )
    return variant.times * (counted + buffers)


def _events(variant: Variant) -> tuple[dict[str, int], Shape]:
    """Return the op's events for the output and the positions as changed, and that output."""
    out = output(variant)
    inputs = variant.inputs
    if variant.positions is not None:
        ones = (1,) * len(spatial(out))
        out = (*(variant.positions or ones), out[-1])
        if not variant.positions:
            inputs = tuple((*ones, shape[-1]) for shape in inputs)
    events: dict[str, int] = {}
    for work in variant.op.work(out, *inputs):
        events[work.event] = events.get(work.event, 0) + work.times
    if "macs" in variant.known:
        events["mac"] = _integer(variant.known["macs"])
    elif (
        "weights" in variant.known and "mac" in events
    ):  # MACs are weights, each at so many positions
        events["mac"] = _integer(
            variant.known["weights"] * events["mac"], _arrays(variant)["weights"]
        )
    return events, out


def _integer(value: Exact, divisor: int = 1) -> int:
    """Return a whole number, or the quotient where it is one. Raises ValueError."""
    quotient, rest = divmod(value, divisor) if divisor else (0, 1)
    if rest:
        raise ValueError("not a whole number")
    return int(quotient)


def macs(variant: Variant) -> Exact:
    """Multiply-accumulates."""
    events, out = _events(variant)
    added: Exact = events.get("bias_add", 0) if variant.bias_adds else 0
    if variant.bias_adds == "textbook" and variant.times == 1:
        raise ValueError("the textbook rule counts multiplications and additions apart")
    if variant.bias_adds == "as half":  # of a count that is doubled
        added = half(added)
    elif variant.bias_adds == "textbook":
        added = -half(elements(out))
    return variant.times * (events.get("mac", 0) + added)


def flops(variant: Variant) -> Exact:
    """Return what the convention counts as operations."""
    events, out = _events(variant)
    added = events.get("bias_add", 0)
    if variant.bias_adds == "as macs":
        events["mac"] = events.get("mac", 0) + added
    node = variant.node
    values = {**measures(node), **events, "outputs": elements(out), "positions": positions(out)}
    counted = sum(
        term.amount(values) for term in variant.layer.convention.operations if term.suits(node)
    )
    if variant.bias_adds == "as half" or (variant.bias_adds == "textbook" and variant.times != 1):
        raise ValueError("operations are doubled already")
    more = {"as one": added, "textbook": -elements(out)}.get(variant.bias_adds, 0)
    return variant.times * (counted + more)


def activations(variant: Variant) -> Exact:
    """Return the output's elements, where the lectures count them."""
    return outputs(variant) if variant.op.is_activation_map else 0


def outputs(variant: Variant) -> Exact:
    """Return the output's elements."""
    known = variant.known.get("activations")
    return variant.times * (elements(output(variant)) if known is None else known)


def memory(variant: Variant) -> Exact:
    """Return the output's bytes."""
    return outputs(variant) * variant.width * variant.batch


def receptive_field(variant: Variant) -> tuple[int, ...]:
    """Input positions that one output position sees, per axis."""
    if variant.shape is not None:
        return variant.shape
    field = receptive_fields(variant.layer.graph, variant.reaches)[variant.layer.place]
    if field.axes is None:
        raise ValueError("unknown")
    return field.size


FORMULAS: dict[str, Callable[[Variant], Value]] = {
    "output": output,
    "weights": weights,
    "biases": biases,
    "params": params,
    "macs": macs,
    "flops": flops,
    "activations": activations,
    "memory": memory,
    "receptive_field": receptive_field,
    "outputs": outputs,
}
"""The formula of each quantity that has more to it than a sum of others."""


def _by_formula(quantity: Quantity, variant: Variant) -> Value:
    """Return a quantity that is worked out from others by its own formula."""
    counts = {name: FORMULAS[name](variant) for name in quantity.measures}
    value: Value = quantity.of(SimpleNamespace(**counts))
    if not quantity.scaled:
        return value
    return value * variant.width * (variant.batch if quantity.scaled == "batch" else 1)


def evaluate(quantity: str, variants: Iterable[tuple[Variant, int]]) -> Value | None:
    """Return the quantity of one variant, or the sum over several, each so many times.

    None where the integers clash.
    """
    listed = list(variants)
    formula = FORMULAS.get(quantity) or partial(_by_formula, BY_NAME[quantity])
    try:
        if len(listed) == 1 and listed[0][1] == 1:
            return _whole(formula(listed[0][0]))
        return _whole(sum(formula(variant) * times for variant, times in listed))  # type: ignore[misc]
    except ValueError:
        return None


def _whole(value: Value) -> Value | None:
    """Make a fraction that is whole an int; None for any other, since all quantities are whole."""
    answer = value if isinstance(value, tuple) else whole(value)
    return answer if isinstance(answer, (int, tuple)) else None
