"""Kinds of questions: for each level small networks of chance sizes, and what is asked of them.

A draft may turn out unfit: where its sizes do not go together, or two slips give one number. Another is drawn then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from cnncalc.homework.key import TOTAL
from cnncalc.quiz.seeded_random import Chance

LEVELS = (1, 2, 3)

SAME_SIZE = ("kept-input-depth", "used-layer-input")
"""Slips that give one shape wherever the size stays: no numbers tell them apart there."""
ROUNDED_UP = ("no-plus-one", "rounded-down")
"""Slips that give one size wherever a size is rounded up."""


class Draft(NamedTuple):
    """A question as drawn: the spec's input and layers, and what is asked of which of them.

    `inseparable` are slips that no sizes of this kind of question tell apart. `fits` wants every window to fit a whole
    number of times, or (False) one not to.
    """

    input: str
    layers: tuple[str, ...]
    layer: str
    quantity: str
    batch: int = 1
    dtype: str = "float32"
    fits: bool | None = None
    inseparable: tuple[tuple[str, ...], ...] = ()

    @property
    def spec(self) -> str:
        """The spec, on one line of YAML."""
        return f"{{input: {self.input}, layers: [{', '.join(self.layers)}]}}"


Form: TypeAlias = Callable[[Chance], Draft]

_DEPTHS = (3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64)
_FILTERS = (5, 6, 8, 10, 12, 16, 20, 24, 28, 32, 36, 40, 48, 56, 64, 96)


def _map(chance: Chance, least: int = 12, most: int = 64, depths: tuple[int, ...] = _DEPTHS) -> str:
    size = chance.between(least, most)
    return f"{size}x{size}x{chance.pick(depths)}"


def _fields(**fields: object) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}"


def _conv(
    chance: Chance,
    name: str = "conv1",
    kernels: tuple[int, ...] = (3, 5, 7),
    strides: tuple[int, ...] = (1, 2, 3),
    pads: tuple[int, ...] = (0, 1, 2, 3),
    **fields: object,
) -> str:
    kernel = chance.pick(kernels)
    pad = chance.pick([pad for pad in pads if pad < kernel])
    values = {
        "filters": chance.pick(_FILTERS),
        "kernel": kernel,
        "stride": chance.pick(strides),
        "pad": pad,
        **fields,
    }
    return f"conv: {_fields(name=name, **values)}"


# --- level 1: one layer ---------------------------------------------------------------------------------------------


def conv_size(chance: Chance) -> Draft:
    """The output of a convolution that fits."""
    layer = _conv(chance, kernels=(3, 5, 7, 11), strides=(1, 2, 3, 4))
    return Draft(_map(chance), (layer,), "conv1", "output", fits=True)


def pool_size(chance: Chance) -> Draft:
    """The output of a pool that fits."""
    kind = chance.pick(("maxpool", "avgpool"))
    layer = (
        f"{kind}: {_fields(name='pool1', kernel=chance.pick((2, 3)), stride=chance.pick((2, 3)))}"
    )
    return Draft(_map(chance), (layer,), "pool1", "output", fits=True)


def conv_params(chance: Chance) -> Draft:
    """The parameters of a convolution."""
    return Draft(_map(chance), (_conv(chance),), "conv1", "params", fits=True)


def fc_params(chance: Chance) -> Draft:
    """The parameters of a fully connected layer on a vector."""
    units = chance.pick((10, 20, 32, 50, 64, 84, 100, 128))
    return Draft(
        f"[{chance.between(5, 60) * 10}]", (f"fc: {{name: fc1, units: {units}}}",), "fc1", "params"
    )


def pool_params(chance: Chance) -> Draft:
    """The parameters of a pool: none."""
    return pool_size(chance)._replace(quantity="params")


# --- level 2: one layer, with more to it ----------------------------------------------------------------------------


def conv_not_fitting(chance: Chance) -> Draft:
    """The output of a convolution whose last window does not fit."""
    return Draft(_map(chance), (_conv(chance, strides=(2, 3, 4)),), "conv1", "output", fits=False)


def pool_rounded_up(chance: Chance) -> Draft:
    """The output of a pool that keeps its last, partly filled window."""
    layer = f"maxpool: {_fields(name='pool1', kernel=chance.pick((2, 3)), stride=chance.pick((2, 3)), ceil='true')}"
    return Draft(_map(chance), (layer,), "pool1", "output", fits=False, inseparable=(ROUNDED_UP,))


def dilated_size(chance: Chance) -> Draft:
    """The output of a dilated convolution."""
    layer = _conv(
        chance, kernels=(3, 5), strides=(1, 2), pads=(0, 2, 3, 4), dilation=chance.pick((2, 3, 4))
    )
    return Draft(_map(chance, 24), (layer,), "conv1", "output")


def _grouped(chance: Chance, quantity: str, channels: int, filters: int, groups: int) -> Draft:
    """A convolution in groups behind another one, so that its input has other channels than the image."""
    before = _conv(chance, "conv1", (3, 5), (1, 2), filters=channels)
    layer = _conv(chance, "conv2", (3, 5), (1, 2), filters=filters, groups=groups)
    return Draft(_map(chance, depths=(1, 3)), (before, layer), "conv2", quantity)


def _in_groups(chance: Chance, quantity: str) -> Draft:
    groups = chance.pick((2, 4, 8))
    return _grouped(
        chance, quantity, groups * chance.between(2, 12), groups * chance.between(2, 12), groups
    )


def grouped_params(chance: Chance) -> Draft:
    """The parameters of a convolution in groups."""
    return _in_groups(chance, "params")


def grouped_macs(chance: Chance) -> Draft:
    """The MACs of a convolution in groups."""
    return _in_groups(chance, "macs")


def depthwise_params(chance: Chance) -> Draft:
    """The parameters of a depthwise convolution: as many groups as channels."""
    channels = chance.pick(_DEPTHS[2:])
    return _grouped(chance, "params", channels, channels, channels)


def conv_macs(chance: Chance) -> Draft:
    """The MACs of a convolution."""
    return Draft(_map(chance), (_conv(chance),), "conv1", "macs")


def pointwise_params(chance: Chance) -> Draft:
    """The parameters of a 1×1 convolution."""
    return Draft(_map(chance), (_conv(chance, kernels=(1,), strides=(1,)),), "conv1", "params")


def pointwise_macs(chance: Chance) -> Draft:
    """The MACs of a 1×1 convolution."""
    return pointwise_params(chance)._replace(quantity="macs")


def output_memory(chance: Chance) -> Draft:
    """The bytes of a convolution's output for a batch."""
    return Draft(
        _map(chance),
        (_conv(chance),),
        "conv1",
        "memory",
        batch=chance.pick((16, 20, 32, 50, 64, 100)),
        dtype=chance.pick(("float32", "float32", "float16")),
    )


