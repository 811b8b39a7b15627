"""What exporters spell out in several ops, put together again: one op for x·sigmoid(x), GELU, layer norm, linear, ...

A pattern looks back from the op that it ends in. It replaces that op and takes away what lies between it and the
tensor that it starts from, if nothing else uses that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isclose, pi, prod, sqrt
from typing import NamedTuple

from cnncalc.models.onnx_fold import Constant, Folder, FoldError, axes_of, integer, ints, real
from cnncalc.models.onnx_messages import AttributeValue, OnnxNode
from cnncalc.models.onnx_names import module_of

ONE_INPUT = ("CastLike", "Dropout")
"""Ops whose values are those of their first input, whatever the others are."""
MAX_REGION = 16
"""Ops that a pattern may consist of."""
MAX_PRODUCTS = 6
"""Products after one another that are taken for one: GELU has four."""


class Match(NamedTuple):
    """An op, what it starts from (tensor first, then weights), its attributes, and the ops that it stands for."""

    op: str
    inputs: tuple[str, ...]
    attributes: dict[str, AttributeValue]
    absorbed: tuple[OnnxNode, ...]


class Folded(NamedTuple):
    """The ops that depend on the network's input, and the constants that they take."""

    nodes: list[OnnxNode]
    constants: dict[str, Constant]


def fold_constants(
    nodes: Iterable[OnnxNode], known: Mapping[str, Constant], folder: Folder
) -> Folded:
    """Work out the ops that take constants alone. Raises FoldLimitError."""
    constants = dict(known)
    rest = []
    for node in nodes:
        inputs = node.inputs[:1] if node.op in ONE_INPUT else node.inputs
        if all(not name or name in constants for name in inputs):
            try:
                results = folder.fold(node, [constants.get(name) for name in inputs])
            except FoldError:
                rest.append(node)
                continue
            constants.update(zip(node.outputs, results, strict=False))
        else:
            rest.append(node)
    return Folded(rest, constants)


def recognise(folded: Folded, outputs: Iterable[str]) -> list[OnnxNode]:
    """Return the ops with those that belong together put together, in the same order."""
    return _Recogniser(folded, outputs).run()


