"""Kinds of questions: for each level small networks of random sizes, and what is asked of them.

A template may turn out unfit: where its sizes do not go together, or two slips give one number. Another is drawn then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from cnncalc.homework.key import TOTAL
from cnncalc.quiz.seeded_random import SeededRandom

LEVELS = (1, 2, 3)

SAME_SIZE = ("kept-input-depth", "used-layer-input")
"""Slips that give one shape wherever the size stays: no numbers tell them apart there."""
ROUNDED_UP = ("no-plus-one", "rounded-down")
"""Slips that give one size wherever a size is rounded up."""


class QuestionTemplate(NamedTuple):
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


Form: TypeAlias = Callable[[SeededRandom], QuestionTemplate]

_DEPTHS = (3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64)
_FILTERS = (5, 6, 8, 10, 12, 16, 20, 24, 28, 32, 36, 40, 48, 56, 64, 96)


def _map(
    random: SeededRandom, least: int = 12, most: int = 64, depths: tuple[int, ...] = _DEPTHS
) -> str:
    size = random.between(least, most)
    return f"{size}x{size}x{random.pick(depths)}"


def _fields(**fields: object) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}"


def _conv(
    random: SeededRandom,
    name: str = "conv1",
    kernels: tuple[int, ...] = (3, 5, 7),
    strides: tuple[int, ...] = (1, 2, 3),
    pads: tuple[int, ...] = (0, 1, 2, 3),
    **fields: object,
) -> str:
    kernel = random.pick(kernels)
    pad = random.pick([pad for pad in pads if pad < kernel])
    values = {
        "filters": random.pick(_FILTERS),
        "kernel": kernel,
        "stride": random.pick(strides),
        "pad": pad,
        **fields,
    }
    return f"conv: {_fields(name=name, **values)}"


# --- level 1: one layer ---------------------------------------------------------------------------------------------


def conv_size(random: SeededRandom) -> QuestionTemplate:
    """Return the output of a convolution that fits."""
    layer = _conv(random, kernels=(3, 5, 7, 11), strides=(1, 2, 3, 4))
    return QuestionTemplate(_map(random), (layer,), "conv1", "output", fits=True)


def pool_size(random: SeededRandom) -> QuestionTemplate:
    """Return the output of a pool that fits."""
    kind = random.pick(("maxpool", "avgpool"))
    layer = (
        f"{kind}: {_fields(name='pool1', kernel=random.pick((2, 3)), stride=random.pick((2, 3)))}"
    )
    return QuestionTemplate(_map(random), (layer,), "pool1", "output", fits=True)


def conv_params(random: SeededRandom) -> QuestionTemplate:
    """Return the parameters of a convolution."""
    return QuestionTemplate(_map(random), (_conv(random),), "conv1", "params", fits=True)


def fc_params(random: SeededRandom) -> QuestionTemplate:
    """Return the parameters of a fully connected layer on a vector."""
    units = random.pick((10, 20, 32, 50, 64, 84, 100, 128))
    return QuestionTemplate(
        f"[{random.between(5, 60) * 10}]", (f"fc: {{name: fc1, units: {units}}}",), "fc1", "params"
    )


def pool_params(random: SeededRandom) -> QuestionTemplate:
    """Return the parameters of a pool: none."""
    return pool_size(random)._replace(quantity="params")


# --- level 2: one layer, with more to it ----------------------------------------------------------------------------


def conv_not_fitting(random: SeededRandom) -> QuestionTemplate:
    """Return the output of a convolution whose last window does not fit."""
    return QuestionTemplate(
        _map(random), (_conv(random, strides=(2, 3, 4)),), "conv1", "output", fits=False
    )


def pool_rounded_up(random: SeededRandom) -> QuestionTemplate:
    """Return the output of a pool that keeps its last, partly filled window."""
    layer = f"maxpool: {_fields(name='pool1', kernel=random.pick((2, 3)), stride=random.pick((2, 3)), ceil='true')}"
    return QuestionTemplate(
        _map(random), (layer,), "pool1", "output", fits=False, inseparable=(ROUNDED_UP,)
    )


def dilated_size(random: SeededRandom) -> QuestionTemplate:
    """Return the output of a dilated convolution."""
    layer = _conv(
        random, kernels=(3, 5), strides=(1, 2), pads=(0, 2, 3, 4), dilation=random.pick((2, 3, 4))
    )
    return QuestionTemplate(_map(random, 24), (layer,), "conv1", "output")


def _grouped(
    random: SeededRandom, quantity: str, channels: int, filters: int, groups: int
) -> QuestionTemplate:
    """Return a convolution in groups behind another one, so that its input has other channels than the image."""
    before = _conv(random, "conv1", (3, 5), (1, 2), filters=channels)
    layer = _conv(random, "conv2", (3, 5), (1, 2), filters=filters, groups=groups)
    return QuestionTemplate(_map(random, depths=(1, 3)), (before, layer), "conv2", quantity)


def _in_groups(random: SeededRandom, quantity: str) -> QuestionTemplate:
    groups = random.pick((2, 4, 8))
    return _grouped(
        random, quantity, groups * random.between(2, 12), groups * random.between(2, 12), groups
    )


def grouped_params(random: SeededRandom) -> QuestionTemplate:
    """Return the parameters of a convolution in groups."""
    return _in_groups(random, "params")


def grouped_macs(random: SeededRandom) -> QuestionTemplate:
    """Return the MACs of a convolution in groups."""
    return _in_groups(random, "macs")


def depthwise_params(random: SeededRandom) -> QuestionTemplate:
    """Return the parameters of a depthwise convolution: as many groups as channels."""
    channels = random.pick(_DEPTHS[2:])
    return _grouped(random, "params", channels, channels, channels)


def conv_macs(random: SeededRandom) -> QuestionTemplate:
    """Return the MACs of a convolution."""
    return QuestionTemplate(_map(random), (_conv(random),), "conv1", "macs")


def pointwise_params(random: SeededRandom) -> QuestionTemplate:
    """Return the parameters of a 1×1 convolution."""
    return QuestionTemplate(
        _map(random), (_conv(random, kernels=(1,), strides=(1,)),), "conv1", "params"
    )


def pointwise_macs(random: SeededRandom) -> QuestionTemplate:
    """Return the MACs of a 1×1 convolution."""
    return pointwise_params(random)._replace(quantity="macs")


def output_memory(random: SeededRandom) -> QuestionTemplate:
    """Return the bytes of a convolution's output for a batch."""
    return QuestionTemplate(
        _map(random),
        (_conv(random),),
        "conv1",
        "memory",
        batch=random.pick((16, 20, 32, 50, 64, 100)),
        dtype=random.pick(("float32", "float32", "float16")),
    )


