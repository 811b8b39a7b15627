"""Receptive fields beside gradients: which input positions does PyTorch say that an output position depends on?

All weights are one and all biases zero, so no dependence is lost by cancelling. Fields are read off in the middle of a
large input, since cnncalc does not clip them at the border.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest

import cnncalc

from .conftest import require
from .plans import Layer, Merge, Network, PerAxis, Step, in_order, product
from .spec_text import SpecText

torch = require("torch")

from .torch_layers import Run  # noqa: E402  (it needs PyTorch, which the line above may miss)

SIDES = {1: 260, 2: 90}
MARGIN = 16  # positions of the input that a field must stay away from the border, so that no padding hides in it
UP = {"conv_transpose": "stride", "upsample": "scale"}
NOTHING = 1e-9  # of the largest: bilinear weights that are zero but for rounding


# ---- fields by gradients --------------------------------------------------------------------------------------------


class Ones(Run):
    """Modules in double precision whose weights are one and whose biases are zero."""

    def made(self, op: str, fields: dict[str, Any], x: Any) -> Any:
        module = super().made(op, fields, x)
        if isinstance(module, torch.nn.Module):
            module.double()
            for name, parameter in module.named_parameters():
                torch.nn.init.constant_(parameter, 0.0 if name.endswith("bias") else 1.0)
        return module


@dataclass(frozen=True)
class Field:
    """What the output position `place` depends on along one axis: the weight of each input position."""

    place: int
    weights: Sequence[float]

    @property
    def seen(self) -> list[int]:
        return [i for i, weight in enumerate(self.weights) if weight > NOTHING * max(self.weights)]

    @property
    def hull(self) -> tuple[int, int]:
        return self.seen[0], self.seen[-1]

    @property
    def size(self) -> int:
        first, last = self.hull
        return last - first + 1

    @property
    def centre(self) -> Fraction:
        """In input positions, of which the first has its own centre at 1/2."""
        return Fraction(sum(self.hull) + 1, 2)


def fields(network: Network, count: int) -> list[list[Field]] | None:
    """For each axis the fields of `count` neighbouring outputs in the middle; None if the input is too small."""
    x = torch.ones(count, *network.input, dtype=torch.float64, requires_grad=True)
    y = Ones(count).steps(network.steps, x)
    firsts = [(size - count) // 2 for size in y.shape[2:]]
    if min(firsts) < 0:
        return None
    torch.stack(
        [y[(b, slice(None), *(first + b for first in firsts))].sum() for b in range(count)]
    ).sum().backward()
    result = []
    for axis, first in enumerate(firsts):
        others = [1] + [2 + other for other in range(len(firsts)) if other != axis]
        rows = x.grad.sum(dim=others).tolist()
        result.append([Field(first + b, row) for b, row in enumerate(rows)])
    inside = all(
        inside_margin(field, network.input[1 + a])
        for a, axis in enumerate(result)
        for field in axis
    )
    return result if inside else None


def inside_margin(field: Field, size: int) -> bool:
    """A field may also be empty: where a transposed convolution writes nothing."""
    return max(field.weights) == 0 or (field.hull[0] >= MARGIN and field.hull[1] < size - MARGIN)


# ---- networks -------------------------------------------------------------------------------------------------------


class Windows:
    """Proposes layers with windows."""

    def __init__(
        self, seed: int, axes: int, up: bool = False, last: bool = False, branches: bool = True
    ) -> None:
        self.rng = random.Random(seed)
        self.axes = axes
        self.reduced = 1
        self.up, self.last, self.branches = up, last, branches

    def per_axis(self, low: int, high: int) -> PerAxis:
        return tuple(self.rng.randint(low, high) for _ in range(self.axes))

    def stride(self) -> PerAxis:
        stride = (
            self.per_axis(1, 3)
            if self.reduced < 6 and self.rng.random() < 0.5
            else (1,) * self.axes
        )
        self.reduced *= max(stride)
        return stride

    def conv(self) -> Layer:
        fields = {
            "filters": self.rng.randint(1, 2),
            "kernel": self.per_axis(1, 4),
            "dilation": self.per_axis(1, 2),
        }
        return Layer("conv", {**fields, "stride": self.stride(), "pad": self.pad()})

    def pad(self) -> Any:
        if self.rng.random() < 0.3:
            return tuple((self.rng.randint(0, 2), self.rng.randint(0, 2)) for _ in range(self.axes))
        return self.per_axis(0, 2)

    def pool(self) -> Layer:
        kernel = self.per_axis(1, 4)
        pad, ceil = tuple(self.rng.randint(0, k // 2) for k in kernel), self.rng.random() < 0.3
        return Layer(
            "avgpool", {"kernel": kernel, "stride": self.stride(), "pad": pad, "ceil": ceil}
        )

    def pad_layer(self) -> Layer:
        return Layer(
            "pad",
            {
                "size": (
                    (0, 1),
                    *(
                        (self.rng.randint(0, 2), self.rng.randint(0, 2))
                        for _ in range(self.axes - 1)
                    ),
                )
            },
        )

    def slice_layer(self) -> Layer:
        self.reduced *= 2
        return Layer("slice", {"stride": (2, *self.per_axis(1, 2)[1:])})

    def pointwise(self) -> Layer:
        return Layer(self.rng.choice(("relu", "bn", "identity")))

    def transpose(self) -> Layer:
        stride, dilation, kernel = self.per_axis(1, 3), self.per_axis(1, 2), self.per_axis(1, 5)
        if (
            self.axes > 1
        ):  # no holes: where a position sees nothing along one axis, the other axis cannot be seen either
            dilation = tuple(1 if s == 2 else d for s, d in zip(stride, dilation, strict=True))
            kernel = tuple(max(s, k) for s, k in zip(stride, kernel, strict=True))
        room = tuple(self.rng.randrange(max(s, d)) for s, d in zip(stride, dilation, strict=True))
        fields = {"filters": 1, "kernel": kernel, "stride": stride, "dilation": dilation}
        return Layer("conv_transpose", {**fields, "pad": self.per_axis(0, 2), "output_pad": room})

    def upsample(self) -> Layer:
        return Layer(
            "upsample",
            {"scale": self.per_axis(1, 3), "mode": self.rng.choice(("nearest", "bilinear"))},
        )

    def keep(self, filters: int, stride: PerAxis) -> Layer:
        """A convolution that leaves the same positions as any other `keep`: d(F - 1) pads, the odd one at an end."""
        kernel, dilation = self.per_axis(1, 4), self.per_axis(1, 2)
        spans = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        before = [self.rng.choice((span // 2, span - span // 2)) for span in spans]
        pad = tuple((b, span - b) for b, span in zip(before, spans, strict=True))
        return Layer(
            "conv",
            {
                "filters": filters,
                "kernel": kernel,
                "dilation": dilation,
                "stride": stride,
                "pad": pad,
            },
        )

    def merge(self) -> Merge:
        op = self.rng.choice(("concat", "add", "residual"))
        stride = self.stride()
        one = (self.keep(1, (1,) * self.axes), self.keep(1, stride))
        two: tuple[Layer, ...] = (self.keep(1, stride),)
        if set(stride) == {1} and op == "concat" and self.rng.random() < 0.5:
            two = ()
        return Merge(op, (one, two))

    def network(self) -> Network:
        plain: list[Callable[[], Step]] = [
            self.conv,
            self.pool,
            self.pad_layer,
            self.slice_layer,
            self.pointwise,
        ]
        plain += [self.merge, self.merge] if self.branches else [self.conv]
        steps: list[Step] = [self.rng.choice(plain)() for _ in range(self.rng.randint(1, 4))]
        if self.up:
            place = len(steps) if self.last else self.rng.randint(0, len(steps))
            steps.insert(place, self.rng.choice((self.transpose, self.upsample))())
        return Network((1, *(SIDES[self.axes],) * self.axes), tuple(steps))


def up_factors(network: Network) -> list[PerAxis]:
    layers = [step for step in in_order(network.steps) if isinstance(step, Layer)]
    return [layer.fields[UP[layer.op]] for layer in layers if layer.op in UP]


# ---- tests ----------------------------------------------------------------------------------------------------------


def paths(steps: Sequence[Step]) -> list[tuple[Step, ...]]:
    """The chains of layers from the input to the output, one for each way through the branches."""
    found: list[tuple[Step, ...]] = [()]
    for step in steps:
        ways = (
            [path for branch in step.branches for path in paths(branch)]
            if isinstance(step, Merge)
            else [(step,)]
        )
        found = [(*before, *way) for before in found for way in ways]
    return found


@dataclass(frozen=True)
class Answer:
    size: list[Fraction]
    jump: list[Fraction]
    start: list[Fraction]


def fractions(values: Sequence[Any]) -> list[Fraction]:
    return [Fraction(value) for value in values]


def answer(network: Network, seed: int) -> tuple[Answer, str]:
    text = SpecText(network, seed).text
    row = cnncalc.loads(text).report().rows[-1]
    return Answer(fractions(row.receptive_field), fractions(row.jump), fractions(row.start)), text


def periods(network: Network) -> PerAxis:
    """After so many output positions, of each axis, the fields repeat, some whole input positions further on."""
    factors = up_factors(network)
    return tuple(
        product([factor[axis] for factor in factors]) for axis in range(len(network.input) - 1)
    )


def measured(network: Network) -> tuple[list[list[Field]], list[Fraction], list[Fraction]] | None:
    """Fields of two periods, the largest size and the jump of each axis; None if the input is too small."""
    period = periods(network)
    found = fields(network, 2 * max(period))
    if found is None or not all(any(field.seen for field in axis) for axis in found):
        return None  # or a stride that takes just the positions that a transposed convolution leaves empty
    sizes = [Fraction(max(field.size for field in axis if field.seen)) for axis in found]
    return found, sizes, [a_jump(axis, length) for axis, length in zip(found, period, strict=True)]


def a_jump(axis: Sequence[Field], period: int) -> Fraction:
    one = next(i for i, field in enumerate(axis) if field.seen)
    return (axis[one + period].centre - axis[one].centre) / period


@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize("group", range(8))
def test_windows_strides_and_branches(group: int, axes: int) -> None:
    """Without up-sampling every position has a field of the same size: size, jump and start are exact."""
    compared = 0
    for seed in range(group * 1000, group * 1000 + 25):
        network = Windows(seed, axes).network()
        found = fields(network, 2)
        if found is None:
            continue
        compared += 1
        ours, text = answer(network, seed)
        jump = [two.centre - one.centre for one, two in found]
        start = [
            one.centre - one.place * distance
            for (one, _), distance in zip(found, jump, strict=True)
        ]
        assert ours == Answer([Fraction(one.size) for one, _ in found], jump, start), text
    assert compared > 15


def one_centre(network: Network) -> bool | None:
    """Whether all paths have their fields around one centre; None if the input is too small."""
    centres = set()
    for path in paths(network.steps):
        found = fields(Network(network.input, path), 1)
        if found is None:
            return None
        centres.add(tuple(axis[0].centre for axis in found))
    return len(centres) == 1


@pytest.mark.parametrize("group", range(4))
def test_paths_with_another_centre(group: int) -> None:
    """`centred` is false where the paths disagree: a field is then not what any of its convolutions is centred on."""
    seen = set()
    for seed in range(group * 1000, group * 1000 + 20):
        network = Windows(seed, axes=1 + seed % 2).network()
        centred = one_centre(network)
        if centred is not None:
            seen.add(centred)
            text = SpecText(network, seed).text
            assert cnncalc.loads(text).report().rows[-1].centred == centred, text
    assert seen == {False, True}


def assert_measured(seeds: Sequence[int], axes: int, **kind: bool) -> None:
    """The size is the largest that any position has, the jump that over a whole period."""
    compared = 0
    for seed in seeds:
        network = Windows(seed, axes, up=True, **kind).network()
        found = measured(network)
        if found is None:
            continue
        compared += 1
        ours, text = answer(network, seed)
        assert ours.size == found[1], text
        assert ours.jump == found[2], text
    assert compared > 0.6 * len(seeds)


@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize("group", range(4))
def test_an_up_sampling_last(group: int, axes: int) -> None:
    assert_measured(range(group * 1000, group * 1000 + 25), axes, last=True)


@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize("group", range(8))
def test_windows_after_an_up_sampling(group: int, axes: int) -> None:
    """Then neighbours see fields of different sizes, and a stride may leave out the largest."""
    assert_measured(range(group * 1000, group * 1000 + 25), axes)


@pytest.mark.parametrize("group", range(4))
def test_where_an_up_sampled_chain_starts(group: int) -> None:
    """Without strides after the up-sampling: the centre of all that the positions of a period see."""
    compared = 0
    for seed in range(group * 1000, group * 1000 + 40):
        network = Windows(seed, 1, up=True, branches=False).network()
        found = measured(network)
        if found is None or strides_after_up(network):
            continue
        compared += 1
        (axis,), _, (jump,) = found
        weight = sum(sum(field.weights) for field in axis)
        offset = sum(
            (i + 0.5 - field.place * jump) * w
            for field in axis
            for i, w in enumerate(field.weights)
        )
        ours, text = answer(network, seed)
        assert float(ours.start[0]) == pytest.approx(float(offset / weight)), text
    assert compared > 10


def strides_after_up(network: Network) -> bool:
    ups = [i for i, step in enumerate(network.steps) if step.op in UP]
    after = network.steps[ups[0] + 1 :]
    return any(
        set(step.fields.get("stride", (1,))) != {1} for step in after if isinstance(step, Layer)
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_global_pool_sees_all_that_its_map_sees(seed: int) -> None:
    """Without pads nothing is outside the input, so nothing is clipped."""
    rng = random.Random(seed)
    convs = [
        {"filters": 1, "kernel": (rng.randint(1, 4),), "stride": (rng.randint(1, 2),)}
        for _ in range(3)
    ]
    steps = (*(Layer("conv", fields) for fields in convs), Layer("globalavgpool"))
    network = Network((1, rng.randint(30, 50)), steps)
    x = torch.ones(1, *network.input, dtype=torch.float64, requires_grad=True)
    Ones(1).steps(network.steps, x).sum().backward()
    seen = x.grad[0, 0].nonzero().flatten().tolist()
    ours, text = answer(network, seed)
    assert ours.size == [seen[-1] - seen[0] + 1], text
    assert ours.start == [Fraction(seen[0] + seen[-1] + 1, 2)], text