class _Recogniser:
    def __init__(self, folded: Folded, outputs: Iterable[str]) -> None:
        self.constants = folded.constants
        self.nodes = folded.nodes
        self.makers: dict[str, OnnxNode] = {}
        self.uses = Counter(name for node in folded.nodes for name in node.inputs)
        self.uses.update(outputs)

    def run(self) -> list[OnnxNode]:
        kept: dict[str, OnnxNode] = {}
        for position, node in enumerate(self.nodes):
            node = self.replaced(node, kept)
            key = node.outputs[0] if node.outputs else f"#{position}"
            kept[key] = node
            self.makers.update(dict.fromkeys(node.outputs, node))
        return list(kept.values())

    def replaced(self, node: OnnxNode, kept: dict[str, OnnxNode]) -> OnnxNode:
        """Return the op that a pattern ending in this one stands for, or the op itself."""
        for pattern in _PATTERNS.get(node.op, ()):
            try:
                match = pattern(self, node)
            except (
                FoldError,
                IndexError,
            ):  # an op with fewer inputs than it has, or attributes that are none
                continue
            if match is not None and self.is_closed(node, match):
                for inner in match.absorbed:
                    kept.pop(inner.outputs[0], None)
                    self.uses.subtract(inner.inputs)
                self.uses.subtract(node.inputs)
                self.uses.update(match.inputs)
                return node._replace(
                    op=match.op, domain="", inputs=match.inputs, attributes=match.attributes
                )
        return node

    def is_closed(self, node: OnnxNode, match: Match) -> bool:
        """Whether what is taken away is used by nothing else."""
        inside = Counter(name for inner in (*match.absorbed, node) for name in inner.inputs)
        return all(
            self.uses[name] == inside[name]
            for inner in match.absorbed
            for name in inner.outputs
            if name
        )

    # -- what patterns ask ---------------------------------------------------------------------------------------------

    def maker(self, name: str, *ops: str) -> OnnxNode | None:
        """Return the op that makes a tensor, if it is one of these."""
        node = self.makers.get(name)
        return node if node is not None and node.op in ops else None

    def number(self, name: str) -> float | None:
        """Return a constant of one value; None for anything else."""
        constant = self.constants.get(name)
        return None if constant is None or constant.number is None else float(constant.number)

    def parameter(self, name: str) -> Constant | None:
        """Return a constant that is a parameter of the file."""
        constant = self.constants.get(name)
        return constant if constant is not None and constant.parameter else None

    def listed(self, name: str) -> tuple[int, ...]:
        """Return the integers of a constant. Raises FoldError for anything else."""
        constant = self.constants.get(name)
        if constant is None:
            raise FoldError("it is no constant")
        return constant.integers()

    def numbered(self, node: OnnxNode) -> tuple[str, float] | None:
        """Return the tensor and the number that an op of two takes, in either order."""
        for at in (0, 1):
            number = self.number(node.inputs[at]) if len(node.inputs) == 2 else None
            if number is not None and node.inputs[1 - at] not in self.constants:
                return node.inputs[1 - at], number
        return None

    def factors(self, name: str, absorbed: list[OnnxNode]) -> tuple[list[str], float]:
        """Return the tensors that a product is of, and the number that it is multiplied by."""
        node = self.maker(name, "Mul", "Div")
        if node is None or len(absorbed) >= MAX_PRODUCTS or (absorbed and self.uses[name] > 1):
            return [name], 1.0
        absorbed.append(node)
        names, number = self.of_operand(node.inputs[0], absorbed)
        if node.op == "Div":
            divisor = self.number(node.inputs[1])
            if not divisor:
                absorbed.pop()
                return [name], 1.0
            return names, number / divisor
        more, other = self.of_operand(node.inputs[1], absorbed)
        return [*names, *more], number * other

    def of_operand(self, name: str, absorbed: list[OnnxNode]) -> tuple[list[str], float]:
        number = self.number(name)
        return ([], number) if number is not None else self.factors(name, absorbed)

    def product(self, node: OnnxNode) -> tuple[list[str], float, list[OnnxNode]]:
        """Return the factors of the product that ends in an op, which has no maker yet, and the products within."""
        self.makers[node.outputs[0]] = node
        absorbed: list[OnnxNode] = []
        names, number = self.factors(node.outputs[0], absorbed)
        return names, number, [inner for inner in absorbed if inner is not node]


# ---- activations ----------------------------------------------------------------------------------------------------

_GATES = {"Sigmoid": "Silu", "HardSigmoid": "HardSwish"}


def _gated(look: _Recogniser, node: OnnxNode) -> Match | None:
    """x·sigmoid(x) is SiLU, x·hardsigmoid(x) hard swish, x·tanh(softplus(x)) Mish."""
    for value, gate in (node.inputs, node.inputs[::-1]) if len(node.inputs) == 2 else ():
        maker = look.maker(gate, *_GATES)
        if (
            maker
            and maker.inputs[0] == value
            and (maker.op == "Sigmoid" or _is_hard_sigmoid(maker))
        ):
            return Match(_GATES[maker.op], (value,), {}, (maker,))
        tanh = look.maker(gate, "Tanh")
        softplus = look.maker(tanh.inputs[0], "Softplus") if tanh else None
        if tanh and softplus and softplus.inputs[0] == value:
            return Match("Mish", (value,), {}, (tanh, softplus))
    return None


def _is_hard_sigmoid(node: OnnxNode) -> bool:
    """Whether the slope is 1/6 and not ONNX's own 0.2."""
    return isclose(real(node, "alpha", 0.2), 1 / 6, rel_tol=1e-4)


def _relu6_of_shifted(look: _Recogniser, name: str) -> tuple[str, tuple[OnnxNode, ...]] | None:
    """x of min(max(x + 3, 0), 6)."""
    clip = look.maker(name, "Clip")
    if clip is None or clip_bounds(clip, look.constants) != (0.0, 6.0):
        return None
    add = look.maker(clip.inputs[0], "Add")
    shifted = look.numbered(add) if add else None
    if add is None or shifted is None or shifted[1] != 3:
        return None
    return shifted[0], (clip, add)