def fc_after_map(random: SeededRandom) -> QuestionTemplate:
    """Return the parameters of a fully connected layer behind a pool's map."""
    size = 2 * random.between(3, 8)
    layers = (
        "maxpool: {name: pool1, kernel: 2}",
        f"fc: {{name: fc1, units: {random.pick((10, 50, 100, 120, 256))}}}",
    )
    return QuestionTemplate(_map(random, size, size), layers, "fc1", "params")


def bn_params(random: SeededRandom) -> QuestionTemplate:
    """Return the learned parameters of batch normalisation."""
    return QuestionTemplate(_map(random), ("bn: {name: bn1}",), "bn1", "params")


# --- level 3: blocks, chains, totals --------------------------------------------------------------------------------


def _inception(random: SeededRandom, quantity: str) -> QuestionTemplate:
    c1, r3, c3, r5, c5, pool = (random.pick((8, 12, 16, 24, 32, 40, 48, 64)) for _ in range(6))
    block = f"inception: {_fields(name='inception1', c1=c1, r3=r3, c3=c3, r5=r5, c5=c5, pool=pool)}"
    return QuestionTemplate(
        _map(random, 14, 28, (64, 96, 128, 192)),
        (block,),
        "inception1",
        quantity,
        inseparable=(SAME_SIZE,),
    )


def inception_size(random: SeededRandom) -> QuestionTemplate:
    """Return the output of an inception module."""
    return _inception(random, "output")


def inception_params(random: SeededRandom) -> QuestionTemplate:
    """Return the parameters of an inception module."""
    return _inception(random, "params")


