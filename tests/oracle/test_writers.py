"""What cnncalc writes as PyTorch code, run: its parameters are those of the report, and its output has the shape."""

from __future__ import annotations

import os
from typing import Any

import pytest

import cnncalc
from cnncalc.models.writers import write_graph

from .conftest import require

torch = require("torch")

REFUSED = {"lenet5", "alphago_policy"}
"""Networks with a layer that PyTorch has no counterpart of."""
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
    "torchvision/shufflenet_v2_x1_0",
    "torchvision/mobilenet_v2",
    "torchvision/efficientnet_b0",
    "torchvision/convnext_tiny",
)
NAMES = DOZEN if os.environ.get("CI") else tuple(n for n in cnncalc.networks() if n not in REFUSED)


def run(net: cnncalc.Network) -> tuple[Any, Any]:
    """Run the code on tensors that hold no values: the module, and the shape of its output."""
    space: dict[str, Any] = {"__name__": "written"}
    exec(write_graph(net.graph, net.title, "torch").text, space)
    module = [value for value in space.values() if isinstance(value, type)][-1]
    with torch.device("meta"):
        made = module().eval()
        output = made(*(torch.zeros(1, s[-1], *s[:-1]) for s in net.graph.inputs.values()))
    return made, output


@pytest.mark.parametrize("name", NAMES)
def test_the_code_has_the_parameters_and_the_output_of_the_network(name: str) -> None:
    net = cnncalc.load(name)
    made, output = run(net)
    nodes = [node for node in net.graph.nodes if not node.side]
    arrays = [array for node in nodes if node.shares is None for array in node.arrays]
    ours = sorted(array.shape for array in arrays if array.role != "buffers")
    assert sorted(tuple(weight.shape) for weight in made.parameters()) == ours
    shape = nodes[-1].output
    assert tuple(output.shape) == (1, shape[-1], *shape[:-1])


@pytest.mark.parametrize(
    "name",
    ["resnet18", "googlenet", "torchvision/shufflenet_v2_x1_0", "torchvision/efficientnet_b0"],
)
def test_the_code_exported_and_read_again_is_the_same_network(name: str) -> None:
    """Spec to code to PyTorch's own graph and back: parameters and MACs of the main path."""
    net = cnncalc.load(name)
    made, _ = run(net)
    example = tuple(torch.zeros(1, s[-1], *s[:-1]) for s in net.graph.inputs.values())
    again = cnncalc.from_torch(made.to_empty(device="cpu"), example).report().totals
    own = net.report().totals
    assert (again.params, again.macs) == (own.params, own.macs)