def clip_bounds(
    node: OnnxNode, constants: Mapping[str, Constant]
) -> tuple[float | None, float | None]:
    """Return the bounds of a Clip, attributes in older files and inputs in newer ones; None where there is none."""
    bounds: list[float | None] = []
    for at, name in enumerate(("min", "max"), 1):
        given = constants.get(node.inputs[at]) if len(node.inputs) > at else None
        number = given.number if given is not None else node.attributes.get(name)
        bounds.append(float(number) if isinstance(number, (int, float)) else None)
    return bounds[0], bounds[1]


def _hard(look: _Recogniser, node: OnnxNode) -> Match | None:
    """relu6(x + 3)/6 is the hard sigmoid, x·relu6(x + 3)/6 hard swish."""
    names, number, absorbed = look.product(node)
    if not isclose(number, 1 / 6, rel_tol=1e-4) or len(names) > 2:
        return None
    for gate in names:
        inner = _relu6_of_shifted(look, gate)
        others = [name for name in names if name != gate]
        if inner is not None and others in ([], [inner[0]]):
            op = "HardSwish" if others else "HardSigmoid"
            return Match(op, (inner[0],), {"alpha": 1 / 6}, (*absorbed, *inner[1]))
    return None


def _gelu(look: _Recogniser, node: OnnxNode) -> Match | None:
    """x/2·(1 + erf(x/√2)), and with tanh in place of erf, in any association."""
    names, number, absorbed = look.product(node)
    if len(names) != 2 or not isclose(number, 0.5, rel_tol=1e-4):
        return None
    for value, other in (names, names[::-1]):
        add = look.maker(other, "Add")
        plus_one = look.numbered(add) if add else None
        if add is None or plus_one is None or plus_one[1] != 1:
            continue
        curve = look.maker(plus_one[0], "Erf", "Tanh")
        inner = _gelu_inner(look, curve, value) if curve else None
        if curve is not None and inner is not None:
            return Match("Gelu", (value,), {}, (*absorbed, add, curve, *inner))
    return None


def _gelu_inner(look: _Recogniser, curve: OnnxNode, value: str) -> list[OnnxNode] | None:
    """Return what is below erf or tanh: x/√2, or √(2/π)·(x + 0.044715·x³)."""
    absorbed: list[OnnxNode] = []
    names, number = look.factors(curve.inputs[0], absorbed)
    if curve.op == "Erf":
        return absorbed if names == [value] and isclose(number, sqrt(0.5), rel_tol=1e-4) else None
    add = look.maker(names[0], "Add") if len(names) == 1 else None
    if add is None or value not in add.inputs or not isclose(number, sqrt(2 / pi), rel_tol=1e-3):
        return None
    cubic = next((name for name in add.inputs if name != value), "")
    cubed, factor = look.factors(cubic, absorbed)
    power = look.maker(cubed[0], "Pow") if len(cubed) == 1 else None
    is_cube = cubed == [value] * 3 or (power is not None and power.inputs[0] == value)
    if not is_cube or not isclose(factor, 0.044715, rel_tol=1e-3):
        return None
    return [*absorbed, add, *([power] if power else [])]


# ---- layers ---------------------------------------------------------------------------------------------------------


def _deviation(look: _Recogniser, node: OnnxNode) -> tuple[OnnxNode, ...] | None:
    """Return the nodes of √(variance + ε) below a quotient, from its end to the square that it begins with."""
    below = node.inputs[1]
    absorbed: tuple[OnnxNode, ...] = ()
    if node.op == "Mul":
        reciprocal = look.maker(below, "Reciprocal")
        if reciprocal is None:
            return None
        absorbed, below = (reciprocal,), reciprocal.inputs[0]
    root = look.maker(below, "Sqrt")
    eps = look.maker(root.inputs[0], "Add") if root else None
    variance = look.numbered(eps) if eps else None
    mean_square = look.maker(variance[0], "ReduceMean") if variance else None
    square = look.maker(mean_square.inputs[0], "Pow", "Mul") if mean_square else None
    if not (root and eps and mean_square and square):
        return None
    return (*absorbed, root, eps, mean_square, square)


