"""Colorization, pix2pix and OpenPose against a second count, made here by hand from the papers and reference networks.

A network is a list of `Count`s, one for each layer that has arrays, in execution order. Sizes of maps are written as
numbers, so that shapes are counted twice as well. Nothing is read from the specs, and no number is our own output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

import cnncalc


class Count(NamedTuple):
    """Parameters and MACs of one layer."""

    params: int
    macs: int


Counts = Iterator[Count]


def conv(f: int, c: int, k: int, n: int, *, bias: bool = True) -> Count:
    """K filters of F x F over C maps, an N x N output map."""
    return Count(f * f * c * k + (k if bias else 0), f * f * c * k * n * n)


def conv_transpose(f: int, c: int, k: int, n: int, *, bias: bool = True) -> Count:
    """Each of the N x N x C inputs is laid out over F x F x K outputs."""
    return Count(f * f * c * k + (k if bias else 0), n * n * c * f * f * k)


def norm(k: int) -> Count:
    """A batch norm's gamma and beta."""
    return Count(2 * k, 0)


def fc(inputs: int, units: int) -> Count:
    return Count(inputs * units + units, inputs * units)


# -- Let there be Color! (Iizuka et al. 2016, Table 1) -----------------------------------------------------------------


def colorization(*, batch_norm: bool = False) -> Counts:
    def normed(count: Count, k: int) -> Counts:
        yield count
        if batch_norm:
            yield norm(k)

    def path(c: int, *steps: tuple[int, int]) -> Counts:
        for k, n in steps:
            yield from normed(conv(3, c, k, n), k)
            c = k

    yield from path(
        1, (64, 112), (128, 112), (128, 56), (256, 56), (256, 28), (512, 28)
    )  # low-level features
    yield from path(512, (512, 28), (256, 28))  # mid-level features
    yield from path(512, (512, 14), (512, 14), (512, 7), (512, 7))  # global features
    for inputs, units in ((7 * 7 * 512, 1024), (1024, 512), (512, 256)):
        yield from normed(fc(inputs, units), units)
    yield from normed(conv(1, 256 + 256, 256, 28), 256)  # fusion: W is 256 x 512
    yield from path(256, (128, 28), (64, 56), (64, 56), (32, 112))
    yield conv(3, 32, 2, 112)


def classification() -> Counts:
    """From the 512 global features: a hidden layer, and one output for each kind of place."""
    yield fc(512, 256)
    yield fc(256, 205)


# -- pix2pix (Isola et al. 2017, section 6.1; the PyTorch port) --------------------------------------------------------


def pix2pix_unet() -> Counts:
    maps = (64, 128, 256, 512, 512, 512, 512, 512)  # down1 to down8: 128, 64, ..., 1 on a side
    yield conv(4, 3, 64, 128, bias=False)
    for level in range(1, 8):
        yield conv(4, maps[level - 1], maps[level], 128 >> level, bias=False)
        if level < 7:  # the innermost map of 1 x 1 is not normalized
            yield norm(maps[level])
    for level in range(
        7, 0, -1
    ):  # from 1 x 1 up; what arrives is doubled by the skip, but not at the bottom
        arriving = maps[level] * (1 if level == 7 else 2)
        yield conv_transpose(4, arriving, maps[level - 1], 128 >> level, bias=False)
        yield norm(maps[level - 1])
    yield conv_transpose(4, 64 + 64, 3, 128)


def pix2pix_patchgan() -> Counts:
    """256 -> 128 -> 64 -> 32 with stride 2, then 31 and 30: 4 x 4 windows over one pixel of padding."""
    yield conv(4, 6, 64, 128)
    yield conv(4, 64, 128, 64, bias=False)
    yield norm(128)
    yield conv(4, 128, 256, 32, bias=False)
    yield norm(256)
    yield conv(4, 256, 512, 31, bias=False)
    yield norm(512)
    yield conv(4, 512, 1, 30)


# -- OpenPose (Cao et al. 2017, Figure 3; the Caffe model for COCO) ----------------------------------------------------


def openpose() -> Counts:
    vgg19 = (
        (368, (3, 64, 64)),
        (184, (64, 128, 128)),
        (92, (128, 256, 256, 256, 256)),
        (46, (256, 512, 512)),
    )
    for n, maps in (*vgg19, (46, (512, 256, 128))):
        for c, k in pairwise(maps):
            yield conv(3, c, k, n)
    for out in (38, 19):
        for _ in range(3):
            yield conv(3, 128, 128, 46)
        yield conv(1, 128, 512, 46)
        yield conv(1, 512, out, 46)
    for _ in range(5):
        for out in (38, 19):
            yield conv(7, 38 + 19 + 128, 128, 46)
            for _ in range(4):
                yield conv(7, 128, 128, 46)
            yield conv(1, 128, 128, 46)
            yield conv(1, 128, out, 46)


# -- ours beside it ----------------------------------------------------------------------------------------------------

NETWORKS: tuple[tuple[str, dict[str, Any], Callable[[], Counts]], ...] = (
    ("colorization", {}, colorization),
    ("colorization", {"batch_norm": True}, lambda: colorization(batch_norm=True)),
    ("pix2pix_unet", {}, pix2pix_unet),
    ("pix2pix_patchgan", {}, pix2pix_patchgan),
    ("openpose", {}, openpose),
)


def counts(network: Any, *, side: bool = False) -> list[Count]:
    return [
        Count(row.params, row.macs)
        for row in network.report().rows
        if row.params and row.side is side
    ]


@pytest.mark.parametrize(("name", "settings", "counted"), NETWORKS)
def test_layer_by_layer(name: str, settings: dict[str, Any], counted: Callable[[], Counts]) -> None:
    assert counts(cnncalc.load(name, set=settings)) == list(counted())


@pytest.mark.parametrize(
    ("name", "params", "output"),
    [
        ("pix2pix_unet", 54_413_955, (256, 256, 3)),  # the port's log: 54.414 M
        ("pix2pix_patchgan", 2_768_705, (30, 30, 1)),  # the port's log: 2.769 M
        ("openpose", 52_311_446, (46, 46, 57)),  # the Caffe model's arrays; maps an eighth of 368
    ],
)
def test_known_totals(name: str, params: int, output: tuple[int, ...]) -> None:
    report = cnncalc.load(name).report()
    assert (report.totals.params, report.rows[-1].output) == (params, output)


def test_colorization_paints_at_the_size_of_its_input() -> None:
    """Two maps of chrominance."""
    assert cnncalc.load("colorization").report().rows[-1].output == (224, 224, 2)


def test_colorization_classifies_in_a_side_output() -> None:
    assert counts(cnncalc.load("colorization"), side=True) == list(classification())


def test_a_patch_of_the_discriminator_is_70_by_70() -> None:
    """From the end: 1 -> 4 -> 7, then with stride 2: 2 (7 - 1) + 4 = 16, 2 * 15 + 4 = 34, 2 * 33 + 4 = 70."""
    assert cnncalc.load("pix2pix_patchgan").report().rows[-1].receptive_field == (70, 70)


def test_fewer_stages_of_openpose() -> None:
    """One stage is the front and the first two branches."""
    front = list(openpose())[: 2 + 2 + 4 + 4 + 2 * 5]
    assert counts(cnncalc.load("openpose", set={"stages": 1})) == front
