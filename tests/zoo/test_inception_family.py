"""The Inception family against a second count, made here by hand from the papers' tables and the reference networks.

A network is a list of `Count`s, one for each layer that has arrays, in execution order. Sizes of maps are written as
numbers, so that shapes are counted twice as well. Nothing is read from the specs, and no number is our own output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

import cnncalc


class Count(NamedTuple):
    """Parameters, MACs and running statistics of one layer."""

    params: int
    macs: int
    buffers: int


Counts = Iterator[Count]


def conv(h: int, w: int, c: int, k: int, n: int, *, bias: bool) -> Count:
    """K filters of H x W over C maps, an N x N output map."""
    return Count(h * w * c * k + (k if bias else 0), h * w * c * k * n * n, 0)


def norm(k: int, *, gamma: bool = True) -> Count:
    """A batch norm: beta, and gamma where there is one; running mean and variance."""
    return Count(2 * k if gamma else k, 0, 2 * k)


def fc(inputs: int, units: int) -> Count:
    return Count(inputs * units + units, inputs * units, 0)


def excite(c: int, reduction: int = 16) -> Counts:
    """The two layers of squeeze and excitation, both with biases."""
    yield fc(c, c // reduction)
    yield fc(c // reduction, c)


class Units:
    """Convolutions with batch norm, the way one network has them."""

    def __init__(self, *, bias: bool = False, gamma: bool = True) -> None:
        self.bias, self.gamma = bias, gamma

    def __call__(self, n: int, *path: int | tuple[int, int, int]) -> Counts:
        """A path of maps C, (h, w, K), (h, w, K), ..., or K alone for 1 x 1, on an N x N output map."""
        first, *rest = path
        assert isinstance(first, int)
        c = first
        for step in rest:
            h, w, k = (1, 1, step) if isinstance(step, int) else step
            yield conv(h, w, c, k, n, bias=self.bias)
            yield norm(k, gamma=self.gamma)
            c = k


# -- BN-Inception (Ioffe and Szegedy 2015, Figure 5; widths of 4c and 4d from the Caffe model) -------------------------

# maps in, #1x1, #3x3 reduce, #3x3, double reduce, double, pool projection, side of the map: before, after
BN_INCEPTION = (
    (192, 64, 64, 64, 64, 96, 32, 28, 28),
    (256, 64, 64, 96, 64, 96, 64, 28, 28),
    (320, 0, 128, 160, 64, 96, 0, 28, 14),
    (576, 224, 64, 96, 96, 128, 128, 14, 14),
    (576, 192, 96, 128, 96, 128, 128, 14, 14),
    (576, 160, 128, 160, 128, 160, 128, 14, 14),
    (608, 96, 128, 192, 160, 192, 128, 14, 14),
    (608, 0, 128, 192, 192, 256, 0, 14, 7),
    (1056, 352, 192, 320, 160, 224, 128, 7, 7),
    (1024, 352, 192, 320, 192, 224, 128, 7, 7),
)


def bn_inception(*, bias: bool = True, se: bool = False) -> Counts:
    unit = Units(bias=bias)
    yield from unit(112, 3, (7, 7, 64))
    yield from unit(56, 64, 64, (3, 3, 192))
    for c, c1, r3, c3, r33, c33, pool, before, after in BN_INCEPTION:
        if c1:
            yield from unit(after, c, c1)
        yield from unit(before, c, r3)
        yield from unit(after, r3, (3, 3, c3))
        yield from unit(before, c, r33, (3, 3, c33))
        yield from unit(after, c33, (3, 3, c33))
        if pool:
            yield from unit(after, c, pool)
        if se:
            yield from excite(c1 + c3 + c33 + (pool or c))
    yield fc(1024, 1000)


# -- Inception v3 (the released network: TF-slim, torchvision) ---------------------------------------------------------


def stem(unit: Units) -> Counts:
    """299 -> 149 -> 147 -> 147, pool, 73 -> 71, pool, 35; Inception-ResNet v2 has the same."""
    yield from unit(149, 3, (3, 3, 32))
    yield from unit(147, 32, (3, 3, 32), (3, 3, 64))
    yield from unit(73, 64, 80)
    yield from unit(71, 80, (3, 3, 192))


def inception_v3(*, gamma: bool = True) -> Counts:
    unit = Units(gamma=gamma)
    yield from stem(unit)
    for c, pool in ((192, 32), (256, 64), (288, 64)):
        yield from unit(35, c, 64)
        yield from unit(35, c, 48, (5, 5, 64))
        yield from unit(35, c, 64, (3, 3, 96), (3, 3, 96))
        yield from unit(35, c, pool)
    yield from unit(17, 288, (3, 3, 384))
    yield from unit(35, 288, 64, (3, 3, 96))
    yield from unit(17, 96, (3, 3, 96))
    for m in (128, 160, 160, 192):
        yield from unit(17, 768, 192)
        yield from unit(17, 768, m, (1, 7, m), (7, 1, 192))
        yield from unit(17, 768, m, (7, 1, m), (1, 7, m), (7, 1, m), (1, 7, 192))
        yield from unit(17, 768, 192)
    yield from unit(17, 768, 192)
    yield from unit(8, 192, (3, 3, 320))
    yield from unit(17, 768, 192, (1, 7, 192), (7, 1, 192))
    yield from unit(8, 192, (3, 3, 192))
    for c in (1280, 2048):
        yield from unit(8, c, 320)
        yield from unit(8, c, 384, (1, 3, 384))
        yield from unit(8, 384, (3, 1, 384))
        yield from unit(8, c, 448, (3, 3, 384), (1, 3, 384))
        yield from unit(8, 384, (3, 1, 384))
        yield from unit(8, c, 192)
    yield fc(2048, 1000)


# -- Inception-ResNet v2 (TF-slim) -------------------------------------------------------------------------------------


def inception_resnet_v2(*, gamma: bool = True, se: bool = False) -> Counts:
    unit = Units(gamma=gamma)

    def excited(c: int) -> Counts:
        if se:
            yield from excite(c)

    def up(c: int, k: int, n: int) -> Counts:
        yield conv(1, 1, c, k, n, bias=True)
        yield from excited(k)

    yield from stem(unit)
    yield from unit(35, 192, 96)  # Mixed_5b
    yield from unit(35, 192, 48, (5, 5, 64))
    yield from unit(35, 192, 64, (3, 3, 96), (3, 3, 96))
    yield from unit(35, 192, 64)
    yield from excited(96 + 64 + 96 + 64)
    for _ in range(10):  # block35
        yield from unit(35, 320, 32)
        yield from unit(35, 320, 32, (3, 3, 32))
        yield from unit(35, 320, 32, (3, 3, 48), (3, 3, 64))
        yield from up(32 + 32 + 64, 320, 35)
    yield from unit(17, 320, (3, 3, 384))  # Mixed_6a
    yield from unit(35, 320, 256, (3, 3, 256))
    yield from unit(17, 256, (3, 3, 384))
    yield from excited(384 + 384 + 320)
    for _ in range(20):  # block17
        yield from unit(17, 1088, 192)
        yield from unit(17, 1088, 128, (1, 7, 160), (7, 1, 192))
        yield from up(192 + 192, 1088, 17)
    for path in ((256, (3, 3, 384)), (256, (3, 3, 288))):  # Mixed_7a
        yield from unit(17, 1088, path[0])
        yield from unit(8, *path)
    yield from unit(17, 1088, 256, (3, 3, 288))
    yield from unit(8, 288, (3, 3, 320))
    yield from excited(384 + 288 + 320 + 1088)
    for _ in range(10):  # block8
        yield from unit(8, 2080, 192)
        yield from unit(8, 2080, 192, (1, 3, 224), (3, 1, 256))
        yield from up(192 + 256, 2080, 8)
    yield from unit(8, 2080, 1536)
    yield fc(1536, 1000)


# -- ours beside it ----------------------------------------------------------------------------------------------------

Make = Callable[[], Counts]
NETWORKS: tuple[tuple[str, dict[str, Any], Make], ...] = (
    ("bn_inception", {}, bn_inception),
    ("bn_inception", {"bias": False}, lambda: bn_inception(bias=False)),
    ("se_bn_inception", {}, lambda: bn_inception(bias=False, se=True)),
    ("inception_v3", {}, inception_v3),
    ("inception_v3", {"gamma": False}, lambda: inception_v3(gamma=False)),
    ("inception_resnet_v2", {}, inception_resnet_v2),
    ("inception_resnet_v2", {"gamma": False}, lambda: inception_resnet_v2(gamma=False)),
    ("se_inception_resnet_v2", {}, lambda: inception_resnet_v2(se=True)),
)


@pytest.mark.parametrize(("name", "settings", "counted"), NETWORKS)
def test_layer_by_layer(name: str, settings: dict[str, Any], counted: Make) -> None:
    rows = cnncalc.load(name, set=settings).report().rows
    ours = [Count(row.params, row.macs, row.buffers) for row in rows if row.params and not row.side]
    assert ours == list(counted())


@pytest.mark.parametrize(
    ("name", "settings", "params"),
    [
        ("bn_inception", {}, 11_295_240),  # the Caffe model's arrays
        (
            "se_bn_inception",
            {},
            11_931_622,
        ),  # the authors' prototxt: 10,879,552 + 7,038 + 20,032 + 1,025,000
        ("inception_v3", {}, 23_834_568),  # torchvision's 27,161,264 without AuxLogits
        (
            "inception_v3",
            {"gamma": False},
            23_817_352,
        ),  # Keras: 23,851,784, of which 34,432 are not trained
        ("inception_resnet_v2", {}, 55_843_464),  # TF-slim with gamma, 1000 classes
        (
            "inception_resnet_v2",
            {"gamma": False},
            55_813_192,
        ),  # Keras: 55,873,736, of which 60,544 are not trained
    ],
)
def test_known_totals(name: str, settings: dict[str, Any], params: int) -> None:
    assert cnncalc.load(name, set=settings).report().totals.params == params


def test_side_output_of_inception_v3() -> None:
    """Torchvision's AuxLogits: 27,161,264 - 23,834,568 parameters."""
    network = cnncalc.load("inception_v3")
    assert (
        network.report(with_side=True).totals.params - network.report().totals.params == 3_326_696
    )


def test_receptive_field_of_inception_v3() -> None:
    """1311 with a stride of 32 at the last 8 x 8 map."""
    row = next(
        row
        for row in reversed(cnncalc.load("inception_v3").report().rows)
        if row.output == (8, 8, 2048)
    )
    assert (row.receptive_field, row.jump) == ((1311, 1311), (32, 32))