def _layer_norm(look: _Recogniser, node: OnnxNode) -> Match | None:
    """(x − mean)/√(variance + ε), the quotient or the product with the reciprocal."""
    less = look.maker(node.inputs[0], "Sub")
    deviation = _deviation(look, node)
    mean = look.maker(less.inputs[1], "ReduceMean") if less else None
    if not (less and deviation and mean):
        return None
    spread = look.maker(deviation[-1].inputs[0], "Sub")
    axes = _axes(look, mean)
    if (
        not spread
        or set(spread.inputs) != set(less.inputs)
        or mean.inputs[0] != less.inputs[0]
        or axes is None
    ):
        return None
    parts = (*deviation, less, mean)
    if spread is not less:
        parts = (*parts, spread)
    return Match("LayerNormalization", (less.inputs[0],), {"axes": axes, "affine": 0}, parts)


def _rms_norm(look: _Recogniser, node: OnnxNode) -> Match | None:
    """x/√(mean of x² + ε), the quotient or the product with the reciprocal."""
    value = node.inputs[0]
    deviation = _deviation(look, node)
    axes = _axes(look, deviation[-2]) if deviation else None
    if deviation is None or axes is None or deviation[-1].inputs[0] != value:
        return None
    return Match("RMSNormalization", (value,), {"axes": axes, "affine": 0}, deviation)


def _axes(look: _Recogniser, node: OnnxNode) -> tuple[int, ...] | None:
    try:
        return axes_of(node, [look.constants.get(name) for name in node.inputs])
    except FoldError:
        return None


def _group_norm(look: _Recogniser, node: OnnxNode) -> Match | None:
    """Return a group norm as PyTorch writes it: the groups as channels, an instance norm with ones and zeros, and
    back.
    """
    norm = look.maker(node.inputs[0], "InstanceNormalization")
    split = look.maker(norm.inputs[0], "Reshape") if norm else None
    scale = look.constants.get(norm.inputs[1]) if norm else None
    if norm is None or split is None or scale is None:
        return None
    attributes: dict[str, AttributeValue] = {"num_groups": prod(scale.shape)}
    return Match("GroupNormalization", (split.inputs[0],), attributes, (norm, split))


def _unit_norm(look: _Recogniser, node: OnnxNode) -> Match | None:
    """x/max(‖x‖, ε) along one axis, the length laid over x or not."""
    below = node.inputs[1]
    absorbed: tuple[OnnxNode, ...] = ()
    for ops in (("Expand",), ("Clip", "Max")):
        step = look.maker(below, *ops)
        if step is not None:
            absorbed, below = (*absorbed, step), step.inputs[0]
    length = look.maker(below, "ReduceL2")
    axes = _axes(look, length) if length else None
    if length is None or length.inputs[0] != node.inputs[0] or axes is None or len(axes) != 1:
        return None
    if not integer(length, "keepdims", 1):
        return None
    return Match("LpNormalization", (node.inputs[0],), {"axis": axes[0]}, (*absorbed, length))


_POOL_STEPS = ("Add", "Gather", "Where", "Transpose", "GatherND")
MAX_POOL_STEPS = 128
"""Ops that an adaptive pool is spelt out in: two for each position of its window."""


def _adaptive_pool(look: _Recogniser, node: OnnxNode) -> Match | None:
    """Return an adaptive average pool whose windows are gathered by their indices, then summed and divided.

    PyTorch's exporter writes it so where the windows differ: the axes of the space first, GatherND with the indices of
    every window, the axes in order again; a mean over the windows, or what they lack masked, each place added, and the
    sums divided by the sizes.
    """
    if node.op == "Div" and node.inputs[1] not in look.constants:
        return None
    steps = _steps_before(look, node.inputs[0])
    gathered = [step for step in steps if step.op == "GatherND"]
    first = look.maker(gathered[0].inputs[0], "Transpose") if len(gathered) == 1 else None
    indices = look.constants.get(gathered[0].inputs[1]) if first else None
    if first is None or indices is None or len(indices.shape) != 2 * indices.shape[-1] + 1:
        return None
    attributes: dict[str, AttributeValue] = {"size": indices.shape[:-1:2]}
    return Match("AdaptiveAveragePool", (first.inputs[0],), attributes, (*steps, first))


