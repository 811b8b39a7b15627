"""Each slip's number against the contract's formula, written out here once more, over random layers.

N input size, F kernel, S stride, p and q pad, d dilation, C input channels, K filters, g groups; n inputs and U units
of an fc; `out` the right output and `weights` the weights.
"""

from __future__ import annotations

from math import ceil
from random import Random
from typing import NamedTuple

import pytest

from cnncalc.homework.candidates import Candidates, KeyedQuestion
from cnncalc.homework.slips import SLIPS, slips_of
from cnncalc.spec.quantities import BY_NAME

from .questions import ask, one, spec


class Conv(NamedTuple):
    """A conv's integers, and C0, the channels of the image before it."""

    N: int
    F: int
    S: int
    p: int
    q: int
    d: int
    C: int
    K: int
    g: int
    C0: int

    @property
    def span(self) -> int:
        return self.N + self.p + self.q - self.d * (self.F - 1) - 1

    @property
    def out(self) -> int:
        return self.span // self.S + 1

    @property
    def weights(self) -> int:
        return self.F * self.F * (self.C // self.g) * self.K

    def question(self, quantity: str, **settings: object) -> KeyedQuestion:
        fields = (
            f"filters: {self.K}, kernel: {self.F}, stride: {self.S}, dilation: {self.d}, groups: {self.g}, "
            f"pad: [[{self.p}, {self.q}], [{self.p}, {self.q}]]"
        )
        text = spec(
            f"{self.N}x{self.N}x{self.C0}",
            f"conv: {{name: a, filters: {self.C}, kernel: 1}}",
            f"conv: {{name: x, {fields}}}",
        )
        return ask(text, "x", quantity, **settings)


def convs() -> list[Conv]:
    random = Random(3)
    found: list[Conv] = []
    while len(found) < 60:
        g = random.choice((1, 1, 1, 2, 4))
        conv = Conv(
            random.randint(6, 40),
            random.randint(1, 5),
            random.randint(1, 4),
            random.randint(0, 2),
            random.randint(0, 2),
            random.choice((1, 1, 2)),
            g * random.randint(1, 6),
            g * random.randint(1, 6),
            g,
            random.randint(1, 4),
        )
        if conv.span >= 0:
            found.append(conv)
    return found


def numbers(candidates: Candidates, slip: str) -> set[object]:
    return {combo.value for combo in candidates.combos if combo.name == slip}


def check(keyed: KeyedQuestion, candidates: Candidates, expected: dict[str, object]) -> None:
    """Each formula's number is what the slip gives, and a slip that gives the right number is not there."""
    for slip, value in expected.items():
        listed = value if isinstance(value, set) else {value}
        wanted = {
            one
            for one in listed
            if one != keyed.right and (not isinstance(one, tuple) or min(one) >= 1)
        }
        assert numbers(candidates, slip) == wanted, (slip, keyed.right)


def check_alone(keyed: KeyedQuestion, expected: dict[str, object]) -> None:
    """The same of slips by themselves, however unusual they are and whatever story is told of the number."""
    slips = [SLIPS[name] for name in expected]
    check(keyed, Candidates(keyed.singles(slips), 0, 0), expected)


@pytest.mark.parametrize("c", convs(), ids=str)
def test_a_conv(c: Conv) -> None:
    def shape(size: int, depth: int = c.K) -> tuple[int, int, int]:
        return size, size, depth

    keyed = c.question("output")
    assert keyed.right == shape(c.out)
    half = c.N + c.p - c.d * (c.F - 1) - 1
    check(
        keyed,
        keyed.own,
        {
            "no-plus-one": shape(c.span // c.S),
            "no-padding": shape((c.N - c.d * (c.F - 1) - 1) // c.S + 1),
            "padding-once": shape(half // c.S + 1),
            "no-stride": shape(c.span + 1),
            "rounded-up": shape(ceil(c.span / c.S) + 1),
            "rounded-down": shape(c.out),
            "no-dilation": shape((c.N + c.p + c.q - c.F) // c.S + 1),
            "kept-input-depth": shape(c.out, c.C),
            "depth-times-filters": shape(c.out, c.C * c.K),
            "used-layer-input": (c.N, c.N, c.C),
        },
    )
    keyed = c.question("params")
    assert keyed.right == c.weights + c.K
    image = (
        c.F * c.F * c.C0 * c.K + c.K if c.C0 != c.C else keyed.right
    )  # a first layer sees the image
    check(
        keyed,
        keyed.own,
        {
            "no-bias": c.weights,
            "one-bias": c.weights + 1,
            "bias-per-weight": 2 * c.weights,
            "bias-of-inputs": c.weights + c.C,
            "no-input-depth": c.F * c.F * c.K + c.K,
            "no-filters": c.F * c.F * (c.C // c.g) + 1,
            "no-groups": c.F * c.F * c.C * c.K + c.K,
            "times-positions": (c.weights + c.K) * c.out * c.out,
            "kernel-one-axis": c.F * (c.C // c.g) * c.K + c.K,
            "swapped-channels": c.F * c.F * (c.K // c.g) * c.K + c.K,
            "first-layer-depth": image,
        },
    )
    keyed = c.question("macs")
    positions = c.out * c.out
    assert keyed.right == c.weights * positions
    check(
        keyed,
        keyed.own,
        {
            "flops-for-macs": 2 * c.weights * positions,
            "macs-for-flops": set(),
            "no-positions": c.weights,
            "input-positions": c.weights * c.N * c.N,
            "no-input-depth": c.F * c.F * c.K * positions,
            "no-filters": c.F * c.F * (c.C // c.g) * positions,
            "no-groups": c.F * c.F * c.C * c.K * positions,
            "bias-counted": (c.weights + c.K) * positions,
        },
    )
    keyed = c.question("flops")
    assert keyed.right == 2 * c.weights * positions
    check(keyed, keyed.own, {"macs-for-flops": c.weights * positions, "flops-for-macs": set()})
    for dtype, width in (("float32", 4), ("float16", 2)):
        keyed = c.question("memory", batch=3, dtype=dtype)
        values = positions * c.K * 3
        assert keyed.right == values * width
        check(
            keyed,
            keyed.own,
            {
                "elements-for-bytes": values,
                "bits-for-bytes": values * width * 8,
                "no-batch": positions * c.K * width,
                "doubled-for-backward": values * width * 2,
                "other-dtype": values * (6 - width),
            },
        )


@pytest.mark.parametrize("c", convs()[:30], ids=str)
def test_unusual_slips_of_a_conv(c: Conv) -> None:
    values, plane, depth = c.out * c.out * c.K, c.out * c.out, c.C // c.g
    wide = c.N + c.p + c.q - c.d * c.F
    size = wide // c.S + 1 if wide >= 0 else 0
    check_alone(
        c.question("output"),
        {
            "dilation-times-kernel": (size, size, c.K) if c.d > 1 else set(),
            "depth-left-out": {(c.out, c.out), (1, 1, c.out)},
            "flattened-input": set(),
            "branch-left-out": set(),
            "one-growth": set(),
            "reducers-counted": set(),
            "expansion-forgotten": set(),
            "transpose-no-minus-one": set(),
            "transpose-times-stride": set(),
        },
    )
    each, both = c.F * c.F * depth * c.K, c.F * c.F * depth * (c.K // c.g)
    one_each = c.g > 1 and c.g == c.C
    check_alone(
        c.question("params"),
        {
            "bias-where-none": set(),
            "pool-kernel-counted": set(),
            "bias-per-kernel": each + depth * c.K,
            "bias-per-position": each + values,
            "kernel-sides-added": 2 * c.F * depth * c.K + c.K,
            "depth-added": (c.F * c.F + depth) * c.K + c.K if c.F > 1 and depth > 1 else set(),
            "groups-divide-both": both + c.K if c.g > 1 else set(),
            "depthwise-and-pointwise": {
                c.F * c.F * c.K + c.K * filters + c.K for filters in (c.C, c.K)
            }
            if one_each
            else set(),
        },
    )
    macs = each * plane
    check_alone(
        c.question("macs"),
        {
            "textbook-flops": 2 * macs - values,
            "flops-with-bias": 2 * macs + values,
            "groups-divide-both": both * plane if c.g > 1 else set(),
            "depthwise-and-pointwise": {(c.F * c.F + filters) * values for filters in (c.C, c.K)}
            if one_each
            else set(),
        },
    )
    check_alone(
        c.question("flops"), {"textbook-flops": 2 * macs - values, "flops-with-bias": set()}
    )
    for dtype, width in (("float32", 4), ("float16", 2)):
        arriving = c.N * c.N * c.C
        check_alone(
            c.question("memory", batch=3, dtype=dtype),
            {
                "input-and-output": (arriving + values) * width * 3,
                "map-without-depth": plane * width * 3,
                "batch-twice": values * width * 9,
                "parameters-for-memory": (each + c.K) * width,
            },
        )
    check_alone(
        c.question("activations"),
        {"input-and-output": arriving + values, "map-without-depth": plane},
    )


@pytest.mark.parametrize("seed", range(25))
def test_a_pool(seed: int) -> None:
    random = Random(seed)
    f, s, c, n = (
        random.randint(2, 4),
        random.randint(1, 4),
        random.randint(1, 9),
        random.randint(6, 30),
    )
    p = random.randint(0, f // 2)
    up = random.choice(("true", "false"))
    keyed = one("maxpool", f"{n}x{n}x{c}", "output", kernel=f, stride=s, pad=p, ceil=up)
    span = n + 2 * p - f
    right = ceil(span / s) + 1 if up == "true" else span // s + 1
    if up == "true" and (right - 1) * s >= n + p:
        right -= 1  # a last window in the padding is dropped
    assert keyed.right == (right, right, c)
    check(
        keyed,
        keyed.own,
        {
            "no-plus-one": (span // s, span // s, c),
            "no-stride": (span + 1, span + 1, c),
            "rounded-down": (span // s + 1, span // s + 1, c),
            "pool-changed-depth": (right, right, c // s),
            "used-layer-input": (n, n, c),
            "kept-input-depth": set(),
            "depth-times-filters": set(),
        },
    )
    keyed = one("maxpool", f"{n}x{n}x{c}", "params", kernel=f, stride=s, pad=p)
    check(keyed, keyed.own, {"pool-has-weights": f * f * c * c + c})
    check_alone(keyed, {"pool-kernel-counted": {f * f, f * f * c}, "bias-per-kernel": set()})
    for quantity in ("macs", "flops"):  # a maximum multiplies nothing and adds nothing
        keyed = one("maxpool", f"{n}x{n}x{c}", quantity, kernel=f, stride=s, pad=p)
        assert keyed.right == 0
        check_alone(keyed, {"bias-counted": set(), "no-positions": set(), "textbook-flops": set()})
    keyed = one("maxpool", f"{n}x{n}x{c}", "params", kernel=f, stride=s, pad=p)
    pair = ("no-input-depth", "pool-has-weights")
    without_depth = {combo.value for combo in keyed.pairs.combos if combo.slips == pair}
    assert without_depth == ({f * f * c + c} if c > 1 else set())


@pytest.mark.parametrize("seed", range(15))
def test_an_fc_after_a_pool(seed: int) -> None:
    random = Random(seed)
    h, w, c, u = (
        random.randint(2, 9),
        random.randint(2, 9),
        random.randint(1, 9),
        random.randint(1, 50),
    )
    text = spec(
        f"{h}x{w}x{c}", "maxpool: {kernel: 2, stride: 1}", "dropout", f"fc: {{name: x, units: {u}}}"
    )
    keyed = ask(text, "x", "params")
    n = (h - 1) * (w - 1) * c
    assert keyed.right == n * u + u
    check(
        keyed,
        keyed.own,
        {
            "no-bias": n * u,
            "one-bias": n * u + 1,
            "bias-per-weight": 2 * n * u,
            "bias-of-inputs": n * u + n,
            "flatten-channels-only": c * u + u,
            "flatten-before-pool": h * w * c * u + u,
            "no-filters": n + 1,
            "times-positions": set(),
            "kernel-one-axis": set(),
            "swapped-channels": set(),
            "first-layer-depth": set(),
        },
    )
    unusual = (
        "bias-per-kernel",
        "bias-per-position",
        "kernel-sides-added",
        "depth-added",
        "groups-divide-both",
    )
    check_alone(keyed, {slip: set() for slip in unusual})
    check_alone(
        ask(text, "x", "macs"),
        {
            "flatten-channels-only": c * u,
            "flatten-before-pool": h * w * c * u,
            "no-filters": n,
            "no-positions": set(),  # a unit sees all there is, once
            "input-positions": set(),
            "bias-counted": n * u + u,
            "textbook-flops": 2 * n * u - u,
            "flops-with-bias": 2 * n * u + u,
        },
    )


@pytest.mark.parametrize("seed", range(15))
def test_a_transposed_conv(seed: int) -> None:
    random = Random(seed)
    n, f, s, c, k = (random.randint(*ends) for ends in ((4, 12), (2, 5), (1, 3), (1, 5), (1, 5)))
    p = random.randint(0, (f - 1) // 2)
    fields = {"filters": k, "kernel": f, "stride": s, "pad": p}
    keyed = one("conv_transpose", f"{n}x{n}x{c}", "output", **fields)
    right = (n - 1) * s - 2 * p + f
    assert keyed.right == (right, right, k)
    conv = (n + 2 * p - f) // s + 1
    no_pad, once, step = (n - 1) * s + f, (n - 1) * s - p + f, n - 1 - 2 * p + f
    check(
        keyed,
        keyed.own,
        {
            "conv-for-transpose": (conv, conv, k),
            "no-padding": (no_pad, no_pad, k),
            "padding-once": (once, once, k),
            "no-stride": (step, step, k),
            "no-plus-one": set(),
            "rounded-up": set(),
        },
    )
    check_alone(
        keyed,
        {
            "transpose-no-minus-one": (right + s, right + s, k),  # n·s for (n - 1)·s
            "transpose-times-stride": (n * s, n * s, k),
        },
    )
    keyed = one("conv_transpose", f"{n}x{n}x{c}", "macs", **fields)
    weights = f * f * c * k
    assert keyed.right == weights * n * n
    check(
        keyed,
        keyed.own,
        {
            "conv-for-transpose": weights * right * right if conv >= 1 else set(),
            "no-positions": weights,
            "input-positions": set(),
            "no-input-depth": f * f * k * n * n,
            "bias-counted": weights * n * n + right * right * k,
        },
    )


@pytest.mark.parametrize("seed", range(15))
def test_receptive_fields(seed: int) -> None:
    random = Random(seed)
    layers, texts = [], []
    for at in range(random.randint(2, 5)):
        pool = random.random() < 0.4
        f, s = random.randint(1, 4), random.randint(1, 3)
        layers.append((f, s, pool))
        texts.append(
            f"{'maxpool' if pool else 'conv'}: {{name: x{at}, kernel: {f}, stride: {s}"
            + ("}" if pool else ", filters: 3}")
        )
    keyed = ask(spec("400x400x3", *texts), f"x{len(layers) - 1}", "receptive_field")

    def field(layers: list[tuple[int, int, bool]], own_stride: bool = False) -> tuple[int, int]:
        r = jump = 1
        for f, s, _ in layers:
            r += (f - 1) * jump * (s if own_stride else 1)
            jump *= s
        return r, r

    assert keyed.right == field(layers)
    before, _ = field(layers[:-1])
    f, s, _ = layers[-1]
    jump = 1
    for _, stride, _ in layers:
        jump *= stride
    own = before + (f - 1) * jump
    check(
        keyed,
        keyed.own,
        {
            "kernels-added": (1 + sum(f - 1 for f, _, _ in layers),) * 2,
            "pools-left-out": field([layer for layer in layers if not layer[2]]),
            "own-stride-counted": {(own, own), field(layers, own_stride=True)},
        },
    )
    summed, (side, _) = sum(f for f, _, _ in layers), field(layers)
    check_alone(
        keyed,
        {
            "kernels-summed": (summed, summed),
            "own-kernel": (f, f),
            "field-squared": (side * side, side * side),
        },
    )


AXES = [  # input, kernel, what one side of it, and its sides added, make of W = 5·6 planes of the kernel
    ("20x5", "3", set(), set()),
    ("20x20x5", "3", 3 * 30 + 6, 6 * 30 + 6),
    ("20x20x5", "[3, 2]", set(), 5 * 30 + 6),
    ("9x9x9x5", "3", 3 * 30 + 6, 9 * 30 + 6),
]


@pytest.mark.parametrize(("shape", "kernel", "side", "sides"), AXES)
def test_kernels_of_other_axes(shape: str, kernel: str, side: object, sides: object) -> None:
    keyed = one("conv", shape, "params", filters=6, kernel=kernel)
    check_alone(keyed, {"kernel-one-axis": side, "kernel-sides-added": sides})


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("20x10x3", {(18, 8)}),  # no side stands for both
        ("20x3", set()),
        ("9x9x9x3", {(7, 7, 7), (1, 1, 1, 7)}),
    ],
)
def test_sizes_alone(shape: str, expected: object) -> None:
    keyed = one("conv", shape, "output", filters=10, kernel=3)
    check_alone(keyed, {"depth-left-out": expected})


def test_filters_without_biases() -> None:
    # 9·3·10 weights: where there are no biases, none of the slips with biases makes some but the one that gives them
    keyed = one("conv", "7x7x3", "params", filters=10, kernel=3, bias="false")
    assert keyed.right == 270
    names = ("no-bias", "one-bias", "bias-of-inputs", "bias-per-kernel", "bias-per-position")
    without: dict[str, object] = {name: set() for name in names}
    check_alone(keyed, {**without, "bias-where-none": 280, "bias-per-weight": set()})
    # nor where groups divide the filters too: 9·(4/2)·(8/2)
    keyed = one("conv", "7x7x4", "params", filters=8, kernel=3, groups=2, bias="false")
    check_alone(keyed, {"groups-divide-both": 72, "bias-where-none": 152})


ALONE = [  # an op on 8x8x6 or what is named, a quantity, and all that slips make of it
    ("relu", "8x8x6", {}, "params", {}),
    ("relu", "8x8x6", {}, "macs", {}),
    ("relu", "8x8x6", {}, "output", {"depth-left-out": {(8, 8), (1, 1, 8)}}),
    ("globalavgpool", "8x8x6", {}, "params", {"pool-has-weights": 64 * 36 + 6, "pool-kernel-counted": {64, 384}}),
    ("globalavgpool", "8x8x6", {}, "macs", {}),
    ("globalavgpool", "8x8x6", {}, "output", {
        "used-layer-input": (8, 8, 6), "depth-left-out": {(1, 1), (1, 1, 1)},
    }),
    ("bn", "8x8x6", {}, "params", {
        "no-bias": 6, "one-bias": 7, "times-positions": 12 * 64, "bn-buffers-counted": 24,
    }),
    ("maxpool", "8x8x6", {"kernel": 2}, "params", {"pool-has-weights": 4 * 36 + 6, "pool-kernel-counted": {4, 24}}),
    ("maxpool", "8x8x6", {"kernel": 2}, "output", {
        "no-plus-one": (3, 3, 6), "no-stride": (7, 7, 6), "pool-changed-depth": (4, 4, 3),
        "used-layer-input": (8, 8, 6), "depth-left-out": {(4, 4), (1, 1, 4)},
    }),
    ("fc", "7", {"units": 5}, "params", {
        "no-bias": 35, "one-bias": 36, "bias-per-weight": 70, "no-filters": 8, "bias-of-inputs": 42,
    }),
    ("fc", "7", {"units": 5}, "output", {"used-layer-input": (7,)}),
    ("conv_transpose", "5x5x3", {"filters": 10, "kernel": 3, "stride": 2}, "params", {  # 11x11x10, 9·3·10 weights
        "no-bias": 270, "one-bias": 271, "bias-per-weight": 540, "no-input-depth": 100, "no-filters": 28,
        "times-positions": 280 * 121, "kernel-one-axis": 100, "bias-of-inputs": 273, "swapped-channels": 910,
        "bias-per-kernel": 300, "bias-per-position": 270 + 1210, "kernel-sides-added": 190, "depth-added": 130,
    }),
    ("conv_transpose", "5x5x3", {"filters": 10, "kernel": 3, "stride": 2}, "output", {
        "no-stride": (7, 7, 10), "kept-input-depth": (11, 11, 3), "depth-times-filters": (11, 11, 30),
        "used-layer-input": (5, 5, 3), "conv-for-transpose": (2, 2, 10), "depth-left-out": {(11, 11), (1, 1, 11)},
        "transpose-no-minus-one": (13, 13, 10), "transpose-times-stride": (10, 10, 10),
    }),
    ("conv", "5x5x3", {"filters": 10, "kernel": 1}, "params", {
        "no-bias": 30, "one-bias": 31, "bias-per-weight": 60, "no-input-depth": 20, "no-filters": 4,
        "times-positions": 40 * 25, "bias-of-inputs": 33, "swapped-channels": 110, "bias-per-kernel": 60,
        "bias-per-position": 30 + 250, "kernel-sides-added": 70,
    }),
    ("conv", "5x5x3", {"filters": 10, "kernel": 1}, "macs", {
        "flops-for-macs": 1500, "flops-with-bias": 1750, "textbook-flops": 1250, "no-positions": 30,
        "bias-counted": 1000, "no-input-depth": 250, "no-filters": 75,
    }),
    ("conv", "5x5x3", {"filters": 10, "kernel": 1, "dtype": "int8"}, "memory", {  # a byte a value
        "bits-for-bytes": 2000, "doubled-for-backward": 500, "input-and-output": 75 + 250, "map-without-depth": 25,
        "parameters-for-memory": 40,
    }),
    ("maxpool", "8x8x6", {"kernel": 2, "batch": 2}, "memory", {  # 4·4·6 values of 4 bytes, twice
        "elements-for-bytes": 192, "bits-for-bytes": 6144, "no-batch": 384, "doubled-for-backward": 1536,
        "other-dtype": 384, "input-and-output": 8 * (384 + 96), "map-without-depth": 128, "batch-twice": 1536,
    }),
    ("maxpool", "8x8x6", {"kernel": 2}, "activations", {
        "no-plus-one": 54, "no-stride": 294, "pool-changed-depth": 48, "used-layer-input": 384,
        "input-and-output": 480, "map-without-depth": 16,
    }),
    ("maxpool", "20x20x6", {"kernel": 3, "stride": 2}, "receptive_field", {  # a single layer: a field of 3
        "pools-left-out": (1, 1), "own-stride-counted": (5, 5), "field-squared": (9, 9),
    }),
]  # fmt: skip


@pytest.mark.parametrize(
    ("op", "shape", "fields", "quantity", "expected"), ALONE, ids=lambda value: str(value)[:16]
)
def test_all_that_slips_make_of_a_layer(
    op: str, shape: str, fields: dict[str, object], quantity: str, expected: dict[str, object]
) -> None:
    keyed = one(op, shape, quantity, **fields)
    everything: dict[str, object] = {
        slip.name: set() for slip in slips_of(BY_NAME[quantity].slips, quantity)
    }
    check_alone(keyed, {**everything, **expected})


def test_the_field_of_a_block_is_that_of_its_last_layer() -> None:
    """3, then 5 by 2 of jump 1: 7; the relu behind it sees the same."""
    text = (
        "input: 32x32x3\nblocks:\n  unit:\n    params: {}\n    layers:\n"
        "      - conv: {filters: 4, kernel: 3}\n      - conv: {filters: 4, kernel: 5, stride: 2}\n      - relu\n"
        "layers:\n  - unit: {name: u}\n"
    )
    keyed = ask(text, "u", "receptive_field")
    assert keyed.right == (7, 7)
    expected = {"own-kernel": (5, 5), "kernels-summed": (8, 8), "own-stride-counted": (11, 11)}
    check_alone(keyed, {**expected, "field-squared": (49, 49), "kernels-added": set()})


def test_a_layer_without_a_window_has_no_kernel() -> None:
    keyed = ask("alexnet", "relu1", "receptive_field")
    check_alone(keyed, {"own-kernel": set(), "kernels-summed": set()})  # 11, as is right
    keyed = ask("alexnet", "relu2", "receptive_field")
    check_alone(keyed, {"own-kernel": set(), "kernels-summed": (19, 19)})  # 11 + 3 + 5


def test_connections_of_lenet() -> None:
    # C3: 60 maps are seen by 16 filters; as a full conv 25·6·16 + 16
    keyed = ask("lenet5", "c3", "params")
    assert keyed.right == 25 * 60 + 16
    check(
        keyed,
        keyed.own,
        {
            "no-groups": 25 * 6 * 16 + 16,
            "no-input-depth": 25 * 16 + 16,
            "no-bias": 1500,
            "swapped-channels": set(),
        },
    )


def test_merges() -> None:
    # 3a: 64 + 128 + 32 + 32; one branch's, or what arrives
    keyed = ask("googlenet", "inception_3a", "output")
    check(
        keyed,
        keyed.own,
        {
            "added-for-concat": {(28, 28, 64), (28, 28, 128), (28, 28, 32)},
            "kept-input-depth": (28, 28, 192),
            "used-layer-input": (28, 28, 192),
        },
    )
    keyed = ask("resnet50", "conv2_x/bottleneck1", "output")
    check(
        keyed,
        keyed.own,
        {
            "concat-for-add": (56, 56, 512),
            "kept-input-depth": (56, 56, 64),
            "added-for-concat": set(),
        },
    )
    keyed = ask(
        "dense_block_k4", "dense", "output"
    )  # 8 arrive, five layers add 4 each; the last puts 24 and 4 together
    check(
        keyed,
        keyed.own,
        {"added-for-concat": {(32, 32, 24), (32, 32, 4)}, "kept-input-depth": (32, 32, 8)},
    )


@pytest.mark.parametrize(
    ("behind", "filters"),
    [
        ((), {60}),
        (("conv: {filters: 100, kernel: 1}",), {60, 100}),
        (("relu", "conv: {filters: 100, kernel: 1}", "conv: {filters: 30, kernel: 1}"), {60, 100}),
    ],
)
def test_the_pointwise_convolution_is_the_next_one(
    behind: tuple[str, ...], filters: set[int]
) -> None:
    """9·60 weights of the depthwise convolution and 60·K of the one behind it; or of one of 60 filters."""
    layers = ("conv: {name: x, filters: 60, kernel: 3, groups: 60}", *behind)
    keyed = ask(spec("9x9x60", *layers), "x", "params")
    check_alone(keyed, {"depthwise-and-pointwise": {9 * 60 + 60 * after + 60 for after in filters}})


INCEPTION = {  # Szegedy et al. 2014, table 1: #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj
    "3a": (28, 192, (64, 96, 128, 16, 32, 32)),
    "3b": (28, 256, (128, 128, 192, 32, 96, 64)),
    "4a": (14, 480, (192, 96, 208, 16, 48, 64)),
    "4e": (14, 528, (256, 160, 320, 32, 128, 128)),
    "5b": (7, 832, (384, 192, 384, 48, 128, 128)),
}


@pytest.mark.parametrize("module", INCEPTION)
def test_an_inception_module(module: str) -> None:
    size, arriving, (one, reduce3, three, reduce5, five, pool) = INCEPTION[module]
    branches = {one, three, five, pool}
    depth = one + three + five + pool
    keyed = ask("googlenet", f"inception_{module}", "output")
    assert keyed.right == (size, size, depth)
    check_alone(
        keyed,
        {
            "added-for-concat": {(size, size, branch) for branch in branches},
            "branch-left-out": {(size, size, depth - branch) for branch in branches},
            "reducers-counted": (size, size, depth + reduce3 + reduce5),
            "one-growth": (size, size, arriving + pool),  # the last branch for the new channels
            "concat-for-add": set(),
            "expansion-forgotten": set(),
            "kept-input-depth": (size, size, arriving),
            "no-stride": set(),
        },
    )


@pytest.mark.parametrize(("stage", "width"), [(2, 64), (3, 128), (4, 256), (5, 512)])
def test_a_bottleneck(stage: int, width: int) -> None:
    """The first block of a stage of ResNet-50: it halves the size, but in the first stage, and widens to four times."""
    size, arriving = 56 * 4 // 2**stage, 64 if stage == 2 else width * 2
    before = size if stage == 2 else size * 2
    keyed = ask("resnet50", f"conv{stage}_x/bottleneck1", "output")
    assert keyed.right == (size, size, 4 * width)
    check_alone(
        keyed,
        {
            "expansion-forgotten": (size, size, width),
            "concat-for-add": (size, size, 8 * width),
            "branch-left-out": set(),
            "reducers-counted": set(),
            "one-growth": set(),
            "kept-input-depth": (size, size, arriving),
            "used-layer-input": (before, before, arriving),
            "no-stride": (before, before, 4 * width),
        },
    )


@pytest.mark.parametrize(("block", "arriving", "layers"), [(1, 64, 6), (2, 128, 12), (4, 512, 16)])
def test_a_dense_block(block: int, arriving: int, layers: int) -> None:
    """DenseNet-121 grows by 32 a layer; what stands before the last is joined with it."""
    size, depth = 112 // 2**block, arriving + 32 * layers
    keyed = ask("densenet121", f"dense{block}", "output")
    assert keyed.right == (size, size, depth)
    check_alone(
        keyed,
        {
            "one-growth": (size, size, arriving + 32),
            "added-for-concat": {(size, size, depth - 32), (size, size, 32)},
            "branch-left-out": set(),  # there are two
        },
    )


def test_an_fc_gives_what_it_flattens() -> None:
    check_alone(ask("alexnet", "fc1", "output"), {"flattened-input": (9216,)})
    check_alone(ask("alexnet", "fc2", "output"), {"flattened-input": set()})
    check_alone(ask("alexnet", "fc1", "output"), {"kept-input-depth": set()})


def test_equal_layers_of_a_block_all_have_the_slip() -> None:
    """Two convolutions of one shape, 9·6·6 weights and 6 biases each; nothing is divided between them."""
    text = (
        "input: 8x8x6\nblocks:\n  unit:\n    params: {}\n    layers:\n"
        "      - conv: {filters: 6, kernel: 3, pad: 1}\n      - conv: {filters: 6, kernel: 3, pad: 1}\n"
        "layers:\n  - unit: {name: u}\n"
    )
    keyed = ask(text, "u", "params")
    assert keyed.right == 2 * (324 + 6)
    check_alone(keyed, {"no-bias": 2 * 324, "one-bias": 2 * 325, "bias-per-weight": 4 * 324})


def test_sums_without_a_row_or_with_one_twice() -> None:
    """LeNet-5 of 28x28: the rows of the total, and all of a kind together."""
    shares = {"c1": 156, "c3": 2416, "c5": 48120, "f6": 10164, "output": 850}
    total = sum(shares.values())
    keyed = ask("lenet5_28", "total", "params")
    assert keyed.right == total
    convs = shares["c1"] + shares["c3"] + shares["c5"]
    check_alone(
        keyed,
        {
            "row-left-out": {total - share for share in shares.values()} | {total - convs, convs},
            "row-twice": {total + share for share in shares.values()},
        },
    )
    check_alone(ask("lenet5_28", "c1", "params"), {"row-left-out": set(), "row-twice": set()})
