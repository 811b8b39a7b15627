"""Slips with the parameters of a layer, some of which also change its operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.homework.slips.base import Said, Slip
from cnncalc.homework.variant import Exercise
from cnncalc.ops.base import Op
from cnncalc.ops.shapes import Shape, elements, positions

_PARAMETERS = ("parameters",)
_BOTH = ("parameters", "operations")


def has_filters(exercise: Exercise) -> bool:
    """Whether it is a layer of filters with windows, such as a conv."""
    return exercise.op.depth_field is not None and bool(exercise.slid)


def ungrouped(op: Op) -> dict[str, Any]:
    """Field values with which each filter sees every input map, as far as the op has such fields."""
    plain = {"groups": 1, "connections": None}
    return {field.name: plain[field.name] for field in op.fields if field.name in plain}


def is_grouped(op: Op) -> bool:
    """Whether its filters see only some of the input maps."""
    return any(getattr(op, name) != value for name, value in ungrouped(op).items())


def with_depth(exercise: Exercise, channels: int, **fields: Any) -> Exercise:
    """With other input channels, and other fields of the op."""
    shape = (*exercise.inputs[0][:-1], channels)
    return exercise._replace(op=exercise.op.changed(**fields), inputs=(shape,))


def no_bias(exercise: Exercise) -> Iterator[Exercise]:
    """W."""
    yield exercise._replace(biases=lambda weights, biases, _: 0)


def one_bias(exercise: Exercise) -> Iterator[Exercise]:
    """W + 1."""
    yield exercise._replace(biases=lambda weights, biases, _: min(biases, 1))


def bias_per_weight(exercise: Exercise) -> Iterator[Exercise]:
    """2W."""
    yield exercise._replace(biases=lambda weights, biases, _: weights if biases else 0)


def bias_of_inputs(exercise: Exercise) -> Iterator[Exercise]:
    """W + C; for an fc W + n."""
    if exercise.op.depth_field is None:
        return

    def count(weights: int, biases: int, exercise: Exercise) -> int:
        shape = exercise.inputs[0]
        return 0 if not biases else elements(shape) if exercise.op.sees_all else shape[-1]

    yield exercise._replace(biases=count)


def no_input_depth(exercise: Exercise) -> Iterator[Exercise]:
    """F·F·K + B: one input map for each group; an fc after a map sees one map."""
    op = exercise.op
    if op.depth_field is not None and len(exercise.inputs[0]) > 1:
        connections = {
            name: value for name, value in ungrouped(op).items() if name == "connections"
        }
        yield with_depth(exercise, getattr(op, "groups", 1), **connections)


def no_filters(exercise: Exercise) -> Iterator[Exercise]:
    """F·F·(C/g) + 1: a single filter."""
    op = exercise.op
    if op.depth_field is None:
        return
    shape = exercise.inputs[0]
    channels = shape[-1] // getattr(op, "groups", 1)
    yield with_depth(exercise, channels, **{**ungrouped(op), op.depth_field: 1})


def no_groups(exercise: Exercise) -> Iterator[Exercise]:
    """F·F·C·K + B: every filter sees every input map."""
    if is_grouped(exercise.op):
        yield exercise._replace(op=exercise.op.changed(**ungrouped(exercise.op)))


def times_positions(exercise: Exercise) -> Iterator[Exercise]:
    """(W + B)·O_h·O_w: no weights are shared."""
    yield exercise._replace(unshared=True)


def pool_has_weights(exercise: Exercise) -> Iterator[Exercise]:
    """F·F·C·C + C: a conv of C filters."""
    conv = exercise.op.as_conv(exercise.inputs[0]) if exercise.op.per_channel else None
    if conv is not None:
        yield exercise._replace(op=conv)


def kernel_one_axis(exercise: Exercise) -> Iterator[Exercise]:
    """F·(C/g)·K + B: a square kernel as a line."""
    sides = {window.kernel for window in exercise.slid}
    if has_filters(exercise) and len(exercise.slid) > 1 and len(sides) == 1:
        kernel = (*sides, *(1,) * (len(exercise.slid) - 1))
        yield exercise._replace(op=exercise.op.changed(kernel=kernel), windows=exercise.slid)


def map_before(exercise: Exercise) -> tuple[Shape | None, Shape | None]:
    """For an fc: the map that is flattened, and the input of the last pool before it; None where there is none."""
    flattened = pooled = None
    if not exercise.op.sees_all or exercise.op.depth_field is None:
        return None, None
    nodes = exercise.graph.nodes
    shape, index = exercise.inputs[0], nodes[exercise.at].inputs[0]
    while True:
        if len(shape) > 1 and flattened is None:
            flattened = shape
        node = nodes[index]
        if node.op.per_channel:
            return flattened, node.shapes[0]
        if len(node.inputs) != 1 or node.arrays or not (node.op.quiet or node.op.is_view):
            return flattened, pooled
        shape, index = node.shapes[0], node.inputs[0]


def flatten_channels_only(exercise: Exercise) -> Iterator[Exercise]:
    """C·U + U."""
    flattened, _ = map_before(exercise)
    if flattened is not None and positions(flattened) > 1:
        yield exercise._replace(inputs=((flattened[-1],),))


def flatten_before_pool(exercise: Exercise) -> Iterator[Exercise]:
    """The elements before the last pool · U + U."""
    _, pooled = map_before(exercise)
    if pooled is not None:
        yield exercise._replace(inputs=((elements(pooled),),))


def swapped_channels(exercise: Exercise) -> Iterator[Exercise]:
    """F·F·(K/g)·K + B."""
    op = exercise.op
    if op.depth_field is not None and exercise.slid and getattr(op, "connections", None) is None:
        yield with_depth(exercise, getattr(op, op.depth_field))


def bn_buffers_counted(exercise: Exercise) -> Iterator[Exercise]:
    """4C for 2C."""
    yield exercise._replace(buffers=True)


def first_layer_depth(exercise: Exercise) -> Iterator[Exercise]:
    """F·F·(the network's input channels)·K + B."""
    if has_filters(exercise) and exercise.inputs[0][-1] != exercise.graph.input[-1]:
        yield with_depth(exercise, exercise.graph.input[-1], **ungrouped(exercise.op))


SLIPS = (
    Slip(
        "no-bias",
        _PARAMETERS,
        "W",
        Said(
            "Weights are not all that is learned here.", "여기서 학습되는 것은 가중치만이 아닙니다."
        ),
        Said("bias", "편향"),
        "bias",
        no_bias,
    ),
    Slip(
        "one-bias",
        _PARAMETERS,
        "W + 1",
        Said(
            "A layer does not have a single bias: each filter, or each unit, has its own.",
            "편향은 계층에 하나가 아니라 필터(또는 유닛)마다 하나입니다.",
        ),
        Said("bias", "편향"),
        "bias",
        one_bias,
    ),
    Slip(
        "bias-per-weight",
        _PARAMETERS,
        "2W",
        Said(
            "A bias belongs to a whole filter, not to each of its weights.",
            "편향은 가중치마다가 아니라 필터마다 하나입니다.",
        ),
        Said("bias", "편향"),
        "bias",
        bias_per_weight,
        rare=True,
    ),
    Slip(
        "no-input-depth",
        _BOTH,
        "F·F·K + B; of operations F·F·K·O_h·O_w",
        Said(
            "A filter is as deep as its input: it has weights for every input map that it sees.",
            "필터의 깊이는 입력의 깊이와 같습니다. 보는 입력 맵마다 가중치가 있습니다.",
        ),
        Said("a filter extends the full depth", "필터는 입력 깊이 전체를 덮는다"),
        "depth",
        no_input_depth,
    ),
    Slip(
        "no-filters",
        _BOTH,
        "F·F·(C/g) + 1; of operations F·F·(C/g)·O_h·O_w",
        Said(
            "This is one filter; the layer has several.",
            "이것은 필터 하나의 것입니다. 계층에는 필터가 여러 개입니다.",
        ),
        Said("number of filters", "필터 수"),
        "filters",
        no_filters,
    ),
    Slip(
        "no-groups",
        _BOTH,
        "F·F·C·K + B; of operations F·F·C·K·O_h·O_w",
        Said(
            "Here a filter sees only some of the input maps.",
            "여기서 필터는 입력 맵의 일부만 봅니다.",
        ),
        Said("grouped convolution", "그룹 합성곱"),
        "groups",
        no_groups,
    ),
    Slip(
        "times-positions",
        _PARAMETERS,
        "(W + B)·O_h·O_w",
        Said(
            "A filter has the same weights at every position; they are counted once.",
            "필터는 모든 위치에서 같은 가중치를 씁니다. 한 번만 셉니다.",
        ),
        Said("parameter sharing", "파라미터 공유"),
        "positions",
        times_positions,
        rare=True,
    ),
    Slip(
        "pool-has-weights",
        _PARAMETERS,
        "F·F·C·C + C",
        Said(
            "Pooling takes a maximum or a mean; think about what it would learn.",
            "풀링은 최댓값이나 평균을 구합니다. 무엇을 학습할지 생각해 보세요.",
        ),
        Said("pooling", "풀링"),
        "op",
        pool_has_weights,
        swaps_op=True,
    ),
    Slip(
        "kernel-one-axis",
        _PARAMETERS,
        "F·(C/g)·K + B",
        Said("A kernel has a height and a width.", "커널에는 높이와 너비가 있습니다."),
        Said("kernel size", "커널 크기"),
        "kernel",
        kernel_one_axis,
        rare=True,
    ),
    Slip(
        "flatten-channels-only",
        _PARAMETERS,
        "C·U + U",
        Said(
            "The whole map is flattened before this layer, all its positions, not its channels alone.",
            "이 계층 앞에서는 채널만이 아니라 맵 전체, 모든 위치가 펼쳐집니다.",
        ),
        Said("flatten", "평탄화(flatten)"),
        "depth",
        flatten_channels_only,
    ),
    Slip(
        "flatten-before-pool",
        _PARAMETERS,
        "the elements before the last pool · U + U",
        Said(
            "Look at which map is flattened: a pool has made it smaller.",
            "어느 맵이 펼쳐지는지 보세요. 풀링이 맵을 줄였습니다.",
        ),
        Said("flatten", "평탄화(flatten)"),
        "depth",
        flatten_before_pool,
    ),
    Slip(
        "bias-of-inputs",
        _PARAMETERS,
        "W + C; for an fc W + n",
        Said(
            "Biases belong to the outputs of a layer, not to its inputs.",
            "편향은 계층의 입력이 아니라 출력에 하나씩입니다.",
        ),
        Said("bias", "편향"),
        "bias",
        bias_of_inputs,
        rare=True,
    ),
    Slip(
        "swapped-channels",
        _PARAMETERS,
        "F·F·(K/g)·K + B",
        Said(
            "How deep a filter is and how many filters there are is not the same: one comes from the input, the "
            "other makes the output.",
            "필터의 깊이와 필터의 수는 다릅니다. 하나는 입력에서 오고, 다른 하나는 출력을 만듭니다.",
        ),
        Said("input channels and filters", "입력 채널과 필터 수"),
        "depth",
        swapped_channels,
        rare=True,
    ),
    Slip(
        "bn-buffers-counted",
        _PARAMETERS,
        "4C for 2C",
        Said(
            "Running means and variances are kept, but not learned by gradient descent.",
            "이동 평균과 분산은 저장될 뿐 경사 하강으로 학습되지 않습니다.",
        ),
        Said("batch normalisation: γ and β", "배치 정규화의 γ와 β"),
        "buffers",
        bn_buffers_counted,
    ),
    Slip(
        "first-layer-depth",
        _PARAMETERS,
        "F·F·(the network's input channels)·K + B",
        Said(
            "This layer does not see the image: its filters are as deep as the output of the layer before.",
            "이 계층은 이미지를 보지 않습니다. 필터의 깊이는 바로 앞 계층의 출력 깊이입니다.",
        ),
        Said("a filter extends the full depth", "필터는 입력 깊이 전체를 덮는다"),
        "depth",
        first_layer_depth,
        rare=True,
    ),
)
"""The slips with parameters, in the contract's order."""
