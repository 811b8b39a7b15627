"""The lectures' networks against a second count, made here by hand from the papers' tables.

A network is a list of `Count`s, one for each layer with weights, from the layer's own numbers alone: filter size, input
maps, output maps, side of the output map. Nothing is read from the specs, and no number below is our own output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
import yaml

import cnncalc
from cnncalc.spec.shipped import data_file


class Count(NamedTuple):
    """Parameters, MACs and running statistics of one layer, or of several."""

    params: int
    macs: int = 0
    buffers: int = 0


Counts = Iterator[Count]


def conv(
    f: int, c: int, k: int, n: int, *, bias: bool = True, norm: bool = False, groups: int = 1
) -> Count:
    """K filters of F x F over C maps, an N x N output map; a batch norm replaces the biases by 2K, and keeps 2K."""
    weights = f * f * (c // groups) * k
    return Count(
        weights + (2 * k if norm else k if bias else 0), weights * n * n, 2 * k if norm else 0
    )


def norm(c: int) -> Count:
    """A batch norm: gamma and beta, running mean and variance."""
    return Count(2 * c, 0, 2 * c)


def fc(*units: int) -> Counts:
    """Fully connected layers from units to units, with biases."""
    for before, after in pairwise(units):
        yield Count(before * after + after, before * after)


def total(counts: Sequence[Count]) -> Count:
    return Count(*(sum(column) for column in zip(*counts, strict=True)))


# -- LeNet-5, AlexNet, ZFNet, NIN, VGG ---------------------------------------------------------------------------------


def lenet5() -> Counts:
    yield conv(5, 1, 6, 28)
    yield Count(2 * 6)  # S2: a coefficient and a bias for each map
    # Table I: 6 filters see 3 maps, 9 see 4, 1 sees 6
    yield Count(25 * (6 * 3 + 9 * 4 + 6) + 16, 25 * (6 * 3 + 9 * 4 + 6) * 10 * 10)
    yield Count(2 * 16)  # S4
    yield conv(5, 16, 120, 1)
    yield from fc(120, 84)


def lenet5_28() -> Counts:
    yield from (conv(5, 1, 6, 28), conv(5, 6, 16, 10), conv(5, 16, 120, 1), *fc(120, 84, 10))


def alexnet(groups: int = 1) -> Counts:
    yield conv(11, 3, 96, 55)
    yield conv(5, 96, 256, 27, groups=groups)
    yield conv(3, 256, 384, 13)
    yield conv(3, 384, 384, 13, groups=groups)
    yield conv(3, 384, 256, 13, groups=groups)
    yield from fc(6 * 6 * 256, 4096, 4096, 1000)


def zfnet(maps: tuple[int, int, int] = (512, 1024, 512)) -> Counts:
    a, b, c = maps
    yield from (
        conv(7, 3, 96, 110),
        conv(5, 96, 256, 26),
        conv(3, 256, a, 13),
        conv(3, a, b, 13),
        conv(3, b, c, 13),
    )
    yield from fc(6 * 6 * c, 4096, 4096, 1000)


def network_in_network(*layers: tuple[int, int, tuple[int, ...]]) -> Counts:
    """Each mlpconv layer as filter size, side of the map, and its maps: the input, then three convolutions'."""
    for f, n, maps in layers:
        for size, (c, k) in zip((f, 1, 1), pairwise(maps), strict=True):
            yield conv(size, c, k, n)