def fc_after_map(chance: Chance) -> Draft:
    """The parameters of a fully connected layer behind a pool's map."""
    size = 2 * chance.between(3, 8)
    layers = (
        "maxpool: {name: pool1, kernel: 2}",
        f"fc: {{name: fc1, units: {chance.pick((10, 50, 100, 120, 256))}}}",
    )
    return Draft(_map(chance, size, size), layers, "fc1", "params")


def bn_params(chance: Chance) -> Draft:
    """The learned parameters of batch normalisation."""
    return Draft(_map(chance), ("bn: {name: bn1}",), "bn1", "params")


# --- level 3: blocks, chains, totals --------------------------------------------------------------------------------


def _inception(chance: Chance, quantity: str) -> Draft:
    c1, r3, c3, r5, c5, pool = (chance.pick((8, 12, 16, 24, 32, 40, 48, 64)) for _ in range(6))
    block = f"inception: {_fields(name='inception1', c1=c1, r3=r3, c3=c3, r5=r5, c5=c5, pool=pool)}"
    return Draft(
        _map(chance, 14, 28, (64, 96, 128, 192)),
        (block,),
        "inception1",
        quantity,
        inseparable=(SAME_SIZE,),
    )


def inception_size(chance: Chance) -> Draft:
    """The output of an inception module."""
    return _inception(chance, "output")


def inception_params(chance: Chance) -> Draft:
    """The parameters of an inception module."""
    return _inception(chance, "params")


def _bottleneck(chance: Chance, quantity: str) -> Draft:
    width, stride = chance.pick((16, 24, 32, 48, 64)), chance.pick((1, 2))
    channels = 4 * width if stride == 1 else chance.pick((32, 64, 96, 128, 160))
    block = f"bottleneck: {_fields(name='block1', width=width, stride=stride)}"
    return Draft(
        _map(chance, 14, 56, (channels,)), (block,), "block1", quantity, inseparable=(SAME_SIZE,)
    )


