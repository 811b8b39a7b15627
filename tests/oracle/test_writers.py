"""What cnncalc writes as PyTorch code, run: its parameters, its operations, and what it is when it is exported.

PyTorch's own counter counts the written code, and its own graph of it, read again by cnncalc, is the network.
"""

from __future__ import annotations

from typing import Any

import pytest

import cnncalc

from .conftest import require
from .written import counted, run_code, tried_networks

torch = require("torch")

from torch.utils.flop_counter import FlopCounterMode  # noqa: E402


def build(net: cnncalc.Network) -> tuple[Any, tuple[Any, ...]]:
    """The module of the written code, and an example of its inputs, none of which holds values."""
    module = [value for value in run_code(net, "torch").values() if isinstance(value, type)][-1]
    with torch.device("meta"):
        example = [torch.zeros(1, s[-1], *s[:-1]) for s in net.graph.inputs.values()]
        return module().eval(), tuple(example)


@pytest.mark.parametrize("name", tried_networks())
def test_the_code_has_the_parameters_and_the_operations_of_the_network(name: str) -> None:
    net = cnncalc.load(name)
    made, example = build(net)
    nodes = [node for node in net.graph.nodes if not node.side]
    arrays = [array for node in nodes if node.shares is None for array in node.arrays]
    ours = sorted(array.shape for array in arrays if array.role != "buffers")
    assert sorted(tuple(weight.shape) for weight in made.parameters()) == ours
    with FlopCounterMode(display=False) as counter:
        output = made(*example)
    assert counter.get_total_flops() == net.report(convention="torch").totals.ops
    shape = nodes[-1].output
    assert tuple(output.shape) == (1, shape[-1], *shape[:-1])


@pytest.mark.parametrize("name", tried_networks())
def test_the_code_exported_and_read_again_is_the_same_network(name: str) -> None:
    """From a spec to code to PyTorch's own graph and back.

    A cut along two axes is two slices there, and padding that is not the same at both ends an op of its own.
    """
    net = cnncalc.load(name)
    again = cnncalc.from_torch(*build(net))
    own, other = counted(net), counted(again)
    assert not own - other
    assert {op for op, *_ in other - own} <= {"slice", "pad"}
    before, after = net.report().totals, again.report().totals
    assert (after.params, after.buffers, after.macs) == (before.params, before.buffers, before.macs)


def test_a_convolution_by_a_table_is_a_dense_one_whose_other_weights_are_zeros() -> None:
    net = cnncalc.loads(
        "input: 9x8x4\n"
        "layers: [{conv: {filters: 3, kernel: 3, stride: 2, pad: 1, connections: [[0, 2], [3], [2, 1, 0]]}}]"
    )
    module = [value for value in run_code(net, "torch").values() if isinstance(value, type)][-1]()
    layer, image = module.conv1, torch.randn(2, 4, 9, 8)
    dense = torch.zeros(3, 4, 3, 3)
    for place, seen in enumerate([(0, 0), (0, 2), (1, 3), (2, 2), (2, 1), (2, 0)]):
        dense[seen] = layer.weight[place]
    torch.nn.init.normal_(layer.bias)
    expected = torch.nn.functional.conv2d(image, dense, layer.bias, stride=2, padding=1)
    torch.testing.assert_close(module(image), expected)


@pytest.mark.parametrize(
    "text",
    [
        "8x8x4: [{conv: {filters: 3, kernel: 3, pad: [[0, 1], [2, 1]], connections: [[0, 1, 3], [1], [0]]}}]",
        "8x4: [{conv: {filters: 2, kernel: 3, bias: false, connections: [[0, 1], [3, 1]]}}]",
        "8x8x4: [{avgpool: {kernel: 3, stride: 2, pad: 1, ceil: true, trainable: true}}]",
        "6x6x4: [{conv: {filters: 4, kernel: 3, stride: 2, groups: 2, bias: position}}]",
    ],
)
def test_layers_that_pytorch_has_not_are_those_of_the_report(text: str) -> None:
    size, layers = text.split(": ", 1)
    net = cnncalc.loads(f"input: {size}\nlayers: {layers}")
    assert not counted(net) - counted(cnncalc.from_torch(*build(net)))
