"""What each position sees through ops that move positions, beside gradients: resizing, crops, slices, pixel shuffles.

Every output position of a map is asked, those at the border too: there what cnncalc says is clipped to the input.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import cnncalc

from .conftest import require

torch = require("torch")
functional = torch.nn.functional

NOTHING = 1e-9


def seen_by_torch(run: Callable[[Any], Any], size: int, channels: int) -> list[tuple[int, int]]:
    """For each output row of a map one position wide, the first and the last input row that it depends on."""
    given = torch.ones(1, channels, size, 1, dtype=torch.float64, requires_grad=True)
    rows = run(given).sum(dim=(0, 1, 3))
    found = []
    for row in rows:
        (gradient,) = torch.autograd.grad(row, given, retain_graph=True)
        weights = gradient.abs().sum(dim=(0, 1, 3)).tolist()
        seen = [place for place, weight in enumerate(weights) if weight > NOTHING]
        found.append((seen[0], seen[-1]))
    return found


def seen_by_cnncalc(layers: str, size: int, channels: int) -> list[tuple[int, int]]:
    row = cnncalc.loads(f"input: {size}x1x{channels}\nlayers: {layers}\n").report().rows[-1]
    assert row.field.axes is not None
    moving = row.field.axes[0].moving
    assert moving is not None
    parts = [moving.at(place) for place in range(row.output[0])]
    return [(max(part[0], 0), min(part[1], size - 1)) for part in parts if part is not None]


@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic"])
@pytest.mark.parametrize(
    ("size", "out"), [(4, 8), (4, 7), (7, 4), (9, 3), (10, 15), (5, 5), (6, 1), (12, 5), (3, 11)]
)
def test_resizing(mode: str, size: int, out: int, corners: bool) -> None:
    if corners and mode == "nearest":
        pytest.skip("the nearest has no corners to align")
    extra = {} if mode == "nearest" else {"align_corners": corners}
    layer = f"[upsample: {{size: [{out}, 1], mode: {mode}, align_corners: {str(corners).lower()}}}]"

    def run(given: Any) -> Any:
        return functional.interpolate(given, size=(out, 1), mode=mode, **extra)

    assert seen_by_cnncalc(layer, size, 1) == seen_by_torch(run, size, 1)


def blocks(given: Any, scale: int) -> Any:
    """Channels laid out as rows."""
    count, channels, size, width = given.shape
    split = given.reshape(count, channels // scale, scale, size, width).movedim(2, 3)
    return split.reshape(count, channels // scale, size * scale, width)


def unblocks(given: Any, scale: int) -> Any:
    """Rows laid out as channels."""
    count, channels, size, width = given.shape
    split = given.reshape(count, channels, size // scale, scale, width).movedim(3, 2)
    return split.reshape(count, channels * scale, size // scale, width)


def mixed(given: Any) -> Any:
    """Each channel the sum of all, as a conv of ones makes it."""
    return given.sum(1, keepdim=True).expand_as(given)


CASES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "pixel_shuffle": ("[pixel_shuffle: [3, 1]]", lambda x: blocks(x, 3)),
    "pixel_unshuffle": ("[pixel_unshuffle: [4, 1]]", lambda x: unblocks(x, 4)),
    "shuffled back": (
        "[pixel_unshuffle: [2, 1], conv: {filters: 12, kernel: 1}, pixel_shuffle: [2, 1]]",
        lambda x: blocks(mixed(unblocks(x, 2)), 2),
    ),
    "crop": ("[crop: [[2, 3], 0]]", lambda x: x[:, :, 2:-3]),
    "crop to": ("[crop: {to: [5, 1]}]", lambda x: x[:, :, 3:8]),
    "slice": ("[slice: {positions: [[3, 10], all]}]", lambda x: x[:, :, 3:10]),
    "slice by steps": (
        "[slice: {positions: [[1, 12], all], stride: [3, 1]}]",
        lambda x: x[:, :, 1:12:3],
    ),
    "crop of a resized map": (
        "[upsample: {size: [18, 1], mode: bilinear}, crop: [[3, 0], 0]]",
        lambda x: functional.interpolate(x, size=(18, 1), mode="bilinear")[:, :, 3:],
    ),
    "resized twice": (
        "[upsample: {size: [8, 1]}, upsample: {size: [20, 1]}]",
        lambda x: functional.interpolate(functional.interpolate(x, size=(8, 1)), size=(20, 1)),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_moved(name: str) -> None:
    layers, run = CASES[name]
    assert seen_by_cnncalc(layers, 12, 6) == seen_by_torch(run, 12, 6)


@pytest.mark.parametrize("how", ["mean", "sum", "maximum", "minimum"])
def test_a_reduction_sees_all_that_it_reduces(how: str) -> None:
    row = (
        cnncalc.loads(f"input: 12x10x2\nlayers: [reduce: {{how: {how}, over: height}}]")
        .report()
        .rows[-1]
    )
    assert (row.receptive_field, row.jump) == ((12, 1), (12, 1))
