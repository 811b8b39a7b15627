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
from cnncalc.homework.slips import SLIPS

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