def _bottleneck(random: SeededRandom, quantity: str) -> QuestionTemplate:
    width, stride = random.pick((16, 24, 32, 48, 64)), random.pick((1, 2))
    channels = 4 * width if stride == 1 else random.pick((32, 64, 96, 128, 160))
    block = f"bottleneck: {_fields(name='block1', width=width, stride=stride)}"
    return QuestionTemplate(
        _map(random, 14, 56, (channels,)), (block,), "block1", quantity, inseparable=(SAME_SIZE,)
    )


def bottleneck_size(random: SeededRandom) -> QuestionTemplate:
    """Return the output of a residual block of three convolutions."""
    return _bottleneck(random, "output")


def bottleneck_params(random: SeededRandom) -> QuestionTemplate:
    """Return the parameters of a residual block of three convolutions."""
    return _bottleneck(random, "params")


def residual_macs(random: SeededRandom) -> QuestionTemplate:
    """Return the MACs of a residual block of two convolutions."""
    block = f"basic: {_fields(name='block1', width=random.pick((16, 24, 32, 64)), stride=random.pick((1, 2)))}"
    return QuestionTemplate(_map(random, 14, 56, (16, 24, 32, 64)), (block,), "block1", "macs")


def _dense(random: SeededRandom, quantity: str) -> QuestionTemplate:
    times, growth = random.pick((2, 3)), random.pick((8, 12, 16, 24))
    block = f"dense_block: {_fields(name='dense1', times=times, growth=growth, width=0)}"
    return QuestionTemplate(
        _map(random, 14, 32, (16, 20, 32, 40, 64)),
        (block,),
        "dense1",
        quantity,
        inseparable=(SAME_SIZE,),
    )


def dense_size(random: SeededRandom) -> QuestionTemplate:
    """Return the output of a dense block."""
    return _dense(random, "output")


def dense_params(random: SeededRandom) -> QuestionTemplate:
    """Return the parameters of a dense block."""
    return _dense(random, "params")


def _transposed(random: SeededRandom, quantity: str) -> QuestionTemplate:
    values = {
        "name": "up1",
        "filters": random.pick(_FILTERS),
        "kernel": random.pick((2, 3, 4, 5)),
        "stride": random.pick((2, 3)),
        "pad": random.pick((0, 1, 2)),
    }
    return QuestionTemplate(
        _map(random, 6, 32), (f"conv_transpose: {_fields(**values)}",), "up1", quantity
    )


def transposed_size(random: SeededRandom) -> QuestionTemplate:
    """Return the output of a transposed convolution."""
    return _transposed(random, "output")


def transposed_macs(random: SeededRandom) -> QuestionTemplate:
    """Return the MACs of a transposed convolution."""
    return _transposed(random, "macs")


def receptive_chain(random: SeededRandom) -> QuestionTemplate:
    """Return the receptive field at the end of four layers."""
    pool = f"maxpool: {_fields(name='pool1', kernel=random.pick((2, 3)), stride=2)}"
    layers = (
        _conv(random, "conv1", (3, 5, 7), (1, 2)),
        pool,
        _conv(random, "conv2", (3, 5), (1, 2)),
        _conv(random, "conv3", (3, 5), (1, 2), (1, 2)),
    )
    return QuestionTemplate(_map(random, 48, 96, (1, 3)), layers, "conv3", "receptive_field")


def _small_network(random: SeededRandom, quantity: str) -> QuestionTemplate:
    layers = (
        _conv(random, "conv1", (3, 5), (1,), (0, 1, 2)),
        "maxpool: {name: pool1, kernel: 2}",
        _conv(random, "conv2", (3, 5), (1,), (0, 1, 2)),
        "maxpool: {name: pool2, kernel: 2}",
        "fc: {name: fc1, units: 10}",
    )
    return QuestionTemplate(_map(random, 24, 40, (1, 3)), layers, TOTAL, quantity)


def total_params(random: SeededRandom) -> QuestionTemplate:
    """Return the parameters of a small network."""
    return _small_network(random, "params")


def total_macs(random: SeededRandom) -> QuestionTemplate:
    """Return the MACs of a small network."""
    return _small_network(random, "macs")


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
