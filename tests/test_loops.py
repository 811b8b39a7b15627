"""A second opinion without a formula: nested loops that move every window over a tiny map, and count what they do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any, TypeAlias

import pytest

import cnncalc

Place: TypeAlias = tuple[int, ...]
Fields: TypeAlias = dict[str, Any]


@dataclass
class Counted:
    """What a layer was seen to do: its output positions, multiply-accumulates, and the weights that it used."""

    positions: list[int]
    filters: int
    macs: int = 0
    weights: set[Place] = field(default_factory=set)

    def use(self, *weight: int) -> None:
        self.macs += 1
        self.weights.add(weight)


# ---- the loops ------------------------------------------------------------------------------------------------------


def window_starts(
    size: int, kernel: int, stride: int, pad: int, dilation: int, *, ceil: bool
) -> list[int]:
    """Where a window starts as it slides over `pad`, `size` positions, `pad`.

    With `ceil` the last one may hang over the end by less than a stride, if it starts before the padding at the end.
    """
    start, last, starts = -pad, size + pad - 1, []
    while (over := start + dilation * (kernel - 1) - last) <= 0 or (
        ceil and over < stride and start < size
    ):
        starts.append(start)
        start += stride
    return starts


def every_start(sizes: Place, fields: Fields) -> list[list[int]]:
    keys = ("kernel", "stride", "pad", "dilation")
    axes: Iterator[tuple[int, int, int, int, int]] = zip(
        sizes, *(fields[key] for key in keys), strict=True
    )
    return [window_starts(*numbers, ceil=fields.get("ceil", False)) for numbers in axes]


def taps(kernel: Place) -> Iterator[Place]:
    return product(*(range(size) for size in kernel))


def conv(sizes: Place, channels: int, fields: Fields) -> Counted:
    """Padding is multiplied too, as every implementation does and every formula counts."""
    starts = every_start(sizes, fields)
    filters, groups = fields["filters"], fields["groups"]
    counted = Counted([len(axis) for axis in starts], filters)
    for _, k, tap in product(product(*starts), range(filters), taps(fields["kernel"])):
        group = k // (filters // groups)
        for c in range(channels):
            if c // (channels // groups) == group:
                counted.use(k, c, *tap)
    return counted


def conv_transpose(sizes: Place, channels: int, fields: Fields) -> Counted:
    """Each input position is spread over the output by the kernel; then the pads are cut off at both ends."""
    filters, groups = fields["filters"], fields["groups"]
    ends = [0] * len(sizes)
    counted = Counted([], filters)
    for place, tap in product(product(*map(range, sizes)), taps(fields["kernel"])):
        written = [
            i * s + t * d
            for i, s, t, d in zip(place, fields["stride"], tap, fields["dilation"], strict=True)
        ]
        ends = [max(end, w + 1) for end, w in zip(ends, written, strict=True)]
        for c, k in product(range(channels), range(filters)):
            if c // (channels // groups) == k // (filters // groups):
                counted.use(c, k, *tap)
    numbers = zip(ends, fields["pad"], fields["output_pad"], strict=True)
    counted.positions = [end - 2 * pad + extra for end, pad, extra in numbers]
    return counted


def pool(sizes: Place, channels: int, fields: Fields) -> Counted:
    return Counted([len(axis) for axis in every_start(sizes, fields)], channels)


def fc(sizes: Place, channels: int, fields: Fields) -> Counted:
    counted = Counted([], fields["units"])
    for unit, place, c in product(
        range(fields["units"]), product(*map(range, sizes)), range(channels)
    ):
        counted.use(unit, c, *place)
    return counted


LOOPS = {"conv": conv, "conv_transpose": conv_transpose, "maxpool": pool, "avgpool": pool, "fc": fc}


# ---- random layers --------------------------------------------------------------------------------------------------


def random_layer(op: str, rng: random.Random) -> tuple[Place, int, Fields]:
    """The positions and channels that arrive at a small layer, and its fields, one number an axis."""
    axes = rng.choice((1, 2, 2, 3))
    sizes = tuple(rng.randint(1, {1: 12, 2: 7, 3: 4}[axes]) for _ in range(axes))

    def numbers(low: int, high: int) -> Place:
        return tuple(rng.randint(low, high) for _ in range(axes))

    groups = rng.choice((1, 1, 2, 3))
    channels = groups * rng.randint(1, 2)
    if op == "fc":
        return sizes, channels, {"units": rng.randint(1, 5)}
    kernel = numbers(1, 4)
    windows: Fields = {"kernel": kernel, "stride": numbers(1, 3), "dilation": numbers(1, 2)}
    if op.endswith("pool"):
        ceil, pad = rng.random() < 0.5, tuple(rng.randint(0, k // 2) for k in kernel)
        dilation = windows["dilation"] if op == "maxpool" else (1,) * axes
        return sizes, channels, {**windows, "pad": pad, "ceil": ceil, "dilation": dilation}
    filters = {"filters": groups * rng.randint(1, 2), "groups": groups}
    fields = {**windows, **filters, "pad": numbers(0, 2)}
    if op == "conv_transpose":
        room = zip(windows["stride"], windows["dilation"], strict=True)
        fields["output_pad"] = tuple(rng.randrange(max(pair)) for pair in room)
    return sizes, channels, fields


def written(value: Any) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value).lower()


def spec(op: str, sizes: Place, channels: int, fields: Fields) -> str:
    shown = {key: value for key, value in fields.items() if (op, key) != ("avgpool", "dilation")}
    body = ", ".join(f"{key}: {written(value)}" for key, value in shown.items())
    return f"input: {'x'.join(map(str, (*sizes, channels)))}\nlayers:\n  - {op}: {{{body}}}\n"


def disagreement(op: str, seed: int) -> str:
    """What the loops and cnncalc say differently about a random layer, or nothing. Without a position: refused."""
    sizes, channels, fields = random_layer(op, random.Random(f"{op} {seed}"))
    counted = LOOPS[op](sizes, channels, fields)
    text = spec(op, sizes, channels, fields)
    biases = 0 if op.endswith("pool") else counted.filters
    theirs = ([*counted.positions, counted.filters], counted.macs, len(counted.weights), biases)
    ours = facts(text)
    fits = min(counted.positions, default=1) >= 1
    return "" if ours == (theirs if fits else None) else f"{ours}, loops: {theirs}\n{text}"


def facts(text: str) -> tuple[list[int], int, int, int] | None:
    """Output, MACs, weights and biases of the last layer as cnncalc has them; None where it refuses the spec."""
    try:
        row = cnncalc.loads(text).report().rows[-1]
    except cnncalc.SpecError:
        return None
    return list(row.output), row.macs, row.weights, row.biases


@pytest.mark.parametrize("op", LOOPS)
def test_loops_agree(op: str) -> None:
    wrong = [text for seed in range(120) if (text := disagreement(op, seed))]
    assert not wrong, f"{len(wrong)} layers differ; the shortest:\n{min(wrong, key=len)}"