def _steps_before(look: _Recogniser, name: str) -> list[OnnxNode]:
    """Return the steps of a spelt-out pool behind its gathering; none where other ops are among them."""
    steps: dict[str, OnnxNode] = {}
    waiting = [name]
    while waiting:
        step = look.maker(waiting.pop(), *_POOL_STEPS)
        if step is None or len(steps) > MAX_POOL_STEPS:
            return []
        if step.outputs[0] not in steps:
            steps[step.outputs[0]] = step
            if step.op != "GatherND":
                waiting += [taken for taken in step.inputs if taken not in look.constants]
    return list(steps.values())


_LRN_STEPS = ("Reshape", "Unsqueeze", "Squeeze", "Pad", "AveragePool")


def _local_response(look: _Recogniser, node: OnnxNode) -> Match | None:
    """x/(k + α·mean of x² over neighbouring channels)^β, the mean an average pool of its own."""
    value = node.inputs[0]
    power = look.maker(node.inputs[1], "Pow")
    add = look.maker(power.inputs[0], "Add") if power else None
    shifted = look.numbered(add) if add else None
    product = look.maker(shifted[0], "Mul") if shifted else None
    scaled = look.numbered(product) if product else None
    if not (power and add and product and scaled):
        return None
    absorbed, size = [power, add, product], 0
    step = look.maker(scaled[0], *_LRN_STEPS)
    while step is not None and len(absorbed) < MAX_REGION:
        absorbed.append(step)
        if step.op == "AveragePool":
            size = max(ints(step, "kernel_shape", (1,)))
        last = step
        step = look.maker(last.inputs[0], *_LRN_STEPS)
    square = look.maker(absorbed[-1].inputs[0], "Mul", "Pow")
    if square is None or square.inputs[0] != value or not size:
        return None
    return Match("LRN", (value,), {"size": size}, (*absorbed, square))


def _norm_scale(look: _Recogniser, node: OnnxNode) -> Match | None:
    """Return a norm without its learned scale, times a parameter."""
    norms = ("LayerNormalization", "GroupNormalization", "RMSNormalization")
    matches = (_joined_parameter(look, node, norm, 1) for norm in norms)
    return next(filter(None, matches), None)


def _norm_shift(look: _Recogniser, node: OnnxNode) -> Match | None:
    """Return a norm with its learned scale, plus a parameter."""
    return _joined_parameter(look, node, "LayerNormalization", 2) or _joined_parameter(
        look, node, "GroupNormalization", 2
    )


_WITH_AXES = ("LayerNormalization", "RMSNormalization")


def _joined_parameter(look: _Recogniser, node: OnnxNode, op: str, inputs: int) -> Match | None:
    """Return an op that has so many inputs, and a parameter for one more in the op behind it, in either order."""
    for value, given in (node.inputs, node.inputs[::-1]) if len(node.inputs) == 2 else ():
        maker = look.maker(value, op)
        parameter = look.parameter(given)
        if maker is None or parameter is None or len(maker.inputs) != inputs:
            continue
        if op in _WITH_AXES and "axes" not in maker.attributes:  # it has its scale already
            continue
        return Match(op, (*maker.inputs, given), maker.attributes, (maker,))
    return None


def _linear(look: _Recogniser, node: OnnxNode) -> Match | None:
    """Return a product with a matrix of weights."""
    weights = look.parameter(node.inputs[1])
    if weights is None or len(weights.shape) != 2 or node.inputs[0] in look.constants:
        return None
    return Match("Linear", node.inputs, {}, ())


def _linear_bias(look: _Recogniser, node: OnnxNode) -> Match | None:
    """Return a linear layer and its bias, which may be added on either side."""
    match = _joined_parameter(look, node, "Linear", 2)
    if match is None:
        return None
    weights, bias = look.constants[match.inputs[1]], look.constants[match.inputs[2]]
    return match if bias.shape == weights.shape[1:] else None


def _conv_bias(look: _Recogniser, node: OnnxNode) -> Match | None:
    """Return a convolution without bias, and a parameter for each of its channels or elements added."""
    match = _joined_parameter(look, node, "Conv", 2)
    if match is None:
        return None
    weights, bias = look.constants.get(match.inputs[1]), look.constants[match.inputs[2]]
    if weights is None or len(weights.shape) < 3:
        return None
    return match if _is_bias(bias, weights.shape[0], len(weights.shape) - 2) else None


