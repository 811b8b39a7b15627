"""What the oracle tests of written code share: which networks are tried, and what a report says of them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import cnncalc
from cnncalc.models.writers import write_graph

DOZEN = (
    "alexnet",
    "vgg16",
    "googlenet",
    "resnet50",
    "densenet121",
    "inception_v3",
    "se_resnet50",
    "colorization",
    "openpose",
    "resnet20",
    "lenet5",
    "alphago_policy",
    "torchvision/shufflenet_v2_x1_0",
    "torchvision/mobilenet_v2",
    "torchvision/efficientnet_b0",
    "torchvision/convnext_tiny",
)


def tried_networks() -> tuple[str, ...]:
    """The networks that are tried: in CI a dozen, outside all, as CNNCALC_ALL_MODELS=1 asks for anywhere."""
    few = os.environ.get("CI") and not os.environ.get("CNNCALC_ALL_MODELS")
    return DOZEN if few else tuple(cnncalc.networks())


def run_code(net: cnncalc.Network, format: str) -> dict[str, Any]:
    """Run the code that is written of a network; what it defines."""
    space: dict[str, Any] = {"__name__": "written"}
    exec(write_graph(net.graph, net.title, format).text, space)
    return space


def word(name: str) -> str:
    """A name as Keras may have it."""
    return re.sub(r"\W", "_", name)


def main_rows(net: cnncalc.Network) -> dict[str, cnncalc.Row]:
    """The rows of the report but for sides, which no code has, by their names."""
    rows = zip(net.report().rows, net.graph.nodes, strict=True)
    return {word(row.name): row for row, node in rows if not node.side}


def facts(rows: Iterable[cnncalc.Row]) -> Counter[tuple[Any, ...]]:
    """What a report counts of each row, how often each."""
    return Counter(
        (
            row.op,
            row.output,
            row.weights,
            row.biases,
            row.buffers,
            row.macs,
            row.ops,
            row.receptive_field,
            row.jump,
            row.start,
        )
        for row in rows
    )


VIEWS = {"flatten", "reshape", "identity", "stochastic_depth", "permute"}
"""Ops that change nothing that is counted; a file may have others of them than a network, or none."""


def counted(net: cnncalc.Network) -> Counter[tuple[Any, ...]]:
    """The facts of a network's rows but for sides and views; ops that are the same work by two names have one."""
    rows = [row for row in main_rows(net).values() if row.op not in VIEWS]
    return Counter((_one_name(*told), *told[1:]) for told in facts(rows).elements())


def _one_name(op: str, output: tuple[int, ...], *_: Any) -> str:
    """One name for a pool to one position, and for a cut at the ends."""
    if op == "adaptiveavgpool" and set(output[:-1]) == {1}:
        return "globalavgpool"
    return {"crop": "slice", "broadcast": "upsample"}.get(op, op)


SAME_VALUES = (
    "8x8x4: [relu, {maxpool: {kernel: 3, stride: 2, pad: 1}}]",
    "8x8x4: [{maxpool: {kernel: 3, stride: 2, pad: 1}}]",
    "7x9x4: [{maxpool: {kernel: 2, ceil: true}}]",
    "8x8x4: [{maxpool: {kernel: 3, stride: 2, ceil: true}}]",
    "7x7x4: [{maxpool: {kernel: 3, stride: 3, pad: 1, ceil: true}}]",
    "7x9x4: [{avgpool: {kernel: 2, ceil: true}}]",
    "8x8x4: [{avgpool: {kernel: 3, stride: 2, pad: 1}}]",
    "8x8x4: [{avgpool: {kernel: 3, stride: 1, pad: 1, count_pad: false}}]",
    "8x8x4: [{avgpool: 2}, {globalavgpool: {}}]",
    "9x9x4: [{adaptiveavgpool: 4}, {adaptivemaxpool: 3}]",
    "8x8x4: [globalmaxpool, flatten]",
    "8x8x6: [{lrn: 3}, {lrn: {size: 4, name: even}}]",
    "8x8x12: [{shuffle: 3}, {slice: {channels: [2, 8], stride: 2, positions: [[1, 7], all]}}]",
    "8x8x8: [{pixel_shuffle: 2}, {pixel_unshuffle: 4}]",
    "8x8x4: [{crop: [[1, 2], [0, 3]]}, {pad: [[1, 2], [0, 3]]}, {pad: {channels: 3}}]",
    "8x8x4: [{pad: {size: 2, mode: reflect}}, {upsample: {scale: 2, mode: bilinear}}, {upsample: 2}]",
    "8x8x4: [{upsample: {size: 24x8}}, {upsample: {size: 30x20, mode: bilinear, name: large}}, {scale: {factor: 1/4, offset: 2}}, {permute: [width, channels, height]}]",  # noqa: E501
    "8x8x4: [relu, relu6, elu, gelu, silu, hardswish, hardsigmoid, sigmoid, tanh, mish, softplus]",
    "8x8x4: [softsign, selu, celu, hardtanh, logsigmoid, hardshrink, softshrink, tanhshrink, softmax]",
    "8x8x4: [log_softmax, abs, sqrt, square, erf, sin, cos, exp, {glu: {}}, identity]",
    "8x8x4: [{maximum: [[relu], [tanh]]}, {average: [[relu], []]}, {subtract: [[], [tanh]]}]",
    "8x8x4: [{multiply: [[], [globalavgpool, sigmoid]]}, {add: [[], [{reduce: mean}]]}]",
    "6x6x6: [{concat: {axis: height, branches: [[relu], [tanh]]}}, {concat: [[], [relu]]}]",
    "12x4: [{maxpool: {kernel: 3, stride: 2, pad: 1}}, {upsample: 2}, {slice: {stride: 3}}]",
    "6x6x6x2: [{avgpool: {kernel: 3, pad: 1}}, {crop: 0}, {maxpool: {kernel: 2, stride: 1}}]",
    "4: [{broadcast: 3x5}, {reduce: {how: maximum, over: height, keep: false}}]",
)
"""Layers without weights, an input's size before each, of which the values of two frameworks are compared."""


def torch_values(text: str) -> tuple[cnncalc.Network, Any, Any]:
    """A network of layers without weights, values for it, and what PyTorch code makes of them; channels last."""
    import torch

    size, layers = text.split(": ", 1)
    net = cnncalc.loads(f"input: {size}\nlayers: {layers}")
    values = torch.randn(2, *net.graph.input, generator=torch.Generator().manual_seed(1))
    made = [each for each in run_code(net, "torch").values() if isinstance(each, type)][-1]()
    return net, values, made.eval()(values.movedim(-1, 1)).movedim(1, -1)
