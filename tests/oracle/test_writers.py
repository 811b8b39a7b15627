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
    """From a spec to code to PyTorch's own graph and back; a cut along two axes is two slices there."""
    net = cnncalc.load(name)
    again = cnncalc.from_torch(*build(net))
    own, other = counted(net), counted(again)
    assert not own - other
    assert {op for op, *_ in other - own} <= {"slice"}
    before, after = net.report().totals, again.report().totals
    assert (after.params, after.buffers, after.macs) == (before.params, before.buffers, before.macs)