def _is_bias(parameter: Constant, filters: int, rank: int) -> bool:
    """Whether a parameter has a value for each filter, or for each element of the maps that they make."""
    depth, *sizes = parameter.shape[-rank - 1 :]
    of_each_element = len(parameter.shape) == rank + 1 and depth == filters and min(sizes) > 1
    return of_each_element or _is_per_channel(parameter, filters, rank)


def _is_per_channel(parameter: Constant, channels: int, rank: int) -> bool:
    """Whether a parameter has a value for each channel of a map of `rank` spatial axes."""
    shape = (channels, *(1,) * rank)
    return parameter.shape in (shape, (1, *shape)) and channels > 1


def _trained_pool(look: _Recogniser, node: OnnxNode) -> Match | None:
    """Return LeNet-5's pool: in one layer, a mean times a parameter for each map, plus another."""
    for value, bias in (node.inputs, node.inputs[::-1]) if len(node.inputs) == 2 else ():
        product = look.maker(value, "Mul")
        match = _joined_parameter(look, product, "AveragePool", 1) if product else None
        shift = look.parameter(bias)
        if product is None or match is None or shift is None:
            continue
        (pool,) = match.absorbed
        scale = look.constants[match.inputs[1]]
        rank = len(ints(pool, "kernel_shape"))
        layers = {module_of(each) for each in (pool, product, node)}
        alike = scale.shape == shift.shape and _is_per_channel(scale, prod(scale.shape), rank)
        if alike and len(layers) == 1 and layers != {""}:
            return Match("TrainedPool", (*match.inputs, bias), pool.attributes, (product, pool))
    return None


def _table_conv(look: _Recogniser, node: OnnxNode) -> Match | None:
    """Return a convolution each of whose filters sees maps of its own: the outputs of several of one filter."""
    filters = [each for name in node.inputs if (each := look.maker(name, "Conv"))]
    gathers = [each for conv in filters if (each := look.maker(conv.inputs[0], "Gather"))]
    if not len(node.inputs) == len(filters) == len(gathers) > 1:
        return None
    first, taken = filters[0], gathers[0].inputs[0]
    axes = {integer(each, "axis", 0) for each in (node, *gathers)}
    if axes != {1} or any(gather.inputs[0] != taken for gather in gathers):
        return None
    if not all(_is_filter(look, conv, first.attributes) for conv in filters):
        return None
    maps = [look.listed(gather.inputs[1]) for gather in gathers]
    attributes: dict[str, AttributeValue] = {
        **first.attributes,
        "counts": tuple(map(len, maps)),
        "maps": tuple(number for each in maps for number in each),
    }
    inputs = (taken, *(conv.inputs[1] for conv in filters))
    return Match("TableConv", inputs, attributes, (*filters, *gathers))


def _is_filter(look: _Recogniser, conv: OnnxNode, attributes: Mapping[str, AttributeValue]) -> bool:
    """Whether a convolution has these attributes, one filter, which sees all that arrives, and no bias."""
    weights = look.parameter(conv.inputs[1])
    is_single = weights is not None and weights.shape[:1] == (1,) and conv.attributes == attributes
    return is_single and len(conv.inputs) == 2 and integer(conv, "group", 1) == 1


def _table_bias(look: _Recogniser, node: OnnxNode) -> Match | None:
    """Return such a convolution, and a parameter for each of its filters or elements added."""
    for value in node.inputs:
        made = look.maker(value, "TableConv")
        filters = len(ints(made, "counts")) if made else 0
        match = _joined_parameter(look, node, "TableConv", filters + 1) if made else None
        if match is not None:
            rank = len(look.constants[match.inputs[1]].shape) - 2
            return match if _is_bias(look.constants[match.inputs[-1]], filters, rank) else None
    return None


Pattern = Callable[[_Recogniser, OnnxNode], Match | None]

_PATTERNS: dict[str, Sequence[Pattern]] = {
    "Mul": (_gated, _hard, _gelu, _layer_norm, _rms_norm, _norm_scale),
    "Div": (_hard, _gelu, _layer_norm, _rms_norm, _local_response, _unit_norm, _adaptive_pool),
    "ReduceMean": (_adaptive_pool,),
    "Reshape": (_group_norm,),
    "Add": (_norm_shift, _linear_bias, _conv_bias, _table_bias, _trained_pool),
    "Concat": (_table_conv,),
    "MatMul": (_linear,),
}