def vgg(*stages: int, c_has_1x1: bool = False, reduction: int = 0) -> Counts:
    """The column of Table 1 with so many convolutions before each pool; in column C the third of a stage is 1x1."""
    c, n = 3, 224
    for convolutions, k in zip(stages, (64, 128, 256, 512, 512), strict=True):
        for place in range(convolutions):
            yield conv(1 if c_has_1x1 and place == 2 else 3, c, k, n)
            c = k
            if reduction:
                yield from fc(k, k // reduction, k)
        n //= 2
    yield from fc(7 * 7 * 512, 4096, 4096, 1000)


# -- GoogLeNet ---------------------------------------------------------------------------------------------------------

GOOGLENET_TABLE = [  # Table 1: side of the map, input maps, #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj
    (28, 192, 64, 96, 128, 16, 32, 32),
    (28, 256, 128, 128, 192, 32, 96, 64),
    (14, 480, 192, 96, 208, 16, 48, 64),
    (14, 512, 160, 112, 224, 24, 64, 64),
    (14, 512, 128, 128, 256, 24, 64, 64),
    (14, 512, 112, 144, 288, 32, 64, 64),
    (14, 528, 256, 160, 320, 32, 128, 128),
    (7, 832, 256, 160, 320, 32, 128, 128),
    (7, 832, 384, 192, 384, 48, 128, 128),
]


def googlenet() -> Counts:
    yield from (conv(7, 3, 64, 112), conv(1, 64, 64, 56), conv(3, 64, 192, 56))
    for n, c, c1, r3, c3, r5, c5, pool in GOOGLENET_TABLE:
        yield from (conv(1, c, c1, n), conv(1, c, r3, n), conv(3, r3, c3, n))
        yield from (conv(1, c, r5, n), conv(5, r5, c5, n), conv(1, c, pool, n))
    yield from fc(1024, 1000)


def googlenet_with_sides() -> Counts:
    yield from googlenet()
    for c in (512, 528):  # after 4a and 4d: 5x5 / 3 pooling leaves 4x4
        yield conv(1, c, 128, 4)
        yield from fc(4 * 4 * 128, 1024, 1000)


# -- ResNet, ResNeXt, SENet --------------------------------------------------------------------------------------------


def basic_stage(c: int, k: int, times: int, n: int, *, projection: bool) -> Counts:
    """Basic blocks of K maps on an N x N map."""
    for _ in range(times):
        yield from (conv(3, c, k, n, norm=True), conv(3, k, k, n, norm=True))
        if c != k and projection:
            yield conv(1, c, k, n, norm=True)
        c = k


def resnet(*times: int, projection: bool = True) -> Counts:
    yield conv(7, 3, 64, 112, norm=True)
    c = 64
    for blocks, k, n in zip(times, (64, 128, 256, 512), (56, 28, 14, 7), strict=True):
        yield from basic_stage(c, k, blocks, n, projection=projection)
        c = k
    yield from fc(512, 1000)


def cifar_resnet(n: int) -> Counts:
    """Section 4.2: 6n + 2 layers; with option A, or with no shortcuts at all, there are no other parameters."""
    yield conv(3, 3, 16, 32, norm=True)
    for c, k, size in ((16, 16, 32), (16, 32, 16), (32, 64, 8)):
        yield from basic_stage(c, k, n, size, projection=False)
    yield from fc(64, 10)


def bottlenecks(
    *times: int, first_1x1: bool = True, width: int = 64, groups: int = 1, reduction: int = 0
) -> Counts:
    """ResNet-50 and deeper, ResNeXt and their SE forms; `first_1x1` is where the stride is."""
    yield conv(7, 3, 64, 112, norm=True)
    c, before = 64, 56
    for stage, (blocks, n) in enumerate(zip(times, (56, 28, 14, 7), strict=True)):
        w, out = width << stage, 256 << stage
        for _ in range(blocks):
            yield conv(1, c, w, n if first_1x1 else before, norm=True)
            yield conv(3, w, w, n, norm=True, groups=groups)
            yield conv(1, w, out, n, norm=True)
            if reduction:
                yield from fc(out, out // reduction, out)
            if c != out:
                yield conv(1, c, out, n, norm=True)
            c, before = out, n
    yield from fc(2048, 1000)


# -- DenseNet ----------------------------------------------------------------------------------------------------------


def densenet(*times: int, growth: int = 32) -> Counts:
    """DenseNet-BC for ImageNet, Table 1: batch norm before each convolution."""
    c, n = 2 * growth, 56
    yield conv(7, 3, c, 112, norm=True)
    for block, layers in enumerate(times):
        for _ in range(layers):
            yield from (
                norm(c),
                conv(1, c, 4 * growth, n, norm=True),
                conv(3, 4 * growth, growth, n, bias=False),
            )
            c += growth
        yield norm(c)
        if block < len(times) - 1:
            yield conv(1, c, c // 2, n, bias=False)
            c, n = c // 2, n // 2
    yield from fc(c, 1000)


def dense_block(c: int, growth: int = 4, layers: int = 5) -> Counts:
    for _ in range(layers):
        yield from (norm(c), conv(3, c, growth, 32, bias=False))
        c += growth


# -- other networks of the lectures ------------------------------------------------------------------------------------


def alphago(k: int) -> Counts:
    yield conv(5, 48, k, 19)
    for _ in range(11):
        yield conv(3, k, k, 19)
    yield Count(k + 19 * 19, k * 19 * 19)  # one 1x1 filter, a bias for each position


def vdsr() -> Counts:
    yield from (conv(3, 1, 64, 41), *[conv(3, 64, 64, 41)] * 18, conv(3, 64, 1, 41))


def srdensenet() -> Counts:
    yield conv(3, 1, 16, 25)
    for block in range(8):
        yield conv(3, 128 if block else 16, 16, 25)
        for layer in range(1, 8):
            yield conv(3, 16 * layer, 16, 25)
    yield conv(1, 16 + 8 * 128, 256, 25)
    for n in (25, 50):  # a transposed convolution: every input position meets every weight
        yield conv(3, 256, 256, n)
    yield conv(3, 256, 1, 100)


def mnist_keras() -> Counts:
    yield from (conv(3, 1, 32, 26), conv(3, 32, 32, 11), *fc(5 * 5 * 32, 256, 256, 10))


NIN = (
    (11, 55, (3, 96, 96, 96)),
    (5, 27, (96, 256, 256, 256)),
    (3, 13, (256, 384, 384, 384)),
    (3, 6, (384, 1024, 1024, 1000)),
)
NIN_CIFAR10 = (
    (5, 32, (3, 192, 160, 96)),
    (5, 16, (96, 192, 192, 192)),
    (3, 8, (192, 192, 192, 10)),
)

Hand = Callable[[], Counts]
SECOND_COUNT: list[tuple[str, dict[str, Any], Hand]] = [
    ("lenet5", {}, lenet5),
    ("lenet5_28", {}, lenet5_28),
    ("alexnet", {}, alexnet),
    ("alexnet_two_towers", {}, lambda: alexnet(groups=2)),
    ("zfnet", {}, zfnet),
    ("zfnet", {"maps3": 384, "maps4": 384, "maps5": 256}, lambda: zfnet((384, 384, 256))),
    ("nin", {}, lambda: network_in_network(*NIN)),
    ("nin_cifar10", {}, lambda: network_in_network(*NIN_CIFAR10)),
    ("vgg11", {}, lambda: vgg(1, 1, 2, 2, 2)),
    ("vgg11_lrn", {}, lambda: vgg(1, 1, 2, 2, 2)),
    ("vgg13", {}, lambda: vgg(2, 2, 2, 2, 2)),
    ("vgg16_c", {}, lambda: vgg(2, 2, 3, 3, 3, c_has_1x1=True)),
    ("vgg16", {}, lambda: vgg(2, 2, 3, 3, 3)),
    ("vgg19", {}, lambda: vgg(2, 2, 4, 4, 4)),
    ("googlenet", {}, googlenet),
    ("resnet18", {}, lambda: resnet(2, 2, 2, 2)),
    ("resnet18", {"shortcut": "pad"}, lambda: resnet(2, 2, 2, 2, projection=False)),
    ("resnet34", {}, lambda: resnet(3, 4, 6, 3)),
    ("resnet34", {"shortcut": "pad"}, lambda: resnet(3, 4, 6, 3, projection=False)),
    ("resnet50", {}, lambda: bottlenecks(3, 4, 6, 3)),
    ("resnet101", {}, lambda: bottlenecks(3, 4, 23, 3)),
    ("resnet152", {}, lambda: bottlenecks(3, 8, 36, 3)),
    ("plain20", {}, lambda: cifar_resnet(3)),
    ("plain56", {}, lambda: cifar_resnet(9)),
    ("resnet20", {}, lambda: cifar_resnet(3)),
    ("resnet20", {"n": 5}, lambda: cifar_resnet(5)),
    ("resnet56", {}, lambda: cifar_resnet(9)),
    ("resnext50_32x4d", {}, lambda: bottlenecks(3, 4, 6, 3, first_1x1=False, width=128, groups=32)),
    (
        "resnext101_32x4d",
        {},
        lambda: bottlenecks(3, 4, 23, 3, first_1x1=False, width=128, groups=32),
    ),
    ("densenet121", {}, lambda: densenet(6, 12, 24, 16)),
    ("densenet121", {"growth": 12}, lambda: densenet(6, 12, 24, 16, growth=12)),
    ("densenet169", {}, lambda: densenet(6, 12, 32, 32)),
    ("densenet201", {}, lambda: densenet(6, 12, 48, 32)),
    ("densenet264", {}, lambda: densenet(6, 12, 64, 48)),
    ("se_resnet50", {}, lambda: bottlenecks(3, 4, 6, 3, reduction=16)),
    ("se_resnet50", {"reduction": 4}, lambda: bottlenecks(3, 4, 6, 3, reduction=4)),
    ("se_resnet101", {}, lambda: bottlenecks(3, 4, 23, 3, reduction=16)),
    ("se_resnet152", {}, lambda: bottlenecks(3, 8, 36, 3, reduction=16)),
    (
        "se_resnext50_32x4d",
        {},
        lambda: bottlenecks(3, 4, 6, 3, first_1x1=False, width=128, groups=32, reduction=16),
    ),
    (
        "se_resnext101_32x4d",
        {},
        lambda: bottlenecks(3, 4, 23, 3, first_1x1=False, width=128, groups=32, reduction=16),
    ),
    ("se_vgg16", {}, lambda: vgg(2, 2, 3, 3, 3, reduction=16)),
    ("alphago_policy", {}, lambda: alphago(192)),
    ("alphago_policy", {"k": 384}, lambda: alphago(384)),
    ("vdsr", {}, vdsr),
    ("srdensenet", {}, srdensenet),
    ("mnist_keras", {}, mnist_keras),
    ("dense_block_k4", {}, lambda: dense_block(8)),
    ("dense_block_k4", {"k0": 3}, lambda: dense_block(3)),
]


@cache
def report(name: str, depth: int | None = None) -> cnncalc.Report:
    return cnncalc.load(name).report(depth=depth)


@pytest.mark.parametrize(
    ("name", "settings", "by_hand"),
    [pytest.param(*row, id=f"{row[0]}{row[1] or ''}") for row in SECOND_COUNT],
)
def test_second_count_agrees(name: str, settings: dict[str, Any], by_hand: Hand) -> None:
    totals = (cnncalc.load(name, set=settings).report() if settings else report(name)).totals
    assert Count(totals.params, totals.macs, totals.buffers) == total([*by_hand()])


def test_googlenet_with_its_side_classifiers() -> None:
    with_sides = cnncalc.load("googlenet").report(with_side=True).totals
    assert Count(with_sides.params, with_sides.macs) == total([*googlenet_with_sides()])


# -- printed shapes and cells ------------------------------------------------------------------------------------------

OUTPUTS: dict[str, dict[str, tuple[int, ...]]] = {
    # LeCun et al. 1998, Figure 2
    "lenet5": {
        "c1": (28, 28, 6),
        "s2": (14, 14, 6),
        "c3": (10, 10, 16),
        "s4": (5, 5, 16),
        "c5": (1, 1, 120),
        "f6": (84,),
    },
    # the CNN lecture: 28x28 to 120 features
    "lenet5_28": {"c1": (28, 28, 6), "p4": (5, 5, 16), "c5": (1, 1, 120), "output": (10,)},
    # the CNN lecture's table, and CS231n's "full (simplified) AlexNet architecture"
    "alexnet": {
        "conv1": (55, 55, 96),
        "pool1": (27, 27, 96),
        "conv2": (27, 27, 256),
        "pool2": (13, 13, 256),
        "conv3": (13, 13, 384),
        "conv4": (13, 13, 384),
        "conv5": (13, 13, 256),
        "pool3": (6, 6, 256),
        "fc1": (4096,),
        "fc2": (4096,),
        "fc3": (1000,),
    },
    # Zeiler and Fergus 2013, Figure 3: the sides 110, 55, 26, 13, 13, 6
    "zfnet": {
        "conv1": (110, 110, 96),
        "pool1": (55, 55, 96),
        "conv2": (26, 26, 256),
        "pool2": (13, 13, 256),
        "conv5": (13, 13, 512),
        "pool3": (6, 6, 512),
    },
    "vgg16": {
        "conv1_2": (224, 224, 64),
        "pool1": (112, 112, 64),
        "pool2": (56, 56, 128),
        "pool3": (28, 28, 256),
        "conv4_3": (28, 28, 512),
        "pool4": (14, 14, 512),
        "conv5_1": (14, 14, 512),
        "pool5": (7, 7, 512),
    },
    # Szegedy et al. 2014, Table 1, "output size"
    "googlenet": {
        "conv1": (112, 112, 64),
        "pool1": (56, 56, 64),
        "conv2": (56, 56, 192),
        "pool2": (28, 28, 192),
        "inception_3a": (28, 28, 256),
        "inception_3b": (28, 28, 480),
        "pool3": (14, 14, 480),
        "inception_4a": (14, 14, 512),
        "inception_4b": (14, 14, 512),
        "inception_4c": (14, 14, 512),
        "inception_4d": (14, 14, 528),
        "inception_4e": (14, 14, 832),
        "pool4": (7, 7, 832),
        "inception_5a": (7, 7, 832),
        "inception_5b": (7, 7, 1024),
    },
    # He et al. 2015, Table 1
    "resnet18": {"conv1": (112, 112, 64), "conv2_x": (56, 56, 64), "conv5_x": (7, 7, 512)},
    "resnet152": {
        "conv2_x": (56, 56, 256),
        "conv3_x": (28, 28, 512),
        "conv4_x": (14, 14, 1024),
        "conv5_x": (7, 7, 2048),
        "fc": (1000,),
    },
    "resnet56": {"stage1": (32, 32, 16), "stage2": (16, 16, 32), "stage3": (8, 8, 64)},
    # Huang et al. 2017, Table 1 for the sides; the maps are 64 + 6*32, half, + 12*32, half, + 24*32, half, + 16*32
    "densenet121": {
        "pool1": (56, 56, 64),
        "dense1": (56, 56, 256),
        "transition1": (28, 28, 128),
        "dense2": (28, 28, 512),
        "dense3": (14, 14, 1024),
        "transition3": (7, 7, 512),
        "dense4": (7, 7, 1024),
    },
    # CS231n: policy network
    "alphago_policy": {"conv1": (19, 19, 192), "conv12": (19, 19, 192), "conv13": (19, 19, 1)},
    # 16 + 8 blocks of 8 * 16 maps; four times the size
    "srdensenet": {"block8": (25, 25, 128), "all": (25, 25, 1040), "reconstruction": (100, 100, 1)},
    "dense_block_k4": {"dense": (32, 32, 8 + 5 * 4)},
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_printed_output_sizes(name: str) -> None:
    rows = {row.name: tuple(row.output) for row in report(name, depth=1).rows}
    assert {layer: rows.get(layer) for layer in OUTPUTS[name]} == OUTPUTS[name]


PRINTED: dict[tuple[str, str], dict[str, int]] = {
    # LeNet-5, figures in the lecture on components; C3 1,516 as LeCun et al. 1998 count it
    ("lenet5", "params"): {"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48120, "f6": 10164},
    # AlexNet, the CNN lecture's table
    ("alexnet", "weights"): {
        "conv1": 34848,
        "conv2": 614400,
        "conv3": 884736,
        "conv4": 1327104,
        "conv5": 884736,
        "fc1": 37748736,
        "fc2": 16777216,
        "fc3": 4096000,
    },
    ("alexnet", "biases"): {
        "conv1": 96,
        "conv2": 256,
        "conv3": 384,
        "conv4": 384,
        "conv5": 256,
        "fc1": 4096,
        "fc2": 4096,
        "fc3": 1000,
    },
    ("alexnet", "params"): {
        "conv1": 34944,
        "conv2": 614656,
        "conv3": 885120,
        "conv4": 1327488,
        "conv5": 884992,
        "pool1": 0,
        "fc1": 37752832,
        "fc2": 16781312,
        "fc3": 4097000,
    },
    # "290400-186624-64896-43264-4096-4096-1000 nodes"
    ("alexnet", "activations"): {
        "conv1": 290400,
        "conv2": 186624,
        "conv3": 64896,
        "conv4": 64896,
        "conv5": 43264,
        "fc1": 4096,
        "fc2": 4096,
        "fc3": 1000,
    },
    # VGG-16, the table of both lectures
    ("vgg16", "weights"): {
        "conv1_1": 1728,
        "conv1_2": 36864,
        "conv2_1": 73728,
        "conv2_2": 147456,
        "conv3_1": 294912,
        "conv3_2": 589824,
        "conv3_3": 589824,
        "conv4_1": 1179648,
        "conv4_2": 2359296,
        "conv4_3": 2359296,
        "conv5_1": 2359296,
        "conv5_2": 2359296,
        "conv5_3": 2359296,
        "fc1": 102760448,
        "fc2": 16777216,
        "fc3": 4096000,
    },
}


@pytest.mark.parametrize(("name", "column"), PRINTED)
def test_printed_cells(name: str, column: str) -> None:
    expected = PRINTED[name, column]
    rows = {row.name: getattr(row, column) for row in report(name, depth=1).rows}
    assert {layer: rows.get(layer) for layer in expected} == expected


def test_lenet5_without_the_connection_table_has_2416_in_c3() -> None:
    """25 * 6 * 16 + 16, as the 28x28 form has it."""
    assert next(row.params for row in report("lenet5_28").rows if row.name == "c3") == 2416


RECEPTIVE_FIELDS = [  # published: size and total stride
    ("vgg16", "pool5", 212, 32),
    ("alexnet", "pool3", 195, 32),
    ("resnet50", "conv5_x", 483, 32),
    ("vdsr", "add1", 41, 1),
]


@pytest.mark.parametrize(("name", "layer", "size", "jump"), RECEPTIVE_FIELDS)
def test_receptive_fields(name: str, layer: str, size: int, jump: int) -> None:
    row = next(row for row in report(name, depth=1).rows if row.name == layer)
    assert (tuple(row.receptive_field), tuple(row.jump)) == ((size, size), (jump, jump))


def test_plain_and_residual_differ_by_additions_alone() -> None:
    """He et al. 2015, section 4.2: the residual networks have the plain ones' depth, width and parameters."""
    plain, residual = ([row.op for row in report(name).rows] for name in ("plain56", "resnet56"))
    assert plain == [op for op in residual if op not in ("add", "slice", "pad")]
    assert residual.count("add") == 27


ALIASES = {
    "A": "vgg11",
    "A-LRN": "vgg11_lrn",
    "B": "vgg13",
    "C": "vgg16_c",
    "D": "vgg16",
    "E": "vgg19",
    "vgg_a": "vgg11",
    "vgg_a_lrn": "vgg11_lrn",
    "vgg_b": "vgg13",
    "vgg_c": "vgg16_c",
    "vgg_d": "vgg16",
    "vgg_e": "vgg19",
    "inception_v1": "googlenet",
    "alphago": "alphago_policy",
}


@pytest.mark.parametrize("alias", ALIASES)
def test_other_names(alias: str) -> None:
    assert cnncalc.load(alias).name == ALIASES[alias]


def test_depth_is_a_number_and_not_more_lines() -> None:
    paths = [data_file("networks", name) for name in ("resnet50", "resnet152")]
    shallow, deep = (
        len(path.read_text(encoding="utf-8").splitlines()) for path in paths if path is not None
    )
    assert deep <= shallow


# -- the block library: names and defaults that other people's files depend on -----------------------------------------

LIBRARY: dict[str, dict[str, str | None]] = {
    "inception": dict.fromkeys(("c1", "r3", "c3", "r5", "c5", "pool")),
    "basic": {"width": None, "stride": "1", "shortcut": "projection"},
    "basic_stage": {"times": None, "width": None, "stride": "1", "shortcut": "projection"},
    "bottleneck": {
        "width": None,
        "stride": "1",
        "expansion": "4",
        "groups": "1",
        "first": "False",
        "reduction": "0",
        "project": "stride != 1 or channels != width * expansion",
    },
    "bottleneck_stage": {
        "times": None,
        "width": None,
        "stride": "1",
        "expansion": "4",
        "groups": "1",
        "first": "False",
        "reduction": "0",
    },
    "dense_layer": {"growth": None, "width": "4"},
    "dense_block": {"times": None, "growth": "32", "width": "4"},
    "transition": {"compression": "0.5"},
    "se": {"reduction": "16"},
    "mlpconv": {
        "filters": None,
        "kernel": None,
        "stride": "1",
        "pad": "0",
        "mlp1": "filters",
        "mlp2": "mlp1",
    },
}


@pytest.mark.parametrize("name", LIBRARY)
def test_library_block_keeps_its_parameters(name: str) -> None:
    path = data_file("blocks", name)
    assert path is not None
    params = yaml.safe_load(path.read_text(encoding="utf-8"))["blocks"][name]["params"]
    written = {key: None if value is None else str(value) for key, value in params.items()}
    assert list(written)[: len(LIBRARY[name])] == list(LIBRARY[name])
    assert {key: written[key] for key in LIBRARY[name]} == LIBRARY[name]
    assert all(written[key] is not None for key in written.keys() - LIBRARY[name].keys()), (
        "an addition is optional"
    )


@pytest.mark.parametrize(
    ("block", "parameter"),
    [
        (block, name)
        for block, params in LIBRARY.items()
        for name, default in params.items()
        if default is None
    ],
)
def test_required_parameters_are_required(block: str, parameter: str) -> None:
    required = [name for name, default in LIBRARY[block].items() if default is None]
    others = ", ".join(f"{name}: 2" for name in required if name != parameter)
    with pytest.raises(cnncalc.SpecError, match=f"needs '{parameter}'"):
        cnncalc.loads(f"input: 8x8x6\nlayers:\n  - {block}: {{{others}}}\n")


USES = [  # a use of a block on 8x8x6 maps; the output, and the parameters by hand
    (
        "inception: {c1: 1, r3: 2, c3: 3, r5: 1, c5: 2, pool: 4}",
        (8, 8, 10),
        [
            conv(1, 6, 1, 8),
            conv(1, 6, 2, 8),
            conv(3, 2, 3, 8),
            conv(1, 6, 1, 8),
            conv(5, 1, 2, 8),
            conv(1, 6, 4, 8),
        ],
    ),
    ("basic: {width: 6, shortcut: identity}", (8, 8, 6), [conv(3, 6, 6, 8, norm=True)] * 2),
    ("basic: 6", (8, 8, 6), [conv(3, 6, 6, 8, norm=True)] * 2),
    (
        "basic: {width: 6, stride: 2}",
        (4, 4, 6),
        [conv(3, 6, 6, 4, norm=True)] * 2 + [conv(1, 6, 6, 4, norm=True)],
    ),
    (
        "basic: {width: 10, stride: 2, shortcut: pad}",
        (4, 4, 10),
        [conv(3, 6, 10, 4, norm=True), conv(3, 10, 10, 4, norm=True)],
    ),
    (
        "bottleneck: {width: 2, expansion: 3}",
        (8, 8, 6),
        [conv(1, 6, 2, 8, norm=True), conv(3, 2, 2, 8, norm=True), conv(1, 2, 6, 8, norm=True)],
    ),
    (
        "bottleneck: {width: 2, expansion: 3, project: true}",
        (8, 8, 6),
        [
            conv(1, 6, 2, 8, norm=True),
            conv(3, 2, 2, 8, norm=True),
            conv(1, 2, 6, 8, norm=True),
            conv(1, 6, 6, 8, norm=True),
        ],
    ),
    (
        "dense_layer: 5",
        (8, 8, 11),
        [norm(6), conv(1, 6, 20, 8, norm=True), conv(3, 20, 5, 8, bias=False)],
    ),
    ("transition", (4, 4, 3), [norm(6), conv(1, 6, 3, 8, bias=False)]),
    ("transition: 0.6", (4, 4, 3), [norm(6), conv(1, 6, 3, 8, bias=False)]),  # floor(3.6)
    ("se: 3", (8, 8, 6), [*fc(6, 2, 6)]),
    (
        "mlpconv: {filters: 4, kernel: 3, pad: 1}",
        (8, 8, 4),
        [conv(3, 6, 4, 8), conv(1, 4, 4, 8), conv(1, 4, 4, 8)],
    ),
    (
        "mlpconv: {filters: 4, kernel: 3, stride: 2, mlp1: 5}",
        (3, 3, 5),
        [conv(3, 6, 4, 3), conv(1, 4, 5, 3), conv(1, 5, 5, 3)],
    ),
]


@pytest.mark.parametrize(("use", "output", "by_hand"), USES, ids=[row[0] for row in USES])
def test_library_block_by_hand(use: str, output: tuple[int, ...], by_hand: list[Count]) -> None:
    counted = cnncalc.loads(f"input: 8x8x6\nlayers:\n  - {use}\n").report()
    assert tuple(counted.rows[-1].output) == output
    assert Count(counted.totals.params, counted.totals.macs, counted.totals.buffers) == total(
        by_hand
    )


def test_identity_shortcut_refuses_another_shape() -> None:
    with pytest.raises(cnncalc.SpecError, match="add"):
        cnncalc.loads("input: 8x8x6\nlayers: [{basic: {width: 7, shortcut: identity}}]").report()