def bottleneck_size(chance: Chance) -> Draft:
    """The output of a residual block of three convolutions."""
    return _bottleneck(chance, "output")


def bottleneck_params(chance: Chance) -> Draft:
    """The parameters of a residual block of three convolutions."""
    return _bottleneck(chance, "params")


def residual_macs(chance: Chance) -> Draft:
    """The MACs of a residual block of two convolutions."""
    block = f"basic: {_fields(name='block1', width=chance.pick((16, 24, 32, 64)), stride=chance.pick((1, 2)))}"
    return Draft(_map(chance, 14, 56, (16, 24, 32, 64)), (block,), "block1", "macs")


def _dense(chance: Chance, quantity: str) -> Draft:
    times, growth = chance.pick((2, 3)), chance.pick((8, 12, 16, 24))
    block = f"dense_block: {_fields(name='dense1', times=times, growth=growth, width=0)}"
    return Draft(
        _map(chance, 14, 32, (16, 20, 32, 40, 64)),
        (block,),
        "dense1",
        quantity,
        inseparable=(SAME_SIZE,),
    )


def dense_size(chance: Chance) -> Draft:
    """The output of a dense block."""
    return _dense(chance, "output")


def dense_params(chance: Chance) -> Draft:
    """The parameters of a dense block."""
    return _dense(chance, "params")


def _transposed(chance: Chance, quantity: str) -> Draft:
    values = {
        "name": "up1",
        "filters": chance.pick(_FILTERS),
        "kernel": chance.pick((2, 3, 4, 5)),
        "stride": chance.pick((2, 3)),
        "pad": chance.pick((0, 1, 2)),
    }
    return Draft(_map(chance, 6, 32), (f"conv_transpose: {_fields(**values)}",), "up1", quantity)


def transposed_size(chance: Chance) -> Draft:
    """The output of a transposed convolution."""
    return _transposed(chance, "output")


def transposed_macs(chance: Chance) -> Draft:
    """The MACs of a transposed convolution."""
    return _transposed(chance, "macs")


def receptive_chain(chance: Chance) -> Draft:
    """The receptive field at the end of four layers."""
    pool = f"maxpool: {_fields(name='pool1', kernel=chance.pick((2, 3)), stride=2)}"
    layers = (
        _conv(chance, "conv1", (3, 5, 7), (1, 2)),
        pool,
        _conv(chance, "conv2", (3, 5), (1, 2)),
        _conv(chance, "conv3", (3, 5), (1, 2), (1, 2)),
    )
    return Draft(_map(chance, 48, 96, (1, 3)), layers, "conv3", "receptive_field")


def _small_network(chance: Chance, quantity: str) -> Draft:
    layers = (
        _conv(chance, "conv1", (3, 5), (1,), (0, 1, 2)),
        "maxpool: {name: pool1, kernel: 2}",
        _conv(chance, "conv2", (3, 5), (1,), (0, 1, 2)),
        "maxpool: {name: pool2, kernel: 2}",
        "fc: {name: fc1, units: 10}",
    )
    return Draft(_map(chance, 24, 40, (1, 3)), layers, TOTAL, quantity)


def total_params(chance: Chance) -> Draft:
    """The parameters of a small network."""
    return _small_network(chance, "params")


def total_macs(chance: Chance) -> Draft:
    """The MACs of a small network."""
    return _small_network(chance, "macs")


FORMS: dict[int, tuple[Form, ...]] = {
    1: (conv_size, conv_params, pool_size, fc_params, conv_size, conv_params, pool_params),
    2: (
        conv_not_fitting,
        conv_macs,
        fc_after_map,
        grouped_params,
        output_memory,
        dilated_size,
        bn_params,
        pool_rounded_up,
        pointwise_params,
        grouped_macs,
        depthwise_params,
        pointwise_macs,
    ),
    3: (
        inception_size,
        receptive_chain,
        bottleneck_params,
        transposed_size,
        total_params,
        dense_size,
        inception_params,
        residual_macs,
        bottleneck_size,
        transposed_macs,
        dense_params,
        total_macs,
    ),
}
"""The kinds of questions of each level; a quiz takes them in turn, in an order of its own."""
